"""Write a bill as the reader reads it: the workbook to fill in, an example beside it, or a CSV per section."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError

from domain.errors import WattplanError
from domain.files.ebill_tables import CHARGES, FEES, HOURS, ITEMS, LABELS, POWER, READINGS, ETable
from domain.files.plan_sheets import README_TITLE
from domain.shadow.ebill import TOTAL, BilledMeter, EBill, Register
from domain.tariffs import PurchaseMode
from domain.tariffs.bands import BANDS_ZH
from domain.tariffs.decimals import plain
from domain.text import Language, Text

Rows = list[list[Any]]
EXACT_DIGITS = 15
_HEAD = PatternFill("solid", start_color="DDE8F4")
_REGISTERS = {
    Register.ACTIVE: "正向有功",
    Register.ACTIVE_EXPORT: "反向有功",
    Register.REACTIVE: "正向无功",
    Register.REACTIVE_EXPORT: "反向无功",
    Register.DEMAND: "最大需量",
}
_MODES = {
    PurchaseMode.MARKET_RETAIL: "市场化零售用户",
    PurchaseMode.MARKET_WHOLESALE: "市场化批发用户",
    PurchaseMode.GRID_AGENCY: "代理购电用户",
    PurchaseMode.REGULATED: "非市场化用户",
}
_BANDS = {**{band: zh for band, zh in BANDS_ZH.items() if band != "all"}, TOTAL: "总"}
_NOTES = (
    Text(en="Electricity bill, five sections, as State Grid prints them.", zh="电费账单，按国网账单的五个部分填写。"),
    Text(
        en="1 Overview: one item per line. The period is needed; amount and kWh let the rows be checked against them.",
        zh="一、账单概况：每行一项。账单周期必填；本期电费与本期电量用于核对明细。",
    ),
    Text(
        en="2 Meter rows: a heading 电能表编号：…，电价：… for each metering point, then its registers. "
        "A fixed-ratio point says 定比 and 上级电能表编号：…",
        zh="二、电量明细：每个计量点先写“电能表编号：…，电价：…”，其下为各示数。定比计量点写明“定比”与“上级电能表编号：…”。",
    ),
    Text(
        en="3 Charge rows: category, component, band, kWh, price, amount. Repeat the meter's heading above its rows.",
        zh="三、电费明细：费用类别、费用组成、分时时段、计费电量、计费标准、电费；其上重复该计量点的标题行。",
    ),
    Text(
        en="4 Demand, capacity, power factor: one row per metering point; and the 24-hour table of market customers.",
        zh="四、容（需）量电费与功率因数调整电费：每个计量点一行；市场化用户另有 24 小时电量电价表。",
    ),
    Text(
        en="5 Market operation fees: name and amount. They are part of the charges and are not added again.",
        zh="五、市场化运营费明细：名称与金额。该费用已含在电费明细内，不重复计入。",
    ),
    Text(
        en="Sections that the bill does not have stay empty. Numbers may have thousands commas; - means not printed.",
        zh="账单没有的部分留空。数字可带千分位；- 表示未印。",
    ),
)


class NotForEBillFileError(WattplanError):
    """A text of a bill cannot be kept in a file so that it is read back the same."""

    code = "not_for_ebill_file"
    words = Text(
        en="{value!r} cannot be kept in a workbook cell. Change it.", zh="{value!r} 无法写入工作簿单元格，请修改。"
    )


def write_ebill_workbook(path: Path, ebill: EBill | None = None, *, language: Language = Language.EN) -> None:
    """Write a bill as a workbook, or the empty workbook to fill in.

    Parameters
    ----------
    path : Path
        File to write (.xlsx); an existing one is replaced.
    ebill : EBill | None
        None: headings only.
    language : Language
        Which language comes first in the explanations; both are always there.

    Raises
    ------
    NotForEBillFileError
    """
    book = openpyxl.Workbook()
    notes: Any = book.active
    notes.title = README_TITLE
    for line in _NOTES:
        notes.append((line.en, line.zh) if language is Language.EN else (line.zh, line.en))
    notes.column_dimensions["A"].width = notes.column_dimensions["B"].width = 80
    for row in notes.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for title, rows in sections(ebill).items():
        sheet: Any = book.create_sheet(title)
        for number, values in enumerate(rows, start=1):
            is_heading = sum(isinstance(value, str) for value in values) == len(values) > 2  # noqa: PLR2004 -- no pair
            for place, value in enumerate(values, start=1):
                _put(sheet.cell(row=number, column=place), value, is_heading=is_heading)
        for place in range(1, 20):
            sheet.column_dimensions[get_column_letter(place)].width = 20
    book.active = 1
    book.save(path)


def _put(cell: Any, value: Any, *, is_heading: bool) -> None:
    try:
        cell.value = _cell(value)
    except (IllegalCharacterError, ValueError) as error:
        raise NotForEBillFileError(value=value) from error
    if isinstance(value, str):
        cell.number_format, cell.data_type = "@", "s"
    if is_heading:
        cell.font, cell.fill = Font(bold=True), _HEAD


def _cell(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    short = float(f"{value:.{EXACT_DIGITS}g}")
    return short if Decimal(f"{short:.{EXACT_DIGITS}g}") == value else plain(value)


def ebill_csv(ebill: EBill | None) -> dict[str, bytes]:
    """Give a bill as CSV by file name, one per section, in UTF-8 with a byte-order mark as Excel writes it."""
    found = {}
    for title, rows in sections(ebill).items():
        stream = io.StringIO(newline="")
        csv.writer(stream).writerows([_spoken(value) for value in row] for row in rows)
        found[f"{title}.csv"] = stream.getvalue().encode("utf-8-sig")
    return found


def _spoken(value: Any) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)


def sections(ebill: EBill | None) -> dict[str, Rows]:
    """Give the rows of each section by its title; only headings where there is no bill."""
    return {
        "账单概况": _overview(ebill),
        READINGS.title: list(_meters(ebill)),
        CHARGES.title: list(_charges(ebill)),
        "容（需）量电费与力调": _table(POWER, [] if ebill is None else list(ebill.blocks)),
        HOURS.title: _table(HOURS, [] if ebill is None else list(ebill.hours)),
        FEES.title: _table(FEES, [] if ebill is None else list(ebill.market_fees)),
    }


def _overview(ebill: EBill | None) -> Rows:
    values = {} if ebill is None else _labels(ebill)
    rows: Rows = [["账单概况"]]
    for label in LABELS:
        if label.key not in ("period_start", "period_end"):
            rows.append([label.names[0], values.get(label.key)])
    rows.append([])
    return rows + _table(ITEMS, [] if ebill is None else list(ebill.overview.items))


def _labels(ebill: EBill) -> dict[str, Any]:
    first = ebill.overview
    shares = first.band_share or {}
    return {
        "account_no": ebill.account_no or None,
        "period": f"{ebill.period_start}至{ebill.period_end}",
        "energy_kwh": first.energy_kwh,
        "amount": first.amount,
        "average_price_per_kwh": first.average_price_per_kwh,
        "power_factor": first.power_factor,
        "capacity_kva": first.capacity_kva,
        "band_share": "、".join(f"{_BANDS.get(band, band)}{plain(100 * share)}%" for band, share in shares.items())
        or None,
        "voltage": ebill.voltage or None,
        "purchase_mode": _MODES[ebill.purchase_mode] if ebill.purchase_mode is not None else None,
        "objection_until": str(ebill.objection_until) if ebill.objection_until else None,
        "pay_until": str(ebill.pay_until) if ebill.pay_until else None,
    }


def _heads(table: ETable, *without: str) -> list[Any]:
    return [column.names[0] for column in table.columns if column.key not in without]


def _table(table: ETable, nouns: list[Any]) -> Rows:
    rows: Rows = [[table.title], _heads(table)]
    rows += [
        [
            getattr(one, column.key) or None if column.read == "text" else getattr(one, column.key)
            for column in table.columns
        ]
        for one in nouns
    ]
    return rows


def _heading(meter: BilledMeter) -> str:
    if meter.is_fixed_ratio:
        share = "" if meter.ratio_share is None else plain(meter.ratio_share)
        above = "、".join(meter.parent_nos)
        number = "" if meter.meter_no.startswith("定比") else f"：{meter.meter_no}，定比"
        return f"电能表编号{number or '：定比'}{share}，电价：{meter.price_name}，上级电能表编号：{above}"
    return f"电能表编号：{meter.meter_no}，电价：{meter.price_name}"


def _meters(ebill: EBill | None) -> Iterator[list[Any]]:
    yield [READINGS.title]
    for meter in () if ebill is None else ebill.meters:
        if meter.meter_no:
            yield [_heading(meter)]
        yield _heads(READINGS, "meter_no")
        for row in meter.readings:
            kind = (
                _REGISTERS[row.register]
                if row.register is Register.DEMAND
                else f"{_REGISTERS[row.register]}（{_BANDS.get(row.band, row.band)}）"
            )
            yield [
                kind,
                *(
                    getattr(row, column.key)
                    for column in READINGS.columns
                    if column.key not in ("meter_no", "reading_type")
                ),
            ]
    if ebill is None:
        yield ["电能表编号：，电价："]
        yield _heads(READINGS, "meter_no")


def _charges(ebill: EBill | None) -> Iterator[list[Any]]:
    yield [CHARGES.title]
    if ebill is None:
        yield _heads(CHARGES, "meter_no")
        return
    by_no = {meter.meter_no: meter for meter in ebill.meters}
    for number in dict.fromkeys(row.meter_no for row in ebill.charges):
        if number in by_no and number:
            yield [_heading(by_no[number])]
        yield _heads(CHARGES, "meter_no")
        for row in ebill.charges:
            if row.meter_no == number:
                band = _BANDS.get(row.band, row.band)
                yield [row.category, row.component or None, band, row.quantity, row.unit_price, row.amount]
