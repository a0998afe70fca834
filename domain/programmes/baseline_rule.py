"""The parameters of a baseline: which past days are like the event's, which of them are averaged, and how.

Every method of the catalogue is one ``BaselineRule``; nothing in the engine knows a country or a market.
"""

from typing import Literal

from domain import checks
from domain.noun import noun
from domain.text import Text
from domain.time import DAY_TAGS

Method = Literal["past_days", "same_day", "firm_level"]
Pick = Literal["recent", "highest", "middle", "nearest"]
RankBy = Literal["event_window", "whole_day"]
Fallback = Literal["highest_event_days", "rest_days"]

EXCLUSIONS = frozenset({"event_days", "atypical_days"} | DAY_TAGS)


def _known_tags(owner: object, field: str, tags: tuple[str, ...], among: frozenset[str]) -> None:
    for tag in tags:
        checks.known(owner, field, tag, among)


@noun
class DayType:
    """A kind of days that are like each other."""

    name: Text
    """How people call it, such as rest day."""
    tags: tuple[str, ...]
    """A day is of this type if the calendar gives it any of these tags …"""
    without: tuple[str, ...] = ()
    """… and none of these."""
    look_at: Literal["past_days", "same_holiday_last_year"] = "past_days"
    """Where its like days lie: before the event, or on the holiday of the same name a year earlier."""
    pool_size: int | None = None
    """Instead of the rule's."""
    pick_n: int | None = None
    """Instead of the rule's."""
    min_days: int | None = None
    """Instead of the rule's."""
    fallback: tuple[Fallback, ...] | None = None
    """Instead of the rule's."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "tags", self.tags)
        _known_tags(self, "tags", self.tags, DAY_TAGS)
        _known_tags(self, "without", self.without, DAY_TAGS)
        for field in ("pool_size", "pick_n", "min_days"):
            value = getattr(self, field)
            if value is not None:
                checks.positive(self, field, value)

    def holds(self, tags: frozenset[str]) -> bool:
        """Say whether a day with these tags is of this type."""
        return not tags.isdisjoint(self.tags) and tags.isdisjoint(self.without)


WORKDAYS = DayType(name=Text(en="workday", zh="工作日"), tags=("workday",))
REST_DAYS = DayType(name=Text(en="rest day", zh="休息日"), tags=("restday",))


@noun
class DayOfAdjustment:
    """A correction by what the customer drew on the event's day, before the event.

    ``additive``: mean(drawn − baseline) over the window is added to each step. ``multiplicative``: each step is
    multiplied by mean(drawn) ÷ mean(baseline). The baseline in the window is the mean of the chosen days.
    """

    type: Literal["additive", "multiplicative"]
    window_min: int = 180
    """Length of the window. [min]"""
    buffer_min: int = 60
    """From the window's end to the anchor. [min]"""
    anchor: Literal["event", "notice"] = "event"
    """``event``: the window lies before the event's start; ``notice``: before the notice, so that nobody can raise
    the load after being told. Where the notice's window begins before the event's day, nothing is corrected."""
    low_cap_share: float | None = None
    """Least corrected ÷ uncorrected baseline, such as 0.8. [-]"""
    high_cap_share: float | None = None
    """Greatest corrected ÷ uncorrected baseline, such as 1.2. [-]"""
    symmetric: bool = True
    """False: the baseline is only ever raised."""

    def __post_init__(self) -> None:
        checks.positive(self, "window_min", self.window_min)
        checks.not_negative(self, "buffer_min", self.buffer_min)
        if self.low_cap_share is not None:
            checks.share(self, "low_cap_share", self.low_cap_share)
        if self.high_cap_share is not None and not 1 <= self.high_cap_share < float("inf"):
            raise checks.refuse(
                self, "high_cap_share", self.high_cap_share, Text(en="must be 1 or more", zh="必须不小于 1")
            )


@noun
class SameDayWindow:
    """Hours of the event's own day whose mean is the baseline of every step."""

    before_min: int
    """Length of the hours before the event; 0: none. [min]"""
    before_skip_min: int = 0
    """Left out between them and the event. [min]"""
    after_min: int = 0
    """Length of the hours after the event; 0: none. [min]"""
    after_skip_min: int = 0
    """Left out between the event and them. [min]"""

    def __post_init__(self) -> None:
        for field in ("before_min", "before_skip_min", "after_min", "after_skip_min"):
            checks.not_negative(self, field, getattr(self, field))
        checks.positive(self, "before_min", self.before_min + self.after_min)


@noun
class BaselineRule:
    """How a customer's baseline is made: X of Y like days, hours of the day itself, or a firm level.

    Without further parameters it is Jiangsu's of 2015 (约定需求响应): the mean of the last five normal working days
    before the invitation. The catalogue has the others.
    """

    key: str = "CN_AVG5"
    method: Method = "past_days"
    """``past_days``: X of Y like days; ``same_day``: hours around the event; ``firm_level``: a level of the contract."""
    day_types: tuple[DayType, ...] = (WORKDAYS, REST_DAYS)
    """The first that holds is the day's type; days of the event's own type are like it."""
    counts_from: Literal["notice_day", "event_day"] = "notice_day"
    """The day before which like days are looked for, backwards."""
    skip_days: int = 0
    """Days left out before that day. [d]"""
    lookback_days: int = 45
    """How far back days may lie. [d]"""
    pool_size: int = 5
    """Eligible days looked at."""
    pick_n: int = 5
    """Days averaged."""
    pick: Pick = "recent"
    """Which of the pool; ``nearest``: most like the event's day outside of the event and the hours beside it."""
    rank_by: RankBy = "event_window"
    """The mean load by which days are ranked and left out as too low or too high."""
    min_days: int = 3
    """Fewer eligible days than this: no baseline, no commitment."""
    exclusions: tuple[str, ...] = ("event_days", "atypical_days")
    """Days left out: ``event_days``, ``atypical_days`` (outages, overhauls) or any tag of the calendar."""
    holiday_names: tuple[str, ...] = ()
    """Only holidays of exactly these names count, and the Mondays on which those of a Sunday are observed; empty: all
    of the country's."""
    low_usage_share: float | None = None
    """A day below this share of the pool's mean is replaced by the next. [-]"""
    high_usage_share: float | None = None
    """A day above this share of the pool's mean (1 or more) is replaced by the next. [-]"""
    adjustment: DayOfAdjustment | None = None
    same_day: SameDayWindow | None = None
    """The hours of ``same_day``."""
    reference_kw: float | None = None
    """The level of ``firm_level``, from the customer's contract. [kW]"""
    fallback: tuple[Fallback, ...] = ()
    """What is tried in turn where too few days are fit; without it that is refused."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "key", self.key)
        checks.not_empty(self, "day_types", self.day_types)
        for field in ("pool_size", "pick_n", "lookback_days", "min_days"):
            checks.positive(self, field, getattr(self, field))
        checks.not_negative(self, "skip_days", self.skip_days)
        checks.at_most(self, "skip_days", self.skip_days, self.lookback_days, "lookback_days")
        for kind in self.day_types:
            sizes = sizes_for(self, kind)
            checks.at_most(self, "pick_n", sizes.pick_n, sizes.pool_size, "pool_size")
            checks.at_most(self, "min_days", sizes.min_days, sizes.pick_n, "pick_n")
        _known_tags(self, "exclusions", self.exclusions, EXCLUSIONS)
        _check_screens(self)
        _check_method(self)


@noun
class PoolSizes:
    """How many days are looked at, averaged and needed for one type of day, and what is tried with too few."""

    pool_size: int
    pick_n: int
    min_days: int
    fallback: tuple[Fallback, ...]


def sizes_for(rule: BaselineRule, kind: DayType) -> PoolSizes:
    """Give the sizes of a day type: its own where it has them, else the rule's."""
    return PoolSizes(
        pool_size=kind.pool_size or rule.pool_size,
        pick_n=kind.pick_n or rule.pick_n,
        min_days=kind.min_days or rule.min_days,
        fallback=rule.fallback if kind.fallback is None else kind.fallback,
    )


def _check_screens(rule: BaselineRule) -> None:
    if rule.low_usage_share is not None:
        checks.share(rule, "low_usage_share", rule.low_usage_share)
    if rule.high_usage_share is not None and not 1 <= rule.high_usage_share < float("inf"):
        raise checks.refuse(
            rule, "high_usage_share", rule.high_usage_share, Text(en="must be 1 or more", zh="必须不小于 1")
        )


def _check_method(rule: BaselineRule) -> None:
    if (rule.method == "same_day") != (rule.same_day is not None):
        raise checks.refuse(
            rule,
            "same_day",
            rule.same_day,
            Text(en="belongs to method same_day, and to it alone", zh="须与 method: same_day 同时给出"),
        )
    if rule.method != "past_days" and rule.adjustment is not None:
        raise checks.refuse(
            rule,
            "adjustment",
            rule.adjustment.type,
            Text(en="corrects past_days only", zh="仅适用于 method: past_days"),
        )
    if rule.reference_kw is not None:
        checks.not_negative(rule, "reference_kw", rule.reference_kw)
        if rule.method != "firm_level":
            raise checks.refuse(
                rule,
                "reference_kw",
                rule.reference_kw,
                Text(en="belongs to method firm_level", zh="仅适用于 method: firm_level"),
            )
