"""Kinds of plants that are nothing but data: processes, stores, utilities, tariffs and events, put together by hand.

Each function gives the question for one day of quarter hours in UTC; none of them knows of the model.
"""

from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import (
    Interval,
    Process,
    ProcessState,
    Quota,
    RateFlow,
    Store,
    StoreDraw,
    Utility,
    UtilityUse,
)
from domain.programmes.terms import INFINITE_RATE, EventBand
from tests.optimizer_cases import event, grid, hour, plan, problem, site, terms

DAY = grid(step_min=15)
HOURS = np.arange(96) / 4


def peak_price(low: float = 0.4, high: float = 1.3) -> FloatArray:
    """Give prices with a peak from 17 to 21 o'clock."""
    return np.where((HOURS >= 17) & (HOURS < 21), high, low)


def cold_store() -> ResponseProblem:
    """Give a cold store at -24 … -18 °C that warms by 2 % of the distance to 20 °C an hour.

    Its chiller takes 60 kW and cools by 1.2 °C an hour at full rate; it ends no warmer than it began, at -20 °C. Peak power
    costs three times as much.
    """
    room = Store(
        store_id="room",
        name="cold store",
        unit="°C",
        min_level=-24.0,
        max_level=-18.0,
        start_level=-20.0,
        end_min_level=-24.0,
        end_max_level=-20.0,
        decay_share_per_h=0.02,
        rest_level=20.0,
    )
    chiller = Process(
        process_id="chiller",
        name="chiller",
        unit="h",
        min_rate=0.4,
        max_rate=1.0,
        fixed_kw=6.0,
        kwh_per_unit=54.0,
        min_run_min=30,
        min_pause_min=30,
        flows=(RateFlow(store_id="room", quantity_per_unit=-1.2),),
        before=ProcessState(is_on=True, rate=0.7),
    )
    return problem(
        DAY,
        base_kw=20.0,
        plan=plan(DAY, stores=(room,), processes=(chiller,)),
        terms=terms(DAY, peak_price()),
    )


def cold_store_called() -> ResponseProblem:
    """Give the same cold store at a level price, called to shed 30 kW from 10 to 12 o'clock for 6 a kW."""
    plain = cold_store()
    called = event(
        first=40,
        stop=48,
        baseline_kw=65.0,
        min_commitment_kw=20.0,
        max_commitment_kw=60.0,
        pay_per_kw=6.0,
        penalty_per_kw=3.0,
        bands=(
            EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0),
            EventBand(from_rate=0.8, to_rate=INFINITE_RATE, per_delivered=0.0, per_committed=1.0),
        ),
    )
    return replace(plain, terms=terms(DAY, 0.4), events=(called,))


def heat_and_power() -> ResponseProblem:
    """Give a CHP of 40 … 100 kW with 1.2 kWh of heat per kWh, a boiler and a heat store of 300 kWh.

    Heat is drawn at 60 kW from 6 to 22 o'clock, at 25 kW else. Gas costs 0.55 per kWh of power and 0.5 per hour, the
    boiler's 0.3 per kWh of heat. What is not used may be fed in at 40 kW at most, for 0.2.
    """
    draws = tuple(StoreDraw(at=hour(at), quantity=(60.0 if 6 <= at < 22 else 25.0) / 4) for at in HOURS.tolist())
    heat = Store(
        store_id="heat",
        name="heat store",
        unit="kWh",
        max_level=300.0,
        start_level=100.0,
        end_min_level=100.0,
        decay_share_per_h=0.01,
        draws=draws,
    )
    chp = Process(
        process_id="chp",
        name="CHP",
        unit="kWh",
        min_rate=40.0,
        max_rate=100.0,
        kwh_per_unit=-1.0,
        flows=(RateFlow(store_id="heat", quantity_per_unit=1.2),),
        min_run_min=120,
        min_pause_min=60,
        start_cost=8.0,
        max_starts_count=2,
        cost_per_unit=0.55,
        cost_per_h=0.5,
        co2_kg_per_unit=0.4,
    )
    boiler = Process(
        process_id="boiler",
        name="boiler",
        unit="kWh",
        max_rate=80.0,
        cost_per_unit=0.3,
        co2_kg_per_unit=0.22,
        flows=(RateFlow(store_id="heat", quantity_per_unit=1.0),),
    )
    return problem(
        DAY,
        base_kw=70.0,
        site=site(export_limit_kw=40.0, co2_price_per_t=60.0, grid_co2_kg_per_kwh=(0.58,)),
        plan=plan(DAY, stores=(heat,), processes=(chp, boiler)),
        terms=terms(DAY, peak_price(0.45, 1.3), export_price_per_kwh=np.full(96, 0.2)),
    )


def forklifts() -> ResponseProblem:
    """Give six forklifts that come in between 14 and 16 and leave at 6, on chargers that share 40 kW.

    Each takes 11 kW at most; 18 kWh … 28 kWh are needed before the plan ends at midnight, the first two by 20 o'clock.
    """
    trucks = tuple(
        Process(
            process_id=f"truck{number}",
            name=f"forklift {number}",
            unit="kWh",
            max_rate=11.0,
            kwh_per_unit=1.0,
            hours=(Interval(start=hour(14 + 0.5 * (number % 5)), end=hour(20 if number < 2 else 24)),),
            quotas=(
                Quota(
                    start=hour(14),
                    end=hour(20 if number < 2 else 24),
                    least=18.0 + 2.0 * number,
                    most=18.0 + 2.0 * number,
                ),
            ),
            utilities=(UtilityUse(utility_id="chargers", quantity_per_rate=1.0),),
        )
        for number in range(6)
    )
    return problem(
        DAY,
        base_kw=50.0,
        plan=plan(
            DAY, processes=trucks, utilities=(Utility(utility_id="chargers", name="chargers", unit="kW", limit=40.0),)
        ),
        terms=terms(DAY, peak_price()),
    )


def electrolyser() -> ResponseProblem:
    """Give an electrolyser of 300 … 1000 kW at 52 kWh/kg, a tank of 150 kg, and 6 kg drawn every hour.

    Warming up takes 40 kWh and costs 25; ramps are 400 kW an hour up and 800 down; it makes as much as is drawn. Prices
    fall below zero at noon.
    """
    per_kg = 52.0
    tank = Store(
        store_id="tank",
        name="hydrogen tank",
        unit="kg",
        max_level=150.0,
        start_level=60.0,
        draws=tuple(StoreDraw(at=hour(at), quantity=6.0) for at in range(24)),
    )
    stack = Process(
        process_id="stack",
        name="electrolyser",
        unit="kg",
        min_rate=300 / per_kg,
        max_rate=1000 / per_kg,
        kwh_per_unit=per_kg,
        flows=(RateFlow(store_id="tank", quantity_per_unit=1.0),),
        min_run_min=60,
        min_pause_min=60,
        max_rise_per_h=400 / per_kg,
        max_fall_per_h=800 / per_kg,
        start_cost=25.0,
        start_kwh=40.0,
        cost_per_unit=0.4,
    )
    noon = np.where((HOURS >= 11) & (HOURS < 14), -0.08, np.where((HOURS >= 7) & (HOURS < 21), 0.7, 0.35))
    return problem(
        DAY,
        base_kw=100.0,
        site=site(import_limit_kw=2000.0),
        plan=plan(DAY, stores=(tank,), processes=(stack,)),
        terms=terms(DAY, noon),
    )


def mill() -> ResponseProblem:
    """Give a raw mill of 60 … 80 t/h at 14 kWh/t and 150 kW, running at least 3 h, in front of a silo of 760 t.

    The kiln draws 45 t every hour; the mill may start twice a day and stands still from 9 to 11 for repair.
    """
    silo = Store(
        store_id="silo",
        name="raw meal silo",
        unit="t",
        min_level=50.0,
        max_level=760.0,
        start_level=400.0,
        draws=tuple(StoreDraw(at=hour(at), quantity=45 / 4) for at in HOURS.tolist()),
    )
    grinding = Process(
        process_id="mill",
        name="raw mill",
        unit="t",
        min_rate=60.0,
        max_rate=80.0,
        fixed_kw=150.0,
        kwh_per_unit=14.0,
        flows=(RateFlow(store_id="silo", quantity_per_unit=1.0),),
        outages=(Interval(start=hour(9), end=hour(11)),),
        min_run_min=180,
        min_pause_min=90,
        start_cost=120.0,
        max_starts_count=2,
    )
    return problem(
        DAY,
        base_kw=900.0,
        site=site(import_limit_kw=3000.0),
        plan=plan(DAY, stores=(silo,), processes=(grinding,)),
        terms=terms(DAY, peak_price(0.5, 1.1)),
    )
