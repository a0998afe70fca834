"""The lines of a bill, for every sample of a load at once: one rounding path for bills and for samples.

A line is a quantity, rounded as the tariff keeps quantities, times a unit price; the product is rounded
as the tariff rounds amounts. Beside it stands the exact amount, with nothing rounded but a band's
printed price; that is what the model's terms add up to.
"""

from collections.abc import Callable
from decimal import Decimal

from domain.noun import noun
from domain.tariffs.atoms import STEP_TOLERANCE
from domain.tariffs.bills import BillLine
from domain.tariffs.charges import ZERO
from domain.tariffs.compile_energy import band_fund_per_kwh, band_price_per_kwh
from domain.tariffs.compile_sums import ADJUSTED_KINDS
from domain.tariffs.compiling import CompiledPeriod
from domain.tariffs.decimals import as_decimal, half_up
from domain.tariffs.line import Line, Summed
from domain.tariffs.reading import Reading
from domain.tariffs.tariff import Rounding
from domain.text import Text


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
    amounts: tuple[Decimal, ...]
    """Rounded. [currency]"""
    rule: Callable[[int], Text]
    """Words for one row."""

    def line(self, row: int) -> BillLine:
        """Give one row as a line of a bill."""
        return BillLine(
            charge_id=self.charge_id,
            kind=self.kind,
            label=self.label,
            quantity=self.kept[row],
            unit=self.unit,
            unit_price=self.unit_price[row],
            amount=self.amounts[row],
            exact_amount=self.exact[row] * self.unit_price[row],
            rule=self.rule(row),
        )


def line_columns(compiled: CompiledPeriod, reading: Reading) -> tuple[LineColumn, ...]:
    """Evaluate a month's lines on a load."""
    rounding = compiled.period.tariff.rounding
    columns: dict[int, LineColumn] = {}
    for line in compiled.lines:
        columns[id(line)] = _column(line, reading, rounding, columns)
    return tuple(columns.values())


def _column(line: Line, reading: Reading, rounding: Rounding, before: dict[int, LineColumn]) -> LineColumn:
    exact = tuple(map(as_decimal, reading.of(line.quantity).tolist()))
    rows = range(len(exact))
    decimals = rounding.quantity_decimals
    if line.summed is not None:
        kept = tuple(half_up(_summed(line.summed, row, reading, before), decimals) for row in rows)
    elif line.kept is not None:
        kept = tuple(half_up(line.kept(_asked(reading, row)), decimals) for row in rows)
    else:
        kept = tuple(half_up(one, decimals) for one in exact)
    prices = (line.unit_price,) * len(exact) if line.rated is None else reading.rates(line.rated)
    return LineColumn(
        charge_id=line.charge_id,
        kind=line.kind,
        label=line.label,
        unit=line.unit,
        exact=exact,
        kept=kept,
        unit_price=prices,
        amounts=tuple(half_up(one * price, rounding.amount_decimals) for one, price in zip(kept, prices, strict=True)),
        rule=lambda row: line.rule(_asked(reading, row)),
    )


def _asked(reading: Reading, row: int) -> Callable[..., Decimal]:
    return lambda quantity: as_decimal(float(reading.of(quantity)[row]))


def _summed(summed: Summed, row: int, reading: Reading, before: dict[int, LineColumn]) -> Decimal:
    """Add up what was printed: rounded amounts, or kept quantities at prices less funds."""
    if summed.when is not None and float(reading.of(summed.when)[row]) < -STEP_TOLERANCE:
        return ZERO
    total = summed.constant
    for coefficient, line in summed.lines:
        column = before[id(line)]
        if summed.less_funds:
            total += coefficient * column.kept[row] * (column.unit_price[row] - line.fund_per_unit)
        else:
            total += coefficient * column.amounts[row]
    for price, quantity in summed.others:
        total += price * as_decimal(float(reading.of(quantity)[row]))
    return max(ZERO, total) if summed.positive_part else total


__all__ = ["ADJUSTED_KINDS", "LineColumn", "band_fund_per_kwh", "band_price_per_kwh", "line_columns"]
