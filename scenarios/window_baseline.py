"""From what a response in a window is counted: the plan without any promise, or the baseline that a programme would pay by."""

from dataclasses import replace
from datetime import date, datetime

from domain.catalogue.baseline_methods import baseline_methods
from domain.checks import FloatArray
from domain.errors import UnknownReferenceError
from domain.findings import Finding
from domain.noun import noun
from domain.offers import Case
from domain.programmes import BaselineRule, Event
from domain.programmes.baseline import make_baseline
from domain.text import Text
from domain.time import Calendar, zone_of
from scenarios.loads import known_meter

PLAN_WORDS = Text(en="the plan without any promise", zh="无承诺时的计划")


@noun(eq=False)
class WindowBaseline:
    """From what a window's response is counted."""

    baseline_id: str | None
    """Id of one of the case's programmes, or key of a method of the catalogue; None: the plan without any promise."""
    name: Text
    method: str | None = None
    """Key of the rule."""
    mean_kw: float | None = None
    """Mean over the window; None: it is the plan's own load. [kW]"""
    values_kw: FloatArray | None = None
    """By step of the window. [kW]"""
    days: tuple[date, ...] = ()
    """The days averaged."""
    provisional: bool = False
    """Whether days or hours that the rule may read are not metered yet."""


OWN_PLAN = WindowBaseline(baseline_id=None, name=PLAN_WORDS)


def window_baseline(
    case: Case,
    baseline_id: str | None,
    *,
    start: datetime,
    end: datetime,
    notice_at: datetime | None,
    reference_kw: float | None,
) -> tuple[WindowBaseline, tuple[Finding, ...]]:
    """Make the baseline of a window as if an event were called there.

    Parameters
    ----------
    baseline_id : str, optional
        Id of one of the case's programmes, else key of a method of the catalogue; None: the plan without any promise.
    notice_at : datetime, optional
        When the event would be called; None: when the case is asked.
    reference_kw : float, optional
        The level of the customer's contract, for methods that count from one. [kW]

    Raises
    ------
    UnknownReferenceError
    BaselineNotPossibleError
        If the meter does not know enough for the rule by then.
    """
    if baseline_id is None:
        return OWN_PLAN, ()
    rule, name = _rule(case, baseline_id)
    if reference_kw is not None:
        rule = replace(rule, reference_kw=reference_kw)
    window = Event(
        event_id=baseline_id,
        programme_id=baseline_id,
        start=start,
        end=end,
        notice_at=min(case.issued_at, start) if notice_at is None else notice_at,
    )
    days = frozenset(event.start.astimezone(zone_of(case.site.zone)).date() for event in case.events)
    made = make_baseline(
        known_meter(case), rule, window, Calendar(country=case.site.country), case.site.zone, event_days=days
    )
    used = WindowBaseline(
        baseline_id=baseline_id,
        name=name,
        method=rule.key,
        mean_kw=made.mean_kw,
        values_kw=made.values_kw,
        days=made.days,
        provisional=made.provisional,
    )
    return used, tuple(made.findings)


def _rule(case: Case, baseline_id: str) -> tuple[BaselineRule, Text]:
    """Find a rule among the case's programmes first, then in the catalogue."""
    for programme in case.programmes:
        if programme.programme_id == baseline_id:
            words = Text(en=f"the baseline of programme {baseline_id}", zh=f"项目 {baseline_id} 的基线")
            return programme.baseline, words
    for method in baseline_methods():
        if method.key == baseline_id:
            return method.rule, method.name
    known = [one.programme_id for one in case.programmes] + [one.key for one in baseline_methods()]
    raise UnknownReferenceError(
        noun="AvailabilityAsked", field="baseline_id", value=baseline_id, known=", ".join(known)
    )
