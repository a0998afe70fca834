"""The forecasters that a backtest asks: our own, and two that anybody could do on paper.

The naive ones work on the wall-clock ladder, so that a changed clock does not shift them. Their bands
are split-conformal: the quantile of the size of their own past errors at the same hour of the day,
laid symmetrically about the forecast [1]_.

References
----------
.. [1] J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman, Distribution-free predictive
   inference for regression, JASA 113 (2018) 1094-1111, algorithm 2.
"""

import math
from datetime import datetime
from typing import ClassVar

import numpy as np

from domain.checks import FloatArray
from domain.metering import LoadForecast, MeterSeries, Quality
from domain.noun import noun
from domain.time import Calendar, TimeGrid, said_at
from forecasting.clock import IntArray, WallClock
from forecasting.errors import HistoryTooShortError, NoUsableDataError
from forecasting.forecast import forecast_load
from forecasting.options import LEAST_HISTORY_DAYS, ForecastOptions

LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)
"""Quantiles that all are asked for, so that 80 % and 90 % bands can be judged. [-]"""
WEEK_DAYS = 7
ERROR_DAYS = 56
"""Days whose errors give a naive forecast its band. [d]"""
FARTHEST_WEEKS = 8
"""Weeks back to which a naive forecast looks for a known value. [week]"""


@noun
class OwnForecast:
    """The product's forecaster: what ``forecast_load`` says."""

    zone: str
    calendar: Calendar
    options: ForecastOptions = ForecastOptions(quantile_levels=LEVELS, n_samples=100)

    def __call__(self, history: MeterSeries, issued_at: datetime, horizon: TimeGrid) -> LoadForecast:
        """Forecast from what was known at the issue."""
        return forecast_load(
            history,
            horizon=horizon,
            issued_at=issued_at,
            zone=self.zone,
            calendar=self.calendar,
            options=self.options,
        )


@noun
class SameTimeLastWeek:
    """The load at the same wall-clock time one week before; where that is not known, in the newest week it is."""

    zone: str
    n_weeks: ClassVar[int] = 1

    def __call__(self, history: MeterSeries, issued_at: datetime, horizon: TimeGrid) -> LoadForecast:
        """Forecast from what was known at the issue."""
        return _naive(history, issued_at, horizon, zone=self.zone, n_weeks=self.n_weeks, model="same time last week")


@noun
class FourWeekMean:
    """The mean of the last four known loads on the same weekday at the same wall-clock time."""

    zone: str
    n_weeks: ClassVar[int] = 4

    def __call__(self, history: MeterSeries, issued_at: datetime, horizon: TimeGrid) -> LoadForecast:
        """Forecast from what was known at the issue."""
        return _naive(
            history,
            issued_at,
            horizon,
            zone=self.zone,
            n_weeks=self.n_weeks,
            model="mean of the last four same weekdays",
        )


def _naive(
    history: MeterSeries, issued_at: datetime, horizon: TimeGrid, *, zone: str, n_weeks: int, model: str
) -> LoadForecast:
    clock = WallClock.of(history.grid, zone)
    history_slots = clock.slots_of(history.grid)
    end = int(history_slots.max()) + 1
    load_kw = clock.fold(measured_kw(history), history_slots, end)
    known_days = np.count_nonzero(np.isfinite(load_kw)) / clock.day_slots
    if known_days == 0:
        raise NoUsableDataError(meter_id=history.meter_id, issued_at=said_at(issued_at, zone))
    slots = clock.slots_of(horizon)
    point_kw = weekday_mean_kw(load_kw, slots, clock.day_slots, n_weeks)
    errors_kw = _past_errors_kw(load_kw, clock.day_slots, n_weeks)
    if not np.isfinite(point_kw).all() or not np.isfinite(errors_kw).any():
        raise HistoryTooShortError(
            meter_id=history.meter_id,
            measured_days=known_days,
            issued_at=said_at(issued_at, zone),
            least_days=LEAST_HISTORY_DAYS,
        )
    places = np.arange(end - errors_kw.size, end) % clock.day_slots
    halves_kw = _band_halves_kw(errors_kw, places, clock.day_slots)[:, slots % clock.day_slots]
    signs = np.sign(np.array(LEVELS) - 0.5)[:, None]
    return LoadForecast(
        grid=horizon,
        quantile_levels=LEVELS,
        quantiles_kw=point_kw + signs * halves_kw,
        samples_kw=point_kw[None, :],
        issued_at=issued_at,
        data_until=history.grid.end,
        model=model,
        versions={},
        seed=0,
    )


def measured_kw(meter: MeterSeries) -> FloatArray:
    """Give what was truly measured: NaN where a value is missing, suspect or itself a fill. [kW]."""
    if meter.quality is None:
        return meter.import_kw
    return np.where(meter.quality == Quality.MEASURED, meter.import_kw, np.nan)


def weekday_mean_kw(load_kw: FloatArray, slots: IntArray, day_slots: int, n_weeks: int) -> FloatArray:
    """Give the mean of the newest ``n_weeks`` known loads whole weeks before each slot; NaN where none is known. [kW].

    Parameters
    ----------
    load_kw : FloatArray
        The wall-clock ladder up to its last known slot, NaN where unknown. [kW]
    slots : IntArray
        Slots asked for, within the ladder or beyond its end. A slot is never its own forecast.
    day_slots : int
        Slots of a day. [-]
    n_weeks : int
        Known weeks that are averaged. [-]
    """
    total_kw, counts = np.zeros(slots.size), np.zeros(slots.size, dtype=np.int64)
    farthest = FARTHEST_WEEKS + math.ceil(max(0, int(slots.max()) + 1 - load_kw.size) / (WEEK_DAYS * day_slots))
    for week in range(1, farthest + 1):
        places = slots - week * WEEK_DAYS * day_slots
        inside = (places >= 0) & (places < load_kw.size)
        values_kw = np.where(inside, load_kw[np.clip(places, 0, load_kw.size - 1)], np.nan)
        taken = np.isfinite(values_kw) & (counts < n_weeks)
        total_kw[taken] += values_kw[taken]
        counts[taken] += 1
    means_kw: FloatArray = np.full(slots.size, np.nan)
    np.divide(total_kw, counts, out=means_kw, where=counts > 0)
    return means_kw


def _past_errors_kw(load_kw: FloatArray, day_slots: int, n_weeks: int) -> FloatArray:
    """Give the newest past errors of the same forecast, whole days back from the ladder's end. [kW]."""
    n_days = min(ERROR_DAYS, load_kw.size // day_slots)
    slots = np.arange(load_kw.size - n_days * day_slots, load_kw.size, dtype=np.int64)
    if slots.size == 0:
        return np.full(0, np.nan)
    return np.asarray(load_kw[slots] - weekday_mean_kw(load_kw, slots, day_slots, n_weeks), dtype=np.float64)


def _band_halves_kw(errors_kw: FloatArray, places: IntArray, day_slots: int) -> FloatArray:
    """Give half the band's width by level and slot of the day; the errors of each hour are pooled. [kW]."""
    hour_slots = max(1, day_slots // 24)
    sizes_kw = np.abs(errors_kw)
    everywhere_kw = sizes_kw[np.isfinite(sizes_kw)]
    coverages = np.abs(2 * np.array(LEVELS) - 1)
    halves_kw = np.empty((len(LEVELS), day_slots))
    for first in range(0, day_slots, hour_slots):
        pool_kw = sizes_kw[(places >= first) & (places < first + hour_slots) & np.isfinite(sizes_kw)]
        pool_kw = pool_kw if pool_kw.size >= WEEK_DAYS else everywhere_kw
        halves_kw[:, first : first + hour_slots] = np.quantile(pool_kw, coverages, method="higher")[:, None]
    return halves_kw
