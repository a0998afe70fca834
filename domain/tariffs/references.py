"""What a tariff's charges say of each other must be there."""

from collections.abc import Sequence

from domain import checks
from domain.tariffs.charges import (
    SUMMING,
    Charge,
    DemandCharge,
    EnergyCharge,
    ExportCredit,
    MinimumCharge,
    PowerFactorCharge,
    PriceCapCharge,
    TaxCharge,
    UsageRebateCharge,
)
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
        if isinstance(charge, EnergyCharge):
            for group in charge.tiers:
                if group.demand_charge_id is not None:
                    checks.known(charge, "tiers.demand_charge_id", group.demand_charge_id, plain_demand)
        if isinstance(charge, EnergyCharge | DemandCharge | ExportCredit) and charge.calendar is not None:
            for flag in charge.calendar.flags:
                checks.known(charge, "calendar.rules.days (flag)", flag, flags)


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
