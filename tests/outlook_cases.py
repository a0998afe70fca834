"""Loads that follow a rule by the kind of day, so that a month's sum can be counted by hand."""

from collections.abc import Callable
from datetime import date

import numpy as np

from domain.metering import MeterSeries
from domain.tariffs import BandCalendar, BandRule
from domain.time import Calendar, TimeGrid
from forecasting.outlook import TariffBands
from tests.synthetic_load import BERLIN, GERMAN

DAY_NIGHT = BandCalendar(
    rules=(BandRule(band="peak", windows=("08:00-20:00",)), BandRule(band="valley", windows=("20:00-08:00",)))
)
BANDS = TariffBands(tariff_id="day-night", bands=DAY_NIGHT, zone=BERLIN, calendar=GERMAN)


def ruled(
    first: date, n_days: int, day_kw: Callable[[date], float], *, zone: str = BERLIN, step_min: int = 60
) -> MeterSeries:
    """A load that stands still within each local day."""
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    load_kw = np.empty(grid.n_steps)
    for day in grid.local_days(zone):
        load_kw[day.first : day.stop] = day_kw(day.day)
    return MeterSeries(meter_id="ruled", grid=grid, import_kw=load_kw)


def by_kind(calendar: Calendar = GERMAN, *, work_kw: float = 100.0) -> Callable[[date], float]:
    """Workdays ``work_kw``, Saturdays 40 kW, Sundays and holidays 10 kW."""

    def day_kw(day: date) -> float:
        tags = calendar.tags(day)
        if "workday" in tags:
            return work_kw
        return 40.0 if "sat" in tags and "holiday" not in tags else 10.0

    return day_kw


def days_between(first: date, stop: date) -> int:
    """Days from one to the other, exclusive."""
    return (stop - first).days
