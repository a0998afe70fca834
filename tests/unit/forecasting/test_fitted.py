from datetime import date, timedelta

import numpy as np
import pytest

from domain.metering import Quality
from domain.time import TimeGrid
from forecasting.errors import HorizonInPastError, StepMismatchError
from tests.synthetic_load import BERLIN, days_after, true_kw, with_values


def wape(said: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(said - true).sum() / np.abs(true).sum())


def test_a_known_shape_is_recovered(ten_weeks, learned):
    horizon = days_after(ten_weeks, 7)
    forecast = learned.forecast(horizon)
    # Fourier terms round the edges of the shifts; hourly noise alone would be 3 %
    assert wape(forecast.quantile_kw(0.5), true_kw(horizon)) < 0.07
    assert forecast.degraded_reasons == ()
    assert forecast.data_until == ten_weeks.grid.end
    assert "prophet" in forecast.model


def test_one_fit_answers_any_later_horizon_to_the_end_of_a_long_month(ten_weeks, learned):
    horizon = days_after(ten_weeks, 45, later=3)
    forecast = learned.forecast(horizon)
    assert wape(forecast.quantile_kw(0.5), true_kw(horizon)) < 0.08
    assert forecast.samples_kw.shape == (50, horizon.n_steps)
    assert forecast.samples_kw.min() >= 0
    assert forecast.samples_kw.max() < 1.4 * np.nanmax(ten_weeks.import_kw)


def test_samples_and_quantiles_tell_the_same_story(ten_weeks, learned):
    horizon = days_after(ten_weeks, 7)
    forecast = learned.forecast(horizon)
    between = (forecast.samples_kw >= forecast.quantile_kw(0.1)) & (forecast.samples_kw <= forecast.quantile_kw(0.9))
    assert 0.7 < between.mean() < 0.9
    assert np.median(forecast.samples_kw, axis=0) == pytest.approx(forecast.quantile_kw(0.5), abs=12.0)


def test_a_sampled_day_keeps_its_days_level(ten_weeks, learned):
    """The truth's shifts share a day's noise, so the hours of a sampled shift must move together."""
    tuesday = days_after(ten_weeks, 1, later=1)
    shift_kw = learned.forecast(tuesday).samples_kw[:, 7:17]
    assert shift_kw.mean(axis=1).std() > 2 * 6.0 / np.sqrt(10)


def test_horizon_before_the_issue_is_refused(ten_weeks, learned):
    with pytest.raises(HorizonInPastError, match="before the time of issue"):
        learned.forecast(ten_weeks.grid.part(ten_weeks.grid.n_steps - 1, ten_weeks.grid.n_steps))


def test_another_step_is_refused(ten_weeks, learned):
    with pytest.raises(StepMismatchError, match="15-minute"):
        learned.forecast(TimeGrid(start=ten_weeks.grid.end, step_min=15, n_steps=4))
    with pytest.raises(StepMismatchError):
        learned.expected_kw(TimeGrid(start=ten_weeks.grid.end, step_min=30, n_steps=4))


def test_the_usual_load_is_known_for_the_past_and_the_future(learned):
    grid = TimeGrid.of_local_days(date(2024, 7, 29), 100, BERLIN, 60)
    assert wape(learned.expected_kw(grid), true_kw(grid)) < 0.07


def test_gaps_are_filled_with_the_usual_load_marked_and_told(ten_weeks, learned):
    gappy = with_values(with_values(ten_weeks, 1000, 1006, np.nan), 1300, 1340, np.nan)
    filled, (found,) = learned.fill_gaps(gappy)
    holes = np.flatnonzero(np.isnan(gappy.import_kw))
    assert not np.isnan(filled.import_kw).any()
    assert wape(filled.import_kw[holes], true_kw(ten_weeks.grid)[holes]) < 0.1
    assert (filled.quality[holes] == Quality.FILLED).all()
    untouched = np.setdiff1d(np.arange(ten_weeks.grid.n_steps), holes)
    assert np.array_equal(filled.import_kw[untouched], ten_weeks.import_kw[untouched])
    assert (filled.quality[untouched] == Quality.MEASURED).all()
    assert found.code == "history_filled"
    assert found.data == {
        "count": 46,
        "first": "2024-09-15 16:00 +02:00",
        "last": "2024-09-29 20:00 +02:00",
    }


def test_a_whole_history_is_left_alone(ten_weeks, learned):
    filled, found = learned.fill_gaps(ten_weeks)
    assert filled is ten_weeks
    assert found == ()


def test_an_hour_after_the_issue_may_be_the_first_of_the_horizon(ten_weeks, learned):
    horizon = TimeGrid(start=ten_weeks.grid.end + timedelta(hours=1), step_min=60, n_steps=5)
    assert learned.forecast(horizon).grid == horizon
