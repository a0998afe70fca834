"""Replaying a schedule: what its runs occupy, draw and move, worked out from the nouns alone.

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
from domain.plant import Machine, ProductionPlan, Pv, Run, Shift, Store, Task
from domain.time import Calendar, TimeGrid, zone_of

MINUTE = timedelta(minutes=1)
DAY_MIN = 1440
IntArray = npt.NDArray[np.int64]


@noun
class PlacedRun:
    """A run on the grid: the steps ``first`` … ``stop`` (exclusive) are its own, begun ones whole."""

    task: Task
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


def place_runs(runs: Sequence[Run], plan: ProductionPlan, grid: TimeGrid) -> tuple[PlacedRun, ...]:
    """Put each run of a known task on the grid; one that starts inside a step counts from its start."""
    tasks = {task.task_id: task for task in plan.tasks}
    placed = []
    for run in runs:
        task = tasks[run.task_id]
        start = run.start.astimezone(UTC)
        first = math.floor(minutes_after(start, grid) / grid.step_min)
        stop = first + math.ceil(task.duration_min / grid.step_min)
        placed.append(PlacedRun(task=task, start=start, end=start + task.duration, first=first, stop=stop))
    return tuple(placed)


def minutes_after(instant: datetime, grid: TimeGrid) -> float:
    """Give how long after the grid's start an instant lies. [min]."""
    return (instant.astimezone(UTC) - grid.start) / MINUTE


def run_kw(task: Task, step_min: int) -> FloatArray:
    """Give a run's mean power in each step it occupies, from its energy so far at each edge. [kW]."""
    phase_edges_min = np.cumsum([0, *(phase.duration_min for phase in task.phases)])
    so_far_kwh = np.cumsum([0.0, *(phase.power_kw * phase.duration_min / 60 for phase in task.phases)])
    step_edges_min = np.arange(math.ceil(task.duration_min / step_min) + 1) * step_min
    energy_kwh = np.diff(np.interp(step_edges_min, phase_edges_min, so_far_kwh))
    return np.asarray(energy_kwh * 60 / step_min, dtype=np.float64)


def runs_kw(placed: Sequence[PlacedRun], grid: TimeGrid) -> FloatArray:
    """Give the power of all runs in each step, shape (n_steps,). [kW]."""
    total_kw = np.zeros(grid.n_steps)
    for run in placed:
        power_kw = run_kw(run.task, grid.step_min)
        for step in run.steps(grid.n_steps):
            total_kw[step] += power_kw[step - run.first]
    return total_kw


def machines_taken(placed: Sequence[PlacedRun], machine_id: str, grid: TimeGrid) -> IntArray:
    """Give how many of a machine are occupied in each step."""
    taken = np.zeros(grid.n_steps, dtype=np.int64)
    for run in placed:
        if machine_id in run.task.machine_ids:
            steps = run.steps(grid.n_steps)
            taken[steps.start : max(steps.start, steps.stop)] += 1
    return taken


def machines_ready(machine: Machine, grid: TimeGrid) -> IntArray:
    """Give how many of a machine may run in each step: none where an outage touches it."""
    starts_min = np.arange(grid.n_steps) * grid.step_min
    ready = np.full(grid.n_steps, machine.count, dtype=np.int64)
    for outage in machine.outages:
        touched = (starts_min < minutes_after(outage.end, grid)) & (
            starts_min + grid.step_min > minutes_after(outage.start, grid)
        )
        ready[touched] = 0
    return ready


@noun(eq=False)
class Crews:
    """Who is there in each step."""

    n_shifts: IntArray
    """How many shifts claim the step; 1 everywhere where the plan has no shifts."""
    wage_per_h: FloatArray
    """Wage of the shift that is there; 0 where nobody is. [currency / h]"""


def crews_of(plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> Crews:
    """Find the crew of each step: the shift that is there in the step's last moment.

    Shifts that begin or end inside a step thus hand it over whole to the later one.
    """
    if not plan.shifts:
        return Crews(n_shifts=np.ones(grid.n_steps, dtype=np.int64), wage_per_h=np.zeros(grid.n_steps))
    step_ends_s = grid.start.timestamp() + 60 * grid.step_min * np.arange(1, grid.n_steps + 1)
    n_shifts = np.zeros(grid.n_steps, dtype=np.int64)
    wage_per_h = np.zeros(grid.n_steps)
    for shift in plan.shifts:
        for begin_s, end_s in _spans_s(shift, plan, grid, calendar):
            there = (begin_s < step_ends_s) & (step_ends_s <= end_s)
            n_shifts += there
            wage_per_h += shift.wage_per_h * there
    return Crews(n_shifts=n_shifts, wage_per_h=wage_per_h)


def _spans_s(shift: Shift, plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> list[tuple[float, float]]:
    """Give a shift's spans around the grid as POSIX seconds, from the local clock of each of its days."""
    zone = zone_of(plan.zone)
    day = grid.start.astimezone(zone).date() - timedelta(days=1)
    spans = []
    while day <= grid.end.astimezone(zone).date():
        next_day = day + timedelta(days=1)
        if calendar.tags(day) & set(shift.days):
            ends_on = next_day if shift.end <= shift.start else day
            begin = datetime.combine(day, shift.start, tzinfo=zone)
            end = datetime.combine(ends_on, shift.end, tzinfo=zone)
            spans.append((begin.timestamp(), end.timestamp()))
        day = next_day
    return spans


def store_levels(store: Store, placed: Sequence[PlacedRun], grid: TimeGrid) -> FloatArray:
    """Give a store's level at the end of each step; draws outside the grid are not its business. [store.unit]."""
    change = np.zeros(grid.n_steps)
    for run in placed:
        on_grid = run.steps(grid.n_steps)
        for flow in run.task.flows:
            if flow.store_id != store.store_id:
                continue
            steps = {"start": [run.first], "end": [run.stop - 1]}.get(flow.when, list(range(run.first, run.stop)))
            for step in steps:
                if step in on_grid:
                    change[step] += flow.quantity / len(steps)
    for draw in store.draws:
        step = math.floor(minutes_after(draw.at, grid) / grid.step_min)
        if 0 <= step < grid.n_steps:
            change[step] -= draw.quantity
    return np.asarray(store.start_level + np.cumsum(change), dtype=np.float64)


def pv_ready_kw(pv: Pv, grid: TimeGrid, zone: str) -> FloatArray:
    """Give the expected PV power of each step, the mean over its minutes on the local clock. [kW]."""
    minutely = TimeGrid(start=grid.start, step_min=1, n_steps=grid.n_steps * grid.step_min).local_starts(zone)
    part = np.asarray(minutely.hour * 60 + minutely.minute) // (DAY_MIN // len(pv.daily_kw))
    power_kw = np.asarray(pv.daily_kw, dtype=np.float64)[part]
    return np.asarray(power_kw.reshape(grid.n_steps, grid.step_min).mean(axis=1), dtype=np.float64)


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
