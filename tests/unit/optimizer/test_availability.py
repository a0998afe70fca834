"""What a window's response costs, level by level: against enumeration, by hand, and against itself."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.offers import ResponseProblem
from domain.plant import Battery, Interval, ModulatingLoad, ShiftEnergy
from domain.text import Language
from optimizer.audit import audit
from optimizer.availability import availability_curve
from optimizer.availability_window import Window, WindowOffGridError
from optimizer.response import best_response
from tests.optimizer_cases import EXACT, demand, grid, hour, machine, plan, problem, site, task, terms
from tests.unit.optimizer.test_playbook import bill, every_start, flexible, rigid

HORIZON = grid()
HOURS = np.arange(24)
WINDOW = Window(span=Interval(start=hour(14), end=hour(16)))


def compressor(**changed: object) -> ResponseProblem:
    """Give a base of 100 kW and a compressor of 10 … 90 kW that needs 480 kWh from 12 to 20; before 16 it is 0.5 a kWh,
    from then on 0.8."""
    return problem(
        HORIZON,
        base_kw=100.0,
        plan=plan(
            HORIZON,
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="compressor",
                    min_kw=10.0,
                    max_kw=90.0,
                    shifts=(ShiftEnergy(start=hour(12), end=hour(20), energy_kwh=480.0),),
                ),
            ),
        ),
        **({"terms": terms(HORIZON, np.where(HOURS < 16, 0.5, 0.8))} | changed),
    )


def test_a_curve_worked_by_hand() -> None:
    # At best 90 kW for the four hours before 16 (360 kWh), the other 120 kWh after it, 30 kW each.
    # A kW less in the two hours of the window is 2 kWh moved to 0.8: 2·0.3 = 0.6. The most is 80 kW: 10 must run.
    points = availability_curve(compressor(), WINDOW, EXACT, [20.0, 50.0, 80.0])
    assert [one.extra_cost for one in points] == pytest.approx([12.0, 30.0, 48.0], abs=1e-3)
    assert [one.pay_per_kw for one in points] == pytest.approx([0.6] * 3, abs=1e-4)
    assert [one.pay_per_kwh for one in points] == pytest.approx([0.3] * 3, abs=1e-4)
    assert [one.next_kw_cost for one in points] == pytest.approx([0.6] * 3, abs=1e-4)
    # all of it is drawn at other hours; where hours cost the same, more may change places
    assert all(one.rebound_kwh >= 2 * one.level_kw - 1e-2 for one in points)
    assert all(one.energy_cost == pytest.approx(one.extra_cost) and one.demand_cost == 0 for one in points)
    said = points[2].actions[0].action
    assert said.en == "run compressor at 10 kW from Mon 23 Nov 14:00 to Mon 23 Nov 16:00 (otherwise 90 kW)"
    assert "compressor运行在 10 kW" in said.zh


def test_the_rebound_pays_for_its_peak() -> None:
    # 7 per kW of peak: level at 60 kW is best (160 in all). 30 kW less in the window are 60 kWh in six other hours: 10 kW
    # more of peak, 70; the prices move 60 kWh into two hours at 0.5 and four at 0.8: 20·0.5 + 40·0.8 - 60·0.5 = 12.
    asked = compressor(terms=terms(HORIZON, np.where(HOURS < 16, 0.5, 0.8), (demand(HORIZON, price_per_kw=7.0),)))
    (point,) = availability_curve(asked, WINDOW, EXACT, [30.0])
    assert point.demand_cost == pytest.approx(70.0, abs=1e-3)
    assert point.energy_cost == pytest.approx(12.0, abs=1e-3)
    assert point.extra_cost == pytest.approx(82.0, abs=1e-3)
    assert point.pay_per_kwh == pytest.approx(82.0 / 60.0, abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("notice", [None, 12])
def test_rigid_runs_against_every_start(seed: int, notice: int | None) -> None:
    asked = replace(rigid(seed), events=())
    window = replace(WINDOW, notice_at=None if notice is None else hour(notice), baseline_kw=np.array([300.0, 280.0]))
    levels = [10.0, 60.0, 110.0, 160.0, 210.0, 260.0]
    points = availability_curve(asked, window, EXACT, levels)
    base = best_response(asked, EXACT).schedule
    begun = {(run.task_id, run.start) for run in base.runs if notice is not None and run.start < hour(notice)}
    cheapest = min(bill(asked, load) for _, load in every_start(asked))
    for point in points:
        owed = []
        for starts, load in every_start(asked):
            named = {(one.task_id, hour(start)) for one, start in zip(asked.plan.tasks, starts, strict=True)}
            its = {one for one in named if notice is not None and one[1] < hour(notice)}
            if its == begun and 290.0 - load[14:16].mean() >= point.level_kw:
                owed.append(bill(asked, load))
        assert point.is_possible == bool(owed)
        if point.is_possible:
            assert point.extra_cost == pytest.approx(min(owed) - cheapest, abs=1e-4)
            assert point.least_extra_cost == pytest.approx(point.extra_cost, abs=1e-3)
        else:
            assert any("kW" in one.say(Language.EN) and "kW" in one.say(Language.ZH) for one in point.limits)


def test_costs_never_fall_and_each_level_is_held() -> None:
    asked = replace(flexible(), events=())
    for hold in ("mean", "each_step"):
        window = replace(WINDOW, hold=hold)
        points = availability_curve(asked, window, EXACT)
        assert len(points) == 6
        assert all(one.is_possible for one in points)
        base = best_response(asked, EXACT).schedule.import_kw[14:16]
        for before, after in pairwise(points):
            assert before.extra_cost <= after.extra_cost + 1e-9
        for one in points:
            assert one.response is not None
            response_kw = base - one.response.schedule.import_kw[14:16]
            held_kw = response_kw.mean() if hold == "mean" else response_kw.min()
            assert held_kw >= one.level_kw - 1e-5
            assert one.least_extra_cost <= one.extra_cost + 1e-9
            assert one.energy_cost + one.demand_cost + one.work_cost == pytest.approx(one.extra_cost, abs=1e-6)
            answered = replace(one.response.schedule, commitments_kw={})
            assert audit(answered, asked).violations == ()


def test_each_step_asks_no_less_than_their_mean() -> None:
    asked = replace(flexible(), events=())
    levels = [20.0, 50.0, 80.0]
    loose, tight = (
        availability_curve(asked, replace(WINDOW, hold=hold), EXACT, levels) for hold in ("mean", "each_step")
    )
    for one, other in zip(loose, tight, strict=True):
        assert one.is_possible
        assert not other.is_possible or one.extra_cost <= other.extra_cost + 1e-6
    assert tight[0].is_possible


def test_a_shorter_notice_costs_no_less() -> None:
    asked = replace(flexible(), events=())
    told = [None, hour(10), hour(13), hour(14)]
    costs = [
        availability_curve(asked, replace(WINDOW, notice_at=at, baseline_kw=np.full(2, 190.0)), EXACT, [60.0])[
            0
        ].extra_cost
        for at in told
    ]
    assert costs == sorted(costs)


def test_more_load_can_be_promised_too() -> None:
    # 30 kW at 16 … 20 otherwise; up to 90 can be drawn: 60 kW more for two hours, taken from the cheap hours before.
    window = Window(span=Interval(start=hour(17), end=hour(19)), sign=-1)
    points = availability_curve(compressor(), window, EXACT, [10.0, 75.0, 1000.0])
    assert points[0].is_possible
    assert points[0].response is not None
    assert points[0].response.schedule.import_kw[17:19].mean() >= 10.0
    assert not points[2].is_possible
    assert "connection" in points[2].limits[0].en


def test_an_impossible_level_says_what_stands_against_it() -> None:
    points = availability_curve(compressor(), WINDOW, EXACT, [80.0, 85.0, 400.0])
    assert [one.is_possible for one in points] == [True, False, False]
    assert "most that can be held is 80.0 kW less than the baseline" in points[1].limits[0].en
    assert "100 kW that the plan does not move" in points[1].limits[0].en
    assert "compressor 10 kW (at least 10 within its shifts)" in points[1].limits[0].en
    assert "only 190 kW could go" in points[2].limits[0].en
    assert points[1].response is None
    assert points[1].extra_cost is None


def test_a_battery_holds_a_level_and_fills_up_again() -> None:
    battery = Battery(
        battery_id="B",
        capacity_kwh=60.0,
        max_charge_kw=20.0,
        max_discharge_kw=25.0,
        charge_eff=1.0,
        discharge_eff=1.0,
        soc_start_kwh=30.0,
        soc_min_kwh=0.0,
        soc_end_min_kwh=30.0,
        wear_cost_per_kwh=0.1,
    )
    asked = problem(HORIZON, base_kw=100.0, site=site(batteries=(battery,)), terms=terms(HORIZON, 0.6))
    (point,) = availability_curve(asked, WINDOW, EXACT, [25.0])
    # 50 kWh through the battery at one price: only its wear
    assert point.extra_cost == pytest.approx(5.0, abs=1e-3)
    assert point.work_cost == pytest.approx(5.0, abs=1e-3)
    assert any("discharge 25 kW" in one.action.en for one in point.actions)
    assert any("放电 25 kW" in one.action.zh for one in point.actions)


def test_windows_and_levels_that_cannot_be_are_refused_by_name() -> None:
    with pytest.raises(WindowOffGridError, match="60-minute"):
        availability_curve(compressor(), Window(span=Interval(start=hour(14.5), end=hour(16))), EXACT)
    with pytest.raises(InvalidFieldError, match="levels"):
        availability_curve(compressor(), WINDOW, EXACT, [-1.0])
    with pytest.raises(InvalidFieldError, match="sign"):
        Window(span=WINDOW.span, sign=2)
    with pytest.raises(InvalidFieldError, match="baseline_kw"):
        availability_curve(compressor(), replace(WINDOW, baseline_kw=np.ones(3)), EXACT)


def test_machines_without_a_choice_have_nothing_to_offer() -> None:
    fixed = problem(
        HORIZON,
        base_kw=100.0,
        plan=plan(
            HORIZON,
            machines=(machine("M"),),
            tasks=(task("A", 50.0, 2, "M", planned_starts=(hour(14),), movable=False),),
        ),
    )
    assert availability_curve(fixed, WINDOW, EXACT) == ()
    (point,) = availability_curve(fixed, WINDOW, EXACT, [40.0])
    assert not point.is_possible
    assert "work A 50 kW" in point.limits[0].en
