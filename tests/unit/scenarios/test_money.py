from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.offers import CostParts
from domain.programmes.terms import EventBand, EventTerm
from domain.tariffs import BillingWindow
from domain.time import TimeGrid
from scenarios.money import (
    SampledBill,
    cents,
    event_outcome,
    extra_production_cost,
    money_range,
    order_of,
    sampled_bill,
    savings,
    split_of,
)
from tests import small_case

AMOUNTS = st.decimals(min_value=-10_000, max_value=10_000, places=2, allow_nan=False)


def costs(production: float) -> CostParts:
    return CostParts(
        constant_cost=1.0,
        energy_cost=2.0,
        demand_cost=3.0,
        labour_cost=production,
        lateness_cost=0.0,
        start_cost=0.0,
        wear_cost=0.0,
        event_pay=0.0,
        event_penalty=0.0,
    )


def test_half_cents_go_up():
    assert cents(Decimal("1.005")) == Decimal("1.01")
    assert cents(Decimal("-1.005")) == Decimal("-1.01")
    assert cents(2.675) == Decimal("2.68")  # as printed, not as its binary neighbour below


def test_quantiles_are_real_samples_by_nearest_rank():
    amounts = [Decimal(number) for number in (70, 10, 40, 100, 20, 90, 30, 60, 50, 80)]
    span = money_range(amounts)
    assert (span.p10, span.p50, span.p90, span.mean) == (10, 50, 90, 55)
    assert order_of(amounts, 0.5) == 8


def test_a_single_sample_is_every_quantile():
    span = money_range([Decimal("3.21")])
    assert span.p10 == span.p50 == span.p90 == span.mean == Decimal("3.21")


def test_event_outcome_by_hand():
    term = EventTerm(
        event_id="e",
        programme_id="p",
        first=1,
        stop=3,
        baseline_kw=500.0,
        min_commitment_kw=50.0,
        max_commitment_kw=400.0,
        pay_per_kw=3.0,
        penalty_per_kw=2.0,
        bands=(
            EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0),
            EventBand(from_rate=0.8, to_rate=float("inf"), per_delivered=1.0, per_committed=0.0),
        ),
    )
    import_kw = np.array([[900.0, 390.0, 410.0, 900.0], [900.0, 450.0, 430.0, 900.0]])
    outcome = event_outcome(term, 100.0, import_kw)
    np.testing.assert_allclose(outcome.delivered_kw, [100.0, 60.0])
    assert outcome.pay == (Decimal("300.00"), Decimal("0.00"))
    assert outcome.penalty == (Decimal("0.00"), Decimal("80.00"))


def test_extra_production_is_the_difference():
    assert extra_production_cost(costs(12.5), costs(10.0)) == Decimal("2.50")


@given(
    rows=st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=12),
    extra=AMOUNTS,
)
def test_the_split_adds_up_to_the_expected_saving(rows, extra):
    def sampled(energy, demand):
        by_kind = {"energy": tuple(row[energy] for row in rows), "demand": tuple(row[demand] for row in rows)}
        totals = tuple(a + b for a, b in zip(by_kind["energy"], by_kind["demand"], strict=True))
        return SampledBill(by_kind=by_kind, totals=totals)

    today, repriced, then = sampled(0, 1), sampled(2, 3), sampled(4, 5)
    split = split_of(today=today, today_repriced=repriced, bill_then=then, outcomes=(), extra_production=extra)
    saved = savings(today, then, (), extra)
    assert split.total == cents(sum(saved, Decimal(0)) / len(saved))
    assert split.production == -extra
    mean_demand = sum((row[3] - row[5] for row in rows), Decimal(0)) / len(rows)
    assert abs(split.demand - mean_demand) <= Decimal("0.02")
    # the tariff's part is the change of today's own bill, up to the cents of rounding
    mean_tariff = sum((row[0] + row[1] - row[2] - row[3] for row in rows), Decimal(0)) / len(rows)
    assert abs(split.tariff - mean_tariff) <= Decimal("0.02")


def test_savings_count_pay_and_penalty():
    today = SampledBill(by_kind={"energy": (Decimal(100),)}, totals=(Decimal(100),))
    then = SampledBill(by_kind={"energy": (Decimal(70),)}, totals=(Decimal(70),))
    assert savings(today, then, (), Decimal(4)) == (Decimal(26),)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_ties_are_settled_by_order(level):
    amounts = [Decimal(5)] * 4
    assert order_of(amounts, level) in range(4)


def test_a_tariff_that_charges_nothing_in_a_month_costs_nothing_on_every_sample():
    summer_only = replace(small_case.day_night().charges[2], months=(7, 8))
    tariff = replace(small_case.day_night(), charges=(summer_only,))
    grid = TimeGrid.of_local_days(date(2026, 6, 1), 30, small_case.ZONE, 30)
    window = BillingWindow(
        grid=grid, zone=small_case.ZONE, first=48, stop=96, around_kw=np.full((3, grid.n_steps), 150.0)
    )
    billed = sampled_bill(window, np.full((3, 48), 210.0), tariff, small_case.site().supply)
    assert billed.totals == (Decimal(0),) * 3
    assert money_range(billed.totals).p50 == 0
