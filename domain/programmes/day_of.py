"""What the event's own day adds to a baseline: the correction by hours before it, or the baseline itself."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding
from domain.noun import noun
from domain.programmes.baseline_errors import (
    HOURS_AFTER_NOTICE,
    AdjustmentUndefinedError,
    BaselineNotAheadError,
    HoursNotMeteredError,
)
from domain.programmes.baseline_rule import BaselineRule, DayOfAdjustment
from domain.programmes.day_loads import DayLoads, Rows
from domain.programmes.event_clock import MINUTE, EventClock, Span
from domain.time import said_at


@noun
class Adjustment:
    """A day-of correction with the numbers it came from."""

    type: str
    start: datetime
    """Start of the hours it reads."""
    end: datetime
    """Their end."""
    measured_kw: float
    """Mean load of the event's day in those hours. [kW]"""
    baseline_kw: float
    """Mean of the chosen days in those hours. [kW]"""
    uncapped_kw: float | None = None
    """``additive``: what the hours ask to be added. [kW]"""
    added_kw: float | None = None
    """``additive``: what is added to each step, within the caps. [kW]"""
    uncapped_factor: float | None = None
    """``multiplicative``: what the hours ask each step to be multiplied by. [-]"""
    applied_factor: float | None = None
    """``multiplicative``: what each step is multiplied by, within the caps. [-]"""

    def corrected(self, values_kw: FloatArray) -> FloatArray:
        """Give the corrected baseline. [kW]."""
        if self.added_kw is not None:
            return values_kw + self.added_kw
        assert self.applied_factor is not None  # noqa: S101 -- one of the two is set
        return values_kw * self.applied_factor


def adjustment_of(
    rule: BaselineRule, clock: EventClock, loads: DayLoads, chosen_rows: Rows, values_kw: FloatArray
) -> Adjustment:
    r"""Find the day-of correction.

    Notes
    -----
    With the mean load :math:`\bar m` of the event's day and :math:`\bar b` of the chosen days in the window, and the
    uncorrected baseline's mean :math:`\bar v` over the event:

    .. math:: a = \bar m - \bar b, \quad (\underline s - 1) \bar v \le a \le (\overline s - 1) \bar v    (additive)
    .. math:: f = \bar m / \bar b, \quad \underline s \le f \le \overline s                              (multiplicative)

    Raises
    ------
    HoursNotMeteredError, AdjustmentUndefinedError
    """
    adjust, span = rule.adjustment, clock.adjustment
    assert adjust is not None and span is not None  # noqa: S101, PT018 -- the caller asks only then
    measured_kw = mean_on_event_day(rule, clock, loads, (span,))
    baseline_kw = float(loads.means_kw(span.offsets)[chosen_rows].mean())
    plain = Adjustment(
        type=adjust.type, start=span.start, end=span.end, measured_kw=measured_kw, baseline_kw=baseline_kw
    )
    least, most = _caps(adjust)
    if adjust.type == "additive":
        asked_kw = measured_kw - baseline_kw
        mean_kw = float(values_kw.mean())
        ends = sorted(((least - 1) * mean_kw, (most - 1) * mean_kw)) if mean_kw else (-np.inf, np.inf)
        added_kw = min(max(asked_kw, ends[0]), ends[1])
        return replace(plain, uncapped_kw=asked_kw, added_kw=added_kw if adjust.symmetric else max(0.0, added_kw))
    if baseline_kw <= 0:
        raise AdjustmentUndefinedError(event_id=clock.event.event_id, method=rule.key, baseline_kw=baseline_kw)
    asked_factor = measured_kw / baseline_kw
    factor = min(max(asked_factor, least), most)
    return replace(plain, uncapped_factor=asked_factor, applied_factor=factor if adjust.symmetric else max(1.0, factor))


def _caps(adjust: DayOfAdjustment) -> tuple[float, float]:
    least = -np.inf if adjust.low_cap_share is None else adjust.low_cap_share
    return least, np.inf if adjust.high_cap_share is None else adjust.high_cap_share


def mean_on_event_day(rule: BaselineRule, clock: EventClock, loads: DayLoads, spans: tuple[Span, ...]) -> float:
    """Give the mean load over hours of the event's own day, each step counting the same. [kW].

    Raises
    ------
    HoursNotMeteredError
    """
    read = []
    for span in spans:
        values_kw = loads.between_kw(span.start, span.end)
        missing = int(np.isnan(values_kw).sum())
        if missing:
            raise HoursNotMeteredError(
                event_id=clock.event.event_id,
                method=rule.key,
                start=said_at(span.start, clock.zone),
                end=said_at(span.end, clock.zone),
                missing=missing,
                n_steps=values_kw.size,
            )
        read.append(values_kw)
    return float(np.concatenate(read).mean())


def must_be_metered_until(rule: BaselineRule, clock: EventClock, known_until: datetime) -> None:
    """Refuse a method that reads hours of the event's own day before they are metered.

    Raises
    ------
    BaselineNotAheadError
    """
    needed = max((span.end for span in clock.hours_read), default=None)
    if needed is not None and needed > known_until:
        raise BaselineNotAheadError(
            event_id=clock.event.event_id,
            method=rule.key,
            needed_until=said_at(needed, clock.zone),
            known_until=said_at(known_until, clock.zone),
        )


def hours_after_notice(rule: BaselineRule, clock: EventClock) -> list[Finding]:
    """Find hours of the event's day that the rule reads although the customer had been told before."""
    spans = (*clock.hours_read, *(() if clock.adjustment is None else (clock.adjustment,)))
    told = clock.event.notice_at
    return [
        HOURS_AFTER_NOTICE.at(
            event_id=clock.event.event_id,
            method=rule.key,
            start=said_at(span.start, clock.zone),
            end=said_at(span.end, clock.zone),
            after_min=(span.end - max(span.start, told)) // MINUTE,
            notice_at=said_at(told, clock.zone),
        )
        for span in spans
        if span.end > told
    ]
