"""Monthly pay for being ready: kW × price per kW and month, and no hours, no events, no response rate."""

from datetime import date
from decimal import Decimal

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.programmes.pricing import ProgrammeNotInForceError
from domain.programmes.programme import Programme, Standby
from domain.programmes.settlement import MONEY_DECIMALS, allowed_commitment
from domain.tariffs.decimals import half_up, plain
from domain.tariffs.tariff import Source, Status
from domain.text import Text
from domain.time import next_month

ZERO = Decimal(0)


class NoStandbyPayError(WattplanError):
    """A programme pays by the event alone."""

    code = "no_standby_pay"
    words = Text(
        en="Programme {programme_id} has no monthly pay (standby); its price is {price_unit} and settled by the event.",
        zh="项目 {programme_id} 没有按月补偿（standby）；其价格单位为 {price_unit}，按事件结算。",
    )


@noun
class MonthCalls:
    """How often a programme was called in a month."""

    n_programme_calls: int
    """Events of the programme in the month, whoever was called."""
    n_customer_calls: int
    """Of them, events that called this customer."""

    def __post_init__(self) -> None:
        checks.not_negative(self, "n_programme_calls", self.n_programme_calls)
        checks.not_negative(self, "n_customer_calls", self.n_customer_calls)
        checks.at_most(self, "n_customer_calls", self.n_customer_calls, self.n_programme_calls, "n_programme_calls")


@noun
class StandbySettlement:
    """One customer's monthly pay, and all it rests on."""

    programme_id: str
    month: date
    """First day of the month."""
    currency: str
    status: Status
    source: Source
    contracted_kw: Decimal
    """[kW]"""
    price_per_kw_month: Decimal
    """[currency / kW / month]"""
    calls: MonthCalls
    is_paid: bool
    """Whether the programme's condition holds in the month."""
    pay: Decimal
    """[currency]"""
    rule: Text
    """How the money came about, with its numbers."""


_WHEN = {
    "every_month": Text(en="paid every month", zh="每月支付"),
    "called_month": Text(en="paid in a month with a call", zh="有调用的月份支付"),
    "uncalled_in_called_month": Text(
        en="paid to who was not called in a month with a call", zh="有调用的月份内未被调用者支付"
    ),
}


def settle_month(programme: Programme, month: date, contracted_kw: Decimal, calls: MonthCalls) -> StandbySettlement:
    """Settle one month's standby pay. [programme.currency].

    Parameters
    ----------
    month : date
        Any day of the month; the programme must be in force for all of it.
    contracted_kw : Decimal
        What the customer keeps ready; 0 is paid nothing. [kW]

    Raises
    ------
    NoStandbyPayError
        If the programme pays by the event alone.
    ProgrammeNotInForceError
        If part of the month lies outside the programme's validity.
    CommitmentOutsideProgrammeError
        If the programme does not allow so many kW.
    """
    standby = programme.standby
    if standby is None:
        raise NoStandbyPayError(programme_id=programme.programme_id, price_unit=programme.price_unit)
    first = month.replace(day=1)
    until = programme.valid_until
    if first < programme.valid_from or (until is not None and next_month(first) > until):
        raise ProgrammeNotInForceError(
            programme_id=programme.programme_id,
            day=f"{first:%Y-%m}",
            valid_from=programme.valid_from,
            valid_until=until or "…",
        )
    kept_kw = allowed_commitment(programme, contracted_kw)
    is_paid = _is_paid(standby, calls)
    pay = half_up(standby.price_per_kw_month * kept_kw if is_paid else ZERO, MONEY_DECIMALS)
    return StandbySettlement(
        programme_id=programme.programme_id,
        month=first,
        currency=programme.currency,
        status=programme.status,
        source=programme.source,
        contracted_kw=kept_kw,
        price_per_kw_month=standby.price_per_kw_month,
        calls=calls,
        is_paid=is_paid,
        pay=pay,
        rule=_rule(programme, standby, kept_kw, calls, is_paid=is_paid),
    )


def _is_paid(standby: Standby, calls: MonthCalls) -> bool:
    match standby.paid_when:
        case "every_month":
            return True
        case "called_month":
            return calls.n_programme_calls > 0
        case "uncalled_in_called_month":
            return calls.n_programme_calls > 0 and calls.n_customer_calls == 0


def _rule(programme: Programme, standby: Standby, kept_kw: Decimal, calls: MonthCalls, *, is_paid: bool) -> Text:
    when = _WHEN[standby.paid_when]
    kw, price = plain(kept_kw), f"{plain(standby.price_per_kw_month)} {programme.currency} per_kw_month"
    n, mine = calls.n_programme_calls, calls.n_customer_calls
    document = programme.source.document.replace("{", "{{").replace("}", "}}")
    return Text(
        en=f"{when.en}; {n} calls in the month, {mine} of this customer: {'paid' if is_paid else 'not paid'}, "
        f"{kw} kW at {price}; {document}",
        zh=f"{when.zh}；当月调用 {n} 次，其中调用该客户 {mine} 次：{'支付' if is_paid else '不支付'}，"
        f"{kw} kW，单价 {price}；{document}",
    )
