"""Charges on the grid's peaks, on capacity and its excess, and on reactive power, as lines."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np

from domain.tariffs.charges import CapacityCharge, CoincidentCharge, ExcessCapacityCharge, ReactiveCharge
from domain.tariffs.compile_demand import YEAR_MONTHS, to_date
from domain.tariffs.facts import SystemPeaks, SystemPeaksUnknownError, TooManySystemPeaksError
from domain.tariffs.line import Compiled, line_of
from domain.tariffs.periods import MonthPart, Period, StepTooCoarseError
from domain.tariffs.quantities import Energy, Given, Hinge, Largest, Peak, Quantity, Windows, minus, scaled
from domain.tariffs.rules import capacity_rule, excess_rule
from domain.tariffs.rules_more import coincident_rule, reactive_rule
from domain.tariffs.terms import UNBLOCKED
from domain.text import Text
from domain.time import next_month

SEASON = timedelta(days=183)


def _spans(charge: CoincidentCharge, period: Period, part: MonthPart) -> list[tuple[int, int]]:
    """Give the month's published peaks as steps from the month's first: ``first`` … ``stop``."""
    known = period.facts.peaks(charge.system_peak_id)
    if known is None or not (known.known_from <= part.month and next_month(part.month) <= known.known_until):
        raise SystemPeaksUnknownError(
            charge_id=charge.charge_id, system_peak_id=charge.system_peak_id, month=f"{part.month:%Y-%m}"
        )
    _must_be_few(charge, known)
    grid = part.grid
    return [
        (_step(charge, start, part, known, period), _step(charge, end, part, known, period))
        for start, end in known.spans()
        if grid.start <= start < grid.end
    ]


def _must_be_few(charge: CoincidentCharge, known: SystemPeaks) -> None:
    """Refuse more peaks in one season than bear the yearly price: each would be billed its share, and the year too much.

    A calendar year may hold the ends of two winters, half a year apart; only peaks nearer than that are one season's.
    """
    most = charge.yearly_peaks_count
    if most is None:
        return
    starts = sorted(known.starts)
    for first, last in zip(starts, starts[most:], strict=False):
        if first.year == last.year and last - first < SEASON:
            raise TooManySystemPeaksError(
                charge_id=charge.charge_id,
                most=most,
                system_peak_id=known.system_peak_id,
                first=first.isoformat(),
                last=last.isoformat(),
            )


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


def coincident_peak(charge: CoincidentCharge, period: Period) -> Peak:
    """Give the highest load at the month's published peaks. [kW].

    Raises
    ------
    SystemPeaksUnknownError
    """
    return _highest_at(charge, _spans(charge, period, period.whole), period.whole)


def coincident(charge: CoincidentCharge, period: Period) -> Compiled:
    """Give one line: the load at the grid's peaks of the month, or of the year to date."""
    spans = _spans(charge, period, period.whole)
    yearly = charge.is_yearly
    price, unit = charge.price_per_kw, "kW·a" if yearly else "kW"
    share = float(period.share)
    quantity: Quantity
    if charge.counts == "mean":
        weight = 1 / charge.yearly_peaks_count if charge.yearly_peaks_count else 1 / max(1, len(spans))
        quantity = _mean_at(spans, period.whole, share * weight)
        if not spans:
            return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    elif not yearly:
        quantity = scaled(share, _highest_at(charge, spans, period.whole))
        if not spans:
            return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    else:
        quantity = _coincident_to_date(charge, period, spans)
    line = line_of(
        charge,
        unit=unit,
        quantity=quantity,
        unit_price=price,
        rule=coincident_rule(charge, len(spans), period.tariff),
    )
    return Compiled(charge_id=charge.charge_id, lines=(line,), measured={"coincident_kw": quantity})


def _coincident_to_date(charge: CoincidentCharge, period: Period, spans: list[tuple[int, int]]) -> Quantity:
    here: Quantity = _highest_at(charge, spans, period.whole)
    peaks: list[Quantity] = []
    for number in range(1, period.month.month):
        month = date(period.month.year, number, 1)
        part = period.earlier(month)
        if part is None or period.knows(charge.charge_id, month, "coincident_kw"):
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
    if charge.price_per_kva_month is not None:
        lines.append((period.share, "kVA", charge.price_per_kva_month))
    if charge.price_per_kva_day is not None:
        lines.append((Decimal(period.days_count), "kVA·d", charge.price_per_kva_day))
    return Compiled(
        charge_id=charge.charge_id,
        lines=tuple(
            line_of(
                charge,
                unit=unit,
                quantity=scaled(float(times), capacity_kva),
                unit_price=price,
                rule=capacity_rule(period),
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
            line_of(
                charge,
                unit=unit,
                quantity=scaled(times, excess),
                unit_price=price,
                rule=lambda values: excess_rule(charge, values(peak), period),
            )
            for price, times, unit in prices
            if price is not None
        ),
        measured={"max_demand_kva": peak, "excess_kva": excess},
    )


def reactive(charge: ReactiveCharge, period: Period) -> Compiled:
    """Give a line for reactive energy and one for reactive demand, each above what is free."""
    first, stop = period.first, period.stop
    label = f"{charge.charge_id} {period.month:%Y-%m}"
    lines, measured = [], dict[str, Quantity]()
    if charge.price_per_kvarh is not None:
        kvarh, kwh = Energy(first=first, stop=stop, channel="reactive"), Energy(first=first, stop=stop)
        above: Quantity = kvarh
        if charge.free_kvarh_per_kwh:
            free = scaled(float(charge.free_kvarh_per_kwh), kwh)
            above = Hinge(label=label, of=minus(kvarh, free))
        measured |= {"reactive_kvarh": kvarh, "active_kwh": kwh}
        lines.append((above, charge.price_per_kvarh, "kvarh"))
    if charge.price_per_kvar_month is not None:
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
            line_of(
                charge,
                unit=unit,
                quantity=quantity,
                unit_price=price,
                rule=reactive_rule(charge, unit, period.tariff),
            )
            for quantity, price, unit in lines
        ),
        measured=measured,
    )
