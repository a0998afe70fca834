import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from domain.time import TimeGrid, local_midnight, month_start, next_month, said_at, zone_of

AT = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("day", "zone", "n_steps"),
    [
        (date(2026, 3, 29), "Europe/Berlin", 92),
        (date(2026, 10, 25), "Europe/Berlin", 100),
        (date(2026, 3, 8), "America/Los_Angeles", 92),
        (date(2026, 11, 23), "Asia/Shanghai", 96),
    ],
)
def test_a_local_day_has_its_quarters(day, zone, n_steps):
    grid = TimeGrid.of_local_days(day, 1, zone)
    assert grid.n_steps == n_steps
    assert [one.day for one in grid.local_days(zone)] == [day]
    assert grid.end == local_midnight(day + timedelta(days=1), zone)


def test_steps_are_half_open_and_labelled_by_their_start():
    grid = TimeGrid(start=AT, step_min=15, n_steps=8)
    assert grid.step_of(AT) == 0
    assert grid.step_of(AT + timedelta(minutes=14, seconds=59)) == 0
    assert grid.step_of(AT + timedelta(minutes=15)) == 1
    assert grid.step_of(AT - timedelta(seconds=1)) == -1
    assert grid.end == AT + timedelta(hours=2)
    assert grid.starts[7] == AT + timedelta(minutes=105)
    assert grid.part(2, 5) == TimeGrid(start=AT + timedelta(minutes=30), step_min=15, n_steps=3)


def test_an_instant_off_the_edges_is_refused():
    grid = TimeGrid(start=AT, step_min=15, n_steps=8)
    assert grid.edge_of(AT + timedelta(minutes=45)) == 3
    with pytest.raises(InvalidFieldError, match="15-minute edge"):
        grid.edge_of(AT + timedelta(minutes=46))


@pytest.mark.parametrize(
    "fields",
    [
        {"start": AT.replace(tzinfo=None)},
        {"start": AT + timedelta(minutes=7)},
        {"step_min": 20},
        {"n_steps": 0},
        {"n_steps": -3},
    ],
)
def test_a_crooked_grid_is_refused(fields):
    with pytest.raises(InvalidFieldError):
        TimeGrid(**({"start": AT, "step_min": 15, "n_steps": 4} | fields))


def test_the_start_is_kept_in_utc():
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    grid = TimeGrid(start=shanghai, step_min=15, n_steps=1)
    assert grid.start.utcoffset() == timedelta(0)
    assert grid == TimeGrid(start=AT, step_min=15, n_steps=1)


@given(
    day=st.dates(date(2015, 1, 1), date(2035, 12, 31)),
    n_days=st.integers(1, 9),
    zone=st.sampled_from(ZONES),
)
def test_local_days_tile_the_grid(day, n_days, zone):
    grid = TimeGrid.of_local_days(day, n_days, zone)
    days = grid.local_days(zone)
    assert [one.day for one in days] == [day + timedelta(days=number) for number in range(n_days)]
    assert days[0].first == 0
    assert days[-1].stop == grid.n_steps
    assert all(one.stop == later.first for one, later in itertools.pairwise(days))
    assert all(one.stop - one.first in {92, 94, 96, 98, 100} for one in days)


def test_an_unknown_zone_is_named():
    for name in ("Asia/Atlantis", "", "../etc", "Europe"):
        with pytest.raises(InvalidFieldError, match="IANA"):
            zone_of(name)


def test_months_and_words():
    assert month_start(date(2026, 2, 28)) == date(2026, 2, 1)
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert next_month(date(2026, 1, 31)) == date(2026, 2, 1)
    assert said_at(AT, "Asia/Shanghai") == "2026-11-23 12:30 +08:00"
    assert said_at(AT, "America/Los_Angeles") == "2026-11-22 20:30 -08:00"
