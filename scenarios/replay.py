"""Replay a quote from its case and manifest, and say whether the same answer came out."""

from concurrent.futures import Executor

from domain.errors import WattplanError
from domain.files.case_file import case_to_plain, sha256_of
from domain.offers import Case, Manifest, Quote
from domain.text import Text
from scenarios.manifest import PACKAGES, run_from
from scenarios.progress import ProgressListener, ignore
from scenarios.quote import quote


class CaseDiffersError(WattplanError):
    """The manifest was made for another case."""

    code = "replay_case_differs"
    words = Text(
        en="The manifest belongs to case {expected}, this case is {found}. Replay it with the case it was made for.",
        zh="该清单对应的案例为 {expected}，而当前案例为 {found}。请使用原案例重放。",
    )


class AnswerDiffersError(WattplanError):
    """The replay gave another answer."""

    code = "replay_answer_differs"
    words = Text(
        en="The replay gave answer {found}, the manifest records {expected}. Versions that differ: {versions}.",
        zh="重放结果为 {found}，而清单记录为 {expected}。不同的版本：{versions}。",
    )


PATIENCE = 20.0
"""What is searched again was not cut by the clock: on a slower or busier machine it may take so many times as long. [-]"""


def replay(
    case: Case, manifest: Manifest, *, progress: ProgressListener = ignore, executor: Executor | None = None
) -> Quote:
    """Answer a case again as its manifest says.

    Schedules that a deadline cut short are taken from the manifest, audited and priced again; all others
    are searched again.

    Raises
    ------
    CaseDiffersError
        If the manifest was made for another case.
    AnswerDiffersError
        If the answer is not the one recorded; it names the versions that differ.
    """
    found = sha256_of(case_to_plain(case))
    if found != manifest.case_sha256:
        raise CaseDiffersError(expected=manifest.case_sha256, found=found)
    recorded = {key: run_from(record) for key, record in manifest.recorded_runs.items()}
    again = quote(case, progress=progress, executor=executor, recorded=recorded, patience=PATIENCE)
    if again.manifest.answer_sha256 != manifest.answer_sha256:
        raise AnswerDiffersError(
            expected=manifest.answer_sha256,
            found=again.manifest.answer_sha256,
            versions=", ".join(_versions_that_differ(manifest, again.manifest)) or "-",
        )
    return again


def _versions_that_differ(before: Manifest, now: Manifest) -> list[str]:
    pairs = {name: (before.versions.get(name), now.versions[name]) for name in PACKAGES}
    pairs["wattplan"] = (before.wattplan_version, now.wattplan_version)
    return [f"{name} {old} -> {new}" for name, (old, new) in pairs.items() if old != new]
