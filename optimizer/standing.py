"""What a standing plan says about a new horizon, in steps; the model, the costs and the audit's questions rest on it."""

from collections import Counter
from datetime import datetime

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.offers import ResponseProblem, StandingPlan
from domain.plant import Schedule, Task, way_id
from domain.text import Text
from domain.time import TimeGrid, zone_of

Starts = dict[str, Counter[int]]
"""How many runs start in each step, by way."""


class StandingRunGoneError(WattplanError, ValueError):
    """A run that has begun does not fit the plan's limits any more."""

    code = "standing_run_gone"
    words = Text(
        en="Task {task_id} began at {start} by the standing plan, but the plan's window, outages or crews leave no room "
        "for that run. Correct the plan, or take the run out of the standing plan.",
        zh="按现行计划，任务 {task_id} 已于 {start} 开始，但计划的时间窗、停机或班组已容不下该次运行。"
        "请更正计划，或将该次运行从现行计划中删除。",
    )


class StandingGridError(WattplanError, ValueError):
    """A standing plan's steps are not those of the horizon."""

    code = "standing_grid"
    words = Text(
        en="The standing plan has steps of {standing_min} min from {start}; the horizon's steps of {step_min} min do not "
        "fall on them. Plan on the same steps.",
        zh="现行计划自 {start} 起步长为 {standing_min} 分钟，与计划期 {step_min} 分钟的步长不对齐。请使用相同的步长。",
    )


def local_minute(instant: datetime, problem: ResponseProblem) -> str:
    """Write an instant on the plant's clock, with its offset."""
    return instant.astimezone(zone_of(problem.plan.zone)).isoformat(timespec="minutes")


def n_past(standing: StandingPlan, grid: TimeGrid) -> int:
    """Give how many steps of a horizon have begun. [-]."""
    begun = -((grid.start - standing.now) // grid.step)
    return min(max(begun, 0), grid.n_steps)


def standing_starts(standing: StandingPlan, problem: ResponseProblem) -> Starts:
    """Give the standing plan's runs of this plan's ways within the horizon.

    Raises
    ------
    StandingGridError
        If a run starts within a step.
    """
    grid = problem.horizon
    known = {way.task_id for task in problem.plan.tasks for way in task.ways()}
    found: Starts = {}
    for run in standing.schedule.runs:
        way = way_id(run.task_id, run.mode_id)
        step, rest = divmod(run.start - grid.start, grid.step)
        if way not in known or not 0 <= step < grid.n_steps:
            continue
        if rest:
            raise _other_grid(standing, grid)
        found.setdefault(way, Counter())[step] += 1
    return found


def standing_lots(standing: StandingPlan, problem: ResponseProblem) -> dict[tuple[str, int], float]:
    """Give the sum of the lots that the standing plan starts, as shares of full runs, by way and step. [-]."""
    grid = problem.horizon
    found: dict[tuple[str, int], float] = {}
    for run in standing.schedule.runs:
        step, rest = divmod(run.start - grid.start, grid.step)
        if not rest:
            key = way_id(run.task_id, run.mode_id), step
            found[key] = found.get(key, 0.0) + run.lot_share
    return found


def standing_changes(standing: StandingPlan, problem: ResponseProblem) -> Counter[tuple[str, str, str, int]]:
    """Count the standing plan's changeovers by machine, families and step."""
    grid = problem.horizon
    return Counter(
        (one.machine_id, one.from_family, one.to_family, (one.start - grid.start) // grid.step)
        for one in standing.schedule.changeovers
    )


def standing_series(values: FloatArray, standing: StandingPlan, grid: TimeGrid) -> FloatArray:
    """Give one of the standing schedule's series on the new horizon; NaN where it says nothing, shape (n_steps,).

    Raises
    ------
    StandingGridError
        If its steps are not the horizon's.
    """
    theirs = standing.schedule.grid
    shift, rest = divmod(grid.start - theirs.start, theirs.step)
    if rest or theirs.step_min != grid.step_min:
        raise _other_grid(standing, grid)
    found = np.full(grid.n_steps, np.nan)
    first, stop = max(shift, 0), min(shift + grid.n_steps, theirs.n_steps)
    if stop > first:
        found[first - shift : stop - shift] = values[first:stop]
    return found


def _other_grid(standing: StandingPlan, grid: TimeGrid) -> StandingGridError:
    theirs = standing.schedule.grid
    return StandingGridError(
        standing_min=theirs.step_min, start=theirs.start.isoformat(timespec="minutes"), step_min=grid.step_min
    )


def hours_from(starts: Counter[int], step: int, step_h: float) -> float:
    """Give how far a start lies from the nearest planned one. [h]."""
    return step_h * min(abs(step - planned) for planned in starts) if starts else 0.0


def change_cost(schedule: Schedule, problem: ResponseProblem) -> float:
    """Give what a schedule pays for leaving the standing plan. [currency]."""
    standing, grid = problem.standing, problem.horizon
    if standing is None:
        return 0.0
    planned = standing_starts(standing, problem)
    chosen: Starts = {}
    for run in schedule.runs:
        chosen.setdefault(way_id(run.task_id, run.mode_id), Counter())[grid.edge_of(run.start)] += 1
    given_up = sum((steps - chosen.get(way, Counter())).total() for way, steps in planned.items())
    moved_h = sum(
        count * hours_from(of_task(planned, task), step, grid.step_h)
        for task in problem.plan.tasks
        for way in task.ways()
        for step, count in chosen.get(way.task_id, Counter()).items()
    )
    cost = given_up * standing.run_change_cost + moved_h * standing.run_shift_cost_per_h
    if standing.process_change_cost_per_h:
        cost += flipped_h(schedule, problem) * standing.process_change_cost_per_h
    return cost


def flipped_h(schedule: Schedule, problem: ResponseProblem) -> float:
    """Give for how long switched processes are on where they were to be off, or the reverse. [h]."""
    standing, hours = problem.standing, 0.0
    if standing is None:
        return hours
    for process in problem.plan.processes:
        use = standing.schedule.processes.get(process.process_id)
        if use is None or not process.is_switched:
            continue
        was_on = standing_series(use.is_on.astype(np.float64), standing, problem.horizon)
        is_on = schedule.processes[process.process_id].is_on.astype(np.float64)
        hours += float(np.nansum(np.abs(is_on - was_on))) * problem.horizon.step_h
    return hours


def of_task(planned: Starts, task: Task) -> Counter[int]:
    """Give the planned starts of a task, in whatever mode."""
    return sum((planned.get(way.task_id, Counter()) for way in task.ways()), start=Counter())
