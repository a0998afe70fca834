"""Contradictions that plain arithmetic finds before any search, in the plant's words.

Nothing here is needed for correctness: the model finds every contradiction. What is found here is said
better: with the hours needed and the hours there are.
"""

from collections import defaultdict

import numpy as np

from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Store, Task
from domain.plant.expand import machine_available, wages_per_h
from domain.text import Text
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.starts import IntArray, TaskStarts
from optimizer.formulation.store_reach import level_reach
from optimizer.words import at_step, clock, filled, machine_words, store_words, task_words

SLACK = 1e-6
"""Differences this small are rounding. [any unit]"""


def arithmetic_conflicts(sets: PlanSets) -> tuple[Text, ...]:
    """Find what cannot be, whatever the schedule."""
    found = no_room(sets) or fixed_runs(sets) or machine_hours(sets)
    return tuple(found or stores_run_dry(sets) or base_load(sets))


def no_room(sets: PlanSets) -> list[Text]:
    """Find tasks whose window, machines and crews leave fewer starts than they have runs."""
    problem = sets.problem
    found = []
    for task_id in sets.ways_of:
        one, (least_count, _) = sets.tasks[task_id], sets.wanted_count(task_id)
        room = sum(int(way.most_count.sum()) for way in sets.ways(task_id))
        if room >= least_count:
            continue
        first, last = problem.plan.window_of(one.task)
        found.append(
            filled(
                "{task} cannot be done between {first} and {last}: it needs {count} run(s) of {hours:g} h, "
                "and with its machines' outages, its crews and its start rhythm there is room for {room}",
                "{task}无法在{first}至{last}之间完成：需运行 {count} 次、每次 {hours:g} 小时，"
                "而扣除设备停机、班组与开工时刻限制后只有 {room} 次的空位",
                task=task_words(one.task),
                first=clock(first, problem),
                last=clock(last, problem),
                count=least_count,
                hours=min(way.task.duration_min for way in sets.ways(task_id)) / 60,
                room=room,
            )
        )
    return found


def fixed_runs(sets: PlanSets) -> list[Text]:
    """Find runs that may not move and stand where their machine or crew is not there."""
    found = []
    for one in sets.tasks.values():
        if not one.task.movable:
            for step in one.steps.tolist():
                found += run_conflicts(one, step, sets.problem)
    return found


def run_conflicts(one: TaskStarts, step: int, problem: ResponseProblem) -> list[Text]:
    """Find why a run may not start in a step: window, outage, crew."""
    grid = problem.horizon
    found = []
    first, last = problem.plan.window_of(one.task)
    start, end = grid.at(step), grid.at(step) + one.task.duration
    words = {"task": task_words(one.task), "start": clock(start, problem)}
    if start < first:
        found.append(
            filled(
                "{task} starts at {start}, before it may ({first})",
                "{task}于{start}开始，早于允许的最早时间（{first}）",
                first=clock(first, problem),
                **words,
            )
        )
    if end > last:
        found.append(
            filled(
                "{task}, started at {start}, ends at {end}, later than it must ({last})",
                "{task}于{start}开始，{end}结束，晚于规定时间（{last}）",
                end=clock(end, problem),
                last=clock(last, problem),
                **words,
            )
        )
    found += [
        filled(
            "{task}, started at {start}, runs into an outage of {machine}",
            "{task}于{start}开始，与{machine}的停机重叠",
            machine=machine_words(machine_id, problem),
            **words,
        )
        for machine_id in one.task.machine_ids
        if (machine_available(problem.plan, machine_id, grid)[step : step + one.n_occupied] == 0).any()
    ]
    wages = wages_per_h(problem.plan, grid, problem.calendar)[step : step + one.n_occupied]
    if one.task.crew_count > 0 and np.isnan(wages).any():
        found.append(filled("{task}, started at {start}, has no crew", "{task}于{start}开始，该时段没有班组", **words))
    return found


def machine_hours(sets: PlanSets) -> list[Text]:
    """Find spans in which a machine has fewer free hours than the runs that must lie within them need."""
    problem = sets.problem
    by_machine: dict[str, list[_Claim]] = defaultdict(list)
    for task_id in sets.ways_of:
        for claim in _claims(sets, task_id):
            by_machine[claim.machine_id].append(claim)
    found = []
    for machine_id, tasks in by_machine.items():
        free = np.concatenate([[0], np.cumsum(machine_available(problem.plan, machine_id, problem.horizon))])
        worst = _tightest_span(tasks, np.asarray(free, dtype=np.int64))
        if worst is not None:
            first, stop, need, there = worst
            inside = [one for one in tasks if one.first >= first and one.stop <= stop]
            names = dict.fromkeys(one.task.order_id or one.task.task_id for one in inside)
            found.append(
                filled(
                    "{orders} cannot be finished by {last} with {machine}: from {first} on they need {need:g} h, "
                    "{there:g} h are free",
                    "{orders} 无法在{last}之前由{machine}完成：自{first}起共需 {need:g} 小时，空闲只有 {there:g} 小时",
                    orders=Text(
                        en=("Order " if inside[0].task.order_id else "Task ") + ", ".join(names),
                        zh=("订单 " if inside[0].task.order_id else "任务 ") + "、".join(names),
                    ),
                    machine=machine_words(machine_id, problem),
                    first=at_step(first, problem),
                    last=at_step(stop, problem),
                    need=need * problem.horizon.step_h,
                    there=there * problem.horizon.step_h,
                )
            )
    return found


@noun(eq=False)
class _Claim:
    """What a task needs of a machine at least, whatever its ways: steps within ``first`` … ``stop`` (exclusive)."""

    machine_id: str
    task: Task
    first: int
    stop: int
    need_steps: int
    """[-]"""


def _claims(sets: PlanSets, task_id: str) -> list[_Claim]:
    """Give a task's claims on the machines that each of its ways with room needs."""
    ways = [one for one in sets.ways(task_id) if one.steps.size]
    least_count, _ = sets.wanted_count(task_id)
    if not ways or not least_count:
        return []
    needed = set.intersection(*(set(one.task.machine_ids) for one in ways))
    return [
        _Claim(
            machine_id=machine_id,
            task=sets.problem.plan.task(task_id),
            first=min(int(one.steps[0]) for one in ways),
            stop=max(int(one.steps[-1]) + one.n_occupied for one in ways),
            need_steps=least_count * min(one.n_occupied for one in ways),
        )
        for machine_id in ways[0].task.machine_ids
        if machine_id in needed
    ]


def _tightest_span(tasks: list[_Claim], free: IntArray) -> tuple[int, int, int, int] | None:
    """Give the span (first, stop, needed, free steps) that lacks most; None: none lacks anything."""
    earliest = np.array([one.first for one in tasks])
    latest = np.array([one.stop for one in tasks])
    need = np.array([one.need_steps for one in tasks])
    worst, lacking = None, 0
    for first in sorted(set(earliest.tolist())):
        for stop in sorted(set(latest.tolist())):
            inside = (earliest >= first) & (latest <= stop)
            there = int(free[stop] - free[first]) if stop > first else 0
            if inside.any() and int(need[inside].sum()) - there > lacking:
                lacking = int(need[inside].sum()) - there
                worst = (first, stop, int(need[inside].sum()), there)
    return worst


def stores_run_dry(sets: PlanSets) -> list[Text]:
    """Find stores that must run dry or overflow, or cannot end as they must, whatever is done."""
    found = []
    for store in sets.problem.plan.stores:
        least_reach, most_reach = level_reach(sets, store)
        least, most = (np.full(least_reach.size, limit) for limit in (store.min_level, store.max_level))
        least[-1], most[-1] = max(store.min_level, store.least_at_end), store.most_at_end
        slack = SLACK * max(1.0, abs(store.max_level), abs(store.min_level))
        lacking = np.flatnonzero(most_reach < least - slack)
        over = np.flatnonzero(least_reach > most + slack)
        if lacking.size:
            t = int(lacking[0])
            found.append(
                _out_of_reach(
                    "{store} cannot hold {limit:g} {unit} at {at}: with all that fills it done as early and as much as "
                    "it can be there are {level:g} {unit}",
                    "{store}在{at}无法保持 {limit:g} {unit}：即使所有入仓作业尽早、尽量进行，也只有 {level:g} {unit}",
                    sets,
                    store,
                    (t, float(least[t]), float(most_reach[t])),
                )
            )
        elif over.size:
            t = int(over[0])
            found.append(
                _out_of_reach(
                    "{store} cannot be at {limit:g} {unit} or less at {at}: with as little brought and as much taken as "
                    "can be there are {level:g} {unit}",
                    "{store}在{at}无法降至 {limit:g} {unit} 或以下：即使入仓最少、出仓最多，仍有 {level:g} {unit}",
                    sets,
                    store,
                    (t, float(most[t]), float(least_reach[t])),
                )
            )
    return found


def _out_of_reach(en: str, zh: str, sets: PlanSets, store: Store, found: tuple[int, float, float]) -> Text:
    """Say that a store's level cannot be what it must be: at a step, the limit, the nearest that can be reached."""
    t, limit, level = found
    return filled(
        en,
        zh,
        store=store_words(store.store_id, sets.problem),
        limit=limit,
        unit=store.unit,
        at=at_step(t + 1, sets.problem),
        level=round(level, 6),
    )


def base_load(sets: PlanSets) -> list[Text]:
    """Find steps in which the base load alone is more than the connection, PV and batteries can carry."""
    problem = sets.problem
    carried = np.full(problem.horizon.n_steps, problem.site.import_limit_kw, dtype=np.float64)
    for power in sets.pv_available_kw.values():
        carried += power
    carried += sum(one.max_discharge_kw for one in problem.site.batteries)
    over = np.flatnonzero(problem.base_kw > carried + SLACK)
    if not over.size:
        return []
    t = int(over[0])
    return [
        filled(
            "The base load of {base:.0f} kW at {at} is above the site's import limit of {limit:g} kW "
            "and what PV and batteries can add",
            "{at}的基础负荷 {base:.0f} kW 超过厂区受电上限 {limit:g} kW 与光伏、储能所能补充之和",
            base=float(problem.base_kw[t]),
            at=at_step(t, problem),
            limit=problem.site.import_limit_kw,
        )
    ]
