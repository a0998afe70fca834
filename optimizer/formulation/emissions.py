"""What a kWh drawn from the grid emits in each step, and what that costs."""

import math

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant.expand import CLOCK_MIN, DAY_MIN
from domain.time import TimeGrid

KG_PER_T = 1000.0


def grid_co2_kg_per_kwh(problem: ResponseProblem) -> FloatArray:
    """Give what a kWh drawn from the grid emits, from the site's local day, shape (n_steps,). [kg / kWh]."""
    grid, day = problem.horizon, problem.site.grid_co2_kg_per_kwh
    fine_min = math.gcd(grid.step_min, CLOCK_MIN)
    fine = TimeGrid(start=grid.start, step_min=fine_min, n_steps=grid.n_steps * grid.step_min // fine_min)
    local = fine.local_starts(problem.site.zone)
    part = np.asarray((local.hour * 60 + local.minute) * len(day) // DAY_MIN)
    return np.asarray(np.asarray(day, dtype=np.float64)[part].reshape(grid.n_steps, -1).mean(axis=1), dtype=np.float64)


def co2_cost_per_kg(problem: ResponseProblem) -> float:
    """Give what a kg of CO2 costs the site. [currency / kg]."""
    return problem.site.co2_price_per_t / KG_PER_T


def import_co2_cost_per_kwh(problem: ResponseProblem) -> FloatArray:
    """Give what the emissions of a kWh drawn from the grid cost, shape (n_steps,). [currency / kWh]."""
    return np.asarray(grid_co2_kg_per_kwh(problem) * co2_cost_per_kg(problem), dtype=np.float64)
