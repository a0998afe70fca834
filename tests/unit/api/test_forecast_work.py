from datetime import UTC, datetime

import numpy as np

from api.cli.forecast_work import day_energy_kwh
from domain.metering import LoadForecast
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
