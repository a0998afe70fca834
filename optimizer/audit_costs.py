"""What a schedule costs, counted again from what runs and from its load."""

import numpy as np

from domain.checks import FloatArray
from domain.offers.response import CostParts, ResponseProblem
from domain.plant import Schedule
from optimizer.audit_people import Crews, people_needed
from optimizer.audit_processes import process_starts
from optimizer.audit_rates import made_within, quota_steps
from optimizer.audit_replay import MINUTE, PlacedRun, Replay, of_local_day
from optimizer.audit_standing import replayed_change_cost
from optimizer.audit_utilities import drawn_from_outside

HOUR_MIN = 60
KG_PER_T = 1000


def replayed_costs(replay: Replay, problem: ResponseProblem, crews: Crews) -> CostParts:
    """Count a schedule's costs part by part. [currency].

    Demand charges, what rests on several quantities of the bill, and events are asked of the tariff's and the
    programme's own evaluators, which the bills and the settlement are tested against; everything else is added up here.
    """
    schedule, plan = replay.schedule, replay.plan
    step_h = replay.grid.step_min / HOUR_MIN
    energy_kwh = schedule.import_kw * step_h
    pay, penalty = _event_money(schedule, problem)
    return CostParts(
        constant_cost=problem.terms.constant,
        energy_cost=float(np.sum(problem.terms.energy_price_per_kwh * energy_kwh))
        - _fed_in_pay(schedule, problem, step_h),
        demand_cost=float(sum(term.cost(schedule.import_kw) for term in problem.terms.demand)),
        coupled_cost=problem.terms.coupled_cost(schedule.import_kw, schedule.export_kw, schedule.reactive_kvar),
        labour_cost=float(np.sum(people_needed(replay) * crews.wage_per_h)) * step_h,
        lateness_cost=float(sum(_lateness(run, problem) for run in replay.runs)),
        start_cost=float(sum(run.start_cost for run in replay.runs)) + _process_starts_cost(replay),
        wear_cost=_wear(schedule, problem, step_h),
        event_pay=pay,
        event_penalty=penalty,
        change_cost=replayed_change_cost(replay, problem),
        co2_cost=_co2_kg(replay, problem, energy_kwh) / KG_PER_T * problem.site.co2_price_per_t,
        fuel_cost=_fuel(replay, step_h),
        utility_cost=float(
            sum(
                one.price_per_unit_h * step_h * drawn_from_outside(one.utility_id, replay).sum()
                for one in plan.utilities
            )
        ),
        changeover_cost=float(sum(one.changeover.cost for one in replay.changes)),
        disposal_cost=float(
            sum(
                one.disposal_cost_per_unit * schedule.disposed[one.store_id].sum()
                for one in plan.stores
                if one.disposal_cost_per_unit is not None
            )
        ),
        shortfall_cost=_shortfall(replay),
    )


def _fed_in_pay(schedule: Schedule, problem: ResponseProblem, step_h: float) -> float:
    if problem.terms.export_price_per_kwh is None:
        return 0.0
    return float(np.sum(problem.terms.export_price_per_kwh * schedule.export_kw * step_h))


def _lateness(run: PlacedRun, problem: ResponseProblem) -> float:
    for order in problem.plan.orders:
        if order.order_id == run.task.order_id and order.lateness_cost_per_h is not None:
            late_min = (run.end - order.due) / MINUTE
            return order.lateness_cost_per_h * max(0.0, late_min) / HOUR_MIN
    return 0.0


def _process_starts_cost(replay: Replay) -> float:
    return float(
        sum(
            one.start_cost * np.count_nonzero(process_starts(one, replay.schedule.processes[one.process_id]))
            for one in replay.plan.processes
        )
    )


def _fuel(replay: Replay, step_h: float) -> float:
    total = 0.0
    for one in replay.plan.processes:
        use = replay.schedule.processes[one.process_id]
        total += step_h * (one.cost_per_unit * use.rate.sum() + one.cost_per_h * np.count_nonzero(use.is_on))
    return float(total)


def _co2_kg(replay: Replay, problem: ResponseProblem, energy_kwh: FloatArray) -> float:
    step_h = replay.grid.step_min / HOUR_MIN
    grid_kg_per_kwh = of_local_day(problem.site.grid_co2_kg_per_kwh, replay.grid, problem.site.zone)
    total_kg = float(np.sum(grid_kg_per_kwh * energy_kwh))
    for one in replay.plan.processes:
        use = replay.schedule.processes[one.process_id]
        total_kg += step_h * float(one.co2_kg_per_unit * use.rate.sum() + one.co2_kg_per_h * np.sum(use.is_on))
    for utility in replay.plan.utilities:
        drawn = drawn_from_outside(utility.utility_id, replay)
        total_kg += step_h * utility.co2_kg_per_unit_h * float(drawn.sum())
    return total_kg


def _shortfall(replay: Replay) -> float:
    """Count what quotas miss; one that lies outside the horizon misses nothing."""
    total = 0.0
    for process in replay.plan.processes:
        for quota in process.quotas:
            first, stop = quota_steps(quota, replay)
            if quota.shortfall_cost_per_unit is not None and first < stop:
                total += quota.shortfall_cost_per_unit * max(0.0, quota.least - made_within(process, quota, replay))
    return total


def _wear(schedule: Schedule, problem: ResponseProblem, step_h: float) -> float:
    return float(
        sum(
            battery.wear_cost_per_kwh * step_h * schedule.batteries[battery.battery_id].discharge_kw.sum()
            for battery in problem.site.batteries
        )
    )


def _event_money(schedule: Schedule, problem: ResponseProblem) -> tuple[float, float]:
    pay = penalty = 0.0
    for event in problem.events:
        mean_kw = float(np.mean(schedule.import_kw[event.first : event.stop]))
        commitment_kw = schedule.commitments_kw[event.event_id]
        pay += event.pay(commitment_kw, mean_kw)
        penalty += event.penalty(commitment_kw, mean_kw)
    return pay, penalty
