"""The workbook that customers fill in, and any plant written into it."""

from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.datavalidation import DataValidation

from domain.errors import WattplanError
from domain.files.plan_cells import CellTextError, read_cell, write_cell
from domain.files.plan_rows import pairs_of, rows_of
from domain.files.plan_sheets import README_TITLE, SITE, TABLES, Column, Sheet
from domain.files.plan_tables import PAIR_HEADING
from domain.files.plant import PlantFile
from domain.text import Language, Text

_TITLE = Text(en="Wattplan: production plan workbook", zh="Wattplan：生产计划工作簿")
_HOW = (
    Text(
        en="Fill the sheets you need; leave the others empty. Columns may stand in any order.",
        zh="填写需要的工作表，其余留空。列的顺序不限。",
    ),
    Text(
        en="Times are on the clock of the site's zone: 2026-11-24 08:00. Lists are separated by ;",
        zh="时间为厂区时区当地时间，如 2026-11-24 08:00。多个值用 ; 分隔。",
    ),
    Text(
        en="Further columns such as remarks may be added; they are passed over.",
        zh="可增加备注等其他列，系统不读取。",
    ),
)
_HEAD = PatternFill("solid", start_color="DDE8F4")
_MUST = PatternFill("solid", start_color="FFE6B3")
_WHEN_FORMAT = "yyyy-mm-dd hh:mm"
_CLOCK_FORMAT = "hh:mm"
VALIDATED_ROWS = 2000
MAX_CELL_CHARS = 32_767


class NotForWorkbookError(WattplanError):
    """A value cannot be kept in a workbook cell so that it is read back the same."""

    code = "not_for_workbook"
    words = Text(
        en="{sheet}.{column} = {value!r} cannot be kept in a workbook cell. Change it or write YAML.",
        zh="{sheet}.{column} = {value!r} 无法原样写入工作簿单元格。请修改或改用 YAML。",
    )


def write_template(path: Path, *, example: PlantFile | None = None, language: Language = Language.EN) -> None:
    """Write the workbook with its headings and a sheet that explains every column.

    Parameters
    ----------
    path : Path
        File to write (.xlsx); an existing one is replaced.
    example : PlantFile | None
        Plant to fill in; None: empty sheets.
    language : Language
        Which language comes first in the explanations; both are always there.
    """
    book = openpyxl.Workbook()
    _write_notes(book.active, language)
    site = book.create_sheet(SITE.title)
    _write_pairs(site, pairs_of(example) if example is not None else {}, example, language)
    for sheet in TABLES:
        rows = rows_of(example, sheet) if example is not None else []
        _write_table(book.create_sheet(sheet.title), sheet, rows, example, language)
    book.active = 0 if example is None else 1
    book.save(path)


def write_plant_workbook(plant: PlantFile, path: Path) -> None:
    """Write a plant so that ``read_plan_workbook`` reads it back equal (findings are not written).

    Raises
    ------
    NotForWorkbookError
        If some text cannot be kept in a cell.
    """
    write_template(path, example=plant)


def _spoken(text: Text, language: Language) -> tuple[str, str]:
    return (text.en, text.zh) if language is Language.EN else (text.zh, text.en)


def _write_notes(target: Any, language: Language) -> None:
    target.title = README_TITLE
    target.append(_spoken(_TITLE, language))
    for line in _HOW:
        target.append(_spoken(line, language))
    target.append(())
    heads = Text(en="meaning and unit", zh="含义与单位")
    target.append(("sheet 工作表", "column 列", "required 必填", "words allowed 可选项", *_spoken(heads, language)))
    for cell in target[target.max_row]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    for sheet in (SITE, *TABLES):
        target.append((sheet.title, "", "", "", *_spoken(sheet.note, language)))
        for column in sheet.columns:
            must = "yes 是" if column.required else ""
            words = "; ".join(f"{en} {zh}" for en, zh in column.choices)
            target.append((sheet.title, column.heading, must, words, *_spoken(column.note, language)))
    target["A1"].font = Font(bold=True, size=14)
    for number, width in enumerate((26, 32, 12, 36, 70, 60), start=1):
        target.column_dimensions[get_column_letter(number)].width = width
    target.freeze_panes = "A7"


def _write_pairs(target: Any, values: dict[str, Any], plant: PlantFile | None, language: Language) -> None:
    target.append((PAIR_HEADING, "value 取值", "note 说明"))
    for cell in target[1]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    for row, column in enumerate(SITE.columns, start=2):
        label = target.cell(row=row, column=1, value=column.heading)
        label.fill = _MUST if column.required else _HEAD
        _put(target.cell(row=row, column=2), SITE, column, values.get(column.key), plant)
        target.cell(row=row, column=3, value=" / ".join(_spoken(column.note, language)))
        _validate(target, column, f"B{row}")
    for letter, width in (("A", 34), ("B", 28), ("C", 110)):
        target.column_dimensions[letter].width = width


def _write_table(
    target: Any, sheet: Sheet, rows: list[dict[str, Any]], plant: PlantFile | None, language: Language
) -> None:
    for place, column in enumerate(sheet.columns, start=1):
        head = target.cell(row=1, column=place, value=column.heading)
        head.font, head.fill = Font(bold=True), _MUST if column.required else _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(place)
        target.column_dimensions[letter].width = max(14, len(column.heading) + 4)
        _validate(target, column, f"{letter}2:{letter}{max(VALIDATED_ROWS, len(rows) + 1)}", language)
        for row, values in enumerate(rows, start=2):
            _put(target.cell(row=row, column=place), sheet, column, values.get(column.key), plant)
    target.freeze_panes = "B2"


def _validate(target: Any, column: Column, cells: str, language: Language = Language.EN) -> None:
    """Let Excel offer the words allowed; others stay possible because Chinese words are read as well."""
    words = [en for en, _ in column.choices] if column.kind == "text" else []
    if column.kind == "yes_no":
        words = ["yes", "no"] if language is Language.EN else ["是", "否"]
    elif words and language is Language.ZH:
        words = [zh for _, zh in column.choices]
    if words:
        rule = DataValidation(
            type="list", formula1='"' + ",".join(words) + '"', allow_blank=True, showErrorMessage=False
        )
        rule.add(cells)
        target.add_data_validation(rule)


def _put(cell: Any, sheet: Sheet, column: Column, value: Any, plant: PlantFile | None) -> None:
    if column.kind == "when":
        cell.number_format = _WHEN_FORMAT
    elif column.kind == "clock":
        cell.number_format = _CLOCK_FORMAT
    elif column.kind in ("text", "texts", "phases", "times", "numbers"):
        cell.number_format = "@"
    if value is None or plant is None:
        return
    written = write_cell(column, value, plant.site.zone)
    refusal = NotForWorkbookError(sheet=sheet.en, column=column.key, value=value)
    if isinstance(written, str):
        if written and not _reads_back(column, written, value):
            raise refusal
        cell.data_type = "s"
    try:
        cell.value = written or None if isinstance(written, str) else written
    except (IllegalCharacterError, ValueError) as error:
        raise refusal from error
    if isinstance(written, str) and written:
        cell.data_type = "s"  # a text that begins with = is still a text
    number_format = {"when": _WHEN_FORMAT, "clock": _CLOCK_FORMAT}.get(column.kind)
    if number_format is not None:
        cell.number_format = number_format


def _reads_back(column: Column, written: str, value: Any) -> bool:
    if len(written) > MAX_CELL_CHARS or "\r" in written or "_x" in written:
        return False
    if column.kind not in ("text", "texts"):
        return True
    try:
        return bool(read_cell(column, written) == (str(value) if column.kind == "text" else list(value)))
    except CellTextError:
        return False
