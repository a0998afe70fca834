"""What people do with processes whose plan does not say it; and that what it breaks is said, exactly when the audit objects."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from domain.offers import ResponseProblem, SolveOptions
from domain.plant import Flow, PlannedRate, Process, ProcessState, RateFlow, Store, StoreDraw, Utility, UtilityUse
from optimizer.audit import audit
from optimizer.formulation import plan_sets
from optimizer.infeasible import InfeasiblePlanError
from optimizer.process_rules import process_conflicts
from optimizer.response import best_response, today_response
from optimizer.today import schedule_of
from tests.optimizer_cases import EXACT, grid, hour, machine, plan, problem, site, task
from tests.plants_as_data import cold_store, electrolyser, forklifts, heat_and_power, mill
from tests.process_cases import process, quota
from tests.unit.optimizer.test_processes_enumerated import asked, drawn

QUICK = SolveOptions(deadline_s=30.0, gap_share=0.01)


def plant(*processes: Process, **parts: Any) -> ResponseProblem:
    named = {key: parts.pop(key) for key in ("stores", "utilities", "machines", "tasks") if key in parts}
    return problem(grid(), plan=plan(grid(), processes=processes, **named), **parts)


def rates(question: ResponseProblem, process_id: str = "P") -> list[float]:
    answer = today_response(question, EXACT)
    assert audit(answer.schedule, question).violations == ()
    return [round(rate, 6) for rate in answer.schedule.processes[process_id].rate.tolist()]


def conflicts(question: ResponseProblem) -> str:
    with pytest.raises(InfeasiblePlanError) as error:
        today_response(question, EXACT)
    return str(error.value)


def store(**changed: Any) -> Store:
    plain: dict[str, Any] = {
        "store_id": "I",
        "name": "silo",
        "unit": "t",
        "max_level": 40.0,
        "start_level": 10.0,
        "draws": tuple(StoreDraw(at=hour(at), quantity=3.0) for at in range(24)),
    }
    return Store(**(plain | changed))


FEEDS = (RateFlow(store_id="I", quantity_per_unit=1.0),)


def test_what_is_planned_is_done():
    planned = (PlannedRate(start=hour(3), end=hour(5), rate=6.0), PlannedRate(start=hour(9), end=hour(10), rate=4.0))
    assert rates(plant(process("P", planned=planned, quotas=(quota(least=16.0),)))) == [
        6.0 if t in {3, 4} else 4.0 if t == 9 else 0.0 for t in range(24)
    ]


def test_a_quota_is_met_at_once():
    assert rates(plant(process("P", quotas=(quota(6, 20, least=24.0),))))[5:10] == [0.0, 10.0, 10.0, 4.0, 0.0]
    # at 4 t/h or more the rest of 2 t would be too small: 6 and 4
    two = process("P", min_rate=4.0, quotas=(quota(6, 20, least=20.0 + 2, most=22.0),))
    assert rates(plant(two))[5:10] == [0.0, 10.0, 8.0, 4.0, 0.0]


def test_a_slow_one_lands_on_its_quota():
    slow = process("P", max_fall_per_h=2.0, quotas=(quota(least=30.0, most=31.0),))
    done = rates(plant(slow))
    assert 30.0 <= sum(done) <= 31.0
    assert min(np.diff(done)) >= -2.0 - 1e-9


def test_who_must_leave_first_is_charged_first():
    """5 of a shared supply: Q, due at 4, has it until its 14 are done, P the rest."""
    takes = (UtilityUse(utility_id="U", quantity_per_rate=1.0),)
    one = process("P", utilities=takes, quotas=(quota(0, 8, least=12.0),))
    other = process("Q", utilities=takes, quotas=(quota(0, 4, least=14.0),))
    shared = plant(one, other, utilities=(Utility(utility_id="U", name="supply", unit="kW", limit=5.0),))
    assert rates(shared, "Q")[:4] == [5.0, 5.0, 4.0, 0.0]
    assert rates(shared)[:6] == [0.0, 0.0, 1.0, 5.0, 5.0, 1.0]


def test_a_feeder_holds_the_level():
    assert rates(plant(process("P", flows=FEEDS), stores=(store(),))) == [3.0] * 24


def test_one_that_is_counted_fills_the_silo_up():
    """It starts as the level falls, and runs at 10 t/h until the 40 t are full: 37 after four hours, 40 after the fifth."""
    counted = process("P", min_rate=3.0, flows=FEEDS, max_starts_count=3)
    assert rates(plant(counted, stores=(store(),)))[:7] == [10.0, 10.0, 10.0, 10.0, 5.0, 3.0, 3.0]


def test_the_second_feeder_gives_what_the_first_cannot():
    first, second = process("P", max_rate=2.0, flows=FEEDS), process("Q", flows=FEEDS)
    both = plant(first, second, stores=(store(),))
    assert rates(both) == [2.0] * 24
    assert rates(both, "Q") == [1.0] * 24


def test_what_empties_a_store_keeps_it_down():
    takes = process("P", flows=(RateFlow(store_id="I", quantity_per_unit=-2.0),))
    filled = store(draws=tuple(StoreDraw(at=hour(at), quantity=-3.0) for at in range(24)))
    assert rates(plant(takes, stores=(filled,))) == [1.5] * 24


def test_a_feeder_answers_to_runs():
    """A run takes 6 t in hour 0 beside the draw of 3."""
    run = task("R", 20.0, 1, flows=(Flow(store_id="I", quantity=-6.0),))
    assert rates(plant(process("P", flows=FEEDS), stores=(store(),), tasks=(run,)))[:3] == [9.0, 3.0, 3.0]


def test_others_are_off():
    assert rates(plant(process("P", kwh_per_unit=-1.0, cost_per_unit=0.1))) == [0.0] * 24


def test_what_cannot_be_is_said():
    late = plant(
        process("P", quotas=(quota(least=20.0),), planned=(PlannedRate(start=hour(3), end=hour(4), rate=6.0),))
    )
    assert "today's plan: Process P (work P) does 6 t between Mon 23 Nov 00:00" in conflicts(late)
    short = process("P", min_run_min=180, planned=(PlannedRate(start=hour(3), end=hour(4), rate=6.0),))
    assert "Process P (work P) runs for 60 min from Mon 23 Nov 03:00; its least is 180 min" in conflicts(plant(short))
    steep = process("P", max_rise_per_h=2.0, planned=(PlannedRate(start=hour(3), end=hour(4), rate=6.0),))
    assert "goes from 0 to 6 t/h at Mon 23 Nov 03:00, faster than it may" in conflicts(plant(steep))
    often = process(
        "P", max_starts_count=1, planned=tuple(PlannedRate(start=hour(t), end=hour(t + 1), rate=6.0) for t in (3, 6))
    )
    assert "starts 2 times in the day from Mon 23 Nov 00:00; 1 are allowed" in conflicts(plant(often))
    on = process(
        "P",
        min_rate=2.0,
        min_run_min=120,
        before=ProcessState(is_on=True, rate=4.0, since_min=60),
        planned=often.planned,
    )
    assert "is off at Mon 23 Nov 00:00, where it must go on" in conflicts(plant(on))
    beside = plant(
        process("P", machine_ids=("M",), planned=(PlannedRate(start=hour(3), end=hour(5), rate=6.0),)),
        machines=(machine("M"),),
        tasks=(task("R", 20.0, 2, "M", planned_starts=(hour(4),)),),
    )
    assert "Process P (work P) and what else runs need more of machine M (name of M) at Mon 23 Nov 04:00" in conflicts(
        beside
    )
    idle = process("P", planned=(PlannedRate(start=hour(3), end=hour(5), rate=6.0),))
    assert "Only 100 kW run at Mon 23 Nov 00:00; the safety load is 120 kW" in conflicts(
        plant(idle, site=site(safety_load_kw=120.0))
    )


@pytest.mark.parametrize("seed", range(60))
def test_it_is_said_exactly_when_the_audit_objects(seed: int):
    one, price = drawn(seed)
    question = asked(one, price)
    sets = plan_sets(question)
    schedule = schedule_of(sets, {})
    assert bool(process_conflicts(sets, schedule)) == bool(audit(schedule, question).violations)


@pytest.mark.parametrize("question", [mill(), cold_store(), forklifts(), heat_and_power(), electrolyser()])
def test_the_plants_run_as_people_would_and_better_pays(question: ResponseProblem):
    today = today_response(question, QUICK)
    assert audit(today.schedule, question).violations == ()
    assert best_response(question, QUICK).costs.total_cost < today.costs.total_cost


def test_disturbed_plans_are_said_exactly_when_the_audit_objects():
    """Shift and scale what people would do, hour by hour."""
    random = np.random.default_rng(7)
    n_broken = 0
    for seed in range(60):
        one, price = drawn(seed)
        question = asked(one, price)
        sets = plan_sets(question)
        usual = schedule_of(sets, {})
        use = usual.processes["U"]
        moved = np.roll(use.rate, int(random.integers(-2, 3)))
        spans = tuple(
            PlannedRate(start=hour(t), end=hour(t + 1), rate=float(np.clip(rate, one.min_rate, one.max_rate)))
            for t, rate in enumerate((moved * random.choice([0.8, 1.0, 1.2])).tolist())
            if rate > 0
        )
        if not spans:
            continue
        told = asked(replace(one, planned=spans), price)
        schedule = schedule_of(plan_sets(told), {})
        objected = bool(audit(schedule, told).violations)
        assert bool(process_conflicts(plan_sets(told), schedule)) == objected
        n_broken += objected
    assert 10 < n_broken < 55
