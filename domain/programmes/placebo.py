"""How well a baseline would have done: each method on days without an event, as if one had been called.

On such a day the customer did nothing, so whatever the baseline differs from the meter is the method's error, and
would have been paid or charged as a response that never was.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline import values_of
from domain.programmes.baseline_errors import BaselineNotPossibleError, HoursOffStepsError, ReferenceLevelMissingError
from domain.programmes.baseline_rule import BaselineRule
from domain.programmes.day_loads import DAY_MIN, DayLoads
from domain.programmes.event_clock import EventClock, event_clock
from domain.programmes.like_days import DayBook
from domain.programmes.programme import Event
from domain.programmes.sufficiency import SufficiencyLimits, Verdict, sufficiency, verdict_of
from domain.text import Language, Text
from domain.time import Calendar, zone_of

DayChoice = Literal["any", "workday", "restday"]
TRIED = "placebo"


@noun
class ClockWindow:
    """An event's hours on the wall clock; an end that is not later than the start lies on the next day."""

    start: time
    end: time

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            value = getattr(self, name)
            if value.tzinfo is not None or value.second or value.microsecond:
                raise checks.refuse(
                    self, name, value.isoformat(), Text(en="must be a clock time like 17:00", zh="须写成 17:00 的形式")
                )

    def on(self, day: date, zone: str) -> tuple[datetime, datetime]:
        """Give the window's ends on a day. [UTC]."""
        next_day = self.end <= self.start
        clock = zone_of(zone)
        start = datetime.combine(day, self.start, clock)
        end = datetime.combine(day + timedelta(days=int(next_day)), self.end, clock)
        return start.astimezone(UTC), end.astimezone(UTC)


@noun
class Placebo:
    """One day on which a method was tried."""

    day: date
    baseline_kw: float
    """Mean over the window. [kW]"""
    measured_kw: float
    """Mean over the window. [kW]"""

    @property
    def error_kw(self) -> float:
        """Baseline less meter: what would have been taken for a response. [kW]."""
        return self.baseline_kw - self.measured_kw


@noun
class MethodScore:
    """How one method did on all days it was tried on."""

    key: str
    days: tuple[Placebo, ...]
    """The days on which a baseline was possible, earliest first."""
    n_tried: int
    """Days on which it was tried."""
    n_possible: int
    """Days on which it gave a baseline."""
    possible_share: float
    """Of the days tried. [-]"""
    load_kw: float
    """Mean metered load in the window on the days possible. [kW]"""
    bias_kw: float
    """Mean of baseline less meter; above 0 the customer would be paid for nothing. [kW]"""
    bias_share: float | None
    """The same, of the mean load; may be negative; None where nothing was drawn. [-]"""
    std_kw: float
    """Spread of the daily errors about their mean. [kW]"""
    rmse_kw: float
    """Root of the mean squared daily error. [kW]"""
    cv_share: float | None
    """``rmse_kw`` ÷ ``load_kw``. [-]"""
    step_rmse_kw: float
    """Root of the mean squared error of the single steps. [kW]"""
    p10_error_kw: float
    """One daily error in ten lies below. [kW]"""
    p90_error_kw: float
    """Nine daily errors in ten lie below. [kW]"""
    reasons: tuple[tuple[str, int], ...]
    """Why no baseline was possible: code of the refusal and days."""
    verdict: Verdict
    findings: tuple[Finding, ...]
    """What the verdict rests on."""


@noun
class PlaceboTable:
    """All methods side by side on one customer."""

    meter_id: str
    zone: str
    window: ClockWindow
    notice_min: int
    """How long before each event the customer would have been told. [min]"""
    first_day: date
    last_day: date
    n_days: int
    """Days tried."""
    scores: tuple[MethodScore, ...]
    left_out: tuple[tuple[str, Text], ...] = ()
    """Methods that could not be tried at all, and why."""


def placebo_table(
    meter: MeterSeries,
    rules: tuple[BaselineRule, ...],
    calendar: Calendar,
    zone: str,
    window: ClockWindow,
    *,
    notice_min: int = DAY_MIN,
    days: DayChoice = "any",
    event_days: frozenset[date] = frozenset(),
    atypical_days: frozenset[date] = frozenset(),
    limits: SufficiencyLimits | None = None,
) -> PlaceboTable:
    """Try every rule on every day of a meter's history that had no event.

    A day is tried if the window is metered completely and is no day of an event or an outage. The first days of
    a history have no past; they count as days on which no baseline was possible.

    Parameters
    ----------
    window : ClockWindow
        The event's hours on the local clock.
    notice_min : int
        How long before the event the customer is told. [min]
    days : {'any', 'workday', 'restday'}
        Which days are tried.
    limits : SufficiencyLimits | None
        What the verdict is measured by; None: the usual ones.
    """
    book = DayBook(calendar=calendar, event_days=event_days, atypical_days=atypical_days)
    trial = _Trial(meter=meter, zone=zone, book=book, limits=limits or SufficiencyLimits())
    trial.call(window, notice_min, days)
    scores: list[MethodScore] = []
    left_out: list[tuple[str, Text]] = []
    for rule in rules:
        try:
            scores.append(trial.score(rule))
        except (ReferenceLevelMissingError, HoursOffStepsError) as error:
            left_out.append((rule.key, Text(en=error.say(Language.EN), zh=error.say(Language.ZH))))
    start = meter.grid.start.astimezone(zone_of(zone)).date()
    return PlaceboTable(
        meter_id=meter.meter_id,
        zone=zone,
        window=window,
        notice_min=notice_min,
        first_day=trial.events[0][0] if trial.events else start,
        last_day=trial.events[-1][0] if trial.events else start,
        n_days=len(trial.events),
        scores=tuple(scores),
        left_out=tuple(left_out),
    )


@dataclass(slots=True)
class _Trial:
    """One customer's history, and the events that are called on it."""

    meter: MeterSeries
    zone: str
    book: DayBook
    limits: SufficiencyLimits
    events: list[tuple[date, Event]] = field(default_factory=list)
    loads: dict[int, DayLoads] = field(default_factory=dict)
    clocks: dict[Any, list[EventClock]] = field(default_factory=dict)
    """The events on the clock, once for rules that read the same hours."""

    def call(self, window: ClockWindow, notice_min: int, days: DayChoice) -> None:
        """Call an event on each day whose window is metered."""
        clock = zone_of(self.zone)
        day = self.meter.grid.start.astimezone(clock).date()
        last = self.meter.grid.end.astimezone(clock).date()
        barred = self.book.event_days | self.book.atypical_days
        while day <= last:
            start, end = window.on(day, self.zone)
            wanted = days == "any" or days in self.book.calendar.tags(day)
            if wanted and day not in barred and start < end and self._is_metered(start, end):
                notice = start - timedelta(minutes=max(1, notice_min))
                event = Event(event_id=TRIED, programme_id=TRIED, start=start, end=end, notice_at=notice)
                self.events.append((day, event))
            day += timedelta(days=1)

    def _is_metered(self, start: datetime, end: datetime) -> bool:
        grid = self.meter.grid
        first, stop = grid.edge_of(start), grid.edge_of(end)
        return first >= 0 and stop <= grid.n_steps and not np.isnan(self.meter.import_kw[first:stop]).any()

    def loads_for(self, clock: EventClock) -> DayLoads:
        """Lay out the whole history, once for each lag of the steps behind the clock."""
        if clock.lag_min not in self.loads:
            local = zone_of(self.zone)
            first = self.meter.grid.start.astimezone(local).date() - timedelta(days=1)
            stop = self.meter.grid.end.astimezone(local).date() + timedelta(days=3)
            self.loads[clock.lag_min] = DayLoads(self.meter, self.zone, first, stop, clock.lag_min)
        return self.loads[clock.lag_min]

    def clocks_for(self, rule: BaselineRule) -> list[EventClock]:
        """Put every event on the clock as a rule reads it."""
        key = (rule.adjustment, rule.same_day, rule.pick == "nearest")
        if key not in self.clocks:
            step_min = self.meter.grid.step_min
            self.clocks[key] = [event_clock(event, rule, self.zone, step_min) for _, event in self.events]
        return self.clocks[key]

    def score(self, rule: BaselineRule) -> MethodScore:
        """Try one rule on every event."""
        found: list[tuple[date, FloatArray, FloatArray]] = []
        reasons: dict[str, int] = {}
        after_notice = 0
        for (day, event), clock in zip(self.events, self.clocks_for(rule), strict=True):
            loads = self.loads_for(clock)
            try:
                values_kw = values_of(rule, clock, loads, self.book)
            except ReferenceLevelMissingError:
                raise
            except BaselineNotPossibleError as error:
                reasons[error.code] = reasons.get(error.code, 0) + 1
                continue
            spans = (*clock.hours_read, *(() if clock.adjustment is None else (clock.adjustment,)))
            after_notice += any(span.end > event.notice_at for span in spans)
            found.append((day, values_kw, loads.between_kw(event.start, event.end)))
        return _scored(rule.key, found, reasons, after_notice, self.limits)


def _scored(
    key: str,
    found: list[tuple[date, FloatArray, FloatArray]],
    reasons: dict[str, int],
    after_notice: int,
    limits: SufficiencyLimits,
) -> MethodScore:
    n_tried = len(found) + sum(reasons.values())
    days = tuple(
        Placebo(day=day, baseline_kw=float(baseline.mean()), measured_kw=float(measured.mean()))
        for day, baseline, measured in found
    )
    errors_kw = np.array([one.error_kw for one in days] or [0.0])
    steps_kw = np.concatenate([baseline - measured for _, baseline, measured in found] or [np.zeros(1)])
    load_kw = float(np.mean([one.measured_kw for one in days])) if days else 0.0
    bias_kw, rmse_kw = float(errors_kw.mean()), float(np.sqrt(np.mean(errors_kw**2)))
    p10, p90 = (float(one) for one in np.quantile(errors_kw, (0.1, 0.9)))
    possible_share = len(days) / n_tried if n_tried else 0.0
    bias_share = bias_kw / load_kw if load_kw > 0 else None
    cv_share = rmse_kw / load_kw if load_kw > 0 else None
    findings = sufficiency(
        key,
        n_possible=len(days),
        possible_share=possible_share,
        bias_share=bias_share,
        cv_share=cv_share,
        after_notice_share=after_notice / len(days) if days else 0.0,
        limits=limits,
    )
    return MethodScore(
        key=key,
        days=days,
        n_tried=n_tried,
        n_possible=len(days),
        possible_share=possible_share,
        load_kw=load_kw,
        bias_kw=bias_kw,
        bias_share=bias_share,
        std_kw=float(errors_kw.std()),
        rmse_kw=rmse_kw,
        cv_share=cv_share,
        step_rmse_kw=float(np.sqrt(np.mean(steps_kw**2))),
        p10_error_kw=p10,
        p90_error_kw=p90,
        reasons=tuple(sorted(reasons.items())),
        verdict=verdict_of(findings),
        findings=findings,
    )
