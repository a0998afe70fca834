"""The replayed costs of the hand-worked day, part by part, and how far an objective may be off them."""

import pytest

from domain.offers.response import CostParts
from optimizer.audit import audit, must_agree
from optimizer.errors import ObjectiveMismatchError
from tests.audited_day import problem, schedule


def test_costs_worked_by_hand():
    """Labour: 3 × 30 × 1.5 h twice; 1.5 × 30 × 1 h; 2 × (30 + 30 + 37) × 0.5 h; 37 × 0.5 h. Late: a quarter-hour."""
    costs = audit(schedule(), problem()).costs
    assert costs.constant_cost == 5000
    assert costs.energy_cost == pytest.approx(306 + 2238.5 + 824.25 + 120, abs=1e-9)
    assert costs.demand_cost == pytest.approx(40 * (790 + 900) / 2, abs=1e-9)
    assert costs.labour_cost == pytest.approx(135 + 45 + 135 + 97 + 18.5, abs=1e-9)
    assert costs.lateness_cost == pytest.approx(17.5, abs=1e-9)
    assert costs.start_cost == pytest.approx(2 * 41 + 13 + 7, abs=1e-9)
    assert costs.wear_cost == pytest.approx(4.95, abs=1e-9)
    assert costs.event_pay == pytest.approx(6 * 50, abs=1e-9)
    assert costs.event_penalty == pytest.approx(4 * 10, abs=1e-9)
    assert costs.total_cost == pytest.approx(42583.70, abs=1e-6)


@pytest.mark.parametrize("objective", [42583.70 + 0.04, 42583.70 - 0.04])
def test_an_objective_within_a_millionth_agrees(objective):
    must_agree(objective, audit(schedule(), problem()).costs)


@pytest.mark.parametrize("objective", [42583.70 + 0.05, 42583.70 - 0.05, float("nan")])
def test_an_objective_beyond_a_millionth_is_refused(objective):
    with pytest.raises(ObjectiveMismatchError, match=r"42583\.70"):
        must_agree(objective, audit(schedule(), problem()).costs)


def test_small_costs_agree_to_a_millionth_of_one():
    nothing = CostParts(
        constant_cost=0,
        energy_cost=0.001,
        demand_cost=0,
        labour_cost=0,
        lateness_cost=0,
        start_cost=0,
        wear_cost=0,
        event_pay=0,
        event_penalty=0,
    )
    must_agree(0.0010009, nothing)
    with pytest.raises(ObjectiveMismatchError):
        must_agree(0.001002, nothing)
