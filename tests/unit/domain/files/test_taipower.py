import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.clauses import TariffFileError, TariffOptionMissingError, UnpricedClauseError
from domain.files.taipower import TaipowerOptions, months_of, read_taipower, taipower_plans
from domain.files.taipower_plan import Season
from domain.tariffs import BilledLoad, DemandCharge, EnergyCharge, PowerFactorCharge, PurchaseMode, SupplyPoint
from domain.tariffs.bands import day_table
from domain.tariffs.billing import bill
from domain.text import Language
from domain.time import TimeGrid
from tests.realdata import REAL_DATA

PLANS = REAL_DATA / "tariffs_taipower" / "plans.json"
REAL = pytest.mark.skipif(not PLANS.is_file(), reason="the optional real-data folder is absent")
SUPPLY = SupplyPoint(
    purchase_mode=PurchaseMode.REGULATED, contract_demand_kw=Decimal(1000), power_factor=Decimal("0.95")
)

RATES = {
    ("summer", "weekday", "peak"): 9.5,
    ("summer", "weekday", "off_peak"): 2.5,
    ("summer", "saturday", "semi_peak"): 2.75,
    ("summer", "sunday_holiday", "off_peak"): 2.5,
    ("non_summer", "weekday", "peak"): 8.25,
    ("non_summer", "weekday", "off_peak"): 2.25,
    ("non_summer", "saturday", "semi_peak"): 2.3,
    ("non_summer", "sunday_holiday", "off_peak"): 2.0,
}


def book(**changes: Any) -> dict[str, Any]:
    schedules = []
    for season in ("summer", "non_summer"):
        for day_type, spans in {
            "weekday": (("00:00", "15:30", "off_peak"), ("15:30", "21:30", "peak"), ("21:30", "24:00", "off_peak")),
            "saturday": (("00:00", "24:00", "semi_peak"),),
            "sunday_holiday": (("00:00", "24:00", "off_peak"),),
        }.items():
            schedules += [
                {"season": season, "day_type": day_type, "start": start, "end": end, "period": period}
                for start, end, period in spans
            ]
    plan = {
        "id": "high_voltage_hand",
        "name": "高壓-手工",
        "type": "TOU",
        "category": "high_voltage",
        "season_strategy": "seasons_high_voltage",
        "basic_fees": [
            {"label": "經常契約", "unit": "per_kw_month", "summer": 220.5, "non_summer": 160.25},
            {"label": "離峰契約", "unit": "per_kw_month", "summer": 44.0, "non_summer": 33.0},
        ],
        "rates": [
            {"season": season, "day_type": day_type, "period": period, "cost": cost}
            for (season, day_type, period), cost in RATES.items()
        ],
        "schedules": schedules,
        "billing_rules": {
            "over_contract_penalty": {
                "threshold_ratio": 0.1,
                "rate_low": 2,
                "rate_high": 3,
                "base_fee_label": "經常契約",
                "tier": "two_stage",
            },
            "power_factor_adjustment": {
                "base_percent": 80,
                "max_discount_percent": 95,
                "step_percent": 0.1,
                "apply_to": "total",
            },
        },
    }
    return {
        "version": "20251001",
        "definitions": {
            "seasons_high_voltage": [
                {"name": "summer", "start": "05-16", "end": "10-15"},
                {"name": "non_summer", "start": "10-16", "end": "05-15"},
            ]
        },
        "plans": [plan | changes],
    }


def read(plain: Any, **options: Any) -> Any:
    return read_taipower(json.dumps(plain).encode(), "high_voltage_hand", options=TaipowerOptions(**options))


def test_seasons_days_and_periods_make_the_bands() -> None:
    tariff = read(book()).tariff
    charge = next(one for one in tariff.charges if isinstance(one, EnergyCharge))

    def price(day: date, minute: int) -> Decimal:
        table = day_table(charge.calendar, day, tariff.calendar.tags(day))
        return charge.band_prices[charge.calendar.bands[table[minute]]]

    assert price(date(2026, 5, 15), 16 * 60) == Decimal("8.25")  # Friday, last day of winter
    assert price(date(2026, 5, 18), 15 * 60 + 30) == Decimal("9.5")
    assert price(date(2026, 5, 18), 15 * 60 + 29) == Decimal("2.5")
    assert price(date(2026, 10, 15), 21 * 60 + 29) == Decimal("9.5")
    assert price(date(2026, 10, 16), 21 * 60 + 29) == Decimal("8.25")
    assert price(date(2026, 5, 16), 600) == Decimal("2.75")  # Saturday
    assert price(date(2026, 11, 7), 600) == Decimal("2.3")
    assert price(date(2026, 11, 8), 1000) == Decimal("2.0")  # Sunday, dearer on weekdays
    assert price(date(2026, 11, 9), 600) == Decimal("2.25")
    assert price(date(2026, 6, 19), 1000) == Decimal("2.5")  # Dragon Boat Festival, a Friday
    assert price(date(2026, 10, 10), 600) == Decimal("2.5")  # National Day, a Saturday


def test_the_months_fee_follows_its_first_day_and_that_is_said() -> None:
    reading = read(book())
    demand = [one for one in reading.tariff.charges if isinstance(one, DemandCharge)]
    assert [(one.months, one.price_per_kw_month) for one in demand] == [
        ((6, 7, 8, 9, 10), Decimal("220.5")),
        ((1, 2, 3, 4, 5, 11, 12), Decimal("160.25")),
    ]
    assert any("05-16" in finding.say() for finding in reading.assumptions)
    assert any("離峰契約" in finding.say(Language.ZH) for finding in reading.ignored)
    assert months_of(Season(name="summer", zh="夏月", start="06-01", end="09-30")) == (6, 7, 8, 9)


def november(import_kw: float) -> BilledLoad:
    grid = TimeGrid.of_local_days(date(2026, 11, 1), 30, "Asia/Taipei")
    return BilledLoad(grid=grid, import_kw=np.full((1, grid.n_steps), import_kw), power_factor=Decimal("0.80"))


@pytest.mark.parametrize(
    ("peak_kw", "billed_kw"),
    [(900.0, 1000), (1000.0, 1000), (1060.0, 1120), (1100.0, 1200), (1250.0, 1000 + 2 * 100 + 3 * 150)],
)
def test_above_the_contract_the_first_tenth_costs_double_and_the_rest_threefold(peak_kw, billed_kw) -> None:
    made = bill(november(peak_kw), read(book()).tariff, SUPPLY, date(2026, 11, 1))
    assert made.amount_of("demand") == billed_kw * Decimal("160.25")


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"power_factor_adjustment": {"apply_to": "basic"}}, "power_factor_adjustment"),
        ({"basic_fee_formula": {"type": "five_stage"}}, "basic_fee_formula"),
        ({"minimum_usage_rules_ref": "lighting"}, "minimum_usage_rules_ref"),
        ({"billing_cycle_months": 2}, "billing_cycle_months = 2"),
        ({"minimum_monthly_fee": 900}, "minimum_monthly_fee"),
        ({"over_contract_penalty": {"rate_low": 2, "rate_high": 3}}, "over_contract_penalty"),
    ],
)
def test_rules_that_cannot_be_priced_are_named(rules: dict[str, Any], named: str) -> None:
    plain = book()
    plain["plans"][0]["billing_rules"] |= rules
    with pytest.raises(UnpricedClauseError, match=named):
        read(plain)


def test_parts_that_cannot_be_priced_are_named() -> None:
    with pytest.raises(UnpricedClauseError, match="surcharge_of_tomorrow"):
        read(book(surcharge_of_tomorrow=1.04))
    with pytest.raises(UnpricedClauseError, match="over_2000_kwh_surcharge"):
        read(book(over_2000_kwh_surcharge=1.04))
    plain = book()
    del plain["plans"][0]["billing_rules"]["over_contract_penalty"]
    with pytest.raises(UnpricedClauseError, match="give the kW of 裝置契約"):
        read(plain)


def test_a_surcharge_is_a_tier_over_all_bands() -> None:
    plain = book(over_2000_kwh_surcharge=1.04)
    plain["plans"][0]["billing_rules"]["over_2000_kwh_surcharge"] = {"threshold_kwh": 2000, "cost_per_kwh": 1.04}
    charge = next(one for one in read(plain).tariff.charges if isinstance(one, EnergyCharge))
    (group,) = charge.tiers
    assert set(group.bands) == set(charge.calendar.bands)
    assert [(tier.up_to_kwh, tier.price_per_kwh) for tier in group.tiers] == [(2000, 0), (None, Decimal("1.04"))]


def test_a_contract_for_the_other_months_is_added_to_the_regular_one() -> None:
    plain = book()
    plain["plans"][0]["basic_fees"].append({"label": "非夏月契約", "unit": "per_kw_month", "non_summer": 160.25})
    reading = read(plain, contract_kw={"經常契約": Decimal(800), "非夏月契約": Decimal(150)})
    summer, rest = [one for one in reading.tariff.charges if isinstance(one, DemandCharge)]
    assert (summer.contract_demand_kw, rest.contract_demand_kw) == (800, 950)
    with pytest.raises(UnpricedClauseError, match="經常契約; give its kW"):
        read(plain, contract_kw={"非夏月契約": Decimal(150)})
    with pytest.raises(UnpricedClauseError, match="離峰契約"):
        read(plain, contract_kw={"經常契約": Decimal(800), "離峰契約": Decimal(500)})
    with pytest.raises(TariffFileError, match="週末契約"):
        read(plain, contract_kw={"週末契約": Decimal(500)})


def test_an_installed_contract_costs_its_kw_and_needs_no_power_factor_rule() -> None:
    plain = book()
    plain["plans"][0]["basic_fees"].insert(0, {"label": "裝置契約", "unit": "per_kw_month", "cost": 137.5})
    kw = {"裝置契約": Decimal(40)}
    with pytest.raises(UnpricedClauseError, match="power_factor_adjustment"):
        read(plain, contract_kw=kw)
    reading = read(plain, contract_kw=kw, absent=("billing_rules.power_factor_adjustment",))
    assert [one.charge_id for one in reading.tariff.charges] == ["installed", "energy"]
    assert reading.tariff.charges[0].amount_per_month == 5500


def test_the_fee_per_customer_is_chosen_where_there_are_several() -> None:
    plain = book()
    fees = plain["plans"][0]["basic_fees"]
    fees += [
        {"label": f"按戶計收-{phase}", "unit": "per_household_month", "cost": cost}
        for phase, cost in (("單相", 129.1), ("三相", 262.5))
    ]
    with pytest.raises(TariffOptionMissingError, match="按戶計收-單相, 按戶計收-三相"):
        read(plain)
    assert read(plain, household="按戶計收-三相").tariff.charges[0].amount_per_month == Decimal("262.5")
    with pytest.raises(TariffOptionMissingError):
        read(plain, household="按戶計收-四相")


TIERS = [
    {"min": 0, "max": 120, "summer": 1.5, "non_summer": 1.25},
    {"min": 121, "max": 330, "summer": 2.5, "non_summer": 2.0},
    {"min": 331, "max": None, "summer": 4.0, "non_summer": 3.0},
]


def tiered(**changes: Any) -> dict[str, Any]:
    plain = book(type="TIERED", tiers=TIERS, season_strategy="seasons", billing_rules={"min_monthly_fee": 100})
    plain["definitions"]["seasons"] = [
        {"name": "summer", "start": "06-01", "end": "09-30"},
        {"name": "non_summer", "start": "10-01", "end": "05-31"},
    ]
    for part in ("rates", "schedules", "basic_fees"):
        del plain["plans"][0][part]
    plain["plans"][0] |= changes
    return plain


@pytest.mark.parametrize(("month", "kw", "owed"), [(7, 0.5, "873.00"), (11, 0.5, "660.00"), (11, 0.05, "100.00")])
def test_tiers_and_the_least_that_is_billed(month: int, kw: float, owed: str) -> None:
    # July 372 kWh: 120 x 1.5 + 210 x 2.5 + 42 x 4 = 873; November 360 kWh: 120 x 1.25 + 210 x 2 + 30 x 3 = 660
    grid = TimeGrid.of_local_days(date(2026, month, 1), 31 if month == 7 else 30, "Asia/Taipei")
    load = BilledLoad(grid=grid, import_kw=np.full(grid.n_steps, kw))
    assert bill(load, read(tiered()).tariff, SUPPLY, date(2026, month, 1)).total == Decimal(owed)


@pytest.mark.parametrize(
    "tiers",
    [
        [TIERS[0] | {"max": None}, TIERS[2]],
        [TIERS[0], TIERS[2]],
        [TIERS[0], TIERS[1]],
    ],
)
def test_tiers_that_do_not_join_are_refused(tiers: list[dict[str, Any]]) -> None:
    with pytest.raises(UnpricedClauseError, match="tiers"):
        read(tiered(tiers=tiers))
    with pytest.raises(UnpricedClauseError, match="inside a month"):
        read(tiered(season_strategy="seasons_high_voltage"))


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "TIERED"},
        {"type": 3},
        {"rates": []},
        {"tiers": [{"summer": 1}]},
        {"basic_fee": "dear"},
        {"billing_rules": {"min_monthly_fee": -1}},
        {"season_strategy": "seasons"},
        {"basic_fees": [{"label": "經常契約", "unit": "per_kw_month", "summer": "dear", "non_summer": 1}]},
        {"billing_rules": []},
        {"rates": [{"season": "summer", "day_type": "weekday", "period": "peak", "cost": 1}]},
        {"id": "another"},
    ],
)
def test_a_plan_that_is_not_as_the_format_says_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TariffFileError) as caught:
        read(book(**changes))
    assert caught.value.say(Language.ZH)


PARTS = ("name", "type", "basic_fees", "rates", "schedules", "billing_rules", "season_strategy")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**19) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(part=st.sampled_from(PARTS), value=VALUES, row=st.integers(0, 7), deep=st.booleans())
@settings(max_examples=50, deadline=None)
def test_whatever_a_part_holds_the_answer_is_a_tariff_or_words(part: str, value: Any, row: int, deep: bool) -> None:
    plain = deepcopy(book())
    held = plain["plans"][0][part]
    if deep and isinstance(held, list):
        held[row % len(held)][sorted(held[0])[row % len(held[0])]] = value
    else:
        plain["plans"][0][part] = value
    said = charges = None
    try:
        charges = read(plain).tariff.charges
    except WattplanError as error:
        said = (error.say(), error.say(Language.ZH))
    assert charges or (said and all(said))


@pytest.mark.realdata
@REAL
def test_the_batch_plan_bills_a_level_november_as_by_hand() -> None:
    reading = read_taipower(PLANS, "high_voltage_batch")
    # November 2026: 21 weekdays, 4 Saturdays, no holiday. 800 kW: 126 h at 11.79, 24 h at 3.00, 570 h at 2.88
    made = bill(november(800.0), reading.tariff, SUPPLY, date(2026, 11, 1))
    assert made.amount_of("energy") == Decimal("1188432.00") + Decimal("57600.00") + Decimal("1313280.00")
    assert made.amount_of("demand") == Decimal("166900.00")
    assert made.total == Decimal("2726212.00")  # at 0.80 the power factor changes nothing
    assert reading.tariff.valid_from == date(2025, 10, 1)
    assert any(isinstance(one, PowerFactorCharge) and one.standard == "tw_0.80" for one in reading.tariff.charges)


READ = {
    "residential_simple_2_tier": "household energy",
    "residential_simple_3_tier": "household energy",
    **dict.fromkeys(
        [
            f"{level}_{kind}"
            for level in ("high_voltage", "extra_high_voltage")
            for kind in ("power", "2_tier", "three_stage", "batch")
        ],
        "contract_summer contract_non_summer energy power_factor",
    ),
    **dict.fromkeys(
        ("low_voltage_2_tier", "low_voltage_three_stage", "low_voltage_ev", "high_voltage_ev"),
        "household contract_summer contract_non_summer energy power_factor",
    ),
}
TIERED = ("residential_non_tou", "lighting_non_business_tiered", "lighting_business_tiered")
READ_MONTHLY = ("billing_rules.billing_cycle_months", "billing_rules.minimum_usage_rules_ref")
TOLD = {
    **dict.fromkeys(TIERED, ({"absent": READ_MONTHLY}, "energy minimum")),
    **dict.fromkeys(
        ("lighting_standard_2_tier", "lighting_standard_3_tier"),
        ({"household": "按戶計收-三相"}, "household contract_summer contract_non_summer energy power_factor"),
    ),
    "low_voltage_power": ({"contract_kw": {"裝置契約": Decimal(30)}}, "installed energy"),
}
"""Plans that are refused until the customer's contract is known."""


def ids(plan_id: str, **options: Any) -> str:
    reading = read_taipower(PLANS, plan_id, options=TaipowerOptions(**options))
    return " ".join(charge.charge_id for charge in reading.tariff.charges)


@pytest.mark.realdata
@REAL
def test_every_real_plan_has_its_answer_here() -> None:
    assert sorted(taipower_plans(PLANS)) == sorted([*READ, *TOLD])


@pytest.mark.realdata
@REAL
@pytest.mark.parametrize("plan_id", READ)
def test_real_plans_are_read(plan_id: str) -> None:
    assert ids(plan_id) == READ[plan_id]


@pytest.mark.realdata
@REAL
@pytest.mark.parametrize("plan_id", TOLD)
def test_the_other_real_plans_say_what_they_need(plan_id: str) -> None:
    with pytest.raises((UnpricedClauseError, TariffOptionMissingError)) as caught:
        ids(plan_id)
    assert caught.value.say(Language.ZH)
    options, expected = TOLD[plan_id]
    assert ids(plan_id, **options) == expected


@pytest.mark.realdata
@REAL
def test_the_low_voltage_power_factor_rule_is_said_to_be_the_books() -> None:
    reading = read_taipower(PLANS, "high_voltage_ev")
    assert any("base 80 %, to 95 %" in finding.say() for finding in reading.assumptions)
