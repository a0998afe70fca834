"""A meter file as a table of cells with the row numbers a person sees."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
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


def text_table(text: str, encoding: str) -> Table:
    """Cut a text into cells; the delimiter is the one that cuts it most evenly.

    Raises
    ------
    MeterNotATableError
        If no delimiter gives at least two columns.
    MeterFileCorruptError
        If a quoted cell never ends.
    MeterFileTooLargeError
        If there are more rows or cells than the reader takes.
    """
    delimiter = _delimiter(text)
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    n_cells = 0
    for number, row in _records(text, delimiter, strict=True):
        n_cells += len(row)
        if len(rows) >= MAX_ROWS or n_cells > MAX_CELLS:
            raise MeterFileTooLargeError(
                what=Text(en="the number of rows or cells ", zh="行数或单元格数"),
                limit=f"{MAX_ROWS:,} / {MAX_CELLS:,}",
            )
        rows.append(list(row))
        numbers.append(number)
    return Table(
        rows=rows, row_numbers=numbers, form="CSV", encoding=encoding, delimiter=DELIMITER_NAMES.get(delimiter, "?")
    )


def _records(text: str, delimiter: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise MeterFileCorruptError(kind="CSV", reason=f"row {number}: {error}") from error


def _delimiter(text: str) -> str:
    lines = [line for line in islice(io.StringIO(text), SAMPLE_LINES) if line.strip()]
    best: tuple[float, str] | None = None
    for delimiter in DELIMITERS:
        share = _even_share(lines, delimiter)
        # Ties go to the earlier one: a comma beside an equally even semicolon is a decimal comma.
        if share >= EVEN_SHARE and (best is None or share > best[0] + 0.25):
            best = (share, delimiter)
    if best is None:
        raise MeterNotATableError(
            what=Text(
                en="no comma, semicolon or tab cuts its lines into columns", zh="逗号、分号、制表符均无法将各行分成列"
            )
        )
    return best[1]


def _even_share(lines: list[str], delimiter: str) -> float:
    try:
        widths = [len(row) for _, row in _records("".join(lines), delimiter, strict=False)]
    except MeterFileCorruptError:
        return 0.0
    counts = Counter(width for width in widths if width > 1)
    # Title rows above the table are narrow; the table itself must be most of the sample.
    return max(counts.values()) / max(len(widths), 1) if counts else 0.0
