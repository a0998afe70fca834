"""Which past days are like the event's, which are looked at, and which of those are averaged.

Every day that was looked at and not averaged keeps its reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from domain.noun import noun
from domain.programmes.baseline_rule import REST_DAYS, WORKDAYS, BaselineRule, DayType, PoolSizes, sizes_for
from domain.programmes.day_loads import DayLoads
from domain.programmes.event_clock import LAST_YEAR_DAYS, EventClock
from domain.text import Text
from domain.time import SATURDAY, Calendar

DAY = timedelta(days=1)
MONDAY = 0
OBSERVED = " (observed)"
OTHER_TYPE = Text(en="{found_en}, the event is on a {wanted_en}", zh="{found_zh}，而事件在{wanted_zh}")
EVENT_DAY = Text(en="another event that day", zh="当日有其他响应事件")
ATYPICAL = Text(en="stated as not typical (outage, overhaul)", zh="已申明为非典型日（停电、检修等）")
NOT_METERED = Text(en="meter incomplete in the event's clock window", zh="事件对应时段计量数据不完整")
NOT_METERED_BESIDE = Text(
    en="meter incomplete in the other hours that the rule reads", zh="规则所用的其他时段计量数据不完整"
)
AFTER_NOTICE = Text(en="the window reaches into the day of the notice", zh="对应时段延伸至通知当日")
REACHES_EVENT = Text(en="the window reaches into the day of the event", zh="对应时段延伸至事件当日")
SKIPPED = Text(en="within the {skip} day(s) that the rule skips", zh="位于规则跳过的 {skip} 日之内")
TAGGED = Text(en="left out by the rule: {tag}", zh="规则剔除：{tag}")
NO_TYPE = Text(en="of none of the rule's types of day", zh="不属于规则所列的任何日类型")
LOW_USAGE = Text(
    en="{usage:.1f} kW is below {share:.0%} of the pool's mean {mean:.1f} kW",
    zh="{usage:.1f} kW 低于候选日均值 {mean:.1f} kW 的 {share:.0%}",
)
HIGH_USAGE = Text(
    en="{usage:.1f} kW is above {share:.0%} of the pool's mean {mean:.1f} kW",
    zh="{usage:.1f} kW 高于候选日均值 {mean:.1f} kW 的 {share:.0%}",
)
PASSED_OVER = Text(
    en="in the pool of {pool}, not among the {n} {pick_en}", zh="在 {pool} 个候选日中，未被选入（{pick_zh} {n} 日）"
)
_PICK_ZH = {"recent": "最近", "highest": "负荷最高", "middle": "负荷居中", "nearest": "最相似"}


@noun
class Reason:
    """Why a day does not make the baseline."""

    code: str
    words: Text


class Why(NamedTuple):
    """Why a day is left out, not yet put into words."""

    code: str
    words: Text
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Seen:
    """A day that was looked at."""

    day: date
    row: int
    usage_kw: float
    """By what it is ranked; NaN where unknown. [kW]"""


@dataclass(slots=True)
class LikeDays:
    """What the search found, latest day first."""

    chosen: list[Seen] = field(default_factory=list)
    pool: list[Seen] = field(default_factory=list)
    left: list[tuple[Seen, Why]] = field(default_factory=list)
    """Days left out; put into words only when asked for."""
    fallbacks: list[str] = field(default_factory=list)
    kind: DayType | None = None
    sizes: PoolSizes | None = None

    def leave(self, seen: Seen, why: Why) -> None:
        """Note a day that is left out."""
        self.left.append((seen, why))

    def reasons(self) -> Iterator[tuple[Seen, Reason]]:
        """Give the days left out with their reasons in words, latest first."""
        for seen, why in sorted(self.left, key=lambda one: one[0].day, reverse=True):
            yield seen, Reason(code=why.code, words=filled(why.words, why.values))


def filled(words: Text, values: dict[str, object]) -> Text:
    """Fill a reason's placeholders in both languages."""
    return Text(en=words.en.format(**values), zh=words.zh.format(**values)) if values else words


REST_DAY = filled(
    OTHER_TYPE,
    {
        "found_en": REST_DAYS.name.en,
        "found_zh": REST_DAYS.name.zh,
        "wanted_en": WORKDAYS.name.en,
        "wanted_zh": WORKDAYS.name.zh,
    },
)
WORKDAY = filled(
    OTHER_TYPE,
    {
        "found_en": WORKDAYS.name.en,
        "found_zh": WORKDAYS.name.zh,
        "wanted_en": REST_DAYS.name.en,
        "wanted_zh": REST_DAYS.name.zh,
    },
)


@dataclass(frozen=True, slots=True)
class DayBook:
    """What is known of days besides their load."""

    calendar: Calendar
    event_days: frozenset[date] = frozenset()
    atypical_days: frozenset[date] = frozenset()

    def tags(self, rule: BaselineRule, day: date) -> frozenset[str]:
        """Give a day's tags; holidays the rule does not name are ordinary days."""
        tags = self.calendar.tags(day)
        if not rule.holiday_names or not tags & {"holiday", "holiday_break", "bridge_day"}:
            return tags
        names = str(self.calendar.holiday_name(day)).split("; ")
        if day.weekday() == MONDAY:
            names = [name.removesuffix(OBSERVED) for name in names]
        if set(names) & set(rule.holiday_names):
            return tags
        plain = "workday" if day.weekday() < SATURDAY else "restday"
        return tags - {"holiday", "holiday_break", "bridge_day", "workday", "restday"} | {"non_holiday", plain}

    def kind(self, rule: BaselineRule, day: date) -> DayType | None:
        """Give a day's type by the rule; None: of none."""
        tags = self.tags(rule, day)
        return next((kind for kind in rule.day_types if kind.holds(tags)), None)


def like_days(rule: BaselineRule, clock: EventClock, loads: DayLoads, book: DayBook) -> LikeDays:
    """Find the days a baseline rests on. Too few of them are given as found; the caller refuses."""
    found = LikeDays(kind=book.kind(rule, clock.event_day))
    if found.kind is None:
        return found
    found.sizes = sizes_for(rule, found.kind)
    search = _Search(rule, clock, loads, book, found)
    _fill(found, search.eligible(search.candidates()), rule, found.sizes.pool_size)
    for fallback in found.sizes.fallback:
        if len(found.pool) >= found.sizes.min_days:
            break
        search.fall_back(fallback)
    found.pool.sort(key=lambda one: one.day, reverse=True)
    if len(found.pool) >= found.sizes.min_days:
        _pick(found, rule, search)
    return found


class _Search:
    """Looks at days one by one, latest first."""

    def __init__(self, rule: BaselineRule, clock: EventClock, loads: DayLoads, book: DayBook, found: LikeDays) -> None:
        assert found.kind is not None  # noqa: S101 -- an event of no type is not searched for
        self.rule, self.clock, self.loads, self.book, self.found, self.kind = (
            rule,
            clock,
            loads,
            book,
            found,
            found.kind,
        )
        self.before = clock.notice_day if rule.counts_from == "notice_day" else clock.event_day
        self.windows_kw = loads.means_kw(clock.window.offsets)
        self.usage_kw = loads.day_mean_kw if rule.rank_by == "whole_day" else self.windows_kw
        beside = clock.hours_read if rule.pick == "nearest" else ()
        spans = (*beside, *(() if clock.adjustment is None else (clock.adjustment,)))
        self.beside = tuple(loads.means_kw(span.offsets) for span in spans)

    def candidates(self) -> Iterator[Seen]:
        """Give the days that may be looked at, latest first."""
        if self.kind.look_at == "same_holiday_last_year":
            yield from self._last_year()
            return
        for back in range(1, self.rule.lookback_days + 1):
            seen = self._see(self.before - back * DAY)
            if back <= self.rule.skip_days:
                self.found.leave(seen, Why("skipped", SKIPPED, {"skip": self.rule.skip_days}))
            else:
                yield seen

    def _last_year(self) -> Iterator[Seen]:
        name = self.book.calendar.holiday_name(self.clock.event_day)
        for back in range(*LAST_YEAR_DAYS):
            day = self.clock.event_day - back * DAY
            if name is not None and self.book.calendar.holiday_name(day) == name:
                yield self._see(day)

    def _see(self, day: date) -> Seen:
        row = self.loads.row(day)
        inside = 0 <= row < self.loads.n_days
        return Seen(day=day, row=row, usage_kw=float(self.usage_kw[row]) if inside else np.nan)

    def eligible(self, candidates: Iterable[Seen], kind: DayType | None = None) -> Iterator[Seen]:
        """Give the days that are fit; note why the others are not."""
        for seen in candidates:
            why = self._why_not(seen, kind or self.kind)
            if why is None:
                yield seen
            else:
                self.found.leave(seen, why)

    def _why_not(self, seen: Seen, kind: DayType) -> Why | None:
        if kind.look_at == "past_days":
            why = self._other_kind(seen.day, kind)
            if why is not None:
                return why
        if seen.day + self.clock.spill_days * DAY >= self.before:
            is_notice = self.rule.counts_from == "notice_day"
            return Why("reaches_notice", AFTER_NOTICE, {}) if is_notice else Why("reaches_event", REACHES_EVENT, {})
        touched = {seen.day + shift * DAY for shift in range(self.clock.spill_days + 1)}
        if "event_days" in self.rule.exclusions and touched & self.book.event_days:
            return Why("event_day", EVENT_DAY, {})
        if "atypical_days" in self.rule.exclusions and touched & self.book.atypical_days:
            return Why("atypical_day", ATYPICAL, {})
        return self._not_metered(seen)

    def _other_kind(self, day: date, kind: DayType) -> Why | None:
        tags = self.book.tags(self.rule, day)
        excluded = sorted(tags.intersection(self.rule.exclusions))
        if excluded:
            return Why("excluded_tag", TAGGED, {"tag": excluded[0]})
        if kind.holds(tags) and (kind not in self.rule.day_types or self.book.kind(self.rule, day) == kind):
            return None
        found = self.book.kind(self.rule, day)
        if found is None:
            return Why("no_type", NO_TYPE, {})
        names = {"found": found.name, "wanted": kind.name}
        values: dict[str, object] = {f"{role}_en": name.en for role, name in names.items()}
        return Why("other_type", OTHER_TYPE, values | {f"{role}_zh": name.zh for role, name in names.items()})

    def _not_metered(self, seen: Seen) -> Why | None:
        inside = 0 <= seen.row < self.loads.n_days
        if not inside or np.isnan(self.windows_kw[seen.row]):
            return Why("not_metered", NOT_METERED, {})
        if np.isnan(seen.usage_kw) or any(np.isnan(means[seen.row]) for means in self.beside):
            return Why("not_metered_beside", NOT_METERED_BESIDE, {})
        return None

    def fall_back(self, fallback: str) -> None:
        """Widen the pool by a rule's fallback, and note that it was used where it brought a day."""
        assert self.found.sizes is not None  # noqa: S101 -- set before a fallback is asked
        had = len(self.found.pool)
        if fallback == "highest_event_days":
            self._event_days_again(self.found.sizes.min_days)
        else:
            self.found.left = [one for one in self.found.left if one[1].code != "other_type"]
            known = {seen.day for seen in self.found.pool} | {one[0].day for one in self.found.left}
            backwards = range(self.rule.skip_days + 1, self.rule.lookback_days + 1)
            past = (self._see(self.before - back * DAY) for back in backwards)
            fresh = (seen for seen in past if seen.day not in known)
            _fill(self.found, self.eligible(fresh, REST_DAYS), self.rule, self.found.sizes.pool_size)
        if len(self.found.pool) > had:
            self.found.fallbacks.append(fallback)

    def _event_days_again(self, needed: int) -> None:
        barred = [one for one in self.found.left if one[1].code == "event_day" and self._not_metered(one[0]) is None]
        barred.sort(key=lambda one: -one[0].usage_kw)
        back = barred[: max(0, needed - len(self.found.pool))]
        self.found.pool += [one[0] for one in back]
        days = {one[0].day for one in back}
        self.found.left = [one for one in self.found.left if one[0].day not in days]

    def distance_kw(self, seen: Seen) -> float:
        """How far a day's load lies from the event day's in the hours compared: root of the mean square. [kW]."""
        own = self.loads.row(self.clock.event_day)
        apart = [
            self.loads.window(span.offsets)[seen.row] - self.loads.window(span.offsets)[own]
            for span in self.clock.hours_read
        ]
        return float(np.sqrt(np.mean(np.concatenate(apart) ** 2)))


def _fill(found: LikeDays, eligible: Iterator[Seen], rule: BaselineRule, pool_size: int) -> None:
    """Fill the pool; days out of line with its mean are replaced by the next until none is."""
    while True:
        while len(found.pool) < pool_size and (seen := next(eligible, None)) is not None:
            found.pool.append(seen)
        out = _out_of_line(found, rule)
        if not out:
            return
        gone = {seen.day for seen in out}
        found.pool = [seen for seen in found.pool if seen.day not in gone]


def _out_of_line(found: LikeDays, rule: BaselineRule) -> list[Seen]:
    if not found.pool or (rule.low_usage_share is None and rule.high_usage_share is None):
        return []
    mean = sum(seen.usage_kw for seen in found.pool) / len(found.pool)
    out = []
    for seen in found.pool:
        values: dict[str, object] = {"usage": seen.usage_kw, "mean": mean}
        if rule.low_usage_share is not None and seen.usage_kw < rule.low_usage_share * mean:
            why = Why("low_usage", LOW_USAGE, values | {"share": rule.low_usage_share})
        elif rule.high_usage_share is not None and seen.usage_kw > rule.high_usage_share * mean:
            why = Why("high_usage", HIGH_USAGE, values | {"share": rule.high_usage_share})
        else:
            continue
        found.leave(seen, why)
        out.append(seen)
    return out


def _pick(found: LikeDays, rule: BaselineRule, search: _Search) -> None:
    """Pick days out of the pool; of an odd surplus, ``middle`` leaves out one more high day than low days."""
    assert found.sizes is not None  # noqa: S101 -- set before
    pool = found.pool
    n = min(found.sizes.pick_n, len(pool))
    by_load = sorted(pool, key=lambda seen: -seen.usage_kw)
    match rule.pick:
        case "recent":
            picked = pool[:n]
        case "highest":
            picked = by_load[:n]
        case "middle":
            above = -((n - len(pool)) // 2)
            picked = by_load[above : above + n]
        case "nearest":
            picked = sorted(pool, key=search.distance_kw)[:n]
    days = {seen.day for seen in picked}
    found.chosen = [seen for seen in pool if seen.day in days]
    values: dict[str, object] = {"pool": len(pool), "n": n, "pick_en": rule.pick, "pick_zh": _PICK_ZH[rule.pick]}
    for seen in pool:
        if seen.day not in days:
            found.leave(seen, Why("passed_over", PASSED_OVER, values))
