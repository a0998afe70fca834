"""The oracle: what it answers under other prices is what a fresh one answers."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from highspy import MatrixFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from domain.offers import ResponseProblem, SolveOptions
from domain.plant import Battery, Flow, Process, Quota, RateFlow, Store, StoreDraw
from domain.programmes.terms import EventTerm
from domain.tariffs import DemandTerm, PricedTerms
from optimizer.audit import audit
from optimizer.errors import TariffNotPlannableError
from optimizer.horizon_checks import EventOffHorizonError, PricesOfOtherHorizonError
from optimizer.oracle import Oracle
from optimizer.response import best_response
from optimizer.solver import Solver
from tests.coupled_draws import coupled_terms
from tests.optimizer_cases import demand, event, grid, hour, machine, plan, problem, site, task, terms

DAY = grid()
NEXT_DAY = grid(first=date(2026, 11, 24))
ROUGH = SolveOptions(deadline_s=6.0, gap_share=5e-3)


def plant(**changed: Any) -> ResponseProblem:
    """Give a day of two runs, a mill that feeds a silo, a battery and an export."""
    silo = Store(
        store_id="I",
        name="silo",
        unit="t",
        max_level=60.0,
        start_level=20.0,
        draws=(StoreDraw(at=hour(15), quantity=25.0),),
    )
    mill = Process(
        process_id="R",
        name="mill",
        unit="t",
        machine_ids=(),
        min_rate=3.0,
        max_rate=8.0,
        kwh_per_unit=6.0,
        fixed_kw=5.0,
        start_cost=2.0,
        min_run_min=120,
        flows=(RateFlow(store_id="I", quantity_per_unit=1.0),),
        quotas=(Quota(start=hour(0), end=hour(24), least=30.0),),
    )
    battery = Battery(
        battery_id="B",
        capacity_kwh=90.0,
        max_charge_kw=30.0,
        max_discharge_kw=35.0,
        charge_eff=0.95,
        discharge_eff=0.93,
        soc_start_kwh=30.0,
        soc_end_min_kwh=30.0,
        wear_cost_per_kwh=0.01,
    )
    return problem(
        DAY,
        base_kw=20.0 + 7.0 * (np.arange(24) * 5 % 12),
        site=site(import_limit_kw=400.0, export_limit_kw=40.0, batteries=(battery,)),
        plan=plan(
            DAY,
            machines=(machine("M"),),
            stores=(silo,),
            tasks=(
                task("A", 100.0, 2, "M", start_cost=3.0),
                task("C", 60.0, 1, "M", flows=(Flow(store_id="I", quantity=-2.0, when="start"),)),
            ),
            processes=(mill,),
        ),
        **changed,
    )


@st.composite
def demand_terms(draw: Any) -> DemandTerm:
    """Draw a demand charge, with or without a contract and its jump."""
    others = np.sort(np.array(draw(st.lists(st.integers(60, 260), min_size=1, max_size=4)), dtype=float))
    width = draw(st.sampled_from([1, 2, 3]))
    changed: dict[str, Any] = {
        "price_per_kw": float(draw(st.integers(1, 40))),
        "block_of_step": np.where(np.arange(24) < draw(st.integers(0, 9)), -1, np.arange(24) // width),
        "other_peak_kw": others,
    }
    if draw(st.booleans()):
        contract_kw = float(draw(st.integers(90, 240)))
        changed |= {
            "contract_kw": contract_kw,
            "thresholds_kw": (1.05 * contract_kw,),
            "multipliers": (2.0,),
            "jump_kw": draw(st.sampled_from([0.0, 0.05])) * contract_kw,
        }
    return demand(DAY, **changed)


@st.composite
def questions(draw: Any) -> tuple[PricedTerms, tuple[EventTerm, ...]]:
    """Draw prices of any kind, perhaps below zero, perhaps for what is fed in, and perhaps an event."""
    low, high = draw(st.integers(-10, 60)) / 100, draw(st.integers(40, 140)) / 100
    first = draw(st.integers(0, 16))
    price = np.where((np.arange(24) >= first) & (np.arange(24) < first + 8), high, low)
    drawn = draw(coupled_terms()) if draw(st.booleans()) else None
    paid = draw(st.sampled_from([None, 0.0, 0.2, 0.9]))
    asked = terms(
        DAY,
        price,
        tuple(draw(st.lists(demand_terms(), max_size=2))),
        float(draw(st.integers(0, 500))),
        export_price_per_kwh=None if paid is None else np.full(24, paid),
        **({} if drawn is None else {"atoms": drawn.atoms, "charged": drawn.charged}),
    )
    called = (
        event(first=draw(st.integers(8, 18)), stop=21, baseline_kw=float(draw(st.integers(60, 160))), min_commitment_kw=10.0,
              max_commitment_kw=80.0),
    )  # fmt: skip
    return asked, called if draw(st.booleans()) else ()


Question = tuple[PricedTerms, tuple[EventTerm, ...]]


def held(solver: Solver) -> tuple[list[np.ndarray], sparse.csc_array]:
    """Give what HiGHS holds: its arrays, and its matrix with columns and rows in their order."""
    lp = solver._highs.getLp()  # what is compared is HiGHS' own copy
    matrix = lp.a_matrix_
    by_column = matrix.format_ == MatrixFormat.kColwise
    kind = sparse.csc_array if by_column else sparse.csr_array
    a = kind((matrix.value_, matrix.index_, matrix.start_), shape=(lp.num_row_, lp.num_col_))
    kinds = [int(one) for one in lp.integrality_] or [0] * lp.num_col_
    arrays = (lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_, kinds)
    return [np.array(one, dtype=float) for one in arrays], sparse.csc_array(a)


@settings(max_examples=25, deadline=None)
@given(st.lists(questions(), min_size=2, max_size=5))
def test_after_any_questions_the_live_solver_holds_what_a_fresh_one_would(drawn: list[Question]):
    asked = plant()
    oracle = Oracle(asked, ROUGH)
    for prices, events in drawn:
        question = replace(asked, terms=prices, events=events)
        try:
            alone = Oracle(asked, ROUGH).state(question, deadline=np.inf).search
        except TariffNotPlannableError as error:
            with pytest.raises(type(error)):
                oracle.state(question, deadline=np.inf)
            continue
        again = oracle.state(question, deadline=np.inf).search
        (arrays, a), (fresh_arrays, fresh_a) = held(again.solver), held(alone.solver)
        for one, other in zip(arrays, fresh_arrays, strict=True):
            np.testing.assert_array_equal(one, other)
        assert abs(a - fresh_a).max() == 0
        relaxed, fresh = (one.solver.run_relaxed(deadline_s=20.0) for one in (again, alone))
        assert relaxed.status == fresh.status == "optimal"
        assert relaxed.objective == pytest.approx(fresh.objective, rel=1e-7, abs=1e-5)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(questions(), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_any_prices_in_any_order_are_answered_as_by_a_fresh_oracle(drawn: list[Question], random: Any):
    asked = plant()
    oracle = Oracle(asked, ROUGH)
    order = [*drawn, drawn[0]]
    random.shuffle(order)
    for prices, events in order:
        try:
            alone = Oracle(asked, ROUGH).respond(prices, events=events)
        except TariffNotPlannableError as error:
            with pytest.raises(type(error)):
                oracle.respond(prices, events=events)
            continue
        again = oracle.respond(prices, events=events)
        assert audit(again.schedule, replace(asked, terms=prices, events=events)).violations == ()
        # each is proven to its own gap, and neither contradicts what the other has proven
        for one, other in ((again, alone), (alone, again)):
            assert one.solve.bound <= other.costs.total_cost + 1e-4
            assert one.solve.gap_share <= ROUGH.gap_share or one.solve.stopped_by == "deadline"


def test_without_memory_an_answer_does_not_depend_on_other_questions():
    asked = plant()
    quiet, high, low = (
        terms(DAY, np.where(np.arange(24) < split, 0.2, price)) for split, price in ((8, 0.9), (12, 1.4), (4, 0.5))
    )
    called = (event(baseline_kw=110.0, min_commitment_kw=10.0, max_commitment_kw=80.0),)
    first, second = (Oracle(asked, ROUGH, n_remembered=0) for _ in range(2))
    one = [first.respond(quiet), first.respond(high), first.respond(low, events=called), first.respond(low)]
    other = [second.respond(quiet), second.respond(low), second.respond(low, events=called), second.respond(high)]
    for mine, theirs in zip(one, [other[0], other[3], other[2], other[1]], strict=True):
        assert mine.schedule.runs == theirs.schedule.runs
        np.testing.assert_array_equal(mine.schedule.import_kw, theirs.schedule.import_kw)
        assert mine.solve.bound == theirs.solve.bound


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        (terms(NEXT_DAY), "24 steps of 60 min, 2026-11-24"),
        (terms(grid(step_min=30)), "48 steps of 30 min, 2026-11-23"),
        (terms(grid(n_days=2)), "48 steps of 60 min"),
        (replace(terms(DAY), energy_price_per_kwh=np.full(23, 0.5)), "23 steps (energy prices)"),
        (replace(terms(DAY), export_price_per_kwh=np.full(25, 0.5)), "25 steps (pay for what is fed in)"),
        (replace(terms(DAY), demand=(demand(grid(step_min=30)),)), "48 steps (blocks of demand"),
    ],
)
def test_prices_of_another_horizon_are_refused_by_name(prices: PricedTerms, said: str) -> None:
    asked = plant()
    with pytest.raises(PricesOfOtherHorizonError) as refused:
        Oracle(asked, ROUGH).respond(prices)
    assert said in refused.value.say()
    assert "the question plans 24 steps of 60 min, 2026-11-23 00:00" in refused.value.say()
    with pytest.raises(PricesOfOtherHorizonError):
        best_response(replace(asked, terms=prices), ROUGH)


@pytest.mark.parametrize(("first", "stop"), [(-1, 3), (22, 25), (30, 32), (5, 5)])
def test_an_event_off_the_horizon_is_refused_by_name(first: int, stop: int) -> None:
    with pytest.raises(EventOffHorizonError, match=rf"holds steps {first} … {stop} .* has steps 0 … 24"):
        Oracle(plant(), ROUGH).respond(events=(event(first=first, stop=stop),))
