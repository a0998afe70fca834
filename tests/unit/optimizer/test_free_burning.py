"""At prices below zero a plan that could burn energy for nothing is refused by name; one that a limit holds is not."""

from typing import Any

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.plant import Process, RateFlow, Store, StoreDraw, Utility, UtilityUse
from domain.text import Language
from optimizer.audit import audit
from optimizer.formulation import plan_sets
from optimizer.formulation.free_burning import FreeBurningError
from optimizer.response import best_response
from tests.optimizer_cases import EXACT, event, grid, hour, plan, problem, site, terms
from tests.process_cases import process, quota

NIGHT = np.where(np.arange(24) < 4, -0.2, 0.5)
"""Drawing power earns money until 4 o'clock."""


def asked(*processes: Process, price: Any = NIGHT, **parts: Any) -> ResponseProblem:
    horizon = grid()
    named = {key: parts.pop(key) for key in ("stores", "utilities") if key in parts}
    return problem(horizon, plan=plan(horizon, processes=processes, **named), terms=terms(horizon, price), **parts)


def store(**changed: Any) -> Store:
    plain: dict[str, Any] = {"store_id": "I", "name": "tank", "unit": "t", "max_level": 20.0, "start_level": 5.0}
    return Store(**(plain | changed))


def refused(question: ResponseProblem) -> FreeBurningError:
    with pytest.raises(FreeBurningError) as found:
        plan_sets(question)
    return found.value


def units(question: ResponseProblem) -> list[float]:
    """Solve and give what the process P does in each hour."""
    answer = best_response(question, EXACT)
    assert audit(answer.schedule, question).violations == ()
    return [round(rate, 6) for rate in answer.schedule.processes["P"].rate.tolist()]


def test_a_quota_without_a_most_is_no_limit():
    error = refused(asked(process("P", quotas=(quota(least=5.0),))))
    assert error.data["processes"] == "P"
    assert "At 2026-11-23 00:00 +00:00 drawing power earns money, and process P could draw it for nothing" in str(error)
    assert "填写 most" in error.say(Language.ZH)


def test_with_a_most_it_draws_as_much_as_that_when_it_earns():
    """10 t/h at most and 35 t: 35 in the hours below zero, none later."""
    rates = units(asked(process("P", quotas=(quota(least=5.0, most=35.0),))))
    assert sorted(rates[:4]) == [5.0, 10.0, 10.0, 10.0]
    assert rates[4:] == [0.0] * 20


def test_a_process_that_serves_nothing_stays_off():
    assert units(asked(process("P"))) == [0.0] * 24
    assert units(asked(process("P"), price=0.0)) == [0.0] * 24


def test_a_store_is_a_limit():
    """5 t in it, 20 fit, 3 are drawn at 12: it fills at the price below zero, and holds 17 at the end."""
    tank = store(end_min_level=0.0, draws=(StoreDraw(at=hour(12), quantity=3.0),))
    rates = units(asked(process("P", flows=(RateFlow(store_id="I", quantity_per_unit=1.0),)), stores=(tank,)))
    assert sum(rates) == pytest.approx(15.0)
    assert sum(rates[:4]) == pytest.approx(15.0)


def test_a_store_that_overflows_for_nothing_is_none():
    brings = RateFlow(store_id="I", quantity_per_unit=1.0)
    error = refused(asked(process("P", flows=(brings,)), stores=(store(disposal_cost_per_unit=0.0),)))
    assert error.data["stores"] == "I"
    assert "let disposal_cost_per_unit of I say what throwing away costs" in str(error)


def test_throwing_away_that_costs_more_than_the_power_earns_is_allowed():
    """A unit takes 7 kWh and earns 1.4."""
    brings = RateFlow(store_id="I", quantity_per_unit=1.0)
    refused(asked(process("P", flows=(brings,)), stores=(store(disposal_cost_per_unit=1.3),)))
    dear = asked(process("P", flows=(brings,)), stores=(store(disposal_cost_per_unit=1.5),))
    assert sum(units(dear)) == pytest.approx(15.0)


def test_fuel_wages_and_emissions_count():
    wanted = (quota(least=5.0),)
    refused(asked(process("P", cost_per_unit=1.3, quotas=wanted)))
    plan_sets(asked(process("P", cost_per_unit=1.5, quotas=wanted)))
    # 10 t/h are 70 kWh and earn 14 an hour
    refused(asked(process("P", cost_per_h=13.0, quotas=wanted)))
    plan_sets(asked(process("P", cost_per_h=15.0, quotas=wanted)))
    # 0.5 kg at 0.5 a kg make a kWh dearer by 0.25
    green = site(co2_price_per_t=500.0, grid_co2_kg_per_kwh=(0.5,))
    plan_sets(asked(process("P", quotas=wanted), site=green))


def test_two_processes_in_a_circle_are_found():
    """One pumps up, the other lets run down: the tank stays level and both draw."""
    up = process("P", flows=(RateFlow(store_id="I", quantity_per_unit=2.0),))
    down = process("Q", kwh_per_unit=0.5, max_rate=30.0, flows=(RateFlow(store_id="I", quantity_per_unit=-1.0),))
    assert refused(asked(up, down, stores=(store(),))).data["processes"] == "P, Q"
    plan_sets(asked(up, stores=(store(),)))
    plan_sets(asked(down, stores=(store(),)))


def test_steam_beyond_what_is_used_is_lost():
    heats = UtilityUse(utility_id="S", quantity_per_rate=-1.0)
    boiler = process("P", utilities=(heats,))
    steam = Utility(utility_id="S", name="steam", unit="t/h", limit=5.0)
    assert refused(asked(boiler, utilities=(steam,))).data["processes"] == "P"


def test_an_event_that_fills_valleys_pays_for_burning_too():
    wanted = (quota(least=5.0),)
    plan_sets(asked(process("P", quotas=wanted), price=0.5))
    fills = event(sign=-1, baseline_kw=100.0, pay_per_kw=4.0)
    error = refused(asked(process("P", quotas=wanted), price=0.5, events=(fills,)))
    assert error.data["at"] == "2026-11-23 18:00 +00:00"


def test_generation_is_no_burning():
    plan_sets(asked(process("P", kwh_per_unit=-3.0, cost_per_unit=0.2)))
