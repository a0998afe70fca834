"""The kinds of charges a tariff is made of. Each is data; ``compiled`` turns it into the lines of a bill."""

from typing import Annotated

from domain.noun import one_of
from domain.tariffs.charges_demand import (
    MEASUREMENT_MIN,
    CapacityCharge,
    CoincidentCharge,
    DemandCharge,
    DemandTier,
    ExcessCapacityCharge,
    LookBack,
    OverRule,
    OverStep,
    UsageRebateCharge,
)
from domain.tariffs.charges_energy import (
    MOST_DECIMALS,
    ONE,
    ZERO,
    EnergyCharge,
    EnergyTier,
    EnergyTiers,
    ExportCredit,
    PriceCapCharge,
    PriceComponent,
    ProfitShareCharge,
    SpotCharge,
    TierBasis,
)
from domain.tariffs.charges_other import (
    AtypicalUse,
    BandLoadStep,
    FixedCharge,
    MinimumCharge,
    NetworkCharge,
    PowerFactorCharge,
    PowerFactorStandard,
    PricePair,
    ReactiveCharge,
    TaxCharge,
)

Charge = Annotated[
    FixedCharge
    | EnergyCharge
    | SpotCharge
    | DemandCharge
    | CoincidentCharge
    | CapacityCharge
    | ExcessCapacityCharge
    | UsageRebateCharge
    | NetworkCharge
    | ReactiveCharge
    | PriceCapCharge
    | ProfitShareCharge
    | ExportCredit
    | PowerFactorCharge
    | MinimumCharge
    | TaxCharge,
    one_of("kind"),
]

SUMMING = (UsageRebateCharge, PriceCapCharge, PowerFactorCharge, MinimumCharge, TaxCharge)
"""Kinds that rest on other charges' lines and come after them, in this order."""

__all__ = [
    "MEASUREMENT_MIN",
    "MOST_DECIMALS",
    "ONE",
    "SUMMING",
    "ZERO",
    "AtypicalUse",
    "BandLoadStep",
    "CapacityCharge",
    "Charge",
    "CoincidentCharge",
    "DemandCharge",
    "DemandTier",
    "EnergyCharge",
    "EnergyTier",
    "EnergyTiers",
    "ExcessCapacityCharge",
    "ExportCredit",
    "FixedCharge",
    "LookBack",
    "MinimumCharge",
    "NetworkCharge",
    "OverRule",
    "OverStep",
    "PowerFactorCharge",
    "PowerFactorStandard",
    "PriceCapCharge",
    "PriceComponent",
    "PricePair",
    "ProfitShareCharge",
    "ReactiveCharge",
    "SpotCharge",
    "TaxCharge",
    "TierBasis",
    "UsageRebateCharge",
]
