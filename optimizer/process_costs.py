"""What processes cost besides the bill, part by part, from the nouns and what they do."""

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Process, ProcessUse, Quota, Schedule
from domain.plant.expand import wages_per_h
from domain.time import TimeGrid
from optimizer.process_use import process_starts


@noun
class ProcessCosts:
    """What processes cost. [currency]"""

    labour_cost: float = 0.0
    start_cost: float = 0.0
    fuel_cost: float = 0.0
    """Per unit and per hour on: fuel, wear; negative: what the product is worth."""
    shortfall_cost: float = 0.0
    co2_kg: float = 0.0
    """What they emit themselves. [kg]"""


def process_costs(schedule: Schedule, problem: ResponseProblem) -> ProcessCosts:
    """Price what a schedule's processes do. [currency]."""
    wages = wages_per_h(problem.plan, problem.horizon, problem.calendar)
    parts = [
        _costs(process, schedule.processes[process.process_id], problem.horizon, wages)
        for process in problem.plan.processes
    ]
    return ProcessCosts(
        labour_cost=sum(one.labour_cost for one in parts),
        start_cost=sum(one.start_cost for one in parts),
        fuel_cost=sum(one.fuel_cost for one in parts),
        shortfall_cost=sum(one.shortfall_cost for one in parts),
        co2_kg=sum(one.co2_kg for one in parts),
    )


def _costs(process: Process, use: ProcessUse, grid: TimeGrid, wages: FloatArray) -> ProcessCosts:
    units = float(use.rate.sum()) * grid.step_h
    hours = float(use.is_on.sum()) * grid.step_h
    paid = float(np.nan_to_num(wages)[use.is_on].sum()) * grid.step_h if process.crew_count else 0.0
    return ProcessCosts(
        labour_cost=process.crew_count * paid,
        start_cost=process.start_cost * int(process_starts(process, use.is_on).sum()),
        fuel_cost=process.cost_per_unit * units + process.cost_per_h * hours,
        shortfall_cost=sum(shortfall_units(quota, use, grid) * _price(quota) for quota in process.quotas),
        co2_kg=process.co2_kg_per_unit * units + process.co2_kg_per_h * hours,
    )


def shortfall_units(quota: Quota, use: ProcessUse, grid: TimeGrid) -> float:
    """Give what a quota lacks, counting the steps within the horizon; one outside lacks nothing. [unit]."""
    if quota.end <= grid.start or quota.start >= grid.end:
        return 0.0
    first, stop = max(0, grid.edge_of(quota.start)), min(grid.n_steps, grid.edge_of(quota.end))
    return max(0.0, quota.least - float(use.rate[first:stop].sum()) * grid.step_h)


def _price(quota: Quota) -> float:
    return quota.shortfall_cost_per_unit or 0.0
