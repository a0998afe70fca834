"""The highest load of each month: when, how long, why, and what shaving it would bring."""

from datetime import date
from decimal import Decimal
from typing import Literal

import numpy as np

from domain.checks import FloatArray
from domain.findings import FindingKind, Severity
from domain.noun import noun
from domain.tariffs import as_decimal, half_up
from domain.text import Text
from domain.time import month_start, said_at
from forecasting.patterns.found import PatternFinding, evidence_of, found
from forecasting.patterns.history import History
from forecasting.patterns.idle import Ramp
from forecasting.patterns.repricing import Repricing

Cause = Literal["start_up", "spike", "rise", "plateau"]
CAUSE_WORDS: dict[Cause, Text] = {
    "start_up": Text(en="machines starting together", zh="设备同时启动"),
    "spike": Text(en="a single spike", zh="单个尖峰"),
    "rise": Text(en="a busy stretch", zh="短时高负荷"),
    "plateau": Text(en="a long plateau", zh="长时间平台"),
}
SHAVED_QUARTERS = 4
NEAR_SHARE = 0.95
"""What stands this near to the peak belongs to it. [-]"""
SPIKE_H, PLATEAU_H, AFTER_START_H = 0.5, 2.0, 1.0
LEAST_MONTH_SHARE = 0.8
LEAST_MONTH_H = 27 * 24
"""Any whole month is longer, the one with the clock change included. [h]"""

PEAK = FindingKind(
    code="pattern_peak",
    severity=Severity.INFO,
    words=Text(
        en="{month}: the peak of {peak_kw:,.0f} kW at {at} ({cause_en}, {near_h:g} h near it) stands {above_kw:,.0f} kW "
        "above all but the highest hour; shaving it takes {energy_kwh:,.1f} kWh.",
        zh="{month}：{at} 出现峰值 {peak_kw:,.0f} kW（{cause_zh}，接近峰值 {near_h:g} 小时），比除最高一小时外的负荷高 "
        "{above_kw:,.0f} kW；削去它需减少 {energy_kwh:,.1f} kWh。",
    ),
)


@noun
class MonthPeak:
    """The highest load of a month and what stands below it."""

    month: date
    peak_kw: float
    first: int
    stop: int
    """Steps near the peak: first, and the one after the last."""
    above_kw: dict[int, float]
    """By how much the peak falls when so many quarter hours are shaved. [kW]"""
    cause: Cause
    found: PatternFinding
    worth_per_kw: Decimal | None
    """Saving of the month and later ones over the kW shaved. [currency / kW]"""


def month_peaks(history: History, ramps: tuple[Ramp, ...], repricing: Repricing | None) -> tuple[MonthPeak, ...]:
    """Find each month's peak; months of which less than four fifths were measured are left out."""
    months: dict[date, list[int]] = {}
    for number, first, stop in history.steps_of_days():
        months.setdefault(month_start(history.day(number)), []).extend(range(first, stop))
    found_peaks = []
    for month, steps in months.items():
        load_kw = history.load_kw[steps[0] : steps[-1] + 1]
        nearly_month = len(steps) * history.step_h >= LEAST_MONTH_H
        if nearly_month and np.isfinite(load_kw).mean() >= LEAST_MONTH_SHARE and float(np.nanmax(load_kw)) > 0:
            found_peaks.append(_peak(history, month, steps[0], load_kw, ramps, repricing))
    return tuple(found_peaks)


def _peak(  # noqa: PLR0917 -- one month's numbers
    history: History,
    month: date,
    offset: int,
    load_kw: FloatArray,
    ramps: tuple[Ramp, ...],
    repricing: Repricing | None,
) -> MonthPeak:
    at = offset + int(np.nanargmax(load_kw))
    peak_kw = float(history.load_kw[at])
    falling = np.sort(load_kw[np.isfinite(load_kw)])[::-1]
    above_kw = {n: peak_kw - float(falling[_steps(n, history)]) for n in (1, SHAVED_QUARTERS, 16)}
    first, stop = _near(history.load_kw, at, NEAR_SHARE * peak_kw)
    near_h = (stop - first) * history.step_h
    cause = _cause(at, near_h, ramps, history)
    level_kw = peak_kw - above_kw[SHAVED_QUARTERS]
    reduction_kw = np.zeros(history.load_kw.size)
    part = slice(offset, offset + load_kw.size)
    reduction_kw[part] = np.nan_to_num(np.maximum(load_kw - level_kw, 0.0))
    said = PEAK.at(
        month=f"{month:%Y-%m}",
        peak_kw=peak_kw,
        at=said_at(history.meter.grid.at(at), history.zone),
        cause_en=CAUSE_WORDS[cause].en,
        cause_zh=CAUSE_WORDS[cause].zh,
        near_h=near_h,
        above_kw=above_kw[SHAVED_QUARTERS],
        energy_kwh=history.kwh(reduction_kw),
    )
    made = found(
        said,
        history,
        reduction_kw,
        repricing,
        evidence=(evidence_of(history, first, stop, peak_kw),),
        sure="measured",
    )
    shaved_kw = as_decimal(above_kw[SHAVED_QUARTERS])
    worth = None if made.saving is None or shaved_kw <= 0 else half_up(made.saving / shaved_kw, 2)
    return MonthPeak(
        month=month,
        peak_kw=peak_kw,
        first=first,
        stop=stop,
        above_kw=above_kw,
        cause=cause,
        found=made,
        worth_per_kw=worth,
    )


def _steps(quarters: int, history: History) -> int:
    return max(1, round(quarters * 0.25 / history.step_h))


def _near(load_kw: FloatArray, at: int, level_kw: float) -> tuple[int, int]:
    first, stop = at, at + 1
    while first > 0 and load_kw[first - 1] >= level_kw:
        first -= 1
    while stop < load_kw.size and load_kw[stop] >= level_kw:
        stop += 1
    return first, stop


def _cause(at: int, near_h: float, ramps: tuple[Ramp, ...], history: History) -> Cause:
    if near_h >= PLATEAU_H:
        return "plateau"
    after = round(AFTER_START_H / history.step_h)
    if any(ramp.first <= at < ramp.stop + after for ramp in ramps):
        return "start_up"
    return "spike" if near_h <= SPIKE_H else "rise"
