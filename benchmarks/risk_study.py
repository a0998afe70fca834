"""What knowing the uncertainty is worth to a small works: a playbook, an availability curve, a plan for samples.

``python -m benchmarks.risk_study --out DIR`` writes ``risk_study.json`` and the pictures of the guides. A foundry day of half
hours: melts on two furnaces, a cold store's compressor, a battery; time-of-use prices and a demand charge. The numbers are
made up, their sizes usual.
"""

import argparse
import json
import time
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem, SolveOptions
from domain.offers.playbook import EventChance
from domain.offers.uncertainty import RiskAversion
from domain.plant import (
    Battery,
    Interval,
    Machine,
    ModulatingLoad,
    PowerPhase,
    ProductionPlan,
    ShiftEnergy,
    Site,
    Task,
)
from domain.programmes.terms import INFINITE_RATE, EventBand, EventTerm
from domain.tariffs import DemandTerm, PricedTerms, PurchaseMode, SupplyPoint
from domain.text import Language
from domain.time import TimeGrid
from optimizer.availability import availability_curve
from optimizer.availability_window import Window
from optimizer.playbook import playbook
from optimizer.response import best_response
from optimizer.sample_costs import sample_costs
from optimizer.uncertain import uncertain_response
from optimizer.uncertainty_value import value_of_uncertainty
from scenarios.risk_pictures import availability_chart, playbook_chart, value_chart

ZONE = "Asia/Shanghai"
DAY = date(2026, 7, 15)
STEP_MIN = 30
N_SAMPLES, N_FRESH = 20, 200
RISK = RiskAversion(tail_weight=0.3, tail_share=0.1)
OPTIONS = SolveOptions(deadline_s=60.0, gap_share=0.001)
TABLE = (
    EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0),
    EventBand(from_rate=0.8, to_rate=1.2, per_delivered=1.0, per_committed=0.0),
    EventBand(from_rate=1.2, to_rate=INFINITE_RATE, per_delivered=0.0, per_committed=1.2),
)


def works(base_kw: FloatArray, others_kw: FloatArray) -> ResponseProblem:
    """Give the works over one day, with one event at noon."""
    grid = TimeGrid.of_local_days(DAY, 1, ZONE, STEP_MIN)
    hour = np.arange(grid.n_steps) * grid.step_h
    price = np.where(hour < 8, 0.31, np.where(((hour >= 10) & (hour < 12)) | ((hour >= 17) & (hour < 21)), 1.12, 0.66))  # noqa: PLR2004 -- the clock

    def at(hours: float) -> datetime:
        return (grid.start + timedelta(hours=hours)).astimezone(UTC)

    melts = tuple(
        Task(
            task_id=f"melt-{number}",
            name=f"Melt {number}",
            machine_ids=("furnace",),
            phases=(PowerPhase(power_kw=420.0, duration_min=60), PowerPhase(power_kw=180.0, duration_min=60)),
            earliest=at(6 + 1.5 * number),
            latest_end=at(16 + 1.5 * number),
            start_every_min=30,
        )
        for number in range(6)
    )
    return ResponseProblem(
        site=Site(
            site_id="foundry",
            customer_id="foundry",
            name="Foundry",
            zone=ZONE,
            supply=SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL),
            import_limit_kw=1600.0,
            batteries=(
                Battery(
                    battery_id="B1",
                    capacity_kwh=400.0,
                    max_charge_kw=120.0,
                    max_discharge_kw=120.0,
                    charge_eff=0.95,
                    discharge_eff=0.95,
                    soc_start_kwh=200.0,
                    soc_min_kwh=40.0,
                    soc_end_min_kwh=200.0,
                    wear_cost_per_kwh=0.05,
                ),
            ),
        ),
        plan=ProductionPlan(
            plan_id="day",
            zone=ZONE,
            start=grid.start,
            end=grid.end,
            machines=(Machine(machine_id="furnace", name="Induction furnace", count=2),),
            tasks=melts,
            modulating_loads=(
                ModulatingLoad(
                    load_id="cold",
                    name="Cold store",
                    min_kw=20.0,
                    max_kw=160.0,
                    shifts=tuple(
                        ShiftEnergy(start=at(6.0 * part), end=at(6.0 * (part + 1)), energy_kwh=480.0)
                        for part in range(4)
                    ),
                ),
            ),
        ),
        horizon=grid,
        base_kw=base_kw,
        terms=PricedTerms(
            tariff_id="tou",
            currency="CNY",
            horizon=grid,
            constant=180_000.0,
            energy_price_per_kwh=price,
            demand=(
                DemandTerm(
                    label="demand", price_per_kw=36.1, block_of_step=np.arange(grid.n_steps), other_peak_kw=others_kw
                ),
            ),
        ),
        events=(
            EventTerm(
                event_id="noon",
                programme_id="day-ahead",
                first=26,
                stop=30,
                baseline_kw=1150.0,
                min_commitment_kw=50.0,
                max_commitment_kw=700.0,
                pay_per_kw=2 * 1.5,
                penalty_per_kw=2 * 1.0,
                bands=TABLE,
            ),
        ),
    )


def samples(n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Give base loads, shape (n, 48), and the rest of the month's peak on each, shape (n,). [kW]."""
    random = np.random.default_rng(seed)
    hour = np.arange(48) / 2
    shape = 280 + 190 * np.exp(-(((hour - 14) / 5) ** 2))
    level = random.normal(1.0, 0.07, (n, 1))
    wander = np.cumsum(random.normal(0, 14, (n, 48)), axis=1) * 0.35
    base = np.maximum(shape * level + wander + random.normal(0, 18, (n, 48)), 60.0)
    others = 760 + 260 * random.beta(2.0, 3.0, n) + 150 * (level[:, 0] - 1)
    return base, others


def standalone(drawn: str) -> str:
    """Give an SVG element of a page as a file of its own."""
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return drawn.replace("<svg ", f"<svg {spaces} ", 1)


def main() -> None:
    """Run all three and write what they gave."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--out", type=Path, required=True)
    out = asked.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    base, others = samples(N_SAMPLES, 1)
    problem = works(base.mean(axis=0), others)
    said: dict[str, object] = {}
    began = time.perf_counter()
    book = playbook(problem, (EventChance(event_id="noon", probability=0.4, notice_min=120),), OPTIONS)
    said["playbook"] = {
        "expected_cost": book.expected_cost,
        "uncommitted_cost": book.uncommitted_cost,
        "bound": book.bound,
        "gap_share": book.gap_share,
        "method": book.method,
        "stopped_by": book.stopped_by,
        "commitments_kw": book.commitments_kw,
        "net_gain_if_called": book.plans[0].net_gain,
        "extra_cost_if_called": book.plans[0].extra_cost,
        "rebound_kwh": book.plans[0].rebound_kwh,
        "actions": [one.action.en for one in book.plans[0].actions],
        "wall_s": time.perf_counter() - began,
    }
    (out / "playbook.svg").write_text(standalone(playbook_chart(book, problem, Language.EN)), encoding="utf-8")
    began = time.perf_counter()
    span = Interval(start=problem.horizon.at(26), end=problem.horizon.at(30))
    points = availability_curve(
        problem,
        Window(span=span, notice_at=problem.horizon.at(22)),
        OPTIONS,
        [100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 800.0],
    )
    said["availability"] = {
        "points": [
            {
                "level_kw": one.level_kw,
                "is_possible": one.is_possible,
                "extra_cost": one.extra_cost,
                "least_extra_cost": one.least_extra_cost,
                "pay_per_kwh": one.pay_per_kwh,
                "limits": [text.en for text in one.limits],
            }
            for one in points
        ],
        "wall_s": time.perf_counter() - began,
    }
    chart = availability_chart(points, currency="CNY", language=Language.EN)
    (out / "availability.svg").write_text(standalone(chart), encoding="utf-8")
    began = time.perf_counter()
    alone = replace(problem, events=())
    plain = best_response(alone, OPTIONS)
    aware = uncertain_response(alone, base, OPTIONS, risk=RISK, limit_share=0.0, warm_start=plain.schedule)
    fresh, fresh_others = samples(N_FRESH, 2)
    judged = replace(alone, terms=works(base.mean(axis=0), fresh_others).terms)
    value = value_of_uncertainty(
        judged, fresh, plain.schedule, aware.schedule, risk=RISK, believed_cost=plain.costs.total_cost
    )
    said["uncertainty"] = asdict(value) | {
        "gap_share": aware.gap_share,
        "stopped_by": aware.stopped_by,
        "n_rows": aware.n_rows,
        "wall_s": time.perf_counter() - began,
    }
    totals = [sample_costs(one, judged, fresh).totals for one in (plain.schedule, aware.schedule)]
    chart = value_chart(totals[0], totals[1], currency="CNY", language=Language.EN)
    (out / "uncertainty.svg").write_text(standalone(chart), encoding="utf-8")
    (out / "risk_study.json").write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
