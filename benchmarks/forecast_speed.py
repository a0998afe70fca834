"""Cost of Prophet's optimum, exact against stock Stan, in the same run on the same loads.

Run as ``python -m benchmarks.forecast_speed [--repeat N] [--years 1 2] [--models …] [--out FILE]``. The loads are
made here from a seed (a plant's quarter-hours with shifts, weekends, a bend in the trend and noise) and, where the
optional real-data folder is there, an office building's metered two years. Writes JSON:
CPU seconds (Stan's process included, so that a shared machine does not count) of the fit and of fit and week-ahead
prediction, their ratios, both log posteriors, how far the forecasts lie apart, versions and the machine.
"""

import argparse
import json
import logging
import os
import platform
import resource
import warnings
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from prophet import Prophet

from forecasting.prophet_map import MapParams, log_posterior, solve_map
from forecasting.prophet_map.backend import ExactProphet, problem_of
from tests.realdata import REAL_DATA

PACKAGES = ("prophet", "cmdstanpy", "numpy", "scipy", "pandas")
DAY_STEPS = 96
YEAR_DAYS = 365
HORIZON_STEPS = 7 * DAY_STEPS
KINDS = ("work", "rest")
SHAPE_ORDER = 24
SATURDAY = 5

warnings.filterwarnings("ignore", module="prophet.*")
logging.getLogger("cmdstanpy").addHandler(logging.NullHandler())
for name in ("prophet", "cmdstanpy"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


def office(n_days: int) -> pd.DataFrame | None:
    """Read an office building's newest quarter-hours on its wall clock, if they are there."""
    path = REAL_DATA / "normalised" / "office201.csv.gz"
    if not path.exists():
        return None
    table = pd.read_csv(path)
    stamps = pd.to_datetime(table["start_utc"]).dt.tz_convert("America/Los_Angeles").dt.tz_localize(None)
    metered = pd.DataFrame({"ds": stamps, "y": 4 * table["energy_kwh"]}).groupby("ds", as_index=False)["y"].mean()
    works = metered["ds"].dt.day_of_week < SATURDAY
    frame = metered.assign(is_work=works, is_rest=~works, level_rest=1.0 * ~works)
    return frame.tail(n_days * DAY_STEPS).reset_index(drop=True)


def plant(n_days: int) -> pd.DataFrame:
    """Make a plant's quarter-hours on the wall clock."""
    n_steps = n_days * DAY_STEPS
    random = np.random.default_rng(7)
    stamps = pd.DatetimeIndex(pd.date_range("2022-01-03", periods=n_steps, freq="15min"))
    hour = stamps.hour.to_numpy() + stamps.minute.to_numpy() / 60
    works = stamps.day_of_week.to_numpy() < SATURDAY
    share = np.arange(n_steps) / n_steps
    busy = np.exp(-(((hour - 13) / 4.5) ** 4)) * np.where(works, 1.0, 0.25)
    level = 420 + 90 * share - 130 * np.maximum(share - 0.6, 0)
    noise = np.repeat(random.normal(0, 18, n_steps // 4 + 1), 4)[:n_steps] + random.normal(0, 20, n_steps)
    y = level * (0.5 + 0.6 * busy) + noise
    return pd.DataFrame({"ds": stamps, "y": y, "is_work": works, "is_rest": ~works, "level_rest": 1.0 * ~works})


def default(kind: type[Prophet], **asked: Any) -> Prophet:
    """Prophet as it comes: linear growth with 25 changepoints, weekly and daily seasons."""
    return kind(yearly_seasonality=False, uncertainty_samples=0, **asked)


def multiplicative(kind: type[Prophet]) -> Prophet:
    return default(kind, seasonality_mode="multiplicative")


def shapes(kind: type[Prophet]) -> Prophet:
    """Our load model: flat, a daily shape of order 24 for each kind of day."""
    model = kind(
        growth="flat",
        uncertainty_samples=0,
        **dict.fromkeys(("yearly_seasonality", "weekly_seasonality", "daily_seasonality"), False),
    )
    for one in KINDS:
        model.add_seasonality(f"shape_{one}", 1, SHAPE_ORDER, condition_name=f"is_{one}")
    model.add_regressor("level_rest", standardize=False)
    return model


MODELS: dict[str, Callable[[type[Prophet]], Prophet]] = {
    "default": default,
    "multiplicative": multiplicative,
    "shapes": shapes,
}


LOADS: dict[str, Callable[[int], pd.DataFrame | None]] = {"plant": plant, "office": office}


def cpu_s() -> float:
    """CPU seconds of this process and of the children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def measured(make: Callable[[type[Prophet]], Prophet], kind: type[Prophet], frame: pd.DataFrame, repeat: int) -> dict:
    """Fit and predict; the least CPU time of the repetitions."""
    history, horizon = frame.iloc[:-HORIZON_STEPS], frame.iloc[-HORIZON_STEPS:].drop(columns="y")
    fits, wholes = [], []
    for _ in range(repeat):
        model = make(kind)
        start = cpu_s()
        model.fit(history)
        fits.append(cpu_s() - start)
        forecast = model.predict(horizon)["yhat"].to_numpy()
        wholes.append(cpu_s() - start)
        model.stan_backend.cleanup()
    return {"model": model, "forecast": forecast, "fit_cpu_s": min(fits), "fit_predict_cpu_s": min(wholes)}


def compared(of: str, name: str, years: int, repeat: int) -> dict[str, Any] | None:
    """Fit one load's last years but a week both ways; None where the load is not there."""
    frame = LOADS[of](years * YEAR_DAYS)
    if frame is None:
        return None
    exact, stock = (measured(MODELS[name], kind, frame, repeat) for kind in (ExactProphet, Prophet))
    problem = problem_of(asdict(MODELS[name](ExactProphet).preprocess(frame.iloc[:-HORIZON_STEPS])))
    start = cpu_s()
    solve_map(problem)
    solve_s = cpu_s() - start
    stan = stock["model"].params
    theirs = MapParams(
        k=float(stan["k"][0, 0]),
        m=float(stan["m"][0, 0]),
        delta=stan["delta"][0] if problem.trend == "linear" else np.zeros_like(stan["delta"][0]),
        beta=stan["beta"][0],
        sigma=float(stan["sigma_obs"][0, 0]),
    )
    solution = exact["model"].stan_backend.solution
    apart = np.sqrt(np.mean((exact["forecast"] - stock["forecast"]) ** 2)) / frame["y"].iloc[:-HORIZON_STEPS].std()
    return {
        "load": of,
        "model": name,
        "years": years,
        "rows": problem.load.size,
        "columns": problem.n_trend + problem.design.shape[1],
        **{
            f"{who}_{what}": round(one[what], 3)
            for who, one in (("exact", exact), ("stock", stock))
            for what in ("fit_cpu_s", "fit_predict_cpu_s")
        },
        "exact_solve_alone_cpu_s": round(solve_s, 3),
        "fit_ratio": round(stock["fit_cpu_s"] / exact["fit_cpu_s"], 1),
        "fit_predict_ratio": round(stock["fit_predict_cpu_s"] / exact["fit_predict_cpu_s"], 1),
        "exact_log_posterior": round(solution.log_posterior, 3),
        "stock_log_posterior": round(log_posterior(problem, theirs), 3),
        "forecasts_apart_share_of_sd": round(float(apart), 5),
        "rounds": solution.n_rounds,
        "proven_unique": solution.unique,
    }


def main() -> int:
    """Measure each model and length, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/forecast_speed.json"))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--years", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--models", nargs="+", choices=sorted(MODELS), default=list(MODELS))
    parser.add_argument("--loads", nargs="+", choices=sorted(LOADS), default=list(LOADS))
    asked = parser.parse_args()
    measured(default, ExactProphet, plant(21), 1)  # what is paid once per process: imports, caches
    rows = []
    for of, name, years in product(asked.loads, asked.models, asked.years):
        row = compared(of, name, years, asked.repeat)
        if row is not None:
            rows.append(row)
            print(json.dumps(row), flush=True)
    told = {
        "what": "CPU seconds, least of the repetitions; Stan's process counted",
        "repeat": asked.repeat,
        "threads": os.environ.get("OMP_NUM_THREADS", "not set"),
        "machine": {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()},
        "versions": {name: version(name) for name in PACKAGES},
        "rows": rows,
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
