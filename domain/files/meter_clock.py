"""From stamps on a wall clock to the starts of intervals in UTC, across clock changes."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.files.meter_findings import (
    DOUBLED_HOUR_LOST,
    DOUBLED_HOUR_READ,
    NONEXISTENT_TIMES,
    ZONE_MIXED,
    ZONE_OFFSETS,
    ZONE_WALL,
    rows_shown,
)
from domain.files.meter_options import Labels, ReadingLog
from domain.files.meter_stamps import DAY_MS, MINUTE_MS, NONE, IntArray
from domain.files.meter_stream import Stream, shown
from domain.noun import noun
from domain.time.grid import zone_of

BoolArray = npt.NDArray[np.bool_]


@noun(eq=False)
class Resolved:
    """Wall-clock times as instants; ``NONE`` where there is no saying which."""

    utc_ms: IntArray
    nonexistent: BoolArray
    """The zone's clock never showed it."""
    indistinct: BoolArray
    """The clock showed it twice and the file does not tell which is meant."""
    doubled: BoolArray
    """The clock showed it twice and the order of the file tells which is meant."""

    @property
    def n_odd(self) -> int:
        """How many times do not fit the zone's clock. [-]."""
        utc_ms = self.utc_ms[self.utc_ms != NONE]
        return int(self.nonexistent.sum() + self.indistinct.sum() + utc_ms.size - np.unique(utc_ms).size)


def local_ms(stream: Stream, zone: str) -> IntArray:
    """Give every stamp on the wall clock of the zone. [ms]."""
    aware = stream.is_aware
    if not aware.any():
        return stream.stamp_ms
    utc_ms = stream.stamp_ms - np.where(aware, stream.offset_min, 0) * MINUTE_MS
    return np.where(aware, wall_of(utc_ms, zone), stream.stamp_ms).astype(np.int64)


def wall_of(utc_ms: IntArray, zone: str) -> IntArray:
    """Give instants on the wall clock of a zone. [ms]."""
    index = pd.DatetimeIndex(utc_ms.astype("datetime64[ms]")).tz_localize("UTC").tz_convert(zone_of(zone))
    return np.array(index.tz_localize(None).as_unit("ms").asi8, dtype=np.int64)


def starts_utc(stream: Stream, labels: Labels, step_min: int, zone: str, log: ReadingLog) -> IntArray:
    """Give the start of every interval in UTC; ``NONE`` where the wall clock does not tell. [ms].

    Stamps with an offset are taken at their word. Wall-clock stamps that end their interval are
    written in two ways around a clock change: as the clock showed it at the end, or as the start
    plus a step; the way that leaves fewer odd times is taken.
    """
    shift_ms = step_min * MINUTE_MS if labels == "end" else 0
    aware = stream.is_aware
    utc_ms: IntArray = np.array(stream.stamp_ms) - np.where(aware, stream.offset_min, 0) * MINUTE_MS - shift_ms
    naive = np.flatnonzero(~aware)
    _note_zone(stream, zone, log)
    if naive.size == 0:
        return utc_ms
    wall_ms = stream.stamp_ms[naive]
    resolved = resolve(wall_ms - shift_ms, zone)
    if shift_ms and resolved.n_odd:
        by_end = resolve(wall_ms, zone)
        if by_end.n_odd < resolved.n_odd:
            ends_ms = by_end.utc_ms
            resolved = Resolved(
                utc_ms=np.where(ends_ms == NONE, NONE, ends_ms - shift_ms),
                nonexistent=by_end.nonexistent,
                indistinct=by_end.indistinct,
                doubled=by_end.doubled,
            )
    _note_odd(resolved, wall_ms, stream.rows[naive], zone, log)
    utc_ms[naive] = resolved.utc_ms
    return utc_ms


def resolve(wall_ms: IntArray, zone: str) -> Resolved:
    """Place wall-clock times, in the order of the file, on the time line."""
    index = pd.DatetimeIndex(wall_ms.astype("datetime64[ms]"))
    candidates = [
        index.tz_localize(zone_of(zone), ambiguous=np.full(wall_ms.size, is_summer), nonexistent="NaT")
        .as_unit("ms")
        .asi8
        for is_summer in (True, False)
    ]
    earlier, later = np.minimum(*candidates), np.maximum(*candidates)
    nonexistent = earlier == pd.NaT.value
    utc_ms = np.where(nonexistent, NONE, earlier)
    twice = np.flatnonzero(~nonexistent & (earlier != later))
    indistinct = np.zeros(wall_ms.size, dtype=bool)
    doubled = np.zeros(wall_ms.size, dtype=bool)
    if twice.size:
        occurrence, count = _occurrences(wall_ms[twice])
        is_second = occurrence == (0 if _runs_backwards(wall_ms) else 1)
        utc_ms[twice] = np.where(is_second, later[twice], earlier[twice])
        doubled[twice] = count == 2  # noqa: PLR2004 -- once in each of the two hours
        indistinct[twice] = count != 2  # noqa: PLR2004
        utc_ms[indistinct] = NONE
    return Resolved(utc_ms=utc_ms, nonexistent=nonexistent, indistinct=indistinct, doubled=doubled)


def _occurrences(values: IntArray) -> tuple[IntArray, IntArray]:
    """Give each value its number among its equals, and how many there are."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    firsts = np.r_[0, np.cumsum(counts)[:-1]]
    occurrence = np.empty(values.size, dtype=np.int64)
    occurrence[order] = np.arange(values.size) - np.repeat(firsts, counts)
    return occurrence, counts[group]


def _runs_backwards(wall_ms: IntArray) -> bool:
    steps = np.diff(wall_ms)
    return bool((steps < 0).sum() > (steps > 0).sum())


def _note_zone(stream: Stream, zone: str, log: ReadingLog) -> None:
    n_aware = int(stream.is_aware.sum())
    if n_aware == stream.rows.size:
        log.assumed(ZONE_OFFSETS.at())
    elif n_aware:
        log.found(ZONE_MIXED.at(count=n_aware, zone=zone))
    else:
        log.assumed(ZONE_WALL.at(zone=zone))


def _note_odd(resolved: Resolved, wall_ms: IntArray, rows: IntArray, zone: str, log: ReadingLog) -> None:
    for kind, mask in ((NONEXISTENT_TIMES, resolved.nonexistent), (DOUBLED_HOUR_LOST, resolved.indistinct)):
        if mask.any():
            first = shown(int(wall_ms[mask].min()))
            log.found(kind.at(count=int(mask.sum()), zone=zone, rows=rows_shown(rows[mask]), first=first))
    if resolved.doubled.any():
        first = shown(int(wall_ms[resolved.doubled].min()))
        log.assumed(DOUBLED_HOUR_READ.at(count=int(resolved.doubled.sum()), first=first))


def midnights_utc(days: IntArray, zone: str) -> IntArray:
    """Give the instants at which days begin in a zone. [ms]."""
    index = pd.DatetimeIndex((days * DAY_MS).astype("datetime64[ms]"))
    first = index.tz_localize(zone_of(zone), ambiguous=np.full(days.size, True), nonexistent="shift_forward")  # noqa: FBT003
    return np.array(first.as_unit("ms").asi8, dtype=np.int64)
