"""One question to the oracle, and the plan priced as people run it today."""

import time

from domain.offers import Response, ResponseProblem, SolveOptions, SolveRecord
from domain.plant import Schedule
from domain.text import Text
from optimizer.conflicts import arithmetic_conflicts
from optimizer.costs import schedule_costs
from optimizer.diagnose import diagnose
from optimizer.extract import starts_of
from optimizer.formulation import PlanSets, plan_sets
from optimizer.infeasible import InfeasiblePlanError
from optimizer.oracle import Oracle, agrees
from optimizer.search import NoPlanInTimeError
from optimizer.solver import gap_share, versions
from optimizer.today import (
    StartPlan,
    early_starts,
    limit_conflicts,
    planned_conflicts,
    planned_steps,
    schedule_of,
)

__all__ = ["agrees", "best_response", "gap_share", "today_response"]


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
    return Oracle(problem, options).respond(warm_start=warm_start)


def today_response(problem: ResponseProblem, options: SolveOptions) -> Response:
    """Price the plan as people run it today.

    Planned starts are kept; every other run starts as early as machines, order, stores and the connection
    allow; modulating loads hold their shift's mean power; batteries stand idle (one that must end fuller
    charges at once until it is); processes run as ``process_today`` says; PV is used as it comes; nothing is committed to
    events. This leaves no choice, so the record's bound is the cost itself. Where runs without planned starts needed a search and the
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
    stated = Oracle(sets.problem, options).state(sets.problem, deadline=deadline)
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
