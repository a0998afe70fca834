"""When a forecast would have been made, what it would have known, and what it is asked for.

An origin is issued at a time of the local day; its horizon begins with the first local midnight at or
after the issue. So 12:00 asks at noon for the day that follows, and 00:00 asks at midnight for the day
that begins: the first is how a trader works, the second is what papers report. Days are days of the
zone, so those on which its clock changes have an hour less or more.
"""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from domain import checks
from domain.metering import MeterSeries
from domain.noun import noun
from domain.text import Text
from domain.time import TimeGrid, zone_of
from forecasting.backtest.errors import NoOriginError
from forecasting.options import LEAST_HISTORY_DAYS

Instants = npt.NDArray[np.datetime64]


@noun
class Origin:
    """One forecast to be made: when, and for which steps.

    Invariants: the horizon begins at or after the issue.
    """

    issued_at: datetime
    horizon: TimeGrid

    def __post_init__(self) -> None:
        checks.to_utc(self, "issued_at")
        if self.horizon.start < self.issued_at:
            problem = Text(en="must start at or after the issue", zh="不得早于发布时间")
            raise checks.refuse(self, "horizon", self.horizon.start.isoformat(), problem)


def local_issue(day: date, at: time, zone: str) -> datetime:
    """Give the instant at which a zone's clock shows a time; the first of two, the later side of a gap."""
    clock = datetime.combine(day, at, tzinfo=zone_of(zone))
    return clock.astimezone(UTC)


def rolling_origins(
    meter: MeterSeries,
    *,
    zone: str,
    issue: time = time(12),
    horizon_days: int = 1,
    n_origins: int = 28,
    every_days: int = 1,
    history_days: int = LEAST_HISTORY_DAYS,
) -> tuple[Origin, ...]:
    """Give the newest origins whose whole horizon was metered, oldest first.

    Parameters
    ----------
    meter : MeterSeries
        Only its grid is looked at.
    zone : str
        IANA zone whose clock and days count.
    issue : time
        Local time of the day at which each forecast is made.
    horizon_days : int
        Whole local days asked for. [d]
    n_origins : int
        At most so many. [-]
    every_days : int
        Days from one origin to the next. [d]
    history_days : int
        Days of the grid that must lie before an issue. [d]

    Raises
    ------
    NoOriginError
        If the grid has no room for one.
    """
    for field, value in (("horizon_days", horizon_days), ("n_origins", n_origins), ("every_days", every_days)):
        checks.positive("rolling_origins", field, value)
    ahead = 0 if issue == time(0) else 1
    grid = meter.grid
    last = _first_day_at_or_after_end(grid, zone)
    first_day = last - timedelta(days=horizon_days)
    earliest = grid.start + timedelta(days=history_days)
    found: list[Origin] = []
    while len(found) < n_origins:
        issued_at = local_issue(first_day - timedelta(days=ahead), issue, zone)
        if issued_at < earliest:
            break
        horizon = TimeGrid.of_local_days(first_day, horizon_days, zone, grid.step_min)
        found.append(Origin(issued_at=issued_at, horizon=horizon))
        first_day -= timedelta(days=every_days)
    if not found:
        raise NoOriginError(
            meter_id=meter.meter_id,
            have_days=(grid.end - grid.start) // timedelta(days=1),
            history_days=history_days,
            horizon_days=horizon_days,
        )
    return tuple(reversed(found))


def _first_day_at_or_after_end(grid: TimeGrid, zone: str) -> date:
    """Give the local day at whose midnight the last whole day of a grid ends."""
    return grid.end.astimezone(zone_of(zone)).date()


def known_by(meter: MeterSeries, issued_at: datetime, available_at: Instants | None = None) -> MeterSeries | None:
    """Give what was known at an issue: steps that had ended and whose reading had arrived.

    Parameters
    ----------
    meter : MeterSeries
        All that was ever metered.
    issued_at : datetime
        When the forecast is made.
    available_at : Instants, optional
        When each step's reading arrived, UTC, shape (n_steps,); without it, at the step's end.

    Returns
    -------
    MeterSeries or None
        The grid ends with the last known step; earlier readings that had not arrived are holes. None
        where nothing was known.
    """
    ended = meter.before(issued_at)
    if ended is None or available_at is None:
        return ended
    if available_at.shape != (meter.grid.n_steps,):
        problem = Text(en=f"must have shape ({meter.grid.n_steps},)", zh=f"形状必须为 ({meter.grid.n_steps},)")
        raise checks.refuse("known_by", "available_at", available_at.shape, problem)
    issue = np.datetime64(issued_at.astimezone(UTC).replace(tzinfo=None), "ns")
    arrived = available_at[: ended.grid.n_steps].astype("datetime64[ns]") <= issue
    if not arrived.any():
        return None
    stop = int(np.flatnonzero(arrived)[-1]) + 1
    return _with_holes(ended.part(0, stop), ~arrived[:stop])


def _with_holes(meter: MeterSeries, holes: npt.NDArray[np.bool_]) -> MeterSeries:
    def hole(values: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64] | None:
        return None if values is None else np.where(holes, np.nan, values)

    return MeterSeries(
        meter_id=meter.meter_id,
        grid=meter.grid,
        import_kw=np.where(holes, np.nan, meter.import_kw),
        export_kw=hole(meter.export_kw),
        reactive_kvar=hole(meter.reactive_kvar),
        quality=meter.quality,
    )


def arrivals(grid: TimeGrid, delay_min: int) -> Instants:
    """Give when each step's reading arrives if that takes a fixed time after the step's end, UTC."""
    checks.not_negative("arrivals", "delay_min", delay_min)
    late = grid.starts.tz_localize(None) + pd.Timedelta(minutes=grid.step_min + delay_min)
    return np.asarray(late, dtype="datetime64[ns]")
