"""One hand-worked day of a small works: a sound schedule and the question it answers.

A furnace melts twice, the second time a quarter-hour late; one cast and one grind share two ovens; a test
may not move. A compressor, a battery, PV that feeds in for one half-hour, and two events. All numbers were
worked out by hand and are all different so that a swap shows.
"""

from datetime import datetime, time, timedelta, timezone

import numpy as np

from domain.offers.response import ResponseProblem
from domain.plant import (
    Battery,
    BatteryUse,
    Flow,
    Interval,
    Machine,
    ModulatingLoad,
    Order,
    PowerPhase,
    Precedence,
    ProductionPlan,
    Pv,
    Run,
    Schedule,
    Shift,
    ShiftEnergy,
    Site,
    Store,
    StoreDraw,
    Task,
)
from domain.programmes.terms import EventBand, EventTerm
from domain.tariffs import PurchaseMode, SupplyPoint
from domain.tariffs.terms import DemandTerm, PricedTerms
from domain.time import TimeGrid

CST = timezone(timedelta(hours=8))
N_STEPS = 48


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 24, tzinfo=CST) + timedelta(hours=hour, minutes=minute)


def steps(**values: float) -> np.ndarray:
    """Give an array from names like s16_18=5.0: both steps included."""
    array = np.zeros(N_STEPS)
    for name, value in values.items():
        first, _, last = name[1:].partition("_")
        array[int(first) : int(last or first) + 1] = value
    return array


def tasks() -> tuple[Task, ...]:
    return (
        Task(
            task_id="melt",
            name="熔炼",
            machine_ids=("eaf",),
            phases=(PowerPhase(power_kw=600, duration_min=45), PowerPhase(power_kw=200, duration_min=30)),
            count=2,
            start_every_min=30,
            flows=(Flow(store_id="billets", quantity=23, when="end"),),
            order_id="late_ok",
            crew_count=3,
            start_cost=41,
        ),
        Task(
            task_id="cast",
            name="浇铸",
            machine_ids=("oven",),
            phases=(PowerPhase(power_kw=150, duration_min=60),),
            flows=(Flow(store_id="billets", quantity=-11, when="start"),),
            order_id="strict",
            crew_count=1.5,
        ),
        Task(
            task_id="grind",
            name="打磨",
            machine_ids=("oven",),
            phases=(PowerPhase(power_kw=70, duration_min=90),),
            flows=(Flow(store_id="billets", quantity=-9, when="evenly"),),
            crew_count=2,
            start_cost=13,
        ),
        Task(
            task_id="test",
            name="试验",
            machine_ids=("oven",),
            phases=(PowerPhase(power_kw=25, duration_min=30),),
            planned_starts=(at(21, 30),),
            movable=False,
            crew_count=1,
            start_cost=7,
        ),
    )


def plan() -> ProductionPlan:
    return ProductionPlan(
        plan_id="day",
        zone="Asia/Shanghai",
        start=at(0),
        end=at(24),
        machines=(
            Machine(machine_id="eaf", name="电炉", outages=(Interval(start=at(20), end=at(21)),)),
            Machine(machine_id="oven", name="烘箱", count=2),
        ),
        stores=(
            Store(
                store_id="billets",
                name="钢坯",
                unit="t",
                min_level=5,
                max_level=60,
                start_level=20,
                end_min_level=18,
                draws=(StoreDraw(at=at(18), quantity=27), StoreDraw(at=at(24), quantity=1000)),
            ),
        ),
        orders=(
            Order(order_id="late_ok", due=at(12), lateness_cost_per_h=70),
            Order(order_id="strict", release=at(9), due=at(16)),
        ),
        tasks=tasks(),
        precedences=(Precedence(before="cast", after="grind", min_gap_min=30, max_gap_min=120),),
        modulating_loads=(
            ModulatingLoad(
                load_id="air",
                name="空压机",
                min_kw=40,
                max_kw=130,
                shifts=(
                    ShiftEnergy(start=at(8), end=at(12), energy_kwh=320),
                    ShiftEnergy(start=at(12), end=at(16), energy_kwh=410),
                ),
            ),
        ),
        shifts=(
            Shift(name="早", start=time(6), end=time(14), wage_per_h=30),
            Shift(name="中", start=time(14), end=time(22), wage_per_h=37),
        ),
    )


def site() -> Site:
    by_hour = {10: 55.0, 11: 75.0, 12: 95.0, 13: 365.0}
    return Site(
        site_id="works",
        customer_id="customer",
        name="厂",
        zone="Asia/Shanghai",
        country="CN",
        supply=SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL),
        import_limit_kw=1500,
        export_limit_kw=100,
        batteries=(
            Battery(
                battery_id="b1",
                capacity_kwh=200,
                max_charge_kw=60,
                max_discharge_kw=50,
                charge_eff=0.95,
                discharge_eff=0.9,
                soc_start_kwh=80,
                soc_min_kwh=10,
                soc_end_min_kwh=70,
                wear_cost_per_kwh=0.11,
            ),
        ),
        pv=(Pv(pv_id="roof", daily_kw=tuple(by_hour.get(hour, 0.0) for hour in range(24))),),
    )


def event(event_id: str, first: int, stop: int) -> EventTerm:
    band = EventBand(from_rate=0.8, to_rate=1.2, per_delivered=1.0, per_committed=0.0)
    return EventTerm(
        event_id=event_id,
        programme_id="p",
        first=first,
        stop=stop,
        baseline_kw=170,
        min_commitment_kw=20,
        max_commitment_kw=90,
        pay_per_kw=6,
        penalty_per_kw=4,
        bands=(EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0), band),
    )


def problem() -> ResponseProblem:
    horizon = TimeGrid(start=at(0), step_min=30, n_steps=N_STEPS)
    demand = DemandTerm(
        label="max demand",
        price_per_kw=40,
        block_of_step=np.arange(N_STEPS),
        other_peak_kw=np.array([700.0, 900.0]),
    )
    return ResponseProblem(
        site=site(),
        plan=plan(),
        horizon=horizon,
        base_kw=np.full(N_STEPS, 120.0),
        terms=PricedTerms(
            tariff_id="t",
            currency="CNY",
            horizon=horizon,
            constant=5000,
            energy_price_per_kwh=steps(s0_15=0.3, s16_27=1.1, s28_43=0.7, s44_47=0.5),
            demand=(demand,),
        ),
        events=(event("e1", 36, 40), event("e2", 40, 42)),
    )


def schedule() -> Schedule:
    import_kw = np.full(N_STEPS, 120.0)
    import_kw[[0, 1]] = 180
    import_kw[16:29] = [790, 545, 255, 200, 295, 295, 735, 535, 255, 155, 10, 0, 290]
    import_kw[29:32] = 200
    import_kw[43] = 145
    air_kw = np.zeros(N_STEPS)
    air_kw[16:32] = [70, 70, 80, 80, 80, 80, 90, 90, 130, 130, 120, 100, 100, 80, 80, 80]
    return Schedule(
        grid=TimeGrid(start=at(0), step_min=30, n_steps=N_STEPS),
        runs=(
            Run(task_id="melt", start=at(8)),
            Run(task_id="cast", start=at(10)),
            Run(task_id="melt", start=at(11)),
            Run(task_id="grind", start=at(13)),
            Run(task_id="test", start=at(21, 30)),
        ),
        base_kw=np.full(N_STEPS, 120.0),
        modulating_kw={"air": air_kw},
        batteries={
            "b1": BatteryUse(
                charge_kw=steps(s0_1=60),
                discharge_kw=steps(s17_18=45),
                soc_kwh=steps(s0=108.5, s1_16=137, s17=112, s18_47=87),
            )
        },
        pv_used_kw={"roof": steps(s20_21=55, s22_23=75, s24_25=95, s26=300, s27=365)},
        import_kw=import_kw,
        export_kw=steps(s27=75),
        commitments_kw={"e1": 60.0, "e2": 0.0},
    )
