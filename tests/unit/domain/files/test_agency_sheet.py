"""Monthly agency-purchase price sheets: published prices come out of their parts, differences are said."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import catalogue
from domain.errors import WattplanError
from domain.files.agency_sheet import AgencyOptions, agency_rows, read_agency_sheet
from domain.files.agency_sheet_rule import band_rule_of, read_band_rule, write_band_rule
from domain.files.agency_sheet_words import column_of, unit_of, validity_in, voltage_of
from domain.files.clauses import TariffFileError, TariffOptionMissingError, TariffReading, UnpricedClauseError
from domain.tariffs import CapacityCharge, DemandCharge, EnergyCharge, PurchaseMode, Status, Tariff, UsageRebateCharge
from domain.tariffs.compile_energy import band_price_per_kwh
from domain.text import Language
from tests.agency_cases import (
    GUANGDONG,
    GUANGDONG_BANDS,
    GUANGDONG_ROWS,
    JIANGSU,
    JIANGSU_BANDS,
    JIANGSU_PARTS,
    JIANGSU_ROWS,
    NOTES,
    SHANDONG,
    SHANDONG_BANDS,
    SHANDONG_PARTS,
    SHANDONG_ROWS,
    as_csv,
    as_xlsx,
    rule,
    table,
)

JIANGSU_TABLE = table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS)
PART = "two_part/1_20kv"
CAPACITY = AgencyOptions(rule=JIANGSU, bill_by="capacity")


def read(rows: list[list[str]], part: str | None = PART, options: AgencyOptions = CAPACITY) -> TariffReading:
    return read_agency_sheet(as_csv(rows), part, options)


def tariff_of(reading: TariffReading) -> Tariff:
    assert isinstance(reading.tariff, Tariff)
    return reading.tariff


def only(reading: TariffReading, kind: type) -> Any:
    (found,) = [charge for charge in tariff_of(reading).charges if isinstance(charge, kind)]
    return found


def prices(reading: TariffReading) -> dict[str, str]:
    energy = only(reading, EnergyCharge)
    return {band: f"{band_price_per_kwh(energy, band):f}" for band in energy.calendar.bands}


def codes(reading: TariffReading) -> set[str]:
    return {finding.code for finding in reading.findings}


GOLDEN = [
    (
        table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS),
        PART,
        JIANGSU,
        {"peak": "0.9566", "flat": "0.6400", "valley": "0.3828"},
    ),
    (
        table(SHANDONG_PARTS, SHANDONG_BANDS, SHANDONG_ROWS),
        "two_part/66_110kv",
        SHANDONG,
        {"sharp": "1.13597", "peak": "0.98555", "flat": "0.63457", "valley": "0.28359", "deep_valley": "0.18331"},
    ),
    (
        table(JIANGSU_PARTS, GUANGDONG_BANDS, GUANGDONG_ROWS, unit="分/千瓦时"),
        PART,
        GUANGDONG,
        {"sharp": "1.3465", "peak": "1.0827", "flat": "0.6483", "valley": "0.2635"},
    ),
]


@pytest.mark.parametrize("as_file", [as_csv, as_xlsx, lambda rows: as_csv(rows, "gb18030")])
@pytest.mark.parametrize(("rows", "part", "band_rule", "expected"), GOLDEN, ids=["jiangsu", "shandong", "shantou"])
def test_published_band_prices_come_out_of_the_parts(
    rows: Any, part: str, band_rule: Any, expected: Any, as_file: Any
) -> None:
    reading = read_agency_sheet(as_file(rows), part, AgencyOptions(rule=band_rule, bill_by="capacity"))
    assert prices(reading) == expected
    assert "agency_price_differs" not in codes(reading)


def test_the_tariff_says_whom_it_is_for_and_when() -> None:
    tariff = tariff_of(read(JIANGSU_TABLE))
    assert (tariff.valid_from, tariff.valid_until) == (date(2026, 10, 1), date(2026, 11, 1))
    assert tariff.purchase_modes == (PurchaseMode.GRID_AGENCY,)
    assert tariff.government_tou
    assert tariff.source.document == "鲁发改价格〔2023〕914号"
    assert tariff.tariff_id == "cn-test-two_part-1_20kv-capacity-2026-10"
    assert tariff.status is Status.COMPILED
    funds = [one for one in only(read(JIANGSU_TABLE), EnergyCharge).components if one.is_fund]
    assert [one.price_per_kwh for one in funds] == [Decimal("0.0294")]


def test_the_rows_are_named_by_structure_and_voltage() -> None:
    expected = ("single_part/lt_1kv", "single_part/1_20kv", "two_part/1_20kv", "two_part/35kv")
    assert agency_rows(as_csv(JIANGSU_TABLE)) == expected
    assert agency_rows(as_xlsx(JIANGSU_TABLE)) == expected
    assert agency_rows(b"nothing,of,the,kind\n1,2,3\n") == ()
    with pytest.raises(TariffFileError, match="two_part/35kv"):
        read(JIANGSU_TABLE, "two_part/110kv")
    with pytest.raises(TariffFileError, match="two_part/35kv"):
        read(JIANGSU_TABLE, None)


def test_the_basic_charge_is_the_customers_choice() -> None:
    assert only(read(JIANGSU_TABLE), CapacityCharge).price_per_kva_month == 32
    actual = only(read(JIANGSU_TABLE, options=replace(CAPACITY, bill_by="actual_demand")), DemandCharge)
    assert (actual.price_per_kw_month, actual.basis, actual.floor_share) == (Decimal("51.2"), "actual", 0)
    contract = only(
        read(JIANGSU_TABLE, options=replace(CAPACITY, bill_by="contract_demand", over_rule="contract_plus_double")),
        DemandCharge,
    )
    assert (contract.basis, contract.over_rule, contract.floor_share) == (
        "contract",
        "contract_plus_double",
        Decimal("0.40"),
    )
    with pytest.raises(TariffOptionMissingError, match="bill_by"):
        read(JIANGSU_TABLE, options=AgencyOptions(rule=JIANGSU))


def test_single_part_has_its_own_factors_and_no_basic_charge() -> None:
    reading = read(JIANGSU_TABLE, "single_part/1_20kv", AgencyOptions(rule=JIANGSU))
    # 0.685 + 0.7 x 0.39575 = 0.962025
    assert prices(reading)["peak"] == "0.9620"
    assert len(tariff_of(reading).charges) == 1
    assert "agency_price_differs" not in codes(reading)


def test_one_and_a_half_times_the_purchase_price() -> None:
    reading = read(JIANGSU_TABLE, options=replace(CAPACITY, purchase_factor=Decimal("1.5")))
    purchase = only(reading, EnergyCharge).components[-1]
    assert purchase.name.zh == "代理购电价格"
    assert purchase.price_per_kwh == Decimal("0.593625")
    # flat 0.24425 + 0.593625, peak 0.24425 + 1.8 x 0.593625
    assert prices(reading) == {"flat": "0.8379", "peak": "1.3128", "valley": "0.4520"}
    assert "agency_price_differs" not in codes(reading)
    assert tariff_of(reading).tariff_id.endswith("-x1.5-2026-10")


def changed(column: int, text: str, row: int = 2) -> list[list[str]]:
    rows = [list(cells) for cells in JIANGSU_ROWS]
    rows[row][column] = text
    return table(JIANGSU_PARTS, JIANGSU_BANDS, rows)


def test_a_printed_price_that_the_parts_do_not_give_is_said_with_both() -> None:
    (finding,) = [one for one in read(changed(9, "0.9666")).findings if one.code == "agency_price_differs"]
    assert "prints 0.9666" in finding.say()
    assert "give 0.9566 (1.8 × 0.39575 floating + 0.24425 fixed)" in finding.say()
    assert "公布 0.9666" in finding.say(Language.ZH)
    (total,) = [one for one in read(changed(3, "0.65")).findings if one.code == "agency_price_differs"]
    assert "total" in total.say()


def test_parts_printed_coarsely_may_miss_by_their_rounding() -> None:
    assert "agency_price_differs" not in codes(read(changed(9, "0.9567")))
    assert "agency_price_differs" in codes(read(changed(9, "0.9570")))


def test_a_part_that_floats_by_itself_must_be_priced() -> None:
    coal = rule(("purchase", "coal_capacity"), {"peak": "1.8", "valley": "0.35"})
    with pytest.raises(UnpricedClauseError, match="coal_capacity"):
        read(JIANGSU_TABLE, options=AgencyOptions(rule=coal, bill_by="capacity"))
    split = AgencyOptions(rule=coal, bill_by="capacity", split_prices_per_kwh={"coal_capacity": Decimal("0.02")})
    components = {
        one.name.zh: (one.price_per_kwh, one.floats)
        for one in only(read(JIANGSU_TABLE, options=split), EnergyCharge).components
    }
    assert components["煤电容量电费"] == (Decimal("0.02"), True)
    assert components["系统运行费用（其他）"] == (Decimal("0.02485"), False)


def test_a_printed_band_that_the_rule_does_not_have_is_refused() -> None:
    with pytest.raises(UnpricedClauseError, match="sharp"):
        read(table(JIANGSU_PARTS, ("尖峰时段", "平时段", "低谷时段"), JIANGSU_ROWS))


def test_placeholders_are_no_prices() -> None:
    bands = ("尖峰时段", *JIANGSU_BANDS)
    rows = [[*cells[:9], "—", *cells[9:]] for cells in JIANGSU_ROWS]
    assert prices(read(table(JIANGSU_PARTS, bands, rows)))["peak"] == "0.9566"


def test_other_kinds_of_use_are_left_out_by_name() -> None:
    rows = [*JIANGSU_ROWS, ["居民生活用电", "", "不满1千伏", "0.5283", *[""] * 5, "0.5583", "", "0.3583", "", ""]]
    rows[-1][1] = "居民"
    reading = read(table(JIANGSU_PARTS, JIANGSU_BANDS, rows))
    assert any("居民" in finding.say() for finding in reading.ignored)
    assert any(NOTES[0][:10] in finding.say() for finding in reading.ignored)


def test_a_note_on_high_use_becomes_a_rebate() -> None:
    note = ["2.两部制用户当月每千伏安用电量达到260千瓦时及以上的，当月需量电价按核定标准的90%执行。"]
    reading = read([*JIANGSU_TABLE, note], options=replace(CAPACITY, bill_by="actual_demand"))
    rebate = only(reading, UsageRebateCharge)
    assert (rebate.from_kwh_per_kva, rebate.rebate_share, rebate.of) == (260, Decimal("0.1"), ("demand",))
    assert any("260 kWh per kVA" in finding.say() for finding in reading.assumptions)
    assert len(tariff_of(read([*JIANGSU_TABLE, note])).charges) == 2


def test_units_are_converted_at_the_door() -> None:
    thousandfold = [
        [*cells[:3], *(f"{Decimal(cell) * 1000:f}" if cell else "" for cell in cells[3:12]), *cells[12:]]
        for cells in JIANGSU_ROWS
    ]
    in_mwh = read(table(JIANGSU_PARTS, JIANGSU_BANDS, thousandfold, unit="元/兆瓦时"))
    assert prices(in_mwh) == prices(read(JIANGSU_TABLE))
    assert only(in_mwh, CapacityCharge).price_per_kva_month == 32


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS, unit="元"), "names no unit"),
        (changed(4, "cheap"), "代理购电价格: 'cheap' is no number"),
        ([row for row in JIANGSU_TABLE if "执行时间" not in row[0]], "names no month"),
        (
            table((*JIANGSU_PARTS[:3], "系统运行费", "系统运行费用"), JIANGSU_BANDS, JIANGSU_ROWS),
            "two columns are this one",
        ),
        ([["电压等级"]], "sheet"),
        ([["no", "table"]], "sheet"),
    ],
)
def test_what_is_no_such_sheet_is_refused_with_words(rows: list[list[str]], named: str) -> None:
    with pytest.raises(TariffFileError) as caught:
        read(rows)
    assert named in caught.value.say()
    assert caught.value.say(Language.ZH)


def test_the_month_may_be_given_and_the_rule_must_hold_in_it() -> None:
    without = [row for row in JIANGSU_TABLE if "执行时间" not in row[0]]
    given_ = replace(CAPACITY, valid_from=date(2026, 5, 1), valid_until=date(2026, 6, 1))
    assert tariff_of(read(without, options=given_)).valid_from == date(2026, 5, 1)
    old = replace(CAPACITY, rule=replace(JIANGSU, valid_until=date(2026, 10, 15)))
    with pytest.raises(TariffFileError, match="rule cn-test"):
        read(JIANGSU_TABLE, options=old)


def test_rules_are_files_and_come_out_of_the_catalogue() -> None:
    assert read_band_rule(write_band_rule(JIANGSU)) == JIANGSU
    with pytest.raises(WattplanError, match="band_rule"):
        read_band_rule("tariff: {}")
    with pytest.raises(WattplanError, match="/band_rule/floating"):
        read_band_rule(write_band_rule(JIANGSU).replace("- purchase", "- purchases"))
    jiangsu = band_rule_of(catalogue.tariff("cn-js-agency-10kv-capacity"))
    assert jiangsu.floating == ("purchase",)
    assert jiangsu.factors["peak"] == Decimal("1.8")
    october = table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS)
    reading = read(october, options=AgencyOptions(rule=jiangsu, bill_by="capacity", power_factor="cn_0.90"))
    assert prices(reading)["deep_valley"] == "0.3551"  # 0.24425 + 0.28 x 0.39575 = 0.35506
    assert tariff_of(reading).charges[-1].kind == "power_factor"


@pytest.mark.parametrize(
    ("label", "column"),
    [
        ("代理\n购电价格", "purchase"),
        ("上网环节线损代理采购损益", "agency_loss"),
        ("上网环节线损费用折价", "line_loss"),
        ("系统运行费用折合度电水平", "system_operation"),
        ("煤电容量电费", "coal_capacity"),
        ("政府性基金及附加", "funds"),
        ("电度用电价格（元/千瓦时）", "total"),
        ("尖峰时段", "band:sharp"),
        ("谷", "band:valley"),
        ("深谷时段", "band:deep_valley"),
        ("最大需量（元/千瓦·月）", "demand"),
        ("变压器容量 （元/千伏安•月）", "capacity"),
        ("备注", None),
    ],
)
def test_headings_are_known_by_their_words(label: str, column: str | None) -> None:
    assert column_of(label) == column


@pytest.mark.parametrize(
    ("label", "column", "factor"),
    [
        ("（元/千瓦时）", "purchase", "1"),
        ("单位：分/千瓦时", "purchase", "0.01"),
        ("元/MWh", "purchase", "0.001"),
        ("元 / kWh", "purchase", "1"),
        ("元/千瓦·月", "demand", "1"),
        ("元/千伏安.月", "capacity", "1"),
    ],
)
def test_units_are_known_by_their_words(label: str, column: str, factor: str) -> None:
    assert unit_of(label, column) == Decimal(factor)
    assert unit_of("元", column) is None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("不满1千伏", "lt_1kv"),
        ("1-10（20）千伏", "1_20kv"),
        ("10千伏", "1_20kv"),
        ("35千伏", "35kv"),
        ("35-110千伏以下", "35kv"),
        ("110(66)千伏", "66_110kv"),
        ("110千伏", "66_110kv"),
        ("220千伏及以上", "ge_220kv"),
        ("20-35千伏以下", "20-35千伏以下"),
    ],
)
def test_voltages_are_levels_or_their_own_words(text: str, level: str) -> None:
    assert voltage_of(text) == level


@pytest.mark.parametrize(
    ("text", "first", "stop"),
    [
        ("执行时间：2026年12月1日-2026年12月31日", date(2026, 12, 1), date(2027, 1, 1)),
        ("（2026年2月1日至2月28日）", date(2026, 2, 1), date(2026, 3, 1)),
        ("2026年 12 月电价表", date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_the_month_is_read_from_the_words(text: str, first: date, stop: date) -> None:
    assert validity_in(text) == (first, stop)
    assert validity_in("2026年13月") is None


CELLS = st.sampled_from(
    ("", "—", "0.5", "元/千瓦时", "电压等级", "用电分类", "两部制", "高峰", "1e999", "-3")
) | st.text(max_size=5)


@given(place=st.tuples(st.integers(0, 9), st.integers(0, 13)), text=CELLS)
@settings(max_examples=120, deadline=None)
def test_whatever_a_cell_holds_the_answer_is_a_tariff_or_words(place: tuple[int, int], text: str) -> None:
    rows = [list(cells) for cells in JIANGSU_TABLE]
    row, column = place
    rows[row] = [*rows[row], *[""] * 14][:14]
    rows[row][column] = text
    try:
        assert read(rows).tariff
    except WattplanError as error:
        assert error.say()
        assert error.say(Language.ZH)


@given(content=st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_bytes_come_the_answer_is_words(content: bytes) -> None:
    with pytest.raises(WattplanError):
        read_agency_sheet(content, PART, CAPACITY)
