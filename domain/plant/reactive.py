"""What reactive power a site and a plan draw before compensation, and when compensators are there.

Reactive power counts positive where it lags (motors, furnaces). PV, batteries, changeovers and what generates draw none.
"""

import math

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.plant.compensators import Compensator
from domain.plant.equipment import Site
from domain.plant.expand import CLOCK_MIN, DAY_MIN
from domain.plant.plan import ProductionPlan
from domain.text import Text
from domain.time import TimeGrid


class EquipmentPowerFactorUnknownError(WattplanError, ValueError):
    """Equipment without a power factor at a site whose base load has none to lend."""

    code = "equipment_power_factor_unknown"
    words = Text(
        en="{equipment} has no power_factor, and the site gives base_kvar, which has none to lend it. Give {equipment} its "
        "power_factor (1 where it draws no reactive power).",
        zh="{equipment} 未给出 power_factor，而厂区给出的是 base_kvar，无法借用功率因数。"
        "请填写 {equipment} 的 power_factor（不取无功时填 1）。",
    )


@noun
class Tangents:
    """Reactive per active power of what a plan runs; what is not named draws no reactive power. [kvar / kW]."""

    of_way: dict[str, float]
    """By the id of a way to do a task."""
    of_process: dict[str, float]
    of_load: dict[str, float]
    """By id of a modulating load."""


def tangent_of(power_factor: float) -> float:
    """Give reactive per active power at a power factor. [kvar / kW]."""
    return math.sqrt(1 - power_factor * power_factor) / power_factor


def tangents_of(site: Site, plan: ProductionPlan) -> Tangents:
    """Give the reactive power of a plan's equipment; what has no power factor of its own has the base load's.

    Raises
    ------
    EquipmentPowerFactorUnknownError
    """

    def of(equipment: str, power_factor: float | None) -> float:
        known = site.base_power_factor if power_factor is None else power_factor
        if known is None:
            raise EquipmentPowerFactorUnknownError(equipment=equipment)
        return tangent_of(known)

    ways = [way for task in plan.tasks for way in task.ways()]
    return Tangents(
        of_way={way.task_id: of(way.task_id, way.power_factor) for way in ways},
        of_process={
            one.process_id: 0.0 if one.kwh_per_unit < 0 else of(one.process_id, one.power_factor)
            for one in plan.processes
        },
        of_load={one.load_id: of(one.load_id, one.power_factor) for one in plan.modulating_loads},
    )


def base_kvar_of(site: Site, base_kw: FloatArray, grid: TimeGrid) -> FloatArray | None:
    """Give the reactive power of the base load before compensation, shape like ``base_kw``; None: nobody knows. [kvar].

    Parameters
    ----------
    base_kw : FloatArray
        Shape (..., n_steps); where it feeds in, it draws no reactive power. [kW]
    """
    if site.base_power_factor is not None:
        return np.asarray(tangent_of(site.base_power_factor) * np.maximum(base_kw, 0.0), dtype=np.float64)
    if not site.base_kvar:
        return None
    fine_min = math.gcd(grid.step_min, CLOCK_MIN)
    fine = TimeGrid(start=grid.start, step_min=fine_min, n_steps=grid.n_steps * grid.step_min // fine_min)
    local = fine.local_starts(site.zone)
    part = np.asarray((local.hour * 60 + local.minute) * len(site.base_kvar) // DAY_MIN)
    by_step = np.asarray(site.base_kvar, dtype=np.float64)[part].reshape(grid.n_steps, -1).mean(axis=1)
    return np.array(np.broadcast_to(by_step, base_kw.shape))


def is_available(compensator: Compensator, grid: TimeGrid) -> npt.NDArray[np.bool_]:
    """Say in which steps a compensator is there: those that lie wholly within its hours."""
    if not compensator.hours:
        return np.ones(grid.n_steps, dtype=bool)
    found = np.zeros(grid.n_steps, dtype=bool)
    for span in compensator.hours:
        first = -((grid.start - span.start) // grid.step)
        found[max(0, first) : max(0, (span.end - grid.start) // grid.step)] = True
    return found
