"""Lasting changes of level, stretches of standstill, and readings that look like a stuck meter.

Change points: the weeks' median departure from what is usual for the kind of day, cut into levels by optimal
partitioning with absolute deviations, exactly.

References
----------
Jackson et al., An algorithm for optimal partitioning of data on an interval, IEEE Signal Processing Letters 12 (2005);
the penalty is 3 ln n for Laplace noise, its scale estimated from the differences of neighbouring weeks.
"""

from datetime import date

import numpy as np

from domain.checks import FloatArray
from domain.findings import FindingKind, Severity
from domain.noun import noun
from domain.text import Text
from domain.time import said_at
from forecasting.design import DayType
from forecasting.patterns.found import PatternFinding, evidence_of, found
from forecasting.patterns.history import History, quantile_kw, runs_of
from forecasting.patterns.levels import Levels
from forecasting.patterns.repricing import Repricing

LEAST_WEEKS = 4
"""Weeks that a level must last; two odd weeks in four never pay for a cut. [-]"""
LEAST_WEEK_DAYS = 4
PENALTY = 3.0
LAPLACE_MEDIAN = 1.146
"""Median of the absolute difference of two Laplace variables of scale 1; solves (1 + u/2) exp(−u) = 1/2. [-]"""
LEAST_SCALE_SHARE = 0.01
LEAST_CHANGE_SHARE = 0.05
STANDSTILL_SHARE = 0.15
LEAST_WORKING_DAYS = 2
"""A single quiet working day beside a weekend is a short week, not a standstill. [-]"""
STUCK_H = 24.0
STUCK_SHARE = 0.05
"""A flat stretch is suspicious where the usual load at those times moves by more than this share of the running level;
nights and weekends that are always flat are not. [-]"""

CHANGE = FindingKind(
    code="pattern_level_change",
    severity=Severity.INFO,
    words=Text(
        en="From the week of {week} the mean load lies {change_kw:+,.0f} kW ({change_pct:+.0f} %) off the level before, for "
        "{weeks} weeks; since then that makes {energy_kwh:+,.0f} kWh.",
        zh="自 {week} 当周起，平均负荷较此前水平变化 {change_kw:+,.0f} kW（{change_pct:+.0f} %），持续 {weeks} 周，"
        "累计 {energy_kwh:+,.0f} kWh。",
    ),
)
STANDSTILL = FindingKind(
    code="pattern_standstill",
    severity=Severity.INFO,
    words=Text(
        en="The plant stood still for {days} days from {first} to {last} ({working} of them working days), at "
        "{level_kw:,.0f} kW; that took {energy_kwh:,.0f} kWh.",
        zh="{first} 至 {last} 停产 {days} 天（其中工作日 {working} 天），负荷 {level_kw:,.0f} kW，共 {energy_kwh:,.0f} kWh。",
    ),
)
STUCK = FindingKind(
    code="pattern_meter_stuck",
    severity=Severity.WARNING,
    words=Text(
        en="The meter shows {level_kw:g} kW without any change for {hours:.0f} hours from {at}: it may be stuck. That makes "
        "{energy_kwh:,.0f} kWh of doubtful readings.",
        zh="自 {at} 起电表连续 {hours:.0f} 小时恒为 {level_kw:g} kW，可能卡死；存疑电量 {energy_kwh:,.0f} kWh。",
    ),
)


@noun
class Change:
    """A lasting change of level."""

    week: date
    """Monday of the first week at the new level."""
    change_kw: float
    found: PatternFinding


def segments(values: FloatArray, *, least: int, penalty: float) -> tuple[int, ...]:
    """Cut a series into levels with the least sum of absolute deviations plus a penalty for each cut, exactly.

    Returns
    -------
    tuple[int, ...]
        Where each level after the first begins.
    """
    n = values.size
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    before = np.zeros(n + 1, dtype=np.int64)
    for stop in range(least, n + 1):
        for first in range(stop - least + 1):
            if not np.isfinite(best[first]):
                continue
            part = values[first:stop]
            cost = best[first] + penalty + float(np.abs(part - np.median(part)).sum())
            if cost < best[stop] - 1e-9:
                best[stop], before[stop] = cost, first
    cuts: list[int] = []
    stop = n
    while stop > 0:
        stop = int(before[stop])
        if stop > 0:
            cuts.append(stop)
    return tuple(reversed(cuts))


def level_changes(history: History, repricing: Repricing | None) -> tuple[Change, ...]:
    """Find the weeks in which the load changed its level for at least four weeks."""
    weekly_kw, weeks = _weekly_departure(history)
    if weekly_kw.size < 2 * LEAST_WEEKS:
        return ()
    typical_kw = float(np.nanmean(np.abs(history.load_kw)))
    scale_kw = float(np.median(np.abs(np.diff(weekly_kw)))) / LAPLACE_MEDIAN
    scale_kw = max(scale_kw, LEAST_SCALE_SHARE * typical_kw)
    cuts = segments(weekly_kw, least=LEAST_WEEKS, penalty=PENALTY * float(np.log(weekly_kw.size)) * scale_kw)
    edges = [0, *cuts, weekly_kw.size]
    made = []
    for place, cut in enumerate(cuts):
        before_kw = float(np.median(weekly_kw[edges[place] : cut]))
        stop = edges[place + 2]
        change_kw = float(np.median(weekly_kw[cut:stop])) - before_kw
        if abs(change_kw) >= LEAST_CHANGE_SHARE * typical_kw:
            span = (int(weeks[cut]), int(weeks[stop - 1]))
            level_kw = _mean_kw(history, int(weeks[edges[place]]), int(weeks[cut - 1]))
            made.append(_change(history, repricing, span, change_kw, level_kw))
    return tuple(made)


def _weekly_departure(history: History) -> tuple[FloatArray, np.ndarray]:
    """Give each week's mean departure from the median day of its kind, and the weeks that count."""
    means_kw = np.full(history.n_days, np.nan)
    whole = history.whole_days
    means_kw[whole] = np.nanmean(history.by_day_kw[whole], axis=1)
    for kind in DayType:
        here = (history.types == kind) & np.isfinite(means_kw)
        if here.any():
            means_kw[here] -= np.median(means_kw[here])
    weeks = history.week_of_day
    counts = np.bincount(weeks, weights=np.isfinite(means_kw))
    sums = np.bincount(weeks, weights=np.nan_to_num(means_kw))
    enough = np.flatnonzero(counts >= LEAST_WEEK_DAYS)
    return sums[enough] / counts[enough], enough


def _mean_kw(history: History, first_week: int, last_week: int) -> float:
    week_of = history.week_of_day[history.day_of]
    return float(np.nanmean(history.load_kw[(week_of >= first_week) & (week_of <= last_week)]))


def _change(
    history: History, repricing: Repricing | None, weeks: tuple[int, int], change_kw: float, level_kw: float
) -> Change:
    week_of = history.week_of_day[history.day_of]
    since = (week_of >= weeks[0]) & (week_of <= weeks[1]) & np.isfinite(history.load_kw)
    reduction_kw = np.where(since, np.minimum(change_kw, np.nan_to_num(history.load_kw)), 0.0)
    steps = np.flatnonzero(since)
    week = history.week_starts()[weeks[0]]
    said = CHANGE.at(
        week=f"{week}",
        change_kw=change_kw,
        change_pct=100 * change_kw / abs(level_kw) if level_kw else float("inf"),
        weeks=weeks[1] - weeks[0] + 1,
        energy_kwh=history.kwh(reduction_kw),
    )
    evidence = (evidence_of(history, int(steps[0]), int(steps[-1]) + 1),)
    made = found(said, history, reduction_kw, repricing, evidence=evidence, sure="measured")
    return Change(week=week, change_kw=change_kw, found=made)


def standstills(history: History, levels: Levels, repricing: Repricing | None) -> tuple[PatternFinding, ...]:
    """Find stretches of days, two working days or more among them, that stay near the base."""
    high_kw = history.day_quantile_kw(0.95)
    still_kw = levels.best_base_kw + STANDSTILL_SHARE * max(levels.running_kw - levels.best_base_kw, 0.0)
    still = np.isfinite(high_kw) & (high_kw <= still_kw)
    made = []
    for first_day, stop_day in runs_of(still):
        working = int(np.count_nonzero(history.types[first_day:stop_day] == DayType.WORKDAY))
        if working < LEAST_WORKING_DAYS:
            continue
        steps = np.flatnonzero((history.day_of >= first_day) & (history.day_of < stop_day))
        reduction_kw = np.zeros(history.load_kw.size)
        reduction_kw[steps] = np.nan_to_num(history.load_kw[steps])
        said = STANDSTILL.at(
            days=stop_day - first_day,
            first=f"{history.day(first_day)}",
            last=f"{history.day(stop_day - 1)}",
            working=working,
            level_kw=float(np.nanmean(history.load_kw[steps])),
            energy_kwh=history.kwh(reduction_kw),
        )
        evidence = (evidence_of(history, int(steps[0]), int(steps[-1]) + 1),)
        made.append(found(said, history, reduction_kw, repricing, evidence=evidence, sure="measured"))
    return tuple(made)


def stuck_meter(history: History, levels: Levels, repricing: Repricing | None) -> tuple[PatternFinding, ...]:
    """Find readings other than zero that do not move for a day in which the load usually does."""
    usual_kw = quantile_kw(history, 0.5)
    same = np.concatenate(([False], (np.diff(history.load_kw) == 0) & (history.load_kw[1:] != 0)))
    made = []
    for first, stop in runs_of(same):
        hours = (stop - first + 1) * history.step_h
        moves_kw = float(np.ptp(usual_kw[first - 1 : stop]))
        if hours < STUCK_H or not moves_kw > STUCK_SHARE * abs(levels.running_kw):
            continue
        reduction_kw = np.zeros(history.load_kw.size)
        reduction_kw[first - 1 : stop] = history.load_kw[first - 1 : stop]
        said = STUCK.at(
            level_kw=float(history.load_kw[first]),
            hours=hours,
            at=said_at(history.meter.grid.at(first - 1), history.zone),
            energy_kwh=history.kwh(reduction_kw),
        )
        evidence = (evidence_of(history, first - 1, stop),)
        made.append(found(said, history, reduction_kw, repricing, evidence=evidence, sure="possible"))
    return tuple(made)
