"""The oracle in cases a person can work out, and what it promises of its answers."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from domain.offers import ResponseProblem, SolveOptions
from domain.plant import (
    Battery,
    Pv,
    Run,
)
from optimizer.audit import audit
from optimizer.costs import schedule_costs
from optimizer.response import best_response, today_response
from tests.optimizer_answers import best_cost
from tests.optimizer_cases import (
    EXACT,
    TABLE,
    demand,
    equipped_problem,
    event,
    grid,
    hour,
    machine,
    plan,
    problem,
    site,
    task,
    terms,
)

HOURS = np.arange(24)
TOU = np.where(HOURS < 8, 0.3, np.where((HOURS >= 18) & (HOURS < 22), 1.2, 0.7))


def furnace(horizon_demand: dict[str, object] | None = None, **parts: object) -> ResponseProblem:
    """One task of 200 kW for 2 h, base 100 kW, day and night prices."""
    horizon = grid()
    charges = () if horizon_demand is None else (demand(horizon, **horizon_demand),)
    plain = {
        "plan": plan(horizon, machines=(machine("M"),), tasks=(task("A", 200.0, 2, "M", earliest=hour(9)),)),
        "terms": terms(horizon, TOU, charges),
    }
    return problem(horizon, **(plain | parts))


def test_energy_goes_to_the_cheapest_hours():
    # base: 100·(8·0.3 + 12·0.7 + 4·1.2) = 1560; from 9 on the cheapest 2 h cost 0.7: 400 kWh · 0.7 = 280
    assert best_cost(furnace()) == pytest.approx(1560 + 280)


def test_a_sunk_peak_costs_what_it_costs():
    # every sample's rest of the month lies above 300 kW: 10 · (350 + 410)/2
    answer = best_cost(furnace({"other_peak_kw": np.array([350.0, 410.0])}))
    assert answer == pytest.approx(1560 + 280 + 3800)


def test_a_contract_with_a_jump_is_worth_keeping():
    # two tasks together reach 300 kW: C = 280, jump at 294. Apart 200 kW: the contract alone is paid.
    horizon = grid()
    two = plan(
        horizon,
        machines=(machine("M"), machine("N")),
        tasks=(task("A", 100.0, 2, "M", latest_end=hour(3)), task("B", 100.0, 2, "N", latest_end=hour(4))),
    )
    contract = {"contract_kw": 280.0, "thresholds_kw": (294.0,), "multipliers": (2.0,), "jump_kw": 14.0}
    asked = problem(horizon, plan=two, terms=terms(horizon, TOU, (demand(horizon, **contract),)))
    # A must start by 1, B by 2: apart is possible only as A 0..2, B 2..4.
    assert best_cost(asked) == pytest.approx(1560 + 400 * 0.3 + 10 * 280)
    forced = plan(
        horizon,
        machines=two.machines,
        tasks=(task("A", 100.0, 2, "M", latest_end=hour(2)), task("B", 100.0, 2, "N", latest_end=hour(3))),
    )
    # now they overlap: 300 kW, billed 280 + 2·(300 - 294) + 14 = 306
    assert best_cost(replace(asked, plan=forced)) == pytest.approx(1560 + 400 * 0.3 + 10 * 306)


def test_negative_prices_do_not_make_energy_vanish():
    battery = Battery(battery_id="B", capacity_kwh=100.0, max_charge_kw=50.0, max_discharge_kw=50.0, soc_start_kwh=40.0)
    horizon = grid()
    asked = problem(
        horizon,
        site=site(batteries=(battery,), export_limit_kw=90.0),
        terms=terms(horizon, np.where(HOURS == 3, -1.0, 0.5)),
    )
    answer = best_response(asked, EXACT)
    use = answer.schedule.batteries["B"]
    assert (np.minimum(use.charge_kw, use.discharge_kw) == 0).all()
    assert (np.minimum(answer.schedule.import_kw, answer.schedule.export_kw) == 0).all()
    assert answer.schedule.import_kw[3] == pytest.approx(150.0)
    assert audit(answer.schedule, asked).violations == ()


def test_an_event_worth_committing_to():
    # the task leaves 18…20 anyway: response 400 - 100 = 300 kW. At most 300/1.2 = 250 kW pay 1.2·c, 300/0.8 = 375 pay r.
    answer = best_response(furnace(events=(event(),)), EXACT)
    assert answer.costs.event_pay - answer.costs.event_penalty == pytest.approx(4 * 300, rel=1e-5)
    assert 250 - 0.1 <= answer.schedule.commitments_kw["E"] <= 300 + 0.1


def test_an_event_not_worth_committing_to():
    # 30 kW are there, 50 the least; to reach 80 % of 50 costs more than it pays
    shy = event(baseline_kw=130.0)
    asked = furnace(events=(shy,))
    assert best_cost(asked) == pytest.approx(best_cost(replace(asked, events=())))
    assert best_response(asked, EXACT).schedule.commitments_kw == {"E": 0.0}


def test_filling_a_valley_moves_the_task_into_it():
    # baseline 100 kW from 12 to 14; running A there delivers 200 kW: pays 4 · 200
    fill = event(first=12, stop=14, baseline_kw=100.0, sign=-1, max_commitment_kw=200.0)
    answer = best_response(furnace(events=(fill,)), EXACT)
    assert answer.schedule.runs == (Run(task_id="A", start=hour(12)),)
    assert answer.costs.event_pay == pytest.approx(800.0, rel=1e-5)


@pytest.mark.parametrize(("day", "n_hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_on_which_the_clock_is_changed(day: date, n_hours: int):
    horizon = grid(zone="Europe/Berlin", first=day)
    assert horizon.n_steps == n_hours
    sun = tuple(float(n) for n in range(24))
    asked = problem(
        horizon,
        site=site(zone="Europe/Berlin", pv=(Pv(pv_id="G", daily_kw=sun),)),
        plan=plan(horizon, zone="Europe/Berlin", machines=(machine("M"),), tasks=(task("A", 40.0, 23, "M"),)),
    )
    answer = best_response(asked, EXACT)
    assert audit(answer.schedule, asked).violations == ()
    missing, twice = (2, None) if n_hours == 23 else (None, 2)
    used = sum(sun) - (missing or 0) + (twice or 0)
    assert answer.costs.energy_cost == pytest.approx(0.5 * (100 * n_hours + 40 * 23 - used))


def test_everything_at_once_passes_the_audit_and_beats_today():
    asked = equipped_problem()
    best, today = best_response(asked, EXACT), today_response(asked, EXACT)
    for answer in (best, today):
        replayed = audit(answer.schedule, asked)
        assert replayed.violations == ()
        assert replayed.costs.total_cost == pytest.approx(answer.costs.total_cost, rel=1e-9)
        assert schedule_costs(answer.schedule, asked) == answer.costs
    assert best.costs.total_cost < today.costs.total_cost
    assert set(today.schedule.commitments_kw.values()) == {0.0}


def test_the_same_question_gives_the_same_answer():
    first, second = (best_response(equipped_problem(), EXACT) for _ in range(2))
    assert first.schedule.runs == second.schedule.runs
    assert np.array_equal(first.schedule.import_kw, second.schedule.import_kw)


def test_a_warm_start_is_never_made_worse():
    asked = equipped_problem()
    best = best_response(asked, EXACT)
    hurried = best_response(asked, SolveOptions(deadline_s=0.5, gap_share=1.0), warm_start=best.schedule)
    assert hurried.costs.total_cost <= best.costs.total_cost * (1 + 1e-6)


def test_a_warm_start_of_another_plan_is_left_aside():
    other = best_response(furnace(), EXACT).schedule
    assert best_response(equipped_problem(), EXACT, warm_start=other).solve.stopped_by == "optimal"


def test_no_time_gives_todays_way_of_running_with_an_honest_gap():
    asked = equipped_problem()
    answer = best_response(asked, SolveOptions(deadline_s=1e-6, gap_share=0.0))
    assert answer.solve.stopped_by == "deadline"
    assert audit(answer.schedule, asked).violations == ()
    assert answer.solve.bound <= best_response(asked, EXACT).costs.total_cost
    assert answer.solve.gap_share > 0


def test_rows_of_zero_table_are_left_out():
    assert TABLE[0].per_delivered == TABLE[0].per_committed == 0.0
    asked = furnace(events=(event(bands=TABLE[:1]),))
    assert best_response(asked, EXACT).schedule.commitments_kw == {"E": 0.0}
