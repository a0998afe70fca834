"""Tariffs as data, exact bills, and the same charges as terms of a model."""

from domain.tariffs.atoms import Affine, Atom, HingeAtom, PeakAtom, StepAtom, TopAtom
from domain.tariffs.bands import BandCalendar, BandRule
from domain.tariffs.billing import OneLoadOnlyError, bill, bills, covered_months, sample_amounts
from domain.tariffs.bills import Bill, BilledLoad, BillingDeterminants, BillingWindow, BillLine
from domain.tariffs.charges import (
    AtypicalUse,
    BandLoadStep,
    CapacityCharge,
    Charge,
    CoincidentCharge,
    DemandCharge,
    DemandTier,
    EnergyCharge,
    EnergyTier,
    EnergyTiers,
    ExcessCapacityCharge,
    ExportCredit,
    FixedCharge,
    LookBack,
    MinimumCharge,
    NetworkCharge,
    OverStep,
    PowerFactorCharge,
    PriceCapCharge,
    PriceComponent,
    PricePair,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.contract import (
    ContractDemandUnknownError,
    OverTerms,
    best_contract_demand_kw,
    break_even_kw_per_kva,
    over_terms,
)
from domain.tariffs.decimals import as_decimal, half_up
from domain.tariffs.determinants import CapacityUnknownError, MonthNotCoveredError, StepTooCoarseError, measure
from domain.tariffs.facts import (
    NO_FACTS,
    Facts,
    FlaggedDays,
    PastMonth,
    PastMonthUnknownError,
    PriceSeries,
    PricesUnknownError,
    SystemPeaks,
    SystemPeaksUnknownError,
)
from domain.tariffs.lines import band_fund_per_kwh, band_price_per_kwh
from domain.tariffs.power_factor import (
    PowerFactorOutOfRangeError,
    PowerFactorUnknownError,
    adjustment_rate,
    power_factor_of,
)
from domain.tariffs.pricing import HorizonSplitsBlockError, priced_terms
from domain.tariffs.tariff import (
    CurrencyMixError,
    DayFlag,
    PurchaseMode,
    Rounding,
    Source,
    Status,
    SupplyPoint,
    Tariff,
    TariffNotForCustomerError,
    TariffNotInForceError,
)
from domain.tariffs.terms import DemandTerm, PricedTerms
from domain.tariffs.versions import AnyTariff, TariffVersions, version_on, versions_of
