"""Shared utilities in plain numbers: what runs and processes take of them, and what that costs."""

from collections.abc import Iterable, Mapping

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import ProcessUse, Run, Schedule
from domain.plant.expand import n_occupied, plan_ways


def utility_needed(
    problem: ResponseProblem, runs: Iterable[Run], processes: Mapping[str, ProcessUse]
) -> dict[str, FloatArray]:
    """Give what runs and processes take less what they feed in, by utility id, shape (n_steps,). [utility.unit]."""
    grid = problem.horizon
    needed = {one.utility_id: np.zeros(grid.n_steps) for one in problem.plan.utilities}
    if not needed:
        return needed
    ways = plan_ways(problem.plan)
    for run in runs:
        way, first = ways[run.task_id, run.mode_id], grid.edge_of(run.start)
        for use in way.utilities:
            needed[use.utility_id][first : first + n_occupied(way, grid.step_min)] += use.quantity
    for process in problem.plan.processes:
        done = processes[process.process_id]
        for use in process.utilities:
            needed[use.utility_id] += use.quantity * done.is_on + use.quantity_per_rate * done.rate
    return needed


def utility_drawn(schedule: Schedule, problem: ResponseProblem) -> dict[str, FloatArray]:
    """Give what is drawn from outside in each step, by utility id; what is fed in beyond its use is lost.

    Returns
    -------
    dict of FloatArray
        Shape (n_steps,). [utility.unit]
    """
    needed = utility_needed(problem, schedule.runs, schedule.processes)
    return {utility_id: np.maximum(taken, 0.0) for utility_id, taken in needed.items()}


def utility_costs(schedule: Schedule, problem: ResponseProblem) -> tuple[float, float]:
    """Give what is paid for utilities from outside [currency], and what that emits [kg]."""
    drawn = utility_drawn(schedule, problem)
    unit_h = {utility_id: float(taken.sum()) * problem.horizon.step_h for utility_id, taken in drawn.items()}
    paid = sum(one.price_per_unit_h * unit_h[one.utility_id] for one in problem.plan.utilities)
    emitted_kg = sum(one.co2_kg_per_unit_h * unit_h[one.utility_id] for one in problem.plan.utilities)
    return paid, emitted_kg
