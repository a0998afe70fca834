r"""Bills at scale: what a load is billed for, measured once, and any number of prices for it.

A bill is linear in its prices once its quantities are known. ``BillEngine`` compiles a tariff for one grid, measures a
load's quantities with one sparse product and one pass over its peaks, and prices them: at the tariff's own prices, or at
many price levels by array arithmetic. Lines that rest on others (power factor, rebate, cap, minimum, tax) follow for each
level. Amounts are floats before rounding and equal ``Bill.exact_total``; money that is owed comes from ``bill``.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from scipy import sparse

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.atoms import STEP_TOLERANCE
from domain.tariffs.billing import months_of
from domain.tariffs.bills import BilledLoad
from domain.tariffs.compiling import compile_month
from domain.tariffs.facts import NO_FACTS, Facts
from domain.tariffs.line import Line
from domain.tariffs.quantities import (
    Billed,
    Energy,
    Given,
    Hinge,
    IntArray,
    Largest,
    Peak,
    Quantity,
    Rated,
    Step,
    Sum,
)
from domain.tariffs.reading import Reading
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import UNBLOCKED
from domain.tariffs.versions import AnyTariff
from domain.text import Text
from domain.time import TimeGrid


class StructureDiffersError(WattplanError):
    """Two tariffs cannot share one set of quantities."""

    code = "structure_differs"
    words = Text(
        en="Tariff {tariff_id} has other lines than {base_id} (first difference: {difference}); only prices may differ. "
        "Bill it by itself.",
        zh="电价 {tariff_id} 的账单项与 {base_id} 不同（首个差异：{difference}），仅允许价格不同。请单独计费。",
    )


class GridDiffersError(WattplanError):
    """A load is not on the grid that the engine was made for."""

    code = "grid_differs"
    words = Text(
        en="The load starts {start} with {n_steps} steps, the engine was made for {wanted}. Make one for this grid.",
        zh="负荷自 {start} 起共 {n_steps} 步，而计费引擎针对 {wanted}。请为该时间网格另建引擎。",
    )


@noun
class PriceKey:
    """One price of a tariff: the lines of a charge that share it, in all months."""

    charge_id: str
    label: str
    unit: str
    tariff_id: str
    """The version."""
    month: str = ""
    """Where the price changes from month to month: which."""


@noun(eq=False)
class MeasuredBills:
    """A load's billed quantities in every month, ready for any prices."""

    quantities: FloatArray
    """Shape (n_lines,): each line's quantity at the tariff's own prices. [unit of the line]"""
    rates: FloatArray
    """Shape (n_lines,): the power factor's rate where a line is that, else the line's own price. [currency / unit]"""
    when: FloatArray
    """Shape (n_lines,): 0 for a line whose condition is not met. [-]"""
    others: FloatArray
    """Shape (n_lines,): what a summing line adds besides other lines. [currency]"""


def _nodes(quantity: Quantity) -> Iterator[Quantity]:
    yield quantity
    match quantity:
        case Sum() | Largest():
            for _, part in quantity.parts:
                yield from _nodes(part)
        case Hinge() | Rated():
            yield from _nodes(quantity.of)
        case Step():
            yield from _nodes(quantity.when)
            yield from _nodes(quantity.amount)
        case Billed():
            yield from _nodes(quantity.demand)


class BillEngine:
    """A tariff compiled for the loads of one grid.

    Parameters
    ----------
    tariff : Tariff or TariffVersions
    supply : SupplyPoint
    grid : TimeGrid
        Every load that is billed stands on it.
    facts : Facts
        Prices, flags, the grid's peaks and past months, the same for all loads.

    Raises
    ------
    MonthNotCoveredError
        If the grid covers no whole month; further as ``bill``.
    """

    def __init__(self, tariff: AnyTariff, supply: SupplyPoint, grid: TimeGrid, facts: Facts = NO_FACTS) -> None:
        self.tariff = tariff
        self.supply = supply
        self.grid = grid
        self.facts = facts
        self.months: tuple[date, ...] = months_of(grid, tariff.zone)
        found = [
            (number, line, period.period.tariff.tariff_id)
            for number, month in enumerate(self.months)
            for period in compile_month(tariff, supply, grid, facts, month)
            for line in period.lines
        ]
        self.lines: tuple[Line, ...] = tuple(line for _, line, _ in found)
        self.month_of_line: IntArray = np.array([number for number, _, _ in found], dtype=np.int64)
        self._firsts = np.flatnonzero(np.diff(self.month_of_line, prepend=-1))  # first line of each month that has any
        self._bulk = _Bulk(self.lines, grid)
        self._index_of = {id(line): number for number, line in enumerate(self.lines)}
        self.keys, self.key_of_line, self.base_prices = _price_keys(found, self.months)
        self._funds = np.array([float(line.fund_per_unit) for line in self.lines])

    def reading(self, load: BilledLoad) -> Reading:
        """Measure a load's energies and peaks.

        Raises
        ------
        GridDiffersError
        """
        if load.grid != self.grid:
            wanted = f"{self.grid.start.isoformat()} … {self.grid.n_steps} × {self.grid.step_min} min"
            raise GridDiffersError(start=load.grid.start.isoformat(), n_steps=load.grid.n_steps, wanted=wanted)
        reading = Reading(load, self.supply)
        self._bulk.measure(reading)
        return reading

    def line_amounts(self, load: BilledLoad) -> FloatArray:
        """Give every line's exact amount for every sample, shape (n_samples, n_lines). [currency]."""
        if self._bulk.all_leaves and load.grid == self.grid:
            return np.asarray(self._bulk.leaf_values(load) * self._bulk.leaf_prices)
        reading = self.reading(load)
        columns = []
        for line in self.lines:
            price, quantity = line.priced()
            columns.append(price * reading.of(quantity))
        return np.array(columns).T

    def month_amounts(self, load: BilledLoad) -> FloatArray:
        """Give every month's exact total for every sample, shape (n_samples, n_months). [currency]."""
        return self.month_totals(self.line_amounts(load))

    def measure(self, load: BilledLoad) -> MeasuredBills:
        """Measure one load (its first sample) for re-pricing."""
        reading = self.reading(load)
        n_lines = len(self.lines)
        quantities, rates = np.zeros(n_lines), np.zeros(n_lines)
        when, others = np.ones(n_lines), np.zeros(n_lines)
        for number, line in enumerate(self.lines):
            quantities[number] = reading.of(line.quantity)[0]
            rates[number] = float(line.unit_price) if line.rated is None else float(reading.rates(line.rated)[0])
            if line.summed is not None:
                others[number] = float(line.summed.constant)
                others[number] += sum(float(price) * reading.of(one)[0] for price, one in line.summed.others)
                if line.summed.when is not None:
                    when[number] = float(reading.of(line.summed.when)[0] >= -STEP_TOLERANCE)
        return MeasuredBills(quantities=quantities, rates=rates, when=when, others=others)

    def reprice(self, measured: MeasuredBills, prices: FloatArray | None = None) -> FloatArray:
        """Give every line's exact amount at many price levels, shape (n_levels, n_lines). [currency].

        Parameters
        ----------
        prices : FloatArray, optional
            Shape (n_levels, n_keys), in the order of ``keys``; left out: the tariff's own. [currency / unit]
        """
        levels = self.base_prices[None, :] if prices is None else np.atleast_2d(np.asarray(prices, dtype=np.float64))
        if levels.shape[1] != len(self.keys):
            problem = Text(en=f"must have {len(self.keys)} columns", zh=f"须有 {len(self.keys)} 列")
            raise checks.refuse("BillEngine", "prices", levels.shape, problem)
        of_line = levels[:, np.maximum(self.key_of_line, 0)]
        amounts = of_line * measured.quantities
        for number, line in enumerate(self.lines):
            if line.summed is not None:
                amounts[:, number] = self._summed(number, line, measured, amounts, of_line)
        return amounts

    def _summed(
        self, number: int, line: Line, measured: MeasuredBills, amounts: FloatArray, of_line: FloatArray
    ) -> FloatArray:
        summed = line.summed
        assert summed is not None  # noqa: S101 -- asked of summing lines only
        places = [self._index_of[id(one)] for _, one in summed.lines]
        coefficients = np.array([float(coefficient) for coefficient, _ in summed.lines])
        if summed.less_funds:
            net = amounts[:, places] - measured.quantities[places] * self._funds[places]
            total = net @ coefficients
        else:
            total = amounts[:, places] @ coefficients
        total = total + measured.others[number]
        if summed.positive_part:
            total = np.maximum(0.0, total)
        rate = measured.rates[number]
        if line.rated is None and self.key_of_line[number] >= 0:
            return np.asarray(of_line[:, number] * measured.when[number] * total)
        return np.asarray(rate * measured.when[number] * total)

    def month_totals(self, amounts: FloatArray) -> FloatArray:
        """Add lines up to months, shape (n_levels, n_months); a month without any line owes 0. [currency]."""
        totals = np.zeros((amounts.shape[0], len(self.months)))
        if self._firsts.size:
            totals[:, self.month_of_line[self._firsts]] = np.add.reduceat(amounts, self._firsts, axis=1)
        return totals

    def prices_of(self, tariffs: Sequence[AnyTariff]) -> FloatArray:
        """Give the prices of tariffs with the same lines, shape (n_tariffs, n_keys). [currency / unit].

        Raises
        ------
        StructureDiffersError
            Naming the first line that differs.
        """
        rows = []
        for one in tariffs:
            other = BillEngine(one, self.supply, self.grid, self.facts)
            mine = [_shape(line) for line in self.lines]
            theirs = [_shape(line) for line in other.lines]
            if mine != theirs:
                different = next((pair for pair in zip(mine, theirs, strict=False) if pair[0] != pair[1]), None)
                raise StructureDiffersError(
                    tariff_id=one.tariff_id,
                    base_id=self.tariff.tariff_id,
                    difference=f"{len(mine)} / {len(theirs)}"
                    if different is None
                    else f"{different[0]} / {different[1]}",
                )
            row = np.zeros(len(self.keys))
            for number, line in enumerate(other.lines):
                if self.key_of_line[number] >= 0:
                    row[self.key_of_line[number]] = float(line.unit_price)
            rows.append(row)
        return np.array(rows)


def _shape(line: Line) -> tuple[str, str, str]:
    return line.charge_id, line.label.en, line.unit


def _price_keys(
    found: Sequence[tuple[int, Line, str]], months: Sequence[date]
) -> tuple[tuple[PriceKey, ...], IntArray, FloatArray]:
    """Give each line its price's key: one for all months unless the price changes between them."""
    plain: dict[tuple[str, str, str, str], set[float]] = {}
    for _, line, tariff_id in found:
        plain.setdefault((*_shape(line), tariff_id), set()).add(float(line.unit_price))
    keys: dict[PriceKey, int] = {}
    of_line, prices = [], list[float]()
    for number, line, tariff_id in found:
        if line.rated is not None:
            of_line.append(-1)
            continue
        charge_id, label, unit = _shape(line)
        changes = len(plain[charge_id, label, unit, tariff_id]) > 1
        key = PriceKey(
            charge_id=charge_id,
            label=label,
            unit=unit,
            tariff_id=tariff_id,
            month=f"{months[number]:%Y-%m}" if changes else "",
        )
        if key not in keys:
            keys[key] = len(keys)
            prices.append(float(line.unit_price))
        of_line.append(keys[key])
    return tuple(keys), np.array(of_line, dtype=np.int64), np.array(prices)


class _Bulk:
    """All energies of a bill as one sparse matrix, all its plain peaks as one pass over sorted steps."""

    def __init__(self, lines: Sequence[Line], grid: TimeGrid) -> None:
        nodes = {id(node): node for line in lines for node in _nodes(line.priced()[1])}
        nodes |= {id(node): node for line in lines for node in _nodes(line.quantity)}
        self.energies = [node for node in nodes.values() if isinstance(node, Energy) and node.channel == "import"]
        self.peaks = [node for node in nodes.values() if isinstance(node, Peak) and _is_stepwise(node)]
        self.matrix = _energy_matrix(self.energies, grid)
        spans = [np.flatnonzero(one.windows.blocks != UNBLOCKED) + one.windows.first for one in self.peaks]
        self.filled = np.array([number for number, span in enumerate(spans) if span.size], dtype=np.int64)
        kept = [span for span in spans if span.size]
        self.steps = np.concatenate(kept) if kept else np.zeros(0, dtype=np.int64)
        self.starts = np.cumsum([0, *(span.size for span in kept)])[:-1] if kept else np.zeros(0, dtype=np.int64)
        self.givens = [node for node in nodes.values() if isinstance(node, Given)]
        self.given_values = np.array([node.value for node in self.givens])
        place = {id(node): number for number, node in enumerate([*self.energies, *self.peaks, *self.givens])}
        priced = [line.priced() for line in lines]
        self.all_leaves = all(id(quantity) in place for _, quantity in priced)
        self.leaf_places = np.array([place.get(id(quantity), 0) for _, quantity in priced], dtype=np.int64)
        self.leaf_prices = np.array([price for price, _ in priced])

    def values(self, rows_kw: FloatArray) -> FloatArray:
        """Give every energy and plain peak, shape (n_samples, n_nodes)."""
        n_energies, n_peaks = len(self.energies), len(self.peaks)
        found = np.zeros((rows_kw.shape[0], n_energies + n_peaks + len(self.givens)))
        found[:, :n_energies] = (self.matrix @ rows_kw.T).T
        found[:, n_energies + n_peaks :] = self.given_values
        if self.starts.size:
            highest = np.maximum.reduceat(rows_kw.take(self.steps, axis=1), self.starts, axis=1)
            found[:, n_energies + self.filled] = np.maximum(highest, 0.0)
        return found

    def leaf_values(self, load: BilledLoad) -> FloatArray:
        """Give every line's quantity where each is one energy or one plain peak, shape (n_samples, n_lines)."""
        return self.values(load.import_kw)[:, self.leaf_places]

    def measure(self, reading: Reading) -> None:
        """Tell a reading all energies and plain peaks at once; it knows its numbers itself."""
        found = self.values(reading.load.import_kw)
        nodes: list[Quantity] = [*self.energies, *self.peaks]
        for number, node in enumerate(nodes):
            reading.know(node, found[:, number])


def _is_stepwise(peak: Peak) -> bool:
    """Say whether a peak is the highest single step: no averaging, no sliding, no reactive power."""
    windows = peak.windows
    inside = windows.blocks[windows.blocks != UNBLOCKED]
    single = inside.size == 0 or bool((np.diff(inside) != 0).all())
    return peak.power == "kw" and peak.n_highest == 1 and not windows.width_steps and single


def _energy_matrix(energies: Sequence[Energy], grid: TimeGrid) -> sparse.csr_array:
    rows, columns, values = [], [], []
    for number, one in enumerate(energies):
        weights = np.ones(one.stop - one.first) if one.weights is None else np.asarray(one.weights)
        held = np.flatnonzero(weights)
        rows.append(np.full(held.size, number))
        columns.append(held + one.first)
        values.append(weights[held] * grid.step_h)
    if not energies:
        return sparse.csr_array((0, grid.n_steps))
    flat = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(flat, shape=(len(energies), grid.n_steps))
