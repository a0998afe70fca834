"""A small case and a quote for it made by hand: numbers all different, every part of a quote present."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np

from api.http import examples
from domain.findings import Finding, FindingKind, Severity
from domain.offers import (
    Case,
    Commitment,
    CostParts,
    Manifest,
    MoneyRange,
    Move,
    Offer,
    PlaybookStep,
    Quote,
    Response,
    SavingSplit,
    SolveRecord,
)
from domain.plant import Battery, BatteryUse, Flow, ModulatingLoad, Run, Schedule, ShiftEnergy, Store
from domain.tariffs import Bill, BillLine, Status, Tariff
from domain.text import Text
from domain.time import TimeGrid

HOSTILE = "<script>alert('x')</script> & 窑 $x^2$"
ODD = FindingKind(
    code="handmade_odd",
    severity=Severity.SERIOUS,
    words=Text(en="Odd thing {what}", zh="异常 {what}"),
)


def small_case() -> Case:
    """Give the service's example with a store, a battery and a modulating load added."""
    case = examples.case()
    firing = replace(case.plan.tasks[0], name=HOSTILE, flows=(Flow(store_id="ware", quantity=3.0),))
    shift = ShiftEnergy(start=case.plan.start, end=case.plan.end, energy_kwh=2400.0)
    plan = replace(
        case.plan,
        tasks=(firing,),
        stores=(Store(store_id="ware", name="Ware 瓷器", unit="t", max_level=20.0, start_level=4.0),),
        modulating_loads=(ModulatingLoad(load_id="air", name="Compressors", max_kw=130.0, shifts=(shift,)),),
    )
    battery = Battery(
        battery_id="bess", capacity_kwh=200.0, max_charge_kw=50.0, max_discharge_kw=60.0, soc_start_kwh=70.0
    )
    return replace(case, plan=plan, site=replace(case.site, name="Kiln & Co 窑炉厂", batteries=(battery,)))


def schedule_of(case: Case, hours: tuple[int, int], air_kw: float) -> Schedule:
    """Give a schedule with two firings; the arrays need not balance, nothing here audits them."""
    grid = TimeGrid.between(case.plan.start, case.plan.end, 60)
    steps = np.arange(grid.n_steps)
    base_kw = 300 + 40 * np.sin(steps / 4)
    import_kw = base_kw + air_kw
    for hour in hours:
        import_kw[hour : hour + 2] += 240
    soc = 70 + 30 * np.sin(steps / 6)
    use = BatteryUse(charge_kw=np.zeros(grid.n_steps), discharge_kw=np.zeros(grid.n_steps), soc_kwh=soc)
    return Schedule(
        grid=grid,
        runs=tuple(Run(task_id="firing", start=grid.at(hour)) for hour in hours),
        base_kw=base_kw,
        modulating_kw={"air": np.full(grid.n_steps, air_kw)},
        batteries={"bess": use},
        pv_used_kw={},
        import_kw=import_kw,
        export_kw=np.zeros(grid.n_steps),
        commitments_kw={"ev1": 61.0},
    )


def response_of(case: Case, hours: tuple[int, int], objective: float) -> Response:
    """Give a response around a schedule."""
    costs = CostParts(
        constant_cost=101.0,
        energy_cost=202.0,
        demand_cost=303.0,
        labour_cost=4.0,
        lateness_cost=5.0,
        start_cost=6.0,
        wear_cost=7.0,
        event_pay=80.0,
        event_penalty=9.0,
    )
    solve = SolveRecord(
        stopped_by="gap",
        objective=objective,
        bound=objective - 12.5,
        gap_share=0.0031,
        build_s=0.1,
        compile_s=0.2,
        solve_s=0.3,
        n_columns=11,
        n_rows=12,
        n_integers=13,
        n_nodes=14,
        versions={"highspy": "1"},
        options={},
    )
    return Response(schedule=schedule_of(case, hours, 50.0), costs=costs, solve=solve)


def bill_of(tariff: Tariff, energy: str, demand: str) -> Bill:
    """Give a bill of two lines."""
    lines = tuple(
        BillLine(
            charge_id=kind,
            kind=kind,
            label=Text(en=kind, zh=f"{kind} 费"),
            quantity=Decimal("123456.700000"),
            unit="kWh",
            unit_price=Decimal("0.5100"),
            amount=Decimal(amount),
            exact_amount=Decimal(amount),
            rule=Text(en=f"rule of {kind}", zh=f"{kind} 规则"),
        )
        for kind, amount in (("energy", energy), ("demand", demand))
    )
    month = examples.PLAN_START.date().replace(day=1)
    return Bill(tariff_id=tariff.tariff_id, currency="CNY", month=month, status=Status.TO_VERIFY, lines=lines)


def money(p10: int, p50: int, p90: int, mean: int) -> MoneyRange:
    """Give a range of whole amounts."""
    return MoneyRange(p10=Decimal(p10), p50=Decimal(p50), p90=Decimal(p90), mean=Decimal(mean))


def small_quote(case: Case | None = None, *, stray: Finding | None = None) -> Quote:
    """Give a quote with one offer that has everything."""
    case = case or small_case()
    start = case.plan.start
    offer = Offer(
        offer_id="steep+dr",
        rank=1,
        package=case.packages[0],
        with_dr=True,
        currency="CNY",
        valid_until=start + timedelta(days=14),
        bill_today=money(201_000, 205_000, 211_000, 205_500),
        bill=money(188_000, 190_500, 196_000, 191_200),
        saving=money(11_000, 14_700, 17_300, 14_500),
        net_benefit=Decimal("14500.00"),
        saving_share=0.0706,
        split=SavingSplit(
            tariff=Decimal("9000.10"),
            shifting=Decimal("4200.20"),
            demand=Decimal("-700.30"),
            dr=Decimal("2300.40"),
            production=Decimal("-300.40"),
        ),
        median_bills=(bill_of(case.packages[0].tariff, "150000.11", "40500.22"),),
        response=response_of(case, (1, 26), 191_000.0),
        moves=(
            Move(
                what="run",
                subject_id="firing",
                name=HOSTILE,
                from_start=start + timedelta(hours=9),
                to_start=start + timedelta(hours=1),
                moved_kwh=610.0,
                saving=414.8,
                reason=Text(en="Runs at night, <b>cheaper</b>", zh="夜间更便宜"),
            ),
        ),
        commitments=(
            Commitment(
                event_id="ev1",
                programme_id="prog",
                start=start + timedelta(hours=18),
                end=start + timedelta(hours=20),
                baseline_kw=480.0,
                commitment_kw=61.0,
                expected_kw=66.0,
                pay=Decimal("366.00"),
                penalty=Decimal("0.00"),
                baseline_days=("2026-11-16", "2026-11-17"),
            ),
        ),
        playbook=(
            PlaybookStep(
                event_id="ev1",
                at=start + timedelta(hours=17, minutes=45),
                subject_id="air",
                action=Text(en="Lower to 20 kW", zh="降至 20 kW"),
            ),
        ),
        findings=(ODD.at(what="in the offer"),),
    )
    return Quote(
        case_id=case.case_id,
        issued_at=case.issued_at,
        currency="CNY",
        bill_today=money(201_000, 205_000, 211_000, 205_500),
        today_bills=(bill_of(case.present_tariff, "160000.33", "45000.44"),),
        today=response_of(case, (9, 33), 205_000.0),
        offers=(offer,),
        findings=(stray or ODD.at(what=HOSTILE),),
        timings_s={"total": 1.25},
        manifest=Manifest(
            case_sha256="ca5e" * 16,
            answer_sha256="a45e" * 16,
            wattplan_version="0.1.0",
            versions={"numpy": "2"},
            seed=1,
            options={},
            recorded_runs={},
        ),
    )
