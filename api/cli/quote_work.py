"""Answer a case on the command line: progress, table, files."""

import json
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from api.cli.output import err, print_json, say_findings
from api.cli.quote_files import write_answer, write_case
from api.cli.quote_tables import print_quote
from api.cli.watching import watching
from domain.files.case_file import quote_to_plain
from domain.files.documents import from_plain
from domain.files.sources import bytes_of
from domain.offers import Case, Manifest, Quote
from domain.text import Language, Text
from optimizer.infeasible import InfeasiblePlanError
from scenarios.progress import ProgressListener
from scenarios.quote import quote
from scenarios.replay import replay

MANIFEST_MB = 64
SAME_ANSWER = Text(
    en="Replayed: the same answer came out ({answer}).",
    zh="重放完成：结果与原答案相同（{answer}）。",
)


WHAT_WOULD_HELP = Text(
    en="The case stands in {case}; wattplan plan best {case} says what would make its plan possible.",
    zh="案例已写入 {case}；运行 wattplan plan best {case} 可查看如何使计划可行。",
)


def answer(
    case: Case,
    *,
    out: Path | None,
    language: Language,
    json_wanted: bool,
    workers: int = 1,
    manifest: Path | None = None,
) -> Path | None:
    """Answer a case (or replay an answer), show it, write it; give the report's path if one was written."""
    try:
        with watching(language) as progress:
            found = _find(case, manifest, progress, _executor(workers))
    except InfeasiblePlanError:
        if out is not None:
            path = write_case(case, out)
            err().print(WHAT_WOULD_HELP.say(language, case=str(path)), markup=False, soft_wrap=True)
        raise
    if json_wanted:
        print_json(quote_to_plain(found))
    else:
        print_quote(found, case, language)
    say_findings(found.findings, language)
    if manifest is not None:
        err().print(SAME_ANSWER.say(language, answer=found.manifest.answer_sha256), markup=False)
    if out is None:
        return None
    written = write_answer(found, case, out, language)
    for path in written:
        err().print(str(path), markup=False, soft_wrap=True)
    return next(path for path in written if path.suffix == ".html")


def _executor(workers: int) -> Executor | None:
    if workers <= 1:
        return None
    from loky import get_reusable_executor  # noqa: PLC0415 -- only for several workers

    executor: Executor = get_reusable_executor(max_workers=workers)
    return executor


def _find(case: Case, manifest: Path | None, progress: ProgressListener, executor: Executor | None) -> Quote:
    if manifest is None:
        return quote(case, progress=progress, executor=executor)
    return replay(case, read_manifest(manifest), progress=progress, executor=executor)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest file.

    Raises
    ------
    DocumentError
    """
    text = bytes_of(path, name=path.name, limit_mb=MANIFEST_MB)
    try:
        plain = json.loads(text)
    except ValueError:
        plain = None
    return from_plain(Manifest, plain, where=path.name)


def with_options(case: Case, *, seed: int | None, n_samples: int | None, deadline_s: float | None) -> Case:
    """Give the case with the options that the command line names."""
    options = case.options
    if seed is not None:
        options = replace(options, seed=seed, solve=replace(options.solve, seed=seed))
    if n_samples is not None:
        options = replace(options, n_samples=n_samples)
    if deadline_s is not None:
        options = replace(options, solve=replace(options.solve, deadline_s=deadline_s))
    return case if options == case.options else replace(case, options=options)
