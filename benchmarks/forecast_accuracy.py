"""How good our forecasts of real plants are, against the same time last week and the mean of four same weekdays.

``python -m benchmarks.forecast_accuracy [--out FILE] [--origins 24] [--series steel ...]`` reads the optional real-data
folder. Each series is asked at rolling origins eight days apart, so that every weekday comes up, at noon of the day
before and at midnight, for seven local days; the first of them is the day-ahead forecast. Readings count as known
when their step has ended. The result holds every score, the ratios to the same time last week, their geometric means,
versions and the machine. ``--table FILE`` prints the table of an earlier run instead.
"""

import argparse
import csv
import gzip
import json
import os
import platform
import sys
import time as clock
from dataclasses import asdict
from datetime import datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from domain.metering import MeterSeries
from domain.time import Calendar, TimeGrid
from forecasting.backtest import FourWeekMean, OwnForecast, SameTimeLastWeek, rolling_origins, run_backtest
from forecasting.backtest.runner import Backtest, Forecaster
from forecasting.backtest.scores import coverage_share, join, mae_kw, score, wape_share
from tests.realdata import REAL_DATA

FOLDER = REAL_DATA / "normalised"
COUNTRIES = {"steel": "KR", "manufacturer": "US", "office201": "US", "metalworking": "DE", "mt200": "PT"}
ISSUES = {"noon": time(12), "midnight": time(0)}
HORIZON_DAYS = 7
EVERY_DAYS = 8
HISTORY_DAYS = 91
NAIVE = "last_week"
PACKAGES = ("numpy", "pandas", "prophet")


def main() -> int:
    """Run, write and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/forecast_accuracy.json"))
    parser.add_argument("--origins", type=int, default=24)
    parser.add_argument("--series", nargs="*", choices=tuple(COUNTRIES), default=tuple(COUNTRIES))
    parser.add_argument("--table", type=Path)
    asked = parser.parse_args()
    if asked.table is not None:
        print(table(json.loads(asked.table.read_text(encoding="utf-8"))))
        return 0
    if not FOLDER.is_dir():
        print("the optional real-data folder is absent", file=sys.stderr)
        return 1
    rows = [row for name in asked.series for row in rows_of(name, asked.origins)]
    result = {
        "what": f"{asked.origins} origins {EVERY_DAYS} days apart per series and issue, {HORIZON_DAYS} local days each",
        "rows": rows,
        "geometric_means": geometric_means(rows),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "machine": platform.platform(),
        "load_average": os.getloadavg(),
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(table(result))
    return 0


def rows_of(name: str, n_origins: int) -> list[dict[str, Any]]:
    """Backtest one series at both times of issue; a row per issue, horizon and forecaster."""
    meter, zone = meter_of(name)
    forecasters: dict[str, Forecaster] = {
        NAIVE: SameTimeLastWeek(zone=zone),
        "four_weeks": FourWeekMean(zone=zone),
        "own": OwnForecast(zone=zone, calendar=Calendar(country=COUNTRIES[name])),
    }
    rows: list[dict[str, Any]] = []
    for issue, at in ISSUES.items():
        origins = rolling_origins(
            meter,
            zone=zone,
            issue=at,
            horizon_days=HORIZON_DAYS,
            n_origins=n_origins,
            every_days=EVERY_DAYS,
            history_days=HISTORY_DAYS,
        )
        began_s = clock.process_time()
        tested = run_backtest(meter, origins, forecasters, zone=zone)
        spent_s = clock.process_time() - began_s
        print(f"{name} {issue}: {len(tested.scored)} of {len(origins)} origins, {spent_s:.0f} cpu-s", file=sys.stderr)
        for horizon, last_day in (("day_ahead", 1), ("seven_days", HORIZON_DAYS)):
            rows += [
                {
                    "series": name,
                    "issue": issue,
                    "horizon": horizon,
                    "forecaster": one,
                    **scores_to(tested, one, last_day),
                }
                for one in forecasters
            ]
    return rows


def scores_to(tested: Backtest, name: str, last_day: int) -> dict[str, Any]:
    """Score one forecaster over the first days of its horizon; the peaks over all days."""
    joined = join(tested, name)
    near = joined.where(joined.lead_days <= last_day)
    naive = join(tested, NAIVE)
    naive_near = naive.where(naive.lead_days <= last_day)
    peak = score(tested, name).peak
    return {
        "n_origins": len(tested.scored),
        "n_refused": len(tested.refusals(name)),
        "wape_share": wape_share(near.actual_kw, near.median_kw),
        "mae_kw": mae_kw(near.actual_kw, near.median_kw),
        "ratio_to_naive": mae_kw(near.actual_kw, near.median_kw) / mae_kw(naive_near.actual_kw, naive_near.median_kw),
        "coverage_80_share": coverage_share(near.actual_kw, near.quantile_kw(0.1), near.quantile_kw(0.9)),
        "coverage_90_share": coverage_share(near.actual_kw, near.quantile_kw(0.05), near.quantile_kw(0.95)),
        "peak_all_days": None if peak is None else asdict(peak),
    }


def meter_of(name: str) -> tuple[MeterSeries, str]:
    """Read one normalised series and its zone."""
    about = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    with gzip.open(FOLDER / f"{name}.csv.gz", "rt") as lines:
        energy_kwh = np.array([float(row["energy_kwh"] or "nan") for row in csv.DictReader(lines)])
    step_min = about["step_minutes"]
    grid = TimeGrid(start=datetime.fromisoformat(about["first"]), step_min=step_min, n_steps=energy_kwh.size)
    return MeterSeries(meter_id=name, grid=grid, import_kw=energy_kwh * 60 / step_min), about["timezone"]


def geometric_means(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Give the geometric mean over the series of each forecaster's ratio, by issue and horizon."""
    keys = dict.fromkeys((row["forecaster"], row["issue"], row["horizon"]) for row in rows)
    return {
        " ".join(key): float(
            np.exp(
                np.mean(
                    [
                        np.log(row["ratio_to_naive"])
                        for row in rows
                        if (row["forecaster"], row["issue"], row["horizon"]) == key
                    ]
                )
            )
        )
        for key in keys
    }


def table(result: dict[str, Any]) -> str:
    """Give the result as a Markdown table: errors of the naive forecast, ratios of the others, coverage of ours."""
    lines = [
        "| series | issue | horizon | origins | last week WAPE | four weeks | ours | ours: 80 % band holds | 90 % band holds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    rows = {(row["series"], row["issue"], row["horizon"], row["forecaster"]): row for row in result["rows"]}
    for series, issue, horizon in dict.fromkeys(key[:3] for key in rows):
        naive, weeks, own = (rows[series, issue, horizon, one] for one in (NAIVE, "four_weeks", "own"))
        lines.append(
            f"| {series} | {issue} | {horizon.replace('_', ' ')} | {own['n_origins']} | {naive['wape_share']:.1%} | "
            f"{weeks['ratio_to_naive']:.2f} | {own['ratio_to_naive']:.2f} | {own['coverage_80_share']:.0%} | "
            f"{own['coverage_90_share']:.0%} |"
        )
    for issue in ISSUES:
        for horizon in ("day_ahead", "seven_days"):
            means = [result["geometric_means"][f"{one} {issue} {horizon}"] for one in ("four_weeks", "own")]
            lines.append(
                f"| **geometric mean** | {issue} | {horizon.replace('_', ' ')} | | | {means[0]:.2f} | {means[1]:.2f} | | |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
