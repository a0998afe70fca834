import itertools
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidFieldError, UnknownReferenceError
from domain.tariffs import BandCalendar, BandRule
from domain.tariffs.bands import (
    BandEdgeError,
    BandGapError,
    BandOverlapError,
    always,
    band_zh,
    day_table,
    parse_window,
    windows_of,
)
from domain.time import Calendar, TimeGrid

CHINA = Calendar(country="CN")


def rules(*rows):
    return BandCalendar(rules=tuple(BandRule(**row) for row in rows))


JIANGSU_SPRING = rules(
    {"band": "peak", "windows": ("15:00-22:00",)},
    {"band": "flat", "windows": ("06:00-10:00", "14:00-15:00", "22:00-02:00")},
    {"band": "valley", "windows": ("02:00-06:00", "10:00-14:00")},
    {"band": "deep_valley", "windows": ("10:00-14:00",), "days": ("holiday",), "layer": 1},
)


def test_a_band_over_midnight_takes_both_ends_of_the_same_day():
    table = day_table(JIANGSU_SPRING, date(2026, 4, 8), CHINA.tags(date(2026, 4, 8)))
    assert windows_of(table, JIANGSU_SPRING.bands) == (
        ("00:00-02:00", "flat"),
        ("02:00-06:00", "valley"),
        ("06:00-10:00", "flat"),
        ("10:00-14:00", "valley"),
        ("14:00-15:00", "flat"),
        ("15:00-22:00", "peak"),
        ("22:00-24:00", "flat"),
    )


def test_a_higher_layer_overrides_on_holidays():
    grid = TimeGrid.of_local_days(date(2026, 10, 1), 1, "Asia/Shanghai", 60)
    found = JIANGSU_SPRING.bands_on(grid, "Asia/Shanghai", CHINA)
    assert [JIANGSU_SPRING.bands[index] for index in found[9:15]] == ["flat", *["deep_valley"] * 4, "flat"]


@pytest.mark.parametrize(
    ("day", "band"),
    [
        ("2026-07-14", "low"),
        ("2026-07-15", "high"),
        ("2026-08-31", "high"),
        ("2026-09-01", "low"),
        ("2026-01-05", "high"),
    ],
)
def test_date_ranges_include_both_ends_and_may_run_over_new_year(day, band):
    seasons = rules(
        {"band": "low", "windows": ("00:00-24:00",)},
        {"band": "high", "windows": ("00:00-24:00",), "dates": ("07-15..08-31", "12-20..01-10"), "layer": 1},
    )
    table = day_table(seasons, date.fromisoformat(day), frozenset({"any", "weekday"}))
    assert {seasons.bands[index] for index in table} == {band}


def test_a_gap_is_named_by_day_and_clock():
    with pytest.raises(BandGapError, match=r"has no band at 11:30"):
        rules({"band": "a", "windows": ("00:00-11:30", "12:00-24:00")})


def test_a_gap_on_some_kind_of_day_only_is_found():
    with pytest.raises(BandGapError, match="sat"):
        rules({"band": "a", "windows": ("00:00-24:00",), "days": ("weekday", "sun")})


def test_an_overlap_is_named_with_both_bands():
    with pytest.raises(BandOverlapError, match="08:00 belongs to a and to b"):
        rules({"band": "a", "windows": ("00:00-24:00",)}, {"band": "b", "windows": ("08:00-09:00",)})


def test_an_edge_inside_a_step_is_refused():
    calendar = rules({"band": "a", "windows": ("00:00-11:30",)}, {"band": "b", "windows": ("11:30-24:00",)})
    grid = TimeGrid.of_local_days(date(2026, 3, 2), 1, "Asia/Shanghai", 60)
    with pytest.raises(BandEdgeError, match="11:30, inside a 60-minute step"):
        calendar.bands_on(grid, "Asia/Shanghai", CHINA)
    half = TimeGrid.of_local_days(date(2026, 3, 2), 1, "Asia/Shanghai", 30)
    assert calendar.bands_on(half, "Asia/Shanghai", CHINA).tolist() == [0] * 23 + [1] * 25


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_bands_follow_the_wall_clock_over_a_clock_change(day):
    calendar = rules({"band": "a", "windows": ("00:00-03:00",)}, {"band": "b", "windows": ("03:00-24:00",)})
    grid = TimeGrid.of_local_days(day, 1, "Europe/Berlin", 15)
    found = calendar.bands_on(grid, "Europe/Berlin", Calendar())
    hours = np.asarray(grid.local_starts("Europe/Berlin").hour)
    np.testing.assert_array_equal(found, (hours >= 3).astype(int))


@pytest.mark.parametrize(
    "text", ["8:00-9:00", "08:00-25:00", "08:60-09:00", "24:00-02:00", "09:00-09:00", "08:00–09:00", ""]
)
def test_a_crooked_window_is_refused(text):
    with pytest.raises(InvalidFieldError, match="no window"):
        BandRule(band="a", windows=(text,))


@pytest.mark.parametrize("text", ["02-30..03-01", "7-15..8-31", "13-01..13-02", "07-15"])
def test_a_crooked_date_range_is_refused(text):
    with pytest.raises(InvalidFieldError, match="no date range"):
        BandRule(band="a", windows=("00:00-24:00",), dates=(text,))


def test_unknown_days_months_and_too_many_rules_are_refused():
    with pytest.raises(UnknownReferenceError, match="workdays"):
        BandRule(band="a", windows=("00:00-24:00",), days=("workdays",))
    with pytest.raises(InvalidFieldError, match=r"1…12"):
        BandRule(band="a", windows=("00:00-24:00",), months=(13,))
    with pytest.raises(InvalidFieldError, match="at most 500"):
        BandCalendar(rules=(BandRule(band="a", windows=("00:00-24:00",)),) * 501)


@given(st.text(max_size=14))
def test_any_text_is_a_window_or_refused(text):
    try:
        start, end = parse_window("fuzz", text)
    except InvalidFieldError:
        return
    assert 0 <= start < 1440
    assert 0 <= end <= 1440
    assert start != end


@given(cuts=st.sets(st.integers(1, 47), min_size=1, max_size=8))
def test_any_cut_of_the_day_into_half_hours_reads_back(cuts):
    edges = [0, *sorted(cuts), 48]
    clocks = [f"{edge // 2:02d}:{edge % 2 * 30:02d}" for edge in edges]
    rows = [
        BandRule(band=f"band{number}", windows=(f"{first}-{last}",))
        for number, (first, last) in enumerate(itertools.pairwise(clocks))
    ]
    calendar = BandCalendar(rules=tuple(reversed(rows)))
    table = day_table(calendar, date(2026, 5, 6), frozenset({"any"}))
    assert windows_of(table, calendar.bands) == tuple((rule.windows[0], rule.band) for rule in rows)


def test_one_band_for_everything():
    assert always().bands == ("all",)
    assert (band_zh("sharp"), band_zh("my own")) == ("尖峰", "my own")
