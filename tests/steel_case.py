"""The real steel plant of the optional real-data folder, with a plan of plausible heats.

The folder has no production records. Heats are read off the meter: what a quarter-hour draws above
``IDLE_KW``, up to ``HEAT_KW``, is taken for the furnace. The plan of the week asked about has as many
heats a day as the same weekdays of the weeks before, at their usual hours.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.files.taipower import read_taipower
from domain.files.urdb import read_urdb
from domain.metering import MeterSeries
from domain.offers import Case, Package, QuoteOptions, SolveOptions
from domain.plant import Flow, Machine, PowerPhase, ProductionPlan, Shift, Site, Store, Task
from domain.tariffs import DemandCharge, PurchaseMode, SupplyPoint, Tariff
from domain.text import Text
from domain.time import Calendar, TimeGrid, local_midnight
from tests.realdata import REAL_DATA

ZONE = "Asia/Seoul"
IDLE_KW = 60.0
HEAT_KW = 280.0
HEAT_MIN = 60
HEATS_A_DAY = 7
MONDAY = date(2018, 10, 15)
TAIPOWER_PLANS = ("high_voltage_2_tier", "high_voltage_three_stage", "high_voltage_batch", "high_voltage_power")


def need(*names: str) -> Path:
    """Give the real-data folder, or skip where a part of it is absent."""
    for name in names:
        if not (REAL_DATA / name).exists():
            pytest.skip(f"the optional real-data folder has no {name}")
    return REAL_DATA


def steel_meter() -> MeterSeries:
    """Read the year of quarter-hours."""
    table = pd.read_csv(REAL_DATA / "normalised" / "steel.csv.gz", parse_dates=["start_utc"])
    grid = TimeGrid(start=table["start_utc"].iloc[0].to_pydatetime(), step_min=15, n_steps=len(table))
    return MeterSeries(
        meter_id="steel",
        grid=grid,
        import_kw=table["energy_kwh"].to_numpy() * 4,
        reactive_kvar=table["reactive_kvarh"].to_numpy() * 4,
    )


def furnace_history(meter: MeterSeries) -> MeterSeries:
    """Give what the furnace is taken to have drawn."""
    return MeterSeries(meter_id="furnace", grid=meter.grid, import_kw=np.clip(meter.import_kw - IDLE_KW, 0.0, HEAT_KW))


def heats_plan(days: int = 7) -> ProductionPlan:
    """Plan a week of heats: each runs within its own day, today from 08:00 on, one after the other."""
    calendar = Calendar(country="KR")
    tasks = []
    for number in range(days):
        day = MONDAY + timedelta(days=number)
        if not calendar.is_workday(day):
            continue
        midnight = local_midnight(day, ZONE)
        starts = tuple(midnight + timedelta(hours=8, minutes=75 * heat) for heat in range(HEATS_A_DAY))
        tasks.append(
            Task(
                task_id=f"heats-{day:%m%d}",
                name=f"Heats of {day:%a %d %b}",
                machine_ids=("furnace",),
                phases=(PowerPhase(power_kw=HEAT_KW, duration_min=45), PowerPhase(power_kw=150.0, duration_min=15)),
                earliest=midnight,
                latest_end=midnight + timedelta(days=1),
                count=HEATS_A_DAY,
                planned_starts=starts,
                flows=(Flow(store_id="billets", quantity=12.0),),
                crew_count=3,
                start_cost=5.0,
            )
        )
    n_heats = HEATS_A_DAY * len(tasks)
    return ProductionPlan(
        plan_id=f"steel-{MONDAY:%Y%m%d}",
        zone=ZONE,
        start=local_midnight(MONDAY, ZONE),
        end=local_midnight(MONDAY + timedelta(days=days), ZONE),
        machines=(Machine(machine_id="furnace", name="Induction furnace"),),
        stores=(
            Store(
                store_id="billets",
                name="Billet yard",
                unit="t",
                max_level=12.0 * n_heats + 100,
                start_level=40.0,
            ),
        ),
        tasks=tuple(tasks),
        shifts=(
            Shift(name="day", start=_clock(6), end=_clock(22), wage_per_h=6.0),
            Shift(name="night", start=_clock(22), end=_clock(6), wage_per_h=9.0),
        ),
    )


def _clock(hour: int):
    return datetime(2018, 1, 1, hour, tzinfo=UTC).time()


def steel_site() -> Site:
    return Site(
        site_id="steel-1",
        customer_id="steel",
        name="Steel plant",
        zone=ZONE,
        country="KR",
        supply=SupplyPoint(
            purchase_mode=PurchaseMode.REGULATED, capacity_kva=Decimal(1000), contract_demand_kw=Decimal(500)
        ),
        import_limit_kw=900.0,
    )


def at_the_plant(tariff: Tariff) -> Tariff:
    """Read a tariff of another country and year on the plant's own clock, for the sake of the test."""
    return replace(tariff, zone=ZONE, country="KR", subdivision=None, valid_from=date(2018, 1, 1), valid_until=None)


def with_contract(tariff: Tariff, contract_kw: int) -> Tariff:
    """Give the tariff with another contract demand."""
    charges = tuple(
        replace(one, contract_demand_kw=Decimal(contract_kw))
        if isinstance(one, DemandCharge) and one.basis == "contract"
        else one
        for one in tariff.charges
    )
    return replace(tariff, tariff_id=f"{tariff.tariff_id}@{contract_kw}", charges=charges)


def taipower(plan_id: str) -> Tariff:
    need("tariffs_taipower/plans.json")
    return at_the_plant(read_taipower(REAL_DATA / "tariffs_taipower" / "plans.json", plan_id).tariff)


def urdb(pattern: str = "*GSLDT_1*") -> Tariff:
    found = sorted((REAL_DATA / "tariffs_urdb").glob(f"{pattern}.json"))
    if not found:
        pytest.skip(f"the optional real-data folder has no tariffs_urdb/{pattern}")
    return at_the_plant(read_urdb(found[0], zone="America/New_York").tariff)


def steel_case(present: Tariff, packages: tuple[Tariff, ...], *, deadline_s: float = 10.0, n_samples: int = 50) -> Case:
    meter = steel_meter()
    return Case(
        case_id="steel-week",
        issued_at=local_midnight(MONDAY, ZONE) - timedelta(hours=12),
        site=steel_site(),
        meter=meter,
        process_history=furnace_history(meter),
        base_load_source="site_less_history",
        plan=heats_plan(),
        present_tariff=present,
        packages=tuple(
            Package(package_id=one.tariff_id, name=Text(en=one.name.en, zh=one.name.zh), tariff=one) for one in packages
        ),
        options=QuoteOptions(n_samples=n_samples, solve=SolveOptions(deadline_s=deadline_s)),
    )
