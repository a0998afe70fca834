"""Months whose power factor misses the tariff's standard, when that happens, and what it costs."""

from datetime import date
from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.findings import FindingKind, Severity
from domain.noun import noun
from domain.tariffs import PowerFactorCharge
from domain.tariffs.power_factor import power_factor_of, tangent
from domain.text import Text
from domain.time import month_start
from forecasting.patterns.found import PatternFinding, evidence_of
from forecasting.patterns.history import History
from forecasting.patterns.repricing import Repricing

BELOW_STANDARD = FindingKind(
    code="pattern_power_factor_low",
    severity=Severity.WARNING,
    words=Text(
        en="{month}: power factor {power_factor} is below the standard {standard}; worst from {worst_from:02d}:00 to "
        "{worst_to:02d}:00 ({worst_pf:.2f}). To meet it, {kvarh:,.0f} kvarh must be compensated, about {kvar:,.0f} kvar "
        "over the {hours:,.0f} hours with the most reactive power.",
        zh="{month}：功率因数 {power_factor} 低于标准 {standard}；{worst_from:02d}:00 至 {worst_to:02d}:00 最差"
        "（{worst_pf:.2f}）。达标需补偿 {kvarh:,.0f} kvarh，即在无功最大的 {hours:,.0f} 小时内约 {kvar:,.0f} kvar。",
    ),
)


@noun
class LowMonth:
    """A month below the standard."""

    month: date
    power_factor: Decimal
    standard_pf: Decimal
    found: PatternFinding


def low_months(history: History, repricing: Repricing | None) -> tuple[LowMonth, ...]:
    """Find the billed months below the standard; nothing without a tariff that has one, or without reactive energy."""
    kvar = history.meter.reactive_kvar
    if repricing is None or kvar is None:
        return ()
    charge = next((one for one in repricing.billing.latest.charges if isinstance(one, PowerFactorCharge)), None)
    if charge is None:
        return ()
    standard = Decimal(charge.standard.rsplit("_", 1)[1])
    months = np.array([month_start(history.day(int(number))) for number in range(history.n_days)])
    made = []
    for bill in repricing.bills:
        steps = np.flatnonzero(months[history.day_of] == bill.month)
        month_kvar, month_kw = kvar[steps], history.meter.import_kw[steps]
        if np.isnan(month_kvar).any() or not month_kw.sum() > 0:
            continue
        one = _low(history, repricing, bill.month, steps, month_kw, month_kvar, standard)
        if one is not None:
            made.append(one)
    return tuple(made)


def _low(  # noqa: PLR0917 -- one month's numbers
    history: History,
    repricing: Repricing,
    month: date,
    steps: np.ndarray,
    month_kw: FloatArray,
    month_kvar: FloatArray,
    standard: Decimal,
) -> LowMonth | None:
    active_kwh, reactive_kvarh = (float(values.sum()) * history.step_h for values in (month_kw, month_kvar))
    power_factor = power_factor_of(Decimal(repr(active_kwh)), Decimal(repr(reactive_kvarh)))
    if power_factor >= standard:
        return None
    allowed_kvarh = active_kwh * tangent(standard)
    excess_kvarh = reactive_kvarh - allowed_kvarh
    hours = history.slot_of[steps] * 24 // history.clock.day_slots
    by_hour = np.array([_factor(month_kw[hours == hour], month_kvar[hours == hour]) for hour in range(24)])
    worst = int(np.argmin(by_hour))
    running_h = float(np.count_nonzero(month_kvar > np.median(month_kvar))) * history.step_h
    said = BELOW_STANDARD.at(
        month=f"{month:%Y-%m}",
        power_factor=str(power_factor),
        standard=str(standard),
        worst_from=worst,
        worst_to=(worst + 1) % 24,
        worst_pf=float(by_hour[worst]),
        kvarh=excess_kvarh,
        kvar=excess_kvarh / running_h if running_h else 0.0,
        hours=running_h,
    )
    made = PatternFinding(
        finding=said,
        energy_kwh=0.0,
        billed_kwh=0.0,
        saving=repricing.saving_with_power_factor(month, allowed_kvarh / reactive_kvarh),
        currency=repricing.billing.tariff.currency,
        evidence=(evidence_of(history, int(steps[0]), int(steps[-1]) + 1),),
        sure="measured",
    )
    return LowMonth(month=month, power_factor=power_factor, standard_pf=standard, found=made)


def _factor(load_kw: FloatArray, kvar: FloatArray) -> float:
    apparent = float(np.hypot(load_kw.sum(), kvar.sum()))
    return float(load_kw.sum()) / apparent if apparent > 0 else 1.0
