"""Processes in plain numbers: what their rates draw, bring to stores and take of utilities, and when they start."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import Process, ProcessUse
from domain.time import TimeGrid
from optimizer.formulation import Matrix

NOTHING_SHARE = 1e-7
"""A rate this small beside the greatest is the solver's tolerance, not a decision. [-]"""


def process_starts(process: Process, is_on: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Say in which steps a process starts, shape (n_steps,)."""
    before = np.concatenate([[process.before.is_on], is_on[:-1]])
    return np.asarray(is_on & ~before)


def process_kw(process: Process, use: ProcessUse, grid: TimeGrid) -> FloatArray:
    """Give what a process draws (negative: generates) in each step, shape (n_steps,). [kW]."""
    warm_up_kw = process.start_kwh / grid.step_h * process_starts(process, use.is_on)
    return np.asarray(process.fixed_kw * use.is_on + process.kwh_per_unit * use.rate + warm_up_kw, dtype=np.float64)


def processes_kw(problem: ResponseProblem, uses: Mapping[str, ProcessUse]) -> FloatArray:
    """Give what all processes draw together, shape (n_steps,). [kW]."""
    drawn = np.zeros(problem.horizon.n_steps)
    for process in problem.plan.processes:
        drawn += process_kw(process, uses[process.process_id], problem.horizon)
    return drawn


def process_uses(problem: ResponseProblem, matrix: Matrix, values: FloatArray) -> dict[str, ProcessUse]:
    """Read what each process does from the columns of a solution."""
    columns = {name: matrix.columns_of(name) for name in ("process_rate", "process_on")}
    found: dict[str, ProcessUse] = {}
    for process in problem.plan.processes:
        series = {name: np.zeros(problem.horizon.n_steps) for name in columns}
        for name, series_of in series.items():
            for t in range(problem.horizon.n_steps):
                column = columns[name].get((process.process_id, t))
                if column is not None:
                    series_of[t] = values[column]
        found[process.process_id] = _use(process, series["process_rate"], series["process_on"])
    return found


def _use(process: Process, rate: FloatArray, on: FloatArray) -> ProcessUse:
    """Put a rate within what the process can do where the solver's tolerance left it outside."""
    if process.is_switched:
        is_on = np.round(on) > 0
        return ProcessUse(rate=np.where(is_on, np.clip(rate, process.min_rate, process.max_rate), 0.0), is_on=is_on)
    kept = np.where(rate > NOTHING_SHARE * process.max_rate, np.clip(rate, 0.0, process.max_rate), 0.0)
    return ProcessUse(rate=kept, is_on=kept > 0)
