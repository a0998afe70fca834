"""The tables of a plant workbook: find the heading row, read the rows, note every bad cell."""

import re
from typing import Any, ClassVar

from openpyxl.utils import get_column_letter

from domain.files.plan_cells import CellTextError, read_cell
from domain.files.plan_sheets import SITE, Column, Sheet
from domain.files.problems import ListedError, shown
from domain.files.xlsx_book import RawCell, RawSheet
from domain.noun import noun
from domain.text import Language, Text

LOOK_FOR_HEADING = 30
_UNIT = re.compile(r"[(（\[].*?[)）\]]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NOTHING = Text(en="", zh="")
PAIR_HEADING = "item 项目"


@noun
class CellProblem:
    """One thing wrong in one cell, row or sheet."""

    sheet: str
    row: int | None = None
    """From 1, as Excel counts."""
    column: str | None = None
    """Letter."""
    heading: str | None = None
    value: Any = None
    problem: Text
    mend: Text = NOTHING

    def say(self, language: Language = Language.EN) -> str:
        """Give place, value, problem and mend in one language."""
        cell = f"!{self.column or ''}{self.row}" if self.row is not None else ""
        heading = f" ({self.heading})" if self.heading else ""
        value = f" [{shown(self.value)}]" if self.value is not None else ""
        is_english = language is Language.EN
        words, mend = (self.problem.en, self.mend.en) if is_english else (self.problem.zh, self.mend.zh)
        colon = ": " if is_english else "："
        ends = words.endswith((".", "。")) or not words
        full_stop = "" if ends else "." if is_english else "。"
        return f"{self.sheet}{cell}{heading}{value}{colon}{words}{full_stop} {mend}".rstrip()


class PlanCellsError(ListedError):
    """A plant workbook has bad cells; ``problems`` has all of them."""

    code = "plan_cells_refused"
    between: ClassVar[str] = " | "
    words = Text(en="{where}: {n_problems} problem(s). {problems}", zh="{where}：共 {n_problems} 处问题。{problems}")

    @property
    def problems(self) -> tuple[CellProblem, ...]:
        """Everything wrong, in the order of sheets and rows."""
        return tuple(self.data["problems"])


@noun(eq=False)
class Row:
    """One row as read: its plain values, and where each came from."""

    sheet: Sheet
    title: str
    number: int
    values: dict[str, Any]
    letters: dict[str, str]
    """Column letter (key-value sheet: address) of each key of the sheet that has a heading."""
    raw: dict[str, Any]
    """What stands in the cells."""
    is_bad: bool
    """Some cell could not be read; nothing is built on the row."""

    def problem(self, key: str | None, problem: Text, mend: Text = NOTHING, value: Any = None) -> CellProblem:
        """Make the problem of one of its cells, or of the row."""
        column = self.sheet.column(key) if key is not None else None
        address = self.letters.get(key or "", "")
        letters = address.rstrip("0123456789")
        digits = address[len(letters) :]
        return CellProblem(
            sheet=self.title,
            row=int(digits) if digits else self.number or None,
            column=letters or None,
            heading=column.heading if column is not None else None,
            value=self.raw.get(key or "", value),
            problem=problem,
            mend=mend,
        )


@noun(eq=False)
class TableRead:
    """What one sheet gave."""

    rows: tuple[Row, ...]
    problems: tuple[CellProblem, ...]
    ignored: tuple[str, ...]
    """Headings that mean nothing here."""

    @property
    def is_broken(self) -> bool:
        """Whether its headings are at fault, so that its rows say little."""
        return any(problem.row is None for problem in self.problems)


def column_meant(heading: str, sheet: Sheet) -> Column | None:
    """Give the column that a heading means: its English key, its Chinese name, or both; units are passed over."""
    bare = _UNIT.sub(" ", heading).strip()
    english = {"_".join(found.lower().split()) for found in _LATIN.findall(bare)}
    chinese = set(_CHINESE.findall(bare))
    hits = [one for one in sheet.columns if one.key in english] or [
        one for one in sheet.columns if chinese.intersection(one.zh)
    ]
    return hits[0] if len(hits) == 1 else next((one for one in hits if one.zh[0] in chinese), None)


def sheet_meant(title: str, sheets: tuple[Sheet, ...]) -> Sheet | None:
    """Give the sheet that a tab's title means: its English name, its Chinese name, or both."""
    words = " ".join(title.split())
    return next(
        (one for one in sheets if words.lower() in (one.en.lower(), one.title.lower()) or words == one.zh), None
    )


def read_table(raw: RawSheet, sheet: Sheet) -> TableRead:
    """Read every row below the heading row; rows without a known cell are passed over."""
    rows = raw.rows
    heading_row, columns = _heading_row(rows, sheet)
    filled = [number for number in rows if number > heading_row]
    if not columns:
        if not rows:
            return TableRead(rows=(), problems=(), ignored=())
        missing = Text(en="has no heading row", zh="没有标题行")
        mend = Text(
            en=f"Give headings such as {sheet.columns[0].heading}.", zh=f"请给出标题，如 {sheet.columns[0].heading}。"
        )
        return TableRead(rows=(), problems=(CellProblem(sheet=raw.title, problem=missing, mend=mend),), ignored=())
    problems = [*_heading_problems(raw, rows[heading_row], columns, sheet, is_filled=bool(filled))]
    problems += _merged_problems(raw, heading_row, columns)
    read = []
    for number in filled:
        cells = {column.key: rows[number][place] for place, column in columns.items() if place in rows[number]}
        if cells:
            row, bad = _row(raw.title, sheet, number, cells, columns)
            read.append(row)
            problems += bad
    unknown = [str(cell.value) for place, cell in rows[heading_row].items() if place not in columns]
    return TableRead(rows=tuple(read), problems=tuple(problems), ignored=tuple(unknown))


def _heading_row(rows: dict[int, dict[int, RawCell]], sheet: Sheet) -> tuple[int, dict[int, Column]]:
    """Give the row with the most known headings, of the first rows, and its columns by number."""
    best: tuple[int, dict[int, Column]] = (0, {})
    for number in list(rows)[:LOOK_FOR_HEADING]:
        known = {
            place: column
            for place, cell in rows[number].items()
            if isinstance(cell.value, str) and (column := column_meant(cell.value, sheet)) is not None
        }
        if len(known) > len(best[1]):
            best = (number, known)
    return best


def _heading_problems(
    raw: RawSheet, headings: dict[int, RawCell], columns: dict[int, Column], sheet: Sheet, *, is_filled: bool
) -> list[CellProblem]:
    problems = []
    seen: dict[str, int] = {}
    for place, column in columns.items():
        if column.key in seen:
            twin = Text(
                en=f"means the same as column {get_column_letter(seen[column.key])}",
                zh=f"与 {get_column_letter(seen[column.key])} 列重复",
            )
            mend = Text(en="Keep one of them.", zh="请只保留一列。")
            problems.append(
                CellProblem(
                    sheet=raw.title,
                    column=get_column_letter(place),
                    heading=str(headings[place].value),
                    problem=twin,
                    mend=mend,
                )
            )
        seen.setdefault(column.key, place)
    for column in sheet.columns:
        if column.required and column.key not in seen and is_filled:
            missing = Text(en="this column is missing", zh="缺少该列")
            problems.append(CellProblem(sheet=raw.title, heading=column.heading, problem=missing))
    return problems


def _merged_problems(raw: RawSheet, heading_row: int, columns: dict[int, Column]) -> list[CellProblem]:
    problems = []
    for first_row, first_column, last_row, last_column in raw.merged:
        touched = [place for place in columns if first_column <= place <= last_column]
        if first_row > heading_row and last_row > first_row and touched and (first_row, first_column) in raw.cells:
            problem = Text(en="the cell is merged over several rows", zh="单元格跨行合并")
            mend = Text(en="Unmerge it and fill each row.", zh="请取消合并并逐行填写。")
            problems.append(
                CellProblem(
                    sheet=raw.title,
                    row=first_row,
                    column=get_column_letter(touched[0]),
                    heading=columns[touched[0]].heading,
                    value=raw.cells[first_row, first_column].value,
                    problem=problem,
                    mend=mend,
                )
            )
    return problems


def _row(
    title: str, sheet: Sheet, number: int, cells: dict[str, RawCell], columns: dict[int, Column]
) -> tuple[Row, list[CellProblem]]:
    values, refused = _values(cells, {column.key: column for column in columns.values()})
    row = Row(
        sheet=sheet,
        title=title,
        number=number,
        values=values,
        letters={column.key: get_column_letter(place) for place, column in columns.items()},
        raw={key: cell.value for key, cell in cells.items()},
        is_bad=bool(refused),
    )
    return row, [row.problem(key, error.data["problem"], error.data["mend"]) for key, error in refused.items()]


def read_value(column: Column, cell: RawCell) -> Any:
    """Give the plain value of one filled cell.

    Raises
    ------
    CellTextError
    """
    if cell.is_uncalculated:
        raise CellTextError(
            problem=Text(en="is a formula without a stored value", zh="公式没有保存计算结果"),
            mend=Text(
                en="Open the file in Excel or WPS and save it, or write the value.",
                zh="请用 Excel 或 WPS 打开并保存，或直接填写数值。",
            ),
        )
    if cell.is_error:
        raise CellTextError(
            problem=Text(en="is an error of Excel", zh="是 Excel 错误值"),
            mend=Text(en="Mend the formula or write the value.", zh="请修正公式或直接填写数值。"),
        )
    return read_cell(column, cell.value)


def read_pairs(raw: RawSheet) -> TableRead:
    """Read the key-value sheet into one row whose letters hold the cells' addresses."""
    columns: dict[str, Column] = {}
    letters: dict[str, str] = {}
    found: dict[str, RawCell] = {}
    twins: list[str] = []
    ignored: list[str] = []
    for number, cells in raw.rows.items():
        place = next(iter(cells))
        label, cell = cells[place].value, cells.get(place + 1)
        column = column_meant(label, SITE) if isinstance(label, str) else None
        if column is None:
            ignored += [str(label)] if cell is not None and label != PAIR_HEADING else []
            continue
        if column.key in columns:
            twins.append(column.key)
        columns[column.key] = column
        letters[column.key] = f"{get_column_letter(place + 1)}{number}"
        if cell is not None:
            found[column.key] = cell
    values, refused = _values(found, columns)
    row = Row(
        sheet=SITE,
        title=raw.title,
        number=0,
        values=values,
        letters=letters,
        raw={key: cell.value for key, cell in found.items()},
        is_bad=bool(refused or twins),
    )
    problems = [row.problem(key, error.data["problem"], error.data["mend"]) for key, error in refused.items()]
    problems += [row.problem(key, Text(en="is given twice", zh="重复填写")) for key in twins]
    return TableRead(rows=(row,), problems=tuple(problems), ignored=tuple(ignored))


def _values(cells: dict[str, RawCell], columns: dict[str, Column]) -> tuple[dict[str, Any], dict[str, CellTextError]]:
    """Read cells by key; what cannot be read comes back as refusals."""
    values: dict[str, Any] = {}
    refused: dict[str, CellTextError] = {}
    for key, cell in cells.items():
        try:
            values[key] = read_value(columns[key], cell)
        except CellTextError as error:
            refused[key] = error
    return values, refused
