"""Plans on a grid: power profiles, possible starts, wages, PV by step.

Pure functions of the nouns. The formulation builds its index sets from them.
"""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.plant.changeovers import Changeover
from domain.plant.equipment import Pv
from domain.plant.plan import ProductionPlan
from domain.plant.tasks import Task
from domain.plant.utilities import Utility
from domain.text import Text
from domain.time import Calendar, TimeGrid, zone_of

DAY_MIN = 1440
CLOCK_MIN = 15
"""Zones stand whole quarter-hours off UTC, and no part of a PV day is shorter. [min]"""


class ShiftOverlapError(WattplanError, ValueError):
    """Two shifts claim one moment."""

    code = "shift_overlap"
    words = Text(
        en="Shifts {first} and {second} overlap at {at}. Give each moment one shift.",
        zh="班次 {first} 与 {second} 在 {at} 重叠。每一时刻只能属于一个班次。",
    )


def plan_ways(plan: ProductionPlan) -> dict[tuple[str, str | None], Task]:
    """Give every way to do every task as a plain task, by task id and mode id (None: the task's own way)."""
    return {
        (task.task_id, mode_id): way
        for task in plan.tasks
        for mode_id, way in zip((None, *(one.mode_id for one in task.modes)), task.ways(), strict=True)
    }


def n_occupied(task: Task, step_min: int) -> int:
    """Give how many steps a run occupies its machines; a begun step is occupied whole."""
    return -(-task.duration_min // step_min)


def profile_kw(task: Task, step_min: int) -> FloatArray:
    """Give the mean power of a run in each step after its start, shape (n_occupied,); energy is kept. [kW]."""
    minutes = np.concatenate([np.full(phase.duration_min, phase.power_kw) for phase in task.phases])
    padded = np.zeros(n_occupied(task, step_min) * step_min)
    padded[: minutes.size] = minutes
    return np.asarray(padded.reshape(-1, step_min).mean(axis=1), dtype=np.float64)


def change_steps(change: Changeover, step_min: int) -> int:
    """Give how many steps a changeover occupies its machine; a begun step is occupied whole. [-]."""
    return -(-change.duration_min // step_min)


def change_kw(change: Changeover, step_min: int) -> float:
    """Give the mean power of a changeover over its occupied steps; its energy is kept. [kW]."""
    return change.power_kw * change.duration_min / (change_steps(change, step_min) * step_min)


def machine_available(plan: ProductionPlan, machine_id: str, grid: TimeGrid) -> npt.NDArray[np.int64]:
    """Give how many of a machine can run in each step; a step touched by an outage has none."""
    machine = next(one for one in plan.machines if one.machine_id == machine_id)
    available = np.full(grid.n_steps, machine.count, dtype=np.int64)
    for outage in machine.outages:
        first = max(0, grid.step_of(outage.start))
        stop = min(grid.n_steps, -((grid.start - outage.end) // grid.step))
        available[first : max(first, stop)] = 0
    return available


def shift_of_step(plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> npt.NDArray[np.int64]:
    """Give the number of the shift that is there in each step; -1: none.

    Raises
    ------
    ShiftOverlapError
        If two shifts claim one step.
    """
    zone = zone_of(plan.zone)
    owner = np.full(grid.n_steps, -1, dtype=np.int64)
    first_day = grid.start.astimezone(zone).date() - timedelta(days=1)
    last_day = grid.end.astimezone(zone).date()
    for number, shift in enumerate(plan.shifts):
        day = first_day
        while day <= last_day:
            if calendar.tags(day).intersection(shift.days):
                ends_on = day + timedelta(days=int(shift.end <= shift.start))
                start = datetime.combine(day, shift.start, tzinfo=zone).astimezone(UTC)
                end = datetime.combine(ends_on, shift.end, tzinfo=zone).astimezone(UTC)
                first = max(0, grid.step_of(start))
                stop = min(grid.n_steps, max(0, grid.step_of(end)))
                clash = np.flatnonzero(owner[first:stop] >= 0)
                if clash.size:
                    step = first + int(clash[0])
                    raise ShiftOverlapError(
                        first=plan.shifts[int(owner[step])].name, second=shift.name, at=grid.at(step).isoformat()
                    )
                owner[first:stop] = number
            day += timedelta(days=1)
    return owner


def wages_per_h(plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> FloatArray:
    """Give the cost of a person-hour in each step; NaN where no crew is there; 0 where no shifts are given.

    Raises
    ------
    ShiftOverlapError
        If two shifts claim one step.
    """
    if not plan.shifts:
        return np.zeros(grid.n_steps)
    by_shift = np.array([*(shift.wage_per_h for shift in plan.shifts), np.nan])
    return np.asarray(by_shift[shift_of_step(plan, grid, calendar)], dtype=np.float64)


def people_there(plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> FloatArray:
    """Give how many people are there in each step; 0 where no crew is; infinite where there are always enough. [-]."""
    if not plan.shifts:
        return np.full(grid.n_steps, np.inf)
    counts = [np.inf if shift.people_count is None else shift.people_count for shift in plan.shifts]
    return np.asarray(np.array([*counts, 0.0])[shift_of_step(plan, grid, calendar)], dtype=np.float64)


def utility_limit(utility: Utility, grid: TimeGrid) -> FloatArray:
    """Give the least of a step's limits, shape (n_steps,): usual ones count wherever gaps leave a moment to them.

    Returns
    -------
    FloatArray
        [utility.unit]
    """
    limit = np.full(grid.n_steps, np.inf)
    gaps = [gap for gap in utility.gaps if gap.end > grid.start and gap.start < grid.end]
    edges = {
        grid.start,
        grid.end,
        *(max(gap.start, grid.start) for gap in gaps),
        *(min(gap.end, grid.end) for gap in gaps),
    }
    for start, end in pairwise(sorted(edges)):
        here = [gap.limit for gap in gaps if gap.start <= start and gap.end >= end]
        first, stop = (start - grid.start) // grid.step, -((grid.start - end) // grid.step)
        limit[first:stop] = np.minimum(limit[first:stop], min(here, default=utility.limit))
    return limit


def possible_starts(task: Task, plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> npt.NDArray[np.int64]:
    """Give the steps at which a run may start: window, start rhythm, outages, crews and utilities respected.

    A task that may not move has only its planned starts.
    """
    steps = np.arange(grid.n_steps)
    if not task.movable:
        return np.array(sorted({grid.edge_of(at) for at in task.planned_starts}), dtype=np.int64)
    earliest, latest_end = plan.window_of(task)
    local = grid.local_starts(plan.zone)
    ok = np.asarray((local.hour * 60 + local.minute) % task.start_every_min == 0)
    first = -((grid.start - earliest) // grid.step)
    last = (latest_end - grid.start - task.duration) // grid.step  # never on the wall clock of latest_end's zone
    ok &= (steps >= first) & (steps <= last)
    blocked = np.zeros(grid.n_steps, dtype=bool)
    for machine_id in task.machine_ids:
        blocked |= machine_available(plan, machine_id, grid) == 0
    if task.crew_count > 0:
        blocked |= people_there(plan, grid, calendar) < task.crew_count
    for use in task.utilities:
        if use.quantity > 0 and not is_fed(plan, use.utility_id):
            utility = next(one for one in plan.utilities if one.utility_id == use.utility_id)
            blocked |= utility_limit(utility, grid) < use.quantity
    n_steps = n_occupied(task, grid.step_min)
    before = np.concatenate([[0], np.cumsum(blocked)])
    fits = steps + n_steps <= grid.n_steps
    ok &= fits
    found = steps[ok]
    free: npt.NDArray[np.int64] = found[before[found + n_steps] == before[found]]
    return free


def is_fed(plan: ProductionPlan, utility_id: str) -> bool:
    """Say whether anything in the plant feeds into a utility, so that more than its limit can be used at once."""
    uses = [use for process in plan.processes for use in process.utilities]
    uses += [use for task in plan.tasks for way in task.ways() for use in way.utilities]
    return any(one.utility_id == utility_id and min(one.quantity, one.quantity_per_rate) < 0 for one in uses)


def lateness_h(task: Task, plan: ProductionPlan, start: datetime) -> float:
    """Give by how many hours a run started then ends after its order is due. [h]."""
    order = plan.order_of(task)
    if order is None or order.lateness_cost_per_h is None:
        return 0.0
    return max(0.0, (start + task.duration - order.due).total_seconds() / 3600)


def pv_available_kw(pv: Pv, grid: TimeGrid, zone: str) -> FloatArray:
    """Give the expected PV power in each step from its local day: the mean over the step, shape (n_steps,). [kW]."""
    fine_min = math.gcd(grid.step_min, CLOCK_MIN)
    fine = TimeGrid(start=grid.start, step_min=fine_min, n_steps=grid.n_steps * grid.step_min // fine_min)
    local = fine.local_starts(zone)
    part = np.asarray((local.hour * 60 + local.minute) * len(pv.daily_kw) // DAY_MIN)
    power_kw = np.asarray(pv.daily_kw, dtype=np.float64)[part]
    return np.asarray(power_kw.reshape(grid.n_steps, -1).mean(axis=1), dtype=np.float64)
