"""What the second hand-worked day costs, and how old its goods grow, by hand."""

from dataclasses import replace

import pytest

from domain.offers.response import ResponseProblem
from domain.plant import (
    RateFlow,
    StoreDraw,
)
from optimizer.audit import audit
from tests.audited_day import at, steps
from tests.audited_works import problem, schedule, stores
from tests.audited_works_changes import (
    Asked,
    both,
    codes,
    of_change,
    of_mode,
    of_plan,
    of_process,
    of_quota,
    of_site,
    of_steam,
    of_store,
    of_use,
    swapped,
)


def test_costs_worked_by_hand():
    """Energy 6109.53 kWh · 0.7. People: early 29 person-steps, one late half-step of 0.5. CO2 of the grid 3109.0014 kg
    (0.12 more at ten), mill 79.4125, generator 25.5, steam 7.258125; 90 per tonne. The quota after noon lacks 1.75 t."""
    costs = audit(schedule(), problem()).costs
    assert costs.energy_cost == pytest.approx(4276.671, abs=1e-9)
    assert costs.labour_cost == pytest.approx(29 * 15 + 9.25, abs=1e-9)
    assert costs.start_cost == pytest.approx(4 * 19 + 23 + 6 + 2 * 27, abs=1e-9)
    assert costs.co2_cost == pytest.approx(289.90548225, abs=1e-9)
    assert costs.fuel_cost == pytest.approx(0.3 * 50.375 + 2.1 * 7.5 + 0.25 * 127.5, abs=1e-9)
    assert costs.utility_cost == pytest.approx(8.5 * 10.36875, abs=1e-9)
    assert costs.changeover_cost == 48
    assert costs.disposal_cost == pytest.approx(7.2, abs=1e-12)
    assert costs.shortfall_cost == pytest.approx(1.75 * 9, abs=1e-9)
    assert costs.production_cost == pytest.approx(1114.97735725, abs=1e-8)
    assert costs.total_cost == pytest.approx(5391.64835725, abs=1e-8)


COST_CHANGES: dict[str, tuple[Asked, str, float]] = {
    "price of CO2": (of_site(co2_price_per_t=91), "co2_cost", 3.221172025),
    "CO2 of a unit": (of_process(0, co2_kg_per_unit=2.1), "co2_cost", 50.375 * 0.09),
    "CO2 of an hour": (of_process(0, co2_kg_per_h=4.2), "co2_cost", 7.5 * 0.09),
    "CO2 of steam": (of_steam(co2_kg_per_unit_h=1.7), "co2_cost", 10.36875 * 0.09),
    "fuel of a unit": (of_process(1, cost_per_unit=0.35), "fuel_cost", 12.75),
    "fuel of an hour": (of_process(0, cost_per_h=3.1), "fuel_cost", 7.5),
    "price of steam": (of_steam(price_per_unit_h=9.5), "utility_cost", 10.36875),
    "cost of a changeover": (of_change(1, cost=18), "changeover_cost", 1),
    "cost of throwing away": (of_store(0, disposal_cost_per_unit=5.5), "disposal_cost", 1.6),
    "cost of falling short": (of_quota(1, shortfall_cost_per_unit=10), "shortfall_cost", 1.75),
    "a priced quota over the end": (of_quota(2, start=at(13), end=at(30), least=8.25, shortfall_cost_per_unit=3), "shortfall_cost", 3),
    "a priced quota before the start": (of_quota(2, start=at(-8), end=at(0), shortfall_cost_per_unit=3), "shortfall_cost", 0),
    "start of the mill": (of_process(0, start_cost=28), "start_cost", 2),
    "start in the mode": (of_mode(start_cost=None), "start_cost", -4),
    "people of the changeover": (of_change(1, crew_count=0.25), "labour_cost", -0.25 * 30),
    "people of the mill": (of_process(0, crew_count=0.4), "labour_cost", -0.1 * (7 * 30 + 0.5 * 37)),
    "people of the mode": (of_mode(crew_count=1), "labour_cost", -30),
}  # fmt: skip


@pytest.mark.parametrize(("change", "part", "by"), COST_CHANGES.values(), ids=COST_CHANGES)
def test_each_price_moves_its_own_part(change, part, by):
    before, after = audit(schedule(), problem()).costs, audit(schedule(), change(problem())).costs
    assert getattr(after, part) - getattr(before, part) == pytest.approx(by, abs=1e-9)
    assert after.total_cost - before.total_cost == pytest.approx(by, abs=1e-8)


def test_steam_fed_in_beyond_its_use_is_lost():
    """At 12:00 the generator's 0.5 t/h are taken by nobody: they neither save nor earn anything."""
    idle = of_use("chp", at_step=24, rate=0, is_on=False)(schedule())
    before, after = audit(schedule(), problem()).costs, audit(idle, problem()).costs
    assert after.utility_cost == before.utility_cost


def test_a_rate_flow_may_fill_and_empty_at_once():
    """0.9 t come and 0.2 t an hour go, so goods move through even where the level stands still."""
    still = of_process(0, flows=(RateFlow(store_id="powder", quantity_per_unit=0.9, quantity_per_h=-6.3),))
    old = both(still, of_store_old)(problem())
    assert "store_held_too_long" in codes(schedule(), old)
    assert audit(schedule(), old).violations[0].data["quantity"] == pytest.approx(30)


def of_store_old(p: ResponseProblem) -> ResponseProblem:
    old = replace(stores()[1], max_hold_min=120, end_min_level=0, max_level=90, end_max_level=None)
    return replace(p, plan=replace(p.plan, stores=(stores()[0], old, stores()[2])))


def test_a_store_that_holds_nothing_over_a_step():
    """Kept for 20 minutes at most, within half-hours: what comes in a step goes in it."""
    quick = replace(stores()[0], max_hold_min=20, start_level=0, draws=(), disposal_cost_per_unit=0)
    asked = of_plan(stores=(quick, *stores()[1:]))(problem())
    ends = steps(s15=12, s17=6, s19=9.6, s21=24)
    with_trim = ends - steps(s15=7)
    assert codes(replace(schedule(), disposed={**schedule().disposed, "parts": with_trim}), asked) == set()
    late = replace(schedule(), disposed={**schedule().disposed, "parts": with_trim - steps(s21=1) + steps(s22=1)})
    assert codes(late, asked) == {"store_held_too_long"}


def test_goods_brought_at_a_moment_count_as_come():
    gone_later = swapped(stores()[0].draws, 6, at=at(18, 40))
    assert codes(schedule(), of_store(0, draws=gone_later)(problem())) == {"store_held_too_long"}
    kept = (*stores()[0].draws[:5], StoreDraw(at=at(15, 10), quantity=-3), StoreDraw(at=at(18, 20), quantity=3))
    assert codes(schedule(), of_store(0, draws=kept)(problem())) == set()
