from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.files.ebill_cells import EBillCellError, checked, day, number, period, said
from domain.files.xlsx_book import RawCell


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1,202,840.58", "1202840.58"),
        ("１２３，４５６．７８", "123456.78"),
        ("¥ 5,471,334.24元", "5471334.24"),
        ("(9,205.79)", "-9205.79"),
        ("（9,205.79）", "-9205.79"),
        ("−9205.79", "-9205.79"),
        ("422221千瓦时", "422221"),
        ("30842.066223kW", "30842.066223"),
        ("0.4253204 元/千瓦时", "0.4253204"),
        ("12.5万千瓦时", "125000.0"),
        (".5", "0.5"),
        (0.1 + 0.2, "0.3"),  # Excel's noise in the 17th digit
        (123456, "123456"),
    ],
)
def test_numbers_as_bills_print_them(written, expected):
    assert number(written) == Decimal(expected)


@pytest.mark.parametrize("written", ["", "-", "--", "—", "——", "/", "无", " － "])
def test_what_bills_print_for_nothing(written):
    assert number(written) is None


@pytest.mark.parametrize(
    "written",
    ["12,34", "1.2.3", "abc", "12 元 5 角", "1e9", "95%", True, float("nan"), date(2026, 1, 1), "0x10", "--5"],
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(EBillCellError) as caught:
        number(written)
    assert caught.value.say()


def test_a_percentage_is_a_share_only_where_shares_stand():
    assert number("-0.15%", unit="share") == Decimal("-0.0015")
    assert number("91%", unit="share") == Decimal("0.91")
    assert number("0.91", unit="share") == Decimal("0.91")


@pytest.mark.parametrize("written", ["1" * 16, "0." + "0" * 12 + "1", 1e300, "9" * 400])
def test_more_digits_than_a_bill_has_are_refused(written):
    with pytest.raises(EBillCellError):
        number(written)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026-10-01至2026-10-31", date(2026, 10, 1), date(2026, 10, 31)),
        ("2026年10月1日 - 2026年10月31日", date(2026, 10, 1), date(2026, 10, 31)),
        ("2026/9/26~2026/10/25", date(2026, 9, 26), date(2026, 10, 25)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("202402", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026年12月", date(2026, 12, 1), date(2026, 12, 31)),
        (datetime(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 31)),  # Excel makes a day of 2026-10
    ],
)
def test_billing_periods(written, first, last):
    assert period(written) == (first, last)


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-10-31至2026-10-01", "October", "2026-02-30至2026-03-01", "1899-01"]
)
def test_no_billing_period(written):
    with pytest.raises(EBillCellError):
        period(written)


def test_days():
    assert day("2026年11月15日前") == date(2026, 11, 15)
    assert day(datetime(2026, 11, 15, 23, 59)) == date(2026, 11, 15)
    assert day("-") is None
    with pytest.raises(EBillCellError):
        day("mid November")


def test_formulas_without_value_and_errors_are_refused():
    for cell in (RawCell(value=None, is_uncalculated=True), RawCell(value="#REF!", is_error=True)):
        with pytest.raises(EBillCellError):
            checked(cell)


def test_texts_lose_their_widths():
    assert said("　正向有功（总） ") == "正向有功(总)"
    assert said(4.21e12) == "4210000000000"


@given(st.decimals(-(10**11), 10**11, places=4))
def test_a_number_with_thousands_commas_reads_back(value):
    assert number(f"{value:,}") == value
