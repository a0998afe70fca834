"""When forecasts are issued, what they ask for, and what was known: by hand, DST days among them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from domain.metering import MeterSeries
from domain.time import TimeGrid
from forecasting.backtest.errors import NoOriginError
from forecasting.backtest.origins import Origin, arrivals, known_by, local_issue, rolling_origins
from tests.synthetic_load import BERLIN


def ramp(first: date, n_days: int, *, zone: str = BERLIN, step_min: int = 60) -> MeterSeries:
    """Each step's load is its number."""
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    return MeterSeries(meter_id="ramp", grid=grid, import_kw=np.arange(grid.n_steps, dtype=float))


SUMMER = ramp(date(2024, 6, 1), 30)
"""June 2024, whose clock never changes: local time is UTC + 2 h."""


def test_noon_asks_for_the_day_that_follows():
    (origin,) = rolling_origins(SUMMER, zone=BERLIN, issue=time(12), n_origins=1)
    assert origin.issued_at == datetime(2024, 6, 29, 10, tzinfo=UTC)
    assert origin.horizon.start == datetime(2024, 6, 29, 22, tzinfo=UTC)
    assert origin.horizon.end == SUMMER.grid.end


def test_midnight_asks_for_the_day_that_begins():
    (origin,) = rolling_origins(SUMMER, zone=BERLIN, issue=time(0), n_origins=1)
    assert origin.issued_at == origin.horizon.start == datetime(2024, 6, 29, 22, tzinfo=UTC)


def test_both_ask_for_the_same_days_and_midnight_knows_half_a_day_more():
    noon = rolling_origins(SUMMER, zone=BERLIN, issue=time(12), n_origins=5)
    midnight = rolling_origins(SUMMER, zone=BERLIN, issue=time(0), n_origins=5)
    assert [one.horizon for one in noon] == [one.horizon for one in midnight]
    more = [known_by(SUMMER, one.issued_at).grid.n_steps for one in midnight]
    less = [known_by(SUMMER, one.issued_at).grid.n_steps for one in noon]
    assert [a - b for a, b in zip(more, less, strict=True)] == [12] * 5


def test_seven_days_end_with_the_meter_and_are_oldest_first():
    origins = rolling_origins(SUMMER, zone=BERLIN, horizon_days=7, n_origins=3)
    assert [one.horizon.n_steps for one in origins] == [7 * 24] * 3
    assert origins[-1].horizon.end == SUMMER.grid.end
    starts = [one.horizon.start for one in origins]
    assert [b - a for a, b in pairwise(starts)] == [timedelta(days=1)] * 2


def test_a_meter_that_ends_within_a_day_is_asked_for_whole_days_only():
    short = SUMMER.part(0, SUMMER.grid.n_steps - 5)
    (origin,) = rolling_origins(short, zone=BERLIN, n_origins=1)
    assert origin.horizon.end == datetime(2024, 6, 29, 22, tzinfo=UTC)


def test_no_origin_is_issued_before_its_history():
    origins = rolling_origins(SUMMER, zone=BERLIN, n_origins=100)
    # 14 days end on 15 June 00:00; the first noon after that asks for 16 June; 30 June is the last.
    assert origins[0].issued_at == datetime(2024, 6, 15, 10, tzinfo=UTC)
    assert len(origins) == 15


def test_too_short_a_meter_is_refused_by_name():
    with pytest.raises(NoOriginError, match="ramp: 15 whole local days"):
        rolling_origins(ramp(date(2024, 6, 1), 15), zone=BERLIN)


@pytest.mark.parametrize(("day", "hours", "issue"), [("2024-03-31", 23, 11), ("2024-10-27", 25, 10)])
def test_a_day_with_a_changed_clock_is_asked_for_whole(day, hours, issue):
    changed = date.fromisoformat(day)
    meter = ramp(changed - timedelta(days=20), 21)
    (origin,) = rolling_origins(meter, zone=BERLIN, n_origins=1)
    assert origin.horizon.n_steps == hours
    assert origin.issued_at == datetime(changed.year, changed.month, changed.day, issue, tzinfo=UTC) - timedelta(days=1)
    assert [one.day for one in origin.horizon.local_days(BERLIN)] == [changed]


def test_the_noon_after_a_changed_clock_is_noon_on_the_clock():
    assert local_issue(date(2024, 3, 30), time(12), BERLIN).hour == 11
    assert local_issue(date(2024, 3, 31), time(12), BERLIN).hour == 10


def test_a_time_that_the_clock_shows_twice_is_the_first_and_one_it_skips_is_after_the_gap():
    assert local_issue(date(2024, 10, 27), time(2, 30), BERLIN) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert local_issue(date(2024, 3, 31), time(2, 30), BERLIN) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


def test_a_step_under_way_at_the_issue_is_not_known():
    issued_at = SUMMER.grid.at(100) + timedelta(minutes=59)
    assert known_by(SUMMER, issued_at).import_kw.tolist() == list(range(100))
    assert known_by(SUMMER, SUMMER.grid.at(101)).import_kw[-1] == 100


def test_a_reading_that_arrives_late_is_not_known_before():
    issued_at = SUMMER.grid.at(100)
    seen = known_by(SUMMER, issued_at, arrivals(SUMMER.grid, 90))
    assert seen.import_kw[-1] == 97  # its step ends at 98 h and arrives at 99:30 h
    assert seen.grid.n_steps == 98


def test_one_late_reading_among_others_is_a_hole():
    late = arrivals(SUMMER.grid, 0).copy()
    late[40] += np.timedelta64(30, "D")
    seen = known_by(SUMMER, SUMMER.grid.at(100), late)
    assert np.flatnonzero(np.isnan(seen.import_kw)).tolist() == [40]


def test_nothing_arrived_is_nothing_known():
    assert known_by(SUMMER, SUMMER.grid.at(100), arrivals(SUMMER.grid, 60 * 24 * 40)) is None
    assert known_by(SUMMER, SUMMER.grid.start) is None


def test_arrivals_of_another_grid_are_refused():
    with pytest.raises(InvalidFieldError, match="available_at"):
        known_by(SUMMER, SUMMER.grid.at(100), arrivals(SUMMER.grid, 0)[:-1])


def test_a_horizon_before_its_issue_is_refused():
    with pytest.raises(InvalidFieldError, match="horizon"):
        Origin(issued_at=SUMMER.grid.at(5), horizon=SUMMER.grid.part(4, 8))


@given(
    issue=st.times(timezones=st.none()).map(lambda at: at.replace(second=0, microsecond=0)),
    delay_min=st.integers(0, 3000),
    horizon_days=st.integers(1, 7),
)
def test_whatever_the_issue_nothing_known_was_later(issue, delay_min, horizon_days):
    meter = ramp(date(2024, 3, 10), 30)
    late = arrivals(meter.grid, delay_min)
    for origin in rolling_origins(meter, zone=BERLIN, issue=issue, horizon_days=horizon_days, n_origins=4):
        seen = known_by(meter, origin.issued_at, late)
        assert seen.grid.end + timedelta(minutes=delay_min) <= origin.issued_at
        assert origin.issued_at - (seen.grid.end + timedelta(minutes=delay_min)) < timedelta(hours=1)
        assert origin.horizon.start - origin.issued_at < timedelta(hours=25)
        assert len(origin.horizon.local_days(BERLIN)) == horizon_days
