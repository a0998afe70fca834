"""Cut what is billed out of a meter's series: complete local months, and those before them that ratchets look at."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args

import numpy as np
import typer

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.files.facts_file import read_facts
from domain.findings import Finding, FindingKind, Severity
from domain.metering import MeterSeries
from domain.metering.filling import FillRule, fill_holes
from domain.tariffs import NO_FACTS, BilledLoad, Facts, Tariff
from domain.text import Text
from domain.time import TimeGrid, local_midnight, month_start, next_month, zone_of

CHANNELS = ("import_kw", "reactive_kvar", "export_kw")
MONTHS_NOT_METERED = FindingKind(
    code="months_not_metered",
    severity=Severity.WARNING,
    words=Text(
        en="Not billed, because the meter does not cover them completely: {months}.",
        zh="以下月份数据不完整，未计费：{months}。",
    ),
)


CHANNEL_LEFT_OUT = FindingKind(
    code="channel_left_out",
    severity=Severity.WARNING,
    words=Text(
        en="{month}: the metered {channel} has holes and was not used.",
        zh="{month}：计量的 {channel} 存在缺失，未被使用。",
    ),
)


class MonthHasHolesError(WattplanError):
    """The meter misses values in the month to be billed."""

    code = "month_has_holes"
    words = Text(
        en="{month}: {n_missing} of {n_steps} values are missing, first at {first}. Only a complete month is billed; "
        "--fill names a rule by which holes are filled.",
        zh="{month}：{n_steps} 个值中缺失 {n_missing} 个，首个缺失于 {first}。仅对完整月份计费；可用 --fill 指定补数规则。",
    )


class NoMonthMeteredError(WattplanError):
    """The meter covers no month of those asked for."""

    code = "no_month_metered"
    words = Text(
        en="The meter covers no complete month of {asked} in {zone}: it runs from {first} to {last}.",
        zh="该表计在 {zone} 未完整覆盖 {asked} 的任何月份：数据范围 {first} 至 {last}。",
    )


def filled(
    series: MeterSeries, rule: str | None, tariff: Tariff, *, month: str | None, year: int | None
) -> tuple[MeterSeries, tuple[Finding, ...]]:
    """Fill the holes of the months asked for by a named rule; without one the series stays as it is."""
    if rule is None:
        return series, ()
    if rule not in get_args(FillRule):
        raise typer.BadParameter(f"--fill {rule!r}: use one of {', '.join(get_args(FillRule))}")
    first, stop = _span(month, year)
    steps = [
        None if day is None else min(max(0, series.grid.step_of(local_midnight(day, tariff.zone))), series.grid.n_steps)
        for day in (first, stop)
    ]
    within = (steps[0] or 0, series.grid.n_steps if steps[1] is None else steps[1])
    return fill_holes(series, rule, zone=tariff.zone, calendar=tariff.calendar, within=within)  # type: ignore[arg-type]


def _span(month: str | None, year: int | None) -> tuple[date | None, date | None]:
    if month is not None:
        first = month_of(month)
        return first, next_month(first)
    return (None, None) if year is None else (date(year, 1, 1), date(year + 1, 1, 1))


def left_out(series: MeterSeries, months: Sequence[date], zone: str) -> tuple[Finding, ...]:
    """Say which metered channels are not used in a month because they have holes there."""
    return tuple(
        CHANNEL_LEFT_OUT.at(month=f"{month:%Y-%m}", channel=name)
        for month in months
        for name in CHANNELS[1:]
        if getattr(series, name) is not None and not is_complete(series, month, zone, (name,))
    )


def facts_of(path: Path | None, zone: str) -> Facts:
    """Read the facts, if a file is given; times without an offset are the tariff's."""
    return NO_FACTS if path is None else read_facts(path, zone=zone)


def month_of(text: str) -> date:
    """Read ``2026-10``."""
    try:
        month = month_start(date.fromisoformat(f"{text}-01"))
    except ValueError as error:
        raise typer.BadParameter(f"--month {text!r}: write it like 2026-10") from error
    if not checks.FIRST_YEAR <= month.year <= checks.LAST_YEAR:
        raise typer.BadParameter(f"--month {text!r}: {checks.LIVED.en}")
    return month


def months_asked(
    series: MeterSeries, zone: str, *, month: str | None, year: int | None
) -> tuple[tuple[date, ...], tuple[Finding, ...]]:
    """Give the months to bill: the one named, or all complete ones of a year; of everything where neither is given.

    Raises
    ------
    NoMonthMeteredError
        If the meter covers none of them.
    """
    if month is not None and year is not None:
        raise typer.BadParameter("give --month or --year, not both")
    if month is not None:
        return (month_of(month),), ()
    touched = _months(series.grid, zone)
    wanted = touched if year is None else tuple(date(year, number, 1) for number in range(1, 13))
    whole = tuple(one for one in wanted if is_complete(series, one, zone))
    if not whole:
        local = zone_of(zone)
        raise NoMonthMeteredError(
            asked=str(year) if year is not None else f"{touched[0]:%Y-%m} … {touched[-1]:%Y-%m}",
            zone=zone,
            first=series.grid.start.astimezone(local).isoformat(),
            last=series.grid.end.astimezone(local).isoformat(),
        )
    missing = [f"{one:%Y-%m}" for one in wanted if one not in whole]
    return whole, (MONTHS_NOT_METERED.at(months=", ".join(missing)),) if missing else ()


def _months(grid: TimeGrid, zone: str) -> tuple[date, ...]:
    return tuple(dict.fromkeys(month_start(one.day) for one in grid.local_days(zone)))


def _grid_of(month: date, zone: str, step_min: int) -> TimeGrid:
    return TimeGrid.between(local_midnight(month, zone), local_midnight(next_month(month), zone), step_min)


def is_complete(series: MeterSeries, month: date, zone: str, channels: Sequence[str] = CHANNELS[:1]) -> bool:
    """Say whether a meter has every value of a local month in some channels."""
    wanted = _grid_of(month, zone, series.grid.step_min)
    if wanted.start < series.grid.start or wanted.end > series.grid.end:
        return False
    part = series.part(series.grid.step_of(wanted.start), series.grid.step_of(wanted.end))
    return all(_whole(getattr(part, name)) is not None for name in channels)


def month_load(
    series: MeterSeries, month: date, zone: str, facts: Facts = NO_FACTS, *, power_factor: Decimal | None = None
) -> BilledLoad:
    """Cut a complete local month out of a series, with the complete months right before it.

    Raises
    ------
    MonthHasHolesError
        If values of the month are missing. A month that the meter does not reach at all is left to billing to refuse.
    """
    wanted = _grid_of(month, zone, series.grid.step_min)
    start = max(0, series.grid.step_of(wanted.start))
    stop = min(series.grid.n_steps, series.grid.step_of(wanted.end))
    part = series.part(start, stop) if stop > start else series
    missing = np.isnan(part.import_kw)
    if missing.any():
        at = part.grid.at(int(missing.argmax())).astimezone(zone_of(zone)).isoformat()
        raise MonthHasHolesError(
            month=f"{month:%Y-%m}", n_missing=int(missing.sum()), n_steps=part.grid.n_steps, first=at
        )
    if stop > start:
        part = series.part(_run_start(series, part, month, zone), stop)
    return BilledLoad(
        grid=part.grid,
        import_kw=part.import_kw,
        reactive_kvar=_whole(part.reactive_kvar),
        export_kw=_whole(part.export_kw),
        power_factor=power_factor,
        facts=facts,
    )


def _run_start(series: MeterSeries, part: MeterSeries, month: date, zone: str) -> int:
    """Give the first step of the run of months that ends with one and lacks nothing that this one has."""
    channels = [name for name in CHANNELS if _whole(getattr(part, name)) is not None]
    start = series.grid.step_of(part.grid.start)
    before = month_start(month - timedelta(days=1))
    while is_complete(series, before, zone, channels):
        start = series.grid.step_of(local_midnight(before, zone))
        before = month_start(before - timedelta(days=1))
    return start


def _whole(values: FloatArray | None) -> FloatArray | None:
    """Give values without holes, or none."""
    return None if values is None or bool(np.isnan(values).any()) else values
