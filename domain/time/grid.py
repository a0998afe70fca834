"""The one time rule: UTC steps, half-open, labelled by their start.

Power is the mean over a step, a state stands at the step's end. Local time exists only for tariffs
and people; a local day has 92, 96 or 100 quarters.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from domain import checks
from domain.noun import noun
from domain.text import Text

STEPS_MIN = (1, 5, 10, 15, 30, 60)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """Give the IANA zone, or an error that says which name is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, IsADirectoryError) as error:
        raise checks.refuse(
            "zone",
            "name",
            name,
            Text(en="is no IANA time zone", zh="不是 IANA 时区"),
            Text(en="Write it like Asia/Shanghai.", zh="请写成 Asia/Shanghai。"),
        ) from error


@noun
class LocalDay:
    """One calendar day of a zone as steps of a grid: ``first`` … ``stop`` (exclusive)."""

    day: date
    first: int
    stop: int


@noun
class TimeGrid:
    """A regular grid of half-open steps.

    Invariants: ``start`` is UTC and lies on a step edge of the UTC hour; ``step_min`` divides 60.
    """

    start: datetime
    """Start of the first step, UTC."""
    step_min: int
    """Length of a step. [min]"""
    n_steps: int
    """How many steps. [-]"""

    def __post_init__(self) -> None:
        checks.aware(self, "start", self.start)
        if self.step_min not in STEPS_MIN:
            raise checks.refuse(
                self, "step_min", self.step_min, Text(en=f"must be one of {STEPS_MIN}", zh=f"必须是 {STEPS_MIN} 之一")
            )
        checks.positive(self, "n_steps", self.n_steps)
        start = self.start.astimezone(UTC)
        if start.second or start.microsecond or start.minute % self.step_min:
            raise checks.refuse(
                self,
                "start",
                start.isoformat(),
                Text(en=f"must lie on a {self.step_min}-minute edge", zh=f"必须落在 {self.step_min} 分钟刻度上"),
            )
        object.__setattr__(self, "start", start)

    @property
    def step_h(self) -> float:
        """Length of a step. [h]."""
        return self.step_min / 60

    @property
    def step(self) -> timedelta:
        """Length of a step."""
        return timedelta(minutes=self.step_min)

    @property
    def end(self) -> datetime:
        """End of the last step, UTC, exclusive."""
        return self.start + self.n_steps * self.step

    @property
    def starts(self) -> pd.DatetimeIndex:
        """Start of every step, UTC."""
        return pd.date_range(self.start, periods=self.n_steps, freq=f"{self.step_min}min")

    def local_starts(self, zone: str) -> pd.DatetimeIndex:
        """Start of every step on the zone's wall clock (zone-aware)."""
        return self.starts.tz_convert(zone_of(zone))

    def at(self, step: int) -> datetime:
        """Start of one step (``n_steps`` gives the end of the grid)."""
        return self.start + step * self.step

    def step_of(self, instant: datetime) -> int:
        """Which step an instant falls into; may lie outside 0…n_steps-1."""
        checks.aware(self, "instant", instant)
        return (instant - self.start) // self.step

    def edge_of(self, instant: datetime) -> int:
        """Which step starts at an instant; the instant must lie on an edge."""
        step, rest = divmod(instant - self.start, self.step)
        if rest:
            raise checks.refuse(
                self,
                "instant",
                instant.isoformat(),
                Text(en=f"must lie on a {self.step_min}-minute edge", zh=f"必须落在 {self.step_min} 分钟刻度上"),
            )
        return step

    def part(self, first: int, stop: int) -> "TimeGrid":
        """Give the grid of the steps ``first`` … ``stop`` (exclusive)."""
        return TimeGrid(start=self.at(first), step_min=self.step_min, n_steps=stop - first)

    def local_days(self, zone: str) -> tuple[LocalDay, ...]:
        """Split the grid into the zone's calendar days (the first and last may be partial)."""
        return _local_days(self, zone)

    @classmethod
    def between(cls, start: datetime, end: datetime, step_min: int) -> "TimeGrid":
        """Make the grid that covers ``start`` … ``end``; both must lie on step edges."""
        checks.ordered("TimeGrid", "start", start, end)
        probe = cls(start=start, step_min=step_min, n_steps=1)
        return cls(start=start, step_min=step_min, n_steps=probe.edge_of(end.astimezone(UTC)))

    @classmethod
    def of_local_days(cls, first: date, n_days: int, zone: str, step_min: int = 15) -> "TimeGrid":
        """Make the grid of whole calendar days of a zone (a DST day is shorter or longer)."""
        return cls.between(local_midnight(first, zone), local_midnight(first + timedelta(days=n_days), zone), step_min)


@lru_cache(maxsize=256)
def _local_days(grid: TimeGrid, zone: str) -> tuple[LocalDay, ...]:
    """Split a grid by local days; kept, because every bill and every baseline asks for it."""
    wall = grid.local_starts(zone).tz_localize(None)
    days = np.asarray(wall.normalize())
    firsts = np.flatnonzero(days[1:] != days[:-1]) + 1
    edges = [0, *firsts.tolist(), grid.n_steps]
    return tuple(
        LocalDay(day=wall[first].date(), first=first, stop=stop) for first, stop in pairwise(edges) if first < stop
    )


def local_midnight(day: date, zone: str) -> datetime:
    """Give the instant at which a calendar day begins in a zone, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone_of(zone)).astimezone(UTC)


def said_at(instant: datetime, zone: str) -> str:
    """Give an instant as the people of a zone say it, with its offset: 2026-09-07 06:00 +08:00."""
    written = instant.astimezone(zone_of(zone)).isoformat(sep=" ", timespec="minutes")
    clock = len("2026-09-07 06:00")
    return f"{written[:clock]} {written[clock:]}"


def month_start(day: date) -> date:
    """Give the first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Give the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
