"""Energy rows of a US tariff sheet: prices by hour of the week, tiers on the month's total."""

from decimal import Decimal
from typing import Literal

import numpy as np

from domain.files.clauses import ClauseBook
from domain.files.us_workbook_rows import ChargeRow
from domain.files.week_tables import MONTHS, SHAPE, Bools, Numbers, calendar_of, say_hours
from domain.noun import noun
from domain.tariffs import EnergyCharge
from domain.tariffs.charges import ZERO, EnergyTier, EnergyTiers
from domain.text import Text

Uncovered = Literal["refuse", "free"]
Climb = tuple[tuple[Decimal | None, Decimal], ...]


@noun
class HourPrice:
    """What a kWh costs in some hours: the first tier's price, and how the tiers climb from it."""

    base: Decimal
    """[$ / kWh]"""
    climb: Climb = ()
    """(end of the tier in kWh of the month, more than the first tier); () for one tier."""


def energy_charge(rows: list[ChargeRow], uncovered: Uncovered, book: ClauseBook) -> EnergyCharge | None:
    """Make the energy charge of a sheet; None, with clauses in the book, where it cannot be priced."""
    if not rows:
        book.refuse("energy", Text(en="the sheet has no energy row", zh="表中没有电度电价行"), essential=True)
        return None
    kinds, kind_of = _kinds_of_hours(rows)
    _say_overlaps(rows, book)
    gaps = np.isin(kind_of, [number for number, here in enumerate(kinds) if not here])
    if gaps.any() and not _may_be_free(gaps, uncovered, book):
        return None
    prices = [_price(here) for here in kinds]
    if _clash(prices, kind_of, kinds, book):
        return None
    distinct = list(dict.fromkeys(prices[number] for number in dict.fromkeys(kind_of.ravel().tolist())))
    names = tuple(f"rate_{number}" for number in range(1, len(distinct) + 1))
    table = np.array([distinct.index(price) for price in prices], dtype=np.int64)[kind_of]
    climbs = dict.fromkeys(price.climb for price in distinct if price.climb)
    return EnergyCharge(
        charge_id="energy",
        label=Text(en="Energy", zh="电度电费"),
        calendar=calendar_of(table, names),
        band_prices={name: price.base for name, price in zip(names, distinct, strict=True)},
        tiers=tuple(
            EnergyTiers(
                bands=tuple(name for name, price in zip(names, distinct, strict=True) if price.climb == climb),
                tiers=tuple(EnergyTier(up_to_kwh=limit, price_per_kwh=more) for limit, more in climb),
            )
            for climb in climbs
        ),
    )


def _kinds_of_hours(rows: list[ChargeRow]) -> tuple[list[tuple[ChargeRow, ...]], Numbers]:
    """Give the sets of rows that cover some hour, and which of them covers each hour, shape (12, 7, 96)."""
    stack = np.stack([row.window.ravel() for row in rows])
    patterns, inverse = np.unique(stack, axis=1, return_inverse=True)
    kinds = [tuple(row for row, here in zip(rows, pattern, strict=True) if here) for pattern in patterns.T]
    return kinds, inverse.reshape(SHAPE)


def _say_overlaps(rows: list[ChargeRow], book: ClauseBook) -> None:
    for place, row in enumerate(rows):
        over = [
            other.number
            for other in rows[place + 1 :]
            if other.limit == row.limit and (other.window & row.window).any()
        ]
        if over:
            listed = ", ".join(map(str, over))
            why = Text(
                en=f"hours that row {listed} covers, too, are charged both prices",
                zh=f"与第 {listed} 行重叠的时段同时收取两者",
            )
            book.assume(f"row {row.number}", why)


def _may_be_free(gaps: Bools, uncovered: Uncovered, book: ClauseBook) -> bool:
    share = float(gaps.mean())
    where = say_hours(gaps)
    if uncovered == "free":
        why = Text(
            en=f"{share:.1%} of the hours, the first being {where}, have no energy row and cost nothing",
            zh=f"{share:.1%} 的时段（首个为 {where}）没有电度电价行，按 0 计",
        )
        book.assume("energy", why)
        return True
    why = Text(
        en=f"{share:.1%} of the hours, the first being {where}, have no energy row; say uncovered: free if they cost nothing",
        zh=f"{share:.1%} 的时段（首个为 {where}）没有电度电价行；若确不收费，请指定 uncovered: free",
    )
    book.refuse("energy", why, essential=True)
    return False


def _price(rows: tuple[ChargeRow, ...]) -> HourPrice:
    by_limit: dict[Decimal, Decimal] = {}
    for row in rows:
        by_limit[row.limit] = by_limit.get(row.limit, ZERO) + row.price
    steps = sorted(({ZERO: ZERO} | by_limit).items())
    merged = [step for place, step in enumerate(steps) if place == 0 or step[1] != steps[place - 1][1]]
    base = merged[0][1]
    if len(merged) == 1:
        return HourPrice(base=base)
    ends: list[Decimal | None] = [*(start for start, _ in merged[1:]), None]
    return HourPrice(base=base, climb=tuple((end, price - base) for end, (_, price) in zip(ends, merged, strict=True)))


def _clash(prices: list[HourPrice], kind_of: Numbers, kinds: list[tuple[ChargeRow, ...]], book: ClauseBook) -> bool:
    """Refuse months in which hours climb differently: the month's total counts over all of them."""
    found = False
    for month in range(MONTHS):
        here = sorted(set(kind_of[month].ravel().tolist()))
        climbs = {prices[number].climb for number in here}
        if len(climbs) > 1:
            rows = ", ".join(map(str, sorted({row.number for number in here for row in kinds[number]})))
            why = Text(
                en=f"in month {month + 1} hours have different tiers (rows {rows}); counted on the month's total, the order of "
                "the hours would decide what a kWh costs",
                zh=f"第 {month + 1} 月各时段阶梯不同（第 {rows} 行）：按当月合计时，用电先后将决定电价",
            )
            book.refuse("energy", why, essential=True)
            found = True
    if not found and any(climbs for climbs in (price.climb for price in prices)):
        why = Text(
            en="tiers begin at basic_charge_limit on the month's kWh of all hours; each kWh costs its own tier's price",
            zh="阶梯自 basic_charge_limit 起，按当月全部电量计，各档电量各按其价",
        )
        book.assume("energy", why)
    return found
