from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from domain.tariffs import (
    ContractDemandUnknownError,
    DemandTerm,
    OverStep,
    best_contract_demand_kw,
    break_even_kw_per_kva,
    over_terms,
)
from tests.tariff_cases import demand, supply_of

C1000 = supply_of(contract_demand_kw="1000")


def billed(peak: str, **fields) -> Decimal:
    over = over_terms(demand("1", basis="contract", **fields), C1000)
    assert over is not None
    return over.billed_kw(Decimal(peak))


@pytest.mark.parametrize(
    ("over_rule", "peak", "expected"),
    [
        ("actual_plus_double", "0", "1000"),
        ("actual_plus_double", "1050", "1000"),
        ("actual_plus_double", "1050.0000004", "1000.0000008"),  # the meter does not resolve it: no jump
        ("actual_plus_double", "1050.0000005", "1050.000001"),
        ("actual_plus_double", "1051", "1052"),
        ("actual_plus_double", "1100", "1150"),
        ("contract_plus_double", "1050", "1000"),
        ("contract_plus_double", "1051", "1002"),
        ("contract_plus_double", "1100", "1100"),
    ],
)
def test_both_readings_of_the_105_percent_rule(over_rule, peak, expected):
    assert billed(peak, over_rule=over_rule) == Decimal(expected)


@pytest.mark.parametrize(("peak", "expected"), [("1000", "1000"), ("1040", "1080"), ("1100", "1200"), ("1130", "1290")])
def test_stepped_overrun(peak, expected):
    steps = (
        OverStep(from_share=Decimal("1.0"), multiplier=Decimal(2)),
        OverStep(from_share=Decimal("1.1"), multiplier=Decimal(3)),
    )
    assert billed(peak, over_rule="stepped", over_steps=steps) == Decimal(expected)


def test_the_contract_value_is_raised_to_the_floor():
    supply = supply_of(contract_demand_kw="300", capacity_kva="800", high_voltage_motor_kva="200")
    over = over_terms(demand("1", basis="contract"), supply)
    assert over is not None
    assert (over.declared_kw, over.contract_kw, over.thresholds_kw) == (300, 400, (Decimal("420.0000"),))
    unfloored = over_terms(demand("1", basis="contract", floor_share=Decimal(0)), supply)
    assert unfloored is not None
    assert unfloored.contract_kw == 300


def test_a_package_may_propose_its_own_contract_value():
    over = over_terms(demand("1", basis="contract", contract_demand_kw=Decimal(700)), C1000)
    assert over is not None
    assert over.contract_kw == 700


def test_billing_as_measured_has_no_contract():
    assert over_terms(demand("1"), C1000) is None


def test_a_contract_value_that_nobody_gave_is_refused():
    with pytest.raises(ContractDemandUnknownError, match="demand"):
        over_terms(demand("1", basis="contract"), supply_of())


@given(st.sampled_from(["actual_plus_double", "contract_plus_double"]), st.integers(0, 3000), st.integers(1, 2000))
def test_decimal_and_float_forms_of_the_rule_agree(over_rule, peak, contract):
    over = over_terms(demand("1", basis="contract", over_rule=over_rule, contract_demand_kw=Decimal(contract)), C1000)
    assert over is not None
    term = DemandTerm(
        label="x",
        price_per_kw=1.0,
        block_of_step=np.array([0]),
        other_peak_kw=np.zeros(1),
        contract_kw=float(over.contract_kw),
        thresholds_kw=tuple(map(float, over.thresholds_kw)),
        multipliers=tuple(map(float, over.multipliers)),
        jump_kw=float(over.jump_kw),
    )
    assert term.cost(np.array([float(peak)])) == pytest.approx(float(over.billed_kw(Decimal(peak))), rel=1e-12)


@given(st.integers(1, 5000))
def test_the_best_contract_value_beats_its_neighbours(peak):
    best = best_contract_demand_kw(Decimal(peak))

    def cost(contract: Decimal) -> Decimal:
        charge = demand("1", basis="contract", contract_demand_kw=contract)
        over = over_terms(charge, supply_of())
        assert over is not None
        return over.billed_kw(Decimal(peak))

    assert all(cost(best) < cost(best + step) for step in (-3, -1, 1, 2) if best + step > 0)


@pytest.mark.parametrize(("peak", "best"), [("1050", 1000), ("1050.01", 1001), ("2399", 2285), ("0", 0)])
def test_best_contract_value(peak, best):
    assert best_contract_demand_kw(Decimal(peak)) == best


def test_break_even_needs_a_demand_price():
    with pytest.raises(InvalidFieldError, match="demand_price_per_kw_month"):
        break_even_kw_per_kva(Decimal(22), Decimal(0))
    with pytest.raises(InvalidFieldError, match="capacity_price_per_kva_month"):
        break_even_kw_per_kva(Decimal(-1), Decimal(30))
