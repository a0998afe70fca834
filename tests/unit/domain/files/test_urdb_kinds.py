"""What each kind of clause of a URDB rate becomes."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.files.clauses import TariffReading
from domain.files.urdb import read_urdb
from domain.files.urdb_options import UrdbOptions
from domain.tariffs import DemandCharge, EnergyCharge, FixedCharge
from domain.tariffs.charges import (
    Charge,
    CoincidentCharge,
    DemandTier,
    EnergyTier,
    EnergyTiers,
    ExportCredit,
    LookBack,
    MinimumCharge,
    ReactiveCharge,
)

FLAT_HOURS = [[0] * 24] * 12
NIGHT_AND_DAY = [[0] * 7 + [1] * 12 + [0] * 5] * 12


def rate(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "label": "hand",
        "startdate": 1735689600,
        "energyratestructure": [[{"rate": 0.1}]],
        "energyweekdayschedule": FLAT_HOURS,
        "energyweekendschedule": FLAT_HOURS,
        "demandwindow": 30,
    }
    return plain | changes


def read(options: dict[str, Any] | None = None, **changes: Any) -> TariffReading:
    return read_urdb(
        json.dumps(rate(**changes)).encode(), zone="America/Chicago", options=UrdbOptions(**(options or {}))
    )


def only(reading: TariffReading, kind: type[Charge]) -> Any:
    (found,) = [charge for charge in reading.tariff.charges if isinstance(charge, kind)]
    return found


def assumed(reading: TariffReading) -> str:
    return "\n".join(finding.say() for finding in reading.assumptions)


def test_tiers_of_one_period_start_from_its_first_price() -> None:
    reading = read(energyratestructure=[[{"rate": 0.1, "adj": 0.01, "max": 300}, {"rate": 0.08}]])
    energy = only(reading, EnergyCharge)
    assert energy.band_prices == {"period_0": Decimal("0.11")}
    assert energy.tiers == (
        EnergyTiers(
            bands=("period_0",),
            tiers=(
                EnergyTier(up_to_kwh=Decimal(300), price_per_kwh=Decimal(0)),
                EnergyTier(price_per_kwh=Decimal("-0.03")),
            ),
        ),
    )
    assert "tiers count" not in assumed(reading)


TWO_PERIODS = {
    "energyweekdayschedule": NIGHT_AND_DAY,
    "energyratestructure": [
        [{"rate": 0.1, "max": 300}, {"rate": 0.08}],
        [{"rate": 0.2, "max": 300}, {"rate": 0.18}],
    ],
}


def test_periods_of_equal_climb_are_counted_together() -> None:
    reading = read(**TWO_PERIODS)
    (group,) = only(reading, EnergyCharge).tiers
    assert group.bands == ("period_0", "period_1")
    assert "month's kWh of all periods together" in assumed(reading)


def test_or_each_by_itself_when_told_so() -> None:
    reading = read({"tiers_count": "period"}, **TWO_PERIODS)
    assert [group.bands for group in only(reading, EnergyCharge).tiers] == [("period_0",), ("period_1",)]
    assert "each period's tiers count that period's kWh only" in assumed(reading)


def test_tiers_that_only_one_period_has_need_to_be_told() -> None:
    changes = TWO_PERIODS | {"energyratestructure": [[{"rate": 0.1, "max": 300}, {"rate": 0.08}], [{"rate": 0.2}]]}
    (group,) = only(read({"tiers_count": "period"}, **changes), EnergyCharge).tiers
    assert group.bands == ("period_0",)


def test_seasons_of_different_tiers_need_not_be_told() -> None:
    changes = {
        "energyweekdayschedule": [[0] * 24] * 6 + [[1] * 24] * 6,
        "energyweekendschedule": [[0] * 24] * 6 + [[1] * 24] * 6,
        "energyratestructure": [[{"rate": 0.1, "max": 300}, {"rate": 0.08}], [{"rate": 0.2, "max": 50}, {"rate": 0.3}]],
    }
    reading = read(**changes)
    assert [group.bands for group in only(reading, EnergyCharge).tiers] == [("period_0",), ("period_1",)]
    assert [str(group.tiers[0].up_to_kwh) for group in only(reading, EnergyCharge).tiers] == ["300", "50"]
    assert "kWh" not in assumed(reading)


@pytest.mark.parametrize("big", [1e9, 1e38, 10**30])
def test_huge_limits_are_none(big: float) -> None:
    reading = read(energyratestructure=[[{"rate": 0.1, "max": 300}, {"rate": 0.08, "max": big}]])
    assert only(reading, EnergyCharge).tiers[0].tiers[-1].up_to_kwh is None


def test_a_last_limit_of_zero_is_none_and_says_so() -> None:
    reading = read(energyratestructure=[[{"rate": 0.1, "max": 0}]])
    assert only(reading, EnergyCharge).tiers == ()
    assert "max: 0 of a last tier means no limit" in assumed(reading)


def test_tiers_per_kw_widen_with_the_flat_demand() -> None:
    tiers = [[{"rate": 0.1, "max": 200, "unit": "kWh/kW"}, {"rate": 0.06, "unit": "kWh/kW"}]]
    reading = read(energyratestructure=tiers, flatdemandstructure=[[{"rate": 4}]], flatdemandmonths=[0] * 12)
    (group,) = only(reading, EnergyCharge).tiers
    assert (group.basis, group.demand_charge_id) == ("kw", "flat_demand_0")
    assert "kWh per kW of the flat demand" in assumed(reading)


def test_tiers_per_kw_widen_with_a_demand_of_their_own_where_there_is_no_flat_one() -> None:
    tiers = [[{"rate": 0.1, "max": 200, "unit": "kWh/kW"}, {"rate": 0.06, "unit": "kWh/kW"}]]
    reading = read(energyratestructure=tiers)
    demand = only(reading, DemandCharge)
    assert (demand.charge_id, demand.price_per_kw, demand.bands) == ("billing_demand", 0, ())
    assert only(reading, EnergyCharge).tiers[0].demand_charge_id == "billing_demand"


def test_tiers_per_day_are_times_the_days_of_the_month() -> None:
    tiers = [[{"rate": 0.1, "max": 10, "unit": "kWh daily"}, {"rate": 0.2, "unit": "kWh daily"}]]
    reading = read(energyratestructure=tiers)
    assert only(reading, EnergyCharge).tiers[0].basis == "month_days"
    assert "times the days of the month" in assumed(reading)


FLAT = {"flatdemandstructure": [[{"rate": 4}]], "flatdemandmonths": [0] * 12}


def test_demand_tiers_have_the_prices_of_the_file() -> None:
    reading = read(flatdemandstructure=[[{"rate": 4, "max": 50}, {"rate": 3, "adj": 0.5}]], flatdemandmonths=[0] * 12)
    demand = only(reading, DemandCharge)
    assert demand.price_per_kw_month is None
    assert demand.tiers == (
        DemandTier(up_to_kw=Decimal(50), price_per_kw_month=Decimal(4)),
        DemandTier(price_per_kw_month=Decimal("3.5")),
    )
    assert demand.measurement_min == 30


def test_months_of_one_price_share_one_charge() -> None:
    same = read(flatdemandstructure=[[{"rate": 4}], [{"rate": 4}]], flatdemandmonths=[0] * 6 + [1] * 6)
    assert only(same, DemandCharge).months == ()


@pytest.mark.parametrize(
    ("unit", "measured_as", "levied", "price"),
    [
        ("kW", "kw", "month", "4"),
        ("kVA", "kva", "month", "4"),
        ("kW daily", "kw", "day", "4"),
        ("kVA daily", "kva", "day", "4"),
        ("hp", "kw", "month", "5.364087434625"),  # 4 / 0.7457
        ("hp daily", "kw", "day", "5.364087434625"),
    ],
)
def test_units_of_demand(unit: str, measured_as: str, levied: str, price: str) -> None:
    demand = only(read(flatdemandunit=unit, **FLAT), DemandCharge)
    assert (demand.measured_as, demand.levied, demand.price_per_kw) == (measured_as, levied, Decimal(price))


def test_limits_in_hp_become_kw() -> None:
    reading = read(
        flatdemandunit="hp",
        flatdemandstructure=[[{"rate": 4, "max": 100}, {"rate": 0}]],
        flatdemandmonths=[0] * 12,
    )
    assert only(reading, DemandCharge).tiers[0].up_to_kw == Decimal("74.57")


def test_the_unit_of_applicability_stands_in_where_the_structure_has_none() -> None:
    tou = {
        "demandratestructure": [[{"rate": 4}]],
        "demandweekdayschedule": FLAT_HOURS,
        "demandweekendschedule": FLAT_HOURS,
    }
    assert only(read(demandunits="kVA", **tou), DemandCharge).measured_as == "kva"
    reading = read(demandunits="kVA", demandrateunit="kW", **tou)
    assert only(reading, DemandCharge).measured_as == "kw"
    assert any("demandunits = kVA" in finding.say() for finding in reading.ignored)


@pytest.mark.parametrize(("written", "said"), [(0.5, "0.5 read as a fraction"), (50, "50 read as a percentage")])
def test_one_ratchet_for_all_months(written: float, said: str) -> None:
    for field, value in (("demandratchetpercentage", [written] * 12), ("lookbackPercent", written)):
        reading = read(**FLAT, **{field: value})
        assert only(reading, DemandCharge).look_back == LookBack(peak_share=Decimal("0.5"), months_count=11)
        assert said in assumed(reading)


def test_a_ratchet_of_one_is_all_of_the_peak() -> None:
    assert only(read(**FLAT, lookbackPercent=1), DemandCharge).look_back.peak_share == 1


def test_a_look_back_at_named_months() -> None:
    reading = read(**FLAT, lookbackPercent=0.75, lookbackMonths=[1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, True])
    assert only(reading, DemandCharge).look_back == LookBack(peak_share=Decimal("0.75"), peak_months=(1, 4, 12))


def test_a_look_back_over_a_range_goes_before_named_months() -> None:
    reading = read(**FLAT, lookbackPercent=80, lookbackRange=3, lookbackMonths=[1] + [0] * 11)
    assert only(reading, DemandCharge).look_back == LookBack(peak_share=Decimal("0.8"), months_count=3)
    assert "lookbackRange holds, lookbackMonths does not" in assumed(reading)


def test_percentages_by_month_need_to_be_told() -> None:
    by_month = [0] * 5 + [60] * 4 + [0] * 3
    billed = read({"ratchet_by": "billed_month"}, **FLAT, demandratchetpercentage=by_month)
    charges = [one for one in billed.tariff.charges if isinstance(one, DemandCharge)]
    assert [(one.charge_id, one.months, one.look_back) for one in charges] == [
        ("flat_demand_0", (1, 2, 3, 4, 5, 10, 11, 12), None),
        ("flat_demand_0_6", (6, 7, 8, 9), LookBack(peak_share=Decimal("0.6"))),
    ]
    peaks = read({"ratchet_by": "peak_month"}, **FLAT, demandratchetpercentage=by_month)
    assert only(peaks, DemandCharge).look_back == LookBack(peak_share=Decimal("0.6"), peak_months=(6, 7, 8, 9))


def test_the_ratchet_leaves_demand_by_time_of_use_alone() -> None:
    reading = read(
        **FLAT,
        lookbackPercent=0.5,
        demandratestructure=[[{"rate": 0}], [{"rate": 6}]],
        demandweekdayschedule=NIGHT_AND_DAY,
        demandweekendschedule=FLAT_HOURS,
    )
    demand = [one for one in reading.tariff.charges if isinstance(one, DemandCharge)]
    assert [(one.charge_id, bool(one.look_back)) for one in demand] == [
        ("flat_demand_0", True),
        ("tou_demand_1", False),
    ]
    assert "the ratchet holds flat demand" in assumed(reading)


def test_coincident_peaks_get_names_that_a_bill_needs() -> None:
    reading = read(
        coincidentratestructure=[[{"rate": 0}], [{"rate": 2, "adj": 0.5}], [{"rate": 7}]],
        coincidentrateschedule=[[0] * 12 + [1] * 12] * 6 + [[0] * 12 + [2] * 12] * 6,
    )
    charges = [one for one in reading.tariff.charges if isinstance(one, CoincidentCharge)]
    assert [(one.system_peak_id, one.price_per_kw_month, one.counts) for one in charges] == [
        ("coincident-1", Decimal("2.5"), "highest"),
        ("coincident-2", Decimal(7), "highest"),
    ]
    assert "those that fall into period 1 of the schedule as system_peaks 'coincident-1'" in assumed(reading)


def test_fuel_adjustments_become_charges_of_their_months() -> None:
    reading = read(fueladjustmentsmonthly=[0.01] * 3 + [0] * 3 + [-0.002] * 6)
    fuel = [one for one in reading.tariff.charges if one.charge_id.startswith("fuel")]
    assert [(one.charge_id, one.band_prices, one.months) for one in fuel if isinstance(one, EnergyCharge)] == [
        ("fuel_1", {"all": Decimal("0.01")}, (1, 2, 3)),
        ("fuel_2", {"all": Decimal("-0.002")}, (7, 8, 9, 10, 11, 12)),
    ]


@pytest.mark.parametrize(
    ("changes", "per_month", "per_day"),
    [
        ({"mincharge": 12.5, "minchargeunits": "$/month"}, "12.5", "0"),
        ({"mincharge": 2, "minchargeunits": "$/day"}, "0", "2"),
        ({"minmonthlycharge": 20}, "20", "0"),
    ],
)
def test_minimum_bills(changes: dict[str, Any], per_month: str, per_day: str) -> None:
    least = only(read(**changes), MinimumCharge)
    assert (least.amount_per_month, least.amount_per_day, least.of) == (Decimal(per_month), Decimal(per_day), ())


@pytest.mark.parametrize(
    ("changes", "per_month", "per_day"),
    [
        ({"fixedmonthlycharge": 30}, "30", "0"),
        ({"fixedchargefirstmeter": 30, "fixedchargeunits": "$/month"}, "30", "0"),
        ({"fixedchargefirstmeter": 30}, "30", "0"),
        ({"fixedchargefirstmeter": 1.5, "fixedchargeunits": "$/day"}, "0", "1.5"),
        ({"fixedchargefirstmeter": 100, "fixedchargeunits": "$/year"}, "8.333333333333", "0"),
    ],
)
def test_fixed_charges(changes: dict[str, Any], per_month: str, per_day: str) -> None:
    fixed = only(read(**changes), FixedCharge)
    assert (fixed.amount_per_month, fixed.amount_per_day) == (Decimal(per_month), Decimal(per_day))


def test_a_yearly_amount_says_that_it_is_split() -> None:
    assert "twelve equal parts" in assumed(read(fixedchargefirstmeter=100, fixedchargeunits="$/year"))


def test_reactive_demand_says_what_it_takes_as_free() -> None:
    reading = read(demandreactivepowercharge=0.66)
    charge = only(reading, ReactiveCharge)
    assert (charge.price_per_kvar_month, charge.free_kvar_per_kw) == (Decimal("0.66"), 0)
    assert "none of it free" in assumed(reading)


SELLS = {"energyratestructure": [[{"rate": 0.1, "sell": 0.04}]], "dgrules": "Net Billing Hourly"}


def test_sell_prices_are_left_out_unless_asked_for() -> None:
    assert any("energyratestructure.sell = 0.04" in finding.say() for finding in read(**SELLS).ignored)
    credit = only(read({"export": "sell"}, **SELLS), ExportCredit)
    assert credit.band_prices == {"period_0": Decimal("0.04")}


def test_the_record_says_how_old_it_is_and_whether_it_is_approved() -> None:
    note = read(approved=False, revisions=[1403795786, 1431440387]).tariff.source.note
    assert "record of 2015-05-12" in note
    assert "approved: False" in note
    dated = read(revisions=[{"date": {"$date": "2025-09-09T18:51:23Z"}}]).tariff.source.note
    assert "record of 2025-09-09" in dated
    assert read().tariff.valid_from == date(2025, 1, 1)


def test_what_was_read_and_what_was_left_out_is_listed() -> None:
    reading = read(mincharge=0, minchargeunits="$/month", description="{free} text", **FLAT)
    assert set(reading.read) == {
        *("energyratestructure", "energyweekdayschedule", "energyweekendschedule", "demandwindow"),
        *("flatdemandstructure", "flatdemandmonths"),
    }
    left_out = {finding.data["field"] for finding in reading.ignored}
    assert {"mincharge", "minchargeunits", "description", "label"} <= left_out
