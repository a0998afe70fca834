"""Sheets of a US tariff workbook or CSV as rows of cells: formulas calculated, numbers as decimals."""

import csv
import io
import re
import warnings
from decimal import Decimal, InvalidOperation
from math import isfinite, prod

import openpyxl
from openpyxl.utils import get_column_letter

from domain.files.clauses import TariffFileError
from domain.files.sources import Source, bytes_of, name_of
from domain.files.xlsx_book import BOOK_MB, ZIP_START, read_book
from domain.noun import noun
from domain.tariffs.charges import MOST_DECIMALS
from domain.tariffs.decimals import as_decimal, half_up
from domain.text import Text

MOST_ROWS = 2000
_PRODUCT = r"[0-9.]+(?:[eE][+-]?\d{1,2})?(?:\s*\*\s*[0-9.]+)*"
_SUM = re.compile(rf"[+-]?\s*{_PRODUCT}(?:\s*[+-]\s*{_PRODUCT})*")
_TERM = re.compile(rf"([+-]?)\s*({_PRODUCT})")
_MEND = Text(en="Write the number itself.", zh="请直接填写数值。")

Cells = dict[str, str | Decimal]
"""Filled cells of a row by the heading of their column."""


@noun(eq=False)
class SheetRows:
    """One sheet: its headings and its rows under them, by the row's number as people see it."""

    title: str
    headings: tuple[str, ...]
    rows: dict[int, Cells]


def sheets_of(source: Source, name: str | None = None) -> tuple[SheetRows, ...]:
    """Read every sheet of a workbook, or the one table of a CSV file.

    Raises
    ------
    TariffFileError
        If a cell is an error or a formula that is no plain sum, or the text is no CSV.
    WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    file = name or name_of(source, "US tariff")
    content = bytes_of(source, name=file, limit_mb=BOOK_MB)
    if content.startswith(ZIP_START):
        return _from_workbook(content, file)
    return (_from_csv(content, file),)


def _from_csv(content: bytes, file: str) -> SheetRows:
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        problem = Text(en=f"is no CSV in UTF-8 ({error})", zh=f"不是 UTF-8 的 CSV（{error}）")
        mend = Text(en="Save it as CSV UTF-8, or give the workbook.", zh="请另存为 UTF-8 CSV，或提供工作簿。")
        raise TariffFileError(file=file, field="CSV", problem=problem, mend=mend) from error
    cells = {
        (row, column): text.strip()
        for row, line in enumerate(lines[: MOST_ROWS + 1], start=1)
        for column, text in enumerate(line, start=1)
        if text.strip()
    }
    title = file.rsplit(".", 1)[0]
    return _table(
        title, {place: _from_text(text, f"{title}!R{place[0]}C{place[1]}", file) for place, text in cells.items()}
    )


def _from_text(text: str, where: str, file: str) -> str | Decimal:
    if text.startswith("="):
        return _calculated(text, where, file)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return number if number.is_finite() and number.adjusted() < 2 * MOST_DECIMALS else text


def _from_workbook(content: bytes, file: str) -> tuple[SheetRows, ...]:
    found = []
    formulas: dict[str, dict[tuple[int, int], str]] | None = None
    for sheet in read_book(content, name=file):
        cells: dict[tuple[int, int], str | Decimal] = {}
        for place, cell in sheet.cells.items():
            if place[0] > MOST_ROWS:
                continue
            where = f"{sheet.title}!{_address(place)}"
            if cell.is_uncalculated:
                formulas = _formulas(content) if formulas is None else formulas
                cells[place] = _calculated(formulas.get(sheet.title, {}).get(place, ""), where, file)
            elif cell.is_error:
                problem = Text(en=f"is the error {cell.value}", zh=f"为错误值 {cell.value}")
                raise TariffFileError(file=file, field=where, problem=problem, mend=_MEND)
            else:
                cells[place] = _plain(cell.value)
        found.append(_table(sheet.title, cells))
    return tuple(found)


def _address(place: tuple[int, int]) -> str:
    row, column = place
    return f"{get_column_letter(column)}{row}"


def _plain(value: object) -> str | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).strip()
    if not isfinite(value) or abs(value) > 10.0 ** (2 * MOST_DECIMALS):
        return str(value)
    return half_up(as_decimal(value), MOST_DECIMALS).normalize() + 0


def _formulas(content: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Give the text of every formula; the bytes are known to be a readable workbook."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: {place: str(cell.value) for place, cell in sheet._cells.items() if cell.data_type == "f"}  # noqa: SLF001
        for sheet in book.worksheets
    }


def _calculated(formula: str, where: str, file: str) -> Decimal:
    """Work out a formula of plain numbers, sums and products, such as ``=0.0412+0.00186``."""
    body = formula.removeprefix("=").strip()
    is_sum = _SUM.fullmatch(body) is not None
    terms = _TERM.findall(body) if is_sum else [("", "")]
    try:
        amounts = [prod(map(Decimal, product.split("*")), start=Decimal(1)) for _, product in terms]
        total = sum((-one if sign == "-" else one for (sign, _), one in zip(terms, amounts, strict=True)), Decimal(0))
        return half_up(total, MOST_DECIMALS).normalize() + 0
    except (InvalidOperation, ValueError) as error:
        shown = formula or "∅"
        problem = Text(
            en=f"is the formula {shown} without a stored value, and no plain sum",
            zh=f"为公式 {shown}，既无存储值，也不是简单求和",
        )
        raise TariffFileError(file=file, field=where, problem=problem, mend=_MEND) from error


def _table(title: str, cells: dict[tuple[int, int], str | Decimal]) -> SheetRows:
    """Put the rows under the headings of the first filled row."""
    first = min((row for row, _ in cells), default=0)
    headings = {column: str(value) for (row, column), value in sorted(cells.items()) if row == first}
    rows: dict[int, Cells] = {}
    for (row, column), value in sorted(cells.items()):
        if row != first:
            rows.setdefault(row, {})[headings.get(column, f"#{column}")] = value
    return SheetRows(title=title, headings=tuple(headings.values()), rows=rows)
