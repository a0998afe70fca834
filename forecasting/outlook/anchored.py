"""A load laid out from days of its own past, and its months' sums and peaks."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.time import Calendar, TimeGrid, month_start
from forecasting.clock import IntArray, WallClock
from forecasting.outlook.bands import TariffBands
from forecasting.outlook.days import BoolArray, DayBook, day_book
from forecasting.quality import Measured

WHOLE_DAY_SHARE = 0.9
"""A day of which less is known lends its load to none. [-]"""
WHOLE_MONTH_SHARE = 0.95
"""A month of which less is known is neither compared nor compared with. [-]"""
MOST_LENT_SHARE = 0.5
"""Share of last year's month that must be whole days for the coming one to rest on it. [-]"""


@noun(eq=False)
class MonthSums:
    """Months of a load: energy by band, and the highest mean."""

    months: tuple[date, ...]
    band_kwh: FloatArray
    """Shape (n_months, n_bands). [kWh]"""
    peak_kw: FloatArray
    """Highest mean over the demand interval; NaN where nothing is known, shape (n_months,). [kW]"""
    known_share: FloatArray
    """Share of each month's steps with a value; of months that the grid cuts, of the whole month. [-]"""

    @property
    def total_kwh(self) -> FloatArray:
        """Energy of all bands, shape (n_months,). [kWh]."""
        return np.asarray(self.band_kwh.sum(axis=1), dtype=np.float64)


@noun(eq=False)
class Site:
    """A measured load with its days: what anchors are taken from."""

    measured: Measured
    clock: WallClock
    book: DayBook
    """Days from the first measured one to the end of the horizon."""
    by_day_kw: FloatArray
    """Load by measured day and wall-clock slot, small holes bridged, shape (n_measured_days, day_slots). [kW]"""
    usable: BoolArray
    """Which days of the book lend their load."""
    bands: TariffBands | None
    measured_bands: IntArray | None
    """Band of each measured step; None: no tariff, or a meter that it does not fit."""
    interval_min: int
    """Interval of the peaks, not finer than the meter's steps. [min]"""

    @property
    def band_names(self) -> tuple[str, ...]:
        """Names of the bands; one for all hours where there is no tariff."""
        return ("all",) if self.bands is None else self.bands.bands.bands

    def day_number(self, day: date) -> int:
        """Give a day's number in the book."""
        return (day - self.clock.first_day).days

    def lend(self, grid: TimeGrid, donors: IntArray) -> FloatArray:
        """Lay a grid out with the loads of other days, shape (n_steps,); NaN where a day has no donor. [kW].

        Parameters
        ----------
        donors : IntArray
            For each day of the book the day whose load it takes, −1: none, shape (n_days,).
        """
        slots = self.clock.slots_of(grid)
        day, slot = slots // self.clock.day_slots, slots % self.clock.day_slots
        taken = donors[day]
        load_kw = np.full(grid.n_steps, np.nan)
        there = taken >= 0
        load_kw[there] = self.by_day_kw[taken[there], slot[there]]
        return load_kw

    def band_on(self, grid: TimeGrid) -> IntArray:
        """Give each step's band; within the measured time it is read once for all."""
        if self.bands is None:
            return np.zeros(grid.n_steps, dtype=np.int64)
        first = self.measured.grid.step_of(grid.start)
        if self.measured_bands is None or first < 0 or grid.end > self.measured.grid.end:
            return self.bands.on(grid)
        return self.measured_bands[first : first + grid.n_steps]

    def sums(self, grid: TimeGrid, load_kw: FloatArray) -> MonthSums:
        """Sum a load by month and band, and find its peaks. [kWh], [kW]."""
        months, cuts = month_cuts(grid, self.clock.zone)
        band = self.band_on(grid)
        kwh = np.zeros((len(months), len(self.band_names)))
        peak_kw = np.full(len(months), np.nan)
        known = np.zeros(len(months))
        join = self.interval_min // grid.step_min
        for number, (first, stop) in enumerate(cuts):
            part_kw = load_kw[first:stop]
            there = np.isfinite(part_kw)
            known[number] = there.sum() / _whole_steps(months[number], self.clock.zone, grid.step_min)
            kwh[number] = np.bincount(
                band[first:stop][there], weights=part_kw[there] * grid.step_h, minlength=kwh.shape[1]
            )
            blocks_kw = part_kw[: part_kw.size // join * join].reshape(-1, join).mean(axis=1)
            if np.isfinite(blocks_kw).any():
                peak_kw[number] = np.nanmax(blocks_kw)
        return MonthSums(months=months, band_kwh=kwh, peak_kw=peak_kw, known_share=known)


def site_of(
    measured: Measured, calendar: Calendar, *, last_day: date, bands: TariffBands | None, interval_min: int
) -> Site:
    """Lay a measured load on days, up to the end of a horizon."""
    clock = WallClock.of(measured.grid, measured.zone)
    slots = clock.slots_of(measured.grid)
    n_measured = int(slots.max()) // clock.day_slots + 1
    folded_kw = clock.fold(measured.load_kw, slots, n_measured * clock.day_slots).reshape(n_measured, clock.day_slots)
    n_days = max((last_day - clock.first_day).days + 1, n_measured)
    usable = np.zeros(n_days, dtype=bool)
    usable[:n_measured] = np.isfinite(folded_kw).mean(axis=1) >= WHOLE_DAY_SHARE
    return Site(
        measured=measured,
        clock=clock,
        book=day_book(clock.first_day, n_days, calendar),
        by_day_kw=_bridged(folded_kw, usable[:n_measured]),
        usable=usable,
        bands=bands,
        measured_bands=None if bands is None else bands.on(measured.grid),
        interval_min=max(interval_min, measured.grid.step_min),
    )


def month_cuts(grid: TimeGrid, zone: str) -> tuple[tuple[date, ...], tuple[tuple[int, int], ...]]:
    """Split a grid by local months: their first days, and their steps ``first`` … ``stop`` (exclusive)."""
    edges: dict[date, tuple[int, int]] = {}
    for day in grid.local_days(zone):
        month = month_start(day.day)
        edges[month] = (edges.get(month, (day.first, 0))[0], day.stop)
    return tuple(edges), tuple(edges.values())


def is_lent(site: Site, months: Sequence[date], donors: IntArray) -> BoolArray:
    """Say which months rest on last year: every day has a donor, and most of last year's month is whole."""
    found = []
    for month in months:
        number = month.year * 12 + month.month - 1
        days, before = site.book.months == number, site.book.months == number - 12
        n_before = max(28, int(before.sum()))
        found.append(bool((donors[days] >= 0).all()) and site.usable[before].sum() >= MOST_LENT_SHARE * n_before)
    return np.array(found, dtype=bool)


def _whole_steps(month: date, zone: str, step_min: int) -> int:
    n_days = (date(month.year + month.month // 12, month.month % 12 + 1, 1) - month).days
    return TimeGrid.of_local_days(month, n_days, zone, step_min).n_steps


def _bridged(by_day_kw: FloatArray, usable: BoolArray) -> FloatArray:
    """Bridge the small holes of usable days (the hour that a zone skips among them) by straight lines."""
    whole_kw = by_day_kw.copy()
    for day in np.flatnonzero(usable & np.isnan(by_day_kw).any(axis=1)):
        there = np.flatnonzero(np.isfinite(by_day_kw[day]))
        whole_kw[day] = np.interp(np.arange(by_day_kw.shape[1]), there, by_day_kw[day, there])
    return whole_kw
