"""A day of each equipment sample, and the picture of the cold store's.

``python -m benchmarks.equipment_day --out DIR`` solves the cold store's day and writes ``cold-store.svg``: price, power and
room temperature, as a thermostat runs it and as the best response does. All numbers are made up.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.lines import Line2D

from benchmarks.risk_study import standalone
from domain.checks import FloatArray
from domain.equipment_samples import equipment_plant
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.plant.reactive import base_kvar_of
from domain.tariffs import PricedTerms
from domain.tariffs.atoms import Affine, HingeAtom
from domain.time import TimeGrid
from optimizer.response import best_response, today_response
from scenarios.report_charts import WIDTH_IN, stairs, wall_clock
from scenarios.report_svg import FAINT, GRID, INK, OFFER, TODAY, Chart

HOURS = np.arange(96) / 4
VALLEY_END_H, PEAK_START_H, PEAK_END_H = 8, 17, 21
VALLEY = HOURS < VALLEY_END_H
PEAK = (HOURS >= PEAK_START_H) & (HOURS < PEAK_END_H)
PRICE = np.where(VALLEY, 0.32, np.where(PEAK, 1.15, 0.64))
BASE_KW = {
    "batch-mixer": 60.0,
    "cement-mill": 400.0,
    "chp-heat-store": 600.0,
    "cold-store": 120.0,
    "electrolyser-tank": 80.0,
    "forklift-chargers": 90.0,
    "melt-shop": 12000.0,
    "press-shop": 250.0,
}
PRICE_PER_KVARH = 0.05
"""Of each kvarh drawn or fed back, where a sample has reactive power. [CNY / kvarh]"""
OPTIONS = SolveOptions(deadline_s=60.0, gap_share=0.0005)


def equipment_day(name: str, price_per_kwh: FloatArray = PRICE) -> ResponseProblem:
    """Ask for the best day of a sample: quarter hours, 0.32 before 8, 1.15 from 17 to 21, 0.64 else."""
    plant = equipment_plant(name)
    horizon = TimeGrid.between(plant.plan.start, plant.plan.end, 15)
    base_kw = np.full(horizon.n_steps, BASE_KW[name])
    base_kvar = base_kvar_of(plant.site, base_kw, horizon)
    per_kvar = np.full(horizon.n_steps, PRICE_PER_KVARH * horizon.step_h)
    kvarh = HingeAtom(label="kvarh", of=Affine(constant=np.zeros(1), per_reactive_kvar=per_kvar))
    return ResponseProblem(
        site=plant.site,
        plan=plant.plan,
        horizon=horizon,
        base_kw=base_kw,
        base_kvar=base_kvar,
        terms=PricedTerms(
            tariff_id="three-prices",
            currency="CNY",
            horizon=horizon,
            constant=0.0,
            energy_price_per_kwh=price_per_kwh,
            demand=(),
            atoms=() if base_kvar is None else (kvarh,),
            charged=() if base_kvar is None else ((1.0, 0),),
        ),
    )


def room_temperature(asked: ResponseProblem, answer: Response) -> FloatArray:
    """Give the cold store's temperature at the end of each step. [°C]."""
    (room,), (chiller,) = asked.plan.stores, asked.plan.processes
    hours = asked.horizon.step_min / 60
    inside, found = room.start_level, []
    for rate in answer.schedule.processes[chiller.process_id].rate.tolist():
        kept = room.kept_share(hours) * (inside - room.rest_level)
        inside = room.rest_level + kept + chiller.flows[0].quantity_per_unit * rate * hours
        found.append(inside)
    return np.array(found)


def cold_store_chart(asked: ResponseProblem, today: Response, best: Response) -> str:
    """Draw price, power and temperature over the day, today and at best."""
    chart = Chart(width_in=WIDTH_IN, height_in=5.2)
    edges = wall_clock(asked.horizon, asked.site.zone)
    room = asked.plan.stores[0]
    labels = ("Price, CNY/kWh", "Site import, kW", "Room temperature, °C, and its band")
    rows = [chart.axes(3, row) for row in (1, 2, 3)]
    stairs(rows[0], edges, asked.terms.energy_price_per_kwh, color=INK, linewidth=1.5)
    for answer, colour in ((today, TODAY), (best, OFFER)):
        stairs(rows[1], edges, answer.schedule.import_kw, color=colour, linewidth=1.6)
        temperature = np.concatenate([[room.start_level], room_temperature(asked, answer)])
        rows[2].plot(edges, temperature, color=colour, linewidth=1.6)
    for limit in (room.min_level, room.max_level):
        rows[2].axhline(limit, color=FAINT, linewidth=1, linestyle=":")
    marks = edges[::12]
    for axes, label in zip(rows, labels, strict=True):
        axes.grid(axis="y", color=GRID)
        axes.set_title(chart.say(label), loc="left", fontsize=9, color=INK, pad=3)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_xticks(marks, [f"{3 * number:02d}:00" for number in range(len(marks))])
        axes.tick_params(labelbottom=axes is rows[-1])
        axes.locator_params(axis="y", nbins=5)
    handles = [
        Line2D([], [], color=TODAY, label=chart.say(f"thermostat, {today.costs.total_cost:,.0f} CNY")),
        Line2D([], [], color=OFFER, label=chart.say(f"best response, {best.costs.total_cost:,.0f} CNY")),
    ]
    rows[0].legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=9)
    return chart.svg(title="A cold store's day: price, power and temperature")


def main() -> None:
    """Write the picture."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--out", type=Path, required=True)
    out: Path = reader.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    asked = equipment_day("cold-store")
    drawn = cold_store_chart(asked, today_response(asked, OPTIONS), best_response(asked, OPTIONS))
    (out / "cold-store.svg").write_text(standalone(drawn) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
