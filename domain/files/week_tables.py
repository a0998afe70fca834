"""Tables of quarter-hours by month and weekday, and the band calendars they are."""

from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

from domain.tariffs import BandCalendar, BandRule
from domain.time.calendar import SATURDAY, WEEKDAY_TAGS

MONTHS, DAYS, QUARTERS = 12, 7, 96
SHAPE = (MONTHS, DAYS, QUARTERS)
MIN_PER_QUARTER = 15

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


def calendar_of(table: Numbers, bands: tuple[str, ...]) -> BandCalendar:
    """Make the calendar that a table says.

    Parameters
    ----------
    table : array
        Shape (12, 7, 96): the number of the band in each quarter-hour of each weekday (0 = Monday) of each month.
    bands : tuple[str, ...]
        Names of the bands.
    """
    rules: list[BandRule] = []
    months = [(month + 1, table[month]) for month in range(MONTHS)]
    for _, group in groupby(months, key=lambda item: item[1].tobytes()):
        held = list(group)
        numbers = tuple(month for month, _ in held)
        rules += _week_rules(held[0][1], bands, () if len(numbers) == MONTHS else numbers)
    return BandCalendar(rules=tuple(rules))


def _week_rules(week: Numbers, bands: tuple[str, ...], months: tuple[int, ...]) -> list[BandRule]:
    days: dict[bytes, list[int]] = {}
    for weekday in range(DAYS):
        days.setdefault(week[weekday].tobytes(), []).append(weekday)
    return [
        BandRule(band=bands[band], windows=windows, months=months, days=_tags(alike))
        for alike in days.values()
        for band, windows in _windows(week[alike[0]]).items()
    ]


def _tags(weekdays: list[int]) -> tuple[str, ...]:
    if len(weekdays) == DAYS:
        return ("any",)
    if weekdays == list(range(SATURDAY)):
        return ("weekday",)
    if weekdays == list(range(SATURDAY, DAYS)):
        return ("weekend",)
    return tuple(WEEKDAY_TAGS[weekday] for weekday in weekdays)


def _windows(day: Numbers) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    edges = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), QUARTERS]
    for first, stop in pairwise(edges):
        band = int(day[first])
        found[band] = (*found.get(band, ()), f"{_clock(first)}-{_clock(stop)}")
    return dict(sorted(found.items()))


def _clock(quarter: int) -> str:
    minute = quarter * MIN_PER_QUARTER
    return f"{minute // 60:02d}:{minute % 60:02d}"


def say_hours(mask: Bools) -> str:
    """Name the first month, weekday and hour of a mask, for people."""
    month, weekday, quarter = (int(places[0]) for places in np.nonzero(mask))
    return f"{WEEKDAY_TAGS[weekday]} {_clock(quarter)} in month {month + 1}"
