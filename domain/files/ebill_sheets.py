"""The files of an e-bill as sheets of bare cells: a workbook, one CSV, or a CSV per section."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from domain.errors import WattplanError
from domain.files.ebill_tables import words_known
from domain.files.meter_bytes import decoded, refuse_known_others
from domain.files.meter_errors import MeterFileError
from domain.files.sources import FileUnreadableError, Source, bytes_of, name_of
from domain.files.xlsx_book import BOOK_MB, ZIP_START, RawCell, RawSheet, read_book
from domain.text import Language, Text

MOST_FILES = 40
MOST_ROWS = 20_000
MOST_CELLS = 400_000
DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".xlsx", ".txt")


class EBillUnreadableError(WattplanError):
    """A file of the bill is no table that can be read."""

    code = "ebill_unreadable"
    words = Text(
        en="{where} cannot be read as an e-bill: {problem} Save it as .xlsx or CSV (UTF-8 or GB18030).",
        zh="无法将 {where} 作为电费账单读取：{problem} 请另存为 .xlsx 或 CSV（UTF-8 或 GB18030）。",
    )


EMPTY = Text(en="it is empty.", zh="文件为空。")
TOO_MANY_ROWS = Text(
    en=f"it has more than {MOST_ROWS} rows or {MOST_CELLS} cells.", zh=f"超过 {MOST_ROWS} 行或 {MOST_CELLS} 个单元格。"
)
NO_FILES = Text(en="the folder holds no .csv or .xlsx.", zh="文件夹中没有 .csv 或 .xlsx 文件。")
TOO_MANY_FILES = Text(en=f"it is made of more than {MOST_FILES} files.", zh=f"文件超过 {MOST_FILES} 个。")


def read_sheets(source: Source | Sequence[Path], name: str | None = None) -> tuple[RawSheet, ...]:
    """Read every sheet of a bill's files.

    Parameters
    ----------
    source : Path | bytes | str | Sequence[Path]
        A workbook or CSV, a folder of them, several files, or the content itself.
    name : str, optional
        Name for the words of refusals where ``source`` is content.

    Raises
    ------
    EBillUnreadableError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    if isinstance(source, bytes | str):
        return _sheets_of(source, name or "e-bill")
    paths = _paths(source)
    if len(paths) > MOST_FILES:
        raise EBillUnreadableError(where=name or "e-bill", problem=TOO_MANY_FILES)
    return tuple(sheet for path in paths for sheet in _sheets_of(path, name_of(path, path.name)))


def _paths(source: Path | Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in [source] if isinstance(source, Path) else source:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise FileUnreadableError(name=path.name, reason=error.strerror or str(error)) from error
        if not inside:
            raise EBillUnreadableError(where=path.name, problem=NO_FILES)
        found += inside
    return found


def _sheets_of(source: Source, where: str) -> tuple[RawSheet, ...]:
    content = bytes_of(source, name=where, limit_mb=BOOK_MB)
    if not content.strip():
        raise EBillUnreadableError(where=where, problem=EMPTY)
    if content.startswith(ZIP_START) and _is_workbook(content):
        sheets = read_book(content, where)
    else:
        sheets = (_csv_sheet(content, where),)
    if any(len(sheet.rows) > MOST_ROWS or len(sheet.cells) > MOST_CELLS for sheet in sheets):
        raise EBillUnreadableError(where=where, problem=TOO_MANY_ROWS)
    return sheets


def _is_workbook(content: bytes) -> bool:
    """Leave it to the workbook reader to say what is wrong with a broken archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" in archive.namelist() or not archive.namelist()
    except Exception:  # noqa: BLE001 -- a broken archive makes zipfile raise nearly anything
        return True


def _csv_sheet(content: bytes, where: str) -> RawSheet:
    try:
        refuse_known_others(content)
        text, _ = decoded(content)
    except MeterFileError as error:
        what = error.data.get("what")
        problem = (
            Text(en=f"{what.en}.", zh=f"{what.zh}。")
            if isinstance(what, Text)
            else Text(en=error.say(), zh=error.say(Language.ZH))
        )
        raise EBillUnreadableError(where=where, problem=problem) from error
    title = Path(where).stem or where
    cuts = [_cut(text, delimiter, where) for delimiter in DELIMITERS]
    best = max(cuts, key=lambda cells: (words_known(cells.values()), len(cells)))
    return RawSheet(title=title, cells={place: RawCell(value=value) for place, value in best.items()}, merged=())


def _cut(text: str, delimiter: str, where: str) -> dict[tuple[int, int], str]:
    cells: dict[tuple[int, int], str] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    row = 1
    try:
        for values in reader:
            for column, value in enumerate(values, start=1):
                if value.strip():
                    cells[row, column] = value
            row = reader.line_num + 1  # a quoted cell may span lines; people count lines
            if row > MOST_ROWS + 1 or len(cells) > MOST_CELLS:
                raise EBillUnreadableError(where=where, problem=TOO_MANY_ROWS)
    except csv.Error as error:
        problem = Text(en=f"row {row}: {error}.", zh=f"第 {row} 行：{error}。")
        raise EBillUnreadableError(where=where, problem=problem) from error
    return cells
