"""A load that has been learned, ready to be asked."""

from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.metering import LoadForecast, MeterSeries, Quality
from domain.noun import noun
from domain.text import Text
from domain.time import Calendar, TimeGrid, said_at
from forecasting import prophet_model, sampling
from forecasting.clock import IntArray, WallClock
from forecasting.design import DayType, DayTypes, day_types
from forecasting.errors import HorizonInPastError, StepMismatchError
from forecasting.horizon import calibrated_horizon
from forecasting.options import ForecastOptions, KnownLoad, whole
from forecasting.prophet_model import ShapeModel
from forecasting.quality import Measured
from forecasting.residuals import Residuals, leads_of

FILLED = FindingKind(
    code="history_filled",
    severity=Severity.INFO,
    words=Text(
        en="{count} missing values between {first} and {last} were filled with the load usual for the kind of day.",
        zh="{first} 至 {last} 之间的 {count} 个缺失值已按同类日的通常负荷补全。",
    ),
)


@noun(eq=False)
class FittedLoad:
    """A load that has been learned: asked for as many horizons and fills as one likes, fitted once."""

    measured: Measured
    clock: WallClock
    calendar: Calendar
    options: ForecastOptions
    plan: KnownLoad | None
    history_grid: TimeGrid
    """Grid of the history as given; the plan's history lies on it."""
    shapes: ShapeModel
    lent: dict[DayType, DayType]
    """Which kind of day lends its shape to which."""
    residuals: Residuals
    past: sampling.ErrorDays
    findings: tuple[Finding, ...]
    """Why the forecast deserves less trust."""

    @property
    def end_slot(self) -> int:
        """Slot at which the measured history ends. [-]."""
        return int(self.clock.slots_of(self.measured.grid)[-1]) + 1

    def forecast(self, horizon: TimeGrid) -> LoadForecast:
        """Give quantiles and courses of the load over a horizon at or after the time of issue.

        Raises
        ------
        StepMismatchError, HorizonInPastError, PlanTooShortError
            See each.
        """
        issued_at = self.measured.issued_at
        self._same_step(horizon)
        if horizon.start < issued_at:
            raise HorizonInPastError(
                start=said_at(horizon.start, self.clock.zone), issued_at=said_at(issued_at, self.clock.zone)
            )
        plan_kw = None if self.plan is None else whole("horizon_kw", self.plan.horizon_kw, horizon.n_steps)
        slots = self.clock.slots_of(horizon)
        types = self._types_of(slots)
        leads = np.maximum(leads_of(slots, self.end_slot, self.clock.day_slots), 1)
        mean_kw = self._shape_kw(slots, types, plan_kw) + self._corrections_kw(slots, leads)
        found = calibrated_horizon(
            self.past,
            days=sampling.days_asked(slots, types, leads, self.clock.day_slots),
            dates=[self.clock.day(int(number)) for number in dict.fromkeys(slots // self.clock.day_slots)],
            mean_kw=mean_kw,
            options=self.options,
            floored=self.measured.lowest_kw >= 0,
        )
        days = [local.day for local in horizon.local_days(self.clock.zone)]
        return LoadForecast(
            grid=horizon,
            quantile_levels=self.options.quantile_levels,
            quantiles_kw=found.quantiles_kw,
            samples_kw=found.samples_kw,
            issued_at=issued_at,
            data_until=self.measured.grid.end,
            model=f"{self.shapes.recipe}; residual correction by lead; adaptive conformal on rolling refits",
            versions=prophet_model.versions(),
            seed=self.options.seed,
            degraded_reasons=self.findings + found.findings + self.calendar.unknown_years(days),
            peaks=found.peaks,
        )

    def expected_kw(self, grid: TimeGrid) -> FloatArray:
        """Give the load usual at each step of any grid, past or future, shape ``(n_steps,)``. [kW].

        It is the fitted shape of the kind of day plus the usual residual; no newest residuals.
        With a plan, the grid must lie within the history's.
        """
        self._same_step(grid)
        slots = self.clock.slots_of(grid)
        types = self._types_of(slots)
        plan_kw = None if self.plan is None else self._history_plan_kw(grid)
        usual_kw = sampling.usual_errors_kw(self.past.by_day(self.past.fitted_kw(0)), slots, types, self.past.types)
        return self._floored(self._shape_kw(slots, types, plan_kw) + usual_kw)

    def fill_gaps(self, history: MeterSeries) -> tuple[MeterSeries, tuple[Finding, ...]]:
        """Fill the missing steps of a history with the load usual there, and say so."""
        missing = np.flatnonzero(np.isnan(history.import_kw))
        if missing.size == 0 or history.quality is None:
            return history, ()
        first, last = int(missing[0]), int(missing[-1])
        usual_kw = self.expected_kw(history.grid.part(first, last + 1))
        import_kw, marks = history.import_kw.copy(), history.quality.copy()
        import_kw[missing] = usual_kw[missing - first]
        marks[missing] = Quality.FILLED
        found = FILLED.at(
            count=int(missing.size),
            first=said_at(history.grid.at(first), self.clock.zone),
            last=said_at(history.grid.at(last + 1), self.clock.zone),
        )
        return replace(history, import_kw=import_kw, quality=marks), (found,)

    def _shape_kw(self, slots: IntArray, types: DayTypes, plan_kw: FloatArray | None) -> FloatArray:
        shape_types = np.array([self.lent[kind] for kind in DayType], dtype=np.int64)[types]
        return self.shapes.expected_kw(self.clock.middles(slots), shape_types, plan_kw)

    def _corrections_kw(self, slots: IntArray, leads: IntArray) -> FloatArray:
        places = (slots - self.end_slot) % self.clock.day_slots
        corrections_kw = np.empty(slots.size)
        for lead in np.unique(leads):
            here = leads == lead
            corrections_kw[here] = self.residuals.corrections_kw(int(lead))[-1][places[here]]
        return corrections_kw

    def _types_of(self, slots: IntArray) -> DayTypes:
        numbers, where = np.unique(slots // self.clock.day_slots, return_inverse=True)
        return day_types((self.clock.day(int(number)) for number in numbers), self.calendar)[where]

    def _floored(self, load_kw: FloatArray) -> FloatArray:
        return np.maximum(load_kw, 0.0) if self.measured.lowest_kw >= 0 else load_kw

    def _same_step(self, grid: TimeGrid) -> None:
        if grid.step_min != self.measured.grid.step_min:
            raise StepMismatchError(history_min=self.measured.grid.step_min, asked_min=grid.step_min)

    def _history_plan_kw(self, grid: TimeGrid) -> FloatArray:
        assert self.plan is not None  # noqa: S101 -- only asked for with a plan
        first = self.history_grid.edge_of(grid.start)
        return whole("history_kw", self.plan.history_kw[max(first, 0) : first + grid.n_steps], grid.n_steps)
