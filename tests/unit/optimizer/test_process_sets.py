"""When a process may run and must run, and what is refused by name before any model is stated."""

from datetime import time
from typing import Any

import numpy as np
import pytest

from domain.plant import Interval, PlannedRate, Process, ProcessState, Shift
from domain.text import Language
from optimizer.formulation import plan_sets
from optimizer.formulation.emissions import grid_co2_kg_per_kwh
from optimizer.formulation.process_sets import (
    ProcessRateBeforeError,
    ProcessSpanOffGridError,
    ProcessSteps,
)
from tests.optimizer_cases import grid, hour, machine, plan, problem, site
from tests.process_cases import process, quota

WANTED = (quota(least=1.0),)


def steps_of(one: Process, *, step_min: int = 60, **parts: Any) -> ProcessSteps:
    horizon = grid(step_min=step_min)
    named = {key: parts.pop(key) for key in ("machines", "shifts", "stores") if key in parts}
    asked = problem(horizon, plan=plan(horizon, processes=(one,), **named), **parts)
    return plan_sets(asked).processes["P"]


def hours_of(flags: Any) -> list[int]:
    return np.flatnonzero(flags).tolist()


def test_hours_count_whole_steps_and_outages_any_part():
    """Open 2:30 … 6:00 and 6:00 … 9:59: wholly within are 3 … 8. Closed 4:59 … 5:01 touches 4 and 5."""
    one = process(
        "P",
        quotas=WANTED,
        hours=(Interval(start=hour(6), end=hour(9 + 59 / 60)), Interval(start=hour(2.5), end=hour(6))),
        outages=(Interval(start=hour(4 + 59 / 60), end=hour(5 + 1 / 60)),),
    )
    assert hours_of(steps_of(one).may_run) == [3, 6, 7, 8]


def test_it_needs_its_crew_and_its_machine():
    there = Shift(name="day", start=time(6), end=time(12), wage_per_h=30.0)
    broken = machine("M", outages=(Interval(start=hour(8), end=hour(9)),))
    one = process("P", quotas=WANTED, crew_count=2.0, machine_ids=("M",), cost_per_h=1.0)
    found = steps_of(one, machines=(broken,), shifts=(there,))
    assert hours_of(found.may_run) == [6, 7, 9, 10, 11]
    assert found.on_cost_per_h[7] == 61.0


@pytest.mark.parametrize(("since_min", "left"), [(None, 0), (0, 4), (20, 3), (59, 1), (50, 1), (60, 0), (600, 0)])
def test_what_began_before_lasts_until_its_least_time(since_min: int | None, left: int):
    """60 min, in quarters of an hour; what is left is counted in minutes, then in whole steps."""
    on = ProcessState(is_on=True, rate=5.0, since_min=since_min)
    off = ProcessState(since_min=since_min)
    ran = steps_of(process("P", quotas=WANTED, min_run_min=60, before=on), step_min=15)
    stood = steps_of(process("P", quotas=WANTED, min_pause_min=60, before=off), step_min=15)
    assert hours_of(ran.must_run) == list(range(left))
    assert hours_of(~stood.may_run) == list(range(left))


def test_one_that_is_too_fast_to_stop_goes_on():
    fast = ProcessState(is_on=True, rate=8.0)
    assert hours_of(steps_of(process("P", min_rate=2.0, max_fall_per_h=7.0, quotas=WANTED, before=fast)).must_run) == [
        0
    ]
    assert hours_of(steps_of(process("P", min_rate=2.0, max_fall_per_h=8.0, quotas=WANTED, before=fast)).must_run) == []


def test_one_that_serves_nothing_is_held_off_once_it_may_stop():
    on = ProcessState(is_on=True, rate=5.0, since_min=60)
    assert hours_of(steps_of(process("P", min_run_min=180, before=on)).may_run) == [0, 1]
    assert hours_of(steps_of(process("P")).may_run) == []
    assert len(hours_of(steps_of(process("P"), site=site(safety_load_kw=50.0)).may_run)) == 24
    assert len(hours_of(steps_of(process("P", cost_per_unit=-2.0)).may_run)) == 24
    assert hours_of(steps_of(process("P", quotas=(quota(most=5.0),))).may_run) == []


def test_quotas_are_cut_to_the_horizon_and_lie_on_its_steps():
    one = process("P", quotas=(quota(-5, 3, least=2.0), quota(30, 40, least=9.0), quota(20, 29, least=4.0)))
    found = steps_of(one).quotas
    assert {number: (span.first, span.stop) for number, span in found.items()} == {0: (0, 3), 2: (20, 24)}
    with pytest.raises(ProcessSpanOffGridError) as error:
        steps_of(process("P", quotas=(quota(1.5, 4, least=2.0),)))
    assert "Process P, quotas from 2026-11-23T01:30:00+00:00" in str(error.value)
    assert "60 分钟步长" in error.value.say(Language.ZH)
    with pytest.raises(ProcessSpanOffGridError):
        steps_of(process("P", quotas=WANTED, planned=(PlannedRate(start=hour(1), end=hour(3.5), rate=2.0),)))


def test_ramps_need_a_rate_to_start_from():
    unknown = ProcessState(is_on=True)
    with pytest.raises(ProcessRateBeforeError) as error:
        steps_of(process("P", min_rate=4.0, max_rise_per_h=3.0, quotas=WANTED, before=unknown))
    assert "was on before the horizon at 0 t/h, but on it runs at 4 … 10" in str(error.value)
    steps_of(process("P", min_rate=4.0, quotas=WANTED, before=unknown))


def test_a_ramp_that_cannot_bind_is_none():
    assert steps_of(process("P", max_rise_per_h=10.0, quotas=WANTED)).rise is None
    assert steps_of(process("P", max_rise_per_h=10.0, quotas=WANTED), step_min=30).rise == 5.0
    assert steps_of(process("P", min_rate=10.0, max_rise_per_h=1.0, quotas=WANTED)).rise is None


def test_starts_are_counted_where_something_asks_for_them():
    assert not steps_of(process("P", quotas=WANTED)).is_switched
    plain = steps_of(process("P", min_rate=4.0, fixed_kw=3.0, min_run_min=60, quotas=WANTED))
    assert plain.is_switched
    assert not plain.counts_starts
    for changed in ({"start_cost": 1.0}, {"min_pause_min": 61}, {"max_fall_per_h": 5.0}, {"max_starts_count": 1}):
        assert steps_of(process("P", min_rate=4.0, quotas=WANTED, **changed)).counts_starts


def test_emissions_follow_the_local_day():
    """Half-hours of a day in Shanghai on an hourly grid in UTC: 1, 3, 5 … the mean of two at a time."""
    asked = problem(
        grid(zone="Asia/Shanghai"),
        plan=plan(grid(zone="Asia/Shanghai"), zone="Asia/Shanghai"),
        site=site(zone="Asia/Shanghai", grid_co2_kg_per_kwh=tuple(range(48))),
    )
    assert grid_co2_kg_per_kwh(asked).tolist() == [0.5 + 2 * number for number in range(24)]
