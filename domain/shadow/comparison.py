"""What a comparison of a real bill with ours gives: lines, effects, and what of the difference is explained."""

from datetime import date
from decimal import Decimal
from typing import Literal

from domain.findings import Finding
from domain.noun import noun
from domain.shadow.ebill import ZERO
from domain.tariffs import Bill, Tariff
from domain.text import Text

EffectKind = Literal["quantity", "price", "rule", "rounding", "missing"]


@noun
class ShadowEffect:
    """One cause of a difference, with its size."""

    kind: EffectKind
    cause: str
    """Code of the cause, such as over_rule_contract_plus_double."""
    amount: Decimal
    """Real less ours. [currency]"""
    is_explained: bool
    why: Text
    change: Text | None = None
    """What to change in the tariff or the data, where that is known."""
    rivals: tuple[Text, ...] = ()
    """Other causes under which the bills would agree as well."""


@noun
class ShadowLine:
    """What the real bill asks for one thing, what ours asks, and why they differ."""

    kind: str
    label: Text
    unit: str = ""
    real_amount: Decimal
    """[currency]"""
    shadow_amount: Decimal
    """[currency]"""
    real_quantity: Decimal | None = None
    """[unit]"""
    shadow_quantity: Decimal | None = None
    """[unit]"""
    real_price: Decimal | None = None
    """Mean over the line. [currency / unit]"""
    shadow_price: Decimal | None = None
    """Mean over the line. [currency / unit]"""
    places: tuple[str, ...] = ()
    """Rows of the real bill."""
    effects: tuple[ShadowEffect, ...] = ()

    @property
    def difference(self) -> Decimal:
        """Real less ours: the sum of the effects. [currency]."""
        return self.real_amount - self.shadow_amount

    @property
    def unexplained(self) -> Decimal:
        """Part of the difference without a cause. [currency]."""
        return sum((one.amount for one in self.effects if not one.is_explained), ZERO)

    @property
    def is_explained(self) -> bool:
        """Whether every effect has a cause."""
        return all(one.is_explained for one in self.effects)


@noun(eq=False)
class ShadowComparison:
    """A real bill against ours.

    Invariant: ``explained + unexplained = real_total − shadow_total``, exactly.
    """

    account_no: str
    month: date
    currency: str
    basis: Literal["meter", "own_quantities"]
    """Whether ours was made from a meter's load, or from the kWh and kW of the bill itself (prices and rules only)."""
    shadow: Bill
    lines: tuple[ShadowLine, ...]
    findings: tuple[Finding, ...] = ()
    tariff_as_billed: Tariff
    """The tariff with every change that an explanation rests on."""

    @property
    def real_total(self) -> Decimal:
        """What the bill asks. [currency]."""
        return sum((line.real_amount for line in self.lines), ZERO)

    @property
    def shadow_total(self) -> Decimal:
        """What ours asks. [currency]."""
        return sum((line.shadow_amount for line in self.lines), ZERO)

    @property
    def difference(self) -> Decimal:
        """Real less ours. [currency]."""
        return self.real_total - self.shadow_total

    @property
    def explained(self) -> Decimal:
        """Sum of the effects with a cause. [currency]."""
        return sum((one.amount for line in self.lines for one in line.effects if one.is_explained), ZERO)

    @property
    def unexplained(self) -> Decimal:
        """Sum of the effects without. [currency]."""
        return sum((line.unexplained for line in self.lines), ZERO)

    @property
    def is_explained(self) -> bool:
        """Whether every difference has a cause; two unexplained ones that cancel out do not."""
        return all(line.is_explained for line in self.lines)
