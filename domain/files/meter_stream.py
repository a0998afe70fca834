"""What a layout reader hands on: stamped values with the rows they stand in."""

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.files.meter_options import Labels
from domain.files.meter_stamps import DAY_MS, MINUTE_MS, NONE, IntArray
from domain.noun import noun

CHANNELS = ("import", "export", "reactive")


@noun(eq=False)
class Channel:
    """The values of one quantity, raw as in the file."""

    name: str
    """One of ``CHANNELS``."""
    column: str
    """Where it stands, as written."""
    is_energy: bool
    """kWh or kvarh per interval; otherwise kW or kvar."""
    values: FloatArray
    """In kWh, kW, kvarh or kvar, before the multiplier; NaN where the file has none."""


@noun(eq=False)
class Stream:
    """Stamped values in the order of the file."""

    stamp_ms: IntArray
    """Stamp as milliseconds since 1970-01-01 on its own clock; 24:00 is the next midnight. [ms]"""
    offset_min: IntArray
    """UTC offset of the stamp; ``NONE`` for the wall clock of the zone. [min]"""
    rows: IntArray
    """Row numbers in the file."""
    channels: tuple[Channel, ...]
    ends_at_24: str
    """Where a stamp is written 24:00, or 0:00 at the end of its day; empty where none is."""
    labels: Labels | None
    """Which edge a stamp marks, where the layout or the heading tells."""
    labels_from: str
    step_min: int | None
    """Length of an interval, where the layout tells. [min]"""
    time_column: str

    @property
    def is_aware(self) -> npt.NDArray[np.bool_]:
        """Rows whose stamp carries an offset."""
        return np.asarray(self.offset_min != NONE)


def stamp_ms(days: IntArray, clock_ms: IntArray) -> IntArray:
    """Join days and clock times. [ms]."""
    return np.asarray(days * DAY_MS + clock_ms, dtype=np.int64)


def shown(at_ms: int, offset_min: int = 0) -> str:
    """Write milliseconds since 1970-01-01 as a clock would."""
    instant = np.datetime64(int(at_ms) + int(offset_min) * MINUTE_MS, "ms")
    second = np.datetime_as_string(instant, unit="s").replace("T", " ")
    return str(second.removesuffix(":00"))
