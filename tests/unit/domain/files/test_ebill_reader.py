from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from domain.files.ebill_build import EBillCellsError
from domain.files.ebill_reader import EBillIncompleteError, read_ebill
from domain.files.ebill_sheets import EBillUnreadableError
from domain.shadow.ebill import TOTAL, EBill, Register
from domain.tariffs import PurchaseMode
from tests.ebill_cases import BOOK, book, codes, one_csv, read, text_of, xlsx


def bare(ebill: EBill) -> tuple:
    """Give a bill without the places where it was read."""
    return (
        ebill.account_no,
        ebill.period_start,
        ebill.period_end,
        ebill.purchase_mode,
        ebill.objection_until,
        ebill.overview.amount,
        ebill.overview.energy_kwh,
        ebill.overview.band_share,
        [(one.name, one.amount) for one in ebill.overview.items],
        [
            (
                meter.meter_no,
                meter.price_name,
                row.register,
                row.band,
                row.previous,
                row.current,
                row.metered,
                row.billed,
            )
            for meter in ebill.meters
            for row in meter.readings
        ],
        [(row.category, row.component, row.band, row.quantity, row.unit_price, row.amount) for row in ebill.charges],
        [(block.billed_demand_kw, block.power_factor_amount, block.adjustment_share) for block in ebill.blocks],
    )


def test_the_five_sections_of_a_workbook():
    ebill = read()
    assert ebill.account_no == "3200000000001"
    assert (str(ebill.period_start), str(ebill.period_end)) == ("2026-10-01", "2026-10-31")
    assert ebill.voltage == "交流10kV"
    assert ebill.purchase_mode is PurchaseMode.GRID_AGENCY
    assert str(ebill.objection_until) == "2026-11-15"
    assert ebill.overview.amount == Decimal("312191.14")
    assert ebill.overview.energy_kwh == 422221
    assert ebill.overview.band_share == {
        "sharp": Decimal(0), "peak": Decimal("0.29"), "flat": Decimal("0.47"), "valley": Decimal("0.23"),
    }  # fmt: skip
    (meter,) = ebill.meters
    assert (meter.meter_no, meter.price_name) == ("0012345678901", "1-10(20)千伏两部制")
    flat = meter.of(Register.ACTIVE, "flat")[0]
    assert (flat.previous, flat.current, flat.multiplier) == (300, 498, 1000)
    assert (flat.metered, flat.transformer_loss, flat.billed) == (198000, 2000, 200000)
    valley = meter.of(Register.ACTIVE, "valley")[0]
    assert (valley.transformer_loss, valley.billed) == (None, 98765)
    assert [row.register for row in meter.readings][-2:] == [Register.REACTIVE, Register.DEMAND]
    assert len(ebill.charges) == 9
    purchase = ebill.charges[1]
    assert (purchase.category, purchase.band) == ("(1)代理购电电费", "flat")  # the blank category goes on
    assert (purchase.quantity, purchase.unit_price, purchase.amount) == (200000, Decimal("0.4"), 80000)
    assert [(one.name, one.amount) for one in ebill.subtotals] == [("(1)代理购电电费", Decimal("179752.48"))]
    (block,) = ebill.blocks
    assert (block.billed_demand_kw, block.measured_demand_kw, block.contract_demand_kw) == (1000, 1040, 1000)
    assert (block.adjustment_share, block.power_factor_amount) == (Decimal("-0.0015"), Decimal("-449.96"))
    assert (block.active_kwh, block.reactive_kvarh, block.capacity_kva) == (422221, 190000, 1600)


def test_each_row_says_where_it_was_read():
    ebill = read()
    assert str(ebill.charges[0].place) == "电费明细!4"
    assert str(ebill.meters[0].readings[0].place) == "电量明细!4"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("gb18030"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-16"),
        lambda text: text,
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_one_csv_with_all_sections(encode, delimiter):
    assert bare(read_ebill(encode(one_csv(BOOK, delimiter)))) == bare(read())


def test_a_csv_per_section_in_a_folder(tmp_path: Path):
    for number, (title, rows) in enumerate(BOOK.items()):
        if rows:
            (tmp_path / f"{number}{title}.csv").write_bytes(text_of(rows).encode("gb18030"))
    (tmp_path / "notes.md").write_text("not part of it", encoding="utf-8")
    whole = read_ebill(tmp_path)
    assert bare(whole) == bare(read())
    files = sorted(tmp_path.glob("*.csv"))
    assert bare(read_ebill(files)) == bare(read())


def test_sheets_without_telling_names_and_all_on_one_sheet():
    sheets = {f"Sheet{number}": rows for number, rows in enumerate(BOOK.values(), start=1)}
    assert bare(read(sheets)) == bare(read())
    assert bare(read({"Sheet1": [row for rows in BOOK.values() for row in [*rows, []]]})) == bare(read())


def test_merged_categories_reach_over_their_rows_and_merged_amounts_are_refused():
    sheets = book()
    merged = read_ebill(xlsx(sheets, merge={"电费明细": ["A4:A6", "B4:B6", "A1:F1"]}))
    assert [row.category for row in merged.charges[:3]] == ["(1)代理购电电费"] * 3
    assert bare(merged) == bare(read())
    sheets["电费明细"][3][5], sheets["电费明细"][4][5] = 163950.08, None
    with pytest.raises(EBillCellsError) as caught:  # an amount of two rows would be counted for one of them
        read_ebill(xlsx(sheets, merge={"电费明细": ["F4:F5"]}))
    assert [one.row for one in caught.value.problems] == [5]


def test_headings_by_other_names_and_widths():
    sheets = book()
    sheets["电量明细"][2] = [
        "示数类型",
        "上次示数",
        "本次示数",
        "综合倍率",
        "抄见量",
        "变损电量",
        "线损电量",
        "分表加减",
        "计费量",
    ]
    sheets["电费明细"][2] = ["费用类别", "费用构成", "时段", "计费数量", "单价（元／千瓦时）", "金额"]
    sheets["容需量及力调"][1][0], sheets["容需量及力调"][1][8] = "计费需量", "力调系数"
    assert bare(read(sheets)) == bare(read())


def test_power_tables_with_headings_above_the_values():
    sheets = book()
    sheets["容需量及力调"] = [
        ["输配容（需）量电费"],
        ["需量值", "需量电价", "输配需量电费", "月每千伏安用电量", "折扣需量电费", "容量", "容量电价", "输配容量电费"],
        [1000, 40, 40000, 263.89, "-", 1600, "-", 0],
        ["功率因数调整电费"],
        [
            "项目",
            "功率因数实际值",
            "功率因数标准",
            "调整系数",
            "参与调整有功电量",
            "参与调整无功电量",
            "参与调整电费金额",
            "功率因数调整电费",
        ],
        ["功率因数调整电费", 0.91, 0.9, -0.0015, 422221, 190000, 299974.47, -449.96],
    ]
    demand, factor = read(sheets).blocks
    assert (demand.billed_demand_kw, demand.used_kwh_per_kva, demand.rebated_demand_amount) == (
        1000,
        Decimal("263.89"),
        None,
    )
    assert (factor.adjusted_amount, factor.power_factor_amount) == (Decimal("299974.47"), Decimal("-449.96"))


def test_hours_fees_and_a_fixed_ratio_point():
    sheets = book()
    sheets["电量明细"] += [
        ["电能表编号：定比0.03，电价：1-10(20)千伏 居民", "上级电能表编号：0012345678901"],
        ["正向有功(总)", "-", "-", "-", 12666, 0, 0, 0, 12666],  # its heading is not printed again
    ]
    sheets["24小时电价"] = [
        ["24小时电量电价表"],
        ["小时", "电量", "直接交易价格", "上网环节线损价格", "小时", "电量", "直接交易价格", "上网环节线损价格"],
        *([hour, 1000, 0.4, 0.019, hour + 12, 1000, -0.05, 0.019] for hour in range(1, 13)),
    ]
    sheets["市场化运营费"] = [
        ["市场化运营费明细"],
        ["运营费用名称", "金额（元）"],
        ["一、B增加支出", 18513.53],
        ["B2绿电环境价值电费", 18513.53],
        ["二、C降低支出", "-314,234.20"],
    ]
    ebill = read(sheets)
    ratio = ebill.meters[1]
    assert ratio.is_fixed_ratio
    assert (ratio.ratio_share, ratio.parent_nos) == (Decimal("0.03"), ("0012345678901",))
    assert ratio.of(Register.ACTIVE, TOTAL)[0].billed == 12666
    assert [one.hour for one in ebill.hours] == [
        *(hour for pair in zip(range(1, 13), range(13, 25), strict=True) for hour in pair)
    ]
    assert {one.price_per_kwh for one in ebill.hours} == {Decimal("0.4"), Decimal("-0.05")}
    assert [one.amount for one in ebill.market_fees] == [
        Decimal("18513.53"),
        Decimal("18513.53"),
        Decimal("-314234.20"),
    ]


def test_nothing_is_dropped_in_silence():
    sheets = book()
    sheets["电费明细"] += [["备注：本账单仅供核对", None, None, None, None, None]]
    sheets["电费明细"][2].append("执行文号")
    sheets["电费明细"][3].append("某文号")
    sheets["附件"] = [["服务热线 95598"], ["感谢使用"]]
    findings = read(sheets).findings
    said = [finding.say() for finding in findings]
    assert codes(findings) == [
        "ebill_sheet_unused", "ebill_column_unused", "ebill_row_unused", "ebill_row_unused", "ebill_labels_not_kept",
    ]  # fmt: skip
    assert any("附件" in words for words in said)
    assert any("执行文号" in words for words in said)
    assert any("本账单仅供核对" in words for words in said)
    assert any("户名" in words and "某某精工" not in words for words in said)  # known, not needed, not kept


def test_every_bad_cell_is_said_at_once_with_its_place_and_mend():
    sheets = book()
    sheets["电费明细"][3][5] = "八万"
    sheets["电费明细"][4][2] = "凌晨"
    sheets["电量明细"][3][2] = "5 2O.221"
    sheets["账单概况"][2][0] = "账单周期：十月"
    with pytest.raises(EBillCellsError) as caught:
        read(sheets)
    places = {f"{one.sheet}!{one.column}{one.row}" for one in caught.value.problems}
    assert places == {"电费明细!F4", "电费明细!C5", "电量明细!C4", "账单概况!A3"}
    assert all(one.problem.zh and one.mend.zh for one in caught.value.problems)


def test_a_row_with_kwh_and_price_needs_its_amount():
    sheets = book()
    sheets["电费明细"][8][5] = "-"
    with pytest.raises(EBillCellsError) as caught:
        read(sheets)
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (9, "F")


def test_a_csv_whose_commas_cut_numbers_in_two_is_refused():
    text = one_csv(BOOK).replace('"83,950.08"', "83,950.08")
    with pytest.raises(EBillCellsError) as caught:
        read_ebill(text)
    assert "quotes" in caught.value.problems[0].mend.en


def test_two_bills_at_once_are_refused():
    sheets = book()
    sheets["账单概况"].append(["户号：3200000000002"])
    with pytest.raises(EBillCellsError) as caught:
        read(sheets)
    assert "3200000000001" in caught.value.problems[0].problem.en


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EBillUnreadableError),
        (b"%PDF-1.7 ...", EBillUnreadableError),
        (b"<html><table></table></html>", EBillUnreadableError),
        (b"\x00\x01\x02" * 50, EBillUnreadableError),
        (b"PK\x03\x04 broken", Exception),
        (b"a,b\n1,2\n", EBillIncompleteError),
        ("户号：1\n本期电费：12.00".encode(), EBillIncompleteError),  # no period
        ("户号：1\n账单周期：2026-10".encode(), EBillIncompleteError),  # no money
    ],
)
def test_what_is_no_bill_is_refused_by_name(content, error):
    with pytest.raises(error) as caught:
        read_ebill(content, "bill")
    assert "bill" in caught.value.say()


def test_missing_files_and_empty_folders(tmp_path: Path):
    with pytest.raises(EBillUnreadableError):
        read_ebill(tmp_path)
    with pytest.raises(Exception, match="cannot be read"):
        read_ebill(tmp_path / "none.xlsx")


def test_formulas_without_value_are_told_where_they_stand(tmp_path: Path):
    path = tmp_path / "bill.xlsx"
    path.write_bytes(xlsx(book()))
    workbook = openpyxl.load_workbook(path)
    workbook["电费明细"]["F4"] = "=D4*E4"
    workbook.save(path)
    with pytest.raises(EBillCellsError) as caught:
        read_ebill(path)
    assert [(one.row, one.column) for one in caught.value.problems] == [(4, "F")]
