"""A line of a bill before any load is known: a unit price times a quantity, with its words."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

from domain.noun import noun
from domain.tariffs.charges import ZERO
from domain.tariffs.quantities import Hinge, Quantity, Rated, Step, Sum
from domain.text import Text

Values = Callable[[Quantity], Decimal]
"""Asks the value of a quantity for the row that is being worded."""


@noun(eq=False)
class Line:
    """One line. Its exact amount is ``unit_price · quantity``."""

    charge_id: str
    kind: str
    label: Text
    unit: str
    quantity: Quantity
    """[unit]"""
    unit_price: Decimal
    """[currency / unit]"""
    rule: Callable[[Values], Text]
    """Words for one row."""
    fund_per_unit: Decimal = ZERO
    """Part of the price that is government funds. [currency / unit]"""
    summed: "Summed | None" = None
    """For a line that rests on other lines."""
    kept: Callable[[Values], Decimal] | None = None
    """How the printed quantity comes about where it is more than the exact one rounded. [unit]"""
    rated: Rated | None = None
    """For a line whose unit price is the rate that the month's power factor earns: its amount."""

    def priced(self) -> tuple[float, Quantity]:
        """Give the exact amount as a price and a quantity. [currency / unit], [unit]."""
        return (1.0, self.rated) if self.rated is not None else (float(self.unit_price), self.quantity)


@noun(eq=False)
class Summed:
    """How a line adds up others: ``constant + Σ coefficient · line``, perhaps only its positive part, or only sometimes.

    What is printed adds up what was printed: rounded amounts, or kept quantities at the price less funds.
    """

    lines: tuple[tuple[Decimal, Line], ...]
    """(coefficient, line)"""
    constant: Decimal = ZERO
    """[currency]"""
    others: tuple[tuple[Decimal, Quantity], ...] = ()
    """Further quantities and what each unit of them adds. [currency / unit]"""
    less_funds: bool = False
    """Whether the lines' government funds are left out; quantities are then taken before the amounts' rounding."""
    positive_part: bool = False
    when: Quantity | None = None
    """Counts only where this is not negative."""

    def quantity(self, label: str) -> Quantity:
        """Give the exact quantity. [currency]."""
        parts = [_part(coefficient, line, less_funds=self.less_funds) for coefficient, line in self.lines]
        parts += [(float(price), quantity) for price, quantity in self.others]
        total: Quantity = Sum(parts=tuple(parts), constant=float(self.constant))
        if self.positive_part:
            total = Hinge(label=label, of=total)
        if self.when is not None:
            total = Step(label=label, when=self.when, amount=total)
        return total


class _Charge(Protocol):
    """What every charge says of itself."""

    @property
    def charge_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> Text: ...


def line_of(
    charge: _Charge,
    *,
    quantity: Quantity,
    unit: str,
    unit_price: Decimal,
    rule: Text | Callable[[Values], Text],
    label: Text | None = None,
    fund_per_unit: Decimal = ZERO,
    kept: Callable[[Values], Decimal] | None = None,
    summed: "Summed | None" = None,
    rated: Rated | None = None,
) -> Line:
    """Give a line of a charge; words that are the same for every load may be given as they are."""
    return Line(
        charge_id=charge.charge_id,
        kind=charge.kind,
        label=label or charge.label,
        unit=unit,
        quantity=quantity,
        unit_price=unit_price,
        rule=(lambda _: rule) if isinstance(rule, Text) else rule,
        fund_per_unit=fund_per_unit,
        kept=kept,
        summed=summed,
        rated=rated,
    )


def _part(coefficient: Decimal, line: Line, *, less_funds: bool) -> tuple[float, Quantity]:
    if less_funds:
        return float(coefficient * (line.unit_price - line.fund_per_unit)), line.quantity
    price, quantity = line.priced()
    return float(coefficient) * price, quantity


@noun(eq=False)
class Compiled:
    """One charge in one period: its lines, and what it measures by name with unit."""

    charge_id: str
    lines: tuple[Line, ...]
    measured: Mapping[str, Quantity]
