"""From the columns of a solution to the schedule they mean."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import ChangeoverRun, Run, Schedule
from domain.plant.expand import plan_ways
from domain.programmes.terms import EventTerm
from optimizer.assemble import assemble, battery_use
from optimizer.compensation import given_from
from optimizer.formulation import Matrix
from optimizer.process_use import process_uses
from optimizer.today import StartPlan

NOTHING_KW = 1e-7
"""Power this small is the solver's tolerance, not a decision. [kW]"""


def starts_of(matrix: Matrix, values: FloatArray, way_ids: Iterable[str]) -> StartPlan:
    """Read the start steps of the runs in each way."""
    starts: StartPlan = {way_id: [] for way_id in way_ids}
    for (way_id, step), column in matrix.columns_of("run_count").items():
        starts[way_id] += [step] * round(values[column])
    return starts


def runs_from(problem: ResponseProblem, matrix: Matrix, values: FloatArray) -> list[Run]:
    """Read the runs; where a lot may be smaller than a full run, those that start together share theirs equally."""
    grid, lots = problem.horizon, matrix.columns_of("lot_share")
    ways = {way.task_id: key for key, way in plan_ways(problem.plan).items()}
    runs: list[Run] = []
    for (way_id, step), column in matrix.columns_of("run_count").items():
        count = round(values[column])
        if not count:
            continue
        task_id, mode_id = ways[way_id]
        share = float(values[lots[way_id, step]]) / count if (way_id, step) in lots else 1.0
        least = problem.plan.task(task_id).least_lot_share
        one = Run(task_id=task_id, start=grid.at(step), mode_id=mode_id, lot_share=min(max(share, least), 1.0))
        runs += [one] * count
    return runs


def changeovers_from(problem: ResponseProblem, matrix: Matrix, values: FloatArray) -> list[ChangeoverRun]:
    """Read the changeovers."""
    found: list[ChangeoverRun] = []
    for (machine_id, before, after, step), column in matrix.columns_of("change_count").items():
        one = ChangeoverRun(machine_id=machine_id, from_family=before, to_family=after, start=problem.horizon.at(step))
        found += [one] * round(values[column])
    return found


def disposed_from(problem: ResponseProblem, matrix: Matrix, values: FloatArray) -> dict[str, FloatArray]:
    """Read what is thrown away, by store, shape (n_steps,). [store.unit]."""
    found = {
        one.store_id: np.zeros(problem.horizon.n_steps)
        for one in problem.plan.stores
        if one.disposal_cost_per_unit is not None
    }
    for (store_id, t), column in matrix.columns_of("disposed").items():
        found[store_id][t] = max(float(values[column]), 0.0)
    return found


def schedule_from(problem: ResponseProblem, matrix: Matrix, values: FloatArray) -> Schedule:
    """Read a solution; states, import and export are computed anew from the decisions."""
    grid = problem.horizon
    batteries = {}
    for one in problem.site.batteries:
        charge_kw = _series(matrix, values, "charge_kw", one.battery_id, grid.n_steps)
        discharge_kw = _series(matrix, values, "discharge_kw", one.battery_id, grid.n_steps)
        batteries[one.battery_id] = battery_use(one, charge_kw, discharge_kw, grid.step_h)
    commitments = {event.event_id: 0.0 for event in problem.events}
    for (event_id, _), column in matrix.columns_of("committed_kw").items():
        commitments[event_id] += float(values[column])
    schedule = assemble(
        problem,
        runs=runs_from(problem, matrix, values),
        modulating_kw={
            one.load_id: _series(matrix, values, "modulating_kw", one.load_id, grid.n_steps)
            for one in problem.plan.modulating_loads
        },
        batteries=batteries,
        pv_used_kw={
            one.pv_id: _series(matrix, values, "pv_used_kw", one.pv_id, grid.n_steps) for one in problem.site.pv
        },
        processes=process_uses(problem, matrix, values),
        changeovers=changeovers_from(problem, matrix, values),
        disposed=disposed_from(problem, matrix, values),
        compensation_kvar=given_from(problem, matrix, values),
        commitments_kw={event_id: kw if kw > NOTHING_KW else 0.0 for event_id, kw in commitments.items()},
    )
    return replace(
        schedule,
        commitments_kw={
            event.event_id: whole_kw(
                event, schedule.commitments_kw[event.event_id], schedule.import_kw[event.first : event.stop].mean()
            )
            for event in problem.events
        },
    )


def whole_kw(event: EventTerm, commitment_kw: float, mean_import_kw: float) -> float:
    """Give a commitment in whole kW where that brings the same money, as bids are made; else as it is. [kW]."""
    if event.promise_id is not None:  # other terms settle the same commitment
        return commitment_kw
    worth = event.pay(commitment_kw, mean_import_kw) - event.penalty(commitment_kw, mean_import_kw)
    for rounded_kw in (float(math.ceil(commitment_kw)), float(math.floor(commitment_kw))):
        if not event.min_commitment_kw <= rounded_kw <= event.max_commitment_kw:
            continue
        if event.pay(rounded_kw, mean_import_kw) - event.penalty(rounded_kw, mean_import_kw) >= worth:
            return rounded_kw
    return commitment_kw


def _series(matrix: Matrix, values: FloatArray, name: str, subject: str, n_steps: int) -> FloatArray:
    power = np.zeros(n_steps)
    for (owner, t), column in matrix.columns_of(name).items():
        if owner == subject:
            power[t] = values[column]
    power[np.abs(power) < NOTHING_KW] = 0.0
    return power
