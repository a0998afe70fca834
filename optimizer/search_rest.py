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
from optimizer.search_steady import steadied
from optimizer.solver import Found

POWER_ROWS = frozenset({"power_balance", "soc_balance"})
TOLERANCE = 1e-6
"""How far a row may be broken by rounding. [-]"""

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

    def around(
        self, counts: Mapping[RunStart, int], switches: Limits, limits: Limits, gap_share: float
    ) -> FloatArray | None:
        """Give the model's columns around given runs and switches of processes; None: nothing found."""
        held = np.zeros(len(self.matrix.columns))
        columns = list(self._run_columns.values())
        held[columns] = [float(counts.get(key, 0)) for key in self._run_columns]
        if self._break_rows(held):
            return None
        is_held = np.array(self._is_run)
        for column, (value, _) in switches.items():
            held[column], is_held[column] = value, True
        outside = (held < self.matrix.column_least - 1e-9) | (held > self.matrix.column_most + 1e-9)
        if outside[is_held].any():
            return None
        found = self._ask(restricted(_limited(self.matrix, limits), is_held, held), gap_share)
        if found.values is None:
            return None
        held[~is_held] = found.values
        return held

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
        return steadied(self.hourly, self._n_per_hour)


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
