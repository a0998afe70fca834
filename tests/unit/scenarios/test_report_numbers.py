"""How the report writes numbers and times."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from scenarios.report_numbers import Clock, cents, money, plain, quantity, share


def test_money_shares_and_quantities():
    assert money(Decimal("-1234.5"), "CNY") == "−1,234 CNY"
    assert cents(Decimal("-700.3")) == "−700.30"
    assert plain(Decimal("123456.700000")) == "123,456.7"
    assert plain(Decimal("5E+2")) == "500"
    assert share(-0.0706) == "−7.1 %"
    assert quantity(Decimal("1204334.937799")) == "1,204,334.94"
    assert quantity(Decimal("0.923456")) == "0.9235"


@pytest.mark.parametrize(("hour", "span"), [(15, "11-23 21:00 – 23:00"), (16, "11-23 21:00 – 11-24 00:00")])
def test_spans_name_the_day_once_where_it_is_one(hour, span):
    start = datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert Clock("Asia/Shanghai").span(start, start.replace(hour=hour)) == span


@pytest.mark.parametrize(
    ("hour", "said"), [(0, "10-25 02:30 +02:00"), (1, "10-25 02:30 +01:00"), (2, "10-25 03:30"), (22, "10-25 23:30")]
)
def test_an_hour_that_comes_twice_is_written_with_its_offset(hour, said):
    assert Clock("Europe/Berlin").moment(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) == said


def test_the_last_day_of_a_plan_is_the_one_before_its_end():
    assert Clock("Asia/Shanghai").last_day(datetime(2026, 11, 29, 16, tzinfo=UTC)) == "2026-11-29"
