from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from domain.metering import MeterSeries
from domain.time import Calendar, TimeGrid
from forecasting import ForecastOptions, KnownLoad, fill_gaps, fit_load, forecast_load
from forecasting.errors import (
    ConstantLoadError,
    HistoryTooShortError,
    HorizonInPastError,
    NoUsableDataError,
    PlanTooShortError,
    StepMismatchError,
)
from tests.synthetic_load import BERLIN, GERMAN, days_after, plant, true_kw, with_values

SUMMER = date(2024, 6, 3)


def wape(said: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(said - true).sum() / np.abs(true).sum())


def ahead(meter: MeterSeries, n_days: int = 1, *, issued_at: datetime | None = None, later: int = 0, **more):
    horizon = days_after(meter, n_days, later=later)
    asked = {"issued_at": issued_at or meter.grid.end, "zone": BERLIN, "calendar": GERMAN} | more
    return forecast_load(meter, horizon=horizon, **asked)


def test_nothing_after_the_issue_is_used(ten_weeks):
    """Two more days stand in the file, poisoned: the forecast is the same to the last bit."""
    longer = plant(date(2024, 8, 5), 72)
    issued_at = ten_weeks.grid.end + timedelta(minutes=30)
    first = ten_weeks.grid.n_steps
    plan = KnownLoad(history_kw=longer.import_kw / 3, horizon_kw=np.full(24, 50.0))
    poisoned_plan = replace(plan, history_kw=np.where(np.arange(longer.grid.n_steps) < first, plan.history_kw, 9e9))
    horizon = TimeGrid.of_local_days(date(2024, 10, 15), 1, BERLIN, 60)
    clean, poisoned = (
        forecast_load(meter, horizon=horizon, issued_at=issued_at, zone=BERLIN, calendar=GERMAN, plan_kw=known)
        for meter, known in ((longer, plan), (with_values(longer, first, longer.grid.n_steps, 9e9), poisoned_plan))
    )
    assert np.array_equal(clean.quantiles_kw, poisoned.quantiles_kw)
    assert np.array_equal(clean.samples_kw, poisoned.samples_kw)
    assert clean.data_until == poisoned.data_until == ten_weeks.grid.end


def test_the_seed_and_nothing_else_decides(ten_weeks, learned):
    horizon = days_after(ten_weeks, 2)
    first = learned.forecast(horizon)
    again = ahead(ten_weeks, 2)
    other = ahead(ten_weeks, 2, options=ForecastOptions(seed=2))
    assert np.array_equal(first.samples_kw, again.samples_kw)
    assert np.array_equal(first.quantiles_kw, again.quantiles_kw)
    assert not np.array_equal(first.samples_kw, other.samples_kw)


def test_the_band_covers_what_it_says():
    """80 % bands of three issues, each judged on the week that follows."""
    whole = plant(SUMMER, 98, seed=11)
    inside = []
    for week in (8, 10, 12):
        known = whole.part(0, whole.grid.edge_of(whole.grid.at(week * 7 * 24)))
        forecast = ahead(known, 7)
        first = whole.grid.edge_of(forecast.grid.start)
        actual = whole.import_kw[first : first + forecast.grid.n_steps]
        inside.append((actual >= forecast.quantile_kw(0.1)) & (actual <= forecast.quantile_kw(0.9)))
    assert 0.65 < np.mean(inside) < 0.95


def test_holidays_are_rest_days(ten_weeks):
    """German Unity Day 2024 is a Thursday; the history before it has no holiday at all."""
    before = ten_weeks.part(0, 24 * 59)
    holiday, thursday = (
        ahead(before, 1, options=ForecastOptions(), calendar=calendar).quantile_kw(0.5)[8:16].mean()
        for calendar in (GERMAN, Calendar())
    )
    assert before.grid.end == TimeGrid.of_local_days(date(2024, 10, 3), 1, BERLIN, 60).start
    assert holiday == pytest.approx(90, abs=12)
    assert thursday == pytest.approx(310, abs=12)


def test_a_make_up_saturday_is_a_working_day():
    """12 October 2024 is worked in China for the National Day week before it."""
    chinese = Calendar(country="CN")
    meter = plant(date(2024, 8, 12), 61, zone="Asia/Shanghai", calendar=chinese)
    horizon = TimeGrid.of_local_days(date(2024, 10, 12), 2, "Asia/Shanghai", 60)
    forecast = forecast_load(meter, horizon=horizon, issued_at=meter.grid.end, zone="Asia/Shanghai", calendar=chinese)
    assert forecast.quantile_kw(0.5)[8:16].mean() == pytest.approx(310, abs=15)
    assert forecast.quantile_kw(0.5)[24 + 8 : 24 + 16].mean() == pytest.approx(90, abs=15)


@pytest.mark.parametrize(
    ("first", "n_days", "change"),
    [(date(2024, 2, 5), 54, date(2024, 3, 31)), (date(2024, 9, 2), 54, date(2024, 10, 27))],
)
def test_the_shift_stays_on_the_wall_clock_over_a_clock_change(first, n_days, change):
    """Issued two days before the change; the shift begins at 6 h local before and after it."""
    meter = plant(first, n_days)
    forecast = ahead(meter, 5, options=ForecastOptions(n_samples=4))
    local = forecast.grid.local_starts(BERLIN)
    assert change in {stamp.date() for stamp in local}
    assert forecast.grid.n_steps in {5 * 24 - 1, 5 * 24 + 1}
    p50_kw = forecast.quantile_kw(0.5)
    assert wape(p50_kw, true_kw(forecast.grid)) < 0.1
    edges = [stamp.hour for step, stamp in enumerate(local) if step and p50_kw[step - 1] < 200 <= p50_kw[step]]
    assert edges
    assert set(edges) == {6}


def test_a_history_with_a_clock_change_is_learned_on_the_wall_clock():
    meter = plant(date(2024, 9, 16), 56)
    forecast = ahead(meter, 5)
    assert wape(forecast.quantile_kw(0.5), true_kw(forecast.grid)) < 0.08


def test_a_noon_issue_on_friday_knows_monday(ten_weeks):
    friday_noon = datetime(2024, 10, 11, 10, tzinfo=UTC)
    forecast = ahead(ten_weeks, 1, issued_at=friday_noon)
    assert forecast.data_until == friday_noon
    assert forecast.grid.local_starts(BERLIN)[0].date() == date(2024, 10, 14)
    assert wape(forecast.quantile_kw(0.5), true_kw(forecast.grid)) < 0.08


def test_a_lasting_level_shift_is_followed_and_told():
    meter = plant(SUMMER, 70)
    import_kw = meter.import_kw.copy()
    import_kw[-10 * 24 :] += 70
    forecast = ahead(replace(meter, import_kw=import_kw))
    assert [one.code for one in forecast.degraded_reasons] == ["forecast_level_shift"]
    assert (forecast.quantile_kw(0.5) - true_kw(forecast.grid)).mean() == pytest.approx(70, abs=25)


def test_gaps_and_a_long_hole_still_give_the_shape():
    meter = plant(SUMMER, 70)
    import_kw = meter.import_kw.copy()
    import_kw[np.random.default_rng(6).random(import_kw.size) < 0.2] = np.nan
    import_kw[30 * 24 : 36 * 24] = np.nan
    forecast = ahead(replace(meter, import_kw=import_kw, quality=None), 7)
    assert {one.code for one in forecast.degraded_reasons} == {"forecast_gaps", "forecast_long_hole"}
    assert wape(forecast.quantile_kw(0.5), true_kw(forecast.grid)) < 0.08


def test_three_weeks_are_enough_and_told_to_be_few():
    forecast = ahead(plant(SUMMER, 21), 7)
    assert {one.code for one in forecast.degraded_reasons} == {"forecast_short_history", "forecast_few_past_errors"}
    assert wape(forecast.quantile_kw(0.5), true_kw(forecast.grid)) < 0.1


def test_a_history_that_has_seen_no_weekend_says_so():
    meter = plant(SUMMER, 28)
    rest = np.array([stamp.day_of_week >= 5 for stamp in meter.grid.local_starts(BERLIN)])
    forecast = ahead(replace(meter, import_kw=np.where(rest, np.nan, meter.import_kw), quality=None), 7)
    assert "day_type_unseen" in {one.code for one in forecast.degraded_reasons}
    assert np.isfinite(forecast.quantiles_kw).all()


def test_spikes_do_not_move_the_median():
    meter = plant(SUMMER, 70)
    import_kw = meter.import_kw.copy()
    import_kw[[200, 700, 1100, 1650, 1679]] *= 20
    forecast = ahead(replace(meter, import_kw=import_kw), 7)
    assert wape(forecast.quantile_kw(0.5), true_kw(forecast.grid)) < 0.15


def test_solar_behind_the_meter_may_go_below_zero():
    meter = plant(SUMMER, 56)
    noon = np.array([11 <= stamp.hour < 15 for stamp in meter.grid.local_starts(BERLIN)])
    forecast = ahead(replace(meter, import_kw=meter.import_kw - 150.0 * noon), 2, later=5)
    assert [one.code for one in forecast.degraded_reasons] == ["forecast_negative_load"]
    assert forecast.quantile_kw(0.5)[12:15].mean() == pytest.approx(-60, abs=15)


def test_a_load_that_never_was_negative_is_not_forecast_so():
    meter = plant(SUMMER, 42)
    near_zero = replace(meter, import_kw=np.maximum(meter.import_kw - 95.0, 0.0))
    forecast = ahead(near_zero, 7)
    assert forecast.samples_kw.min() == 0.0
    assert forecast.quantiles_kw.min() == 0.0


def test_the_plan_explains_what_it_drives():
    """A process that runs by the plan alone, at any hour: unknowable without it."""
    meter = plant(SUMMER, 56)
    horizon = days_after(meter, 3)
    random = np.random.default_rng(9)
    process_kw = 120.0 * np.repeat(random.random((meter.grid.n_steps + horizon.n_steps) // 4) < 0.4, 4)
    plan = KnownLoad(history_kw=process_kw[: meter.grid.n_steps], horizon_kw=process_kw[meter.grid.n_steps :])
    driven = replace(meter, import_kw=meter.import_kw + plan.history_kw)
    actual_kw = true_kw(horizon) + plan.horizon_kw
    without, informed = (wape(ahead(driven, 3, plan_kw=known).quantile_kw(0.5), actual_kw) for known in (None, plan))
    assert without > 0.15
    assert informed < 0.08


@pytest.mark.parametrize(("n_steps", "hole"), [(23, False), (25, False), (24, True)])
def test_a_plan_that_does_not_cover_the_horizon_is_refused(ten_weeks, n_steps, hole):
    horizon_kw = np.full(n_steps, 10.0)
    horizon_kw[3] = np.nan if hole else 10.0
    with pytest.raises(PlanTooShortError, match="horizon_kw"):
        ahead(ten_weeks, 1, plan_kw=KnownLoad(history_kw=ten_weeks.import_kw, horizon_kw=horizon_kw))


def test_a_plan_that_does_not_match_the_history_is_refused(ten_weeks):
    with pytest.raises(PlanTooShortError, match="history_kw"):
        ahead(ten_weeks, 1, plan_kw=KnownLoad(history_kw=np.ones(5), horizon_kw=np.ones(24)))


def test_a_plan_hardly_known_in_the_history_is_refused(ten_weeks):
    """The plan is known for the newest 13 days only; holes before them."""
    history_kw = np.full(ten_weeks.grid.n_steps, np.nan)
    history_kw[-13 * 24 :] = 20.0
    with pytest.raises(PlanTooShortError) as caught:
        ahead(ten_weeks, 1, plan_kw=KnownLoad(history_kw=history_kw, horizon_kw=np.ones(24)))
    assert caught.value.data == {"field": "history_kw", "needed": 336, "given": 312}


def test_hopeless_histories_are_refused_by_name(ten_weeks):
    n_steps = ten_weeks.grid.n_steps
    for value, refusal in ((np.nan, NoUsableDataError), (0.0, ConstantLoadError), (33.0, ConstantLoadError)):
        with pytest.raises(refusal):
            ahead(with_values(ten_weeks, 0, n_steps, value))
    with pytest.raises(HistoryTooShortError):
        ahead(ten_weeks.part(0, 13 * 24 + 5))
    with pytest.raises(HistoryTooShortError):
        ahead(ten_weeks, issued_at=ten_weeks.grid.at(10 * 24), later=3)


def test_wrong_questions_are_refused_before_anything_is_fitted(ten_weeks):
    asked = {"issued_at": ten_weeks.grid.end, "zone": BERLIN, "calendar": GERMAN}
    with pytest.raises(StepMismatchError):
        forecast_load(ten_weeks, horizon=TimeGrid(start=ten_weeks.grid.end, step_min=15, n_steps=96), **asked)
    with pytest.raises(HorizonInPastError):
        forecast_load(ten_weeks, horizon=ten_weeks.grid.part(0, 24), **asked)


def test_stale_data_is_forecast_from_where_it_ends(ten_weeks):
    forecast = ahead(ten_weeks, 1, issued_at=ten_weeks.grid.end + timedelta(days=4), later=5)
    assert [one.code for one in forecast.degraded_reasons] == ["forecast_stale_data"]
    assert wape(forecast.quantile_kw(0.5), true_kw(forecast.grid)) < 0.08


def test_chinese_holidays_not_announced_yet_are_told():
    chinese = Calendar(country="CN")
    meter = plant(date(2040, 1, 2), 28, zone="Asia/Shanghai", calendar=chinese)
    horizon = TimeGrid.of_local_days(date(2040, 1, 30), 1, "Asia/Shanghai", 60)
    forecast = forecast_load(meter, horizon=horizon, issued_at=meter.grid.end, zone="Asia/Shanghai", calendar=chinese)
    assert "holidays_not_announced" in {one.code for one in forecast.degraded_reasons}


def test_fine_meters_are_fitted_on_quarter_hours():
    meter = plant(SUMMER, 15, step_min=5)
    fitted = fit_load(meter, issued_at=meter.grid.end, zone=BERLIN, calendar=GERMAN)
    assert len(fitted.shapes.fitted.history) == 15 * 96
    horizon = days_after(meter, 1)
    assert wape(fitted.forecast(horizon).quantile_kw(0.5), true_kw(horizon)) < 0.1


def test_gaps_can_be_filled_in_one_go(ten_weeks):
    filled, (found,) = fill_gaps(with_values(ten_weeks, 1500, 1510, np.nan), zone=BERLIN, calendar=GERMAN)
    assert not np.isnan(filled.import_kw).any()
    assert found.data["count"] == 10
    assert fill_gaps(ten_weeks, zone=BERLIN, calendar=GERMAN) == (ten_weeks, ())
