"""A case's plan for its samples, judged by the exact bills of samples that no plan has seen."""

from dataclasses import replace

import numpy as np
import pytest

from domain.errors import UnknownReferenceError
from domain.offers import PRESENT_ID
from domain.offers.uncertainty import RiskAversion
from scenarios.money import mean, sampled_bill
from scenarios.quote import forecast_site, loads_of
from scenarios.uncertainty import TooFewSamplesError, UncertainPlan, plan_for_samples
from tests.small_case import case


@pytest.fixture(scope="module")
def planned() -> UncertainPlan:
    return plan_for_samples(case(), package_id=PRESENT_ID, risk=RiskAversion(tail_weight=0.4, tail_share=0.5))


def test_half_of_the_samples_judge(planned: UncertainPlan) -> None:
    n_samples = case().options.n_samples
    assert planned.samples_kw.shape[0] == n_samples // 2
    assert planned.value.n_samples == n_samples // 2
    assert not np.isin(planned.samples_kw, planned.fresh_samples_kw).all(axis=1).any()


def test_both_plans_cost_what_the_exact_bills_say(planned: UncertainPlan) -> None:
    asked = case()
    loads, _, _ = loads_of(asked, forecast_site(asked), {})
    half = planned.value.n_samples
    package = planned.package
    window = loads.window_of(package.tariff, asked.site.supply)
    fresh = replace(window, around_kw=window.around_kw[half : 2 * half])
    for schedule, cost in (
        (planned.deterministic.schedule, planned.value.deterministic_cost),
        (planned.stochastic.schedule, planned.value.stochastic_cost),
    ):
        drawn = np.maximum(planned.fresh_samples_kw + schedule.import_kw - schedule.base_kw, 0.0)
        billed = sampled_bill(fresh, drawn, package.tariff, asked.site.supply)
        # lines are rounded to cents in bills
        assert float(mean(billed.totals)) == pytest.approx(cost, abs=0.05)


def test_the_samples_plan_is_no_worse_where_it_was_made(planned: UncertainPlan) -> None:
    assert planned.stochastic.bound <= planned.stochastic.weighed_cost
    assert 0 <= planned.stochastic.gap_share < 1
    assert planned.stochastic.costs.over_limit_share == 0.0
    assert planned.value.saving == pytest.approx(
        0.6 * (planned.value.deterministic_cost - planned.value.stochastic_cost)
        + 0.4 * (planned.value.deterministic_tail_cost - planned.value.stochastic_tail_cost)
    )
    # peaks of samples lie above the peak of their mean: the plain plan costs more than it is said to
    assert planned.value.believed_cost < planned.value.deterministic_cost


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(UnknownReferenceError, match="elsewhere"):
        plan_for_samples(case(), package_id="elsewhere")
    asked = case()
    few = replace(asked, options=replace(asked.options, n_samples=3))
    with pytest.raises(TooFewSamplesError, match="3 forecast samples"):
        plan_for_samples(few, package_id=PRESENT_ID)
