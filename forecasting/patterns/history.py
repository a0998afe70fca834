"""A meter's past laid out by wall-clock day and slot: what every pattern is looked for in."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.metering import MeterSeries
from domain.noun import noun
from domain.text import Text
from domain.time import Calendar
from forecasting import quality
from forecasting.clock import IntArray, WallClock
from forecasting.design import DayType, DayTypes, day_types
from forecasting.errors import ForecastRefusedError

WHOLE_DAY_SHARE = 0.8
"""Share of a day's slots that must be measured for the day to count. [-]"""
ALL_DAYS = 40_000
LEAST_WHOLE_DAYS = 7
BoolArray = npt.NDArray[np.bool_]


class TooFewWholeDaysError(ForecastRefusedError):
    """Enough was measured, but hardly a day from end to end."""

    code = "too_few_whole_days"
    words = Text(
        en="Meter {meter_id}: only {n_whole} local days are measured for four fifths or more; patterns of days need {least}. "
        "Give a meter with fewer holes.",
        zh="电表 {meter_id}：实测达八成以上的本地日仅 {n_whole} 天，识别日特征至少需要 {least} 天。请提供缺口更少的数据。",
    )


@noun(eq=False)
class History:
    """A meter's measured load by step, and by local day and wall-clock slot.

    Invariants: ``load_kw`` is NaN where a value is missing, suspect or itself a fill; ``meter`` ends with the last
    measured step.
    """

    meter: MeterSeries
    zone: str
    calendar: Calendar
    load_kw: FloatArray
    """Shape (n_steps,). [kW]"""
    clock: WallClock
    day_of: IntArray
    """Number of each step's local day. [-]"""
    slot_of: IntArray
    """Wall-clock slot of each step within its day. [-]"""
    types: DayTypes
    """Kind of each local day."""
    by_day_kw: FloatArray
    """Shape (n_days, day_slots). [kW]"""

    @classmethod
    def of(cls, meter: MeterSeries, zone: str, calendar: Calendar) -> "History":
        """Lay out all that was measured.

        Raises
        ------
        NoUsableDataError, HistoryTooShortError, ConstantLoadError, TooFewWholeDaysError
            See each.
        """
        measured = quality.measured_before(meter, meter.grid.end, ALL_DAYS, zone)
        kept = meter.part(0, measured.first_step + measured.grid.n_steps)
        load_kw = np.concatenate([np.full(measured.first_step, np.nan), measured.load_kw])
        clock = WallClock.of(kept.grid, zone)
        slots = clock.slots_of(kept.grid)
        n_days = int(slots.max()) // clock.day_slots + 1
        made = cls(
            meter=kept,
            zone=zone,
            calendar=calendar,
            load_kw=load_kw,
            clock=clock,
            day_of=slots // clock.day_slots,
            slot_of=slots % clock.day_slots,
            types=day_types((clock.day(number) for number in range(n_days)), calendar),
            by_day_kw=clock.fold(load_kw, slots, n_days * clock.day_slots).reshape(n_days, clock.day_slots),
        )
        n_whole = int(np.count_nonzero(made.whole_days))
        if n_whole < LEAST_WHOLE_DAYS:
            raise TooFewWholeDaysError(meter_id=meter.meter_id, n_whole=n_whole, least=LEAST_WHOLE_DAYS)
        return made

    @property
    def n_days(self) -> int:
        """Local days touched."""
        return int(self.types.size)

    @property
    def step_h(self) -> float:
        """Length of a step. [h]."""
        return self.meter.grid.step_h

    @property
    def whole_days(self) -> BoolArray:
        """Which days were measured well enough, shape (n_days,)."""
        return np.asarray(np.isfinite(self.by_day_kw).mean(axis=1) >= WHOLE_DAY_SHARE)

    @property
    def energy_kwh(self) -> float:
        """All that was measured. [kWh]."""
        return float(np.nansum(self.load_kw)) * self.step_h

    @property
    def energy_days(self) -> float:
        """Measured time. [d]."""
        return float(np.count_nonzero(np.isfinite(self.load_kw))) * self.step_h / 24

    def kwh(self, part_kw: FloatArray) -> float:
        """Add up a part of the load over all steps. [kWh]."""
        return float(np.nansum(part_kw)) * self.step_h

    def day(self, number: int) -> date:
        """Give a day's date."""
        return self.clock.day(number)

    def day_quantile_kw(self, level: float) -> FloatArray:
        """Give a quantile of each day's load, NaN for days that do not count, shape (n_days,). [kW]."""
        found = np.full(self.n_days, np.nan)
        found[self.whole_days] = np.nanquantile(self.by_day_kw[self.whole_days], level, axis=1)
        return found

    @property
    def week_of_day(self) -> IntArray:
        """Number of each day's week, Monday to Sunday, shape (n_days,). [-]."""
        first = self.clock.first_day.weekday()
        return (np.arange(self.n_days, dtype=np.int64) + first) // 7

    def week_starts(self) -> tuple[date, ...]:
        """Give the Monday of each week."""
        monday = self.clock.first_day - timedelta(days=self.clock.first_day.weekday())
        return tuple(monday + timedelta(days=7 * number) for number in range(int(self.week_of_day[-1]) + 1))

    def steps_of_days(self) -> Iterator[tuple[int, int, int]]:
        """Give each local day's number, first step and step after its last."""
        for local in self.meter.grid.local_days(self.zone):
            yield (local.day - self.clock.first_day).days, local.first, local.stop


def runs_of(flags: BoolArray) -> list[tuple[int, int]]:
    """Give first and stop of each unbroken run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(first), int(stop)) for first, stop in zip(edges[::2], edges[1::2], strict=True)]


def quantile_kw(history: History, level: float) -> FloatArray:
    """Give a quantile of the kind of day at each step's time of day, shape (n_steps,). [kW]."""
    profiles = np.full(history.by_day_kw.shape, np.nan)
    for kind in DayType:
        chosen = history.whole_days & (history.types == kind)
        if chosen.any():
            rows = history.by_day_kw[chosen]
            seen = np.isfinite(rows).any(axis=0)
            profile = np.full(rows.shape[1], np.nan)
            profile[seen] = np.nanquantile(rows[:, seen], level, axis=0)
            profiles[history.types == kind] = profile
    return np.asarray(profiles[history.day_of, history.slot_of], dtype=np.float64)
