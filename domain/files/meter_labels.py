"""How long an interval is and which of its edges a stamp marks."""

import numpy as np
import numpy.typing as npt

from domain.files.meter_errors import (
    MeterLabelsContradictError,
    MeterLabelsUnknownError,
    MeterStepContradictsError,
    MeterStepUnknownError,
)
from domain.files.meter_findings import LABELS_USED, STEP_CHANGES, STEP_USED
from domain.files.meter_options import Labels, MeterReadOptions, ReadingLog
from domain.files.meter_stamps import DAY_MS, MINUTE_MS, NONE, IntArray
from domain.files.meter_stream import Stream, shown
from domain.text import Text
from domain.time.grid import STEPS_MIN

HOUR_MS = 60 * MINUTE_MS
HALF = 0.5
ODD_IN_A_ROW = 12


def midnights_last(days: IntArray, clock_ms: IntArray) -> npt.NDArray[np.bool_]:
    """Mark stamps 0:00 that stand behind the last evening stamp of the very day they name.

    Some exports write 24:00 as 0:00 of the same day. It counts only where it is the file's habit:
    such stamps at the head of their day, and other rows out of order, must be fewer.
    """
    moved = np.zeros(days.size, dtype=bool)
    if days.size < 2:  # noqa: PLR2004 -- nothing stands before a single stamp
        return moved
    midnight = clock_ms == 0
    # An hour that occurs twice lets the clock fall back within a day as well, but by no more than an hour.
    falls = np.r_[False, (days[1:] == days[:-1]) & (clock_ms[1:] < clock_ms[:-1] - HOUR_MS)]
    is_last = np.r_[days[1:] != days[:-1], True]
    moved = midnight & falls & is_last & (np.r_[NONE, clock_ms[:-1]] == clock_ms.max())
    n_other = int(((midnight | falls) & ~moved).sum())
    return moved if moved.sum() > n_other else np.zeros(days.size, dtype=bool)


def step_of(stream: Stream, options: MeterReadOptions, log: ReadingLog) -> int:
    """Tell the length of an interval from the layout, the distances between stamps or the caller. [min].

    Raises
    ------
    MeterStepUnknownError, MeterStepContradictsError
    """
    if stream.step_min is not None:
        found_min, share, why = float(stream.step_min), 1.0, stream.labels_from
    else:
        found_min, share = _usual_distance(stream)
        why = f"{share:.1%}"
    if options.step_min is not None:
        if share > HALF and found_min != options.step_min:
            raise MeterStepContradictsError(step_min=options.step_min, found_min=found_min)
        log.assumed(STEP_USED.at(step_min=options.step_min, why=f"step_min = {options.step_min}"))
        return options.step_min
    if found_min not in STEPS_MIN or share <= HALF:
        found = Text(en=f"{found_min:g} min", zh=f"{found_min:g} 分钟") if share > 0 else Text(en="unknown", zh="未知")
        raise MeterStepUnknownError(found=found)
    log.assumed(STEP_USED.at(step_min=int(found_min), why=why))
    return int(found_min)


def _distances_ms(stream: Stream) -> tuple[IntArray, IntArray]:
    """Give the stamps that occur, in order, and the distance from each to the next. [ms]."""
    offset_min = np.where(stream.is_aware, stream.offset_min, 0)
    stamps_ms = np.unique(stream.stamp_ms - offset_min * MINUTE_MS)
    return stamps_ms, np.diff(stamps_ms)


def _usual_distance(stream: Stream) -> tuple[float, float]:
    """Give the most frequent distance of neighbouring stamps in minutes, and its share."""
    _, distances_ms = _distances_ms(stream)
    if distances_ms.size == 0:
        return 0.0, 0.0
    distinct, counts = np.unique(distances_ms, return_counts=True)
    most = int(np.argmax(counts))
    return float(distinct[most] / MINUTE_MS), float(counts[most] / counts.sum())


def note_step_changes(stream: Stream, step_min: int, log: ReadingLog) -> None:
    """Say where many stamps in a row lie another distance apart: a file glued from two."""
    if stream.step_min is not None:
        return
    stamps_ms, distances_ms = _distances_ms(stream)
    if distances_ms.size == 0:  # one reading has no neighbour to change its distance to
        return
    edges = np.flatnonzero(np.r_[True, np.diff(distances_ms) != 0, True])
    lengths = np.diff(edges)
    odd = np.flatnonzero((lengths >= ODD_IN_A_ROW) & (distances_ms[edges[:-1]] != step_min * MINUTE_MS))
    if odd.size:
        at = int(edges[odd[0]])
        log.found(
            STEP_CHANGES.at(
                first=shown(int(stamps_ms[at])),
                count=int(lengths[odd[0]]),
                other_min=float(distances_ms[at] / MINUTE_MS),
                step_min=step_min,
            )
        )


def labels_of(stream: Stream, local_ms: IntArray, step_min: int, options: MeterReadOptions, log: ReadingLog) -> Labels:
    """Tell whether stamps start or end their interval.

    Parameters
    ----------
    stream : Stream
    local_ms : array
        The stamps on the local clock. [ms]
    step_min : int
        Length of an interval. [min]

    Raises
    ------
    MeterLabelsUnknownError
        If neither the file nor the caller tells.
    MeterLabelsContradictError
        If the caller's word cannot be true.
    """
    found, why = _said_by_file(stream)
    if options.labels is not None:
        if found is not None and found != options.labels:
            raise MeterLabelsContradictError(labels=options.labels, evidence=why)
        log.assumed(LABELS_USED.at(labels=options.labels, why=f"labels = {options.labels}"))
        return options.labels
    if found is None:
        found, why = _said_by_span(local_ms, step_min)
    if found is None and stream.is_aware.all():
        found, why = _said_by_span(stream.stamp_ms, step_min)
    if found is None:
        raise MeterLabelsUnknownError(first=shown(int(local_ms.min())), last=shown(int(local_ms.max())))
    log.assumed(LABELS_USED.at(labels=found, why=why))
    return found


def _said_by_file(stream: Stream) -> tuple[Labels | None, str]:
    if stream.labels is not None:
        return stream.labels, stream.labels_from
    return ("end", stream.ends_at_24) if stream.ends_at_24 else (None, "")


def _said_by_span(local_ms: IntArray, step_min: int) -> tuple[Labels | None, str]:
    """Let whole days tell: 0:00 … 23:45 starts its intervals, 0:15 … 0:00 ends them."""
    first, last = int(local_ms.min()), int(local_ms.max())
    step_ms = step_min * MINUTE_MS
    why = f"{shown(first)} … {shown(last)}"
    if first % DAY_MS == 0 and (last + step_ms) % DAY_MS == 0:
        return "start", why
    if (first - step_ms) % DAY_MS == 0 and last % DAY_MS == 0:
        return "end", why
    return None, ""
