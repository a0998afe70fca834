"""Availability curves and playbooks on the command line: read what is asked, plan, show, write."""

import json
from pathlib import Path
from typing import Any

import typer

from api.cli.output import err, print_json, say_findings
from api.cli.plan_best_work import when_of
from api.cli.plan_dr_tables import print_availability, print_playbook
from api.cli.quote_work import with_options
from api.cli.watching import watching
from domain.files.case_file import read_case
from domain.offers import PRESENT_ID, Case
from domain.offers.asked import AvailabilityAsked, CallAsked
from domain.text import Language
from scenarios.dr_planning import (
    availability_to_plain,
    plan_availability,
    plan_playbook,
    playbook_to_plain,
)
from scenarios.risk_pictures import availability_chart, playbook_chart


def case_of(path: Path, *, seed: int | None, n_samples: int | None, deadline_s: float | None) -> Case:
    """Read a case, with the options that the command line names.

    Raises
    ------
    DocumentError
    """
    return with_options(read_case(path), seed=seed, n_samples=n_samples, deadline_s=deadline_s)


def window_asked(
    case: Case,
    *,
    start: str,
    end: str,
    notice: str | None,
    levels: str | None,
    more_load: bool,
    each_step: bool,
    package: str | None,
    baseline: str | None,
    reference_kw: float | None,
) -> AvailabilityAsked:
    """Put together what is asked of a window.

    Raises
    ------
    InvalidFieldError
        If times or levels are in no order.
    """
    return AvailabilityAsked(
        start=when_of(start, case),
        end=when_of(end, case),
        package_id=package or PRESENT_ID,
        sign=-1 if more_load else 1,
        notice_at=None if notice is None else when_of(notice, case),
        levels_kw=() if levels is None else numbers_of("--levels", levels),
        hold="each_step" if each_step else "mean",
        baseline_id=baseline,
        reference_kw=reference_kw,
    )


def numbers_of(option: str, text: str) -> tuple[float, ...]:
    """Read numbers with commas between them."""
    try:
        return tuple(float(one) for one in text.split(","))
    except ValueError as error:
        raise typer.BadParameter(f"{option} {text!r}: write numbers like 100,200,300") from error


def call_of(text: str) -> CallAsked:
    """Read ``EVENT=0.4`` or ``EVENT=0.4:120``; the id may hold the signs itself."""
    event_id, equals, rest = text.rpartition("=")
    probability, colon, notice = rest.partition(":")
    try:
        if not (equals and event_id):
            raise ValueError(text)  # noqa: TRY301 -- answered below with the rest
        return CallAsked(event_id=event_id, probability=float(probability), notice_min=int(notice) if colon else None)
    except ValueError as error:
        raise typer.BadParameter(f"--chance {text!r}: write EVENT=0.4 or EVENT=0.4:120 (minutes of notice)") from error


def availability(
    case: Case, asked: AvailabilityAsked, *, out: Path | None, language: Language, json_wanted: bool
) -> None:
    """Price a window's levels, show them, write them."""
    with watching(language) as progress:
        found = plan_availability(case, asked, progress=progress)
    plain = availability_to_plain(found)
    if json_wanted:
        print_json(plain)
    else:
        print_availability(found, case, language)
    say_findings(found.findings, language)
    if out is not None:
        is_drawn = any(one.is_possible for one in found.points)
        picture = availability_chart(found.points, currency=found.currency, language=language) if is_drawn else None
        write(out, "availability", plain, picture)


def playbook(
    case: Case,
    calls: tuple[CallAsked, ...],
    *,
    package: str | None,
    is_independent: bool,
    out: Path | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Plan for every course of events, show it, write it."""
    with watching(language) as progress:
        found = plan_playbook(
            case,
            calls,
            package_id=package or PRESENT_ID,
            joint="independent" if is_independent else "exclusive",
            progress=progress,
        )
    plain = playbook_to_plain(found)
    if json_wanted:
        print_json(plain)
    else:
        print_playbook(found, case, language)
    say_findings(found.findings, language)
    if out is not None:
        write(out, "playbook", plain, playbook_chart(found.book, found.problem, language))


def write(folder: Path, name: str, plain: Any, picture: str | None = None) -> None:
    """Write a document, and its picture beside it where there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{name}.json": json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1)}
    if picture is not None:
        texts[f"{name}.svg"] = standing_alone(picture)
    for file, text in texts.items():
        path = folder / file
        path.write_text(text + "\n", encoding="utf-8")
        err().print(str(path), markup=False, soft_wrap=True)


def standing_alone(svg: str) -> str:
    """Give an inline SVG element the names that a file of its own needs."""
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return svg.replace("<svg ", f"<svg {names} ", 1)
