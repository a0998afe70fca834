"""Limits of columns under assumptions: fix, propagate through the rows, take back.

Everything is done for many rows at a time: each round looks at the rows that the last changes touched, keeps those that
could narrow a column, and narrows all of them at once. Only columns given as ``watched`` are narrowed; the others stand
for all they could be, so that a conflict found is one, while not every conflict is found.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.checks import FloatArray
from optimizer.formulation import Matrix
from optimizer.formulation.starts import IntArray

SLACK = 1e-6
"""How far a row may be broken by rounding, per unit of its greatest coefficient. [-]"""
MOST_ROUNDS = 60
"""After so many rounds of one assumption the rest is left to the solver. [-]"""


class Domains:
    """Column limits of a matrix that assumptions narrow."""

    def __init__(self, matrix: Matrix, watched: npt.NDArray[np.bool_]) -> None:
        self.least = np.array(matrix.column_least)
        self.most = np.array(matrix.column_most)
        rows = sparse.csr_array(matrix.a)
        kept = _useful_rows(rows, watched, np.isfinite(self.least) & np.isfinite(self.most))
        self._rows = sparse.csr_array(rows[kept])
        self._columns = sparse.csc_array(self._rows)
        self._row_least, self._row_most = matrix.row_least[kept], matrix.row_most[kept]
        scale = np.maximum(1.0, np.asarray(abs(self._rows).max(axis=1).todense()).ravel())
        self._slack = SLACK * scale
        self._watched = watched
        self._is_integer = matrix.is_integer
        self._trail: list[tuple[IntArray, FloatArray, FloatArray]] = []
        up, down = self._rows.maximum(0.0), self._rows.minimum(0.0)
        self._low = np.asarray(up @ self.least + down @ self.most)
        self._high = np.asarray(up @ self.most + down @ self.least)

    @property
    def depth(self) -> int:
        """How many changes could be taken back."""
        return len(self._trail)

    def fix(self, column: int, value: float) -> bool:
        """Assume a value and what follows; False: that contradicts the rest (take it back then)."""
        if not self.least[column] - SLACK <= value <= self.most[column] + SLACK:
            return False
        one = np.array([column])
        touched = self._narrow(one, np.array([value]), np.array([value]))
        return self._spread(touched)

    def spread_all(self) -> bool:
        """Propagate every row once from the start."""
        return self._spread(np.arange(self._rows.shape[0]))

    def back_to(self, depth: int) -> None:
        """Take back all changes after a depth."""
        while len(self._trail) > depth:
            columns, least, most = self._trail.pop()
            self._shift(columns, least - self.least[columns], most - self.most[columns])
            self.least[columns], self.most[columns] = least, most

    def _narrow(self, columns: IntArray, least: FloatArray, most: FloatArray) -> IntArray:
        """Set limits, keep activities, remember the old ones; give the rows touched."""
        self._trail.append((columns, self.least[columns], self.most[columns]))
        touched = self._shift(columns, least - self.least[columns], most - self.most[columns])
        self.least[columns], self.most[columns] = least, most
        return touched

    def _shift(self, columns: IntArray, by_least: FloatArray, by_most: FloatArray) -> IntArray:
        rows, values, owner = _entries(self._columns, columns)
        positive = values > 0
        np.add.at(self._low, rows, values * np.where(positive, by_least[owner], by_most[owner]))
        np.add.at(self._high, rows, values * np.where(positive, by_most[owner], by_least[owner]))
        return np.unique(rows)

    def _spread(self, rows: IntArray) -> bool:
        for _ in range(MOST_ROUNDS):
            if not rows.size:
                return True
            slack = self._slack[rows]
            if (self._low[rows] > self._row_most[rows] + slack).any():
                return False
            if (self._high[rows] < self._row_least[rows] - slack).any():
                return False
            found = self._tightened(rows)
            if found is None:
                return True
            columns, least, most = found
            if (least > most + SLACK).any():
                return False
            rows = self._narrow(columns, np.minimum(least, most), most)
        return True

    def _tightened(self, rows: IntArray) -> tuple[IntArray, FloatArray, FloatArray] | None:
        """Give the watched columns that these rows narrow, with their new limits; None: none."""
        above = self._row_most[rows] - self._low[rows]
        below = self._high[rows] - self._row_least[rows]
        columns, values, owner = _entries(self._rows, rows)
        span = self.most[columns] - self.least[columns]
        reach = np.abs(values) * span
        room = np.minimum(above, below)[owner]
        could = self._watched[columns] & (span > SLACK) & (reach > room + self._slack[rows][owner])
        if not could.any():
            return None
        columns, values, owner = columns[could], values[could], owner[could]
        size, positive = np.abs(values), values > 0
        up, down = above[owner] / size, below[owner] / size
        least, most = self.least[columns], self.most[columns]
        # a column may lie no further from its cheap end than the row has room
        new_most = np.minimum(most, least + np.where(positive, up, down))
        new_least = np.maximum(least, most - np.where(positive, down, up))
        whole = self._is_integer[columns]
        new_most = np.where(whole, np.floor(new_most + 1e-5), new_most)
        new_least = np.where(whole, np.ceil(new_least - 1e-5), new_least)
        moved = (new_most < most - 1e-4) | (new_least > least + 1e-4)
        if not moved.any():
            return None
        columns, new_least, new_most = columns[moved], new_least[moved], new_most[moved]
        each, place = np.unique(columns, return_inverse=True)
        least, most = self.least[each], self.most[each]
        np.maximum.at(least, place, new_least)
        np.minimum.at(most, place, new_most)
        return each, least, most


def _useful_rows(
    rows: sparse.csr_array, watched: npt.NDArray[np.bool_], finite: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Give the rows that watched columns enter and whose activity has limits."""
    pattern = sparse.csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), shape=rows.shape)
    with_watched = (pattern @ watched.astype(np.float64)) > 0
    endless = (pattern @ (~finite).astype(np.float64)) > 0
    return np.flatnonzero(with_watched & ~endless)


def _entries(matrix: sparse.csr_array | sparse.csc_array, lines: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
    """Give the entries of some lines of a compressed matrix: where, how much, and of which of the lines."""
    starts, sizes = matrix.indptr[lines], matrix.indptr[lines + 1] - matrix.indptr[lines]
    owner = np.repeat(np.arange(lines.size), sizes)
    offset = np.arange(owner.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = starts[owner] + offset
    return matrix.indices[place], matrix.data[place], owner
