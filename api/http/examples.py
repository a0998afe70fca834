"""Examples that work: small, made by rule, sent by a test to the routes that show them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from domain.files.case_file import case_to_plain
from domain.files.documents import to_plain
from domain.metering import MeterSeries
from domain.offers import Case, Package, QuoteOptions, SolveOptions
from domain.plant import Machine, PowerPhase, ProductionPlan, Site, Task
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
PLAN_START = datetime(2026, 11, 22, 16, tzinfo=UTC)
HISTORY_DAYS = 28
PLAN_DAYS = 2
MADE_UP = Source(document="made up for an example", issuer="nobody")


def tariff(tariff_id: str, name: Text, peak: str, valley: str) -> Tariff:
    """Make a two-band tariff with an hourly demand charge."""
    bands = BandCalendar(
        rules=(
            BandRule(band="peak", windows=("08:00-22:00",)),
            BandRule(band="valley", windows=("00:00-08:00", "22:00-24:00")),
        )
    )
    return Tariff(
        tariff_id=tariff_id,
        name=name,
        currency="CNY",
        zone=ZONE,
        country="CN",
        valid_from=date(2026, 1, 1),
        status=Status.TO_VERIFY,
        source=MADE_UP,
        charges=(
            EnergyCharge(
                charge_id="energy",
                label=Text(en="Energy", zh="电度电费"),
                calendar=bands,
                band_prices={"peak": Decimal(peak), "valley": Decimal(valley)},
            ),
            DemandCharge(
                charge_id="demand",
                label=Text(en="Maximum demand", zh="最大需量电费"),
                price_per_kw_month=Decimal("38.4"),
                measurement_min=60,
            ),
        ),
    )


TODAY = tariff("EXAMPLE_TODAY", Text(en="Present two-band tariff", zh="现行两段电价"), "0.82", "0.46")
STEEP = tariff("EXAMPLE_STEEP", Text(en="Steep two-band tariff", zh="大峰谷差两段电价"), "0.97", "0.29")
SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY, capacity_kva=Decimal(1250))


def load_kw(grid: TimeGrid) -> list[float]:
    """Give a works' hourly load: a day shape, weaker Sundays, a little unevenness. [kW]."""
    local = grid.local_starts(ZONE)
    hour, weekday = np.asarray(local.hour), np.asarray(local.day_of_week)
    day_kw = 310 + 165 * np.exp(-(((hour - 14) / 5.5) ** 2))
    uneven_kw = 9 * np.sin(1.7 * np.arange(grid.n_steps)) + 5 * np.sin(0.31 * np.arange(grid.n_steps))
    return [round(float(one), 1) for one in day_kw * np.where(weekday == 6, 0.62, 1.0) + uneven_kw]  # noqa: PLR2004 -- Sunday


def case() -> Case:
    """Make a small case: four weeks of hours, two days of plan, one kiln that may run at night."""
    grid = TimeGrid(start=PLAN_START - timedelta(days=HISTORY_DAYS), step_min=60, n_steps=24 * HISTORY_DAYS)
    firing = Task(
        task_id="firing",
        name="Kiln firing",
        machine_ids=("kiln",),
        phases=(PowerPhase(power_kw=240, duration_min=120), PowerPhase(power_kw=130, duration_min=60)),
        count=2,
        planned_starts=(PLAN_START + timedelta(hours=9), PLAN_START + timedelta(hours=33)),
        start_every_min=60,
    )
    return Case(
        case_id="example",
        issued_at=PLAN_START - timedelta(hours=2),
        site=Site(
            site_id="works",
            customer_id="example",
            name="Example works",
            zone=ZONE,
            country="CN",
            supply=SUPPLY,
            import_limit_kw=1200,
        ),
        meter=MeterSeries(meter_id="main", grid=grid.part(0, grid.n_steps - 2), import_kw=np.array(load_kw(grid)[:-2])),
        base_load_source="not_in_meter",
        plan=ProductionPlan(
            plan_id="two_days",
            zone=ZONE,
            start=PLAN_START,
            end=PLAN_START + timedelta(days=PLAN_DAYS),
            machines=(Machine(machine_id="kiln", name="Kiln"),),
            tasks=(firing,),
        ),
        present_tariff=TODAY,
        packages=(Package(package_id="steep", name=STEEP.name, tariff=STEEP),),
        options=QuoteOptions(n_samples=8, history_days=HISTORY_DAYS, solve=SolveOptions(deadline_s=5)),
    )


@lru_cache(maxsize=1)
def case_plain() -> dict[str, Any]:
    """Give the small case as a document."""
    plain: dict[str, Any] = case_to_plain(case())
    return plain


@lru_cache(maxsize=1)
def plan_plain() -> dict[str, Any]:
    """Give a request for a plan as a document: the small case under its second package, and what ten o'clock costs."""
    ten = (PLAN_START + timedelta(hours=10)).isoformat()
    wish = {"runs": [{"task_id": "firing", "start": ten}]}
    return {"case": case_plain(), "package_id": "steep", "what_if": wish, "n_tags": 2}


@lru_cache(maxsize=1)
def forecast_plain() -> dict[str, Any]:
    """Give a request for a forecast as a document."""
    grid = TimeGrid(start=PLAN_START - timedelta(days=HISTORY_DAYS), step_min=60, n_steps=24 * HISTORY_DAYS)
    meter = {"meter_id": "main", "start": grid.start.isoformat(), "step_min": 60, "import_kw": load_kw(grid)}
    return {"meter": meter, "zone": ZONE, "country": "CN", "days": 2, "n_samples": 20}


@lru_cache(maxsize=1)
def bill_plain() -> dict[str, Any]:
    """Give a request for a bill as a document."""
    grid = TimeGrid.of_local_days(date(2026, 10, 1), 31, ZONE, 60)
    load = {"start": grid.start.isoformat(), "step_min": 60, "import_kw": load_kw(grid)}
    return {"load": load, "tariff": to_plain(TODAY), "supply": to_plain(SUPPLY), "month": "2026-10-01"}
