"""A tariff and a month as the lines of a bill, before any load is known."""

from collections.abc import Sequence
from datetime import date

from domain.noun import noun
from domain.tariffs import compile_capacity, compile_demand, compile_energy, compile_sums
from domain.tariffs.charges import (
    SUMMING,
    CapacityCharge,
    Charge,
    CoincidentCharge,
    DemandCharge,
    EnergyCharge,
    ExcessCapacityCharge,
    ExportCredit,
    FixedCharge,
    MinimumCharge,
    NetworkCharge,
    PowerFactorCharge,
    PriceCapCharge,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.compile_network import network
from domain.tariffs.facts import Facts
from domain.tariffs.line import Compiled, Line, line_of
from domain.tariffs.periods import Period, period_of
from domain.tariffs.quantities import Given, Quantity
from domain.tariffs.rules import fixed_rule
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.versions import AnyTariff, held_days
from domain.time import TimeGrid


@noun(eq=False)
class CompiledPeriod:
    """All charges of one version in one month, in the order of the tariff's charges."""

    period: Period
    charges: tuple[Compiled, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The bill's lines: charges as the tariff lists them, then those that rest on others."""
        summing = {charge.charge_id for charge in self.period.tariff.charges if isinstance(charge, SUMMING)}
        plain = [line for one in self.charges if one.charge_id not in summing for line in one.lines]
        late = [one for kind in SUMMING for one in self._of_kind(kind)]
        return (*plain, *(line for one in late for line in one.lines))

    def _of_kind(self, kind: type) -> list[Compiled]:
        ids = [charge.charge_id for charge in self.period.tariff.charges if isinstance(charge, kind)]
        return [one for one in self.charges if one.charge_id in ids]


def compile_month(
    tariff: AnyTariff, supply: SupplyPoint, grid: TimeGrid, facts: Facts, month: date
) -> tuple[CompiledPeriod, ...]:
    """Give the lines of a month, one entry per version of the tariff that holds in it.

    Raises
    ------
    TariffNotInForceError, TariffNotForCustomerError
        If no version holds on a day of the month, or one is not for this customer.
    MonthNotCoveredError, StepTooCoarseError, BandEdgeError
        If the grid does not fit the month or the tariff's clock.
    CapacityUnknownError, ContractDemandUnknownError
        If the supply point lacks what a charge bills.
    PricesUnknownError, SystemPeaksUnknownError, PastMonthUnknownError, CurrencyMixError
        If the facts do.
    """
    found = []
    for held in held_days(tariff, month):
        held.tariff.must_fit(supply)
        found.append(_compile(period_of(held, supply, grid, facts, month)))
    return tuple(found)


def _compile(period: Period) -> CompiledPeriod:
    charges = period.tariff.charges
    demand: dict[str, Quantity] = {}
    found: dict[str, Compiled] = {}
    # demand first: tiers by hours' use ask for it
    for charge in sorted(charges, key=lambda one: not isinstance(one, DemandCharge)):
        if not isinstance(charge, SUMMING):
            found[charge.charge_id] = _plain(charge, period, demand)
    lines = [line for charge in charges if charge.charge_id in found for line in found[charge.charge_id].lines]
    for kind in SUMMING:
        of_kind = [charge for charge in charges if isinstance(charge, kind)]
        summed = _summing(of_kind, period, lines, found)
        for one in summed:
            found[one.charge_id] = one
            lines += one.lines
    return CompiledPeriod(period=period, charges=tuple(found[charge.charge_id] for charge in charges))


def _plain(  # noqa: C901, PLR0911 -- one arm per kind of charge
    charge: Charge, period: Period, demand: dict[str, Quantity]
) -> Compiled:
    match charge:
        case FixedCharge():
            return _fixed(charge, period)
        case EnergyCharge():
            return compile_energy.energy(charge, period, demand.__getitem__)
        case SpotCharge():
            return compile_energy.spot(charge, period)
        case ProfitShareCharge():
            return compile_energy.profit_share(charge, period)
        case ExportCredit():
            return compile_energy.export(charge, period)
        case DemandCharge():
            return compile_demand.demand(charge, period, demand)
        case CoincidentCharge():
            return compile_capacity.coincident(charge, period)
        case CapacityCharge():
            return compile_capacity.capacity(charge, period)
        case ExcessCapacityCharge():
            return compile_capacity.excess_capacity(charge, period)
        case ReactiveCharge():
            return compile_capacity.reactive(charge, period)
        case NetworkCharge():
            return network(charge, period)
    raise AssertionError(charge.kind)  # a kind that nobody compiles is a defect


def _summing(
    charges: Sequence[Charge], period: Period, lines: list[Line], found: dict[str, Compiled]
) -> tuple[Compiled, ...]:
    so_far = tuple(lines)
    made: list[Compiled] = []
    for charge in charges:
        match charge:
            case UsageRebateCharge():
                made.append(compile_sums.usage_rebate(charge, period, so_far))
            case PriceCapCharge():
                made.append(compile_sums.price_cap(charge, period, so_far, found))
            case PowerFactorCharge():
                made.append(compile_sums.power_factor(charge, period, so_far))
            case MinimumCharge():
                made.append(compile_sums.minimum(charge, period, so_far))
    made += compile_sums.taxes([charge for charge in charges if isinstance(charge, TaxCharge)], period, so_far)
    return tuple(made)


def _fixed(charge: FixedCharge, period: Period) -> Compiled:
    if charge.months and period.month.month not in charge.months:
        return Compiled(charge_id=charge.charge_id, lines=(), measured={})
    lines = []
    months: Quantity = Given(value=float(period.share))
    days: Quantity = Given(value=float(period.days_count))
    if charge.amount_per_month or not charge.amount_per_day:
        lines.append((months, "month", charge.amount_per_month, fixed_rule(period, per_day=False)))
    if charge.amount_per_day:
        lines.append((days, "day", charge.amount_per_day, fixed_rule(period, per_day=True)))
    return Compiled(
        charge_id=charge.charge_id,
        lines=tuple(
            line_of(
                charge,
                unit=unit,
                quantity=quantity,
                unit_price=price,
                rule=text,
            )
            for quantity, unit, price, text in lines
        ),
        measured={"months_count": months, "days_count": days},
    )
