from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from domain.metering import MeterSeries, Quality
from domain.text import Language
from domain.time import TimeGrid
from forecasting.clock import WallClock
from forecasting.design import day_types
from forecasting.errors import ConstantLoadError, HistoryTooShortError, NoUsableDataError
from forecasting.quality import measured_before, reasons_degraded
from tests.synthetic_load import BERLIN, GERMAN, plant, with_values

START = date(2024, 5, 6)


def codes(meter: MeterSeries, issued_at: datetime | None = None, history_days: int = 91) -> set[str]:
    return {finding.code for finding in findings(meter, issued_at, history_days)}


def findings(meter: MeterSeries, issued_at: datetime | None = None, history_days: int = 91):
    measured = measured_before(meter, issued_at or meter.grid.end, history_days)
    clock = WallClock.of(measured.grid, BERLIN)
    slots = clock.slots_of(measured.grid)
    n_days = int(slots.max()) // 24 + 1
    by_day = clock.fold(measured.load_kw, slots, n_days * 24).reshape(n_days, 24)
    means = np.array([np.nan if np.isnan(day).sum() > 12 else np.nanmean(day) for day in by_day])
    types = day_types((clock.day(number) for number in range(n_days)), GERMAN)
    return reasons_degraded(measured, means, types)


@pytest.fixture(scope="module")
def sound() -> MeterSeries:
    return plant(START, 56)


def test_a_sound_history_has_no_reasons(sound):
    assert codes(sound) == set()


def test_only_the_newest_days_are_taken_and_nothing_after_the_issue(sound):
    issued_at = sound.grid.start + timedelta(days=50, minutes=30)
    measured = measured_before(sound, issued_at, 30)
    assert measured.grid.end == sound.grid.start + timedelta(days=50)
    assert measured.grid.n_steps == 30 * 24
    assert measured.first_step == 20 * 24


def test_trailing_holes_end_the_window_earlier(sound):
    measured = measured_before(with_values(sound, 55 * 24, 56 * 24, np.nan), sound.grid.end, 30)
    assert measured.grid.end == sound.grid.at(55 * 24)


def test_suspect_and_filled_values_are_not_learned_from(sound):
    marks = sound.quality.copy()
    marks[100:103] = Quality.SUSPECT
    marks[200] = Quality.FILLED
    measured = measured_before(replace(sound, quality=marks), sound.grid.end, 91)
    assert np.flatnonzero(np.isnan(measured.load_kw)).tolist() == [100, 101, 102, 200]


@pytest.mark.parametrize(("days", "short"), [(27, True), (28, False)])
def test_short_history(days, short):
    assert ("forecast_short_history" in codes(plant(START, days))) == short


@pytest.mark.parametrize(("every", "gappy"), [(9, True), (11, False)])
def test_gaps_beyond_a_tenth(sound, every, gappy):
    import_kw = sound.import_kw.copy()
    import_kw[5::every] = np.nan
    assert ("forecast_gaps" in codes(replace(sound, import_kw=import_kw, quality=None))) == gappy


@pytest.mark.parametrize(("hours", "long"), [(48, False), (49, True)])
def test_long_hole(sound, hours, long):
    found = codes(with_values(sound, 240, 240 + hours, np.nan))
    assert ("forecast_long_hole" in found) == long
    assert "forecast_gaps" not in found


@pytest.mark.parametrize(("factor", "shifted"), [(1.4, True), (0.6, True), (1.05, False)])
def test_level_shift_of_the_last_week(sound, factor, shifted):
    import_kw = sound.import_kw.copy()
    import_kw[-7 * 24 :] *= factor
    found = {one.code: one for one in findings(replace(sound, import_kw=import_kw))}
    assert ("forecast_level_shift" in found) == shifted
    if shifted:
        assert found["forecast_level_shift"].data["change_pct"] == pytest.approx(100 * (factor - 1), abs=6)


def test_a_week_of_holidays_is_no_level_shift():
    """Christmas 2024 is rest days after working weeks: lower, but usual for its kind."""
    assert "forecast_level_shift" not in codes(plant(date(2024, 11, 4), 53))


@pytest.mark.parametrize(
    ("hours", "value", "ago", "flat"),
    [(24, 55.5, 0, True), (23, 55.5, 0, False), (30, 0.0, 0, False), (30, 55.5, 100, True), (30, 55.5, 24 * 20, False)],
)
def test_flat_line_near_the_end(sound, hours, value, ago, flat):
    stop = sound.grid.n_steps - ago
    found = {one.code: one for one in findings(with_values(sound, stop - hours, stop, value))}
    assert ("forecast_flat_line" in found) == flat
    if flat:
        assert found["forecast_flat_line"].data["flat_h"] == hours
        assert found["forecast_flat_line"].data["first"] == sound.grid.at(stop - hours).strftime(
            "%Y-%m-%d %H:%M +00:00"
        )


@pytest.mark.parametrize(("hours", "stale"), [(48, False), (49, True)])
def test_stale_data(sound, hours, stale):
    assert ("forecast_stale_data" in codes(sound, sound.grid.end + timedelta(hours=hours))) == stale


def test_negative_load(sound):
    found = {one.code: one for one in findings(with_values(sound, 100, 103, -4.25))}
    assert found["forecast_negative_load"].data == {"count": 3, "lowest_kw": -4.25}


def test_every_reason_speaks_both_languages(sound):
    worst = with_values(with_values(sound, 100, 400, np.nan), 500, 501, -3.0)
    worst = with_values(worst, sound.grid.n_steps - 30, sound.grid.n_steps, 777.0)
    found = findings(worst, sound.grid.end + timedelta(days=9), 27)
    assert len(found) >= 4
    for one in (*found, *findings(worst)):
        assert one.say() != one.say(Language.ZH)
        assert "{" not in one.say() + one.say(Language.ZH)


def test_nothing_measured_is_refused(sound):
    with pytest.raises(NoUsableDataError, match="no measured value"):
        measured_before(with_values(sound, 0, sound.grid.n_steps, np.nan), sound.grid.end, 91)
    with pytest.raises(NoUsableDataError):
        measured_before(sound, sound.grid.start + timedelta(minutes=59), 91)


def test_thirteen_days_are_refused_and_fourteen_are_not(sound):
    with pytest.raises(HistoryTooShortError, match=r"only 13\.0 days"):
        measured_before(sound.part(0, 13 * 24), sound.grid.end, 91)
    assert measured_before(sound.part(0, 14 * 24), sound.grid.end, 91).measured_days == 14


def test_days_count_only_where_measured(sound):
    with pytest.raises(HistoryTooShortError) as caught:
        measured_before(with_values(sound, 24, 50 * 24, np.nan), sound.grid.end, 91)
    assert caught.value.data["measured_days"] == 7
    assert "7.0" in caught.value.say(Language.ZH)


@pytest.mark.parametrize("value", [0.0, 42.0, -3.5])
def test_a_load_that_never_moves_is_refused(value):
    grid = TimeGrid(start=datetime(2024, 5, 5, 22, tzinfo=UTC), step_min=60, n_steps=24 * 20)
    with pytest.raises(ConstantLoadError) as caught:
        measured_before(MeterSeries(meter_id="m", grid=grid, import_kw=np.full(480, value)), grid.end, 91)
    assert caught.value.data["value_kw"] == value
