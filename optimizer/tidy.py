"""Among schedules that cost the same, the one that asks least of people: as near to another schedule as money allows.

A plan for an event and its base plan are two answers of a search, and where hours cost the same they differ for nothing.
The runs and switched processes of a response stay; batteries, modulating loads and rates are put back to the other
schedule as far as the cost, an allowance apart, does not rise.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.plant import Schedule
from optimizer.costs import schedule_costs
from optimizer.extract import schedule_from
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets
from optimizer.solver import Solver

ALLOWANCE_SHARE = 1e-6
"""By how much the cost may rise, measured in what the schedule decides. [-]"""
TIDY_GAP_SHARE = 0.01
"""How near to the least difference is near enough. [-]"""
LEVELS = ("modulating_kw", "charge_kw", "discharge_kw", "process_rate")
"""Variables that are put back."""


def tidied(problem: ResponseProblem, response: Response, like: Schedule, options: SolveOptions) -> Response:
    """Put a response's levels back to another schedule's where that costs nothing.

    Parameters
    ----------
    problem : ResponseProblem
        What the response answers; its past is fixed by its standing plan.
    like : Schedule
        What people do otherwise.

    Returns
    -------
    Response
        The same runs; the response itself where nothing nearer was found in time.
    """
    kept = response.schedule.commitments_kw
    held = tuple(
        replace(
            event, min_commitment_kw=kept[event.event_id], max_commitment_kw=kept[event.event_id], is_committed=True
        )
        for event in problem.events
        if kept.get(event.event_id, 0.0) > 0
    )
    matrix = compile_matrix(build(plan_sets(replace(problem, events=held))))
    allowed = ALLOWANCE_SHARE * max(1.0, abs(response.costs.total_cost - matrix.cost_offset))
    nearer = _nearest(matrix, like, cost_most=response.costs.total_cost + allowed)
    solver = Solver(nearer, seed=options.seed, n_threads=options.n_threads, options={})
    held_columns = _starts(matrix, response.schedule, problem)
    solver.set_limits(held_columns, held_columns.values(), held_columns.values())
    found = solver.run(deadline_s=options.deadline_s, gap_share=TIDY_GAP_SHARE)
    if found.values is None:
        return response
    values = found.values[: matrix.cost.size]
    rounded = np.where(matrix.is_integer, np.round(values), values)
    clipped = np.clip(rounded, matrix.column_least, matrix.column_most)
    schedule = replace(schedule_from(problem, matrix, clipped), commitments_kw=kept)
    costs = schedule_costs(schedule, problem)
    if costs.total_cost > response.costs.total_cost + 2 * allowed:
        return response
    return replace(response, schedule=schedule, costs=costs)


def _starts(matrix: Matrix, schedule: Schedule, problem: ResponseProblem) -> dict[int, float]:
    """Give the columns of starts and switches with what the schedule does."""
    counts: dict[tuple[str, int], int] = {}
    for run in schedule.runs:
        way = run.task_id if run.mode_id is None else f"{run.task_id}@{run.mode_id}"
        key = way, problem.horizon.edge_of(run.start)
        counts[key] = counts.get(key, 0) + 1
    held = {column: float(counts.get(key, 0)) for key, column in matrix.columns_of("run_count").items()}
    for (process_id, t), column in matrix.columns_of("process_on").items():
        held[column] = float(schedule.processes[process_id].is_on[t])
    return held


def _nearest(matrix: Matrix, like: Schedule, *, cost_most: float) -> Matrix:
    """Give the model whose objective is the distance from a schedule's levels, its cost a row."""
    series = {"modulating_kw": dict(like.modulating_kw)}
    series["charge_kw"] = {name: use.charge_kw for name, use in like.batteries.items()}
    series["discharge_kw"] = {name: use.discharge_kw for name, use in like.batteries.items()}
    series["process_rate"] = {name: use.rate for name, use in like.processes.items()}
    columns: list[int] = []
    targets: list[float] = []
    for name in LEVELS:
        for (owner, t), column in matrix.columns_of(name).items():
            if owner in series[name]:
                columns.append(column)
                targets.append(float(series[name][owner][t]))
    n, n_old, n_rows = len(columns), matrix.cost.size, matrix.row_least.size
    picks = sparse.csr_array((np.ones(n), (np.arange(n), columns)), shape=(n, n_old))
    # x - d <= target, x + d >= target
    a = sparse.vstack(
        [
            sparse.hstack([matrix.a, sparse.csr_array((n_rows, n))]),
            sparse.hstack([picks, -sparse.eye_array(n)]),
            sparse.hstack([picks, sparse.eye_array(n)]),
            sparse.hstack([sparse.csr_array(matrix.cost[None, :]), sparse.csr_array((1, n))]),
        ]
    )
    target = np.array(targets, dtype=np.float64)
    infinite = np.full(n, np.inf)
    names = (*matrix.columns, *(("distance", number) for number in range(n)))
    rows = (*(("below", number) for number in range(n)), *(("above", number) for number in range(n)), ("cost", None))
    return Matrix(
        cost=np.concatenate([np.zeros(n_old), np.ones(n)]),
        cost_offset=0.0,
        a=sparse.csc_array(a),
        row_least=_joined(matrix.row_least, -infinite, target, np.array([-np.inf])),
        row_most=_joined(matrix.row_most, target, infinite, np.array([cost_most - matrix.cost_offset])),
        column_least=_joined(matrix.column_least, np.zeros(n)),
        column_most=_joined(matrix.column_most, infinite),
        is_integer=np.concatenate([matrix.is_integer, np.zeros(n, dtype=bool)]),
        rows=(*matrix.rows, *rows),
        columns=names,
        column_of={key: number for number, key in enumerate(names)},
    )


def _joined(*parts: FloatArray) -> FloatArray:
    return np.asarray(np.concatenate(parts), dtype=np.float64)
