"""A meter's load as days × clock times, so that one clock window can be read on many days at once.

Days are matched by the local clock: where a clock change leaves out a clock time, the day has no such step;
where it repeats one, the first counts.
"""

from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.metering import MeterSeries
from domain.time import TimeGrid, local_midnight, zone_of

Rows = npt.NDArray[np.int64]
Offsets = tuple[int, ...]
"""Clock steps counted from a day's midnight; 96 quarters later is the next day's midnight."""

MINUTE = timedelta(minutes=1)
DAY_MIN = 24 * 60


def clock_starts(start: datetime, end: datetime, step_min: int, zone: str) -> list[datetime]:
    """Give the local clock time of each step between two instants, without its offset."""
    grid = TimeGrid.between(start, end, step_min)
    clock = zone_of(zone)
    return [grid.at(step).astimezone(clock).replace(tzinfo=None) for step in range(grid.n_steps)]


def minutes_from(day: date, clock: datetime) -> int:
    """Give the minutes from a day's midnight to a clock time, by the clock."""
    return (clock - datetime(day.year, day.month, day.day)) // MINUTE  # noqa: DTZ001 -- a clock time has no zone


class DayLoads:
    """The load of a meter between two local days, by day and clock step. [kW].

    ``kw`` has one row for each day from ``first`` on and one column for each clock step; NaN where nothing was
    metered or the clock has no such time. Steps lie ``lag_min`` after the clock's own steps (a zone of half hours
    and a meter of hours).
    """

    def __init__(self, meter: MeterSeries, zone: str, first: date, stop: date, lag_min: int = 0) -> None:
        self.meter = meter
        self.zone = zone
        self.first = first
        self.n_days = max(0, (stop - first).days)
        self.step_min = meter.grid.step_min
        self.lag_min = lag_min
        self.slots = DAY_MIN // self.step_min
        self._windows: dict[Offsets, FloatArray] = {}
        self._means: dict[Offsets, FloatArray] = {}
        kw = np.full(self.n_days * self.slots, np.nan)
        metered = np.zeros(self.n_days)
        sums = np.zeros(self.n_days)
        begin = max(meter.grid.step_of(local_midnight(first, zone)), 0) if self.n_days else 0
        end = min(meter.grid.step_of(local_midnight(stop, zone)), meter.grid.n_steps) if self.n_days else 0
        if begin < end:
            values = meter.import_kw[begin:end]
            minutes = self._minutes(meter.grid.part(begin, end))
            self._fill(kw, minutes, values)
            known = ~np.isnan(values)
            rows = minutes // DAY_MIN
            metered += np.bincount(rows[known], minlength=self.n_days)
            sums += np.bincount(rows[known], weights=values[known], minlength=self.n_days)
        self.kw: FloatArray = kw.reshape(self.n_days, self.slots)
        self.day_mean_kw: FloatArray = np.where(metered == self._steps_of_days(), sums / np.maximum(metered, 1), np.nan)

    def _minutes(self, grid: TimeGrid) -> Rows:
        """Give the clock minutes of each step since the first day's midnight."""
        local = grid.local_starts(self.zone).tz_localize(None)
        since = local.to_numpy().astype("datetime64[m]") - np.datetime64(self.first.isoformat(), "m")
        return since.astype(np.int64)

    def _fill(self, kw: FloatArray, minutes: Rows, values: FloatArray) -> None:
        places, lag = np.divmod(minutes - self.lag_min, self.step_min)
        fits = (lag == 0) & (places >= 0) & (places < kw.size)
        # of a repeated clock time the first counts, so it is written last
        kw[places[fits][::-1]] = values[fits][::-1]

    def _steps_of_days(self) -> FloatArray:
        """How many steps each local day has; a day of a clock change is shorter or longer."""
        edges = [local_midnight(self.day(row), self.zone) for row in range(self.n_days + 1)]
        return np.array([(b - a) / (self.step_min * MINUTE) for a, b in pairwise(edges)])

    def day(self, row: int) -> date:
        """Give the day of a row."""
        return self.first + timedelta(days=row)

    def row(self, day: date) -> int:
        """Give the row of a day; it may lie outside."""
        return (day - self.first).days

    def window(self, offsets: Offsets) -> FloatArray:
        """Give one clock window on every day, shape ``(n_days, len(offsets))``; NaN outside of the days known. [kW]."""
        found = self._windows.get(offsets)
        if found is None:
            # one more NaN behind the last step stands for every place outside
            flat = np.append(self.kw.reshape(-1), np.nan)
            places = np.arange(self.n_days)[:, None] * self.slots + np.array(offsets, dtype=np.int64)[None, :]
            found = flat[np.where((places >= 0) & (places < self.kw.size), places, self.kw.size)]
            self._windows[offsets] = found
        return found

    def means_kw(self, offsets: Offsets) -> FloatArray:
        """Give a clock window's mean on every day; NaN where a step is missing. [kW]."""
        found = self._means.get(offsets)
        if found is None:
            found = self.window(offsets).mean(axis=1)
            self._means[offsets] = found
        return found

    def between_kw(self, start: datetime, end: datetime) -> FloatArray:
        """Give the load between two instants, by elapsed time and not by the clock; NaN where unknown. [kW]."""
        grid = self.meter.grid
        first, stop = grid.step_of(start), grid.step_of(end)
        values = np.full(stop - first, np.nan)
        begin, finish = max(first, 0), min(stop, grid.n_steps)
        if begin < finish:
            values[begin - first : finish - first] = self.meter.import_kw[begin:finish]
        return values
