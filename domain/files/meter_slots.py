"""The interval columns of a daily file: P00:15 … P24:00, 00:00 … 23:45, P1 … P96."""

import numpy as np

from domain.files.meter_errors import MeterStepUnknownError
from domain.files.meter_header import Layout
from domain.files.meter_options import Labels
from domain.files.meter_words import MINUTES_PER_DAY, Role
from domain.noun import noun
from domain.text import Text
from domain.time.grid import STEPS_MIN

LONGEST_DAY_H = 25


@noun
class Slots:
    """The interval columns of a layout, in the order of the file."""

    edges_min: dict[int, int]
    """Column to its label; for ``is_sequence`` minutes since local midnight on the time line. [min]"""
    step_min: int
    labels: Labels | None
    why: str
    is_sequence: bool = False
    """Whether columns count intervals through a day of 23, 24 or 25 hours instead of naming clock times."""
    last_is_24: bool = False


def slots_of(layout: Layout, labels: Labels | None) -> Slots:
    """Understand the interval columns.

    Raises
    ------
    MeterStepUnknownError
        If the columns do not cut a day into equal intervals.
    """
    named = [(column, layout.headings[column].slot) for column in layout.of(Role.SLOT)]
    clocks = [(column, slot.minute) for column, slot in named if slot is not None and slot.minute is not None]
    counts = [(column, slot.number) for column, slot in named if slot is not None and slot.number is not None]
    if len(clocks) >= len(counts):
        return _clock_slots(clocks, layout)
    return _counted_slots(counts, labels, layout)


def _clock_slots(clocks: list[tuple[int, int]], layout: Layout) -> Slots:
    columns = tuple(column for column, _ in clocks)
    minutes = [minute for _, minute in clocks]
    last_is_24 = minutes[-1] == 0 and minutes[0] != 0
    if last_is_24:
        minutes[-1] = MINUTES_PER_DAY
    distinct = np.unique(minutes)
    distances, n_times = np.unique(np.diff(distinct), return_counts=True)
    step_min = int(distances[int(np.argmax(n_times))]) if distances.size else 0
    if step_min not in STEPS_MIN:
        raise _unequal(step_min)
    why = f"{layout.names[columns[0]]} … {layout.names[columns[-1]]}"
    labels: Labels | None = None
    if MINUTES_PER_DAY in minutes:
        labels = "end"
    elif 0 in minutes:
        labels = "start"
    return Slots(
        edges_min=dict(zip(columns, minutes, strict=True)),
        step_min=step_min,
        labels=labels,
        why=why,
        last_is_24=last_is_24,
    )


def _counted_slots(counts: list[tuple[int, int]], labels: Labels | None, layout: Layout) -> Slots:
    columns = tuple(column for column, _ in counts)
    numbers = [number for _, number in counts]
    base, n_slots = min(numbers), len(numbers)
    by_day = {MINUTES_PER_DAY // step: step for step in STEPS_MIN}
    by_long_day = {LONGEST_DAY_H * 60 // step: step for step in STEPS_MIN}
    step_min = by_day.get(n_slots) or by_long_day.get(n_slots) or 0
    if sorted(numbers) != list(range(base, base + n_slots)) or base > 1 or not step_min:
        raise _unequal(step_min)
    # A number names the interval itself, so it has no edge to mistake; the caller's label is only followed in form.
    shift = 1 if labels == "end" else 0
    return Slots(
        edges_min={column: (number - base + shift) * step_min for column, number in counts},
        step_min=step_min,
        labels=labels or "start",
        why=f"{layout.names[columns[0]]} … {layout.names[columns[-1]]}",
        is_sequence=n_slots not in by_day,
    )


def _unequal(step_min: int) -> MeterStepUnknownError:
    return MeterStepUnknownError(
        found=Text(
            en=f"{step_min} min in the column headings" if step_min else "not to be told from the column headings",
            zh=f"表头中为 {step_min} 分钟" if step_min else "无法从表头判断",
        )
    )
