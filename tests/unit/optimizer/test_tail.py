"""Mean and tail weighed: against a linear program of scipy's, written from the definition."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from domain.checks import FloatArray
from domain.errors import InvalidFieldError
from domain.offers import ResponseProblem
from domain.offers.uncertainty import RiskAversion
from domain.plant import ModulatingLoad, ShiftEnergy
from optimizer.sample_costs import sample_costs
from optimizer.uncertain import TailNotStatedError, uncertain_response
from tests.optimizer_cases import EXACT, affine, demand, event, grid, hinge, hour, machine, plan, problem, task, terms

HORIZON = grid()
N = 4
ENERGY_KWH = 310.0
FIRST, STOP = 8, 18
MOST_KW = 75.0


def case(seed: int) -> tuple[ResponseProblem, FloatArray, FloatArray]:
    """Give a load to be modulated under prices and a peak, samples of the rest, and what each sample costs anyway."""
    random = np.random.default_rng(seed)
    price = random.uniform(0.1, 1.2, 24)
    base = random.uniform(60.0, 140.0, 24)
    drawn = random.normal(0.0, 25.0, (N, 24))
    samples = np.maximum(base + drawn, 5.0)
    asked = problem(
        HORIZON,
        base_kw=samples.mean(axis=0),
        plan=plan(
            HORIZON,
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="mill",
                    min_kw=4.0,
                    max_kw=MOST_KW,
                    shifts=(ShiftEnergy(start=hour(FIRST), end=hour(STOP), energy_kwh=ENERGY_KWH),),
                ),
            ),
        ),
        terms=terms(HORIZON, price, (demand(HORIZON, price_per_kw=6.5, other_peak_kw=random.uniform(90.0, 190.0, N)),)),
    )
    return asked, samples, random.uniform(0.0, 300.0, N)


def by_scipy(
    asked: ResponseProblem, samples: FloatArray, constants: FloatArray, weight: float, tail_share: float
) -> float:
    """Minimise (1 - w)·mean + w·CVaR over the load's power, the peaks, the tail's edge and what lies above it."""
    n_power = STOP - FIRST
    price, term = asked.terms.energy_price_per_kwh, asked.terms.demand[0]
    # columns: power of 10 steps, peak of each sample, edge, excess of each sample
    n = n_power + N + 1 + N
    edge, excess = n_power + N, n_power + N + 1
    cost = np.zeros(n)
    cost[:n_power] = price[FIRST:STOP]
    cost[n_power : n_power + N] = (1 - weight) * term.price_per_kw / N
    cost[edge] = weight
    cost[excess:] = weight / (tail_share * N)
    own = samples @ price + constants
    rows, limits = [], []
    for k in range(N):
        for t in range(24):
            row = np.zeros(n)
            if FIRST <= t < STOP:
                row[t - FIRST] = 1.0
            row[n_power + k] = -1.0
            rows.append(row)
            limits.append(-samples[k, t])
        row = np.zeros(n)
        row[n_power + k], row[edge], row[excess + k] = term.price_per_kw, -1.0, -1.0
        rows.append(row)
        limits.append(-own[k])
    energy = np.zeros((1, n))
    energy[0, :n_power] = 1.0
    bounds = [
        *[(4.0, MOST_KW)] * n_power,
        *[(float(one), None) for one in term.other_peak_kw],
        (None, None),
        *[(0.0, None)] * N,
    ]
    found = linprog(cost, np.array(rows), np.array(limits), energy, [ENERGY_KWH], bounds)
    assert found.status == 0
    return float(found.fun + (1 - weight) * own.mean())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("weight", "tail_share"), [(0.3, 0.25), (1.0, 0.5), (0.8, 0.6), (0.0, 0.5)])
def test_the_weighed_cost_is_scipys(seed: int, weight: float, tail_share: float) -> None:
    asked, samples, constants = case(seed)
    risk = RiskAversion(tail_weight=weight, tail_share=tail_share)
    found = uncertain_response(asked, samples, EXACT, risk=risk, constants=constants)
    assert found.weighed_cost == pytest.approx(by_scipy(asked, samples, constants, weight, tail_share), rel=1e-7)
    assert found.stopped_by == "optimal"
    priced = sample_costs(found.schedule, asked, samples, constants=constants).totals
    assert found.weighed_cost == pytest.approx((1 - weight) * priced.mean() + weight * found.tail_cost)


@given(costs=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=12), tail_share=st.floats(0.05, 1.0))
@settings(max_examples=60, deadline=None)
def test_the_mean_of_the_dearest_is_the_least_of_the_definition(costs: list[float], tail_share: float) -> None:
    values = np.array(costs)
    edges = [
        edge + np.maximum(values - edge, 0.0).mean() / tail_share for edge in costs
    ]  # the least lies at an outcome
    assert RiskAversion(tail_share=tail_share).tail_mean(values) == pytest.approx(min(edges), abs=1e-6)


def test_more_aversion_buys_a_cheaper_tail() -> None:
    asked, samples, _ = case(11)
    answers = [
        uncertain_response(asked, samples, EXACT, risk=RiskAversion(tail_weight=weight, tail_share=0.25))
        for weight in (0.0, 0.5, 1.0)
    ]
    for mild, averse in pairwise(answers):
        assert averse.tail_cost <= mild.tail_cost + 1e-6
        assert averse.expected_cost >= mild.expected_cost - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_runs_contracts_and_events_against_every_start(seed: int) -> None:
    """One rigid run: every start, every commitment in steps of a whole kW, and the samples billed one by one."""
    random = np.random.default_rng(seed)
    base = random.uniform(80.0, 120.0, 24)
    samples = base + random.normal(0.0, 20.0, (3, 24))
    contract = demand(
        HORIZON,
        price_per_kw=9.0,
        other_peak_kw=random.uniform(100.0, 180.0, 3),
        contract_kw=150.0,
        thresholds_kw=(190.0,),
        multipliers=(2.0,),
        jump_kw=7.0,
    )
    call = event(
        first=12, stop=14, baseline_kw=200.0, min_commitment_kw=30.0, max_commitment_kw=140.0, penalty_per_kw=2.5
    )
    asked = problem(
        HORIZON,
        base_kw=samples.mean(axis=0),
        plan=plan(
            HORIZON,
            machines=(machine("M"),),
            tasks=(task("A", 90.0, 3, "M", earliest=hour(9), latest_end=hour(19)),),
        ),
        terms=terms(HORIZON, random.uniform(0.2, 1.0, 24), (contract,)),
        events=(call,),
    )
    risk = RiskAversion(tail_weight=0.6, tail_share=0.5)
    found = uncertain_response(asked, samples, EXACT, risk=risk)
    best = np.inf
    for start in range(9, 17):
        load = samples.copy()
        load[:, start : start + 3] += 90.0
        bills = load @ asked.terms.energy_price_per_kwh
        for k in range(3):
            kw = max(load[k].max(), contract.other_peak_kw[k])
            bills[k] += 9.0 * (150.0 + 2.0 * max(0.0, kw - 190.0) + (7.0 if kw > 190.0 else 0.0))
        for kw in [0.0, *np.arange(30.0, 140.5, 0.5)]:
            means = load[:, 12:14].mean(axis=1)
            settled = bills - [call.pay(kw, one) - call.penalty(kw, one) for one in means]
            best = min(best, risk.of(np.array(settled)))
    assert found.weighed_cost <= best + 1e-6
    assert found.weighed_cost == pytest.approx(best, abs=4.0)  # half a kW of commitment, and the table's edges
    assert found.bound <= found.weighed_cost


def test_other_charges_are_refused_by_name() -> None:
    asked, samples, _ = case(1)
    tier = terms(HORIZON, 0.5, atoms=(hinge(affine(-2000.0, np.ones(24))),), charged=((0.1, 0),))
    with pytest.raises(TailNotStatedError, match="risk weight 0"):
        uncertain_response(replace(asked, terms=tier), samples, EXACT, risk=RiskAversion(tail_weight=0.2))


@pytest.mark.parametrize(
    "field", [{"tail_weight": 1.2}, {"tail_weight": -0.1}, {"tail_share": 0.0}, {"tail_share": 1.5}]
)
def test_shares_beyond_their_range_are_refused(field: dict[str, float]) -> None:
    with pytest.raises(InvalidFieldError, match=next(iter(field))):
        RiskAversion(**field)
