"""From found cells to the nouns of a bill; every cell that cannot be read is noted with its place and how to mend it."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from openpyxl.utils import get_column_letter

from domain.files.ebill_cells import EBillCellError, checked, day, number, period, said
from domain.files.ebill_meters import MeterHeading
from domain.files.ebill_scan import FoundCell, FoundRow, Scan
from domain.files.ebill_tables import CHARGES, FEES, HOURS, ITEMS, POWER, READINGS, ETable
from domain.files.plan_tables import CellProblem
from domain.files.problems import ListedError
from domain.shadow.ebill import (
    TOTAL,
    BilledCharge,
    BilledHour,
    BilledMeter,
    NamedAmount,
    Overview,
    PowerBlock,
    Register,
    RegisterReading,
    RowPlace,
)
from domain.shadow.vocabulary import band_meant, bare, folded, is_subtotal, register_meant
from domain.text import Text

_SHARE = re.compile(r"([^\d:、,;%\s]+):?(-?\d+(?:\.\d+)?)%")
_DIGITS = re.compile(r"\d{1,3}(?:\.\d+)?\D{0,4}")
NOTHING = Text(en="", zh="")
HOURS_OF_DAY = 24


class EBillCellsError(ListedError):
    """A bill has cells that cannot be read; ``problems`` has all of them."""

    code = "ebill_cells_refused"
    between: ClassVar[str] = " | "
    words = Text(en="{where}: {n_problems} problem(s). {problems}", zh="{where}：共 {n_problems} 处问题。{problems}")

    @property
    def problems(self) -> tuple[CellProblem, ...]:
        """Everything wrong, in the order of the bill."""
        return tuple(self.data["problems"])


SPLIT_NUMBER = (
    Text(en="stands under no heading and beside no label", zh="不在任何标题之下，也不在任何项目旁"),
    Text(
        en='If thousands commas cut a number in two, put it in quotes: "1,234.56".',
        zh='若千分位逗号把一个数拆成两格，请加引号："1,234.56"。',
    ),
)


def _hour(value: Any) -> int:
    return int(re.findall(r"\d+", folded(said(value)))[0])


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": said,
    "day": day,
    "period": period,
    "number": number,
    "share": partial(number, unit="share"),
    "whole": _hour,
}


class Builder:
    """Builds the parts of a bill and collects what is wrong with the cells."""

    def __init__(self, found: Scan) -> None:
        self.found = found
        self.problems: list[CellProblem] = []

    # cells

    def problem(self, cell: FoundCell, problem: Text, mend: Text = NOTHING) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(
            CellProblem(
                sheet=cell.sheet,
                row=cell.row,
                column=get_column_letter(cell.place),
                heading=cell.column.names[0],
                value=cell.cell.value,
                problem=problem,
                mend=mend,
            )
        )

    def read(self, cell: FoundCell) -> Any:
        """Read a cell as its column wants; what cannot be read becomes a problem and None."""
        try:
            value = checked(cell.cell)
            if cell.column.read == "shares":
                return self._shares(cell, said(value))
            return _READERS[cell.column.read](value)
        except EBillCellError as error:
            self.problem(cell, error.data["problem"], error.data["mend"])
            return None

    def _shares(self, cell: FoundCell, text: str) -> dict[str, Decimal] | None:
        found = {}
        for word, percent in _SHARE.findall(text.replace("：", ":")):
            band = band_meant(word)
            if band is not None and band != TOTAL:
                found[band] = Decimal(percent) / 100
        if not found and text not in ("-", "--", ""):
            no_share = Text(en="is no list of shares", zh="不是峰谷比例")
            mend = Text(en="Write it like 尖峰5%、峰30%、平40%、谷25%.", zh="请写成 尖峰5%、峰30%、平40%、谷25%。")
            self.problem(cell, no_share, mend)
        return found or None

    def fields(self, row: FoundRow, *keys: str) -> dict[str, Any]:
        """Read some cells of a row by key; what is not there is left out."""
        return {key: self.read(row.cells[key]) for key in keys if key in row.cells}

    def _text(self, row: FoundRow, key: str) -> str:
        return str(self.read(row.cells[key]) or "") if key in row.cells else ""

    def rows(self, table: ETable) -> list[FoundRow]:
        """Give the found rows of one kind of table."""
        return [row for row in self.found.rows if row.table is table]

    def cells_beyond(self) -> list[tuple[RowPlace, str]]:
        """Refuse numbers of a CSV that stand nowhere, which thousands commas make; give the other stray cells."""
        others = []
        for place, at, cell in self.found.beyond:
            text = said(cell.value) if cell.value is not None else ""
            if isinstance(cell.value, str) and _DIGITS.fullmatch(text):
                problem, mend = SPLIT_NUMBER
                self.problems.append(
                    CellProblem(
                        sheet=place.sheet,
                        row=place.row,
                        column=get_column_letter(at),
                        value=cell.value,
                        problem=problem,
                        mend=mend,
                    )
                )
            elif text:
                others.append((place, text))
        return others

    # the first page

    def labels(self) -> dict[str, tuple[Any, FoundCell]]:
        """Read every label once; a second, different value is a problem."""
        values: dict[str, tuple[Any, FoundCell]] = {}
        for cell in self.found.labels:
            value = self.read(cell)
            before = values.get(cell.column.key)
            if value is None or value == "":
                continue
            if before is None:
                values[cell.column.key] = (value, cell)
            elif before[0] != value and cell.column.key in ("account_no", "period", "amount", "energy_kwh"):
                twice = Text(
                    en=f"was {said(before[1].cell.value)} in row {before[1].row} of {before[1].sheet}",
                    zh=f"与 {before[1].sheet} 第 {before[1].row} 行的 {said(before[1].cell.value)} 不同",
                )
                mend = Text(en="Give one bill at a time.", zh="请一次只导入一份账单。")
                self.problem(cell, twice, mend)
        return values

    def overview(self, labels: dict[str, tuple[Any, FoundCell]]) -> Overview:
        """Build the first page."""

        def of(key: str) -> Any:
            return labels[key][0] if key in labels else None

        items = tuple(self._named(row) for row in self.rows(ITEMS))
        amount_at = labels["amount"][1] if "amount" in labels else None
        return Overview(
            energy_kwh=of("energy_kwh"),
            amount=of("amount"),
            average_price_per_kwh=of("average_price_per_kwh"),
            power_factor=of("power_factor"),
            capacity_kva=of("capacity_kva"),
            band_share=of("band_share"),
            items=tuple(one for one in items if one is not None),
            place=None if amount_at is None else RowPlace(sheet=amount_at.sheet, row=amount_at.row),
        )

    def _named(self, row: FoundRow) -> NamedAmount | None:
        amount = self.read(row.cells["amount"])
        name = self._text(row, "name")
        is_total = is_subtotal(name)
        return None if amount is None else NamedAmount(place=row.place, name=name, amount=amount, is_total=is_total)

    def market_fees(self) -> tuple[NamedAmount, ...]:
        """Build the market operation fees."""
        return tuple(one for one in (self._named(row) for row in self.rows(FEES)) if one is not None)

    # meters

    def meters(self) -> tuple[BilledMeter, ...]:
        """Build the metering points with their registers, in the order of the bill."""
        headings: dict[str, MeterHeading] = {}
        for heading in self.found.meters:
            headings.setdefault(heading.meter_no, heading)
        readings: dict[str, list[RegisterReading]] = {number_: [] for number_ in headings}
        for row in self.rows(READINGS):
            meter_no = self._text(row, "meter_no") or (row.meter.meter_no if row.meter is not None else "")
            headings.setdefault(meter_no, row.meter or MeterHeading(place=row.place, meter_no=meter_no))
            readings.setdefault(meter_no, []).append(self._reading(row))
        return tuple(
            BilledMeter(
                meter_no=meter_no,
                place=heading.place,
                price_name=heading.price_name,
                is_fixed_ratio=heading.is_fixed_ratio or meter_no.startswith("定比"),
                ratio_share=heading.ratio_share,
                parent_nos=heading.parent_nos,
                readings=tuple(readings.get(meter_no, ())),
            )
            for meter_no, heading in headings.items()
        )

    def _reading(self, row: FoundRow) -> RegisterReading:
        register, band = register_meant(self._text(row, "reading_type")) or (Register.ACTIVE, TOTAL)
        keys = (
            "previous", "current", "multiplier", "metered", "transformer_loss", "line_loss", "adjustment", "billed",
        )  # fmt: skip
        return RegisterReading(place=row.place, register=register, band=band, **self.fields(row, *keys))

    # charges

    def charges(self) -> tuple[tuple[BilledCharge, ...], tuple[NamedAmount, ...]]:
        """Build the charge rows and the sums printed among them."""
        charges: list[BilledCharge] = []
        totals: list[NamedAmount] = []
        rows = self.rows(CHARGES)
        category = component = meter_before = ""
        for row in rows:
            own = self._text(row, "meter_no") or (row.meter.meter_no if row.meter is not None else "")
            if own != meter_before:
                category = component = ""
            printed, part = self._text(row, "category"), self._text(row, "component")
            band = self._band(row)
            if printed and not is_subtotal(printed) and bare(printed) != bare(category):
                category, component = printed, ""
            if part:
                component = part
            shown = part or (component if band != TOTAL and not printed else "")
            made = self._charge(row, own, category, shown or part, band)
            meter_before = own
            if made is None:
                continue
            if is_subtotal(f"{printed}{part}") or (is_subtotal(self._text(row, "band")) and not made.quantity):
                totals.append(NamedAmount(place=row.place, name=category, amount=made.amount, is_total=True))
            else:
                charges.append(made)
        kept, heads = _without_heads(charges)
        return tuple(kept), (*totals, *heads)

    def _band(self, row: FoundRow) -> str:
        if "band" not in row.cells:
            return TOTAL
        text = self._text(row, "band")
        band = band_meant(text)
        if band is None and not is_subtotal(text):
            unknown = Text(en="is no known band", zh="不是已知的分时时段")
            mend = Text(
                en="Write 尖峰, 峰, 平, 谷, 深谷 or 总 (sharp, peak, flat, valley, deep_valley, total).",
                zh="请写 尖峰、峰、平、谷、深谷 或 总。",
            )
            self.problem(row.cells["band"], unknown, mend)
        return band or TOTAL

    def _charge(self, row: FoundRow, meter_no: str, category: str, component: str, band: str) -> BilledCharge | None:
        values = self.fields(row, "quantity", "unit_price", "amount")
        amount = values.pop("amount", None)
        if amount is None and "amount" in row.cells and self._is_refused(row.cells["amount"]):
            return None
        if amount is None:
            if values.get("quantity") and values.get("unit_price"):
                cell = row.cells.get("amount", row.cells["quantity"])
                none = Text(en="the row has kWh and a price but no amount", zh="该行有电量与单价但没有电费")
                self.problem(cell, none, Text(en="Write the amount printed.", zh="请填写账单所印电费。"))
            return None
        return BilledCharge(
            place=row.place,
            meter_no=meter_no,
            category=category,
            component=component,
            band=band,
            amount=amount,
            **values,
        )

    def _is_refused(self, cell: FoundCell) -> bool:
        return any(one.row == cell.row and one.sheet == cell.sheet for one in self.problems)

    # power, hours

    def blocks(self) -> tuple[PowerBlock, ...]:
        """Build the sub-tables of demand, capacity and power factor."""
        keys = [column.key for column in POWER.columns if column.key != "meter_no"]
        found = []
        for row in self.rows(POWER):
            meter_no = self._text(row, "meter_no") or (row.meter.meter_no if row.meter is not None else "")
            values = {key: value for key, value in self.fields(row, *keys).items() if value is not None}
            if values:
                found.append(PowerBlock(place=row.place, meter_no=meter_no, **values))
        return tuple(found)

    def hours(self) -> tuple[BilledHour, ...]:
        """Build the 24-hour table; hours written from 0 are counted from 1."""
        rows = [(row, self.read(row.cells["hour"])) for row in self.rows(HOURS)]
        shift = 1 if any(hour == 0 for _, hour in rows) else 0
        found = []
        for row, hour in rows:
            if hour is None or not 1 <= hour + shift <= HOURS_OF_DAY:
                no_hour = Text(en="is no hour of the day", zh="不是一天中的小时")
                self.problem(row.cells["hour"], no_hour, Text(en="Write 1 … 24.", zh="请写 1 至 24。"))
                continue
            values = self.fields(row, "energy_kwh", "price_per_kwh", "line_loss_price_per_kwh")
            found.append(BilledHour(place=row.place, hour=hour + shift, **values))
        return tuple(found)


def _without_heads(charges: list[BilledCharge]) -> tuple[list[BilledCharge], list[NamedAmount]]:
    """Take out rows that only head the rows of their category with its sum: (1)市场化购电电费 … 2,912,242.44."""
    kept: list[BilledCharge] = []
    heads: list[NamedAmount] = []
    for index, row in enumerate(charges):
        is_bare = not row.component and row.band == TOTAL and row.quantity is None and row.unit_price is None
        after = charges[index + 1] if index + 1 < len(charges) else None
        is_followed = (
            after is not None
            and (after.meter_no, bare(after.category)) == (row.meter_no, bare(row.category))
            and (after.component or after.band != TOTAL)
        )
        if is_bare and is_followed:
            heads.append(NamedAmount(place=row.place, name=row.category, amount=row.amount, is_total=True))
        else:
            kept.append(row)
    return kept, heads


def date_of(value: Any) -> date | None:
    """Give a day of the labels; None where it is not printed."""
    return value if isinstance(value, date) else None
