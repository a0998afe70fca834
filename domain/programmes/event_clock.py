"""One event as a baseline sees it: which clock steps it takes, and which hours around it a rule reads."""

from datetime import date, datetime, timedelta

from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline_errors import HoursOffStepsError
from domain.programmes.baseline_rule import BaselineRule
from domain.programmes.day_loads import DAY_MIN, DayLoads, Offsets, clock_starts, minutes_from
from domain.programmes.programme import Event
from domain.time import TimeGrid, local_midnight, said_at, zone_of

MINUTE = timedelta(minutes=1)


@noun
class Span:
    """Hours of the event's day that a rule reads, as instants and as clock steps from the day's midnight."""

    start: datetime
    end: datetime
    clocks: tuple[datetime, ...]
    """Local clock time of each step, without its offset."""
    offsets: Offsets


@noun
class EventClock:
    """An event on the local clock, and what its rule reads on that day."""

    event: Event
    zone: str
    step_min: int
    event_day: date
    """Local day on which the event begins."""
    notice_day: date
    """Local day of the notice."""
    lag_min: int
    """Minutes by which the meter's steps lie after the clock's. [min]"""
    window: Span
    """The event itself."""
    adjustment: Span | None
    """The window of the day-of adjustment; None without one, or where the notice came before the day."""
    hours_read: tuple[Span, ...]
    """The hours of the event's day of ``same_day``, or those compared by ``nearest``."""
    spill_days: int
    """On how many days after its first the event still runs. [d]"""


def event_clock(event: Event, rule: BaselineRule, zone: str, step_min: int) -> EventClock:
    """Put an event on the local clock.

    Raises
    ------
    InvalidFieldError
        If the event's edges do not lie on the meter's steps.
    HoursOffStepsError
        If hours around it that the rule reads do not.
    """
    clocks = clock_starts(event.start, event.end, step_min, zone)
    event_day = clocks[0].date()
    lag_min = minutes_from(event_day, clocks[0]) % step_min

    def span(start: datetime, end: datetime) -> Span:
        if (start - event.start) % (step_min * MINUTE) or (end - event.start) % (step_min * MINUTE):
            times = {"start": said_at(start, zone), "end": said_at(end, zone)}
            raise HoursOffStepsError(event_id=event.event_id, method=rule.key, step_min=step_min, **times)
        at = clock_starts(start, end, step_min, zone)
        offsets = tuple((minutes_from(event_day, clock) - lag_min) // step_min for clock in at)
        return Span(start=start, end=end, clocks=tuple(at), offsets=offsets)

    adjusted = _adjustment_times(event, rule, zone, step_min, event_day)
    return EventClock(
        event=event,
        zone=zone,
        step_min=step_min,
        event_day=event_day,
        notice_day=event.notice_at.astimezone(zone_of(zone)).date(),
        lag_min=lag_min,
        window=span(event.start, event.end),
        adjustment=None if adjusted is None else span(*adjusted),
        hours_read=tuple(span(*times) for times in _hours_read(event, rule, zone, event_day)),
        spill_days=minutes_from(event_day, max(clocks)) // DAY_MIN,
    )


def _adjustment_times(
    event: Event, rule: BaselineRule, zone: str, step_min: int, event_day: date
) -> tuple[datetime, datetime] | None:
    adjust = rule.adjustment
    if adjust is None:
        return None
    if adjust.anchor == "event":
        end = event.start - adjust.buffer_min * MINUTE
        return end - adjust.window_min * MINUTE, end
    told = event.notice_at - (event.notice_at - event.start) % (step_min * MINUTE)  # the step edge at or before it
    end = min(told, event.start) - adjust.buffer_min * MINUTE
    start = end - adjust.window_min * MINUTE
    return None if start < local_midnight(event_day, zone) else (start, end)


def _hours_read(event: Event, rule: BaselineRule, zone: str, event_day: date) -> tuple[tuple[datetime, datetime], ...]:
    hour = timedelta(hours=1)
    if rule.same_day is not None:
        around = rule.same_day
        end, start = event.start - around.before_skip_min * MINUTE, event.end + around.after_skip_min * MINUTE
        before, after = end - around.before_min * MINUTE, start + around.after_min * MINUTE
        return tuple(one for one in ((before, end), (start, after)) if one[0] < one[1])
    if rule.pick == "nearest":
        day_start = local_midnight(event_day, zone)
        day_end = max(local_midnight(event_day + timedelta(days=1), zone), event.end + hour)
        return tuple(one for one in ((day_start, event.start - hour), (event.end + hour, day_end)) if one[0] < one[1])
    return ()


def known_until(meter: MeterSeries) -> datetime:
    """Give the instant from which on the meter says nothing."""
    return meter.grid.end


def days_needed_until(rule: BaselineRule, clock: EventClock) -> datetime:
    """Give the end of the last past day that the rule may look at."""
    before = clock.notice_day if rule.counts_from == "notice_day" else clock.event_day
    return local_midnight(before - timedelta(days=rule.skip_days), clock.zone)


def loads_for(meter: MeterSeries, rule: BaselineRule, clock: EventClock) -> DayLoads:
    """Give the days of the meter that the rule may look at, the event's own day included."""
    back = rule.lookback_days + (clock.event_day - clock.notice_day).days + 2
    first = clock.event_day - timedelta(days=back)
    if any(kind.look_at == "same_holiday_last_year" for kind in rule.day_types):
        first = clock.event_day - timedelta(days=LAST_YEAR_DAYS[1] + 1)
    stop = clock.event_day + timedelta(days=clock.spill_days + 2)
    return DayLoads(meter, clock.zone, first, stop, clock.lag_min)


LAST_YEAR_DAYS = (330, 400)
"""How far back the holiday of the same name lies: a lunar year is 354 or 384 days. [d]"""


def grid_of(clock: EventClock) -> TimeGrid:
    """Give the event's steps."""
    return TimeGrid.between(clock.event.start, clock.event.end, clock.step_min)
