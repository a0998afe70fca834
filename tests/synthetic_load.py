"""A plant whose true load is known: shifts by the wall clock, rest days, noise that keeps for a day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from domain.metering import MeterSeries
from domain.time import Calendar, TimeGrid

BERLIN = "Europe/Berlin"
GERMAN = Calendar(country="DE")


def true_kw(grid: TimeGrid, zone: str = BERLIN, calendar: Calendar = GERMAN) -> np.ndarray:
    """Workdays 310 kW from 6 to 18 h local, Saturdays 170 kW from 6 to 12 h, else 90 kW."""
    local = grid.local_starts(zone)
    load_kw = np.full(grid.n_steps, 90.0)
    for step, stamp in enumerate(local):
        tags = calendar.tags(stamp.date())
        if "workday" in tags and 6 <= stamp.hour < 18:
            load_kw[step] = 310.0
        elif "sat" in tags and "holiday" not in tags and "workday" not in tags and 6 <= stamp.hour < 12:
            load_kw[step] = 170.0
    return load_kw


def plant(
    first: date, n_days: int, *, zone: str = BERLIN, calendar: Calendar = GERMAN, step_min: int = 60, seed: int = 3
) -> MeterSeries:
    """The true load with noise per step (6 kW) and per local day (9 kW while above the base)."""
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    random = np.random.default_rng(seed)
    clean_kw = true_kw(grid, zone, calendar)
    noise_kw = random.normal(0, 6.0, grid.n_steps)
    for local in grid.local_days(zone):
        noise_kw[local.first : local.stop] += random.normal(0, 9.0) * (clean_kw[local.first : local.stop] > 100)
    return MeterSeries(meter_id="synthetic", grid=grid, import_kw=clean_kw + noise_kw)


def with_values(meter: MeterSeries, first: int, stop: int, value: float) -> MeterSeries:
    """Overwrite some steps; the quality is made anew."""
    import_kw = meter.import_kw.copy()
    import_kw[first:stop] = value
    return replace(meter, import_kw=import_kw, quality=None)


def days_after(meter: MeterSeries, n_days: int, *, later: int = 0, zone: str = BERLIN) -> TimeGrid:
    """The local days that follow a meter's end."""
    first = meter.grid.end.astimezone(UTC) + timedelta(hours=3)
    day = TimeGrid(start=datetime(first.year, first.month, first.day, tzinfo=UTC), step_min=60, n_steps=1)
    begin = day.local_starts(zone)[0].date() + timedelta(days=later)
    return TimeGrid.of_local_days(begin, n_days, zone, meter.grid.step_min)
