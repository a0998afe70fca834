"""Which columns of a long table hold time, import, export and reactive power."""

import re
from collections.abc import Callable

from domain.files.meter_errors import (
    MeterColumnAmbiguousError,
    MeterNoTimeColumnError,
    MeterNoValueColumnError,
    MeterUnitUnknownError,
)
from domain.files.meter_findings import CHANNEL_LEFT_OUT, COLUMN_GUESSED, UNIT_CONTRADICTS
from domain.files.meter_header import Layout
from domain.files.meter_numbers import PLACEHOLDERS, read_numbers
from domain.files.meter_options import MeterReadOptions, ReadingLog
from domain.files.meter_stamps import read_stamps
from domain.files.meter_table import Cell, Table, is_blank
from domain.files.meter_words import Heading, Role, Unit, plain_heading
from domain.findings import Finding
from domain.noun import noun
from domain.text import Text

SAMPLE_ROWS = 300
HALF = 0.5
OPTION_UNITS = {"kwh": Unit(name="kWh", is_energy=True, factor=1.0), "kw": Unit(name="kW", is_energy=False, factor=1.0)}
PAIRS = (
    ("lagging", "leading"),
    ("forward", "reverse"),
    ("import", "export"),
    ("正向", "反向"),
    ("感性", "容性"),
    ("滞后", "超前"),
    ("inductive", "capacitive"),
)

_COUNTED = re.compile(r"hour|\bhr\b|time|stunde|uhr|zeit|period|interval|slot|时|点")


@noun
class TimeColumns:
    """Where the time stands: one column, or a date and a clock column."""

    stamp: int
    clock: int | None


def sample_of(table: Table, layout: Layout, column: int) -> list[Cell]:
    """Give the first cells of a column that hold something."""
    rows = table.rows[layout.first : layout.first + SAMPLE_ROWS]
    return [row[column] for row in rows if column < len(row) and not is_blank(row[column])]


def time_columns(table: Table, layout: Layout) -> TimeColumns:
    """Tell the time columns by their headings and by what stands in them.

    Raises
    ------
    MeterNoTimeColumnError
        If no column holds a date with a time of day, and no pair of columns does.
    """
    full: list[int] = []
    dates: list[int] = []
    clocks: list[int] = []
    for column in layout.of(Role.STAMP):
        kind = _kind(sample_of(table, layout, column), layout.headings[column].text)
        {"full": full, "date": dates, "clock": clocks}.get(kind, []).append(column)
    midnight = [column for column in full if _is_midnight(sample_of(table, layout, column))]
    if midnight and clocks:
        # A spreadsheet writes a bare date as its midnight.
        dates, full = [*dates, *midnight], [column for column in full if column not in midnight]
    if full:
        return TimeColumns(stamp=min(full, key=lambda column: _rank(layout.headings[column])), clock=None)
    if dates and clocks:
        first = min(clocks, key=lambda column: _rank(layout.headings[column]))
        return TimeColumns(stamp=dates[0], clock=first)
    raise MeterNoTimeColumnError(
        seen=Text(en=f"The headings are: {layout.shown}.", zh=f"表头为：{layout.shown}。"),
    )


def _rank(heading: Heading) -> tuple[bool, bool]:
    # UTC leaves no doubt at clock changes, and the start of an interval none about its edge.
    return ("utc" not in heading.text, heading.label != "start")


def _kind(cells: list[Cell], heading: str) -> str:
    if not cells:
        return "none"
    stamps = read_stamps(cells)
    day, clock = stamps.has_day, stamps.has_clock
    for kind, share in (("full", (day & clock)), ("date", (day & ~clock)), ("clock", (~day & clock))):
        if share.mean() >= HALF:
            return kind
    return "clock" if _COUNTED.search(heading) and all(_is_count(cell) for cell in cells) else "none"


def _is_count(cell: Cell) -> bool:
    return plain_heading(cell).isdigit() and len(plain_heading(cell)) <= len("2400")


def _is_midnight(cells: list[Cell]) -> bool:
    stamps = read_stamps(cells)
    return bool((stamps.clock_ms[stamps.has_day & stamps.has_clock] == 0).all())


def import_column(table: Table, layout: Layout, options: MeterReadOptions, log: ReadingLog) -> int:
    """Tell the one column of import.

    Raises
    ------
    MeterNoValueColumnError, MeterColumnAmbiguousError
    """
    if options.value_column is not None:
        wanted = plain_heading(options.value_column)
        named = [index for index, heading in enumerate(layout.headings) if heading.text == wanted]
        if len(named) != 1:
            raise MeterNoValueColumnError(headings=layout.shown)
        return named[0]
    candidates = [column for column in layout.of(Role.IMPORT) if _is_numeric(table, layout, column)]
    for rule in (_explicit, _of_unit(options), _total, _energy):
        if len(candidates) > 1:
            fitting = [column for column in candidates if rule(layout.headings[column])]
            candidates = fitting or candidates
    if len(candidates) > 1:
        raise MeterColumnAmbiguousError(columns=tuple(repr(layout.names[column]) for column in candidates))
    return candidates[0] if candidates else _only_numbers(table, layout, options, log)


def _explicit(heading: Heading) -> bool:
    return heading.is_explicit


def _of_unit(options: MeterReadOptions) -> Callable[[Heading], bool]:
    def fits(heading: Heading) -> bool:
        return options.unit is None or (heading.unit is not None and heading.unit.is_energy is (options.unit == "kwh"))

    return fits


def _total(heading: Heading) -> bool:
    return "总" in heading.text or "total" in heading.text


def _energy(heading: Heading) -> bool:
    return heading.unit is not None and heading.unit.is_energy


def _is_numeric(table: Table, layout: Layout, column: int) -> bool:
    cells = sample_of(table, layout, column)
    if not cells:
        return True
    commas, points = (read_numbers(cells, decimal_comma=comma).bad.mean() for comma in (True, False))
    return bool(min(commas, points) <= HALF) and not all(plain_heading(cell) in PLACEHOLDERS for cell in cells)


def _only_numbers(table: Table, layout: Layout, options: MeterReadOptions, log: ReadingLog) -> int:
    """Take the only column of numbers that is nothing else, where the caller named its unit."""
    others = [
        column
        for column in layout.of(Role.OTHER)
        if layout.names[column] and sample_of(table, layout, column) and _is_numeric(table, layout, column)
    ]
    if options.unit is None or len(others) != 1:
        raise MeterNoValueColumnError(headings=layout.shown)
    log.found(COLUMN_GUESSED.at(column=layout.names[others[0]]))
    return others[0]


def export_column(layout: Layout, log: ReadingLog, *, is_energy: bool) -> tuple[int, ...]:
    """Tell the column of export; several are left out with a finding."""
    columns = _of_same_kind(layout, Role.EXPORT, is_energy=is_energy)
    if len(columns) > 1:
        log.found(_left_out(layout, columns, "export"))
    return columns if len(columns) == 1 else ()


def reactive_columns(layout: Layout, log: ReadingLog, *, is_energy: bool) -> tuple[int, ...]:
    """Tell the column of reactive power, or the two whose sizes add up to it."""
    columns = _of_same_kind(layout, Role.REACTIVE, is_energy=is_energy)
    if not columns or len(columns) == 1 or (len(columns) == 2 and _is_pair(layout, columns)):  # noqa: PLR2004
        return columns
    total = tuple(column for column in columns if _total(layout.headings[column]))
    if len(total) == 1:
        return total
    log.found(_left_out(layout, columns, "reactive"))
    return ()


def _of_same_kind(layout: Layout, role: Role, *, is_energy: bool) -> tuple[int, ...]:
    """Give the columns of a role, those of the import's kind of unit first and alone."""
    columns = layout.of(role)
    same = tuple(
        column for column in columns if (unit := layout.headings[column].unit) is None or unit.is_energy is is_energy
    )
    return same or columns


def _is_pair(layout: Layout, columns: tuple[int, ...]) -> bool:
    first, second = (layout.headings[column].text for column in columns)
    return any((a in first and b in second) or (b in first and a in second) for a, b in PAIRS)


def _left_out(layout: Layout, columns: tuple[int, ...], channel: str) -> Finding:
    return CHANNEL_LEFT_OUT.at(columns=", ".join(layout.names[column] for column in columns), channel=channel)


def active_unit(
    heading: Heading, name: str, layout: Layout, options: MeterReadOptions, log: ReadingLog
) -> tuple[Unit, str]:
    """Tell the unit of an active column: the caller's word, the heading's, or the titles'.

    Raises
    ------
    MeterUnitUnknownError
        If nobody says.
    """
    if heading.unit is not None and (options.unit is None or heading.unit.is_energy is (options.unit == "kwh")):
        return heading.unit, f"'{name}'"
    if options.unit is not None:
        if heading.unit is not None:
            log.found(UNIT_CONTRADICTS.at(column=name, heading=heading.unit.name, unit=options.unit))
        return OPTION_UNITS[options.unit], f"unit = {options.unit}"
    if layout.title_unit is not None:
        return layout.title_unit, f"'{layout.title_unit_from}'"
    raise MeterUnitUnknownError(column=name)


def other_unit(heading: Heading, active: Unit, name: str) -> tuple[Unit, str]:
    """Tell the unit of export or reactive power: the heading's, otherwise that of the import."""
    return (heading.unit, f"'{name}'") if heading.unit is not None else (active, "= import")


def time_of_day_kind(table: Table, layout: Layout, column: int) -> str:
    """Tell whether a column holds dates, clock times or both; midnights alone count as dates."""
    cells = sample_of(table, layout, column)
    kind = _kind(cells, layout.headings[column].text)
    return "date" if kind == "full" and _is_midnight(cells) else kind
