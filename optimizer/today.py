"""The plan as people run it today, built directly: planned starts kept, the rest as early as possible."""

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import BatteryUse, Schedule
from domain.plant.expand import machine_available
from domain.text import Text
from optimizer.assemble import assemble, battery_use, runs_at, runs_kw
from optimizer.conflicts import SLACK, run_conflicts
from optimizer.formulation.sets import PlanSets, flow_by_step
from optimizer.formulation.starts import TaskStarts
from optimizer.process_use import planned_uses, processes_kw
from optimizer.words import at_step, filled, machine_words, store_words, task_words

StartPlan = dict[str, list[int]]
"""Start steps of the runs in each way to do a task."""


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
    """What is taken so far: machines, stores, connection."""

    def __init__(self, sets: PlanSets) -> None:
        self.problem = sets.problem
        grid, plan = sets.problem.horizon, sets.problem.plan
        self.starts: StartPlan = {way_id: [] for way_id in sets.tasks}
        self.ways_of = sets.ways_of
        self.possible = {way_id: set(one.steps.tolist()) for way_id, one in sets.tasks.items()}
        self.free = {one.machine_id: machine_available(plan, one.machine_id, grid) for one in plan.machines}
        self.stores = {one.store_id: one for one in plan.stores}
        self.level = {
            store_id: one.start_level - np.cumsum(sets.store_draw[store_id]) for store_id, one in self.stores.items()
        }
        self.load_kw = np.array(sets.problem.base_kw + sum(level_modulating_kw(sets).values()))
        for power in sets.pv_available_kw.values():
            self.load_kw -= power
        self.before = plan.precedences
        self.end_min = {way_id: one.task.duration_min for way_id, one in sets.tasks.items()}

    def starts_of(self, task_id: str) -> list[int]:
        """Give the starts of a task's runs, whatever their ways."""
        return [step for way_id in self.ways_of[task_id] for step in self.starts[way_id]]

    def fits(self, one: TaskStarts, step: int) -> bool:
        """Say whether a run may start in a step beside everything placed so far."""
        task = one.task
        if step not in self.possible[task.task_id]:
            return False
        span = slice(step, step + one.n_occupied)
        if any((self.free[machine_id][span] < 1).any() for machine_id in task.machine_ids):
            return False
        if (self.load_kw[span] + one.profile_kw > self.problem.site.import_limit_kw + SLACK).any():
            return False
        return self._follows(one.task_id, step) and self._stores_hold(one, step)

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
            found[flow.store_id] = found.get(flow.store_id, 0.0) + np.cumsum(brought)
        return found

    def place(self, one: TaskStarts, step: int) -> None:
        """Put a run there."""
        span = slice(step, step + one.n_occupied)
        for machine_id in one.task.machine_ids:
            self.free[machine_id][span] -= 1
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


def schedule_of(sets: PlanSets, starts: StartPlan) -> Schedule:
    """Run the plant from given starts as people do: level loads, idle batteries, PV used as it comes."""
    problem = sets.problem
    runs = runs_at(problem, starts)
    modulating = level_modulating_kw(sets)
    batteries = idle_or_charged_at_once(sets)
    processes = planned_uses(sets.processes)
    room_kw = np.array(problem.base_kw) + runs_kw(problem, runs) + problem.site.export_limit_kw
    room_kw += processes_kw(problem, processes) + sum(modulating.values()) + sum(use.charge_kw for use in batteries.values())
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
        commitments_kw={event.event_id: 0.0 for event in problem.events},
    )


def limit_conflicts(sets: PlanSets, starts: StartPlan, schedule: Schedule) -> tuple[Text, ...]:
    """Find the limits that given starts and the schedule made of them break."""
    return (
        *_machines_shared(sets, starts),
        *_waits_broken(sets, starts),
        *_levels_broken(sets, starts),
        *_connection_broken(sets, schedule),
        *_batteries_short(sets, schedule),
    )


def _machines_shared(sets: PlanSets, starts: StartPlan) -> list[Text]:
    problem = sets.problem
    found = []
    for machine in problem.plan.machines:
        taken = np.zeros(problem.horizon.n_steps, dtype=np.int64)
        users: dict[int, list[str]] = {}
        for way_id, steps in starts.items():
            one = sets.tasks[way_id]
            if machine.machine_id not in one.task.machine_ids:
                continue
            for step in steps:
                taken[step : step + one.n_occupied] += 1
                for t in range(step, step + one.n_occupied):
                    users.setdefault(t, []).append(one.task_id)
        over = np.flatnonzero(taken > machine_available(problem.plan, machine.machine_id, problem.horizon))
        if over.size:
            t = int(over[0])
            found.append(
                filled(
                    "Tasks {tasks} need {machine} at {at} at the same time",
                    "任务 {tasks} 在{at}同时需要{machine}",
                    tasks=", ".join(dict.fromkeys(users[t])),
                    machine=machine_words(machine.machine_id, problem),
                    at=at_step(t, problem),
                )
            )
    return found


def _waits_broken(sets: PlanSets, starts: StartPlan) -> list[Text]:
    step_min = sets.problem.horizon.step_min
    found = []
    for link in sets.problem.plan.precedences:
        ends_min = [
            step * step_min + one.task.duration_min
            for one in sets.ways(link.before)
            for step in starts[one.task.task_id]
        ]
        begins_min = [step * step_min for way_id in sets.ways_of[link.after] for step in starts[way_id]]
        wait_min = begins_min[0] - ends_min[0]
        if wait_min < link.min_gap_min or (link.max_gap_min is not None and wait_min > link.max_gap_min):
            found.append(
                filled(
                    "Task {after} starts {wait} min after task {before} ends; allowed are {least} … {most} min",
                    "任务 {after} 在任务 {before} 结束 {wait} 分钟后开始；允许 {least} … {most} 分钟",
                    after=link.after,
                    before=link.before,
                    wait=wait_min,
                    least=link.min_gap_min,
                    most="∞" if link.max_gap_min is None else link.max_gap_min,
                )
            )
    return found


def _levels_broken(sets: PlanSets, starts: StartPlan) -> list[Text]:
    problem = sets.problem
    found = []
    for store in problem.plan.stores:
        change = -sets.store_draw[store.store_id]
        for way_id, steps in starts.items():
            one = sets.tasks[way_id]
            for flow in one.task.flows:
                if flow.store_id == store.store_id:
                    for step in steps:
                        change[step : step + one.n_occupied] += flow_by_step(flow, one.n_occupied)
        level = store.start_level + np.cumsum(change)
        least = np.full(level.size, store.min_level)
        least[-1] = max(store.min_level, store.least_at_end)
        broken = np.flatnonzero((level < least - SLACK) | (level > store.max_level + SLACK))
        if broken.size:
            t = int(broken[0])
            found.append(
                filled(
                    "{store} would hold {level:g} {unit} at {at}; allowed are {least:g} … {most:g}",
                    "{store}在{at}将有 {level:g} {unit}；允许 {least:g} … {most:g}",
                    store=store_words(store.store_id, problem),
                    level=round(float(level[t]), 6),
                    unit=store.unit,
                    at=at_step(t + 1, problem),
                    least=least[t],
                    most=store.max_level,
                )
            )
    return found


def _connection_broken(sets: PlanSets, schedule: Schedule) -> list[Text]:
    site, found = sets.problem.site, []
    for drawn_kw, limit_kw, en, zh in (
        (schedule.import_kw, site.import_limit_kw, "import", "受电"),
        (schedule.export_kw, site.export_limit_kw, "export", "上网"),
    ):
        over = np.flatnonzero(drawn_kw > limit_kw + SLACK)
        if over.size:
            t = int(over[int(np.argmax(drawn_kw[over]))])
            found.append(
                filled(
                    "The site would " + en + " {drawn:.0f} kW at {at}; its limit is {limit:g} kW",
                    "厂区在{at}的" + zh + "功率将达 {drawn:.0f} kW，超过上限 {limit:g} kW",
                    drawn=float(drawn_kw[t]),
                    at=at_step(t, sets.problem),
                    limit=limit_kw,
                )
            )
    return found


def _batteries_short(sets: PlanSets, schedule: Schedule) -> list[Text]:
    found = []
    for one in sets.problem.site.batteries:
        end_kwh = float(schedule.batteries[one.battery_id].soc_kwh[-1])
        if end_kwh < one.least_at_end_kwh - SLACK:
            found.append(
                filled(
                    "Battery {battery} cannot reach {least:g} kWh by the end: at full power it holds {end:g} kWh",
                    "储能 {battery} 在期末无法达到 {least:g} kWh：满功率充电也只有 {end:g} kWh",
                    battery=one.battery_id,
                    least=one.least_at_end_kwh,
                    end=round(end_kwh, 6),
                )
            )
    return found
