"""Replaying a schedule: what its runs and changeovers occupy, draw and move, worked out from the nouns alone.

Nothing here is shared with the expansion that the model is built from, so that a slip in either
shows as a difference. All instants are taken to UTC first: subtracting two times of one zone would
count hours on the wall clock, which is wrong on the days that change it.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.plant import (
    Changeover,
    ChangeoverRun,
    Flow,
    Interval,
    PowerPhase,
    ProductionPlan,
    Pv,
    Run,
    Schedule,
    Task,
    UtilityUse,
)
from domain.time import TimeGrid, zone_of

MINUTE = timedelta(minutes=1)
DAY_MIN = 1440
HOUR_MIN = 60
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@noun
class PlacedRun:
    """A run on the grid: the steps ``first`` … ``stop`` (exclusive) are its own, begun ones whole.

    What it takes is that of the way in which it is done: the mode's, or else the task's.
    """

    task: Task
    mode_id: str | None
    lot_share: float
    """[-]"""
    machine_ids: tuple[str, ...]
    phases: tuple[PowerPhase, ...]
    flows: tuple[Flow, ...]
    utilities: tuple[UtilityUse, ...]
    crew_count: float
    """[-]"""
    start_cost: float
    """[currency]"""
    start: datetime
    """UTC."""
    end: datetime
    """UTC, to the minute."""
    first: int
    """May lie before the grid."""
    stop: int
    """May lie after the grid."""

    def steps(self, n_steps: int) -> range:
        """Give the occupied steps that lie on the grid."""
        return range(max(0, self.first), min(n_steps, self.stop))


@noun
class PlacedChange:
    """A changeover on the grid, in the steps ``first`` … ``stop`` (exclusive), begun ones whole."""

    changeover: Changeover
    start: datetime
    """UTC."""
    first: int
    stop: int

    def steps(self, n_steps: int) -> range:
        """Give the occupied steps that lie on the grid."""
        return range(max(0, self.first), min(n_steps, self.stop))


@noun(eq=False)
class Replay:
    """A readable schedule with its runs and changeovers on the grid."""

    schedule: Schedule
    plan: ProductionPlan
    runs: tuple[PlacedRun, ...]
    changes: tuple[PlacedChange, ...]

    @property
    def grid(self) -> TimeGrid:
        """The schedule's grid."""
        return self.schedule.grid

    @property
    def n_steps(self) -> int:
        """How many steps. [-]."""
        return self.schedule.grid.n_steps

    def say(self, instant: datetime) -> str:
        """Write an instant as people of the plant read it."""
        return instant.astimezone(zone_of(self.plan.zone)).isoformat()

    def say_step(self, step: int) -> str:
        """Write the start of a step as people of the plant read it."""
        return self.say(self.grid.at(step))


def replay_of(schedule: Schedule, plan: ProductionPlan) -> Replay:
    """Put a schedule's runs and changeovers on its grid; all names must be known to the plan."""
    return Replay(
        schedule=schedule,
        plan=plan,
        runs=place_runs(schedule.runs, plan, schedule.grid),
        changes=_place_changes(schedule.changeovers, plan, schedule.grid),
    )


def place_runs(runs: Sequence[Run], plan: ProductionPlan, grid: TimeGrid) -> tuple[PlacedRun, ...]:
    """Put each run of a known task on the grid; one that starts inside a step counts from its start."""
    tasks = {task.task_id: task for task in plan.tasks}
    return tuple(_placed(run, tasks[run.task_id], grid) for run in runs)


def _placed(run: Run, task: Task, grid: TimeGrid) -> PlacedRun:
    mode = next((one for one in task.modes if one.mode_id == run.mode_id), None)
    machine_ids, phases = (task.machine_ids, task.phases) if mode is None else (mode.machine_ids, mode.phases)
    start = run.start.astimezone(UTC)
    duration_min = sum(phase.duration_min for phase in phases)
    first = math.floor(minutes_after(start, grid) / grid.step_min)
    return PlacedRun(
        task=task,
        mode_id=run.mode_id,
        lot_share=run.lot_share,
        machine_ids=machine_ids,
        phases=phases,
        flows=task.flows if mode is None or mode.flows is None else mode.flows,
        utilities=task.utilities if mode is None or mode.utilities is None else mode.utilities,
        crew_count=task.crew_count if mode is None or mode.crew_count is None else mode.crew_count,
        start_cost=task.start_cost if mode is None or mode.start_cost is None else mode.start_cost,
        start=start,
        end=start + duration_min * MINUTE,
        first=first,
        stop=first + math.ceil(duration_min / grid.step_min),
    )


def _place_changes(changes: Sequence[ChangeoverRun], plan: ProductionPlan, grid: TimeGrid) -> tuple[PlacedChange, ...]:
    known = {(one.machine_id, one.from_family, one.to_family): one for one in plan.changeovers}
    placed = []
    for change in changes:
        changeover = known[change.machine_id, change.from_family, change.to_family]
        start = change.start.astimezone(UTC)
        first = math.floor(minutes_after(start, grid) / grid.step_min)
        stop = first + math.ceil(changeover.duration_min / grid.step_min)
        placed.append(PlacedChange(changeover=changeover, start=start, first=first, stop=stop))
    return tuple(placed)


def minutes_after(instant: datetime, grid: TimeGrid) -> float:
    """Give how long after the grid's start an instant lies. [min]."""
    return (instant.astimezone(UTC) - grid.start) / MINUTE


def run_kw(phases: Sequence[PowerPhase], step_min: int) -> FloatArray:
    """Give a full run's mean power in each step it occupies, from its energy so far at each edge. [kW]."""
    phase_edges_min = np.cumsum([0, *(phase.duration_min for phase in phases)])
    so_far_kwh = np.cumsum([0.0, *(phase.power_kw * phase.duration_min / HOUR_MIN for phase in phases)])
    step_edges_min = np.arange(math.ceil(phase_edges_min[-1] / step_min) + 1) * step_min
    energy_kwh = np.diff(np.interp(step_edges_min, phase_edges_min, so_far_kwh))
    return np.asarray(energy_kwh * HOUR_MIN / step_min, dtype=np.float64)


def runs_kw(replay: Replay) -> FloatArray:
    """Give the power of all runs in each step, shape (n_steps,). [kW]."""
    total_kw = np.zeros(replay.n_steps)
    for run in replay.runs:
        power_kw = run_kw(run.phases, replay.grid.step_min)
        for step in run.steps(replay.n_steps):
            total_kw[step] += run.lot_share * power_kw[step - run.first]
    return total_kw


def changes_kw(replay: Replay) -> FloatArray:
    """Give the power of all changeovers in each step, shape (n_steps,). [kW]."""
    total_kw = np.zeros(replay.n_steps)
    for change in replay.changes:
        energy_kwh = change.changeover.power_kw * change.changeover.duration_min / HOUR_MIN
        hours = (change.stop - change.first) * replay.grid.step_min / HOUR_MIN
        for step in change.steps(replay.n_steps):
            total_kw[step] += energy_kwh / hours
    return total_kw


def touched(start: datetime, end: datetime, grid: TimeGrid) -> BoolArray:
    """Say which steps a span touches."""
    starts_min = np.arange(grid.n_steps) * grid.step_min
    found: BoolArray = (starts_min < minutes_after(end, grid)) & (
        starts_min + grid.step_min > minutes_after(start, grid)
    )
    return found


def covered(spans: Sequence[Interval], grid: TimeGrid) -> BoolArray:
    """Say which steps lie wholly within spans, several of which may share a step between them."""
    joined: list[tuple[float, float]] = []
    for begin, end in sorted((minutes_after(one.start, grid), minutes_after(one.end, grid)) for one in spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    starts_min = np.arange(grid.n_steps) * grid.step_min
    inside = np.zeros(grid.n_steps, dtype=np.bool_)
    for begin, end in joined:
        inside |= (starts_min >= begin) & (starts_min + grid.step_min <= end)
    return inside


def of_local_day(values: Sequence[float], grid: TimeGrid, zone: str) -> FloatArray:
    """Give equal parts of a local day by step: the mean over its minutes on the local clock."""
    minutely = TimeGrid(start=grid.start, step_min=1, n_steps=grid.n_steps * grid.step_min).local_starts(zone)
    part = np.asarray(minutely.hour * HOUR_MIN + minutely.minute) // (DAY_MIN // len(values))
    by_minute = np.asarray(values, dtype=np.float64)[part]
    return np.asarray(by_minute.reshape(grid.n_steps, grid.step_min).mean(axis=1), dtype=np.float64)


def pv_ready_kw(pv: Pv, grid: TimeGrid, zone: str) -> FloatArray:
    """Give the expected PV power of each step. [kW]."""
    return of_local_day(pv.daily_kw, grid, zone)


def hard_window(task: Task, plan: ProductionPlan, grid: TimeGrid) -> tuple[datetime, datetime]:
    """Give the first instant a run may start and the last at which it must have ended, UTC."""
    order = next((one for one in plan.orders if one.order_id == task.order_id), None)
    opens = [plan.start, grid.start, task.earliest, order.release if order else None]
    closes = [plan.end, grid.end, task.latest_end]
    if order is not None and order.lateness_cost_per_h is None:
        closes.append(order.due)
    return (
        max(at.astimezone(UTC) for at in opens if at is not None),
        min(at.astimezone(UTC) for at in closes if at is not None),
    )
