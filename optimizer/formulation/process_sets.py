"""Processes on the steps of a horizon: when each may run, must run, how fast, and what its quotas ask.

Every branch on data is taken here, so that the equations of ``processes`` read like their formulas.
"""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Interval, PlannedRate, Process, Quota
from domain.plant.expand import machine_available
from domain.text import Text
from domain.time import TimeGrid
from optimizer.formulation.emissions import co2_cost_per_kg

BoolArray = npt.NDArray[np.bool_]
SLACK = 1e-9
"""Rates this close are one. [unit / h]"""


class ProcessSpanOffGridError(WattplanError, ValueError):
    """A quota or a planned rate of a process does not begin and end on steps of the horizon."""

    code = "process_span_off_grid"
    words = Text(
        en="Process {process_id}, {field} from {start} to {end}: both must lie on {step_min}-minute steps. "
        "Move them onto the steps.",
        zh="连续设备 {process_id} 的 {field}（{start} 至 {end}）：起止必须落在 {step_min} 分钟步长刻度上。请对齐到刻度。",
    )


class ProcessRateBeforeError(WattplanError, ValueError):
    """A process with ramp limits ran before the horizon at a rate that it cannot run at."""

    code = "process_rate_before"
    words = Text(
        en="Process {process_id} was on before the horizon at {rate:g} {unit}/h, but on it runs at {least:g} … {most:g} "
        "and its ramp limits start from there. Give before.rate as it was, or say that it was off.",
        zh="连续设备 {process_id} 在计划期前以 {rate:g} {unit}/h 运行，但其运行范围为 {least:g} … {most:g}，"
        "爬坡限制须以此为起点。请按实际填写 before.rate，或说明其为停运。",
    )


@noun(eq=False)
class QuotaSteps:
    """A quota in steps ``first`` … ``stop`` (exclusive): the part of its span within the horizon."""

    quota: Quota
    first: int
    stop: int

    @property
    def is_priced(self) -> bool:
        """Whether falling short is allowed and costs something."""
        return bool(self.quota.shortfall_cost_per_unit)

    @property
    def binds(self) -> bool:
        """Whether falling short is forbidden or costs something."""
        return self.quota.least > 0 and self.quota.shortfall_cost_per_unit != 0


@noun(eq=False)
class ProcessSteps:
    """One process on the steps; arrays have shape (n_steps,)."""

    process: Process
    may_run: BoolArray
    """Where it may be on."""
    must_run: BoolArray
    """Where it must be: what it has begun, or what may not be moved."""
    planned_rate: FloatArray
    """How people run it today; 0: off. [unit / h]"""
    on_cost_per_h: FloatArray
    """What an hour on costs, whatever the rate: people, no-load fuel, emissions. [currency / h]"""
    unit_cost: float
    """What a unit of throughput costs: fuel, wear, emissions. [currency / unit]"""
    quotas: dict[int, QuotaSteps]
    """By number in the plan; those that touch the horizon."""
    days: tuple[range, ...]
    """The steps of each local day."""
    step_h: float
    """[h]"""
    n_run_steps: int
    """[-]"""
    n_pause_steps: int
    """[-]"""

    @property
    def is_switched(self) -> bool:
        """Whether being on is a decision of its own."""
        return self.process.is_switched

    @property
    def least(self) -> float:
        """Least rate while on. [unit / h]."""
        return self.process.min_rate

    @property
    def most(self) -> float:
        """Greatest rate. [unit / h]."""
        return self.process.max_rate

    @property
    def rise(self) -> float | None:
        """Greatest rise from one step to the next while on; None: it never binds. [unit / h]."""
        return self._ramp(self.process.max_rise_per_h)

    @property
    def fall(self) -> float | None:
        """Greatest fall from one step to the next while on; None: it never binds. [unit / h]."""
        return self._ramp(self.process.max_fall_per_h)

    def _ramp(self, per_h: float | None) -> float | None:
        if per_h is None or self.least == self.most or per_h * self.step_h >= self.most:
            return None
        return per_h * self.step_h

    @property
    def start_most(self) -> float:
        """Greatest rate of the step in which it starts. [unit / h]."""
        return self.most if self.rise is None else max(self.least, self.rise)

    @property
    def stop_most(self) -> float:
        """Greatest rate of the last step before it stops. [unit / h]."""
        return self.most if self.fall is None else max(self.least, self.fall)

    @property
    def counts_starts(self) -> bool:
        """Whether the model must know in which steps it starts and stops."""
        one = self.process
        return self.is_switched and bool(
            self.n_run_steps > 1
            or self.n_pause_steps > 1
            or one.start_cost
            or one.start_kwh
            or one.max_starts_count is not None
            or self.rise is not None
            or self.fall is not None
        )

    @property
    def was_on(self) -> bool:
        """Whether it was on in the last step before the horizon."""
        return self.process.before.is_on

    @property
    def rate_before(self) -> float:
        """Its rate in the last step before the horizon. [unit / h]."""
        return self.process.before.rate if self.was_on else 0.0

    @property
    def rate_limits(self) -> tuple[FloatArray, FloatArray]:
        """Least and greatest rate in each step, being off included. [unit / h]."""
        if not self.process.movable:
            return self.planned_rate, self.planned_rate
        least = np.where(self.must_run & self.is_switched, self.least, 0.0)
        return least, np.where(self.may_run, self.most, 0.0)


def process_steps(problem: ResponseProblem, wages: FloatArray) -> dict[str, ProcessSteps]:
    """Give the plan's processes on the steps of its horizon.

    Parameters
    ----------
    problem : ResponseProblem
        Plan, horizon and site.
    wages : FloatArray
        Cost of a person-hour in each step, NaN where no crew is there, shape (n_steps,). [currency / h]

    Raises
    ------
    ProcessSpanOffGridError
        If a quota or a planned rate begins or ends within a step.
    ProcessRateBeforeError
        If ramp limits start from a rate that the process cannot run at.
    """
    return {one.process_id: _on_steps(one, problem, wages) for one in problem.plan.processes}


def _on_steps(process: Process, problem: ResponseProblem, wages: FloatArray) -> ProcessSteps:
    grid = problem.horizon
    _refuse_rate_before(process)
    planned = _planned_rate(process, grid)
    quotas = _quota_steps(process, grid)
    may_run = _allowed(process, problem, wages)
    must_run = np.zeros(grid.n_steps, dtype=bool)
    if not process.movable:
        may_run = must_run = planned > 0
    else:
        begun = _steps_left(process, grid.step_min)
        if process.before.is_on:
            must_run[:begun] = True
            must_run[0] |= _cannot_stop(process, grid.step_h)
        else:
            may_run[:begun] = False
        runs_out = process.before.is_on and process.max_fall_per_h is not None
        if not (_has_worth(process, quotas) or runs_out or problem.site.safety_load_kw):
            may_run = must_run.copy()
    co2 = co2_cost_per_kg(problem)
    people = process.crew_count * np.nan_to_num(wages)
    return ProcessSteps(
        process=process,
        may_run=may_run,
        must_run=must_run,
        planned_rate=planned,
        on_cost_per_h=np.asarray(people + process.cost_per_h + process.co2_kg_per_h * co2, dtype=np.float64),
        unit_cost=process.cost_per_unit + process.co2_kg_per_unit * co2,
        quotas=quotas,
        days=tuple(range(day.first, day.stop) for day in grid.local_days(problem.plan.zone)),
        step_h=grid.step_h,
        n_run_steps=max(1, -(-process.min_run_min // grid.step_min)),
        n_pause_steps=max(1, -(-process.min_pause_min // grid.step_min)),
    )


def _refuse_rate_before(process: Process) -> None:
    before = process.before
    ramps = process.max_rise_per_h is not None or process.max_fall_per_h is not None
    inside = process.min_rate - SLACK <= before.rate <= process.max_rate + SLACK
    if before.is_on and ramps and not inside:
        raise ProcessRateBeforeError(
            process_id=process.process_id,
            rate=before.rate,
            unit=process.unit,
            least=process.min_rate,
            most=process.max_rate,
        )


def _has_worth(process: Process, quotas: dict[int, QuotaSteps]) -> bool:
    """Say whether being on could serve anything; a process that serves nothing stays off."""
    return bool(
        any(one.binds for one in quotas.values())
        or process.flows
        or process.kwh_per_unit < 0
        or process.cost_per_unit < 0
        or process.cost_per_h < 0
        or any(use.quantity < 0 or use.quantity_per_rate < 0 for use in process.utilities)
    )


def _steps_left(process: Process, step_min: int) -> int:
    """Give for how many steps the state before the horizon must still last. [-]."""
    before = process.before
    if before.since_min is None:
        return 0
    needed_min = process.min_run_min if before.is_on else process.min_pause_min
    return max(0, -(-(needed_min - before.since_min) // step_min))


def _cannot_stop(process: Process, step_h: float) -> bool:
    """Say whether a process runs too fast before the horizon to stop with its first step."""
    fall = process.max_fall_per_h
    return fall is not None and process.before.rate > max(process.min_rate, fall * step_h) + SLACK


def _allowed(process: Process, problem: ResponseProblem, wages: FloatArray) -> BoolArray:
    """Say where hours, outages, machines and crews let a process run."""
    grid = problem.horizon
    allowed = np.ones(grid.n_steps, dtype=bool)
    if process.hours:
        allowed[:] = False
        for first, stop in (_inner(start, end, grid) for start, end in _joined(process.hours)):
            allowed[first:stop] = True
    for outage in process.outages:
        first, stop = grid.step_of(outage.start), -((grid.start - outage.end) // grid.step)
        allowed[max(0, first) : max(0, stop)] = False
    for machine_id in process.machine_ids:
        allowed &= machine_available(problem.plan, machine_id, grid) > 0
    if process.crew_count > 0:
        allowed &= ~np.isnan(wages)
    return allowed


def _joined(spans: Iterable[Interval]) -> list[tuple[datetime, datetime]]:
    """Join spans that touch or overlap."""
    found: list[tuple[datetime, datetime]] = []
    for one in sorted(spans, key=lambda span: span.start):
        if found and one.start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], one.end))
        else:
            found.append((one.start, one.end))
    return found


def _inner(start: datetime, end: datetime, grid: TimeGrid) -> tuple[int, int]:
    """Give the steps that lie wholly within a span."""
    first, stop = -((grid.start - start) // grid.step), (end - grid.start) // grid.step
    return max(0, first), max(0, stop)


def _edges(span: Quota | PlannedRate, process: Process, field: str, grid: TimeGrid) -> tuple[int, int] | None:
    """Give the steps of a span within the horizon; None where it lies outside."""
    if span.end <= grid.start or span.start >= grid.end:
        return None
    edges = [divmod(at - grid.start, grid.step) for at in (span.start, span.end)]
    if any(rest for _, rest in edges):
        raise ProcessSpanOffGridError(
            process_id=process.process_id,
            field=field,
            start=span.start.isoformat(),
            end=span.end.isoformat(),
            step_min=grid.step_min,
        )
    return max(0, edges[0][0]), min(grid.n_steps, edges[1][0])


def _planned_rate(process: Process, grid: TimeGrid) -> FloatArray:
    planned = np.zeros(grid.n_steps)
    for one in process.planned:
        edges = _edges(one, process, "planned", grid)
        if edges is not None:
            planned[slice(*edges)] = one.rate
    return planned


def _quota_steps(process: Process, grid: TimeGrid) -> dict[int, QuotaSteps]:
    found = {}
    for number, quota in enumerate(process.quotas):
        edges = _edges(quota, process, "quotas", grid)
        if edges is not None:
            found[number] = QuotaSteps(quota=quota, first=edges[0], stop=edges[1])
    return found
