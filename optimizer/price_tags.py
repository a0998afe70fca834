"""What limits are worth and what wishes cost, found by planning again: duals would lie about whole runs."""

from collections.abc import Iterable
from dataclasses import replace

from domain.errors import WattplanError
from domain.offers import ProcessWish, Response, ResponseProblem, RunWish, SolveOptions
from domain.offers.reasons import Alternative, LimitKind, PriceTag
from domain.plant import Schedule
from domain.plant.expand import n_occupied, plan_ways
from domain.text import Language, Text
from optimizer.audit import audit
from optimizer.block_reasons import with_run_moved
from optimizer.demands import compensators_less, shifts_less
from optimizer.infeasible import InfeasiblePlanError
from optimizer.limit_making import Limit
from optimizer.limits import limits_of
from optimizer.oracle import Oracle
from optimizer.response import best_response
from optimizer.search import NoPlanInTimeError
from optimizer.standing import StandingRunGoneError
from optimizer.wish_words import wish_words
from optimizer.wishes import WishNotPossibleError
from optimizer.words import joined

NOT_ASKED = (NoPlanInTimeError, StandingRunGoneError, WishNotPossibleError)
"""A change or wish that ends so has no plan, or none in time; the plan itself stands."""
USUAL: tuple[LimitKind, ...] = (
    "due",
    "latest_end",
    "earliest",
    "wait",
    "store",
    "people",
    "utility",
    "connection",
    "compensation",
)
"""Limits that are looked at unless others are asked for; more machines and batteries are another question."""


def touched_limits(problem: ResponseProblem, schedule: Schedule) -> tuple[Limit, ...]:
    """Give the limits that a schedule touches: narrower by a little, each would be broken.

    A limit that no part of the schedule touches may still be worth something, for whole runs do not move by a little;
    ask for it by name to know.
    """
    return tuple(one for one in limits_of(problem) if one.is_touched(schedule))


def price_tags(
    problem: ResponseProblem,
    response: Response,
    options: SolveOptions,
    *,
    kinds: Iterable[LimitKind] = USUAL,
    n_most: int = 8,
    with_shifts: bool = True,
) -> tuple[PriceTag, ...]:
    """Say what the limits that a plan touches are worth, each by itself.

    Parameters
    ----------
    problem : ResponseProblem
    response : Response
        Its best plan so far.
    options : SolveOptions
        For each planning anew; a deadline of a few seconds is enough, for each starts from the plan.
    kinds : Iterable[LimitKind]
        Which limits to look at.
    n_most : int
        At most so many limits, in the order of the plan.
    with_shifts : bool
        Whether each shift's own worth is looked at too.

    Returns
    -------
    tuple[PriceTag, ...]
        The most valuable first; a tag's ``saving`` is what was found, ``most_saving`` what cannot be exceeded.
    """
    wanted = set(kinds)
    chosen = [one for one in touched_limits(problem, response.schedule) if one.kind in wanted][:n_most]
    if with_shifts and len(problem.plan.shifts) > 1:
        chosen += shifts_less(problem)
    if "compensation" in wanted:
        chosen += compensators_less(problem)
    tags = [price_tag(response, one, options) for one in chosen]
    return tuple(sorted(tags, key=_worth))


def _worth(tag: PriceTag) -> float:
    return float("inf") if tag.saving is None else -tag.saving


def price_tag(response: Response, limit: Limit, options: SolveOptions) -> PriceTag:
    """Say what one changed limit of a response's problem is worth. [currency]."""
    changed, change = limit.widened(limit.amount), limit.change()
    try:
        found = best_response(changed, options, warm_start=response.schedule)
    except InfeasiblePlanError as error:
        return PriceTag(change=change, saving=None, most_saving=None, conflicts=tuple(error.data["conflicts"]))
    except NOT_ASKED as error:
        return PriceTag(change=change, saving=None, most_saving=None, conflicts=(_said(error),))
    better = better_of(response, found, changed)
    cost = response.costs.total_cost
    return PriceTag(
        change=change,
        saving=cost - better.costs.total_cost,
        most_saving=cost - min(found.solve.bound, better.costs.total_cost),
        response=better,
    )


def better_of(plan: Response, found: Response, problem: ResponseProblem) -> Response:
    """Give the plan itself where it is sound under a changed problem too and costs less than what was found."""
    if plan.costs.total_cost < found.costs.total_cost and not audit(plan.schedule, problem).violations:
        return plan
    return found


def alternative(
    problem: ResponseProblem, response: Response, wishes: Iterable[RunWish | ProcessWish], options: SolveOptions
) -> Alternative:
    """Say what keeping wishes costs against the plan: keep furnace 2 at 10:00: +430.

    A wish that the plan keeps anyway costs nothing. One that cannot be kept is answered with what contradicts it.
    """
    kept = tuple(wishes)
    said = joined([wish_words(one, problem) for one in kept])
    asked = replace(problem, wishes=(*problem.wishes, *kept))
    cost = response.costs.total_cost
    try:
        found = Oracle(asked, options).respond(warm_start=_with_wishes(problem, response.schedule, kept), near=())
    except InfeasiblePlanError as error:
        return Alternative(said=said, extra_cost=None, least_extra_cost=None, conflicts=tuple(error.data["conflicts"]))
    except NOT_ASKED as error:
        return Alternative(said=said, extra_cost=None, least_extra_cost=None, conflicts=(_said(error),))
    return Alternative(
        said=said,
        extra_cost=found.costs.total_cost - cost,
        # a wish only narrows the choice, so the plan's own bound holds too
        least_extra_cost=max(found.solve.bound, response.solve.bound) - cost,
        response=found,
    )


def _with_wishes(problem: ResponseProblem, schedule: Schedule, wishes: Iterable[RunWish | ProcessWish]) -> Schedule:
    """Give a schedule to begin from: of each task wished for, the run nearest to the wish is moved there."""
    ways = plan_ways(problem.plan)
    for wish in wishes:
        if not isinstance(wish, RunWish) or (wish.task_id, wish.mode_id) not in ways:
            continue
        runs = [one for one in schedule.runs if (one.task_id, one.mode_id) == (wish.task_id, wish.mode_id)]
        step, rest = divmod(wish.start - problem.horizon.start, problem.horizon.step)
        way = ways[wish.task_id, wish.mode_id]
        if rest or not runs or not 0 <= step <= problem.horizon.n_steps - n_occupied(way, problem.horizon.step_min):
            continue
        nearest = min(runs, key=lambda one, at=wish.start: abs(one.start - at))  # type: ignore[misc]
        schedule = with_run_moved(schedule, nearest, way, step, problem)
    return schedule


def _said(error: WattplanError) -> Text:
    return Text(en=error.say(Language.EN), zh=error.say(Language.ZH))
