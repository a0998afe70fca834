"""The oracle: how this plant would run its plan if these were its prices."""

import math
import time
from typing import Literal

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import CostParts, Response, ResponseProblem, SolveOptions, SolveRecord
from domain.plant import Schedule, way_id
from domain.text import Text
from optimizer.conflicts import arithmetic_conflicts
from optimizer.costs import schedule_costs
from optimizer.diagnose import diagnose
from optimizer.errors import ObjectiveMismatchError
from optimizer.extract import schedule_from, starts_of
from optimizer.formulation import Matrix, PlanSets, build, compile_matrix, plan_sets
from optimizer.infeasible import InfeasiblePlanError
from optimizer.search import NoPlanInTimeError, Search, trivial_bound
from optimizer.solver import EXACT_SHARE, Found, versions
from optimizer.today import (
    StartPlan,
    early_starts,
    limit_conflicts,
    planned_conflicts,
    planned_steps,
    schedule_of,
)

AGREEMENT_SHARE = 1e-6
"""How far the model's objective may lie from the schedule's cost. [-]"""


@noun(eq=False)
class _Stated:
    """A problem stated and handed to the solver."""

    sets: PlanSets
    matrix: Matrix
    search: Search
    build_s: float
    compile_s: float


def best_response(problem: ResponseProblem, options: SolveOptions, *, warm_start: Schedule | None = None) -> Response:
    """Find the schedule that costs this plant least under these prices.

    Anytime: when the deadline comes first, the best schedule found so far is given with its proven gap.
    The same problem, options and versions give the same schedule unless the deadline stopped the search.

    Parameters
    ----------
    problem : ResponseProblem
        Plant, plan, base load, prices and events of one horizon.
    options : SolveOptions
        Deadline of the whole call, relative gap, seed, threads.
    warm_start : Schedule, optional
        A schedule of the same plan to begin from, such as the answer under other prices.

    Returns
    -------
    Response
        Feasible; its costs are computed from the schedule and agree with the model's objective.

    Raises
    ------
    InfeasiblePlanError
        If no schedule exists; its ``data["conflicts"]`` say why in the plant's words.
    NoPlanInTimeError
        If the deadline came before any schedule.
    ObjectiveMismatchError
        If model and schedule disagree about the cost: a defect.
    """
    began = time.perf_counter()
    sets = plan_sets(problem)
    conflicts = arithmetic_conflicts(sets)
    if conflicts:
        raise InfeasiblePlanError(conflicts=conflicts)
    stated = _state(sets, options, deadline=began + options.deadline_s)
    start = _first_solution(stated, warm_start)
    found = stated.search.improve(start)
    if found.status == "infeasible":
        raise InfeasiblePlanError(conflicts=diagnose(sets, stated.matrix, options))
    if found.values is None:
        return _as_constructed(stated, warm_start)
    values = stated.search.exact(found.values)
    return _response(stated, found, values)


def _state(sets: PlanSets, options: SolveOptions, *, deadline: float) -> _Stated:
    began = time.perf_counter()
    model = build(sets)
    built = time.perf_counter()
    matrix = compile_matrix(model)
    search = Search(sets, matrix, options, deadline=deadline)
    return _Stated(
        sets=sets,
        matrix=matrix,
        search=search,
        build_s=built - began,
        compile_s=time.perf_counter() - built,
    )


def _first_solution(stated: _Stated, warm_start: Schedule | None) -> FloatArray | None:
    """Give the best complete solution around the warm start and around today's plan, if any is feasible."""
    sets, search = stated.sets, stated.search
    candidates = [_starts_from(sets, warm_start), today_starts(sets)]
    completed = [search.complete(starts) for starts in candidates if starts is not None]
    usable = [one for one in completed if one.values is not None]
    if not usable:
        return None
    return min(usable, key=lambda one: one.objective).values


def _as_constructed(stated: _Stated, warm_start: Schedule | None) -> Response:
    """Give today's way of running the warm start's or today's starts, where the solver had no time for more.

    Raises
    ------
    NoPlanInTimeError
        If that keeps not all limits either.
    """
    sets = stated.sets
    for starts in (_starts_from(sets, warm_start), today_starts(sets)):
        if starts is None:
            continue
        schedule = schedule_of(sets, starts)
        if not limit_conflicts(sets, starts, schedule):
            costs = schedule_costs(schedule, sets.problem)
            return Response(
                schedule=schedule,
                costs=costs,
                solve=_record(stated, "deadline", costs, trivial_bound(stated.matrix)),
            )
    raise NoPlanInTimeError(deadline_s=stated.search.options.deadline_s)


def _starts_from(sets: PlanSets, schedule: Schedule | None) -> StartPlan | None:
    """Read a schedule's starts; None where they are not starts of this plan on this horizon."""
    if schedule is None:
        return None
    starts: StartPlan = {way: [] for way in sets.tasks}
    for run in schedule.runs:
        step, rest = divmod(run.start - sets.problem.horizon.start, sets.problem.horizon.step)
        way = way_id(run.task_id, run.mode_id)
        if rest or way not in starts or step not in sets.tasks[way].steps:
            return None
        starts[way].append(step)
    for task_id, ways in sets.ways_of.items():
        least, most = sets.wanted_count(task_id)
        if not least <= sum(len(starts[way]) for way in ways) <= most:
            return None
    return starts


def today_starts(sets: PlanSets) -> StartPlan | None:
    """Give planned starts, the rest as early as possible; None where the plan forbids it or needs a search."""
    return None if planned_conflicts(sets) else early_starts(sets)


def _response(stated: _Stated, found: Found, values: FloatArray) -> Response:
    problem, matrix = stated.sets.problem, stated.matrix
    schedule = schedule_from(problem, matrix, values)
    costs = schedule_costs(schedule, problem)
    objective = float(matrix.cost @ values) + matrix.cost_offset
    if not agrees(objective, costs.total_cost):
        raise ObjectiveMismatchError(
            objective=objective, total_cost=costs.total_cost, difference=objective - costs.total_cost
        )
    bound = min(max(found.bound, trivial_bound(matrix)), costs.total_cost)
    gap = gap_share(costs.total_cost, bound)
    reached: Literal["optimal", "gap", "deadline"] = "optimal" if gap <= EXACT_SHARE else "gap"
    if stated.search.cut_by_clock or gap > max(EXACT_SHARE, stated.search.options.gap_share):
        reached = "deadline"
    return Response(schedule=schedule, costs=costs, solve=_record(stated, reached, costs, bound))


def _record(
    stated: _Stated, stopped_by: Literal["optimal", "gap", "deadline"], costs: CostParts, bound: float
) -> SolveRecord:
    search, matrix = stated.search, stated.matrix
    return SolveRecord(
        stopped_by=stopped_by,
        objective=costs.total_cost,
        bound=bound,
        gap_share=gap_share(costs.total_cost, bound),
        build_s=stated.build_s,
        compile_s=stated.compile_s,
        solve_s=search.solve_s,
        n_columns=matrix.cost.size,
        n_rows=matrix.row_least.size,
        n_integers=int(matrix.is_integer.sum()),
        n_nodes=search.n_nodes,
        versions=versions(),
        options={name: str(chosen) for name, chosen in sorted(search.recorded_options.items())},
    )


def agrees(objective: float, cost: float) -> bool:
    """Say whether two evaluations of one schedule agree."""
    return math.isclose(objective, cost, rel_tol=AGREEMENT_SHARE, abs_tol=AGREEMENT_SHARE)


def gap_share(objective: float, bound: float) -> float:
    """Give (objective - bound) / |objective|; 0 where both are 0. [-]."""
    missing = max(0.0, objective - bound)
    return 0.0 if missing == 0 else missing / max(abs(objective), 1e-9)


def today_response(problem: ResponseProblem, options: SolveOptions) -> Response:
    """Price the plan as people run it today.

    Planned starts are kept; every other run starts as early as machines, order, stores and the connection
    allow; modulating loads hold their shift's mean power; batteries stand idle (one that must end fuller
    charges at once until it is); PV is used as it comes; nothing is committed to events. This leaves no
    choice, so the record's bound is the cost itself. Where runs without planned starts needed a search and the
    clock ended it, the record says ``deadline``: a second search may place them otherwise.

    Raises
    ------
    InfeasiblePlanError
        If the planned starts, or running this way, break a limit; each conflict names it.
    NoPlanInTimeError
        If unplanned runs needed a search and the deadline came first.
    """
    began = time.perf_counter()
    sets = plan_sets(problem)
    conflicts = planned_conflicts(sets) or arithmetic_conflicts(sets)
    if conflicts:
        raise InfeasiblePlanError(conflicts=_as_today(conflicts))
    starts = early_starts(sets)
    schedule = None if starts is None else schedule_of(sets, starts)
    broken = () if starts is None or schedule is None else limit_conflicts(sets, starts, schedule)
    by_clock = False
    if schedule is None or (broken and _leaves_choice(sets)):
        starts, by_clock = _searched_starts(sets, options, deadline=began + options.deadline_s)
        schedule = schedule_of(sets, starts)
        broken = limit_conflicts(sets, starts, schedule)
    if broken:
        raise InfeasiblePlanError(conflicts=_as_today(broken))
    costs = schedule_costs(schedule, problem)
    return Response(
        schedule=schedule,
        costs=costs,
        solve=SolveRecord(
            stopped_by="deadline" if by_clock else "optimal",
            objective=costs.total_cost,
            bound=costs.total_cost,
            gap_share=0.0,
            build_s=0.0,
            compile_s=0.0,
            solve_s=time.perf_counter() - began,
            n_columns=0,
            n_rows=0,
            n_integers=0,
            n_nodes=0,
            versions=versions(),
            options={"plan": "today"},
        ),
    )


def _leaves_choice(sets: PlanSets) -> bool:
    return any(one.task.movable and not one.task.planned_starts for one in sets.tasks.values())


def _as_today(conflicts: tuple[Text, ...]) -> tuple[Text, ...]:
    return tuple(Text(en=f"today's plan: {one.en}", zh=f"现行计划：{one.zh}") for one in conflicts)


def _searched_starts(sets: PlanSets, options: SolveOptions, *, deadline: float) -> tuple[StartPlan, bool]:
    """Search the earliest starts with the model; also say whether the clock ended the search.

    Today's habits are fixed, the sum of start steps is minimised.
    """
    stated = _state(sets, options, deadline=deadline)
    fixed = {
        (task_id, step): planned_steps(one, sets.problem).count(step)
        for task_id, one in sets.tasks.items()
        for step in one.steps.tolist()
        if one.task.planned_starts
    }
    found = stated.search.earliest(fixed)
    if found.status == "infeasible":
        raise InfeasiblePlanError(conflicts=_as_today(diagnose(sets, stated.matrix, options)))
    if found.values is None:
        raise NoPlanInTimeError(deadline_s=options.deadline_s)
    return starts_of(stated.matrix, found.values, list(sets.tasks)), stated.search.cut_by_clock
