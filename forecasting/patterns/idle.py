"""Standing at a level between base and production, and starting up earlier than needed."""

import numpy as np

from domain.findings import FindingKind, Severity
from domain.noun import noun
from domain.text import Text
from forecasting.design import DayType
from forecasting.patterns.found import PatternFinding, evidence_of, found
from forecasting.patterns.history import History, runs_of
from forecasting.patterns.levels import WORTH_SAYING_SHARE, Levels
from forecasting.patterns.repricing import Repricing

IDLE_SHARES = (0.10, 0.45)
"""Between these shares of the way from base to running level a machine idles. [-]"""
FLAT_SHARE = 0.15
"""Most that a standing level moves, as a share of that way. [-]"""
LEAST_IDLE_H = 1.0
LEAST_SPAN_SHARE = 0.2
"""The running level must stand this share above the base, or there is nothing between them. [-]"""
UP_SHARE, DOWN_SHARE = 0.8, 0.1
"""Shares of the way from base to the day's plateau at which it is reached, and at which the rise begins. [-]"""
BEST = 0.10
LEAST_DAYS = 10
MOST_RAMP_H = 3.0
"""A longer rise is another shift, not a start-up. [h]"""
START_WORTH_SAYING_SHARE = 0.001
MIN_PER_DAY = 1440

IDLE = FindingKind(
    code="pattern_idle",
    severity=Severity.WARNING,
    words=Text(
        en="For {idle_h:,.0f} hours the load stood at a level between base and production, mostly about {level_kw:,.0f} kW; "
        "above the base that took {energy_kwh:,.0f} kWh.",
        zh="负荷有 {idle_h:,.0f} 小时停留在基荷与生产水平之间，多在 {level_kw:,.0f} kW 左右；高于基荷的部分共 "
        "{energy_kwh:,.0f} kWh。",
    ),
)
START_UP = FindingKind(
    code="pattern_start_up",
    severity=Severity.WARNING,
    words=Text(
        en="On {days} days the load rises from {begin} to its plateau at {reach} (medians), {usual_min:.0f} min; the best "
        "tenth of days need {best_min:.0f} min. What rises earlier took {energy_kwh:,.0f} kWh.",
        zh="{days} 天的负荷自 {begin} 起升至 {reach} 的平台（中位数），历时 {usual_min:.0f} 分钟；最好的十分之一日仅需 "
        "{best_min:.0f} 分钟。过早升高的部分共 {energy_kwh:,.0f} kWh。",
    ),
)


@noun
class Ramp:
    """One day's start-up: steps from the first above the base to the first on the plateau."""

    first: int
    stop: int


def has_two_levels(levels: Levels) -> bool:
    """Say whether production stands clearly above the base."""
    return levels.running_kw - levels.base_kw > LEAST_SPAN_SHARE * abs(levels.running_kw)


def idle(history: History, levels: Levels, repricing: Repricing | None) -> PatternFinding | None:
    """Find flat stretches of an hour or more between base and production."""
    if not has_two_levels(levels):
        return None
    base_kw = levels.base_by_day_kw[history.day_of]
    span_kw = np.maximum(levels.running_kw - base_kw, 0.0)
    share = np.divide(history.load_kw - base_kw, span_kw, out=np.full(base_kw.size, np.nan), where=span_kw > 0)
    between = (share > IDLE_SHARES[0]) & (share < IDLE_SHARES[1])
    least = max(2, round(LEAST_IDLE_H / history.step_h))
    reduction_kw = np.zeros(base_kw.size)
    runs = []
    for first, stop in runs_of(between):
        for begin, end in _flat_parts(share, first, stop):
            if end - begin >= least:
                runs.append((begin, end))
                reduction_kw[begin:end] = history.load_kw[begin:end] - base_kw[begin:end]
    energy_kwh = history.kwh(reduction_kw)
    if energy_kwh <= WORTH_SAYING_SHARE * history.energy_kwh:
        return None
    idling = reduction_kw > 0
    said = IDLE.at(
        idle_h=float(np.count_nonzero(idling)) * history.step_h,
        level_kw=float(np.median(history.load_kw[idling])),
        energy_kwh=energy_kwh,
    )
    dearest = sorted(runs, key=lambda run: -float(reduction_kw[run[0] : run[1]].sum()))
    evidence = tuple(evidence_of(history, first, stop) for first, stop in dearest[:5])
    return found(said, history, reduction_kw, repricing, evidence=evidence, sure="possible")


def _flat_parts(share: np.ndarray, first: int, stop: int) -> list[tuple[int, int]]:
    """Cut a run where it leaves a band of the standing level's width, from the left."""
    parts = []
    begin, low, high = first, share[first], share[first]
    for step in range(first, stop):
        low, high = min(low, share[step]), max(high, share[step])
        if high - low > FLAT_SHARE:
            parts.append((begin, step))
            begin, low, high = step, share[step], share[step]
    return [*parts, (begin, stop)]


def ramps_of(history: History, levels: Levels) -> tuple[Ramp, ...]:
    """Find the first rise to the plateau on each working day that begins at the base."""
    if not has_two_levels(levels):
        return ()
    plateau_kw = history.day_quantile_kw(0.75)
    ramps = []
    for number, first, stop in history.steps_of_days():
        base_kw = float(levels.base_by_day_kw[number])
        span_kw = float(plateau_kw[number]) - base_kw
        if history.types[number] != DayType.WORKDAY or not span_kw > 0.5 * (levels.running_kw - base_kw):
            continue
        share = (history.load_kw[first:stop] - base_kw) / span_kw
        up = np.flatnonzero((share[:-1] >= UP_SHARE) & (share[1:] >= UP_SHARE))
        if up.size == 0:
            continue
        low = np.flatnonzero(share[: up[0]] <= DOWN_SHARE)
        is_short = low.size and (up[0] - low[-1] - 1) * history.step_h <= MOST_RAMP_H
        if is_short and np.isfinite(share[low[-1] : up[0]]).all():
            ramps.append(Ramp(first=first + int(low[-1]) + 1, stop=first + int(up[0])))
    return tuple(ramps)


def start_up(
    history: History, levels: Levels, ramps: tuple[Ramp, ...], repricing: Repricing | None
) -> PatternFinding | None:
    """Find what rises earlier before the plateau than the best days need."""
    if len(ramps) < LEAST_DAYS:
        return None
    lengths = np.array([ramp.stop - ramp.first for ramp in ramps])
    best = int(np.quantile(lengths, BEST, method="lower"))
    base_kw = levels.base_by_day_kw[history.day_of]
    reduction_kw = np.zeros(base_kw.size)
    for ramp in ramps:
        early = slice(ramp.first, max(ramp.first, ramp.stop - best))
        reduction_kw[early] = np.maximum(history.load_kw[early] - base_kw[early], 0.0)
    energy_kwh = history.kwh(reduction_kw)
    if energy_kwh <= START_WORTH_SAYING_SHARE * history.energy_kwh:
        return None
    step_min = history.meter.grid.step_min
    begin, reach = (
        float(np.median([history.slot_of[step] for step in steps])) * step_min
        for steps in ([ramp.first for ramp in ramps], [ramp.stop for ramp in ramps])
    )
    said = START_UP.at(
        days=len(ramps),
        begin=clock(begin),
        reach=clock(reach),
        usual_min=float(np.median(lengths)) * step_min,
        best_min=float(best * step_min),
        energy_kwh=energy_kwh,
    )
    longest = sorted(ramps, key=lambda ramp: ramp.first - ramp.stop)[:3]
    evidence = tuple(evidence_of(history, ramp.first, ramp.stop) for ramp in longest)
    return found(said, history, reduction_kw, repricing, evidence=evidence, sure="estimate")


def clock(minutes: float) -> str:
    """Write minutes after midnight as 06:15."""
    whole = round(minutes) % MIN_PER_DAY
    return f"{whole // 60:02d}:{whole % 60:02d}"
