"""What a plan can draw at least and at most, by hand and against linear programs of their own."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from domain.plant import Battery
from optimizer.formulation import plan_sets
from optimizer.formulation.load_limits import LoadLimits, least_drawn_kw, most_filled, stored_sum_kw
from tests.optimizer_cases import coupled_problem, during, grid, hour, machine, plan, problem, site, task


def limits_of(**parts: Any) -> LoadLimits:
    return plan_sets(problem(grid(), **parts)).limits


def battery(**changed: Any) -> Battery:
    plain: dict[str, Any] = {
        "battery_id": "B",
        "capacity_kwh": 100.0,
        "max_charge_kw": 20.0,
        "max_discharge_kw": 30.0,
        "charge_eff": 0.9,
        "discharge_eff": 0.8,
        "soc_start_kwh": 40.0,
    }
    return Battery(**(plain | changed))


@pytest.mark.parametrize(
    ("total", "most"),
    [
        # limits 1 … 4, 0 … 5, 2 … 3 with weights 3, 1, -2: the least of each is worth 3 - 4 = -1
        ((0.0, 99.0), -1 + 3 * 3 + 1 * 5),
        ((0.0, 7.0), -1 + 3 * 3 + 1 * 1),  # 4 to fill: 3 of the first, 1 of the second
        ((11.5, 99.0), -1 + 3 * 3 + 1 * 5 - 2 * 0.5),  # must fill half of what loses
        ((0.0, 4.0), -1 + 3 * 1),
    ],
)
def test_a_knapsack_fills_what_gains_and_then_what_it_must(total: tuple[float, float], most: float):
    limits = np.array([1.0, 0.0, 2.0]), np.array([4.0, 5.0, 3.0])
    assert most_filled(np.array([3.0, 1.0, -2.0]), limits, total) == pytest.approx(most)


def test_energy_of_runs_and_shifts_is_fixed_and_sun_may_be_curtailed():
    limits = plan_sets(coupled_problem()).limits
    assert limits.span(np.ones(24)) == pytest.approx((3032.0, 3152.0))
    assert limits.span(during(range(12))) == pytest.approx((1472.0, 1532.0))
    assert limits.span(-2.0 * during(range(12))) == pytest.approx((-3064.0, -2944.0))
    # hours 8 and 9: base 116 + 118 and 40 … 160 of the shift's 200, which the other two hours' 40 … 180 leave
    assert limits.span(during([8, 9])) == pytest.approx((234.0 + 40, 234.0 + 160))


def test_a_run_counts_at_its_best_start():
    """A run of 50 kW for 2 h within 6 … 12: of the hours 7, 9, 11 with weight 5 it covers one, wherever it starts.

    Step by step it could cover two of them, or none.
    """
    limits = limits_of(
        plan=plan(
            grid(),
            machines=(machine("M"),),
            tasks=(task("R", 50.0, 2, "M", earliest=hour(6), latest_end=hour(12)),),
        )
    )
    assert limits.span(5 * during([7, 9, 11])) == pytest.approx((1500.0 + 250, 1500.0 + 250))


def test_runs_on_one_machine_follow_one_another():
    """2 runs of 50 kW for 2 h within 6 … 12, weights 0 … 5 in these hours: 50 · (2 + 3 + 4 + 5) at most.

    Part by part both could start at 10 or 9: 50 · (9 + 7).
    """
    limits = limits_of(
        plan=plan(
            grid(),
            machines=(machine("M"),),
            tasks=(task("R", 50.0, 2, "M", count=2, earliest=hour(6), latest_end=hour(12)),),
        )
    )
    weights = during(range(6, 12)) * (np.arange(24) - 6)
    assert limits.span(weights) == pytest.approx((1500.0 + 300, 1500.0 + 700))


def test_what_every_start_has_in_common_is_drawn_anyway():
    """A run of 3 h at 30, 50, 70 kW that starts at 6 or 7 draws 50 or 30 in hour 7, 70 or 50 in hour 8."""
    asked = problem(grid(), plan=plan(grid(), tasks=(task("R", 50.0, 3, earliest=hour(6), latest_end=hour(10)),)))
    profile = plan_sets(asked)
    assert least_drawn_kw(asked, profile.tasks, profile.shifts).tolist() == [
        150.0 if t in {7, 8} else 100.0 for t in range(24)
    ]


def test_fixed_runs_are_drawn_where_they_stand():
    fixed = task("R", 60.0, 2, movable=False, planned_starts=(hour(3), hour(5)), count=2)
    asked = problem(grid(), plan=plan(grid(), tasks=(fixed,)))
    sets = plan_sets(asked)
    assert least_drawn_kw(asked, sets.tasks, sets.shifts).tolist() == [
        160.0 if 3 <= t < 7 else 100.0 for t in range(24)
    ]
    assert sets.limits.is_rigid
    assert not limits_of(site=site(batteries=(battery(),))).is_rigid


def test_a_battery_loses_what_it_cycles():
    """100 kWh, 40 at both ends, 10 h. Charging 156.76 kWh takes 7.84 h, and 64.86 kWh of discharging the other 2.16 h.

    0.9 · 156.76 - 64.86/0.8 = 60: it ends full. Most is 156.76 - 64.86 = 91.89; least is 0: it may stand idle.
    """
    assert stored_sum_kw(battery(), 10, 1.0) == pytest.approx((0.0, 91.8919), abs=1e-4)
    # 15 kWh may be missing at the end: 12 kWh reach the site; 5 must be gained: 5.56 are charged
    assert stored_sum_kw(battery(soc_end_min_kwh=25.0), 10, 1.0)[0] == pytest.approx(-12.0)
    assert stored_sum_kw(battery(soc_end_min_kwh=45.0), 20, 0.5)[0] == pytest.approx(2 * 5 / 0.9)


def most_by_lp(one: Battery, weights: np.ndarray) -> float:
    """Maximise Σ a·(c - d) over states within limits, charging and discharging sharing each hour."""
    n = weights.size
    states = np.tril(np.ones((n, n)))
    moved = np.hstack([one.charge_eff * states, -states / one.discharge_eff])
    shared = np.hstack([np.eye(n) / one.max_charge_kw, np.eye(n) / one.max_discharge_kw])
    room = np.full(n, one.capacity_kwh - one.soc_start_kwh)
    spare = np.full(n, one.soc_start_kwh - one.soc_min_kwh)
    spare[-1] = one.soc_start_kwh - one.least_at_end_kwh
    found = linprog(
        -np.concatenate([weights, -weights]),
        A_ub=np.vstack([moved, -moved, shared]),
        b_ub=np.concatenate([room, spare, np.ones(n)]),
    )
    assert found.status == 0
    return float(-found.fun)


@given(
    weights=st.lists(st.floats(-3, 3), min_size=24, max_size=24),
    capacity_kwh=st.floats(20, 300),
    start=st.floats(0, 1),
    end=st.floats(0, 0.6),
)
@settings(max_examples=40, deadline=None)
def test_no_use_of_a_battery_goes_beyond_its_bound(weights: list[float], capacity_kwh: float, start: float, end: float):
    one = battery(capacity_kwh=capacity_kwh, soc_start_kwh=start * capacity_kwh, soc_end_min_kwh=end * capacity_kwh)
    limits = limits_of(site=site(batteries=(one,), export_limit_kw=0.0))
    per_import_kw = np.array(weights)
    base = 100.0 * float(per_import_kw.sum())
    assert limits.span(per_import_kw)[1] >= base + most_by_lp(one, per_import_kw) - 1e-6
    assert limits.span(per_import_kw)[0] <= base - most_by_lp(one, -per_import_kw) + 1e-6


def test_the_total_of_a_battery_is_bounded_exactly():
    one = battery()
    limits = limits_of(site=site(batteries=(one,)))
    assert limits.span(np.ones(24)) == pytest.approx(
        (2400 - most_by_lp(one, -np.ones(24)), 2400 + most_by_lp(one, np.ones(24)))
    )


def test_what_may_be_fed_in_is_what_sun_and_batteries_leave():
    """Base 10 kW: a battery of 30 kW feeds in 20 kW at most, and each kW so fed in was charged before."""
    limits = limits_of(base_kw=10.0, site=site(batteries=(battery(),), export_limit_kw=25.0))
    assert limits.most_export_kw.tolist() == [20.0] * 24
    assert limits.span(np.zeros(24), during([5])) == pytest.approx((0.0, 20.0))


def test_a_battery_that_feeds_in_raises_what_is_imported_in_all():
    """Eight times: 28 kW out of the battery, 18 of them fed in, then two hours of 20 kW into it. 35 kWh go, 36 come.

    8 · (0 + 30 + 30) = 480 kWh are imported, where base and losses alone are 240 + 8 · 12.
    """
    limits = limits_of(base_kw=10.0, site=site(batteries=(battery(),), export_limit_kw=25.0))
    assert limits.span(np.ones(24))[1] >= 480.0
    assert limits_of(base_kw=10.0, site=site(batteries=(battery(),))).span(np.ones(24))[1] < 400.0
