"""EMHASS as a peer: the schedule of deferrable loads and a battery that its optimisation gives.

Runs in an environment of its own. EMHASS is asked the way its web server asks it: the shipped configuration with what
the plant changes, then one call of ``perform_naive_mpc_optim``, the only one that takes a peak already set this month.
Powers in W, energy in Wh, states as shares, as EMHASS has them.
"""

import asyncio
import logging
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import emhass
import numpy as np
import pandas as pd
from answering import answer
from emhass import utils
from emhass.optimization import Optimization

ROOT = Path(emhass.__file__).resolve().parent
PATHS = {
    "root_path": ROOT,
    "data_path": ROOT / "data",
    "defaults_path": ROOT / "data" / "config_defaults.json",
    "associations_path": ROOT / "data" / "associations.csv",
}
COST, PAY = "unit_load_cost", "unit_prod_price"
LOG = logging.getLogger("emhass_peer")
LOG.setLevel(logging.ERROR)

kept: dict[str, Any] = {}


async def _confs(changed: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    config = await utils.build_config(PATHS, LOG, str(PATHS["defaults_path"]))
    _, secrets = await utils.build_secrets(PATHS, LOG, no_response=True)
    params = await utils.build_params(PATHS, secrets, config | changed, LOG)
    return utils.get_yaml_parse(params, LOG)


def plan(config: dict[str, Any], series: dict[str, list[float]], start: str, mpc: dict[str, Any]) -> dict[str, Any]:
    """Make a plan from nothing and keep its model.

    Parameters
    ----------
    config : dict
        What differs from EMHASS' shipped configuration.
    series : dict
        ``load_w``, ``price_per_kwh``, ``pay_per_kwh``: one value per step.
    start : str
        Start of the first step, with its offset.
    mpc : dict
        Arguments of ``perform_naive_mpc_optim`` besides the series.
    """
    began = _clocks()
    hass, optim, plant = asyncio.run(_confs(config))
    optimization = Optimization(
        hass, optim, plant, COST, PAY, "profit", PATHS, LOG, num_timesteps=len(series["load_w"])
    )
    kept.update(optimization=optimization, step=hass["optimization_time_step"], start=start, mpc=mpc)
    return _asked(series, began)


def replan(series: dict[str, list[float]]) -> dict[str, Any]:
    """Plan again under other series with the model kept: EMHASS' own cache of its problem."""
    return _asked(series, _clocks())


def _clocks() -> tuple[float, float]:
    """Give wall and processor time. [s]."""
    return time.perf_counter(), time.process_time()


def _asked(series: dict[str, list[float]], began: tuple[float, float]) -> dict[str, Any]:
    n_steps = len(series["load_w"])
    index = pd.date_range(pd.Timestamp(kept["start"]), periods=n_steps, freq=kept["step"])
    prices = pd.DataFrame({COST: series["price_per_kwh"], PAY: series["pay_per_kwh"]}, index=index)
    load_w = pd.Series(series["load_w"], index=index)
    stages: dict[str, float] = {}
    optimization = kept["optimization"]
    table = optimization.perform_naive_mpc_optim(
        prices, load_w * 0.0, load_w, n_steps, stage_times=stages, **kept["mpc"]
    )
    total_s, cpu_s = (now - then for now, then in zip(_clocks(), began, strict=True))
    return {
        "status": optimization.optim_status,
        "total_s": total_s,
        "cpu_s": cpu_s,
        "stages_s": stages,
        **_solver_said(optimization.prob),
        "columns": {
            name: table[name].tolist()
            for name in table.columns
            if name.startswith(("P_deferrable", "P_grid", "P_batt", "SOC_opt"))
        },
    }


def _solver_said(problem: Any) -> dict[str, Any]:
    """Give the size of the model and what HiGHS itself reports of the first search, a relaxed second one left out."""
    stats = problem.solver_stats
    info = None if stats is None else stats.extra_stats
    size = problem.size_metrics
    booleans = sum(variable.size for variable in problem.variables() if variable.attributes["boolean"])
    return {
        "highs_s": None if stats is None else stats.solve_time,
        "bound": None if info is None else float(info.mip_dual_bound),
        "gap_share": None if info is None else float(np.nan_to_num(info.mip_gap, posinf=1e30)),
        "n_columns": int(size.num_scalar_variables),
        "n_integers": int(booleans),
        "n_rows": int(size.num_scalar_eq_constr + size.num_scalar_leq_constr),
        "first_status": problem.status,
    }


if __name__ == "__main__":
    answer(
        {
            "versions": lambda: {name: version(name) for name in ("emhass", "cvxpy", "highspy")},
            "plan": plan,
            "replan": replan,
        }
    )
