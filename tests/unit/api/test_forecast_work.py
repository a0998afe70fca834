from datetime import UTC, datetime

import numpy as np

from api.cli.forecast_work import day_energy_kwh
from api.services.requests import forecast_to_plain
from domain.metering import LoadForecast, PeakForecast
from domain.time import TimeGrid


def test_the_median_of_a_days_energy_is_not_the_sum_of_medians():
    grid = TimeGrid(start=datetime(2026, 11, 23, tzinfo=UTC), step_min=30, n_steps=3)
    # one batch of 90 kW, in each sample at another time: every step's median is 0
    forecast = LoadForecast(
        grid=grid,
        quantile_levels=(0.5,),
        quantiles_kw=np.zeros((1, 3)),
        samples_kw=np.array([[90.0, 0.0, 0.0], [0.0, 90.0, 0.0], [0.0, 4.0, 90.0]]),
        issued_at=grid.start,
        data_until=grid.start,
        model="m",
        versions={},
        seed=1,
    )
    (day,) = grid.local_days("UTC")
    assert day_energy_kwh(forecast, day) == 45.0


def test_a_forecasts_peaks_go_out_with_their_hours():
    grid = TimeGrid(start=datetime(2026, 11, 23, tzinfo=UTC), step_min=30, n_steps=48)
    forecast = LoadForecast(
        grid=grid,
        quantile_levels=(0.1, 0.9),
        quantiles_kw=np.zeros((2, 48)),
        samples_kw=np.zeros((1, 48)),
        issued_at=grid.start,
        data_until=grid.start,
        model="m",
        versions={},
        seed=1,
        peaks=(
            PeakForecast(
                period="day",
                first=0,
                stop=48,
                quantile_levels=(0.1, 0.9),
                quantiles_kw=np.array([410.0, 520.5]),
                origin_count=91,
            ),
        ),
    )
    assert forecast_to_plain(forecast)["peaks"] == [
        {
            "period": "day",
            "start": "2026-11-23T00:00:00+00:00",
            "end": "2026-11-24T00:00:00+00:00",
            "origin_count": 91,
            "p10_kw": 410.0,
            "p90_kw": 520.5,
        }
    ]
