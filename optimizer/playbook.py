"""Demand response before the call: commitments now, one base plan, and what to do if an event is called.

Until an event's notice nobody knows of it: the base plan and every plan for the event are the same up to then. The
commitment is made before all of it. What is minimised is the expected cost over all courses of events; what a response
moves must be made up later, and the peaks that this makes are billed in its course.

Small plants are solved exactly, all courses in one model (``extensive``). Larger ones are decomposed: several base plans
are tried (the best without events, one that would suit each event, one that responds to all), each is continued without
a call and answered best from each notice on, and the cheapest is taken. Its distance from the best there could be is
bounded by what it would cost if everything were known from the start.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from domain.noun import noun
from domain.offers import Response, ResponseProblem, SolveOptions, StandingPlan
from domain.offers.asked import Joint
from domain.offers.playbook import EventChance, Playbook, RecoursePlan
from domain.plant import Schedule
from domain.programmes.terms import EventTerm
from optimizer.actions import changed_actions
from optimizer.asking import Asker
from optimizer.costs import schedule_costs
from optimizer.extensive import ExtensiveAnswer, solve_extensive, state
from optimizer.infeasible import InfeasiblePlanError
from optimizer.oracle import Oracle
from optimizer.outcomes import Outcome, must_not_price_changes, outcomes_of, promise_of
from optimizer.search import NoPlanInTimeError
from optimizer.solver import EXACT_SHARE, gap_share
from optimizer.tidy import tidied

Method = Literal["auto", "extensive", "decomposed"]
FIRST_SHARE = 0.25
"""Share of the time for the plan without events, from which all others start. [-]"""
EXTENSIVE_INTEGERS = 600
"""Up to so many integers all courses are solved as one model. [-]"""
COMMITTED_KW = 1e-6


@noun(eq=False)
class Courses:
    """A response to every course of events, and what is known of the best."""

    responses: tuple[Response, ...]
    """By outcome."""
    expected_cost: float
    bound: float
    method: Literal["extensive", "decomposed"]
    is_cut: bool
    """Whether the clock ended any part of it."""
    uncommitted_cost: float


def playbook(
    problem: ResponseProblem,
    chances: Sequence[EventChance],
    options: SolveOptions,
    *,
    joint: Joint = "exclusive",
    method: Method = "auto",
) -> Playbook:
    """Commit now, plan for no call, and plan for each call.

    Parameters
    ----------
    problem : ResponseProblem
        Its events are those that may be called.
    chances : sequence of EventChance
        One for each event, or for each promise where several terms settle one.
    options : SolveOptions
        Deadline of the whole, gap of each search.
    joint : "exclusive" or "independent"
        Whether at most one event is called, or each whatever the others are.

    Raises
    ------
    UnknownChanceError, ChancesDoNotAddUpError, TooManyOutcomesError
        If events and chances do not go together.
    StandingPlanPricedError
        If the problem's standing plan has change costs.
    InfeasiblePlanError, NoPlanInTimeError
        If there is no plan at all, or none was found in time.
    """
    must_not_price_changes(problem)
    outcomes = outcomes_of(problem, chances, joint)
    n_singles = sum(len(one.called) == 1 for one in outcomes)
    asker = Asker(options, 1 + len(outcomes) + (n_singles + 2) * len(outcomes))
    if method != "decomposed":
        stacked = state(outcomes, most_integers=None if method == "extensive" else EXTENSIVE_INTEGERS)
        if stacked is not None:
            answer = solve_extensive(stacked, asker.part(1.0))
            if answer is not None:
                return _written(problem, outcomes, _tidied(outcomes, _exactly(outcomes, answer, asker), asker))
            asker.ask_once(outcomes[0].problem, warm_start=None)  # says in the plant's words why there is no plan
    return _written(problem, outcomes, _tidied(outcomes, _decomposed(problem, outcomes, asker), asker))


def _exactly(outcomes: tuple[Outcome, ...], answer: ExtensiveAnswer, asker: Asker) -> Courses:
    plain = asker.ask_once(outcomes[0].problem, warm_start=answer.responses[0].schedule, share=1.0)
    return Courses(
        responses=answer.responses,
        expected_cost=answer.expected_cost,
        bound=answer.bound,
        method="extensive",
        is_cut=answer.status == "deadline",
        uncommitted_cost=plain.costs.total_cost,
    )


def _decomposed(problem: ResponseProblem, outcomes: tuple[Outcome, ...], asker: Asker) -> Courses:
    """Try several base plans, answer each event best from its notice on, keep the cheapest."""
    base_problem = outcomes[0].problem
    oracle = Oracle(base_problem, asker.part(1.0))
    plain = asker.ask(oracle, share=FIRST_SHARE)
    knowing: dict[tuple[str, ...], Response] = {(): plain}
    ready: list[tuple[Schedule, int]] = []
    for outcome in outcomes[1:]:
        found = _found(oracle, outcome.problem.events, plain.schedule, asker)
        if found is not None:
            knowing[outcome.called] = found
            ready += [(found.schedule, outcome.notices[0])] if len(outcome.called) == 1 else []
    found = _found(oracle, _weighed(problem.events, outcomes), plain.schedule, asker)
    if found is not None:
        ready.append((found.schedule, max(one.notices[-1] for one in outcomes[1:])))
    bound = sum(
        one.probability * (knowing[one.called].solve.bound if one.called in knowing else -math.inf) for one in outcomes
    )
    tried = [_answered(outcomes, plain, asker)]
    for schedule, notice in ready:
        base = _continued(base_problem, schedule, notice, asker)
        if base is not None:
            tried.append(_answered(outcomes, base, asker))
    expected, responses = min(tried, key=lambda one: one[0])
    return Courses(
        responses=responses,
        expected_cost=expected,
        bound=min(bound, expected),
        method="decomposed",
        is_cut=any(one.solve.stopped_by == "deadline" for one in [*knowing.values(), *responses]),
        uncommitted_cost=plain.costs.total_cost,
    )


def _found(oracle: Oracle, events: tuple[EventTerm, ...], start: Schedule, asker: Asker) -> Response | None:
    """Give the best plan with events foreseen; None where none was found in time: one base plan less to try."""
    try:
        return asker.ask(oracle, events=events, warm_start=start)
    except NoPlanInTimeError:
        return None


def _weighed(events: tuple[EventTerm, ...], outcomes: tuple[Outcome, ...]) -> tuple[EventTerm, ...]:
    """Give the events as if they were responded to without waiting for the call, pay weighed by its probability."""
    called: dict[str, float] = {}
    for outcome in outcomes:
        for name in outcome.called:
            called[name] = called.get(name, 0.0) + outcome.probability
    return tuple(
        replace(
            event,
            pay_per_kw=event.pay_per_kw * called[promise_of(event)],
            penalty_per_kw=event.penalty_per_kw * called[promise_of(event)],
        )
        for event in events
    )


def _from_notice(problem: ResponseProblem, schedule: Schedule, first: int) -> ResponseProblem:
    """Give a question in which everything before a step is as in a schedule."""
    now = problem.horizon.at(first)
    standing = problem.standing
    if standing is not None and standing.now >= now:
        return problem
    return replace(problem, standing=StandingPlan(schedule=schedule, now=now))


def _continued(problem: ResponseProblem, schedule: Schedule, first: int, asker: Asker) -> Response | None:
    """Give the best plan without a call that begins as a schedule does."""
    try:
        return asker.ask_once(_from_notice(problem, schedule, first), warm_start=schedule)
    except (InfeasiblePlanError, NoPlanInTimeError):
        return None


def _answered(outcomes: tuple[Outcome, ...], base: Response, asker: Asker) -> tuple[float, tuple[Response, ...]]:
    """Answer every course of events from its last notice on; commitments are those of the first course with the event."""
    known: dict[tuple[str, ...], Response] = {(): base}
    promised: dict[str, float] = {}
    for outcome in outcomes[1:]:
        before = known[outcome.called[:-1]]  # shorter courses come first
        question = _with_promises(outcome.problem, promised)
        asked = _from_notice(question, before.schedule, outcome.notices[-1])
        found = _as_before(question, before, promised)
        try:
            answer = asker.ask_once(asked, warm_start=before.schedule)
            found = min(found, answer, key=lambda one: one.costs.total_cost)
        except (InfeasiblePlanError, NoPlanInTimeError):
            pass  # going on as before is a plan
        known[outcome.called] = found
        for event in question.events:
            promised.setdefault(promise_of(event), found.schedule.commitments_kw.get(event.event_id, 0.0))
    expected = sum(one.probability * known[one.called].costs.total_cost for one in outcomes)
    return expected, tuple(known[one.called] for one in outcomes)


def _as_before(problem: ResponseProblem, before: Response, promised: dict[str, float]) -> Response:
    """Give what it costs to go on as if nothing more had been called: what is promised is then not delivered."""
    kept = {event.event_id: promised.get(promise_of(event), 0.0) for event in problem.events}
    schedule = replace(before.schedule, commitments_kw=kept)
    return replace(before, schedule=schedule, costs=schedule_costs(schedule, problem))


def _with_promises(problem: ResponseProblem, promised: dict[str, float]) -> ResponseProblem:
    """Hold commitments that are made already; what nothing is promised for is no event."""
    events: list[EventTerm] = []
    for event in problem.events:
        kw = promised.get(promise_of(event))
        if kw is None:
            events.append(event)
        elif kw > COMMITTED_KW:
            events.append(replace(event, min_commitment_kw=kw, max_commitment_kw=kw, is_committed=True))
    return replace(problem, events=tuple(events))


def _tidied(outcomes: tuple[Outcome, ...], courses: Courses, asker: Asker) -> Courses:
    """Let plans for events differ from the base plan only where that pays, as far as time is left for it."""
    base = courses.responses[0]
    responses = [base]
    for number, (outcome, response) in enumerate(zip(outcomes[1:], courses.responses[1:], strict=True)):
        alone_from = _alone_from(outcome, outcomes)
        if asker.left_s <= 0 or alone_from is None:
            responses.append(response)
            continue
        fixed = _from_notice(outcome.problem, response.schedule, alone_from)
        share = 1 / (len(outcomes) - 1 - number)
        responses.append(tidied(fixed, response, base.schedule, asker.part(share)))
    expected = sum(one.probability * each.costs.total_cost for one, each in zip(outcomes, responses, strict=True))
    return replace(courses, responses=tuple(responses), expected_cost=expected)


def _alone_from(outcome: Outcome, outcomes: tuple[Outcome, ...]) -> int | None:
    """Give the first step from which a course shares nothing with any other."""
    notices = sorted({notice for one in outcomes for notice in one.notices})
    others = [one for one in outcomes if one.called != outcome.called]
    return next((t for t in notices if all(one.known_at(t) != outcome.known_at(t) for one in others)), None)


def _written(problem: ResponseProblem, outcomes: tuple[Outcome, ...], courses: Courses) -> Playbook:
    base = courses.responses[0]
    commitments = {promise_of(event): 0.0 for event in problem.events}
    for response in courses.responses:
        for event in problem.events:
            kw = response.schedule.commitments_kw.get(event.event_id, 0.0)
            commitments[promise_of(event)] = max(commitments[promise_of(event)], kw)
    gap = gap_share(courses.expected_cost, courses.bound, problem.terms.constant)
    return Playbook(
        base=base,
        uncalled_probability=outcomes[0].probability,
        plans=tuple(
            recourse_plan(outcome, base, response)
            for outcome, response in zip(outcomes[1:], courses.responses[1:], strict=True)
        ),
        commitments_kw=commitments,
        expected_cost=courses.expected_cost,
        uncommitted_cost=courses.uncommitted_cost,
        bound=courses.bound,
        gap_share=gap,
        method=courses.method,
        stopped_by="deadline" if courses.is_cut else "optimal" if gap <= EXACT_SHARE else "gap",
    )


def recourse_plan(outcome: Outcome, base: Response, response: Response) -> RecoursePlan:
    """Say what a course of events asks for, against the base plan."""
    problem, grid = outcome.problem, outcome.problem.horizon
    schedule, costs = response.schedule, response.costs
    more_kw = schedule.import_kw - base.schedule.import_kw
    first = min(outcome.notices)
    called = [event for event in problem.events if schedule.commitments_kw.get(event.event_id, 0.0) > COMMITTED_KW]
    after = min((event.stop for event in called), default=grid.n_steps)
    return RecoursePlan(
        called=outcome.called,
        probability=outcome.probability,
        notice_at=grid.at(outcome.notices[-1]),
        response=response,
        delivered_kw=_delivered(problem.events, schedule),
        extra_cost=(costs.total_cost + costs.event_pay - costs.event_penalty) - base.costs.total_cost,
        rebound_kwh=float(more_kw[after:].clip(min=0.0).sum()) * grid.step_h,
        peak_change_kw=float(schedule.import_kw.max() - base.schedule.import_kw.max()),
        actions=changed_actions(problem, base.schedule, schedule, event_id="+".join(outcome.called), first=first),
    )


def _delivered(events: Iterable[EventTerm], schedule: Schedule) -> dict[str, float]:
    """Give the mean response by promise; where several terms settle one, the mean over them. [kW]."""
    found: dict[str, list[float]] = {}
    for event in events:
        mean_kw = float(schedule.import_kw[event.first : event.stop].mean())
        found.setdefault(promise_of(event), []).append(event.delivered_kw(mean_kw))
    return {name: sum(parts) / len(parts) for name, parts in found.items()}
