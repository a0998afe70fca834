r"""Split a group's difference into effects that add up to it to the cent.

With :math:`q, p` the bill's quantities and prices by band, :math:`q_0, p_0` ours, and :math:`q_k, p_k` those after
the *k*-th accepted alternative:

.. math:: R - S = \sum_b (q - q_0) p_0 + \sum_b q (p - p_0) + \text{lumps} + \text{rounding}

and both sums telescope over the steps. Each effect is rounded to the cent; what that leaves goes to rounding.
"""

from decimal import Decimal

from domain.shadow.comparison import ShadowEffect
from domain.shadow.ebill import ZERO
from domain.shadow.explain import CENT, Trail, TrailStep, gaps_of, same_quantity
from domain.shadow.groups import Group, Side
from domain.shadow.printed import REMAINDER
from domain.tariffs import half_up
from domain.tariffs.decimals import plain
from domain.text import Text

MONEY_DECIMALS = 2
MOST_DECIMALS = 12
HALF_CENT = CENT / 2


def cents(amount: Decimal) -> Decimal:
    """Round an effect to the cent. [currency]."""
    return half_up(amount, MONEY_DECIMALS)


def quantity_effect(before: Side, after: Side, prices: dict[str, Decimal]) -> Decimal:
    """Give the money that a change of quantities makes at our first prices. [currency]."""
    bands = dict.fromkeys((*before.quantities, *after.quantities))
    return sum(
        (
            (after.quantities.get(band, ZERO) - before.quantities.get(band, ZERO)) * prices.get(band, ZERO)
            for band in bands
        ),
        ZERO,
    )


def price_effect(real: Side, before: Side, after: Side) -> Decimal:
    """Give the money that a change of our prices makes on the bill's quantities. [currency]."""
    return sum(
        (
            quantity * (after.prices.get(band, ZERO) - before.prices.get(band, ZERO))
            for band, quantity in real.quantities.items()
        ),
        ZERO,
    )


def one_sided(group: Group, amount: Decimal) -> ShadowEffect:
    """Say that only one of the two bills has a line."""
    if group.kind == REMAINDER and abs(amount) <= CENT * 2:
        return _cents(amount)
    if group.kind == REMAINDER:
        return ShadowEffect(
            kind="missing",
            cause="no_row",
            amount=amount,
            is_explained=False,
            why=Text(en="the bill's rows do not add up to its amount", zh="账单各行之和与总额不符"),
        )
    if group.real:
        return ShadowEffect(
            kind="missing",
            cause="not_in_tariff",
            amount=amount,
            is_explained=False,
            why=Text(en="the tariff has no such charge", zh="电价中没有该项费用"),
            change=Text(en="add the charge to the tariff if it is owed", zh="如确应收取，请在电价中补充该费用项"),
        )
    return ShadowEffect(
        kind="missing",
        cause="not_on_bill",
        amount=amount,
        is_explained=False,
        why=Text(en="the bill has no such row", zh="账单中没有该项费用"),
    )


def effects_of(
    number: int,
    group: Group,
    real: Side,
    trail: Trail,
    resolution: dict[str, Decimal],
    *,
    told: tuple[ShadowEffect, ...] = (),
) -> tuple[ShadowEffect, ...]:
    """Give the effects of one group; they add up to the real amount less ours.

    Parameters
    ----------
    number : int
        The group's place among the sides of the trail.
    group, real : Group, Side
        The group and the real bill's figures.
    trail : Trail
        Our figures from the first question to the one that agrees best.
    resolution : dict[str, Decimal]
        What the meters' registers can resolve, by band; empty where our kWh come from the bill itself. [kWh]
    told : tuple[ShadowEffect, ...]
        Effects of the quantity that were told apart elsewhere: those of a power factor's base.
    """
    ours = trail.start[number]
    difference = real.amount - ours.amount
    if not group.real or not group.ours:
        return (one_sided(group, difference),) if difference else ()
    if not real.is_priced or not ours.is_priced:
        return _by_amount(number, group, real, trail)
    found = list(told)
    for step in trail.steps:
        before, after = step.before[number], step.after[number]
        moved = cents(price_effect(real, before, after))
        if group.kind != "power_factor":
            moved += cents(quantity_effect(before, after, ours.prices))
        found += _said(step, moved)
    found += _quantity_left(number, group, real, trail, resolution)
    found += _price_left(number, group, real, trail)
    found += _lumps(group, real, ours)
    return tuple(found + _rounding(group, real, difference - _sum(found)))


def _sum(effects: list[ShadowEffect]) -> Decimal:
    return sum((one.amount for one in effects), ZERO)


def _said(step: TrailStep, amount: Decimal) -> list[ShadowEffect]:
    alternative = step.alternative
    if not amount:
        return []
    return [
        ShadowEffect(
            kind=alternative.kind,
            cause=alternative.cause,
            amount=amount,
            is_explained=alternative.is_explained,
            why=alternative.why,
            change=alternative.change,
            rivals=tuple(one.why for one in step.rivals),
        )
    ]


def _quantity_left(
    number: int, group: Group, real: Side, trail: Trail, resolution: dict[str, Decimal]
) -> list[ShadowEffect]:
    ours, end = trail.start[number], trail.end[number]
    left = cents(quantity_effect(end, real, ours.prices))
    if not left:
        return []
    is_open = (number, "quantity") in gaps_of(number, group, real, end, ours.prices)
    unit = group.real[0].unit
    if group.kind == "power_factor":
        return []  # its base follows from the other lines and is told apart there
    if not is_open:
        return [
            ShadowEffect(
                kind="rounding",
                cause="quantity_rounded",
                amount=left,
                is_explained=True,
                why=Text(en=f"the bill counts {unit} in its own decimals", zh=f"账单按其自身小数位数计 {unit}"),
            )
        ]
    bands = [*real.quantities, *(band for band in end.quantities if band not in real.quantities)]
    off = {
        band: abs(real.quantities.get(band, ZERO) - end.quantities.get(band, ZERO))
        for band in bands
        if band not in real.quantities or not same_quantity(real, end, band)
    }
    finest = {band: resolution.get(band, resolution.get("total", ZERO)) for band in off}
    if resolution and all(off[band] <= finest[band] for band in off):
        most = max(finest.values())
        return [
            ShadowEffect(
                kind="quantity",
                cause="register_resolution",
                amount=left,
                is_explained=True,
                why=Text(
                    en=f"the billing registers resolve {plain(most)} kWh (last digit × multiplier)",
                    zh=f"计费示数的分辨率为 {plain(most)} 千瓦时（末位 × 倍率）",
                ),
            )
        ]
    told = ", ".join(
        f"{'' if band == 'total' else band + ' '}{_short(real.quantities.get(band, ZERO))} / "
        f"{_short(end.quantities.get(band, ZERO))}"
        for band in off
    )
    return [
        ShadowEffect(
            kind="quantity",
            cause="quantity_differs",
            amount=left,
            is_explained=False,
            why=Text(en=f"{unit} on the bill / ours: {told}", zh=f"账单 / 本方 {unit}：{told}"),
        )
    ]


def _price_left(number: int, group: Group, real: Side, trail: Trail) -> list[ShadowEffect]:
    ours, end = trail.start[number], trail.end[number]
    open_amounts = {
        band: real.products[band] - quantity * end.prices.get(band, ZERO) for band, quantity in real.quantities.items()
    }
    left = cents(sum(open_amounts.values(), ZERO))
    if (number, "price") not in gaps_of(number, group, real, end, ours.prices):
        return []  # within a cent per row: rounding
    if _is_printed_shorter(group, end):
        return [
            ShadowEffect(
                kind="rounding",
                cause="printed_price_rounded",
                amount=left,
                is_explained=True,
                why=Text(
                    en="the bill rounds the price to the decimals it prints before multiplying",
                    zh="账单先将单价保留至所印小数位再相乘",
                ),
            )
        ]
    unit = group.real[0].unit
    told = ", ".join(
        f"{'' if band == 'total' else band + ' '}{_short(real.prices[band])} / {_short(end.prices.get(band, ZERO))}"
        for band in open_amounts
        if abs(open_amounts[band]) > CENT * real.rows[band]
    )
    return [
        ShadowEffect(
            kind="price",
            cause="price_differs",
            amount=left,
            is_explained=False,
            why=Text(en=f"price per {unit} on the bill / ours: {told}", zh=f"账单 / 本方单价（每 {unit}）：{told}"),
            change=Text(
                en="compare the tariff's price with the notice of the bill's month",
                zh="请将电价与账单当月的价格公告核对",
            ),
        )
    ]


def _is_printed_shorter(group: Group, end: Side) -> bool:
    """Say whether each printed price is ours, rounded to the decimals that it is printed with."""
    if len({item.key for item in group.real if item.is_priced}) != 1:
        return False
    for item in group.real:
        if item.unit_price is None:
            continue
        exponent = item.unit_price.as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        covered = [item.band] if item.band in end.prices else list(end.prices)
        if decimals < 3 or any(  # noqa: PLR2004 -- a price of so few decimals is another price
            item.unit_price != half_up(end.prices[band], min(decimals, MOST_DECIMALS)) for band in covered
        ):
            return False
    return True


def _lumps(group: Group, real: Side, ours: Side) -> list[ShadowEffect]:
    left = cents(real.lump - ours.lump)
    if not left:
        return []
    names = [item.label for item in group.real if not item.is_priced]
    return [
        ShadowEffect(
            kind="missing",
            cause="amount_without_quantity",
            amount=left,
            is_explained=False,
            why=Text(
                en=f"amounts without quantity and price: {', '.join(dict.fromkeys(one.en for one in names)) or 'ours'}",
                zh=f"无电量与单价的金额：{'、'.join(dict.fromkeys(one.zh for one in names)) or '本方'}",
            ),
        )
    ]


def _by_amount(number: int, group: Group, real: Side, trail: Trail) -> tuple[ShadowEffect, ...]:
    """Compare a group of which one side has amounts only."""
    found: list[ShadowEffect] = []
    for step in trail.steps:
        moved = cents(step.after[number].amount - step.before[number].amount)
        found += _said(step, moved)
    ours, end = trail.start[number], trail.end[number]
    left = real.amount - ours.amount - _sum(found)
    if (number, "amount") not in gaps_of(number, group, real, end, ours.prices):
        return tuple(found + _rounding(group, real, left))
    found.append(
        ShadowEffect(
            kind="missing",
            cause="no_quantity_on_bill",
            amount=left,
            is_explained=False,
            why=Text(
                en="one of the two bills has only the amount, so quantity and price cannot be told apart",
                zh="其中一方只有金额，无法区分电量与单价的影响",
            ),
        )
    )
    return tuple(found)


def _rounding(group: Group, real: Side, left: Decimal) -> list[ShadowEffect]:
    if not left:
        return []
    rows = len(group.real) + len(group.ours) + sum(real.rows.values()) + 4  # four effects are rounded themselves
    if abs(left) <= HALF_CENT * rows:
        return [_cents(left)]
    return [
        ShadowEffect(
            kind="missing",
            cause="printed_arithmetic",
            amount=left,
            is_explained=False,
            why=Text(en="an amount on the bill is not its quantity × price", zh="账单某行金额不等于其数量 × 单价"),
        )
    ]


def _cents(amount: Decimal) -> ShadowEffect:
    return ShadowEffect(
        kind="rounding",
        cause="cents",
        amount=amount,
        is_explained=True,
        why=Text(en="rounding of rows to the cent", zh="各行金额取整到分"),
    )


def _short(value: Decimal) -> str:
    return plain(half_up(value, 6))
