"""The verb: from what was measured by the time of issue to the load nobody has seen yet."""

from dataclasses import replace
from datetime import datetime
from functools import cache

import numpy as np

from domain.checks import FloatArray, aware
from domain.findings import Finding
from domain.metering import LoadForecast, MeterSeries, Quality
from domain.time import Calendar, TimeGrid
from forecasting import prophet_model, quality
from forecasting.clock import WallClock
from forecasting.design import LEAST_DAY_SHARE, DayType, DayTypes, day_types, stand_ins, unseen_types
from forecasting.errors import PlanTooShortError, StepMismatchError
from forecasting.fitted import FittedLoad
from forecasting.options import LEAST_HISTORY_DAYS, ForecastOptions, KnownLoad, sized, whole
from forecasting.past_origins import MOST_ORIGINS, REFIT_BLOCKS, PastOrigins, past_origins
from forecasting.prophet_model import ShapeModel
from forecasting.residuals import Residuals
from forecasting.sampling import ErrorDays

LEAST_FIT_STEP_MIN = 10
"""Finer meters are fitted on coarser means: shapes have no finer detail, and the solver's time grows. [min]"""
FIT_STEP_MIN = 15


def fit_load(
    history: MeterSeries,
    *,
    issued_at: datetime,
    zone: str,
    calendar: Calendar,
    options: ForecastOptions | None = None,
    plan_kw: KnownLoad | None = None,
) -> FittedLoad:
    """Learn a load from what was measured by the time of issue.

    Parameters
    ----------
    history : MeterSeries
        Import of one meter; steps that end after ``issued_at`` are not looked at. [kW]
    issued_at : datetime
        When the forecast is made, zone-aware.
    zone : str
        IANA zone whose wall clock the plant works by.
    calendar : Calendar
        Working days, holidays and make-up working days.
    options : ForecastOptions, optional
        See there.
    plan_kw : KnownLoad, optional
        Load of the planned equipment, used as a regressor. [kW]

    Raises
    ------
    NoUsableDataError, HistoryTooShortError, ConstantLoadError, PlanTooShortError, ForecastFailedError
        See each.
    """
    aware("fit_load", "issued_at", issued_at)
    options = options or ForecastOptions()
    measured = quality.measured_before(history, issued_at, options.history_days, zone)
    clock = WallClock.of(measured.grid, zone)
    slots = clock.slots_of(measured.grid)
    n_days = int(slots.max()) // clock.day_slots + 1
    types = day_types((clock.day(number) for number in range(n_days)), calendar)
    end_slot = int(slots[-1]) + 1
    load_kw = clock.fold(measured.load_kw, slots, n_days * clock.day_slots)
    by_day_kw = load_kw.reshape(n_days, clock.day_slots)
    lent = stand_ins(by_day_kw, types)
    plan_by_slot_kw = None
    if plan_kw is not None:
        known_kw = _plan_in_window(plan_kw, history, measured)
        plan_by_slot_kw = clock.fold(known_kw, slots, load_kw.size)
    shape_types = np.array([lent[kind] for kind in DayType], dtype=np.int64)[types]
    shapes = _fit_shapes(
        measured.meter_id,
        clock=clock,
        load_kw=load_kw,
        types=shape_types,
        plan_kw=plan_by_slot_kw,
        options=options,
    )
    slot_types = np.repeat(shape_types, clock.day_slots)
    residual_kw = _residuals_kw(shapes, clock, load_kw, slot_types, plan_by_slot_kw)
    residuals = Residuals.of(residual_kw[:end_slot], clock.day_slots)
    return FittedLoad(
        measured=measured,
        clock=clock,
        calendar=calendar,
        options=options,
        plan=plan_kw,
        history_grid=history.grid,
        shapes=shapes,
        lent=lent,
        residuals=residuals,
        past=_error_days(history, measured, calendar=calendar, lent=lent, plan_kw=plan_kw, residuals=residuals),
        findings=quality.reasons_degraded(measured, _day_means_kw(by_day_kw), types) + unseen_types(lent),
    )


def forecast_load(
    history: MeterSeries,
    *,
    horizon: TimeGrid,
    issued_at: datetime,
    zone: str,
    calendar: Calendar,
    options: ForecastOptions | None = None,
    plan_kw: KnownLoad | None = None,
) -> LoadForecast:
    """Forecast a load over a horizon from what was measured by the time of issue.

    See ``fit_load`` for the parameters and ``FittedLoad`` to ask one fit more than once.
    """
    if horizon.step_min != history.grid.step_min:
        raise StepMismatchError(history_min=history.grid.step_min, asked_min=horizon.step_min)
    if plan_kw is not None:
        whole("horizon_kw", plan_kw.horizon_kw, horizon.n_steps)
    fitted = fit_load(history, issued_at=issued_at, zone=zone, calendar=calendar, options=options, plan_kw=plan_kw)
    return fitted.forecast(horizon)


def fill_gaps(
    history: MeterSeries, *, zone: str, calendar: Calendar, options: ForecastOptions | None = None
) -> tuple[MeterSeries, tuple[Finding, ...]]:
    """Fill the missing steps of a history with the load usual for the kind of day, and say so.

    The model learns from the newest ``history_days``; a history without holes is given back as it is.
    """
    if not np.isnan(history.import_kw).any():
        return history, ()
    fitted = fit_load(history, issued_at=history.grid.end, zone=zone, calendar=calendar, options=options)
    return fitted.fill_gaps(history)


def _fit_shapes(
    meter_id: str,
    *,
    clock: WallClock,
    load_kw: FloatArray,
    types: DayTypes,
    plan_kw: FloatArray | None,
    options: ForecastOptions,
) -> ShapeModel:
    """Fit on the meter's steps, or on quarter-hour means of finer ones."""
    if clock.step_min < LEAST_FIT_STEP_MIN:
        join = FIT_STEP_MIN // clock.step_min
        clock = replace(clock, step_min=FIT_STEP_MIN)
        coarse = np.arange(load_kw.size, dtype=np.int64) // join
        n_coarse = load_kw.size // join
        load_kw = clock.fold(load_kw, coarse, n_coarse)
        plan_kw = None if plan_kw is None else clock.fold(plan_kw, coarse, n_coarse)
    known = np.isfinite(load_kw) if plan_kw is None else np.isfinite(load_kw) & np.isfinite(plan_kw)
    slots = np.flatnonzero(known)
    return prophet_model.fit_shapes(
        meter_id=meter_id,
        stamps=clock.middles(slots),
        load_kw=load_kw[slots],
        types=np.repeat(types, clock.day_slots)[slots],
        plan_kw=None if plan_kw is None else plan_kw[slots],
        day_slots=clock.day_slots,
        seed=options.seed,
        backend=options.backend,
    )


def _residuals_kw(
    shapes: ShapeModel, clock: WallClock, load_kw: FloatArray, slot_types: DayTypes, plan_kw: FloatArray | None
) -> FloatArray:
    known = np.isfinite(load_kw) if plan_kw is None else np.isfinite(load_kw) & np.isfinite(plan_kw)
    slots = np.flatnonzero(known)
    residual_kw = np.full(load_kw.size, np.nan)
    expected_kw = shapes.expected_kw(
        clock.middles(slots), slot_types[slots], None if plan_kw is None else plan_kw[slots]
    )
    residual_kw[slots] = load_kw[slots] - expected_kw
    return residual_kw


def _plan_in_window(plan_kw: KnownLoad, history: MeterSeries, measured: quality.Measured) -> FloatArray:
    """Cut the plan's load to what is learned from; as many days of it must be known as of the load itself."""
    first = measured.first_step
    known_kw = sized("history_kw", plan_kw.history_kw, history.grid.n_steps)[first : first + measured.grid.n_steps]
    least = round(LEAST_HISTORY_DAYS * 24 / measured.grid.step_h)
    both = int(np.count_nonzero(np.isfinite(known_kw) & np.isfinite(measured.load_kw)))
    if both < least:
        raise PlanTooShortError(field="history_kw", needed=least, given=both)
    return known_kw


def _error_days(
    history: MeterSeries,
    measured: quality.Measured,
    *,
    calendar: Calendar,
    lent: dict[DayType, DayType],
    plan_kw: KnownLoad | None,
    residuals: Residuals,
) -> ErrorDays:
    """Lay out a longer past than was learned from: forecasts made then learned from as much before them."""
    stop = measured.first_step + measured.grid.n_steps
    longer = measured.grid.n_steps + round((MOST_ORIGINS + REFIT_BLOCKS) * 24 / measured.grid.step_h)
    first = max(0, stop - longer)
    grid = history.grid.part(first, stop)
    clock = WallClock.of(grid, measured.zone)
    slots = clock.slots_of(grid)
    end_slot = int(slots[-1]) + 1
    usable = np.asarray(history.quality)[first:stop] == Quality.MEASURED
    load_kw = clock.fold(np.where(usable, history.import_kw[first:stop], np.nan), slots, end_slot)
    types = day_types((clock.day(number) for number in range(-(-end_slot // clock.day_slots))), calendar)
    shape_types = np.array([lent[kind] for kind in DayType], dtype=np.int64)[types]
    known_kw = None if plan_kw is None else clock.fold(plan_kw.history_kw[first:stop], slots, end_slot)

    @cache
    def origins() -> PastOrigins:
        return past_origins(
            load_kw=load_kw,
            slot_types=np.repeat(shape_types, clock.day_slots)[:end_slot],
            plan_kw=known_kw,
            day_slots=clock.day_slots,
            window_blocks=round(measured.grid.n_steps * measured.grid.step_h / 24),
        )

    @cache
    def fitted_kw(lead: int) -> FloatArray:
        blocks_kw = residuals.errors_kw(lead).ravel()
        return np.concatenate((np.full(end_slot - blocks_kw.size, np.nan), blocks_kw))

    return ErrorDays(
        load_kw=load_kw,
        errors_kw=lambda lead: origins().errors_kw(origins().judged_lead(lead)),
        fitted_kw=fitted_kw,
        types=types[: end_slot // clock.day_slots],
        day_slots=clock.day_slots,
    )


def _day_means_kw(by_day_kw: FloatArray) -> FloatArray:
    enough = np.isfinite(by_day_kw).mean(axis=1) >= LEAST_DAY_SHARE
    means_kw = np.full(len(by_day_kw), np.nan)
    means_kw[enough] = np.nanmean(by_day_kw[enough], axis=1)
    return means_kw
