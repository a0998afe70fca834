"""Refusing plans in which a process could draw power for money and serve nothing.

Where prices fall below zero a model gladly burns what a plant would never burn: it lets a process run whose product
nobody needs. A plan's own limits keep it from that (a store fills up, a quota says how much at most) unless some
combination of processes can go on at will: the stores they move stay level, or overflow at no great cost. Whether there is
such a combination in a step is a linear program over the rates: the greatest gain per hour with all stores level.
"""

import numpy as np
from scipy.optimize import linprog

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.offers import ResponseProblem
from domain.plant import Store
from domain.text import Text
from domain.time import said_at
from optimizer.formulation.emissions import import_co2_cost_per_kwh
from optimizer.formulation.process_sets import ProcessSteps

NO_GAIN_PER_H = 1e-6
"""A gain this small is rounding. [currency / h]"""


class FreeBurningError(WattplanError, ValueError):
    """Prices fall below zero and processes could draw power that serves nothing."""

    code = "free_burning"
    words = Text(
        en="At {at} drawing power earns money, and process {processes} could draw it for nothing: {reason}. "
        "Give a quota of the process a most, or {mend}.",
        zh="{at} 用电反而赚钱，而连续设备 {processes} 可以毫无用处地耗电：{reason}。请为该设备的 quota 填写 most，或{mend}。",
    )


def gain_per_kwh(problem: ResponseProblem) -> FloatArray:
    """Bound what drawing a kWh more earns in each step, shape (n_steps,); negative: it costs. [currency / kWh].

    The price of energy and emissions count, and the pay of events that fill valleys.
    """
    grid = problem.horizon
    gain = -(problem.terms.energy_price_per_kwh + import_co2_cost_per_kwh(problem))
    for event in problem.events:
        if event.sign < 0:
            paid = max((band.per_delivered + band.per_committed for band in event.bands), default=0.0)
            gain[event.first : event.stop] += event.pay_per_kw * paid / ((event.stop - event.first) * grid.step_h)
    return np.asarray(gain, dtype=np.float64)


def refuse_free_burning(problem: ResponseProblem, found: dict[str, ProcessSteps]) -> None:
    """Refuse a plan with processes that could burn energy for money.

    Raises
    ------
    FreeBurningError
        If some could; it names them, the step, and the store that lets it happen.
    """
    gain = gain_per_kwh(problem)
    worst: dict[tuple[object, ...], int] = {}
    for t in np.flatnonzero(gain > 0).tolist():
        free = tuple(process_id for process_id, one in found.items() if _is_free(one, t))
        key = (free, tuple(round(float(found[process_id].on_cost_per_h[t]), 9) for process_id in free))
        if free and (key not in worst or gain[t] > gain[worst[key]]):
            worst[key] = t
    for t in sorted(worst.values()):
        _refuse_in_step(problem, [one for one in found.values() if _is_free(one, t)], t, float(gain[t]))


def _is_free(one: ProcessSteps, t: int) -> bool:
    """Say whether a process may run in a step without a quota that says how much at most."""
    capped = any(span.first <= t < span.stop and span.quota.most is not None for span in one.quotas.values())
    return bool(one.may_run[t]) and one.process.movable and not capped


def _refuse_in_step(problem: ResponseProblem, free: list[ProcessSteps], t: int, gain: float) -> None:
    """Maximise the gain per hour over being on and rates, with all stores level, and refuse if there is any."""
    stores = [store for store in problem.plan.stores if any(_touches(one, store) for one in free)]
    n, n_stores = len(free), len(stores)
    earned, rates, level = np.zeros(2 * n), np.zeros((2 * n, 2 * n)), np.zeros((n_stores, 2 * n))
    for number, one in enumerate(free):
        process, pair = one.process, [2 * number, 2 * number + 1]
        earned[pair] = gain * process.fixed_kw - one.on_cost_per_h[t], gain * process.kwh_per_unit - one.unit_cost
        rates[pair[0], pair] = one.least, -1.0
        rates[pair[1], pair] = -one.most, 1.0
        for flow in process.flows:
            row = [store.store_id for store in stores].index(flow.store_id)
            level[row, pair] += flow.quantity_per_h, flow.quantity_per_unit
    thrown = [store.disposal_cost_per_unit for store in stores]
    found = linprog(
        np.concatenate([-earned, [cost or 0.0 for cost in thrown]]),
        A_ub=np.hstack([rates, np.zeros((2 * n, n_stores))]),
        b_ub=np.zeros(2 * n),
        A_eq=np.hstack([level, -np.eye(n_stores)]),
        b_eq=np.zeros(n_stores),
        bounds=[(0.0, 1.0), (0.0, None)] * n + [(0.0, 0.0 if cost is None else None) for cost in thrown],
    )
    if found.x is None or found.fun is None or -found.fun <= NO_GAIN_PER_H:
        return
    gains = (earned * found.x[: 2 * n]).reshape(n, 2).sum(axis=1)
    burning = [one for one, earns in zip(free, gains.tolist(), strict=True) if earns > 0]
    wasted = [store for store, units in zip(stores, found.x[2 * n :], strict=True) if units > NO_GAIN_PER_H]
    raise _refusal(problem, burning, wasted, t)


def _touches(one: ProcessSteps, store: Store) -> bool:
    return any(flow.store_id == store.store_id for flow in one.process.flows)


def _refusal(problem: ResponseProblem, burning: list[ProcessSteps], wasted: list[Store], t: int) -> FreeBurningError:
    names = ", ".join(store.store_id for store in wasted)
    if wasted:
        reason = Text(
            en=f"what it makes can be thrown away from store {names} for less than that",
            zh=f"其产物可从储存 {names} 以更低的费用丢弃",
        )
        mend = Text(
            en=f"let disposal_cost_per_unit of {names} say what throwing away costs, or leave it out to forbid it",
            zh=f"在 {names} 的 disposal_cost_per_unit 中填写真实的丢弃费用，或不填以禁止丢弃",
        )
    else:
        reason = Text(en="no store and no quota limits it", zh="没有储存或 quota 限制其用量")
        mend = Text(en="let a flow bring what it makes to a store", zh="用 flows 将其产物送入储存")
    return FreeBurningError(
        processes=", ".join(one.process.process_id for one in burning),
        stores=names,
        at=said_at(problem.horizon.at(t), problem.site.zone),
        reason=reason,
        mend=mend,
    )
