"""People in plain numbers: how many attend runs, processes and changeovers."""

from collections.abc import Iterable, Mapping

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import ChangeoverRun, ProcessUse, Run
from domain.plant.expand import change_steps, n_occupied, plan_ways


def attended(
    problem: ResponseProblem,
    runs: Iterable[Run],
    processes: Mapping[str, ProcessUse],
    changeovers: Iterable[ChangeoverRun] = (),
) -> FloatArray:
    """Give how many people all that runs needs in each step, shape (n_steps,). [-]."""
    grid, ways = problem.horizon, plan_ways(problem.plan)
    needed = np.zeros(grid.n_steps)
    for run in runs:
        way, first = ways[run.task_id, run.mode_id], grid.edge_of(run.start)
        needed[first : first + n_occupied(way, grid.step_min)] += way.crew_count
    for process in problem.plan.processes:
        needed += process.crew_count * processes[process.process_id].is_on
    kinds = {(one.machine_id, one.from_family, one.to_family): one for one in problem.plan.changeovers}
    for turn in changeovers:
        kind, first = kinds[turn.machine_id, turn.from_family, turn.to_family], grid.edge_of(turn.start)
        needed[first : first + change_steps(kind, grid.step_min)] += kind.crew_count
    return needed
