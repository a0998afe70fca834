from datetime import date

import numpy as np
import pytest

from domain.catalogue.cement import cement_plan, cement_site
from domain.plant.expand import lateness_h, machine_available, n_occupied, possible_starts, profile_kw
from domain.time import Calendar, TimeGrid

PLAN = cement_plan(date(2026, 11, 23))
GRID = TimeGrid.between(PLAN.start, PLAN.end, 15)


def test_each_planned_start_is_one_that_the_plan_allows() -> None:
    for task in PLAN.tasks:
        allowed = set(possible_starts(task, PLAN, GRID, Calendar(country="CN")).tolist())
        assert {GRID.edge_of(at) for at in task.planned_starts} <= allowed
        assert len(set(task.planned_starts)) == task.count


def test_no_machine_does_two_things_at_once_and_outages_are_kept() -> None:
    for machine in PLAN.machines:
        busy = np.zeros(GRID.n_steps, dtype=int)
        for task in PLAN.tasks:
            if machine.machine_id in task.machine_ids:
                for at in task.planned_starts:
                    first = GRID.edge_of(at)
                    busy[first : first + n_occupied(task, 15)] += 1
        assert (busy <= machine_available(PLAN, machine.machine_id, GRID)).all()
        assert busy.any()


@pytest.mark.parametrize("store", PLAN.stores, ids=lambda store: store.store_id)
def test_stores_stay_within_their_levels(store) -> None:
    change = np.zeros(GRID.n_steps)
    for draw in store.draws:
        change[GRID.edge_of(draw.at)] -= draw.quantity
    for task in PLAN.tasks:
        for flow in task.flows:
            if flow.store_id == store.store_id:
                assert flow.when == "evenly"
                n_steps = n_occupied(task, 15)
                for at in task.planned_starts:
                    first = GRID.edge_of(at)
                    change[first : first + n_steps] += flow.quantity / n_steps
    level = store.start_level + np.cumsum(change)
    assert level.min() >= store.min_level
    assert level.max() <= store.max_level
    assert level[-1] >= store.least_at_end
    assert change.any()


def test_todays_plan_is_never_late_and_draws_what_the_mills_draw() -> None:
    load_kw = np.zeros(GRID.n_steps)
    for task in PLAN.tasks:
        assert lateness_h(task, PLAN, max(task.planned_starts)) == 0
        for at in task.planned_starts:
            first = GRID.edge_of(at)
            load_kw[first : first + n_occupied(task, 15)] += profile_kw(task, 15)
    # 35 runs of mill 1, 31 of mill 2, six of the bag line, one test: 357 000 + 204 600 + 7 200 + 1 350 kWh
    assert load_kw.sum() / 4 == pytest.approx(570_150.0)
    assert load_kw.max() == 5900.0


def test_the_days_dispatch_is_what_a_plant_of_this_size_sends() -> None:
    silos = [store for store in PLAN.stores if store.store_id in ("S1", "S3")]
    monday = [draw.quantity for silo in silos for draw in silo.draws if draw.at < GRID.at(96)]
    assert sum(monday) == pytest.approx(1250 + 840)
    assert cement_site().supply.capacity_kva == 8000


def test_another_week_has_the_same_plan() -> None:
    later = cement_plan(date(2026, 12, 7))
    assert [task.task_id for task in later.tasks] == [task.task_id for task in PLAN.tasks]
    assert later.start.isoformat() == "2026-12-06T16:00:00+00:00"
