"""The lines of a bill, for every sample of a load at once: one rounding path for bills and for samples.

A line is a quantity, rounded as the tariff keeps quantities, times a unit price; the product is rounded
as the tariff rounds amounts. Beside it stands the exact amount, with nothing rounded but a band's
printed price; that is what the model's terms add up to.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs.bills import BillingDeterminants, BillLine
from domain.tariffs.charges import (
    ZERO,
    CapacityCharge,
    DemandCharge,
    EnergyCharge,
    FixedCharge,
    PowerFactorCharge,
    PriceComponent,
)
from domain.tariffs.contract import over_terms
from domain.tariffs.decimals import as_decimal, half_up
from domain.tariffs.power_factor import adjustment_rate
from domain.tariffs.rules import band_label, contract_rule, energy_rule, measured_rule, power_factor_rule
from domain.tariffs.tariff import Rounding, SupplyPoint, Tariff
from domain.text import Text

ADJUSTED_KINDS = ("energy", "demand", "capacity")
"""Kinds of lines that the power factor raises or lowers, government funds excepted."""


@noun(eq=False)
class LineColumn:
    """One line of a bill, a row per sample."""

    charge_id: str
    kind: str
    label: Text
    unit: str
    exact: tuple[Decimal, ...]
    """Quantity before rounding. [unit]"""
    kept: tuple[Decimal, ...]
    """Quantity as the tariff keeps it. [unit]"""
    unit_price: tuple[Decimal, ...]
    """[currency / unit]"""
    rule: Callable[[int], Text]
    """Words for one row."""
    fund_per_unit: Decimal = ZERO
    """Part of the price that is government funds. [currency / unit]"""

    def amount(self, row: int, rounding: Rounding) -> Decimal:
        """Give one row's rounded amount. [currency]."""
        return half_up(self.kept[row] * self.unit_price[row], rounding.amount_decimals)

    def line(self, row: int, rounding: Rounding) -> BillLine:
        """Give one row as a line of a bill."""
        return BillLine(
            charge_id=self.charge_id,
            kind=self.kind,
            label=self.label,
            quantity=self.kept[row],
            unit=self.unit,
            unit_price=self.unit_price[row],
            amount=self.amount(row, rounding),
            exact_amount=self.exact[row] * self.unit_price[row],
            rule=self.rule(row),
        )


def _column(
    charge: FixedCharge | EnergyCharge | CapacityCharge,
    quantity: FloatArray,
    *,
    unit: str,
    unit_price: Decimal,
    rounding: Rounding,
    rule: Text,
    label: Text | None = None,
    fund_per_unit: Decimal = ZERO,
) -> LineColumn:
    exact = tuple(map(as_decimal, quantity.tolist()))
    return LineColumn(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label if label is None else label,
        unit=unit,
        exact=exact,
        kept=tuple(half_up(one, rounding.quantity_decimals) for one in exact),
        unit_price=(unit_price,) * len(exact),
        rule=lambda _: rule,
        fund_per_unit=fund_per_unit,
    )


def _floating(charge: EnergyCharge, band: str, component: PriceComponent) -> Decimal:
    factor = charge.factors.get(band, Decimal(1)) if component.floats else Decimal(1)
    return factor * component.price_per_kwh


def band_price_per_kwh(charge: EnergyCharge, band: str) -> Decimal:
    """Give the price of a kWh in a band: printed price + factor · Σ floating + Σ fixed, rounded. [currency / kWh]."""
    parts = sum((_floating(charge, band, one) for one in charge.components), ZERO)
    price = charge.band_prices.get(band, ZERO) + parts
    return price if charge.price_decimals is None else half_up(price, charge.price_decimals)


def band_fund_per_kwh(charge: EnergyCharge, band: str) -> Decimal:
    """Give the part of a band's price that is government funds. [currency / kWh]."""
    return sum((_floating(charge, band, one) for one in charge.components if one.is_fund), ZERO)


def _fixed(charge: FixedCharge, measured: BillingDeterminants, tariff: Tariff) -> Iterator[LineColumn]:
    months, days = measured.quantities["months_count"], measured.quantities["days_count"]
    if charge.amount_per_month or not charge.amount_per_day:
        rule = Text(en="fixed amount per month", zh="按月固定金额")
        price = charge.amount_per_month
        yield _column(charge, months, unit="month", unit_price=price, rounding=tariff.rounding, rule=rule)
    if charge.amount_per_day:
        count = int(days[0])
        rule = Text(en=f"fixed amount per day, {count} local calendar days", zh=f"按日固定金额，当地自然日 {count} 天")
        price = charge.amount_per_day
        yield _column(charge, days, unit="day", unit_price=price, rounding=tariff.rounding, rule=rule)


def _energy(charge: EnergyCharge, measured: BillingDeterminants, tariff: Tariff) -> Iterator[LineColumn]:
    for band in charge.calendar.bands:
        energy_kwh = measured.quantities.get(f"energy_kwh.{band}")
        if energy_kwh is not None:
            price = band_price_per_kwh(charge, band)
            yield _column(
                charge,
                energy_kwh,
                unit="kWh",
                unit_price=price,
                rounding=tariff.rounding,
                rule=energy_rule(charge, band, price, tariff),
                label=band_label(charge, band),
                fund_per_unit=band_fund_per_kwh(charge, band),
            )


def _demand(
    charge: DemandCharge, measured: BillingDeterminants, tariff: Tariff, supply: SupplyPoint
) -> Iterator[LineColumn]:
    if "max_demand_kw" not in measured.quantities:
        return
    decimals = tariff.rounding.quantity_decimals
    over = over_terms(charge, supply)
    peak_kw = tuple(map(as_decimal, measured.quantities["max_demand_kw"].tolist()))
    kept_kw = tuple(half_up(one, decimals) for one in peak_kw)
    billed_kw = kept_kw if over is None else tuple(half_up(over.billed_kw(one), decimals) for one in kept_kw)

    def rule(row: int) -> Text:
        if over is None:
            return measured_rule(charge, kept_kw[row], tariff)
        return contract_rule(charge, over, kept_kw[row], billed_kw[row], tariff)

    yield LineColumn(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label,
        unit="kW",
        exact=peak_kw if over is None else tuple(map(over.billed_kw, peak_kw)),
        kept=billed_kw,
        unit_price=(charge.price_per_kw_month,) * len(peak_kw),
        rule=rule,
    )


def _capacity(charge: CapacityCharge, measured: BillingDeterminants, tariff: Tariff) -> Iterator[LineColumn]:
    rule = Text(en="contract transformer capacity", zh="按合同变压器容量计收")
    capacity_kva = measured.quantities["capacity_kva"]
    price = charge.price_per_kva_month
    yield _column(charge, capacity_kva, unit="kVA", unit_price=price, rounding=tariff.rounding, rule=rule)


def _power_factor(
    charge: PowerFactorCharge, measured: BillingDeterminants, subject: list[LineColumn], tariff: Tariff
) -> LineColumn:
    factors = tuple(map(as_decimal, measured.quantities["power_factor"].tolist()))
    rates = tuple(adjustment_rate(charge.standard, one) for one in factors)
    net = [(column, [price - column.fund_per_unit for price in column.unit_price]) for column in subject]
    rows = range(len(factors))
    exact = tuple(sum((column.exact[row] * price[row] for column, price in net), ZERO) for row in rows)
    kept = tuple(
        half_up(sum((column.kept[row] * price[row] for column, price in net), ZERO), tariff.rounding.quantity_decimals)
        for row in rows
    )
    return LineColumn(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=charge.label,
        unit=tariff.currency,
        exact=exact,
        kept=kept,
        unit_price=rates,
        rule=lambda row: power_factor_rule(charge, factors[row], rates[row], kept[row], tariff),
    )


def line_columns(
    tariff: Tariff, supply: SupplyPoint, measured: tuple[BillingDeterminants, ...]
) -> tuple[LineColumn, ...]:
    """Give the lines of a month's bill from what was measured, in the order of the tariff's charges.

    The power-factor line stands last: it rests on the others.
    """
    columns: list[LineColumn] = []
    last: tuple[PowerFactorCharge, BillingDeterminants] | None = None
    for charge, determinants in zip(tariff.charges, measured, strict=True):
        match charge:
            case FixedCharge():
                columns += _fixed(charge, determinants, tariff)
            case EnergyCharge():
                columns += _energy(charge, determinants, tariff)
            case DemandCharge():
                columns += _demand(charge, determinants, tariff, supply)
            case CapacityCharge():
                columns += _capacity(charge, determinants, tariff)
            case PowerFactorCharge():
                last = (charge, determinants)
    if last is not None:
        subject = [column for column in columns if column.kind in ADJUSTED_KINDS]
        columns.append(_power_factor(*last, subject, tariff))
    return tuple(columns)
