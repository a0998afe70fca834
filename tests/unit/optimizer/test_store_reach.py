"""How full and how empty a store can be at all: by hand, and never tighter than what schedules reach."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.plant import Flow, Mode, PowerPhase, Process, RateFlow, Store, StoreDraw
from optimizer.assemble import runs_at
from optimizer.formulation import plan_sets
from optimizer.formulation.sets import flow_by_step
from optimizer.formulation.store_reach import level_reach
from tests.optimizer_cases import grid, hour, plan, problem, task

HORIZON = grid()


def reach(store: Store, **parts: object) -> tuple[np.ndarray, np.ndarray]:
    asked = problem(HORIZON, plan=plan(HORIZON, stores=(store,), **parts))
    return level_reach(plan_sets(asked), store)


def silo(**changed: object) -> Store:
    return Store(**({"store_id": "I", "name": "silo", "unit": "t", "max_level": 100.0, "start_level": 20.0} | changed))


def test_what_fades_by_hand():
    store = silo(decay_share_per_h=0.1, rest_level=4.0, draws=(StoreDraw(at=hour(2.5), quantity=3.0),))
    least, most = reach(store)
    # 4 + 0.9·16 = 18.4, 16.96, 4 + 0.9·12.96 - 3 = 12.664
    assert most[:3] == pytest.approx([18.4, 16.96, 12.664])
    assert least == pytest.approx(most)


def test_runs_ways_and_lots_by_hand():
    # 5 t in the last of 3 hours or 7 t in the last of 4, once or twice, lots from 0.4; one may start in each hour from 2 to 9
    work = task(
        "A",
        50.0,
        3,
        count=2,
        min_count=1,
        least_lot_share=0.4,
        earliest=hour(2),
        latest_end=hour(12),
        flows=(Flow(store_id="I", quantity=5.0),),
        modes=(
            Mode(
                mode_id="big",
                machine_ids=(),
                phases=(PowerPhase(power_kw=40.0, duration_min=240),),
                flows=(Flow(store_id="I", quantity=7.0),),
            ),
        ),
    )
    least, most = reach(
        silo(draws=tuple(StoreDraw(at=hour(t + 0.5), quantity=0.0625) for t in range(24))), tasks=(work,)
    )
    drawn = 0.0625 * np.arange(1, 25)
    # at once as many as are wanted: no machine is named. 2·5 by the end of hour 4, 2·7 by that of hour 5
    assert (most + drawn)[[3, 4, 5, 23]] == pytest.approx([20.0, 30.0, 34.0, 34.0])
    # one lot of 0.4·5 must be there in the end, when the last start has passed: the way of 3 h may start at 9 and ends with hour 11
    assert (least + drawn)[[10, 11, 23]] == pytest.approx([20.0, 22.0, 22.0])


def test_processes_by_hand():
    mill = Process(
        process_id="P",
        name="mill",
        unit="t",
        min_rate=2.0,
        max_rate=5.0,
        flows=(RateFlow(store_id="I", quantity_per_unit=0.5, quantity_per_h=-1.5),),
    )
    least, most = reach(silo(), processes=(mill,))
    # on at 5 t/h it brings 2.5 - 1.5 = 1 t in an hour, at 2 t/h it takes 0.5
    assert most == pytest.approx(20.0 + np.arange(1, 25))
    assert least == pytest.approx(20.0 - 0.5 * np.arange(1, 25))


def test_a_tank_too_small_for_what_is_drawn_at_once():
    _, most = reach(
        silo(max_level=30.0, draws=(StoreDraw(at=hour(20), quantity=34.0),)),
        processes=(
            Process(
                process_id="P",
                name="pump",
                unit="t",
                max_rate=3.0,
                flows=(RateFlow(store_id="I", quantity_per_unit=1.0),),
            ),
        ),
    )
    # however long it is filled, 30 and what comes within that hour are all there is
    assert most[20] == pytest.approx(30.0 + 3.0 - 34.0)


def test_what_may_be_thrown_away_never_overflows():
    least, _ = reach(
        silo(disposal_cost_per_unit=0.0), tasks=(task("A", 5.0, 1, flows=(Flow(store_id="I", quantity=500.0),)),)
    )
    assert np.isneginf(least).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_no_schedule_leaves_the_reach(seed: int):
    random = np.random.default_rng(seed)
    store = silo(
        min_level=-1e4,
        max_level=1e4,
        decay_share_per_h=float(random.choice([0.0, 0.15])),
        rest_level=float(random.integers(-5, 15)),
        draws=tuple(
            StoreDraw(at=hour(float(t)), quantity=float(random.integers(-3, 6))) for t in random.integers(0, 24, 4)
        ),
    )
    tasks = tuple(
        task(
            f"K{number}",
            10.0,
            float(random.integers(1, 5)),
            count=int(random.integers(1, 4)),
            min_count=int(random.integers(0, 2)),
            least_lot_share=float(random.choice([1.0, 0.3])),
            flows=tuple(
                Flow(store_id="I", quantity=float(random.integers(-9, 10)), when=when)
                for when in random.choice(["start", "end", "evenly"], 2, replace=False)
            ),
        )
        for number in range(3)
    )
    asked = problem(HORIZON, plan=plan(HORIZON, stores=(store,), tasks=tasks))
    sets = plan_sets(asked)
    least, most = level_reach(sets, store)
    change = -sets.store_draw["I"]
    for one in sets.tasks.values():
        for step in random.choice(one.steps, int(random.integers(one.least_runs, one.most_runs + 1))):
            (run,) = runs_at(asked, {one.task.task_id: [int(step)]})
            lot = replace(run, lot_share=float(random.uniform(one.task.least_lot_share, 1.0)))
            for flow in one.task.flows:
                change[step : step + one.n_occupied] += lot.lot_share * flow_by_step(flow, one.n_occupied)
    level, kept = store.start_level, store.kept_share(1.0)
    for t in range(24):
        level = store.rest_level + kept * (level - store.rest_level) + change[t]
        assert least[t] - 1e-9 <= level <= most[t] + 1e-9
