"""Plans that cannot be: who contradicts whom, in the plant's words."""

from dataclasses import replace
from datetime import time
from typing import Any

import numpy as np
import pytest

from domain.offers import ResponseProblem, SolveOptions
from domain.plant import (
    Battery,
    Flow,
    Interval,
    ModulatingLoad,
    Order,
    Precedence,
    Shift,
    ShiftEnergy,
    Store,
    StoreDraw,
)
from domain.text import Language, Text
from optimizer.diagnose import diagnose
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.formulation.demand import DemandChargeNotConvexError
from optimizer.formulation.events import EventUnboundedError
from optimizer.formulation.shifts import ShiftOffGridError
from optimizer.formulation.starts import StartOutsideHorizonError
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response, today_response
from optimizer.search import NoPlanInTimeError, Search
from optimizer.solver import Found, Solver, SolverRefusedError
from tests.optimizer_cases import EXACT, demand, event, grid, hour, machine, plan, problem, site, task, terms

GRID = grid()


def conflicts_of(asked: ResponseProblem) -> tuple[Text, ...]:
    with pytest.raises(InfeasiblePlanError) as refused:
        best_response(asked, EXACT)
    found: tuple[Text, ...] = refused.value.data["conflicts"]
    assert found
    for language in Language:
        assert all(one.say(language) in refused.value.say(language) for one in found)
    return found


def planned(**parts: Any) -> ResponseProblem:
    return problem(GRID, plan=plan(GRID, **parts))


def test_a_window_without_room_is_named():
    outage = machine("M", outages=(Interval(start=hour(5), end=hour(9)),))
    (said,) = conflicts_of(
        planned(machines=(outage,), tasks=(task("A", 50.0, 3, "M", earliest=hour(4), latest_end=hour(11)),))
    )
    assert "Task A (work A) cannot be done between Mon 23 Nov 04:00 and Mon 23 Nov 11:00" in said.en
    assert "任务 A（work A）无法在11月23日周一04:00至11月23日周一11:00之间完成" in said.zh


def test_a_crew_that_never_comes_is_named():
    day = Shift(name="day", start=time(8), end=time(10), wage_per_h=30.0)
    (said,) = conflicts_of(
        planned(shifts=(day,), machines=(machine("M"),), tasks=(task("A", 50.0, 3, "M", crew_count=1.0),))
    )
    assert "there is room for 0" in said.en


def test_machine_hours_that_lack_are_counted():
    # 3 · 4 h until 10 o'clock, with an hour's outage: 12 h needed, 9 free
    promised = tuple(Order(order_id=f"O{n}", due=hour(10)) for n in range(3))
    (said,) = conflicts_of(
        planned(
            machines=(machine("M", outages=(Interval(start=hour(4), end=hour(5)),)),),
            orders=promised,
            tasks=tuple(task(f"A{n}", 50.0, 4, "M", order_id=f"O{n}") for n in range(3)),
        )
    )
    assert said.en == (
        "Order O0, O1, O2 cannot be finished by Mon 23 Nov 10:00 with machine M (name of M): "
        "from Mon 23 Nov 00:00 on they need 12 h, 9 h are free"
    )
    assert "共需 12 小时，空闲只有 9 小时" in said.zh


def silo(**changed: Any) -> Store:
    return Store(**({"store_id": "I", "name": "silo", "unit": "t", "max_level": 20.0, "start_level": 6.0} | changed))


def test_a_store_that_must_run_dry_is_named():
    # 6 t, two runs bring 2·3 by hour 4 at most (one machine, 2 h each), 15 are drawn at 6
    (said,) = conflicts_of(
        planned(
            machines=(machine("M"),),
            stores=(silo(end_min_level=0.0, draws=(StoreDraw(at=hour(6), quantity=15.0),)),),
            tasks=(task("A", 50.0, 2, "M", count=2, flows=(Flow(store_id="I", quantity=3.0),)),),
        )
    )
    assert "store I (silo) cannot hold 0 t at Mon 23 Nov 07:00" in said.en
    assert "there are -3 t" in said.en


def test_a_store_that_must_overflow_is_named():
    # 6 t and twice 3 t make 12; only 8 fit, nothing takes any, and the first of two runs on one machine ends by 23 h
    (said,) = conflicts_of(
        planned(
            machines=(machine("M"),),
            stores=(silo(max_level=8.0),),
            tasks=(task("A", 50.0, 2, "M", count=2, flows=(Flow(store_id="I", quantity=3.0),)),),
        )
    )
    assert "store I (silo) cannot be at 8 t or less at Mon 23 Nov 23:00" in said.en
    assert "there are 9 t" in said.en


def test_a_base_load_above_the_connection_is_named():
    (said,) = conflicts_of(problem(GRID, base_kw=1200.0))
    assert "base load of 1200 kW" in said.en


def test_an_import_limit_that_binds_is_found_by_the_model():
    found = conflicts_of(
        problem(
            GRID,
            base_kw=900.0,
            plan=plan(GRID, machines=(machine("M"),), tasks=(task("A", 150.0, 2, "M", latest_end=hour(4)),)),
        )
    )
    said = " | ".join(one.en for one in found)
    assert "the site may import 1000 kW" in said
    assert "50 kW more would be needed" in said
    assert "A runs then" in said


def test_a_wait_that_cannot_be_kept_is_found():
    found = conflicts_of(
        planned(
            tasks=(task("A", 50.0, 2, latest_end=hour(4)), task("B", 60.0, 2, earliest=hour(12))),
            precedences=(Precedence(before="A", after="B", max_gap_min=120),),
        )
    )
    assert any("the wait between tasks A and B must be at most 2 h" in one.en for one in found)


def test_what_only_whole_runs_break_is_found_by_slack():
    # windows 0…5 and 1…4 on one machine: 2 + 3 h in 5 h, but B's only place 1…4 splits A's room
    asked = planned(
        machines=(machine("M"),),
        tasks=(
            task("A", 50.0, 2, "M", latest_end=hour(5)),
            task("B", 60.0, 3, "M", earliest=hour(1), latest_end=hour(4)),
        ),
    )
    found = conflicts_of(asked)
    said = " | ".join(one.en for one in found)
    assert "Task A" in said or "Task B" in said or "machine M" in said


def test_slack_says_how_much():
    # neither run of 2 h can be had twice in 3 h of room, half a run each would do for the relaxation
    asked = problem(
        GRID,
        base_kw=100.0,
        site=site(import_limit_kw=260.0),
        plan=plan(
            GRID,
            tasks=(
                task("A", 100.0, 1, earliest=hour(3), latest_end=hour(5)),
                task("B", 100.0, 1, earliest=hour(3), latest_end=hour(5)),
                task("C", 100.0, 1, earliest=hour(3), latest_end=hour(5)),
            ),
        ),
    )
    found = conflicts_of(asked)
    assert any("40 kW more would be needed" in one.en for one in found)
    assert any("还需 40 kW" in one.zh for one in found)
    # what only prices a schedule must not hide the limit: its rows use the same limit as big-M
    priced = replace(
        asked,
        site=site(import_limit_kw=260.0, export_limit_kw=50.0),
        terms=terms(GRID, -0.1, demand=(demand(GRID, other_peak_kw=np.array([150.0, 210.0])),)),
        events=(event(first=3, stop=5, baseline_kw=150.0),),
    )
    assert any("40 kW more would be needed" in one.en for one in conflicts_of(priced))


def test_a_battery_that_cannot_fill_is_found():
    slow = Battery(
        battery_id="B",
        capacity_kwh=500.0,
        max_charge_kw=10.0,
        max_discharge_kw=20.0,
        soc_start_kwh=30.0,
        soc_end_min_kwh=400.0,
    )
    found = conflicts_of(problem(GRID, site=site(batteries=(slow,))))
    assert any("battery B must hold 400 kWh at the end" in one.en for one in found)


def test_a_shift_inside_a_step_is_refused():
    load = ModulatingLoad(
        load_id="J", name="j", max_kw=50.0, shifts=(ShiftEnergy(start=hour(4.25), end=hour(9), energy_kwh=60.0),)
    )
    with pytest.raises(ShiftOffGridError, match=r"J from .* 60-minute"):
        best_response(planned(modulating_loads=(load,)), EXACT)


def test_a_fixed_run_outside_the_horizon_is_refused():
    far = task("A", 50.0, 2, planned_starts=(hour(23),), movable=False)
    with pytest.raises(StartOutsideHorizonError, match="A is planned at"):
        best_response(planned(tasks=(far,)), EXACT)


def test_a_fixed_run_in_an_outage_is_named():
    outage = machine("M", outages=(Interval(start=hour(5), end=hour(6)),))
    stuck = task("A", 50.0, 2, "M", planned_starts=(hour(4),), movable=False)
    (said,) = conflicts_of(planned(machines=(outage,), tasks=(stuck,)))
    assert "runs into an outage of machine M" in said.en


@pytest.mark.parametrize(
    ("changed", "problem_words"),
    [
        ({"price_per_kw": -1.0}, "negative"),
        ({"contract_kw": 100.0, "thresholds_kw": (105.0, 150.0), "multipliers": (2.0, 1.0)}, "do not ascend"),
        ({"contract_kw": 100.0, "thresholds_kw": (105.0,), "multipliers": (2.0,), "jump_kw": -5.0}, "jump"),
    ],
)
def test_a_demand_charge_that_is_not_convex_is_refused(changed: dict[str, Any], problem_words: str):
    asked = problem(GRID, terms=terms(GRID, 0.5, (demand(GRID, **changed),)))
    with pytest.raises(DemandChargeNotConvexError, match=problem_words):
        best_response(asked, EXACT)


def test_an_event_without_a_limit_is_refused():
    from domain.programmes.terms import EventBand  # noqa: PLC0415 -- only here

    endless = event(
        max_commitment_kw=float("inf"),
        bands=(EventBand(from_rate=0.0, to_rate=float("inf"), per_delivered=0.0, per_committed=1.0),),
    )
    with pytest.raises(EventUnboundedError, match="Event E"):
        best_response(problem(GRID, events=(endless,)), EXACT)


def test_an_unknown_option_is_refused():
    matrix = compile_matrix(build(plan_sets(problem(GRID))))
    with pytest.raises(SolverRefusedError, match="no_such_option"):
        Solver(matrix, seed=1, n_threads=1, options={"no_such_option": 1})


def test_no_plan_in_time_says_what_to_do():
    # C must start at 3, so that placing A as early as possible fails, and no time is left to search
    asked = planned(
        machines=(machine("M"),),
        stores=(silo(start_level=0.0, max_level=3.0),),
        tasks=(
            task("A", 50.0, 2, "M", count=3, flows=(Flow(store_id="I", quantity=3.0),)),
            task(
                "B",
                60.0,
                1,
                count=3,
                earliest=hour(1),
                latest_end=hour(12),
                flows=(Flow(store_id="I", quantity=-3.0, when="start"),),
            ),
            task("C", 70.0, 4, "M", earliest=hour(3), latest_end=hour(7)),
        ),
    )
    assert best_response(asked, EXACT).solve.stopped_by == "optimal"
    with pytest.raises(NoPlanInTimeError, match="deadline_s"):
        best_response(asked, SolveOptions(deadline_s=1e-6))


def test_diagnosis_of_a_sound_plan_admits_that_it_has_nothing():
    asked = planned(machines=(machine("M"),), tasks=(task("A", 50.0, 2, "M"),))
    sets = plan_sets(asked)
    (said,) = diagnose(sets, compile_matrix(build(sets)), EXACT)
    assert "the plan as a whole" in said.en


# --- today's plan ------------------------------------------------------------------------------------------


def today_conflicts(asked: ResponseProblem) -> str:
    with pytest.raises(InfeasiblePlanError) as refused:
        today_response(asked, EXACT)
    assert all(one.en.startswith("today's plan: ") for one in refused.value.data["conflicts"])
    assert all(one.zh.startswith("现行计划：") for one in refused.value.data["conflicts"])
    return str(refused.value)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"tasks": (task("A", 50.0, 2, "M", planned_starts=(hour(3),), earliest=hour(4)),)}, "before it may"),
        ({"tasks": (task("A", 50.0, 2, "M", planned_starts=(hour(3),), latest_end=hour(4)),)}, "later than it must"),
        ({"tasks": (task("A", 50.0, 2, "M", planned_starts=(hour(23),)),)}, "outside the horizon"),
        ({"tasks": (task("A", 50.0, 2, "M", planned_starts=(hour(3),), start_every_min=120),)}, "off its start rhythm"),
        (
            {
                "tasks": (
                    task("A", 50.0, 2, "M", planned_starts=(hour(3),)),
                    task("B", 60.0, 2, "M", planned_starts=(hour(4),)),
                )
            },
            "Tasks A, B need machine M",
        ),
        (
            {
                "tasks": (task("A", 50.0, 2, planned_starts=(hour(3),)), task("B", 60.0, 2, planned_starts=(hour(9),))),
                "precedences": (Precedence(before="A", after="B", max_gap_min=60),),
            },
            "Task B starts 240 min after task A ends; allowed are 0 … 60 min after it",
        ),
        (
            {
                "tasks": (
                    task("A", 50.0, 2, planned_starts=(hour(3),), flows=(Flow(store_id="I", quantity=17.0),)),
                    task("B", 60.0, 1, planned_starts=(hour(20),), flows=(Flow(store_id="I", quantity=-5.0),)),
                ),
                "stores": (silo(),),
            },
            "would hold 23 t at Mon 23 Nov 05:00",
        ),
        (
            {"tasks": (task("A", 950.0, 2, planned_starts=(hour(3),)),)},
            "would import 1050 kW at Mon 23 Nov 03:00; its limit is 1000 kW",
        ),
    ],
)
def test_todays_plan_is_refused_by_name(parts: dict[str, Any], words: str):
    assert words in today_conflicts(planned(**({"machines": (machine("M"),)} | parts)))


def test_today_needs_a_search_where_placing_in_turn_fails_and_says_if_the_clock_ended_it(
    monkeypatch: pytest.MonkeyPatch,
):
    # C must start at 3; placing A as early as possible holds the machine from 2 to 4
    asked = planned(
        machines=(machine("M"),),
        tasks=(
            task("A", 50.0, 2, "M", count=3, latest_end=hour(11)),
            task("C", 70.0, 4, "M", earliest=hour(3), latest_end=hour(7)),
        ),
    )
    found = today_response(asked, EXACT)
    # A 0…2, C 3…7, A 7…9, A 9…11
    assert [run.start for run in found.schedule.runs] == [hour(0), hour(3), hour(7), hour(9)]
    assert found.solve.stopped_by == "optimal"

    def out_of_time(search: Search, fixed: Any) -> Found:
        search.parts.cut_by_clock = True
        return whole_search(search, fixed)

    whole_search = Search.earliest
    monkeypatch.setattr(Search, "earliest", out_of_time)
    assert today_response(asked, EXACT).solve.stopped_by == "deadline"


def test_today_keeps_planned_starts_and_levels_loads():
    load = ModulatingLoad(
        load_id="J", name="j", max_kw=50.0, shifts=(ShiftEnergy(start=hour(4), end=hour(8), energy_kwh=60.0),)
    )
    asked = planned(
        machines=(machine("M"),),
        modulating_loads=(load,),
        tasks=(task("A", 40.0, 2, "M", planned_starts=(hour(1),)), task("B", 60.0, 2, "M")),
    )
    schedule = today_response(replace(asked, site=site()), EXACT).schedule
    assert [(run.task_id, run.start) for run in schedule.runs] == [("A", hour(1)), ("B", hour(3))]
    assert schedule.import_kw.tolist()[:9] == [100, 140, 140, 160, 175, 115, 115, 115, 100]


def test_today_charges_a_battery_that_must_end_fuller():
    one = Battery(
        battery_id="B",
        capacity_kwh=90.0,
        max_charge_kw=20.0,
        max_discharge_kw=30.0,
        charge_eff=0.8,
        soc_start_kwh=10.0,
        soc_end_min_kwh=34.0,
    )
    use = today_response(problem(GRID, site=site(batteries=(one,))), EXACT).schedule.batteries["B"]
    # 24 kWh / 0.8 = 30 kWh at 20 kW: 20, 10
    assert use.charge_kw.tolist()[:3] == pytest.approx([20.0, 10.0, 0.0])
    assert use.soc_kwh[-1] == pytest.approx(34.0)
