"""URDB's 12 × 24 schedules as band calendars."""

from itertools import groupby

from domain.files.urdb_fields import N_HOURS, Schedule
from domain.tariffs import BandCalendar, BandRule


def band_name(period: int) -> str:
    """Give the band of a 0-based period number."""
    return f"period_{period}"


def used_periods(weekday: Schedule, weekend: Schedule) -> tuple[int, ...]:
    """Give the periods that a schedule reaches, ascending."""
    return tuple(sorted({period for rows in (weekday, weekend) for row in rows for period in row}))


def months_with(period: int, weekday: Schedule, weekend: Schedule) -> tuple[int, ...]:
    """Give the months in which a period occurs; () for all of them."""
    held = tuple(
        month for month, rows in enumerate(zip(weekday, weekend, strict=True), 1) if period in rows[0] + rows[1]
    )
    return () if len(held) == len(weekday) else held


def band_calendar(weekday: Schedule, weekend: Schedule) -> BandCalendar:
    """Make the calendar of a weekday and a weekend schedule.

    Consecutive months with the same day share their rules, and a month whose weekends are like its
    weekdays needs but one set.
    """
    pairs = list(zip(weekday, weekend, strict=True))
    rules: list[BandRule] = []
    for (on_weekdays, on_weekends), group in groupby(enumerate(pairs, start=1), key=lambda item: item[1]):
        months = tuple(month for month, _ in group)
        held = () if len(months) == len(pairs) else months
        if on_weekdays == on_weekends:
            rules += _day_rules(on_weekdays, held, "any")
        else:
            rules += _day_rules(on_weekdays, held, "weekday")
            rules += _day_rules(on_weekends, held, "weekend")
    return BandCalendar(rules=tuple(rules))


def _day_rules(row: tuple[int, ...], months: tuple[int, ...], day: str) -> list[BandRule]:
    windows: dict[int, list[str]] = {}
    for period, hours in groupby(range(N_HOURS), key=lambda hour: row[hour]):
        span = list(hours)
        windows.setdefault(period, []).append(f"{span[0]:02d}:00-{span[-1] + 1:02d}:00")
    return [
        BandRule(band=band_name(period), windows=tuple(found), months=months, days=(day,))
        for period, found in sorted(windows.items())
    ]
