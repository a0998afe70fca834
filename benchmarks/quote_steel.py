"""Wall time of each part of a quote: the real steel plant, 7 days, 8 packages.

Run as ``python -m benchmarks.quote_steel [--out FILE]``; needs the optional real-data folder. Writes
JSON: read (a year of raw quarter-hours), forecast, build, compile, solve, audit, bills, with versions and
the machine; parts as seconds and as shares of the whole.
"""

import argparse
import gzip
import json
import os
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

from domain.files import MeterReadOptions, read_meter
from domain.offers import ResponseProblem
from domain.tariffs.pricing import priced_terms
from optimizer.audit import audit
from scenarios.loads import billing_window, forecast_site
from scenarios.quote import quote
from tests import steel_case

PACKAGES = ("numpy", "pandas", "prophet", "pyomo", "highspy")


def main() -> int:
    """Quote the plant and write what each part took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/quote_steel.json"))
    parser.add_argument("--deadline", type=float, default=10.0, help="seconds per best response")
    asked = parser.parse_args()
    if not steel_case.REAL_DATA.exists():
        print("the optional real-data folder is absent: nothing to measure", file=sys.stderr)
        return 1
    raw = gzip.decompress((steel_case.REAL_DATA / "steel_daewoo" / "Steel_industry_data.csv.gz").read_bytes())
    start = time.perf_counter()
    read_meter(raw, MeterReadOptions(zone=steel_case.ZONE), name="steel")
    read_s = time.perf_counter() - start
    plans = [steel_case.taipower(plan_id) for plan_id in steel_case.TAIPOWER_PLANS]
    packages = tuple(steel_case.with_contract(plan, kw) for plan in plans for kw in (400, 550))
    case = steel_case.steel_case(plans[0], packages, deadline_s=asked.deadline)
    start = time.perf_counter()
    answer = quote(case)
    total_s = time.perf_counter() - start
    measured = {
        "what": "real steel plant, 7 days of quarter-hours, 8 packages and today's tariff, one process",
        "read_s": round(read_s, 3),
        "quote_s": round(total_s, 3),
        "parts_s": answer.timings_s | {"audit": _audit_s(answer, case)},
        "share_of_quote": {part: round(seconds / total_s, 3) for part, seconds in answer.timings_s.items()},
        "responses": [
            {
                "offer": offer.offer_id,
                "stopped_by": offer.response.solve.stopped_by,
                "gap_share": round(offer.response.solve.gap_share, 6),
                "build_s": round(offer.response.solve.build_s, 3),
                "compile_s": round(offer.response.solve.compile_s, 3),
                "solve_s": round(offer.response.solve.solve_s, 3),
                "columns": offer.response.solve.n_columns,
                "integers": offer.response.solve.n_integers,
                "rows": offer.response.solve.n_rows,
                "net_benefit": str(offer.net_benefit),
            }
            for offer in answer.offers
        ],
        "bill_today": str(answer.bill_today.p50),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in ("wattplan", *PACKAGES)},
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(measured, indent=1), encoding="utf-8")
    print(json.dumps(measured, indent=1))
    return 0


def _audit_s(answer, case) -> float:  # noqa: ANN001 -- a Quote and its Case
    """Time one audit per offer, on the schedules just found."""
    site = forecast_site(case)
    window, _ = billing_window(case, site)
    spent = 0.0
    for offer in answer.offers:
        problem = ResponseProblem(
            site=case.site,
            plan=case.plan,
            horizon=offer.response.schedule.grid,
            base_kw=offer.response.schedule.base_kw,
            terms=priced_terms(offer.package.tariff, case.site.supply, window),
        )
        start = time.perf_counter()
        audit(offer.response.schedule, problem)
        spent += time.perf_counter() - start
    return round(spent, 4)


if __name__ == "__main__":
    sys.exit(main())
