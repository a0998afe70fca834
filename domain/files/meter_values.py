"""Value cells of one quantity to numbers, with findings for what is none."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.files.meter_errors import MeterTooManyUnreadableError
from domain.files.meter_findings import TOO_WIDE_ROWS, UNREADABLE_CELLS, cell_shown, rows_shown
from domain.files.meter_numbers import decide_decimal_comma, read_numbers
from domain.files.meter_options import MeterReadOptions, ReadingLog
from domain.files.meter_stamps import IntArray
from domain.files.meter_table import Cell, Table, is_blank
from domain.text import Text

MOST_UNREADABLE = 0.2
VALUES = Text(en="values", zh="数值")
STAMPS = Text(en="stamps", zh="时标")


def values_of(
    cells: Sequence[Cell],
    rows: IntArray,
    column: str | Sequence[str],
    *,
    table: Table,
    options: MeterReadOptions,
    log: ReadingLog,
) -> FloatArray:
    """Read the cells of one quantity; what is no number becomes NaN with a finding.

    Parameters
    ----------
    cells : sequence of cells
    rows : array
        Row number of each cell.
    column : str or sequence of str
        Heading of the cells, or of each cell.

    Raises
    ------
    MeterTooManyUnreadableError
        If more than a fifth of what stands there is no number.
    MeterDecimalUnknownError
        If decimals and thousands cannot be told apart.
    """
    heading = column if isinstance(column, str) else "…"
    decimal_comma = decide_decimal_comma(cells, heading, options.decimal_comma, table, log)
    numbers = read_numbers(cells, decimal_comma=decimal_comma)
    if numbers.bad.any():
        first = int(np.argmax(numbers.bad))
        seen = UNREADABLE_CELLS.at(
            count=int(numbers.bad.sum()),
            rows=rows_shown(rows[numbers.bad]),
            row=int(rows[first]),
            column=heading if isinstance(column, str) else column[first],
            text=cell_shown(cells[first]),
        )
        written = int(np.isfinite(numbers.values).sum() + numbers.bad.sum())
        refuse_too_many(
            int(numbers.bad.sum()),
            written,
            VALUES,
            row=seen.data["row"],
            column=seen.data["column"],
            text=seen.data["text"],
        )
        log.found(seen)
    return numbers.values


def refuse_too_many(count: int, total: int, what: Text, *, row: int, column: str, text: str) -> None:
    """Refuse a file of which more than a fifth cannot be read."""
    if count > MOST_UNREADABLE * total:
        raise MeterTooManyUnreadableError(count=count, total=total, what=what, row=row, column=column, text=text)


def too_wide(rows: list[list[Cell]], numbers: IntArray, n_columns: int, log: ReadingLog) -> npt.NDArray[np.bool_]:
    """Mark the rows with more cells than the heading: their values cannot be trusted."""
    wide = np.array([len(row) > n_columns and not all(is_blank(cell) for cell in row[n_columns:]) for row in rows])
    if wide.any():
        first = int(np.argmax(wide))
        refuse_too_many(
            int(wide.sum()),
            len(rows),
            Text(en="rows (more cells than the heading)", zh="行（单元格多于表头）"),
            row=int(numbers[first]),
            column="…",
            text=cell_shown(", ".join(str(cell) for cell in rows[first])),
        )
        log.found(TOO_WIDE_ROWS.at(count=int(wide.sum()), rows=rows_shown(numbers[wide])))
    return np.asarray(wide, dtype=bool)
