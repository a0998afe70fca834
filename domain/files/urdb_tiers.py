"""A URDB period's tiers: limits, prices and units, or why they cannot be read."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import Tier, as_number
from domain.noun import noun
from domain.tariffs.charges import ZERO
from domain.text import Text

UNLIMITED = Decimal("1e9")
"""Limits at or above this mean no limit; URDB writes 1e38."""


@noun
class Step:
    """One tier as it is priced: its limit (None: no end) and the price of a unit in it."""

    limit: Decimal | None
    """[the tiers' unit]"""
    price: Decimal
    """[currency per unit]"""


@noun
class PeriodTiers:
    """The tiers of one period, ascending, the last without end."""

    unit: str
    steps: tuple[Step, ...]

    @property
    def base(self) -> Decimal:
        """Price of the first tier. [currency per unit]."""
        return self.steps[0].price

    @property
    def climb(self) -> tuple[tuple[Decimal | None, Decimal], ...]:
        """Limits, and what each tier costs more than the first; () where there is one tier."""
        if len(self.steps) == 1:
            return ()
        return tuple((step.limit, step.price - self.base) for step in self.steps)


def price_of(tier: Tier, part: str = "rate") -> Decimal:
    """Give rate and adjustment together, or another part of a tier."""
    price = as_number(tier.get(part) or 0) or ZERO
    return price + (as_number(tier.get("adj") or 0) or ZERO) if part == "rate" else price


def tiers_of(tiers: Sequence[Tier], field: str, period: int, unit: str, book: ClauseBook) -> PeriodTiers | None:
    """Read one period's tiers; None, with a clause in the book, where they cannot be priced.

    Parameters
    ----------
    tiers : sequence of mappings
        As the file gives them: ``max``, ``rate``, ``adj``, ``unit``.
    field, period : str, int
        Structure and 0-based period, for the words.
    unit : str
        Where a tier names none.
    """
    units = {str(tier.get("unit") or unit).strip() for tier in tiers}
    if len(units) > 1:
        mixed = " + ".join(sorted(units))
        _refuse(book, field, period, f"tiers in different units: {mixed}", f"阶梯单位不一致：{mixed}")
        return None
    limits = [_limit(tier) for tier in tiers]
    if limits[-1] == ZERO:
        book.assume(field, Text(en="max: 0 of a last tier means no limit", zh="最后一档的 max: 0 表示无上限"))
        limits[-1] = None
    if None in limits[:-1]:
        end = limits.index(None)
        why = Text(en="tiers after one without limit are never reached", zh="位于无上限档之后，永远不会用到")
        book.ignore(field, [dict(tier) for tier in tiers[end + 1 :]], why)
        limits, tiers = limits[: end + 1], tiers[: end + 1]
    if limits[-1] is not None:
        ends = f"{limits[-1]:f}"
        _refuse(book, field, period, f"tiers end at {ends}, without a price above", f"阶梯止于 {ends}，其上没有价格")
        return None
    inner = [limit for limit in limits if limit is not None]
    if any(after <= before for before, after in pairwise(inner)) or (inner and inner[0] <= 0):
        shown = ", ".join(f"{limit:f}" for limit in inner)
        _refuse(book, field, period, f"tier limits do not ascend: {shown}", f"阶梯上限未递增：{shown}")
        return None
    steps = tuple(Step(limit=limit, price=price_of(tier)) for limit, tier in zip(limits, tiers, strict=True))
    return PeriodTiers(unit=units.pop(), steps=_merged(steps))


def _refuse(book: ClauseBook, field: str, period: int, en: str, zh: str) -> None:
    book.refuse(field, Text(en=f"period {period}: {en}", zh=f"时段 {period}：{zh}"), essential=True)


def _limit(tier: Tier) -> Decimal | None:
    given = tier.get("max")
    limit = None if given is None else as_number(given)
    return None if limit is None or limit >= UNLIMITED else limit


def _merged(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Join neighbours of one price: a limit without effect is none."""
    found: list[Step] = []
    for step in steps:
        if found and found[-1].price == step.price:
            found[-1] = step
        else:
            found.append(step)
    return tuple(found)
