"""Ratchets of a URDB rate: a share of past peaks that is billed at least."""

from decimal import Decimal

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import N_MONTHS, UrdbRecord
from domain.files.urdb_options import UrdbOptions
from domain.tariffs.charges import LookBack
from domain.text import Text

PERCENT = Decimal(100)
Ratchets = dict[int, LookBack]
"""By month (1…12) that is billed."""

_READ_AS = {
    True: Text(en="read as a fraction", zh="按小数读取"),
    False: Text(en="read as a percentage", zh="按百分数读取"),
}


def ratchets(record: UrdbRecord, options: UrdbOptions, book: ClauseBook) -> Ratchets:
    """Give each billed month's ratchet, from whichever of the two ways the rate writes it.

    References
    ----------
    OpenEI URDB: demandratchetpercentage "by month"; lookbackPercent with lookbackMonths or lookbackRange. REopt
    bills ``max(own peak, lookbackPercent · highest peak of the named months, or of so many months before)``, on the
    monthly demand charge only.
    """
    old, new = _by_percentage(record, options, book), _by_look_back(record, book)
    if old and new:
        what = Text(en="besides demandratchetpercentage", zh="与 demandratchetpercentage 并存")
        book.refuse(record.spelt("lookbackpercent"), what)
        return {}
    return old or new


def _share(record: UrdbRecord, field: str, given: set[Decimal], book: ClauseBook) -> bool | None:
    """Say whether numbers are fractions (else percentages); None, with a clause in the book, where neither."""
    is_fraction = {number <= 1 for number in given}
    shown = ", ".join(f"{number:f}" for number in sorted(given))
    if len(is_fraction) > 1 or min(given) < 0 or max(given) > PERCENT:
        what = Text(en="ratchet of neither fractions nor percentages", zh="棘轮比例既非小数也非百分数")
        book.refuse(record.spelt(field), what, shown)
        return None
    found = is_fraction.pop()
    book.read(record.spelt(field))
    book.assume(record.spelt(field), Text(en=f"{shown} {_READ_AS[found].en}", zh=f"{shown} {_READ_AS[found].zh}"))
    return found


def _by_percentage(record: UrdbRecord, options: UrdbOptions, book: ClauseBook) -> Ratchets:
    field = "demandratchetpercentage"
    numbers = record.numbers(field)
    given = {number for number in numbers if number}
    if not given:
        return {}
    is_fraction = _share(record, field, given, book)
    if is_fraction is None:
        return {}
    shares = [number if is_fraction else number / PERCENT for number in numbers]
    if len(set(numbers)) == 1 or options.ratchet_by == "billed_month":
        why = Text(en="of the highest of the 11 months before", zh="取此前 11 个月最高需量的比例")
        book.assume(record.spelt(field), why)
        return {month: LookBack(peak_share=share) for month, share in enumerate(shares, start=1) if share}
    if options.ratchet_by == "peak_month" and len(given) == 1:
        named = tuple(month for month, share in enumerate(shares, start=1) if share)
        return _every_month(LookBack(peak_share=max(shares), peak_months=named))
    what = Text(
        en="differs by month, and the format does not say whether by the month billed or the month looked at; "
        "say ratchet_by: billed_month or, for one percentage, peak_month",
        zh="各月不同，而格式未说明指计费月还是被回溯的月份；"
        "请指定 ratchet_by: billed_month，或在比例唯一时指定 peak_month",
    )
    book.refuse(record.spelt(field), what, ", ".join(f"{number:f}" for number in numbers))
    return {}


def _every_month(look_back: LookBack) -> Ratchets:
    return dict.fromkeys(range(1, N_MONTHS + 1), look_back)


def _by_look_back(record: UrdbRecord, book: ClauseBook) -> Ratchets:
    percent, named = record.number("lookbackpercent") or Decimal(0), record.numbers("lookbackmonths")
    n_before = record.number("lookbackrange") or Decimal(0)
    if not percent:
        for field, asks in (("lookbackmonths", any(named)), ("lookbackrange", bool(n_before))):
            if asks:
                book.refuse(
                    record.spelt(field), Text(en="look-back without lookbackPercent", zh="缺少 lookbackPercent")
                )
        return {}
    is_fraction = _share(record, "lookbackpercent", {percent}, book)
    if is_fraction is None:
        return {}
    share = percent if is_fraction else percent / PERCENT
    if n_before:
        return _by_range(record, share, n_before, any(named), book)
    if any(named):
        if set(named) - {Decimal(0), Decimal(1)}:
            book.refuse(record.spelt("lookbackmonths"), Text(en="must be 0 or 1 by month", zh="各月须为 0 或 1"))
            return {}
        book.read(record.spelt("lookbackmonths"))
        months = tuple(month for month, here in enumerate(named, start=1) if here)
        why = Text(
            en="the named months' peaks of the 12 months up to the billed one count, in every month",
            zh="每月均回溯至当月为止 12 个月内所列月份的最高需量",
        )
        book.assume(record.spelt("lookbackmonths"), why)
        return _every_month(LookBack(peak_share=share, peak_months=months))
    why = Text(en="no months are named: the 11 before count", zh="未列明月份：取此前 11 个月")
    book.assume(record.spelt("lookbackpercent"), why)
    return _every_month(LookBack(peak_share=share))


def _by_range(record: UrdbRecord, share: Decimal, n_before: Decimal, names_months: bool, book: ClauseBook) -> Ratchets:
    field = record.spelt("lookbackrange")
    if n_before != int(n_before) or not 0 < n_before <= 2 * N_MONTHS:
        book.refuse(field, Text(en="is no number of months", zh="不是月数"), n_before)
        return {}
    book.read(field)
    if names_months:
        why = Text(en="lookbackRange holds, lookbackMonths does not", zh="以 lookbackRange 为准，不采用 lookbackMonths")
        book.assume(field, why)
    return _every_month(LookBack(peak_share=share, months_count=int(n_before)))
