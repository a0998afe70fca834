"""Tariffs as data, exact bills, and the same charges as terms of a model."""

from domain.tariffs.bands import BandCalendar, BandRule
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
from domain.tariffs.tariff import PurchaseMode, Rounding, Source, Status, SupplyPoint, Tariff
from domain.tariffs.terms import DemandTerm, PricedTerms
