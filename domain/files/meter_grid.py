"""From stamped values to values on a regular grid: order, duplicates, strays, gaps."""

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.files.meter_errors import MeterFileTooLargeError, MeterNoReadingsError, MeterOffGridError
from domain.files.meter_findings import (
    DUPLICATES_CONFLICT,
    DUPLICATES_SAME,
    OFF_GRID,
    OUT_OF_ORDER,
    PARTIAL_INTERVAL,
    rows_shown,
)
from domain.files.meter_options import ReadingLog
from domain.files.meter_stamps import MINUTE_MS, NONE, IntArray
from domain.files.meter_stream import Channel, Stream, shown
from domain.noun import noun
from domain.text import Text
from domain.time.grid import TimeGrid

MAX_STEPS = 5_000_000
MAX_ROW = np.iinfo(np.int64).max
HALF = 0.5
BoolArray = npt.NDArray[np.bool_]


@noun(eq=False)
class Placed:
    """One value and one row for each start that occurs; starts ascend strictly."""

    utc_ms: IntArray
    rows: IntArray
    channels: tuple[Channel, ...]


def placed(stream: Stream, utc_ms: IntArray, *, step_min: int, zone_shift_min: IntArray, log: ReadingLog) -> Placed:
    """Sort a stream by time and leave one value for each interval; say what was left out.

    Parameters
    ----------
    stream : Stream
    utc_ms : array
        Start of each interval in UTC; ``NONE`` where unknown. [ms]
    step_min : int
        Length of an interval. [min]
    zone_shift_min : array
        Local clock less UTC, for the words of findings. [min]

    Raises
    ------
    MeterOffGridError
        If most stamps do not lie on step edges.
    """
    known = utc_ms != NONE
    fits = known & (utc_ms % (step_min * MINUTE_MS) == 0)
    strays = np.flatnonzero(known & ~fits)
    if strays.size:
        _note_strays(strays, stream, utc_ms, step_min=step_min, zone_shift_min=zone_shift_min, log=log)
    kept = np.flatnonzero(fits)
    _note_order(utc_ms[kept], stream.rows[kept], log)
    order = kept[np.argsort(utc_ms[kept], kind="stable")]
    starts, firsts, counts = np.unique(utc_ms[order], return_index=True, return_counts=True)
    channels = tuple(
        Channel(name=one.name, column=one.column, is_energy=one.is_energy, values=one.values[order])
        for one in stream.channels
    )
    rows = stream.rows[order]
    if (counts > 1).any():
        local = starts + zone_shift_min[order][firsts] * MINUTE_MS
        channels = _merged(channels, rows, firsts, counts, local_ms=local, log=log)
    else:
        channels = tuple(channels)
    return Placed(utc_ms=starts, rows=rows[firsts], channels=channels)


def _note_strays(
    strays: IntArray,
    stream: Stream,
    utc_ms: IntArray,
    *,
    step_min: int,
    zone_shift_min: IntArray,
    log: ReadingLog,
) -> None:
    first = int(strays[0])
    known = np.flatnonzero(utc_ms != NONE)
    total = int(known.size)
    if strays.size > HALF * total:
        raise MeterOffGridError(
            count=int(strays.size),
            total=total,
            step_min=step_min,
            row=int(stream.rows[first]),
            stamp=shown(int(stream.stamp_ms[first])),
        )
    edges = (known[np.argmin(utc_ms[known])], known[np.argmax(utc_ms[known])])
    for index in dict.fromkeys(int(edge) for edge in edges):
        if index in strays:
            stamp = shown(int(stream.stamp_ms[index]))
            log.found(PARTIAL_INTERVAL.at(row=int(stream.rows[index]), stamp=stamp, step_min=step_min))
    inner = strays[~np.isin(strays, edges)]
    if inner.size:
        stamp = shown(int(utc_ms[inner[0]]), int(zone_shift_min[inner[0]]))
        log.found(
            OFF_GRID.at(count=int(inner.size), step_min=step_min, rows=rows_shown(stream.rows[inner]), first=stamp)
        )


def _note_order(utc_ms: IntArray, rows: IntArray, log: ReadingLog) -> None:
    if utc_ms.size < 2:  # noqa: PLR2004 -- one reading is in order
        return
    late = utc_ms < np.maximum.accumulate(utc_ms)
    if late.any():
        log.found(OUT_OF_ORDER.at(count=int(late.sum()), rows=rows_shown(rows[late])))


def _merged(
    channels: tuple[Channel, ...],
    rows: IntArray,
    firsts: IntArray,
    counts: IntArray,
    *,
    local_ms: IntArray,
    log: ReadingLog,
) -> tuple[Channel, ...]:
    """Leave one value for each start: the common one, or none where they differ."""
    merged: list[Channel] = []
    conflicts = np.zeros(firsts.size, dtype=bool)
    for channel in channels:
        low = np.fmin.reduceat(channel.values, firsts)
        high = np.fmax.reduceat(channel.values, firsts)
        differs = low != high
        differs &= ~np.isnan(low)
        conflicts |= differs
        if differs.any():
            seen = np.repeat(differs, counts)
            log.found(
                DUPLICATES_CONFLICT.at(
                    count=int(differs.sum()),
                    channel=channel.name,
                    rows=rows_shown(rows[seen]),
                    first=shown(int(local_ms[int(np.argmax(differs))])),
                )
            )
        values: FloatArray = np.where(differs, np.nan, low)
        merged.append(Channel(name=channel.name, column=channel.column, is_energy=channel.is_energy, values=values))
    same = (counts > 1) & ~conflicts
    if same.any():
        extra = np.repeat(same, counts)
        extra[firsts] = False
        log.found(DUPLICATES_SAME.at(count=int(same.sum()), rows=rows_shown(rows[extra])))
    return tuple(merged)


def grid_over(parts: list[Placed], step_min: int, header_row: int) -> TimeGrid:
    """Make the grid that covers all parts.

    Raises
    ------
    MeterNoReadingsError
        If there is nothing to cover.
    MeterFileTooLargeError
        If the first and last stamp are too far apart.
    """
    filled = [part for part in parts if part.utc_ms.size]
    if not filled:
        raise MeterNoReadingsError(row=header_row)
    first = min(int(part.utc_ms[0]) for part in filled)
    last = max(int(part.utc_ms[-1]) for part in filled)
    n_steps = (last - first) // (step_min * MINUTE_MS) + 1
    if n_steps > MAX_STEPS:
        raise MeterFileTooLargeError(
            what=Text(
                en=f"the time from {shown(first)} to {shown(last)} UTC ",
                zh=f"从 {shown(first)} 到 {shown(last)}（UTC）的时长",
            ),
            limit=f"{MAX_STEPS:,} × {step_min} min",
        )
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=first)
    return TimeGrid(start=start, step_min=step_min, n_steps=n_steps)


def on_grid(part: Placed, values: npt.NDArray[np.generic], grid: TimeGrid, *, empty: float) -> FloatArray:
    """Spread the values of a part over a grid; ``empty`` where it has none."""
    first = round(grid.start.timestamp() * 1000)
    steps = (part.utc_ms - first) // (grid.step_min * MINUTE_MS)
    spread = np.full(grid.n_steps, empty)
    spread[steps] = values
    return spread
