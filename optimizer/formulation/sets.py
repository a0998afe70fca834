"""What the equations range over: possible starts, occupied steps, flows, shifts, knots, bands.

Plain numbers from the nouns, without a solver. Every branch on data is taken here, so that the rules of
the other modules read like their formulas.
"""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Flow, Utility
from domain.plant.expand import machine_available, people_there, pv_available_kw, utility_limit, wages_per_h
from optimizer.formulation.changeover_sets import ChangeKey, ChangeStarts, SetMachine, change_starts, set_machines
from optimizer.formulation.coupled_nodes import Coupled
from optimizer.formulation.coupled_slopes import coupled
from optimizer.formulation.emissions import co2_cost_per_kg, import_co2_cost_per_kwh
from optimizer.formulation.free_burning import refuse_free_burning
from optimizer.formulation.load_limits import LoadLimits, load_limits
from optimizer.formulation.process_sets import ProcessSteps, process_steps
from optimizer.formulation.reactive_limits import reactive_limits
from optimizer.formulation.reactive_sets import ReactiveSets, reactive_sets
from optimizer.formulation.shifts import LoadShift, load_shifts
from optimizer.formulation.starts import IntArray, RunStart, TaskStarts, way_starts


@noun(eq=False)
class CapacityRow:
    """A machine in one step that more runs and processes could want than can have it."""

    machine_id: str
    t: int
    occupants: tuple[RunStart, ...]
    available_count: int
    """[-]"""


@noun(eq=False)
class PlanSets:
    """All index sets of one problem."""

    problem: ResponseProblem
    tasks: dict[str, TaskStarts]
    """By the id of a way to do a task: the task's own for its own way."""
    ways_of: dict[str, tuple[str, ...]]
    """By task id: the ids of its ways, its own first."""
    capacity: dict[tuple[str, int], CapacityRow]
    run_kw: tuple[tuple[tuple[RunStart, float], ...], ...]
    """Per step: what each run start draws then. [kW]"""
    store_flow: dict[tuple[str, int], tuple[tuple[RunStart, float], ...]]
    """Per store and step: what each run start brings. [store.unit]"""
    store_draw: dict[str, FloatArray]
    """Per store, less what is delivered, shape (n_steps,). [store.unit]"""
    store_delivered: dict[str, FloatArray]
    """Per store, what is delivered alone, shape (n_steps,). [store.unit]"""
    processes: dict[str, ProcessSteps]
    """By process id."""
    set_machines: dict[str, SetMachine]
    """Machines that changeovers name, by id: they have no capacity rows."""
    changes: dict[ChangeKey, ChangeStarts]
    """Changeovers by machine, family before and family after."""
    utility_limit: dict[str, FloatArray]
    """Most that can be drawn from outside, by utility id, shape (n_steps,). [utility.unit]"""
    people_there: FloatArray
    """Infinite where there are always enough, shape (n_steps,). [-]"""
    shifts: dict[tuple[str, int], LoadShift]
    """By load id and number of the shift."""
    pv_available_kw: dict[str, FloatArray]
    """By PV id, shape (n_steps,). [kW]"""
    limits: LoadLimits
    coupled: Coupled
    """What the tariff charges for several quantities together."""
    waste_pays: npt.NDArray[np.bool_]
    """Steps in which drawing more, or feeding in less, can be worth money, shape (n_steps,)."""
    passing_pays: npt.NDArray[np.bool_]
    """Steps in which importing and exporting more can be worth money, shape (n_steps,)."""
    reactive: ReactiveSets | None
    """Compensators and reactive loads, where the plan counts reactive power."""

    @property
    def reactive_pays(self) -> npt.NDArray[np.bool_]:
        """Steps in which more reactive power can be worth money, shape (n_steps,)."""
        return np.asarray(self.coupled.least_per_reactive_kvar < 0)

    def wanted_count(self, task_id: str) -> tuple[int, int]:
        """Give how many runs a task has at least and at most, whatever their ways. [-]."""
        own = self.tasks[task_id]
        return own.least_runs, own.most_runs

    def utility_cost_per_unit_h(self, utility: Utility) -> float:
        """Give what an hour of a unit drawn from outside costs, emissions included. [currency / (unit h)]."""
        return utility.price_per_unit_h + utility.co2_kg_per_unit_h * co2_cost_per_kg(self.problem)

    def ways(self, task_id: str) -> tuple[TaskStarts, ...]:
        """Give all ways to do a task."""
        return tuple(self.tasks[way_id] for way_id in self.ways_of[task_id])


def flow_by_step(flow: Flow, n_steps: int) -> FloatArray:
    """Give what a run brings to a store in each of its occupied steps, shape (n_steps,). [store.unit]."""
    shares = np.zeros(n_steps)
    if flow.when == "evenly":
        shares[:] = 1 / n_steps
    else:
        shares[0 if flow.when == "start" else n_steps - 1] = 1.0
    return np.asarray(flow.quantity * shares, dtype=np.float64)


def capacity_rows(
    problem: ResponseProblem, tasks: dict[str, TaskStarts], processes: dict[str, ProcessSteps]
) -> dict[tuple[str, int], CapacityRow]:
    """Give the machine steps that bind; a row that a neighbour of the same availability implies is left out.

    Where a process may hold the machine no row is implied by another, for it decides anew in each step.
    """
    found: dict[tuple[str, int], CapacityRow] = {}
    needs_set_up = {one.machine_id for one in problem.plan.changeovers}
    for machine in problem.plan.machines:
        if machine.machine_id in needs_set_up:
            continue
        available = machine_available(problem.plan, machine.machine_id, problem.horizon)
        occupants: dict[int, list[RunStart]] = defaultdict(list)
        demand = np.zeros(problem.horizon.n_steps, dtype=np.int64)
        for task_id, one in tasks.items():
            if machine.machine_id not in one.task.machine_ids:
                continue
            for step, most in zip(one.steps.tolist(), one.most_count.tolist(), strict=True):
                demand[step : step + one.n_occupied] += most
                for t in range(step, step + one.n_occupied):
                    occupants[t].append((task_id, step))
        held = [one.may_run for one in processes.values() if machine.machine_id in one.process.machine_ids]
        demand += np.sum(held, axis=0, dtype=np.int64) if held else 0
        binding = np.flatnonzero(demand > available).tolist()
        rows = {t: frozenset(occupants[t]) for t in binding}
        kept = binding if held else _without_implied(rows, available)
        for t in kept:
            found[machine.machine_id, t] = CapacityRow(
                machine_id=machine.machine_id,
                t=t,
                occupants=tuple(occupants[t]),
                available_count=int(available[t]),
            )
    return found


def _without_implied(rows: dict[int, frozenset[RunStart]], available: IntArray) -> list[int]:
    dropped: set[int] = set()
    for t, later in pairwise(sorted(rows)):
        if available[t] != available[later]:
            continue
        if rows[later] <= rows[t]:
            dropped.add(later)
            rows[later] = rows[t]  # the next step is compared with the row that was kept
        elif rows[t] <= rows[later]:
            dropped.add(t)
    # a chain of equal rows keeps its first member
    return [t for t in sorted(rows) if t not in dropped]


def _store_flows(
    problem: ResponseProblem, tasks: dict[str, TaskStarts]
) -> dict[tuple[str, int], tuple[tuple[RunStart, float], ...]]:
    found: dict[tuple[str, int], list[tuple[RunStart, float]]] = {
        (store.store_id, t): [] for store in problem.plan.stores for t in range(problem.horizon.n_steps)
    }
    for task_id, one in tasks.items():
        for flow in one.task.flows:
            quantities = flow_by_step(flow, one.n_occupied)
            for step in one.steps.tolist():
                for offset in np.flatnonzero(quantities).tolist():
                    found[flow.store_id, step + offset].append(((task_id, step), float(quantities[offset])))
    return {key: tuple(pairs) for key, pairs in found.items()}


def store_draws(problem: ResponseProblem) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Give each store's draws by step, less deliveries, and its deliveries alone; what lies outside touches neither.

    Returns
    -------
    tuple of dict of FloatArray
        By store id, shape (n_steps,). [store.unit]
    """
    grid = problem.horizon
    drawn = {store.store_id: np.zeros(grid.n_steps) for store in problem.plan.stores}
    delivered = {store.store_id: np.zeros(grid.n_steps) for store in problem.plan.stores}
    for store in problem.plan.stores:
        for draw in store.draws:
            t = grid.step_of(draw.at)
            if 0 <= t < grid.n_steps:
                drawn[store.store_id][t] += draw.quantity
                delivered[store.store_id][t] += max(-draw.quantity, 0.0)
    return drawn, delivered


def where_waste_pays(
    problem: ResponseProblem, found: Coupled, limits: LoadLimits
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Say in which steps drawing more (or feeding in less) can be worth money, and in which passing power through can.

    That is where the least change of the whole bill and of the emissions' cost per kW is not positive, and within events
    that fill valleys. Only there could a model gain by charging while discharging, or by importing while exporting. Where
    generation may exceed what can be used and fed in, a battery that burns the rest could pay at any time.
    """
    co2_cost_per_kw = import_co2_cost_per_kwh(problem) * problem.horizon.step_h
    waste = (found.least_per_import_kw + co2_cost_per_kw <= 0) | (found.most_per_export_kw > 0)
    passing = found.least_per_passed_kw + co2_cost_per_kw <= 0
    for event in problem.events:
        if event.sign < 0:
            waste[event.first : event.stop] = True
            passing[event.first : event.stop] = True
    return waste | limits.may_have_surplus, passing


def plan_sets(problem: ResponseProblem) -> PlanSets:
    """Build all index sets of one problem."""
    wages = wages_per_h(problem.plan, problem.horizon, problem.calendar)
    by_task = {task.task_id: way_starts(task, problem, wages) for task in problem.plan.tasks}
    tasks = {way_id: one for ways in by_task.values() for way_id, one in ways.items()}
    processes = process_steps(problem, wages)
    refuse_free_burning(problem, processes)
    machines = set_machines(problem)
    drawn, delivered = store_draws(problem)
    shifts = load_shifts(problem)
    sun_kw = {one.pv_id: pv_available_kw(one, problem.horizon, problem.site.zone) for one in problem.site.pv}
    reactive = reactive_sets(problem)
    limits = load_limits(
        problem, tasks, processes, shifts, sun_kw, most_loss_kw=None if reactive is None else reactive.most_loss_kw
    )
    if reactive is not None:
        by_process = dict(zip(processes, limits.processes, strict=True))
        limits = replace(limits, reactive=reactive_limits(problem, reactive, tasks, by_process, shifts))
    found = coupled(problem.terms, limits)
    waste, passing = where_waste_pays(problem, found, limits)
    run_kw: list[list[tuple[RunStart, float]]] = [[] for _ in range(problem.horizon.n_steps)]
    for task_id, one in tasks.items():
        power = one.profile_kw.tolist()
        for step in one.steps.tolist():
            for offset, kw in enumerate(power):
                if kw:
                    run_kw[step + offset].append(((task_id, step), kw))
    return PlanSets(
        problem=problem,
        tasks=tasks,
        ways_of={task_id: tuple(ways) for task_id, ways in by_task.items()},
        capacity=capacity_rows(problem, tasks, processes),
        run_kw=tuple(tuple(pairs) for pairs in run_kw),
        store_flow=_store_flows(problem, tasks),
        store_draw=drawn,
        store_delivered=delivered,
        processes=processes,
        set_machines=machines,
        changes=change_starts(problem, machines, wages),
        utility_limit={one.utility_id: utility_limit(one, problem.horizon) for one in problem.plan.utilities},
        people_there=people_there(problem.plan, problem.horizon, problem.calendar),
        shifts=shifts,
        pv_available_kw=sun_kw,
        limits=limits,
        coupled=found,
        waste_pays=waste,
        passing_pays=passing,
        reactive=reactive,
    )
