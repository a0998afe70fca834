"""Small plants for tests of the optimiser; one with everything, all numbers different."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from scipy import sparse

from domain.offers import ResponseProblem, SolveOptions
from domain.plant import (
    Battery,
    Flow,
    Machine,
    ModulatingLoad,
    Order,
    PowerPhase,
    Precedence,
    ProductionPlan,
    Pv,
    Shift,
    ShiftEnergy,
    Site,
    Store,
    StoreDraw,
    Task,
)
from domain.programmes.terms import INFINITE_RATE, EventBand, EventTerm
from domain.tariffs import DemandTerm, PricedTerms, PurchaseMode, SupplyPoint
from domain.tariffs.atoms import Affine, Atom, HingeAtom, PeakAtom, StepAtom, TopAtom
from domain.time import TimeGrid

START = datetime(2026, 11, 23, tzinfo=UTC)
"""A Monday midnight, UTC."""
EXACT = SolveOptions(deadline_s=60.0, gap_share=0.0)

TABLE = (
    EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0),
    EventBand(from_rate=0.8, to_rate=1.2, per_delivered=1.0, per_committed=0.0),
    EventBand(from_rate=1.2, to_rate=INFINITE_RATE, per_delivered=0.0, per_committed=1.2),
)


def hour(number: float) -> datetime:
    """Give the moment some hours after the start."""
    return START + timedelta(hours=number)


def grid(n_days: int = 1, step_min: int = 60, zone: str = "UTC", first: date = date(2026, 11, 23)) -> TimeGrid:
    """Give whole days of hourly steps."""
    return TimeGrid.of_local_days(first, n_days, zone, step_min)


def site(**changed: Any) -> Site:
    """Give a site in UTC without any device."""
    plain: dict[str, Any] = {
        "site_id": "S",
        "customer_id": "C",
        "name": "works",
        "zone": "UTC",
        "supply": SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL),
        "import_limit_kw": 1000.0,
    }
    return Site(**(plain | changed))


def plan(horizon: TimeGrid, **parts: Any) -> ProductionPlan:
    """Give a plan over a horizon."""
    return ProductionPlan(**({"plan_id": "P", "zone": "UTC", "start": horizon.start, "end": horizon.end} | parts))


def task(task_id: str, power_kw: float, hours: float, *machine_ids: str, **changed: Any) -> Task:
    """Give a task of one phase."""
    plain: dict[str, Any] = {
        "task_id": task_id,
        "name": f"work {task_id}",
        "machine_ids": machine_ids,
        "phases": (PowerPhase(power_kw=power_kw, duration_min=round(hours * 60)),),
    }
    return Task(**(plain | changed))


def machine(machine_id: str, **changed: Any) -> Machine:
    """Give a machine."""
    return Machine(**({"machine_id": machine_id, "name": f"name of {machine_id}"} | changed))


def terms(
    horizon: TimeGrid,
    price_per_kwh: Any = 0.5,
    demand: tuple[DemandTerm, ...] = (),
    constant: float = 0.0,
    **coupled: Any,
) -> PricedTerms:
    """Give prices; one number means the same in every step."""
    return PricedTerms(
        tariff_id="T",
        currency="CNY",
        horizon=horizon,
        constant=constant,
        energy_price_per_kwh=np.broadcast_to(np.asarray(price_per_kwh, dtype=float), (horizon.n_steps,)).copy(),
        demand=demand,
        **coupled,
    )


def affine(constant: Any = 0.0, per_import_kw: Any = None, *parts: tuple[float, int]) -> Affine:
    """Give an affine; numbers are given once for all samples, or sample by sample."""
    return Affine(
        constant=np.atleast_1d(np.asarray(constant, dtype=float)),
        per_import_kw=None if per_import_kw is None else np.asarray(per_import_kw, dtype=float),
        parts=parts,
    )


def hinge(of: Affine) -> HingeAtom:
    """Give a positive part."""
    return HingeAtom(label="hinge", of=of)


def step(when: Affine, amount: Affine, *, strict: bool = False) -> StepAtom:
    """Give an amount that counts only where something is reached."""
    return StepAtom(label="step", when=when, amount=amount, strict=strict)


def during(hours: Any, n_steps: int = 24) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give 1 in some steps, else 0."""
    inside = np.zeros(n_steps)
    inside[list(hours)] = 1.0
    return inside


def peak(hours: Any, other_kw: Any = 0.0, n_steps: int = 24) -> PeakAtom:
    """Give the highest of some steps and of what lies outside the horizon."""
    means = np.array([during([hour], n_steps) for hour in hours])
    others = np.atleast_1d(np.asarray(other_kw, dtype=float))
    return PeakAtom(label="peak", means=sparse.csr_array(means), window_other_kw=None, other_kw=others)


def top(n_highest: int, groups: list[list[int]], other_kw: Any, n_steps: int = 24) -> TopAtom:
    """Give the mean of the highest groups of steps, with nothing of these groups outside the horizon."""
    means = np.array([during([hour], n_steps) for group in groups for hour in group])
    others = np.asarray(other_kw, dtype=float)
    return TopAtom(
        label="top",
        n_highest=n_highest,
        means=sparse.csr_array(means),
        group_of_window=tuple(number for number, group in enumerate(groups) for _ in group),
        group_other_kw=np.zeros((len(groups), others.shape[1])),
        other_kw=others,
    )


def demand(horizon: TimeGrid, **changed: Any) -> DemandTerm:
    """Give a demand charge over all steps, one block each, nothing sunk."""
    plain: dict[str, Any] = {
        "label": "peak",
        "price_per_kw": 10.0,
        "block_of_step": np.arange(horizon.n_steps),
        "other_peak_kw": np.zeros(1),
    }
    return DemandTerm(**(plain | changed))


def event(**changed: Any) -> EventTerm:
    """Give an event that shaves peaks from 18 to 20 o'clock."""
    plain: dict[str, Any] = {
        "event_id": "E",
        "programme_id": "D",
        "first": 18,
        "stop": 20,
        "baseline_kw": 400.0,
        "min_commitment_kw": 50.0,
        "max_commitment_kw": 500.0,
        "pay_per_kw": 4.0,
        "penalty_per_kw": 1.5,
        "bands": TABLE,
    }
    return EventTerm(**(plain | changed))


def problem(horizon: TimeGrid, base_kw: Any = 100.0, **parts: Any) -> ResponseProblem:
    """Put a problem together; what is not given is plain."""
    plain: dict[str, Any] = {"site": site(), "terms": terms(horizon)}
    if "plan" not in parts:
        plain["plan"] = plan(horizon)
    base = np.broadcast_to(np.asarray(base_kw, dtype=float), (horizon.n_steps,))
    return ResponseProblem(horizon=horizon, base_kw=base, **(plain | parts))


def equipped_problem() -> ResponseProblem:
    """Give a plant with everything, so that every equation has a row."""
    horizon = grid()
    price = np.where(np.arange(24) < 7, -0.05, np.where(np.arange(24) < 17, 0.61, 1.13))
    contract = demand(
        horizon,
        price_per_kw=41.0,
        block_of_step=np.where(np.arange(24) < 8, -1, np.arange(24) // 2),
        other_peak_kw=np.array([310.0, 520.0, 290.0]),
        contract_kw=400.0,
        thresholds_kw=(420.0,),
        multipliers=(2.0,),
        jump_kw=20.0,
    )
    return problem(
        horizon,
        base_kw=100.0 + 3.0 * np.arange(24),
        site=site(
            export_limit_kw=60.0,
            batteries=(
                Battery(
                    battery_id="B",
                    capacity_kwh=210.0,
                    max_charge_kw=55.0,
                    max_discharge_kw=65.0,
                    charge_eff=0.96,
                    discharge_eff=0.92,
                    soc_start_kwh=80.0,
                    soc_min_kwh=10.0,
                    soc_end_min_kwh=70.0,
                    wear_cost_per_kwh=0.03,
                ),
            ),
            pv=(Pv(pv_id="G", daily_kw=(0.0,) * 8 + (33.0,) * 8 + (0.0,) * 8),),
        ),
        plan=plan(
            horizon,
            machines=(machine("M"), machine("N", count=2)),
            stores=(
                Store(
                    store_id="I",
                    name="silo",
                    unit="t",
                    min_level=5.0,
                    max_level=90.0,
                    start_level=40.0,
                    end_min_level=35.0,
                    draws=(StoreDraw(at=hour(9.5), quantity=7.0),),
                ),
            ),
            orders=(Order(order_id="O", due=hour(15), lateness_cost_per_h=17.0),),
            tasks=(
                task("A", 130.0, 3, "M", order_id="O", crew_count=2.0, start_cost=11.0),
                task("B", 70.0, 2.5, "M", flows=(Flow(store_id="I", quantity=-6.0, when="start"),)),
                task("C", 45.0, 2, "N", count=3, flows=(Flow(store_id="I", quantity=4.0, when="evenly"),)),
            ),
            precedences=(Precedence(before="A", after="B", min_gap_min=30, max_gap_min=240),),
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="compressor",
                    min_kw=12.0,
                    max_kw=88.0,
                    shifts=(ShiftEnergy(start=hour(6), end=hour(14), energy_kwh=333.0),),
                ),
            ),
            shifts=(
                Shift(name="day", start=time(6), end=time(18), wage_per_h=37.0),
                Shift(name="night", start=time(18), end=time(6), wage_per_h=53.0),
            ),
        ),
        terms=terms(horizon, price, (contract,), 900.0),
        events=(
            event(bands=(EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.4), *TABLE[1:])),
        ),
    )


def coupled_problem(**changed: Any) -> ResponseProblem:
    """Give a plant whose bill has a quantity of every kind; what its load can be is easily worked out by hand.

    The base load is 100 + 2t kW, 2952 kWh in all. Four hours from 6 take 200 kWh more, 20 … 90 kW; four hours from 10
    have up to 30 kW of sun. So the day imports 3032 … 3152 kWh, the first twelve hours 1472 … 1532.
    """
    horizon = grid()
    morning, all_day = during(range(12)), during(range(24))
    atoms: tuple[Atom, ...] = (
        hinge(affine((-3060.0, -3100.0), all_day)),
        peak(range(6, 10), (170.0, 180.0)),
        hinge(affine((0.0, 0.0), all_day, (-17.0, 1))),
        step(affine((-1490.0, -1510.0), morning), affine(0.0, None, (1.0, 1))),
        step(affine(-3120.0, all_day), affine(40.0), strict=True),
        step(affine(-1500.0, morning), affine(0.0, None, (1.0, 1))),
        top(2, [[6, 7], [8, 9], [12]], [[150.0, 150.0], [140.0, 140.0]]),
    )
    plain: dict[str, Any] = {
        "atoms": atoms,
        "charged": ((-0.22, 0), (0.4, 1), (0.05, 2), (-0.06, 3), (0.5, 4), (0.03, 5), (0.3, 6)),
        "export_price_per_kwh": np.full(24, 0.07),
    }
    return problem(
        horizon,
        base_kw=100.0 + 2.0 * np.arange(24),
        site=site(
            export_limit_kw=25.0,
            pv=(Pv(pv_id="G", daily_kw=(0.0,) * 10 + (30.0,) * 4 + (0.0,) * 10),),
        ),
        plan=plan(
            horizon,
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="compressor",
                    min_kw=20.0,
                    max_kw=90.0,
                    shifts=(ShiftEnergy(start=hour(6), end=hour(10), energy_kwh=200.0),),
                ),
            ),
        ),
        terms=terms(horizon, 0.31, **(plain | changed)),
    )
