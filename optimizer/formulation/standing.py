r"""The plan that people already act on: equation (K1) of docs/formulation.md.

==============================  ============================  ======  ==========================================
symbol                          code                          unit    meaning
==============================  ============================  ======  ==========================================
:math:`\nu_{ks}`                ``m.given_up_count[k, s]``    -       planned runs of way k in step s not done then
:math:`\bar x_{ks}`             ``m.planned_count[k, s]``     -       runs of way k planned for step s
:math:`T^0`                     ``n_past``                    -       steps that have begun
==============================  ============================  ======  ==========================================

What has begun is fixed by the bounds of the variables. Where no more runs can start in a step than are planned for it,
what is given up is :math:`\bar x - x` itself and needs no variable: it is entered in the ledger. A run's distance from
the nearest planned start, and a process on where it was to be off, are linear in their own variables and entered alike.
Wishes (``ResponseProblem.wishes``) are bounds too.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from pyomo.environ import ConcreteModel, Constraint, NonNegativeReals, Param, Set, Var

from domain.checks import FloatArray
from domain.offers import StandingPlan
from optimizer.formulation.sets import PlanSets
from optimizer.standing import (
    StandingRunGoneError,
    Starts,
    hours_from,
    local_minute,
    n_past,
    of_task,
    standing_changes,
    standing_lots,
    standing_series,
    standing_starts,
)
from optimizer.wishes import WishNotPossibleError, named, wished_starts, wished_steps

RUNNING_SHARE = 1e-3
"""A process without a state of being on is on from this share of its greatest rate. [-]"""


def given_up(m: ConcreteModel, k: str, s: int) -> object:
    r"""(K1) :math:`\nu_{ks} \ge \bar x_{ks} - x_{ks}`."""
    return m.given_up_count[k, s] >= m.planned_count[k, s] - m.run_count[k, s]


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Fix what has begun and price what is left of the standing plan, in a model that has everything that can move."""
    standing = sets.problem.standing
    planned: Starts = {} if standing is None else standing_starts(standing, sets.problem)
    most = {
        (k, s): count
        for k, one in sets.tasks.items()
        for s, count in zip(one.steps.tolist(), one.most_count.tolist(), strict=True)
    }
    counts = {(k, s): count for k, steps in planned.items() for s, count in steps.items()}
    uneven = [key for key, count in counts.items() if most.get(key, 0) > count]
    m.UNEVEN_STARTS = Set(initialize=uneven, dimen=2)
    m.planned_count = Param(m.UNEVEN_STARTS, initialize={key: counts[key] for key in uneven})
    # no more is given up than was planned: (K1) asks for less, and it only costs
    m.given_up_count = Var(m.UNEVEN_STARTS, domain=NonNegativeReals, bounds={key: (0, counts[key]) for key in uneven})
    if standing is not None:
        _fix_what_began(m, sets, standing, counts)
        _price_runs(m, sets, standing, planned, most)
        _price_processes(m, sets, standing)
    _keep_wishes(m, sets)
    m.given_up = Constraint(m.UNEVEN_STARTS, rule=given_up, doc="K1")


def _keep_wishes(m: ConcreteModel, sets: PlanSets) -> None:
    """Let no schedule leave a wish: at least as many runs start then as are wished, a process is on or off."""
    wished = wished_starts(sets.problem)
    for key, count in wished.items():
        if key not in m.run_count or m.run_count[key].ub < count:
            raise WishNotPossibleError(wish=named(key[0], key[1], sets.problem))
        m.run_count[key].setlb(max(m.run_count[key].lb, float(count)))
    for process_id, t, is_on in wished_steps(sets.problem):
        if (process_id, t) in m.process_on:
            variable, least, most = m.process_on[process_id, t], float(is_on), float(is_on)
        else:
            variable = m.process_rate[process_id, t]
            greatest = sets.processes[process_id].process.max_rate
            least, most = (RUNNING_SHARE * greatest, greatest) if is_on else (0.0, 0.0)
        # other wishes, what has begun and what may or must run have set limits already
        least, most = max(least, variable.lb), min(most, variable.ub)
        if least > most:
            raise WishNotPossibleError(wish=named(process_id, t, sets.problem))
        variable.setlb(least)
        variable.setub(most)


def _fix_what_began(
    m: ConcreteModel, sets: PlanSets, standing: StandingPlan, counts: dict[tuple[str, int], int]
) -> None:
    past = n_past(standing, sets.problem.horizon)
    for (k, s), count in counts.items():
        if s < past and ((k, s) not in m.run_count or m.run_count[k, s].ub < count):
            raise StandingRunGoneError(task_id=k, start=local_minute(sets.problem.horizon.at(s), sets.problem))
    shares, changes = standing_lots(standing, sets.problem), standing_changes(standing, sets.problem)
    for variable, done in ((m.run_count, counts), (m.lot_share, shares), (m.change_count, changes)):
        for key in variable:
            if key[-1] < past:
                _fix(variable[key], float(done.get(key, 0.0)))
    schedule = standing.schedule
    _fix_compensation(m, sets, standing, past)
    batteries, processes = schedule.batteries.items(), schedule.processes.items()
    for variable, series in (
        (m.modulating_kw, schedule.modulating_kw),
        (m.pv_used_kw, schedule.pv_used_kw),
        (m.disposed, schedule.disposed),
        (m.charge_kw, {name: use.charge_kw for name, use in batteries}),
        (m.discharge_kw, {name: use.discharge_kw for name, use in batteries}),
        (m.process_rate, {name: use.rate for name, use in processes}),
        (m.process_on, {name: use.is_on.astype(np.float64) for name, use in processes}),
    ):
        for name, values in series.items():
            keys = [(name, t) for t in range(past)]
            _fix_series(variable, keys, standing_series(values, standing, sets.problem.horizon))


def _fix_compensation(m: ConcreteModel, sets: PlanSets, standing: StandingPlan, past: int) -> None:
    """Keep what compensators gave before now, where both plans count reactive power."""
    for c, given in standing.schedule.compensation_kvar.items() if sets.reactive is not None else ():
        keys = [(c, t) for t in range(past)]
        values = standing_series(given, standing, sets.problem.horizon)
        if c in m.kvar_per_step:
            _fix_series(m.bank_steps, keys, np.round(values / m.kvar_per_step[c]))
        else:
            _fix_series(m.giving_kvar, keys, np.maximum(values, 0.0))
            _fix_series(m.taking_kvar, keys, np.maximum(-values, 0.0))


def _fix_series(variable: Any, keys: Iterable[tuple[str, int]], values: FloatArray) -> None:
    for key in keys:
        if key in variable and np.isfinite(values[key[1]]):
            _fix(variable[key], float(values[key[1]]))


def _fix(variable: Any, value: float) -> None:
    variable.setlb(value)
    variable.setub(value)


def _price_runs(
    m: ConcreteModel, sets: PlanSets, standing: StandingPlan, planned: Starts, most: dict[tuple[str, int], int]
) -> None:
    for k, steps in planned.items():
        for s, count in steps.items():
            if (k, s) in m.UNEVEN_STARTS:
                m.ledger.cost.append((m.given_up_count[k, s], standing.run_change_cost))
                continue
            m.ledger.constant_cost += count * standing.run_change_cost
            if (k, s) in most:
                m.ledger.cost.append((m.run_count[k, s], -standing.run_change_cost))
    if not standing.run_shift_cost_per_h:
        return
    for task in sets.problem.plan.tasks:
        nearest = of_task(planned, task)
        for way in task.ways():
            for s in sets.tasks[way.task_id].steps.tolist():
                hours = hours_from(nearest, s, sets.problem.horizon.step_h)
                if hours:
                    m.ledger.cost.append((m.run_count[way.task_id, s], hours * standing.run_shift_cost_per_h))


def _price_processes(m: ConcreteModel, sets: PlanSets, standing: StandingPlan) -> None:
    """Price |on - planned|: on itself where it was to be off, 1 - on where it was to be on."""
    per_step = standing.process_change_cost_per_h * sets.problem.horizon.step_h
    if not per_step:
        return
    for process in sets.problem.plan.processes:
        use = standing.schedule.processes.get(process.process_id)
        if use is None or not process.is_switched:
            continue
        was_on = standing_series(use.is_on.astype(np.float64), standing, sets.problem.horizon)
        for t in np.flatnonzero(np.isfinite(was_on)).tolist():
            key = process.process_id, t
            if was_on[t]:
                m.ledger.constant_cost += per_step
            if key in m.process_on:
                m.ledger.cost.append((m.process_on[key], per_step if not was_on[t] else -per_step))
