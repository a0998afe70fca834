"""Read a Chinese grid company's e-bill: one workbook, one CSV, or a CSV per section."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.errors import WattplanError
from domain.files.ebill_build import Builder, EBillCellsError, date_of
from domain.files.ebill_scan import FoundCell, Scan, scan
from domain.files.ebill_sheets import read_sheets
from domain.files.plan_tables import CellProblem
from domain.files.problems import shown
from domain.files.sources import Source, name_of
from domain.findings import Finding, FindingKind, Severity
from domain.shadow.ebill import EBill, RowPlace
from domain.shadow.vocabulary import purchase_mode_meant
from domain.text import Text

ROW_UNUSED = FindingKind(
    code="ebill_row_unused",
    severity=Severity.INFO,
    words=Text(en="{place}: read but not used: {text}", zh="{place}：已读取但未使用：{text}"),
)
COLUMN_UNUSED = FindingKind(
    code="ebill_column_unused",
    severity=Severity.INFO,
    words=Text(en="{place}: the column {text} is not used.", zh="{place}：“{text}”列未使用。"),
)
SHEET_UNUSED = FindingKind(
    code="ebill_sheet_unused",
    severity=Severity.WARNING,
    words=Text(
        en="Sheet or file {sheet}: no section of a bill was recognised in it; it was read but not used.",
        zh="工作表或文件 {sheet}：未识别出任何账单内容，已读取但未使用。",
    ),
)
LABELS_NOT_KEPT = FindingKind(
    code="ebill_labels_not_kept",
    severity=Severity.INFO,
    words=Text(en="Not needed for the check and not kept: {labels}.", zh="核对不需要、未保留的内容：{labels}。"),
)
PURCHASE_MODE_UNKNOWN = FindingKind(
    code="ebill_purchase_mode_unknown",
    severity=Severity.WARNING,
    words=Text(
        en="{place}: {text} says nothing of how the customer buys its energy.",
        zh="{place}：无法从“{text}”判断购电方式。",
    ),
)


class EBillIncompleteError(WattplanError):
    """The files hold no bill, or not enough of one."""

    code = "ebill_incomplete"
    words = Text(
        en="{where}: {missing}. Give all sections of one bill: overview, meters and charges, capacity or demand.",
        zh="{where}：{missing}。请提供同一份账单的全部内容：账单概况、电量与电费明细、容（需）量电费。",
    )


NO_BILL = Text(en="no table or label of a bill was recognised", zh="未识别出账单的任何表格或项目")
NO_PERIOD = Text(
    en="the billing period is missing (账单周期: 2026-10-01至2026-10-31, or 电费年月: 2026-10)",
    zh="缺少账单周期（账单周期：2026-10-01至2026-10-31，或 电费年月：2026-10）",
)
NO_AMOUNTS = Text(en="there is no amount of money in it", zh="没有任何金额")


def read_ebill(source: Source | Sequence[Path], name: str | None = None) -> EBill:
    """Read a bill.

    Parameters
    ----------
    source : Path | bytes | str | Sequence[Path]
        A workbook, a CSV, a folder with a CSV or workbook per section, several such files, or the content itself.
    name : str, optional
        Name for the words of refusals.

    Returns
    -------
    EBill
        As printed; ``findings`` lists every row, column and sheet that was read but not used.

    Raises
    ------
    EBillCellsError
        With every bad cell: sheet, row, column, value, problem and mend.
    EBillIncompleteError
        If no bill is recognised, or its period or its money is missing.
    EBillUnreadableError, WorkbookUnreadableError, FileUnreadableError, FileTooLargeError
    """
    where = name or (name_of(source, "e-bill") if isinstance(source, Path | bytes | str) else "e-bill")
    found = scan(read_sheets(source, where))
    if not (found.labels or found.rows or found.meters):
        raise EBillIncompleteError(where=where, missing=NO_BILL)
    build = Builder(found)
    labels = build.labels()
    charges, subtotals = build.charges()
    parts: dict[str, Any] = {
        "overview": build.overview(labels),
        "meters": build.meters(),
        "charges": charges,
        "subtotals": subtotals,
        "blocks": build.blocks(),
        "hours": build.hours(),
        "market_fees": build.market_fees(),
    }
    stray = build.cells_beyond()
    if build.problems:
        raise EBillCellsError(where=where, problems=_in_order(found, build.problems))
    return _bill(where, labels, parts, _findings(found, stray))


def _bill(
    where: str, labels: dict[str, tuple[Any, FoundCell]], parts: dict[str, Any], findings: tuple[Finding, ...]
) -> EBill:
    values = {key: value for key, (value, _) in labels.items()}
    first, last = values.get("period") or (values.get("period_start"), values.get("period_end"))
    if first is None or last is None:
        raise EBillIncompleteError(where=where, missing=NO_PERIOD)
    has_money = parts["overview"].amount is not None or parts["overview"].items or parts["charges"] or parts["blocks"]
    if not has_money:
        raise EBillIncompleteError(where=where, missing=NO_AMOUNTS)
    mode = None
    if "purchase_mode" in values:
        mode = purchase_mode_meant(values["purchase_mode"])
        if mode is None:
            cell = labels["purchase_mode"][1]
            place = f"{cell.sheet}!{cell.row}"
            findings += (PURCHASE_MODE_UNKNOWN.at(place=place, text=shown(values["purchase_mode"])),)
    return EBill(
        account_no=values.get("account_no", ""),
        period_start=first,
        period_end=last,
        voltage=values.get("voltage", ""),
        purchase_mode=mode,
        objection_until=date_of(values.get("objection_until")),
        pay_until=date_of(values.get("pay_until")),
        findings=findings,
        **parts,
    )


def _findings(found: Scan, stray: list[tuple[RowPlace, str]]) -> tuple[Finding, ...]:
    listed = [SHEET_UNUSED.at(sheet=sheet) for sheet in found.unused_sheets]
    listed += [COLUMN_UNUSED.at(place=str(place), text=shown(text)) for place, text in found.unused_columns]
    listed += [ROW_UNUSED.at(place=str(place), text=shown(text)) for place, text in (*found.unused, *stray)]
    if found.not_kept:
        listed.append(LABELS_NOT_KEPT.at(labels=", ".join(dict.fromkeys(found.not_kept))))
    return tuple(listed)


def _in_order(found: Scan, problems: list[CellProblem]) -> tuple[CellProblem, ...]:
    """Put problems into the order of the bill, each once."""
    sheets = list(dict.fromkeys([cell.sheet for cell in found.labels] + [row.place.sheet for row in found.rows]))
    order = {sheet: number for number, sheet in enumerate(sheets)}
    unique = {(one.sheet, one.row, one.column): one for one in problems}
    return tuple(sorted(unique.values(), key=lambda one: (order.get(one.sheet, -1), one.row or 0, one.column or "")))
