"""Reactive power in plain numbers: what is drawn before compensation, what compensators give, what is left to meter."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import ProcessUse, Run, Schedule, way_id
from domain.plant.expand import n_occupied, plan_ways, profile_kw
from domain.plant.reactive import is_available, tangents_of
from optimizer.formulation import Matrix
from optimizer.process_use import process_kw

NOTHING_KVAR = 1e-6
"""Reactive power this small is the solver's tolerance, not a decision. [kvar]"""
WHOLE = 1e-9
"""So near below a step a bank is a rounding short of it. [-]"""


@noun(eq=False)
class Compensation:
    """What compensators do and what is left; arrays have shape (n_steps,)."""

    given_kvar: dict[str, FloatArray]
    """By id of the compensator; negative: taken. [kvar]"""
    forward_kvar: FloatArray
    reverse_kvar: FloatArray
    loss_kw: FloatArray


def drawn_kvar(
    problem: ResponseProblem,
    *,
    runs: Iterable[Run],
    modulating_kw: Mapping[str, FloatArray],
    processes: Mapping[str, ProcessUse],
) -> FloatArray:
    """Give the reactive power that the site draws before compensation, shape (n_steps,). [kvar]."""
    grid, tangents = problem.horizon, tangents_of(problem.site, problem.plan)
    drawn = np.array(problem.base_kvar, dtype=np.float64)
    ways = plan_ways(problem.plan)
    for run in runs:
        way = ways[run.task_id, run.mode_id]
        first, tangent = grid.edge_of(run.start), tangents.of_way[way_id(run.task_id, run.mode_id)]
        drawn[first : first + n_occupied(way, grid.step_min)] += (
            tangent * run.lot_share * profile_kw(way, grid.step_min)
        )
    for process in problem.plan.processes:
        name = process.process_id
        drawn += tangents.of_process[name] * process_kw(process, processes[name], grid)
    for load_id, power_kw in modulating_kw.items():
        drawn += tangents.of_load[load_id] * power_kw
    return drawn


def followed(problem: ResponseProblem, drawn: FloatArray) -> dict[str, FloatArray]:
    """Give what controllers that aim at a power factor of 1 do: bank after bank as far as none gives too much. [kvar].

    Banks without a controller are on whenever they are available; static generators take what is left.
    """
    found: dict[str, FloatArray] = {}
    left = np.array(drawn)
    in_turn = sorted(problem.site.compensators, key=lambda one: (one.is_switched, one.stepless_kvar is not None))
    for one in in_turn:
        there = is_available(one, problem.horizon)
        if one.kvar_per_step is None:
            given = np.clip(left, -one.most_kvar, one.most_kvar) * there
        else:
            wanted = np.floor(left / one.kvar_per_step + WHOLE) if one.is_switched else float(one.steps_count)
            given = np.clip(wanted, 0, one.steps_count) * one.kvar_per_step * there
        found[one.compensator_id] = np.asarray(given, dtype=np.float64)
        left = left - given
    return {one.compensator_id: found[one.compensator_id] for one in problem.site.compensators}


def compensated(
    problem: ResponseProblem, drawn: FloatArray, given_kvar: Mapping[str, FloatArray] | None
) -> Compensation:
    """Take off what compensators give; ``given_kvar`` None: they follow the load."""
    given = (
        followed(problem, drawn) if given_kvar is None else {name: np.array(one) for name, one in given_kvar.items()}
    )
    net = np.array(drawn)
    loss_kw = np.zeros(drawn.size)
    for one in problem.site.compensators:
        net -= given[one.compensator_id]
        loss_kw += one.loss_kw_per_kvar * np.abs(given[one.compensator_id])
    net[np.abs(net) < NOTHING_KVAR] = 0.0
    return Compensation(
        given_kvar=given, forward_kvar=np.maximum(net, 0.0), reverse_kvar=np.maximum(-net, 0.0), loss_kw=loss_kw
    )


def compensated_anew(schedule: Schedule, net_kw: FloatArray, problem: ResponseProblem) -> Schedule:
    """Let compensators follow a schedule's load anew; ``net_kw`` is import less export with what they draw as it is."""
    drawn = drawn_kvar(problem, runs=schedule.runs, modulating_kw=schedule.modulating_kw, processes=schedule.processes)
    before, now = compensated(problem, drawn, schedule.compensation_kvar), compensated(problem, drawn, None)
    net_kw = net_kw + now.loss_kw - before.loss_kw
    return replace(
        schedule,
        import_kw=np.maximum(net_kw, 0.0),
        export_kw=np.maximum(-net_kw, 0.0),
        forward_kvar=now.forward_kvar,
        reverse_kvar=now.reverse_kvar,
        compensation_kvar=now.given_kvar,
    )


def given_from(problem: ResponseProblem, matrix: Matrix, values: FloatArray) -> dict[str, FloatArray] | None:
    """Read what compensators give from the columns of a solution; None where the plan does not count reactive power."""
    if problem.base_kvar is None:
        return None
    found = {one.compensator_id: np.zeros(problem.horizon.n_steps) for one in problem.site.compensators}
    per_step = {one.compensator_id: one.kvar_per_step or 0.0 for one in problem.site.compensators}
    for (name, t), column in matrix.columns_of("bank_steps").items():
        found[name][t] = round(values[column]) * per_step[name]
    for sign, columns in ((1.0, matrix.columns_of("giving_kvar")), (-1.0, matrix.columns_of("taking_kvar"))):
        for (name, t), column in columns.items():
            found[name][t] += sign * values[column]
    for given in found.values():
        given[np.abs(given) < NOTHING_KVAR] = 0.0
    return found
