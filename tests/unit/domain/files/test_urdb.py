import json
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.clauses import TariffFileError, UnpricedClauseError
from domain.files.urdb import UrdbReading, read_urdb
from domain.files.urdb_schedules import band_calendar
from domain.tariffs import BilledLoad, DemandCharge, PurchaseMode, SupplyPoint
from domain.tariffs.bands import day_table
from domain.tariffs.billing import bill
from domain.text import Language
from domain.time import Calendar, TimeGrid
from tests.realdata import REAL_DATA

RATES = REAL_DATA / "tariffs_urdb"
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.REGULATED)


def rate(**changes: Any) -> dict[str, Any]:
    night_and_day = [[0] * 7 + [1] * 12 + [0] * 5] * 12
    plain: dict[str, Any] = {
        "label": "hand",
        "utility": "Hand Power",
        "name": "Made by hand",
        "startdate": 1735689600,
        "energyratestructure": [[{"rate": 0.05, "adj": 0.002, "unit": "kWh"}], [{"rate": 0.11}]],
        "energyweekdayschedule": night_and_day,
        "energyweekendschedule": [[0] * 24] * 12,
        "flatdemandstructure": [[{"rate": 3.5}], [{"rate": 4.25}]],
        "flatdemandmonths": [0] * 5 + [1] * 4 + [0] * 3,
        "demandratestructure": [[{"rate": 0}], [{"rate": 7.75, "adj": 0.25}]],
        "demandweekdayschedule": [[0] * 24] * 5 + [[0] * 16 + [1] * 5 + [0] * 3] * 4 + [[0] * 24] * 3,
        "demandweekendschedule": [[0] * 24] * 12,
        "fixedchargefirstmeter": 2.4,
        "fixedchargeunits": "$/day",
    }
    return {key: value for key, value in (plain | changes).items() if value is not None}


def read(plain: Any, **options: Any) -> UrdbReading:
    return read_urdb(json.dumps(plain).encode(), zone="America/New_York", **options)


def june_2025(import_kw: np.ndarray, zone: str) -> BilledLoad:
    return BilledLoad(grid=TimeGrid.of_local_days(date(2025, 6, 1), 30, zone), import_kw=import_kw)


def test_a_hand_made_rate_is_billed_as_by_hand() -> None:
    made = bill(june_2025(np.full(2880, 400.0), "America/New_York"), read(rate()).tariff, SUPPLY, date(2025, 6, 1))
    # June 2025: 21 weekdays; 12 h a day at 0.11, the other 720 - 252 h at 0.052; summer demand 4.25 and 7.75 + 0.25
    assert made.amount_of("fixed") == Decimal("72.00")
    assert made.amount_of("energy") == Decimal("11088.00") + Decimal("9734.40")
    assert made.amount_of("demand") == Decimal("1700.00") + Decimal("3200.00")
    assert made.currency == "USD"


def test_months_of_equal_schedules_share_their_rules() -> None:
    tariff = read(rate()).tariff
    demand = [charge for charge in tariff.charges if isinstance(charge, DemandCharge)]
    assert [(charge.charge_id, charge.months) for charge in demand] == [
        ("flat_demand_0", (1, 2, 3, 4, 5, 10, 11, 12)),
        ("flat_demand_1", (6, 7, 8, 9)),
        ("tou_demand_1", (6, 7, 8, 9)),
    ]
    assert demand[2].calendar is not None
    assert {rule.months for rule in demand[2].calendar.rules} == {(1, 2, 3, 4, 5), (6, 7, 8, 9), (10, 11, 12)}


def test_validity_is_the_rates_own_unless_given() -> None:
    ends = rate(enddate=1767139200)  # 2025-12-31, the last day
    assert (read(ends).tariff.valid_from, read(ends).tariff.valid_until) == (date(2025, 1, 1), date(2026, 1, 1))
    assert read(rate(startdate=None), valid_from=date(2025, 3, 4)).tariff.valid_from == date(2025, 3, 4)
    with pytest.raises(TariffFileError, match="startdate"):
        read(rate(startdate=None))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"lookbackPercent": 0.6}, "lookbackPercent"),
        ({"demandratchetpercentage": [0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0]}, "demandratchetpercentage"),
        ({"lookbackMonths": [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}, "lookbackMonths"),
        ({"mincharge": 12.5, "minchargeunits": "$/month"}, "mincharge"),
        ({"minmonthlycharge": 20}, "minmonthlycharge"),
        ({"annualmincharge": 120}, "annualmincharge"),
        ({"demandreactivepowercharge": 0.4}, "demandreactivepowercharge"),
        ({"fueladjustmentsmonthly": [0, 0, 0, 0.01, 0, 0, 0, 0, 0, 0, 0, 0]}, "fueladjustmentsmonthly"),
        ({"coincidentratestructure": [[{"rate": 2.5}]], "coincidentrateunit": "kW"}, "coincidentratestructure"),
        ({"flatdemandunit": "kVA"}, "flatdemandunit"),
        ({"flatDemandUnits": "hp"}, "flatDemandUnits"),
        ({"demandrateunit": "kW daily"}, "demandrateunit"),
        ({"demandunits": "kVA"}, "demandunits"),
        ({"demandwindow": 5}, "demandwindow"),
        ({"fixedchargeunits": "$/365days"}, "fixedchargeunits"),
        ({"fixedmonthlycharge": 30}, "fixedmonthlycharge"),
        ({"demandattrs": [{"Discount above 69 kV": "-0.45"}]}, "Discount above 69 kV"),
        ({"energyattrs": "a credit"}, "a credit"),
        ({"surchargeoftomorrow": 3}, "surchargeoftomorrow"),
        ({"flatdemandstructure": [[{"rate": 1, "max": 50}, {"rate": 2}], [{"rate": 4}]]}, "tiers in period 0"),
        ({"energyratestructure": [[{"rate": 1}], [{"rate": 1, "max": 9}]]}, "tiers in period 1"),
        ({"energyratestructure": [[{"rate": 1, "unit": "kWh daily"}], [{"rate": 1}]]}, "kWh daily"),
    ],
)
def test_what_cannot_be_priced_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(UnpricedClauseError) as caught:
        read(rate(**changes))
    assert named in caught.value.say()
    assert "无法计价" in caught.value.say(Language.ZH)


def test_all_clauses_are_named_at_once() -> None:
    with pytest.raises(UnpricedClauseError) as caught:
        read(rate(mincharge=5, lookbackPercent=0.5, flatdemandunit="kVA"))
    assert len(caught.value.data["clauses"]) == 3


def test_zeros_labels_and_tiers_without_effect_are_no_clauses() -> None:
    reading = read(
        rate(
            lookbackPercent=0.0,
            minmonthlycharge=0,
            demandattrs=[{"TOU-summer: peak": "4"}],
            energyratestructure=[[{"rate": 0.05, "max": 1e38}], [{"rate": 0.1, "max": 30}, {"rate": 0.1}]],
            approved=False,
            description="{braces} in free text",
        )
    )
    said = [finding.say(Language.ZH) for finding in reading.ignored]
    assert any("{braces} in free text" in text for text in said)
    assert "approved" not in reading.read
    assert "flatdemandstructure" in reading.read


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"[1, 2",
        b"\xff\xfe\x00",
        b"[]",
        b'{"items": []}',
        b'{"name": 1, "name": 2}',
        b'{"name": NaN}',
        json.dumps(rate(energyratestructure=None)).encode(),
        json.dumps(rate(energyratestructure=[[]])).encode(),
        json.dumps(rate(energyratestructure=[[{"rate": {"a": 1}}], [{"rate": 1}]])).encode(),
        json.dumps(rate(energyratestructure=[[{"rate": "cheap"}], [{"rate": 1}]])).encode(),
        json.dumps(rate(energyweekdayschedule=[[0] * 24] * 11)).encode(),
        json.dumps(rate(energyweekdayschedule=[[0] * 23 + [2]] * 12)).encode(),
        json.dumps(rate(flatdemandmonths=[0] * 11 + [True])).encode(),
        json.dumps(rate(startdate=1e30)).encode(),
        json.dumps(rate(startdate="soon")).encode(),
        json.dumps(rate(flatdemandunit="kW", flatDemandUnits="kVA")).encode(),
    ],
)
def test_what_is_no_rate_is_refused_with_words(broken: bytes) -> None:
    with pytest.raises(TariffFileError) as caught:
        read_urdb(broken, zone="America/New_York")
    assert caught.value.say()
    assert caught.value.say(Language.ZH)


def test_an_api_answer_with_one_item_is_unwrapped() -> None:
    assert read({"items": [rate()]}).tariff == read(rate()).tariff


SCHEDULE_ROWS = st.lists(st.integers(0, 3), min_size=24, max_size=24).map(tuple)


@given(rows=st.lists(st.tuples(SCHEDULE_ROWS, SCHEDULE_ROWS), min_size=3, max_size=3), cuts=st.permutations(range(12)))
@settings(max_examples=6, deadline=None)
def test_a_calendar_says_what_its_schedules_say(rows: list[Any], cuts: list[int]) -> None:
    order = [rows[cut % 3] for cut in sorted(cuts[:6]) + cuts[6:]]
    weekday, weekend = tuple(row[0] for row in order), tuple(row[1] for row in order)
    calendar = band_calendar(weekday, weekend)
    for month in range(1, 13):
        for day in (date(2026, month, number) for number in range(10, 14)):
            schedule = weekend if day.weekday() >= 5 else weekday
            table = day_table(calendar, day, Calendar().tags(day))
            assert [calendar.bands[table[60 * hour]] for hour in range(24)] == [
                f"period_{period}" for period in schedule[month - 1]
            ]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**19) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(field=st.sampled_from([*sorted(rate()), "mincharge", "demandattrs", "demandwindow"]), value=JSON_VALUES)
@settings(max_examples=50, deadline=None)
def test_whatever_a_field_holds_the_answer_is_a_tariff_or_words(field: str, value: Any) -> None:
    said = charges = None
    try:
        charges = read(rate(**{field: value})).tariff.charges
    except WattplanError as error:
        said = (error.say(), error.say(Language.ZH))
    assert charges or (said and all(said))


REAL = pytest.mark.skipif(not RATES.is_dir(), reason="the optional real-data folder is absent")


@pytest.mark.realdata
@REAL
def test_smuds_ci_tod4_is_read_in_full_and_billed_as_by_hand() -> None:
    (file,) = RATES.glob("68c0cb49*.json")
    tariff = read_urdb(file, zone="America/Los_Angeles").tariff
    import_kw = np.full(2880, 1200.0)
    import_kw[96 + 14 * 4] = 1500.0  # Monday 2 June, 14:00
    made = bill(june_2025(import_kw, "America/Los_Angeles"), tariff, SUPPLY, date(2025, 6, 1))
    # 21 weekdays x 5 h: 126 000 kWh at 0.2370; the rest, 738 075 kWh, at 0.1154; 1500 kW x 5.539; 1200 kW x 11.609
    assert made.amount_of("energy") == Decimal("29862.00") + Decimal("85173.86")
    assert made.amount_of("demand") == Decimal("8308.50") + Decimal("13930.80")
    assert made.total == Decimal("141172.56")
    assert tariff.valid_from == date(2025, 5, 1)


@pytest.mark.realdata
@REAL
@pytest.mark.parametrize(
    ("label", "clauses"),
    [
        ("53ac8daa", ("coincidentratestructure", "Discount for service at 33,000 volts")),
        ("55fc81d7", ("California Climate credit", "Voltage Discount")),
        ("5cef0a41", ("Power-Factor-Adjustment-Rate",)),
        ("674e0b87", ("demandreactivepowercharge = 0.66",)),
        ("6757525f", ("demandreactivepowercharge = 0.52",)),
        ("6776fc80", ("mincharge = 6833.67",)),
        ("customRate", ("energyratestructure", "demandratestructure")),
        ("multi_tier", ("energyratestructure", "demandratestructure")),
        ("tiered_energy", ("energyratestructure", "demandratestructure")),
        ("tiered_tou", ("energyratestructure", "demandratestructure")),
    ],
)
def test_real_rates_with_other_clauses_are_refused_by_name(label: str, clauses: tuple[str, ...]) -> None:
    (file,) = RATES.glob(f"{label}*.json")
    with pytest.raises(UnpricedClauseError) as caught:
        read_urdb(file, zone="America/Los_Angeles", valid_from=date(2025, 1, 1))
    for clause in clauses:
        assert clause in caught.value.say()


@pytest.mark.realdata
@REAL
@pytest.mark.parametrize("label", ["6776f983", "68c0ca32", "68c0cb49", "leap_year", "subhourly"])
def test_real_rates_without_them_are_read(label: str) -> None:
    (file,) = RATES.glob(f"{label}*.json")
    assert read_urdb(file, zone="America/New_York", valid_from=date(2025, 1, 1)).tariff.charges
