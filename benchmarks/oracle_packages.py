"""Eight packages for one plant: what the first answer costs and what each other price does.

Run as ``python -m benchmarks.oracle_packages [--size 7x20] [--seeds 3] [--out FILE]``. The packages are answered as a quote
answers them: the first from nothing, all others from its schedule, once in one process and once over two workers. Every
answer is audited.
"""

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from loky import get_reusable_executor

from benchmarks.plants import plant
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.plant import Schedule
from domain.tariffs import PricedTerms
from optimizer.audit import audit
from optimizer.oracle import Oracle

GAP_SHARE = 0.005
DEADLINE_S = 30.0
N_WORKERS = 2
STEPS_PER_H = 4
PACKAGES: tuple[tuple[str, int, float, float], ...] = (
    ("as it is", 0, 1.0, 1.0),
    ("bands an hour later", 1, 1.0, 1.0),
    ("bands two hours earlier", -2, 1.0, 1.0),
    ("bands three hours later", 3, 1.0, 1.0),
    ("wider spread", 0, 1.4, 1.0),
    ("flatter", 0, 0.6, 1.0),
    ("demand at half", 0, 1.0, 0.5),
    ("demand dearer", 0, 1.0, 1.5),
)
"""Name, hours by which the bands move, spread around the mean price, demand prices: each times today's."""


def main() -> int:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="7x20", help="days x jobs")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/oracle_packages.json"))
    asked = parser.parse_args()
    n_days, n_tasks = (int(part) for part in asked.size.split("x"))
    cases = []
    for seed in range(1, asked.seeds + 1):
        cases.append(measured(seed, n_days, n_tasks))
        print(json.dumps(cases[-1]), flush=True)
    written = {
        "what": f"{len(PACKAGES)} packages, gap {GAP_SHARE:.1%} of what the schedule decides, {asked.size}",
        "cases": cases,
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return 0


def measured(seed: int, n_days: int, n_tasks: int) -> dict[str, Any]:
    """Answer all packages in one process, then over two workers."""
    home = plant(seed, n_days=n_days, n_tasks=n_tasks).problem
    options = SolveOptions(deadline_s=DEADLINE_S, gap_share=GAP_SHARE)
    terms = [package_of(home.terms, *one[1:]) for one in PACKAGES]
    began = time.perf_counter()
    oracle = Oracle(home, options, n_remembered=0)
    spent, answers = [], []
    for one in terms:
        started = time.perf_counter()
        near = (answers[0].schedule,) if answers else ()
        answers.append(oracle.respond(one, near=near))
        spent.append(time.perf_counter() - started)
    alone_s = time.perf_counter() - began
    for one, answer in zip(terms, answers, strict=True):
        if audit(answer.schedule, replace(home, terms=one)).violations:
            raise AssertionError("an answer broke the plan")
    return {
        "seed": seed,
        "first_s": round(spent[0], 2),
        "others_s": [round(one, 2) for one in spent[1:]],
        "mean_other_to_first": round(float(np.mean(spent[1:])) / spent[0], 2),
        "gap_share": [round(one.solve.gap_share, 4) for one in answers],
        "stopped_by": [one.solve.stopped_by for one in answers],
        "alone_s": round(alone_s, 2),
        "two_workers_s": round(_over_workers(home, options, terms), 2),
    }


def package_of(terms: PricedTerms, later_h: int, spread: float, demand: float) -> PricedTerms:
    """Give other prices of the same kinds."""
    price = np.roll(terms.energy_price_per_kwh, later_h * STEPS_PER_H)
    return replace(
        terms,
        tariff_id=f"{terms.tariff_id}-{later_h}-{spread}-{demand}",
        energy_price_per_kwh=price.mean() + spread * (price - price.mean()),
        demand=tuple(replace(one, price_per_kw=demand * one.price_per_kw) for one in terms.demand),
    )


def _over_workers(home: ResponseProblem, options: SolveOptions, terms: list[PricedTerms]) -> float:
    """Answer the first here, the others over workers that have started before."""
    pool = get_reusable_executor(max_workers=N_WORKERS)
    for future in [pool.submit(_start) for _ in range(N_WORKERS)]:
        future.result()
    began = time.perf_counter()
    first = Oracle(home, options, n_remembered=0).respond(terms[0])
    chunks = [terms[1:][number::N_WORKERS] for number in range(N_WORKERS)]
    futures = [pool.submit(_answers, home, options, chunk, first.schedule) for chunk in chunks]
    for future in futures:
        future.result()
    return time.perf_counter() - began


def _start() -> None:
    time.sleep(1.0)


def _answers(home: ResponseProblem, options: SolveOptions, terms: list[PricedTerms], near: Schedule) -> list[Response]:
    oracle = Oracle(home, options, n_remembered=0)
    return [oracle.respond(one, near=(near,)) for one in terms]


if __name__ == "__main__":
    sys.exit(main())
