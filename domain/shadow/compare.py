"""Compare a real bill with ours, line by line: quantity, price, rule, rounding; each explained or flagged.

Explaining means recomputing: an alternative counts only if under it the bills agree to the cent where they did not.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from domain.errors import WattplanError
from domain.findings import Finding
from domain.shadow.alternatives import Alternative, Asked
from domain.shadow.billed import billed_energy, supply_as_billed
from domain.shadow.checks import check_ebill
from domain.shadow.comparison import ShadowComparison, ShadowEffect, ShadowLine
from domain.shadow.ebill import TOTAL, ZERO, EBill
from domain.shadow.effects import effects_of
from domain.shadow.explain import Search, Sides, Trail
from domain.shadow.groups import Group, Side, bands_in, grouped, in_group, side_of
from domain.shadow.items import Item, parts_of
from domain.shadow.offers import Offers
from domain.shadow.own_load import OwnQuestion, own_question, power_factor_as_billed
from domain.shadow.power_factor_base import base_effects
from domain.shadow.printed import printed_items
from domain.shadow.vocabulary import COMPONENT_WORDS, COMPONENTS
from domain.tariffs import Bill, BilledLoad, SupplyPoint, Tariff, bill
from domain.tariffs.bands import band_zh
from domain.text import Text
from domain.time import next_month

Offer = Callable[[Asked, Sides], Iterable[Alternative]]


class EBillPeriodError(WattplanError):
    """The bill's period is no calendar month, so a month's load cannot be held against it."""

    code = "ebill_period_not_a_month"
    words = Text(
        en="The bill covers {first} to {last}; a meter's load can be billed for whole calendar months only. "
        "Leave out the meter to check prices and rules.",
        zh="账单周期为 {first} 至 {last}；电表负荷只能按整个自然月计费。不提供电表即可仅核对单价与规则。",
    )


class EBillCurrencyError(WattplanError):
    """Bill and tariff are in different currencies."""

    code = "ebill_currency_differs"
    words = Text(
        en="The bill is in {bill_currency}, tariff {tariff_id} in {currency}.",
        zh="账单货币为 {bill_currency}，电价 {tariff_id} 的货币为 {currency}。",
    )


def check_bill(
    ebill: EBill, tariff: Tariff, supply: SupplyPoint, *, load: BilledLoad | None = None
) -> ShadowComparison:
    """Bill the same month ourselves and compare.

    Parameters
    ----------
    ebill : EBill
        The real bill.
    tariff : Tariff
        What it should have been made by.
    supply : SupplyPoint
        Capacity, contract demand and typical power factor that it lacks are taken from the bill.
    load : BilledLoad | None
        The meter's load, which must cover the bill's month; None: prices and rules are checked on the bill's own
        kWh and kW.

    Raises
    ------
    EBillPeriodError, EBillCurrencyError, EBillBandsUnknownError, EBillNoEnergyError
        Further as ``bill``.
    """
    if tariff.currency != ebill.currency:
        raise EBillCurrencyError(bill_currency=ebill.currency, tariff_id=tariff.tariff_id, currency=tariff.currency)
    if load is None:
        own = own_question(ebill, tariff, supply)
        made = bill(own.load, own.tariff, own.supply, ebill.month)
        asked = Asked(load=own.load, tariff=own.tariff, supply=own.supply)
        return _compare(ebill, made, asked, tariff, own_is=None, findings=own.findings)
    must_be_month(ebill)
    asked = Asked(load=load, tariff=tariff, supply=supply_as_billed(ebill, supply))
    return compare_bill(ebill, bill(load, tariff, asked.supply, ebill.month), asked)


def compare_bill(ebill: EBill, made: Bill, asked: Asked) -> ShadowComparison:
    """Compare a real bill with one of ours that was made from a meter's load.

    Parameters
    ----------
    ebill : EBill
        The real bill.
    made : Bill
        ``bill(asked.load, asked.tariff, asked.supply, ebill.month)``.
    asked : Asked
        What ours was made from; alternatives change it.
    """
    energy = billed_energy(ebill, needs_bands=False)
    try:
        own: OwnQuestion | None = own_question(ebill, asked.tariff, asked.supply)
    except WattplanError:
        own = None  # the bill's own kWh cannot be laid out; the meter's can all the same
    if asked.load.reactive_kvar is None and asked.load.power_factor is None:
        on_bill = power_factor_as_billed(ebill, energy.energy_kwh)
        if on_bill is not None:
            asked = Asked(load=replace(asked.load, power_factor=on_bill), tariff=asked.tariff, supply=asked.supply)
            made = bill(asked.load, asked.tariff, asked.supply, ebill.month)
    return _compare(ebill, made, asked, asked.tariff, own_is=own, findings=energy.findings, is_metered=True)


def must_be_month(ebill: EBill) -> None:
    """Refuse a bill that is not for one whole calendar month.

    Raises
    ------
    EBillPeriodError
    """
    first, last = ebill.period_start, ebill.period_end
    if first != ebill.month or (next_month(first) - last).days != 1:
        raise EBillPeriodError(first=str(first), last=str(last))


def _compare(
    ebill: EBill,
    made: Bill,
    asked: Asked,
    tariff: Tariff,
    *,
    own_is: OwnQuestion | None,
    findings: tuple[Finding, ...],
    is_metered: bool = False,
) -> ShadowComparison:
    real_items, more = printed_items(ebill)
    ours_items = parts_of(made, asked.tariff)
    billed = billed_energy(ebill, needs_bands=False)
    groups = tuple(one for one in grouped(real_items, ours_items) if not _is_empty(one))
    bands = bands_in((*real_items, *ours_items))
    weights = _weights(billed.band_kwh, ours_items)
    real = {number: side_of(group, group.real, weights) for number, group in enumerate(groups)}
    start = {number: side_of(group, in_group(group, ours_items, bands), weights) for number, group in enumerate(groups)}
    search = Search(groups, real, ebill.month, bands, weights)
    offers = Offers(ebill=ebill, billed=billed, search=search, own=own_is)
    trails = _trails(search, offers, asked, start)
    resolution = billed.register_kwh if is_metered else {}
    lines = tuple(_line(number, search, trails[group.kind], resolution) for number, group in enumerate(groups))
    return ShadowComparison(
        account_no=ebill.account_no,
        month=ebill.month,
        currency=ebill.currency,
        basis="meter" if is_metered else "own_quantities",
        shadow=made,
        lines=lines,
        findings=_once((*ebill.findings, *check_ebill(ebill), *findings, *more, *made.findings)),
        tariff_as_billed=_as_billed(tariff, asked, trails.values()),
    )


def _trails(search: Search, offers: Offers, asked: Asked, start: Sides) -> dict[str, Trail]:
    known: dict[str, Offer] = {
        "energy": offers.energy,
        "demand": offers.demand,
        "power_factor": offers.power_factor,
    }
    kinds = dict.fromkeys(group.kind for group in search.groups)
    return {kind: search.trail(kind, asked, start, known.get(kind, offers.nothing)) for kind in kinds}


def _is_empty(group: Group) -> bool:
    return not any(item.amount or item.quantity for item in (*group.real, *group.ours))


def _weights(band_kwh: Mapping[str, Decimal], ours: tuple[Item, ...]) -> dict[str, Decimal]:
    """Give the kWh by band by which rows for all hours are spread: the bill's own, else ours."""
    named = {band: kwh for band, kwh in band_kwh.items() if band != TOTAL}
    if any(named.values()):
        return named
    found: dict[str, Decimal] = {}
    for item in ours:
        if item.kind == "energy" and item.quantity is not None:
            found[item.band] = max(found.get(item.band, ZERO), item.quantity)
    return found


def _as_billed(tariff: Tariff, asked: Asked, trails: Iterable[Trail]) -> Tariff:
    """Apply every accepted change of rule or price to the tariff as it was given."""
    changed = Asked(load=asked.load, tariff=tariff, supply=asked.supply)
    for trail in trails:
        for step in trail.steps:
            if step.alternative.is_explained:
                changed = Asked(load=asked.load, tariff=step.alternative.apply(changed).tariff, supply=asked.supply)
    return changed.tariff


def _line(number: int, search: Search, trail: Trail, resolution: dict[str, Decimal]) -> ShadowLine:
    group, here, ours = search.groups[number], search.real[number], trail.start[number]
    effects: tuple[ShadowEffect, ...]
    if group.kind == "power_factor" and here.is_priced and ours.is_priced:
        base = base_effects(search.groups, search.real, trail.start, number)
        effects = effects_of(number, group, here, trail, resolution, told=tuple(base))
    else:
        effects = effects_of(number, group, here, trail, resolution)
    return ShadowLine(
        kind=group.kind,
        label=label_of(group, search.bands),
        unit=next((item.unit for item in (*group.real, *group.ours) if item.is_priced), ""),
        real_amount=here.amount,
        shadow_amount=ours.amount,
        real_quantity=_quantity(here),
        shadow_quantity=_quantity(ours),
        real_price=_price(here),
        shadow_price=_price(ours),
        places=tuple(dict.fromkeys(item.place for item in group.real if item.place)),
        effects=effects,
    )


def _quantity(side: Side) -> Decimal | None:
    return sum(side.quantities.values(), ZERO) if side.is_priced else None


def _price(side: Side) -> Decimal | None:
    quantity = _quantity(side)
    if not side.is_priced or quantity is None:
        return None
    if len(set(side.prices.values())) == 1:
        return next(iter(side.prices.values()))
    return sum(side.products.values(), ZERO) / quantity if quantity else None


def label_of(group: Group, every_band: tuple[str, ...]) -> Text:
    """Name a group: the parts of the price, and its bands where it has not all; or the row's own words."""
    if group.kind != "energy":
        first = (group.ours or group.real)[0]
        return first.label
    if group.components >= frozenset(COMPONENTS):
        en, zh = "energy", "电度电费"
    else:
        named = [COMPONENT_WORDS[one] for one in COMPONENTS if one in group.components]
        en, zh = " + ".join(one[0] for one in named), "、".join(one[1] for one in named)
    if set(group.bands) >= set(every_band):
        return Text(en=en, zh=zh)
    return Text(en=f"{en}: {', '.join(group.bands)}", zh=f"{zh}：{'、'.join(map(band_zh, group.bands))}")


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for one in findings:
        if one not in found:
            found.append(one)
    return tuple(found)
