"""An example bill for newcomers: made up from a tariff of the catalogue, so that the two agree to the cent.

Nobody's bill: account, meter and kWh are invented. The kWh are whole hundred thousands, so that no row needs rounding.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.shadow.ebill import (
    TOTAL,
    ZERO,
    BilledCharge,
    BilledMeter,
    EBill,
    NamedAmount,
    Overview,
    PowerBlock,
    Register,
    RegisterReading,
    RowPlace,
)
from domain.shadow.items import Item, parts_of
from domain.shadow.own_load import own_question
from domain.shadow.vocabulary import COMPENSATION, FUND, LINE_LOSS, PURCHASE, SYSTEM, TRANSMISSION
from domain.tariffs import PurchaseMode, SupplyPoint, Tariff, bill, power_factor_of
from domain.time import next_month

CATEGORIES = {
    PURCHASE: ("(1)代理购电电费", "代理购电电费"),
    COMPENSATION: ("(1)代理购电电费", "容量补偿电费"),
    LINE_LOSS: ("(2)上网环节线损费用", "上网环节线损费用"),
    TRANSMISSION: ("(3)输配电量电费", "电量电费"),
    SYSTEM: ("(4)系统运行费用", "系统运行费用"),
    FUND: ("(5)政府性基金及附加", "政府性基金及附加"),
}
LUMPED = {LINE_LOSS: Decimal("0.01185"), TRANSMISSION: Decimal("0.142")}
"""How the example splits a part of the price that the tariff gives as one; the rest is system operation."""
MULTIPLIER = Decimal(4000)
NO_PLACE = RowPlace(sheet="-", row=1)


def sample_ebill(
    tariff: Tariff,
    month: date,
    *,
    band_kwh: dict[str, Decimal],
    demand_kw: Decimal,
    contract_kw: Decimal,
    capacity_kva: Decimal,
    reactive_kvarh: Decimal,
) -> EBill:
    """Make the bill that a tariff asks for such a month.

    Parameters
    ----------
    tariff : Tariff
        Energy by band with components, demand, power factor.
    month : date
        First day of the month.
    band_kwh : dict[str, Decimal]
        [kWh]
    demand_kw, contract_kw : Decimal
        Measured and contract demand. [kW]
    capacity_kva : Decimal
        [kVA]
    reactive_kvarh : Decimal
        [kvarh]
    """
    energy_kwh = sum(band_kwh.values(), ZERO)
    power_factor = power_factor_of(energy_kwh, reactive_kvarh)
    first = month.replace(day=1)
    meter_no = "0000000000001"
    bare = EBill(
        account_no="3200000000001",
        period_start=first,
        period_end=next_month(first) - timedelta(days=1),
        currency=tariff.currency,
        voltage="交流10kV",
        purchase_mode=PurchaseMode.GRID_AGENCY,
        objection_until=next_month(first) + timedelta(days=14),
        overview=Overview(energy_kwh=energy_kwh, power_factor=power_factor),
        meters=(_meter(meter_no, band_kwh, demand_kw, reactive_kvarh),),
        blocks=(
            PowerBlock(
                place=NO_PLACE,
                meter_no=meter_no,
                measured_demand_kw=demand_kw,
                contract_demand_kw=contract_kw,
                capacity_kva=capacity_kva,
                power_factor=power_factor,
                active_kwh=energy_kwh,
                reactive_kvarh=reactive_kvarh,
            ),
        ),
    )
    asked = own_question(bare, tariff, SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY))
    made = bill(asked.load, asked.tariff, asked.supply, first)
    items = [item for item in parts_of(made, tariff) if item.amount]
    block = _block(bare.blocks[0], items)
    charges = tuple(row for item in items if item.kind == "energy" for row in _charges(item, meter_no))
    charges += tuple(_power_row(item, meter_no) for item in items if item.kind in ("demand", "capacity"))
    charges += tuple(_power_row(item, meter_no) for item in items if item.kind == "power_factor")
    return replace(
        bare,
        overview=replace(
            bare.overview,
            amount=made.total,
            band_share={band: round(kwh / energy_kwh, 2) for band, kwh in band_kwh.items()},
            average_price_per_kwh=round(made.total / energy_kwh, 4),
            items=tuple(_items(charges)),
        ),
        blocks=(block,),
        charges=tuple(sorted(charges, key=lambda row: row.category)),
    )


def _meter(meter_no: str, band_kwh: dict[str, Decimal], demand_kw: Decimal, reactive_kvarh: Decimal) -> BilledMeter:
    rows = [(Register.ACTIVE, TOTAL, sum(band_kwh.values(), ZERO))]
    rows += [(Register.ACTIVE, band, kwh) for band, kwh in band_kwh.items()]
    rows += [(Register.REACTIVE, TOTAL, reactive_kvarh)]
    readings = [
        _reading(register, band, kwh, Decimal(100 * number)) for number, (register, band, kwh) in enumerate(rows, 1)
    ]
    readings.append(
        RegisterReading(
            place=NO_PLACE,
            register=Register.DEMAND,
            current=(demand_kw / MULTIPLIER).quantize(Decimal("0.0001")),
            multiplier=MULTIPLIER,
            metered=demand_kw,
            billed=demand_kw,
        )
    )
    return BilledMeter(meter_no=meter_no, place=NO_PLACE, price_name="1-10(20)千伏两部制", readings=tuple(readings))


def _reading(register: Register, band: str, kwh: Decimal, previous: Decimal) -> RegisterReading:
    return RegisterReading(
        place=NO_PLACE,
        register=register,
        band=band,
        previous=previous,
        current=previous + kwh / MULTIPLIER,
        multiplier=MULTIPLIER,
        metered=kwh,
        transformer_loss=ZERO,
        line_loss=ZERO,
        adjustment=ZERO,
        billed=kwh,
    )


def _charges(item: Item, meter_no: str) -> Iterator[BilledCharge]:
    """Give a row per component; a part that covers several is split as ``LUMPED`` says."""
    covered = [one for one in CATEGORIES if one in item.components]
    quantity, left = item.quantity or ZERO, item.unit_price or ZERO
    for number, component in enumerate(covered):
        is_last = number == len(covered) - 1
        price = left if is_last else min(LUMPED.get(component, ZERO), left)
        left -= price
        category, name = CATEGORIES[component]
        yield BilledCharge(
            place=NO_PLACE,
            meter_no=meter_no,
            category=category,
            component=name,
            band=item.band,
            quantity=quantity,
            unit_price=price,
            amount=round(quantity * price, 2),
        )


def _power_row(item: Item, meter_no: str) -> BilledCharge:
    names = {"demand": "(6)输配需量电费", "capacity": "(6)输配容量电费", "power_factor": "(7)功率因数调整电费"}
    return BilledCharge(
        place=NO_PLACE,
        meter_no=meter_no,
        category=names[item.kind],
        quantity=item.quantity,
        unit_price=item.unit_price,
        amount=item.amount,
    )


def _block(block: PowerBlock, items: list[Item]) -> PowerBlock:
    of = {item.kind: item for item in items if item.kind != "energy"}
    demand, capacity, factor = of.get("demand"), of.get("capacity"), of.get("power_factor")
    energy_kwh = block.active_kwh or ZERO
    made = replace(block, used_kwh_per_kva=round(energy_kwh / (block.capacity_kva or Decimal(1)), 2))
    if demand is not None:
        made = replace(
            made,
            billed_demand_kw=demand.quantity,
            demand_price_per_kw_month=demand.unit_price,
            demand_amount=demand.amount,
        )
    if capacity is not None:
        made = replace(made, capacity_price_per_kva_month=capacity.unit_price, capacity_amount=capacity.amount)
    if factor is not None:
        made = replace(
            made,
            standard_pf=Decimal("0.90"),
            adjustment_share=factor.unit_price,
            adjusted_amount=factor.quantity,
            power_factor_amount=factor.amount,
        )
    return made


def _items(charges: tuple[BilledCharge, ...]) -> Iterator[NamedAmount]:
    """Give the first page's amounts: a sum for each category."""
    for category in sorted({row.category for row in charges}):
        amount = sum((row.amount for row in charges if row.category == category), ZERO)
        yield NamedAmount(place=NO_PLACE, name=category[3:], amount=amount)
