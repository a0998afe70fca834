"""Each record of the catalogue against one number that was published, or worked out by hand."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.catalogue import any_tariff, retail_limits, retail_packages, tariff, tariffs
from domain.tariffs import Bill, BilledLoad, PurchaseMode, Status, SupplyPoint, Tariff, bill, break_even_kw_per_kva
from domain.tariffs.charges import CapacityCharge, DemandCharge, EnergyCharge
from domain.tariffs.facts import Facts, FlaggedDays, PastMonth, PriceSeries, SystemPeaks
from domain.tariffs.lines import band_price_per_kwh
from domain.tariffs.tariff import TariffNotForCustomerError
from domain.time import TimeGrid, next_month
from tests.tariff_cases import month_grid

MARKET = SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL, power_factor=Decimal("0.90"))
AGENCY = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY, power_factor=Decimal("0.90"))
ANYONE = SupplyPoint(purchase_mode=PurchaseMode.REGULATED, power_factor=Decimal("0.95"))


def load_of(record_id: str, month: date, kw: float, *, n_months: int = 1, facts: Facts | None = None, **steps: float):
    """Give a flat load, with other values at some quarter-hours of the month: ``s7=120``."""
    zone = any_tariff(record_id).zone
    grid = month_grid(month, zone, n_months=n_months)
    values = np.full(grid.n_steps, kw)
    for name, value in steps.items():
        values[int(name[1:])] = value
    return BilledLoad(grid=grid, import_kw=values, facts=facts or Facts())


def billed(record_id: str, month: date, kw: float, supply: SupplyPoint, facts: Facts | None = None, **steps) -> Bill:
    return bill(load_of(record_id, month, kw, facts=facts, **steps), any_tariff(record_id), supply, month)


def amounts(made: Bill) -> dict[str, Decimal]:
    return {f"{line.charge_id}: {line.label.en.split(': ')[-1]}": line.amount for line in made.lines}


def by_charge(made: Bill) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in made.lines:
        found[line.charge_id] = found.get(line.charge_id, Decimal(0)) + line.amount
    return found


def energy_of(record: Tariff) -> EnergyCharge:
    return next(charge for charge in record.charges if isinstance(charge, EnergyCharge))


def prices_of(record_id: str) -> dict[str, Decimal]:
    charge = energy_of(tariff(record_id))
    return {band: band_price_per_kwh(charge, band) for band in charge.calendar.bands}


def index(index_id: str, month: date, price: float, *, zone: str, currency: str = "CNY", n_months: int = 1, **hours):
    """Give a flat hourly index with other prices at some hours of the month: ``h12=-0.05``."""
    grid = month_grid(month, zone, 60, n_months)
    values = np.full(grid.n_steps, price)
    for name, value in hours.items():
        values[int(name[1:])] = value
    return PriceSeries(index_id=index_id, currency=currency, grid=grid, prices_per_kwh=values)


def band_at(record_id: str, text: str, charge_id: str | None = None) -> str:
    record = tariff(record_id)
    charge = energy_of(record) if charge_id is None else next(c for c in record.charges if c.charge_id == charge_id)
    calendar = charge.calendar if isinstance(charge, EnergyCharge | DemandCharge) else charge.atypical.calendar
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(record.zone))
    grid = TimeGrid(start=at, step_min=15, n_steps=1)
    return calendar.bands[calendar.bands_on(grid, record.zone, record.calendar)[0]]


# --- China ---------------------------------------------------------------------------------------------------------


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


# --- Germany -------------------------------------------------------------------------------------------------------


def year_of(record: str, kw: float, **steps: float) -> Decimal:
    """Bill all months of 2025 and add up the network fee."""
    load = load_of(record, date(2025, 1, 1), kw, n_months=12, **steps)
    months = [date(2025, month, 1) for month in range(1, 13)]
    return sum((by_charge(bill(load, tariff(record), ANYONE, month))["network"] for month in months), Decimal(0))


def test_the_price_pair_follows_the_hours_use():
    """Stadtwerke Malchow 2025, MS: 119.08 EUR/kW + 1.09 ct/kWh at 8760 h; 21.49 + 5.00 at 876 h."""
    assert year_of("de-malchow-mv-network-2025", 1000.0) == pytest.approx(Decimal("214564.00"), abs=Decimal("0.06"))
    short = year_of("de-malchow-mv-network-2025", 100.0, s4000=1000.0)
    assert short == pytest.approx(Decimal("65301.25"), abs=Decimal("0.06"))  # 21 490 + 876 225 kWh × 0.05


def test_atypical_use_pays_for_the_peak_inside_the_windows():
    """500 kW all year, 1000 kW at 03:00-03:15 each day: 500 × 119.08 + 4 425 625 kWh × 1.09 ct."""
    grid = month_grid(date(2025, 1, 1), "Europe/Berlin", n_months=12)
    local = grid.local_starts("Europe/Berlin")
    nights = {f"s{n}": 1000.0 for n in np.flatnonzero((local.hour == 3) & (local.minute == 0)).tolist()}
    assert len(nights) == 365
    paid = year_of("de-mv-atypical-2025", 500.0, **nights)
    assert paid == pytest.approx(Decimal("107779.31"), abs=Decimal("0.06"))


@pytest.mark.parametrize(
    ("at", "band"),
    [
        ("2025-11-03T12:30", "high_load"),  # a meter that stamps ends writes 12:45
        ("2025-11-03T12:15", "low_load"),
        ("2025-11-03T12:45", "low_load"),
        ("2025-01-07T09:30", "high_load"),
        ("2025-01-07T14:30", "low_load"),
        ("2025-01-07T17:15", "high_load"),
        ("2025-01-06T10:00", "low_load"),  # Epiphany in Baden-Württemberg
        ("2025-01-11T10:00", "low_load"),  # a Saturday
        ("2025-12-29T10:00", "low_load"),  # between Christmas and New Year
        ("2026-01-02T10:00", "low_load"),  # a bridge day
        ("2025-12-22T10:00", "high_load"),
        ("2025-04-08T10:00", "low_load"),  # no window in spring
    ],
)
def test_high_load_windows_of_hellenstein(at, band):
    """Hochlastzeitfenster 2025, MS: winter 09:30-14:30 and 17:00-17:30, autumn 12:30-12:45."""
    assert band_at("de-mv-atypical-2025", at, "network") == band


def test_band_load_pays_a_tenth_from_8000_hours():
    """1500 kW flat: 13.14 GWh, 8760 h; 10 % of 1500 × 119.08 + 13 140 000 × 0.0109."""
    assert year_of("de-mv-band-load-2025", 1500.0) == pytest.approx(Decimal("32184.60"), abs=Decimal("0.06"))


def test_a_german_bill_of_january():
    """744 h × 100 kW: day-ahead 8.0 + 0.5 ct, network to date, levies 3.253 + 1.558 ct, value-added tax 19 %."""
    month = date(2025, 1, 1)
    prices = index("de-lu-day-ahead", month, 0.08, zone="Europe/Berlin", currency="EUR")
    found = by_charge(billed("de-mv-spot-2025", month, 100.0, ANYONE, Facts(prices=(prices,))))
    assert found == {
        "spot": Decimal("6324.00"),
        "network": Decimal("1803.29"),  # 119.08 × 100 / 12 + 74 400 × 0.0109
        "levies": Decimal("3579.38"),
        "reactive": Decimal("0.00"),
        "vat": Decimal("2224.27"),
    }


# --- Others --------------------------------------------------------------------------------------------------------


def test_distribution_charges_of_the_uk():
    """SP Distribution HV, April 2026: 22 weekdays, 8 weekend days, 100 kW and one half-hour of 600 kVA over 500."""
    grid = month_grid(date(2026, 4, 1), "Europe/London", 30)
    values = np.full(grid.n_steps, 100.0)
    supply = SupplyPoint(purchase_mode=PurchaseMode.REGULATED, capacity_kva=Decimal(500))
    record = tariff("uk-spd-hv-duos-2026")

    def of(kw) -> dict[str, Decimal]:
        load = BilledLoad(grid=grid, import_kw=kw, reactive_kvar=np.zeros(grid.n_steps))
        return amounts(bill(load, record, supply, date(2026, 4, 1)))

    assert of(values) == {
        "duos: green": Decimal("3.69"),  # 36 900 kWh
        "duos: amber": Decimal("91.77"),  # 22 × 11.5 h + 8 × 4 h
        "duos: red": Decimal("288.88"),  # 22 × 3 h
        "fixed: Fixed charge": Decimal("47.94"),
        "capacity: Agreed capacity": Decimal("1348.50"),
        "excess: Exceeded capacity": Decimal("0.00"),
        "reactive: Reactive energy": Decimal("0.00"),
    }
    values[3] = 600.0
    assert of(values)["excess: Exceeded capacity"] == Decimal("269.70")  # 100 kVA × 30 d × 0.0899


def test_smud_bills_the_twelve_months_peak():
    """1-GS-TOU3 2016, July: 20 workdays, 100 kW; 150 kW in June."""
    before = Facts(past=(PastMonth(month=date(2016, 6, 1), quantities={"site.max_demand_kw": Decimal(150)}),))
    facts = Facts(past=before.past, supplied_from=date(2016, 6, 15))
    made = by_charge(billed("us-ca-smud-gs-tou3-2016", date(2016, 7, 1), 100.0, ANYONE, facts))
    assert made == {
        "system": Decimal("104.15"),
        "energy": Decimal("9104.48"),  # 12 000 × 0.1936 + 8 000 × 0.1323 + 54 400 × 0.1052
        "site": Decimal("550.50"),
        "super_peak": Decimal("738.00"),
    }


@pytest.mark.parametrize(
    ("month", "kw", "last_summer_kw", "demand"),
    [
        (date(2012, 7, 1), 100.0, 0, "14887.50"),  # the ordinance's summer minimum for 750 kW
        (date(2012, 11, 1), 100.0, 0, "11910.00"),  # and its minimum of the other months
        (date(2012, 7, 1), 800.0, 0, "15880.00"),  # 800 × 19.85
        (date(2012, 11, 1), 500.0, 1200, "14292.00"),  # 75 % of 1200 × 15.88
    ],
)
def test_columbia_bills_at_least_three_quarters_of_the_summer(month, kw, last_summer_kw, demand):
    """Code of Ordinances 27-117: $14,887.50 / $11,910.00 for 750 kW or less, 19.85 / 15.88 above."""
    peaks = {f"{charge}.max_demand_kw": Decimal(last_summer_kw) for charge in ("demand", "summer_demand")}
    past = tuple(PastMonth(month=one, quantities=peaks) for one in months_before(month))
    made = by_charge(billed("us-mo-columbia-industrial", month, kw, ANYONE, Facts(past=past)))
    assert made["demand"] + made.get("summer_demand", Decimal(0)) == Decimal(demand)


def months_before(month: date) -> list[date]:
    return [date(month.year - (month.month <= n), (month.month - n - 1) % 12 + 1, 1) for n in range(1, 12)]


def test_hours_use_of_the_billing_demand():
    """R.O. 2012 § 715.390: 1000 kW, 720 h: 300 h at 0.07, 420 h at 0.06, $9.50/kW, $1,000."""
    made = by_charge(billed("us-mo-large-industrial-2023", date(2026, 6, 1), 1000.0, ANYONE))
    assert made == {"service": Decimal("1000.00"), "demand": Decimal("9500.00"), "energy": Decimal("46200.00")}


def test_coincident_peaks_and_a_minimum_bill():
    """62 USD/kW·a, a quarter of it at the peak of July; a small load pays the minimum of 900."""
    zone = ZoneInfo("America/Chicago")
    peak = SystemPeaks(
        system_peak_id="us-sample-4cp",
        starts=(datetime(2026, 7, 21, 16, tzinfo=zone),),
        step_min=60,
        known_from=date(2026, 1, 1),
        known_until=date(2026, 9, 1),
    )
    facts = Facts(system_peaks=(peak,), supplied_from=date(2026, 7, 1))
    at = (20 * 24 + 16) * 4
    hour = {f"s{at + n}": 400.0 for n in range(4)}
    made = by_charge(billed("us-sample-tou-ratchet-4cp", date(2026, 7, 1), 100.0, ANYONE, facts, **hour))
    assert made["transmission"] == Decimal("6200.00")
    small = billed("us-sample-tou-ratchet-4cp", date(2026, 7, 1), 1.0, ANYONE, facts)
    assert small.total == Decimal("900.00")


def test_norwegian_blocks_of_demand():
    """Tensio TS 2022, November, 450 kW: 100 × 46 + 300 × 38 + 50 × 30."""
    peak = {f"s{400 + n}": 450.0 for n in range(4)}
    made = by_charge(billed("no-tensio-ts-nmt-2022", date(2022, 11, 1), 50.0, ANYONE, **peak))
    assert made["winter_demand"] == Decimal("17500.00")
    assert made["fixed"] == Decimal("324.17")  # 3890 / 12
    assert "summer_demand" not in made


def test_the_mean_of_three_peaks_on_three_days():
    """90, 80 and 70 kW on three days, a second hour of 85 on the first: (90 + 80 + 70) / 3 × 48."""
    hours = ((0, 90.0), (5, 85.0), (24, 80.0), (48, 70.0))
    steps = {f"s{hour * 4 + n}": kw for hour, kw in hours for n in range(4)}
    made = by_charge(billed("no-sample-three-peaks", date(2026, 3, 1), 10.0, ANYONE, **steps))
    assert made["demand"] == Decimal("3840.00")


def test_every_record_names_its_document_and_none_is_official():
    for record in (*tariffs(), *(one.tariff for one in retail_packages())):
        assert record.source.document.strip()
        assert record.source.note.strip()
        assert record.status is not Status.OFFICIAL


def test_every_record_has_its_number_here():
    """A new record brings its test: its id stands in this file or in the library's."""
    here = Path(__file__)
    said = here.read_text(encoding="utf-8") + here.with_name("test_library.py").read_text(encoding="utf-8")
    assert [one.tariff_id for one in tariffs() if f'"{one.tariff_id}"' not in said] == []


def test_the_next_month_is_where_the_helper_puts_it():
    assert months_before(date(2012, 11, 1))[-1] == date(2011, 12, 1)
    assert next_month(months_before(date(2012, 7, 1))[0]) == date(2012, 7, 1)
