"""What is shared, step by step: people, utilities, and the starts that they leave to a run."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from domain.plant import Changeover, Flow, Process, Shift, Store, Task, Utility, UtilityGap, UtilityUse
from domain.plant.expand import change_kw, change_steps, is_fed, people_there, plan_ways, possible_starts, utility_limit
from domain.plant.tasks import Mode, PowerPhase
from domain.time import Calendar, TimeGrid
from tests.optimizer_cases import grid, hour, plan, task

HORIZON = grid()
NOBODY = Calendar(country=None)


def test_the_least_limit_of_each_step_counts():
    steam = Utility(
        utility_id="S",
        name="steam",
        unit="t/h",
        limit=8.0,
        gaps=(
            UtilityGap(start=hour(2.5), end=hour(4), limit=3.0),
            UtilityGap(start=hour(3.25), end=hour(5.5), limit=5.0),  # the smaller of the two until 4
            UtilityGap(start=hour(10), end=hour(12), limit=11.0),  # more than usual
            UtilityGap(start=hour(13.5), end=hour(15), limit=9.0),  # more, but from half past one on only
            UtilityGap(start=hour(23), end=hour(30), limit=1.0),
            UtilityGap(start=hour(-9), end=hour(-3), limit=0.5),
        ),
    )
    expected = np.full(24, 8.0)
    expected[[2, 3, 4, 5, 10, 11, 13, 14, 23]] = 3.0, 3.0, 5.0, 5.0, 11.0, 11.0, 8.0, 9.0, 1.0
    assert utility_limit(steam, HORIZON).tolist() == expected.tolist()


def test_people_by_shift():
    asked = plan(
        HORIZON,
        shifts=(
            Shift(name="early", start=time(6), end=time(14), wage_per_h=20.0, people_count=3.0),
            Shift(name="late", start=time(14), end=time(20), wage_per_h=25.0),
        ),
    )
    there = people_there(asked, HORIZON, NOBODY)
    assert there[[5, 6, 13, 14, 19, 20]].tolist() == [0.0, 3.0, 3.0, np.inf, np.inf, 0.0]
    assert np.isinf(people_there(plan(HORIZON), HORIZON, NOBODY)).all()


def starts(work: Task, **parts: object) -> list[int]:
    return possible_starts(work, plan(HORIZON, tasks=(work,), **parts), HORIZON, NOBODY).tolist()


def test_a_run_starts_only_where_its_people_and_its_steam_are():
    work = task("A", 10.0, 2, crew_count=2.5, utilities=(UtilityUse(utility_id="S", quantity=4.0),))
    shifts = (
        Shift(name="early", start=time(6), end=time(14), wage_per_h=20.0, people_count=3.0),
        Shift(name="late", start=time(14), end=time(20), wage_per_h=25.0, people_count=2.0),
    )
    steam = Utility(
        utility_id="S",
        name="steam",
        unit="t/h",
        limit=5.0,
        gaps=(UtilityGap(start=hour(9.5), end=hour(10), limit=3.5),),
    )
    # three people from 6 to 14, too little steam in hour 9
    assert starts(work, shifts=shifts, utilities=(steam,)) == [6, 7, 10, 11, 12]


def test_steam_that_the_plant_makes_itself_leaves_the_choice_to_the_model():
    work = task("A", 10.0, 2, utilities=(UtilityUse(utility_id="S", quantity=9.0),))
    steam = Utility(utility_id="S", name="steam", unit="t/h", limit=5.0)
    boiler = Process(
        process_id="P",
        name="boiler",
        unit="t",
        max_rate=6.0,
        utilities=(UtilityUse(utility_id="S", quantity_per_rate=-1.0),),
    )
    assert starts(work, utilities=(steam,)) == []
    assert starts(work, utilities=(steam,), processes=(boiler,)) == list(range(23))
    assert is_fed(plan(HORIZON, tasks=(work,), utilities=(steam,), processes=(boiler,)), "S")


def test_a_changeover_keeps_its_energy():
    change = Changeover(machine_id="M", from_family="a", to_family="b", duration_min=50, power_kw=12.0)
    assert (change_steps(change, 15), change_steps(change, 60)) == (4, 1)
    assert change_kw(change, 15) == pytest.approx(12.0 * 50 / 60)
    assert change_kw(change, 60) == pytest.approx(10.0)


def test_every_way_has_its_own_data_or_the_tasks():
    work = task(
        "A",
        10.0,
        2,
        crew_count=1.5,
        start_cost=7.0,
        flows=(Flow(store_id="I", quantity=3.0),),
        modes=(Mode(mode_id="x", machine_ids=(), phases=(PowerPhase(power_kw=4.0, duration_min=90),), crew_count=0.0),),
    )
    ways = plan_ways(
        plan(
            HORIZON, tasks=(work,), stores=(Store(store_id="I", name="silo", unit="t", max_level=9.0, start_level=1.0),)
        )
    )
    assert list(ways) == [("A", None), ("A", "x")]
    other = ways["A", "x"]
    assert (other.task_id, other.duration_min, other.crew_count, other.start_cost) == ("A@x", 90, 0.0, 7.0)
    assert other.flows == work.flows


def test_steps_of_a_quarter_hour_on_a_day_of_25_hours():
    day = TimeGrid.of_local_days(datetime(2026, 10, 25, tzinfo=UTC).date(), 1, "Europe/Berlin", 15)
    steam = Utility(
        utility_id="S",
        name="steam",
        unit="t/h",
        limit=8.0,
        gaps=(UtilityGap(start=day.start + timedelta(hours=24), end=day.start + timedelta(hours=25), limit=2.0),),
    )
    assert (utility_limit(steam, day) == 2.0).nonzero()[0].tolist() == [96, 97, 98, 99]
