"""Asks forecasters at each origin, with nothing but what was known there, and lays the truth beside.

A forecaster is handed the readings that had ended *and* arrived by the issue; the rest of the series
never reaches it. What one refuses is kept as a refusal of that origin.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from datetime import datetime

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.metering import LoadForecast, MeterSeries
from domain.noun import noun
from domain.time import TimeGrid, said_at
from forecasting.backtest.errors import UnfitAnswerError
from forecasting.backtest.forecasters import WEEK_DAYS, measured_kw
from forecasting.backtest.origins import Instants, Origin, known_by
from forecasting.clock import WallClock
from forecasting.errors import ForecastFailedError, ForecastRefusedError, NoUsableDataError, StepMismatchError

Forecaster = Callable[[MeterSeries, datetime, TimeGrid], LoadForecast]
Listener = Callable[[int, int], None]
"""Is told how many questions are answered, of how many."""


@noun(eq=False)
class Answer:
    """What a forecaster said at an origin, or why it said nothing."""

    forecast: LoadForecast | None
    refusal: WattplanError | None = None


@noun(eq=False)
class Backtest:
    """All origins of a meter with what was said and what came.

    Invariants: every tuple is as long as ``origins``.
    """

    meter_id: str
    zone: str
    """IANA zone whose days and hours count."""
    origins: tuple[Origin, ...]
    actual_kw: tuple[FloatArray, ...]
    """What was measured over each horizon, NaN where nothing was. [kW]"""
    scale_kw: FloatArray
    """Mean in-sample error of the same time last week, as known at each issue, shape (n_origins,). [kW]"""
    answers: dict[str, tuple[Answer, ...]]
    """By forecaster."""

    def is_scored(self, place: int) -> bool:
        """Say whether all forecasters have answered an origin and something was measured there."""
        everybody = all(said[place].forecast is not None for said in self.answers.values())
        return everybody and bool(np.isfinite(self.actual_kw[place]).any())

    @property
    def scored(self) -> tuple[int, ...]:
        """Origins that count: all forecasters are judged on the same ones."""
        return tuple(place for place in range(len(self.origins)) if self.is_scored(place))

    def refusals(self, name: str) -> tuple[WattplanError, ...]:
        """Give what a forecaster refused."""
        return tuple(one.refusal for one in self.answers[name] if one.refusal is not None)


def _silent(_done: int, _total: int) -> None:
    """Listen to nothing."""


def run_backtest(
    meter: MeterSeries,
    origins: Sequence[Origin],
    forecasters: Mapping[str, Forecaster],
    *,
    zone: str,
    available_at: Instants | None = None,
    executor: Executor | None = None,
    listener: Listener = _silent,
) -> Backtest:
    """Ask every forecaster at every origin.

    Parameters
    ----------
    meter : MeterSeries
        All that was metered; each origin sees only what was known there. [kW]
    origins : sequence of Origin
        See ``rolling_origins``.
    forecasters : mapping
        By name. With an executor of processes they must be picklable.
    zone : str
        IANA zone whose days and hours the scores count by.
    available_at : Instants, optional
        When each step's reading arrived; see ``known_by``.
    executor : Executor, optional
        Where the forecasters run; here, without one. The answers are the same.
    listener : callable, optional
        Told of progress.

    Raises
    ------
    UnfitAnswerError
        If a forecaster answers another question, or rests on what it cannot have known.
    """
    checks.not_empty("run_backtest", "origins", origins)
    checks.not_empty("run_backtest", "forecasters", tuple(forecasters))
    for origin in origins:
        if origin.horizon.step_min != meter.grid.step_min:
            raise StepMismatchError(history_min=meter.grid.step_min, asked_min=origin.horizon.step_min)
    total = len(origins) * len(forecasters)
    known = [known_by(meter, origin.issued_at, available_at) for origin in origins]
    questions = [
        (name, forecaster, seen, origin)
        for name, forecaster in forecasters.items()
        for seen, origin in zip(known, origins, strict=True)
    ]
    said: list[Answer] = []
    if executor is None:
        for name, forecaster, seen, origin in questions:
            said.append(ask(name, forecaster, seen, origin, meter_id=meter.meter_id, zone=zone))
            listener(len(said), total)
    else:
        waiting: list[Future[Answer]] = [
            executor.submit(ask, name, forecaster, seen, origin, meter_id=meter.meter_id, zone=zone)
            for name, forecaster, seen, origin in questions
        ]
        for one in waiting:
            said.append(one.result())
            listener(len(said), total)
    n_origins = len(origins)
    return Backtest(
        meter_id=meter.meter_id,
        zone=zone,
        origins=tuple(origins),
        actual_kw=tuple(actual_over(meter, origin.horizon) for origin in origins),
        scale_kw=np.array([seasonal_scale_kw(seen, zone) for seen in known]),
        answers={
            name: tuple(said[place * n_origins : (place + 1) * n_origins]) for place, name in enumerate(forecasters)
        },
    )


def ask(
    name: str, forecaster: Forecaster, seen: MeterSeries | None, origin: Origin, *, meter_id: str, zone: str
) -> Answer:
    """Ask one forecaster at one origin; keep what it refuses, let its faults through."""
    if seen is None:
        return Answer(
            forecast=None, refusal=NoUsableDataError(meter_id=meter_id, issued_at=said_at(origin.issued_at, zone))
        )
    try:
        forecast = forecaster(seen, origin.issued_at, origin.horizon)
    except (ForecastRefusedError, ForecastFailedError) as refusal:
        return Answer(forecast=None, refusal=refusal)
    unfit = {
        "grid.start": (forecast.grid.start, forecast.grid == origin.horizon),
        "issued_at": (forecast.issued_at, forecast.issued_at == origin.issued_at),
        "data_until": (forecast.data_until, forecast.data_until <= origin.issued_at),
    }
    for field, (value, is_right) in unfit.items():
        if not is_right:
            raise UnfitAnswerError(
                name=name, issued_at=said_at(origin.issued_at, zone), field=field, value=said_at(value, zone)
            )
    return Answer(forecast=forecast)


def actual_over(meter: MeterSeries, horizon: TimeGrid) -> FloatArray:
    """Give what was measured over a horizon, NaN outside the meter's grid and where nothing was. [kW]."""
    first = meter.grid.edge_of(horizon.start)
    steps = np.arange(first, first + horizon.n_steps)
    inside = (steps >= 0) & (steps < meter.grid.n_steps)
    return np.where(inside, measured_kw(meter)[np.clip(steps, 0, meter.grid.n_steps - 1)], np.nan)


def seasonal_scale_kw(seen: MeterSeries | None, zone: str) -> float:
    """Give the mean absolute weekly difference of the known history, on the wall clock; NaN where none. [kW].

    It is the denominator of MASE with a season of one week.
    """
    if seen is None:
        return float("nan")
    clock = WallClock.of(seen.grid, zone)
    slots = clock.slots_of(seen.grid)
    ladder_kw = clock.fold(measured_kw(seen), slots, int(slots.max()) + 1)
    week = WEEK_DAYS * clock.day_slots
    sizes_kw = np.abs(ladder_kw[week:] - ladder_kw[:-week])
    known_kw = sizes_kw[np.isfinite(sizes_kw)]
    return float(known_kw.mean()) if known_kw.size else float("nan")
