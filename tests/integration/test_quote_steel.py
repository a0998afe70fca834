"""The real steel plant, quoted with Taipower's and a URDB tariff."""

from decimal import Decimal

import numpy as np
import pytest

from scenarios.quote import quote
from tests import steel_case

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


@pytest.fixture(scope="module")
def taipower_answer():
    steel_case.need("normalised/steel.csv.gz", "tariffs_taipower/plans.json")
    present = steel_case.taipower("high_voltage_2_tier")
    batch = steel_case.taipower("high_voltage_batch")
    return quote(steel_case.steel_case(present, (batch, steel_case.with_contract(batch, 420)), deadline_s=6.0))


def test_taipower_offers_move_heats_and_add_up(taipower_answer):
    assert taipower_answer.currency == "TWD"
    assert taipower_answer.offers
    for one in taipower_answer.offers:
        assert one.split.total == one.saving.mean
        assert sum((bill.total for bill in one.median_bills), Decimal(0)) == one.bill.p50
        assert one.moves


def test_every_heat_is_run_and_the_furnace_runs_one_at_a_time(taipower_answer):
    plan = steel_case.heats_plan()
    total = sum(task.count for task in plan.tasks)
    for one in taipower_answer.offers:
        starts = sorted(run.start for run in one.response.schedule.runs)
        assert len(starts) == total
        gaps = np.diff([at.timestamp() for at in starts])
        assert (gaps >= steel_case.HEAT_MIN * 60).all()


def test_today_bill_is_plausible_against_the_meter(taipower_answer):
    """October's metered energy at Taipower's off-peak and peak prices bounds the month's bill."""
    meter = steel_case.steel_meter()
    local = meter.grid.local_starts(steel_case.ZONE)
    october = np.asarray(local.month == 10)
    energy_kwh = float(meter.energy_kwh[october].sum())
    # cheapest and dearest price of a kWh, plus the contract fee of 500 kW, ± a tenth for what is forecast
    low, high = 1.5 * energy_kwh * 0.8, 13.0 * energy_kwh * 1.2 + 500 * 224 * 3
    assert low < float(taipower_answer.bill_today.p50) < high


def test_a_us_tariff_quotes_the_same_plant():
    steel_case.need("normalised/steel.csv.gz", "tariffs_urdb")
    tariff = steel_case.urdb()
    answer = quote(steel_case.steel_case(tariff, (), deadline_s=6.0))
    assert answer.currency == "USD"
    for one in answer.offers:
        assert one.split.tariff == 0
        assert one.split.total == one.saving.mean
