"""A plant of processes for tests of their equations; all numbers different."""

from datetime import time
from typing import Any

import numpy as np

from domain.offers import ResponseProblem
from domain.plant import (
    Interval,
    PlannedRate,
    Process,
    ProcessState,
    Quota,
    RateFlow,
    Shift,
    Store,
    StoreDraw,
    Utility,
    UtilityUse,
)
from tests.optimizer_cases import grid, hour, machine, plan, problem, site, terms


def process(process_id: str, **changed: Any) -> Process:
    """Give a process that runs at 0 … 10 t/h and takes 7 kWh/t."""
    plain: dict[str, Any] = {
        "process_id": process_id,
        "name": f"work {process_id}",
        "unit": "t",
        "max_rate": 10.0,
        "kwh_per_unit": 7.0,
    }
    return Process(**(plain | changed))


def quota(first: float = 0, stop: float = 24, **changed: Any) -> Quota:
    """Give a quota between two hours."""
    return Quota(start=hour(first), end=hour(stop), **changed)


def processed_problem() -> ResponseProblem:
    """Give processes with everything, so that each of their equations has a row.

    K, a mill, is on before; V may start and stop within an hour; W is its rate alone; X generates; Y runs as planned.
    """
    horizon = grid()
    return problem(
        horizon,
        base_kw=61.0 + 2.0 * np.arange(24),
        site=site(
            export_limit_kw=90.0,
            safety_load_kw=79.0,
            co2_price_per_t=80.0,
            grid_co2_kg_per_kwh=(0.5,) * 12 + (0.7,) * 12,
        ),
        plan=plan(
            horizon,
            machines=(machine("M", count=2),),
            stores=(
                Store(
                    store_id="I",
                    name="silo",
                    unit="t",
                    max_level=55.0,
                    start_level=21.0,
                    draws=tuple(StoreDraw(at=hour(at + 0.5), quantity=1.1) for at in range(24)),
                ),
            ),
            utilities=(Utility(utility_id="S", name="steam", unit="t/h", limit=6.0),),
            shifts=(
                Shift(name="day", start=time(5), end=time(19), wage_per_h=31.0),
                Shift(name="night", start=time(19), end=time(5), wage_per_h=43.0),
            ),
            processes=(
                process(
                    "K",
                    min_rate=4.0,
                    fixed_kw=20.0,
                    kwh_per_unit=13.0,
                    flows=(RateFlow(store_id="I", quantity_per_unit=0.9, quantity_per_h=-0.4),),
                    machine_ids=("M",),
                    utilities=(UtilityUse(utility_id="S", quantity=0.3, quantity_per_rate=0.15),),
                    min_run_min=170,
                    min_pause_min=120,
                    max_rise_per_h=3.0,
                    max_fall_per_h=5.0,
                    start_cost=17.0,
                    start_kwh=29.0,
                    max_starts_count=2,
                    crew_count=1.5,
                    cost_per_unit=2.2,
                    cost_per_h=3.7,
                    co2_kg_per_unit=12.5,
                    co2_kg_per_h=50.0,
                    quotas=(
                        quota(most=150.0),
                        quota(6, 14, least=23.0, shortfall_cost_per_unit=19.0),
                    ),
                    before=ProcessState(is_on=True, rate=9.0, since_min=60),
                ),
                process("V", min_rate=1.5, max_rate=8.0, max_fall_per_h=2.5, quotas=(quota(least=12.0, most=14.0),)),
                process("W", max_rate=6.0, max_rise_per_h=1.2, max_fall_per_h=0.8, quotas=(quota(2, 20, least=33.0),)),
                process(
                    "X",
                    unit="kWh",
                    max_rate=40.0,
                    kwh_per_unit=-1.0,
                    cost_per_unit=0.9,
                    hours=(Interval(start=hour(7.5), end=hour(21)),),
                ),
                process("Y", movable=False, planned=(PlannedRate(start=hour(3), end=hour(5), rate=9.5),)),
            ),
        ),
        terms=terms(horizon, np.where(np.arange(24) < 7, 0.35, np.where(np.arange(24) < 17, 0.61, 1.13))),
    )
