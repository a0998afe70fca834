"""Everything else around given runs: processes by the hour, then all that is continuous, exactly.

Given the runs, few whole numbers are left: when processes are on, what the tariff and the events ask. They are decided on
the model with power and batteries added up by the hour, processes switching on the hour where that is possible; the
linear program that is left of the model itself is then solved exactly. Where the hour was too coarse, the next wider
program is asked, last the model itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets, restricted
from optimizer.formulation.starts import RunStart
from optimizer.search_coarse import Limits, added_up, sums_by_hour
from optimizer.solver import Found

POWER_ROWS = frozenset({"power_balance", "soc_balance"})
SWITCHES = ("process_start", "process_stop")
TOLERANCE = 1e-6
"""How far a row may be broken by rounding. [-]"""
STEADY = frozenset({"process_on", "process_rate"})
"""What stays the same within an hour."""

Ask = Callable[[Matrix, float], Found]
"""Searches a matrix to a relative gap, within the time that the caller has."""


class Rest:
    """Completes given runs on one matrix."""

    def __init__(self, sets: PlanSets, matrix: Matrix, ask: Ask) -> None:
        self.matrix = matrix
        self._ask = ask
        self._n_per_hour = max(1, round(1.0 / sets.problem.horizon.step_h))
        self._run_columns = matrix.columns_of("run_count")
        self._is_run = np.zeros(len(matrix.columns), dtype=bool)
        self._is_run[list(self._run_columns.values())] = True
        rows = sparse.csr_array(matrix.a)
        pattern = sparse.csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), shape=rows.shape)
        only_runs = np.flatnonzero((pattern @ (~self._is_run).astype(np.float64)) == 0)
        self._run_rows = rows[only_runs]
        self._run_least, self._run_most = matrix.row_least[only_runs], matrix.row_most[only_runs]
        self._has_processes = bool(matrix.columns_of("process_on"))

    def complete(self, counts: Mapping[RunStart, int], limits: Limits, gap_share: float) -> FloatArray | None:
        """Give the model's columns around given runs; None: nothing found."""
        held = np.zeros(len(self.matrix.columns))
        columns = list(self._run_columns.values())
        held[columns] = [float(counts.get(key, 0)) for key in self._run_columns]
        outside = (held < self.matrix.column_least - 1e-9) | (held > self.matrix.column_most + 1e-9)
        if outside[columns].any() or self._break_rows(held):
            return None  # a standing plan or a wish leaves no room for these runs, or they leave none for one another
        for program in self._programs(limits):
            matrix = program.matrix
            is_run = np.array([name == "run_count" for name, _ in matrix.columns], dtype=bool)
            runs = np.zeros(is_run.size)
            runs[is_run] = held[self._is_run]
            found = self._ask(restricted(matrix, is_run, runs), gap_share)
            if found.values is None:
                continue
            runs[~is_run] = found.values
            values = runs if program.spread is None else np.asarray(program.spread @ runs)
            exact = self.settled(values) if program.is_coarse else values
            if exact is not None:
                return exact
        return None

    def _break_rows(self, held: FloatArray) -> bool:
        """Say whether runs break a row that nothing but runs enters; the programs here drop those."""
        activity = self._run_rows @ held
        return bool((activity < self._run_least - TOLERANCE).any() or (activity > self._run_most + TOLERANCE).any())

    def settled(self, values: FloatArray) -> FloatArray | None:
        """Give the exact continuous optimum around a solution's integers."""
        whole = self.matrix.is_integer
        found = self._ask(restricted(self.matrix, whole, np.where(whole, np.round(values), 0.0)), 0.0)
        if found.values is None:
            return None
        exact = np.where(whole, np.round(values), 0.0)
        exact[~whole] = found.values
        return exact

    def _programs(self, limits: Limits) -> Iterator["_Program"]:
        """Give the programs to ask, each wider than the one before."""
        if self._has_processes and self._n_per_hour > 1:
            hourly, spread = self._by_the_hour
            place = {int(column): int(spread.indices[spread.indptr[column]]) for column in limits}
            narrowed = _limited(hourly, {place[column]: span for column, span in limits.items()})
            yield _Program(matrix=narrowed, spread=spread, is_coarse=True)
            yield _Program(matrix=self.hourly, spread=None, is_coarse=True)
        yield _Program(matrix=_limited(self.matrix, limits), spread=None, is_coarse=False)
        if limits:
            yield _Program(matrix=self.matrix, spread=None, is_coarse=False)

    @cached_property
    def hourly(self) -> Matrix:
        """The matrix with power and batteries added up by the hour."""
        sums = sums_by_hour(self.matrix, self._n_per_hour, POWER_ROWS)
        return added_up(self.matrix, sums, np.ones(len(self.matrix.columns), dtype=bool))

    @cached_property
    def _by_the_hour(self) -> tuple[Matrix, sparse.csr_array]:
        """Give the hourly matrix in which processes change by the hour only, and what spreads its columns again."""
        hourly = self.hourly
        groups: dict[object, list[int]] = {}
        for number, (name, index) in enumerate(hourly.columns):
            key = (name, index[0], index[1] // self._n_per_hour) if name in STEADY else number
            groups.setdefault(key, []).append(number)
        least = np.array([hourly.column_least[members].max() for members in groups.values()])
        most = np.array([hourly.column_most[members].min() for members in groups.values()])
        first = np.array([members[0] for members in groups.values()], dtype=np.int64)
        place = np.empty(len(hourly.columns), dtype=np.int64)
        for group, members in enumerate(groups.values()):
            place[members] = group
        spread = sparse.csr_array(
            (np.ones(place.size), (np.arange(place.size), place)), shape=(place.size, len(groups))
        )
        columns = tuple(hourly.columns[number] for number in first.tolist())
        off = np.array([name in SWITCHES and index[1] % self._n_per_hour != 0 for name, index in columns], dtype=bool)
        merged = replace(
            hourly,
            cost=np.asarray(hourly.cost @ spread),
            a=sparse.csc_array(hourly.a @ spread),
            column_least=least,
            column_most=np.where(off, np.maximum(least, 0.0), most),
            is_integer=hourly.is_integer[first],
            columns=columns,
            column_of=dict(zip(columns, range(len(columns)), strict=True)),
        )
        return merged, spread


@dataclass(frozen=True)
class _Program:
    """A restriction of the model, or a coarser one, to ask."""

    matrix: Matrix
    spread: sparse.csr_array | None
    """What makes the model's columns of the program's; None: they are the same."""
    is_coarse: bool
    """Whether the model itself has to be asked for what is continuous."""


def _limited(matrix: Matrix, limits: Limits) -> Matrix:
    least, most = np.array(matrix.column_least), np.array(matrix.column_most)
    for column, span in limits.items():
        least[column], most[column] = span
    return replace(matrix, column_least=least, column_most=most)
