"""Which day of last year a coming day resembles: kind of day first, then the season.

A coming day takes the load of one real day, so that peaks stay peaks. Among the days of its kind it is the one
nearest to the same date a year before; the same weekday and the same month are preferred. Holidays take the holiday
of the same name, wherever it lay; and the weeks around the lunar New Year move with it.
"""

from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from domain.noun import noun
from domain.time import SATURDAY, Calendar
from forecasting.clock import IntArray

BoolArray = npt.NDArray[np.bool_]

REACH_DAYS = 28
"""How far from the same date a year before a like day may lie. [d]"""
FEAST_REACH_DAYS = 50
"""The same for a holiday of the same name and for the weeks of the lunar New Year, which move. [d]"""
LUNAR_BEFORE_DAYS, LUNAR_AFTER_DAYS = 14, 20
"""The weeks around the lunar New Year in which plants slow down: people travel. [d]"""
OTHER_WEEKDAY, OTHER_MONTH, OTHER_FEAST = 2.0, 7.0, 20.0
"""What these count beside days of distance."""
NO_PHASE = 999
LUNAR = ("春节", "春節", "설날", "Chinese New Year", "Korean New Year", "Lunar New Year", "Spring Festival", "Tết")
EVES = ("除夕", "Eve", "preceding", "전날", "Giao thừa")
NEVER = np.inf


class Kind(IntEnum):
    """Kinds of days that load tells apart; swapped working days are working days."""

    WORKDAY = 0
    BRIDGE = 1
    SATURDAY = 2
    RESTDAY = 3
    HOLIDAY = 4


STANDS_IN = {
    Kind.BRIDGE: (Kind.WORKDAY,),
    Kind.SATURDAY: (Kind.RESTDAY,),
    Kind.RESTDAY: (Kind.SATURDAY, Kind.HOLIDAY),
    Kind.HOLIDAY: (Kind.RESTDAY,),
    Kind.WORKDAY: (),
}


@noun(eq=False)
class DayBook:
    """What the calendar says of a run of days, history and future alike."""

    first_day: date
    kinds: IntArray
    weekdays: IntArray
    months: IntArray
    """Year × 12 + month − 1."""
    phases: IntArray
    """Days since the lunar New Year within its weeks, else ``NO_PHASE``."""
    feasts: IntArray
    """Number of the holiday's name, 0 where the day is none."""
    year_before: IntArray
    """Number of the same date a year before; may be negative."""

    @property
    def n_days(self) -> int:
        """How many days."""
        return int(self.kinds.size)

    def like_days(self, targets: IntArray, usable: BoolArray) -> IntArray:
        """Give for each target the number of the day whose load it takes; −1 where there is none.

        Parameters
        ----------
        targets : IntArray
            Numbers of days, shape (n,).
        usable : BoolArray
            Which days have a load that may be taken, shape (n_days,); the caller leaves out the future.
        """
        days = np.flatnonzero(usable)
        if days.size == 0:
            return np.full(targets.size, -1, dtype=np.int64)
        cost = self._costs(targets, days, self.year_before[targets])
        return _best(cost, self.kinds[targets], self.kinds[days], days)

    def neighbours(self, targets: IntArray, usable: BoolArray) -> IntArray:
        """Give like days of the targets' own season: for foretelling a month from the months beside it."""
        days = np.flatnonzero(usable)
        if days.size == 0:
            return np.full(targets.size, -1, dtype=np.int64)
        cost = np.abs(targets[:, None] - days[None, :]).astype(np.float64)
        cost = np.where(cost <= 2 * REACH_DAYS, cost, NEVER)
        return _best(cost, self.kinds[targets], self.kinds[days], days)

    def _costs(self, targets: IntArray, days: IntArray, meant: IntArray) -> npt.NDArray[np.float64]:
        away = np.abs(meant[:, None] - days[None, :]).astype(np.float64)
        cost = away + OTHER_WEEKDAY * (self.weekdays[targets][:, None] != self.weekdays[days][None, :])
        cost += OTHER_MONTH * (self.months[targets][:, None] - 12 != self.months[days][None, :])
        cost = np.where(away <= REACH_DAYS, cost, NEVER)
        feast_there, feast_here = self.feasts[days][None, :], self.feasts[targets][:, None]
        same_feast = (feast_here > 0) & (feast_here == feast_there) & (away <= FEAST_REACH_DAYS)
        cost = np.where((feast_here > 0) & ~same_feast, cost + OTHER_FEAST, cost)
        cost = np.where(same_feast, away / FEAST_REACH_DAYS, cost)
        here, there = self.phases[targets][:, None], self.phases[days][None, :]
        in_weeks, both = (here != NO_PHASE) | (there != NO_PHASE), (here != NO_PHASE) & (there != NO_PHASE)
        apart = np.abs(here - there) + OTHER_WEEKDAY * (self.weekdays[targets][:, None] != self.weekdays[days][None, :])
        lunar = np.where(both & (away <= FEAST_REACH_DAYS), apart, NEVER)
        found: npt.NDArray[np.float64] = np.where(in_weeks, lunar, cost)
        return found


def _best(cost: npt.NDArray[np.float64], kinds_here: IntArray, kinds_there: IntArray, days: IntArray) -> IntArray:
    """Choose the cheapest day of the same kind, or of the first kind that stands in and is there."""
    chosen = np.full(kinds_here.size, -1, dtype=np.int64)
    for kind in Kind:
        rows = np.flatnonzero(kinds_here == kind)
        for other in (kind, *STANDS_IN[kind]):
            columns = np.flatnonzero(kinds_there == other)
            open_rows = rows[chosen[rows] < 0]
            if columns.size == 0 or open_rows.size == 0:
                continue
            part = cost[np.ix_(open_rows, columns)]
            at = part.argmin(axis=1)
            there = np.isfinite(part[np.arange(open_rows.size), at])
            chosen[open_rows[there]] = days[columns[at[there]]]
    return chosen


def day_book(first: date, n_days: int, calendar: Calendar) -> DayBook:
    """Read a run of days off a calendar."""
    days = [date.fromordinal(first.toordinal() + number) for number in range(n_days)]
    names = [calendar.holiday_name(day) or "" for day in days]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(["", *names]))}
    return DayBook(
        first_day=first,
        kinds=np.array([_kind(day, calendar.tags(day)) for day in days], dtype=np.int64),
        weekdays=np.array([day.weekday() for day in days], dtype=np.int64),
        months=np.array([day.year * 12 + day.month - 1 for day in days], dtype=np.int64),
        phases=np.array(_phases(days, calendar), dtype=np.int64),
        feasts=np.array([numbers[name] for name in names], dtype=np.int64),
        year_before=np.array([_year_before(day).toordinal() - first.toordinal() for day in days], dtype=np.int64),
    )


def _kind(day: date, tags: frozenset[str]) -> Kind:
    if "workday" in tags:
        return Kind.BRIDGE if "bridge_day" in tags else Kind.WORKDAY
    if "holiday" in tags or ("holiday_break" in tags and "weekday" in tags):
        return Kind.HOLIDAY
    return Kind.SATURDAY if day.weekday() == SATURDAY else Kind.RESTDAY


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _phases(days: list[date], calendar: Calendar) -> list[int]:
    years = {day.year for day in days}
    new_years = [found for year in sorted(years) if (found := _lunar_new_year(year, calendar)) is not None]
    phases = []
    for day in days:
        offsets = [(day - one).days for one in new_years]
        near = [offset for offset in offsets if -LUNAR_BEFORE_DAYS <= offset <= LUNAR_AFTER_DAYS]
        phases.append(near[0] if near else NO_PHASE)
    return phases


def _lunar_new_year(year: int, calendar: Calendar) -> date | None:
    """Give the day itself, not its eve: the first day of the year called by its name; weekends in lieu come later."""
    for number in range(15, 60):
        day = date.fromordinal(date(year, 1, 1).toordinal() + number)
        name = calendar.holiday_name(day) or ""
        if any(word in name for word in LUNAR) and not any(word in name for word in EVES):
            return day
    return None
