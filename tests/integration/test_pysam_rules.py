"""Rules that the real records hardly use, against NREL-PySAM on the real plant in PySAM's own year."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from benchmarks.peers.asking import Peer
from domain.files.clauses import UnpricedClauseError
from domain.tariffs import BilledLoad, bills
from domain.tariffs.facts import NO_FACTS, Facts, PastMonth
from domain.time import TimeGrid
from tests import pysam_differences, pysam_year
from tests.pysam_differences import PARTS
from tests.pysam_year import STANDARD, Parts

pytestmark = pytest.mark.realdata

TOLERANCE = 1e-6
NET_METERING, NET_BILLING = 0, 2
"""PySAM shares a month's tiers over its periods by their energy (0) or as the month goes by (2)."""
ALL_MONTHS = tuple(range(1, 13))
SEASON = [1.0, 0.92, 0.85, 0.5, 0.55, 0.61, 0.58, 0.96, 0.66, 0.4, 0.83, 0.71]
"""What is left of the plant's load in each month, so that ratchets and minimum bills bite in some."""
PEAKS_BEFORE_KW = [310.0, 1520.5, 640.25, 90.0, 1655.0, 1230.0, 777.0, 1344.0, 12.0, 1401.0, 955.5, 1133.0]


def seasonal_kw() -> np.ndarray:
    year_kw = pysam_year.without_29_february(pysam_year.manufacturer_kw())
    return year_kw * np.repeat(SEASON, pysam_differences.COMMON_YEAR_DAYS * pysam_year.N_STEPS_A_DAY)


def peaks_kw() -> list[float]:
    edges = np.cumsum([0, *pysam_differences.COMMON_YEAR_DAYS]) * pysam_year.N_STEPS_A_DAY
    return np.maximum.reduceat(seasonal_kw(), edges[:-1]).tolist()


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    pysam_differences.need_both()
    with Peer("pysam_peer") as pysam:
        pysam.ask("load", rows_kw=[seasonal_kw().tolist()])
        yield pysam


def ours(plain: dict[str, Any], facts: Facts = NO_FACTS) -> Parts:
    """Bill PySAM's year under a record, before rounding. [USD]."""
    tariff = replace(pysam_year.tariff_of(plain), zone=STANDARD)
    grid = TimeGrid.of_local_days(date(2018, 1, 1), 365, STANDARD)
    load = BilledLoad(grid=grid, import_kw=seasonal_kw(), facts=facts)
    return pysam_year.parts_of(bills(load, tariff, pysam_year.SUPPLY))


def assert_same(left: Parts, right: Parts) -> None:
    for part in PARTS:
        assert np.abs(left[part] - right[part]).max() < TOLERANCE, part


def tiered(unit: str, limits: tuple[float, float]) -> dict[str, Any]:
    """Give SMUD CI-TOD4 with three tiers in each period, dearer by the same amounts."""
    plain = pysam_year.record("68c0cb49")
    periods = [
        [
            {"max": limits[0], "rate": period[0]["rate"], "adj": period[0]["adj"], "unit": unit},
            {"max": limits[1], "rate": round(period[0]["rate"] + 0.0125, 6), "adj": period[0]["adj"], "unit": unit},
            {"rate": round(period[0]["rate"] + 0.04, 6), "adj": period[0]["adj"], "unit": unit},
        ]
        for period in plain["energyratestructure"]
    ]
    return plain | {"energyratestructure": periods}


@pytest.mark.parametrize("name", ["tiered_energy_demand_REopt", "tiered_tou_demand_REopt"])
def test_constructed_records_with_tiers_of_energy_and_demand(peer, name):
    plain = pysam_year.record(name)
    mine = ours(plain)
    assert_same(mine, pysam_differences.theirs(peer, plain))
    kwh = seasonal_kw().sum() / 4
    first_tier = plain["energyratestructure"][0][0]["rate"]
    assert abs(mine["energy"].sum() - first_tier * kwh) > 1000, "the second tier is reached"


@pytest.mark.parametrize("metering_option", [NET_METERING, NET_BILLING])
@pytest.mark.parametrize(
    ("unit", "limits"), [("kWh", (40000, 75000)), ("kWh daily", (1500, 2800)), ("kWh/kW", (30, 62))]
)
def test_tiers_over_several_periods(peer, unit, limits, metering_option):
    plain = tiered(unit, limits)
    pysam = pysam_differences.theirs(peer, plain, overrides={"ur_metering_option": metering_option})
    assert_same(ours(plain), pysam)
    below = ours(pysam_year.record("68c0cb49"))["energy"]
    assert (pysam["energy"] > below + 10).all()


def test_where_tiers_differ_by_period_pysams_two_options_differ_and_we_refuse(peer):
    plain = tiered("kWh", (40000, 75000))
    plain["energyratestructure"][0][2]["rate"] += 0.5
    by_option = [
        pysam_differences.theirs(peer, plain, overrides={"ur_metering_option": option})["energy"]
        for option in (NET_METERING, NET_BILLING)
    ]
    assert np.abs(by_option[0] - by_option[1]).max() > 1
    with pytest.raises(UnpricedClauseError, match="order of the hours"):
        pysam_year.tariff_of(plain)


def test_a_minimum_bill_tops_up_the_months_below_it(peer):
    plain = pysam_year.record("6776fc80") | {"mincharge": 27500}
    mine = ours(plain)
    assert_same(mine, pysam_differences.theirs(peer, plain))
    topped_up = mine["minimum"] > 0
    assert 0 < topped_up.sum() < 12


def ratcheted(peer: Peer, named: tuple[int, ...], n_before: int, before_kw: list[float]) -> Parts:
    """Give PySAM's bills of FPL GSLD-1 with a ratchet of 90 %. [USD]."""
    return pysam_differences.theirs(
        peer,
        pysam_year.record("6776fc80") | {"mincharge": 0},
        overrides={
            "ur_enable_billing_demand": 1,
            "ur_billing_demand_minimum": 0,
            "ur_billing_demand_lookback_period": n_before,
            "ur_billing_demand_lookback_percentages": [[90 if month in named else 0, 1] for month in ALL_MONTHS],
            "ur_dc_billing_demand_periods": [[1, 1]],
            "ur_yearzero_usage_peaks": before_kw,
        },
    )


def our_ratchet(before_kw: list[float] | None, **look_back: Any) -> Parts:
    """Give our bills of the same; None: the customer was not supplied before. [USD]."""
    plain = pysam_year.record("6776fc80") | {"mincharge": 0, "lookbackPercent": 0.9, **look_back}
    if before_kw is None:
        return ours(plain, Facts(supplied_from=date(2018, 1, 1)))
    past = tuple(
        PastMonth(month=date(2017, month, 1), quantities={"flat_demand_0.max_demand_kw": Decimal(str(peak_kw))})
        for month, peak_kw in enumerate(before_kw, start=1)
    )
    return ours(plain, Facts(past=past))


def unratcheted() -> np.ndarray:
    return ours(pysam_year.record("6776fc80"))["demand"]


@pytest.mark.parametrize("n_before", [1, 3, 11])
def test_ratchets_of_a_new_customer(peer, n_before):
    mine = our_ratchet(None, lookbackRange=n_before)
    assert_same(mine, ratcheted(peer, ALL_MONTHS, n_before, [0.0] * 12))
    raised = mine["demand"] > unratcheted() + 1
    assert 2 <= raised.sum() < 12


@pytest.mark.parametrize("known", [True, False], ids=["peaks as this year before", "new customer"])
def test_a_ratchet_on_named_months(peer, known):
    named = (1, 4, 12)
    before_kw = peaks_kw() if known else None
    mine = our_ratchet(before_kw, lookbackMonths=[int(month in named) for month in ALL_MONTHS])
    assert_same(mine, ratcheted(peer, named, 11, before_kw or [0.0] * 12))
    assert (mine["demand"] > unratcheted() + 1).sum() > 6


def test_pysams_look_back_reaches_a_month_further_in_the_year_before(peer):
    # its 11 months are our 12 where the load of the year before counts: the same month of that year is looked at
    pysam = ratcheted(peer, ALL_MONTHS, 11, PEAKS_BEFORE_KW)
    assert_same(our_ratchet(PEAKS_BEFORE_KW, lookbackRange=12), pysam)
    assert np.abs(our_ratchet(PEAKS_BEFORE_KW, lookbackRange=11)["demand"] - pysam["demand"]).max() > 1
