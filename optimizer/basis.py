"""The basis of a linear program that goes on in another one: of the part both share, and of what followed it by name."""

import highspy
import numpy as np

from domain.checks import FloatArray
from optimizer.formulation import Matrix
from optimizer.formulation.matrix import ColumnKey

_Status = highspy.HighsBasisStatus


class Basis:
    """Which columns and rows are basic: in order those of the part that stays, by name those that followed it."""

    def __init__(self, columns: list[_Status], rows: list[_Status], cost: FloatArray) -> None:
        self.columns = columns
        self.rows = rows
        self.cost = cost
        self.by_column: dict[ColumnKey, _Status] = {}
        self.by_row: dict[ColumnKey, _Status] = {}

    def cut(self, matrix: Matrix, n_rows: int, n_columns: int) -> None:
        """Keep the first rows and columns in order, the others of the matrix by name."""
        if len(self.columns) > n_columns or len(self.rows) > n_rows:
            self.by_column = dict(zip(matrix.columns[n_columns:], self.columns[n_columns:], strict=True))
            self.by_row = dict(zip(matrix.rows[n_rows:], self.rows[n_rows:], strict=True))
            del self.columns[n_columns:], self.rows[n_rows:]

    def grown(self, matrix: Matrix) -> highspy.HighsBasis:
        """Give it for a matrix that goes on otherwise: rows that are new are basic, columns at a limit.

        Where what stays is priced otherwise, all that follows counts as new: half of an old basis there costs the
        simplex method more steps than none.
        """
        n_columns, n_rows = len(self.columns), len(self.rows)
        is_known = np.array_equal(matrix.cost[:n_columns], self.cost[:n_columns])
        by_column, by_row = (self.by_column, self.by_row) if is_known else ({}, {})
        least = np.isfinite(matrix.column_least[n_columns:]).tolist()
        grown = highspy.HighsBasis()
        grown.col_status = [
            *self.columns,
            *(
                by_column.get(key, _Status.kLower if is_limited else _Status.kUpper)
                for key, is_limited in zip(matrix.columns[n_columns:], least, strict=True)
            ),
        ]
        grown.row_status = [*self.rows, *(by_row.get(key, _Status.kBasic) for key in matrix.rows[n_rows:])]
        grown.valid = True
        # HiGHS then makes a basis of what may be none: columns that stood in it can be gone
        grown.alien = True
        return grown
