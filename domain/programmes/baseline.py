"""A customer's baseline from its own past days: X of Y like days, with the reasons kept.

Only days that end before the local day of the notice count, so that nobody can raise the baseline
after being told. Days are matched by the local clock: where a clock change leaves out a clock time,
the day has no such step and is rejected; where it repeats one, the first counts.
"""

from datetime import date, datetime, timedelta

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.programme import BaselineRule, Event
from domain.text import Text
from domain.time import Calendar, TimeGrid, local_midnight, zone_of


class BaselineNotPossibleError(WattplanError):
    """Too few days are fit for a baseline."""

    code = "baseline_not_possible"
    words = Text(
        en="Event {event_id}: {found} like days found, {needed} needed within {lookback_days} days "
        "before {notice_day}. Give a longer or more complete meter history. Rejected: {reasons}.",
        zh="事件 {event_id}：在 {notice_day} 之前 {lookback_days} 天内仅找到 {found} 个相似日，至少需要 {needed} 个。"
        "请提供更长或更完整的计量数据。剔除原因：{reasons}。",
    )


@noun
class RejectedDay:
    """A day that was looked at and does not make the baseline."""

    day: date
    reason: Text


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
    """The days averaged, latest first."""
    rejected: tuple[RejectedDay, ...] = ()
    """The other days looked at, latest first."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "days", self.days)
        values_kw = checks.frozen_array(self, "values_kw", self.values_kw, (self.grid.n_steps,))
        object.__setattr__(self, "values_kw", values_kw)

    @property
    def mean_kw(self) -> float:
        """Mean over the event. [kW]."""
        return float(self.values_kw.mean())

    @property
    def rule_key(self) -> str:
        """The rule's name."""
        return self.rule.key


REST_DAY = Text(en="rest day, the event is on a workday", zh="休息日，而事件在工作日")
WORKDAY = Text(en="workday, the event is on a rest day", zh="工作日，而事件在休息日")
EVENT_DAY = Text(en="another event that day", zh="当日有其他响应事件")
NOT_METERED = Text(en="meter incomplete in the event's clock window", zh="事件对应时段计量数据不完整")
AFTER_NOTICE = Text(en="the window reaches into the day of the notice", zh="对应时段延伸至通知当日")


def make_baseline(
    meter: MeterSeries,
    rule: BaselineRule,
    event: Event,
    calendar: Calendar,
    zone: str,
    *,
    event_days: frozenset[date] = frozenset(),
) -> Baseline:
    """Make the baseline of one event from the meter's past. [kW].

    Parameters
    ----------
    meter : MeterSeries
        Load of the customer; nothing from the notice's local day on is used.
    calendar : Calendar
        Says which days people work; a make-up working Saturday is a workday like any other.
    zone : str
        IANA zone of the event's clock.
    event_days : frozenset[date]
        Days of other events, which do not count.

    Raises
    ------
    BaselineNotPossibleError
        If fewer than ``rule.min_days`` days are fit.
    """
    grid = TimeGrid.between(event.start, event.end, meter.grid.step_min)
    search = _Search(
        clocks=_clocks(grid, zone),
        notice_day=event.notice_at.astimezone(zone_of(zone)).date(),
        calendar=calendar,
        event_days=event_days,
    )
    pool, rejected = _search(search, rule, meter, zone)
    if len(pool) < rule.min_days:
        raise BaselineNotPossibleError(
            event_id=event.event_id,
            found=len(pool),
            needed=rule.min_days,
            lookback_days=rule.lookback_days,
            notice_day=search.notice_day,
            reasons=_summed_up(rejected),
        )
    chosen, passed_over = _pick(pool, rule)
    return Baseline(
        event_id=event.event_id,
        rule=rule,
        zone=zone,
        grid=grid,
        values_kw=np.mean([values_kw for _, values_kw in chosen], axis=0),
        days=tuple(day for day, _ in chosen),
        rejected=tuple(sorted((*rejected, *passed_over), key=lambda one: one.day, reverse=True)),
    )


def _clocks(grid: TimeGrid, zone: str) -> list[datetime]:
    return [one.to_pydatetime() for one in grid.local_starts(zone).tz_localize(None)]


@noun(eq=False)
class _Search:
    """What makes a day a like day."""

    clocks: list[datetime]
    """The event's steps on the local clock."""
    notice_day: date
    calendar: Calendar
    event_days: frozenset[date]

    @property
    def event_day(self) -> date:
        """The local day on which the event begins."""
        return self.clocks[0].date()

    def clocks_on(self, day: date) -> list[datetime]:
        """Give the event's clock times as they would be had it begun on another day."""
        return [clock + (day - self.event_day) for clock in self.clocks]

    def why_not(self, day: date) -> Text | None:
        """Say why a day is not like the event's; None if it is."""
        wants_workday = self.calendar.is_workday(self.event_day)
        if self.calendar.is_workday(day) != wants_workday:
            return REST_DAY if wants_workday else WORKDAY
        touched = {clock.date() for clock in self.clocks_on(day)}
        if max(touched) >= self.notice_day:
            return AFTER_NOTICE
        return EVENT_DAY if touched & self.event_days else None


def _search(
    search: _Search, rule: BaselineRule, meter: MeterSeries, zone: str
) -> tuple[list[tuple[date, FloatArray]], list[RejectedDay]]:
    """Walk back from the notice until the pool is full; give the pool and the days rejected, latest first."""
    known_kw = _by_clock(meter, zone, search.notice_day - timedelta(days=rule.lookback_days), search.notice_day)
    pool: list[tuple[date, FloatArray]] = []
    rejected: list[RejectedDay] = []
    for back in range(1, rule.lookback_days + 1):
        if len(pool) == rule.pool_size:
            break
        day = search.notice_day - timedelta(days=back)
        values_kw = np.array([known_kw.get(clock, np.nan) for clock in search.clocks_on(day)])
        reason = search.why_not(day) or (NOT_METERED if np.isnan(values_kw).any() else None)
        if reason is None:
            pool.append((day, values_kw))
        else:
            rejected.append(RejectedDay(day=day, reason=reason))
    return pool, rejected


def _by_clock(meter: MeterSeries, zone: str, first: date, stop: date) -> dict[datetime, float]:
    """Give the load by local clock time between two days' midnights; of a repeated clock time the first. [kW]."""
    begin = max(meter.grid.step_of(local_midnight(first, zone)), 0)
    end = min(meter.grid.step_of(local_midnight(stop, zone)), meter.grid.n_steps)
    if begin >= end:
        return {}
    part = meter.part(begin, end)
    found: dict[datetime, float] = {}
    for clock, value_kw in zip(_clocks(part.grid, zone), part.import_kw.tolist(), strict=True):
        found.setdefault(clock, value_kw)
    return found


def _summed_up(rejected: list[RejectedDay]) -> tuple[Text, ...]:
    counted: dict[Text, int] = {}
    for one in rejected:
        counted[one.reason] = counted.get(one.reason, 0) + 1
    return tuple(Text(en=f"{n} × {reason.en}", zh=f"{n} × {reason.zh}") for reason, n in counted.items())


def _pick(
    pool: list[tuple[date, FloatArray]], rule: BaselineRule
) -> tuple[list[tuple[date, FloatArray]], list[RejectedDay]]:
    """Pick days out of the pool; of an odd surplus, ``middle`` leaves out one more high day than low days."""
    pick_n = min(rule.pick_n, len(pool))
    by_load = sorted(pool, key=lambda one: -float(one[1].mean()))
    match rule.pick:
        case "recent":
            chosen = pool[:pick_n]
        case "highest":
            chosen = by_load[:pick_n]
        case "middle":
            above = -((pick_n - len(pool)) // 2)
            chosen = by_load[above : above + pick_n]
    days = {day for day, _ in chosen}
    reason = Text(
        en=f"in the pool of {len(pool)}, not among the {pick_n} {rule.pick}",
        zh=f"在 {len(pool)} 个候选日中，未被选入（{_PICK_ZH[rule.pick]} {pick_n} 日）",
    )
    left = [RejectedDay(day=day, reason=reason) for day, _ in pool if day not in days]
    return [one for one in pool if one[0] in days], left


_PICK_ZH = {"recent": "最近", "highest": "负荷最高", "middle": "负荷居中"}
