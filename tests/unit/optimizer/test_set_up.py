"""Today's plan with set-ups, few people, steam and goods that do not keep: by hand, and judged by the audit."""

import numpy as np
import pytest

from domain.plant import Changeover, Flow, Interval, Store, StoreDraw
from domain.time import TimeGrid
from optimizer.audit import audit
from optimizer.formulation import plan_sets
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import today_response
from optimizer.set_up import _turned_apart, changeovers_for
from optimizer.store_levels import levels, thrown_away
from tests.optimizer_cases import EXACT, grid, hour, machine, plan, problem, task
from tests.unit.optimizer.test_changeovers_enumerated import random_problem
from tests.unit.optimizer.test_goods_enumerated import dairy
from tests.unit.optimizer.test_works_enumerated import shared_problem
from tests.works_cases import works_problem

HORIZON = grid()


def change(before: str, after: str, hours: float, **changed: object) -> Changeover:
    return Changeover(
        **({"machine_id": "M", "from_family": before, "to_family": after, "duration_min": round(60 * hours)} | changed)
    )


def turned(
    starts: dict[str, list[int]], changes: tuple[Changeover, ...], **of_machine: object
) -> list[tuple[str, str, int]] | None:
    """Give the changeovers that runs of two hours need, by families and hour."""
    tasks = tuple(
        task(one, 10.0, 2, "M", count=9, family={"R": "red", "B": "blue", "G": "green"}[one]) for one in starts
    )
    asked = problem(
        HORIZON,
        plan=plan(
            HORIZON,
            machines=(machine("M", **({"family_at_start": "red"} | of_machine)),),
            tasks=tasks,
            changeovers=changes,
        ),
    )
    found = changeovers_for(plan_sets(asked), starts)
    return None if found is None else [(one.from_family, one.to_family, HORIZON.step_of(one.start)) for one in found]


THERE_AND_BACK = (change("red", "blue", 2), change("blue", "red", 1))


def test_a_machine_is_turned_as_soon_as_it_has_ended():
    assert turned({"R": [1, 11], "B": [6]}, THERE_AND_BACK) == [("red", "blue", 3), ("blue", "red", 8)]


def test_a_change_waits_for_the_end_of_an_outage():
    outage = (Interval(start=hour(4), end=hour(7)),)
    assert turned({"R": [1], "B": [9]}, THERE_AND_BACK, outages=outage) == [("red", "blue", 7)]
    assert turned({"R": [1], "B": [8]}, THERE_AND_BACK, outages=outage) is None


def test_the_way_round_is_taken_where_it_is_sooner():
    changes = (*THERE_AND_BACK, change("red", "green", 6), change("blue", "green", 1))
    assert turned({"R": [0], "G": [5]}, changes) == [("red", "blue", 2), ("blue", "green", 4)]


def test_the_copy_that_is_set_already_is_taken():
    assert turned({"R": [0, 0, 5], "B": [4, 8]}, THERE_AND_BACK, count=2) == [("red", "blue", 2)]


@pytest.mark.parametrize("seed", range(8))
def test_turning_apart_costs_no_more_and_fails_only_where_nothing_helps(seed: int):
    asked = random_problem(100 + seed, copies=2, peak=False)
    sets = plan_sets(asked)
    random = np.random.default_rng(seed)
    kinds = {(one.machine_id, one.from_family, one.to_family): one.cost for one in asked.plan.changeovers}
    n_whole = 0
    for _ in range(30):
        starts = {way: [int(random.choice(one.steps))] for way, one in sets.tasks.items() if one.steps.size}
        runs = sorted((steps[0], way) for way, steps in starts.items())
        apart, greedy = _turned_apart(sets, runs), changeovers_for(sets, starts)
        assert (greedy is None) == (apart is None)
        if greedy is not None and apart is not None:
            n_whole += 1
            spent = sum(kinds[one.machine_id, one.from_family, one.to_family] for one in greedy)
            assert sum(kinds[key] for key, _ in apart) <= spent + 1e-9
    assert n_whole


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "make",
    [lambda n: random_problem(n, copies=1 + n % 2, peak=True), shared_problem, dairy],
    ids=["set-ups", "shared", "dairy"],
)
def test_todays_plan_keeps_all_limits(make: object, seed: int):
    asked = make(seed)
    try:
        today = today_response(asked, EXACT)
    except InfeasiblePlanError:
        return
    assert audit(today.schedule, asked).violations == ()


def test_todays_plan_of_a_whole_plant_keeps_all_limits():
    asked = works_problem()
    today = today_response(asked, EXACT)
    assert audit(today.schedule, asked).violations == ()
    assert today.schedule.changeovers
    assert today.costs.disposal_cost > 0


def test_what_does_not_fit_or_is_too_old_is_thrown_away():
    day = TimeGrid.of_local_days(HORIZON.start.date(), 1, "UTC", 60)
    store = Store(
        store_id="I",
        name="curd",
        unit="t",
        max_level=10.0,
        start_level=4.0,
        end_min_level=0.0,
        end_max_level=3.0,
        max_hold_min=180,
        disposal_cost_per_unit=1.0,
    )
    brought, taken = np.zeros(24), np.zeros(24)
    brought[[1, 21, 22]] = 9.0, 2.5, 2.0
    taken[[1, 2]] = 1.0, 5.0
    thrown = thrown_away(store, day, brought, taken)
    # hour 1: 4 + 9 - 1 = 12, 2 do not fit. Hour 2: 5 are taken, the last of the start's among them; 5 of hour 1's are left,
    # too old with hour 4. In the end 2.5 + 2 are there, 3 may be.
    assert thrown[[1, 4, 23]] == pytest.approx([2.0, 5.0, 1.5])
    assert thrown.sum() == pytest.approx(8.5)
    level = levels(store, day, brought - taken - thrown)
    assert level[[1, 2, 23]] == pytest.approx([10.0, 5.0, 3.0])
    assert level[4:21] == pytest.approx(0.0, abs=1e-9)


def test_a_store_may_be_filled_by_planned_starts_only_as_far_as_it_keeps():
    asked = problem(
        HORIZON,
        plan=plan(
            HORIZON,
            stores=(
                Store(
                    store_id="I",
                    name="curd",
                    unit="t",
                    max_level=10.0,
                    start_level=0.0,
                    max_hold_min=240,
                    draws=(StoreDraw(at=hour(12), quantity=3.0),),
                ),
            ),
            tasks=(task("A", 50.0, 2, planned_starts=(hour(3),), flows=(Flow(store_id="I", quantity=3.0),)),),
        ),
    )
    with pytest.raises(InfeasiblePlanError) as refused:
        today_response(asked, EXACT)
    assert "would hold some t for longer than 240 min at Mon 23 Nov 09:00" in str(refused.value)
