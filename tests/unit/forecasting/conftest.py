from datetime import date

import pytest

from domain.metering import MeterSeries
from forecasting import FittedLoad, fit_load
from tests.synthetic_load import BERLIN, GERMAN, plant


@pytest.fixture(scope="session")
def ten_weeks() -> MeterSeries:
    """Monday 2024-08-05 to Sunday 2024-10-13, with 3 October, hourly."""
    return plant(date(2024, 8, 5), 70)


@pytest.fixture(scope="session")
def learned(ten_weeks: MeterSeries) -> FittedLoad:
    return fit_load(ten_weeks, issued_at=ten_weeks.grid.end, zone=BERLIN, calendar=GERMAN)
