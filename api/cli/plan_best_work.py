"""The best plan on the command line: read what is asked, plan, show, write."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from api.cli.output import err, print_json, say_findings
from api.cli.plan_tables import print_plan
from api.cli.watching import watching
from domain.errors import WattplanError
from domain.files.documents import to_plain
from domain.files.local_time import TimeTextError, instant
from domain.files.schedule_file import schedule_document, schedule_to_plain
from domain.files.sources import bytes_of
from domain.offers import PRESENT_ID, Case, PlanAnswer, PlanAsked, ProcessWish, RunWish, StandingPlan
from domain.text import Language, Text
from scenarios.planning import plan_case

SCHEDULE_MB = 64


class NoScheduleInFileError(WattplanError, ValueError):
    """A written plan says that there was none."""

    code = "no_schedule_in_file"
    words = Text(
        en="{file} holds the answer that no plan was possible, so there is no schedule in it. Give the schedule.json that people "
        "work to.",
        zh="{file} 记录的是“无可行计划”，其中没有排程。请提供正在执行的 schedule.json。",
    )


def asked_of(
    case: Case,
    *,
    package: str | None,
    with_dr: bool,
    standing: StandingPlan | None,
    keep: tuple[str, ...],
    what_if: tuple[str, ...],
    n_tags: int,
    n_repairs: int,
) -> PlanAsked:
    """Put together what the command line asks."""
    return PlanAsked(
        package_id=package or PRESENT_ID,
        with_dr=with_dr,
        standing=standing,
        wishes=tuple(wish_of(text, case) for text in keep),
        alternatives=tuple(wish_of(text, case) for text in what_if),
        n_tags=n_tags,
        n_repairs=n_repairs,
    )


def wish_of(text: str, case: Case) -> RunWish | ProcessWish:
    """Read ``TASK[@MODE]=TIME`` or ``PROCESS=on|off:START/END``; times without offset are the site's."""
    subject, equals, rest = text.partition("=")
    if not equals or not subject:
        raise typer.BadParameter(
            f"{text!r}: write TASK=2026-11-24 10:00 or PROCESS=off:2026-11-24 10:00/2026-11-24 12:00"
        )
    state, colon, span = rest.partition(":")
    if colon and state in {"on", "off"}:
        start, slash, end = span.partition("/")
        if not slash:
            raise typer.BadParameter(f"{text!r}: give the span as START/END")
        return ProcessWish(process_id=subject, start=when_of(start, case), end=when_of(end, case), is_on=state == "on")
    task_id, mode_id = _task_and_mode(subject, case)
    return RunWish(task_id=task_id, mode_id=mode_id, start=when_of(rest, case))


def _task_and_mode(subject: str, case: Case) -> tuple[str, str | None]:
    if subject in {one.task_id for one in case.plan.tasks}:
        return subject, None
    task_id, at, mode_id = subject.rpartition("@")
    return (task_id, mode_id) if at else (subject, None)


def when_of(text: str, case: Case) -> datetime:
    """Read a time; without an offset it is the site's."""
    try:
        return instant(text, case.site.zone)
    except TimeTextError as error:
        raise typer.BadParameter(f"{text!r} {error.say(Language.EN)}") from error


def standing_of(
    path: Path, now: str, case: Case, *, run_change: float, run_shift_per_h: float, process_per_h: float
) -> StandingPlan:
    """Read the standing plan's schedule: schedule.json, or a whole plan.json.

    Raises
    ------
    DocumentError, NoScheduleInFileError
        If the file holds no schedule.
    """
    try:
        plain: Any = json.loads(bytes_of(path, name=path.name, limit_mb=SCHEDULE_MB))
    except ValueError:
        plain = None
    if isinstance(plain, dict) and "response" in plain:
        if plain["response"] is None:
            raise NoScheduleInFileError(file=path.name)
        if isinstance(plain["response"], dict) and isinstance(plain["response"].get("schedule"), dict):
            plain = {"site_id": plain.get("site_id")} | plain["response"]["schedule"]
    document = schedule_document(plain, where=path.name)
    return StandingPlan(
        schedule=document.schedule(),
        site_id=document.site_id,
        now=when_of(now, case),
        run_change_cost=run_change,
        run_shift_cost_per_h=run_shift_per_h,
        process_change_cost_per_h=process_per_h,
    )


def answer(case: Case, asked: PlanAsked, *, out: Path | None, language: Language, json_wanted: bool) -> bool:
    """Plan, show, write; say whether there is a plan."""
    with watching(language) as progress:
        found = plan_case(case, asked, progress=progress)
    if json_wanted:
        print_json(to_plain(found))
    else:
        print_plan(found, case, language)
    say_findings(found.findings, language)
    if out is not None:
        _write(found, case.site.site_id, out)
    return found.response is not None


def _write(found: PlanAnswer, site_id: str, folder: Path) -> None:
    """Write the answer, and its schedule for the next plan to stand on; both say whose they are."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {"plan.json": {"site_id": site_id} | to_plain(found)}
    if found.response is not None:
        documents["schedule.json"] = {"site_id": site_id} | schedule_to_plain(found.response.schedule)
    for name, plain in documents.items():
        path = folder / name
        path.write_text(json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")
        err().print(str(path), markup=False, soft_wrap=True)
