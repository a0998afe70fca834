"""A sheet of an Excel workbook as a table of cells."""

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import openpyxl

from domain.errors import WattplanError
from domain.files.meter_bytes import MAX_BYTES, MAX_CELLS
from domain.files.meter_errors import (
    MeterFileCorruptError,
    MeterFileTooLargeError,
    MeterNotATableError,
    MeterSheetsSeveralError,
    MeterSheetUnknownError,
)
from domain.files.meter_table import Cell, Table
from domain.text import Text

HEAD_ROWS = 60
MAX_ROWS = 1_048_576  # no spreadsheet has more; a file that says so is broken
MAX_SHEETS = 200


def sheet_table(plain: bytes, sheet: str | None, holds_readings: Callable[[Table], bool]) -> Table:
    """Read one sheet of a workbook: the one named, or the only one that holds readings.

    Parameters
    ----------
    plain : bytes
        The workbook.
    sheet : str, optional
        The sheet's name.
    holds_readings : callable
        Tells from the first rows whether a sheet is worth reading.

    Raises
    ------
    MeterFileCorruptError, MeterFileTooLargeError, MeterNotATableError
    MeterSheetUnknownError, MeterSheetsSeveralError
    """
    with _stumbles():
        _refuse_bomb(plain)
        workbook = openpyxl.load_workbook(io.BytesIO(plain), read_only=True, data_only=True, keep_links=False)
        try:
            return _table(_chosen(workbook, sheet, holds_readings), None)
        finally:
            workbook.close()


@contextmanager
def _stumbles() -> Iterator[None]:
    with warnings.catch_warnings():
        # openpyxl warns about styles and extensions it drops; none of them carries a value.
        warnings.simplefilter("ignore")
        try:
            yield
        except WattplanError:
            raise
        except Exception as error:
            raise MeterFileCorruptError(kind="Excel", reason=f"{type(error).__name__}: {error}"[:200]) from error


def _refuse_bomb(plain: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MAX_BYTES:
            raise MeterFileTooLargeError(
                what=Text(en="the unpacked size ", zh="解压后大小"), limit=f"{MAX_BYTES // 1_000_000} MB"
            )
        if "[Content_Types].xml" not in {member.filename for member in members}:
            raise MeterNotATableError(
                what=Text(en="it is a zip archive; unpack it first", zh="这是 zip 压缩包，请先解压")
            )


def _chosen(workbook: Any, sheet: str | None, holds_readings: Callable[[Table], bool]) -> Any:
    sheets = workbook.worksheets[:MAX_SHEETS]
    names = tuple(one.title for one in sheets)
    if sheet is not None:
        if sheet not in names:
            raise MeterSheetUnknownError(sheet=sheet, sheets=names)
        return sheets[names.index(sheet)]
    if not sheets:
        raise MeterNotATableError(what=Text(en="the workbook has no sheet of cells", zh="工作簿没有单元格工作表"))
    if len(sheets) == 1:
        return sheets[0]
    fitting = [one for one in sheets if holds_readings(_table(one, HEAD_ROWS))]
    if len(fitting) > 1:
        raise MeterSheetsSeveralError(sheets=tuple(one.title for one in fitting))
    return fitting[0] if fitting else sheets[0]


def _table(sheet: Any, at_most: int | None) -> Table:
    # The stored dimension is often wrong, and openpyxl would cut the sheet to it.
    sheet.reset_dimensions()
    rows: list[list[Cell]] = []
    n_cells = 0
    for row in sheet.iter_rows(values_only=True):
        n_cells += len(row)
        if len(rows) >= MAX_ROWS or n_cells > MAX_CELLS:
            raise MeterFileTooLargeError(
                what=Text(en="the number of rows or cells ", zh="行数或单元格数"),
                limit=f"{MAX_ROWS:,} / {MAX_CELLS:,}",
            )
        if at_most is not None and len(rows) >= at_most:
            break
        rows.append(_trimmed(row))
    while rows and not rows[-1]:
        rows.pop()
    return Table(rows=rows, row_numbers=list(range(1, len(rows) + 1)), form="Excel", sheet=sheet.title)


def _trimmed(row: tuple[Any, ...]) -> list[Cell]:
    stop = len(row)
    while stop and row[stop - 1] is None:
        stop -= 1
    return list(row[:stop])
