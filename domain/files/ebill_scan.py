"""Walk over the sheets of an e-bill and tell what each row is: title, heading, row of a table, labels, or nothing known."""

import re
from collections.abc import Iterator
from typing import Any

from domain.errors import WattplanError
from domain.files.ebill_cells import number, said
from domain.files.ebill_meters import MeterHeading, heading_of_meter
from domain.files.ebill_tables import (
    CHARGES,
    FEES,
    HOURS,
    ITEMS,
    POWER,
    READINGS,
    TABLES,
    EColumn,
    ETable,
    column_meant,
    is_not_kept,
    label_meant,
    title_meant,
)
from domain.files.plan_sheets import README_TITLE
from domain.files.xlsx_book import RawCell, RawSheet
from domain.noun import noun
from domain.shadow.ebill import RowPlace
from domain.shadow.vocabulary import folded, register_meant

Layout = dict[int, EColumn]
_INLINE = re.compile(r"^([^:：]{2,14})[:：]\s*(\S.*)$")
_HOUR = re.compile(r"^(\d{1,2})(?:时|点)?(?::00)?(?:-\d{1,2}(?::00)?(?:时|点)?)?$")
AMOUNTS = frozenset({"demand_amount", "capacity_amount", "power_factor_amount"})
_SECTIONS = (
    ("运营费", "fees"),
    ("24小时", "hours"),
    ("概况", "overview"),
    ("概览", "overview"),
    ("基本信息", "overview"),
    ("需量", "power"),
    ("需)量", "power"),
    ("功率因", "power"),
    ("力调", "power"),
    ("明细", "detail"),
)


@noun(eq=False)
class FoundCell:
    """A cell that means something: the column or label it stands under, and where it is."""

    column: EColumn
    cell: RawCell
    sheet: str
    row: int
    place: int
    """Column from 1."""


@noun(eq=False)
class FoundRow:
    """A row of a table, or a block of labels: its cells by key."""

    table: ETable
    place: RowPlace
    cells: dict[str, FoundCell]
    meter: MeterHeading | None


@noun(eq=False)
class Scan:
    """Everything found, in the order of the files."""

    labels: list[FoundCell]
    rows: list[FoundRow]
    meters: list[MeterHeading]
    not_kept: list[str]
    """Labels that are known and not needed."""
    unused: list[tuple[RowPlace, str]]
    """Rows that mean nothing to the reader, with their text."""
    unused_columns: list[tuple[RowPlace, str]]
    """Headings within a known table that mean nothing."""
    unused_sheets: list[str]
    beyond: list[tuple[RowPlace, int, RawCell]]
    """Cells of known rows that stand under no heading and beside no label, with their column."""


def section_of(text: str) -> str | None:
    """Give the section that a title or a sheet's name opens."""
    plain = folded(text)
    return next((section for word, section in _SECTIONS if word in plain), None)


def scan(sheets: tuple[RawSheet, ...]) -> Scan:
    """Tell what each row of each sheet is."""
    found = Scan(labels=[], rows=[], meters=[], not_kept=[], unused=[], unused_columns=[], unused_sheets=[], beyond=[])
    section = "overview"
    for sheet in sheets:
        if sheet.title == README_TITLE:
            continue
        walk = _Walk(sheet, found, section_of(sheet.title) or section)
        walk.run()
        section = walk.section
    return found


class _Walk:
    """One pass over one sheet."""

    def __init__(self, sheet: RawSheet, found: Scan, section: str) -> None:
        self.sheet = sheet
        self.found = found
        self.section = section
        self.meter: MeterHeading | None = None
        self.table: ETable | None = None
        self.layouts: dict[str, list[Layout]] = {}
        self.headed: dict[str, set[int]] = {}
        self.block: FoundRow | None = None
        self.copies: set[tuple[int, int]] = set()

    def run(self) -> None:
        known_before = self._n_known()
        unused_before = len(self.found.unused)
        for number_of_row, cells in self._rows():
            self._row(RowPlace(sheet=self.sheet.title, row=number_of_row), cells)
        if known_before == self._n_known() and not self.layouts and self.sheet.cells:
            del self.found.unused[unused_before:]
            self.found.unused_sheets.append(self.sheet.title)

    def _n_known(self) -> int:
        return len(self.found.rows) + len(self.found.labels) + len(self.found.meters)

    def _rows(self) -> Iterator[tuple[int, dict[int, RawCell]]]:
        """Give the filled rows; the first cell of a range merged over rows stands in each of its rows."""
        cells = dict(self.sheet.cells)
        for first_row, first_column, last_row, _ in self.sheet.merged:
            top = cells.get((first_row, first_column))
            if top is not None and last_row - first_row < 500:  # noqa: PLR2004 -- no bill merges more
                for row in range(first_row + 1, last_row + 1):
                    if (row, first_column) not in cells:
                        cells[row, first_column] = top
                        self.copies.add((row, first_column))
        rows: dict[int, dict[int, RawCell]] = {}
        for row, column in sorted(cells):
            rows.setdefault(row, {})[column] = cells[row, column]
        for row, found in rows.items():
            if any((row, column) not in self.copies for column in found):
                yield row, found

    def _row(self, place: RowPlace, cells: dict[int, RawCell]) -> None:
        texts = {column: said(cell.value) for column, cell in cells.items() if cell.value is not None}
        if texts and all(title_meant(text) for text in texts.values()):
            self._open("".join(texts.values()))
            return
        if self._heading(place, texts):
            return
        meter = heading_of_meter(list(texts.values()), place)
        if meter is not None:
            self.meter = meter
            self.found.meters.append(meter)
            self.table, self.block, self.section = None, None, "detail"
            return
        pairs, taken = self._pairs(place, cells, texts)
        if len(pairs) < 2 and self._table_rows(place, cells):  # noqa: PLR2004 -- one pair may be a row of a table
            return
        self._take_pairs(place, pairs)
        rest = {at: cell for at, cell in cells.items() if at not in taken and (place.row, at) not in self.copies}
        if not taken:
            self.found.unused.append((place, " | ".join(texts.values())))
        else:
            self.found.beyond.extend((place, at, cell) for at, cell in rest.items())

    def _open(self, title: str) -> None:
        self.table, self.block = None, None
        section = section_of(title)
        if section is not None and section != self.section:
            self.section = section
            if section in ("power", "hours", "fees"):
                self.meter = None

    # headings

    def _heading(self, place: RowPlace, texts: dict[int, str]) -> bool:
        if any(_is_number(text) for text in texts.values()):
            return False
        for table in TABLES:
            layouts, unknown = _layouts(table, texts)
            if layouts and table.fits(column.key for column in layouts[0].values()):
                if table is ITEMS and self.section == "fees":
                    table, layouts = FEES, [_as_fees(one) for one in layouts]  # noqa: PLW2901 -- same columns
                self._begin(table, layouts, texts)
                self.found.unused_columns.extend((place, text) for text in unknown)
                return True
        layouts, unknown = _layouts(POWER, texts)
        if layouts and sum(map(len, layouts)) > max(1, len(unknown)):
            self._begin(POWER, layouts, texts)
            self.found.unused_columns.extend((place, text) for text in unknown)
            return True
        return False

    def _begin(self, table: ETable, layouts: list[Layout], texts: dict[int, str]) -> None:
        self.table, self.block = table, None
        self.layouts[table.key] = layouts
        self.headed[table.key] = set(texts)
        if table in (READINGS, CHARGES):
            self.section = "detail"

    # rows of tables

    def _table_rows(self, place: RowPlace, cells: dict[int, RawCell]) -> bool:
        for table in self._candidates(cells):
            rows = [self._found(table, layout, place, cells) for layout in self.layouts[table.key]]
            fitting = [row for row in rows if _fits(row)]
            if fitting:
                self.found.rows.extend(fitting)
                rest = [at for at in cells if at not in self.headed[table.key] and (place.row, at) not in self.copies]
                self.found.beyond.extend((place, at, cells[at]) for at in rest)
                return True
        return False

    def _candidates(self, cells: dict[int, RawCell]) -> list[ETable]:
        """Give the tables a row may belong to; a register's name makes a row a reading under any heading."""
        tables = [] if self.table is None else [self.table]
        if READINGS.key in self.layouts and READINGS not in tables:
            place = next(
                (at for at, column in self.layouts[READINGS.key][0].items() if column.key == "reading_type"), None
            )
            cell = cells.get(place) if place is not None else None
            if cell is not None and isinstance(cell.value, str) and register_meant(cell.value) is not None:
                return [READINGS]
        if not tables and self.section == "detail" and CHARGES.key in self.layouts:
            tables = [CHARGES]
        return tables

    def _found(self, table: ETable, layout: Layout, place: RowPlace, cells: dict[int, RawCell]) -> FoundRow:
        found = {}
        for at, column in layout.items():
            is_copied_number = (place.row, at) in self.copies and column.read != "text"
            if at in cells and not is_copied_number:
                found[column.key] = FoundCell(
                    column=column, cell=cells[at], sheet=self.sheet.title, row=place.row, place=at
                )
        return FoundRow(table=table, place=place, cells=found, meter=self.meter)

    # labels with their values

    def _pairs(
        self, place: RowPlace, cells: dict[int, RawCell], texts: dict[int, str]
    ) -> tuple[list[tuple[str, FoundCell]], set[int]]:
        """Give each label that has its value beside or in it, and which of the row's columns that takes."""
        pairs: list[tuple[str, FoundCell]] = []
        columns = sorted(cells)
        taken: set[int] = set()
        for index, at in enumerate(columns):
            if at in taken or not isinstance(cells[at].value, str):
                continue
            inline = _INLINE.match(texts[at])
            if inline is not None and _label(inline.group(1)):
                pairs += self._pair(place, inline.group(1), RawCell(value=inline.group(2)), at)
                taken.add(at)
                continue
            if not _label(texts[at]):
                continue
            taken.add(at)
            beside = columns[index + 1] if index + 1 < len(columns) else None
            if beside is not None and not _label(texts.get(beside, "")) and not _INLINE.match(texts.get(beside, "")):
                pairs += self._pair(place, texts[at], cells[beside], beside)
                taken.add(beside)
        return pairs, taken

    def _pair(self, place: RowPlace, name: str, cell: RawCell, at: int) -> list[tuple[str, FoundCell]]:
        if is_not_kept(name):
            self.found.not_kept.append(name)
        found = []
        for kind, column in (("labels", label_meant(name)), ("power", column_meant(POWER, name))):
            if column is not None and column.key != "meter_no":
                one = FoundCell(column=column, cell=cell, sheet=self.sheet.title, row=place.row, place=at)
                found.append((kind, one))
        if len(found) > 1:  # a label of both, such as 功率因数, goes with its neighbours
            is_power = self.block is not None or self.section == "power"
            found = [one for one in found if (one[0] == "power") == is_power]
        return found

    def _take_pairs(self, place: RowPlace, pairs: list[tuple[str, FoundCell]]) -> None:
        power = [one for kind, one in pairs if kind == "power"]
        self.found.labels.extend(one for kind, one in pairs if kind == "labels")
        if power and self.section == "overview" and all(one.column.key in AMOUNTS for one in power):
            self.found.rows.extend([_as_item(one, place, self.meter) for one in power])
        elif power:
            self._add_to_block(place, power)

    def _add_to_block(self, place: RowPlace, power: list[FoundCell]) -> None:
        for one in power:
            if self.block is None or one.column.key in self.block.cells:
                self.block = FoundRow(table=POWER, place=place, cells={}, meter=self.meter)
                self.found.rows.append(self.block)
            self.block.cells[one.column.key] = one
        self.table = None


def _label(text: str) -> bool:
    return label_meant(text) is not None or column_meant(POWER, text) is not None or is_not_kept(text)


def _is_number(text: str) -> bool:
    try:
        return number(text, unit="share") is not None
    except WattplanError:
        return False


def _layouts(table: ETable, texts: dict[int, str]) -> tuple[list[Layout], list[str]]:
    """Give the columns of a heading row, anew from each repeated heading on, and the headings that mean nothing."""
    layouts: list[Layout] = []
    unknown: list[str] = []
    for at, text in texts.items():
        column = column_meant(table, text)
        if column is None:
            unknown.append(text)
            continue
        if not layouts or any(one.key == column.key for one in layouts[-1].values()):
            layouts.append({})
        layouts[-1][at] = column
    return layouts, unknown


def _as_fees(layout: Layout) -> Layout:
    by_key = {column.key: column for column in FEES.columns}
    return {at: by_key[column.key] for at, column in layout.items()}


def _as_item(one: FoundCell, place: RowPlace, meter: MeterHeading | None) -> FoundRow:
    by_key = {column.key: column for column in ITEMS.columns}
    name = RawCell(value=one.column.names[0])
    cells = {
        "name": FoundCell(column=by_key["name"], cell=name, sheet=one.sheet, row=one.row, place=one.place),
        "amount": FoundCell(column=by_key["amount"], cell=one.cell, sheet=one.sheet, row=one.row, place=one.place),
    }
    return FoundRow(table=ITEMS, place=place, cells=cells, meter=meter)


def _value(row: FoundRow, key: str) -> Any:
    return row.cells[key].cell.value if key in row.cells else None


def _fits(row: FoundRow) -> bool:
    """Say whether a row below a heading belongs to its table."""
    if row.table is READINGS:
        text = _value(row, "reading_type")
        return text is not None and register_meant(str(text)) is not None
    if row.table is HOURS:
        hour = _value(row, "hour")
        return hour is not None and (_HOUR.match(folded(said(hour))) is not None)
    if row.table is CHARGES:
        named = any(isinstance(_value(row, key), str) for key in ("category", "component", "band"))
        return named and any(key in row.cells for key in ("amount", "quantity"))
    if row.table in (ITEMS, FEES):
        return isinstance(_value(row, "name"), str) and "amount" in row.cells
    return any(key != "meter_no" for key in row.cells)
