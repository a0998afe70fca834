"""What would make an impossible plan possible: each change by itself, no larger than it must be, and what it then costs."""

import time
from collections.abc import Iterator
from dataclasses import replace

from domain.errors import WattplanError
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.offers.reasons import LimitKind, Repair
from optimizer.conflicts import arithmetic_conflicts
from optimizer.demands import demands_of
from optimizer.diagnose import Owner, contradictions
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.limit_making import Limit
from optimizer.limits import limits_of
from optimizer.response import best_response

ROUGH_GAP_SHARE = 0.05
"""Gap at which a plan says well enough that there is one. [-]"""
ROUGH_S = 4.0
"""Longest search for whether there is a plan with one change. [s]"""
TRIALS = 10
"""Halvings between a change that is too small and one that is large enough. [-]"""


def repairs(problem: ResponseProblem, options: SolveOptions, *, n_most: int = 6) -> tuple[Repair, ...]:
    """Find single changes that make an impossible plan possible.

    Only limits and demands that the contradiction names are looked at; where it names none, all of them. Each is
    widened no further than needed (to a step of the horizon, a piece, an eighth of its usual widening), and the plan
    with it is searched under the options. Physics is never relaxed: every repair's plan is a plan of the changed data.

    Parameters
    ----------
    problem : ResponseProblem
        A problem that ``best_response`` refused as infeasible.
    options : SolveOptions
        For each repair's plan; the whole takes at most ``n_most + 1`` times its deadline.
    n_most : int
        At most so many repairs.

    Returns
    -------
    tuple[Repair, ...]
        Those that do all the work first, each group by what its plan costs; empty where no single change suffices (or
        none was found in time).
    """
    deadline = time.perf_counter() + options.deadline_s * (n_most + 1)
    found: list[Repair] = []
    for limit in suspects(problem, options):
        if len(found) == n_most or time.perf_counter() > deadline:
            break
        amount = least_amount(limit, options, deadline)
        if amount is None:
            continue
        response = _plan(limit.widened(amount), options)
        if response is not None:
            found.append(Repair(change=limit.change(amount), cost=response.costs.total_cost, response=response))
    return tuple(sorted(found, key=lambda one: (one.change.kind in DEMANDS, one.cost)))


def suspects(problem: ResponseProblem, options: SolveOptions) -> Iterator[Limit]:
    """Give the limits and demands that a contradiction names, limits first; all where it names none."""
    sets = plan_sets(problem)
    named = contradictions(sets, compile_matrix(build(sets)), options)
    # compensators cost or save money, they make no plan possible
    limits = [one for one in limits_of(problem) if one.kind != "compensation"]
    everything = [*limits, *demands_of(problem)]
    chosen = [one for one in everything if any(_concerns(one, owner, problem) for owner in named)]
    yield from chosen or everything


RUNS = frozenset({"all_runs_start"})
MACHINES = frozenset({"machine_capacity", "family_balance"})
LEVELS = frozenset({"level", "level_at_end", "level_at_end_not_above"})
DEMANDS = ("runs", "quota", "end_level", "end_most")
"""Changes that leave wanted work undone; a plan with one of them costs less for that."""
NAMED_BY: dict[LimitKind, frozenset[str]] = {
    "due": RUNS,
    "latest_end": RUNS,
    "earliest": RUNS,
    "runs": RUNS,
    "machine": RUNS | MACHINES,
    "outage": RUNS | MACHINES,
    "wait": frozenset({"greatest_gap"}),
    "store": LEVELS,
    "end_level": LEVELS,
    "end_most": LEVELS,
    "hold": frozenset({"held_not_longer"}),
    "utility": frozenset({"utility_covers"}),
    "quota": frozenset({"quota_least", "process", "starts_of_day"}),
    "people": frozenset({"people_attend"}),
    "connection": frozenset({"import_kw"}),
}
"""The wishes and limits of the model that a change could end, by its kind."""


def _concerns(limit: Limit, owner: Owner, problem: ResponseProblem) -> bool:
    """Say whether a change could end what an owner's wish or limit contradicts."""
    name, subject = owner
    if limit.kind != "wish" and name not in NAMED_BY.get(limit.kind, frozenset()):
        return False
    if limit.kind in {"wish", "people", "connection"}:
        return True
    if limit.kind in {"machine", "outage"} and name in RUNS:
        return any(limit.subject_id in way.machine_ids for way in problem.plan.task(subject).ways())
    if limit.kind == "due":
        return problem.plan.task(subject).order_id == limit.subject_id
    if limit.kind == "wait":
        return " → ".join(subject) == limit.subject_id
    return bool((subject[0] if isinstance(subject, tuple) else subject) == limit.subject_id)


def least_amount(limit: Limit, options: SolveOptions, deadline: float) -> float | None:
    """Give the smallest change of a limit, to its finest, with which a plan is found; None: none is enough."""
    enough = limit.most
    if not _is_possible(limit, enough, options):
        return None
    too_little, trials = 0.0, 0
    while enough - too_little > limit.finest * (1 + 1e-9) and trials < TRIALS and time.perf_counter() < deadline:
        middle = too_little + limit.finest * max(1, round((enough - too_little) / limit.finest / 2))
        if middle >= enough:
            break
        trials += 1
        if _is_possible(limit, middle, options):
            enough = middle
        else:
            too_little = middle
    return enough


def _is_possible(limit: Limit, amount: float, options: SolveOptions) -> bool:
    try:
        changed = limit.widened(amount)
        if arithmetic_conflicts(plan_sets(changed)):
            return False
    except WattplanError:
        return False  # so changed, the plan contradicts itself in another way
    rough = replace(options, deadline_s=min(options.deadline_s, ROUGH_S), gap_share=ROUGH_GAP_SHARE)
    return _plan(changed, rough) is not None


def _plan(problem: ResponseProblem, options: SolveOptions) -> Response | None:
    try:
        return best_response(problem, options)
    except WattplanError:
        return None  # no plan, none in time, or the changed data contradict themselves
