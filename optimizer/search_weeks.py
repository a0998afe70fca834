r"""A bound week by week: what links the weeks is priced, each week is then branched on its own.

Whether a commitment is made moves little beyond its own week, yet a tree over all commitments of a month multiplies them:
five events are up to :math:`2^5` nodes of the whole, and ten of a week each. With the multipliers :math:`y` of a
relaxation on the rows that link weeks (the month's peaks, stores and batteries from one week to the next, tasks that may
run in either),

.. math:: c^\top x \ge y^\top b(y) + \sum_w \min_{x_w \in X_w} (c - A^\top y)_w^\top x_w
          + \sum_{j\ \text{in no week}} \min_{l_j \le x_j \le u_j} (c - A^\top y)_j x_j

for every :math:`x`; each minimum is bounded by its own coarse relaxation and tree.
"""

import time

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.formulation import Matrix
from optimizer.formulation.matrix import selected
from optimizer.search_branch import Tree
from optimizer.search_coarse import HOUR_ROWS, Coarse, Limits, Relaxed

WEEK_DAYS = 7
DAY_H = 24.0
LEAST_NNZ = 800_000
"""From so many non-zeros on weeks are bounded each on its own. [-]"""
STEP_ROWS = HOUR_ROWS | {
    "switches",
    "least_run",
    "least_pause",
    "least_rate_on",
    "most_rate_on",
    "rises",
    "falls",
}
"""Rows of one step; the last part of their index says which."""
SPREADS = 3
"""Over so many rows a column that is in no row of a step may lie from one that is. [-]"""
NOWHERE = -1
FAR = 1e12
"""So far above a week's bound no tree ends for being near enough. [currency]"""


class Weeks:
    """The weeks of one matrix."""

    def __init__(self, matrix: Matrix, *, n_steps: int, step_h: float, seed: int) -> None:
        self._matrix, self._step_h, self._seed = matrix, step_h, seed
        self.n_weeks = max(1, round(n_steps * step_h / DAY_H / WEEK_DAYS))
        rows = sparse.csr_array(matrix.a)
        pattern = sparse.csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), rows.shape)
        per_week = -(-n_steps // self.n_weeks)
        week_of_row = np.array([_step(name, index) for name, index in matrix.rows], dtype=np.int64)
        week_of_row = np.where(week_of_row >= 0, week_of_row // per_week, NOWHERE)
        self.week_of = self._columns_weeks(pattern, week_of_row)
        sizes = np.diff(rows.indptr)
        self._in_week = [(pattern @ (self.week_of == week).astype(np.float64)) == sizes for week in range(self.n_weeks)]

    def _columns_weeks(self, pattern: sparse.csr_array, week_of_row: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Give each column's week: its first row's; of those without such a row, the only week of their neighbours."""
        week_of = np.full(pattern.shape[1], NOWHERE, dtype=np.int64)
        for week in reversed(range(self.n_weeks)):
            week_of[(pattern.T @ (week_of_row == week).astype(np.float64)) > 0] = week
        for _ in range(SPREADS):
            near = np.array(
                [(pattern.T @ (pattern @ (week_of == week).astype(np.float64))) > 0 for week in range(self.n_weeks)]
            )
            only = (week_of == NOWHERE) & (near.sum(axis=0) == 1)
            week_of[only] = np.argmax(near, axis=0)[only]
        return week_of

    @property
    def is_outside(self) -> npt.NDArray[np.bool_]:
        """Which columns lie in no week."""
        return np.asarray(self.week_of == NOWHERE)

    def bound(self, relaxed: Relaxed, limits: Limits, left_s: float) -> float:
        """Give what no solution within limits costs less than, by the multipliers of a relaxation. [currency]."""
        stop = time.perf_counter() + left_s
        matrix = self._matrix
        least, most = np.array(matrix.column_least), np.array(matrix.column_most)
        for column, span in limits.items():
            least[column], most[column] = span
        links = ~np.logical_or.reduce(self._in_week)
        y = np.where(links, relaxed.multipliers, 0.0)
        y[(y > 0) & ~np.isfinite(matrix.row_least)] = 0.0
        y[(y < 0) & ~np.isfinite(matrix.row_most)] = 0.0
        cost = np.asarray(matrix.cost - matrix.a.T @ y, dtype=np.float64)
        sides = np.where(y > 0, matrix.row_least, np.where(y < 0, matrix.row_most, 0.0))
        alone = np.flatnonzero(self.week_of == NOWHERE)
        stands = np.where(cost > 0, least, np.where(cost < 0, most, 0.0))
        total = matrix.cost_offset + float(y @ sides) + float(cost[alone] @ stands[alone])
        for week, in_week in enumerate(self._in_week):
            numbers = np.flatnonzero(self.week_of == week)
            part = selected(matrix, numbers, in_week, cost=cost, least=least, most=most)
            total += self._raised(part, stop - time.perf_counter())
        return total

    def _raised(self, part: Matrix, left_s: float) -> float:
        """Bound one week, its own whole numbers branched; minus infinity where the clock was faster."""
        coarse = Coarse(part, step_h=self._step_h, seed=self._seed)
        root = coarse.solve({}, deadline_s=left_s)
        if root is None or not np.isfinite(root.bound):
            return -np.inf if root is None else root.bound
        tree = Tree(part, coarse, root)
        tree.raise_to(root.bound + FAR, 0.0, left_s=left_s - coarse.solve_s)
        return tree.bound


def _step(name: str, index: object) -> int:
    if name not in STEP_ROWS:
        return NOWHERE
    last = index[-1] if isinstance(index, tuple) else index
    return last if isinstance(last, int) else NOWHERE
