"""What a metered series itself shows: gaps, flat lines, zeros, spikes, negative values."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.checks import FloatArray
from domain.files.meter_findings import (
    FLAT_LINE,
    GAPS,
    LONG_ZERO,
    LOOKS_CUMULATIVE,
    NEGATIVE_REACTIVE,
    NEGATIVE_VALUES,
    PARTIAL_DAY,
    SPIKES,
    rows_shown,
)
from domain.files.meter_options import ReadingLog
from domain.noun import noun
from domain.time.grid import TimeGrid, local_midnight, zone_of

GAPS_SHOWN = 3
FLAT_H = 24
SPIKE_TIMES_MEDIAN = 8
SPIKE_TIMES_HIGHEST = 2
SPIKE_QUANTILE = 0.999
MIN_CUMULATIVE = 96
BoolArray = npt.NDArray[np.bool_]


@noun(eq=False)
class Scene:
    """A grid with the file row behind each step, to say where something is."""

    grid: TimeGrid
    rows: npt.NDArray[np.int64]
    """Row number of each step; 0 where the file has none."""
    zone: str

    def at(self, step: int) -> str:
        """Write the local start of a step."""
        return self.grid.local_starts(self.zone)[step].strftime("%Y-%m-%d %H:%M")

    def rows_of(self, mask: BoolArray) -> str:
        """Give the rows behind some steps."""
        return rows_shown(self.rows[mask & (self.rows > 0)])


def _runs(same: BoolArray) -> npt.NDArray[np.int64]:
    """Give first and stop of each run of True, shape (n_runs, 2)."""
    edges = np.diff(np.r_[False, same, False].astype(np.int8))
    return np.column_stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)])


def without_negatives(values_kw: FloatArray, channel: str, scene: Scene, log: ReadingLog) -> FloatArray:
    """Empty the negative values of import or export, with a finding. [kW]."""
    negative = values_kw < 0
    if not negative.any():
        return values_kw
    first = int(np.argmax(negative))
    log.found(
        NEGATIVE_VALUES.at(
            count=int(negative.sum()),
            channel=channel,
            rows=scene.rows_of(negative),
            value_kw=float(values_kw[first]),
            first=scene.at(first),
        )
    )
    return np.where(negative, np.nan, values_kw)


def without_signs(reactive_kvar: FloatArray, scene: Scene, log: ReadingLog) -> FloatArray:
    """Give the size of reactive power; negative values get a finding. [kvar]."""
    negative = reactive_kvar < 0
    if negative.any():
        log.found(NEGATIVE_REACTIVE.at(count=int(negative.sum()), rows=scene.rows_of(negative)))
    return np.abs(reactive_kvar)


def note_gaps(import_kw: FloatArray, scene: Scene, log: ReadingLog) -> None:
    """Say which steps have no value and behind which row the hole begins."""
    missing = np.isnan(import_kw)
    if not missing.any():
        return
    runs = _runs(missing)
    local = scene.grid.local_starts(scene.zone)
    shown: list[str] = []
    before = scene.rows[runs[runs[:, 0] > 0, 0] - 1]
    for first, stop in runs[:GAPS_SHOWN]:
        shown.append(f"{local[first]:%Y-%m-%d %H:%M} … {local[stop - 1]:%Y-%m-%d %H:%M}")
    log.found(
        GAPS.at(
            count=int(missing.sum()),
            total=int(missing.size),
            gaps=len(runs),
            first=scene.at(int(runs[0, 0])),
            last=scene.at(int(runs[-1, 1]) - 1),
            after_rows=rows_shown(before[before > 0]) or "-",
            shown="; ".join(shown) + (" …" if len(runs) > GAPS_SHOWN else ""),
        )
    )


def note_flat_lines(import_kw: FloatArray, scene: Scene, log: ReadingLog) -> None:
    """Say where the value stays the same for a day or longer; zeros are a matter of their own."""
    if import_kw.size < 2:  # noqa: PLR2004 -- nothing repeats
        return
    needed = FLAT_H * 60 // scene.grid.step_min
    runs = _runs(np.r_[False, np.diff(import_kw) == 0])
    runs[:, 0] -= 1
    runs = runs[runs[:, 1] - runs[:, 0] >= needed]
    is_zero = import_kw[runs[:, 0]] == 0
    for kind, chosen in ((FLAT_LINE, runs[~is_zero]), (LONG_ZERO, runs[is_zero])):
        if len(chosen):
            first, stop = (int(edge) for edge in chosen[0])
            hours = float((chosen[:, 1] - chosen[:, 0]).sum()) * scene.grid.step_h
            log.found(
                kind.at(
                    runs=len(chosen),
                    hours=hours,
                    value_kw=float(import_kw[first]),
                    first=scene.at(first),
                    last=scene.at(stop - 1),
                    rows=f"{int(scene.rows[first])} … {int(scene.rows[stop - 1])}",
                )
            )


def spikes(import_kw: FloatArray, scene: Scene, log: ReadingLog) -> BoolArray:
    """Mark values that tower over their day and over nearly the whole series.

    A batch plant's peak is many times its median day; it is no spike unless it also stands far
    above all but a thousandth of the other values.
    """
    known = import_kw[np.isfinite(import_kw)]
    none = np.zeros(import_kw.size, dtype=bool)
    day = FLAT_H * 60 // scene.grid.step_min
    if known.size < day:
        return none
    highest = float(np.quantile(known, SPIKE_QUANTILE, method="lower"))
    high = (import_kw > SPIKE_TIMES_HIGHEST * highest) & (import_kw > 0)
    if not high.any():
        return none
    median = pd.Series(import_kw).rolling(day + 1, center=True, min_periods=day // 4).median().to_numpy()
    found = high & (import_kw > SPIKE_TIMES_MEDIAN * np.nan_to_num(median))
    if found.any():
        first = int(np.argmax(found))
        log.found(
            SPIKES.at(
                count=int(found.sum()),
                rows=scene.rows_of(found),
                first=scene.at(first),
                value_kw=float(import_kw[first]),
            )
        )
    return np.asarray(found)


def note_cumulative(import_kw: FloatArray, column: str, log: ReadingLog) -> None:
    """Say so where values only ever rise, as the readings of a register do."""
    known = import_kw[np.isfinite(import_kw)]
    if known.size < MIN_CUMULATIVE:
        return
    steps = np.diff(known)
    if (steps >= 0).all() and (steps > 0).mean() > 0.5:  # noqa: PLR2004 -- most of the time
        log.found(LOOKS_CUMULATIVE.at(column=column, count=int(known.size)))


def note_partial_days(scene: Scene, log: ReadingLog) -> None:
    """Say where the first or last local day is not whole."""
    step = scene.grid.step
    instants = (scene.grid.at(0), scene.grid.at(scene.grid.n_steps - 1))
    for day in dict.fromkeys(instant.astimezone(zone_of(scene.zone)).date() for instant in instants):
        begin = local_midnight(day, scene.zone)
        end = local_midnight(day + timedelta(days=1), scene.zone)
        inside = (min(end, scene.grid.end) - max(begin, scene.grid.start)) // step
        whole = (end - begin) // step
        if inside < whole:
            log.found(PARTIAL_DAY.at(day=day.isoformat(), n_steps=int(inside), whole=int(whole)))
