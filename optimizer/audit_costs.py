"""What a schedule costs, counted again from its runs and its load."""

from collections.abc import Sequence

import numpy as np

from domain.offers.response import CostParts, ResponseProblem
from domain.plant import Schedule
from optimizer.audit_replay import MINUTE, Crews, PlacedRun

HOUR_MIN = 60


def replayed_costs(
    schedule: Schedule, placed: Sequence[PlacedRun], problem: ResponseProblem, crews: Crews
) -> CostParts:
    """Count a schedule's costs part by part. [currency].

    Demand charges, what rests on several quantities of the bill, and events are asked of the tariff's and the programme's own evaluators, which
    the bills and the settlement are tested against; everything else is added up here.
    """
    step_h = problem.horizon.step_min / HOUR_MIN
    energy_kwh = schedule.import_kw * step_h
    pay, penalty = _event_money(schedule, problem)
    return CostParts(
        constant_cost=problem.terms.constant,
        energy_cost=float(np.sum(problem.terms.energy_price_per_kwh * energy_kwh))
        - _fed_in_pay(schedule, problem, step_h),
        demand_cost=float(sum(term.cost(schedule.import_kw) for term in problem.terms.demand)),
        coupled_cost=problem.terms.coupled_cost(schedule.import_kw, schedule.export_kw),
        labour_cost=_labour(placed, crews, step_h),
        lateness_cost=float(sum(_lateness(run, problem) for run in placed)),
        start_cost=float(sum(run.task.start_cost for run in placed)),
        wear_cost=_wear(schedule, problem, step_h),
        event_pay=pay,
        event_penalty=penalty,
    )


def _fed_in_pay(schedule: Schedule, problem: ResponseProblem, step_h: float) -> float:
    if problem.terms.export_price_per_kwh is None:
        return 0.0
    return float(np.sum(problem.terms.export_price_per_kwh * schedule.export_kw * step_h))


def _labour(placed: Sequence[PlacedRun], crews: Crews, step_h: float) -> float:
    """People × wage over the occupied steps; where nobody is there it costs nothing and is a finding."""
    n_steps = crews.wage_per_h.size
    return float(
        sum(
            run.task.crew_count * crews.wage_per_h[step] * step_h
            for run in placed
            if run.task.crew_count > 0
            for step in run.steps(n_steps)
        )
    )


def _lateness(run: PlacedRun, problem: ResponseProblem) -> float:
    for order in problem.plan.orders:
        if order.order_id == run.task.order_id and order.lateness_cost_per_h is not None:
            late_min = (run.end - order.due) / MINUTE
            return order.lateness_cost_per_h * max(0.0, late_min) / HOUR_MIN
    return 0.0


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
