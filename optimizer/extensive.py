"""All courses of events solved as one model: exact, for plants small enough for it."""

import time
from collections import Counter
from collections.abc import Sequence

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import Response, SolveOptions, SolveRecord
from domain.plant import Schedule
from optimizer.costs import schedule_costs
from optimizer.errors import ObjectiveMismatchError
from optimizer.extract import schedule_from
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets
from optimizer.formulation.stacking import Stack, StackPart, stack
from optimizer.outcomes import Outcome, promise_of
from optimizer.response import agrees
from optimizer.search import NoPlanInTimeError
from optimizer.solver import Found, Solver, gap_share, versions

TWO_WAYS_KW = 1e-6
"""Below this, charging and discharging at once is rounding. [kW]"""
EXACT_S = 10.0
"""Longest the linear program with all integers fixed may take. [s]"""


@noun(eq=False)
class ExtensiveAnswer:
    """The best way through all courses of events."""

    responses: tuple[Response, ...]
    """By course."""
    expected_cost: float
    """[currency]"""
    bound: float
    """[currency]"""
    status: str
    n_shared: int
    """Columns that several courses share. [-]"""


@noun(eq=False)
class Stacked:
    """All courses stated and put together."""

    outcomes: tuple[Outcome, ...]
    parts: tuple[StackPart, ...]
    whole: Stack


def state(outcomes: Sequence[Outcome], *, most_integers: int | None = None) -> Stacked | None:
    """State all courses of events as one matrix; None where they would have more integers than wanted."""
    n_called = Counter(name for outcome in outcomes for name in outcome.called)
    parts: list[StackPart] = []
    for outcome in outcomes:
        matrix = compile_matrix(build(plan_sets(outcome.problem)))
        if most_integers is not None and int(matrix.is_integer.sum()) * len(outcomes) > most_integers:
            return None
        promises = {event.event_id: promise_of(event) for event in outcome.problem.events}
        parts.append(
            StackPart(
                matrix=matrix,
                probability=outcome.probability,
                known_at=outcome.known_at,
                promises={event_id: name for event_id, name in promises.items() if n_called[name] > 1},
            )
        )
    return Stacked(outcomes=tuple(outcomes), parts=tuple(parts), whole=stack(parts))


def solve_extensive(
    stacked: Stacked, options: SolveOptions, *, start: Sequence[Schedule] | None = None
) -> ExtensiveAnswer | None:
    """Solve all courses at once; None: no plan exists.

    Parameters
    ----------
    start : sequence of Schedule, optional
        A schedule for each course, equal until they part; its starts are completed first.

    Raises
    ------
    NoPlanInTimeError
    ObjectiveMismatchError
        If a course's schedule does not cost what the model says: a defect.
    """
    began = time.perf_counter()
    matrix = stacked.whole.matrix
    solver = Solver(matrix, seed=options.seed, n_threads=options.n_threads, options={})
    if start is not None:
        _offer(solver, stacked, start, options)
    left_s = options.deadline_s - (time.perf_counter() - began)
    found = solver.run(deadline_s=left_s, gap_share=options.gap_share)
    if found.status == "infeasible":
        return None
    if found.values is None:
        raise NoPlanInTimeError(deadline_s=options.deadline_s)
    values = _exact(solver, matrix, found.values, stacked)
    responses = tuple(
        _response(outcome, part, values[places], found, options)
        for outcome, part, places in zip(stacked.outcomes, stacked.parts, stacked.whole.column_maps, strict=True)
    )
    expected = sum(
        outcome.probability * one.costs.total_cost for outcome, one in zip(stacked.outcomes, responses, strict=True)
    )
    return ExtensiveAnswer(
        responses=responses,
        expected_cost=expected,
        bound=min(found.bound, expected),
        status=found.status,
        n_shared=stacked.whole.n_shared,
    )


def _offer(solver: Solver, stacked: Stacked, start: Sequence[Schedule], options: SolveOptions) -> None:
    """Complete given starts of runs and offer the whole to the search."""
    held: dict[int, float] = {}
    for outcome, part, places, schedule in zip(
        stacked.outcomes, stacked.parts, stacked.whole.column_maps, start, strict=True
    ):
        for key, column in part.matrix.columns_of("run_count").items():
            held[int(places[column])] = float(_n_starts(outcome, schedule, key))
    solver.set_limits(held, held.values(), held.values())
    completed = solver.run(deadline_s=options.deadline_s / 3, gap_share=options.gap_share)
    solver.restore_limits()
    if completed.values is not None:
        solver.start_from(completed.values)


def _n_starts(outcome: Outcome, schedule: Schedule, key: tuple[str, int]) -> int:
    way_id, step = key
    at = outcome.problem.horizon.at(step)
    own = (
        run.task_id if run.mode_id is None else f"{run.task_id}@{run.mode_id}"
        for run in schedule.runs
        if run.start == at
    )
    return sum(1 for one in own if one == way_id)


def _exact(solver: Solver, matrix: Matrix, values: FloatArray, stacked: Stacked) -> FloatArray:
    """Give the exact optimum around a solution's integers, each battery one way per step."""
    found = solver.run_with_integers_fixed(values, deadline_s=EXACT_S)
    settled = values if found.values is None else found.values
    off = _two_ways(settled, stacked)
    if off:
        solver.set_limits(off, [0.0] * len(off), [0.0] * len(off))
        again = solver.run_with_integers_fixed(settled, deadline_s=EXACT_S)
        settled = settled if again.values is None else again.values
    solver.restore_limits()
    rounded = np.where(matrix.is_integer, np.round(settled), settled)
    return np.asarray(np.clip(rounded, matrix.column_least, matrix.column_most), dtype=np.float64)


def _two_ways(values: FloatArray, stacked: Stacked) -> list[int]:
    """Give the column to switch off wherever a battery charges and discharges in one step."""
    off: set[int] = set()
    for outcome, part, places in zip(stacked.outcomes, stacked.parts, stacked.whole.column_maps, strict=True):
        batteries = {one.battery_id: one for one in outcome.problem.site.batteries}
        charge, discharge = (part.matrix.columns_of(name) for name in ("charge_kw", "discharge_kw"))
        for key, column in charge.items():
            into, out_of = values[places[column]], values[places[discharge[key]]]
            if min(into, out_of) > TWO_WAYS_KW:
                one = batteries[key[0]]
                gains = one.charge_eff * into - out_of / one.discharge_eff
                off.add(int(places[discharge[key] if gains >= 0 else column]))
    return sorted(off)


def _response(outcome: Outcome, part: StackPart, values: FloatArray, found: Found, options: SolveOptions) -> Response:
    matrix = part.matrix
    schedule = schedule_from(outcome.problem, matrix, values)
    costs = schedule_costs(schedule, outcome.problem)
    objective = float(matrix.cost @ values) + matrix.cost_offset
    if not agrees(objective, costs.total_cost):
        difference = objective - costs.total_cost
        raise ObjectiveMismatchError(objective=objective, total_cost=costs.total_cost, difference=difference)
    return Response(
        schedule=schedule,
        costs=costs,
        solve=SolveRecord(
            stopped_by="optimal" if found.status == "infeasible" else found.status,
            objective=costs.total_cost,
            bound=-np.inf,  # a course by itself has none: the bound is of all courses together
            gap_share=gap_share(found.objective, found.bound, matrix.cost_offset),
            build_s=0.0,
            compile_s=0.0,
            solve_s=found.solve_s,
            n_columns=matrix.cost.size,
            n_rows=matrix.row_least.size,
            n_integers=int(matrix.is_integer.sum()),
            n_nodes=found.n_nodes,
            versions=versions(),
            options={"seed": str(options.seed), "gap_share": str(options.gap_share)},
        ),
    )
