from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.plant import Interval, Machine, Order, PowerPhase, ProductionPlan, Pv, Shift, Task
from domain.plant.expand import (
    ShiftOverlapError,
    lateness_h,
    machine_available,
    n_occupied,
    possible_starts,
    profile_kw,
    pv_available_kw,
    wages_per_h,
)
from domain.time import Calendar, TimeGrid

START = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
GRID = TimeGrid(start=START, step_min=15, n_steps=96)
CALENDAR = Calendar()


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def heat(**changes) -> Task:
    fields = {
        "task_id": "heat",
        "name": "Heat",
        "machine_ids": ("m",),
        "phases": (PowerPhase(power_kw=650.0, duration_min=35), PowerPhase(power_kw=250.0, duration_min=13)),
    }
    return Task(**(fields | changes))


def plan(*tasks: Task, **changes) -> ProductionPlan:
    fields = {
        "plan_id": "p",
        "zone": "UTC",
        "start": START,
        "end": at(24),
        "machines": (Machine(machine_id="m", name="m", count=2),),
        "tasks": tasks or (heat(),),
    }
    return ProductionPlan(**(fields | changes))


def test_the_profile_keeps_the_energy_in_whole_steps():
    # 48 min: 15 + 15 + (5·650 + 10·250)/15 + 3·250/15
    np.testing.assert_allclose(profile_kw(heat(), 15), [650.0, 650.0, 5750 / 15, 50.0])
    assert n_occupied(heat(), 15) == 4


@given(
    phases=st.lists(st.tuples(st.floats(0, 5000), st.integers(1, 400)), min_size=1, max_size=5),
    step_min=st.sampled_from([5, 15, 30, 60]),
)
def test_energy_is_kept_for_any_phases(phases, step_min):
    task = heat(phases=tuple(PowerPhase(power_kw=kw, duration_min=minutes) for kw, minutes in phases))
    profile = profile_kw(task, step_min)
    assert profile.size == n_occupied(task, step_min)
    assert profile.sum() * step_min / 60 == pytest.approx(task.energy_kwh)


def test_starts_keep_window_rhythm_outage_and_crew():
    asked = heat(earliest=at(5.1), latest_end=at(12), start_every_min=30, crew_count=1)
    furnace = Machine(machine_id="m", name="m", outages=(Interval(start=at(7.9), end=at(8.6)),))
    morning = Shift(name="morning", start=time(6), end=time(11), wage_per_h=7.0)
    work = plan(asked, machines=(furnace,), shifts=(morning,))
    found = possible_starts(asked, work, GRID, CALENDAR)
    hours = (found / 4).tolist()
    # 05:30 has no crew; a run takes 4 steps, so 07:00 would reach into the outage from 07:45 on, which
    # touches 07:45-08:45; the crew leaves at 11:00
    assert hours == [6.0, 6.5, 9.0, 9.5, 10.0]


def test_an_immovable_task_stays():
    fixed = heat(movable=False, count=2, planned_starts=(at(9), at(9)))
    assert possible_starts(fixed, plan(fixed), GRID, CALENDAR).tolist() == [36]


def test_available_machines():
    furnace = Machine(machine_id="m", name="m", count=2, outages=(Interval(start=at(1), end=at(1.5)),))
    found = machine_available(plan(machines=(furnace,)), "m", GRID)
    assert found[3:7].tolist() == [2, 0, 0, 2]


def test_wages_by_shift_over_midnight_and_by_day():
    shifts = (
        Shift(name="day", start=time(6), end=time(22), days=("weekday",), wage_per_h=7.0),
        Shift(name="night", start=time(22), end=time(6), wage_per_h=11.0),
    )
    grid = TimeGrid(start=START - timedelta(days=1), step_min=60, n_steps=48)  # Sunday and Monday
    wages = wages_per_h(plan(shifts=shifts), grid, CALENDAR)
    assert wages[:6].tolist() == [11.0] * 6  # the night that began on Saturday
    assert np.isnan(wages[6:22]).all()  # nobody on Sunday
    assert wages[22:30].tolist() == [11.0] * 8
    assert wages[30:46].tolist() == [7.0] * 16


def test_overlapping_shifts_are_named():
    shifts = tuple(
        Shift(name=name, start=time(first), end=time(last), wage_per_h=1.0)
        for name, first, last in (("early", 6, 14), ("late", 13, 22))
    )
    with pytest.raises(ShiftOverlapError, match="early and late"):
        wages_per_h(plan(shifts=shifts), GRID, CALENDAR)


def test_lateness_counts_from_the_due_time():
    order = Order(order_id="o", due=at(10), lateness_cost_per_h=9.0)
    late = heat(order_id="o")
    work = plan(late, orders=(order,))
    assert lateness_h(late, work, at(9)) == 0.0
    assert lateness_h(late, work, at(11)) == pytest.approx(1.8)
    strict = plan(late, orders=(replace(order, due=at(20), lateness_cost_per_h=None),))
    assert lateness_h(late, strict, at(22)) == 0.0


def test_pv_follows_the_local_clock():
    day = tuple(float(hour) for hour in range(24))
    grid = TimeGrid.of_local_days(date(2026, 3, 29), 1, "Europe/Berlin", 60)
    found = pv_available_kw(Pv(pv_id="v", daily_kw=day), grid, "Europe/Berlin")
    assert found.tolist() == [0.0, 1.0, *day[3:]]  # the hour from 02 to 03 does not exist


def test_pv_in_long_steps_is_the_mean():
    day = tuple(float(half) for half in range(48))
    grid = TimeGrid(start=START, step_min=60, n_steps=24)
    found = pv_available_kw(Pv(pv_id="v", daily_kw=day), grid, "UTC")
    assert found[:3].tolist() == [0.5, 2.5, 4.5]
