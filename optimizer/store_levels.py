"""Stores in plain numbers: what runs and processes bring and take, what must be thrown away, how full it leaves them."""

from collections import deque
from collections.abc import Iterable, Mapping

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import ProcessUse, Run, Store
from domain.plant.expand import n_occupied, plan_ways
from domain.time import TimeGrid
from optimizer.formulation.sets import flow_by_step

NOTHING = 1e-9
"""A quantity this small is the rest of a subtraction. [store.unit]"""


def brought_and_taken(
    problem: ResponseProblem, runs: Iterable[Run], processes: Mapping[str, ProcessUse]
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Give what comes into and what goes out of each store in each step, draws and deliveries included.

    Returns
    -------
    dict of tuple of FloatArray
        By store id; shape (n_steps,). [store.unit]
    """
    grid, ways = problem.horizon, plan_ways(problem.plan)
    found = {one.store_id: (np.zeros(grid.n_steps), np.zeros(grid.n_steps)) for one in problem.plan.stores}
    for run in runs:
        way, first = ways[run.task_id, run.mode_id], grid.edge_of(run.start)
        n_steps = n_occupied(way, grid.step_min)
        for flow in way.flows:
            quantity = run.lot_share * flow_by_step(flow, n_steps)
            found[flow.store_id][int(flow.quantity < 0)][first : first + n_steps] += np.abs(quantity)
    for process in problem.plan.processes:
        use = processes[process.process_id]
        for rated in process.flows:
            for per_h, times in ((rated.quantity_per_unit, use.rate), (rated.quantity_per_h, use.is_on)):
                found[rated.store_id][int(per_h < 0)][:] += abs(per_h) * times * grid.step_h
    for store in problem.plan.stores:
        for draw in store.draws:
            t = grid.step_of(draw.at)
            if 0 <= t < grid.n_steps:
                found[store.store_id][int(draw.quantity > 0)][t] += abs(draw.quantity)
    return found


def levels(store: Store, grid: TimeGrid, net: FloatArray) -> FloatArray:
    """Give the level at the end of each step from what comes less what goes, shape (n_steps,). [store.unit]."""
    left = store.kept_share(grid.step_h) ** np.arange(1, net.size + 1)
    return store.rest_level + left * (store.start_level - store.rest_level) + spread(store, grid, net)


def spread(store: Store, grid: TimeGrid, net: FloatArray) -> FloatArray:
    """Give what a flow changes of the level at the end of each step, shape (n_steps,). [store.unit]."""
    kept = store.kept_share(grid.step_h)
    if kept == 1:
        return np.asarray(np.cumsum(net), dtype=np.float64)
    found, change = np.empty(net.size), 0.0
    for t, quantity in enumerate(net.tolist()):
        change = kept * change + quantity
        found[t] = change
    return found


def thrown_away(store: Store, grid: TimeGrid, brought: FloatArray, taken: FloatArray) -> FloatArray:
    """Give what people throw away in each step: what is too old and what does not fit, shape (n_steps,). [store.unit].

    Nothing where the store does not allow it. The oldest goods go first.
    """
    most = np.full(grid.n_steps, store.max_level)
    most[-1] = store.most_at_end
    if store.disposal_cost_per_unit is None:
        return np.zeros(grid.n_steps)
    if store.max_hold_min is not None:
        return _out_of_the_queue(store, brought, taken, most, keeps=store.max_hold_min // grid.step_min)
    thrown = np.zeros(grid.n_steps)
    kept, level = store.kept_share(grid.step_h), store.start_level
    for t in range(grid.n_steps):
        level = store.rest_level + kept * (level - store.rest_level) + brought[t] - taken[t]
        thrown[t] = max(0.0, level - most[t])
        level -= thrown[t]
    return thrown


def _out_of_the_queue(
    store: Store, brought: FloatArray, taken: FloatArray, most: FloatArray, *, keeps: int
) -> FloatArray:
    """Let goods queue and give what leaves the queue unused, shape (n_steps,)."""
    queue = deque([[-1.0, store.start_level]])
    thrown, lacking = np.zeros(brought.size), 0.0
    for t in range(brought.size):
        queue.append([float(t), float(brought[t])])
        lacking = _take(queue, lacking + float(taken[t]))
        old = sum(quantity for since, quantity in queue if since <= t - keeps)
        thrown[t] = max(old, sum(quantity for _, quantity in queue) - most[t], 0.0)
        _take(queue, float(thrown[t]))
    return thrown


def _take(queue: deque[list[float]], wanted: float) -> float:
    """Take a quantity out of a queue of goods, the oldest first; give what it lacks."""
    while wanted > NOTHING and queue:
        used = min(wanted, queue[0][1])
        wanted -= used
        queue[0][1] -= used
        if queue[0][1] <= NOTHING:
            queue.popleft()
    return wanted


def held_too_long(store: Store, grid: TimeGrid, brought: FloatArray, level: FloatArray) -> FloatArray:
    """Give what is older than it may be at the end of each step, shape (n_steps,); 0 or less: nothing. [store.unit]."""
    if store.max_hold_min is None:
        return np.zeros(grid.n_steps)
    keeps = store.max_hold_min // grid.step_min
    came = np.concatenate([[0.0], np.cumsum(brought)])
    steps = np.arange(grid.n_steps)
    lately = came[steps + 1] - came[np.maximum(steps + 1 - keeps, 0)]
    return np.where(steps >= keeps - 1, level - lately, 0.0)
