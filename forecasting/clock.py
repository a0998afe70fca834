"""Wall-clock encoding: the seasonal model lives on local time, where every day has the same slots.

People work by the wall clock, Prophet refuses zones and doubled stamps. So each UTC step is given its
place on an unbroken ladder of local days of 24 h: the hour that a zone skips in spring stays empty, the
hour that it repeats in autumn is one place holding the mean of both.
"""

from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain.checks import FloatArray
from domain.noun import noun
from domain.time import TimeGrid

IntArray = npt.NDArray[np.int64]

DAY_MIN = 1440


@noun
class WallClock:
    """An unbroken ladder of wall-clock slots, counted from a local midnight."""

    zone: str
    """IANA zone."""
    first_day: date
    """The local day whose midnight is slot 0."""
    step_min: int
    """Length of a slot. [min]"""

    @classmethod
    def of(cls, grid: TimeGrid, zone: str) -> "WallClock":
        """Make the ladder that begins with a grid's first local day."""
        return cls(zone=zone, first_day=grid.part(0, 1).local_starts(zone)[0].date(), step_min=grid.step_min)

    @property
    def day_slots(self) -> int:
        """Slots of a day. [-]."""
        return DAY_MIN // self.step_min

    def slots_of(self, grid: TimeGrid) -> IntArray:
        """Give each step's slot, shape ``(n_steps,)``; both of two repeated hours get the same."""
        local = grid.local_starts(self.zone).tz_localize(None)
        midnight = pd.Timestamp(self.first_day)
        return np.asarray((local - midnight) // pd.Timedelta(minutes=self.step_min), dtype=np.int64)

    def fold(self, values: FloatArray, slots: IntArray, n_slots: int) -> FloatArray:
        """Lay values on their slots: the mean of what fell there, NaN where nothing did."""
        known = np.isfinite(values) & (slots >= 0) & (slots < n_slots)
        counts = np.bincount(slots[known], minlength=n_slots)
        sums = np.bincount(slots[known], weights=values[known], minlength=n_slots)
        means: FloatArray = np.full(n_slots, np.nan)
        np.divide(sums, counts, out=means, where=counts > 0)
        return means

    def middles(self, slots: IntArray) -> pd.DatetimeIndex:
        """Give the zoneless stamp of each slot's middle, so that coarse and fine slots agree."""
        midnight = pd.Timestamp(self.first_day) + pd.Timedelta(minutes=self.step_min / 2)
        return pd.DatetimeIndex(midnight + pd.to_timedelta(slots * self.step_min, unit="min"))

    def day(self, number: int) -> date:
        """Give the date of a day counted from the first."""
        return self.first_day + timedelta(days=number)


def whole_steps_before(grid: TimeGrid, instant: datetime) -> int:
    """Count the grid's steps that have ended by an instant."""
    return min(max(grid.step_of(instant), 0), grid.n_steps)
