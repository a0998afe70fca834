"""A works for decisions before a call whose every number can be worked by hand.

The base load is 300 kW, and 320 kW from 12:00 to 20:00. A compressor of 10 … 90 kW drew 90 kW at all times of the past, so
the meter shows 390 and 410 kW.
On the planned day it needs 480 kWh from 04:00 to 12:00. A kWh costs 0.46 until 08:00 and from 22:00 on, 0.82 between.
"""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from api.http import examples
from domain.files.case_file import case_to_plain
from domain.metering import MeterSeries
from domain.offers import Case, QuoteOptions, SolveOptions
from domain.plant import ModulatingLoad, ProductionPlan, ShiftEnergy
from domain.programmes import Event, Programme
from domain.tariffs import Status, Tariff
from domain.text import Text
from domain.time import TimeGrid

START = examples.PLAN_START
"""Midnight of 2026-11-23 in Shanghai."""
BASE_KW, AFTERNOON_KW, COMPRESSOR_KW = 300.0, 20.0, 90.0
HISTORY_DAYS = 35


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


def energy_only(*more) -> Tariff:
    """Give the example's two bands, with other charges in place of its demand charge."""
    (energy, _) = examples.TODAY.charges
    return replace(examples.TODAY, charges=(energy, *more))


def plant(**fields) -> ProductionPlan:
    compressor = ModulatingLoad(
        load_id="air",
        name="Compressor",
        min_kw=10.0,
        max_kw=COMPRESSOR_KW,
        shifts=(ShiftEnergy(start=at(4), end=at(12), energy_kwh=480.0),),
    )
    plain = {"modulating_loads": (compressor,), "plan_id": "day", "zone": examples.ZONE}
    return ProductionPlan(**(plain | {"start": START, "end": at(24)} | fields))


def meter(meter_id: str, kw: float, more_kw: float = 0.0) -> MeterSeries:
    n_steps = 24 * HISTORY_DAYS
    grid = TimeGrid(start=START - timedelta(hours=n_steps), step_min=60, n_steps=n_steps)
    hours = np.arange(n_steps) % 24
    import_kw = kw + more_kw * ((hours >= 12) & (hours < 20))
    return MeterSeries(meter_id=meter_id, grid=grid.part(0, n_steps - 2), import_kw=import_kw[:-2])


def programme() -> Programme:
    """Give a programme that pays 1.00 for each kWh delivered, and takes 0.30 for each that is promised and not delivered."""
    return Programme(
        programme_id="shave",
        name=Text(en="Shave", zh="削峰"),
        currency="CNY",
        price=Decimal("1.00"),
        penalty_per_kwh=Decimal("0.30"),
        min_commitment_kw=Decimal(20),
        notice_min=30,
        valid_from=date(2026, 1, 1),
        status=Status.TO_VERIFY,
        source=examples.MADE_UP,
    )


def event(event_id: str, first_hour: float, *, hours: float = 2.0, notice_h: float = 1.0) -> Event:
    start = at(first_hour)
    return Event(
        event_id=event_id,
        programme_id="shave",
        start=start,
        end=start + timedelta(hours=hours),
        notice_at=start - timedelta(hours=notice_h),
    )


def works(*events: Event, **fields) -> Case:
    plain = {
        "case_id": "works",
        "issued_at": START - timedelta(hours=2),
        "meter": meter("main", BASE_KW + COMPRESSOR_KW, AFTERNOON_KW),
        "process_history": meter("air", COMPRESSOR_KW),
        "base_load_source": "site_less_history",
        "plan": plant(),
        "present_tariff": energy_only(),
        "packages": (),
        "programmes": (programme(),),
        "events": events,
        "options": QuoteOptions(
            n_samples=8, history_days=HISTORY_DAYS, solve=SolveOptions(deadline_s=20, gap_share=1e-6)
        ),
    }
    return replace(examples.case(), **(plain | fields))


def written(path: Path, case: Case) -> str:
    path.write_text(json.dumps(case_to_plain(case)), encoding="utf-8")
    return str(path)
