"""Small bills worked by hand, each with a rule that a convex or a careless model would get wrong."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from domain.offers import ResponseProblem
from domain.plant import Battery, Order, ProductionPlan, Pv
from domain.tariffs.atoms import PeakAtom
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.formulation.coupled_rows import TopMeanNotConvexError
from optimizer.response import best_response, today_response
from tests.optimizer_answers import best_cost
from tests.optimizer_cases import (
    EXACT,
    affine,
    demand,
    during,
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

NIGHT = np.arange(24) < 8


def three_runs(count: int = 3, **changed: Any) -> ProductionPlan:
    """Give runs of 200 kW for an hour each, one after the other."""
    return plan(grid(), machines=(machine("M"),), tasks=(task("R", 200.0, 1, "M", count=count, **changed),))


def integers_of(asked: ResponseProblem, name: str) -> int:
    matrix = compile_matrix(build(plan_sets(asked)))
    return sum(bool(one) for one, key in zip(matrix.is_integer, matrix.columns, strict=True) if key[0] == name)


def declining_block(**changed: Any) -> ResponseProblem:
    """Charge the first 500 kWh of the day (from 8) 0.10 each, all beyond 0.02; the night 0.05. The base is 25 kW."""
    day = affine(-500.0, ~NIGHT * 1.0)
    parts: dict[str, Any] = {
        "base_kw": np.where((np.arange(24) >= 8) & (np.arange(24) < 20), 25.0, 0.0),
        "terms": terms(grid(), np.where(NIGHT, 0.05, 0.10), atoms=(hinge(day),), charged=((-0.08, 0),)),
    }
    return problem(grid(), **(parts | {"plan": three_runs()} | changed))


def test_a_declining_block_draws_all_runs_into_the_day_or_none():
    """300 kWh of base. No run by day: 30 + 30 = 60. All three: 50 + 400 · 0.02 = 58; one: 70; two: 64."""
    assert best_cost(declining_block()) == pytest.approx(58.0)


def test_a_declining_block_is_not_taken_for_its_chord():
    """With one run bound to the night, the day can have two: 50 + 200 · 0.02 + 10 = 64, and none is best: 60.

    The chord from 300 to 700 kWh (30 to 54) prices two runs at 54 as well, but the one from 300 to 900 kWh that a bound
    without the plan would give prices them at 48.67 + 10 = 58.67: a model that took it for the bill would move them.
    """
    night = task("N", 200.0, 1, "M", latest_end=hour(8))
    moved = declining_block(plan=plan(grid(), machines=(machine("M"),), tasks=(*three_runs(2).tasks, night)))
    answer = best_response(moved, EXACT)
    assert answer.costs.total_cost == pytest.approx(60.0)
    assert answer.schedule.import_kw[8:].sum() == pytest.approx(300.0)
    assert integers_of(moved, "reached") == 1


def test_rising_blocks_need_no_integer():
    rising = declining_block(
        terms=terms(grid(), 0.10, atoms=(hinge(affine(-500.0, ~NIGHT * 1.0)),), charged=((0.08, 0),))
    )
    assert integers_of(rising, "reached") == 0
    assert best_cost(rising) == pytest.approx(0.10 * 900)


@pytest.mark.parametrize(
    ("price_per_kw", "stacked", "cost"),
    [
        # E = 1400 kWh, cheap (0.04) up to 5 h × peak, 0.10 beyond. Apart, the peak is 150: 56 + 650 · 0.06 + 150 p.
        # Stacked it is 250: 56 + 150 · 0.06 + 250 p. A kW more of peak saves 5 · 0.06 = 0.3.
        (0.2, True, 115.0),
        (0.5, False, 170.0),
    ],
)
def test_hours_use_tiers_may_make_a_higher_peak_pay(price_per_kw: float, stacked: bool, cost: float):
    runs = plan(grid(), tasks=(task("A", 100.0, 1), task("B", 100.0, 1)))
    beyond = hinge(affine(0.0, np.ones(24), (-5.0, 0)))
    priced = terms(grid(), 0.04, atoms=(peak(range(24)), beyond), charged=((price_per_kw, 0), (0.06, 1)))
    asked = problem(grid(), 50.0, plan=runs, terms=priced)
    assert best_cost(asked) == pytest.approx(cost)
    assert integers_of(asked, "attains") == (25 if stacked else 0)


def rebate(price_today: float) -> ResponseProblem:
    """Waive a tenth of 40 per kW in a month of 260 kWh/kVA: the month ends with the first of two days, 100 kVA.

    Outside the horizon the month has 24 500 kWh or 24 300, and a peak of 500 kW; the first day's base is 1200 kWh.
    A run of 400 kWh may stand on either day: with it 26 100 are reached and 25 900 are not.
    """
    horizon = grid(2)
    first_day = during(range(24), 48)
    monthly = peak(range(24), (500.0, 500.0), 48)
    reached = step(affine((24500.0 - 26000.0, 24300.0 - 26000.0), first_day), affine(0.0, None, (1.0, 0)))
    price = np.where(np.arange(48) < 24, price_today, 0.4)
    priced = terms(horizon, price, atoms=(monthly, reached), charged=((40.0, 0), (-4.0, 1)))
    runs = plan(horizon, tasks=(task("R", 400.0, 1, earliest=hour(20), latest_end=hour(28)),))
    return problem(horizon, 50.0, plan=runs, terms=priced)


def test_a_rebate_step_is_reached_where_that_pays():
    """Half of the samples get 4 · 500 back: 1000. Today's energy costs 0.4 · 400 = 160 more than that, or 1040."""
    cost_of_demand = 40.0 * 500
    today = 1200 * 0.8 + 1200 * 0.4 + 400 * 0.8 - 1000
    assert best_cost(rebate(0.8)) == pytest.approx(cost_of_demand + today)
    tomorrow = 1200 * 3.0 + 1600 * 0.4
    assert best_cost(rebate(3.0)) == pytest.approx(cost_of_demand + tomorrow)


def test_a_rebate_on_a_plain_demand_charge_shares_its_peak():
    """The same bill with the demand charge as a term of its own: no binary is spent on which hour attains the peak."""
    asked = rebate(0.8)
    monthly = demand(
        asked.horizon,
        price_per_kw=40.0,
        block_of_step=np.where(np.arange(48) < 24, np.arange(48), -1),
        other_peak_kw=np.array([500.0, 500.0]),
    )
    priced = terms(
        asked.horizon,
        asked.terms.energy_price_per_kwh,
        (monthly,),
        atoms=asked.terms.atoms,
        charged=asked.terms.charged[1:],
    )
    apart = problem(asked.horizon, 50.0, plan=asked.plan, terms=priced)
    assert best_cost(apart) == pytest.approx(best_cost(asked))
    assert integers_of(apart, "attains") == 0
    low = rebate_with_low_peaks(priced, asked)
    assert best_cost(low) == pytest.approx(40.0 * 450 + 1200 * 0.8 + 1200 * 0.4 + 400 * 0.8 - 0.5 * 4 * 450)
    assert integers_of(low, "attains") == 0


def rebate_with_low_peaks(priced: Any, asked: ResponseProblem) -> ResponseProblem:
    """Give the rebate with nothing outside the horizon that hides the run's 450 kW."""
    other = np.array([100.0, 100.0])
    monthly = demand(
        asked.horizon, price_per_kw=40.0, block_of_step=priced.demand[0].block_of_step, other_peak_kw=other
    )
    atoms = (peak(range(24), tuple(other), 48), priced.atoms[1])
    lower = terms(asked.horizon, priced.energy_price_per_kwh, (monthly,), atoms=atoms, charged=priced.charged)
    # the run must stand on the first day here, so that its peak counts
    runs = plan(asked.horizon, tasks=(task("R", 400.0, 1, earliest=hour(10), latest_end=hour(20)),))
    return problem(asked.horizon, 50.0, plan=runs, terms=lower)


def late_work(atoms: Any, charged: Any) -> ResponseProblem:
    """Give a run of 200 kWh that costs 1 an hour when late and 0.7 a kWh by day, 0.3 in the last hour. Base 50 kW."""
    price = np.where(np.arange(24) < 23, 0.7, 0.3)
    runs = plan(
        grid(),
        orders=(Order(order_id="O", due=hour(10), lateness_cost_per_h=1.0),),
        tasks=(task("R", 200.0, 1, order_id="O", earliest=hour(8)),),
    )
    return problem(grid(), 50.0, plan=runs, terms=terms(grid(), price, atoms=atoms, charged=charged))


@pytest.mark.parametrize(
    ("least_amount", "cost"),
    [
        # 1150 kWh at 0.7 and 50 at 0.3 are 820; the run costs 140 more when early, in the last hour 60 and 14 h late: 14
        (0.0, 820.0 + 60 + 14),
        (900.0, 900.0 + 14),
        (930.0, 930.0 + 14),
        (950.0, 820.0 + 140),  # late it would be 950 + 14
        (2000.0, 2000.0),
    ],
)
def test_below_a_minimum_bill_saving_energy_is_worth_nothing(least_amount: float, cost: float):
    price = np.where(np.arange(24) < 23, 0.7, 0.3)
    owed = hinge(affine(least_amount, -price))
    assert best_cost(late_work((owed,), ((1.0, 0),))) == pytest.approx(cost)


def test_above_a_price_cap_saving_energy_is_worth_nothing():
    """Charge 0.5 a kWh at most on the mean: 1400 kWh cost 700 whenever the run is, so it is not late."""
    price = np.where(np.arange(24) < 23, 0.7, 0.3)
    given_back = hinge(affine(0.0, price - 0.5))
    assert best_cost(late_work((given_back,), ((-1.0, 0),))) == pytest.approx(700.0)
    loose = hinge(affine(0.0, price - 0.65))  # 1400 · 0.65 = 910 caps the early run's 960, not the late one's 880
    assert best_cost(late_work((loose,), ((-1.0, 0),))) == pytest.approx(880.0 + 14)


def test_the_mean_of_the_three_highest_days_stacks_work_on_one_of_them():
    """Three runs over four days: on one day (150 + 50 + 50)/3, apart (150 + 150 + 150)/3. Outside: 20 at most."""
    horizon = grid(4)
    days = [list(range(24 * day, 24 * day + 24)) for day in range(4)]
    atoms = (top(3, days, [[20.0], [10.0], [0.0]], 96),)
    runs = plan(horizon, machines=(machine("M"),), tasks=(task("R", 100.0, 1, "M", count=3),))
    asked = problem(horizon, 50.0, plan=runs, terms=terms(horizon, 0.0, atoms=atoms, charged=((12.0, 0),)))
    assert best_cost(asked) == pytest.approx(12.0 * 250 / 3)


def test_a_mean_of_several_peaks_that_lowers_the_bill_is_refused_by_name():
    atoms = (top(2, [[0], [1], [2]], [[0.0], [0.0]]),)
    runs = plan(grid(), tasks=(task("R", 100.0, 1),))
    asked = problem(grid(), 50.0, plan=runs, terms=terms(grid(), 0.5, atoms=atoms, charged=((-1.0, 0),)))
    with pytest.raises(TopMeanNotConvexError, match="Charge top: the bill falls as the mean of its 2 highest"):
        best_response(asked, EXACT)
    # it can still be billed as the plan stands: 24 hours of 50 kWh and a run of 100 in the first
    assert today_response(asked, EXACT).costs.total_cost == pytest.approx(0.5 * 1300 - (150 + 50) / 2)


def test_a_ratchet_weighs_this_months_peak_in_the_next_months_bill():
    """The first day ends a month, the second begins one whose billed demand is at least 0.75 of the month before.

    Base 100 kW; a run of 100 kW on either day; 10 per kW each month; the next month reaches 140 kW anyway. On the first day:
    200 and max(140, 0.75 · 200 = 150) = 350. On the second: 100 and max(140, 200, 75) = 300; dearer energy there, 0.3 more
    for 100 kWh, does not matter.
    """
    horizon = grid(2)
    this_month = peak(range(24), 90.0, 48)
    weights = np.concatenate([0.75 * np.eye(24), np.eye(24)])
    scaled = sparse.csr_array(np.block([[weights[:24], np.zeros((24, 24))], [np.zeros((24, 24)), weights[24:]]]))
    next_month = PeakAtom(label="next", means=scaled, window_other_kw=None, other_kw=np.array([140.0]))
    price = np.where(np.arange(48) < 24, 0.5, 0.8)
    runs = plan(horizon, tasks=(task("R", 100.0, 1),))

    def asked(next_price: float) -> ResponseProblem:
        charged = ((10.0, 0), (next_price, 1))
        return problem(
            horizon, 100.0, plan=runs, terms=terms(horizon, price, atoms=(this_month, next_month), charged=charged)
        )

    energy = 2400 * 0.5 + 2400 * 0.8
    assert best_cost(asked(10.0)) == pytest.approx(energy + 100 * 0.8 + 1000 + 2000)
    # at 30 per kW next month the first day is cheaper: 2000 + 30 · 150 = 6500 against 1000 + 30 · 200 = 7000
    assert best_cost(asked(30.0)) == pytest.approx(energy + 100 * 0.5 + 2000 + 4500)


def fed_in(**changed: Any) -> ResponseProblem:
    """Feed in 60 kW of 100 kW sun for 5 hours, paid 0.3; drawing costs 0.5. Base 40 kW, a run of 50 kWh."""
    sun = tuple(100.0 if 10 <= t < 15 else 0.0 for t in range(24))
    parts: dict[str, Any] = {
        "site": site(export_limit_kw=80.0, pv=(Pv(pv_id="G", daily_kw=sun),)),
        "plan": plan(grid(), tasks=(task("R", 50.0, 1),)),
        "terms": terms(grid(), 0.5, export_price_per_kwh=np.full(24, 0.3)),
    }
    return problem(grid(), 40.0, **(parts | changed))


def test_a_run_moves_under_the_sun_that_would_be_fed_in():
    """19 h · 40 kW · 0.5 = 380; five hours feed in 60 kW, one of them only 10: (300 - 50) · 0.3 = 75."""
    assert best_cost(fed_in()) == pytest.approx(380.0 - 75)


def test_where_feeding_in_pays_more_than_drawing_nobody_passes_power_through():
    """At 0.6 a kWh fed in, the run stays out of the sun: 380 + 25 - 300 · 0.6. The connection could pass 80 kW on."""
    paid = terms(grid(), 0.5, export_price_per_kwh=np.full(24, 0.6))
    asked = fed_in(terms=paid)
    answer = best_response(asked, EXACT)
    assert answer.costs.total_cost == pytest.approx(405.0 - 180)
    assert answer.costs.energy_cost == answer.costs.total_cost
    assert (np.minimum(answer.schedule.import_kw, answer.schedule.export_kw) == 0).all()


def test_where_feeding_in_costs_the_sun_is_curtailed():
    """At -0.1 a kWh nothing is fed in, and a battery that could burn power by going both ways does not."""
    battery = Battery(
        battery_id="B",
        capacity_kwh=0.001,
        max_charge_kw=50.0,
        max_discharge_kw=50.0,
        charge_eff=0.9,
        discharge_eff=0.9,
        soc_start_kwh=0.0,
    )
    sun = tuple(100.0 if 10 <= t < 15 else 0.0 for t in range(24))
    paid = terms(grid(), 0.5, export_price_per_kwh=np.full(24, -0.1))
    asked = fed_in(terms=paid, site=site(export_limit_kw=80.0, pv=(Pv(pv_id="G", daily_kw=sun),), batteries=(battery,)))
    answer = best_response(asked, EXACT)
    assert answer.costs.total_cost == pytest.approx(380.0, abs=0.01)
    assert answer.schedule.export_kw.sum() == pytest.approx(0.0, abs=1e-6)


def test_no_battery_burns_power_to_reach_a_rebate():
    """The day lacks 30 kWh of a rebate of 50; charging and discharging at once in every hour could burn far more.

    One way at a time, the 40 kWh battery loses 19 % of what it cycles: 24 h · 20 kW / 2 · 0.19 is more than enough, and
    that is a real use. With 1 kWh it can lose no more than 24 / 2 · (1/0.9 - 0.9) = 2.5 kWh: the rebate is out of reach.
    """

    def asked(capacity_kwh: float) -> ResponseProblem:
        battery = Battery(
            battery_id="B",
            capacity_kwh=capacity_kwh,
            max_charge_kw=20.0,
            max_discharge_kw=20.0,
            charge_eff=0.9,
            discharge_eff=0.9,
            soc_start_kwh=0.0,
        )
        reached = step(affine(-2430.0, np.ones(24)), affine(50.0))
        priced = terms(grid(), 0.5, atoms=(reached,), charged=((-1.0, 0),))
        return problem(grid(), 100.0, site=site(batteries=(battery,)), terms=priced)

    assert best_cost(asked(1.0)) == pytest.approx(1200.0)
    assert best_cost(asked(40.0)) == pytest.approx(1200.0 + 30 * 0.5 - 50, rel=1e-5)


@pytest.mark.parametrize(
    ("fee_per_kw", "cost"),
    # the base costs 850 · 0.3 + 350 · 0.7 = 500
    [(0.1, 500 + 200 * 0.3 + 0.1 * 250), (0.5, 500 + 200 * 0.7)],
)
def test_a_fee_on_the_peak_is_waived_where_the_evening_draws_enough(fee_per_kw: float, cost: float):
    """A run of 200 kWh costs 0.3 a kWh by night, 0.7 in the evening; 400 kWh from 17 waive the fee on 250 kW.

    Base 50 kW, 350 kWh in these seven hours: by night the fee of 0.1 is 25, that of 0.5 125; moving the run costs 80.
    """
    evening = during(range(17, 24))
    fee = step(affine(399.0, -evening), affine(0.0, None, (1.0, 0)))
    priced = terms(grid(), np.where(evening > 0, 0.7, 0.3), atoms=(peak(range(24)), fee), charged=((fee_per_kw, 1),))
    asked = problem(grid(), 50.0, plan=plan(grid(), tasks=(task("R", 200.0, 1),)), terms=priced)
    assert best_cost(asked) == pytest.approx(cost)
