"""Bills counted a second time, step by step and without the package's own arithmetic.

Written from docs/tariffs.md and the words of the charges alone, slow and plain on purpose: what both implementations
agree on was not made by one mistake. ``plain_bill`` gives each charge's amount of one local month before rounding.
"""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

from tests.plain_month import Bands, Part, parts_of
from tests.plain_power import (
    capacity_amount,
    coincident_amount,
    contract_kva,
    demand_amount,
    excess_amount,
    highest_mean,
    network_amount,
    ratcheted_kw,
)

ADJUSTED = ("energy", "spot", "profit_share", "price_cap", "demand", "capacity", "usage_rebate")
"""Kinds that the power factor raises or lowers: a retailer's credits are part of the price of energy."""


def plain_bill(load, tariff, supply, month: date) -> dict[str, float]:
    """Give what each charge brings in one local month, before rounding. [tariff.currency]."""
    total: dict[str, float] = defaultdict(float)
    for part in parts_of(load, tariff, supply, month.replace(day=1)):
        for charge_id, amount in _part_amounts(part).items():
            total[charge_id] += amount
    return dict(total)


def _part_amounts(part: Part) -> dict[str, float]:
    charges = part.tariff.charges
    amounts: dict[str, float] = {}
    for charge in charges:
        if charge.kind in BY_THEMSELVES:
            amounts[charge.charge_id] = BY_THEMSELVES[charge.kind](charge, part)
    for kind, added_up in RESTING.items():
        for charge in charges:
            if charge.kind == kind:
                amounts[charge.charge_id] = added_up(charge, part, amounts)
    return amounts


def _levied(charge, part: Part) -> bool:
    return not charge.months or part.month.month in charge.months


def _kwh(part: Part) -> float:
    return sum(step.kw * step.h for step in part.own)


# --- energy ---------------------------------------------------------------------------------------------------------


def band_price(charge, band: str) -> float:
    """Price(band) = band price + factor × Σ floating + Σ fixed, rounded as the tariff says."""
    price = charge.band_prices.get(band, Decimal(0))
    for one in charge.components:
        price += one.price_per_kwh * (charge.factors.get(band, Decimal(1)) if one.floats else 1)
    if charge.price_decimals is not None:
        price = price.quantize(Decimal(1).scaleb(-charge.price_decimals), ROUND_HALF_UP)
    return float(price)


def _fund_price(charge, band: str) -> float:
    funds = (one for one in charge.components if one.is_fund)
    return float(sum(one.price_per_kwh * (charge.factors.get(band, Decimal(1)) if one.floats else 1) for one in funds))


def _band_kwh(charge, part: Part) -> dict[tuple[str, date], float]:
    bands = Bands(charge.calendar, part)
    found: dict[tuple[str, date], float] = defaultdict(float)
    for step in part.own:
        found[bands.at(step), step.day] += step.kw * step.h * float(charge.energy_share)
    return found


def energy_amount(charge, part: Part) -> float:
    if not _levied(charge, part):
        return 0.0
    kwh = _band_kwh(charge, part)
    amount = sum(value * band_price(charge, band) for (band, _), value in kwh.items())
    for group in charge.tiers:
        climbing = {key: value for key, value in kwh.items() if key[0] in group.bands}
        if group.basis == "day":
            for day in part.days:
                amount += _tiered(sum(value for (_, on), value in climbing.items() if on == day), group.tiers, 1.0)
        else:
            amount += _tiered(sum(climbing.values()), group.tiers, _tier_width(group, part))
    return amount


def _tier_width(group, part: Part) -> float:
    if group.basis == "month":
        return part.share
    if group.basis == "month_days":
        return float(len(part.days))
    if group.basis == "kva":
        return contract_kva(part) * part.share
    demand = next(one for one in part.tariff.charges if one.charge_id == group.demand_charge_id)
    return ratcheted_kw(demand, part) * part.share


def _tiered(kwh: float, tiers, width: float) -> float:
    amount, below = 0.0, 0.0
    for tier in tiers:
        limit = float("inf") if tier.up_to_kwh is None else float(tier.up_to_kwh) * width
        amount += max(0.0, min(kwh, limit) - below) * float(tier.price_per_kwh)
        below = limit
    return amount


def funds_of(charge, part: Part) -> float:
    """Government funds within an energy charge. [tariff.currency]."""
    if charge.kind != "energy" or not _levied(charge, part):
        return 0.0
    return sum(value * _fund_price(charge, band) for (band, _), value in _band_kwh(charge, part).items())


# --- an index -------------------------------------------------------------------------------------------------------


def index_prices(index_id: str, part: Part) -> dict:
    """Give the index at each step of the whole month, by the step's start. [tariff.currency / kWh]."""
    series = next(one for one in part.load.facts.prices if one.index_id == index_id)
    values, found = series.prices_per_kwh.tolist(), {}
    for step in part.steps:
        minutes = (step.start - series.grid.start).total_seconds() / 60
        found[step.start] = values[int(minutes // series.grid.step_min)]
    return found


def spot_amount(charge, part: Part) -> float:
    prices = index_prices(charge.index_id, part)
    mean = sum(prices.values()) / len(prices)
    amount = 0.0
    for step in part.own:
        price = prices[step.start] if charge.settled == "interval" else mean
        price = float(charge.index_share) * price + float(charge.fee_per_kwh)
        if charge.floor_per_kwh is not None:
            price = max(price, float(charge.floor_per_kwh))
        if charge.cap_per_kwh is not None:
            price = min(price, float(charge.cap_per_kwh))
        amount += step.kw * step.h * float(charge.energy_share) * price
    return amount


def profit_share_amount(charge, part: Part) -> float:
    prices = index_prices(charge.index_id, part)
    gain = sum(
        step.kw * step.h * float(charge.energy_share) * (float(charge.reference_per_kwh) - prices[step.start])
        for step in part.own
    )
    return -float(charge.customer_share) * (gain if charge.shares_losses else max(0.0, gain))


def export_amount(charge, part: Part) -> float:
    if charge.calendar is not None:
        bands = Bands(charge.calendar, part)
        return -sum(step.fed_in_kw * step.h * float(charge.band_prices[bands.at(step)]) for step in part.own)
    prices = index_prices(charge.index_id, part)
    share, fee = float(charge.index_share), float(charge.fee_per_kwh)
    return -sum(step.fed_in_kw * step.h * (share * prices[step.start] - fee) for step in part.own)


# --- fixed, reactive ------------------------------------------------------------------------------------------------


def fixed_amount(charge, part: Part) -> float:
    if not _levied(charge, part):
        return 0.0
    return float(charge.amount_per_month) * part.share + float(charge.amount_per_day) * len(part.days)


def _tangent(power_factor: float) -> float:
    return sqrt(1 - power_factor**2) / power_factor


def kvar_at(step, part: Part) -> float:
    return step.kw * _tangent(part.power_factor) if step.kvar is None else abs(step.kvar)


def reactive_amount(charge, part: Part) -> float:
    amount = 0.0
    if charge.price_per_kvarh is not None:
        kvarh = sum(kvar_at(step, part) * step.h for step in part.own)
        amount += max(0.0, kvarh - float(charge.free_kvarh_per_kwh) * _kwh(part)) * float(charge.price_per_kvarh)
    if charge.price_per_kvar_month is not None:
        kvar = highest_mean([(step, kvar_at(step, part)) for step in part.steps], charge.measurement_min)
        kw = highest_mean([(step, step.kw) for step in part.steps], charge.measurement_min)
        over = max(0.0, kvar - float(charge.free_kvar_per_kw) * kw)
        amount += over * float(charge.price_per_kvar_month) * part.share
    return amount


# --- what rests on other charges ------------------------------------------------------------------------------------


def rebate_amount(charge, part: Part, amounts: dict[str, float]) -> float:
    month_kwh = sum(step.kw * step.h for step in part.steps)
    if month_kwh / contract_kva(part) < float(charge.from_kwh_per_kva):
        return 0.0
    return -float(charge.rebate_share) * sum(amounts[one] for one in charge.of)


def cap_amount(charge, part: Part, amounts: dict[str, float]) -> float:
    """Hold the mean price of the kWh that the capped charges bill between floor and cap."""
    paid = sum(amounts[one] for one in charge.of)
    kwh = sum(_billed_share(one, part) for one in part.tariff.charges if one.charge_id in charge.of) * _kwh(part)
    amount = 0.0
    if charge.cap_per_kwh is not None:
        amount -= max(0.0, paid - float(charge.cap_per_kwh) * kwh)
    if charge.floor_per_kwh is not None:
        amount += max(0.0, float(charge.floor_per_kwh) * kwh - paid)
    return amount


def _billed_share(charge, part: Part) -> float:
    billed = charge.kind == "spot" or (charge.kind == "energy" and _levied(charge, part))
    return float(charge.energy_share) if billed else 0.0


def month_power_factor(part: Part) -> Decimal:
    """The month's power factor, half up to two decimals. [-]."""
    if part.load.reactive_kvar is None:
        given = part.load.power_factor if part.load.power_factor is not None else part.supply.power_factor
    else:
        active = sum(step.kw * step.h for step in part.steps)
        reactive = sum(abs(step.kvar) * step.h for step in part.steps)
        given = Decimal(active / sqrt(active**2 + reactive**2))
    return given.quantize(Decimal("0.01"), ROUND_HALF_UP)


def power_factor_rate(standard: str, power_factor: Decimal) -> float:
    """Walk from the standard down or up in steps of 0.01, adding what each step costs. [-]."""
    point = int(power_factor * 100)
    if standard == "tw_0.80":
        return -0.001 * (min(point, 95) - 80)
    base = {"cn_0.90": 90, "cn_0.85": 85, "cn_0.80": 80}[standard]
    best = {90: 95, 85: 94, 80: 92}[base]
    percent = 0.0
    for reached in range(base + 1, min(point, best) + 1):  # above the standard
        if base == 90:
            percent = -0.75 if reached >= 95 else percent - 0.15
        else:
            percent -= 0.10 if reached <= 90 else 0.15
    for reached in range(base - 1, point - 1, -1):  # below it
        percent += 0.5 if reached >= base - 20 else (1.0 if reached >= base - 25 else 2.0)
    return percent / 100


def power_factor_amount(charge, part: Part, amounts: dict[str, float]) -> float:
    adjusted = [one for one in part.tariff.charges if one.kind in ADJUSTED]
    base = sum(amounts[one.charge_id] - funds_of(one, part) for one in adjusted)
    return power_factor_rate(charge.standard, month_power_factor(part)) * base


def minimum_amount(charge, part: Part, amounts: dict[str, float]) -> float:
    least = float(charge.amount_per_month) * part.share + float(charge.amount_per_day) * len(part.days)
    if charge.amount_per_kva_month:
        least += float(charge.amount_per_kva_month) * contract_kva(part) * part.share
    kinds = {one.charge_id: one.kind for one in part.tariff.charges}
    counted = charge.of or tuple(one for one in amounts if kinds[one] not in ("export", "tax", "minimum"))
    return max(0.0, least - sum(amounts[one] for one in counted))


def tax_amount(charge, part: Part, amounts: dict[str, float]) -> float:
    kinds = {one.charge_id: one.kind for one in part.tariff.charges}
    taxed = charge.of or tuple(one for one in amounts if kinds[one] != "tax")
    return float(charge.tax_share) * sum(amounts[one] for one in taxed)


BY_THEMSELVES = {
    "fixed": fixed_amount,
    "energy": energy_amount,
    "spot": spot_amount,
    "demand": demand_amount,
    "coincident": coincident_amount,
    "capacity": capacity_amount,
    "excess_capacity": excess_amount,
    "network": network_amount,
    "reactive": reactive_amount,
    "profit_share": profit_share_amount,
    "export": export_amount,
}
RESTING = {
    "usage_rebate": rebate_amount,
    "price_cap": cap_amount,
    "power_factor": power_factor_amount,
    "minimum": minimum_amount,
    "tax": tax_amount,
}
