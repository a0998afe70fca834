"""A mixed-integer linear program as arrays, its rows and columns named; parts of it, and two parts as one."""

from dataclasses import field
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun

ColumnKey = tuple[str, Any]
"""A variable's name and its index; so for rows with the equation's name."""


@noun(eq=False)
class Matrix:
    """A mixed-integer linear program: minimise cost·x + offset, row limits on A·x, column limits on x.

    ``rows`` and ``columns`` name what each row and column of the arrays stands for.
    """

    cost: FloatArray
    cost_offset: float
    a: sparse.csc_array
    row_least: FloatArray
    row_most: FloatArray
    column_least: FloatArray
    column_most: FloatArray
    is_integer: npt.NDArray[np.bool_]
    rows: tuple[ColumnKey, ...]
    columns: tuple[ColumnKey, ...]
    column_of: dict[ColumnKey, int]
    by_name: dict[str, dict[Any, int]] = field(init=False, repr=False, default_factory=dict)
    """The same by variable, filled when first asked for."""

    def columns_of(self, name: str) -> dict[Any, int]:
        """Give the columns of one variable by its index; not to be changed."""
        if not self.by_name:
            for (variable, index), number in self.column_of.items():
                self.by_name.setdefault(variable, {})[index] = number
        return self.by_name.get(name, {})


def restricted(matrix: Matrix, is_held: npt.NDArray[np.bool_], values: FloatArray) -> Matrix:
    """Give the smaller matrix that is left when some columns are held at their values.

    Rows that no free column enters are dropped: the values are taken to satisfy them.
    """
    free = ~is_held
    part = sparse.csr_array(matrix.a[:, np.flatnonzero(free)])
    held = np.where(is_held, values, 0.0)
    given = matrix.a @ held
    is_kept = np.diff(part.indptr) > 0
    columns = tuple(compress(matrix.columns, free.tolist()))
    return Matrix(
        cost=matrix.cost[free],
        cost_offset=matrix.cost_offset + float(matrix.cost @ held),
        a=sparse.csc_array(part[np.flatnonzero(is_kept)]),
        row_least=matrix.row_least[is_kept] - given[is_kept],
        row_most=matrix.row_most[is_kept] - given[is_kept],
        column_least=matrix.column_least[free],
        column_most=matrix.column_most[free],
        is_integer=matrix.is_integer[free],
        rows=tuple(compress(matrix.rows, is_kept.tolist())),
        columns=columns,
        column_of=numbered(columns),
    )


def selected(
    matrix: Matrix,
    numbers: npt.NDArray[np.int64],
    in_rows: npt.NDArray[np.bool_] | None = None,
    *,
    cost: FloatArray | None = None,
    least: FloatArray | None = None,
    most: FloatArray | None = None,
) -> Matrix:
    """Give the program of some columns and rows.

    Parameters
    ----------
    matrix : Matrix
        Shape (n_rows, n_columns).
    numbers : IntArray
        The columns, ascending.
    in_rows : BoolArray, optional
        Which rows; all if not given. Shape (n_rows,).
    cost, least, most : FloatArray, optional
        Other costs and limits of all columns, shape (n_columns,). Columns that cost otherwise have no offset beside them.
    """
    rows = np.ones(len(matrix.rows), dtype=bool) if in_rows is None else in_rows
    columns = tuple(matrix.columns[number] for number in numbers.tolist())
    return Matrix(
        cost=(matrix.cost if cost is None else cost)[numbers],
        cost_offset=matrix.cost_offset if cost is None else 0.0,
        a=sparse.csc_array(sparse.csr_array(matrix.a[:, numbers])[np.flatnonzero(rows)]),
        row_least=matrix.row_least[rows],
        row_most=matrix.row_most[rows],
        column_least=(matrix.column_least if least is None else least)[numbers],
        column_most=(matrix.column_most if most is None else most)[numbers],
        is_integer=matrix.is_integer[numbers],
        rows=tuple(compress(matrix.rows, rows.tolist())),
        columns=columns,
        column_of=numbered(columns),
    )


def numbered(keys: tuple[ColumnKey, ...]) -> dict[ColumnKey, int]:
    """Give each key its place."""
    return dict(zip(keys, range(len(keys)), strict=True))
