"""Random small plants: every schedule built feasibly is sound, and every single slip is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.offers.response import ResponseProblem
from domain.plant import (
    Battery,
    BatteryUse,
    Flow,
    Machine,
    ModulatingLoad,
    PowerPhase,
    ProductionPlan,
    Pv,
    Run,
    Schedule,
    ShiftEnergy,
    Site,
    Store,
    Task,
)
from domain.tariffs import PurchaseMode, SupplyPoint
from domain.tariffs.terms import PricedTerms
from domain.time import TimeGrid
from optimizer.audit import audit

START = datetime(2026, 11, 24, tzinfo=UTC)
STEP_MIN = 15
N_STEPS = 96
DAY_MIN = 1440
LIMIT_KW = 5000.0


class Toy(NamedTuple):
    schedule: Schedule
    problem: ResponseProblem


@st.composite
def toys(draw) -> Toy:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tasks, runs, tasks_kw, level, most = [], [], np.zeros(DAY_MIN), 50.0, 50.0
    begin = int(rng.integers(0, 8))
    for number in range(draw(st.integers(1, 6))):
        phases = tuple(
            PowerPhase(power_kw=float(rng.uniform(50, 300)), duration_min=int(rng.integers(5, 60))) for _ in range(2)
        )
        task = Task(
            task_id=f"t{number}",
            name="t",
            machine_ids=("m",),
            phases=phases,
            flows=(
                Flow(store_id="s", quantity=float(rng.uniform(1, 4)), when=str(rng.choice(["start", "end", "evenly"]))),
            ),
        )
        minute = begin * STEP_MIN
        for phase in phases:
            tasks_kw[minute : minute + phase.duration_min] += phase.power_kw
            minute += phase.duration_min
        tasks.append(task)
        runs.append(Run(task_id=task.task_id, start=START + begin * timedelta(minutes=STEP_MIN)))
        begin += -(-task.duration_min // STEP_MIN) + int(rng.integers(0, 4))
        level += task.flows[0].quantity
        most = max(most, level)
    shift = slice(int(rng.integers(0, 40)), int(rng.integers(50, 96)))
    air_kw = np.zeros(N_STEPS)
    air_kw[shift] = rng.uniform(20, 90, size=shift.stop - shift.start)
    pv_kw = rng.uniform(10, 200, size=N_STEPS)
    pv_used_kw = pv_kw * rng.uniform(0.2, 1, size=N_STEPS)
    battery = Battery(
        battery_id="b",
        capacity_kwh=1000,
        max_charge_kw=40,
        max_discharge_kw=30,
        charge_eff=float(rng.uniform(0.9, 0.99)),
        discharge_eff=float(rng.uniform(0.8, 0.89)),
        soc_start_kwh=850 / 2,
        soc_end_min_kwh=0,
    )
    charging = rng.random(N_STEPS) < 0.5
    charge_kw = np.where(charging, rng.uniform(1, 20, N_STEPS), 0)
    discharge_kw = np.where(charging, 0, rng.uniform(1, 15, N_STEPS))
    soc_kwh, state = [], battery.soc_start_kwh
    for step in range(N_STEPS):
        state += 0.25 * (battery.charge_eff * charge_kw[step] - discharge_kw[step] / battery.discharge_eff)
        soc_kwh.append(state)
    base_kw = rng.uniform(-100, 100, N_STEPS)
    net_kw = base_kw + tasks_kw.reshape(N_STEPS, STEP_MIN).mean(axis=1) + air_kw + charge_kw - discharge_kw - pv_used_kw
    grid = TimeGrid(start=START, step_min=STEP_MIN, n_steps=N_STEPS)
    energy_kwh = float(air_kw.sum() * 0.25)
    plan = ProductionPlan(
        plan_id="p",
        zone="UTC",
        start=START,
        end=START + timedelta(days=1),
        machines=(Machine(machine_id="m", name="m"),),
        stores=(Store(store_id="s", name="s", unit="t", max_level=most, start_level=50, end_min_level=level),),
        tasks=tuple(tasks),
        modulating_loads=(
            ModulatingLoad(
                load_id="air",
                name="air",
                min_kw=20,
                max_kw=90,
                shifts=(ShiftEnergy(start=grid.at(shift.start), end=grid.at(shift.stop), energy_kwh=energy_kwh),),
            ),
        ),
    )
    zeros = np.zeros(N_STEPS)
    problem = ResponseProblem(
        site=Site(
            site_id="s",
            customer_id="c",
            name="s",
            zone="UTC",
            supply=SupplyPoint(purchase_mode=PurchaseMode.REGULATED),
            import_limit_kw=LIMIT_KW,
            export_limit_kw=LIMIT_KW,
            batteries=(battery,),
            pv=(Pv(pv_id="pv", daily_kw=tuple(pv_kw.tolist())),),
        ),
        plan=plan,
        horizon=grid,
        base_kw=base_kw,
        terms=PricedTerms(
            tariff_id="t", currency="EUR", horizon=grid, constant=0, energy_price_per_kwh=zeros, demand=()
        ),
    )
    schedule = Schedule(
        grid=grid,
        runs=tuple(runs),
        base_kw=base_kw,
        modulating_kw={"air": air_kw},
        batteries={"b": BatteryUse(charge_kw=charge_kw, discharge_kw=discharge_kw, soc_kwh=np.array(soc_kwh))},
        pv_used_kw={"pv": pv_used_kw},
        import_kw=np.maximum(net_kw, 0),
        export_kw=np.maximum(-net_kw, 0),
        commitments_kw={},
    )
    return Toy(schedule=schedule, problem=problem)


def slip(values: np.ndarray, step: int, amount: float) -> np.ndarray:
    changed = np.array(values)
    changed[step] += amount
    return changed


def slipped(schedule: Schedule, what: str, step: int, amount: float) -> Schedule:
    """Change one number of one series, or one start, and nothing else."""
    use = schedule.batteries["b"]
    if what in ("import_kw", "export_kw", "base_kw"):
        return replace(schedule, **{what: slip(getattr(schedule, what), step, amount)})
    if what in ("charge_kw", "discharge_kw", "soc_kwh"):
        return replace(schedule, batteries={"b": replace(use, **{what: slip(getattr(use, what), step, amount)})})
    if what == "air":
        return replace(schedule, modulating_kw={"air": slip(schedule.modulating_kw["air"], step, amount)})
    if what == "pv":
        return replace(schedule, pv_used_kw={"pv": slip(schedule.pv_used_kw["pv"], step, amount)})
    number = step % len(schedule.runs)
    run = schedule.runs[number]
    moved = replace(run, start=run.start + timedelta(minutes=STEP_MIN if amount > 0 else -STEP_MIN))
    return replace(schedule, runs=(*schedule.runs[:number], moved, *schedule.runs[number + 1 :]))


@settings(max_examples=60, deadline=None)
@given(toys())
def test_what_is_built_feasibly_is_sound(toy):
    assert audit(toy.schedule, toy.problem).violations == ()


SERIES = ("import_kw", "export_kw", "base_kw", "charge_kw", "discharge_kw", "soc_kwh", "air", "pv", "run")


@settings(max_examples=120, deadline=None)
@given(
    toys(),
    st.sampled_from(SERIES),
    st.integers(0, N_STEPS - 1),
    st.floats(0.02, 400),
    st.sampled_from([1, -1]),
)
def test_every_single_slip_is_found(toy, what, step, size, sign):
    assert audit(slipped(toy.schedule, what, step, sign * size), toy.problem).violations
