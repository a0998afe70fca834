"""Demand response before the call, for a case: what a window's response costs, and what to do if events are called."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, TypeVar

from domain import checks
from domain.errors import UnknownReferenceError, WattplanError
from domain.files.documents import to_plain
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.offers import PRESENT_ID, Case, Package, ResponseProblem
from domain.offers.asked import AvailabilityAsked, CallAsked, Joint
from domain.offers.playbook import AvailabilityPoint, EventChance, Playbook
from domain.plant import Interval, Schedule
from domain.programmes.terms import EventTerm
from domain.text import Language, Text
from domain.time import said_at
from optimizer.audit import audit, must_agree, must_be_sound
from optimizer.availability import availability_curve
from optimizer.availability_window import Window, WindowOffGridError
from optimizer.infeasible import InfeasiblePlanError
from optimizer.outcomes import Outcome, outcomes_of
from optimizer.playbook import playbook
from scenarios import findings
from scenarios.candidates import event_offers
from scenarios.loads import Loads
from scenarios.planning import question_of, today_of
from scenarios.progress import Progress, ProgressListener, ignore
from scenarios.quote import unique
from scenarios.window_baseline import WindowBaseline, window_baseline

N_STAGES = 3
EVENT_WITHOUT_CHANCE = FindingKind(
    code="event_without_chance",
    severity=Severity.INFO,
    words=Text(
        en="Event {event_id} was given no chance; it is planned as never called.",
        zh="未给出事件 {event_id} 的调用概率；计划中视为不会被调用。",
    ),
)


class WindowOutsidePlanError(WattplanError, ValueError):
    """A window does not lie within the plan's horizon."""

    code = "window_outside_plan"
    words = Text(
        en="The window {start} … {end} does not lie within the plan {plan_start} … {plan_end}. Move it, or plan those days.",
        zh="时段 {start} … {end} 不在计划期 {plan_start} … {plan_end} 之内。请调整时段，或将这些日期纳入计划。",
    )


class NoEventsError(WattplanError, ValueError):
    """A playbook is wanted for a case without events, or without consent to demand response."""

    code = "no_events"
    words = Text(
        en="Case {case_id}: {problem}. Nothing can be called, so there is no playbook.",
        zh="案例 {case_id}：{problem}。没有可调用的事件，因此没有应对方案。",
    )


class EventNotPlannableError(WattplanError, ValueError):
    """An event cannot be planned for."""

    code = "event_not_plannable"
    words = Text(
        en="Event {event_id} cannot be planned for: {reasons}. Leave it out, or mend it in the case.",
        zh="无法为事件 {event_id} 做计划：{reasons}。请去掉该事件，或在案例中改正。",
    )


@noun(eq=False)
class AvailabilityAnswer:
    """What each level of response costs, lowest first."""

    case_id: str
    package: Package
    currency: str
    asked: AvailabilityAsked
    baseline: WindowBaseline
    """From what the levels are counted."""
    points: tuple[AvailabilityPoint, ...]
    """Empty: no response at all can be held."""
    findings: tuple[Finding, ...]


def plan_availability(
    case: Case, asked: AvailabilityAsked, *, progress: ProgressListener = ignore
) -> AvailabilityAnswer:
    """Price the response that a case's plant can hold in a window, under one of its packages.

    Raises
    ------
    WindowOutsidePlanError, WindowOffGridError, UnknownReferenceError
    BaselineNotPossibleError
        If the meter does not know enough for the baseline asked for.
    InfeasiblePlanError, NoPlanInTimeError
        If there is no plan even without any promise.
    WattplanError
        Naming what is wrong with the case, and how to mend it.
    """
    _must_lie_within(case, asked)
    baseline, baseline_findings = window_baseline(
        case,
        asked.baseline_id,
        start=asked.start,
        end=asked.end,
        notice_at=asked.notice_at,
        reference_kw=asked.reference_kw,
    )
    question = question_of(case, asked.package_id, with_dr=False, progress=progress, n_stages=N_STAGES)
    today, today_findings = today_of(case, question.problem)
    _tell(progress, 2, Text(en="today's plan", zh="现行计划"))
    window = Window(
        span=Interval(start=asked.start, end=asked.end),
        sign=asked.sign,
        baseline_kw=baseline.values_kw,
        notice_at=asked.notice_at,
        hold=asked.hold,
    )
    points, room = _with_room(
        question.problem,
        lambda problem: availability_curve(
            problem,
            window,
            case.options.solve,
            asked.levels_kw or None,
            warm_start=None if today is None else today.schedule,
        ),
    )
    plain = replace(question.problem, import_reserve_kw=None)
    for one in points:
        if one.response is not None:
            _must_hold(replace(one.response.schedule, commitments_kw={}), plain, one.response.costs.total_cost)
    _tell(progress, 3, Text(en="each level of response", zh="各响应水平"))
    return AvailabilityAnswer(
        case_id=case.case_id,
        package=question.package,
        currency=question.package.tariff.currency,
        asked=asked,
        baseline=baseline,
        points=points,
        findings=unique((*question.findings, *today_findings, *baseline_findings, *room)),
    )


def _must_lie_within(case: Case, asked: AvailabilityAsked) -> None:
    plan, zone = case.plan, case.site.zone
    times = {"start": said_at(asked.start, zone), "end": said_at(asked.end, zone)}
    if asked.start < plan.start or asked.end > plan.end:
        plan_times = {"plan_start": said_at(plan.start, zone), "plan_end": said_at(plan.end, zone)}
        raise WindowOutsidePlanError(**times, **plan_times)
    step = timedelta(minutes=case.meter.grid.step_min)
    if (asked.start - plan.start) % step or (asked.end - plan.start) % step:
        raise WindowOffGridError(**times, step_min=case.meter.grid.step_min)


@noun(eq=False)
class PlaybookAnswer:
    """Commitments made now, one base plan, and what to do if an event is called."""

    case_id: str
    package: Package
    currency: str
    chances: tuple[EventChance, ...]
    book: Playbook
    problem: ResponseProblem
    """What was asked; its events are those that may be called."""
    findings: tuple[Finding, ...]


def plan_playbook(
    case: Case,
    calls: Sequence[CallAsked],
    *,
    package_id: str = PRESENT_ID,
    joint: Joint = "exclusive",
    progress: ProgressListener = ignore,
) -> PlaybookAnswer:
    """Decide a case's commitments before any of its events is called, and how the plant runs then and otherwise.

    Parameters
    ----------
    calls : sequence of CallAsked
        Events of the case; those that are not named are never called.
    joint : "exclusive" or "independent"
        Whether at most one of them is called, or each whatever the others are.

    Raises
    ------
    NoEventsError, UnknownReferenceError, DuplicateIdError, EventNotPlannableError
        If the case has no events, or not these, or they cannot be planned for.
    ChancesDoNotAddUpError, TooManyOutcomesError
    InfeasiblePlanError, NoPlanInTimeError
    WattplanError
        Naming what is wrong with the case, and how to mend it.
    """
    _must_be_events(case, calls)
    question = question_of(case, package_id, with_dr=False, progress=progress, n_stages=N_STAGES)
    terms, unplanned = _terms(case, question.loads, calls)
    chances = tuple(_chance(case, one, terms[one.event_id], question.problem) for one in calls)
    problem = replace(question.problem, events=tuple(terms.values()))
    outcomes_of(problem, chances, joint)  # refuses chances that do not go together before any search
    _tell(progress, 2, Text(en="events and their baselines", zh="事件及其基线"))
    book, room = _with_room(problem, lambda one: playbook(one, chances, case.options.solve, joint=joint))
    plain = replace(problem, import_reserve_kw=None)
    responses = (book.base, *(one.response for one in book.plans))
    for outcome, response in zip(outcomes_of(plain, chances, joint), responses, strict=True):
        _must_hold(_only_called(response.schedule, outcome), outcome.problem, response.costs.total_cost)
    _tell(progress, 3, Text(en="plans for every course of events", zh="各种情形下的计划"))
    left = [EVENT_WITHOUT_CHANCE.at(event_id=one.event_id) for one in case.events if one.event_id not in terms]
    return PlaybookAnswer(
        case_id=case.case_id,
        package=question.package,
        currency=question.package.tariff.currency,
        chances=chances,
        book=book,
        problem=problem,
        findings=unique((*question.findings, *unplanned, *left, *room)),
    )


def _must_be_events(case: Case, calls: Sequence[CallAsked]) -> None:
    if not case.events:
        raise NoEventsError(case_id=case.case_id, problem=Text(en="it has no events", zh="其中没有事件"))
    if not case.preferences.accept_dr:
        refused = Text(en="its preferences.accept_dr is false", zh="其 preferences.accept_dr 为否")
        raise NoEventsError(case_id=case.case_id, problem=refused)
    checks.not_empty("PlaybookAsked", "calls", calls)
    checks.unique("PlaybookAsked", "calls", (one.event_id for one in calls))
    known = [one.event_id for one in case.events]
    for one in calls:
        if one.event_id not in known:
            raise UnknownReferenceError(noun="PlaybookAsked", field="calls", value=one.event_id, known=", ".join(known))


def _terms(case: Case, loads: Loads, calls: Sequence[CallAsked]) -> tuple[dict[str, EventTerm], tuple[Finding, ...]]:
    """Give the events' terms in the order of the case; refuse one that has none."""
    wanted = {one.event_id for one in calls}
    asked = replace(case, events=tuple(one for one in case.events if one.event_id in wanted))
    offers, found = event_offers(asked, loads)
    terms = {one.term.event_id: one.term for one in offers}
    for event_id in sorted(wanted - set(terms)):
        reasons = tuple(
            Text(en=one.say(Language.EN), zh=one.say(Language.ZH))
            for one in found
            if one.data.get("event_id") == event_id
        )
        raise EventNotPlannableError(event_id=event_id, reasons=reasons)
    return terms, tuple(found)


def _chance(case: Case, call: CallAsked, term: EventTerm, problem: ResponseProblem) -> EventChance:
    """Give a call's chance; without a notice of its own it is told when the event says."""
    notice_min = call.notice_min
    if notice_min is None:
        event = next(one for one in case.events if one.event_id == call.event_id)
        notice_min = (problem.horizon.at(term.first) - event.notice_at) // timedelta(minutes=1)
    return EventChance(event_id=call.event_id, probability=call.probability, notice_min=notice_min)


def _only_called(schedule: Schedule, outcome: Outcome) -> Schedule:
    """Give a schedule with a commitment for each event of its course, 0 where nothing is promised."""
    kept = {one.event_id: schedule.commitments_kw.get(one.event_id, 0.0) for one in outcome.problem.events}
    return replace(schedule, commitments_kw=kept)


_Found = TypeVar("_Found")


def _with_room(
    problem: ResponseProblem, ask: Callable[[ResponseProblem], _Found]
) -> tuple[_Found, tuple[Finding, ...]]:
    """Ask with the room that the samples need below the connection's limit; where there is none, without, and say so."""
    try:
        return ask(problem), ()
    except InfeasiblePlanError:
        if problem.import_reserve_kw is None or not problem.import_reserve_kw.any():
            raise
    return ask(replace(problem, import_reserve_kw=None)), (findings.RESERVE_NOT_KEPT.at(),)


def _must_hold(schedule: Schedule, problem: ResponseProblem, cost: float) -> None:
    """Audit a schedule; nobody sees one that is unsound or costs something else than is said. [currency]."""
    judged = audit(schedule, problem)
    must_be_sound(judged)
    must_agree(cost, judged.costs)


def _tell(progress: ProgressListener, done: int, stage: Text) -> None:
    progress(Progress(stage=stage, done=done, total=N_STAGES))


def availability_to_plain(answer: AvailabilityAnswer) -> dict[str, Any]:
    """Give an availability curve as JSON values."""
    plain: dict[str, Any] = to_plain(answer)
    return plain


def playbook_to_plain(answer: PlaybookAnswer) -> dict[str, Any]:
    """Give a playbook as JSON values, with what its promises and each call bring; without the question."""
    plain = {one.name: to_plain(getattr(answer, one.name)) for one in fields(answer) if one.name != "problem"}
    plain["book"]["expected_gain"] = answer.book.expected_gain
    for written, plan in zip(plain["book"]["plans"], answer.book.plans, strict=True):
        written["net_gain"] = plan.net_gain
    return plain
