"""Loads of a plant whose base, ramps, peaks and levels are known by heart, and prices for them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from domain.metering import MeterSeries
from domain.tariffs import DemandCharge, PurchaseMode, SupplyPoint, Tariff
from domain.time import Calendar, TimeGrid
from forecasting.patterns import Billing, Diagnosis, PatternFinding, diagnose
from tests.tariff_cases import SHANGHAI, flat_energy, tariff_of, words

FIRST, N_DAYS = date(2024, 7, 1), 92
"""Monday 1 July to Monday 30 September: three whole months, 66 working days, 13 Saturdays, 13 Sundays."""
WEEKDAYS = Calendar()
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY)
DEMAND = DemandCharge(charge_id="demand", label=words("Demand"), price_per_kw_month=Decimal(40))
HOURLY_DEMAND = replace(DEMAND, measurement_min=60)


def by_shift(at: datetime) -> float:
    """300 kW on working days from 8 to 18 h, else 100 kW."""
    return 300.0 if at.weekday() < 5 and 8 <= at.hour < 18 else 100.0


def meter_of(
    load_kw: Callable[[datetime], float] = by_shift,
    *,
    first: date = FIRST,
    n_days: int = N_DAYS,
    zone: str = SHANGHAI,
    step_min: int = 60,
) -> MeterSeries:
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    values = np.array([load_kw(at.to_pydatetime()) for at in grid.local_starts(zone)])
    return MeterSeries(meter_id="m", grid=grid, import_kw=values)


def priced(*charges, **fields) -> Billing:
    made = tariff_of(*(charges or (flat_energy("0.5"),)), **fields)
    assert isinstance(made, Tariff)
    return Billing(tariff=made, supply=SUPPLY)


def seen(meter: MeterSeries, billing: Billing | None = None, **more) -> Diagnosis:
    return diagnose(meter, zone=more.pop("zone", SHANGHAI), calendar=WEEKDAYS, billing=billing, **more)


def of_code(diagnosis: Diagnosis, code: str) -> list[PatternFinding]:
    return [one for one in diagnosis.findings if one.code == code]


def the(diagnosis: Diagnosis, code: str) -> PatternFinding:
    (one,) = of_code(diagnosis, code)
    return one
