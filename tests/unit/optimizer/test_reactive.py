"""Plans that decide compensation: as cheap as an independent model finds, billed to the cent, judged by the audit."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from domain.errors import WattplanError
from domain.offers import ResponseProblem, StandingPlan
from domain.plant import Schedule
from domain.plant.reactive import EquipmentPowerFactorUnknownError
from domain.tariffs import bills
from optimizer.audit import audit, must_agree
from optimizer.block_reasons import with_run_moved
from optimizer.oracle import Oracle
from optimizer.price_tags import price_tags
from optimizer.response import best_response, today_response
from optimizer.samples import ReactiveOnSamplesError, sampled_problem
from tests.optimizer_cases import EXACT, grid, hour, plan, problem, site, task, terms
from tests.plain_reactive import least_bill
from tests.reactive_cases import SUPPLY, lossy_problem, random_reactive, reactive_problem

SHARE = 3e-6


def compared(seed: int) -> None:
    asked, tariff, window = random_reactive(seed)
    answer = best_response(asked, EXACT)
    judged = audit(answer.schedule, asked)
    assert judged.violations == ()
    must_agree(answer.solve.objective, judged.costs)
    filled = window.fill(answer.schedule.import_kw, None, answer.schedule.reactive_kvar)
    billed = sum(float(one.exact_total) for one in bills(filled, tariff, SUPPLY))
    assert answer.costs.bill_cost == pytest.approx(billed, rel=1e-9)
    least = least_bill(asked, tariff, window)
    assert answer.costs.total_cost == pytest.approx(least, rel=SHARE)
    assert answer.solve.bound <= least * (1 + SHARE)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 8])
def test_no_other_compensation_is_cheaper(seed: int):
    compared(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 116))
def test_no_other_compensation_is_cheaper_in_many_plants(seed: int):
    compared(seed)


def test_the_bank_lifts_the_month_over_the_standard():
    """Two banks' worth of the same plant: the more there is, the less is owed, step by step."""
    asked, _tariff, _window = random_reactive(3)
    owed = []
    for kvar in (1.0, 30.0, 60.0):
        one = replace(asked.site.compensators[0], kvar_per_step=kvar, steps_count=1, loss_kw_per_kvar=0.0)
        where = replace(asked.site, compensators=(one,))
        owed.append(best_response(replace(asked, site=where), EXACT).costs.total_cost)
    assert owed[0] > owed[1] > owed[2]


@pytest.fixture(scope="module")
def answered() -> tuple[ResponseProblem, Schedule]:
    asked = reactive_problem()
    return asked, best_response(asked, EXACT).schedule


def codes(schedule: Schedule, asked: ResponseProblem) -> set[str]:
    return {one.code for one in audit(schedule, asked).violations}


def given(name: str, change: Callable[[np.ndarray], object]) -> Callable[[Schedule], Schedule]:
    """Let a compensator give something else, all else as it was."""

    def changed(schedule: Schedule) -> Schedule:
        values = np.asarray(change(schedule.compensation_kvar[name]), dtype=float)
        return replace(schedule, compensation_kvar={**schedule.compensation_kvar, name: values})

    return changed


def metered(forward: float, reverse: float) -> Callable[[Schedule], Schedule]:
    """Add to what is metered each way."""
    return lambda schedule: replace(
        schedule, forward_kvar=schedule.forward_kvar + forward, reverse_kvar=schedule.reverse_kvar + reverse
    )


OF_REACTIVE: list[tuple[str, str, Callable[[Schedule], Schedule]]] = [
    ("more steps than there are", "compensator_limit", given("K", lambda _: np.full(24, 150.0))),
    ("half a step", "compensator_step", given("K", lambda _: np.full(24, 45.0))),
    ("switched off without a controller", "compensator_limit", given("L", lambda _: np.zeros(24))),
    ("there by night", "compensator_limit", given("L", lambda _: np.full(24, 34.0))),
    ("takes more than it can", "compensator_limit", given("V", lambda _: np.full(24, -26.0))),
    ("gives one more at nine", "reactive_balance", given("W", lambda values: values + np.eye(24)[9])),
    ("loses nothing at three", "power_balance", given("V", lambda values: np.where(np.arange(24) == 3, 0.0, values))),
    ("draws and feeds back", "reactive_both_ways", metered(5.0, 5.0)),
    ("draws less than nothing", "reactive_negative", metered(-250.0, -250.0)),
]


@pytest.mark.parametrize(("code", "change"), [one[1:] for one in OF_REACTIVE], ids=[one[0] for one in OF_REACTIVE])
def test_the_audit_finds_what_compensators_cannot_do(answered, code, change):
    asked, schedule = answered
    assert codes(schedule, asked) == set()
    assert code in codes(change(schedule), asked)


def test_the_audit_misses_what_is_not_said(answered):
    asked, schedule = answered
    assert "schedule_missing_id" in codes(replace(schedule, forward_kvar=None), asked)
    without = {name: one for name, one in schedule.compensation_kvar.items() if name != "K"}
    assert "schedule_missing_id" in codes(replace(schedule, compensation_kvar=without), asked)
    assert "schedule_not_finite" in codes(replace(schedule, reverse_kvar=np.full(24, np.nan)), asked)
    plain = replace(asked, base_kvar=None, terms=terms(grid(), 0.5))
    assert "schedule_unknown_id" in codes(schedule, plain)


def test_today_compensators_follow_the_load_and_never_give_too_much():
    asked, _, _ = random_reactive(3)
    today = today_response(asked, EXACT)
    assert audit(today.schedule, asked).violations == ()
    bank = asked.site.compensators[0]
    given = today.schedule.compensation_kvar[bank.compensator_id]
    assert today.schedule.reverse_kvar.max() == 0.0
    # a step more would be too much, or there is none
    left = today.schedule.forward_kvar
    assert ((left < bank.kvar_per_step) | (given > bank.most_kvar - 1e-9)).all()


def test_what_compensators_gave_before_now_stays():
    asked = reactive_problem()
    today = today_response(asked, EXACT).schedule
    standing = StandingPlan(schedule=today, now=hour(9))
    answer = best_response(replace(asked, standing=standing), EXACT)
    for name, given in answer.schedule.compensation_kvar.items():
        assert given[:9] == pytest.approx(today.compensation_kvar[name][:9])
    assert audit(answer.schedule, replace(asked, standing=standing)).violations == ()


def test_other_prices_of_the_same_oracle_count_the_power_factor_too():
    asked, _, _ = random_reactive(3)
    oracle = Oracle(replace(asked, terms=terms(grid(), 0.4)), EXACT)
    plain = oracle.respond()
    assert plain.costs.coupled_cost == 0.0
    assert oracle.respond(asked.terms).costs.total_cost == pytest.approx(best_response(asked, EXACT).costs.total_cost)


def test_losses_are_not_burnt_twice():
    """By night 30 kvar lose 15 kW that are paid 0.4 each; 20 kvar too much cost 0.01 each. By day 10 kvar may stay."""
    answer = best_response(lossy_problem(), EXACT)
    given = np.abs(answer.schedule.compensation_kvar["V"])
    assert given == pytest.approx(np.where(np.arange(24) < 6, 30.0, 0.0))
    # base 100 kW: 6 h at -0.4, 18 h at 0.5; by night 15 kW more and 20 kvar (over-compensated), by day 10 kvar
    assert answer.costs.total_cost == pytest.approx(-0.4 * 6 * 115 + 0.5 * 18 * 100 + 0.01 * (6 * 20 + 18 * 10))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"base_power_factor": 1.2}, "base_power_factor"),
        ({"base_power_factor": 0.0}, "base_power_factor"),
        ({"base_kvar": (-3.0,)}, "base_kvar"),
        ({"base_kvar": (1.0, 2.0)}, "1, 24, 48 or 96"),
        ({"base_kvar": (1.0,), "base_power_factor": 0.9}, "one of the two"),
        ({"compensators": lossy_problem().site.compensators}, "nobody gave"),
    ],
)
def test_sites_that_cannot_be_are_refused_by_name(parts, said):
    with pytest.raises(WattplanError, match=said):
        site(**parts)


def test_equipment_without_a_power_factor_is_named():
    asked = problem(
        grid(), site=site(base_kvar=(9.0,)), plan=plan(grid(), tasks=(task("A", 50.0, 1),)), base_kvar=np.full(24, 9.0)
    )
    with pytest.raises(EquipmentPowerFactorUnknownError, match="A has no power_factor"):
        best_response(asked, EXACT)


def test_prices_that_count_reactive_power_need_it():
    asked, _, _ = random_reactive(1)
    with pytest.raises(WattplanError, match="base_kvar"):
        replace(asked, base_kvar=None)


def test_power_factors_are_those_of_the_way_the_run_is_done():
    """60 kW at 0.8 are 45 kvar, 40 kW at 0.6 are 53.3; D's half lot at 0.6 is 33.3 in its first hour."""
    asked = reactive_problem()
    schedule = best_response(asked, EXACT).schedule
    assert isinstance(schedule.reactive_kvar, np.ndarray)
    by_hand = {("A", None): (45.0, 45.0), ("A", "slow"): (160 / 3,) * 3, ("D", None): (200 / 3, 100 / 3)}
    drawn = np.array(asked.base_kvar)
    for run in schedule.runs:
        first = asked.horizon.edge_of(run.start)
        profile = np.array(by_hand[run.task_id, run.mode_id])
        drawn[first : first + profile.size] += run.lot_share * profile
    use = schedule.processes["P"]
    starts = use.is_on & ~np.concatenate([[False], use.is_on[:-1]])
    drawn += (9.0 * use.is_on + 8.0 * use.rate + 3.0 * starts) * 4 / 3 + 0.75 * schedule.modulating_kw["J"]
    left = drawn - sum(schedule.compensation_kvar.values())
    assert schedule.forward_kvar - schedule.reverse_kvar == pytest.approx(left, abs=1e-5)


def test_plans_for_samples_do_not_forget_reactive_power():
    asked, _, _ = random_reactive(1)
    with pytest.raises(ReactiveOnSamplesError, match="power factor"):
        sampled_problem(asked, np.tile(asked.base_kw, (3, 1)))


def test_one_more_step_of_a_bank_has_a_price_tag_and_so_has_the_whole():
    """30 kvar more lift the month of a plant whose bank is too small; what is saved lies within what can be."""
    asked, _, _ = random_reactive(3)
    small = replace(asked.site.compensators[0], kvar_per_step=30.0, steps_count=1)
    asked = replace(asked, site=replace(asked.site, compensators=(small,)))
    answer = best_response(asked, EXACT)
    tags = [one for one in price_tags(asked, answer, EXACT) if one.change.kind == "compensation"]
    tag, off = sorted(tags, key=lambda one: -one.change.amount)
    assert (tag.change.subject_id, tag.change.amount, tag.change.unit) == ("K", 30.0, "kvar")
    assert 0 < tag.saving <= tag.most_saving + 1e-6
    assert off.change.said.en == "compensator K of 30 kvar is off"
    without = best_response(replace(asked, site=replace(asked.site, compensators=())), EXACT)
    assert off.saving == pytest.approx(answer.costs.total_cost - without.costs.total_cost, rel=1e-5)
    assert off.saving < 0
    two = replace(asked.site, compensators=(replace(small, steps_count=2),))
    again = best_response(replace(asked, site=two), EXACT)
    assert tag.saving == pytest.approx(answer.costs.total_cost - again.costs.total_cost, rel=1e-5)


def test_a_run_moved_alone_takes_its_reactive_power_along():
    """Compensators follow: what is metered after the move is what the audit expects."""
    asked, _, _ = random_reactive(3)
    schedule = best_response(asked, EXACT).schedule
    run = schedule.runs[0]
    way = next(one for one in asked.plan.tasks if one.task_id == run.task_id)
    moved = with_run_moved(schedule, run, way, (asked.horizon.edge_of(run.start) + 9) % 20, asked)
    assert {
        one for one in codes(moved, asked) if "reactive" in one or "balance" in one or "compensator" in one
    } == set()
