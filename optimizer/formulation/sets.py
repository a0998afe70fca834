"""What the equations range over: possible starts, occupied steps, flows, shifts, knots, bands.

Plain numbers from the nouns, without a solver. Every branch on data is taken here, so that the rules of
the other modules read like their formulas.
"""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Flow, Task
from domain.plant.expand import (
    lateness_h,
    machine_available,
    n_occupied,
    possible_starts,
    profile_kw,
    pv_available_kw,
    wages_per_h,
)
from domain.text import Text

IntArray = npt.NDArray[np.int64]
RunStart = tuple[str, int]
"""A task's id and the step at which a run of it may start."""


class ShiftOffGridError(WattplanError, ValueError):
    """A modulating load's shift does not cover whole steps of the horizon."""

    code = "shift_off_grid"
    words = Text(
        en="The shift of {load_id} from {start} to {end} does not cover whole {step_min}-minute steps of the horizon. "
        "Move its edges onto the steps.",
        zh="{load_id} 自 {start} 至 {end} 的班次未覆盖计划期内完整的 {step_min} 分钟步长。请将其起止对齐到步长刻度。",
    )


class StartOutsideHorizonError(WattplanError, ValueError):
    """A planned start lies where the horizon has no room for the run."""

    code = "start_outside_horizon"
    words = Text(
        en="Task {task_id} is planned at {start}, where the horizon has no room for its run. Move it into the horizon.",
        zh="任务 {task_id} 计划于 {start} 开始，计划期内容不下该次运行。请将其移入计划期。",
    )


@noun(eq=False)
class TaskStarts:
    """One task as choices of starts; arrays have shape (n_starts,)."""

    task: Task
    steps: IntArray
    """Possible starts, ascending."""
    least_count: IntArray
    """Runs that must start there: those of a task that may not move. [-]"""
    most_count: IntArray
    """Runs that may start there. [-]"""
    run_cost: FloatArray
    """Labour, lateness and start cost of one run started there. [currency]"""
    n_occupied: int
    profile_kw: FloatArray
    """Shape (n_occupied,). [kW]"""


@noun(eq=False)
class CapacityRow:
    """A machine in one step that more runs could want than can have it."""

    machine_id: str
    t: int
    occupants: tuple[RunStart, ...]
    available_count: int
    """[-]"""


@noun(eq=False)
class LoadShift:
    """A modulating load's shift in steps ``first`` … ``stop`` (exclusive)."""

    load_id: str
    first: int
    stop: int
    energy_kwh: float
    """[kWh]"""


@noun(eq=False)
class PlanSets:
    """All index sets of one problem."""

    problem: ResponseProblem
    tasks: dict[str, TaskStarts]
    capacity: dict[tuple[str, int], CapacityRow]
    run_kw: tuple[tuple[tuple[RunStart, float], ...], ...]
    """Per step: what each run start draws then. [kW]"""
    store_flow: dict[tuple[str, int], tuple[tuple[RunStart, float], ...]]
    """Per store and step: what each run start brings. [store.unit]"""
    store_draw: dict[str, FloatArray]
    """Per store, shape (n_steps,). [store.unit]"""
    shifts: dict[tuple[str, int], LoadShift]
    """By load id and number of the shift."""
    pv_available_kw: dict[str, FloatArray]
    """By PV id, shape (n_steps,). [kW]"""
    import_pays: npt.NDArray[np.bool_]
    """Steps in which drawing more can be worth money, shape (n_steps,)."""


def task_starts(task: Task, problem: ResponseProblem, wages: FloatArray) -> TaskStarts:
    """Give a task's possible starts with their bounds and costs.

    At most as many runs start in one step as its scarcest machine has copies.

    Raises
    ------
    StartOutsideHorizonError
        If a task that may not move stands outside the horizon.
    """
    grid = problem.horizon
    steps = possible_starts(task, problem.plan, grid, problem.calendar)
    n_steps = n_occupied(task, grid.step_min)
    outside = steps[(steps < 0) | (steps + n_steps > grid.n_steps)]
    if outside.size:
        raise StartOutsideHorizonError(task_id=task.task_id, start=grid.at(int(outside[0])).isoformat())
    copies = [one.count for one in problem.plan.machines if one.machine_id in task.machine_ids]
    most = np.full(steps.size, min([task.count, *copies]), dtype=np.int64)
    least = np.zeros(steps.size, dtype=np.int64)
    if not task.movable:
        planned = [grid.edge_of(at) for at in task.planned_starts]
        least = most = np.array([planned.count(int(step)) for step in steps], dtype=np.int64)
    order = problem.plan.order_of(task)
    late_cost_per_h = 0.0 if order is None else order.lateness_cost_per_h or 0.0
    late_h = np.array([lateness_h(task, problem.plan, grid.at(int(step))) for step in steps])
    crew_cost = np.zeros(steps.size)
    if task.crew_count > 0 and steps.size:
        paid = np.concatenate([[0.0], np.cumsum(np.nan_to_num(wages))])
        crew_cost = (paid[steps + n_steps] - paid[steps]) * task.crew_count * grid.step_h
    return TaskStarts(
        task=task,
        steps=steps,
        least_count=least,
        most_count=most,
        run_cost=np.asarray(crew_cost + late_h * late_cost_per_h + task.start_cost, dtype=np.float64),
        n_occupied=n_steps,
        profile_kw=profile_kw(task, grid.step_min),
    )


def flow_by_step(flow: Flow, n_steps: int) -> FloatArray:
    """Give what a run brings to a store in each of its occupied steps, shape (n_steps,). [store.unit]."""
    shares = np.zeros(n_steps)
    if flow.when == "evenly":
        shares[:] = 1 / n_steps
    else:
        shares[0 if flow.when == "start" else n_steps - 1] = 1.0
    return np.asarray(flow.quantity * shares, dtype=np.float64)


def capacity_rows(problem: ResponseProblem, tasks: dict[str, TaskStarts]) -> dict[tuple[str, int], CapacityRow]:
    """Give the machine steps that bind; a row that a neighbour of the same availability implies is left out."""
    found: dict[tuple[str, int], CapacityRow] = {}
    for machine in problem.plan.machines:
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
        binding = [t for t in sorted(occupants) if demand[t] > available[t]]
        rows = {t: frozenset(occupants[t]) for t in binding}
        kept = _without_implied(rows, available)
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


def store_draws(problem: ResponseProblem) -> dict[str, FloatArray]:
    """Give each store's draws by step; a draw outside the horizon does not touch it. [store.unit]."""
    grid = problem.horizon
    found: dict[str, FloatArray] = {}
    for store in problem.plan.stores:
        drawn = np.zeros(grid.n_steps)
        for draw in store.draws:
            t = grid.step_of(draw.at)
            if 0 <= t < grid.n_steps:
                drawn[t] += draw.quantity
        found[store.store_id] = drawn
    return found


def load_shifts(problem: ResponseProblem) -> dict[tuple[str, int], LoadShift]:
    """Give the shifts of the modulating loads in steps; a shift wholly outside the horizon is not its matter.

    Raises
    ------
    ShiftOffGridError
        If a shift begins or ends within a step or sticks out of the horizon.
    """
    grid = problem.horizon
    found: dict[tuple[str, int], LoadShift] = {}
    for load in problem.plan.modulating_loads:
        for number, shift in enumerate(load.shifts):
            if shift.end <= grid.start or shift.start >= grid.end:
                continue
            edges = [_edge(shift.start, problem), _edge(shift.end, problem)]
            if None in edges:
                raise ShiftOffGridError(
                    load_id=load.load_id,
                    start=shift.start.isoformat(),
                    end=shift.end.isoformat(),
                    step_min=grid.step_min,
                )
            first, stop = (edge for edge in edges if edge is not None)
            found[load.load_id, number] = LoadShift(
                load_id=load.load_id, first=first, stop=stop, energy_kwh=shift.energy_kwh
            )
    return found


def _edge(instant: datetime, problem: ResponseProblem) -> int | None:
    grid = problem.horizon
    step, rest = divmod(instant - grid.start, grid.step)
    return None if rest or not 0 <= step <= grid.n_steps else step


def import_pays(problem: ResponseProblem) -> npt.NDArray[np.bool_]:
    """Say in which steps drawing more can be worth money.

    That is where energy costs nothing or less, and within events that fill valleys. Only there could a
    model gain by wasting energy (charging while discharging, importing while exporting).
    """
    pays = np.asarray(problem.terms.energy_price_per_kwh <= 0)
    for event in problem.events:
        if event.sign < 0:
            pays[event.first : event.stop] = True
    return pays


def plan_sets(problem: ResponseProblem) -> PlanSets:
    """Build all index sets of one problem."""
    wages = wages_per_h(problem.plan, problem.horizon, problem.calendar)
    tasks = {task.task_id: task_starts(task, problem, wages) for task in problem.plan.tasks}
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
        capacity=capacity_rows(problem, tasks),
        run_kw=tuple(tuple(pairs) for pairs in run_kw),
        store_flow=_store_flows(problem, tasks),
        store_draw=store_draws(problem),
        shifts=load_shifts(problem),
        pv_available_kw={
            one.pv_id: pv_available_kw(one, problem.horizon, problem.site.zone) for one in problem.site.pv
        },
        import_pays=import_pays(problem),
    )
