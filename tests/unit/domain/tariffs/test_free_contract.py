"""The cost of a peak under the best contract: published numbers, brute force over contracts, atoms beside both."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from domain.tariffs import OverStep
from domain.tariffs.contract import over_terms
from domain.tariffs.free_contract import (
    ContractBelowFloorError,
    ContractLimits,
    FreeContract,
    free_contract,
    with_free_contracts,
)
from tests.optimizer_cases import demand as demand_term
from tests.optimizer_cases import grid, terms
from tests.tariff_cases import demand, supply_of

STEPS = (
    OverStep(from_share=Decimal(1), multiplier=Decimal("1.5")),
    OverStep(from_share=Decimal("1.2"), multiplier=Decimal(3)),
)
RULES = {
    "actual_plus_double": {"over_rule": "actual_plus_double"},
    "contract_plus_double": {"over_rule": "contract_plus_double"},
    "stepped": {"over_rule": "stepped", "over_steps": STEPS},
    "charged": {"over_rule": "stepped", "over_steps": STEPS, "charged_contract_kw": Decimal(30)},
}


def contract_charge(rule: str, price: str = "36.1"):
    return demand(price, basis="contract", floor_share=Decimal("0.40"), **RULES[rule])


def free(rule: str, others, least: str, most: str, kva: str | None = None) -> FreeContract:
    supply = supply_of() if kva is None else supply_of(capacity_kva=kva)
    term = demand_term(grid(), price_per_kw=36.1, other_peak_kw=np.array(others, dtype=float))
    limits = ContractLimits(least_kw=Decimal(least), most_kw=Decimal(most))
    return free_contract(contract_charge(rule), supply, term, limits)


def billed(rule: str, contract_kw: float, peaks) -> float:
    """Bill peaks by the charge's own rule, in decimals."""
    supply = supply_of(contract_demand_kw=repr(contract_kw))
    over = over_terms(contract_charge(rule), supply)
    return float(sum(over.billed_kw(Decimal(repr(one))) for one in peaks)) / len(peaks)


def test_the_published_example():
    # 36.1 yuan, contract 1000: 1050 kW cost 36 100, 1051 and 1100 kW as printed, in both readings
    for rule, at_1051, at_1100 in (
        ("actual_plus_double", 37977.2, 41515.0),
        ("contract_plus_double", 36172.2, 39710.0),
    ):
        one = free(rule, [0.0], "1000", "1000")
        assert [float(one.cost(1000.0, kw)) for kw in (1050.0, 1051.0, 1100.0)] == pytest.approx(
            [36100.0, at_1051, at_1100]
        )


@pytest.mark.parametrize("rule", ["actual_plus_double", "contract_plus_double"])
def test_a_known_peak_is_declared_at_its_105th_part(rule):
    one = free(rule, [2399.0], "500", "5000")
    assert one.best_declared_kw(0.0, Decimal(1)) == 2285
    assert float(one.cost(2285.0, 0.0)) == pytest.approx(82488.5)
    assert one.best_kw(0.0) == pytest.approx(2399 / 1.05)


def test_a_greatest_value_below_the_floor_is_refused_by_name():
    with pytest.raises(
        ContractBelowFloorError, match=r"400 kW at least \(40% of the connected kVA\), and only 100 … 300 kW"
    ):
        free("actual_plus_double", [0.0], "100", "300", kva="1000")


def test_the_floor_raises_the_least_value():
    one = free("actual_plus_double", [0.0], "100", "400", kva="1000")
    assert (one.least_kw, one.most_kw) == (400.0, 400.0)
    assert one.best_declared_kw(350.0, Decimal(1)) == 400
    assert len(one.pieces(420.0)) == 1  # up to 105 % of the floor nothing depends on the peak


def test_limits_are_checked():
    with pytest.raises(InvalidFieldError):
        ContractLimits(least_kw=Decimal(10), most_kw=Decimal(9))


def value_at(pieces, kw: float) -> float:
    """Evaluate pieces; at a corner the cost just below counts, for nothing is exceeded yet."""
    held = [one for one in pieces if one.from_kw < kw] or [pieces[0]]
    last = held[-1]
    return last.from_cost + last.slope_per_kw * (kw - last.from_kw)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(RULES)),
    st.lists(st.floats(0, 400).map(lambda kw: round(kw, 1)), min_size=1, max_size=6),
    st.integers(20, 300),
    st.integers(0, 250),
    st.floats(0, 600).map(lambda kw: round(kw, 2)),
)
def test_no_contract_is_cheaper_than_the_envelope(rule, others, least, width, peak):
    one = free(rule, others, str(least), str(least + width))
    pieces = one.pieces(600.0)
    found = value_at(pieces, peak)
    demands = [max(peak, other) for other in others]
    contracts = np.linspace(least, least + width, 41).tolist()
    assert found <= min(36.1 * billed(rule, c, demands) for c in contracts) + 1e-6
    assert found == pytest.approx(36.1 * billed(rule, one.best_kw(peak), demands), abs=1e-5)
    whole = one.best_declared_kw(peak, Decimal(1))
    every = [36.1 * billed(rule, float(c), demands) for c in range(least, least + width + 1)]
    assert 36.1 * billed(rule, float(whole), demands) == pytest.approx(min(every), abs=1e-6)
    assert all(piece.jump_cost >= 0 for piece in pieces)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(RULES)), st.integers(0, 9999))
def test_the_atoms_cost_what_the_best_contract_bills(rule, seed):
    rng = np.random.default_rng(seed)
    horizon = grid()
    blocks = np.where(np.arange(24) < 4, -1, np.arange(24) // 2)
    term = demand_term(horizon, price_per_kw=12.0, block_of_step=blocks, other_peak_kw=rng.uniform(0, 300, 4))
    limits = ContractLimits(least_kw=Decimal(60), most_kw=Decimal(60 + int(rng.integers(0, 200))))
    one = free_contract(contract_charge(rule), supply_of(), term, limits)
    priced = with_free_contracts(terms(horizon, 0.4, (replace(term, contract_kw=60.0),), 5.0), {0: one}, 800.0)
    assert priced.demand == ()
    for scale in (80.0, 250.0, 700.0):
        load = rng.uniform(0, scale, 24)
        peak = term.horizon_peak_kw(load)
        best = min(float(one.cost(c, peak)) for c in [one.best_kw(peak), *np.linspace(one.least_kw, one.most_kw, 60)])
        assert priced.cost(load) == pytest.approx(5.0 + 0.4 * load.sum() + best, abs=1e-6)
