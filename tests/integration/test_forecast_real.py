"""Day-ahead forecasts of three real plants against the same time last week."""

import csv
import gzip
import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from domain.metering import MeterSeries
from domain.time import Calendar, TimeGrid
from forecasting import forecast_load
from tests.realdata import REAL_DATA

FOLDER = REAL_DATA / "normalised"
COUNTRIES = {"steel": "KR", "metalworking": "DE", "manufacturer": "US"}
EVERY_DAYS = 8
N_DAYS = 56

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the optional real-data folder is absent"),
]


def meter_of(name: str) -> tuple[MeterSeries, str]:
    about = json.loads((FOLDER / f"{name}.json").read_text())
    with gzip.open(FOLDER / f"{name}.csv.gz", "rt") as lines:
        energy_kwh = np.array([float(row["energy_kwh"] or "nan") for row in csv.DictReader(lines)])
    step_min = about["step_minutes"]
    grid = TimeGrid(start=datetime.fromisoformat(about["first"]), step_min=step_min, n_steps=energy_kwh.size)
    return MeterSeries(meter_id=name, grid=grid, import_kw=energy_kwh * 60 / step_min), about["timezone"]


def published_naive_wape(name: str) -> float:
    with (FOLDER / "naive_reference.csv").open() as lines:
        (row,) = (row for row in csv.DictReader(lines) if row["name"] == name)
    return float(row["wape_same_time_last_week_pct"]) / 100


def judged(meter: MeterSeries, zone: str, back: int) -> tuple[TimeGrid, np.ndarray, np.ndarray]:
    """One of the last days: its grid, what was metered, and the same wall-clock time one week before."""
    local = meter.grid.local_starts(zone)
    day = TimeGrid.of_local_days(local[-1].date() - timedelta(days=back), 1, zone, meter.grid.step_min)
    first = meter.grid.edge_of(day.start)
    recent = slice(-(N_DAYS + 9) * 96, None)
    by_wall_kw = pd.Series(meter.import_kw[recent], index=local[recent].tz_localize(None)).groupby(level=0).mean()
    before_kw = by_wall_kw.reindex(day.local_starts(zone).tz_localize(None) - pd.Timedelta(days=7)).to_numpy()
    return day, meter.import_kw[first : first + day.n_steps], before_kw


@pytest.mark.parametrize("name", COUNTRIES)
def test_the_naive_forecast_is_the_published_one(name):
    meter, zone = meter_of(name)
    days = [judged(meter, zone, back) for back in range(N_DAYS)]
    off_kw = sum(np.abs(before_kw - actual_kw).sum() for _, actual_kw, before_kw in days)
    total_kw = sum(actual_kw.sum() for _, actual_kw, _ in days)
    assert off_kw / total_kw == pytest.approx(published_naive_wape(name), abs=5e-4)


@pytest.mark.parametrize("name", COUNTRIES)
def test_day_ahead_beats_the_same_time_last_week(name):
    """Every eighth of the last 56 days, issued at local midnight; the naive forecast on the same days."""
    meter, zone = meter_of(name)
    off_kw = naive_off_kw = 0.0
    inside: list[np.ndarray] = []
    for back in range(N_DAYS - 1, -1, -EVERY_DAYS):
        day, actual_kw, before_kw = judged(meter, zone, back)
        forecast = forecast_load(
            meter, horizon=day, issued_at=day.start, zone=zone, calendar=Calendar(country=COUNTRIES[name])
        )
        off_kw += np.abs(forecast.quantile_kw(0.5) - actual_kw).sum()
        naive_off_kw += np.abs(before_kw - actual_kw).sum()
        inside.append((actual_kw >= forecast.quantile_kw(0.1)) & (actual_kw <= forecast.quantile_kw(0.9)))
    assert off_kw < naive_off_kw
    assert 0.6 < np.mean(inside) < 0.95


def test_a_month_at_quarter_hours_issued_at_noon_on_friday():
    meter, zone = meter_of("metalworking")
    horizon = TimeGrid.of_local_days(datetime(2018, 10, 15).date(), 45, zone)
    issued_at = TimeGrid.of_local_days(datetime(2018, 10, 12).date(), 1, zone).at(48)
    forecast = forecast_load(meter, horizon=horizon, issued_at=issued_at, zone=zone, calendar=Calendar(country="DE"))
    first = meter.grid.edge_of(horizon.start)
    actual_kw = meter.import_kw[first : first + horizon.n_steps]
    assert horizon.n_steps == 45 * 96 + 4
    assert forecast.data_until == issued_at
    peaks_kw = forecast.samples_kw.max(axis=1)
    assert peaks_kw.min() > 0.7 * actual_kw.max()
    assert peaks_kw.max() < 1.5 * meter.import_kw.max()
    assert forecast.samples_kw.sum(axis=1).mean() == pytest.approx(actual_kw.sum(), rel=0.15)
