"""The rows of the real bill that are money owed, each once, adding up to the amount that is printed."""

from dataclasses import replace
from decimal import Decimal

from domain.findings import Finding, FindingKind, Severity
from domain.shadow.ebill import ZERO, BilledCharge, EBill, NamedAmount, PowerBlock
from domain.shadow.items import KVA, KW, KWH, Item
from domain.shadow.vocabulary import Meaning, bare, meaning_of
from domain.tariffs import half_up
from domain.text import Text

CENT = Decimal("0.01")
DEMAND = Text(en="demand charge", zh="需量电费")
REBATE = Text(en="demand rebate", zh="需量电费折扣")
CAPACITY = Text(en="capacity charge", zh="容量电费")
POWER_FACTOR = Text(en="power-factor charge", zh="功率因数调整电费")
REMAINDER = "remainder"
MOST_BELOW = 40
FEES_INSIDE = FindingKind(
    code="ebill_market_fees_inside",
    severity=Severity.INFO,
    words=Text(
        en="The market operation fees ({amount}) are part of the charges above them and are not counted again.",
        zh="市场化运营费明细（{amount}）已包含在电费明细中，不重复计入。",
    ),
)
FEES_BESIDE = FindingKind(
    code="ebill_market_fees_beside",
    severity=Severity.INFO,
    words=Text(
        en="The bill's amount is only reached with the market operation fees ({amount}); they count as lines.",
        zh="加上市场化运营费（{amount}）才等于账单总额，已作为明细计入。",
    ),
)
AMOUNT_MADE = FindingKind(
    code="ebill_amount_not_printed",
    severity=Severity.WARNING,
    words=Text(
        en="{place}: {what} has a quantity and a price but no amount; {amount} was taken.",
        zh="{place}：{what} 有数量与单价但未印金额，按 {amount} 计入。",
    ),
)


def printed_items(ebill: EBill) -> tuple[tuple[Item, ...], tuple[Finding, ...]]:
    """Give the bill's rows as items that add up to its printed amount; a remainder that no row shows is an item too.

    Demand, capacity and power factor stand both among the charges and in their own sub-tables: they count once.
    Market fees count only where the printed amount needs them, items of the overview only where no row shows them.
    """
    items = [_charge(row, ebill) for row in ebill.charges]
    findings: list[Finding] = []
    items = _with_blocks(ebill, items, findings)
    total = ebill.overview.amount
    if total is None and not items:
        items = [_named(one) for one in _leaves(ebill.overview.items)]
    elif total is not None and not _closes(items, total):
        items += _only_on_first_page(ebill, items, total)
    fees = _leaves(ebill.market_fees)
    fee_amount = sum((one.amount for one in fees), ZERO)
    if fees and total is not None and not _closes(items, total) and abs(total - _sum(items) - fee_amount) <= CENT * 2:
        items += [_named(one) for one in fees]
        findings.append(FEES_BESIDE.at(amount=str(fee_amount)))
    elif fees:
        findings.append(FEES_INSIDE.at(amount=str(fee_amount)))
    if total is not None and total != _sum(items):
        items.append(_remainder(ebill, total - _sum(items)))
    return tuple(items), tuple(findings)


def _sum(items: list[Item]) -> Decimal:
    return sum((item.amount for item in items), ZERO)


def _closes(items: list[Item], total: Decimal) -> bool:
    return abs(total - _sum(items)) <= CENT * 2


def _leaves(rows: tuple[NamedAmount, ...]) -> list[NamedAmount]:
    """Leave out sums: rows called so, and rows that two or more rows right below them add up to."""
    return [
        row
        for number, row in enumerate(rows)
        if not row.is_total and not _heads(row.amount, [below.amount for below in rows[number + 1 :]])
    ]


def _heads(amount: Decimal, below: list[Decimal]) -> bool:
    found = ZERO
    for count, one in enumerate(below[:MOST_BELOW], start=1):
        found += one
        if count > 1 and found == amount and amount:
            return True
    return False


def _words(category: str, component: str = "") -> Text:
    words = category if not component or component == category else f"{category} {component}"
    return Text(en=words, zh=words)


def _charge(row: BilledCharge, ebill: EBill) -> Item:
    meaning = meaning_of(row.category, row.component)
    kind = _power_kind(ebill) if meaning.kind == "power" else meaning.kind
    unit = {"demand": KW, "capacity": KVA, "power_factor": ebill.currency}.get(kind, KWH)
    is_lump = row.quantity is None or row.unit_price is None
    return Item(
        key=f"{'+'.join(sorted(meaning.components)) or kind}/{bare(row.component)}",
        kind=kind,
        components=meaning.components,
        band=row.band,
        quantity=None if is_lump else row.quantity,
        unit=unit,
        unit_price=None if is_lump else row.unit_price,
        amount=row.amount,
        label=_words(row.category, row.component),
        place=str(row.place),
    )


def _power_kind(ebill: EBill) -> str:
    """Tell what a 容（需）量电费 row is by the sub-table that has an amount; demand where both or none has."""
    has_demand = any(block.demand_amount or block.billed_demand_kw for block in ebill.blocks)
    has_capacity = any(block.capacity_amount for block in ebill.blocks)
    return "capacity" if has_capacity and not has_demand else "demand"


def _with_blocks(ebill: EBill, items: list[Item], findings: list[Finding]) -> list[Item]:
    """Let the sub-tables, which have quantity and price, stand for the rows of the same money."""
    for kind in ("demand", "capacity", "power_factor"):
        rows = [item for item in items if item.kind == kind]
        finer = [item for block in ebill.blocks for item in _block(block, kind, ebill, findings)]
        if finer and rows and abs(_sum(finer) - _sum(rows)) > CENT * (len(finer) + len(rows)):
            continue  # the checks say that the two disagree; the charge rows are what is owed
        if finer and (not rows or any(not row.is_priced for row in rows)):
            gap = _sum(rows) - _sum(finer) if rows else ZERO
            items = [item for item in items if item.kind != kind] + finer
            if gap:
                items.append(_lump(kind, gap, rows[0].label, rows[0].place))
    return items


def _block(block: PowerBlock, kind: str, ebill: EBill, findings: list[Finding]) -> list[Item]:
    place = str(block.place)
    if kind == "demand":
        blank = Item(key="demand/", kind=kind, unit=KW, amount=ZERO, label=DEMAND, place=place)
        made = _priced(
            blank, block.billed_demand_kw, block.demand_price_per_kw_month, block.demand_amount, findings=findings
        )
        full = _sum(made)
        if block.rebated_demand_amount and block.rebated_demand_amount != full:
            made.append(_lump(kind, block.rebated_demand_amount - full, REBATE, place))
        return made
    if kind == "capacity":
        price = block.capacity_price_per_kva_month
        if block.capacity_amount is None and not price:
            return []  # a contract capacity beside a demand charge bills nothing
        blank = Item(key="capacity/", kind=kind, unit=KVA, amount=ZERO, label=CAPACITY, place=place)
        return _priced(blank, block.capacity_kva, price, block.capacity_amount, findings=findings)
    blank = Item(key="power_factor/", kind=kind, unit=ebill.currency, amount=ZERO, label=POWER_FACTOR, place=place)
    return _priced(blank, block.adjusted_amount, block.adjustment_share, block.power_factor_amount, findings=findings)


def _priced(
    blank: Item,
    quantity: Decimal | None,
    unit_price: Decimal | None,
    amount: Decimal | None,
    *,
    findings: list[Finding],
) -> list[Item]:
    """Fill in an item of a sub-table; none where the sub-table bills nothing."""
    if amount is None and not (quantity and unit_price):
        return []
    if amount is None:
        amount = half_up((quantity or ZERO) * (unit_price or ZERO), 2)
        findings.append(AMOUNT_MADE.at(place=blank.place, what=blank.label.zh, amount=str(amount)))
    if not amount and not quantity:
        return []
    if quantity is None or unit_price is None:
        return [replace(blank, amount=amount)]
    return [replace(blank, quantity=quantity, unit_price=unit_price, amount=amount)]


def _lump(kind: str, amount: Decimal, label: Text, place: str) -> Item:
    return Item(key=f"{kind}/lump", kind=kind, amount=amount, label=label, place=place)


def _named(one: NamedAmount) -> Item:
    meaning = meaning_of(one.name)
    return Item(
        key=f"{'+'.join(sorted(meaning.components)) or meaning.kind}/{bare(one.name)}",
        kind="demand" if meaning.kind == "power" else meaning.kind,
        components=meaning.components,
        amount=one.amount,
        label=_words(one.name),
        place=str(one.place),
    )


def _only_on_first_page(ebill: EBill, items: list[Item], total: Decimal) -> list[Item]:
    """Give the overview's items that no row shows: adjustments of past months, penalties, a page that is missing.

    Beside rows they are taken only where with them the printed amount is reached; else nothing says that they are
    no sums of rows.
    """
    left = total - _sum(items)
    found = [
        _named(one)
        for one in _leaves(ebill.overview.items)
        if abs(one.amount - total) > CENT * 2 and not _is_shown(meaning_of(one.name), one.name, items)
    ]
    if not items or abs(left - _sum(found)) <= CENT * 2:
        return found
    return next(([one] for one in found if abs(one.amount - left) <= CENT * 2), [])


def _is_shown(meaning: Meaning, name: str, items: list[Item]) -> bool:
    if meaning.kind == "energy":
        return any(item.kind == "energy" and item.components & meaning.components for item in items)
    if meaning.kind == "power":
        return any(item.kind in ("demand", "capacity") for item in items)
    if meaning.kind == "other":
        return any(bare(name) in bare(item.label.zh) for item in items)
    return any(item.kind == meaning.kind for item in items)


def _remainder(ebill: EBill, amount: Decimal) -> Item:
    words = Text(en="in the bill's amount, in no row", zh="账单总额中无明细的部分")
    place = str(ebill.overview.place) if ebill.overview.place is not None else ""
    return Item(key=REMAINDER, kind=REMAINDER, amount=amount, label=words, place=place)
