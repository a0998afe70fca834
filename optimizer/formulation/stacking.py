r"""One model of several courses of events: what is decided before they part is one column (N2)-(N4).

==========================  ==========================  ======  ================================================
symbol                      code                        unit    meaning
==========================  ==========================  ======  ================================================
:math:`x^s_j`               a column of course s        its     any variable of the model of course *s*
:math:`\tau(j)`             ``step_of``                 -       the step in which it is decided
:math:`H_s(t)`              ``StackPart.known_at``      -       calls that are known when step *t* begins
:math:`p_s`                 ``StackPart.probability``   -       probability of course *s*
:math:`C_e`                 ``promised_kw``             kW      commitment to event *e*, made before all calls
==========================  ==========================  ======  ================================================

- (N2) :math:`x^s_j = x^{s'}_j` wherever :math:`H_s(\tau(j)) = H_{s'}(\tau(j))`: nobody acts on a call before it is made.
  It is stated by giving both the same column, so it needs no row; rows that become equal are kept once.
- (N3) :math:`\sum_n c^s_{en} = C_e` for every course *s* in which *e* is called and may be called in others.
- (N4) :math:`\min \sum_s p_s (c_s^\top x^s + K_s)`.

Quantities of bills and settlements (peaks, excesses, commitments) rest on a whole course and have a column in each.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun
from optimizer.formulation import Matrix

WHOLE_COURSE = frozenset(
    {
        # demand charges, coupled cost
        "peak_kw", "excess_kw", "over", "direction", "total", "highest_kw", "attains", "above", "rung", "reached",
        "is_on", "counted", "cut_kw", "over_cut_kw",
        # events
        "settled", "committed_kw", "delivered_kw", "shortfall_kw", "idle_response_kw",
        # what a process owes at the end of a span
        "quota_shortfall",
    }
)  # fmt: skip
"""Variables that no single step decides."""
ColumnMap = npt.NDArray[np.int64]


@noun(eq=False)
class StackPart:
    """One course of events."""

    matrix: Matrix
    probability: float
    """[-]"""
    known_at: Callable[[int], Hashable]
    """What is known when a step begins."""
    promises: dict[str, str]
    """Events whose commitment other courses settle too, by event id: the promise."""


@noun(eq=False)
class Stack:
    """All courses in one matrix."""

    matrix: Matrix
    column_maps: tuple[ColumnMap, ...]
    """By course: where each column of its own matrix is."""
    n_shared: int
    """Columns that several courses share. [-]"""


def step_of(name: str, index: Any) -> int | None:
    """Give the step that decides a column: the last part of its index; None for what rests on a whole course."""
    if name in WHOLE_COURSE:
        return None
    last = index[-1] if isinstance(index, tuple) else index
    return int(last) if isinstance(last, int | np.integer) else None


def stack(parts: Sequence[StackPart]) -> Stack:
    """Put the courses of events together."""
    known: dict[Hashable, int] = {}
    maps: list[ColumnMap] = []
    for number, part in enumerate(parts):
        keys = [_column_key(number, part, name, index) for name, index in part.matrix.columns]
        maps.append(np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64))
    n_columns = len(known)
    columns = _Columns(n_columns)
    rows = _Rows()
    for number, (part, places) in enumerate(zip(parts, maps, strict=True)):
        columns.add(part, places, number)
        rows.add(part.matrix, places, number)
    promised = _tie_promises(parts, maps, rows, n_columns)
    columns.grow(promised)
    names = columns.names
    matrix = Matrix(
        cost=columns.cost,
        cost_offset=sum(part.probability * part.matrix.cost_offset for part in parts),
        a=rows.matrix(len(names)),
        row_least=np.array(rows.least, dtype=np.float64),
        row_most=np.array(rows.most, dtype=np.float64),
        column_least=columns.least,
        column_most=columns.most,
        is_integer=columns.is_integer,
        rows=tuple(rows.names),
        columns=tuple(names),
        column_of={key: number for number, key in enumerate(names)},
    )
    uses = np.bincount(np.concatenate(maps), minlength=n_columns)
    return Stack(matrix=matrix, column_maps=tuple(maps), n_shared=int((uses > 1).sum()))


def _column_key(number: int, part: StackPart, name: str, index: Any) -> Hashable:
    """Give what makes two courses' columns one (N2)."""
    step = step_of(name, index)
    return (name, index, "of", number) if step is None else (name, index, "knowing", part.known_at(step))


class _Columns:
    """Limits, costs and kinds of the columns."""

    def __init__(self, n: int) -> None:
        self.cost = np.zeros(n)
        self.least = np.full(n, -np.inf)
        self.most = np.full(n, np.inf)
        self.is_integer = np.zeros(n, dtype=bool)
        self.names: list[tuple[str, Any]] = [("", None)] * n

    def add(self, part: StackPart, places: ColumnMap, number: int) -> None:
        """Add a course (N4)."""
        self.cost[places] += part.probability * part.matrix.cost
        self.least[places] = np.maximum(self.least[places], part.matrix.column_least)
        self.most[places] = np.minimum(self.most[places], part.matrix.column_most)
        self.is_integer[places] |= part.matrix.is_integer
        for place, (name, index) in zip(places.tolist(), part.matrix.columns, strict=True):
            if not self.names[place][0]:
                self.names[place] = (name, (number, index))

    def grow(self, promised: list[str]) -> None:
        """Add the commitments that several courses settle."""
        n = len(promised)
        self.cost = np.concatenate([self.cost, np.zeros(n)])
        self.least = np.concatenate([self.least, np.zeros(n)])
        self.most = np.concatenate([self.most, np.full(n, np.inf)])
        self.is_integer = np.concatenate([self.is_integer, np.zeros(n, dtype=bool)])
        self.names += [("promised_kw", name) for name in promised]


class _Rows:
    """Rows, equal ones once."""

    def __init__(self) -> None:
        self.least: list[float] = []
        self.most: list[float] = []
        self.names: list[tuple[str, Any]] = []
        self._columns: list[npt.NDArray[np.int64]] = []
        self._values: list[FloatArray] = []
        self._seen: set[Hashable] = set()

    def add(self, matrix: Matrix, places: ColumnMap, number: int) -> None:
        """Add the rows of a course that no earlier course has in the same columns."""
        by_row = sparse.csr_array(matrix.a)
        for row, (name, index) in enumerate(matrix.rows):
            inside = slice(by_row.indptr[row], by_row.indptr[row + 1])
            columns, values = places[by_row.indices[inside]], by_row.data[inside]
            order = np.argsort(columns)
            columns, values = columns[order], np.asarray(values[order], dtype=np.float64)
            ends = (float(matrix.row_least[row]), float(matrix.row_most[row]))
            self.append((name, (number, index)), columns, values, ends)

    def append(
        self, name: tuple[str, Any], columns: npt.NDArray[np.int64], values: FloatArray, ends: tuple[float, float]
    ) -> None:
        """Add a row unless it is there."""
        key = (columns.tobytes(), values.tobytes(), ends)
        if key in self._seen:
            return
        self._seen.add(key)
        self.names.append(name)
        self.least.append(ends[0])
        self.most.append(ends[1])
        self._columns.append(columns)
        self._values.append(values)

    def matrix(self, n_columns: int) -> sparse.csc_array:
        """Give all rows."""
        lengths = [one.size for one in self._columns]
        starts = np.concatenate([[0], np.cumsum(lengths)]) if lengths else np.zeros(1)
        columns = np.concatenate(self._columns) if lengths else np.zeros(0, dtype=np.int64)
        values = np.concatenate(self._values) if lengths else np.zeros(0)
        shape = (len(lengths), n_columns)
        return sparse.csc_array(sparse.csr_array((values, columns, starts.astype(np.int64)), shape=shape))


def _tie_promises(parts: Sequence[StackPart], maps: list[ColumnMap], rows: _Rows, n_columns: int) -> list[str]:
    """State (N3) and give the promises that got a column."""
    promised: list[str] = []
    for number, (part, places) in enumerate(zip(parts, maps, strict=True)):
        found: dict[str, list[int]] = {}
        for (event_id, _), column in part.matrix.columns_of("committed_kw").items():
            if event_id in part.promises:
                found.setdefault(event_id, []).append(int(places[column]))
        for event_id, columns in found.items():
            promise = part.promises[event_id]
            if promise not in promised:
                promised.append(promise)
            tied = np.array(sorted([*columns, n_columns + promised.index(promise)]), dtype=np.int64)
            values = np.where(tied == n_columns + promised.index(promise), -1.0, 1.0)
            rows.append(("promise_kept", (number, event_id)), tied, values, (0.0, 0.0))
    return promised
