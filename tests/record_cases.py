"""Loads, supply points and facts for billing the records of the catalogue."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from domain.catalogue import any_tariff, tariff
from domain.tariffs import Bill, BilledLoad, PurchaseMode, SupplyPoint, Tariff, bill
from domain.tariffs.charges import DemandCharge, EnergyCharge
from domain.tariffs.facts import Facts, PriceSeries
from domain.tariffs.lines import band_price_per_kwh
from domain.time import TimeGrid
from tests.tariff_cases import month_grid

MARKET = SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL, power_factor=Decimal("0.90"))
AGENCY = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY, power_factor=Decimal("0.90"))
ANYONE = SupplyPoint(purchase_mode=PurchaseMode.REGULATED, power_factor=Decimal("0.95"))


def load_of(record_id: str, month: date, kw: float, *, n_months: int = 1, facts: Facts | None = None, **steps: float):
    """Give a flat load, with other values at some quarter-hours of the month: ``s7=120``."""
    zone = any_tariff(record_id).zone
    grid = month_grid(month, zone, n_months=n_months)
    values = np.full(grid.n_steps, kw)
    for name, value in steps.items():
        values[int(name[1:])] = value
    return BilledLoad(grid=grid, import_kw=values, facts=facts or Facts())


def billed(record_id: str, month: date, kw: float, supply: SupplyPoint, facts: Facts | None = None, **steps) -> Bill:
    return bill(load_of(record_id, month, kw, facts=facts, **steps), any_tariff(record_id), supply, month)


def amounts(made: Bill) -> dict[str, Decimal]:
    return {f"{line.charge_id}: {line.label.en.split(': ')[-1]}": line.amount for line in made.lines}


def by_charge(made: Bill) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in made.lines:
        found[line.charge_id] = found.get(line.charge_id, Decimal(0)) + line.amount
    return found


def energy_of(record: Tariff) -> EnergyCharge:
    return next(charge for charge in record.charges if isinstance(charge, EnergyCharge))


def prices_of(record_id: str) -> dict[str, Decimal]:
    charge = energy_of(tariff(record_id))
    return {band: band_price_per_kwh(charge, band) for band in charge.calendar.bands}


def index(index_id: str, month: date, price: float, *, zone: str, currency: str = "CNY", n_months: int = 1, **hours):
    """Give a flat hourly index with other prices at some hours of the month: ``h12=-0.05``."""
    grid = month_grid(month, zone, 60, n_months)
    values = np.full(grid.n_steps, price)
    for name, value in hours.items():
        values[int(name[1:])] = value
    return PriceSeries(index_id=index_id, currency=currency, grid=grid, prices_per_kwh=values)


def band_at(record_id: str, text: str, charge_id: str | None = None) -> str:
    record = tariff(record_id)
    charge = energy_of(record) if charge_id is None else next(c for c in record.charges if c.charge_id == charge_id)
    calendar = charge.calendar if isinstance(charge, EnergyCharge | DemandCharge) else charge.atypical.calendar
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(record.zone))
    grid = TimeGrid(start=at, step_min=15, n_steps=1)
    return calendar.bands[calendar.bands_on(grid, record.zone, record.calendar)[0]]
