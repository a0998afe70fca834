"""Long files: one row an interval."""

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.files import meter_columns
from domain.files.meter_body import Body
from domain.files.meter_days import settled_days
from domain.files.meter_errors import MeterNoReadingsError
from domain.files.meter_findings import (
    BARE_DATES,
    COLUMNS_USED,
    EMPTY_VALUES,
    MIDNIGHT_MOVED,
    UNIT_USED,
    UNREADABLE_STAMPS,
    cell_shown,
    rows_shown,
)
from domain.files.meter_header import Layout
from domain.files.meter_labels import midnights_last
from domain.files.meter_options import Labels, MeterReadOptions, ReadingLog
from domain.files.meter_stamps import DAY_MS, MINUTE_MS, NONE, IntArray, Stamps, read_stamps
from domain.files.meter_stream import Channel, Stream, stamp_ms
from domain.files.meter_table import Cell, Table
from domain.files.meter_values import STAMPS, refuse_too_many, too_wide, values_of
from domain.files.meter_words import Unit, plain_heading
from domain.noun import noun

_HEADING_OFFSET = re.compile(r"\b(?:utc|gmt)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?")
SLOTS_PER_DAY = (48, 96)
HOURS_PER_DAY = 24
MINUTES_PER_DAY = 1440
BoolArray = npt.NDArray[np.bool_]


@noun(eq=False)
class _Times:
    days: IntArray
    clock_ms: IntArray
    offset_min: IntArray
    texts: list[Cell]
    labels: Labels | None
    labels_from: str
    column: str


def long_stream(table: Table, layout: Layout, body: Body, options: MeterReadOptions, log: ReadingLog) -> Stream:
    """Read the rows of a long file as one stream of import, export and reactive values.

    Raises
    ------
    MeterFileError
        A subclass that names what is missing or cannot be told.
    """
    rows = np.array(body.row_numbers, dtype=np.int64)
    times = _times(table, layout, body, options, log)
    good = _good_stamps(times, rows, log)
    if not good.any():
        raise MeterNoReadingsError(row=table.row_numbers[layout.header])
    clock_ms = _midnights_moved(times, good, rows, log)
    channels = _channels(table, layout, body, options=options, log=log, time_column=times.column)
    imported = channels[0].values
    empty = good & np.isnan(imported)
    if empty.any():
        log.found(EMPTY_VALUES.at(count=int(empty.sum()), rows=rows_shown(rows[empty])))
    return Stream(
        stamp_ms=stamp_ms(times.days[good], clock_ms[good]),
        offset_min=times.offset_min[good],
        rows=rows[good],
        channels=tuple(
            Channel(name=one.name, column=one.column, is_energy=one.is_energy, values=one.values[good])
            for one in channels
        ),
        ends_at_24=_ends_at_24(times, clock_ms, good, rows),
        labels=times.labels,
        labels_from=times.labels_from,
        step_min=None,
        time_column=times.column,
    )


def _cells(body: Body, column: int) -> list[Cell]:
    return [row[column] if column < len(row) else None for row in body.rows]


def _times(table: Table, layout: Layout, body: Body, options: MeterReadOptions, log: ReadingLog) -> _Times:
    columns = meter_columns.time_columns(table, layout)
    cells = _cells(body, columns.stamp)
    stamps = read_stamps(cells)
    clocks, texts, name = stamps, cells, layout.names[columns.stamp]
    clock_ms = stamps.clock_ms
    if columns.clock is not None:
        clock_cells = _cells(body, columns.clock)
        clocks = read_stamps(clock_cells)
        clock_ms = _counted(clock_cells) if _is_counted(clocks) else clocks.clock_ms
        texts = [f"{day} {clock}" for day, clock in zip(cells, clock_cells, strict=True)]
        name = f"{name} + {layout.names[columns.clock]}"
    heading = layout.headings[columns.stamp if columns.clock is None else columns.clock]
    offsets = clocks.offset_min
    fixed = _heading_offset(name)
    if fixed is not None:
        offsets = np.where(offsets == NONE, fixed, offsets)
    days = settled_days(stamps, options.day_first, log)
    if columns.clock is None:
        clock_ms = _bare_dates_at_midnight(days, clock_ms, body, log)
    labels, why = _heading_labels(heading.label, clocks, name)
    return _Times(
        days=days, clock_ms=clock_ms, offset_min=offsets, texts=texts, labels=labels, labels_from=why, column=name
    )


def _heading_labels(label: str | None, clocks: Stamps, name: str) -> tuple[Labels | None, str]:
    if clocks.has_ranges:
        return "start", "00:00-00:15"
    if label == "start":
        return "start", f"'{name}'"
    return ("end", f"'{name}'") if label == "end" else (None, "")


def _heading_offset(name: str) -> int | None:
    match = _HEADING_OFFSET.search(plain_heading(name))
    if match is None:
        return None
    minutes = int(match[2] or 0) * 60 + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes


def _is_counted(clocks: Stamps) -> bool:
    return not clocks.has_clock.any()


def _counted(cells: list[Cell]) -> IntArray:
    """Read clock cells that are plain counts: hours 0…23 or 1…24, slots 1…48 or 1…96, or hhmm."""
    texts = [plain_heading(cell) for cell in cells]
    counts = np.array([int(text) if text.isdecimal() and len(text) <= len("2400") else -1 for text in texts])
    known = counts >= 0
    most = int(counts.max(initial=-1))
    if most <= HOURS_PER_DAY:
        minutes = counts * 60
    elif most in SLOTS_PER_DAY and int(counts[known].min()) >= 1:
        minutes = counts * (MINUTES_PER_DAY // most)
    else:
        minutes = counts // 100 * 60 + counts % 100
        known &= (counts % 100 < 60) & (minutes <= MINUTES_PER_DAY)  # noqa: PLR2004
    return np.where(known, minutes * MINUTE_MS, NONE).astype(np.int64)


def _bare_dates_at_midnight(days: IntArray, clock_ms: IntArray, body: Body, log: ReadingLog) -> IntArray:
    # Several programs drop the time of day of a midnight when they write a stamp.
    bare = (days != NONE) & (clock_ms == NONE)
    if not bare.any():
        return clock_ms
    numbers = np.array(body.row_numbers)
    log.found(BARE_DATES.at(count=int(bare.sum()), rows=rows_shown(numbers[bare])))
    return np.where(bare, 0, clock_ms)


def _good_stamps(times: _Times, rows: IntArray, log: ReadingLog) -> BoolArray:
    good: BoolArray = (times.days != NONE) & (times.clock_ms != NONE)
    if not good.all():
        first = int(np.argmin(good))
        text = cell_shown(times.texts[first])
        refuse_too_many(int((~good).sum()), good.size, STAMPS, row=int(rows[first]), column=times.column, text=text)
        log.found(
            UNREADABLE_STAMPS.at(
                count=int((~good).sum()), rows=rows_shown(rows[~good]), row=int(rows[first]), text=text
            )
        )
    return good


def _midnights_moved(times: _Times, good: BoolArray, rows: IntArray, log: ReadingLog) -> IntArray:
    naive = np.flatnonzero(good & (times.offset_min == NONE))
    last = naive[midnights_last(times.days[naive], times.clock_ms[naive])]
    clock_ms = np.array(times.clock_ms)
    if last.size:
        clock_ms[last] = DAY_MS
        log.found(MIDNIGHT_MOVED.at(count=int(last.size), rows=rows_shown(rows[last])))
    return clock_ms


@noun(eq=False)
class _Source:
    """The rows values are read from."""

    table: Table
    layout: Layout
    body: Body
    rows: IntArray
    spoilt: BoolArray
    options: MeterReadOptions
    log: ReadingLog

    def channel(self, name: str, columns: tuple[int, ...], unit_of: Callable[[int], tuple[Unit, str]]) -> Channel:
        """Read one quantity; the sizes of two columns add up."""
        parts = [self.values(column, unit_of(column)[0]) for column in columns]
        column = " + ".join(self.layout.names[one] for one in columns)
        unit, why = unit_of(columns[0])
        multiplier = str(self.options.multiplier)
        self.log.assumed(UNIT_USED.at(channel=name, unit=unit.name, why=why, multiplier=multiplier))
        values = parts[0] if len(parts) == 1 else np.sum(np.abs(parts), axis=0)
        return Channel(name=name, column=column, is_energy=unit.is_energy, values=values)

    def values(self, column: int, unit: Unit) -> FloatArray:
        """Read one column in k-units."""
        read = values_of(
            _cells(self.body, column),
            self.rows,
            self.layout.names[column],
            table=self.table,
            options=self.options,
            log=self.log,
        )
        return np.where(self.spoilt, np.nan, read * unit.factor)


def _ends_at_24(times: _Times, clock_ms: IntArray, good: BoolArray, rows: IntArray) -> str:
    ends = good & (clock_ms == DAY_MS)
    if not ends.any():
        return ""
    first = int(np.argmax(ends))
    return f"'{cell_shown(times.texts[first])}' [{int(rows[first])}]"


def _channels(
    table: Table, layout: Layout, body: Body, *, options: MeterReadOptions, log: ReadingLog, time_column: str
) -> tuple[Channel, ...]:
    rows = np.array(body.row_numbers, dtype=np.int64)
    spoilt = too_wide(body.rows, rows, len(layout.names), log)
    source = _Source(table=table, layout=layout, body=body, rows=rows, spoilt=spoilt, options=options, log=log)
    imported = meter_columns.import_column(table, layout, options, log)
    active = meter_columns.active_unit(layout.headings[imported], layout.names[imported], layout, options, log)

    def other_unit(column: int) -> tuple[Unit, str]:
        return meter_columns.other_unit(layout.headings[column], active[0], layout.names[column])

    channels = [source.channel("import", (imported,), lambda _: active)]
    exported = meter_columns.export_column(layout, log, is_energy=active[0].is_energy)
    reactive = meter_columns.reactive_columns(layout, log, is_energy=active[0].is_energy)
    for name, columns in (("export", exported), ("reactive", reactive)):
        if columns and imported not in columns:
            channels.append(source.channel(name, columns, other_unit))
    used = {channel.name: channel.column for channel in channels}
    log.assumed(
        COLUMNS_USED.at(
            time=time_column,
            imported=used["import"],
            exported=used.get("export", "-"),
            reactive=used.get("reactive", "-"),
        )
    )
    return tuple(channels)
