"""What processes can draw at least and at most: by hand, and against mixed-integer programs stated here."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from domain.plant import PlannedRate, Process, ProcessState, RateFlow, Store, StoreDraw
from optimizer.formulation import plan_sets
from optimizer.formulation.load_limits import LoadLimits
from tests.optimizer_cases import during, grid, hour, machine, plan, problem, site, task
from tests.process_cases import process, quota


def limits_of(*processes: Process, base_kw: float = 100.0, **parts: Any) -> LoadLimits:
    named = {key: parts.pop(key) for key in ("stores", "machines", "tasks") if key in parts}
    return plan_sets(problem(grid(), base_kw=base_kw, plan=plan(grid(), processes=processes, **named), **parts)).limits


def test_a_step_lies_between_off_and_full():
    one = process("P", min_rate=4.0, fixed_kw=20.0, quotas=(quota(least=1.0),))
    limits = limits_of(one)
    assert limits.least_import_kw.tolist() == [100.0] * 24
    assert limits.most_import_kw.tolist() == [190.0] * 24


def test_what_must_run_draws_its_least():
    """60 of 180 min are done: two hours remain; then it may start anew, at 4 … 6 t/h and with 29 kWh."""
    one = process(
        "P",
        min_rate=4.0,
        fixed_kw=20.0,
        start_kwh=29.0,
        min_run_min=180,
        max_rise_per_h=6.0,
        before=ProcessState(is_on=True, rate=5.0, since_min=60),
        quotas=(quota(least=1.0),),
    )
    limits = limits_of(one)
    assert limits.least_import_kw[:3].tolist() == [148.0, 148.0, 100.0]
    # full 100 + 20 + 70; started 100 + 20 + 7·6 + 29 = 191
    assert limits.most_import_kw[:3].tolist() == [190.0, 190.0, 191.0]


def test_a_quota_bounds_the_energy():
    """25 … 32 t: with 20 kW while on, at 4 … 10 t/h. Least: 2.5 h on, most 8 h: 175 + 50 … 224 + 160."""
    one = process("P", min_rate=4.0, fixed_kw=20.0, quotas=(quota(6, 16, least=25.0, most=32.0),))
    limits = limits_of(process("P", min_rate=4.0, fixed_kw=20.0, quotas=(quota(least=25.0, most=32.0),)))
    assert limits.span(np.ones(24)) == pytest.approx((2400 + 225.0, 2400 + 384.0))
    # within the quota's hours so much, outside of them what it likes
    inside = limits_of(one).span(during(range(6, 16)))
    assert inside == pytest.approx((1000 + 225.0, 1000 + 384.0))
    # 25 t need at least 2.5 h somewhere in ten hours: of the three with weight it can avoid all
    assert limits_of(one).span(during([7, 8, 9]))[0] == pytest.approx(300.0)


def test_a_shortfall_that_is_priced_may_be_all():
    one = process("P", quotas=(quota(least=25.0, most=32.0, shortfall_cost_per_unit=3.0),))
    assert limits_of(one).span(np.ones(24)) == pytest.approx((2400.0, 2400 + 224.0))


def test_a_silo_bounds_what_a_mill_grinds():
    """10 t in the silo, 20 … 35 at the end, 24 drawn: 34 … 49 t at 7 kWh; a run that brings 5 leaves 29 … 44."""
    silo = Store(
        store_id="I",
        name="silo",
        unit="t",
        max_level=35.0,
        start_level=10.0,
        end_min_level=20.0,
        draws=tuple(StoreDraw(at=hour(at), quantity=1.0) for at in range(24)),
    )
    mill = process("P", flows=(RateFlow(store_id="I", quantity_per_unit=1.0),))
    assert limits_of(mill, stores=(silo,)).span(np.ones(24)) == pytest.approx((2400 + 238.0, 2400 + 343.0))


def test_own_generation_lowers_the_import_and_may_be_fed_in():
    """A CHP of 150 kW beside 100 kW of base load: import 0 … 100, feed-in up to the limit of 30, or 50 without it."""
    chp = process("P", max_rate=150.0, kwh_per_unit=-1.0, cost_per_unit=0.4)
    limits = limits_of(chp, site=site(export_limit_kw=30.0))
    assert (limits.least_import_kw[3], limits.most_import_kw[3], limits.most_export_kw[3]) == (0.0, 100.0, 30.0)
    assert limits.may_have_surplus
    assert not limits_of(chp, site=site(export_limit_kw=50.0)).may_have_surplus
    assert limits_of(chp, site=site(export_limit_kw=80.0)).most_export_kw[3] == 50.0
    assert limits.span(np.zeros(24), during([5, 6])) == pytest.approx((0.0, 60.0))


def test_processes_and_runs_share_a_machine():
    """One machine: a run of 50 kW or a process of 70 kW, not both."""
    both = limits_of(
        process("P", machine_ids=("M",), quotas=(quota(least=1.0),)),
        machines=(machine("M"),),
        tasks=(task("R", 50.0, 2, "M"),),
    )
    assert both.most_import_kw.tolist() == [170.0] * 24


def test_what_may_not_move_is_known():
    fixed = process(
        "P",
        min_rate=4.0,
        fixed_kw=20.0,
        start_kwh=9.0,
        movable=False,
        planned=(PlannedRate(start=hour(3), end=hour(5), rate=6.0),),
    )
    limits = limits_of(fixed)
    assert limits.least_import_kw[2:6].tolist() == [100.0, 171.0, 162.0, 100.0]
    assert limits.most_import_kw.tolist() == limits.least_import_kw.tolist()
    assert limits.is_rigid
    assert not limits_of(process("P", quotas=(quota(least=1.0),))).is_rigid
    assert limits_of(process("P", min_rate=10.0, quotas=(quota(least=1.0),))).is_rigid


def most_by_milp(one: Process, weights: np.ndarray, hours: range) -> float:
    """Maximise Σ a·load over on-off patterns with starts, rates within limits and the quotas."""
    n = weights.size
    fixed, per_rate, warm = one.fixed_kw, one.kwh_per_unit, one.start_kwh
    cost = -np.concatenate([weights * fixed, weights * per_rate, weights * warm])
    eye, zero = np.eye(n), np.zeros((n, n))
    later = eye - np.eye(n, k=-1)
    rows = [
        LinearConstraint(np.hstack([-one.min_rate * eye, eye, zero]), 0, np.inf),
        LinearConstraint(np.hstack([-one.max_rate * eye, eye, zero]), -np.inf, 0),
        LinearConstraint(np.hstack([-later, zero, eye]), 0, np.inf),  # a start where it goes on
        LinearConstraint(np.hstack([-eye, zero, eye]), -np.inf, 0),
        LinearConstraint(np.hstack([np.eye(n, k=-1), zero, eye]), -np.inf, 1),
    ]
    for wanted in one.quotas:
        inside = np.array([float(wanted.start <= hour(t) < wanted.end) for t in range(n)])
        most = np.inf if wanted.most is None else wanted.most
        rows.append(LinearConstraint(np.concatenate([np.zeros(n), inside, np.zeros(n)])[None, :], wanted.least, most))
    upper = np.concatenate([[float(t in hours) for t in range(n)], np.full(n, one.max_rate), np.ones(n)])
    whole = np.concatenate([np.ones(n), np.zeros(n), np.ones(n)])
    found = milp(cost, constraints=rows, bounds=Bounds(np.zeros(3 * n), upper), integrality=whole)
    assert found.status == 0
    return float(-found.fun)


@st.composite
def drawn(draw: st.DrawFn) -> Process:
    """Draw a process with two quotas."""
    least = draw(st.floats(0.1, 20))
    return process(
        "P",
        min_rate=draw(st.sampled_from([0.0, 2.0, 5.0])),
        max_rate=6.0,
        fixed_kw=draw(st.sampled_from([0.0, 12.0])),
        kwh_per_unit=draw(st.sampled_from([7.0, -4.0])),
        start_kwh=draw(st.sampled_from([0.0, 15.0])),
        quotas=(
            quota(2, 9, least=least, most=least + 5 + draw(st.floats(0, 15))),
            quota(12, 20, least=draw(st.floats(0, 9))),
        ),
    )


@given(weights=st.lists(st.floats(-3, 3), min_size=24, max_size=24), one=drawn())
@settings(max_examples=40, deadline=None)
def test_no_use_of_a_process_goes_beyond_its_bound(weights: list[float], one: Process):
    per_import_kw = np.array(weights)
    least_kw, most_kw = limits_of(one).span(per_import_kw)
    base = 100.0 * float(per_import_kw.sum())
    assert most_kw >= base + most_by_milp(one, per_import_kw, range(24)) - 1e-4
    assert least_kw <= base - most_by_milp(one, -per_import_kw, range(24)) + 1e-4
