"""The same load under many tariffs: exact bills month by month, sorted, against the present one, by kind of line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.tariffs import AnyTariff, BilledLoad, Status, SupplyPoint, Tariff, bill
from domain.tariffs.tariff import CurrencyMixError, weakest
from domain.text import Language, Text

PARTS_MISSING = FindingKind(
    code="parts_missing",
    severity=Severity.WARNING,
    words=Text(
        en="Not all of these bills are whole: {tariffs} bill nothing for {kinds}, which others of them do. Look at the notes "
        "of their records before comparing totals.",
        zh="以下账单并不完整：{tariffs} 未计收 {kinds_zh}，而其他电价计收。比较合计前请查看其记录说明。",
    ),
)
PARTS = {
    "energy": (("energy", "spot"), Text(en="energy", zh="电量")),
    "power": (
        ("demand", "capacity", "network", "coincident"),
        Text(en="demand or capacity", zh="需量或容量"),
    ),
}
"""Parts that every whole bill of an industrial customer has, and the kinds of line that are one."""
ZERO = Decimal(0)
OPEN_FROM = date(1900, 1, 1)


@noun(eq=False)
class Candidate:
    """One tariff to compare, and the supply point as it would be under it."""

    tariff: AnyTariff
    name: Text
    supply: SupplyPoint


@noun
class Compared:
    """What the load costs under one tariff."""

    tariff_id: str
    name: Text
    status: Status
    total: Decimal
    """[currency]"""
    difference: Decimal | None
    """To the present tariff; None: no present one, or itself refused. [currency]"""
    difference_share: Decimal | None
    """[-]"""
    by_month: dict[str, Decimal]
    """Total of each month, such as 2026-10. [currency]"""
    by_kind: dict[str, Decimal]
    """Total of each kind of line. [currency]"""
    kind_differences: dict[str, Decimal]
    """To the present tariff, by kind of line. [currency]"""


@noun
class NotCompared:
    """A tariff that the load cannot be billed under, and why."""

    tariff_id: str
    name: Text
    code: str
    reason: Text


@noun
class Comparison:
    """All of them, cheapest first."""

    currency: str
    months: tuple[str, ...]
    present_id: str | None
    compared: tuple[Compared, ...]
    not_compared: tuple[NotCompared, ...]
    findings: tuple[Finding, ...] = ()


def as_if_in_force(tariff: AnyTariff) -> AnyTariff:
    """Give a tariff that holds on any day, for asking what another year's load would have cost; versions stay dated."""
    if not isinstance(tariff, Tariff):
        return tariff
    return replace(tariff, valid_from=OPEN_FROM, valid_until=None)


def compare(
    loads: Mapping[date, BilledLoad], candidates: Sequence[Candidate], present_id: str | None = None
) -> Comparison:
    """Bill one meter under every candidate for the same months, exactly.

    A candidate that cannot bill one of the months is not compared at all, because its total would be of fewer months.

    Parameters
    ----------
    loads : Mapping[date, BilledLoad]
        For the first day of each local month to add up: a load that covers it, and those before it where known.
    candidates : Sequence[Candidate]
        At least one; the first one's currency is compared in, or the present one's.
    present_id : str, optional
        Id of today's tariff among the candidates.
    """
    present = next((one for one in candidates if one.tariff.tariff_id == present_id), None)
    currency = (present or candidates[0]).tariff.currency
    done: list[Compared] = []
    refused: list[NotCompared] = []
    findings: list[Finding] = []
    for one in candidates:
        try:
            made, found = _billed(loads, one, currency)
        except WattplanError as error:
            reason = Text(en=error.say(Language.EN), zh=error.say(Language.ZH))
            refused.append(NotCompared(tariff_id=one.tariff.tariff_id, name=one.name, code=error.code, reason=reason))
            continue
        done.append(made)
        findings += [each for each in found if each not in findings]
    findings += _parts_missing(done)
    today = next((one for one in done if one.tariff_id == present_id), None)
    return Comparison(
        currency=currency,
        months=tuple(f"{month:%Y-%m}" for month in loads),
        present_id=present_id,
        compared=tuple(sorted((_against(one, today) for one in done), key=lambda one: (one.total, one.tariff_id))),
        not_compared=tuple(refused),
        findings=tuple(findings),
    )


def _billed(loads: Mapping[date, BilledLoad], candidate: Candidate, currency: str) -> tuple[Compared, list[Finding]]:
    tariff = candidate.tariff
    if tariff.currency != currency:
        what = Text(en="the comparison", zh="本次比较")
        raise CurrencyMixError(tariff_id=tariff.tariff_id, currency=tariff.currency, what=what, other=currency)
    by_month: dict[str, Decimal] = {}
    by_kind: dict[str, Decimal] = {}
    findings: list[Finding] = []
    worst = Status.OFFICIAL
    for month, load in loads.items():
        made = bill(load, tariff, candidate.supply, month)
        by_month[f"{month:%Y-%m}"] = made.total
        for line in made.lines:
            by_kind[line.kind] = by_kind.get(line.kind, ZERO) + line.amount
        findings += made.findings
        worst = weakest([worst, made.status])
    compared = Compared(
        tariff_id=tariff.tariff_id,
        name=candidate.name,
        status=worst,
        total=sum(by_month.values(), ZERO),
        difference=None,
        difference_share=None,
        by_month=by_month,
        by_kind=by_kind,
        kind_differences={},
    )
    return compared, findings


def _parts_missing(done: Sequence[Compared]) -> list[Finding]:
    """Warn of records that lack a part which others bill: their totals are not of the same things."""
    found = []
    for kinds, words in PARTS.values():
        lacking = [one.tariff_id for one in done if not set(kinds) & set(one.by_kind)]
        if lacking and len(lacking) < len(done):
            found.append(PARTS_MISSING.at(tariffs=", ".join(lacking), kinds=words.en, kinds_zh=words.zh))
    return found


def _against(one: Compared, today: Compared | None) -> Compared:
    if today is None:
        return one
    kinds = dict.fromkeys((*today.by_kind, *one.by_kind))
    difference = one.total - today.total
    return replace(
        one,
        difference=difference,
        difference_share=None if not today.total else difference / abs(today.total),
        kind_differences={kind: one.by_kind.get(kind, ZERO) - today.by_kind.get(kind, ZERO) for kind in kinds},
    )
