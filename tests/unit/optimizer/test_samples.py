"""The expected cost over samples of the load, as terms: exact, and what the oracle makes of it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checks import FloatArray
from domain.offers import ResponseProblem, SolveOptions
from domain.offers.uncertainty import RiskAversion
from domain.plant import ModulatingLoad, ShiftEnergy
from domain.tariffs import DemandTerm
from domain.tariffs.sampled_peaks import with_sampled_peaks
from optimizer.audit import audit
from optimizer.response import best_response
from optimizer.sample_costs import best_commitment, sample_costs
from optimizer.samples import (
    SampledMeanOfPeaksError,
    SamplesNotPairedError,
    reserve_kw,
    sampled_event,
    sampled_problem,
)
from optimizer.uncertain import uncertain_response
from optimizer.uncertainty_value import value_of_uncertainty
from tests.optimizer_cases import (
    EXACT,
    affine,
    demand,
    during,
    event,
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
    top,
)

HOURS = np.arange(24)
TOU = np.where(HOURS < 8, 0.3, np.where((HOURS >= 18) & (HOURS < 22), 1.2, 0.7))
HORIZON = grid()


def plant(**changed: Any) -> ResponseProblem:
    """Give two runs on one machine and a compressor, a contract and a plain peak, on three samples of the month."""
    contract = demand(
        HORIZON,
        price_per_kw=8.0,
        block_of_step=HOURS // 2,
        other_peak_kw=np.array([150.0, 231.0, 180.0]),
        contract_kw=200.0,
        thresholds_kw=(210.0,),
        multipliers=(2.0,),
        jump_kw=10.0,
    )
    plain: dict[str, Any] = {
        "base_kw": 100.0 + HOURS,
        "plan": plan(
            HORIZON,
            machines=(machine("M"),),
            tasks=(
                task("A", 120.0, 3, "M", earliest=hour(9), latest_end=hour(23)),
                task("B", 80.0, 2, "M", earliest=hour(9), latest_end=hour(23)),
            ),
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="compressor",
                    min_kw=10.0,
                    max_kw=90.0,
                    shifts=(ShiftEnergy(start=hour(12), end=hour(22), energy_kwh=400.0),),
                ),
            ),
        ),
        "terms": terms(HORIZON, TOU, (contract, demand(HORIZON, price_per_kw=5.0, other_peak_kw=np.full(3, 160.0)))),
    }
    return problem(HORIZON, **(plain | changed))


def samples_of(asked: ResponseProblem, n: int = 3, seed: int = 5, spread_kw: float = 18.0) -> FloatArray:
    """Draw samples whose mean is the problem's base load."""
    drawn = np.random.default_rng(seed).normal(0.0, spread_kw, (n, 24))
    return np.asarray(asked.base_kw + drawn - drawn.mean(axis=0), dtype=np.float64)


def by_hand(term: DemandTerm, import_kw: FloatArray, sample: int) -> float:
    """Bill one sample's demand charge in plain loops."""
    means = [import_kw[term.block_of_step == block].mean() for block in sorted(set(term.block_of_step.tolist()))]
    kw = max([*means, term.other_peak_kw[sample]])
    if term.contract_kw is None:
        return float(term.price_per_kw * kw)
    over = max(0.0, kw - term.thresholds_kw[0])
    return float(term.price_per_kw * (term.contract_kw + term.multipliers[0] * over + (term.jump_kw if over else 0.0)))


@given(seed=st.integers(0, 10**6), load_kw=st.floats(60.0, 260.0))
@settings(max_examples=25, deadline=None)
def test_the_terms_cost_the_mean_over_the_samples(seed: int, load_kw: float) -> None:
    asked = plant()
    samples = samples_of(asked, seed=seed)
    import_kw = np.random.default_rng(seed + 1).uniform(50.0, load_kw, 24)
    made = sampled_problem(asked, samples).problem.terms
    each = [
        float(TOU @ (import_kw + samples[k] - asked.base_kw))
        + sum(by_hand(term, import_kw + samples[k] - asked.base_kw, k) for term in asked.terms.demand)
        for k in range(3)
    ]
    assert made.cost(import_kw) == pytest.approx(np.mean(each), rel=1e-9)


def test_atoms_are_shifted_sample_by_sample() -> None:
    atoms = (
        peak(range(6, 10), (170.0, 180.0)),
        hinge(affine((-1450.0, -1490.0), during(range(12)), (2.0, 0))),
        step(affine((-1500.0, -1480.0), during(range(12))), affine(0.0, during([3]), (1.0, 0))),
    )
    asked = problem(
        HORIZON, base_kw=120.0, terms=terms(HORIZON, 0.4, atoms=atoms, charged=((0.3, 0), (0.07, 1), (-0.5, 2)))
    )
    samples = samples_of(asked, n=2)
    made = sampled_problem(asked, samples).problem.terms
    for seed in range(20):
        import_kw = np.random.default_rng(seed).uniform(80.0, 190.0, 24)
        each = []
        for k in range(2):
            drawn = import_kw + samples[k] - asked.base_kw
            highest = max([*drawn[6:10], (170.0, 180.0)[k]])
            first_half = drawn[:12].sum()
            tier = max(0.0, first_half - (1450.0, 1490.0)[k] + 2 * highest)
            rebate = (drawn[3] + highest) if first_half >= (1500.0, 1480.0)[k] else 0.0
            each.append(0.4 * drawn.sum() + 0.3 * highest + 0.07 * tier - 0.5 * rebate)
        assert made.cost(import_kw) == pytest.approx(np.mean(each), rel=1e-9)


def test_one_sample_is_the_plain_question() -> None:
    asked = plant(events=(event(first=16, stop=18, baseline_kw=300.0),))
    asked = replace(asked, terms=replace(asked.terms, demand=tuple(
        replace(one, other_peak_kw=one.other_peak_kw[:1]) for one in asked.terms.demand
    )))  # fmt: skip
    plain = best_response(asked, EXACT)
    for weight in (0.0, 0.7):
        one = uncertain_response(asked, asked.base_kw[None, :], EXACT, risk=RiskAversion(tail_weight=weight))
        assert one.weighed_cost == pytest.approx(plain.costs.total_cost, rel=1e-6)
        assert one.expected_cost == pytest.approx(one.tail_cost)
        assert one.stopped_by == "optimal"


@pytest.mark.parametrize("seed", range(4))
def test_never_worse_than_the_plain_plan_on_the_same_samples(seed: int) -> None:
    asked = plant(events=(event(first=16, stop=18, baseline_kw=300.0, pay_per_kw=3.0),))
    samples = samples_of(asked, seed=seed)
    plain = best_response(asked, EXACT)
    aware = uncertain_response(asked, samples, EXACT)
    alone = sample_costs(plain.schedule, asked, samples).totals.mean()
    assert aware.expected_cost <= alone + 1e-6
    assert aware.stopped_by == "optimal"
    assert aware.bound == pytest.approx(aware.expected_cost, rel=1e-6)
    # what the plain plan is believed to cost is less than it costs: peaks of samples lie above the peak of their mean
    assert plain.costs.total_cost < alone


def test_what_is_stated_is_sound_and_its_commitment_one() -> None:
    asked = plant(events=(event(first=16, stop=18, baseline_kw=300.0, pay_per_kw=3.0, penalty_per_kw=0.7),))
    stated = sampled_problem(asked, samples_of(asked)).problem
    answer = best_response(stated, EXACT)
    assert audit(answer.schedule, stated).violations == ()
    assert sorted(answer.schedule.commitments_kw) == ["E#0", "E#1", "E#2"]
    assert np.ptp(list(answer.schedule.commitments_kw.values())) < 1e-6


def test_events_settle_each_sample_for_one_commitment() -> None:
    call = event(first=16, stop=18, baseline_kw=300.0)
    deviation = np.zeros((2, 24))
    deviation[0, 16:18] = [8.0, 12.0]
    deviation[1, 16:18] = [-10.0, -10.0]
    first, second = sampled_event(call, deviation)
    assert (first.baseline_kw, second.baseline_kw) == (290.0, 310.0)
    # 100 kW promised, the schedule draws 205: 85 are delivered on the first sample, 105 on the second
    means = {205.0: (call.pay(100.0, 215.0) + call.pay(100.0, 195.0)) / 2}
    for mean_kw, pay in means.items():
        assert first.pay(100.0, mean_kw) + second.pay(100.0, mean_kw) == pytest.approx(pay)
        assert pay == pytest.approx(4.0 * (85 + 105) / 2)
    # the second fails at 118 kW more: 0 is paid there, and 1.5 fined for each kW that is missing
    assert second.penalty(100.0, 310.0) == pytest.approx(1.5 * 100 / 2)


@pytest.mark.parametrize("seed", range(5))
def test_no_commitment_is_worth_more(seed: int) -> None:
    random = np.random.default_rng(seed)
    call = event(baseline_kw=300.0, min_commitment_kw=40.0, penalty_per_kw=float(random.choice([0.0, 1.5, 6.0])))
    means_kw = random.uniform(120.0, 260.0, 6)
    others = random.uniform(0.0, 100.0, 6)
    risk = RiskAversion(tail_weight=float(random.choice([0.0, 0.5])), tail_share=0.4)

    def cost(kw: float) -> float:
        return risk.of(others + np.array([call.penalty(kw, one) - call.pay(kw, one) for one in means_kw]))

    found = best_commitment(call, means_kw, others, risk, now_kw=0.0)
    every = [0.0, *np.arange(40.0, 500.0, 0.25)]
    # between two whole kW a commitment can be worth what a quarter of a kW pays more
    assert cost(found) <= min(cost(kw) for kw in every) + 0.3 * 4.0


def test_a_mean_of_peaks_is_refused_by_name() -> None:
    atoms = (top(2, [[6, 7], [8, 9], [12]], [[150.0], [140.0]]),)
    asked = problem(HORIZON, terms=terms(HORIZON, 0.4, atoms=atoms, charged=((0.3, 0),)))
    with pytest.raises(SampledMeanOfPeaksError):
        sampled_problem(asked, samples_of(asked, n=2))


def test_other_samples_than_the_month_are_refused_by_name() -> None:
    asked = plant()
    with pytest.raises(SamplesNotPairedError, match="4 samples"):
        sampled_problem(asked, samples_of(asked, n=4))


def test_the_reserve_leaves_room_for_all_but_a_share_of_the_samples() -> None:
    asked = problem(HORIZON, base_kw=100.0)
    samples = np.tile(100.0, (10, 24))
    samples[:, 7] = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0, 120.0, 150.0]
    assert reserve_kw(asked, samples, 0.0)[7] == 50.0
    assert reserve_kw(asked, samples, 0.1)[7] == 20.0
    assert reserve_kw(asked, samples, 0.2)[7] == 7.0
    assert reserve_kw(asked, samples, 0.2)[6] == 0.0
    for share in (0.0, 0.1, 0.2):
        over = samples > 100.0 + reserve_kw(asked, samples, share)
        assert over.mean(axis=0).max() <= share


def test_the_site_limit_holds_on_the_samples() -> None:
    asked = plant(site=site(import_limit_kw=265.0))
    samples = samples_of(asked, spread_kw=12.0)
    free = uncertain_response(asked, samples, EXACT)
    safe = uncertain_response(asked, samples, EXACT, limit_share=0.0)
    assert safe.costs.over_limit_share == 0.0
    assert safe.expected_cost >= free.expected_cost - 1e-6


def test_the_value_is_that_of_both_on_fresh_samples() -> None:
    asked = plant()
    samples = samples_of(asked, seed=1)
    plain = best_response(asked, EXACT)
    aware = uncertain_response(asked, samples, EXACT)
    fresh = samples_of(asked, n=3, seed=99)
    found = value_of_uncertainty(
        asked, fresh, plain.schedule, aware.schedule, believed_cost=plain.costs.total_cost
    )  # fmt: skip
    by_k = {}
    for name, schedule in (("plain", plain.schedule), ("aware", aware.schedule)):
        by_k[name] = [
            float(TOU @ (schedule.import_kw + fresh[k] - asked.base_kw))
            + sum(by_hand(term, schedule.import_kw + fresh[k] - asked.base_kw, k) for term in asked.terms.demand)
            for k in range(3)
        ]
    assert found.n_samples == 3
    assert found.deterministic_cost == pytest.approx(np.mean(by_k["plain"]))
    assert found.stochastic_cost == pytest.approx(np.mean(by_k["aware"]))
    assert found.saving == pytest.approx(found.deterministic_cost - found.stochastic_cost)
    assert found.saving_error == pytest.approx(np.std(np.subtract(by_k["plain"], by_k["aware"]), ddof=1) / np.sqrt(3))
    assert found.believed_cost < found.deterministic_cost


@pytest.mark.parametrize("weight", [0.0, 0.6])
def test_a_plan_that_is_known_is_never_given_up_for_a_worse_one(weight: float) -> None:
    asked = plant()
    samples = samples_of(asked)
    risk = RiskAversion(tail_weight=weight, tail_share=0.4)
    best = uncertain_response(asked, samples, EXACT, risk=risk)
    # almost no time is left: the search may find nothing, and what was known before stands
    hurried = SolveOptions(deadline_s=0.01, gap_share=0.0)
    again = uncertain_response(asked, samples, hurried, risk=risk, warm_start=best.schedule)
    assert again.weighed_cost <= best.weighed_cost + 1e-6
    assert again.bound <= again.weighed_cost


def test_a_known_plan_without_room_for_the_samples_does_not_count() -> None:
    asked = plant(site=site(import_limit_kw=265.0))
    samples = samples_of(asked, spread_kw=12.0)
    free = best_response(asked, EXACT)
    safe = uncertain_response(asked, samples, EXACT, limit_share=0.0, warm_start=free.schedule)
    assert safe.costs.over_limit_share == 0.0


def test_windows_that_are_left_out_bound_from_below_and_are_brought_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plant()
    samples = samples_of(asked)
    whole = uncertain_response(asked, samples, EXACT)
    some = np.zeros((3, 24), dtype=bool)
    some[0, 12:16], some[1, 20] = True, True
    less = sampled_problem(asked, samples, windows=some)
    assert less.is_exact
    for seed in range(5):
        load = np.random.default_rng(seed).uniform(90.0, 260.0, 24)
        assert less.problem.terms.cost(load) <= sampled_problem(asked, samples).problem.terms.cost(load) + 1e-9
    assert best_response(less.problem, EXACT).costs.total_cost <= whole.expected_cost + 1e-6
    # with few windows stated at first, the same is found in the end
    monkeypatch.setattr("optimizer.uncertain.ALL_WINDOWS_STEPS", 10)
    monkeypatch.setattr("optimizer.uncertain.NEAR_PEAK_COUNT", 1)
    hasty = uncertain_response(asked, samples, EXACT)  # stops before all that matter are in, and says so
    assert hasty.bound <= whole.expected_cost + 1e-6 <= hasty.expected_cost + 2e-6
    monkeypatch.setattr("optimizer.uncertain.MOST_ROUNDS", 40)
    lazily = uncertain_response(asked, samples, EXACT)
    assert lazily.n_rounds > 1
    assert lazily.expected_cost == pytest.approx(whole.expected_cost, rel=1e-6)
    assert lazily.bound == pytest.approx(whole.expected_cost, rel=1e-6)


def test_demand_charges_agree_with_the_terms_that_know_peaks_alone() -> None:
    asked = plant()
    samples = samples_of(asked)
    ours, theirs = sampled_problem(asked, samples).problem.terms, with_sampled_peaks(asked.terms, samples)
    for seed in range(5):
        load = np.random.default_rng(seed).uniform(90.0, 260.0, 24)
        assert ours.cost(load) == pytest.approx(theirs.cost(load), rel=1e-12)
