"""What a tariff's charges say of each other must be there."""

from collections.abc import Sequence

from domain import checks
from domain.tariffs.charges import (
    SUMMING,
    ZERO,
    Charge,
    DemandCharge,
    EnergyCharge,
    ExportCredit,
    MinimumCharge,
    PowerFactorCharge,
    PriceCapCharge,
    SpotCharge,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.charges_demand import MONTHS_OF_YEAR
from domain.text import Text

ONE_ONLY = {
    PowerFactorCharge: Text(en="only one power-factor charge", zh="只能有一项力调电费"),
    MinimumCharge: Text(en="only one minimum charge", zh="只能有一项最低电费"),
}


def check_charges(owner: object, charges: Sequence[Charge], flags: Sequence[str]) -> None:
    """Refuse charges that point at what is not there, and flags that nobody declares."""
    _only_one(owner, charges)
    plain_demand = {one.charge_id for one in charges if isinstance(one, DemandCharge) and one.levied == "month"}
    for charge in charges:
        if isinstance(charge, UsageRebateCharge | PriceCapCharge | MinimumCharge | TaxCharge):
            for one in charge.of:
                checks.known(charge, "of", one, _may_rest_on(charge, charges, plain_demand))
        if isinstance(charge, PriceCapCharge):
            _one_price_per_kwh(charge, charges)
        if isinstance(charge, EnergyCharge):
            for group in charge.tiers:
                if group.demand_charge_id is not None:
                    checks.known(charge, "tiers.demand_charge_id", group.demand_charge_id, plain_demand)
        if isinstance(charge, EnergyCharge | DemandCharge | ExportCredit) and charge.calendar is not None:
            for flag in charge.calendar.flags:
                checks.known(charge, "calendar.rules.days (flag)", flag, flags)


def _one_price_per_kwh(charge: PriceCapCharge, charges: Sequence[Charge]) -> None:
    """Refuse a cap on the mean price of charges that bill no kWh, or some kWh twice: the mean would mean nothing."""
    capped = [one for one in charges if one.charge_id in charge.of and isinstance(one, EnergyCharge | SpotCharge)]
    for month in range(1, MONTHS_OF_YEAR + 1):
        held = [one for one in capped if isinstance(one, SpotCharge) or not one.months or month in one.months]
        share = sum((one.energy_share for one in held), ZERO)
        if not capped or share > 1:
            problem = Text(
                en=f"bill {share} of the energy in month {month}; a mean price needs each kWh once at most",
                zh=f"在 {month} 月合计计费电量比例为 {share}；均价要求每千瓦时最多计一次",
            )
            mend = Text(
                en="Put the prices of one kWh into one charge's components, or name an energy charge.",
                zh="请将同一千瓦时的各项价格放入同一费用项的 components，或指定电量费用项。",
            )
            raise checks.refuse(charge, "of", ", ".join(charge.of), problem, mend)


def _may_rest_on(charge: Charge, charges: Sequence[Charge], plain_demand: set[str]) -> set[str]:
    """Give the charges whose lines stand before a summing charge's own: what comes later cannot be added up in it."""
    if isinstance(charge, UsageRebateCharge):
        return plain_demand
    place = SUMMING.index(type(charge))
    return {one.charge_id for one in charges if not isinstance(one, SUMMING[place:])}


def _only_one(owner: object, charges: Sequence[Charge]) -> None:
    for kind, problem in ONE_ONLY.items():
        if sum(isinstance(charge, kind) for charge in charges) > 1:
            raise checks.refuse(owner, "charges", kind.__name__, problem)
