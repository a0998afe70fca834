from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.time import TimeGrid
from forecasting.clock import WallClock, whole_steps_before

BERLIN = "Europe/Berlin"


def test_the_skipped_hour_of_spring_stays_empty():
    grid = TimeGrid.of_local_days(date(2024, 3, 31), 1, BERLIN, 60)
    clock = WallClock.of(grid, BERLIN)
    slots = clock.slots_of(grid)
    assert grid.n_steps == 23
    assert slots.tolist() == [0, 1, *range(3, 24)]
    folded = clock.fold(np.arange(23.0), slots, 24)
    assert np.isnan(folded[2])
    assert folded[3] == 2.0


def test_the_doubled_hour_of_autumn_is_the_mean_of_both():
    grid = TimeGrid.of_local_days(date(2024, 10, 27), 1, BERLIN, 15)
    clock = WallClock.of(grid, BERLIN)
    slots = clock.slots_of(grid)
    assert grid.n_steps == 100
    assert slots[8:12].tolist() == slots[12:16].tolist() == [8, 9, 10, 11]
    folded = clock.fold(np.arange(100.0), slots, 96)
    assert folded[9] == (9 + 13) / 2
    assert folded[12] == 16.0


def test_a_doubled_hour_of_which_one_is_missing_is_the_other():
    grid = TimeGrid.of_local_days(date(2024, 10, 27), 1, BERLIN, 60)
    clock = WallClock.of(grid, BERLIN)
    values = np.arange(25.0)
    values[2] = np.nan
    assert clock.fold(values, clock.slots_of(grid), 24)[2] == 3.0


def test_slots_run_on_over_days_and_before_the_first():
    history = TimeGrid.of_local_days(date(2024, 3, 30), 3, BERLIN, 60)
    clock = WallClock.of(history, BERLIN)
    later = TimeGrid.of_local_days(date(2024, 4, 2), 1, BERLIN, 60)
    earlier = TimeGrid.of_local_days(date(2024, 3, 29), 1, BERLIN, 60)
    assert clock.slots_of(later)[0] == 3 * 24
    assert clock.slots_of(earlier)[0] == -24
    assert clock.day(3) == date(2024, 4, 2)


def test_a_history_that_begins_at_noon_counts_from_its_midnight():
    grid = TimeGrid(start=datetime(2024, 5, 1, 10, tzinfo=UTC), step_min=60, n_steps=3)
    clock = WallClock.of(grid, BERLIN)
    assert clock.slots_of(grid).tolist() == [12, 13, 14]
    assert clock.middles(np.array([12]))[0] == pd.Timestamp("2024-05-01 12:30")


def test_zones_off_the_hour_keep_one_slot_per_step():
    grid = TimeGrid.of_local_days(date(2024, 5, 1), 2, "Asia/Kolkata", 30)
    assert WallClock.of(grid, "Asia/Kolkata").slots_of(grid).tolist() == list(range(96))
    hourly = TimeGrid(start=datetime(2024, 5, 1, 0, tzinfo=UTC), step_min=60, n_steps=24)
    slots = WallClock.of(hourly, "Asia/Kolkata").slots_of(hourly)
    assert slots.tolist() == list(range(5, 29))


def test_only_steps_that_ended_by_the_instant_count():
    grid = TimeGrid(start=datetime(2024, 5, 1, tzinfo=UTC), step_min=15, n_steps=96)
    assert whole_steps_before(grid, datetime(2024, 5, 1, 1, 0, tzinfo=UTC)) == 4
    assert whole_steps_before(grid, datetime(2024, 5, 1, 1, 14, tzinfo=UTC)) == 4
    assert whole_steps_before(grid, datetime(2024, 4, 1, tzinfo=UTC)) == 0
    assert whole_steps_before(grid, datetime(2024, 6, 1, tzinfo=UTC)) == 96


@settings(max_examples=60, deadline=None)
@given(
    start_h=st.integers(0, 24 * 365),
    n_steps=st.integers(1, 400),
    step_min=st.sampled_from((15, 30, 60)),
    zone=st.sampled_from((BERLIN, "America/Los_Angeles", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe")),
)
def test_every_step_lies_on_its_local_day_at_its_local_time(start_h, n_steps, step_min, zone):
    """Whatever the zone does to its clock; folding ones and zeros loses no step."""
    grid = TimeGrid(
        start=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=start_h), step_min=step_min, n_steps=n_steps
    )
    clock = WallClock.of(grid, zone)
    slots = clock.slots_of(grid)
    for slot, local in zip(slots, grid.local_starts(zone), strict=True):
        assert clock.day(int(slot) // clock.day_slots) == local.date()
        assert (int(slot) % clock.day_slots) * step_min <= local.hour * 60 + local.minute
        assert local.hour * 60 + local.minute < (int(slot) % clock.day_slots + 1) * step_min
    folded = clock.fold(np.ones(n_steps), slots, int(slots.max()) + 1)
    assert np.flatnonzero(folded == 1.0).tolist() == sorted(set(slots.tolist()))
