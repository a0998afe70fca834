"""Maximum demand in all its forms as lines: of a month, a day, a year; ratcheted, tiered, under a contract."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from domain.tariffs.charges import (
    ZERO,
    DemandCharge,
)
from domain.tariffs.contract import over_terms
from domain.tariffs.decimals import half_up
from domain.tariffs.line import Compiled, Line, Values, line_of
from domain.tariffs.periods import MonthPart, Period, months_before
from domain.tariffs.quantities import (
    Billed,
    Given,
    Largest,
    Peak,
    Quantity,
    Sum,
    scaled,
    within,
)
from domain.tariffs.rules import (
    contract_rule,
    daily_rule,
    demand_tier_rule,
    measured_rule,
    to_date_rule,
)
from domain.tariffs.terms import UNBLOCKED
from domain.text import Text

YEAR_MONTHS = 12


def month_peak(charge: DemandCharge, period: Period, part: MonthPart | None = None) -> Peak:
    """Give a charge's measured demand of a month that the load covers. [kW or kVA]."""
    month = (part or period.whole).month
    windows = period.windows(
        charge.charge_id,
        calendar=charge.calendar,
        bands=charge.bands,
        measurement_min=charge.measurement_min,
        sliding=charge.sliding,
        part=part,
    )
    return Peak(
        label=f"{charge.charge_id} {month:%Y-%m}",
        windows=windows,
        power=charge.measured_as,
        n_highest=charge.peaks_count,
        days=period.days_of(part) if charge.peaks_on == "days" and charge.peaks_count > 1 else None,
    )


def past_peak(charge: DemandCharge, period: Period, month: date) -> Quantity:
    """Give a charge's measured demand of an earlier month: as the facts say, else from the load.

    Raises
    ------
    PastMonthUnknownError
    """
    part = period.earlier(month)
    if part is None or period.knows(charge.charge_id, month, "max_demand_kw"):
        return Given(value=period.past(charge.charge_id, month, "max_demand_kw"))
    return month_peak(charge, period, part)


def is_levied(charge: DemandCharge, month: date) -> bool:
    """Say whether a demand charge is levied in a month."""
    return not charge.months or month.month in charge.months


def billing_demand(charge: DemandCharge, period: Period, peak: Peak) -> Quantity:
    """Give the demand that tiers, hours' use and prices go by: the peak, or what the ratchet and the least make of it."""
    parts: list[tuple[float, Quantity]] = [(1.0, peak)]
    ratchet = charge.look_back
    if ratchet is not None:
        share = float(ratchet.peak_share)
        looked_at = [
            month
            for month in months_before(period.month, ratchet.months_count)
            if not ratchet.peak_months or month.month in ratchet.peak_months
        ]
        parts += [(share, past_peak(charge, period, month)) for month in looked_at]
    if len(parts) == 1 and not charge.least_kw:
        return peak
    return Largest(label=peak.label, parts=tuple(parts), least=float(charge.least_kw))


def demand(charge: DemandCharge, period: Period, found: dict[str, Quantity]) -> Compiled:
    """Give the line (or lines) of a demand charge; ``found`` keeps its billing demand for hours'-use tiers."""
    over_terms(charge, period.supply)  # refuses a contract value that nobody gave, even in a month without the charge
    if charge.levied == "year":
        return _year_to_date(charge, period)
    if charge.levied == "day":
        return _daily(charge, period)
    peak = month_peak(charge, period)
    billing = billing_demand(charge, period, peak)
    found[charge.charge_id] = billing
    if not is_levied(charge, period.month):
        return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    lines = tier_lines(charge, period, billing) if charge.tiers else (month_line(charge, period, peak, billing),)
    measured = {"max_demand_kw": peak, "billed_demand_kw": scaled(1 / float(period.share), lines[0].quantity)}
    if charge.tiers:
        measured["billed_demand_kw"] = billing
    return Compiled(charge_id=charge.charge_id, lines=lines, measured=measured)


def _unit(charge: DemandCharge) -> str:
    return "kVA" if charge.measured_as == "kva" else "kW"


def month_line(charge: DemandCharge, period: Period, peak: Peak, billing: Quantity) -> Line:
    """Give the line of a monthly charge on what is billed for its peak."""
    over = over_terms(charge, period.supply)
    decimals = period.tariff.rounding.quantity_decimals
    billed = billing if over is None else Billed(label=peak.label, demand=billing, over=over)

    def rule(values: Values) -> Text:
        peak_kw, demand_kw = (half_up(values(one), decimals) for one in (peak, billing))
        if over is None:
            return measured_rule(charge, peak_kw, demand_kw, period)
        return contract_rule(charge, over, demand_kw, half_up(over.billed_kw(demand_kw), decimals), period)

    def kept(values: Values) -> Decimal:
        """Round the measured demand before the contract's rule is applied to it."""
        assert over is not None  # noqa: S101 -- asked of contract charges only
        return over.billed_kw(half_up(values(billing), decimals)) * period.share

    return line_of(
        charge,
        unit=_unit(charge),
        quantity=scaled(float(period.share), billed),
        unit_price=charge.price_per_kw,
        rule=rule,
        kept=None if over is None else kept,
    )


def tier_lines(charge: DemandCharge, period: Period, billing: Quantity) -> tuple[Line, ...]:
    """Give a line for each tier of a monthly charge."""
    lines, low = [], ZERO
    for number, tier in enumerate(charge.tiers):
        label = f"{charge.charge_id} tier {number + 1} {period.month:%Y-%m}"
        high = None if tier.up_to_kw is None else float(tier.up_to_kw)
        text = demand_tier_rule(charge, number, period)
        lines.append(
            line_of(
                charge,
                label=Text(en=f"{charge.label.en}, tier {number + 1}", zh=f"{charge.label.zh}（第 {number + 1} 档）"),
                unit=_unit(charge),
                quantity=scaled(float(period.share), within(label, billing, (float(low), high))),
                unit_price=charge.price_per_kw + tier.price_per_kw_month,
                rule=text,
            )
        )
        low = tier.up_to_kw or ZERO
    return tuple(lines)


def _daily(charge: DemandCharge, period: Period) -> Compiled:
    """Give one line: the sum of the held days' peaks."""
    if not is_levied(charge, period.month):
        return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    whole = month_peak(charge, period).windows
    days = period.days_of()
    parts = []
    for day in np.unique(days[period.first - whole.first : period.stop - whole.first]).tolist():
        blocks = np.where(days == day, whole.blocks, UNBLOCKED)
        windows = replace(whole, blocks=blocks)
        label = f"{charge.charge_id} {period.month:%Y-%m} day {day + 1}"
        peak = Peak(label=label, windows=windows, power=charge.measured_as)
        parts.append((1.0, Largest(label=label, parts=((1.0, peak),), least=float(charge.least_kw))))
    total = Sum(parts=tuple(parts))
    line = line_of(
        charge,
        unit=f"{_unit(charge)}·d",
        quantity=total,
        unit_price=charge.price_per_kw,
        rule=daily_rule(charge, period),
    )
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured={"daily_demand_kw": total})


def year_months(charge: DemandCharge, month: date) -> tuple[date, ...]:
    """Give the months of a month's calendar year in which a yearly charge is billed, up to it and including it."""
    numbers = charge.months or tuple(range(1, YEAR_MONTHS + 1))
    return tuple(date(month.year, number, 1) for number in sorted(numbers) if number <= month.month)


def to_date(owed: Quantity | None, before: Quantity | None, fractions: tuple[float, float]) -> Quantity:
    """Give what a month adds to a yearly quantity: its part of the year so far, less the part billed before."""
    now, earlier = fractions
    parts = [] if owed is None else [(now, owed)]
    parts += [] if before is None else [(-earlier, before)]
    return Sum(parts=tuple(parts))


def _year_to_date(charge: DemandCharge, period: Period) -> Compiled:
    if not is_levied(charge, period.month):
        return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    months = year_months(charge, period.month)
    peaks = [month_peak(charge, period) if one == period.month else past_peak(charge, period, one) for one in months]
    label = f"{charge.charge_id} {period.month:%Y}"
    n_months = len(charge.months) or YEAR_MONTHS

    def highest(n_months_counted: int) -> Quantity | None:
        parts = tuple((1.0, one) for one in peaks[:n_months_counted])
        return Largest(label=label, parts=parts, least=float(charge.least_kw)) if parts else None

    n = len(months)
    so_far = highest(n)
    assert so_far is not None  # noqa: S101 -- the billed month is one of them
    share = float(period.share)
    quantity = to_date(so_far, highest(n - 1), (share * n / n_months, share * (n - 1) / n_months))
    line = line_of(
        charge,
        unit=f"{_unit(charge)}·a",
        quantity=quantity,
        unit_price=charge.price_per_kw,
        rule=lambda values: to_date_rule(charge, values(peaks[-1]), values(so_far), (n, n_months), period.tariff),
    )
    return Compiled(
        charge_id=charge.charge_id,
        lines=(line,),
        measured={"max_demand_kw": peaks[-1], "year_demand_kw": so_far},
    )
