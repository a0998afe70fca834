from datetime import date

import numpy as np
import pytest

from domain.metering import MeterSeries, Quality
from domain.metering.filling import HolesLeftError, fill_holes
from domain.text import Language
from domain.time import Calendar, TimeGrid

SHANGHAI = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)


def meter_of(days: int, holes, zone: str = SHANGHAI, first: date = MONDAY, country_values=None) -> MeterSeries:
    grid = TimeGrid.of_local_days(first, days, zone)
    kw = np.arange(grid.n_steps, dtype=float) if country_values is None else country_values(grid)
    kw[holes] = np.nan
    return MeterSeries(meter_id="m", grid=grid, import_kw=kw)


def test_two_missing_steps_get_their_neighbours_mean():
    filled, found = fill_holes(
        meter_of(2, [10, 11, 50]), "interval_mean", zone=SHANGHAI, calendar=Calendar(country="CN")
    )
    assert filled.import_kw[[10, 11, 50]].tolist() == [10.5, 10.5, 50.0]  # (9 + 12) / 2, (49 + 51) / 2
    assert filled.quality[[9, 10, 11, 50]].tolist() == [Quality.MEASURED, *[Quality.FILLED] * 3]
    (said,) = found
    assert "3 missing steps in 2 gaps" in said.say()
    assert "2026-03-02 02:30" in said.say(Language.ZH)


def test_longer_gaps_are_refused_by_the_short_rule():
    with pytest.raises(HolesLeftError, match="3 missing steps stay, the first at 2026-03-02 02:30"):
        fill_holes(meter_of(2, [10, 11, 12]), "interval_mean", zone=SHANGHAI, calendar=Calendar(country="CN"))


def test_a_gap_at_the_edge_has_no_neighbours():
    with pytest.raises(HolesLeftError):
        fill_holes(meter_of(2, [0]), "interval_mean", zone=SHANGHAI, calendar=Calendar(country="CN"))


def test_like_days_are_of_the_same_kind():
    """Of two weeks, Wednesday 10:00-11:00 is missing; weekdays draw 100 + day number, weekends 900."""

    def values(grid):
        wall = grid.local_starts(SHANGHAI)
        return np.where(wall.day_of_week >= 5, 900.0, 100.0 + wall.day)

    holes = list(range(2 * 96 + 40, 2 * 96 + 44))
    meter = meter_of(14, holes, country_values=values)
    filled, found = fill_holes(meter, "like_days", zone=SHANGHAI, calendar=Calendar(country="CN"))
    others = [2, 3, 5, 6, 9, 10, 11, 12, 13]  # the working days of March besides the 4th
    assert filled.import_kw[holes].tolist() == pytest.approx([100 + np.mean(others)] * 4)
    assert [one.code for one in found] == ["filled_like_days"]


def test_a_make_up_saturday_is_a_workday():
    """28 February 2026 is worked; it is filled from working days, not from the Sundays beside it."""

    def values(grid):
        wall = grid.local_starts(SHANGHAI)
        return np.where((wall.day_of_week >= 5) & (wall.day != 28), 900.0, 100.0)

    first = date(2026, 2, 23)
    holes = list(range(5 * 96 + 40, 5 * 96 + 44))
    meter = meter_of(14, holes, first=first, country_values=values)
    filled, _ = fill_holes(meter, "like_days", zone=SHANGHAI, calendar=Calendar(country="CN"))
    assert filled.import_kw[holes].tolist() == [100.0] * 4


def test_without_any_like_day_nothing_is_invented():
    with pytest.raises(HolesLeftError, match="no like day"):
        fill_holes(meter_of(1, list(range(10, 20))), "like_days", zone=SHANGHAI, calendar=Calendar(country="CN"))


def test_a_series_without_holes_is_left_alone():
    filled, found = fill_holes(meter_of(1, []), "like_days", zone=SHANGHAI, calendar=Calendar())
    assert found == ()
    assert (filled.quality == Quality.MEASURED).all()


def test_days_off_in_golden_week_do_not_stand_for_an_ordinary_saturday():
    """A plant draws 20 kW in the break of October 2026 and 60 kW on other days off; Saturday the 17th has a hole."""

    def values(grid):
        wall = grid.local_starts(SHANGHAI)
        off = np.where(wall.day_of_week >= 5, 60.0, 100.0)
        return np.where((wall.month == 10) & (wall.day <= 7), 20.0, off)

    first = date(2026, 9, 14)
    holes = list(range(33 * 96 + 40, 33 * 96 + 44))
    meter = meter_of(49, holes, first=first, country_values=values)
    filled, _ = fill_holes(meter, "like_days", zone=SHANGHAI, calendar=Calendar(country="CN"))
    assert filled.import_kw[holes].tolist() == [60.0] * 4
