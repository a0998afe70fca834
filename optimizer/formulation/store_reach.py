r"""How full and how empty a store can be at all: plain bounds of its level, before any model is stated.

With :math:`\kappa` left of the distance to the rest level after a step,
:math:`l_t - \rho = \kappa^{t+1} (\lambda - \rho) + \sum_{\tau \le t} \kappa^{t-\tau} f_\tau`. Each task's part of the sum is
bounded by its runs at their best starts, as many as gain and as there must be; each process' step by step. Beside that
goes the bound from step to step, :math:`l_t \le \min(\bar l, \rho + \kappa (l_{t-1} - \rho) + f^{max}_t)`. The tighter one
counts. Machines, power and what other stores hold are left out: what is impossible here is impossible.
"""

import numpy as np

from domain.checks import FloatArray
from domain.plant import Store
from optimizer.formulation.process_sets import ProcessSteps
from optimizer.formulation.sets import PlanSets, flow_by_step
from optimizer.formulation.starts import TaskStarts

N_LOOKS = 64
"""At so many steps, beside those in which something is drawn and the last, the runs' best starts are looked for. [-]"""


def level_reach(sets: PlanSets, store: Store) -> tuple[FloatArray, FloatArray]:
    """Give the least and the greatest level at the end of each step that anything could reach; shape (n_steps,).

    The store's own limits count on the way, not at the step itself: a greatest level below ``min_level`` says that the
    store must run dry, a least one above ``max_level`` that it must overflow.

    Returns
    -------
    tuple of FloatArray
        [store.unit]
    """
    return -_most(sets, store, -1.0), _most(sets, store, 1.0)


def _most(sets: PlanSets, store: Store, sign: float) -> FloatArray:
    """Bound sign · level from above."""
    grid = sets.problem.horizon
    drawn = sign * sets.store_draw[store.store_id]
    if sign < 0 and store.disposal_cost_per_unit is not None:
        return np.full(grid.n_steps, np.inf)
    kept, rest = store.kept_share(grid.step_h), sign * store.rest_level
    by_process = _process_flows(sets, store, sign)
    tasks = [_task_flows(sets, task_id, store, sign) for task_id in sets.ways_of]
    tasks = [ways for ways in tasks if ways]
    limit = store.max_level if sign > 0 else -store.min_level
    level = np.empty(grid.n_steps)
    in_step = by_process - drawn + sum((_most_in_a_step(ways, grid.n_steps) for ways in tasks), np.zeros(grid.n_steps))
    before = sign * store.start_level
    for t, most in enumerate(in_step.tolist()):
        level[t] = rest + kept * (before - rest) + most
        before = min(level[t], limit)
    looked_at = np.unique([*np.flatnonzero(drawn), *np.linspace(0, grid.n_steps - 1, N_LOOKS).astype(int)])
    powers = np.asarray(kept ** np.arange(grid.n_steps + 1), dtype=np.float64)
    aged = [[(one, _by_age(flow, powers)) for one, flow in ways] for ways in tasks]
    for t in looked_at.tolist():
        whole = rest + powers[t + 1] * (sign * store.start_level - rest)
        whole += float(powers[t::-1] @ (by_process - drawn)[: t + 1])
        whole += sum((_most_by(ways, t) for ways in aged), 0.0)
        level[t] = min(level[t], whole)
    return level


def _task_flows(sets: PlanSets, task_id: str, store: Store, sign: float) -> list[tuple[TaskStarts, FloatArray]]:
    """Give the ways to do a task with what a run brings in each of its steps; empty: none touches the store."""
    found = []
    for one in sets.ways(task_id):
        if one.steps.size:
            flows = [flow_by_step(flow, one.n_occupied) for flow in one.task.flows if flow.store_id == store.store_id]
            found.append((one, sign * np.sum(flows, axis=0) if flows else np.zeros(one.n_occupied)))
    return found if any(flow.any() for _, flow in found) else []


def _by_age(flow: FloatArray, powers: FloatArray) -> FloatArray:
    """Give what a run has brought by the end of each step since its first, less what has faded, shape (n_steps,)."""
    return np.asarray(np.convolve(flow, powers)[: powers.size - 1], dtype=np.float64)


def _most_by(ways: list[tuple[TaskStarts, FloatArray]], t: int) -> float:
    """Give the most that a task's runs can have brought by the end of a step, each way given by age."""
    worth, fixed, room = [], [], []
    for one, by_age in ways:
        begun = int(np.searchsorted(one.steps, t, side="right"))
        brought = np.zeros(one.steps.size)
        brought[:begun] = by_age[t - one.steps[:begun]]
        worth.append(np.maximum(brought, brought * one.task.least_lot_share))
        fixed.append(one.least_count)
        room.append(one.most_count - one.least_count)
    own = ways[0][0]
    if own.most_runs == 1 and own.task.movable:
        best = max(float(values.max()) for values in worth)
        return best if own.least_runs else max(best, 0.0)
    return _best_runs(np.concatenate(worth), np.concatenate(fixed), np.concatenate(room), own)


def _best_runs(worth: FloatArray, fixed: FloatArray, room: FloatArray, one: TaskStarts) -> float:
    """Give the greatest sum of worth over as many runs as there must be, and as gain."""
    order = np.argsort(-worth, kind="stable")
    spare = room[order]
    gaining, n_fixed = int(spare[worth[order] > 0].sum()), int(fixed.sum())
    left = min(max(gaining, one.least_runs - n_fixed), one.most_runs - n_fixed)
    taken = np.clip(left - (np.cumsum(spare) - spare), 0, spare)
    return float(worth @ fixed + worth[order] @ taken)


def _most_in_a_step(ways: list[tuple[TaskStarts, FloatArray]], n_steps: int) -> FloatArray:
    """Bound what a task's runs can bring within each step, shape (n_steps,)."""
    together, highest = np.zeros(n_steps), np.zeros(n_steps)
    for one, flow in ways:
        starts = np.zeros(n_steps)
        starts[one.steps] = one.most_count
        for offset, quantity in enumerate(flow.tolist()):
            if quantity > 0:
                here = np.concatenate([np.zeros(offset), starts[: n_steps - offset]])
                together += quantity * here
                highest = np.maximum(highest, quantity * (here > 0))
    return np.asarray(np.minimum(together, ways[0][0].most_runs * highest), dtype=np.float64)


def _process_flows(sets: PlanSets, store: Store, sign: float) -> FloatArray:
    """Bound what processes can bring within each step, shape (n_steps,)."""
    found = np.zeros(sets.problem.horizon.n_steps)
    for one in sets.processes.values():
        for flow in one.process.flows:
            if flow.store_id == store.store_id:
                found += _most_of_flow(one, sign * flow.quantity_per_unit, sign * flow.quantity_per_h)
    return found


def _most_of_flow(one: ProcessSteps, per_unit: float, per_h: float) -> FloatArray:
    """Give the greatest flow of a process in each step: off, or on at the better end of its rates."""
    if not one.process.movable:
        return np.asarray((per_unit * one.planned_rate + per_h * (one.planned_rate > 0)) * one.step_h, dtype=np.float64)
    slowest, fastest = one.rate_limits
    slowest = np.maximum(slowest, np.where(one.may_run, one.least, 0.0))
    on = (per_h + np.maximum(per_unit * slowest, per_unit * fastest)) * one.step_h
    on = np.where(one.may_run, on, 0.0)
    return np.asarray(np.where(one.must_run, on, np.maximum(on, 0.0)), dtype=np.float64)
