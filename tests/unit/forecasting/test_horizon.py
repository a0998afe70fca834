from datetime import date, timedelta

import numpy as np
import pytest

from domain.time import TimeGrid
from forecasting import ForecastOptions
from forecasting.horizon import calibrated_horizon
from forecasting.sampling import ErrorDays, days_asked
from tests.synthetic_load import BERLIN, days_after

SLOTS = 24


def horizon(first: date, n_days: int, n_past: int = 84, *, floored: bool = False, level_kw: float = 500.0):
    random = np.random.default_rng(1)
    errors_kw = (random.normal(0, 5, (n_past, 1)) + random.normal(0, 2, (n_past, SLOTS))).ravel()
    past = ErrorDays(
        load_kw=np.full(n_past * SLOTS, 500.0) + errors_kw,
        errors_kw=lambda lead: errors_kw + 0.0 * lead,
        fitted_kw=lambda lead: errors_kw + 0.0 * lead,
        types=np.zeros(n_past, dtype=np.int64),
        day_slots=SLOTS,
    )
    slots = np.arange(n_days * SLOTS)
    return calibrated_horizon(
        past,
        days=days_asked(slots, np.zeros(slots.size, dtype=np.int64), slots // SLOTS + 1, SLOTS),
        dates=[first + timedelta(days=number) for number in range(n_days)],
        mean_kw=np.full(slots.size, level_kw),
        options=ForecastOptions(n_samples=200),
        floored=floored,
    )


@pytest.mark.parametrize(
    ("first", "n_days", "periods"),
    [
        (date(2024, 10, 7), 1, []),
        (date(2024, 10, 7), 6, []),
        (date(2024, 10, 7), 7, [("week", 7)]),
        (date(2024, 10, 7), 24, [("week", 7)]),
        (date(2024, 10, 7), 25, [("week", 7), ("rest_of_month", 25)]),
        (date(2024, 12, 20), 15, [("week", 7), ("rest_of_month", 12)]),
        (date(2024, 10, 30), 2, [("rest_of_month", 2)]),
        (date(2024, 10, 31), 3, []),
    ],
)
def test_peaks_of_each_day_of_the_week_and_of_the_rest_of_the_month(first, n_days, periods):
    found = horizon(first, n_days)
    days = [one for one in found.peaks if one.period == "day"]
    assert [(one.first, one.stop) for one in days] == [(day * 24, day * 24 + 24) for day in range(n_days)]
    assert [(one.period, one.stop // 24) for one in found.peaks[n_days:]] == periods
    assert found.findings == ()


def test_a_longer_stretch_goes_at_least_as_high_as_its_days():
    *days, week = horizon(date(2024, 10, 7), 7).peaks
    assert all((week.quantiles_kw >= one.quantiles_kw).all() for one in days)
    assert week.quantile_kw(0.5) > days[0].quantile_kw(0.5)


def test_a_past_too_short_for_a_stretch_says_so_and_leaves_it_out():
    found = horizon(date(2024, 10, 7), 25, n_past=21)
    assert [one.period for one in found.peaks if one.period != "day"] == ["week"]
    assert [one.code for one in found.findings] == ["forecast_period_peak_unknown"]


def test_few_past_days_are_told():
    found = horizon(date(2024, 10, 7), 1, n_past=12)
    (told,) = found.findings
    assert (told.code, told.data) == ("forecast_few_past_errors", {"count": 12, "least": 20})


def test_a_load_that_never_was_negative_is_not_forecast_so():
    found = horizon(date(2024, 10, 7), 7, floored=True, level_kw=1.0)
    assert min(found.quantiles_kw.min(), found.samples_kw.min()) == 0.0
    assert min(one.quantiles_kw.min() for one in found.peaks) >= 0.0
    assert horizon(date(2024, 10, 7), 7, level_kw=1.0).quantiles_kw.min() < 0


def test_a_forecast_carries_the_peaks_of_its_days(ten_weeks, learned):
    forecast = learned.forecast(days_after(ten_weeks, 7))
    days = forecast.grid.local_days(BERLIN)
    assert [(one.first, one.stop) for one in forecast.peaks[:7]] == [(day.first, day.stop) for day in days]
    workday, sunday = forecast.peaks[0], forecast.peaks[6]
    # true: 310 kW and 90 kW, hourly noise of 6 kW and daily noise of 9 kW; a maximum of hours lies above
    assert 305 < workday.quantile_kw(0.5) < 345
    assert 90 < sunday.quantile_kw(0.5) < 115
    drawn_kw = forecast.samples_kw[:, : days[0].stop].max(axis=1)
    assert np.quantile(drawn_kw, (0.1, 0.5, 0.9)) == pytest.approx(
        [workday.quantile_kw(level) for level in (0.1, 0.5, 0.9)], abs=4.0
    )


def test_half_a_day_has_a_peak_of_its_own_hours(ten_weeks, learned):
    evening = TimeGrid(start=days_after(ten_weeks, 1).at(19), step_min=60, n_steps=5)
    (peak,) = learned.forecast(evening).peaks
    assert peak.quantile_kw(0.9) < 140
