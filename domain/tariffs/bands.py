"""Band calendars: which price band each quarter-hour of the year belongs to.

Every calendar day stands by itself: a window over midnight such as ``22:00-02:00`` means 22–24 and
0–2 of *the same day*, as the provincial tables and the URDB schedules print it.
"""

import re
from datetime import date
from functools import lru_cache
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text
from domain.time import DAY_TAGS, SATURDAY, WEEKDAY_TAGS, Calendar, TimeGrid

DAY_MIN = 1440
FLAG = "flag:"
"""How a day tag begins that names a flag of the tariff instead of a kind of day of the calendar."""
FLAGS_MOST = 4
"""More flags than this in one calendar: checking every combination of every day would take minutes."""
RULES_MOST = 500
"""More rules than this are no band table; checking the year would take minutes."""
BANDS_ZH = {
    "sharp": "尖峰",
    "peak": "高峰",
    "flat": "平段",
    "valley": "低谷",
    "deep_valley": "深谷",
    "semi_peak": "半尖峰",
    "off_peak": "离峰",
    "all": "全时段",
    "day": "日间",
    "night": "夜间",
    "solar": "光伏时段",
    "evening": "晚高峰",
    "normal": "平时段",
}
_WINDOW = re.compile(r"^(\d{2}):(\d{2})-(\d{2}):(\d{2})$")
_RANGE = re.compile(r"^(\d{2})-(\d{2})\.\.(\d{2})-(\d{2})$")


class BandGapError(WattplanError, ValueError):
    """Some minute of the year has no band."""

    code = "band_gap"
    words = Text(
        en="{day} ({tags}) has no band at {clock}. Add a rule or widen a window.",
        zh="{day}（{tags}）{clock} 没有对应时段。请补充规则或扩大时间窗。",
    )


class BandOverlapError(WattplanError, ValueError):
    """Some minute of the year has two bands in one layer."""

    code = "band_overlap"
    words = Text(
        en="{day} ({tags}) at {clock} belongs to {first} and to {second}. "
        "Cut one window or put the exception into a higher layer.",
        zh="{day}（{tags}）{clock} 同时属于 {first} 与 {second}。请缩小其中一个时间窗，或将例外放入更高层。",
    )


class BandEdgeError(WattplanError, ValueError):
    """The load's steps are too coarse for the band edges."""

    code = "band_edge_inside_step"
    words = Text(
        en="A band changes at {clock}, inside a {step_min}-minute step. Give the load in shorter steps.",
        zh="时段在 {clock} 切换，落在 {step_min} 分钟步长之内。请提供更短步长的负荷数据。",
    )


def band_zh(band: str) -> str:
    """Give a band's usual Chinese name, or its own where it has none."""
    return BANDS_ZH.get(band, band)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def parse_window(owner: object, text: str) -> tuple[int, int]:
    """Read ``HH:MM-HH:MM`` into minutes of the day; the end may be 24:00 or lie past midnight."""
    found = _WINDOW.match(text)
    problem = Text(en="is no window", zh="不是有效的时间窗")
    mend = Text(en="Write it like 08:00-11:30; 24:00 may end it.", zh="请写成 08:00-11:30，结束可写 24:00。")
    if found is None:
        raise checks.refuse(owner, "windows", text, problem, mend)
    start_h, start_m, end_h, end_m = map(int, found.groups())
    start, end = start_h * 60 + start_m, end_h * 60 + end_m
    if start_m > 59 or end_m > 59 or start >= DAY_MIN or end > DAY_MIN or start == end:  # noqa: PLR2004 -- minutes
        raise checks.refuse(owner, "windows", text, problem, mend)
    return start, end


def _parse_range(owner: object, text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    found = _RANGE.match(text)
    problem = Text(en="is no date range", zh="不是有效的日期范围")
    mend = Text(en="Write it like 07-15..08-31.", zh="请写成 07-15..08-31。")
    if found is None:
        raise checks.refuse(owner, "dates", text, problem, mend)
    month1, day1, month2, day2 = map(int, found.groups())
    try:
        date(2024, month1, day1), date(2024, month2, day2)  # a leap year knows 29 February
    except ValueError as error:
        raise checks.refuse(owner, "dates", text, problem, mend) from error
    return (month1, day1), (month2, day2)


@noun
class BandRule:
    """One row of a band table."""

    band: str
    """The band's name, such as peak, flat, valley."""
    windows: tuple[str, ...]
    """Clock windows, local, end exclusive: 08:00-11:30. Over midnight means both ends of the same day."""
    months: tuple[int, ...] = ()
    """Months in which the rule holds; empty with no ``dates``: all year."""
    dates: tuple[str, ...] = ()
    """Date ranges, both ends included: 07-15..08-31; may run over New Year."""
    days: tuple[str, ...] = ("any",)
    """Day tags, any of which makes the rule hold: weekday, weekend, workday, restday, holiday, sat …"""
    layer: int = 0
    """A higher layer overrides a lower one: holidays over the ordinary table."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "band", self.band)
        checks.not_empty(self, "windows", self.windows)
        checks.not_empty(self, "days", self.days)
        for window in self.windows:
            parse_window(self, window)
        for day_range in self.dates:
            _parse_range(self, day_range)
        checks.months(self, "months", self.months)
        for tag in self.days:
            if not tag.startswith(FLAG):
                checks.known(self, "days", tag, DAY_TAGS)

    def holds_on(self, day: date, tags: frozenset[str]) -> bool:
        """Say whether the rule holds on a local day."""
        return not tags.isdisjoint(self.days) and self.is_dated(day)

    def is_dated(self, day: date) -> bool:
        """Say whether the rule's months and date ranges have a day, whatever kind of day it is."""
        if not self.months and not self.dates:
            return True
        if day.month in self.months:
            return True
        here = (day.month, day.day)
        for text in self.dates:
            start, end = _parse_range(self, text)
            if (start <= here <= end) if start <= end else (here >= start or here <= end):
                return True
        return False

    def covers(self) -> npt.NDArray[np.bool_]:
        """Give the minutes of a day that the windows cover, shape (1440,)."""
        minutes = np.zeros(DAY_MIN, dtype=bool)
        for window in self.windows:
            start, end = parse_window(self, window)
            if start < end:
                minutes[start:end] = True
            else:
                minutes[start:] = True
                minutes[:end] = True
        return minutes


@noun
class BandCalendar:
    """Layers of band rules that give each minute of each possible day exactly one band."""

    rules: tuple[BandRule, ...]

    def __post_init__(self) -> None:
        checks.not_empty(self, "rules", self.rules)
        if len(self.rules) > RULES_MOST:
            raise checks.refuse(
                self,
                "rules",
                len(self.rules),
                Text(en=f"must be at most {RULES_MOST}", zh=f"最多 {RULES_MOST} 条"),
                Text(
                    en="Give date ranges and windows instead of single days.", zh="请用日期范围与时间窗代替逐日规则。"
                ),
            )
        _check_whole_year(self)

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the bands, in the order in which the rules name them."""
        return tuple(dict.fromkeys(rule.band for rule in self.rules))

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags that the rules name, without their prefix."""
        tags = (tag for rule in self.rules for tag in rule.days if tag.startswith(FLAG))
        return tuple(dict.fromkeys(tag.removeprefix(FLAG) for tag in tags))

    def bands_on(
        self,
        grid: TimeGrid,
        zone: str,
        calendar: Calendar,
        flagged: frozenset[tuple[str, date]] = frozenset(),
    ) -> npt.NDArray[np.int64]:
        """Give the band of every step as an index into ``bands``, shape (n_steps,).

        ``flagged`` holds (flag, local day) for each day on which a flag of the tariff is up.

        Raises
        ------
        BandEdgeError
            If a band changes inside a step.
        """
        local = grid.local_starts(zone)
        minute = np.asarray(local.hour * 60 + local.minute)
        found = np.empty(grid.n_steps, dtype=np.int64)
        for day in grid.local_days(zone):
            up = {FLAG + flag for flag, flagged_day in flagged if flagged_day == day.day}
            table = day_table(self, day.day, calendar.tags(day.day) | up)
            starts = minute[day.first : day.stop]
            found[day.first : day.stop] = table[starts]
            _refuse_inner_edges(table, grid.step_min, int(starts[0]))
        return found


def _refuse_inner_edges(table: npt.NDArray[np.int64], step_min: int, first_minute: int) -> None:
    edges = np.flatnonzero(np.diff(table)) + 1
    inside = edges[(edges - first_minute) % step_min != 0]
    if inside.size:
        raise BandEdgeError(clock=_clock(int(inside[0])), step_min=step_min)


def day_table(bands: BandCalendar, day: date, tags: frozenset[str]) -> npt.NDArray[np.int64]:
    """Give the band of each minute of one day as an index into ``bands.bands``, shape (1440,)."""
    rules = tuple(rule for rule in bands.rules if rule.holds_on(day, tags))
    table, gap, overlap = _minutes(rules, bands.bands)
    words = {"day": f"{day:%m-%d}", "tags": ", ".join(sorted(tags - {"any", "non_holiday"}))}
    if overlap is not None:
        raise BandOverlapError(clock=_clock(overlap[0]), first=overlap[1], second=overlap[2], **words)
    if gap is not None:
        raise BandGapError(clock=_clock(gap), **words)
    return table


@lru_cache(maxsize=4096)
def _minutes(
    rules: tuple[BandRule, ...], bands: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], int | None, tuple[int, str, str] | None]:
    """Lay the rules' layers over each other; also the first gap and the first overlap, if any."""
    table = np.full(DAY_MIN, -1, dtype=np.int64)
    for layer in sorted({rule.layer for rule in rules}):
        here = np.full(DAY_MIN, -1, dtype=np.int64)
        for rule in rules:
            if rule.layer != layer:
                continue
            minutes = rule.covers()
            clash = np.flatnonzero(minutes & (here >= 0))
            if clash.size:
                first = int(clash[0])
                return table, None, (first, bands[int(here[first])], rule.band)
            here[minutes] = bands.index(rule.band)
        table = np.where(here >= 0, here, table)
    table.setflags(write=False)
    gap = np.flatnonzero(table < 0)
    return table, (int(gap[0]) if gap.size else None), None


def _possible_tags(flags: tuple[str, ...]) -> tuple[tuple[int, frozenset[str]], ...]:
    """Give every kind of day that a working calendar and the tariff's flags can make of each weekday."""
    found = []
    raised = [frozenset(FLAG + flag for flag in up) for n in range(len(flags) + 1) for up in combinations(flags, n)]
    for weekday, name in enumerate(WEEKDAY_TAGS):
        weekend = weekday >= SATURDAY
        common = {"any", name, "weekend" if weekend else "weekday"}
        work, rest = {"non_holiday", "workday"}, {"non_holiday", "restday"}
        kinds = [work, work | {"bridge_day"}, rest, rest | {"holiday_break"}]
        kinds += [{"holiday", "restday", "holiday_break"}, {"holiday", "restday", "holiday_break", "spring_festival"}]
        if weekend:
            kinds[:2] = [work | {"makeup_workday"}]
        found += [(weekday, frozenset(common | kind) | up) for kind in kinds for up in raised]
    return tuple(found)


def _check_whole_year(bands: BandCalendar) -> None:
    """Refuse a calendar that leaves a minute of any possible day without a band or with two."""
    if len(bands.flags) > FLAGS_MOST:
        problem = Text(en=f"names more than {FLAGS_MOST} flags", zh=f"标记超过 {FLAGS_MOST} 个")
        raise checks.refuse(bands, "rules", bands.flags, problem)
    possible = dict.fromkeys(tags for _, tags in _possible_tags(bands.flags))
    first = date(2024, 1, 1).toordinal()
    dated: dict[tuple[BandRule, ...], date] = {}  # days on which the same rules are dated are alike
    for number in range(366):
        day = date.fromordinal(first + number)
        dated.setdefault(tuple(rule for rule in bands.rules if rule.is_dated(day)), day)
    checked: set[tuple[BandRule, ...]] = set()
    for held, day in dated.items():
        for tags in possible:
            rules = tuple(rule for rule in held if not tags.isdisjoint(rule.days))
            if rules not in checked:
                day_table(bands, day, tags)
                checked.add(rules)


def always(band: str = "all") -> BandCalendar:
    """Give the calendar of a tariff that knows no bands."""
    return BandCalendar(rules=(BandRule(band=band, windows=("00:00-24:00",)),))


def windows_of(table: npt.NDArray[np.int64], bands: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Give a day's table as (window, band) pairs for people."""
    edges = [0, *(np.flatnonzero(np.diff(table)) + 1).tolist(), DAY_MIN]
    return tuple((f"{_clock(a)}-{_clock(b)}", bands[int(table[a])]) for a, b in pairwise(edges))
