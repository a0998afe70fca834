"""Own generation, emissions and the safety load, at cases worked by hand."""

from typing import Any

import numpy as np
import pytest

from domain.offers import Response, ResponseProblem
from domain.plant import Battery, PlannedRate, Process
from domain.text import Language
from optimizer.audit import audit
from optimizer.formulation import build, plan_sets
from optimizer.formulation.grid import SafetyLoadError
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_cases import EXACT, grid, hour, plan, problem, site, task, terms
from tests.process_cases import process, quota

DEAR = np.where((np.arange(24) >= 17) & (np.arange(24) < 21), 1.2, 0.4)


def genset(**changed: Any) -> Process:
    """Give a generator of 20 … 60 kW at 0.7 per kWh."""
    plain = {"unit": "kWh", "min_rate": 20.0, "max_rate": 60.0, "kwh_per_unit": -1.0, "cost_per_unit": 0.7}
    return process("P", **(plain | changed))


def asked(*processes: Process, price: Any = DEAR, export_price: float = 0.0, **parts: Any) -> ResponseProblem:
    horizon = grid()
    paid = {"export_price_per_kwh": np.full(24, export_price)} if export_price else {}
    tasks = parts.pop("tasks", ())
    return problem(
        horizon,
        plan=plan(horizon, processes=processes, tasks=tasks),
        terms=terms(horizon, price, **paid),
        **parts,
    )


def solved(question: ResponseProblem) -> Response:
    answer = best_response(question, EXACT)
    assert audit(answer.schedule, question).violations == ()
    return answer


def test_it_generates_where_power_is_dearer_than_its_fuel():
    answer = solved(asked(genset(), base_kw=50.0))
    assert answer.schedule.processes["P"].rate.tolist() == [50.0 if 17 <= t < 21 else 0.0 for t in range(24)]
    assert answer.costs.fuel_cost == pytest.approx(4 * 50 * 0.7)
    assert answer.costs.energy_cost == pytest.approx(20 * 50 * 0.4)


def test_it_feeds_in_what_pays_up_to_the_limit():
    """Beside 50 kW at 1.2 it also feeds in its last 10 kW at 0.8; at 0.4 it would have to replace 50 kW first.

    Beside 30 kW it could feed in 30 kW, and 25 are allowed.
    """
    answer = solved(asked(genset(), base_kw=50.0, export_price=0.8, site=site(export_limit_kw=25.0)))
    assert answer.schedule.export_kw == pytest.approx(np.where(DEAR > 1, 10.0, 0.0))
    answer = solved(asked(genset(), base_kw=30.0, export_price=0.8, site=site(export_limit_kw=25.0)))
    assert answer.schedule.export_kw == pytest.approx(np.where(DEAR > 1, 25.0, 0.0))
    assert np.minimum(answer.schedule.import_kw, answer.schedule.export_kw).max() == 0.0


def test_passing_power_through_is_no_trade():
    """Feeding in pays 0.8 and drawing costs 0.4: only the generator's own power may be sold."""
    small = genset(min_rate=0.0, max_rate=8.0)
    answer = solved(asked(small, base_kw=50.0, export_price=0.8, site=site(export_limit_kw=15.0)))
    assert answer.schedule.export_kw.max() == 0.0
    assert plan_sets(asked(small, base_kw=50.0, export_price=0.8, site=site(export_limit_kw=15.0))).passing_pays.any()


def test_emissions_can_turn_the_choice():
    """0.9 kg at 0.4 make the grid's 0.4 a 0.76; the generator's 0.7 and 0.05 kg are 0.72."""
    dirty = site(co2_price_per_t=400.0, grid_co2_kg_per_kwh=(0.9,))
    clean = genset(co2_kg_per_unit=0.05)
    answer = solved(asked(clean, base_kw=50.0, price=0.4, site=dirty))
    assert answer.schedule.import_kw.max() == 0.0
    assert answer.costs.co2_cost == pytest.approx(24 * 50 * 0.05 * 0.4)
    assert solved(asked(clean, base_kw=50.0, price=0.4)).schedule.processes["P"].rate.max() == 0.0


def test_surplus_is_not_burnt_in_a_battery():
    """4 h of 50 kW beside 10 kW of load leave 160 kWh; a battery of 200 kWh takes them, one of 120 kWh cannot.

    Charging while discharging would turn the rest into heat.
    """
    sun = genset(movable=False, planned=(PlannedRate(start=hour(10), end=hour(14), rate=50.0),))

    def stored(capacity_kwh: float) -> ResponseProblem:
        battery = Battery(
            battery_id="B",
            capacity_kwh=capacity_kwh,
            max_charge_kw=100.0,
            max_discharge_kw=100.0,
            charge_eff=0.9,
            discharge_eff=0.9,
            soc_start_kwh=0.0,
        )
        return asked(sun, base_kw=10.0, site=site(batteries=(battery,)))

    held = solved(stored(200.0)).schedule.batteries["B"]
    assert held.soc_kwh[13] == pytest.approx(144.0)
    with pytest.raises(InfeasiblePlanError):
        best_response(stored(120.0), EXACT)


def test_ventilation_carries_the_safety_load():
    """70 kW must be running; base 40, a fan of 5 + 7·r at 2 … 10: it needs 25/7 in every hour, also in the peak."""
    fan = process("P", min_rate=2.0, fixed_kw=5.0, quotas=(quota(least=1.0),))
    answer = solved(asked(fan, base_kw=40.0, site=site(safety_load_kw=70.0)))
    assert answer.schedule.import_kw == pytest.approx(np.full(24, 70.0))


def test_a_run_carries_the_safety_load_while_it_lasts():
    """70 kW must be running, and a run takes 35 beside 40 of base load, so the fan stands still for its four hours.

    These are cheap ones: the fan carries the rest with 30 kW, the run with 5 kW more.
    """
    fan = process("P", min_rate=2.0, fixed_kw=5.0)
    run = task("R", 35.0, 4)
    answer = solved(asked(fan, base_kw=40.0, site=site(safety_load_kw=70.0), tasks=(run,)))
    on = answer.schedule.processes["P"].is_on
    assert on.sum() == 20
    assert on[17:21].all()
    assert answer.costs.energy_cost == pytest.approx(0.4 * (16 * 70 + 4 * 75) + 1.2 * 4 * 70)


def test_generation_carries_no_safety_load():
    with pytest.raises(SafetyLoadError) as error:
        build(plan_sets(asked(genset(), base_kw=40.0, site=site(safety_load_kw=70.0))))
    assert "safety load of 70 kW cannot be met at 2026-11-23 00:00 +00:00: the base load is 40 kW" in str(error.value)
    assert "保安负荷 70 kW" in error.value.say(Language.ZH)
    build(plan_sets(asked(genset(), base_kw=-5.0, site=site(safety_load_kw=0.0, export_limit_kw=90.0))))
