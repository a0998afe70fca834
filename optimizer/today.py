"""The plan as people run it today, built directly: planned starts kept, the rest as early as possible."""

from collections.abc import Iterable

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import BatteryUse, ProcessUse, Run, Schedule, Task
from domain.plant.expand import machine_available
from domain.text import Text
from optimizer.assemble import assemble, battery_use, changeovers_kw, runs_at, runs_kw
from optimizer.conflicts import SLACK, run_conflicts
from optimizer.formulation.sets import PlanSets, flow_by_step
from optimizer.formulation.starts import StartPlan, TaskStarts
from optimizer.people import attended
from optimizer.process_today import held_stores, idle, usual_uses
from optimizer.process_use import processes_kw
from optimizer.set_up import SetUps, changeovers_for
from optimizer.store_levels import brought_and_taken, levels, spread, thrown_away
from optimizer.today_limits import limit_conflicts
from optimizer.utility_use import utility_needed
from optimizer.words import at_step, filled, task_words

__all__ = [
    "StartPlan",
    "early_starts",
    "idle_or_charged_at_once",
    "level_modulating_kw",
    "limit_conflicts",
    "planned_conflicts",
    "planned_steps",
    "schedule_of",
]


def planned_steps(one: TaskStarts, problem: ResponseProblem) -> list[int]:
    """Give the steps at which people have put a task's runs; empty where they have not."""
    return sorted(problem.horizon.edge_of(at) for at in one.task.planned_starts)


def planned_conflicts(sets: PlanSets) -> tuple[Text, ...]:
    """Find planned starts that the plan's own limits forbid."""
    problem = sets.problem
    found: list[Text] = []
    for one in sets.tasks.values():
        possible = set(one.steps.tolist())
        for step in planned_steps(one, problem):
            if step in possible:
                continue
            if step < 0 or step + one.n_occupied > problem.horizon.n_steps:
                reasons = [_off("lies outside the horizon", "超出计划期", one, step, problem)]
            else:
                reasons = run_conflicts(one, step, problem)
            found += reasons or [_off("is off its start rhythm", "不在规定的开工时刻", one, step, problem)]
    return tuple(found)


def _off(en: str, zh: str, one: TaskStarts, step: int, problem: ResponseProblem) -> Text:
    return filled(
        "{task}, planned at {at}, " + en,
        "{task}计划于{at}开始，" + zh,
        task=task_words(one.task),
        at=at_step(step, problem),
    )


def early_starts(sets: PlanSets) -> StartPlan | None:
    """Place every run that has no planned start as early as its machines, order and stores allow.

    Time is swept once; in each step the run that must end soonest goes first. Runs are done in the task's own way (or
    the first that has room at all), and no more of them than there must be. None where that leaves a run unplaced:
    then only a search can say more.
    """
    board = _Board(sets)
    for one in sets.tasks.values():
        for step in planned_steps(one, sets.problem):
            board.place(one, step)
    unplanned = [task_id for task_id in sets.ways_of if not sets.tasks[task_id].task.planned_starts]
    usual = [_usual_way(sets, task_id) for task_id in unplanned]
    open_tasks = sorted(
        (way for way in usual if way is not None),
        key=lambda one: (int(one.steps[-1]), one.task_id),
    )
    for step in range(sets.problem.horizon.n_steps):
        for one in open_tasks:
            least_count, _ = sets.wanted_count(one.task_id)
            while len(board.starts_of(one.task_id)) < least_count and board.fits(one, step):
                board.place(one, step)
    done = all(len(board.starts_of(task_id)) >= sets.wanted_count(task_id)[0] for task_id in sets.ways_of)
    return board.starts if done else None


def _usual_way(sets: PlanSets, task_id: str) -> TaskStarts | None:
    """Give the first way to do a task that has room, its own before all others."""
    return next((one for one in sets.ways(task_id) if one.steps.size), None)


class _Board:
    """What is taken so far: machines and their set-ups, people, utilities, stores, connection."""

    def __init__(self, sets: PlanSets) -> None:
        self.problem = sets.problem
        grid, plan = sets.problem.horizon, sets.problem.plan
        self.starts: StartPlan = {way_id: [] for way_id in sets.tasks}
        self.ways_of = sets.ways_of
        self.possible = {way_id: set(one.steps.tolist()) for way_id, one in sets.tasks.items()}
        self.free = {one.machine_id: machine_available(plan, one.machine_id, grid) for one in plan.machines}
        self.stores = {one.store_id: one for one in plan.stores}
        processes = usual_processes(sets, ())
        self.held = held_stores(sets)
        self.level = {
            store_id: levels(self.stores[store_id], grid, brought - taken)
            for store_id, (brought, taken) in brought_and_taken(sets.problem, (), processes).items()
        }
        self.load_kw = np.array(sets.problem.base_kw + sum(level_modulating_kw(sets).values()))
        self.load_kw += processes_kw(sets.problem, processes)
        self.people = sets.people_there - attended(sets.problem, (), processes)
        needed = utility_needed(sets.problem, (), processes)
        self.utilities = {utility_id: limit - needed[utility_id] for utility_id, limit in sets.utility_limit.items()}
        self.set_ups = SetUps(sets)
        for power in sets.pv_available_kw.values():
            self.load_kw -= power
        self.before = plan.precedences
        self.end_min = {way_id: one.task.duration_min for way_id, one in sets.tasks.items()}

    def starts_of(self, task_id: str) -> list[int]:
        """Give the starts of a task's runs, whatever their ways."""
        return [step for way_id in self.ways_of[task_id] for step in self.starts[way_id]]

    def fits(self, one: TaskStarts, step: int) -> bool:
        """Say whether a run may start in a step beside everything placed so far."""
        span = slice(step, step + one.n_occupied)
        if step not in self.possible[one.task.task_id] or not self._machines_free(one.task, span):
            return False
        if (self.load_kw[span] + one.profile_kw > self.problem.site.import_limit_kw + SLACK).any():
            return False
        shared = self._attended(one.task, span) and self._follows(one.task_id, step)
        return shared and self._stores_hold(one, step)

    def _machines_free(self, task: Task, span: slice) -> bool:
        return all(
            (self.free[machine_id][span] >= 1).all()
            and self.set_ups.fits(machine_id, task.family or "", span.start, span.stop)
            for machine_id in task.machine_ids
        )

    def _attended(self, task: Task, span: slice) -> bool:
        """Say whether the people and utilities that a run needs are left."""
        there = task.crew_count == 0 or bool((self.people[span] >= task.crew_count - SLACK).all())
        return there and all(
            bool((self.utilities[use.utility_id][span] >= use.quantity - SLACK).all()) for use in task.utilities
        )

    def _follows(self, task_id: str, step: int) -> bool:
        step_min = self.problem.horizon.step_min
        for link in self.before:
            if link.after != task_id:
                continue
            ends_min = [
                start * step_min + self.end_min[way_id]
                for way_id in self.ways_of[link.before]
                for start in self.starts[way_id]
            ]
            if not ends_min:
                return False
            wait_min = step * step_min - ends_min[0]
            if wait_min < link.min_gap_min or (link.max_gap_min is not None and wait_min > link.max_gap_min):
                return False
        return True

    def _stores_hold(self, one: TaskStarts, step: int) -> bool:
        for store_id, change in self._changes(one, step).items():
            store, after = self.stores[store_id], self.level[store_id] + change
            if store_id in self.held:  # processes answer to what runs bring and take
                continue
            if (change > 0).any() and (after > store.max_level + SLACK).any():
                return False
            if (change < 0).any() and (after[change < 0] < store.min_level - SLACK).any():
                return False
        return True

    def _changes(self, one: TaskStarts, step: int) -> dict[str, FloatArray]:
        found: dict[str, FloatArray] = {}
        for flow in one.task.flows:
            brought = np.zeros(self.problem.horizon.n_steps)
            brought[step : step + one.n_occupied] = flow_by_step(flow, one.n_occupied)
            found[flow.store_id] = found.get(flow.store_id, 0.0) + brought
        grid = self.problem.horizon
        return {store_id: spread(self.stores[store_id], grid, net) for store_id, net in found.items()}

    def place(self, one: TaskStarts, step: int) -> None:
        """Put a run there."""
        span = slice(step, step + one.n_occupied)
        for machine_id in one.task.machine_ids:
            self.free[machine_id][span] -= 1
            self.set_ups.place(machine_id, one.task.family or "", step, span.stop)
        self.people[span] -= one.task.crew_count
        for use in one.task.utilities:
            self.utilities[use.utility_id][span] -= use.quantity
        for store_id, change in self._changes(one, step).items():
            self.level[store_id] = self.level[store_id] + change
        self.load_kw[span] += one.profile_kw
        self.starts[one.task.task_id].append(step)


def level_modulating_kw(sets: PlanSets) -> dict[str, FloatArray]:
    """Give each modulating load at its shifts' mean power, held level, by load id, shape (n_steps,). [kW]."""
    grid = sets.problem.horizon
    found = {one.load_id: np.zeros(grid.n_steps) for one in sets.problem.plan.modulating_loads}
    for shift in sets.shifts.values():
        found[shift.load_id][shift.first : shift.stop] = shift.energy_kwh / ((shift.stop - shift.first) * grid.step_h)
    return found


def idle_or_charged_at_once(sets: PlanSets) -> dict[str, BatteryUse]:
    """Give batteries that stand idle; one that must end fuller than it starts charges at once until it is."""
    grid = sets.problem.horizon
    found = {}
    for one in sets.problem.site.batteries:
        lacking_kwh = max(0.0, one.least_at_end_kwh - one.soc_start_kwh)
        per_step_kwh = one.max_charge_kw * one.charge_eff * grid.step_h
        given_kwh = np.clip(lacking_kwh - per_step_kwh * np.arange(grid.n_steps), 0.0, per_step_kwh)
        charge_kw = given_kwh / (one.charge_eff * grid.step_h)
        found[one.battery_id] = battery_use(one, charge_kw, np.zeros(grid.n_steps), grid.step_h)
    return found


def usual_processes(sets: PlanSets, runs: Iterable[Run]) -> dict[str, ProcessUse]:
    """Give what people do with the processes beside given runs."""
    moved = brought_and_taken(sets.problem, runs, idle(sets))
    return usual_uses(sets, {store_id: brought - taken for store_id, (brought, taken) in moved.items()})


def schedule_of(sets: PlanSets, starts: StartPlan) -> Schedule:
    """Run the plant from given starts as people do: level loads, idle batteries, PV used as it comes.

    Processes run as planned, or as ``process_today`` says.
    A machine is turned as soon as it has ended what it was set to; what is too old or does not fit is thrown away where
    that is allowed.
    """
    problem = sets.problem
    runs = runs_at(problem, starts)
    modulating = level_modulating_kw(sets)
    batteries = idle_or_charged_at_once(sets)
    processes = usual_processes(sets, runs)
    changeovers = changeovers_for(sets, starts) or []
    flows = brought_and_taken(problem, runs, processes)
    room_kw = np.array(problem.base_kw) + runs_kw(problem, runs) + problem.site.export_limit_kw
    room_kw += processes_kw(problem, processes) + changeovers_kw(problem, changeovers)
    room_kw += sum(modulating.values()) + sum(use.charge_kw for use in batteries.values())
    pv_used: dict[str, FloatArray] = {}
    for pv_id, available in sets.pv_available_kw.items():
        pv_used[pv_id] = np.clip(room_kw, 0.0, available)
        room_kw = room_kw - pv_used[pv_id]
    return assemble(
        problem,
        runs=runs,
        modulating_kw=modulating,
        batteries=batteries,
        pv_used_kw=pv_used,
        processes=processes,
        changeovers=changeovers,
        disposed={one.store_id: thrown_away(one, problem.horizon, *flows[one.store_id]) for one in problem.plan.stores},
        commitments_kw={event.event_id: 0.0 for event in problem.events},
    )
