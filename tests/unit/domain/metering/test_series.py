from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.metering import LoadForecast, MeterSeries, Quality
from domain.time import TimeGrid

GRID = TimeGrid(start=datetime(2026, 1, 5, tzinfo=UTC), step_min=30, n_steps=4)


def forecast(**changes):
    fields = {
        "grid": GRID,
        "quantile_levels": (0.1, 0.5),
        "quantiles_kw": np.array([[1.0, 2, 3, 4], [2.0, 2, 5, 6]]),
        "samples_kw": np.ones((3, 4)),
        "issued_at": GRID.start,
        "data_until": GRID.start,
        "model": "m",
        "versions": {},
        "seed": 1,
    }
    return LoadForecast(**(fields | changes))


def test_a_hole_is_nan_and_marked():
    series = MeterSeries(meter_id="m", grid=GRID, import_kw=[3.0, np.nan, 0.0, 7.0])
    assert series.quality.tolist() == [Quality.MEASURED, Quality.MISSING, Quality.MEASURED, Quality.MEASURED]
    assert series.missing_share == 0.25
    np.testing.assert_array_equal(series.energy_kwh, [1.5, np.nan, 0.0, 3.5])
    with pytest.raises(ValueError, match="read-only"):
        series.import_kw[0] = 1.0


def test_a_part_keeps_everything():
    quality = [Quality.SUSPECT, Quality.MEASURED, Quality.FILLED, Quality.MEASURED]
    series = MeterSeries(
        meter_id="m", grid=GRID, import_kw=[3.0, 4, 5, 7], reactive_kvar=[1.0, 2, 3, 9], quality=np.array(quality)
    )
    part = series.part(1, 3)
    assert part.grid == GRID.part(1, 3)
    assert part.import_kw.tolist() == [4, 5]
    assert part.reactive_kvar.tolist() == [2, 3]
    assert part.quality.tolist() == [Quality.MEASURED, Quality.FILLED]


@pytest.mark.parametrize(("minutes", "n_left"), [(0, None), (29, None), (30, 1), (61, 2), (500, 4)])
def test_before_gives_whole_steps_only(minutes, n_left):
    series = MeterSeries(meter_id="m", grid=GRID, import_kw=[3.0, 4, 5, 7])
    found = series.before(GRID.start + timedelta(minutes=minutes))
    assert (found.grid.n_steps if found else None) == n_left


@pytest.mark.parametrize(
    "fields",
    [
        {"import_kw": [1.0, 2, 3]},
        {"import_kw": [1.0, 2, 3, np.inf]},
        {"export_kw": [1.0]},
        {"meter_id": " "},
        {"quality": np.zeros(3)},
    ],
)
def test_a_crooked_series_is_refused(fields):
    with pytest.raises(InvalidFieldError):
        MeterSeries(**({"meter_id": "m", "grid": GRID, "import_kw": [1.0, 2, 3, 4]} | fields))


def test_a_forecast_gives_its_quantiles():
    assert forecast().quantile_kw(0.5).tolist() == [2, 2, 5, 6]
    with pytest.raises(InvalidFieldError, match="must be one of"):
        forecast().quantile_kw(0.9)


@pytest.mark.parametrize(
    "fields",
    [
        {"quantile_levels": (0.5, 0.1)},
        {"quantile_levels": (0.0, 0.5)},
        {"quantiles_kw": np.array([[1.0, 2, 3, 4], [2.0, 1.5, 5, 6]])},
        {"samples_kw": np.full((3, 4), np.nan)},
        {"samples_kw": np.ones((3, 5))},
        {"issued_at": datetime(2026, 1, 5)},
    ],
)
def test_a_crooked_forecast_is_refused(fields):
    with pytest.raises(InvalidFieldError):
        forecast(**fields)
