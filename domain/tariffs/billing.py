"""Exact bills: what a tariff asks of one load for one local month, line by line.

A bill and the amounts of many samples come from the same columns of lines, so they cannot differ.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.tariffs.bills import Bill, BilledLoad
from domain.tariffs.charges import DemandCharge, ExportCredit, PowerFactorCharge
from domain.tariffs.compiling import CompiledPeriod, compile_month
from domain.tariffs.decimals import plain
from domain.tariffs.lines import LineColumn, line_columns
from domain.tariffs.periods import MonthNotCoveredError, month_part
from domain.tariffs.reading import Reading
from domain.tariffs.tariff import DayFlag, SupplyPoint, Tariff, weakest
from domain.tariffs.versions import AnyTariff
from domain.text import Text
from domain.time import TimeGrid, month_start, next_month

POWER_FACTOR_TYPICAL = FindingKind(
    code="power_factor_typical",
    severity=Severity.WARNING,
    words=Text(
        en="{month}: neither reactive energy nor the month's power factor is known; "
        "the supply point's typical {power_factor} was billed.",
        zh="{month}：无功电量与当月功率因数均未知，按供电点的典型功率因数 {power_factor} 计费。",
    ),
)
FLAG_NOT_KNOWN = FindingKind(
    code="flag_not_known",
    severity=Severity.WARNING,
    words=Text(
        en="{month}: it is not known on which days from {first} on the flag {flag!r} of tariff {tariff_id} is up; those "
        "days were billed without it. Give facts.flags.",
        zh="{month}：自 {first} 起电价 {tariff_id} 的标记 {flag!r} 是否生效未知，这些日按未生效计费。请提供 facts.flags。",
    ),
)
FLAG_TOO_OFTEN = FindingKind(
    code="flag_too_often",
    severity=Severity.WARNING,
    words=Text(
        en="The flag {flag!r} was up on {n_days} days of {year}; tariff {tariff_id} allows {most_days}.",
        zh="标记 {flag!r} 在 {year} 年生效 {n_days} 天，电价 {tariff_id} 最多允许 {most_days} 天。",
    ),
)
FLAG_NOT_USED = FindingKind(
    code="flag_not_used",
    severity=Severity.WARNING,
    words=Text(
        en="The facts name the flag {flag!r}, which tariff {tariff_id} does not know (it knows: {known}); it was not used.",
        zh="facts 中的标记 {flag!r} 不属于电价 {tariff_id}（其标记为：{known}），未被使用。",
    ),
)
FLOOR_NOT_KNOWN = FindingKind(
    code="contract_floor_not_known",
    severity=Severity.WARNING,
    words=Text(
        en="Charge {charge_id} raises a contract demand below {share} % of the connected kVA to that; the capacity is not known, "
        "so the declared value was billed. Give supply.capacity_kva (command line: --capacity-kva).",
        zh="费用项 {charge_id} 规定合同最大需量不得低于装接容量的 {share} %；因容量未知，按申报值计收。"
        "请填写 supply.capacity_kva（命令行：--capacity-kva）。",
    ),
)
EXPORT_NOT_METERED = FindingKind(
    code="export_not_metered",
    severity=Severity.INFO,
    words=Text(
        en="{month}: tariff {tariff_id} pays for feed-in, and the load has none metered; it was taken as 0.",
        zh="{month}：电价 {tariff_id} 支付上网电量，但负荷未计量上网，按 0 计。",
    ),
)


class OneLoadOnlyError(WattplanError):
    """A bill is made for one load, not for several samples."""

    code = "one_load_only"
    words = Text(
        en="A bill is for one load; {n_samples} samples were given. Pick one row, or ask for sample_amounts.",
        zh="账单只针对一条负荷曲线，但给出了 {n_samples} 条样本。请选取一条，或使用 sample_amounts。",
    )


def _columns(periods: tuple[CompiledPeriod, ...], reading: Reading) -> tuple[LineColumn, ...]:
    return tuple(column for period in periods for column in line_columns(period, reading))


def _one_row(load: BilledLoad) -> None:
    n_samples = load.import_kw.shape[0]
    if n_samples != 1:
        raise OneLoadOnlyError(n_samples=n_samples)


def _findings(load: BilledLoad, period: CompiledPeriod, supply: SupplyPoint) -> tuple[Finding, ...]:
    tariff, month = period.period.tariff, period.period.month
    words = {"month": f"{month:%Y-%m}", "tariff_id": tariff.tariff_id}
    found = list(tariff.calendar.unknown_years([month]))
    adjusts = any(isinstance(charge, PowerFactorCharge) for charge in tariff.charges)
    if adjusts and load.reactive_kvar is None and load.power_factor is None:
        found.append(POWER_FACTOR_TYPICAL.at(month=f"{month:%Y-%m}", power_factor=str(supply.power_factor)))
    if load.export_kw is None and any(isinstance(charge, ExportCredit) for charge in tariff.charges):
        found.append(EXPORT_NOT_METERED.at(**words))
    if supply.capacity_kva is None:
        found += [
            FLOOR_NOT_KNOWN.at(charge_id=charge.charge_id, share=plain(charge.floor_share * 100))
            for charge in tariff.charges
            if isinstance(charge, DemandCharge) and charge.basis == "contract" and charge.floor_share
        ]
    known = [flag.flag for flag in tariff.day_flags]
    if known:
        unused = [one.flag for one in load.facts.flags if one.flag not in known]
        found += [FLAG_NOT_USED.at(flag=one, tariff_id=tariff.tariff_id, known=", ".join(known)) for one in unused]
    for flag in tariff.day_flags:
        found += _flag_findings(flag, load, tariff, month)
    return tuple(found)


def _flag_findings(flag: DayFlag, load: BilledLoad, tariff: Tariff, month: date) -> list[Finding]:
    known = load.facts.flagged(flag.flag)
    found = []
    known_until = month if known is None else known.known_until
    if flag.decided != "listed" and known_until < next_month(month):
        first = max(month, known_until)
        found.append(
            FLAG_NOT_KNOWN.at(month=f"{month:%Y-%m}", first=str(first), flag=flag.flag, tariff_id=tariff.tariff_id)
        )
    days = {day for day in (*flag.days, *(() if known is None else known.days)) if day.year == month.year}
    if flag.most_days_count is not None and len(days) > flag.most_days_count:
        found.append(
            FLAG_TOO_OFTEN.at(
                flag=flag.flag,
                n_days=len(days),
                year=month.year,
                tariff_id=tariff.tariff_id,
                most_days=flag.most_days_count,
            )
        )
    return found


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for one in findings:
        if one not in found:
            found.append(one)
    return tuple(found)


def bill(load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint, month: date) -> Bill:
    """Bill one load for one local month. [tariff.currency].

    Parameters
    ----------
    load : BilledLoad
        One row; must cover the whole month on the tariff's local clock.
    tariff : Tariff or TariffVersions
        Of versions, each bills its days: energy as metered on them; monthly amounts, prices per kW and kVA, and the
        limits of tiers by its share of the month's days, at the whole month's maximum demand.
    month : date
        Any day of the month.

    Returns
    -------
    Bill
        A line per band, tier, demand, capacity and fixed amount, each rounded as the tariff says and naming its
        rule; lines that rest on others last.

    Raises
    ------
    OneLoadOnlyError
        If the load has several samples.
    TariffNotInForceError, TariffNotForCustomerError
        If the tariff does not hold all month, or not for this customer.
    MonthNotCoveredError, StepTooCoarseError, BandEdgeError
        If the load does not fit the month or the tariff's clock.
    CapacityUnknownError, ContractDemandUnknownError, PowerFactorUnknownError
        If the supply point lacks what a charge bills.
    PricesUnknownError, SystemPeaksUnknownError, PastMonthUnknownError, CurrencyMixError
        If ``load.facts`` does.
    """
    _one_row(load)
    first = month_start(month)
    periods = compile_month(tariff, supply, load.grid, load.facts, first)
    columns = _columns(periods, Reading(load, supply))
    return Bill(
        tariff_id=tariff.tariff_id,
        currency=tariff.currency,
        month=first,
        status=weakest([one.period.tariff.status for one in periods]),
        lines=tuple(column.line(0) for column in columns),
        findings=_once(one for period in periods for one in _findings(load, period, supply)),
    )


def bills(load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint) -> tuple[Bill, ...]:
    """Bill one load for every whole local month that it covers. [tariff.currency].

    Raises
    ------
    MonthNotCoveredError
        If it covers no whole month; further as ``bill``.
    """
    _one_row(load)
    return tuple(bill(load, tariff, supply, month) for month in covered_months(load, tariff.zone))


def covered_months(load: BilledLoad, zone: str) -> tuple[date, ...]:
    """Give the first day of every whole local month that a load covers.

    Raises
    ------
    MonthNotCoveredError
        If there is none, naming what the first lacks.
    """
    return months_of(load.grid, zone)


def months_of(grid: TimeGrid, zone: str) -> tuple[date, ...]:
    """Give the first day of every whole local month of a grid; raises as ``covered_months``."""
    months = tuple(dict.fromkeys(month_start(one.day) for one in grid.local_days(zone)))
    whole = tuple(month for month in months if _covers(grid, zone, month))
    if not whole:
        month_part(grid, zone, months[0])
    return whole


def _covers(grid: TimeGrid, zone: str, month: date) -> bool:
    try:
        month_part(grid, zone, month)
    except MonthNotCoveredError:
        return False
    return True


def sample_amounts(
    load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint, month: date
) -> dict[str, tuple[Decimal, ...]]:
    """Give each sample's rounded amount of one local month by kind of line. [tariff.currency].

    Equals ``bill(row).amount_of(kind)`` of every row. Raises as ``bill`` does, for any number of samples.
    """
    periods = compile_month(tariff, supply, load.grid, load.facts, month_start(month))
    amounts: dict[str, tuple[Decimal, ...]] = {}
    for column in _columns(periods, Reading(load, supply)):
        here = column.amounts
        before = amounts.get(column.kind)
        amounts[column.kind] = here if before is None else tuple(a + b for a, b in zip(before, here, strict=True))
    return amounts
