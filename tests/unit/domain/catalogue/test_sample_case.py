from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.catalogue.sample_case import sample_case
from domain.tariffs import BilledLoad, PurchaseMode
from domain.tariffs.billing import bill
from domain.time import TimeGrid

CASE = sample_case(1)


def test_the_case_asks_on_friday_for_the_week_from_monday() -> None:
    assert CASE.issued_at == datetime.fromisoformat("2026-11-20T12:00:00+08:00")
    assert CASE.plan.start == datetime.fromisoformat("2026-11-23T00:00:00+08:00")
    assert CASE.plan.end - CASE.plan.start == timedelta(days=7)
    assert CASE.meter.grid.end == CASE.issued_at
    assert CASE.process_history is not None
    assert CASE.process_history.grid == CASE.meter.grid
    assert CASE.meter.grid.n_steps * CASE.meter.grid.step >= timedelta(days=120)


def test_each_package_is_in_force_and_fits_the_way_of_buying_it_brings() -> None:
    CASE.present_tariff.must_fit(CASE.site.supply)
    first, last = CASE.plan.start.date(), CASE.plan.end.date()
    for package in CASE.packages:
        package.tariff.must_hold(first, last)
        package.tariff.must_fit(package.supply_of(CASE.site.supply))
    modes = [package.purchase_mode for package in CASE.packages]
    assert modes.count(PurchaseMode.MARKET_RETAIL) == 3
    assert len(modes) == 4


def test_the_invitation_is_known_when_the_case_is_issued_and_gives_enough_notice() -> None:
    (event,) = CASE.events
    assert event.notice_at <= CASE.issued_at
    assert event.start - event.notice_at >= timedelta(minutes=CASE.programme(event.programme_id).notice_min)
    assert event.start >= CASE.plan.start
    assert event.hours == 2.0


def test_the_mills_run_in_the_events_hours_on_most_of_the_last_days() -> None:
    grid = CASE.meter.grid
    event = CASE.events[0]
    means = []
    for days_before in (5, 6, 7, 8, 11):
        first = grid.edge_of(event.start - timedelta(days=days_before))
        means.append(float(np.nanmean(CASE.meter.import_kw[first : first + 8])))
    assert np.mean(means) > 5000


def test_another_seed_is_another_history_of_the_same_plant() -> None:
    other = sample_case(2)
    assert other.case_id != CASE.case_id
    assert other.plan == CASE.plan
    assert np.nanmax(np.abs(other.meter.import_kw - CASE.meter.import_kw)) > 1000


@pytest.mark.parametrize("number", range(4))
def test_every_package_can_be_billed_for_a_level_november(number: int) -> None:
    package = CASE.packages[number]
    grid = TimeGrid.of_local_days(date(2026, 11, 1), 30, "Asia/Shanghai")
    load = BilledLoad(grid=grid, import_kw=np.full((1, grid.n_steps), 2000.0), power_factor=Decimal("0.90"))
    made = bill(load, package.tariff, package.supply_of(CASE.site.supply), date(2026, 11, 1))
    # by hand: 60 000 kWh in each hour of the day over the month; contract 6400 kW, 8000 kVA; prices to 4 decimals
    by_hand = {
        "agency-contract-demand": (7 * Decimal("0.9566") + 8 * Decimal("0.3828") + 9 * Decimal("0.64")) * 60000
        + 6400 * Decimal("51.2"),
        "sample-flat-fixed": 24 * Decimal("0.6543") * 60000 + 6400 * Decimal("51.2"),
        "sample-solar-hours": (5 * Decimal("0.3443") + 5 * Decimal("1.0243") + 14 * Decimal("0.6443")) * 60000
        + 8000 * Decimal("32.0"),
        "sample-night-valley": (16 * Decimal("0.7123") + 8 * Decimal("0.4198")) * 60000 + 6400 * Decimal("34.0"),
    }
    assert made.total == by_hand[package.package_id]
