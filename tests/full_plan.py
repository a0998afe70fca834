"""A production plan with one of everything, all numbers different."""

from datetime import UTC, datetime, time, timedelta

from domain.plant import (
    Changeover,
    Flow,
    Interval,
    Machine,
    Mode,
    ModulatingLoad,
    Order,
    PlannedRate,
    PowerPhase,
    Precedence,
    Process,
    ProcessState,
    ProductionPlan,
    Quota,
    RateFlow,
    Shift,
    ShiftEnergy,
    Store,
    StoreDraw,
    Task,
    Utility,
    UtilityGap,
    UtilityUse,
)

ZONE = "Europe/Berlin"
START = datetime(2026, 10, 23, 22, tzinfo=UTC)
"""Midnight of 24 October in Berlin, two days before the clock is put back."""
END = datetime(2026, 10, 26, 23, tzinfo=UTC)
"""Midnight of 27 October: 73 hours later."""


def at(hours: float) -> datetime:
    """Give an instant by its distance from the plan's start."""
    return START + timedelta(hours=hours)


def full_plan() -> ProductionPlan:
    """Give a plan with one of everything."""
    return ProductionPlan(
        plan_id="plan-7",
        zone=ZONE,
        start=START,
        end=END,
        machines=(
            Machine(machine_id="EAF", name="arc furnace"),
            Machine(machine_id="MIXER", name="mixer", family_at_start="red"),
            Machine(
                machine_id="MILL",
                name="磨机",
                count=2,
                outages=(Interval(start=at(3), end=at(4.5)), Interval(start=at(50), end=at(51))),
            ),
        ),
        stores=(
            Store(
                store_id="SILO",
                name="silo",
                unit="t",
                min_level=11.5,
                max_level=950,
                start_level=333.25,
                end_min_level=120,
                draws=(StoreDraw(at=at(12), quantity=40.5), StoreDraw(at=at(30), quantity=-7)),
            ),
            Store(
                store_id="ROOM",
                name="cold room",
                unit="°C",
                min_level=-22,
                max_level=-15,
                start_level=-18,
                end_min_level=-22,
                end_max_level=-17.5,
                decay_share_per_h=0.012,
                rest_level=18,
            ),
            Store(
                store_id="DOUGH",
                name="dough",
                unit="t",
                max_level=12,
                start_level=0,
                max_hold_min=240,
                disposal_cost_per_unit=35.5,
            ),
        ),
        orders=(
            Order(order_id="A-17", description="bars", release=at(1), due=at(40), lateness_cost_per_h=85),
            Order(order_id="A-18", due=at(60)),
        ),
        tasks=(
            Task(
                task_id="H1",
                name="heat",
                machine_ids=("EAF", "MILL"),
                phases=(PowerPhase(power_kw=65000, duration_min=35), PowerPhase(power_kw=25000.5, duration_min=15)),
                earliest=at(2),
                latest_end=at(39),
                count=2,
                planned_starts=(at(5), at(27.5)),
                movable=False,
                start_every_min=30,
                flows=(Flow(store_id="SILO", quantity=101.5, when="evenly"), Flow(store_id="SILO", quantity=-2)),
                order_id="A-17",
                crew_count=3,
                start_cost=77,
                power_factor=0.93,
                min_count=None,
                least_lot_share=0.6,
                family="rebar",
                utilities=(UtilityUse(utility_id="STEAM", quantity=1.25),),
                modes=(
                    Mode(
                        mode_id="slow",
                        machine_ids=("MILL",),
                        phases=(PowerPhase(power_kw=30000, duration_min=95),),
                        flows=(Flow(store_id="SILO", quantity=99.5, when="start"),),
                        crew_count=2,
                    ),
                    Mode(
                        mode_id="dry",
                        machine_ids=(),
                        phases=(PowerPhase(power_kw=9, duration_min=5), PowerPhase(power_kw=8.5, duration_min=10)),
                        flows=(),
                        utilities=(UtilityUse(utility_id="STEAM", quantity=0.75),),
                        start_cost=3.5,
                        power_factor=0.71,
                    ),
                ),
            ),
            Task(task_id="P1", name="press", machine_ids=(), phases=(PowerPhase(power_kw=210, duration_min=45),)),
            Task(task_id="P2", name="oven", machine_ids=(), phases=(PowerPhase(power_kw=95, duration_min=60),)),
        ),
        precedences=(Precedence(before="P1", after="P2", min_gap_min=10, max_gap_min=90),),
        modulating_loads=(
            ModulatingLoad(
                load_id="AIR",
                name="compressors",
                min_kw=20,
                max_kw=190,
                power_factor=0.84,
                shifts=(
                    ShiftEnergy(start=at(0), end=at(8), energy_kwh=640),
                    ShiftEnergy(start=at(8), end=at(16), energy_kwh=900.75),
                ),
            ),
            ModulatingLoad(load_id="O2", name="oxygen", max_kw=80, shifts=()),
        ),
        shifts=(
            Shift(name="day", start=time(6), end=time(22), days=("workday", "sat"), wage_per_h=41.5, people_count=7.5),
            Shift(name="night", start=time(22), end=time(6), wage_per_h=52),
        ),
        processes=(
            Process(
                process_id="CHILL",
                name="chiller",
                unit="kWh",
                max_rate=180.5,
                min_rate=40,
                fixed_kw=6,
                kwh_per_unit=1,
                flows=(RateFlow(store_id="ROOM", quantity_per_unit=-0.002, quantity_per_h=0.01),),
                quotas=(
                    Quota(start=at(0), end=at(8), least=300),
                    Quota(start=at(8), end=at(20), least=10, most=1500.5, shortfall_cost_per_unit=0.25),
                ),
                machine_ids=("MILL",),
                utilities=(UtilityUse(utility_id="STEAM", quantity=0.5, quantity_per_rate=0.01),),
                outages=(Interval(start=at(31), end=at(33)),),
                hours=(Interval(start=at(0), end=at(48)),),
                min_run_min=60,
                min_pause_min=45,
                max_rise_per_h=90,
                max_fall_per_h=95.5,
                start_cost=12,
                start_kwh=4,
                max_starts_count=3,
                crew_count=0.5,
                cost_per_unit=0.02,
                cost_per_h=1.5,
                co2_kg_per_unit=0.1,
                co2_kg_per_h=0.3,
                before=ProcessState(is_on=True, rate=55, since_min=30),
                planned=(PlannedRate(start=at(1), end=at(5), rate=100),),
                movable=False,
                power_factor=0.77,
            ),
            Process(process_id="CHP", name="engine", unit="kWh", max_rate=900, kwh_per_unit=-1),
        ),
        utilities=(
            Utility(
                utility_id="STEAM",
                name="steam",
                unit="t/h",
                limit=9.5,
                gaps=(UtilityGap(start=at(10), end=at(12), limit=4),),
                price_per_unit_h=180,
                co2_kg_per_unit_h=210.5,
            ),
        ),
        changeovers=(
            Changeover(
                machine_id="MIXER",
                from_family="red",
                to_family="blue",
                duration_min=40,
                power_kw=3,
                cost=55,
                crew_count=1,
            ),
            Changeover(machine_id="MIXER", from_family="blue", to_family="red", duration_min=25),
        ),
    )
