"""Workbooks as bare cells, from files nobody vouches for: bounded, and refused by name where broken."""

import io
import warnings
import zipfile
from typing import Any

import openpyxl

from domain.errors import WattplanError
from domain.files.sources import MEGABYTE, Source, bytes_of, name_of
from domain.noun import noun
from domain.text import Text

BOOK_MB = 16
UNPACKED_MB = 48
MAX_PARTS = 500
ZIP_START = b"PK\x03\x04"
OLD_EXCEL_START = b"\xd0\xcf\x11\xe0"


class WorkbookUnreadableError(WattplanError):
    """The file is no workbook that can be read."""

    code = "workbook_unreadable"
    words = Text(en="{where}: {problem}. {mend}", zh="{where}：{problem}。{mend}")


_SAVE_AGAIN = Text(en="Open it in Excel or WPS and save it as .xlsx.", zh="请用 Excel 或 WPS 打开并另存为 .xlsx。")


@noun(eq=False)
class RawCell:
    """One cell with something in it."""

    value: Any
    is_error: bool = False
    """An Excel error such as #REF!."""
    is_uncalculated: bool = False
    """A formula whose value was never stored."""


@noun(eq=False)
class RawSheet:
    """One sheet as its filled cells, by (row, column) from 1."""

    title: str
    cells: dict[tuple[int, int], RawCell]
    merged: tuple[tuple[int, int, int, int], ...]
    """Merged ranges: first row, first column, last row, last column."""

    @property
    def rows(self) -> dict[int, dict[int, RawCell]]:
        """Filled cells by row, then column, in order."""
        found: dict[int, dict[int, RawCell]] = {}
        for row, column in sorted(self.cells):
            found.setdefault(row, {})[column] = self.cells[row, column]
        return found


def read_book(source: Source, name: str | None = None) -> tuple[RawSheet, ...]:
    """Read the filled cells of every sheet.

    Raises
    ------
    WorkbookUnreadableError
        If it is no .xlsx, is broken or protected, or unpacks to more than ``UNPACKED_MB``.
    FileUnreadableError, FileTooLargeError
    """
    where = name or name_of(source, "workbook")
    content = bytes_of(source, name=where, limit_mb=BOOK_MB)
    _must_be_xlsx(content, where)
    try:
        has_formulas = _inspect(content, where)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl's notes on styles and extensions
            values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
            formulas = openpyxl.load_workbook(io.BytesIO(content)) if has_formulas else None
        return tuple(_raw(sheet, formulas) for sheet in values.worksheets)
    except WattplanError:
        raise
    except Exception as error:  # a broken file makes openpyxl raise nearly anything
        problem = Text(en=f"is damaged ({type(error).__name__})", zh=f"文件已损坏（{type(error).__name__}）")
        raise WorkbookUnreadableError(where=where, problem=problem, mend=_SAVE_AGAIN) from error


def _must_be_xlsx(content: bytes, where: str) -> None:
    if content.startswith(OLD_EXCEL_START):
        problem = Text(en="is an old .xls or a protected workbook", zh="是旧版 .xls 或受保护的工作簿")
        raise WorkbookUnreadableError(where=where, problem=problem, mend=_SAVE_AGAIN)
    if not content.startswith(ZIP_START):
        problem = Text(en="is no .xlsx workbook", zh="不是 .xlsx 工作簿")
        raise WorkbookUnreadableError(where=where, problem=problem, mend=_SAVE_AGAIN)


def _inspect(content: bytes, where: str) -> bool:
    """Refuse archives that unpack to too much, before unpacking; say whether any sheet has formulas."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > UNPACKED_MB * MEGABYTE:
            problem = Text(
                en=f"unpacks to more than {UNPACKED_MB} MB or {MAX_PARTS} parts",
                zh=f"解压后超过 {UNPACKED_MB} MB 或 {MAX_PARTS} 个部分",
            )
            mend = Text(en="Remove what is not the plan.", zh="请删除与计划无关的内容。")
            raise WorkbookUnreadableError(where=where, problem=problem, mend=mend)
        has_formulas = False
        for part in parts:
            if part.filename.endswith(".xml"):
                xml = archive.read(part)
                if b"<!ENTITY" in xml:
                    problem = Text(en="declares XML entities", zh="声明了 XML 实体")
                    raise WorkbookUnreadableError(where=where, problem=problem, mend=_SAVE_AGAIN)
                has_formulas |= part.filename.startswith("xl/worksheets/") and (b"<f>" in xml or b"<f " in xml)
        return has_formulas


def _raw(sheet: Any, formulas: Any) -> RawSheet:
    twin = formulas[sheet.title] if formulas is not None else None
    cells: dict[tuple[int, int], RawCell] = {}
    # the sparse store: a stray format in the last row must not make a million cells
    for place, cell in sheet._cells.items():  # noqa: SLF001
        value = cell.value
        if isinstance(value, str) and not value.strip():
            value = None
        other = twin._cells.get(place) if twin is not None else None  # noqa: SLF001
        is_uncalculated = cell.value is None and other is not None and other.data_type == "f"
        if value is not None or is_uncalculated:
            cells[place] = RawCell(value=value, is_error=cell.data_type == "e", is_uncalculated=is_uncalculated)
    merged = tuple((one.min_row, one.min_col, one.max_row, one.max_col) for one in sheet.merged_cells.ranges)
    return RawSheet(title=sheet.title, cells=cells, merged=merged)
