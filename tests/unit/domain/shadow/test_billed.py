"""What counts on a bill: fixed-ratio points never twice, the detail before the first page."""

from decimal import Decimal

import pytest

from domain.shadow.billed import billed_energy, counted_meters, measured_demand_kw, reactive_kvarh
from domain.shadow.checks import check_ebill
from tests.ebill_cases import book, codes, read


def with_ratio_point(*, passed_on: int, overview: object) -> dict:
    """Give the bill with a 3 % point of 12 666 kWh below its meter, whose 加减 passes ``passed_on`` on."""
    sheets = book()
    rows = sheets["电量明细"]
    for row, share in ((3, 12666), (4, 3704), (5, 6000), (6, 2962)):
        rows[row][7] = -share if passed_on else 0
        rows[row][8] -= share if passed_on else 0
    rows += [
        ["电能表编号：定比0.03，电价：居民，上级电能表编号：0012345678901"],
        ["示数类型", "上期示数", "本期示数", "倍率", "抄见电量", "变损", "线损", "加减", "计费电量"],
        ["正向有功(总)", None, None, None, 12666, None, None, None, 12666],
        ["正向有功(峰)", None, None, None, 3704, None, None, None, 3704],
        ["正向有功(平)", None, None, None, 6000, None, None, None, 6000],
        ["正向有功(谷)", None, None, None, 2962, None, None, None, 2962],
    ]
    sheets["账单概况"][3][1] = overview
    return sheets


def counted(sheets: dict) -> tuple[list[str], list[str]]:
    meters, findings = counted_meters(read(sheets))
    return [meter.meter_no for meter in meters], codes(findings)


def test_a_parent_that_passes_kwh_on_bills_the_rest_and_both_count():
    sheets = with_ratio_point(passed_on=12666, overview="422221")
    assert counted(sheets) == (["0012345678901", "定比0.03"], [])


def test_a_point_inside_its_parent_is_not_counted_twice():
    sheets = with_ratio_point(passed_on=0, overview="422221")
    assert counted(sheets) == (["0012345678901"], ["ebill_ratio_point_inside_parent"])
    assert "ebill_total_kwh" not in codes(check_ebill(read(sheets)))


def test_the_first_page_decides_where_the_rows_do_not():
    # nothing is passed on, yet the overview has both: the parent's rows are net already
    sheets = with_ratio_point(passed_on=0, overview=422221 + 12666)
    assert counted(sheets) == (["0012345678901", "定比0.03"], [])


def test_what_nothing_decides_is_not_added_and_said():
    sheets = with_ratio_point(passed_on=0, overview=None)
    sheets["电量明细"][3][7] = -5000  # neither nothing nor the point's kWh
    assert counted(sheets) == (["0012345678901"], ["ebill_ratio_point_unclear"])


def test_kwh_come_from_the_rows_and_not_from_the_first_pages_shares():
    sheets = book()
    sheets["账单概况"][4][1] = "尖峰0%、峰0%、平100%、谷0%"
    ebill = read(sheets)
    assert billed_energy(ebill).band_kwh == {"peak": 123456, "flat": 200000, "valley": 98765}
    (said,) = [finding.say() for finding in check_ebill(ebill) if finding.code == "ebill_shares_differ"]
    assert "the detail is used" in said
    assert "flat 47.4%" in said


def test_shares_serve_only_where_there_is_no_detail():
    sheets = book()
    sheets["电量明细"] = []
    sheets["电费明细"] = [row for row in sheets["电费明细"] if len(row) < 3 or row[2] not in ("峰", "平", "谷")]
    sheets["账单概况"][4][1] = "峰30%、平50%、谷20%"
    energy = billed_energy(read(sheets))
    assert codes(energy.findings) == ["ebill_band_shares_used"]
    assert sum(energy.band_kwh.values()) == 422221
    assert energy.band_kwh["peak"] == Decimal("126666.300")


def test_losses_and_what_registers_resolve():
    energy = billed_energy(read())
    assert energy.loss_kwh == {"total": 2000, "peak": 0, "flat": 2000, "valley": 0}
    assert energy.register_kwh["flat"] == 1  # 0.001 × 1 000; the workbook dropped 498.000's zeros


def test_registers_without_decimals_resolve_nothing_that_is_known():
    sheets = book()
    for row in sheets["电量明细"][3:9]:
        row[1], row[2] = 0, round(row[2] or 0)
    assert billed_energy(read(sheets)).register_kwh == {}


def test_reactive_energy_and_demand():
    ebill = read()
    assert reactive_kvarh(ebill) == 190000
    assert measured_demand_kw(ebill) == 1040


def test_demand_of_several_points_adds_up():
    """RULES: a Hubei customer's 30 842.066223 kW beside its fixed-ratio point's share, 30 844 kW in all."""
    sheets = book()
    sheets["容需量及力调"] = [
        ["输配容（需）量电费"],
        ["需量值", "需量电价", "输配需量电费"],
        [30842.066223, 39, 1202840.58],
        [1.933777, 39, 75.42],
    ]
    assert measured_demand_kw(read(sheets)) == 30844


@pytest.mark.parametrize("column", [4, 8])
def test_kwh_of_a_row_that_prints_only_one_of_its_two_quantities(column):
    sheets = book()
    for row in sheets["电量明细"][3:7]:
        row[column] = None
    energy = billed_energy(read({**sheets, "电费明细": []}))
    assert energy.band_kwh == {"peak": 123456, "flat": 200000, "valley": 98765}
