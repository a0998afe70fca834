"""The meter readings that a settlement rests on, cut out of a longer series."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline import Baseline
from domain.programmes.day_loads import DAY_MIN
from domain.programmes.event_clock import EventClock, event_clock
from domain.programmes.programme import Event
from domain.tariffs.decimals import as_decimal
from domain.time import local_midnight

Steps = npt.NDArray[np.int64]
UNREAD = frozenset({"other_type", "excluded_tag", "no_type", "skipped"})
"""Days left out for these reasons were not read."""


@noun
class ReadingBlock:
    """Meter readings of steps that follow each other."""

    start: datetime
    """Start of the first step."""
    values_kw: tuple[Decimal | None, ...]
    """Mean load of each step; null where the meter says nothing. [kW]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "start")
        checks.not_empty(self, "values_kw", self.values_kw)
        for value in self.values_kw:
            if value is not None:
                checks.finite(self, "values_kw", float(value))


def readings_for(meter: MeterSeries, baseline: Baseline, event: Event) -> tuple[ReadingBlock, ...]:
    """Cut out every step that a baseline and its event read, earliest first."""
    rule = baseline.rule
    clock = event_clock(event, rule, baseline.zone, meter.grid.step_min)
    days = {clock.event_day, *baseline.days, *(one.day for one in baseline.rejected if one.code not in UNREAD)}
    whole_days = rule.rank_by == "whole_day" or rule.pick == "nearest"
    wanted = np.zeros(meter.grid.n_steps, dtype=bool)
    for day in days:
        wanted[_steps_of(meter, clock, day, whole_day=whole_days)] = True
    for span in (clock.window, *clock.hours_read, *(() if clock.adjustment is None else (clock.adjustment,))):
        first, stop = meter.grid.step_of(span.start), meter.grid.step_of(span.end)
        wanted[max(first, 0) : max(stop, 0)] = True
    return _blocks(meter, np.flatnonzero(wanted))


def _steps_of(meter: MeterSeries, clock: EventClock, day: date, *, whole_day: bool) -> Steps:
    """Find the steps of a day that the rule reads: by the clock, and both of a repeated clock time."""
    offsets = [*clock.window.offsets, *(() if clock.adjustment is None else clock.adjustment.offsets)]
    first_min = min([0, *(offset * clock.step_min for offset in offsets)])
    last_min = max([DAY_MIN, *((offset + 1) * clock.step_min + clock.lag_min for offset in offsets)])
    begin = local_midnight(day + timedelta(days=first_min // DAY_MIN), clock.zone)
    end = local_midnight(day + timedelta(days=-(-last_min // DAY_MIN)), clock.zone)
    first, stop = max(0, meter.grid.step_of(begin)), min(meter.grid.n_steps, meter.grid.step_of(end) + 1)
    if first >= stop:
        return np.array([], dtype=np.int64)
    local = meter.grid.part(first, stop).local_starts(clock.zone).tz_localize(None).to_numpy()
    minutes = (local - np.datetime64(day.isoformat())).astype("timedelta64[m]").astype(np.int64)
    wanted = np.isin(minutes, [offset * clock.step_min + clock.lag_min for offset in offsets])
    if whole_day:
        wanted |= (minutes >= 0) & (minutes < DAY_MIN)
    return np.flatnonzero(wanted) + first


def _blocks(meter: MeterSeries, steps: Steps) -> tuple[ReadingBlock, ...]:
    runs = np.split(steps, np.flatnonzero(np.diff(steps) > 1) + 1)
    return tuple(
        ReadingBlock(
            start=meter.grid.at(int(run[0])),
            values_kw=tuple(None if np.isnan(value) else as_decimal(value) for value in meter.import_kw[run].tolist()),
        )
        for run in runs
        if run.size
    )
