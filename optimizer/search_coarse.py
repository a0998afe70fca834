r"""A coarse relaxation of the whole model, and a bound of the model itself from its duals.

Rows of neighbouring steps are added up (power, peaks, machines, stores, batteries by the hour; processes stay as they
are) and only every n-th start of a run is kept. Adding up rows relaxes them. With the multipliers :math:`y` that the
coarse rows give the rows added up in them,

.. math:: c^\top x \ge y^\top b(y) + \sum_j \min_{l_j \le x_j \le u_j} (c - A^\top y)_j x_j

holds for every :math:`x` of the model, whatever :math:`y`; :math:`b(y)` is the row limit on the side of the sign. So the
starts left out are priced out without a row more: where that costs much of the bound, those with a negative reduced cost
are taken in and the relaxation is solved again. Measured: without loss against the linear relaxation of the whole, at a
tenth to a fiftieth of its time (``docs/benchmarks-oracle.md``).
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import compress

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun
from optimizer.formulation import Matrix
from optimizer.formulation.starts import IntArray
from optimizer.solver import Found, OptionValue, Solver, SolverRefusedError

HOUR_ROWS = frozenset({"machine_capacity", "store_balance", "soc_balance", "power_balance", "utility_covers"})
"""Rows of these equations are added up by the hour; the last part of their index is the step."""
WHOLE_NNZ = 40_000
"""Up to so many non-zeros the linear relaxation of the whole is solved as it is. [-]"""
FINE_NNZ = 150_000
"""Up to so many non-zeros machines keep their steps: where they are busy, hours lose 0.3 % of the bound. [-]"""
THIN_NNZ = 200_000
"""Up to so many non-zeros every start is kept. [-]"""
BLOCK_ROWS = frozenset({"peak_covers_block", "highest_covers"})
"""So are these, by the hour of their first import step."""
COUNT_ROW = "all_runs_start"
LARGE_NNZ = 150_000
"""From so many non-zeros on an interior point is faster than the simplex method. [-]"""
INTERIOR: dict[str, OptionValue] = {"solver": "ipm", "run_crossover": "off"}
SIMPLEX: dict[str, OptionValue] = {"solver": "simplex"}
LOST_SHARE = 1e-3
"""Part of the bound that starts left out may cost before they are taken in. [-]"""
MOST_ROUNDS = 1
"""How often starts are taken in. [-]"""

DUAL_TOLERANCE = 1e-7
"""HiGHS' tolerance of reduced costs. [currency / unit]"""

Limits = Mapping[int, tuple[float, float]]
"""Limits of some columns that are narrower than the matrix'."""


@noun(eq=False)
class Relaxed:
    """What a relaxation says: no solution within its limits costs less than ``bound``."""

    bound: float
    """[currency]; infinite where there is no solution."""
    values: FloatArray
    """Of every column of the matrix; starts left out stand at 0."""
    multipliers: FloatArray
    """Of every row of the matrix. [currency / unit of the row]"""


class Coarse:
    """The coarse relaxation of one matrix on its own live solver."""

    def __init__(self, matrix: Matrix, *, step_h: float, seed: int, near: Iterable[int] = ()) -> None:
        self.matrix = matrix
        self.n_per_hour = max(1, round(1.0 / step_h)) if matrix.a.nnz > WHOLE_NNZ else 1
        self.solve_s = 0.0
        self._seed = seed
        fine = {"machine_capacity"} if matrix.a.nnz <= FINE_NNZ else set()
        self._sums = sums_by_hour(matrix, self.n_per_hour, HOUR_ROWS - fine)
        self._is_run = np.array([name == "run_count" for name, _ in matrix.columns], dtype=bool)
        self._count_rows = _count_rows(matrix)
        self._kept = self._thinned(near)
        self._solver: Solver | None = None
        self._free = np.zeros(0, dtype=np.int64)
        self._narrowed: set[int] = set()

    def _thinned(self, near: Iterable[int]) -> npt.NDArray[np.bool_]:
        kept = ~self._is_run
        if self.n_per_hour > 1 and self.matrix.a.nnz > THIN_NNZ:
            first: dict[str, int] = {}
            for number in np.flatnonzero(self._is_run).tolist():
                way_id, step = self.matrix.columns[number][1]
                kept[number] = step % self.n_per_hour == 0
                first.setdefault(way_id, number)
            kept[list(first.values())] = True  # a way always keeps a start
            kept[self.matrix.column_least > 0] = True
            kept[list(near)] = True
        else:
            kept[:] = True
        return kept

    def solve(self, limits: Limits, *, deadline_s: float) -> Relaxed | None:
        """Bound the matrix within narrower limits; None: the clock was faster."""
        stop = time.perf_counter() + deadline_s
        for round_ in range(MOST_ROUNDS + 1):
            found = self._run(limits, deadline_s=max(0.0, stop - time.perf_counter()))
            if found is None:
                return self._nothing(-np.inf)
            if found.status == "infeasible":
                if self._kept.all():
                    return self._nothing(np.inf)
                self._take_in(~self._kept)
                continue
            if found.status != "optimal" or found.values is None or self._solver is None:
                return None
            values = np.zeros(self.matrix.cost.size)
            values[self._free] = found.values
            multipliers = np.asarray(self._sums.T @ self._solver.row_duals())
            bound = self._priced(multipliers, limits)
            lost = found.objective - bound
            # by the relaxation's own multipliers: in the bound the cheapest start of each task costs nothing
            missing = ~self._kept & (self.matrix.cost - self.matrix.a.T @ multipliers < 0)
            few = lost <= LOST_SHARE * abs(found.objective - self.matrix.cost_offset)
            if few or not missing.any() or round_ == MOST_ROUNDS:
                return Relaxed(bound=bound, values=values, multipliers=multipliers)
            self._take_in(missing)
        return None

    def _nothing(self, bound: float) -> Relaxed:
        """Say only a bound: infinite where there is no solution, minus that where the solver could not say."""
        return Relaxed(
            bound=bound, values=np.zeros(self.matrix.cost.size), multipliers=np.zeros(self.matrix.row_least.size)
        )

    def _run(self, limits: Limits, *, deadline_s: float) -> Found | None:
        if self._solver is None:
            self._state()
        assert self._solver is not None  # noqa: S101 -- just stated
        place = {int(column): number for number, column in enumerate(self._free)} if limits or self._narrowed else {}
        back = self._narrowed - set(limits)
        changed = {column: (self.matrix.column_least[column], self.matrix.column_most[column]) for column in back}
        changed |= dict(limits)
        there = {place[column]: span for column, span in changed.items() if column in place}
        self._solver.set_limits(there, (one[0] for one in there.values()), (one[1] for one in there.values()))
        self._narrowed = set(limits)
        try:
            found = self._solver.run(deadline_s=deadline_s, gap_share=0.0)
        except SolverRefusedError:
            # an interior point that ends with neither an optimum nor a proof: the simplex method has to say
            self._solver.set_options(SIMPLEX)
            try:
                found = self._solver.run(deadline_s=deadline_s, gap_share=0.0)
            except SolverRefusedError:
                return None
        self.solve_s += found.solve_s
        return found

    def _state(self) -> None:
        matrix, self._free = self.matrix, np.flatnonzero(self._kept)
        whole = added_up(matrix, self._sums, self._kept)
        part = replace(whole, is_integer=np.zeros(self._free.size, dtype=bool))
        way = INTERIOR if part.a.nnz > LARGE_NNZ else SIMPLEX
        self._solver = Solver(part, seed=self._seed, n_threads=1, options=way)
        self._narrowed = set()

    def _take_in(self, more: npt.NDArray[np.bool_]) -> None:
        self._kept = self._kept | more
        self._solver = None

    def _priced(self, multipliers: FloatArray, limits: Limits) -> float:
        """Give the bound that row multipliers prove within limits. [currency]."""
        matrix = self.matrix
        least, most = np.array(matrix.column_least), np.array(matrix.column_most)
        for column, span in limits.items():
            least[column], most[column] = span
        return lagrangian_bound(matrix, multipliers, least, most, self._count_rows)[0]


def lagrangian_bound(
    matrix: Matrix,
    multipliers: FloatArray,
    least: FloatArray,
    most: FloatArray,
    count_rows: Mapping[int, IntArray],
) -> tuple[float, FloatArray]:
    """Give the least that any solution can cost by row multipliers, and the columns' reduced costs.

    The multipliers of rows that count a task's runs are first chosen anew, each the best for its row: the reduced cost
    of the start that fills the count when the cheapest go first. A multiplier whose row has no limit on that side is
    taken as 0.
    """
    y = np.array(multipliers)
    y[list(count_rows)] = 0.0
    y[(y > 0) & ~np.isfinite(matrix.row_least)] = 0.0
    y[(y < 0) & ~np.isfinite(matrix.row_most)] = 0.0
    reduced = np.asarray(matrix.cost - matrix.a.T @ y, dtype=np.float64)
    for row, columns in count_rows.items():
        order = columns[np.argsort(reduced[columns], kind="stable")]
        filled = np.flatnonzero(np.cumsum(most[order]) >= matrix.row_least[row] - 1e-9)
        if filled.size:
            y[row] = reduced[order[filled[0]]]
            reduced[columns] -= y[row]
    # a column without a limit on its cheap side, at no more than the solver's tolerance
    endless = ~np.isfinite(np.where(reduced > 0, least, most)) & (np.abs(reduced) <= DUAL_TOLERANCE)
    reduced = np.where(endless, 0.0, reduced)
    sides = np.where(y > 0, matrix.row_least, np.where(y < 0, matrix.row_most, 0.0))
    stands = np.where(reduced > 0, least, np.where(reduced < 0, most, 0.0))
    return matrix.cost_offset + float(y @ sides) + float(reduced @ stands), reduced


def added_up(matrix: Matrix, sums: sparse.csr_array, kept: npt.NDArray[np.bool_]) -> Matrix:
    """Give a matrix of some of the columns in which rows are added up."""
    free = np.flatnonzero(kept)
    a = sparse.csc_array(sums @ matrix.a[:, free])
    a.eliminate_zeros()
    columns = tuple(compress(matrix.columns, kept.tolist()))
    return Matrix(
        cost=matrix.cost[free],
        cost_offset=matrix.cost_offset,
        a=a,
        row_least=_added(sums, matrix.row_least),
        row_most=_added(sums, matrix.row_most),
        column_least=matrix.column_least[free],
        column_most=matrix.column_most[free],
        is_integer=matrix.is_integer[free],
        rows=tuple(("added_up", number) for number in range(sums.shape[0])),
        columns=columns,
        column_of=dict(zip(columns, range(len(columns)), strict=True)),
    )


def _count_rows(matrix: Matrix) -> dict[int, IntArray]:
    """Give the columns of each row that counts a task's runs exactly."""
    numbers = [
        number
        for number, (name, _) in enumerate(matrix.rows)
        if name == COUNT_ROW and matrix.row_least[number] == matrix.row_most[number]
    ]
    part = sparse.csr_array(sparse.csr_array(matrix.a)[numbers])
    found = {}
    for place, number in enumerate(numbers):
        span = slice(part.indptr[place], part.indptr[place + 1])
        if (part.data[span] == 1.0).all():
            found[number] = np.asarray(part.indices[span], dtype=np.int64)
    return found


def sums_by_hour(matrix: Matrix, n_per_hour: int, names: frozenset[str] = HOUR_ROWS) -> sparse.csr_array:
    """Give the matrix that adds up rows, shape (n_coarse, n_rows)."""
    n_rows = len(matrix.rows)
    first_step = _first_import(matrix) if n_per_hour > 1 else {}
    groups: dict[object, int] = {}
    place = np.empty(n_rows, dtype=np.int64)
    for number, (name, index) in enumerate(matrix.rows):
        key: object = (name, index)
        if n_per_hour > 1 and name in names:
            parts = index if isinstance(index, tuple) else (index,)
            key = (name, parts[:-1], parts[-1] // n_per_hour)
        elif n_per_hour > 1 and name in BLOCK_ROWS and number in first_step:
            key = (name, index[0], first_step[number] // n_per_hour)
        place[number] = groups.setdefault(key, len(groups))
    return sparse.csr_array((np.ones(n_rows), (place, np.arange(n_rows))), shape=(len(groups), n_rows))


def _first_import(matrix: Matrix) -> dict[int, int]:
    """Give the first import step that each block's row looks at."""
    numbers = np.array([number for number, (name, _) in enumerate(matrix.rows) if name in BLOCK_ROWS], dtype=np.int64)
    step_of = np.full(len(matrix.columns), -1, dtype=np.int64)
    for t, column in matrix.columns_of("import_kw").items():
        step_of[column] = t
    part = sparse.csr_array(sparse.csr_array(matrix.a)[numbers])
    found = {}
    for place, number in enumerate(numbers.tolist()):
        steps = step_of[part.indices[part.indptr[place] : part.indptr[place + 1]]]
        if (steps >= 0).any():
            found[number] = int(steps[steps >= 0].min())
    return found


def _added(sums: sparse.csr_array, limits: FloatArray) -> FloatArray:
    """Add up row limits; infinite where any is."""
    finite = np.isfinite(limits)
    total = np.asarray(sums @ np.where(finite, limits, 0.0), dtype=np.float64)
    endless = (sums @ (~finite).astype(np.float64)) > 0
    side = np.inf if (limits[~finite] > 0).any() else -np.inf
    return np.where(endless, side, total)
