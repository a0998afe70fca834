"""Fill holes of a meter series by a named rule, and say which rule filled which steps.

A bill on data with holes is a guess; where a contract or a market rule says how holes are filled, it is a guess that both
sides agreed on. Nothing is filled unless it is asked for.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.metering.series import MeterSeries, Quality
from domain.noun import noun
from domain.text import Text
from domain.time import Calendar, said_at

FillRule = Literal["interval_mean", "like_days"]
SHORT_STEPS = 2
"""Up to so many missing steps in a row are filled by the mean of their neighbours."""
LIKE_DAYS = 10
"""How many like days are averaged at most."""
REACH_DAYS = 45
"""How far away like days may lie."""

FILLED_SHORT = FindingKind(
    code="filled_interval_mean",
    severity=Severity.WARNING,
    words=Text(
        en="{count} missing steps in {gaps} gaps of at most 2 steps were filled with the mean of the values before and "
        "after (rule interval_mean), the first at {first}.",
        zh="{gaps} 处不超过 2 个点的缺口共 {count} 个缺失点，按前后数值的平均值补齐（规则 interval_mean），首个为 {first}。",
    ),
)
FILLED_LIKE_DAYS = FindingKind(
    code="filled_like_days",
    severity=Severity.SERIOUS,
    words=Text(
        en="{count} missing steps in {gaps} longer gaps were filled with the mean of the same clock time on up to 10 like "
        "days within 45 days (rule like_days), the first at {first}.",
        zh="{gaps} 处较长缺口共 {count} 个缺失点，按 45 天内最多 10 个同类型日同一时刻的平均值补齐（规则 like_days），首个为 {first}。",
    ),
)


class HolesLeftError(WattplanError):
    """A rule does not fill all holes."""

    code = "holes_left"
    words = Text(
        en="Meter {meter_id}: {count} missing steps stay, the first at {first}: {problem}. Give the readings, or bill a month "
        "without holes.",
        zh="电表 {meter_id}：仍有 {count} 个缺失点，首个为 {first}：{problem}。请补充读数，或选择没有缺口的月份计费。",
    )


@noun
class _Gap:
    first: int
    stop: int


def fill_holes(
    meter: MeterSeries, rule: FillRule, *, zone: str, calendar: Calendar, within: tuple[int, int] | None = None
) -> tuple[MeterSeries, tuple[Finding, ...]]:
    """Fill a meter's missing import by a rule. [kW].

    Parameters
    ----------
    rule : str
        ``interval_mean``: gaps of at most two steps by the mean of their neighbours; longer gaps stay and are refused.
        ``like_days``: longer gaps too, by the mean of the same clock time on up to ten days of the same kind (working
        day, day off, day of a holiday's break) within 45 days, nearest first.
    within : tuple[int, int], optional
        Only holes that begin in these steps, ``first`` … ``stop``, are looked at; the others stay as they are.

    Returns
    -------
    tuple[MeterSeries, tuple[Finding, ...]]
        The series with quality ``FILLED`` where it was filled, and a finding per rule that filled something.

    Raises
    ------
    HolesLeftError
        If the rule leaves a hole.

    References
    ----------
    Shanxi settlement practice as compiled: at most two points the interval mean, more the average of days of the same
    type. To be verified with the market's own rules before money depends on it.
    """
    values = np.array(meter.import_kw)
    assert meter.quality is not None  # noqa: S101 -- the series always sets it
    quality = np.array(meter.quality)
    short: list[_Gap] = []
    long: list[_Gap] = []
    first, stop = within or (0, values.size)
    for gap in _gaps(values):
        if not first <= gap.first < stop:
            continue
        (short if gap.stop - gap.first <= SHORT_STEPS and gap.first > 0 and gap.stop < values.size else long).append(
            gap
        )
    if long and rule == "interval_mean":
        raise _left(meter, long, zone, Text(en="a gap is longer than 2 steps", zh="缺口超过 2 个点"))
    known = values.copy()
    for gap in short:
        values[gap.first : gap.stop] = (known[gap.first - 1] + known[gap.stop]) / 2
    if long:
        like = _like_days(meter, known, zone, calendar, long)
        for gap in long:
            values[gap.first : gap.stop] = like[gap.first : gap.stop]
        left = [gap for gap in long if np.isnan(values[gap.first : gap.stop]).any()]
        if left:
            raise _left(
                meter, left, zone, Text(en="no like day has these clock times", zh="没有同类型日具备这些时刻的数据")
            )
    for gap in (*short, *long):
        quality[gap.first : gap.stop] = Quality.FILLED
    filled = MeterSeries(
        meter_id=meter.meter_id,
        grid=meter.grid,
        import_kw=values,
        export_kw=meter.export_kw,
        reactive_kvar=meter.reactive_kvar,
        quality=quality,
    )
    found = [_said(kind, gaps, meter, zone) for kind, gaps in ((FILLED_SHORT, short), (FILLED_LIKE_DAYS, long)) if gaps]
    return filled, tuple(found)


def _gaps(values: FloatArray) -> Iterator[_Gap]:
    missing = np.concatenate([[False], np.isnan(values), [False]])
    edges = np.flatnonzero(np.diff(missing.astype(np.int8)))
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield _Gap(first=first, stop=stop)


def _like_days(meter: MeterSeries, known: FloatArray, zone: str, calendar: Calendar, gaps: list[_Gap]) -> FloatArray:
    """Give the mean of like days' values at the clock times of the gaps, NaN elsewhere, shape (n_steps,)."""
    wall = meter.grid.local_starts(zone).tz_localize(None)
    value_at = {clock: value for clock, value in zip(wall, known.tolist(), strict=True) if not np.isnan(value)}
    found = np.full(known.size, np.nan)
    for step in (step for gap in gaps for step in range(gap.first, gap.stop)):
        clock = wall[step]
        kind = _kind(calendar, clock.date())
        like: list[float] = []
        for away in range(1, REACH_DAYS + 1):
            for other in (clock - timedelta(days=away), clock + timedelta(days=away)):
                if other in value_at and _kind(calendar, other.date()) == kind and len(like) < LIKE_DAYS:
                    like.append(value_at[other])
            if len(like) >= LIKE_DAYS:
                break
        if like:
            found[step] = float(np.mean(like))
    return found


def _kind(calendar: Calendar, day: date) -> tuple[bool, bool]:
    """Say whether people work on a day, and whether it belongs to a holiday's break: a plant stands still then."""
    tags = calendar.tags(day)
    return "workday" in tags, "holiday_break" in tags


def _count(gaps: list[_Gap]) -> int:
    return sum(gap.stop - gap.first for gap in gaps)


def _said(kind: FindingKind, gaps: list[_Gap], meter: MeterSeries, zone: str) -> Finding:
    first = said_at(meter.grid.at(min(gap.first for gap in gaps)), zone)
    return kind.at(count=_count(gaps), gaps=len(gaps), first=first)


def _left(meter: MeterSeries, gaps: list[_Gap], zone: str, problem: Text) -> HolesLeftError:
    first = said_at(meter.grid.at(gaps[0].first), zone)
    return HolesLeftError(meter_id=meter.meter_id, count=_count(gaps), first=first, problem=problem)
