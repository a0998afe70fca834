"""Amounts of a URDB rate that no load moves: fixed charges and minimum bills."""

from decimal import Decimal

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import N_MONTHS, UrdbRecord
from domain.tariffs import FixedCharge
from domain.tariffs.charges import MOST_DECIMALS, ZERO, MinimumCharge
from domain.tariffs.decimals import half_up
from domain.text import Text

PERIODS = ("$/month", "$/day", "$/year")


def _unit(record: UrdbRecord, amount: str, field: str, book: ClauseBook) -> str | None:
    """Give the period of an amount; None, with a clause in the book, where it is none we know."""
    if not record.has(field):
        book.assume(record.spelt(amount), Text(en="an amount in $/month", zh="金额单位为 $/month"))
        return PERIODS[0]
    unit = record.text(field)
    if unit not in PERIODS:
        book.refuse(
            record.spelt(field), Text(en="none of " + ", ".join(PERIODS), zh="不属于 " + "、".join(PERIODS)), unit
        )
        return None
    book.read(record.spelt(field))
    return unit


def fixed(record: UrdbRecord, book: ClauseBook) -> list[FixedCharge]:
    """Give the customer charge of one meter."""
    old, first = record.number("fixedmonthlycharge"), record.number("fixedchargefirstmeter")
    further = record.number("fixedchargeeaaddl")
    if further:
        what = Text(en="a charge for each further meter", zh="附加计量点固定电费")
        book.refuse(record.spelt("fixedchargeeaaddl"), what, further)
    if old and first:
        book.refuse(
            record.spelt("fixedmonthlycharge"),
            Text(en="besides fixedchargefirstmeter", zh="与 fixedchargefirstmeter 并存"),
            old,
        )
    if old and not first:
        book.read(record.spelt("fixedmonthlycharge"))
        return [_charge(old, ZERO)]
    if not first:
        return []
    unit = _unit(record, "fixedchargefirstmeter", "fixedchargeunits", book)
    book.read(record.spelt("fixedchargefirstmeter"))
    if unit == "$/day":
        return [_charge(ZERO, first)]
    if unit == "$/year":
        why = Text(en="the yearly amount is billed in twelve equal parts", zh="年度金额按十二等份逐月计收")
        book.assume(record.spelt("fixedchargefirstmeter"), why)
        return [_charge(half_up(first / N_MONTHS, MOST_DECIMALS), ZERO)]
    return [_charge(first, ZERO)]


def _charge(per_month: Decimal, per_day: Decimal) -> FixedCharge:
    return FixedCharge(
        charge_id="fixed",
        label=Text(en="Customer charge", zh="固定电费"),
        amount_per_month=per_month,
        amount_per_day=per_day,
    )


def minimum(record: UrdbRecord, book: ClauseBook) -> list[MinimumCharge]:
    """Give the month's minimum bill."""
    yearly = record.number("annualmincharge")
    if yearly:
        book.refuse(record.spelt("annualmincharge"), Text(en="a yearly minimum bill", zh="年度最低电费"), yearly)
    old, new = record.number("minmonthlycharge"), record.number("mincharge")
    if old and new:
        book.refuse(record.spelt("minmonthlycharge"), Text(en="besides mincharge", zh="与 mincharge 并存"), old)
    field = "mincharge" if new else "minmonthlycharge"
    amount = new or old
    if not amount:
        return []
    unit = PERIODS[0] if field == "minmonthlycharge" else _unit(record, field, "minchargeunits", book)
    if unit == "$/year" or amount < 0:
        what = Text(en=f"a minimum bill of {amount:f} {unit}", zh=f"最低电费为 {amount:f} {unit}")
        book.refuse(record.spelt(field), what)
        return []
    book.read(record.spelt(field))
    why = Text(
        en="all of the month's charges count towards the minimum, taxes not", zh="当月除税金外的全部费用均计入最低电费"
    )
    book.assume(record.spelt(field), why)
    return [
        MinimumCharge(
            charge_id="minimum",
            label=Text(en="Minimum bill", zh="最低电费"),
            amount_per_month=amount if unit != "$/day" else ZERO,
            amount_per_day=amount if unit == "$/day" else ZERO,
        )
    ]
