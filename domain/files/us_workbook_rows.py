"""Rows of a US tariff sheet: one charge each, with its window and the start of its tier."""

from decimal import Decimal
from typing import Literal

import numpy as np

from domain.files.clauses import ClauseBook, TariffFileError, shorten
from domain.files.us_workbook_cells import Cells, SheetRows
from domain.files.week_tables import DAYS, MIN_PER_QUARTER, MONTHS, QUARTERS, SHAPE, Bools
from domain.noun import noun
from domain.tariffs.charges import ZERO
from domain.text import Text

RowKind = Literal["customer", "energy", "demand"]
UNITS: dict[RowKind, str] = {"customer": "$/month", "energy": "$/kWh", "demand": "$/kW"}
KNOWN = ("utility", "type", "period", "basic_charge_limit", "charge", "units", "notes", "assessed")
WINDOWS = ("month_start", "month_end", "hour_start", "hour_end", "weekday_start", "weekday_end")
SYSTEMS = (" (metric)", " (imperial)", "")
QUARTERS_PER_H = QUARTERS // 24


@noun(eq=False)
class ChargeRow:
    """One row: a charge on what falls into its window, from its limit on."""

    number: int
    """Row of the sheet, the headings being row 1 of most."""
    kind: RowKind
    period: str
    """Name of a demand charge's period; else empty."""
    limit: Decimal
    """kWh or kW above which it holds."""
    price: Decimal
    """[$ per unit]"""
    is_daily: bool
    window: Bools
    """Shape (12, 7, 96)."""


def is_charge_sheet(sheet: SheetRows) -> bool:
    """Say whether a sheet has the headings of such tariffs."""
    names = {heading.lower() for heading in sheet.headings}
    return {"utility", "type", "month_start", "hour_end", "weekday_end"} <= names


def charge_rows(sheet: SheetRows, file: str, book: ClauseBook) -> list[ChargeRow]:
    """Read the electric rows of a sheet; rows of other utilities are left out by name.

    Raises
    ------
    TariffFileError
        Naming the first row whose shape is wrong.
    """
    reader = _Reader(sheet, file)
    reader.refuse_unknown_columns(book)
    found, foreign = [], []
    for number, cells in sheet.rows.items():
        named = {heading.lower(): value for heading, value in cells.items()}
        utility = str(named.get("utility", "")).lower()
        if utility == "electric":
            found.append(reader.row(number, named))
        elif utility:
            foreign.append(f"{number} ({utility})")
        elif set(named) - {"notes"}:
            raise reader.wrong(number, "utility", Text(en="is missing", zh="缺失"))
    if foreign:
        book.ignore("rows", ", ".join(foreign), Text(en="of another utility", zh="属于其他能源"))
    notes = {str(cells["Notes"]): number for number, cells in reversed(sheet.rows.items()) if "Notes" in cells}
    for note, number in sorted(notes.items(), key=lambda item: item[1]):
        book.ignore(f"row {number}: Notes", note, Text(en="is free text", zh="为自由文本"))
    return found


class _Reader:
    """Reads the rows of one sheet."""

    def __init__(self, sheet: SheetRows, file: str) -> None:
        self.sheet = sheet
        self.file = file

    def refuse_unknown_columns(self, book: ClauseBook) -> None:
        known = {name + system for name in KNOWN for system in SYSTEMS} | set(WINDOWS)
        for heading in self.sheet.headings:
            if heading.lower() not in known and any(heading in cells for cells in self.sheet.rows.values()):
                book.refuse(heading, Text(en="a column this reader does not know", zh="无法识别的列"))

    def wrong(self, number: int, column: str, problem: Text) -> TariffFileError:
        mend = Text(en="Mend the row.", zh="请更正该行。")
        return TariffFileError(
            file=self.file, field=f"{self.sheet.title}, row {number}, {column}", problem=problem, mend=mend
        )

    def row(self, number: int, cells: Cells) -> ChargeRow:
        kind = str(cells.get("type", "")).lower()
        if kind not in UNITS:
            listed = ", ".join(UNITS)
            raise self.wrong(number, "type", Text(en=f"is none of {listed}", zh=f"不属于 {listed}"))
        unit = str(cells.get("units", UNITS[kind]))
        if unit != UNITS[kind]:
            raise self.wrong(
                number, "units", Text(en=f"is {unit}, not {UNITS[kind]}", zh=f"为 {unit}，而非 {UNITS[kind]}")
            )
        price = self._amount(number, cells, "charge")
        if price is None:
            raise self.wrong(number, "charge", Text(en="is missing", zh="缺失"))
        limit = self._amount(number, cells, "basic_charge_limit") or ZERO
        if limit < 0:
            raise self.wrong(number, "basic_charge_limit", Text(en="must not be negative", zh="不得为负"))
        assessed = str(cells.get("assessed", "monthly")).lower()
        if assessed not in ("monthly", "daily") or (assessed == "daily" and kind != "demand"):
            raise self.wrong(number, "assessed", Text(en=f"is {assessed}", zh=f"为 {assessed}"))
        return ChargeRow(
            number=number,
            kind=kind,
            period=str(cells.get("period", "")),
            limit=limit,
            price=price,
            is_daily=assessed == "daily",
            window=self._window(number, cells, optional=kind == "customer"),
        )

    def _amount(self, number: int, cells: Cells, column: str) -> Decimal | None:
        """Give an amount; electricity is metered alike in both systems of units."""
        given = {column + system: cells[column + system] for system in SYSTEMS if column + system in cells}
        texts = [name for name, value in given.items() if not isinstance(value, Decimal)]
        if texts:
            raise self.wrong(number, texts[0], Text(en="is no number", zh="不是数值"))
        amounts = [value for value in given.values() if isinstance(value, Decimal)]
        if len(set(amounts)) > 1:
            listed = " ≠ ".join(f"{value:f}" for value in amounts)
            raise self.wrong(
                number, column, Text(en=f"differs by system of units: {listed}", zh=f"两种单位制不一致：{listed}")
            )
        return amounts[0] if amounts else None

    def _window(self, number: int, cells: Cells, *, optional: bool) -> Bools:
        window = np.zeros(SHAPE, dtype=bool)
        if optional and not any(column in cells for column in WINDOWS):
            window[:] = True
            return window
        months = self._span(number, cells, "month", (1, MONTHS), 1)
        hours = (
            self._span(number, cells, "hour", (0, 24), QUARTERS_PER_H)
            if not optional or "hour_start" in cells
            else slice(None)
        )
        days = (
            self._span(number, cells, "weekday", (0, DAYS - 1), 1)
            if not optional or "weekday_start" in cells
            else slice(None)
        )
        window[months, days, hours] = True
        return window

    def _span(self, number: int, cells: Cells, name: str, bounds: tuple[int, int], per_unit: int) -> slice:
        """Read ``name_start`` and ``name_end``; hours end exclusive, months and weekdays inclusive."""
        edges = []
        for column in (f"{name}_start", f"{name}_end"):
            value = cells.get(column)
            if not isinstance(value, Decimal) or value * per_unit != int(value * per_unit):
                seen = "∅" if value is None else shorten(value, 40)
                whole = (
                    Text(en=f"{seen} is no whole number", zh=f"{seen} 不是整数")
                    if per_unit == 1
                    else Text(
                        en=f"{seen} is no multiple of {MIN_PER_QUARTER} minutes",
                        zh=f"{seen} 不是 {MIN_PER_QUARTER} 分钟的整数倍",
                    )
                )
                raise self.wrong(number, column, whole)
            if not bounds[0] <= value <= bounds[1]:
                raise self.wrong(
                    number,
                    column,
                    Text(en=f"must lie in {bounds[0]}…{bounds[1]}", zh=f"须在 {bounds[0]}…{bounds[1]} 之间"),
                )
            edges.append(int(value * per_unit) - (bounds[0] if name == "month" else 0))
        first, last = edges
        if first > last or (name == "hour" and first == last):
            raise self.wrong(
                number, f"{name}_start", Text(en="lies after its end; write two rows", zh="晚于结束，请拆成两行")
            )
        return slice(first, last if name == "hour" else last + 1)
