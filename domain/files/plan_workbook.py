"""A plant from a workbook: sheets to rows, rows to nouns, and every problem at its cell."""

from dataclasses import replace
from difflib import get_close_matches

from domain.files.documents import from_plain
from domain.files.plan_build import PlanBuild
from domain.files.plan_sheets import README_TITLE, SHEETS, SITE, Sheet
from domain.files.plan_tables import CellProblem, PlanCellsError, TableRead, read_pairs, read_table, sheet_meant
from domain.files.plan_template import write_plant_workbook, write_template
from domain.files.plant import PlantFile
from domain.files.problems import DocumentError
from domain.files.sources import Source, name_of
from domain.files.xlsx_book import RawSheet, read_book
from domain.findings import Finding, FindingKind, Severity
from domain.text import Text

__all__ = ["PlanCellsError", "read_plan_workbook", "write_plant_workbook", "write_template"]

NEAR_SHARE = 0.8
"""Names at least this alike are taken for a slip of the keyboard. [-]"""
SHEET_NAMES = tuple(name for sheet in SHEETS for name in (sheet.en, sheet.title))
_KEEP_ONE = Text(en="Keep one of them.", zh="请只保留一个。")

COLUMNS_IGNORED = FindingKind(
    code="plan_columns_ignored",
    severity=Severity.INFO,
    words=Text(
        en="Sheet {sheet}: {headings} is not used by the plan and was passed over.",
        zh="工作表 {sheet}：{headings} 不属于计划内容，未读取。",
    ),
)
SHEET_IGNORED = FindingKind(
    code="plan_sheet_ignored",
    severity=Severity.INFO,
    words=Text(en="Sheet {sheet} is not part of a plan and was passed over.", zh="工作表 {sheet} 不属于计划，未读取。"),
)


def read_plan_workbook(source: Source, name: str | None = None) -> PlantFile:
    """Read a plant from a workbook with the template's sheets.

    Headings may be English, Chinese or both, in any order; title rows, blank rows, other columns and other
    sheets are passed over, and ``findings`` says which. Times without an offset are on the site's clock.

    Raises
    ------
    PlanCellsError
        With every bad cell: sheet, row, column, value, problem and mend.
    WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    where = name or name_of(source, "workbook")
    tables, problems, findings = _tables(read_book(source, where))
    build = PlanBuild(tables)
    problems += build.check()
    if not problems:
        try:
            plant = from_plain(PlantFile, build.plain(), where=where, zone=build.zone)
        except DocumentError as error:
            problems += build.at_cells(error.problems)
    if problems:
        order = {raw: number for number, raw in enumerate(build.titles)}
        problems.sort(key=lambda one: (order.get(one.sheet, -1), one.row or 0))
        raise PlanCellsError(where=where, problems=tuple(problems))
    return replace(plant, findings=tuple(findings))


def _near(written: str, known: tuple[str, ...]) -> str | None:
    """Give the known name that somebody may have meant and misspelt."""
    names = {one.lower(): one for one in known}
    found = get_close_matches(written.strip().lower(), names, n=1, cutoff=NEAR_SHARE)
    return names[found[0]] if found else None


def _misspelt(title: str, heading: str | None, meant: str) -> CellProblem:
    what = Text(en=f"looks like {meant} misspelt", zh=f"疑为“{meant}”的误写")
    mend = Text(
        en=f"Call it {meant}, or give it a name of its own if it is something else.",
        zh=f"请改为“{meant}”；若另有用途，请另取名称。",
    )
    return CellProblem(sheet=title, heading=heading, problem=what, mend=mend)


def _missed(raw: RawSheet, sheet: Sheet, ignored: tuple[str, ...]) -> list[CellProblem]:
    """Find headings that nobody reads and that a column of the sheet was probably meant by."""
    keys = tuple(column.key for column in sheet.columns)
    meant = {heading: _near(heading, keys) for heading in ignored}
    return [_misspelt(raw.title, heading, key) for heading, key in meant.items() if key is not None]


def _tables(book: tuple[RawSheet, ...]) -> tuple[dict[str, TableRead], list[CellProblem], list[Finding]]:
    """Read each sheet that a plan has; say which sheets and columns mean nothing to it."""
    tables: dict[str, TableRead] = {}
    problems: list[CellProblem] = []
    findings: list[Finding] = []
    for raw in book:
        sheet = sheet_meant(raw.title, SHEETS)
        if sheet is None:
            meant = _near(raw.title, SHEET_NAMES)
            if meant is not None:
                problems.append(_misspelt(raw.title, None, meant))
            elif raw.title != README_TITLE:
                findings.append(SHEET_IGNORED.at(sheet=raw.title))
            continue
        if sheet.key in tables:
            twin = Text(en=f"is a second sheet of {sheet.title}", zh=f"是第二个“{sheet.title}”工作表")
            problems.append(CellProblem(sheet=raw.title, problem=twin, mend=_KEEP_ONE))
            continue
        table = read_pairs(raw) if sheet is SITE else read_table(raw, sheet)
        tables[sheet.key] = table
        problems += table.problems
        problems += _missed(raw, sheet, table.ignored)
        if table.ignored:
            findings.append(COLUMNS_IGNORED.at(sheet=raw.title, headings=", ".join(table.ignored)))
    return tables, problems, findings
