"""A second hand-worked day: a works with set-up presses, lots, a mill, own generation, steam, cold and people.

Steps are half-hours; the step of 07:00 is 14. Presses: copy 1 makes mouldings all morning, copy 2 is changed over
for trimming and back. All numbers were worked out by hand and are all different so that a swap shows.
"""

from datetime import time

import numpy as np

from domain.offers.response import ResponseProblem
from domain.plant import (
    Changeover,
    ChangeoverRun,
    Flow,
    Interval,
    Machine,
    Mode,
    PlannedRate,
    PowerPhase,
    Process,
    ProcessUse,
    ProductionPlan,
    Quota,
    RateFlow,
    Run,
    Schedule,
    Shift,
    Site,
    Store,
    StoreDraw,
    Task,
    Utility,
    UtilityGap,
    UtilityUse,
)
from domain.tariffs import PurchaseMode, SupplyPoint
from domain.tariffs.terms import PricedTerms
from domain.time import TimeGrid
from tests.audited_day import N_STEPS, at, steps

HORIZON = TimeGrid(start=at(0), step_min=30, n_steps=N_STEPS)


def tasks() -> tuple[Task, ...]:
    return (
        Task(
            task_id="mould",
            name="压制",
            machine_ids=("press",),
            phases=(PowerPhase(power_kw=90, duration_min=60),),
            count=6,
            min_count=3,
            least_lot_share=0.4,
            family="A",
            flows=(Flow(store_id="parts", quantity=12, when="end"),),
            utilities=(UtilityUse(utility_id="steam", quantity=1.4),),
            crew_count=1.5,
            start_cost=19,
            modes=(
                Mode(
                    mode_id="big",
                    machine_ids=("hydraulic",),
                    phases=(PowerPhase(power_kw=130, duration_min=45),),
                    utilities=(UtilityUse(utility_id="steam", quantity=2.3),),
                    crew_count=2,
                    start_cost=23,
                ),
            ),
        ),
        Task(
            task_id="trim",
            name="修边",
            machine_ids=("press",),
            phases=(PowerPhase(power_kw=50, duration_min=75),),
            family="B",
            flows=(Flow(store_id="parts", quantity=-7, when="start"),),
            crew_count=1,
        ),
        Task(
            task_id="fixed",
            name="试压",
            machine_ids=("hydraulic",),
            phases=(PowerPhase(power_kw=28, duration_min=30),),
            planned_starts=(at(20),),
            movable=False,
            start_cost=6,
            modes=(
                Mode(
                    mode_id="other",
                    machine_ids=("hydraulic",),
                    phases=(PowerPhase(power_kw=28, duration_min=30),),
                ),
            ),
        ),
    )


def mill() -> Process:
    """Give the mill: on from 06:00 to 12:00 and from 13:00 to 14:30."""
    return Process(
        process_id="mill",
        name="磨机",
        unit="t",
        min_rate=4,
        max_rate=10,
        fixed_kw=15,
        kwh_per_unit=6,
        flows=(RateFlow(store_id="powder", quantity_per_unit=0.9, quantity_per_h=-0.2),),
        quotas=(
            Quota(start=at(7), end=at(12), least=37, most=38),
            Quota(start=at(12), end=at(22), least=9, shortfall_cost_per_unit=9),
            Quota(start=at(24), end=at(32), least=50),
        ),
        machine_ids=("kiln",),
        utilities=(UtilityUse(utility_id="steam", quantity=0.3, quantity_per_rate=0.05),),
        outages=(Interval(start=at(12, 1), end=at(12, 59)),),
        hours=(Interval(start=at(6), end=at(14)), Interval(start=at(14), end=at(21))),
        min_run_min=90,
        min_pause_min=60,
        max_rise_per_h=8,
        max_fall_per_h=7,
        start_cost=27,
        start_kwh=5,
        max_starts_count=2,
        crew_count=0.5,
        cost_per_unit=0.3,
        cost_per_h=2.1,
        co2_kg_per_unit=1.1,
        co2_kg_per_h=3.2,
    )


def generator() -> Process:
    return Process(
        process_id="chp",
        name="热电",
        unit="kWh",
        max_rate=50,
        kwh_per_unit=-0.4,
        utilities=(UtilityUse(utility_id="steam", quantity_per_rate=-0.02),),
        cost_per_unit=0.25,
        co2_kg_per_unit=0.2,
    )


def fan() -> Process:
    return Process(
        process_id="fan",
        name="风机",
        unit="m3",
        max_rate=5,
        kwh_per_unit=7,
        planned=(PlannedRate(start=at(8), end=at(10), rate=3), PlannedRate(start=at(10), end=at(11, 30), rate=2)),
        movable=False,
    )


def chiller() -> Process:
    return Process(
        process_id="chiller",
        name="冷机",
        unit="kWh",
        max_rate=40,
        kwh_per_unit=0.35,
        flows=(RateFlow(store_id="cold", quantity_per_unit=-0.05),),
    )


def stores() -> tuple[Store, ...]:
    return (
        Store(
            store_id="parts",
            name="坯件",
            unit="t",
            max_level=45,
            start_level=5,
            end_min_level=0,
            max_hold_min=180,
            disposal_cost_per_unit=4.5,
            draws=(
                StoreDraw(at=at(2, 10), quantity=5),
                StoreDraw(at=at(10, 45), quantity=5),
                StoreDraw(at=at(11, 30), quantity=10),
                StoreDraw(at=at(12, 40), quantity=8),
                StoreDraw(at=at(13, 20), quantity=20),
                StoreDraw(at=at(15, 10), quantity=-3),
                StoreDraw(at=at(17, 40), quantity=3),
            ),
        ),
        Store(
            store_id="powder",
            name="粉料",
            unit="t",
            max_level=80,
            start_level=30,
            end_min_level=60,
            end_max_level=74,
            disposal_cost_per_unit=2.2,
        ),
        Store(
            store_id="cold",
            name="冷库",
            unit="°C",
            min_level=-25,
            max_level=-15,
            start_level=-20,
            end_min_level=-25,
            end_max_level=-19.2,
            decay_share_per_h=0.02,
            rest_level=15,
            draws=(StoreDraw(at=at(12, 10), quantity=-0.8),),
        ),
    )


def changeovers() -> tuple[Changeover, ...]:
    return (
        Changeover(machine_id="press", from_family="A", to_family="B", duration_min=60, power_kw=22, cost=31, crew_count=1),
        Changeover(machine_id="press", from_family="B", to_family="A", duration_min=40, power_kw=33, cost=17, crew_count=0.5),
        Changeover(machine_id="press", from_family="A", to_family="C", duration_min=90, cost=3),
    )  # fmt: skip


def plan() -> ProductionPlan:
    return ProductionPlan(
        plan_id="works",
        zone="Asia/Shanghai",
        start=at(0),
        end=at(24),
        machines=(
            Machine(machine_id="press", name="压机", count=2, family_at_start="A"),
            Machine(machine_id="hydraulic", name="液压机"),
            Machine(machine_id="kiln", name="窑"),
        ),
        stores=stores(),
        tasks=tasks(),
        shifts=(
            Shift(name="早", start=time(6), end=time(14), wage_per_h=30, people_count=3.5),
            Shift(name="中", start=time(14), end=time(22), wage_per_h=37, people_count=4),
        ),
        processes=(mill(), generator(), fan(), chiller()),
        utilities=(
            Utility(
                utility_id="steam",
                name="蒸汽",
                unit="t/h",
                limit=3,
                gaps=(UtilityGap(start=at(9), end=at(10), limit=2),),
                price_per_unit_h=8.5,
                co2_kg_per_unit_h=0.7,
            ),
        ),
        changeovers=changeovers(),
    )


def problem() -> ResponseProblem:
    return ResponseProblem(
        site=Site(
            site_id="works",
            customer_id="c",
            name="w",
            zone="Asia/Shanghai",
            supply=SupplyPoint(purchase_mode=PurchaseMode.REGULATED),
            import_limit_kw=600,
            safety_load_kw=214.97,
            co2_price_per_t=90,
            grid_co2_kg_per_kwh=(*[0.5] * 10, 0.62, *[0.5] * 13),
        ),
        plan=plan(),
        horizon=HORIZON,
        base_kw=np.full(N_STEPS, 210.0),
        terms=PricedTerms(
            tariff_id="t",
            currency="CNY",
            horizon=HORIZON,
            constant=0,
            energy_price_per_kwh=np.full(N_STEPS, 0.7),
            demand=(),
        ),
    )


def schedule() -> Schedule:
    mill_rate = steps(s12=4, s13=7, s14_21=8, s22=7.25, s23=4, s26=4, s27=6.5, s28=4)
    chp_rate = steps(s18_21=50, s22=30, s24=25)
    fan_rate = steps(s16_19=3, s20_22=2)
    chiller_rate = np.full(N_STEPS, 14.2)
    import_kw = np.full(N_STEPS, 210.0)
    import_kw[12:25] = [259, 289, 385, 413, 389, 364, 400, 348, 447, 447, 270.5, 249, 200]
    import_kw[26:29] = [259, 264, 249]
    import_kw[40] = 238
    rates = {"mill": mill_rate, "chp": chp_rate, "fan": fan_rate, "chiller": chiller_rate}
    return Schedule(
        grid=HORIZON,
        runs=(
            Run(task_id="mould", start=at(7)),
            Run(task_id="trim", start=at(7, 30)),
            Run(task_id="mould", start=at(8), lot_share=0.5),
            Run(task_id="mould", start=at(9), mode_id="big", lot_share=0.8),
            Run(task_id="mould", start=at(10)),
            Run(task_id="mould", start=at(10)),
            Run(task_id="fixed", start=at(20)),
        ),
        base_kw=np.full(N_STEPS, 210.0),
        modulating_kw={},
        batteries={},
        pv_used_kw={},
        import_kw=import_kw + 4.97,
        export_kw=np.zeros(N_STEPS),
        commitments_kw={},
        processes={name: ProcessUse(rate=rate, is_on=rate > 0) for name, rate in rates.items()},
        changeovers=(
            ChangeoverRun(machine_id="press", from_family="A", to_family="B", start=at(6, 30)),
            ChangeoverRun(machine_id="press", from_family="B", to_family="A", start=at(9)),
        ),
        disposed={"parts": steps(s27=1.6), "powder": np.zeros(N_STEPS)},
    )
