"""How fast the oracle answers, beside raw HiGHS on the same matrix and the time that handing over arrays takes.

Run as ``python -m benchmarks.oracle [--sizes 7x20,7x60] [--seeds 2] [--deadline 20] [--out FILE]``, or with
``--plans 500`` for the property that a plan which exists is found before a short deadline. Each case runs in a process of
its own, so its peak memory is its own. CPU seconds stand beside wall seconds, for other work may share the cores.
"""

import argparse
import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plants import plant
from domain.offers import SolveOptions
from optimizer.audit import audit
from optimizer.errors import UnsoundScheduleError
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.oracle import Oracle
from optimizer.response import best_response
from optimizer.search import NoPlanInTimeError
from optimizer.solver import Solver, gap_share

SIZES = ("1x5", "1x20", "2x20", "7x20", "7x60", "31x200")
DEADLINE_S = {1: 10.0, 2: 10.0, 7: 30.0, 31: 240.0}
"""By days of the horizon. [s]"""
LATE_SHARE, LATE_S = 0.10, 0.5
"""How much later than its deadline an answer may come."""
HANDED_COUNT = 5
"""How often arrays are handed over; the least time counts. [-]"""


def main() -> int:
    """Measure and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), help="days x jobs, separated by commas")
    parser.add_argument("--seeds", type=int, default=2, help="plants of each size")
    parser.add_argument("--tight", action="store_true", help="busy machines, narrow windows and limits")
    parser.add_argument("--deadline", type=float, default=None, help="seconds per answer")
    parser.add_argument("--plans", type=int, default=0, help="so many small plants, short deadlines, instead")
    parser.add_argument("--gap", type=float, default=0.005, help="gap asked for of the small plants")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--no-raw", action="store_true", help="leave out raw HiGHS")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/oracle.json"))
    asked = parser.parse_args()
    if asked.plans:
        measured: Any = alone(always_a_plan, asked.first_seed, asked.plans, asked.deadline or 5.0, asked.gap)
    else:
        measured = []
        for size in asked.sizes.split(","):
            n_days, n_tasks = (int(part) for part in size.split("x"))
            deadline_s = asked.deadline or DEADLINE_S[n_days]
            for seed in range(1, asked.seeds + 1):
                case = (seed, n_days, n_tasks, asked.tight, deadline_s)
                found = alone(oracle_case, *case)
                if not asked.no_raw:
                    found["raw_highs"] = alone(raw_case, *case)
                print(json.dumps(found), flush=True)
                measured.append(found)
    written = {
        "what": "plants with a mill, two ways for three jobs in ten, battery, PV, two demand charges, ratchet, tier, events",
        "cases": measured,
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in ("wattplan", "numpy", "pyomo", "highspy")},
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return 0


def alone(work: Callable[..., Any], *given: Any) -> Any:
    """Do some work in a process of its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def oracle_case(seed: int, n_days: int, n_tasks: int, tight: bool, deadline_s: float) -> dict[str, Any]:
    """Answer once and say when what was known."""
    case = plant(seed, n_days=n_days, n_tasks=n_tasks, tight=tight)
    began, cpu = time.perf_counter(), time.process_time()
    options = SolveOptions(deadline_s=deadline_s)
    stated = Oracle(case.problem, options).state(case.problem, deadline=began + deadline_s)
    ready, ready_cpu = time.perf_counter(), time.process_time()
    found = stated.search.improve(None)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    matrix = stated.matrix
    known = [(at - began, objective, bound) for at, objective, bound in stated.search.progress]
    best = found.objective

    def when(share: float) -> float | None:
        for at, objective, bound in known:
            if gap_share(objective, bound, matrix.cost_offset) <= share:
                return round(at, 2)
        return None

    return {
        "days": n_days,
        "jobs": n_tasks,
        "seed": seed,
        "tight": tight,
        "deadline_s": deadline_s,
        "columns": matrix.cost.size,
        "integers": int(matrix.is_integer.sum()),
        "rows": matrix.row_least.size,
        "nonzeros": int(matrix.a.nnz),
        "stated_s": round(ready - began, 2),
        "stated_cpu_s": round(ready_cpu - cpu, 2),
        "first_plan_s": None if not known else round(known[0][0], 2),
        "gap_1pct_s": when(0.01),
        "gap_0_5pct_s": when(0.005),
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "gap_share": None if found.values is None else round(gap_share(best, found.bound, matrix.cost_offset), 5),
        "stopped_by_clock": stated.search.cut_by_clock,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def raw_case(seed: int, n_days: int, n_tasks: int, tight: bool, deadline_s: float) -> dict[str, Any]:
    """Hand the same matrix to HiGHS alone, with the same deadline."""
    case = plant(seed, n_days=n_days, n_tasks=n_tasks, tight=tight)
    matrix = compile_matrix(build(plan_sets(case.problem)))
    handed = []
    for _ in range(HANDED_COUNT):
        cpu = time.process_time()
        solver = Solver(matrix, seed=1, n_threads=1, options={})
        handed.append(time.process_time() - cpu)
    began, cpu = time.perf_counter(), time.process_time()
    found = solver.run(deadline_s=deadline_s, gap_share=0.005)
    return {
        "arrays_to_highs_cpu_s": round(min(handed), 3),
        "wall_s": round(time.perf_counter() - began, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "gap_share": None
        if found.values is None
        else round(gap_share(found.objective, found.bound, matrix.cost_offset), 5),
    }


def always_a_plan(first_seed: int, n_plants: int, deadline_s: float, gap_share: float) -> dict[str, Any]:
    """Ask for many small plants; each has a plan, for it was built first."""
    without, unsound, late, gaps = [], [], [], []
    for seed in range(first_seed, first_seed + n_plants):
        random = np.random.default_rng(seed)
        n_days = int(random.choice([1, 2, 3, 7], p=[0.4, 0.3, 0.2, 0.1]))
        n_tasks, tight = int(random.integers(3, 26)), bool(random.random() < 0.6)  # noqa: PLR2004 -- six in ten
        case = plant(seed, n_days=n_days, n_tasks=n_tasks, tight=tight)
        name = f"{seed}: {n_days} d x {n_tasks}{' tight' if tight else ''}"
        began = time.perf_counter()
        try:
            answer = best_response(case.problem, SolveOptions(deadline_s=deadline_s, gap_share=gap_share))
        except NoPlanInTimeError:
            without.append(name)
        except UnsoundScheduleError:
            unsound.append(name)
        else:
            gaps.append(answer.solve.gap_share)
            if audit(answer.schedule, case.problem).violations:
                unsound.append(name)
        if time.perf_counter() - began > deadline_s * (1 + LATE_SHARE) + LATE_S:
            late.append(name)
    return {
        "plants": n_plants,
        "deadline_s": deadline_s,
        "asked_gap_share": gap_share,
        "without_a_plan": without,
        "unsound": unsound,
        "late": late,
        "gap_share": {} if not gaps else {f"p{q}": round(float(np.percentile(gaps, q)), 5) for q in (50, 90, 100)},
    }


if __name__ == "__main__":
    sys.exit(main())
