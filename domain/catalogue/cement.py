"""A cement grinding plant: its site, and a week of its plan as people would have put it.

Two closed-circuit mills, three silos, a bag line, compressors, a small battery and some PV behind one
8 MVA connection at 10 kV. The numbers lie inside published ranges; the plant itself is invented.

======================  =========  ================================================================
what                    number     remark
======================  =========  ================================================================
mill M1                 3400 kW    mean; 100 t/h at 34 kWh/t, motors rated 5000 kW; at least 3 h a run
mill M2                 2200 kW    mean; 60 t/h; at least 3 h a run
silos S1, S2, S3        3000 t     used between 15 % and 95 %
dispatch                2.3 kt/d   06–20 h by lorry; Sundays less
crew                    3 shifts   the night shift is dearer
======================  =========  ================================================================
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from domain.plant import (
    Battery,
    Flow,
    Interval,
    Machine,
    ModulatingLoad,
    Order,
    PowerPhase,
    ProductionPlan,
    Pv,
    Shift,
    ShiftEnergy,
    Site,
    Store,
    StoreDraw,
    Task,
)
from domain.tariffs import PurchaseMode, SupplyPoint
from domain.time import local_midnight, zone_of

ZONE = "Asia/Shanghai"
N_DAYS = 7
SUNDAY = 6

M1_KW, M1_RUN_T, M1_CLINKER_T = 3400.0, 300.0, 240.0
M2_KW, M2_RUN_T, M2_CLINKER_T = 2200.0, 180.0, 117.0
BAGS_KW, BAGS_T = 300.0, 200.0
MILL_RUN_MIN = 180

# Share of a day's dispatch in each hour from 06 to 19 h: lorries queue in the morning.
DISPATCH_SHARES = (0.06, 0.10, 0.11, 0.11, 0.10, 0.08, 0.05, 0.06, 0.08, 0.08, 0.07, 0.05, 0.03, 0.02)
BULK_T = {"S1": (1250.0, 900.0), "S3": (840.0, 540.0)}
"""Bulk dispatch of a day, and of a Sunday, by silo; bags come on top of S1. [t]"""

# Where people have put the runs: (day of the plan, clock) of each start.
M1_DAY = ("07:00", "10:00", "13:00", "16:00", "19:00")
M1_WEDNESDAY = ("09:30", "12:30", "15:30", "18:30", "21:30")
M1_SPECIAL = ((0, "19:00"), (1, "16:00"), (1, "19:00"))
M2_DAY = ("08:00", "11:00", "14:00", "17:00", "20:00")
M2_STARTS = {2: M2_DAY[:4], 3: ("16:00", "19:00", "22:00"), 6: M2_DAY[:4]}

PV_KW = (0, 0, 0, 0, 0, 0, 0, 30, 120, 220, 300, 345, 350, 310, 235, 135, 40, 0, 0, 0, 0, 0, 0, 0)


def cement_site() -> Site:
    """Give the plant's site: 8 MVA at 10 kV, 500 kWp of PV, a 1 MW / 2 MWh battery."""
    return Site(
        site_id="cement-1",
        customer_id="sample-cement",
        name="Linjiang Cement Grinding (临江水泥粉磨站)",
        zone=ZONE,
        country="CN",
        supply=SupplyPoint(
            purchase_mode=PurchaseMode.GRID_AGENCY,
            capacity_kva=Decimal(8000),
            contract_demand_kw=Decimal(6400),
            voltage_level="1_20kv",
            power_factor=Decimal("0.93"),
        ),
        import_limit_kw=7600.0,
        batteries=(
            Battery(
                battery_id="BESS1",
                capacity_kwh=2000.0,
                max_charge_kw=1000.0,
                max_discharge_kw=1000.0,
                charge_eff=0.96,
                discharge_eff=0.95,
                soc_start_kwh=600.0,
                soc_min_kwh=200.0,
                wear_cost_per_kwh=0.12,
            ),
        ),
        pv=(Pv(pv_id="PV1", daily_kw=tuple(float(value) for value in PV_KW)),),
    )


def cement_plan(monday: date) -> ProductionPlan:
    """Give the plan of the week that begins on a Monday, with today's starts."""
    machines = (
        Machine(machine_id="M1", name="Ball mill 1 with roller press (1号球磨机+辊压机)"),
        Machine(
            machine_id="M2",
            name="Ball mill 2 (2号球磨机)",
            outages=(Interval(start=_at(monday, 3, "08:00"), end=_at(monday, 3, "16:00")),),
        ),
        Machine(machine_id="PACK1", name="Bag line (包装线)"),
    )
    return ProductionPlan(
        plan_id=f"cement-{monday:%Y-%m-%d}",
        zone=ZONE,
        start=local_midnight(monday, ZONE),
        end=local_midnight(monday + timedelta(days=N_DAYS), ZONE),
        machines=machines,
        stores=_stores(monday),
        orders=_orders(monday),
        tasks=(*_mill_tasks(monday), *_bag_tasks(monday)),
        modulating_loads=(_compressors(monday),),
        shifts=(
            Shift(name="Night (夜班)", start=time(0, 0), end=time(8, 0), wage_per_h=62.0),
            Shift(name="Day (早班)", start=time(8, 0), end=time(16, 0), wage_per_h=40.0),
            Shift(name="Evening (中班)", start=time(16, 0), end=time(0, 0), wage_per_h=47.0),
        ),
    )


def _at(monday: date, day: int, clock: str) -> datetime:
    local = datetime.combine(monday + timedelta(days=day), time.fromisoformat(clock), tzinfo=zone_of(ZONE))
    return local.astimezone(UTC)


def _is_sunday(monday: date, day: int) -> bool:
    return (monday + timedelta(days=day)).weekday() == SUNDAY


def _stores(monday: date) -> tuple[Store, ...]:
    def draws(store_id: str) -> tuple[StoreDraw, ...]:
        found = []
        for day in range(N_DAYS):
            quantity_t = BULK_T[store_id][_is_sunday(monday, day)]
            found += [
                StoreDraw(at=_at(monday, day, f"{6 + hour:02d}:00"), quantity=round(quantity_t * share, 3))
                for hour, share in enumerate(DISPATCH_SHARES)
            ]
        return tuple(found)

    def silo(store_id: str, name: str, start_t: float, end_min_t: float, taken: tuple[StoreDraw, ...]) -> Store:
        return Store(
            store_id=store_id,
            name=name,
            unit="t",
            min_level=450.0,
            max_level=2850.0,
            start_level=start_t,
            end_min_level=end_min_t,
            draws=taken,
        )

    barges = tuple(StoreDraw(at=_at(monday, day, "05:00"), quantity=-2000.0) for day in range(N_DAYS - 1))
    special = (StoreDraw(at=_at(monday, 4, "08:00"), quantity=900.0),)
    return (
        Store(
            store_id="CLINKER",
            name="Clinker store (熟料库)",
            unit="t",
            min_level=1000.0,
            max_level=10_000.0,
            start_level=6000.0,
            end_min_level=5500.0,
            draws=barges,
        ),
        silo("S1", "Silo 1, P.O 42.5 (1号水泥库)", 2100.0, 2000.0, draws("S1")),
        silo("S2", "Silo 2, low-alkali P.O 42.5 (2号水泥库 低碱)", 600.0, 550.0, special),
        silo("S3", "Silo 3, P.C 42.5 (3号水泥库)", 1700.0, 1600.0, draws("S3")),
    )


def _orders(monday: date) -> tuple[Order, ...]:
    bags = tuple(
        Order(
            order_id=f"BAGS-{day + 1}",
            description="200 t in bags (袋装水泥200吨)",
            due=_at(monday, day, "18:00"),
        )
        for day in range(N_DAYS - 1)
    )
    grade = Order(
        order_id="C2411",
        description="Low-alkali P.O 42.5, 900 t (低碱水泥900吨)",
        due=_at(monday, 2, "08:00"),
        lateness_cost_per_h=120.0,
    )
    upkeep = Order(
        order_id="W-117",
        description="Separator performance test on mill 1 (1号磨选粉机性能测试)",
        release=_at(monday, 1, "08:00"),
        due=_at(monday, 4, "18:00"),
    )
    return (*bags, grade, upkeep)


def _mill_run(task_id: str, name: str, starts: tuple[datetime, ...], silo_id: str, order_id: str | None) -> Task:
    power_kw, cement_t, clinker_t = (
        (M2_KW, M2_RUN_T, M2_CLINKER_T) if silo_id == "S3" else (M1_KW, M1_RUN_T, M1_CLINKER_T)
    )
    return Task(
        task_id=task_id,
        name=name,
        machine_ids=("M2",) if silo_id == "S3" else ("M1",),
        phases=(PowerPhase(power_kw=power_kw, duration_min=MILL_RUN_MIN),),
        count=len(starts),
        planned_starts=starts,
        start_every_min=30,
        flows=(
            Flow(store_id="CLINKER", quantity=-clinker_t, when="evenly"),
            Flow(store_id=silo_id, quantity=cement_t, when="evenly"),
        ),
        order_id=order_id,
        crew_count=2.0,
        start_cost=100.0 if silo_id == "S3" else 150.0,
    )


def _mill_tasks(monday: date) -> tuple[Task, ...]:
    m1 = [(day, clock) for day in range(N_DAYS) for clock in (M1_WEDNESDAY if day == 2 else M1_DAY)]  # noqa: PLR2004
    m2 = [(day, clock) for day in range(N_DAYS) for clock in M2_STARTS.get(day, M2_DAY)]
    return (
        _mill_run(
            "M1-PO425",
            "Mill 1, P.O 42.5 (1号磨 P.O 42.5)",
            tuple(_at(monday, *start) for start in m1 if start not in M1_SPECIAL),
            "S1",
            None,
        ),
        _mill_run(
            "M1-C2411",
            "Mill 1, low-alkali P.O 42.5 (1号磨 低碱)",
            tuple(_at(monday, *start) for start in M1_SPECIAL),
            "S2",
            "C2411",
        ),
        _mill_run(
            "M2-PC425",
            "Mill 2, P.C 42.5 (2号磨 P.C 42.5)",
            tuple(_at(monday, *start) for start in m2),
            "S3",
            None,
        ),
        Task(
            task_id="M1-SEPARATOR-TEST",
            name="Separator test (选粉机测试)",
            machine_ids=("M1",),
            phases=(PowerPhase(power_kw=900.0, duration_min=90),),
            planned_starts=(_at(monday, 2, "08:00"),),
            start_every_min=30,
            order_id="W-117",
            crew_count=3.0,
        ),
    )


def _bag_tasks(monday: date) -> tuple[Task, ...]:
    return tuple(
        Task(
            task_id=f"BAGS-{day + 1}",
            name="Bag line, 200 t (包装200吨)",
            machine_ids=("PACK1",),
            phases=(PowerPhase(power_kw=BAGS_KW, duration_min=240),),
            earliest=_at(monday, day, "05:00"),
            planned_starts=(_at(monday, day, "08:00"),),
            start_every_min=30,
            flows=(Flow(store_id="S1", quantity=-BAGS_T, when="evenly"),),
            order_id=f"BAGS-{day + 1}",
            crew_count=4.0,
        )
        for day in range(N_DAYS - 1)
    )


def _compressors(monday: date) -> ModulatingLoad:
    spans = (("00:00", 0, "08:00", 0, 1200.0), ("08:00", 0, "16:00", 0, 2400.0), ("16:00", 0, "00:00", 1, 2000.0))
    return ModulatingLoad(
        load_id="AIR",
        name="Compressors with receivers (空压站)",
        min_kw=90.0,
        max_kw=480.0,
        shifts=tuple(
            ShiftEnergy(start=_at(monday, day + first, start), end=_at(monday, day + last, end), energy_kwh=energy_kwh)
            for day in range(N_DAYS)
            for start, first, end, last, energy_kwh in spans
        ),
    )
