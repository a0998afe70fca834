"""Demand rows of a US tariff sheet: windows by name of their period, tiers by their limits."""

import re
from collections import defaultdict
from decimal import Decimal

import numpy as np

from domain.files.clauses import ClauseBook
from domain.files.us_workbook_rows import ChargeRow
from domain.files.week_tables import DAYS, MONTHS, QUARTERS, SHAPE, Bools, calendar_of
from domain.noun import noun
from domain.tariffs import DemandCharge
from domain.tariffs.charges import ZERO, DemandTier
from domain.text import Text

Steps = tuple[tuple[Decimal, Decimal], ...]


@noun
class Peak:
    """What one period's demand costs in some months."""

    period: str
    week: bytes
    """Its window of the week, (7, 96) booleans."""
    steps: Steps
    """(kW from which, price per kW), ascending."""
    is_daily: bool


def demand_charges(rows: list[ChargeRow], measurement_min: int, book: ClauseBook) -> list[DemandCharge]:
    """Make the demand charges of a sheet.

    Rows of one period name are one charge: its demand is the highest mean in the union of their windows. Rows of one
    name with several prices are several charges, unless their windows overlap; then the sheet is refused.
    """
    months: dict[Peak, list[int]] = defaultdict(list)
    for period in dict.fromkeys(row.period for row in rows):
        alike = [row for row in rows if row.period == period]
        for month in range(MONTHS):
            for peak in _peaks(period, [row for row in alike if row.window[month].any()], month, book):
                months[peak].append(month + 1)
    charges: list[DemandCharge] = []
    for peak, held in months.items():
        if not any(price for _, price in peak.steps):
            book.ignore(f"demand {peak.period}", 0, Text(en="costs nothing", zh="价格为 0"))
            continue
        charges.append(_charge(peak, held, measurement_min, [one.charge_id for one in charges]))
    if any(charge.tiers for charge in charges):
        why = Text(
            en="tiers begin at basic_charge_limit on the period's own peak; each kW costs its own tier's price",
            zh="阶梯自 basic_charge_limit 起，按该时段自身的最大需量计，各档千瓦各按其价",
        )
        book.assume("demand", why)
    return charges


def _peaks(period: str, rows: list[ChargeRow], month: int, book: ClauseBook) -> list[Peak]:
    """Give what the rows of one name charge in one month."""
    windows: dict[tuple[Decimal, Decimal, bool], Bools] = {}
    for row in rows:
        key = (row.limit, row.price, row.is_daily)
        windows[key] = windows.get(key, np.zeros((DAYS, QUARTERS), dtype=bool)) | row.window[month]
    limits = [limit for limit, _, _ in windows]
    if len(set(limits)) == len(limits):
        if len({week.tobytes() for week in windows.values()}) > 1 or len({daily for _, _, daily in windows}) > 1:
            _refuse(period, rows, "tiers of different windows", "各档时段不同", book)
            return []
        steps = tuple(sorted((limit, price) for limit, price, _ in windows))
        if (len(steps) > 1 or (steps and steps[0][0] > 0)) and any(daily for _, _, daily in windows):
            _refuse(period, rows, "tiers on each day's peak", "按日计收的分档", book)
            return []
        return [
            Peak(period=period, week=week.tobytes(), steps=steps, is_daily=daily)
            for (_, _, daily), week in list(windows.items())[:1]
        ]
    if set(limits) != {ZERO}:
        _refuse(period, rows, "several prices from one limit on", "同一起点有多个价格", book)
        return []
    if np.stack(list(windows.values())).sum(axis=0).max() > 1:
        _refuse(period, rows, "several prices for the same hours", "同一时段有多个价格", book)
        return []
    return [
        Peak(period=period, week=week.tobytes(), steps=((ZERO, price),), is_daily=daily)
        for (_, price, daily), week in windows.items()
    ]


def _refuse(period: str, rows: list[ChargeRow], en: str, zh: str, book: ClauseBook) -> None:
    listed = ", ".join(str(row.number) for row in rows)
    why = Text(
        en=f"rows {listed} of the demand period {period!r} have {en}; which peak costs what is not settled",
        zh=f"需量时段 {period!r} 的第 {listed} 行{zh}，无法确定哪个需量适用哪个价格",
    )
    book.refuse("demand", why, essential=True)


def _charge(peak: Peak, months: list[int], measurement_min: int, taken: list[str]) -> DemandCharge:
    week = np.frombuffer(peak.week, dtype=bool).reshape(DAYS, QUARTERS)
    table = np.broadcast_to(~week, SHAPE).astype(np.int64)
    band = peak.period or "window"
    other = "off" if band != "off" else "other"
    is_tiered = len(peak.steps) > 1 or peak.steps[0][0] > 0
    price = None if is_tiered else peak.steps[0][1]
    return DemandCharge(
        charge_id=_new_id(peak.period, taken),
        label=Text(en=f"Demand {peak.period}".strip(), zh=f"需量电费 {peak.period}".strip()),
        price_per_kw_month=None if peak.is_daily else price,
        price_per_kw_day=price if peak.is_daily else None,
        levied="day" if peak.is_daily else "month",
        calendar=None if week.all() else calendar_of(table, (band, other)),
        bands=() if week.all() else (band,),
        months=() if len(months) == MONTHS else tuple(months),
        measurement_min=measurement_min,
        floor_share=ZERO,
        tiers=_tiers(peak.steps) if is_tiered else (),
    )


def _tiers(steps: Steps) -> tuple[DemandTier, ...]:
    whole = steps if steps[0][0] == ZERO else ((ZERO, ZERO), *steps)
    ends: list[Decimal | None] = [*(start for start, _ in whole[1:]), None]
    return tuple(
        DemandTier(up_to_kw=end, price_per_kw_month=price) for end, (_, price) in zip(ends, whole, strict=True)
    )


def _new_id(period: str, taken: list[str]) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", f"demand_{period}".lower()).strip("_")
    number = 2
    found = name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
