"""The equipment samples' questions: each sample's plant, with a level base load and three prices over its day."""

import numpy as np

from domain.checks import FloatArray
from domain.equipment_samples import equipment_plant
from domain.offers import ResponseProblem
from domain.time import TimeGrid
from tests.optimizer_cases import terms

HOURS = np.arange(96) / 4
VALLEY = HOURS < 8
PEAK = (HOURS >= 17) & (HOURS < 21)
PRICE = np.where(VALLEY, 0.32, np.where(PEAK, 1.15, 0.64))
BASE_KW = {
    "batch-mixer": 60.0,
    "cement-mill": 400.0,
    "chp-heat-store": 600.0,
    "cold-store": 120.0,
    "electrolyser-tank": 80.0,
    "forklift-chargers": 90.0,
    "melt-shop": 12000.0,
}


def equipment_day(name: str, price_per_kwh: FloatArray = PRICE) -> ResponseProblem:
    """Ask for the best day of a sample: quarter hours, 0.32 before 8, 1.15 from 17 to 21, 0.64 else."""
    plant = equipment_plant(name)
    horizon = TimeGrid.between(plant.plan.start, plant.plan.end, 15)
    return ResponseProblem(
        site=plant.site,
        plan=plant.plan,
        horizon=horizon,
        base_kw=np.full(horizon.n_steps, BASE_KW[name]),
        terms=terms(horizon, price_per_kwh),
    )
