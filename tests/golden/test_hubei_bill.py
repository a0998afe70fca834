"""Rows of a State Grid bill of Hubei, 2025, as published: demand and power factor, with the bill's own cent.

30 842.066223 kW × 39 = 1 202 840.58; −0.15 % (power factor 0.91, standard 0.90) of 6 137 186.50 is −9 205.78, and the
bill prints −9 205.79. The customer has 30 844 kW in all, the rest at its fixed-ratio point.
"""

from decimal import Decimal

from domain.shadow.checks import check_ebill
from domain.shadow.ebill import RowPlace
from domain.shadow.printed import printed_items
from domain.tariffs import adjustment_rate, half_up
from tests.ebill_cases import codes, read

BILL = {
    "账单概况": [["户号：4200000000001"], ["账单周期：2025-09-01至2025-09-30"], ["本期电费：1,193,709.63元"]],
    "容（需）量": [
        ["输配容（需）量电费", None, None, None, "功率因数调整电费"],
        ["需量值", "30842.066223", "需量电价", 39, "功率因数实际值", 0.91, "功率因数标准", 0.9, "调整系数", -0.0015],
        ["月每千伏安用电量", 175, "折扣需量电费", 0, "参与调整电费金额", "6137186.5"],
        ["输配需量电费", "1202840.58", "输配容量电费", "-", "功率因数调整电费", "-9205.79"],
        ["输配容（需）量电费"],
        ["需量值", "1.933777", "需量电价", 39, "输配需量电费", 75.42],
        ["功率因数调整电费", "-0.58"],
    ],
}


def test_the_rows_are_read_as_printed():
    main, ratio = read(BILL).blocks
    assert main.place == RowPlace(sheet="容（需）量", row=2)
    assert main.billed_demand_kw == Decimal("30842.066223")
    assert main.billed_demand_kw + ratio.billed_demand_kw == 30844
    assert (main.used_kwh_per_kva, main.rebated_demand_amount) == (175, 0)
    assert main.owed_demand_amount == Decimal("1202840.58")


def test_the_products_hold_to_the_bills_own_cent():
    main, _ = read(BILL).blocks
    assert half_up(main.billed_demand_kw * main.demand_price_per_kw_month, 2) == Decimal("1202840.58")
    assert main.adjustment_share == adjustment_rate("cn_0.90", main.power_factor)
    exact = half_up(main.adjusted_amount * main.adjustment_share, 2)
    assert exact == Decimal("-9205.78")
    assert main.power_factor_amount == Decimal("-9205.79")
    assert {"ebill_block_product", "ebill_total_amount"}.isdisjoint(codes(check_ebill(read(BILL))))


def test_the_items_are_the_money_of_both_points():
    items, _ = printed_items(read(BILL))
    assert [item.amount for item in items if item.kind == "demand"] == [Decimal("1202840.58"), Decimal("75.42")]
    assert sum(item.amount for item in items) == Decimal("1193709.63")
