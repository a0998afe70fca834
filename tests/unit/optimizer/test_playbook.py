"""Commitments before the call: against enumeration of every base plan with every answer to every call."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from domain.checks import FloatArray
from domain.errors import InvalidFieldError
from domain.offers import ResponseProblem, StandingPlan
from domain.offers.playbook import EventChance, Playbook
from domain.plant import Battery, ModulatingLoad, ShiftEnergy
from domain.programmes.terms import EventTerm
from domain.text import Language
from optimizer.audit import audit
from optimizer.outcomes import (
    ChancesDoNotAddUpError,
    StandingPlanPricedError,
    TooManyOutcomesError,
    UnknownChanceError,
    outcomes_of,
)
from optimizer.playbook import playbook
from optimizer.response import best_response
from tests.optimizer_cases import EXACT, demand, event, grid, hour, machine, plan, problem, site, task, terms

HORIZON = grid()
HOURS = np.arange(24)


def rigid(seed: int, **changed: Any) -> ResponseProblem:
    """Give two runs on one machine, a peak, and one event, all drawn by dice."""
    random = np.random.default_rng(seed)
    call = event(
        first=14,
        stop=16,
        baseline_kw=float(random.integers(180, 330)),
        min_commitment_kw=20.0,
        max_commitment_kw=float(random.integers(90, 260)),
        pay_per_kw=float(random.uniform(0.3, 3.0)),
        penalty_per_kw=float(random.choice([0.0, 2.0])),
    )
    plain: dict[str, Any] = {
        "base_kw": random.uniform(80.0, 140.0, 24),
        "plan": plan(
            HORIZON,
            machines=(machine("M"),),
            tasks=(
                task("A", float(random.integers(60, 160)), 2, "M", earliest=hour(10), latest_end=hour(20)),
                task("B", float(random.integers(60, 160)), 3, "M", earliest=hour(11), latest_end=hour(20)),
            ),
        ),
        "terms": terms(
            HORIZON,
            random.uniform(0.2, 1.3, 24),
            (demand(HORIZON, price_per_kw=float(random.uniform(0, 9)), other_peak_kw=np.array([150.0, 260.0])),),
        ),
        "events": (call,),
    }
    return problem(HORIZON, **(plain | changed))


def every_start(asked: ResponseProblem) -> Iterator[tuple[tuple[int, ...], FloatArray]]:
    """Give every pair of starts that do not overlap, with the load they make."""
    tasks = asked.plan.tasks
    choices = []
    for one in tasks:
        first, last = asked.plan.window_of(one)
        choices.append(range(first.hour, (last - one.duration).hour + 1))
    for starts in product(*choices):
        taken = np.zeros(24, dtype=int)
        load = np.array(asked.base_kw)
        for one, start in zip(tasks, starts, strict=True):
            stop = start + one.duration_min // 60
            taken[start:stop] += 1
            load[start:stop] += one.phases[0].power_kw
        if taken.max() <= 1:
            yield starts, load


def bill(asked: ResponseProblem, load: FloatArray) -> float:
    """Bill a load in plain loops."""
    owed = float(asked.terms.energy_price_per_kwh @ load)
    for term in asked.terms.demand:
        owed += term.price_per_kw * float(np.mean([max(load.max(), other) for other in term.other_peak_kw]))
    return owed


def worth(call: EventTerm, load: FloatArray) -> float:
    """Give what the best commitment to a call brings at a load, in steps of a tenth of a kW and at the table's edges."""
    mean_kw = float(load[call.first : call.stop].mean())
    response_kw = call.delivered_kw(mean_kw)
    tried = [*np.arange(call.min_commitment_kw, call.max_commitment_kw + 0.05, 0.1), call.max_commitment_kw]
    tried += [response_kw / edge * (1 - 1e-9) for edge in (0.8, 1.0, 1.2)]
    allowed = [kw for kw in tried if call.min_commitment_kw <= kw <= call.max_commitment_kw]
    return max([0.0, *(call.pay(kw, mean_kw) - call.penalty(kw, mean_kw) for kw in allowed)])


def by_enumeration(asked: ResponseProblem, probability: float, notice: int) -> float:
    """Give the least expected cost over every base plan and every answer that has begun as it did."""
    call = asked.events[0]
    every = [(starts, load, bill(asked, load)) for starts, load in every_start(asked)]
    answers: dict[tuple[int, ...], float] = {}
    for starts, load, owed in every:
        begun = tuple(start if start < notice else -1 for start in starts)
        answers[begun] = min(answers.get(begun, np.inf), owed - worth(call, load))
    found = np.inf
    for starts, _, owed in every:
        begun = tuple(start if start < notice else -1 for start in starts)
        found = min(found, (1 - probability) * owed + probability * answers[begun])
    return found


def starts_before(book: Playbook, number: int, notice_hour: int) -> tuple[set[object], set[object]]:
    """Give what has begun before the notice in the base plan and in one for a call."""
    both = (book.base.schedule, book.plans[number].response.schedule)
    one, other = ({(run.task_id, run.start) for run in plan.runs if run.start < hour(notice_hour)} for plan in both)
    return one, other


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("probability", "notice_min"), [(0.15, 60), (0.6, 180), (0.9, 0)])
def test_the_extensive_form_is_the_enumeration(seed: int, probability: float, notice_min: int) -> None:
    asked = rigid(seed)
    chance = EventChance(event_id="E", probability=probability, notice_min=notice_min)
    notice = 14 - notice_min // 60
    book = playbook(asked, (chance,), EXACT, method="extensive")
    expected = by_enumeration(asked, probability, notice)
    # the model stays a millionth inside of the table's edges
    assert book.expected_cost == pytest.approx(expected, rel=1e-5)
    assert book.bound == pytest.approx(book.expected_cost, rel=1e-6)
    assert book.method == "extensive"
    assert book.stopped_by == "optimal"
    begun, again = starts_before(book, 0, notice)
    assert begun == again
    called = replace(asked, events=())
    assert audit(book.base.schedule, called).violations == ()
    assert audit(book.plans[0].response.schedule, asked).violations == ()


@pytest.mark.parametrize("seed", range(4))
def test_the_decomposition_lies_between_its_bound_and_what_it_says(seed: int) -> None:
    asked = rigid(seed)
    chance = EventChance(event_id="E", probability=0.4, notice_min=120)
    exact = playbook(asked, (chance,), EXACT, method="extensive")
    found = playbook(asked, (chance,), EXACT, method="decomposed")
    assert found.method == "decomposed"
    assert found.bound <= exact.expected_cost + 1e-6
    assert found.expected_cost >= exact.expected_cost - 1e-6
    assert found.gap_share >= 0
    assert found.expected_cost <= found.uncommitted_cost + 1e-6
    begun, again = starts_before(found, 0, 12)
    assert begun == again


def flexible(**changed: Any) -> ResponseProblem:
    """Give a compressor, a battery, a run and a peak that a rebound would raise."""
    plain: dict[str, Any] = {
        "base_kw": 100.0,
        "site": site(
            batteries=(
                Battery(
                    battery_id="B",
                    capacity_kwh=80.0,
                    max_charge_kw=25.0,
                    max_discharge_kw=30.0,
                    charge_eff=0.95,
                    discharge_eff=0.9,
                    soc_start_kwh=40.0,
                    soc_min_kwh=5.0,
                    soc_end_min_kwh=40.0,
                    wear_cost_per_kwh=0.02,
                ),
            )
        ),
        "plan": plan(
            HORIZON,
            machines=(machine("M"),),
            tasks=(task("A", 70.0, 2, "M", earliest=hour(10), latest_end=hour(22)),),
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="compressor",
                    min_kw=10.0,
                    max_kw=90.0,
                    shifts=(ShiftEnergy(start=hour(8), end=hour(22), energy_kwh=640.0),),
                ),
            ),
        ),
        "terms": terms(HORIZON, np.where(HOURS < 12, 0.8, 0.5), (demand(HORIZON, price_per_kw=3.0),)),
        "events": (
            event(event_id="E", first=14, stop=16, baseline_kw=190.0, pay_per_kw=1.2),
            event(event_id="F", first=18, stop=20, baseline_kw=180.0, pay_per_kw=0.9),
        ),
    }
    return problem(HORIZON, **(plain | changed))


CHANCES = (
    EventChance(event_id="E", probability=0.3, notice_min=120),
    EventChance(event_id="F", probability=0.25, notice_min=60),
)


def test_exclusive_calls_share_all_that_begins_before_their_notices() -> None:
    asked = flexible()
    book = playbook(asked, CHANCES, EXACT, method="extensive")
    assert [one.called for one in book.plans] == [("E",), ("F",)]
    assert book.uncalled_probability == pytest.approx(0.45)
    total = book.uncalled_probability * book.base.costs.total_cost
    for one, notice in zip(book.plans, (12, 17), strict=True):
        total += one.probability * one.response.costs.total_cost
        for name in ("import_kw",):
            before, after = (getattr(x.schedule, name) for x in (book.base, one.response))
            assert before[:notice] == pytest.approx(after[:notice], abs=1e-6)
        assert one.notice_at == hour(notice)
        assert all(step.at >= hour(notice) for step in one.actions)
    assert book.expected_cost == pytest.approx(total)
    assert book.expected_cost < book.uncommitted_cost
    assert book.expected_gain == pytest.approx(book.uncommitted_cost - book.expected_cost)
    # the compressor makes its energy up after the event, and the playbook says so
    first = book.plans[0]
    assert first.rebound_kwh > 50
    assert first.net_gain > 0
    said = " ".join(step.action.say(Language.EN) for step in first.actions)
    assert "compressor" in said
    assert "otherwise" in said
    assert all(step.action.say(Language.ZH) for step in first.actions)


def test_independent_calls_are_one_commitment_in_all_courses() -> None:
    asked = flexible()
    book = playbook(asked, CHANCES, EXACT, joint="independent", method="extensive")
    shares = {one.called: one.probability for one in book.plans}
    assert shares == pytest.approx({("E",): 0.3 * 0.75, ("F",): 0.7 * 0.25, ("E", "F"): 0.3 * 0.25})
    assert book.uncalled_probability == pytest.approx(0.7 * 0.75)
    for one in book.plans:
        for name in one.called:
            assert one.response.schedule.commitments_kw[name] == pytest.approx(book.commitments_kw[name], abs=1e-6)
    by_called = {one.called: one.response.schedule for one in book.plans}
    # until F's notice the course with both is the one with E alone
    assert by_called["E", "F"].import_kw[:17] == pytest.approx(by_called["E",].import_kw[:17], abs=1e-6)
    tried = playbook(asked, CHANCES, EXACT, joint="independent", method="decomposed")
    assert tried.bound - 1e-6 <= book.expected_cost <= tried.expected_cost + 1e-6


def test_knowing_earlier_never_costs_more() -> None:
    asked = replace(flexible(), events=flexible().events[:1])
    costs = [
        playbook(asked, (EventChance(event_id="E", probability=0.5, notice_min=minutes),), EXACT).expected_cost
        for minutes in (0, 60, 180, 840)
    ]
    assert costs == sorted(costs, reverse=True)
    # told before the horizon begins, both courses are planned each by itself
    alone = best_response(replace(asked, events=()), EXACT).costs.total_cost
    called = best_response(asked, EXACT).costs.total_cost
    assert costs[-1] == pytest.approx((alone + called) / 2, rel=1e-6)


def test_a_standing_plan_is_kept_until_now() -> None:
    asked = replace(flexible(), events=flexible().events[:1])
    today = best_response(replace(asked, events=()), EXACT)
    standing = StandingPlan(schedule=today.schedule, now=hour(11))
    chance = EventChance(event_id="E", probability=0.5, notice_min=240)
    for method in ("extensive", "decomposed"):
        book = playbook(replace(asked, standing=standing), (chance,), EXACT, method=method)
        for response in (book.base, book.plans[0].response):
            assert response.schedule.import_kw[:11] == pytest.approx(today.schedule.import_kw[:11], abs=1e-6)
    priced = replace(asked, standing=replace(standing, run_change_cost=7.0))
    with pytest.raises(StandingPlanPricedError):
        playbook(priced, (chance,), EXACT)


def test_what_cannot_be_is_refused_by_name() -> None:
    asked = flexible()
    with pytest.raises(UnknownChanceError, match="E, F"):
        outcomes_of(asked, CHANCES[:1], "exclusive")
    with pytest.raises(ChancesDoNotAddUpError, match=r"1\.2"):
        outcomes_of(asked, [replace(one, probability=0.6) for one in CHANCES], "exclusive")
    many = tuple(event(event_id=f"E{n}", first=n, stop=n + 1) for n in range(6))
    chances = [EventChance(event_id=f"E{n}", probability=0.1, notice_min=0) for n in range(6)]
    with pytest.raises(TooManyOutcomesError, match="64"):
        outcomes_of(replace(asked, events=many), chances, "independent")
    for wrong in (0.0, 1.0, -0.2):
        with pytest.raises(InvalidFieldError, match="probability"):
            EventChance(event_id="E", probability=wrong, notice_min=0)
