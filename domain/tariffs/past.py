"""What past months brought to ratchets and yearly prices, measured from a longer load and kept as facts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.tariffs.bills import BilledLoad
from domain.tariffs.charges import Charge, CoincidentCharge, DemandCharge, NetworkCharge
from domain.tariffs.compile_capacity import coincident_peak
from domain.tariffs.compile_demand import month_peak
from domain.tariffs.compile_network import network_month
from domain.tariffs.decimals import as_decimal, half_up
from domain.tariffs.facts import Facts, PastMonth, SystemPeaksUnknownError
from domain.tariffs.periods import MonthNotCoveredError, Period, months_before, period_of
from domain.tariffs.quantities import Quantity
from domain.tariffs.reading import Reading
from domain.tariffs.tariff import SupplyPoint, Tariff
from domain.tariffs.versions import AnyTariff, HeldDays, versions_of
from domain.time import next_month

PAST_DECIMALS = 6


def looks_back(charge: Charge, month: date) -> tuple[date, ...]:
    """Give the months before a billed one that a charge looks at."""
    year = tuple(date(month.year, number, 1) for number in range(1, month.month))
    if isinstance(charge, DemandCharge):
        if charge.levied == "year":
            return tuple(one for one in year if not charge.months or one.month in charge.months)
        if charge.look_back is None:
            return ()
        wanted = charge.look_back.peak_months
        return tuple(
            one for one in months_before(month, charge.look_back.months_count) if not wanted or one.month in wanted
        )
    if isinstance(charge, NetworkCharge):
        return year
    if isinstance(charge, CoincidentCharge) and charge.is_yearly and charge.counts == "highest":
        return year
    return ()


def past_months(load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint, month: date) -> tuple[PastMonth, ...]:
    """Measure what the charges billed in a month look back at, as far as a load covers it whole. [per quantity].

    Months that the load does not cover are left out: asking for them later is an error that names them.

    Parameters
    ----------
    load : BilledLoad
        One row without holes; usually the meter's history.
    month : date
        The first month that will be billed.
    """
    reading = Reading(load, supply)
    found: dict[date, dict[str, Decimal]] = {}
    first = month.replace(day=1)
    for version in versions_of(tariff):
        for charge in version.charges:
            for one in looks_back(charge, first):
                try:
                    period = _period(version, supply, load, one)
                except MonthNotCoveredError:
                    continue
                for name, quantity in _measured(charge, period):
                    value = half_up(as_decimal(float(reading.of(quantity)[0])), PAST_DECIMALS)
                    found.setdefault(one, {})[f"{charge.charge_id}.{name}"] = value
    return tuple(PastMonth(month=one, quantities=found[one]) for one in sorted(found))


def _period(version: Tariff, supply: SupplyPoint, load: BilledLoad, month: date) -> Period:
    """Give a past month as this version would have measured it, whichever version held then."""
    held = HeldDays(tariff=version, first_day=month, stop_day=next_month(month))
    return period_of(held, supply, load.grid, load.facts, month)


def _measured(charge: Charge, period: Period) -> Iterator[tuple[str, Quantity]]:
    if isinstance(charge, DemandCharge):
        yield "max_demand_kw", month_peak(charge, period)
    elif isinstance(charge, NetworkCharge):
        here = network_month(charge, period, period.month)
        yield "energy_kwh", here.kwh
        yield "max_demand_kw", here.peak
        if charge.atypical is not None:
            yield "window_demand_kw", here.window_peak
    elif isinstance(charge, CoincidentCharge):
        try:
            yield "coincident_kw", coincident_peak(charge, period)
        except SystemPeaksUnknownError:
            return


def with_past(facts: Facts, past: Sequence[PastMonth]) -> Facts:
    """Add measured months to facts; what the facts say already stands."""
    merged = {one.month: dict(one.quantities) for one in past}
    for one in facts.past:
        merged[one.month] = merged.get(one.month, {}) | one.quantities
    months = tuple(PastMonth(month=month, quantities=merged[month]) for month in sorted(merged))
    return replace(facts, past=months)
