"""Plants that both Wattplan and EMHASS can plan: single runs of constant power with windows, a battery, a base load.

Made in code from a seed. A plant is a ``ResponseProblem`` under a tariff with three energy bands and, if wished, a
demand charge; the rest of the month is the base load, so that a peak is already set.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Battery, Machine, PowerPhase, ProductionPlan, Site, Task
from domain.tariffs import (
    BandCalendar,
    BandRule,
    BillingWindow,
    DemandCharge,
    EnergyCharge,
    PurchaseMode,
    Source,
    Status,
    SupplyPoint,
    Tariff,
    bill,
    priced_terms,
)
from domain.text import Text
from domain.time import TimeGrid

ZONE = "Europe/Berlin"
MONTH = date(2026, 6, 1)
N_MONTH_DAYS = 30
FIRST_DAY = date(2026, 6, 8)
"""A Monday; no change of the clock in sight."""
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL)
PEAK = ("08:00-12:00", "17:00-21:00")
FLAT = ("06:00-08:00", "12:00-17:00", "21:00-22:00")
VALLEY = ("22:00-06:00",)
BATTERY = Battery(
    battery_id="battery",
    capacity_kwh=600.0,
    max_charge_kw=200.0,
    max_discharge_kw=200.0,
    charge_eff=0.95,
    discharge_eff=0.95,
    soc_start_kwh=300.0,
    soc_min_kwh=60.0,
    wear_cost_per_kwh=0.012,
)


@noun
class PlantSize:
    """What a plant is made from."""

    name: str
    n_days: int
    step_min: int
    n_loads: int
    n_machines: int = 0
    """0: each load has a machine of its own. [-]"""
    demand_price: str | None = "11.20"
    """None: no demand charge. [EUR / kW / month]"""
    seed: int = 1


@noun(eq=False)
class Plant:
    """A problem and what its month is billed with."""

    size: PlantSize
    tariff: Tariff
    window: BillingWindow
    problem: ResponseProblem

    @classmethod
    def made(cls, size: PlantSize) -> Self:
        """Make the plant of a size; the same size gives the same plant."""
        random = np.random.default_rng(size.seed)
        tariff = tariff_of(size)
        month = TimeGrid.of_local_days(MONTH, N_MONTH_DAYS, ZONE, size.step_min)
        horizon = TimeGrid.of_local_days(FIRST_DAY, size.n_days, ZONE, size.step_min)
        base_kw = base_load_kw(month, random)
        first = month.edge_of(horizon.start)
        stop = first + horizon.n_steps
        window = BillingWindow(grid=month, zone=ZONE, first=first, stop=stop, around_kw=base_kw)
        problem = ResponseProblem(
            site=Site(
                site_id="site",
                customer_id="customer",
                name="plant",
                zone=ZONE,
                country="DE",
                supply=SUPPLY,
                import_limit_kw=4000.0,
                batteries=(BATTERY,),
            ),
            plan=plan_of(size, horizon, random),
            horizon=horizon,
            base_kw=base_kw[first:stop],
            # without the rest of the month's energy, so that gaps are shares of what the schedule can change
            terms=replace(priced_terms(tariff, SUPPLY, window), constant=0.0),
        )
        return cls(size=size, tariff=tariff, window=window, problem=problem)

    def repriced(self, seed: int) -> ResponseProblem:
        """Give the same problem with the price of every distinct price level up to 20 % off."""
        terms = self.problem.terms
        levels, level_of_step = np.unique(terms.energy_price_per_kwh, return_inverse=True)
        scaled = levels * np.random.default_rng(seed).uniform(0.8, 1.2, levels.size)
        return replace(self.problem, terms=replace(terms, energy_price_per_kwh=scaled[level_of_step]))

    def month_bill(self, import_kw: FloatArray) -> Decimal:
        """Give the month's bill, line by line to the cent, with this import in the horizon. [EUR]."""
        return bill(self.window.fill(import_kw), self.tariff, SUPPLY, MONTH).total


def words(english: str, chinese: str) -> Text:
    return Text(en=english, zh=chinese)


def tariff_of(size: PlantSize) -> Tariff:
    """Give peak, flat and valley prices and the demand charge, measured per step."""
    calendar = BandCalendar(
        rules=(
            BandRule(band="peak", windows=PEAK),
            BandRule(band="flat", windows=FLAT),
            BandRule(band="valley", windows=VALLEY),
        )
    )
    energy = EnergyCharge(
        charge_id="energy",
        label=words("energy", "电量"),
        calendar=calendar,
        band_prices={"peak": Decimal("0.284"), "flat": Decimal("0.193"), "valley": Decimal("0.117")},
    )
    demand = () if size.demand_price is None else (demand_charge(size.demand_price, size.step_min),)
    return Tariff(
        tariff_id="three-bands",
        name=words("three bands", "三段电价"),
        currency="EUR",
        zone=ZONE,
        country="DE",
        valid_from=date(2026, 1, 1),
        status=Status.COMPILED,
        source=Source(document="made for a benchmark", issuer="benchmarks"),
        charges=(energy, *demand),
    )


def demand_charge(price: str, measurement_min: int) -> DemandCharge:
    return DemandCharge(
        charge_id="demand",
        label=words("demand", "需量"),
        price_per_kw_month=Decimal(price),
        measurement_min=measurement_min,
    )


def base_load_kw(grid: TimeGrid, random: np.random.Generator) -> FloatArray:
    """Give a base load by the clock and the weekday, with noise. [kW]."""
    local = grid.local_starts(ZONE)
    hour = np.asarray(local.hour + local.minute / 60)
    weekend = np.asarray(local.day_of_week) >= 5  # noqa: PLR2004 -- Saturday
    shape = 180 + 140 * np.exp(-(((hour - 13) / 4.0) ** 2)) * np.where(weekend, 0.35, 1.0)
    return np.round(shape + random.normal(0, 9, grid.n_steps), 3)


def plan_of(size: PlantSize, horizon: TimeGrid, random: np.random.Generator) -> ProductionPlan:
    """Give the loads, spread evenly over the days, on their own machines or on shared ones."""
    machines = tuple(
        Machine(machine_id=f"m{number}", name=f"machine {number}") for number in range(size.n_machines or size.n_loads)
    )
    tasks = tuple(task_of(size, horizon, number, random) for number in range(size.n_loads))
    return ProductionPlan(
        plan_id=size.name, zone=ZONE, start=horizon.start, end=horizon.end, machines=machines, tasks=tasks
    )


def task_of(size: PlantSize, horizon: TimeGrid, number: int, random: np.random.Generator) -> Task:
    """Give a load of 40 … 240 kW and 1 … 5 h within a window 6 … 20 h longer than itself."""
    hours = float(random.integers(2, 11)) / 2
    slack_h = min(float(random.integers(6, 21)), 24.0 * size.n_days - hours)
    day = number * size.n_days // size.n_loads
    earliest_h = min(24.0 * day + float(random.integers(0, 16)), 24.0 * size.n_days - hours - slack_h)
    earliest = horizon.start + timedelta(hours=earliest_h)
    return Task(
        task_id=f"load{number}",
        name=f"load {number}",
        machine_ids=(f"m{number % (size.n_machines or size.n_loads)}",),
        phases=(PowerPhase(power_kw=float(random.integers(4, 25) * 10), duration_min=round(hours * 60)),),
        earliest=earliest,
        latest_end=earliest + timedelta(hours=hours + slack_h),
        start_every_min=size.step_min,
    )
