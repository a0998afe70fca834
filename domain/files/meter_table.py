"""A meter file as a table of cells with the row numbers a person sees."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from domain.files.meter_bytes import MAX_CELLS, MAX_ROWS
from domain.files.meter_errors import MeterFileCorruptError, MeterFileTooLargeError, MeterNotATableError
from domain.noun import noun
from domain.text import Text

Cell = str | float | int | bool | datetime | date | time | timedelta | None

DELIMITERS = ("\t", ";", ",", "|")
DELIMITER_NAMES = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar"}
SAMPLE_LINES = 300
EVEN_SHARE = 0.6


@noun(eq=False)
class Table:
    """Rows of cells. Invariant: ``rows`` and ``row_numbers`` have the same length."""

    rows: list[list[Cell]]
    row_numbers: list[int]
    """1-based, as an editor or a spreadsheet shows them."""
    form: str
    """CSV or Excel."""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    def column(self, index: int, first: int = 0) -> list[Cell]:
        """Give one column from the row ``first`` on; a short row has None there."""
        return [row[index] if index < len(row) else None for row in islice(self.rows, first, None)]


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text_table(text: str, encoding: str, holds_readings: Callable[[Table], bool]) -> Table:
    """Cut a text into cells; the delimiter is one that cuts it evenly and leaves a heading of readings.

    Raises
    ------
    MeterNotATableError
        If no delimiter gives at least two columns.
    MeterFileCorruptError
        If a quoted cell never ends.
    MeterFileTooLargeError
        If there are more rows or cells than the reader takes.
    """
    return _cut(text, _delimiter(text, encoding, holds_readings), encoding, strict=True)


def _cut(text: str, delimiter: str, encoding: str, *, strict: bool) -> Table:
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    n_cells = 0
    for number, row in _records(text, delimiter, strict=strict):
        n_cells += len(row)
        if len(rows) >= MAX_ROWS or n_cells > MAX_CELLS:
            raise MeterFileTooLargeError(
                what=Text(en="the number of rows or cells ", zh="行数或单元格数"),
                limit=f"{MAX_ROWS:,} / {MAX_CELLS:,}",
            )
        rows.append(list(row))
        numbers.append(number)
    name = DELIMITER_NAMES[delimiter]
    return Table(rows=rows, row_numbers=numbers, form="CSV", encoding=encoding, delimiter=name)


def _records(text: str, delimiter: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise MeterFileCorruptError(kind="CSV", reason=f"row {number}: {error}") from error


def _delimiter(text: str, encoding: str, holds_readings: Callable[[Table], bool]) -> str:
    lines = [line for line in islice(io.StringIO(text), SAMPLE_LINES) if line.strip()]
    even = [delimiter for delimiter in DELIMITERS if _even_share(lines, delimiter) >= EVEN_SHARE]
    if not even:
        raise MeterNotATableError(
            what=Text(
                en="no comma, semicolon or tab cuts its lines into columns", zh="逗号、分号、制表符均无法将各行分成列"
            )
        )
    sample = "".join(lines)
    # A decimal comma cuts lines as evenly as the semicolon beside it; only one of the two leaves a heading.
    fitting = (one for one in even if holds_readings(_cut(sample, one, encoding, strict=False)))
    return next(fitting, even[0])


def _even_share(lines: list[str], delimiter: str) -> float:
    """Give the share of equally wide lines from the first such line on: titles above the table are narrow."""
    try:
        widths = [len(row) for _, row in _records("".join(lines), delimiter, strict=False)]
    except MeterFileCorruptError:
        return 0.0
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0.0
    usual, count = counts.most_common(1)[0]
    return count / (len(widths) - widths.index(usual))
