from decimal import Decimal

import pytest

from domain.tariffs import as_decimal, half_up
from domain.tariffs.decimals import plain


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("0.005", 2, "0.01"),
        ("0.015", 2, "0.02"),
        ("-0.005", 2, "-0.01"),
        ("2.5", 0, "3"),
        ("1.2344", 3, "1.234"),
        ("-0.001", 2, "0.00"),
        ("12345678901.005", 2, "12345678901.01"),
    ],
)
def test_half_up_rounds_ties_away_from_zero_and_never_to_minus_zero(value, decimals, expected):
    assert str(half_up(Decimal(value), decimals)) == expected


def test_a_float_is_read_as_people_write_it():
    assert as_decimal(0.1) == Decimal("0.1")
    assert half_up(as_decimal(2.675), 2) == Decimal("2.68")  # the binary value lies below


@pytest.mark.parametrize(("value", "text"), [("1.500", "1.5"), ("100", "100"), ("1E+3", "1000"), ("0.00", "0")])
def test_plain_numbers_carry_no_exponent(value, text):
    assert plain(Decimal(value)) == text
