"""Drawn at random: what the model says a schedule costs is what the tariff says, and no schedule is cheaper."""

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from domain.offers import ResponseProblem
from domain.plant import Battery, ModulatingLoad, Pv, ShiftEnergy
from domain.tariffs import PricedTerms
from optimizer.audit import audit
from optimizer.formulation import plan_sets
from optimizer.formulation.coupled_rows import TopMeanNotConvexError, coupled_rows
from optimizer.formulation.coupled_values import form_value, quantity_values
from optimizer.formulation.sets import PlanSets
from optimizer.response import best_response
from tests.coupled_draws import BASE_KW, RUN_A_KW, RUN_B_KW, coupled_terms, load_of
from tests.optimizer_cases import (
    EXACT,
    affine,
    demand,
    grid,
    hinge,
    hour,
    machine,
    peak,
    plan,
    problem,
    site,
    step,
    task,
    terms,
)

SOME = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def two_runs(priced: PricedTerms, **changed: object) -> ResponseProblem:
    """Make a plant with a run of two hours at any time and one of one hour between 4 and 14 o'clock."""
    horizon = grid()
    tasks = (
        task("A", RUN_A_KW, 2, "M"),
        task("B", RUN_B_KW, 1, "M", earliest=hour(4), latest_end=hour(14)),
    )
    parts = {
        "site": site(import_limit_kw=500.0),
        "plan": plan(horizon, tasks=tasks, machines=(machine("M", count=2),)),
    }
    return problem(horizon, BASE_KW, terms=priced, **(parts | changed))


def convex_or_refused(asked: ResponseProblem) -> PlanSets:
    try:
        sets = plan_sets(asked)
        coupled_rows(sets.coupled)
    except TopMeanNotConvexError:
        reject()
        raise
    return sets


@given(priced=coupled_terms(), start_a=st.integers(0, 22), start_b=st.integers(4, 13))
@SOME
def test_the_quantities_of_the_model_add_up_to_the_tariffs_own_cost(priced: PricedTerms, start_a: int, start_b: int):
    found = convex_or_refused(two_runs(priced)).coupled
    load = load_of(start_a, start_b)
    values = quantity_values(found, load, np.zeros(24))
    assert form_value(found.cost, values) == pytest.approx(priced.coupled_cost(load), rel=1e-9, abs=1e-6)
    for number, (least, most) in enumerate(found.spans):
        assert least - 1e-6 <= values[number] <= most + 1e-6


def withdrawn_by_the_solver() -> PricedTerms:
    """Give a tariff whose solution the solver leaves outside of a limit by a millionth and then withdraws."""
    uneven = np.cos(np.arange(24.0))
    low, high = hinge(affine(-14.0, uneven)), hinge(affine(144.0, -uneven))
    behind = step(affine(-216.0, 1.5 * uneven), affine(70.0, -uneven, (0.25, 0)))
    atoms = (low, behind, peak(range(24)), high)
    price = np.repeat([0.3, 0.7, 1.2], [8, 10, 6])
    return terms(grid(), price, atoms=atoms, charged=((-1.0, 1), (1.0, 3)))


@given(priced=coupled_terms())
@example(priced=withdrawn_by_the_solver())
@SOME
def test_no_enumerated_schedule_is_cheaper(priced: PricedTerms):
    asked = two_runs(priced)
    convex_or_refused(asked)
    answer = best_response(asked, EXACT)
    cheapest = min(priced.cost(load_of(a, b)) for a in range(23) for b in range(4, 14))
    assert answer.costs.total_cost == pytest.approx(cheapest, rel=3e-6, abs=3e-6)
    assert answer.solve.bound <= cheapest + 3e-6 * (1 + abs(cheapest))


@given(priced=coupled_terms(), start_a=st.integers(0, 22), start_b=st.integers(4, 13))
@settings(SOME, max_examples=30)
def test_the_model_prices_a_fixed_schedule_as_the_tariff_does(priced: PricedTerms, start_a: int, start_b: int):
    tasks = (
        task("A", RUN_A_KW, 2, "M", movable=False, planned_starts=(hour(start_a),)),
        task("B", RUN_B_KW, 1, "M", movable=False, planned_starts=(hour(start_b),)),
    )
    fixed = plan(grid(), tasks=tasks, machines=(machine("M", count=2),))
    asked = two_runs(priced, plan=fixed)
    convex_or_refused(asked)
    # the oracle itself withholds an answer whose objective is not its schedule's cost to 1e-6
    answer = best_response(asked, EXACT)
    assert answer.costs.total_cost == pytest.approx(priced.cost(load_of(start_a, start_b)), rel=1e-6, abs=1e-6)


@given(
    priced=coupled_terms(
        demand=(demand(grid(), price_per_kw=2.0, other_peak_kw=np.array([120.0, 190.0, 60.0])),),
        export_price_per_kwh=np.where(np.arange(24) < 12, 0.25, 0.9),
    ),
    seed=st.integers(0, 2**32 - 1),
)
@settings(SOME, max_examples=25)
@pytest.mark.slow
def test_no_sampled_use_of_battery_sun_and_load_is_cheaper(priced: PricedTerms, seed: int):
    """Feeding in pays more than drawing costs at night, so passing power through would pay if it could be done."""
    sun_kw = np.where((np.arange(24) > 9) & (np.arange(24) < 15), 180.0, 0.0)
    battery = Battery(
        battery_id="B",
        capacity_kwh=60.0,
        max_charge_kw=30.0,
        max_discharge_kw=40.0,
        charge_eff=0.9,
        discharge_eff=0.95,
        soc_start_kwh=20.0,
        wear_cost_per_kwh=0.01,
    )
    base = two_runs(priced)
    load = ModulatingLoad(
        load_id="J",
        name="chiller",
        min_kw=0.0,
        max_kw=80.0,
        shifts=(ShiftEnergy(start=hour(6), end=hour(8), energy_kwh=90.0),),
    )
    asked = two_runs(
        priced,
        site=site(
            import_limit_kw=500.0,
            export_limit_kw=70.0,
            batteries=(battery,),
            pv=(Pv(pv_id="G", daily_kw=tuple(sun_kw.tolist())),),
        ),
        plan=plan(grid(), tasks=base.plan.tasks, machines=base.plan.machines, modulating_loads=(load,)),
    )
    convex_or_refused(asked)
    answer = best_response(asked, EXACT)
    judged = audit(answer.schedule, asked)
    assert judged.violations == ()
    assert judged.costs.total_cost == pytest.approx(answer.costs.total_cost, rel=1e-9, abs=1e-6)
    random = np.random.default_rng(seed)
    for _ in range(200):
        net, wear = sampled_net_kw(random, sun_kw)
        cost = priced.cost(np.maximum(net, 0.0), np.maximum(-net, 0.0)) + wear
        assert cost >= answer.costs.total_cost - 3e-6 * (1 + abs(cost))


def sampled_net_kw(random: np.random.Generator, sun_kw: np.ndarray) -> tuple[np.ndarray, float]:
    """Draw one way to run the plant within its limits: net import and what the battery's wear costs."""
    net = load_of(int(random.integers(0, 23)), int(random.integers(4, 14)))
    early = float(random.choice([10.0, 45.0, 80.0, random.uniform(10, 80)]))
    net[6:8] += (early, 90.0 - early)
    soc_kwh, wear = 20.0, 0.0
    for t in range(24):
        wish_kw = float(random.choice([0.0, 0.0, random.uniform(-40, 30), -40.0, 30.0]))
        if t == 23 or (t == 22 and soc_kwh + 27.0 < 20.0):
            wish_kw = (20.0 - soc_kwh) / 0.9 if soc_kwh < 20.0 else min(wish_kw, 0.0)
        if wish_kw > 0:
            charge_kw = min(wish_kw, 30.0, (60.0 - soc_kwh) / 0.9)
            soc_kwh, net[t] = soc_kwh + 0.9 * charge_kw, net[t] + charge_kw
        else:
            spare_kwh = soc_kwh - (20.0 if t >= 22 else 0.0)
            discharge_kw = min(-wish_kw, 40.0, max(0.0, spare_kwh) * 0.95)
            soc_kwh, net[t] = soc_kwh - discharge_kw / 0.95, net[t] - discharge_kw
            wear += 0.01 * discharge_kw
    if soc_kwh < 20.0 - 1e-9:
        return sampled_net_kw(random, sun_kw)
    used_kw = sun_kw * random.choice([0.0, 1.0, random.uniform()], size=24)
    return np.maximum(net - used_kw, np.minimum(net, -70.0)), wear
