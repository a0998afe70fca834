"""Which limits of the plant a schedule of people's own making breaks, in the plant's words."""

import numpy as np

from domain.plant import Schedule
from domain.plant.expand import machine_available
from domain.text import Text
from optimizer.conflicts import SLACK
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.starts import StartPlan
from optimizer.people import attended
from optimizer.process_rules import process_conflicts
from optimizer.set_up import changeovers_for
from optimizer.store_levels import brought_and_taken, held_too_long, levels
from optimizer.utility_use import utility_drawn
from optimizer.words import at_step, filled, joined, machine_words, store_words


def limit_conflicts(sets: PlanSets, starts: StartPlan, schedule: Schedule) -> tuple[Text, ...]:
    """Find the limits that given starts and the schedule made of them break."""
    return (
        *_machines_shared(sets, starts),
        *process_conflicts(sets, schedule),
        *_not_set_up(sets, starts),
        *_people_lacking(sets, schedule),
        *_utilities_lacking(sets, schedule),
        *_waits_broken(sets, starts),
        *_levels_broken(sets, schedule),
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
            late = Text(en="after", zh="之后") if wait_min >= 0 else Text(en="before", zh="之前")
            found.append(
                filled(
                    "Task {after} starts {wait} min {late} task {before} ends; allowed are {least} … {most} min after it",
                    "任务 {after} 在任务 {before} 结束{late} {wait} 分钟开始；允许在其之后 {least} … {most} 分钟",
                    after=link.after,
                    before=link.before,
                    late=late,
                    wait=abs(wait_min),
                    least=link.min_gap_min,
                    most="∞" if link.max_gap_min is None else link.max_gap_min,
                )
            )
    return found


def _levels_broken(sets: PlanSets, schedule: Schedule) -> list[Text]:
    problem = sets.problem
    found = []
    flows = brought_and_taken(problem, schedule.runs, schedule.processes)
    for store in problem.plan.stores:
        brought, taken = flows[store.store_id]
        thrown = schedule.disposed.get(store.store_id, np.zeros(brought.size))
        level = levels(store, problem.horizon, brought - taken - thrown)
        least, most = (np.full(level.size, limit) for limit in (store.min_level, store.max_level))
        least[-1], most[-1] = max(store.min_level, store.least_at_end), store.most_at_end
        broken = np.flatnonzero((level < least - SLACK) | (level > most + SLACK))
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
                    most=most[t],
                )
            )
        old = np.flatnonzero(held_too_long(store, problem.horizon, brought, level) > SLACK)
        if old.size:
            found.append(
                filled(
                    "{store} would hold some {unit} for longer than {minutes} min at {at}",
                    "{store}在{at}将有部分存货（{unit}）存放超过 {minutes} 分钟",
                    store=store_words(store.store_id, problem),
                    unit=store.unit,
                    minutes=store.max_hold_min,
                    at=at_step(int(old[0]) + 1, problem),
                )
            )
    return found


def _not_set_up(sets: PlanSets, starts: StartPlan) -> list[Text]:
    if not sets.set_machines or changeovers_for(sets, starts) is not None:
        return []
    return [
        filled(
            "{machines} cannot be turned to the families of all runs in time",
            "{machines}来不及为所有运行换型",
            machines=joined([machine_words(machine_id, sets.problem) for machine_id in sets.set_machines]),
        )
    ]


def _people_lacking(sets: PlanSets, schedule: Schedule) -> list[Text]:
    problem, there = sets.problem, sets.people_there
    needed = attended(problem, schedule.runs, schedule.processes, schedule.changeovers)
    lacking = np.flatnonzero(needed > there + SLACK)
    if not lacking.size:
        return []
    t = int(lacking[0])
    return [
        filled(
            "{needed:g} people are needed at {at}; {there:g} are there",
            "{at}需要 {needed:g} 人，在岗 {there:g} 人",
            needed=float(needed[t]),
            there=float(there[t]),
            at=at_step(t, problem),
        )
    ]


def _utilities_lacking(sets: PlanSets, schedule: Schedule) -> list[Text]:
    problem, found = sets.problem, []
    drawn = utility_drawn(schedule, problem)
    for one in problem.plan.utilities:
        over = np.flatnonzero(drawn[one.utility_id] > sets.utility_limit[one.utility_id] + SLACK)
        if over.size:
            t = int(over[0])
            found.append(
                filled(
                    "{needed:g} {unit} of utility {utility} ({name}) are needed at {at}; {limit:g} can be drawn",
                    "{at}需要公用介质 {utility}（{name}）{needed:g} {unit}，可供 {limit:g}",
                    needed=float(drawn[one.utility_id][t]),
                    unit=one.unit,
                    utility=one.utility_id,
                    name=one.name,
                    limit=float(sets.utility_limit[one.utility_id][t]),
                    at=at_step(t, problem),
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
