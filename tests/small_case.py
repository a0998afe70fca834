"""A small plant for tests of the whole way from a case to offers: half-hours, two days, a few runs."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from domain.metering import MeterSeries
from domain.offers import Case, Package, QuoteOptions, SolveOptions
from domain.plant import Machine, ModulatingLoad, PowerPhase, ProductionPlan, ShiftEnergy, Site, Task
from domain.tariffs import (
    BandCalendar,
    BandRule,
    DemandCharge,
    EnergyCharge,
    FixedCharge,
    PurchaseMode,
    Source,
    Status,
    SupplyPoint,
    Tariff,
)
from domain.text import Text
from domain.time import TimeGrid, local_midnight

ZONE = "Europe/Berlin"
FIRST_DAY = date(2026, 6, 9)
N_DAYS = 2
HISTORY_DAYS = 35
STEP_MIN = 30
PRESS_KW = 210.0


def words(english: str) -> Text:
    return Text(en=english, zh=f"测试：{english}")


def day_night(day: str = "0.31", night: str = "0.12", demand: str = "9.40", name: str = "day-night") -> Tariff:
    """Give a tariff with a day band 07–21, a night band and a demand charge."""
    calendar = BandCalendar(
        rules=(BandRule(band="peak", windows=("07:00-21:00",)), BandRule(band="valley", windows=("21:00-07:00",)))
    )
    return Tariff(
        tariff_id=name,
        name=words(name),
        currency="EUR",
        zone=ZONE,
        country="DE",
        valid_from=date(2026, 1, 1),
        status=Status.COMPILED,
        source=Source(document="made for a test", issuer="tests"),
        charges=(
            FixedCharge(charge_id="base", label=words("base"), amount_per_month=Decimal("42.17")),
            EnergyCharge(
                charge_id="energy",
                label=words("energy"),
                calendar=calendar,
                band_prices={"peak": Decimal(day), "valley": Decimal(night)},
            ),
            DemandCharge(
                charge_id="demand",
                label=words("demand"),
                price_per_kw_month=Decimal(demand),
                measurement_min=30,
            ),
        ),
    )


def flat(price: str = "0.22", name: str = "flat") -> Tariff:
    """Give a tariff with one price and no demand charge."""
    return Tariff(
        tariff_id=name,
        name=words(name),
        currency="EUR",
        zone=ZONE,
        country="DE",
        valid_from=date(2026, 1, 1),
        status=Status.COMPILED,
        source=Source(document="made for a test", issuer="tests"),
        charges=(
            EnergyCharge(
                charge_id="energy",
                label=words("energy"),
                calendar=BandCalendar(rules=(BandRule(band="all", windows=("00:00-24:00",)),)),
                band_prices={"all": Decimal(price)},
            ),
        ),
    )


def meter(first_day: date = FIRST_DAY, days: int = HISTORY_DAYS, seed: int = 7) -> MeterSeries:
    """Give a history that ends at noon of the day before the plan: base load by clock and weekday, with noise."""
    start = local_midnight(first_day - timedelta(days=days), ZONE)
    end = local_midnight(first_day, ZONE) - timedelta(hours=12)
    grid = TimeGrid.between(start, end, STEP_MIN)
    local = grid.local_starts(ZONE)
    hour = np.asarray(local.hour + local.minute / 60)
    weekend = np.asarray(local.day_of_week) >= 5
    shape = 120 + 90 * np.exp(-(((hour - 12) / 4.5) ** 2)) * np.where(weekend, 0.3, 1.0)
    noise = np.random.default_rng(seed).normal(0, 6, grid.n_steps)
    return MeterSeries(meter_id="small", grid=grid, import_kw=shape + noise)


def plan(first_day: date = FIRST_DAY, n_days: int = N_DAYS) -> ProductionPlan:
    """Give three pressings a day that people run from 09:00 on, and a compressor with energy per day."""
    midnights = [local_midnight(first_day + timedelta(days=number), ZONE) for number in range(n_days + 1)]
    tasks = tuple(
        Task(
            task_id=f"press-{number}",
            name=f"Pressing day {number}",
            machine_ids=("press",),
            phases=(PowerPhase(power_kw=PRESS_KW, duration_min=120),),
            earliest=midnight,
            latest_end=midnights[number + 1],
            count=3,
            planned_starts=tuple(midnight + timedelta(hours=9 + 2 * run) for run in range(3)),
            start_every_min=30,
        )
        for number, midnight in enumerate(midnights[:-1])
    )
    compressor = ModulatingLoad(
        load_id="air",
        name="Compressed air",
        min_kw=5.0,
        max_kw=60.0,
        shifts=tuple(
            ShiftEnergy(start=midnight, end=midnights[number + 1], energy_kwh=600.0)
            for number, midnight in enumerate(midnights[:-1])
        ),
    )
    return ProductionPlan(
        plan_id="small",
        zone=ZONE,
        start=midnights[0],
        end=midnights[-1],
        machines=(Machine(machine_id="press", name="Press"),),
        tasks=tasks,
        modulating_loads=(compressor,),
    )


def site(import_limit_kw: float = 900.0) -> Site:
    return Site(
        site_id="small-1",
        customer_id="small",
        name="Small plant",
        zone=ZONE,
        country="DE",
        supply=SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL),
        import_limit_kw=import_limit_kw,
    )


def case(first_day: date = FIRST_DAY, n_days: int = N_DAYS, **changes: object) -> Case:
    """Give the whole case; any field may be given instead."""
    fields: dict[str, object] = {
        "case_id": "small",
        "issued_at": local_midnight(first_day, ZONE) - timedelta(hours=12),
        "site": site(),
        "meter": meter(first_day),
        "base_load_source": "not_in_meter",
        "plan": plan(first_day, n_days),
        "present_tariff": day_night(),
        "packages": (Package(package_id="flat", name=words("flat"), tariff=flat()),),
        "options": QuoteOptions(n_samples=12, history_days=35, solve=SolveOptions(deadline_s=60.0, gap_share=1e-4)),
    }
    return Case(**(fields | changes))  # type: ignore[arg-type]


def pressing_history(first_day: date = FIRST_DAY) -> MeterSeries:
    """Give what presses and compressor drew in the past: three pressings from 09:00 and a level 25 kW every day."""
    past = meter(first_day)
    hour = np.asarray(past.grid.local_starts(ZONE).hour)
    drawn = 25.0 + np.where((hour >= 9) & (hour < 15), PRESS_KW, 0.0)
    return MeterSeries(meter_id="presses", grid=past.grid, import_kw=drawn)


def with_past_runs(**changes: object) -> Case:
    """Give the case in which the meter is the whole site's and the past runs are known."""
    past, presses = meter(), pressing_history()
    site_meter = MeterSeries(meter_id="site", grid=past.grid, import_kw=past.import_kw + presses.import_kw)
    fields = {"meter": site_meter, "process_history": presses, "base_load_source": "site_less_history"}
    return case(**(fields | changes))  # type: ignore[arg-type]
