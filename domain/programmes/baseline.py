"""A customer's baseline by one rule, with the days that make it and the reasons why others do not.

Days before the local day of the notice count, so that nobody can raise the baseline after being told; where a
rule counts up to the event's day instead, a finding says so. Days are matched by the local clock: where a clock
change leaves out a clock time, the day has no such step and is rejected; where it repeats one, the first counts.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline_errors import (
    ADJUSTMENT_PENDING,
    DAYS_AFTER_NOTICE,
    DAYS_PENDING,
    FALLBACK_USED,
    FALLBACK_WORDS,
    NOT_ADJUSTED,
    BaselineNotPossibleError,
    DayNotCoveredError,
    ReferenceLevelMissingError,
)
from domain.programmes.baseline_rule import BaselineRule
from domain.programmes.day_loads import DayLoads
from domain.programmes.day_of import (
    Adjustment,
    adjustment_of,
    hours_after_notice,
    mean_on_event_day,
    must_be_metered_until,
)
from domain.programmes.event_clock import EventClock, days_needed_until, event_clock, grid_of, known_until, loads_for
from domain.programmes.like_days import (
    AFTER_NOTICE,
    EVENT_DAY,
    NOT_METERED,
    REST_DAY,
    WORKDAY,
    DayBook,
    LikeDays,
    like_days,
)
from domain.programmes.programme import Event
from domain.text import Text
from domain.time import Calendar, TimeGrid, said_at

__all__ = [
    "AFTER_NOTICE",
    "EVENT_DAY",
    "NOT_METERED",
    "REST_DAY",
    "WORKDAY",
    "Baseline",
    "BaselineNotPossibleError",
    "ChosenDay",
    "RejectedDay",
    "baseline_of",
    "make_baseline",
    "values_of",
]


@noun
class RejectedDay:
    """A day that was looked at and does not make the baseline."""

    day: date
    reason: Text
    code: str = ""
    """The reason's name, for machines."""
    usage_kw: float | None = None
    """Mean load by which days are ranked; None where it is not metered. [kW]"""


@noun(eq=False)
class ChosenDay:
    """A day that is averaged, and what it drew at the event's clock times."""

    day: date
    usage_kw: float
    """Mean load by which days are ranked. [kW]"""
    values_kw: FloatArray
    """One value for each step of the event. [kW]"""

    def __post_init__(self) -> None:
        shape = np.shape(self.values_kw)
        object.__setattr__(self, "values_kw", checks.frozen_array(self, "values_kw", self.values_kw, shape))


@noun(eq=False)
class Baseline:
    """What a customer would have drawn in an event, and the days that say so."""

    event_id: str
    rule: BaselineRule
    zone: str
    """IANA zone of the event's clock; by it the event's day is told."""
    grid: TimeGrid
    """The event's steps."""
    values_kw: FloatArray
    """Shape (n_steps,). [kW]"""
    days: tuple[date, ...]
    """The days averaged, latest first; the event's own for hours of the day itself; none for a firm level."""
    rejected: tuple[RejectedDay, ...] = ()
    """The other days looked at, latest first."""
    chosen: tuple[ChosenDay, ...] = ()
    """The days averaged with their loads, latest first."""
    unadjusted_kw: FloatArray | None = None
    """The same before the day-of correction; None where there is none. [kW]"""
    adjustment: Adjustment | None = None
    provisional: bool = False
    """True: some hours or days that the rule may read are not metered yet; nothing is settled on it."""
    findings: tuple[Finding, ...] = ()
    """Usable, but look."""

    def __post_init__(self) -> None:
        if self.rule.method == "past_days":
            checks.not_empty(self, "days", self.days)
        values_kw = checks.frozen_array(self, "values_kw", self.values_kw, (self.grid.n_steps,))
        object.__setattr__(self, "values_kw", values_kw)
        if self.unadjusted_kw is not None:
            before_kw = checks.frozen_array(self, "unadjusted_kw", self.unadjusted_kw, (self.grid.n_steps,))
            object.__setattr__(self, "unadjusted_kw", before_kw)

    @property
    def mean_kw(self) -> float:
        """Mean over the event. [kW]."""
        return float(self.values_kw.mean())

    @property
    def rule_key(self) -> str:
        """The rule's name."""
        return self.rule.key


def make_baseline(
    meter: MeterSeries,
    rule: BaselineRule,
    event: Event,
    calendar: Calendar,
    zone: str,
    *,
    event_days: frozenset[date] = frozenset(),
    atypical_days: frozenset[date] = frozenset(),
) -> Baseline:
    """Make the baseline of one event from a meter. [kW].

    Asked before the event, it rests on what the meter knows by then and is ``provisional`` where the rule may
    read more; methods that are nothing but later hours are refused.

    Parameters
    ----------
    meter : MeterSeries
        Load of the customer; of the event itself nothing is used.
    calendar : Calendar
        Says which days people work; a make-up working Saturday is a workday like any other.
    zone : str
        IANA zone of the event's clock.
    event_days : frozenset[date]
        Days of other events, which do not count.
    atypical_days : frozenset[date]
        Days of outages or overhauls, which do not count.

    Raises
    ------
    BaselineNotPossibleError
        If fewer than ``rule.min_days`` days are fit, or hours that the rule reads are missing.
    BaselineNotAheadError
        If the method needs hours of the event's day that are not metered yet.
    InvalidFieldError
        If the event does not lie on the meter's steps.
    """
    clock = event_clock(event, rule, zone, meter.grid.step_min)
    loads = loads_for(meter, rule, clock)
    book = DayBook(calendar=calendar, event_days=event_days, atypical_days=atypical_days)
    return baseline_of(rule, clock, loads, book)


def baseline_of(rule: BaselineRule, clock: EventClock, loads: DayLoads, book: DayBook) -> Baseline:
    """Make a baseline of loads that are already laid out by day; see ``make_baseline``."""
    if rule.method == "past_days":
        return _of_past_days(rule, clock, loads, book)
    is_same_day = rule.method == "same_day"
    return Baseline(
        event_id=clock.event.event_id,
        rule=rule,
        zone=clock.zone,
        grid=grid_of(clock),
        values_kw=values_of(rule, clock, loads, book),
        days=(clock.event_day,) if is_same_day else (),
        findings=tuple(hours_after_notice(rule, clock)),
    )


def values_of(rule: BaselineRule, clock: EventClock, loads: DayLoads, book: DayBook) -> FloatArray:
    """Give a baseline's values alone, shape ``(n_steps,)``; see ``make_baseline``. [kW]."""
    match rule.method:
        case "same_day":
            must_be_metered_until(rule, clock, known_until(loads.meter))
            mean_kw = mean_on_event_day(rule, clock, loads, clock.hours_read)
        case "firm_level":
            if rule.reference_kw is None:
                raise ReferenceLevelMissingError(event_id=clock.event.event_id, method=rule.key)
            mean_kw = rule.reference_kw
        case "past_days":
            return _work_out(rule, clock, loads, book).values_kw
    return np.full(len(clock.window.offsets), mean_kw)


@dataclass(frozen=True, slots=True)
class _Worked:
    """A baseline of past days, before it is put into words."""

    found: LikeDays
    by_day_kw: FloatArray
    """Chosen days × steps. [kW]"""
    plain_kw: FloatArray
    """Their mean. [kW]"""
    adjustment: Adjustment | None
    pending: bool
    """The day-of correction's hours are not metered yet."""

    @property
    def values_kw(self) -> FloatArray:
        """The corrected baseline. [kW]."""
        return self.plain_kw if self.adjustment is None else self.adjustment.corrected(self.plain_kw)


def _work_out(rule: BaselineRule, clock: EventClock, loads: DayLoads, book: DayBook) -> _Worked:
    known = known_until(loads.meter)
    if rule.pick == "nearest":
        must_be_metered_until(rule, clock, known)
        mean_on_event_day(rule, clock, loads, clock.hours_read)  # refuses where they are not metered
    found = like_days(rule, clock, loads, book)
    _must_be_enough(found, rule, clock, book)
    rows = np.array([seen.row for seen in found.chosen], dtype=np.int64)
    by_day_kw = loads.window(clock.window.offsets)[rows]
    plain_kw = np.asarray(by_day_kw.mean(axis=0), dtype=np.float64)
    pending = clock.adjustment is not None and clock.adjustment.end > known
    adjustment = None
    if clock.adjustment is not None and not pending:
        adjustment = adjustment_of(rule, clock, loads, rows, plain_kw)
    return _Worked(found=found, by_day_kw=by_day_kw, plain_kw=plain_kw, adjustment=adjustment, pending=pending)


def _of_past_days(rule: BaselineRule, clock: EventClock, loads: DayLoads, book: DayBook) -> Baseline:
    worked = _work_out(rule, clock, loads, book)
    found, known = worked.found, known_until(loads.meter)
    findings = _findings(rule, clock, found)
    findings += book.calendar.unknown_years([clock.event_day, *(seen.day for seen in found.chosen)])
    needed = days_needed_until(rule, clock)
    if needed > known:
        spoken = {"event_id": clock.event.event_id, "method": rule.key, "needed_until": said_at(needed, clock.zone)}
        findings.append(DAYS_PENDING.at(**spoken, known_until=said_at(known, clock.zone)))
    return Baseline(
        event_id=clock.event.event_id,
        rule=rule,
        zone=clock.zone,
        grid=grid_of(clock),
        values_kw=worked.values_kw,
        days=tuple(seen.day for seen in found.chosen),
        rejected=tuple(_rejected(found)),
        chosen=tuple(
            ChosenDay(day=seen.day, usage_kw=seen.usage_kw, values_kw=steps_kw)
            for seen, steps_kw in zip(found.chosen, worked.by_day_kw, strict=True)
        ),
        unadjusted_kw=None if worked.adjustment is None else worked.plain_kw,
        adjustment=worked.adjustment,
        provisional=worked.pending or needed > known,
        findings=(*findings, *_adjustment_findings(rule, clock, pending=worked.pending)),
    )


def _must_be_enough(found: LikeDays, rule: BaselineRule, clock: EventClock, book: DayBook) -> None:
    if found.sizes is None:
        tags = ", ".join(sorted(book.tags(rule, clock.event_day) - {"any"}))
        raise DayNotCoveredError(event_id=clock.event.event_id, method=rule.key, day=clock.event_day, tags=tags)
    if len(found.pool) < found.sizes.min_days:
        raise BaselineNotPossibleError(
            event_id=clock.event.event_id,
            found=len(found.pool),
            needed=found.sizes.min_days,
            lookback_days=rule.lookback_days,
            notice_day=clock.notice_day if rule.counts_from == "notice_day" else clock.event_day,
            reasons=_summed_up(found),
        )


def _rejected(found: LikeDays) -> list[RejectedDay]:
    return [
        RejectedDay(
            day=seen.day,
            reason=reason.words,
            code=reason.code,
            usage_kw=None if np.isnan(seen.usage_kw) else seen.usage_kw,
        )
        for seen, reason in found.reasons()
    ]


def _summed_up(found: LikeDays) -> tuple[Text, ...]:
    counted: dict[Text, int] = {}
    for _, reason in found.reasons():
        counted[reason.words] = counted.get(reason.words, 0) + 1
    return tuple(Text(en=f"{n} × {reason.en}", zh=f"{n} × {reason.zh}") for reason, n in counted.items())


def _findings(rule: BaselineRule, clock: EventClock, found: LikeDays) -> list[Finding]:
    spoken = {"event_id": clock.event.event_id, "method": rule.key}
    made = hours_after_notice(rule, clock)
    for fallback in found.fallbacks:
        words = FALLBACK_WORDS[fallback]
        made.append(FALLBACK_USED.at(**spoken, fallback_en=words.en, fallback_zh=words.zh))
    late = [str(seen.day) for seen in found.chosen if seen.day >= clock.notice_day]
    if late:
        made.append(DAYS_AFTER_NOTICE.at(**spoken, days=", ".join(late), notice_day=str(clock.notice_day)))
    return made


def _adjustment_findings(rule: BaselineRule, clock: EventClock, *, pending: bool) -> list[Finding]:
    if rule.adjustment is None:
        return []
    spoken = {"event_id": clock.event.event_id, "method": rule.key}
    if clock.adjustment is None:
        return [NOT_ADJUSTED.at(**spoken, notice_at=said_at(clock.event.notice_at, clock.zone))]
    if pending:
        start, end = (said_at(at, clock.zone) for at in (clock.adjustment.start, clock.adjustment.end))
        return [ADJUSTMENT_PENDING.at(**spoken, start=start, end=end)]
    return []
