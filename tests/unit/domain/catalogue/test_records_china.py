"""The Chinese records of the catalogue, each against a number that was published, or worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from domain.catalogue import any_tariff, retail_limits, retail_packages, tariff, tariffs
from domain.tariffs import PurchaseMode, Status, SupplyPoint, bill, break_even_kw_per_kva
from domain.tariffs.charges import CapacityCharge, DemandCharge
from domain.tariffs.facts import Facts, FlaggedDays
from domain.tariffs.tariff import TariffNotForCustomerError
from tests.record_cases import (
    AGENCY,
    MARKET,
    band_at,
    billed,
    by_charge,
    energy_of,
    index,
    load_of,
    prices_of,
)


def test_jiangsu_single_part_raises_the_peak_less():
    """苏发改价格发〔2025〕426号: +70 % from 100 kVA, +60 % below; 0.39575 floats, 0.24425 does not."""
    assert prices_of("cn-js-agency-10kv-single") == {
        "flat": Decimal("0.6400"),
        "peak": Decimal("0.9170"),  # 1.7 × 0.39575 + 0.24425 = 0.917025
        "valley": Decimal("0.3828"),
    }
    assert prices_of("cn-js-agency-lt1kv-single")["peak"] == Decimal("0.8775")  # 1.6 × 0.39575 + 0.24425 = 0.87745


def test_one_and_a_half_times_the_agency_price():
    """发改办价格〔2021〕809号: 1.5 × 0.39575 = 0.593625."""
    assert prices_of("cn-js-agency-10kv-capacity-1p5") == {
        "flat": Decimal("0.8379"),
        "peak": Decimal("1.3128"),
        "valley": Decimal("0.4520"),
        "sharp": Decimal("1.5265"),
        "deep_valley": Decimal("0.4105"),
    }


def test_jiangsu_with_the_rebate():
    """51.2 yuan/kW × 1000 kW contract; 744 h × 700 kW = 520.8 MWh over 2000 kVA = 260.4 kWh/kVA: 10 % are waived."""
    supply = SupplyPoint(
        purchase_mode=PurchaseMode.GRID_AGENCY,
        capacity_kva=Decimal(2000),
        contract_demand_kw=Decimal(1000),
        power_factor=Decimal("0.90"),
    )
    made = by_charge(billed("cn-js-agency-10kv-contract-demand-rebate", date(2026, 10, 1), 700.0, supply))
    assert (made["demand"], made["rebate"]) == (Decimal("51200.00"), Decimal("-5120.00"))


@pytest.mark.parametrize(
    ("at", "band"),
    [
        ("2026-10-04T11:00", "deep_valley"),  # a Sunday inside the National Day period
        ("2026-10-07T13:45", "deep_valley"),
        ("2026-10-10T11:00", "valley"),  # the Saturday worked for it
        ("2026-10-11T11:00", "valley"),  # an ordinary Sunday
    ],
)
def test_jiangsu_holidays_are_the_whole_period_off(at, band):
    assert band_at("cn-js-agency-10kv-capacity", at) == band


@pytest.mark.parametrize(
    ("at", "band"),
    [
        ("2026-02-16T12:00", "deep_valley"),  # the eve
        ("2026-02-19T12:00", "deep_valley"),  # third day
        ("2026-02-20T12:00", "valley"),  # a swapped day off
        ("2026-05-03T12:00", "deep_valley"),
        ("2026-05-04T12:00", "valley"),
    ],
)
def test_zhejiang_deep_valley_is_for_statutory_days(at, band):
    assert band_at("cn-zj-agency-10kv-2026", at) == band


def test_zhejiang_bills_right_over_its_change():
    """浙发改价格〔2026〕112号 from 2026-07-01: the morning peak of June is flat in July."""
    family = any_tariff("cn-zj-agency-10kv")
    load = load_of("cn-zj-agency-10kv", date(2026, 6, 1), 100.0, n_months=2)
    june, july = (bill(load, family, AGENCY, date(2026, month, 1)) for month in (6, 7))
    assert {line.label.en.split(": ")[-1]: line.quantity for line in june.lines if line.kind == "energy"} == {
        "flat": 30 * 7 * 100,  # 17-24
        "valley": 30 * 10 * 100,  # 0-8, 11-13
        "peak": 30 * 7 * 100,  # 8-11, 13-17
    }
    assert {line.label.en.split(": ")[-1]: line.quantity for line in july.lines if line.kind == "energy"} == {
        "flat": 31 * 7 * 100,  # 7-11, 14-16, 23-24
        "valley": 31 * 10 * 100,  # 0-7, 11-14
        "peak": 31 * 3 * 100,  # 16-18, 22-23
        "sharp": 31 * 4 * 100,  # 18-22
    }
    assert july.tariff_id == "cn-zj-agency-10kv"


def test_shandong_has_its_yearly_tables_and_a_year_over_them():
    family = any_tariff("cn-sd-agency-110kv")
    load = load_of("cn-sd-agency-110kv", date(2025, 12, 1), 100.0, n_months=2)
    december, january = (bill(load, family, AGENCY, month) for month in (date(2025, 12, 1), date(2026, 1, 1)))
    assert (december.status, january.status) == (Status.TO_VERIFY, Status.COMPILED)
    sharp = next(line for line in january.lines if line.label.en.endswith("sharp"))
    assert (sharp.quantity, sharp.amount) == (9300, Decimal("10564.52"))  # 31 × 3 h × 100 kW × 1.13597


def test_shandong_2025_has_the_table_of_2026():
    """鲁发改价格〔2023〕914号: the tables of both years are equal."""
    tables = [energy_of(tariff(name)).calendar for name in ("cn-sd-agency-110kv-2025", "cn-sd-agency-110kv-2026")]
    assert tables[0] == tables[1]
    assert band_at("cn-sd-agency-110kv-2025", "2025-06-10T20:00") == "sharp"


def test_guangdong_hot_days_have_sharp_hours_outside_summer():
    """粤发改价格〔2021〕331号: sharp 11-12 and 15-17 on days of 35 °C or more in Guangzhou."""
    record = "cn-gd-shantou-agency-hot-days"
    supply = SupplyPoint(
        purchase_mode=PurchaseMode.GRID_AGENCY, capacity_kva=Decimal(1000), power_factor=Decimal("0.90")
    )
    hot = FlaggedDays(flag="hot", days=(date(2026, 10, 9),), known_until=date(2026, 11, 1))
    made = billed(record, date(2026, 10, 1), 100.0, supply, Facts(flags=(hot,)))
    quantities = {line.label.en.split(": ")[-1]: line.quantity for line in made.lines if line.kind == "energy"}
    assert quantities["sharp"] == 3 * 100
    assert quantities["peak"] == 31 * 7 * 100 - 3 * 100
    cool = billed(record, date(2026, 10, 1), 100.0, supply)
    assert not [line for line in cool.lines if line.label.en.endswith("sharp")]
    assert "flag_not_known" in [one.code for one in cool.findings]
    assert "flag_not_known" not in [one.code for one in made.findings]
    (flag,) = tariff(record).day_flags
    found = flag.by_temperature({date(2026, 10, 8): 34.9, date(2026, 10, 9): 35.0})
    assert found == (date(2026, 10, 9),)


def huizhou(kw: float) -> dict[str, Decimal]:
    supply = SupplyPoint(
        purchase_mode=PurchaseMode.GRID_AGENCY, capacity_kva=Decimal(2520), contract_demand_kw=Decimal(1008)
    )
    return by_charge(billed("cn-gd-huizhou-10kv-demand-2026-02", date(2026, 2, 1), kw, supply))


def test_the_rebate_begins_at_260_kwh_per_kva():
    """发改价格〔2023〕526号: 672 h × 975 kW = 655 200 kWh = 260.00 × 2520 kVA; a hair less gives nothing."""
    assert huizhou(975.0) == {"demand": Decimal("36388.80"), "rebate": Decimal("-3638.88")}
    assert huizhou(974.9625) == {"demand": Decimal("36388.80"), "rebate": Decimal("0.00")}


def test_huizhou_prices_break_even_at_0_626():
    """Guangdong Huizhou, February 2026: 36.1 yuan/kW, 22.6 yuan/kVA; with the rebate 0.696."""
    (per_kw,) = (c for c in tariff("cn-gd-huizhou-10kv-demand-2026-02").charges if isinstance(c, DemandCharge))
    (per_kva,) = (c for c in tariff("cn-gd-huizhou-10kv-capacity-2026-02").charges if isinstance(c, CapacityCharge))
    prices = (per_kva.price_per_kva_month, per_kw.price_per_kw_month)
    assert round(break_even_kw_per_kva(*prices), 3) == Decimal("0.626")
    assert round(break_even_kw_per_kva(*prices, demand_rebate_share=Decimal("0.10")), 3) == Decimal("0.696")


def test_the_contract_curve_lies_where_the_bill_saw_it():
    """Hubei, October 2025: hours 1-9 at 0.416-0.437, hours 10-13 at 0.239-0.295 yuan/kWh."""
    prices = prices_of("cn-hb-market-contract-curve")
    first, noon = [prices[f"h{n:02d}"] for n in range(1, 10)], [prices[f"h{n:02d}"] for n in range(10, 14)]
    assert (min(first), max(first)) == (Decimal("0.416"), Decimal("0.437"))
    assert (min(noon), max(noon)) == (Decimal("0.239"), Decimal("0.295"))
    made = billed("cn-hb-market-contract-curve", date(2026, 9, 1), 100.0, MARKET)
    assert by_charge(made)["demand"] == Decimal("3900.00")


@pytest.mark.parametrize("record", [one.tariff_id for one in tariffs() if one.government_tou])
def test_government_bands_are_not_for_customers_who_trade(record):
    month = tariff(record).valid_from.replace(day=1)
    load = load_of(record, month, 100.0)
    with pytest.raises(TariffNotForCustomerError, match=record):
        bill(load, tariff(record), MARKET, month)


def test_the_government_tou_records_are_those_of_the_agency():
    assert {one.tariff_id for one in tariffs() if one.government_tou} == {
        one.tariff_id for one in tariffs() if one.purchase_modes == (PurchaseMode.GRID_AGENCY,)
    }


def test_spot_prices_may_be_negative():
    """719 h at 0.300 and one at −0.050, 0.006 on top, 100 kW: 719 × 30.6 − 4.4."""
    prices = index("cn-gd-day-ahead", date(2026, 9, 1), 0.30, zone="Asia/Shanghai", h12=-0.05)
    made = billed("cn-gd-market-spot", date(2026, 9, 1), 100.0, MARKET, Facts(prices=(prices,)))
    assert by_charge(made) == {
        "market": Decimal("21997.00"),
        "grid": Decimal("6931.35"),  # 72 000 × 0.09626875
        "power_factor": Decimal("0.00"),
    }


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("fixed", {"retail_fixed": "31248.00"}),  # 74 400 × 0.42
        ("fixed-banded", {"retail_fixed": "30427.74"}),  # 24 800 × 0.1558 + 21 700 × 0.697 + 27 900 × 0.41
        ("fixed-linked", {"retail_fixed": "24700.80", "retail_linked": "2901.60", "retail_spot": "2604.00"}),
        ("wholesale-average", {"retail_average": "37051.20", "retail_cap": "-1339.20"}),  # 0.498, capped at 0.480
        ("share", {"retail_fixed": "34447.20", "retail_share": "0.00"}),  # the retailer bought dearer
    ],
)
def test_the_retail_packages_of_guangdong(package, expected):
    """744 h at 100 kW; auction 0.39, day-ahead 0.35, wholesale average 0.49 yuan/kWh."""
    month, zone = date(2026, 10, 1), "Asia/Shanghai"
    series = (("cn-gd-month-auction", 0.39), ("cn-gd-day-ahead", 0.35), ("cn-gd-wholesale-average", 0.49))
    facts = Facts(prices=tuple(index(name, month, price, zone=zone) for name, price in series))
    found = by_charge(billed(f"cn-gd-retail-2026-{package}", month, 100.0, MARKET, facts))
    assert {name: found[name] for name in expected} == {name: Decimal(value) for name, value in expected.items()}
    assert found["grid"] == Decimal("7162.40")  # 74 400 × 0.09626875


def test_a_share_of_what_the_retailer_gained():
    """74 400 kWh × (0.463 − 0.400) × 60 %."""
    month = date(2026, 10, 1)
    prices = index("cn-gd-wholesale-average", month, 0.40, zone="Asia/Shanghai")
    made = billed("cn-gd-retail-2026-share", month, 100.0, MARKET, Facts(prices=(prices,)))
    assert by_charge(made)["retail_share"] == Decimal("-2812.32")


def test_the_retail_limits_are_those_published():
    """Published 2025-10-21: 0.372 to 0.554; linked 10-30 %, spot-linked 8-15 %."""
    (limits,) = retail_limits()
    assert (limits.fixed_price_floor_per_kwh, limits.fixed_price_cap_per_kwh) == (Decimal("0.372"), Decimal("0.554"))
    assert (limits.linked_least_share, limits.linked_most_share) == (Decimal("0.10"), Decimal("0.30"))
    assert (limits.spot_linked_least_share, limits.spot_linked_most_share) == (Decimal("0.08"), Decimal("0.15"))
    assert {one.purchase_mode for one in retail_packages()} == {PurchaseMode.MARKET_RETAIL}
