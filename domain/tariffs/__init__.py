"""Tariffs as data, exact bills, and the same charges as terms of a model."""

from domain.tariffs.bands import BandCalendar, BandRule
from domain.tariffs.billing import OneLoadOnlyError, bill, bills, sample_amounts
from domain.tariffs.bills import Bill, BilledLoad, BillingDeterminants, BillingWindow, BillLine
from domain.tariffs.charges import (
    CapacityCharge,
    Charge,
    DemandCharge,
    EnergyCharge,
    FixedCharge,
    OverStep,
    PowerFactorCharge,
    PriceComponent,
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
from domain.tariffs.lines import band_fund_per_kwh, band_price_per_kwh
from domain.tariffs.power_factor import (
    PowerFactorOutOfRangeError,
    PowerFactorUnknownError,
    adjustment_rate,
    power_factor_of,
)
from domain.tariffs.pricing import HorizonSplitsBlockError, priced_terms
from domain.tariffs.tariff import PurchaseMode, Rounding, Source, Status, SupplyPoint, Tariff
from domain.tariffs.terms import DemandTerm, PricedTerms
