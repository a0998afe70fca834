"""Wide files: one row a day (and quantity), one column an interval."""

import numpy as np

from domain.files import meter_columns
from domain.files.meter_body import Body
from domain.files.meter_clock import midnights_utc
from domain.files.meter_columns import time_of_day_kind
from domain.files.meter_days import settled_days
from domain.files.meter_errors import MeterColumnAmbiguousError, MeterNoReadingsError, MeterNoTimeColumnError
from domain.files.meter_findings import (
    COLUMNS_USED,
    MIDNIGHT_MOVED,
    ROWS_LEFT_OUT,
    UNIT_USED,
    UNREADABLE_STAMPS,
    cell_shown,
    rows_shown,
)
from domain.files.meter_header import Layout
from domain.files.meter_options import MeterReadOptions, ReadingLog
from domain.files.meter_slots import Slots, slots_of
from domain.files.meter_stamps import DAY_MS, MINUTE_MS, NONE, IntArray, read_stamps
from domain.files.meter_stream import Channel, Stream
from domain.files.meter_table import Cell, Table, is_blank
from domain.files.meter_values import STAMPS, refuse_too_many, too_wide, values_of
from domain.files.meter_words import Heading, Role, Unit, heading_of, plain_heading, unit_in
from domain.noun import noun
from domain.text import Text

CHANNEL_ROLES = {Role.IMPORT: "import", Role.EXPORT: "export", Role.REACTIVE: "reactive"}


@noun(eq=False)
class _Kind:
    """The rows of one quantity."""

    channel: str
    name: str
    heading: Heading
    picks: IntArray


@noun(eq=False)
class _Days:
    days: IntArray
    rows: IntArray
    cells: list[list[Cell]]
    column: str


def wide_streams(
    table: Table, layout: Layout, body: Body, options: MeterReadOptions, log: ReadingLog
) -> tuple[Stream, ...]:
    """Read the rows of a daily file as one stream for each quantity, import first.

    Raises
    ------
    MeterFileError
        A subclass that names what is missing or cannot be told.
    """
    slots = slots_of(layout, options.labels)
    days = _days(table, layout, body, options, log)
    if slots.last_is_24:
        log.found(MIDNIGHT_MOVED.at(count=int(days.days.size), rows=rows_shown(days.rows)))
    streams: list[Stream] = []
    active: Unit | None = None
    used: dict[str, str] = {}
    for kind in _kinds(days, layout, options, log):
        if active is None:
            heading = Heading(text=kind.heading.text, role=kind.heading.role, unit=_row_unit(kind, days, layout))
            unit, why = meter_columns.active_unit(heading, kind.name, layout, options, log)
            active = unit
        else:
            unit, why = meter_columns.other_unit(kind.heading, active, kind.name)
        log.assumed(UNIT_USED.at(channel=kind.channel, unit=unit.name, why=why, multiplier=str(options.multiplier)))
        used[kind.channel] = kind.name
        streams.append(_stream(kind, unit, slots, days, table=table, options=options, log=log))
    log.assumed(
        COLUMNS_USED.at(
            time=f"{days.column} + {slots.why}",
            imported=used["import"],
            exported=used.get("export", "-"),
            reactive=used.get("reactive", "-"),
        )
    )
    return tuple(streams)


def _days(table: Table, layout: Layout, body: Body, options: MeterReadOptions, log: ReadingLog) -> _Days:
    columns = [column for column in layout.of(Role.STAMP) if time_of_day_kind(table, layout, column) == "date"]
    if not columns:
        raise MeterNoTimeColumnError(seen=Text(en=f"The headings are: {layout.shown}.", zh=f"表头为：{layout.shown}。"))
    name = layout.names[columns[0]]
    cells = [row[columns[0]] if columns[0] < len(row) else None for row in body.rows]
    rows = np.array(body.row_numbers, dtype=np.int64)
    stamps = read_stamps(cells)
    days = settled_days(stamps, options.day_first, log)
    good = (days != NONE) & ((stamps.clock_ms == NONE) | (stamps.clock_ms == 0))
    if not good.all():
        first = int(np.argmin(good))
        text = cell_shown(cells[first])
        refuse_too_many(int((~good).sum()), good.size, STAMPS, row=int(rows[first]), column=name, text=text)
        bad = rows[~good]
        log.found(UNREADABLE_STAMPS.at(count=int(bad.size), rows=rows_shown(bad), row=int(rows[first]), text=text))
    good &= ~too_wide(body.rows, rows, len(layout.names), log)
    if not good.any():
        raise MeterNoReadingsError(row=table.row_numbers[layout.header])
    kept = np.flatnonzero(good)
    return _Days(days=days[kept], rows=rows[kept], cells=[body.rows[index] for index in kept], column=name)


def _kinds(days: _Days, layout: Layout, options: MeterReadOptions, log: ReadingLog) -> list[_Kind]:
    """Split the rows by the quantity they name; a file without such a column holds import."""
    columns = layout.of(Role.QUANTITY)
    name = "P…"
    if not columns:
        heading = Heading(text="", role=Role.IMPORT)
        return [_Kind(channel="import", name=name, heading=heading, picks=np.arange(days.days.size))]
    texts = [_text(row, columns[0]) for row in days.cells]
    headings = {text: heading_of(text) for text in dict.fromkeys(texts)}
    kinds: list[_Kind] = []
    for role, channel in CHANNEL_ROLES.items():
        chosen = _one_of([text for text, heading in headings.items() if heading.role is role], headings, role, options)
        if chosen is not None:
            picks = np.flatnonzero([text == chosen for text in texts])
            kinds.append(_Kind(channel=channel, name=chosen, heading=headings[chosen], picks=picks))
    if not kinds or kinds[0].channel != "import":
        listed = Text(en=", ".join(map(repr, headings)), zh=", ".join(map(repr, headings)))
        raise meter_columns.MeterNoValueColumnError(headings=listed)
    others = [text for text in texts if text not in {kind.name for kind in kinds}]
    if others:
        kinds_shown = cell_shown(", ".join(dict.fromkeys(others)))
        log.found(ROWS_LEFT_OUT.at(count=len(others), kinds=kinds_shown))
    return kinds


def _text(row: list[Cell], column: int) -> str:
    return str(row[column]).strip() if column < len(row) and not is_blank(row[column]) else ""


def _one_of(texts: list[str], headings: dict[str, Heading], role: Role, options: MeterReadOptions) -> str | None:
    if options.value_column is not None and role is Role.IMPORT:
        wanted = plain_heading(options.value_column)
        return next((text for text, heading in headings.items() if heading.text == wanted), None)
    wanted_energy = None if options.unit is None else options.unit == "kwh"
    rules = (
        lambda heading: wanted_energy is None or (heading.unit is not None and heading.unit.is_energy is wanted_energy),
        lambda heading: not any(phase in heading.text for phase in ("a相", "b相", "c相", "phase")),
        lambda heading: "总" in heading.text or "total" in heading.text,
        lambda heading: heading.unit is not None and heading.unit.is_energy,
    )
    for rule in rules:
        texts = [text for text in texts if rule(headings[text])] or texts
    if len(texts) > 1:
        raise MeterColumnAmbiguousError(columns=tuple(repr(text) for text in texts))
    return texts[0] if texts else None


def _row_unit(kind: _Kind, days: _Days, layout: Layout) -> Unit | None:
    columns = layout.of(Role.UNIT)
    if columns:
        named = {
            unit_in(plain_heading(days.cells[index][columns[0]]))
            for index in kind.picks
            if columns[0] < len(days.cells[index])
        }
        if len(named) == 1:
            return named.pop()
    return kind.heading.unit


def _stream(
    kind: _Kind, unit: Unit, slots: Slots, days: _Days, *, table: Table, options: MeterReadOptions, log: ReadingLog
) -> Stream:
    cells: list[Cell] = []
    columns: list[str] = []
    for index in kind.picks:
        row = days.cells[index]
        cells.extend(row[column] if column < len(row) else None for column in slots.edges_min)
        columns.extend(f"P{minute // 60:02d}:{minute % 60:02d}" for minute in slots.edges_min.values())
    rows = np.repeat(days.rows[kind.picks], len(slots.edges_min))
    values = values_of(cells, rows, columns, table=table, options=options, log=log) * unit.factor
    minutes = np.tile(np.array(list(slots.edges_min.values()), dtype=np.int64), kind.picks.size)
    of_day = days.days[kind.picks]
    stamps = np.repeat(of_day * DAY_MS, len(slots.edges_min)) + minutes * MINUTE_MS
    offsets = np.full(stamps.size, NONE)
    if slots.is_sequence:
        stamps = np.repeat(midnights_utc(of_day, options.zone), len(slots.edges_min)) + minutes * MINUTE_MS
        offsets = np.zeros(stamps.size, dtype=np.int64)
    # An empty cell is no reading: daily files leave cells empty for hours a day does not have.
    there = np.isfinite(values)
    channel = Channel(name=kind.channel, column=kind.name, is_energy=unit.is_energy, values=values[there])
    return Stream(
        stamp_ms=stamps[there],
        offset_min=offsets[there],
        rows=rows[there],
        channels=(channel,),
        ends_at_24="",
        labels=slots.labels,
        labels_from=slots.why,
        step_min=slots.step_min,
        time_column=f"{days.column} + {slots.why}",
    )
