"""Bundles: what a settlement rests on, worked out again, and what is found when something was changed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from domain.catalogue.baseline_methods import baseline_method, baseline_methods
from domain.errors import DuplicateIdError, InvalidFieldError
from domain.files.bundle_file import BundleNotJsonError, bundle_text, read_bundle
from domain.files.problems import DocumentError
from domain.metering import MeterSeries
from domain.programmes import Validity, make_baseline, settle
from domain.programmes.bundle import Bundle, check_bundle, make_bundle
from domain.programmes.bundle_page import bundle_page
from domain.programmes.bundle_readings import ReadingBlock
from domain.text import Language
from domain.time import Calendar, TimeGrid
from tests.programme_cases import SHANGHAI, clock_meter, event_of, programme_of

CN = Calendar(country="CN")
THURSDAY = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T08:00")
# workdays before: 17 … 11 June draw 700 … 740 kW and a little more each hour; the event's day 690, then 560 in the event
LOADS = {17: 700.0, 16: 710.0, 15: 720.0, 12: 730.0, 11: 740.0}


def load_kw(day: date, hour: float) -> float:
    if day.day == 18:
        return 560.0 if 14 <= hour < 16 else 690.0
    return LOADS.get(day.day, 650.0) + hour


METER = clock_meter(date(2026, 5, 1), 49, load_kw)
PROGRAMME = programme_of(penalty_per_kwh=Decimal("0.5"), cap_per_event=Decimal(5000), cap_per_year=Decimal(9000))


def bundle_of(
    programme=PROGRAMME, event=THURSDAY, meter=METER, *, calendar=CN, zone=SHANGHAI, commitment="150", **fields
):
    return make_bundle(programme, event, meter, calendar, zone, commitment_kw=Decimal(commitment), **fields)


def values(bundle: Bundle) -> dict[str, str]:
    return {line.key: line.value for line in bundle.lines}


def test_every_number_on_the_way_is_a_line():
    found = values(bundle_of())
    # (700 + 710 + 720 + 730 + 740) ÷ 5 = 720, and the hour: 734, 734.25 … 735.75 at 15:45
    assert found["baseline.2026-06-18 14:00 +08:00"] == "734"
    assert found["baseline.2026-06-18 15:45 +08:00"] == "735.75"
    assert found["measured.2026-06-18 14:00 +08:00"] == "560"
    assert found["baseline_kw"] == "734.875"
    assert found["delivered_kw"] == "174.875"
    assert found["response_rate"] == "1.165833"  # 174.875 ÷ 150
    assert found["band"] == "0.8 delivered 1"
    assert found["paid_kw"] == "174.875"
    assert found["table_pay"] == "1224.13"  # 174.875 × 2 h × 3.5 = 1224.125
    assert found["pay"] == found["net"] == "1224.13"
    assert found["penalty"] == "0.00"
    assert [found[f"day.2026-06-{day}"] for day in (17, 16, 15, 14, 13, 12, 11)] == [
        "averaged",
        "averaged",
        "averaged",
        "other_type",
        "other_type",
        "averaged",
        "averaged",
    ]
    assert found["usage.2026-06-17"] == "714.875"


def test_only_what_is_read_is_put_in():
    bundle = bundle_of()
    days = {block.start.date() for block in bundle.readings}
    assert days == {date(2026, 6, day) for day in (11, 12, 15, 16, 17, 18)}
    assert sum(len(block.values_kw) for block in bundle.readings) == 6 * 8


RULES = [
    method.rule if method.rule.method != "firm_level" else replace(method.rule, reference_kw=640.0)
    for method in baseline_methods()
    if method.key != "AEMO_10of10_NONBUSINESS"
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("zone", [SHANGHAI, "America/New_York"])
def test_every_method_comes_out_again_from_its_file(rule, zone):
    grid = TimeGrid.of_local_days(date(2026, 2, 1), 45, zone)  # New York skips an hour on 8 March
    rng = np.random.default_rng(3)
    meter = MeterSeries(meter_id="m", grid=grid, import_kw=rng.uniform(500, 700, grid.n_steps))
    event = event_of("2026-03-11T14:00", "2026-03-11T16:00", "2026-03-11T11:30", zone)
    programme = programme_of(baseline=rule, slot_min=30, validity=Validity(least_rate=Decimal("0.1")))
    bundle = bundle_of(
        programme,
        event,
        meter,
        calendar=Calendar(country="US"),
        zone=zone,
        commitment="60",
        event_days=frozenset({date(2026, 3, 9)}),
    )
    read = read_bundle(bundle_text(bundle).encode())
    assert read == bundle
    again = check_bundle(read)
    assert again.differences == ()
    baseline = make_baseline(meter, rule, event, Calendar(country="US"), zone, event_days=frozenset({date(2026, 3, 9)}))
    assert again.settlement == settle(programme, event, baseline, meter, Decimal(60))


def test_a_changed_reading_is_found_at_the_first_line_it_moves():
    bundle = bundle_of()
    block = bundle.readings[-1]  # the event's day
    changed = replace(block, values_kw=(Decimal("559.9"), *block.values_kw[1:]))
    again = check_bundle(replace(bundle, readings=(*bundle.readings[:-1], changed)))
    first = again.differences[0]
    assert (first.key, first.stated, first.found) == ("measured.2026-06-18 14:00 +08:00", "560", "559.9")
    assert {one.key for one in again.differences} >= {"measured_kw", "delivered_kw", "pay", "net"}
    assert not again.is_equal


def test_a_changed_past_day_is_found_in_its_ranking():
    bundle = bundle_of()
    block = bundle.readings[0]  # 11 June
    changed = replace(block, values_kw=tuple(value + 8 for value in block.values_kw))
    again = check_bundle(replace(bundle, readings=(changed, *bundle.readings[1:])))
    assert again.differences[0].key == "usage.2026-06-11"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"price": Decimal("3.6")}, "price"),
        ({"cap_per_event": Decimal(1000)}, "cap_per_event"),
        ({"penalty_per_kwh": Decimal(9)}, None),  # nothing was short, so nothing moves
    ],
)
def test_a_changed_rule_is_found(fields, key):
    bundle = bundle_of()
    again = check_bundle(replace(bundle, programme=replace(PROGRAMME, **fields)))
    assert (again.differences[0].key if again.differences else None) == key


def test_a_changed_day_of_another_event_is_found():
    again = check_bundle(replace(bundle_of(), event_days=(date(2026, 6, 17),)))
    assert again.differences[0].key == "day.2026-06-17"
    assert (again.differences[0].stated, again.differences[0].found) == ("averaged", "event_day")


def test_a_changed_amount_and_lines_too_many_or_too_few_are_found():
    bundle = bundle_of()
    lines = [replace(line, value="9999.00") if line.key == "pay" else line for line in bundle.lines]
    (one,) = check_bundle(replace(bundle, lines=tuple(lines))).differences
    assert (one.key, one.stated, one.found) == ("pay", "9999.00", "1224.13")
    extra = replace(bundle.lines[0], key="bonus", value="5")
    (more,) = check_bundle(replace(bundle, lines=(*bundle.lines, extra))).differences
    assert (more.key, more.stated, more.found) == ("bonus", "5", None)
    (less,) = check_bundle(replace(bundle, lines=bundle.lines[:-1])).differences
    assert (less.key, less.stated) == ("net", None)


def test_a_bundle_is_checked_when_it_is_read():
    bundle = bundle_of()
    with pytest.raises(InvalidFieldError, match="follow on the steps"):
        replace(bundle, readings=(bundle.readings[0], bundle.readings[0]))
    late = ReadingBlock(start=THURSDAY.start.replace(year=2030), values_kw=(Decimal(1),))
    with pytest.raises(InvalidFieldError, match="800 days"):
        replace(bundle, readings=(*bundle.readings, late))
    with pytest.raises(DuplicateIdError, match="net"):
        replace(bundle, lines=(*bundle.lines, bundle.lines[-1]))
    with pytest.raises(InvalidFieldError, match="values_kw"):
        ReadingBlock(start=THURSDAY.start, values_kw=(Decimal("NaN"),))


@pytest.mark.parametrize("text", ["", "{", "[1,", "NaN", "[" * 100_000])
def test_a_file_that_is_no_json_is_refused(text):
    with pytest.raises(BundleNotJsonError):
        read_bundle(text.encode())


def test_a_file_that_is_no_bundle_is_refused_with_every_place():
    text = bundle_text(bundle_of()).replace('"commitment_kw": "150"', '"commitment_kw": "lots"')
    text = text.replace('"kind": "wattplan_settlement"', '"kind": "invoice"')
    with pytest.raises(DocumentError) as caught:
        read_bundle(text.encode())
    assert {problem.pointer for problem in caught.value.problems} == {"/commitment_kw", "/kind"}


def test_the_page_shows_days_reasons_table_and_work_in_both_languages():
    rule = replace(baseline_method("PJM_4of5").rule)
    bundle = bundle_of(programme_of(baseline=rule, slot_min=60))
    check = check_bundle(bundle)
    english, chinese = (bundle_page(bundle, check, language) for language in (Language.EN, Language.ZH))
    for line in bundle.lines:
        assert f"| {line.value} |" in english
    assert "| 2026-06-16 | 724.875 | 724 | 724.25 |" in english
    assert "in the pool of 5, not among the 4 highest" in english
    assert "| 2026-06-18 (the event's day) | 690 |" in english
    assert "| 0.8 | 1.2 | 1 × delivered |" in english
    for words in ("结算单", "已考察但未采用的日期", "逐行计算", "1 × 实际响应量"):
        assert words in chinese
    assert "compiled, not compared with the notice" in english


def test_a_refusal_of_the_settlement_is_the_bundles():
    with pytest.raises(InvalidFieldError, match="15-minute edge"):
        bundle_of(event=event_of("2026-06-18T14:10", "2026-06-18T16:10", "2026-06-18T08:00"))


def test_what_the_year_has_paid_is_a_line():
    found = values(bundle_of(paid_this_year=Decimal("8500.5")))
    assert (found["paid_this_year"], found["table_pay"], found["pay"]) == ("8500.5", "1224.13", "499.50")
