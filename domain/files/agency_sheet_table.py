"""The table of an agency price sheet: which column is what, in which unit, and its rows."""

import csv
import io
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from math import isfinite

from domain.files.agency_sheet_words import (
    CAPACITY,
    DEMAND,
    PLACEHOLDERS,
    column_of,
    squeezed,
    structure_of,
    unit_of,
    voltage_of,
)
from domain.files.clauses import ClauseBook, TariffFileError
from domain.files.sources import Source, bytes_of, name_of
from domain.files.xlsx_book import BOOK_MB, ZIP_START, RawSheet, read_book
from domain.noun import noun
from domain.tariffs.charges import MOST_DECIMALS
from domain.tariffs.decimals import as_decimal, half_up
from domain.text import Text

VOLTAGE, KIND = "电压等级", "用电分类"
MOST_ROWS, MOST_COLUMNS = 400, 80
LEAST_NUMBERS = 2
"""A row with so many numbers is no heading."""

LEAST_ROWS = 5
"""So many rows below the headings tell whether a column holds numbers."""

Grid = dict[tuple[int, int], str]


@noun(eq=False)
class AgencyRow:
    """One row of the table: a structure at a voltage, and the numbers printed for it in yuan."""

    part: str
    """Its name, such as ``two_part/1_20kv``."""
    structure: str
    voltage: str
    """As the sheet prints it."""
    number: int
    """Row of the sheet."""
    prices: dict[str, Decimal]
    """By column, in yuan per kWh, per kW and month, per kVA and month."""
    decimals: dict[str, int]
    """How many decimals of a yuan each has, trailing zeros not counted."""


@noun(eq=False)
class AgencyTable:
    """One sheet's table with the words around it."""

    file: str
    title: str
    around: str
    """All text outside the table: title, validity, notes."""
    notes: tuple[str, ...]
    rows: tuple[AgencyRow, ...]
    left_out: tuple[str, ...]
    """Rows of other kinds of use, and columns that are none of the known ones."""


def agency_tables(source: Source, name: str | None = None) -> tuple[AgencyTable, ...]:
    """Read every sheet that holds such a table; none where the source holds no such sheet.

    Raises
    ------
    TariffFileError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    file = name or name_of(source, "agency sheet")
    content = bytes_of(source, name=file, limit_mb=BOOK_MB)
    grids: dict[str, Grid]
    if content.startswith(ZIP_START):
        grids = {sheet.title: _grid(sheet) for sheet in read_book(content, name=file)}
    else:
        grids = {file.rsplit(".", 1)[0]: _csv_grid(content)}
    found = [_table(grid, title, file) for title, grid in grids.items()]
    return tuple(table for table in found if table is not None)


def _grid(sheet: RawSheet) -> Grid:
    """Give the texts of a sheet; merged cells hold the text of their first."""
    grid = {
        place: _text(cell.value)
        for place, cell in sheet.cells.items()
        if place[0] <= MOST_ROWS and place[1] <= MOST_COLUMNS and not cell.is_uncalculated
    }
    for first_row, first_column, last_row, last_column in sheet.merged:
        text = grid.get((first_row, first_column))
        if text is not None and last_column < MOST_COLUMNS and last_row < MOST_ROWS:
            for row in range(first_row, last_row + 1):
                grid.update({(row, column): text for column in range(first_column, last_column + 1)})
    return grid


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return str(value).strip()
    if abs(value) > 10.0**MOST_DECIMALS:
        return str(value)
    return f"{half_up(as_decimal(value), MOST_DECIMALS).normalize():f}"


def _csv_grid(content: bytes) -> Grid:
    """Give the cells of a CSV in UTF-8 or GB 18030; what is neither has none."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            lines = list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
        return {
            (row, column): cell.strip()
            for row, line in enumerate(lines[:MOST_ROWS], start=1)
            for column, cell in enumerate(line[:MOST_COLUMNS], start=1)
            if cell.strip()
        }
    return {}


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < MOST_DECIMALS else None


def _table(grid: Grid, title: str, file: str) -> AgencyTable | None:
    top = next((row for (row, _), text in sorted(grid.items()) if squeezed(text).startswith(VOLTAGE)), None)
    if top is None:
        return None
    rows = sorted({row for row, _ in grid})
    numbers = {row: sum(_number(text) is not None for (at, _), text in grid.items() if at == row) for row in rows}
    bottom = next((row for row in rows if row > top and numbers[row] >= LEAST_NUMBERS), None)
    if bottom is None:
        return None
    return _Reading(grid=grid, title=title, file=file, top=top, bottom=bottom).table()


class _Reading:
    """Reads one table once its headings (``top`` … ``bottom``, exclusive) are found."""

    def __init__(self, grid: Grid, title: str, file: str, top: int, bottom: int) -> None:
        self.grid, self.title, self.file, self.top, self.bottom = grid, title, file, top, bottom
        self.columns = sorted({column for row, column in grid if row >= top})
        self.left_out: list[str] = []
        self.voltage_column = min(
            column for (row, column), text in grid.items() if row == top and squeezed(text).startswith(VOLTAGE)
        )

    def table(self) -> AgencyTable:
        kinds = {column: self._kind(column) for column in self.columns}
        last = max(row for row, _ in self.grid)
        around = [text for (row, _), text in sorted(self.grid.items()) if row < self.top]
        found: list[AgencyRow] = []
        notes: list[str] = []
        kind_text = ""
        for row in range(self.bottom, last + 1):
            cells = {column: self.grid[row, column] for column in self.columns if (row, column) in self.grid}
            printed = {column: text for column, text in cells.items() if kinds[column] not in (None, VOLTAGE, KIND)}
            if sum(_number(text) is not None for text in printed.values()) < LEAST_NUMBERS:
                notes += list(dict.fromkeys(cells.values()))
                continue
            words = [text for column, text in cells.items() if kinds[column] == KIND]
            kind_text = "".join(dict.fromkeys(words)) or kind_text
            voltage = "".join(dict.fromkeys(text for column, text in cells.items() if kinds[column] == VOLTAGE))
            self._keep(found, row, (kind_text, voltage), self._by_kind(row, kinds, printed))
        notes = list(dict.fromkeys(notes))
        return AgencyTable(
            file=self.file,
            title=self.title,
            around="\n".join([*dict.fromkeys(around), *notes]),
            notes=tuple(notes),
            rows=_named(found),
            left_out=tuple(self.left_out),
        )

    def _by_kind(self, row: int, kinds: dict[int, str | None], printed: dict[int, str]) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for column, text in printed.items():
            kind = kinds[column] or ""
            if kind in found and found[kind][1] != text:
                raise self._wrong(row, column, Text(en="two columns are this one", zh="有两列同为此项"))
            found[kind] = (column, text)
        return found

    def _labels(self, column: int) -> list[str]:
        """Give a column's headings, the lowest first."""
        return [
            self.grid[row, column] for row in range(self.bottom - 1, self.top - 1, -1) if (row, column) in self.grid
        ]

    def _kind(self, column: int) -> str | None:
        labels = self._labels(column)
        for label in labels:
            if squeezed(label).startswith(VOLTAGE):
                return VOLTAGE
            if squeezed(label).startswith(KIND):
                return KIND
        if not labels and column < self.voltage_column:
            return KIND
        kind = next((found for found in map(column_of, labels) if found is not None), None)
        first = (self.grid.get((row, column), "") for row in range(self.bottom, self.bottom + LEAST_ROWS))
        if kind is None and any(_number(text) is not None for text in first):
            self.left_out.append(" ".join(dict.fromkeys(labels)) or f"#{column}")
        return kind

    def _keep(
        self, found: list[AgencyRow], row: int, words: tuple[str, str], cells: dict[str, tuple[int, str]]
    ) -> None:
        kind, voltage = words
        structure = structure_of(kind)
        if structure is None:
            self.left_out.append(f"{kind} {voltage}".strip())
            return
        prices: dict[str, Decimal] = {}
        decimals: dict[str, int] = {}
        for name, (column, text) in cells.items():
            if squeezed(text) in PLACEHOLDERS:
                continue
            number = _number(text)
            if number is None:
                raise self._wrong(row, column, Text(en=f"{text!r} is no number", zh=f"{text!r} 不是数值"))
            factor = self._factor(row, column, name)
            prices[name] = number * factor
            exponent = (number * factor).normalize().as_tuple().exponent
            decimals[name] = max(0, -exponent) if isinstance(exponent, int) else 0
        found.append(
            AgencyRow(
                part=f"{structure}/{voltage_of(voltage)}",
                structure=structure,
                voltage=voltage,
                number=row,
                prices=prices,
                decimals=decimals,
            )
        )

    def _factor(self, row: int, column: int, name: str) -> Decimal:
        """Give what turns the column's numbers into yuan."""
        above = (
            [] if name in (DEMAND, CAPACITY) else [text for (at, _), text in sorted(self.grid.items()) if at < self.top]
        )
        factor = next(
            (one for one in (unit_of(text, name) for text in (*self._labels(column), *above)) if one is not None), None
        )
        if factor is None:
            problem = Text(en="its column names no unit", zh="所在列未注明单位")
            raise self._wrong(row, column, problem)
        return factor

    def _wrong(self, row: int, column: int, problem: Text) -> TariffFileError:
        label = next(iter(self._labels(column)), f"#{column}")
        mend = Text(en="Give the sheet as it is published.", zh="请提供发布的原表。")
        return TariffFileError(
            file=self.file, field=f"{self.title}, row {row}, {squeezed(label)}", problem=problem, mend=mend
        )


def _named(rows: list[AgencyRow]) -> tuple[AgencyRow, ...]:
    """Give rows of one structure and voltage names of their own."""
    names = [row.part for row in rows]
    return tuple(row if names.count(row.part) == 1 else replace(row, part=f"{row.part}#{row.number}") for row in rows)


def say_left_out(table: AgencyTable, book: ClauseBook) -> None:
    """Note rows and columns that the tariff does not use, and the notes."""
    for words in table.left_out:
        book.ignore(
            "table", words, Text(en="another kind of use, or no part of the price", zh="其他用电类别，或非电价组成")
        )
    for note in table.notes:
        book.ignore("notes", note, Text(en="is free text", zh="为自由文本"))
