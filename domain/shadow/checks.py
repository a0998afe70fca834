"""A bill checked against itself: readings, products, sums, first page; each violation names its row."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from domain.findings import Finding
from domain.shadow import check_findings as say
from domain.shadow.billed import billed_energy, billed_of, counted_meters, meter_kwh, reactive_kvarh
from domain.shadow.ebill import TOTAL, ZERO, BilledCharge, BilledMeter, EBill, PowerBlock, Register, RegisterReading
from domain.shadow.items import Item
from domain.shadow.printed import CENT, REMAINDER, printed_items
from domain.shadow.vocabulary import bare, meaning_of
from domain.tariffs import half_up, power_factor_of
from domain.tariffs.decimals import plain

POWER_FACTOR_SLACK = Decimal("0.02")
"""Bills were seen to print a power-factor charge a cent off its product. [currency]"""
SHARE_SLACK = Decimal("0.006")
"""Shares are printed in whole per cent. [-]"""
PRICE_SLACK = Decimal("0.0001")


def check_ebill(ebill: EBill) -> tuple[Finding, ...]:
    """Give everything in which a bill contradicts itself, and what a reader should know before trusting it."""
    return (
        *_registers(ebill),
        *_meter_sums(ebill),
        *_products(ebill),
        *_subtotals(ebill),
        *_power(ebill),
        *_first_page(ebill),
        *_hours(ebill),
        *_fees(ebill),
        *_deadline(ebill),
    )


def _unit(reading: RegisterReading) -> Decimal:
    """Give one unit of the last printed digit of what is billed."""
    exponent = (reading.metered if reading.metered is not None else reading.billed or ZERO).as_tuple().exponent
    return Decimal(1).scaleb(min(0, exponent)) if isinstance(exponent, int) else Decimal(1)


def _registers(ebill: EBill) -> Iterator[Finding]:
    for meter in ebill.meters:
        for reading in meter.readings:
            yield from _reading(reading)


def _reading(reading: RegisterReading) -> Iterator[Finding]:
    place, slack = str(reading.place), _unit(reading)
    before, now, metered = reading.previous, reading.current, reading.metered
    if before is not None and now is not None and metered is not None and reading.register is not Register.DEMAND:
        made = (now - before) * (reading.multiplier or 1)
        if abs(made - metered) > slack:
            rolled = (now - before + 10 ** len(str(int(before)))) * (reading.multiplier or 1)
            if now < before and abs(rolled - metered) <= slack:
                yield say.ROLLED_OVER.at(place=place, previous=plain(before), current=plain(now))
            else:
                yield say.READING_PRODUCT.at(
                    place=place,
                    previous=plain(before),
                    current=plain(now),
                    multiplier=plain(reading.multiplier or Decimal(1)),
                    made=plain(made),
                    printed=plain(metered),
                )
    if metered is not None and reading.billed is not None:
        with_losses = metered + reading.losses
        adjustment = reading.adjustment or ZERO
        if all(abs(with_losses + sign * adjustment - reading.billed) > slack for sign in (1, -1)):
            yield say.READING_SUM.at(
                place=place,
                metered=plain(metered),
                losses=plain(reading.losses),
                adjustment=plain(adjustment),
                made=plain(with_losses + adjustment),
                printed=plain(reading.billed),
            )


def _meter_sums(ebill: EBill) -> Iterator[Finding]:
    for meter in ebill.meters:
        rows = meter.of(Register.ACTIVE)
        total = [billed_of(row) for row in rows if row.band == TOTAL]
        parts = [billed_of(row) or ZERO for row in rows if row.band != TOTAL]
        if parts and total and total[0] is not None and abs(total[0] - sum(parts, ZERO)) > len(parts):
            yield say.BAND_SUM.at(
                place=str(rows[0].place), meter=meter.meter_no, made=plain(sum(parts, ZERO)), printed=plain(total[0])
            )
        yield from _charged(ebill, meter)


def _charged(ebill: EBill, meter: BilledMeter) -> Iterator[Finding]:
    """Compare a meter's kWh with what its charge rows price, component by component."""
    own = meter_kwh(meter)
    if not own or not any(row.meter_no == meter.meter_no for row in ebill.charges):
        return
    priced: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    places: dict[str, str] = {}
    for row in ebill.charges:
        if (
            row.meter_no == meter.meter_no
            and row.quantity is not None
            and meaning_of(row.category, row.component).kind == "energy"
        ):
            key = f"{bare(row.category)} {bare(row.component)}".strip()
            priced[key][row.band] += row.quantity
            places.setdefault(key, str(row.place))
    whole = sum(own.values(), ZERO)
    for key, bands in priced.items():
        pairs = [(kwh, own[band]) for band, kwh in bands.items() if band != TOTAL and band in own]
        if set(bands) == {TOTAL} or set(bands) == set(own):
            pairs.append((sum(bands.values(), ZERO), whole))
        off = next((pair for pair in pairs if abs(pair[0] - pair[1]) > len(own) + 1), None)
        if off is not None:
            yield say.CHARGED_KWH.at(place=places[key], what=key, made=plain(off[0]), printed=plain(off[1]))


def _products(ebill: EBill) -> Iterator[Finding]:
    for row in ebill.charges:
        if row.quantity is None or row.unit_price is None:
            continue
        made = half_up(row.quantity * row.unit_price, 2)
        kind = meaning_of(row.category, row.component).kind
        slack = POWER_FACTOR_SLACK if kind == "power_factor" else CENT
        if abs(made - row.amount) > slack:
            yield say.CHARGE_PRODUCT.at(
                place=str(row.place),
                quantity=plain(row.quantity),
                unit_price=plain(row.unit_price),
                made=plain(made),
                printed=plain(row.amount),
            )


def _subtotals(ebill: EBill) -> Iterator[Finding]:
    """Check each printed sum against the rows of its category above it, or of its category in all."""
    for total in ebill.subtotals:
        rows = [row for row in ebill.charges if row.place.sheet == total.place.sheet]
        of_category = [row for row in rows if bare(row.category) == bare(total.name)]
        above = [row for row in of_category if row.place.row < total.place.row]
        candidates = [of_category, above, rows, [row for row in rows if row.place.row < total.place.row]]
        sums = [sum((row.amount for row in some), ZERO) for some in candidates if some]
        block = _block_of(above, total.place.row)
        sums.append(block)
        if sums and all(abs(one - total.amount) > CENT for one in sums):
            yield say.SUBTOTAL.at(
                place=str(total.place), what=total.name, made=plain(sums[0]), printed=plain(total.amount)
            )


def _block_of(above: list[BilledCharge], row: int) -> Decimal:
    """Sum the unbroken run of rows right above a sum."""
    found, next_row = ZERO, row - 1
    for one in sorted(above, key=lambda it: -it.place.row):
        if one.place.row != next_row:
            break
        found += one.amount
        next_row -= 1
    return found


def _power(ebill: EBill) -> Iterator[Finding]:
    for block in ebill.blocks:
        yield from _block(block)
    for kind in ("demand", "capacity", "power_factor"):
        rows = [row for row in ebill.charges if meaning_of(row.category, row.component).kind == kind]
        field = {"demand": "owed_demand_amount", "capacity": "capacity_amount", "power_factor": "power_factor_amount"}
        parts = [value for block in ebill.blocks if (value := getattr(block, field[kind])) is not None]
        charged = sum((row.amount for row in rows), ZERO)
        if rows and parts and abs(charged - sum(parts, ZERO)) > CENT * (len(rows) + len(parts)):
            yield say.BLOCK_SUM.at(
                place=str(rows[0].place), kind=kind, made=plain(sum(parts, ZERO)), printed=plain(charged)
            )
    reactive = reactive_kvarh(ebill)
    printed = ebill.overview.power_factor or next(
        (block.power_factor for block in ebill.blocks if block.power_factor is not None), None
    )
    active = (
        sum((block.active_kwh or ZERO for block in ebill.blocks), ZERO)
        or billed_energy(ebill, needs_bands=False).energy_kwh
    )
    if reactive is not None and printed is not None and active:
        made = power_factor_of(active, reactive)
        if made != half_up(printed, 2):
            yield say.POWER_FACTOR.at(made=plain(made), printed=plain(printed))


def _block(block: PowerBlock) -> Iterator[Finding]:
    for what, quantity, price, amount, slack in (
        ("需量值 × 需量电价", block.billed_demand_kw, block.demand_price_per_kw_month, block.demand_amount, CENT),
        ("容量 × 容量电价", block.capacity_kva, block.capacity_price_per_kva_month, block.capacity_amount, CENT),
        (
            "参与调整电费金额 × 调整系数",
            block.adjusted_amount,
            block.adjustment_share,
            block.power_factor_amount,
            POWER_FACTOR_SLACK,
        ),
    ):
        if quantity is None or price is None or amount is None:
            continue
        made = half_up(quantity * price, 2)
        if abs(made - amount) > slack:
            yield say.BLOCK_PRODUCT.at(place=str(block.place), what=what, made=plain(made), printed=plain(amount))


def _first_page(ebill: EBill) -> Iterator[Finding]:
    overview = ebill.overview
    items, _ = printed_items(ebill)
    left = next((item.amount for item in items if item.kind == REMAINDER), ZERO)
    if abs(left) > CENT * 2 and overview.amount is not None:
        yield say.TOTAL_AMOUNT.at(
            place=str(overview.place or "-"), made=plain(overview.amount - left), printed=plain(overview.amount)
        )
    energy = billed_energy(ebill, needs_bands=False)
    meters, _ = counted_meters(ebill)
    metered = sum((kwh for meter in meters for kwh in meter_kwh(meter).values()), ZERO)
    if overview.energy_kwh is not None and metered and abs(overview.energy_kwh - metered) > len(meters) + 1:
        yield say.TOTAL_KWH.at(made=plain(metered), printed=plain(overview.energy_kwh))
    yield from _items(ebill, items)
    yield from _shares(ebill, energy.band_kwh, meters)
    if overview.average_price_per_kwh is not None and overview.amount is not None and overview.energy_kwh:
        made = overview.amount / overview.energy_kwh
        if abs(made - overview.average_price_per_kwh) > PRICE_SLACK:
            yield say.AVERAGE_PRICE.at(made=f"{made:.4f}", printed=plain(overview.average_price_per_kwh))


def _items(ebill: EBill, items: tuple[Item, ...]) -> Iterator[Finding]:
    """Check the first page's amounts by category against the rows of that category."""
    for item in ebill.overview.items:
        meaning = meaning_of(item.name)
        if item.is_total or meaning.kind == "other":
            continue
        if meaning.kind == "energy":
            rows = [one for one in items if one.kind == "energy" and one.components <= meaning.components]
        else:
            rows = [one for one in items if one.kind == meaning.kind]
        if not rows or any(one.place == str(item.place) for one in rows):
            continue
        made = sum((one.amount for one in rows), ZERO)
        power = sum((one.amount for one in items if one.kind in ("demand", "capacity")), ZERO)
        if min(abs(made - item.amount), abs(made + power - item.amount)) > CENT * (len(rows) + 1):
            yield say.ITEM_SUM.at(place=str(item.place), what=item.name, made=plain(made), printed=plain(item.amount))


def _shares(ebill: EBill, band_kwh: dict[str, Decimal], meters: tuple[BilledMeter, ...]) -> Iterator[Finding]:
    shares = ebill.overview.band_share
    detail: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for meter in meters:
        for band, kwh in meter_kwh(meter).items():
            detail[band] += kwh
    bands = {band: kwh for band, kwh in detail.items() if band != TOTAL} or {
        band: kwh for band, kwh in band_kwh.items() if band != TOTAL
    }
    whole = sum(bands.values(), ZERO)
    if not shares or not whole:
        return
    off = [
        band
        for band in {**shares, **bands}
        if abs(shares.get(band, ZERO) - bands.get(band, ZERO) / whole) > SHARE_SLACK
    ]
    if off:
        yield say.SHARES_DIFFER.at(
            printed=", ".join(f"{band} {shares.get(band, ZERO):.0%}" for band in off),
            made=", ".join(f"{band} {bands.get(band, ZERO) / whole:.1%}" for band in off),
        )


def _hours(ebill: EBill) -> Iterator[Finding]:
    if not ebill.hours:
        return
    listed = sum((hour.energy_kwh or ZERO for hour in ebill.hours), ZERO)
    whole = billed_energy(ebill, needs_bands=False).energy_kwh or (ebill.overview.energy_kwh or ZERO)
    missing = sorted(set(range(1, 25)) - {hour.hour for hour in ebill.hours})
    if missing:
        yield say.HOURS_MISSING.at(hours=", ".join(map(str, missing)))
    if listed and whole and abs(listed - whole) > len(ebill.hours):
        kind = say.HOURS_PART if listed < whole else say.HOURS_MORE
        yield kind.at(listed=plain(listed), whole=plain(whole))


def _fees(ebill: EBill) -> Iterator[Finding]:
    totals = [one for one in ebill.market_fees if one.is_total]
    others = [one for one in ebill.market_fees if not one.is_total]
    for total in totals:
        sums = {sum((one.amount for one in others[first:]), ZERO) for first in range(len(others))}
        if others and all(abs(one - total.amount) > CENT for one in sums):
            made = sum((one.amount for one in others), ZERO)
            yield say.SUBTOTAL.at(
                place=str(total.place), what=total.name, made=plain(made), printed=plain(total.amount)
            )


def _deadline(ebill: EBill) -> Iterator[Finding]:
    if ebill.objection_until is not None:
        yield say.OBJECTION_UNTIL.at(day=str(ebill.objection_until))
    else:
        yield say.OBJECTION_UNKNOWN.at(month=f"{ebill.month:%Y-%m}")
