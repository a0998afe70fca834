"""A task as choices of starts: which steps, how often, at what cost, drawing what."""

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Task
from domain.plant.expand import lateness_h, n_occupied, possible_starts, profile_kw
from domain.text import Text

IntArray = npt.NDArray[np.int64]
RunStart = tuple[str, int]
"""The id of a way to do a task and the step at which a run of it may start."""
StartPlan = dict[str, list[int]]
"""Start steps of the runs in each way to do a task."""


class StartOutsideHorizonError(WattplanError, ValueError):
    """A planned start lies where the horizon has no room for the run."""

    code = "start_outside_horizon"
    words = Text(
        en="Task {task_id} is planned at {start}, where the horizon has no room for its run. Move it into the horizon.",
        zh="任务 {task_id} 计划于 {start} 开始，计划期内容不下该次运行。请将其移入计划期。",
    )


@noun(eq=False)
class TaskStarts:
    """One way to do a task as choices of starts; arrays have shape (n_starts,)."""

    task: Task
    """The way as a plain task."""
    task_id: str
    """Of the task that this is a way to do."""
    mode_id: str | None
    """None: the task's own way."""
    least_runs: int
    """Fewest runs of the task, all its ways together. [-]"""
    most_runs: int
    """[-]"""
    steps: IntArray
    """Possible starts, ascending."""
    least_count: IntArray
    """Runs that must start there: those of a task that may not move. [-]"""
    most_count: IntArray
    """Runs that may start there. [-]"""
    run_cost: FloatArray
    """Labour, lateness and start cost of one run started there. [currency]"""
    n_occupied: int
    profile_kw: FloatArray
    """Shape (n_occupied,). [kW]"""


def way_starts(task: Task, problem: ResponseProblem, wages: FloatArray) -> dict[str, TaskStarts]:
    """Give all ways to do a task by their ids; one that may not move has its own way only.

    Raises
    ------
    StartOutsideHorizonError
        If a task that may not move stands outside the horizon.
    """
    modes = (None, *(one.mode_id for one in task.modes)) if task.movable else (None,)
    named = zip(modes, task.ways(), strict=False)
    return {way.task_id: task_starts(task, way, problem, wages, mode_id=mode_id) for mode_id, way in named}


def task_starts(
    whole: Task, task: Task, problem: ResponseProblem, wages: FloatArray, *, mode_id: str | None
) -> TaskStarts:
    """Give the possible starts of one way (``task``) to do a whole task, with their bounds and costs.

    At most as many runs start in one step as its scarcest machine has copies.

    Raises
    ------
    StartOutsideHorizonError
        If a task that may not move stands outside the horizon.
    """
    grid = problem.horizon
    steps = possible_starts(task, problem.plan, grid, problem.calendar)
    n_steps = n_occupied(task, grid.step_min)
    outside = steps[(steps < 0) | (steps + n_steps > grid.n_steps)]
    if outside.size:
        raise StartOutsideHorizonError(task_id=task.task_id, start=grid.at(int(outside[0])).isoformat())
    copies = [one.count for one in problem.plan.machines if one.machine_id in task.machine_ids]
    most = np.full(steps.size, min([task.count, *copies]), dtype=np.int64)
    least = np.zeros(steps.size, dtype=np.int64)
    if not task.movable:
        planned = [grid.edge_of(at) for at in task.planned_starts]
        least = most = np.array([planned.count(int(step)) for step in steps], dtype=np.int64)
    order = problem.plan.order_of(task)
    late_cost_per_h = 0.0 if order is None else order.lateness_cost_per_h or 0.0
    late_h = np.array([lateness_h(task, problem.plan, grid.at(int(step))) for step in steps])
    crew_cost = np.zeros(steps.size)
    if task.crew_count > 0 and steps.size:
        paid = np.concatenate([[0.0], np.cumsum(np.nan_to_num(wages))])
        crew_cost = (paid[steps + n_steps] - paid[steps]) * task.crew_count * grid.step_h
    return TaskStarts(
        task=task,
        task_id=whole.task_id,
        mode_id=mode_id,
        least_runs=whole.count if whole.min_count is None or not whole.movable else whole.min_count,
        most_runs=whole.count,
        steps=steps,
        least_count=least,
        most_count=most,
        run_cost=np.asarray(crew_cost + late_h * late_cost_per_h + task.start_cost, dtype=np.float64),
        n_occupied=n_steps,
        profile_kw=profile_kw(task, grid.step_min),
    )
