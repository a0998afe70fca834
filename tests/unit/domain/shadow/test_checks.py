"""A sound bill contradicts itself nowhere; each break of it is found at its row."""

import pytest

from domain.shadow.checks import check_ebill
from domain.text import Language
from tests.ebill_cases import book, codes, read

ALWAYS = {"ebill_objection_until", "ebill_objection_unknown"}


def found(sheets: dict) -> dict[str, str]:
    findings = [one for one in check_ebill(read(sheets)) if one.code not in ALWAYS]
    assert all(one.say(Language.ZH) for one in findings)
    return {one.code: one.say() for one in findings}


def test_a_sound_bill():
    assert found(book()) == {}


def breaks(sheet: str, row: int, column: int, value: object) -> dict[str, str]:
    sheets = book()
    sheets[sheet][row - 1][column] = value
    return found(sheets)


@pytest.mark.parametrize(
    ("cell", "value", "code", "place"),
    [
        (("电量明细", 5, 2), 223.556, "ebill_reading_product", "电量明细!5"),
        (("电量明细", 5, 3), 100, "ebill_reading_product", "电量明细!5"),
        (("电量明细", 6, 5), 2500, "ebill_reading_sum", "电量明细!6"),
        (("电量明细", 4, 7), 700, "ebill_reading_sum", "电量明细!4"),
        (("电量明细", 8, 8), 190500, "ebill_reading_sum", "电量明细!8"),
        (("电费明细", 4, 3), 123465, "ebill_charge_product", "电费明细!4"),
        (("电费明细", 9, 4), 0.131, "ebill_charge_product", "电费明细!9"),
        (("电费明细", 7, 5), 179752.58, "ebill_subtotal", "电费明细!7"),
        (("容需量及力调", 2, 3), 41, "ebill_block_product", "容需量及力调!2"),
        (("容需量及力调", 4, 7), -449.5, "ebill_block_product", "容需量及力调!2"),
        (("容需量及力调", 3, 7), 290000, "ebill_power_factor", "0.82"),
        (("账单概况", 4, 1), 422321, "ebill_total_kwh", "422321"),
        (("账单概况", 4, 3), 312190.14, "ebill_total_amount", "账单概况!4"),
        (("账单概况", 4, 5), 0.7494, "ebill_average_price", "0.7394"),
        (("账单概况", 9, 1), 4232.21, "ebill_item_sum", "账单概况!9"),
        (("账单概况", 5, 1), "峰40%、平37%、谷23%", "ebill_shares_differ", "peak 40%"),
    ],
)
def test_each_break_is_found_where_it_is(cell, value, code, place):
    said = breaks(*cell, value)
    assert code in said, said
    assert place in said[code]


def test_a_cent_is_rounding_two_are_not():
    assert breaks("电费明细", 9, 5, 54888.74) == {}
    assert "ebill_charge_product" in breaks("电费明细", 9, 5, 54888.75)


def test_a_register_that_went_through_zero():
    sheets = book()
    sheets["电量明细"][4][1:3] = [9999.900, 123.356]  # four digits: 10 123.356 − 9 999.900 = 123.456
    assert found(sheets).keys() == {"ebill_register_rolled_over"}


def test_the_adjustment_may_be_printed_without_its_sign():
    sheets = book()
    for row, share in ((3, 3000), (4, 1000), (5, 1000), (6, 1000)):
        sheets["电量明细"][row][7] = share
        sheets["电量明细"][row][8] -= share
    assert "ebill_reading_sum" not in found(sheets)


def test_bands_that_do_not_add_up_to_the_total():
    sheets = book()
    sheets["电量明细"][6][4] = sheets["电量明细"][6][8] = 98665
    sheets["电量明细"][6][2] = 148.665
    said = found(sheets)
    assert "ebill_band_sum" in said
    assert "ebill_charged_kwh" in said


def test_hours_cover_only_market_meters():
    sheets = book()
    table = [["24小时电量电价"], ["小时", "电量", "直接交易价格", "上网环节线损价格"]]
    sheets["24小时电价"] = table + [[hour, 10000, 0.4, 0.019] for hour in range(1, 25)]
    assert found(sheets).keys() == {"ebill_hours_part"}
    sheets["24小时电价"] = table + [[hour, 20000, 0.4, 0.019] for hour in range(1, 24)]
    assert found(sheets).keys() == {"ebill_hours_more", "ebill_hours_missing"}


def test_charge_rows_and_sub_tables_that_disagree():
    sheets = book()
    sheets["电费明细"].append(["(6)输配需量电费", None, None, 1000, 40.1, 40100])
    assert "ebill_block_sum" in found(sheets)


def test_the_deadline_for_objections_is_recalled():
    assert "2026-11-15" in next(one.say() for one in check_ebill(read()) if one.code == "ebill_objection_until")
    sheets = book()
    sheets["账单概况"][4][2:] = []
    assert "ebill_objection_unknown" in codes(check_ebill(read(sheets)))
