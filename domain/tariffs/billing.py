"""Exact bills: what a tariff asks of one load for one local month, line by line.

A bill and the amounts of many samples come from the same columns of lines, so they cannot differ.
"""

from datetime import date, timedelta
from decimal import Decimal

from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.tariffs.bills import Bill, BilledLoad
from domain.tariffs.charges import PowerFactorCharge
from domain.tariffs.determinants import MonthNotCoveredError, measure, month_part
from domain.tariffs.lines import LineColumn, line_columns
from domain.tariffs.tariff import SupplyPoint, Tariff
from domain.text import Text
from domain.time import month_start, next_month

POWER_FACTOR_TYPICAL = FindingKind(
    code="power_factor_typical",
    severity=Severity.WARNING,
    words=Text(
        en="{month}: neither reactive energy nor the month's power factor is known; "
        "the supply point's typical {power_factor} was billed.",
        zh="{month}：无功电量与当月功率因数均未知，按供电点的典型功率因数 {power_factor} 计费。",
    ),
)


class OneLoadOnlyError(WattplanError):
    """A bill is made for one load, not for several samples."""

    code = "one_load_only"
    words = Text(
        en="A bill is for one load; {n_samples} samples were given. Pick one row, or ask for sample_amounts.",
        zh="账单只针对一条负荷曲线，但给出了 {n_samples} 条样本。请选取一条，或使用 sample_amounts。",
    )


def _columns(load: BilledLoad, tariff: Tariff, supply: SupplyPoint, month: date) -> tuple[LineColumn, ...]:
    first = month_start(month)
    tariff.must_hold(first, next_month(first) - timedelta(days=1))
    tariff.must_fit(supply)
    return line_columns(tariff, supply, measure(load, tariff, supply, first))


def _one_row(load: BilledLoad) -> None:
    n_samples = load.import_kw.shape[0]
    if n_samples != 1:
        raise OneLoadOnlyError(n_samples=n_samples)


def _findings(load: BilledLoad, tariff: Tariff, supply: SupplyPoint, month: date) -> tuple[Finding, ...]:
    found = tariff.calendar.unknown_years([month])
    adjusts = any(isinstance(charge, PowerFactorCharge) for charge in tariff.charges)
    if adjusts and load.reactive_kvar is None and load.power_factor is None:
        found += (POWER_FACTOR_TYPICAL.at(month=f"{month:%Y-%m}", power_factor=str(supply.power_factor)),)
    return found


def bill(load: BilledLoad, tariff: Tariff, supply: SupplyPoint, month: date) -> Bill:
    """Bill one load for one local month. [tariff.currency].

    Parameters
    ----------
    load : BilledLoad
        One row; must cover the whole month on the tariff's local clock.
    month : date
        Any day of the month.

    Returns
    -------
    Bill
        A line per band, demand, capacity and fixed amount, each rounded as the tariff says and naming its
        rule; the power-factor line last.

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
    """
    _one_row(load)
    first = month_start(month)
    columns = _columns(load, tariff, supply, first)
    return Bill(
        tariff_id=tariff.tariff_id,
        currency=tariff.currency,
        month=first,
        status=tariff.status,
        lines=tuple(column.line(0, tariff.rounding) for column in columns),
        findings=_findings(load, tariff, supply, first),
    )


def bills(load: BilledLoad, tariff: Tariff, supply: SupplyPoint) -> tuple[Bill, ...]:
    """Bill one load for every whole local month that it covers. [tariff.currency].

    Raises
    ------
    MonthNotCoveredError
        If it covers no whole month; further as ``bill``.
    """
    _one_row(load)
    days = load.grid.local_days(tariff.zone)
    months = tuple(dict.fromkeys(month_start(one.day) for one in days))
    whole = [month for month in months if _covers(load, tariff, month)]
    if not whole:
        month_part(load.grid, tariff.zone, months[0])
    return tuple(bill(load, tariff, supply, month) for month in whole)


def _covers(load: BilledLoad, tariff: Tariff, month: date) -> bool:
    try:
        month_part(load.grid, tariff.zone, month)
    except MonthNotCoveredError:
        return False
    return True


def sample_amounts(
    load: BilledLoad, tariff: Tariff, supply: SupplyPoint, month: date
) -> dict[str, tuple[Decimal, ...]]:
    """Give each sample's rounded amount of one local month by kind of line. [tariff.currency].

    Equals ``bill(row).amount_of(kind)`` of every row. Raises as ``bill`` does, for any number of samples.
    """
    amounts: dict[str, tuple[Decimal, ...]] = {}
    for column in _columns(load, tariff, supply, month):
        here = tuple(column.amount(row, tariff.rounding) for row in range(len(column.kept)))
        before = amounts.get(column.kind)
        amounts[column.kind] = here if before is None else tuple(a + b for a, b in zip(before, here, strict=True))
    return amounts
