"""Forecasters see what was known and no more; the naive ones by hand."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest

from domain.metering import LoadForecast, MeterSeries, Quality
from domain.time import TimeGrid
from forecasting.backtest import (
    Backtest,
    FourWeekMean,
    Origin,
    OwnForecast,
    SameTimeLastWeek,
    rolling_origins,
    run_backtest,
    score,
)
from forecasting.backtest.errors import UnfitAnswerError
from forecasting.backtest.origins import arrivals
from forecasting.backtest.runner import seasonal_scale_kw
from forecasting.errors import HistoryTooShortError, StepMismatchError
from tests.synthetic_load import BERLIN, GERMAN, plant

NAIVE = {"last_week": SameTimeLastWeek(zone=BERLIN), "four_weeks": FourWeekMean(zone=BERLIN)}
POISON = 9e9


@pytest.fixture(scope="module")
def meter() -> MeterSeries:
    return plant(date(2024, 4, 1), 70)


def poisoned(meter: MeterSeries, first: int) -> MeterSeries:
    import_kw = meter.import_kw.copy()
    import_kw[first:] = POISON
    return replace(meter, import_kw=import_kw, quality=None)


def same_answers(one: Backtest, other: Backtest) -> None:
    for name, answers in one.answers.items():
        for mine, theirs in zip(answers, other.answers[name], strict=True):
            np.testing.assert_array_equal(mine.forecast.quantiles_kw, theirs.forecast.quantiles_kw)
            np.testing.assert_array_equal(mine.forecast.samples_kw, theirs.forecast.samples_kw)


@pytest.mark.parametrize("issue", [time(12), time(0), time(9, 30)])
@pytest.mark.parametrize("delay_min", [0, 150])
def test_a_poisoned_future_moves_nothing(meter, issue, delay_min):
    """With a delay, even steps that have ended are poisoned: those whose reading has not arrived."""
    forecasters = {**NAIVE, "own": OwnForecast(zone=BERLIN, calendar=GERMAN)}
    (origin,) = rolling_origins(meter, zone=BERLIN, issue=issue, n_origins=1)
    last_known = meter.grid.step_of(origin.issued_at - timedelta(minutes=delay_min))
    late = arrivals(meter.grid, delay_min)
    clean = run_backtest(meter, [origin], forecasters, zone=BERLIN, available_at=late)
    bad = run_backtest(poisoned(meter, last_known), [origin], forecasters, zone=BERLIN, available_at=late)
    same_answers(clean, bad)
    assert clean.scale_kw == bad.scale_kw
    assert (bad.actual_kw[0] == POISON).all()


def test_poison_one_step_earlier_would_be_seen(meter):
    (origin,) = rolling_origins(meter, zone=BERLIN, n_origins=1)
    last_known = meter.grid.step_of(origin.issued_at)
    bad = run_backtest(poisoned(meter, last_known - 1), [origin], NAIVE, zone=BERLIN)
    assert bad.scale_kw[0] > 1e6


def test_forecasters_are_handed_nothing_after_the_issue(meter):
    seen: list[MeterSeries] = []

    def spy(history: MeterSeries, issued_at, horizon: TimeGrid) -> LoadForecast:
        seen.append(history)
        return NAIVE["last_week"](history, issued_at, horizon)

    origins = rolling_origins(meter, zone=BERLIN, n_origins=4)
    run_backtest(meter, origins, {"spy": spy}, zone=BERLIN)
    assert [one.grid.end for one in seen] == [one.issued_at for one in origins]


def test_last_week_is_the_load_seven_days_before_on_the_wall_clock(meter):
    tested = run_backtest(meter, rolling_origins(meter, zone=BERLIN, n_origins=3), NAIVE, zone=BERLIN)
    for origin, said in zip(tested.origins, tested.answers["last_week"], strict=True):
        first = meter.grid.edge_of(origin.horizon.start)
        np.testing.assert_allclose(said.forecast.quantile_kw(0.5), meter.import_kw[first - 168 : first - 144])


def test_the_four_week_mean_is_the_mean_of_four(meter):
    (origin,) = rolling_origins(meter, zone=BERLIN, n_origins=1)
    tested = run_backtest(meter, [origin], NAIVE, zone=BERLIN)
    first = meter.grid.edge_of(origin.horizon.start)
    weeks = [meter.import_kw[first - 168 * k : first - 168 * k + 24] for k in (1, 2, 3, 4)]
    np.testing.assert_allclose(tested.answers["four_weeks"][0].forecast.quantile_kw(0.5), np.mean(weeks, axis=0))


def test_at_noon_the_last_half_day_of_seven_comes_from_two_weeks_before(meter):
    (origin,) = rolling_origins(meter, zone=BERLIN, horizon_days=7, n_origins=1)
    said = run_backtest(meter, [origin], NAIVE, zone=BERLIN).answers["last_week"][0].forecast.quantile_kw(0.5)
    first = meter.grid.edge_of(origin.horizon.start)
    np.testing.assert_allclose(said[:156], meter.import_kw[first - 168 : first - 12])
    np.testing.assert_allclose(said[156:], meter.import_kw[first - 336 + 156 : first - 168])


@pytest.mark.parametrize("changed", [date(2024, 3, 31), date(2024, 10, 27)])
def test_a_changed_clock_shifts_no_naive_forecast(changed):
    """A load that is the local hour is forecast without any error on, before and after the day."""
    grid = TimeGrid.of_local_days(changed - timedelta(days=40), 44, BERLIN, 60)
    hours = grid.local_starts(BERLIN).hour.to_numpy().astype(float)
    meter = MeterSeries(meter_id="hours", grid=grid, import_kw=10 + hours)
    tested = run_backtest(meter, rolling_origins(meter, zone=BERLIN, n_origins=6), NAIVE, zone=BERLIN)
    assert {origin.horizon.n_steps for origin in tested.origins} == {24, 23 if changed.month == 3 else 25}
    for name in NAIVE:
        one = score(tested, name)
        assert one.mae_kw == 0
        assert one.n_steps == sum(origin.horizon.n_steps for origin in tested.origins)


def test_only_measured_values_are_learned_from_and_judged(meter):
    """A fill is no measurement: last week's filled hour is taken from the week before, this week's is not judged."""
    (origin,) = rolling_origins(meter, zone=BERLIN, n_origins=1)
    first = meter.grid.edge_of(origin.horizon.start)
    quality = meter.quality.copy()
    quality[[first + 3, first + 5 - 168]] = Quality.FILLED
    marked = replace(meter, quality=quality)
    tested = run_backtest(marked, [origin], NAIVE, zone=BERLIN)
    assert np.flatnonzero(np.isnan(tested.actual_kw[0])).tolist() == [3]
    assert score(tested, "last_week").n_steps == 23
    said = tested.answers["last_week"][0].forecast.quantile_kw(0.5)
    assert said[5] == pytest.approx(meter.import_kw[first + 5 - 336])


def test_naive_bands_hold_about_what_they_promise(meter):
    tested = run_backtest(meter, rolling_origins(meter, zone=BERLIN, n_origins=20), NAIVE, zone=BERLIN)
    for name in NAIVE:
        cover = score(tested, name).coverage_share
        assert 0.65 < cover["80"] <= cover["90"] < 0.99


def test_the_scale_of_mase_is_the_mean_weekly_difference():
    grid = TimeGrid.of_local_days(date(2024, 6, 3), 21, BERLIN, 60)
    meter = MeterSeries(meter_id="steps", grid=grid, import_kw=np.repeat([10.0, 14.0, 20.0], 168))
    assert seasonal_scale_kw(meter, BERLIN) == 5.0
    assert np.isnan(seasonal_scale_kw(meter.part(0, 100), BERLIN))
    assert np.isnan(seasonal_scale_kw(None, BERLIN))


def test_what_a_forecaster_refuses_is_kept_by_origin(meter):
    young = meter.part(0, 24 * 20)
    origins = rolling_origins(young, zone=BERLIN, n_origins=17, history_days=1)
    tested = run_backtest(young, origins, NAIVE, zone=BERLIN)
    assert {type(one) for one in tested.refusals("last_week")} == {HistoryTooShortError}
    assert 0 < len(tested.scored) < 17


def test_readings_that_never_arrive_are_a_refusal(meter):
    origins = rolling_origins(meter, zone=BERLIN, n_origins=2)
    tested = run_backtest(meter, origins, NAIVE, zone=BERLIN, available_at=arrivals(meter.grid, 60 * 24 * 400))
    assert len(tested.refusals("last_week")) == 2
    assert tested.scored == ()


def test_a_forecaster_that_answers_another_question_is_named(meter):
    def late(history: MeterSeries, issued_at, horizon: TimeGrid) -> LoadForecast:
        return replace(NAIVE["last_week"](history, issued_at, horizon), data_until=issued_at + timedelta(hours=1))

    with pytest.raises(UnfitAnswerError, match=r"late.*data_until"):
        run_backtest(meter, rolling_origins(meter, zone=BERLIN, n_origins=1), {"late": late}, zone=BERLIN)


def test_a_horizon_in_other_steps_is_refused(meter):
    origin = Origin(issued_at=meter.grid.end, horizon=TimeGrid(start=meter.grid.end, step_min=15, n_steps=4))
    with pytest.raises(StepMismatchError):
        run_backtest(meter, [origin], NAIVE, zone=BERLIN)


def test_an_executor_changes_no_answer_and_progress_is_told(meter):
    origins = rolling_origins(meter, zone=BERLIN, n_origins=5)
    told: list[tuple[int, int]] = []
    with ThreadPoolExecutor(2) as executor:
        there = run_backtest(
            meter, origins, NAIVE, zone=BERLIN, executor=executor, listener=lambda *two: told.append(two)
        )
    same_answers(run_backtest(meter, origins, NAIVE, zone=BERLIN), there)
    assert told == [(done, 10) for done in range(1, 11)]
