"""Base load: what always runs, at night and on rest days, against the running level and the best weeks."""

import numpy as np

from domain.checks import FloatArray
from domain.findings import FindingKind, Severity
from domain.noun import noun
from domain.text import Text
from forecasting.design import DayType
from forecasting.patterns.found import PatternFinding, Sureness, evidence_of, found
from forecasting.patterns.history import History
from forecasting.patterns.repricing import Repricing

ALWAYS_ON = 0.05
"""Quantile of a day's load that is taken as always on. [-]"""
RUNNING = 0.75
"""Quantile of a working day's load that is taken as running. [-]"""
BEST = 0.10
"""Share of weeks, or of rest days, that count as the best. [-]"""
LEAST_WEEK_DAYS = 4
NIGHT_UNTIL_H = 5
WORTH_SAYING_SHARE = 0.005
"""Share of all energy below which a base is not spoken of. [-]"""
WORKED_THROUGH_SHARE = 0.15
"""A week whose base lies further than this share of the way from the usual base to the running level was worked
through: production never paused, and its base says nothing of losses. [-]"""
CLEARLY_BASE_SHARE = 0.4
"""Above this share of the running level, production may never pause and the base is hard to tell. [-]"""

BASE_ABOVE_BEST = FindingKind(
    code="pattern_base_above_best",
    severity=Severity.WARNING,
    words=Text(
        en="What always runs is {base_kw:,.0f} kW in the usual week and {best_kw:,.0f} kW in the best tenth of weeks "
        "({base_pct:.0f} % of the running level of {running_kw:,.0f} kW); the rest of it took {energy_kwh:,.0f} kWh. Weeks worked through without a pause and therefore left out: {through}.",
        zh="常开基荷在一般周为 {base_kw:,.0f} kW，最好的十分之一周为 {best_kw:,.0f} kW（占运行水平 {running_kw:,.0f} kW 的 "
        "{base_pct:.0f} %），高出部分共 {energy_kwh:,.0f} kWh。因连续生产而未计入的周数：{through}。",
    ),
)
REST_ABOVE_BEST = FindingKind(
    code="pattern_rest_above_best",
    severity=Severity.WARNING,
    words=Text(
        en="The usual Sunday or holiday stands at {rest_kw:,.0f} kW, the best tenth at {best_kw:,.0f} kW; over "
        "{days} rest days the difference took {energy_kwh:,.0f} kWh.",
        zh="周日和节假日通常维持在 {rest_kw:,.0f} kW，最好的十分之一为 {best_kw:,.0f} kW；{days} 个休息日的差额共 "
        "{energy_kwh:,.0f} kWh。",
    ),
)


@noun(eq=False)
class Levels:
    """Robust levels of a load."""

    running_kw: float
    """Median over working days of their upper quartile; over all days where none was worked. [kW]"""
    night_kw: float | None
    """Median from midnight to 5 on all days; None where never measured. [kW]"""
    rest_kw: float | None
    """Median over the days off of their median; None where there is none. [kW]"""
    base_kw: float
    """Median over the weeks of what always runs. [kW]"""
    best_base_kw: float
    """The same of the best tenth of weeks. [kW]"""
    base_by_day_kw: FloatArray
    """What always runs in each day's week, shape (n_days,). [kW]"""


def levels_of(history: History) -> Levels:
    """Measure the levels; weeks with fewer than four measured days borrow the median week's base."""
    low_kw = history.day_quantile_kw(ALWAYS_ON)
    weeks = history.week_of_day
    base_kw = np.array([_week_base(low_kw[weeks == week]) for week in range(int(weeks[-1]) + 1)])
    known = base_kw[np.isfinite(base_kw)]
    if known.size == 0:
        known = low_kw[np.isfinite(low_kw)]
    usual = float(np.median(known))
    worked = history.day_quantile_kw(RUNNING)
    at_work = worked[(history.types == DayType.WORKDAY) & np.isfinite(worked)]
    middle = history.day_quantile_kw(0.5)
    resting = middle[(history.types != DayType.WORKDAY) & np.isfinite(middle)]
    night = history.by_day_kw[:, : NIGHT_UNTIL_H * history.clock.day_slots // 24]
    night = night[np.isfinite(night)]
    return Levels(
        running_kw=float(np.median(at_work if at_work.size else worked[np.isfinite(worked)])),
        night_kw=float(np.median(night)) if night.size else None,
        rest_kw=float(np.median(resting)) if resting.size else None,
        base_kw=usual,
        best_base_kw=float(np.quantile(known, BEST, method="lower")),
        base_by_day_kw=np.where(np.isfinite(base_kw), base_kw, usual)[weeks],
    )


def _week_base(low_kw: FloatArray) -> float:
    known = low_kw[np.isfinite(low_kw)]
    return float(np.median(known)) if known.size >= LEAST_WEEK_DAYS else float("nan")


def base_above_best(history: History, levels: Levels, repricing: Repricing | None) -> PatternFinding | None:
    """Find the base above that of the best weeks, week by week."""
    most_kw = levels.base_kw + WORKED_THROUGH_SHARE * max(levels.running_kw - levels.base_kw, 0.0)
    through = levels.base_by_day_kw > most_kw
    by_day_kw = np.where(through, 0.0, np.maximum(levels.base_by_day_kw - levels.best_base_kw, 0.0))
    excess_kw = by_day_kw[history.day_of]
    reduction_kw = np.nan_to_num(np.clip(history.load_kw - levels.best_base_kw, 0.0, excess_kw))
    energy_kwh = history.kwh(reduction_kw)
    if energy_kwh <= WORTH_SAYING_SHARE * history.energy_kwh:
        return None
    weeks = history.week_of_day
    worst = sorted(np.unique(weeks).tolist(), key=lambda week: -float(by_day_kw[weeks == week].mean()))
    steps = [np.flatnonzero(weeks[history.day_of] == week) for week in worst[:3]]
    base_share = levels.base_kw / levels.running_kw if levels.running_kw > 0 else 1.0
    said = BASE_ABOVE_BEST.at(
        base_kw=levels.base_kw,
        best_kw=levels.best_base_kw,
        base_pct=100 * base_share,
        running_kw=levels.running_kw,
        energy_kwh=energy_kwh,
        through=int(np.unique(history.week_of_day[through]).size),
    )
    evidence = tuple(
        evidence_of(history, int(one[0]), int(one[-1]) + 1, float(levels.base_by_day_kw[history.day_of[int(one[-1])]]))
        for one in steps
    )
    sure: Sureness = "estimate" if base_share <= CLEARLY_BASE_SHARE else "possible"
    return found(said, history, reduction_kw, repricing, evidence=evidence, sure=sure)


def rest_above_best(history: History, repricing: Repricing | None) -> PatternFinding | None:
    """Find the level of Sundays and holidays above that of the best of them."""
    middle_kw = history.day_quantile_kw(0.5)
    resting = np.flatnonzero((history.types == DayType.REST) & np.isfinite(middle_kw))
    if resting.size < LEAST_WEEK_DAYS:
        return None
    best_kw = float(np.quantile(middle_kw[resting], BEST, method="lower"))
    by_day_kw = np.zeros(history.n_days)
    by_day_kw[resting] = middle_kw[resting] - best_kw
    reduction_kw = np.nan_to_num(np.clip(history.load_kw - best_kw, 0.0, np.maximum(by_day_kw, 0.0)[history.day_of]))
    energy_kwh = history.kwh(reduction_kw)
    if energy_kwh <= WORTH_SAYING_SHARE * history.energy_kwh:
        return None
    said = REST_ABOVE_BEST.at(
        rest_kw=float(np.median(middle_kw[resting])), best_kw=best_kw, days=int(resting.size), energy_kwh=energy_kwh
    )
    worst = set(resting[np.argsort(-middle_kw[resting])][:3].tolist())
    evidence = tuple(
        evidence_of(history, first, stop) for number, first, stop in history.steps_of_days() if number in worst
    )
    return found(said, history, reduction_kw, repricing, evidence=evidence, sure="possible")
