"""The plant and the weather of ``month_peak``: what runs, what is forecast, what comes."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.plant import Battery, Machine, PowerPhase, ProductionPlan, Site, Task
from domain.tariffs import (
    BandCalendar,
    BandRule,
    DemandCharge,
    EnergyCharge,
    PurchaseMode,
    Source,
    Status,
    SupplyPoint,
    Tariff,
)
from domain.text import Text
from domain.time import TimeGrid

ZONE = "Asia/Shanghai"
STEP_MIN = 60
STEPS_H = 1
DAY_STEPS = 24
MONTH = TimeGrid.of_local_days(date(2026, 9, 1), 30, ZONE, STEP_MIN)
N_DAYS = 30
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY)
BANDS = BandCalendar(
    rules=(
        BandRule(band="flat", windows=("06:00-09:00", "12:00-17:00", "22:00-23:00")),
        BandRule(band="peak", windows=("09:00-12:00", "17:00-22:00")),
        BandRule(band="valley", windows=("23:00-06:00",)),
    )
)


def tariff(*, n_windows: int) -> Tariff:
    """Give time-of-use energy and one demand charge, or a second one in the peak hours beside it."""
    charges: list[EnergyCharge | DemandCharge] = [
        EnergyCharge(
            charge_id="energy",
            label=Text(en="Energy", zh="电度电费"),
            calendar=BANDS,
            band_prices={"flat": Decimal("0.66"), "peak": Decimal("1.05"), "valley": Decimal("0.34")},
        ),
        DemandCharge(
            charge_id="demand",
            label=Text(en="Demand", zh="需量电费"),
            price_per_kw_month=Decimal("38" if n_windows == 1 else "26"),
            measurement_min=STEP_MIN,
        ),
    ]
    if n_windows > 1:
        charges.append(
            DemandCharge(
                charge_id="on_peak",
                label=Text(en="Demand in peak hours", zh="峰时需量电费"),
                price_per_kw_month=Decimal(16),
                calendar=BANDS,
                bands=("peak",),
                measurement_min=STEP_MIN,
            )
        )
    return Tariff(
        tariff_id=f"simulated-{n_windows}",
        name=Text(en="Simulated month", zh="模拟月"),
        currency="CNY",
        zone=ZONE,
        valid_from=date(2026, 1, 1),
        status=Status.TO_VERIFY,
        source=Source(document="made up for the simulation", issuer="benchmark"),
        charges=tuple(charges),
    )


SITE = Site(
    site_id="S",
    customer_id="C",
    name="simulated works",
    zone=ZONE,
    supply=SUPPLY,
    import_limit_kw=5000.0,
    batteries=(
        Battery(
            battery_id="B",
            capacity_kwh=500.0,
            max_charge_kw=200.0,
            max_discharge_kw=200.0,
            soc_start_kwh=100.0,
            wear_cost_per_kwh=0.06,
        ),
    ),
)
RUNS = (("heat", "furnace", 420.0, 120, 2), ("batch", "mill", 260.0, 180, 1))
"""Name, machine, power [kW], length [min], runs a day."""
HABIT_H = {"heat": (8.0, 10.0), "batch": (9.0,)}
"""When people start the runs today. [h of the day]"""


def day_grid(day: int) -> TimeGrid:
    """Give one day of the month."""
    return MONTH.part(day * DAY_STEPS, (day + 1) * DAY_STEPS)


def works(day: int) -> bool:
    """Say whether the plant runs its heats and batches on a day; on Sundays it does not."""
    return (date(2026, 9, 1) + timedelta(days=day)).weekday() != 6  # noqa: PLR2004 -- Sunday


def day_plan(day: int, kind_of: int) -> ProductionPlan:
    """Give what is to be done on one day, as on another of its kind: each run between 6 and 24 o'clock."""
    grid = day_grid(day)
    tasks = []
    for name, machine_id, power_kw, length_min, count in RUNS if works(kind_of) else ():
        tasks.append(
            Task(
                task_id=name,
                name=name,
                machine_ids=(machine_id,),
                phases=(PowerPhase(power_kw=power_kw, duration_min=length_min),),
                earliest=grid.start + timedelta(hours=6),
                latest_end=grid.end,
                count=count,
                start_every_min=60,
                planned_starts=tuple(grid.start + timedelta(hours=hour) for hour in HABIT_H[name]),
            )
        )
    machines = tuple(Machine(machine_id=one[1], name=one[1]) for one in RUNS)
    return ProductionPlan(
        plan_id=f"day {day + 1}", zone=ZONE, start=grid.start, end=grid.end, machines=machines, tasks=tuple(tasks)
    )


def base_days(random: np.random.Generator, days: list[int], n_samples: int) -> FloatArray:
    """Draw base loads of some days, shape (n_samples, n_days × 24): the shape of the day, its level, noise, bad days.

    On one working day in eight something runs beside for two to four hours: 150 … 350 kW from an hour nobody knew.
    """
    hour = np.arange(DAY_STEPS) / STEPS_H
    shape = 330 + 170 * np.exp(-(((hour - 10.5) / 2.6) ** 2)) + 210 * np.exp(-(((hour - 19.0) / 2.2) ** 2))
    rows = np.zeros((n_samples, len(days) * DAY_STEPS))
    for k in range(n_samples):
        for number, day in enumerate(days):
            level = random.lognormal(0.0, 0.07) * (1.0 if works(day) else 0.6)
            drift = np.zeros(DAY_STEPS)
            for t in range(1, DAY_STEPS):
                drift[t] = 0.67 * drift[t - 1] + random.normal(0, 16.0)
            load = level * shape + drift
            if works(day) and random.random() < 1 / 8:
                first = int(random.integers(7 * STEPS_H, 20 * STEPS_H))
                load[first : first + int(random.integers(2 * STEPS_H, 4 * STEPS_H + 1))] += random.uniform(150, 350)
            rows[k, number * DAY_STEPS : (number + 1) * DAY_STEPS] = np.maximum(load, 50.0)
    return rows
