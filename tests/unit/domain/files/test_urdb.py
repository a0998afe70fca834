import json
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.clauses import AbsentClauseError, TariffFileError, TariffReading, UnpricedClauseError
from domain.files.urdb import read_urdb
from domain.files.urdb_options import UrdbOptions
from domain.files.urdb_schedules import band_calendar
from domain.tariffs import BilledLoad, DemandCharge, PurchaseMode, SupplyPoint
from domain.tariffs.bands import day_table
from domain.tariffs.billing import bill
from domain.text import Language
from domain.time import Calendar, TimeGrid

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


def read(plain: Any, valid_from: date | None = None, **options: Any) -> TariffReading:
    return read_urdb(
        json.dumps(plain).encode(), zone="America/New_York", valid_from=valid_from, options=UrdbOptions(**options)
    )


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


TIERS_WITHOUT_END = [[{"rate": 1}], [{"rate": 1, "max": 9}]]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"annualmincharge": 120}, "annualmincharge = 120"),
        ({"mincharge": 120, "minchargeunits": "$/year"}, "120 $/year"),
        ({"mincharge": 5, "minmonthlycharge": 6}, "minmonthlycharge"),
        ({"minchargeunits": "$/week", "mincharge": 3}, "minchargeunits"),
        ({"fixedchargeeaaddl": 4}, "further meter"),
        ({"fixedchargeunits": "$/365days"}, "fixedchargeunits"),
        ({"fixedmonthlycharge": 30}, "fixedmonthlycharge"),
        ({"flatdemandunit": "A"}, "flatdemandunit (demand billed per A)"),
        ({"demandrateunit": "kW weekly"}, "kW weekly"),
        (
            {"flatdemandunit": "kW", "flatdemandstructure": [[{"rate": 1, "unit": "kVA"}]] * 2},
            "units disagree: kVA, kW",
        ),
        ({"demandwindow": 20}, "demandwindow"),
        ({"demandattrs": [{"Discount above 69 kV": "-0.45"}]}, "Discount above 69 kV = -0.45"),
        ({"energyattrs": "a credit"}, "a credit"),
        ({"surchargeoftomorrow": 3}, "surchargeoftomorrow"),
        ({"energyratestructure": TIERS_WITHOUT_END}, "period 1: tiers end at 9"),
        ({"energyratestructure": [[{"rate": 1, "max": 9}, {"rate": 2, "max": 8}, {"rate": 3}]] * 2}, "do not ascend"),
        ({"energyratestructure": [[{"rate": 1, "max": 0}, {"rate": 2}]] * 2}, "do not ascend: 0"),
        (
            {"energyratestructure": [[{"rate": 1, "max": 9, "unit": "kWh"}, {"rate": 2, "unit": "kWh/kW"}]] * 2},
            "kWh + kWh/kW",
        ),
        (
            {
                "energyratestructure": [
                    [{"rate": 1, "max": 9, "unit": "kWh/kW daily"}, {"rate": 2, "unit": "kWh/kW daily"}]
                ]
                * 2
            },
            "kWh/kW daily",
        ),
        ({"energyratestructure": [[{"rate": 1, "max": 9}, {"rate": 2}], [{"rate": 1}]]}, "tiers_count: period"),
        ({"flatdemandstructure": [[{"rate": -1}], [{"rate": 4}]]}, "period 0: a negative demand price"),
        (
            {"flatdemandunit": "kW daily", "flatdemandstructure": [[{"rate": 1, "max": 5}, {"rate": 2}]] * 2},
            "tiers on each day",
        ),
        ({"flatdemandunit": "kW daily", "lookbackPercent": 0.5}, "a ratchet on each day"),
        (
            {"flatdemandstructure": None, "flatdemandmonths": None, "lookbackPercent": 0.5},
            "without a flat demand charge",
        ),
        ({"demandratchetpercentage": [0.5] * 6 + [60] * 6}, "neither fractions nor percentages"),
        ({"demandratchetpercentage": [150] * 12}, "neither fractions nor percentages"),
        ({"demandratchetpercentage": [0] * 6 + [60] * 6}, "say ratchet_by"),
        ({"demandratchetpercentage": [60] * 12, "lookbackPercent": 0.5}, "besides demandratchetpercentage"),
        ({"lookbackMonths": [0, 1] + [0] * 10}, "lookbackMonths (look-back without lookbackPercent)"),
        ({"lookbackPercent": 0.5, "lookbackRange": 30}, "lookbackRange"),
        ({"lookbackPercent": 0.5, "lookbackMonths": [2] * 12}, "0 or 1"),
        ({"demandreactivepowercharge": -1}, "demandreactivepowercharge = -1"),
        ({"coincidentratestructure": [[{"rate": 2.5}], [{"rate": 1}]]}, "several periods without a schedule"),
        ({"coincidentratestructure": [[{"rate": 2.5, "max": 10}, {"rate": 1}]]}, "coincident peak in tiers"),
        ({"coincidentratestructure": [[{"rate": 2.5}]], "coincidentrateunit": "kVA"}, "not in kW"),
    ],
)
def test_what_cannot_be_priced_is_refused_by_name(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(UnpricedClauseError) as caught:
        read(rate(**changes))
    assert named in caught.value.say()
    assert "无法计价" in caught.value.say(Language.ZH)


def test_all_clauses_are_named_at_once() -> None:
    with pytest.raises(UnpricedClauseError) as caught:
        read(rate(annualmincharge=5, surchargeoftomorrow=3, flatdemandunit="A"))
    assert len(caught.value.data["clauses"]) == 3


def test_a_clause_that_the_contract_does_not_have_is_left_out_aloud() -> None:
    extra = rate(demandattrs=[{"Discount above 69 kV": "-0.45"}, {"Discount above 1 kV": "-0.1"}], annualmincharge=5)
    by_name = read(extra, absent=("discount above 69 kV", "Discount above 1 kV", "annualmincharge"))
    by_family = read(extra, absent=("demandattrs", "annualmincharge"))
    assert by_name.tariff == by_family.tariff == read(rate()).tariff
    said = [finding for finding in by_family.ignored if finding.code == "tariff_clause_absent"]
    assert [finding.data["field"] for finding in said] == [
        "Discount above 69 kV",
        "Discount above 1 kV",
        "annualmincharge",
    ]


def test_declaring_absent_what_is_not_in_the_way_is_refused() -> None:
    with pytest.raises(AbsentClauseError, match="mincharg"):
        read(rate(mincharge=5), absent=("mincharg",))
    with pytest.raises(AbsentClauseError, match="energyratestructure"):
        read(rate(energyratestructure=TIERS_WITHOUT_END), absent=("energyratestructure",))


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
        json.dumps(rate(mincharge=True)).encode(),
        json.dumps(rate(mincharge=[1])).encode(),
        json.dumps(rate(fueladjustmentsmonthly=[0.1] * 11)).encode(),
        json.dumps(rate(lookbackPercent=0.5, lookbackMonths={"a": 1})).encode(),
        json.dumps(rate(coincidentratestructure=[[{"rate": 1}]], coincidentschedule=[[7] * 24] * 12)).encode(),
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


FIELDS = (
    *("mincharge", "minchargeunits", "demandattrs", "demandwindow", "demandratchetpercentage", "lookbackPercent"),
    *("lookbackMonths", "lookbackRange", "coincidentratestructure", "coincidentschedule", "fueladjustmentsmonthly"),
    *("demandreactivepowercharge", "flatdemandunit", "demandrateunit", "revisions", "dgrules", "enddate"),
)


@given(field=st.sampled_from([*sorted(rate()), *FIELDS]), value=JSON_VALUES)
@settings(max_examples=100, deadline=None)
def test_whatever_a_field_holds_the_answer_is_a_tariff_or_words(field: str, value: Any) -> None:
    said = charges = None
    try:
        charges = read(rate(**{field: value})).tariff.charges
    except WattplanError as error:
        said = (error.say(), error.say(Language.ZH))
    assert charges or (said and all(said))
