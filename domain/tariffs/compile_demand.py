"""Charges on power as lines: maximum demand in all its forms, the grid's peaks, capacity and its excess, reactive."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from domain.tariffs.charges import (
    ONE,
    ZERO,
    CapacityCharge,
    CoincidentCharge,
    DemandCharge,
    ExcessCapacityCharge,
    ReactiveCharge,
)
from domain.tariffs.contract import over_terms
from domain.tariffs.decimals import half_up
from domain.tariffs.facts import SystemPeaks, SystemPeaksUnknownError
from domain.tariffs.line import Compiled, Line, Values
from domain.tariffs.periods import MonthPart, Period, StepTooCoarseError, months_before
from domain.tariffs.quantities import (
    Billed,
    Energy,
    Given,
    Hinge,
    Largest,
    Peak,
    Quantity,
    Sum,
    Windows,
    minus,
    scaled,
    within,
)
from domain.tariffs.rules import (
    capacity_rule,
    contract_rule,
    daily_rule,
    demand_tier_rule,
    excess_rule,
    measured_rule,
    to_date_rule,
)
from domain.tariffs.rules_more import coincident_rule, reactive_rule
from domain.tariffs.terms import UNBLOCKED
from domain.text import Text
from domain.time import next_month

NOTHING = Compiled(charge_id="", lines=(), measured={})
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
    """Give a charge's measured demand of an earlier month: from the load where it covers it, else from the facts.

    Raises
    ------
    PastMonthUnknownError
    """
    part = period.earlier(month)
    if part is not None:
        return month_peak(charge, period, part)
    return Given(value=period.past(charge.charge_id, month, "max_demand_kw"))


def is_levied(charge: DemandCharge, month: date) -> bool:
    """Say whether a demand charge is levied in a month."""
    return not charge.months or month.month in charge.months


def billing_demand(charge: DemandCharge, period: Period, peak: Peak) -> Quantity:
    """Give the demand that tiers, hours' use and prices go by: the peak, or what the ratchet and the least make of it."""
    parts: list[tuple[float, Quantity]] = [(1.0, peak)]
    ratchet = charge.look_back
    if ratchet is not None:
        share = float(ratchet.peak_share)
        for month in months_before(period.month, ratchet.months_count):
            if not ratchet.peak_months or month.month in ratchet.peak_months:
                parts.append((share, past_peak(charge, period, month)))
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
    lines = (
        _tier_lines(charge, period, peak, billing) if charge.tiers else (_month_line(charge, period, peak, billing),)
    )
    measured = {"max_demand_kw": peak, "billed_demand_kw": scaled(1 / float(period.share), lines[0].quantity)}
    if charge.tiers:
        measured["billed_demand_kw"] = billing
    return Compiled(charge_id=charge.charge_id, lines=lines, measured=measured)


def _unit(charge: DemandCharge) -> str:
    return "kVA" if charge.measured_as == "kva" else "kW"


def _month_line(charge: DemandCharge, period: Period, peak: Peak, billing: Quantity) -> Line:
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

    return Line(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label,
        unit=_unit(charge),
        quantity=scaled(float(period.share), billed),
        unit_price=charge.price_per_kw_month,
        rule=rule,
        kept=None if over is None else kept,
    )


def _tier_lines(charge: DemandCharge, period: Period, peak: Peak, billing: Quantity) -> tuple[Line, ...]:
    lines, low = [], ZERO
    for number, tier in enumerate(charge.tiers):
        label = f"{charge.charge_id} tier {number + 1} {period.month:%Y-%m}"
        high = None if tier.up_to_kw is None else float(tier.up_to_kw)
        text = demand_tier_rule(charge, number, period)
        lines.append(
            Line(
                charge_id=charge.charge_id,
                kind=charge.kind,
                label=Text(en=f"{charge.label.en}, tier {number + 1}", zh=f"{charge.label.zh}（第 {number + 1} 档）"),
                unit=_unit(charge),
                quantity=scaled(float(period.share), within(label, billing, (float(low), high))),
                unit_price=charge.price_per_kw_month + tier.price_per_kw_month,
                rule=lambda _, text=text: text,  # type: ignore[misc]
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
    line = Line(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label,
        unit=f"{_unit(charge)}·d",
        quantity=total,
        unit_price=charge.price_per_kw_day,
        rule=lambda _: daily_rule(charge, period),
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
    line = Line(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label,
        unit=f"{_unit(charge)}·a",
        quantity=quantity,
        unit_price=charge.price_per_kw_year,
        rule=lambda values: to_date_rule(charge, values(peaks[-1]), values(so_far), (n, n_months), period.tariff),
    )
    return Compiled(
        charge_id=charge.charge_id,
        lines=(line,),
        measured={"max_demand_kw": peaks[-1], "year_demand_kw": so_far},
    )


def _spans(charge: CoincidentCharge, period: Period, part: MonthPart) -> list[tuple[int, int]]:
    """Give the month's published peaks as steps from the month's first: ``first`` … ``stop``."""
    known = period.facts.peaks(charge.system_peak_id)
    if known is None or not (known.known_from <= part.month and next_month(part.month) <= known.known_until):
        raise SystemPeaksUnknownError(
            charge_id=charge.charge_id, system_peak_id=charge.system_peak_id, month=f"{part.month:%Y-%m}"
        )
    grid = part.grid
    return [
        (_step(charge, start, part, known, period), _step(charge, end, part, known, period))
        for start, end in known.spans()
        if grid.start <= start < grid.end
    ]


def _step(charge: CoincidentCharge, at: datetime, part: MonthPart, known: SystemPeaks, period: Period) -> int:
    step, rest = divmod(at - part.grid.start, part.grid.step)
    if rest:
        what = Text(en=f"Charge {charge.charge_id}", zh=f"费用项 {charge.charge_id}")
        raise StepTooCoarseError(
            what=what, need_min=known.step_min, zone=period.tariff.zone, step_min=part.grid.step_min
        )
    return int(min(step, part.grid.n_steps))


def _mean_at(spans: list[tuple[int, int]], part: MonthPart, weight: float) -> Energy:
    """Give the sum of the mean loads at the peaks, each times a weight, as weighted energy. [kW]."""
    weights = np.zeros(part.grid.n_steps)
    for first, stop in spans:
        weights[first:stop] += weight / ((stop - first) * part.grid.step_h)
    return Energy(first=part.first, stop=part.stop, weights=weights)


def _highest_at(charge: CoincidentCharge, spans: list[tuple[int, int]], part: MonthPart) -> Peak:
    blocks = np.full(part.grid.n_steps, UNBLOCKED, dtype=np.int64)
    for number, (first, stop) in enumerate(spans):
        blocks[first:stop] = number
    windows = Windows(first=part.first, stop=part.stop, blocks=blocks)
    return Peak(label=f"{charge.charge_id} {part.month:%Y-%m}", windows=windows)


def coincident(charge: CoincidentCharge, period: Period) -> Compiled:
    """Give one line: the load at the grid's peaks of the month, or of the year to date."""
    spans = _spans(charge, period, period.whole)
    yearly = bool(charge.price_per_kw_year)
    price, unit = (charge.price_per_kw_year, "kW·a") if yearly else (charge.price_per_kw_month, "kW")
    share = float(period.share)
    quantity: Quantity
    if charge.counts == "mean":
        weight = 1 / charge.peaks_per_year_count if charge.peaks_per_year_count else 1 / max(1, len(spans))
        quantity = _mean_at(spans, period.whole, share * weight)
        if not spans:
            return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    elif not yearly:
        quantity = scaled(share, _highest_at(charge, spans, period.whole))
        if not spans:
            return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    else:
        quantity = _coincident_to_date(charge, period, spans)
    line = Line(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label,
        unit=unit,
        quantity=quantity,
        unit_price=price,
        rule=lambda _: coincident_rule(charge, len(spans), period.tariff),
    )
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured={"coincident_kw": quantity})


def _coincident_to_date(charge: CoincidentCharge, period: Period, spans: list[tuple[int, int]]) -> Quantity:
    here: Quantity = _highest_at(charge, spans, period.whole)
    peaks: list[Quantity] = []
    for number in range(1, period.month.month):
        month = date(period.month.year, number, 1)
        part = period.earlier(month)
        if part is None:
            peaks.append(Given(value=period.past(charge.charge_id, month, "coincident_kw")))
        else:
            peaks.append(_highest_at(charge, _spans(charge, period, part), part))
    label, n, share = f"{charge.charge_id} {period.month:%Y}", period.month.month, float(period.share)
    before = Largest(label=label, parts=tuple((1.0, one) for one in peaks)) if peaks else None
    so_far = Largest(label=label, parts=tuple((1.0, one) for one in (*peaks, here)))
    return to_date(so_far, before, (share * n / YEAR_MONTHS, share * (n - 1) / YEAR_MONTHS))


def capacity(charge: CapacityCharge, period: Period) -> Compiled:
    """Give a line per price: contract kVA, per month and per day."""
    capacity_kva = Given(value=float(period.capacity_kva(charge.charge_id)))
    lines = []
    if charge.price_per_kva_month or not charge.price_per_kva_day:
        lines.append((ONE * period.share, "kVA", charge.price_per_kva_month))
    if charge.price_per_kva_day:
        lines.append((Decimal(period.days_count), "kVA·d", charge.price_per_kva_day))
    return Compiled(
        charge_id=charge.charge_id,
        lines=tuple(
            Line(
                charge_id=charge.charge_id,
                kind=charge.kind,
                label=charge.label,
                unit=unit,
                quantity=scaled(float(times), capacity_kva),
                unit_price=price,
                rule=lambda _: capacity_rule(period),
            )
            for times, unit, price in lines
        ),
        measured={"capacity_kva": capacity_kva},
    )


def excess_capacity(charge: ExcessCapacityCharge, period: Period) -> Compiled:
    """Give a line per price: kVA of the month's highest demand above the agreed capacity."""
    agreed_kva = float(period.capacity_kva(charge.charge_id))
    label = f"{charge.charge_id} {period.month:%Y-%m}"
    windows = period.windows(charge.charge_id, measurement_min=charge.measurement_min)
    peak = Peak(label=label, windows=windows, power="kva")
    excess = Hinge(label=label, of=minus(peak, agreed_kva))
    prices = (
        (charge.price_per_kva_month, float(period.share), "kVA"),
        (charge.price_per_kva_day, float(period.days_count), "kVA·d"),
    )
    return Compiled(
        charge_id=charge.charge_id,
        lines=tuple(
            Line(
                charge_id=charge.charge_id,
                kind=charge.kind,
                label=charge.label,
                unit=unit,
                quantity=scaled(times, excess),
                unit_price=price,
                rule=lambda values: excess_rule(charge, values(peak), period),
            )
            for price, times, unit in prices
            if price
        ),
        measured={"max_demand_kva": peak, "excess_kva": excess},
    )


def reactive(charge: ReactiveCharge, period: Period) -> Compiled:
    """Give a line for reactive energy and one for reactive demand, each above what is free."""
    span = {"first": period.first, "stop": period.stop}
    label = f"{charge.charge_id} {period.month:%Y-%m}"
    lines, measured = [], dict[str, Quantity]()
    if charge.price_per_kvarh:
        kvarh, kwh = Energy(channel="reactive", **span), Energy(**span)
        above: Quantity = kvarh
        if charge.free_kvarh_per_kwh:
            free = scaled(float(charge.free_kvarh_per_kwh), kwh)
            above = Hinge(label=label, of=minus(kvarh, free))
        measured |= {"reactive_kvarh": kvarh, "active_kwh": kwh}
        lines.append((above, charge.price_per_kvarh, "kvarh"))
    if charge.price_per_kvar_month:
        windows = period.windows(charge.charge_id, measurement_min=charge.measurement_min)
        highest = Peak(label=f"{label} kvar", windows=windows, power="kvar")
        most: Quantity = highest
        if charge.free_kvar_per_kw:
            peak = Peak(label=f"{label} kW", windows=windows)
            most = Hinge(label=label, of=minus(highest, scaled(float(charge.free_kvar_per_kw), peak)))
        measured["max_reactive_kvar"] = highest
        lines.append((scaled(float(period.share), most), charge.price_per_kvar_month, "kvar"))
    return Compiled(
        charge_id=charge.charge_id,
        lines=tuple(
            Line(
                charge_id=charge.charge_id,
                kind=charge.kind,
                label=charge.label,
                unit=unit,
                quantity=quantity,
                unit_price=price,
                rule=lambda _, unit=unit: reactive_rule(charge, unit, period.tariff),  # type: ignore[misc]
            )
            for quantity, price, unit in lines
        ),
        measured=measured,
    )
