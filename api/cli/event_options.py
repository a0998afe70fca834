"""What the command line says of events: days, clock windows, notices, and the files they stand in."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args

import typer

from api.errors import NotFoundError
from domain import checks
from domain.catalogue import programmes
from domain.catalogue.library import RecordShapeError
from domain.files.documents import from_plain, read_yaml
from domain.programmes import ClockWindow, Event, Programme
from domain.programmes.placebo import DayChoice
from domain.text import Text
from domain.time import zone_of

PROGRAMME = Text(en="programme", zh="项目")
EVENT = Text(en="event", zh="事件")


def window_of(text: str) -> ClockWindow:
    """Read a clock window such as 17:00-19:00; 24:00 ends a day."""
    start, dash, end = text.partition("-")
    try:
        if not dash:
            raise ValueError(text)  # noqa: TRY301 -- answered below with the rest
        ends = time() if end.strip() == "24:00" else time.fromisoformat(end.strip())
        return ClockWindow(start=time.fromisoformat(start.strip()), end=ends)
    except ValueError as error:
        raise typer.BadParameter(f"--window {text!r}: write it like 17:00-19:00") from error


def day_choice(text: str) -> DayChoice:
    """Read which days are tried."""
    for choice in get_args(DayChoice):
        if text == choice:
            found: DayChoice = choice
            return found
    raise typer.BadParameter(f"--days {text!r}: use one of {', '.join(get_args(DayChoice))}")


def day_of(option: str, text: str) -> date:
    """Read a day."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option} {text!r}: write it like 2026-06-18") from error
    if not checks.FIRST_YEAR < day.year < checks.LAST_YEAR:
        raise typer.BadParameter(f"{option} {text!r}: {checks.LIVED.en}")
    return day


def days_of(option: str, texts: list[str] | None) -> frozenset[date]:
    """Read several days."""
    return frozenset(day_of(option, text) for text in texts or ())


def notice_of(text: str | None, start: datetime, notice_min: int, zone: str) -> datetime:
    """Read when the customer was told; without it, so many minutes before the event."""
    if text is None:
        return start - timedelta(minutes=notice_min)
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--notice {text!r}: write it like 2026-06-18T08:00") from error
    return told.replace(tzinfo=zone_of(zone)) if told.tzinfo is None else told


def find_programme(name: str) -> Programme:
    """Give a programme by the catalogue's id, or read it from a file of that name."""
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        made: Programme = _record(path, "programme", Programme)
        return made
    found = next((one for one in programmes() if one.programme_id == name), None)
    if found is None:
        known = ", ".join(one.programme_id for one in programmes())
        mend = Text(en=f"Known ids: {known}; or give a file.", zh=f"已知编号：{known}；或给出文件。")
        raise NotFoundError(kind=PROGRAMME, name=name, mend=mend)
    return found


def find_event(path: Path, event_id: str | None) -> tuple[Event, tuple[Event, ...]]:
    """Read an events file; give the event asked for and the others of the file."""
    events: tuple[Event, ...] = _record(path, "events", tuple[Event, ...])
    known = ", ".join(one.event_id for one in events)
    if event_id is None:
        if len(events) != 1:
            raise typer.BadParameter(f"--event-id is needed: {path.name} holds {known or 'none'}")
        return events[0], ()
    found = next((one for one in events if one.event_id == event_id), None)
    if found is None:
        mend = Text(en=f"{path.name} holds {known}.", zh=f"{path.name} 中有 {known}。")
        raise NotFoundError(kind=EVENT, name=event_id, mend=mend)
    return found, tuple(one for one in events if one is not found)


def _record(path: Path, key: str, kind: Any) -> Any:
    plain = read_yaml(path, where=path.name)
    if not isinstance(plain, dict) or set(plain) != {key}:
        found = ", ".join(map(str, plain)) if isinstance(plain, dict) else type(plain).__name__
        raise RecordShapeError(file=path.name, key=key, found=found)
    return from_plain(kind, plain[key], where=path.name)
