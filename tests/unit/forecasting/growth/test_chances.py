"""Probabilities by counting, by symmetry, and against draws by lot."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.growth.chances import GrownMonths, months_of
from forecasting.outlook import Expansion
from forecasting.outlook.expansions import courses_of
from forecasting.outlook.hindcast import Growth, Spread

SURE = Spread(sd_log=1e-9, n_checked=36)
STILL = Growth(mean_rate=0.0, sd_rate=0.0, n_months=12, measured_rate=0.0)


def months(base, *, lead=None, growth=STILL, spread=SURE, added=None, weights=(1.0,)):
    base = np.array(base, dtype=float)
    return GrownMonths(
        base=base,
        lead_years=np.ones(base.size) if lead is None else np.array(lead, dtype=float),
        growth=growth,
        spread=spread,
        added=np.zeros((len(weights), base.size)) if added is None else np.array(added, dtype=float),
        weights_share=np.array(weights),
    )


def test_plans_are_counted_out():
    # 800 kW and a limit of 1000: only both plans together (+150, +100) exceed it: 0.5 * 0.4.
    plans = (
        Expansion(name="a", starts=date(2026, 1, 1), adds_kw=150, adds_kwh_per_month=0, probability=0.5),
        Expansion(name="b", starts=date(2026, 1, 1), adds_kw=100, adds_kwh_per_month=0, probability=0.4),
    )
    made = courses_of(plans, (date(2026, 1, 1),), (31,))
    one = months([800.0], added=made.added_kw, weights=tuple(made.weights_share))
    assert one.over_month_share(1000.0)[0] == pytest.approx(0.2)
    assert one.over_any_share(1000.0) == pytest.approx(0.2)
    assert one.over_month_share(905.0)[0] == pytest.approx(0.5 * 0.6 + 0.2)  # a alone, or both


def test_two_even_months_make_three_chances_in_four():
    even = months([1000.0, 1000.0], spread=Spread(sd_log=0.1, n_checked=36))
    assert even.over_month_share(1000.0) == pytest.approx([0.5, 0.5])
    assert even.over_any_share(1000.0) == pytest.approx(0.75)


def test_growth_compounds_over_the_years():
    grown = months([1000.0] * 2, lead=[1, 2], growth=Growth(mean_rate=0.1, sd_rate=0, n_months=12, measured_rate=0.1))
    assert grown.month_quantiles((0.5,))[0] == pytest.approx([1000 * np.exp(0.1), 1000 * np.exp(0.2)])
    assert grown.highest_quantiles((0.5,))[0] == pytest.approx(1000 * np.exp(0.2))


def test_an_unsure_rate_moves_all_months_together():
    # The rate alone is unsure: one of two equal months exceeds exactly when the other does.
    unsure = Growth(mean_rate=0.0, sd_rate=0.05, n_months=0, measured_rate=0.0)
    alike = months([1000.0, 1000.0], growth=unsure)
    assert alike.over_any_share(1030.0) == pytest.approx(alike.over_month_share(1030.0)[0], abs=1e-3)


def test_draws_by_lot_say_the_same():
    growth = Growth(mean_rate=0.03, sd_rate=0.04, n_months=12, measured_rate=0.03)
    spread = Spread(sd_log=0.06, n_checked=36)
    base = np.array([700.0, 900.0, 850.0])
    asked = months(
        base, lead=[2, 2, 2], growth=growth, spread=spread, added=[[0, 0, 0], [0, 120, 120]], weights=(0.7, 0.3)
    )
    random = np.random.default_rng(5)
    n = 200_000
    rates = random.normal(0.03, 0.04, n)
    errors = 0.06 * np.sqrt(37 / 36) * random.standard_t(12, (n, 3))
    added = np.where(random.random(n)[:, None] < 0.3, np.array([0.0, 120.0, 120.0]), 0.0)
    drawn = base * np.exp(2 * rates[:, None] + errors) + added
    assert asked.over_month_share(1000.0) == pytest.approx((drawn > 1000).mean(axis=0), abs=0.006)
    assert asked.over_any_share(1000.0) == pytest.approx((drawn > 1000).any(axis=1).mean(), abs=0.006)
    assert asked.highest_quantiles((0.1, 0.5, 0.9)) == pytest.approx(
        np.quantile(drawn.max(axis=1), (0.1, 0.5, 0.9)), rel=0.006
    )


@settings(max_examples=30, deadline=None)
@given(st.floats(100, 2000), st.floats(100, 2000), st.floats(0, 0.1), st.floats(1e-3, 0.3))
def test_a_higher_limit_is_never_exceeded_more_often(low, high, sd_rate, sd_log):
    growth = Growth(mean_rate=0.0, sd_rate=sd_rate, n_months=12, measured_rate=0.0)
    asked = months([800.0, 950.0], growth=growth, spread=Spread(sd_log=sd_log, n_checked=20))
    low, high = sorted((low, high))
    assert asked.over_any_share(low) >= asked.over_any_share(high) - 1e-12
    assert asked.over_any_share(high) >= asked.over_month_share(high).max() - 1e-12


def test_a_month_without_load_exceeds_nothing():
    assert months([0.0, 500.0]).over_month_share(400.0) == pytest.approx([0, 1])


def test_years_repeat_the_months():
    courses = courses_of((), tuple(date(2026, n, 1) for n in range(1, 13)), (30,) * 12)
    laid = months_of(np.arange(12.0), 2, STILL, SURE, added=np.zeros((1, 24)), courses=courses)
    assert laid.base.tolist() == [*range(12), *range(12)]
    assert laid.lead_years.tolist() == [1.0] * 12 + [2.0] * 12
