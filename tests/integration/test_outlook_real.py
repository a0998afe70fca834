"""Twelve months of real plants against the same month last year and against a straight line.

Months are foretold from the start of every month that has a year of history before it, up to twelve months ahead.
"""

from datetime import date

import numpy as np
import pytest

from domain.time import Calendar, local_midnight, next_month
from forecasting import quality
from forecasting.outlook.anchored import WHOLE_MONTH_SHARE, MonthSums, site_of
from forecasting.outlook.outlook import OutlookOptions, outlook
from tests.integration.test_forecast_real import FOLDER, meter_of

COUNTRIES = {"mt200": "PT", "office201": "US", "manufacturer": "US"}
MEDIAN = OutlookOptions(quantile_levels=(0.5,))
EVERY_MONTHS = 3

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the optional real-data folder is absent"),
]


def days_of(month: date) -> int:
    return (next_month(month) - month).days


def line_kwh(actual: MonthSums, before: int, place: int) -> float:
    """A month on the straight line through the whole months' daily energy before it."""
    known = [one for one in range(before) if actual.known_share[one] >= WHOLE_MONTH_SHARE]
    daily = [actual.total_kwh[one] / days_of(actual.months[one]) for one in known]
    return float(np.polyval(np.polyfit(known, daily, 1), place)) * days_of(actual.months[place])


def errors(name: str) -> dict[str, float]:
    """Mean absolute errors as a share of the month: ours, last year's, the line's; of energy and of the peak."""
    meter, zone = meter_of(name)
    calendar = Calendar(country=COUNTRIES[name])
    measured = quality.measured_before(meter, meter.grid.end, 9999, zone)
    site = site_of(measured, calendar, last_day=date(2013, 1, 1), bands=None, interval_min=15)
    actual = site.sums(measured.grid, measured.load_kw)
    places = {month: place for place, month in enumerate(actual.months)}
    off: dict[str, list[float]] = {"ours": [], "last year": [], "line": [], "our peak": [], "last year's peak": []}
    for origin in range(12, len(actual.months), EVERY_MONTHS):
        issued_at = local_midnight(actual.months[origin], zone)
        made = outlook(meter, issued_at=issued_at, zone=zone, calendar=calendar, options=MEDIAN)
        for one in made.months:
            place = places.get(one.month)
            if place is None or min(actual.known_share[place], actual.known_share[place - 12]) < WHOLE_MONTH_SHARE:
                continue
            there_kwh, there_kw = actual.total_kwh[place], actual.peak_kw[place]
            off["ours"].append(one.total_kwh[0] / there_kwh - 1)
            off["last year"].append(actual.total_kwh[place - 12] / there_kwh - 1)
            off["line"].append(line_kwh(actual, origin, place) / there_kwh - 1)
            off["our peak"].append(one.peak_kw[0] / there_kw - 1)
            off["last year's peak"].append(actual.peak_kw[place - 12] / there_kw - 1)
    return {key: float(np.mean(np.abs(values))) for key, values in off.items()}


@pytest.mark.parametrize(("name", "least_error"), [("mt200", 0.01), ("office201", 0.005), ("manufacturer", 0.05)])
def test_last_year_is_not_made_worse(name, least_error):
    found = errors(name)
    assert found["ours"] > least_error, "too good to be true: does it see the future?"
    assert found["ours"] <= found["last year"] + 0.005
    assert found["our peak"] <= found["last year's peak"] + 0.01


def test_a_straight_line_is_worse_over_four_years():
    found = errors("mt200")
    assert found["ours"] < 0.8 * found["line"]
