"""A month planned day by day: what a demand charge costs when a plan knows the month's peak so far and samples of its rest.

Run as ``python -m benchmarks.month_peak [--windows 1 2] [--seeds N] [--out FILE]``. Each evening the next day of a simulated
plant (movable runs, a battery) is planned on the mean of base-load samples; the actual base load then differs, and nothing is
re-planned within the day. The month that results is billed exactly, battery wear added. Strategies differ only in how the
day's plan sees the demand charge. Everything is drawn anew for each seed, the same for all strategies.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.month_peak_plant import (
    DAY_STEPS,
    MONTH,
    N_DAYS,
    SITE,
    SUPPLY,
    ZONE,
    base_days,
    day_grid,
    day_plan,
    tariff,
    works,
)
from domain.checks import FloatArray
from domain.metering import MeterSeries
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.tariffs import BilledLoad, PricedTerms, Tariff, bill, priced_terms
from domain.tariffs.month_plan import month_plan_terms
from domain.tariffs.month_so_far import MonthSoFar
from domain.tariffs.sampled_peaks import window_weights, with_repeated_days, with_sampled_peaks
from domain.time import TimeGrid
from optimizer.response import best_response, today_response

N_SAMPLES = 25
MOST_SAMPLES = 120
DAY_SAMPLES = 600
"""Samples of single days that make up the samples of the rest of a month; fewer days, more samples of each."""
DAY = SolveOptions(deadline_s=30.0, gap_share=2e-5)
WHOLE = SolveOptions(deadline_s=20.0, gap_share=1e-3)
WEEK_DAYS = 7
SUNDAY = 5
"""A day of the month on which the plant does not work."""
KEPT_SHARE = 1.01
"""A new peak that exceeds the last by less changes no plan of the rest. [-]"""
WEIGHTS = (0.0, 0.02, 0.05, 0.1, 1.0)
PAST_WEIGHTS = (0.05, 0.1, 0.2, 1.0)


@dataclass
class Memory:
    """What a strategy keeps between evenings: how the rest of the month was last planned."""

    repeated_kw: dict[bool, FloatArray]
    planned_on: int = -1
    incurred_kw: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Evening:
    """What is known when a day is planned."""

    day: int
    tariff: Tariff
    measured_kw: FloatArray
    base_kw: FloatArray
    """Samples of this day and all that follow, shape (n_samples, n_steps). [kW]"""
    fixed: dict[str, dict[bool, FloatArray]]
    """What runs and battery draw on a kind of day (does the plant work?), as people run it and held down at full price. [kW]"""
    memory: Memory

    @property
    def horizon(self) -> TimeGrid:
        """The day that is planned."""
        return day_grid(self.day)

    @property
    def today_kw(self) -> FloatArray:
        """Base-load samples of the day that is planned. [kW]."""
        return self.base_kw[:, :DAY_STEPS]

    def so_far(self, kind_kw: dict[bool, FloatArray]) -> MonthSoFar:
        """Lay what was metered before samples of the rest, whose runs stand where ``kind_kw`` says."""
        process = np.concatenate([kind_kw[works(day)] for day in range(self.day, N_DAYS)])
        known = self.measured_kw.size
        measured = None
        if known:
            measured = MeterSeries(meter_id="M", grid=MONTH.part(0, known), import_kw=self.measured_kw)
        rest_kw = np.maximum(self.base_kw + process, 0.0)
        return MonthSoFar(zone=ZONE, measured=measured, rest=MONTH.part(known, MONTH.n_steps), rest_kw=rest_kw)

    def terms(self, kind_kw: dict[bool, FloatArray]) -> PricedTerms:
        """Give the month's cost of this day, peaks outside it included."""
        return priced_terms(self.tariff, SUPPLY, self.so_far(kind_kw).window(self.horizon))

    def incurred_kw(self) -> dict[str, float]:
        """Give each charge's peak so far. [kW]."""
        peaks = self.so_far(self.fixed["habit"]).peaks(self.tariff, SUPPLY, self.horizon)
        return {one.label: one.incurred_kw for one in peaks}

    def repeated_kw(self) -> dict[bool, FloatArray]:
        """Give the kinds of days as it is best to repeat them to the end; planned anew each week and after each new peak."""
        memory, incurred = self.memory, self.incurred_kw()
        risen = any(kw > KEPT_SHARE * memory.incurred_kw.get(label, 0.0) for label, kw in incurred.items())
        if memory.planned_on < 0 or self.day - memory.planned_on >= WEEK_DAYS or risen:
            self._repeat(incurred)
            memory.planned_on, memory.incurred_kw = self.day, incurred
        return memory.repeated_kw

    def _repeat(self, incurred: dict[str, float]) -> None:
        others = {label: np.full(self.base_kw.shape[0], kw) for label, kw in incurred.items()}
        plain = self.terms(self.fixed["habit"])
        for kind in (True, False):
            days = [day for day in range(self.day, N_DAYS) if works(day) == kind]
            if not days:
                continue
            base = self.base_of(days)
            demand = tuple(replace(term, other_peak_kw=others[term.label]) for term in plain.demand)
            energy = replace(plain, demand=demand)
            terms = with_repeated_days(energy, base)
            asked = problem_of(self, terms, plan_day=days[0], base_kw=base.mean(axis=(0, 1)))
            self.memory.repeated_kw[kind] = process_kw(best_response(asked, DAY))
            peaks = (base + self.memory.repeated_kw[kind]).max(axis=1)
            for term in plain.demand:
                means = window_weights(term.block_of_step) @ peaks.T
                others[term.label] = np.maximum(others[term.label], means.max(axis=0))

    def base_of(self, days: list[int]) -> FloatArray:
        """Give the base-load samples of some days, shape (n_samples, n_days, n_steps). [kW]."""
        firsts = [(day - self.day) * DAY_STEPS for day in days]
        return np.stack([self.base_kw[:, first : first + DAY_STEPS] for first in firsts], axis=1)


def weighted(weight: float, *, knows_past: bool) -> Callable[[Evening], PricedTerms]:
    """Price each day's own peak at a share of the month's price, perhaps only what lies above the month's peak so far."""

    def terms(evening: Evening) -> PricedTerms:
        plain, incurred = evening.terms(evening.fixed["habit"]), evening.incurred_kw()
        demand = tuple(
            replace(
                term,
                price_per_kw=weight * term.price_per_kw,
                other_peak_kw=np.array([incurred[term.label] if knows_past else 0.0]),
            )
            for term in plain.demand
        )
        return replace(plain, demand=demand)

    return terms


def sampled(rest: str, *, inside: bool) -> Callable[[Evening], PricedTerms]:
    """Price the month's peak with what has been incurred and samples of the rest."""

    def terms(evening: Evening) -> PricedTerms:
        found = evening.terms(evening.repeated_kw() if rest == "repeated" else evening.fixed[rest])
        return with_sampled_peaks(found, evening.today_kw) if inside else found

    return terms


def repeated(evening: Evening) -> PricedTerms:
    """Price the day as one of those that all repeat its plan to the month's end, above what the month has incurred."""
    alike = [day for day in range(evening.day, N_DAYS) if works(day) == works(evening.day)]
    return month_plan_terms(
        evening.so_far(evening.fixed["habit"]),
        evening.tariff,
        SUPPLY,
        evening.horizon,
        base_kw=evening.today_kw.mean(axis=0),
        base_samples_kw=evening.base_of(alike),
    )


OURS = "the days left repeat one plan above the peak so far"


def strategies() -> dict[str, Callable[[Evening], PricedTerms]]:
    """Give all strategies by name."""
    found = {f"weight {one:g} on each day's peak": weighted(one, knows_past=False) for one in WEIGHTS}
    found |= {f"weight {one:g} above the peak so far": weighted(one, knows_past=True) for one in PAST_WEIGHTS}
    found["peak so far, rest sampled as people run it"] = sampled("habit", inside=False)
    found["peak so far, rest sampled as held down"] = sampled("held", inside=True)
    found["peak so far, rest sampled as last planned"] = sampled("repeated", inside=True)
    found[OURS] = repeated
    return found


def process_kw(answer: Response) -> FloatArray:
    """Give what runs and battery draw. [kW]."""
    schedule = answer.schedule
    return np.asarray(schedule.import_kw - schedule.export_kw - schedule.base_kw)


def problem_of(
    evening: Evening, terms: PricedTerms, *, plan_day: int | None = None, base_kw: FloatArray | None = None
) -> ResponseProblem:
    """Ask for one day's plan on the mean base load; ``plan_day`` names a day of another kind to plan at this day's hours."""
    return ResponseProblem(
        site=SITE,
        plan=day_plan(evening.day, evening.day if plan_day is None else plan_day),
        horizon=evening.horizon,
        base_kw=evening.today_kw.mean(axis=0) if base_kw is None else base_kw,
        terms=terms,
    )


def kinds_of_days(tariff_: Tariff, random: np.random.Generator) -> dict[str, dict[bool, FloatArray]]:
    """Give the load of runs and battery on each kind of day: as people run it, and held down as if it paid for the month."""
    nothing = {True: np.zeros(DAY_STEPS), False: np.zeros(DAY_STEPS)}
    found: dict[str, dict[bool, FloatArray]] = {"habit": {}, "held": {}}
    for day in (0, SUNDAY):
        evening = Evening(
            day=day,
            tariff=tariff_,
            measured_kw=np.zeros(day * DAY_STEPS),
            base_kw=base_days(random, list(range(day, N_DAYS)), N_SAMPLES),
            fixed={"habit": nothing},
            memory=Memory({}),
        )
        plain = evening.terms(nothing)
        alone = replace(plain, demand=tuple(replace(one, other_peak_kw=np.zeros(1)) for one in plain.demand))
        asked = problem_of(evening, with_sampled_peaks(alone, evening.today_kw))
        found["habit"][works(day)] = process_kw(today_response(asked, DAY))
        found["held"][works(day)] = process_kw(best_response(asked, DAY))
    return found


def run_month(tariff_: Tariff, seed: int, price: Callable[[Evening], PricedTerms]) -> dict[str, float]:
    """Plan a month day by day, let the actual base load come, bill it."""
    actual_kw = actual_base_kw(seed)
    kinds = kinds_of_days(tariff_, np.random.default_rng([seed, 8]))
    forecasts = np.random.default_rng([seed, 9])
    memory = Memory({})
    measured = np.zeros(0)
    wear = 0.0
    for day in range(N_DAYS):
        n_samples = int(np.clip(DAY_SAMPLES // (N_DAYS - day), N_SAMPLES, MOST_SAMPLES))
        samples = base_days(forecasts, list(range(day, N_DAYS)), n_samples)
        evening = Evening(day=day, tariff=tariff_, measured_kw=measured, base_kw=samples, fixed=kinds, memory=memory)
        answer = best_response(problem_of(evening, price(evening)), DAY)
        wear += answer.costs.wear_cost
        here = actual_kw[day * DAY_STEPS : (day + 1) * DAY_STEPS] + process_kw(answer)
        measured = np.concatenate([measured, np.maximum(here, 0.0)])
    return billed(tariff_, measured, wear)


def actual_base_kw(seed: int) -> FloatArray:
    """Draw the base load that comes. [kW]."""
    return base_days(np.random.default_rng([seed, 7]), list(range(N_DAYS)), 1)[0]


def billed(tariff_: Tariff, load_kw: FloatArray, wear: float) -> dict[str, float]:
    """Bill a month exactly."""
    owed = bill(BilledLoad(grid=MONTH, import_kw=load_kw), tariff_, SUPPLY, date(2026, 9, 1))
    lines = {f"{line.charge_id}_kw": float(line.quantity) for line in owed.lines if line.kind == "demand"}
    return {
        "cost": float(owed.total) + wear,
        "energy": float(owed.amount_of("energy")),
        "demand": float(owed.amount_of("demand")),
        "wear": wear,
        **lines,
    }


def foresight_bound(tariff_: Tariff, seed: int) -> float:
    """Give a cost that no plan can undercut, because it knew the whole month's base load beforehand. [currency]."""
    base_kw = actual_base_kw(seed)
    window = MonthSoFar(zone=ZONE, measured=None, rest=MONTH, rest_kw=base_kw).window(MONTH)
    days = [day_plan(day, day) for day in range(N_DAYS)]
    tasks = tuple(
        replace(task, task_id=f"{task.task_id} {number}") for number, day in enumerate(days) for task in day.tasks
    )
    plan = replace(days[0], end=MONTH.end, tasks=tasks)
    asked = ResponseProblem(
        site=SITE, plan=plan, horizon=MONTH, base_kw=base_kw, terms=priced_terms(tariff_, SUPPLY, window)
    )
    return best_response(asked, WHOLE).solve.bound


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each strategy's mean cost, what it costs more than ours and in how many months, dearest first."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["strategy"], []).append(row)
    ours = np.array([row["cost"] for row in by_name[OURS]])
    found = []
    for name, held in by_name.items():
        more = np.array([row["cost"] for row in held]) - ours
        found.append(
            {
                "strategy": name,
                "mean_cost": round(float(np.mean([row["cost"] for row in held])), 1),
                "mean_energy": round(float(np.mean([row["energy"] for row in held])), 1),
                "mean_demand": round(float(np.mean([row["demand"] for row in held])), 1),
                "more_than_ours": round(float(more.mean()), 1),
                "standard_error": round(float(more.std(ddof=1) / np.sqrt(more.size)), 1) if more.size > 1 else None,
                "months_ours_is_cheaper": int((more > 0).sum()),
                "n_months": int(more.size),
            }
        )
    return sorted(found, key=lambda one: -one["mean_cost"])


def main() -> int:
    """Simulate all months and write what each strategy cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/month_peak.json"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6])
    parser.add_argument("--windows", type=int, nargs="+", default=[1, 2])
    asked = parser.parse_args()
    found: dict[str, Any] = {
        "what": "30 days of hours, planned day by day; exact bill and battery wear; see docs/month-peak.md",
        "tariffs": {},
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in ("wattplan", "numpy", "pyomo", "highspy")},
    }
    for n_windows in asked.windows:
        tariff_, rows, bounds = tariff(n_windows=n_windows), [], []
        for seed in asked.seeds:
            for name, price in strategies().items():
                began = time.perf_counter()
                rows.append({"seed": seed, "strategy": name} | run_month(tariff_, seed, price))
                rows[-1]["wall_s"] = round(time.perf_counter() - began, 1)
                print(f"{n_windows} {seed} {name}: {rows[-1]['cost']:.0f}", flush=True)
            bounds.append(foresight_bound(tariff_, seed))
            found["tariffs"][tariff_.tariff_id] = {
                "summary": summary(rows),
                "foresight_bound": round(float(np.mean(bounds)), 1),
                "months": rows,
            }
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
