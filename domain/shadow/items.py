"""The two bills as items of one shape: the rows of the real bill, and the lines of ours split by price component."""

from decimal import Decimal

from domain.noun import noun
from domain.shadow.ebill import TOTAL, ZERO
from domain.shadow.vocabulary import COMPONENTS, FUND, components_named
from domain.tariffs import Bill, BillLine, EnergyCharge, Tariff, band_price_per_kwh, half_up
from domain.text import Text

MONEY_DECIMALS = 2
KWH, KW, KVA = "kWh", "kW", "kVA"
ALIAS = {"usage_rebate": "demand", "demand_rebate": "demand", "spot": "energy", "profit_share": "energy"}
"""Kinds of our lines that stand with another kind on a bill; price caps too belong to the energy they cap."""
NO_SPLIT = frozenset({"price_cap"})


@noun
class Item:
    """One row of the bill or one part of a line of ours."""

    key: str
    """Rows of one key add up; rows of several keys price the same kWh side by side."""
    kind: str
    components: frozenset[str] = frozenset()
    """For energy: the parts of the price that it covers."""
    band: str = TOTAL
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    """[currency / unit]"""
    amount: Decimal
    """[currency]"""
    label: Text
    place: str = ""
    """Where it stands on the real bill."""

    @property
    def is_priced(self) -> bool:
        """Whether it has a quantity and a price; else it is an amount alone."""
        return self.quantity is not None and self.unit_price is not None

    @property
    def product(self) -> Decimal:
        """Quantity × price, unrounded. [currency]."""
        return (self.quantity or ZERO) * (self.unit_price or ZERO)


def parts_of(bill: Bill, tariff: Tariff) -> tuple[Item, ...]:
    """Split our bill into items: energy lines by price component, all others as they are.

    The amounts add up to the bill's total exactly.
    """
    charges = {charge.charge_id: charge for charge in tariff.charges if isinstance(charge, EnergyCharge)}
    rest = _rest(tariff)
    items: list[Item] = []
    for line in bill.lines:
        charge = charges.get(line.charge_id)
        if charge is not None and line.kind == "energy":
            items += _energy(line, charge, rest)
        else:
            items.append(_whole(line, rest))
    return tuple(items)


def _energy(line: BillLine, charge: EnergyCharge, rest: frozenset[str]) -> list[Item]:
    """Split a band's line; the part that floats bears the rounding of the band's price and of the line's amount."""
    band = band_of(line, charge)
    at = TOTAL if band is None or len(charge.calendar.bands) == 1 else band
    named = components_named(charge.label.en, charge.label.zh) or rest
    if band is None or line.unit != KWH or line.unit_price != band_price_per_kwh(charge, band):
        return [_item(line, "energy", named, at)]  # a tier, or a price of another kind
    parts = _parts(charge, band, rest)
    bearing = next((number for number, part in enumerate(parts) if part.floats), 0)
    prices = [part.price_per_kwh for part in parts]
    prices[bearing] += line.unit_price - sum(prices, ZERO)
    amounts = [half_up(line.quantity * price, MONEY_DECIMALS) for price in prices]
    amounts[bearing] += line.amount - sum(amounts, ZERO)
    return [
        Item(
            key=f"{charge.charge_id}/{part.number}" if charge.energy_share == 1 else f"shared/{part.number}",
            kind="energy",
            components=part.components,
            band=at,
            quantity=line.quantity,
            unit=KWH,
            unit_price=price,
            amount=amount,
            label=part.name,
        )
        for part, price, amount in zip(parts, prices, amounts, strict=True)
    ]


@noun
class _Part:
    """One part of a band's price."""

    number: int
    components: frozenset[str]
    price_per_kwh: Decimal
    floats: bool
    name: Text


def _parts(charge: EnergyCharge, band: str, rest: frozenset[str]) -> list[_Part]:
    found: list[_Part] = []
    if band in charge.band_prices:
        named = components_named(charge.label.en, charge.label.zh) or rest
        price = charge.band_prices[band]
        found.append(_Part(number=-1, components=named, price_per_kwh=price, floats=True, name=charge.label))
    factor = charge.factors.get(band, Decimal(1))
    for number, one in enumerate(charge.components):
        named = frozenset({FUND}) if one.is_fund else components_named(one.name.en, one.name.zh) or rest
        price = one.price_per_kwh * factor if one.floats else one.price_per_kwh
        found.append(_Part(number=number, components=named, price_per_kwh=price, floats=one.floats, name=one.name))
    return found


def _rest(tariff: Tariff) -> frozenset[str]:
    """Give what a nameless part of the price covers: the components that no other part names."""
    named: set[str] = set()
    for charge in tariff.charges:
        if not isinstance(charge, EnergyCharge):
            continue
        named |= components_named(charge.label.en, charge.label.zh)
        for one in charge.components:
            named |= {FUND} if one.is_fund else components_named(one.name.en, one.name.zh)
    return frozenset(COMPONENTS) - named or frozenset(COMPONENTS)


def band_of(line: BillLine, charge: EnergyCharge) -> str | None:
    """Give the band that a line of ours is for, by its label; None where it names none."""
    bands = charge.calendar.bands
    if len(bands) == 1:
        return bands[0]
    named = [band for band in bands if line.label.en.endswith(f": {band}")]
    return max(named, key=len) if named else None


def _whole(line: BillLine, rest: frozenset[str]) -> Item:
    kind = ALIAS.get(line.kind, line.kind)
    if kind == "energy" or line.kind in NO_SPLIT:
        named = components_named(line.label.en, line.label.zh)
        return _item(line, "energy", named or rest, TOTAL)
    return _item(line, kind, frozenset(), TOTAL)


def _item(line: BillLine, kind: str, components: frozenset[str], band: str) -> Item:
    is_measured = line.unit == KWH if kind == "energy" else kind == line.kind  # a rebate is an amount off its charge
    return Item(
        key=f"{line.charge_id}/{line.kind}",
        kind=kind,
        components=components,
        band=band,
        quantity=line.quantity if is_measured else None,
        unit=line.unit,
        unit_price=line.unit_price if is_measured else None,
        amount=line.amount,
        label=line.label,
    )
