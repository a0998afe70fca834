"""Monthly pay for being ready, apart from every event."""

from datetime import date
from decimal import Decimal

import pytest

from domain.catalogue import programmes
from domain.errors import InvalidFieldError
from domain.programmes import (
    CommitmentOutsideProgrammeError,
    MonthCalls,
    NoStandbyPayError,
    ProgrammeNotInForceError,
    Standby,
    settle,
    settle_month,
)
from domain.text import Language
from tests.programme_cases import baseline_at, event_of, meter_of, programme_of

# Hainan, draft of 2025: 1.0 yuan/kWh and 0.3 yuan/kW·month when uncalled in a called month
HAINAN = programme_of(
    price=Decimal("1.0"),
    standby=Standby(price_per_kw_month=Decimal("0.3"), paid_when="uncalled_in_called_month"),
    max_commitment_kw=Decimal(5000),
)
JULY = date(2026, 7, 1)


def calls(programme: int, customer: int) -> MonthCalls:
    return MonthCalls(n_programme_calls=programme, n_customer_calls=customer)


@pytest.mark.parametrize(
    ("paid_when", "called", "mine", "pay"),
    [
        ("uncalled_in_called_month", 2, 0, "370.35"),  # 1234.5 kW × 0.3
        ("uncalled_in_called_month", 2, 1, "0.00"),
        ("uncalled_in_called_month", 0, 0, "0.00"),
        ("called_month", 2, 1, "370.35"),
        ("called_month", 0, 0, "0.00"),
        ("every_month", 0, 0, "370.35"),
    ],
)
def test_when_the_month_is_paid(paid_when, called, mine, pay):
    programme = programme_of(standby=Standby(price_per_kw_month=Decimal("0.3"), paid_when=paid_when))
    settled = settle_month(programme, date(2026, 7, 19), Decimal("1234.5"), calls(called, mine))
    assert f"{settled.pay:.2f}" == pay
    assert settled.is_paid is (pay != "0.00")
    assert settled.month == JULY
    assert f"{called} calls in the month, {mine} of this customer" in settled.rule.say()
    assert "0.3 CNY per_kw_month" in settled.rule.say()
    assert f"当月调用 {called} 次" in settled.rule.say(Language.ZH)


def test_units_never_mix():
    event = event_of("2026-07-02T14:00", "2026-07-02T16:00", "2026-07-02T08:00")
    settled = settle(HAINAN, event, baseline_at(event, 800.0), meter_of(date(2026, 7, 2), [700.0]), Decimal(100))
    assert str(settled.pay) == "200.00"  # 100 kW × 2 h × 1.0, and nothing of the month's
    with pytest.raises(NoStandbyPayError, match="per_kwh") as caught:
        settle_month(programme_of(), JULY, Decimal(100), calls(1, 0))
    assert "按事件结算" in caught.value.say(Language.ZH)


def test_a_month_outside_of_the_programme_is_refused():
    ends = programme_of(standby=HAINAN.standby, valid_from=date(2026, 7, 2), valid_until=date(2026, 9, 15))
    for month in (JULY, date(2026, 9, 1), date(2026, 10, 1)):
        with pytest.raises(ProgrammeNotInForceError, match=f"{month:%Y-%m}"):
            settle_month(ends, month, Decimal(100), calls(1, 0))
    assert settle_month(ends, date(2026, 8, 31), Decimal(100), calls(1, 0)).pay == 30
    until_september = programme_of(standby=HAINAN.standby, valid_until=date(2026, 9, 1))
    assert settle_month(until_september, date(2026, 8, 31), Decimal(100), calls(1, 0)).pay == 30


def test_the_contracted_kw_are_the_programmes():
    with pytest.raises(CommitmentOutsideProgrammeError):
        settle_month(HAINAN, JULY, Decimal(6000), calls(1, 0))
    assert settle_month(HAINAN, JULY, Decimal(0), calls(1, 0)).pay == 0


def test_more_calls_of_a_customer_than_of_the_programme_are_refused():
    with pytest.raises(InvalidFieldError, match="n_customer_calls"):
        calls(1, 2)
    with pytest.raises(InvalidFieldError, match="price_per_kw_month"):
        Standby(price_per_kw_month=Decimal("-0.1"))


def test_hainans_record_of_the_catalogue_pays_both_ways_apart():
    record = next(one for one in programmes() if one.programme_id == "cn-hi-contracted-2025-draft")
    assert settle_month(record, date(2025, 7, 1), Decimal(1000), calls(3, 0)).pay == 300  # 1000 kW × 0.3
    assert settle_month(record, date(2025, 7, 1), Decimal(1000), calls(3, 1)).pay == 0
    event = event_of("2025-07-02T14:00", "2025-07-02T16:00", "2025-07-01T08:00", programme_id=record.programme_id)
    settled = settle(record, event, baseline_at(event, 1800.0), meter_of(date(2025, 7, 2), [800.0]), Decimal(1000))
    assert settled.pay == 2000  # 1000 kW × 2 h × 1.0
