"""What a plan demands and could do with less of: runs, quotas, levels at the end, outages, whole shifts."""

from collections.abc import Iterator
from dataclasses import replace

from domain.offers import ResponseProblem
from domain.plant import Compensator, Machine, Process, Shift, Store, Task
from optimizer.limit_making import Limit, counted_limit, one_of, quantity_limit, replaced, said_by
from optimizer.wish_words import wish_words
from optimizer.words import filled, machine_words, store_words


def demands_of(problem: ResponseProblem) -> Iterator[Limit]:
    """Give what a plan demands and could do with less of: runs, quotas, what stores must hold at the end."""
    yield from (_runs(problem, task) for task in problem.plan.tasks if task.movable)
    yield from (_wish(problem, number) for number in range(len(problem.wishes)))
    yield from (_outages(problem, machine) for machine in problem.plan.machines if machine.outages)
    yield from (
        _quota(problem, process, number)
        for process in problem.plan.processes
        for number, quota in enumerate(process.quotas)
        if quota.least > 0
    )
    yield from (_end_level(problem, store) for store in problem.plan.stores if store.least_at_end > store.min_level)
    yield from (_end_most(problem, store) for store in problem.plan.stores if store.most_at_end < store.max_level)


def shifts_less(problem: ResponseProblem) -> Iterator[Limit]:
    """Give each shift as a change that gives it up: what a plan would pay to do without."""
    yield from (_shift(problem, shift) for shift in problem.plan.shifts)


def _shift(problem: ResponseProblem, shift: Shift) -> Limit:
    kept: tuple[object, ...] = tuple(one for one in problem.plan.shifts if one is not shift)
    said = filled("shift {name} is not worked", "不安排班次 {name}", name=shift.name)
    return Limit(
        kind="shift",
        subject_id=shift.name,
        amount=-1.0,
        unit="shift",
        finest=1.0,
        most=1.0,
        probe=-1.0,
        widened=replaced(problem, "shifts", lambda _: kept),
        say=lambda _: said,
    )


def compensators_less(problem: ResponseProblem) -> Iterator[Limit]:
    """Give each compensator as a change that leaves it off: what it is worth to a plan that counts reactive power."""
    yield from (_off(problem, one) for one in problem.site.compensators if problem.base_kvar is not None)


def _off(problem: ResponseProblem, compensator: Compensator) -> Limit:
    kept = tuple(one for one in problem.site.compensators if one is not compensator)
    words = {"name": compensator.compensator_id, "kvar": compensator.most_kvar}
    said = filled("compensator {name} of {kvar:g} kvar is off", "补偿装置 {name}（{kvar:g} kvar）退出", **words)
    return Limit(
        kind="compensation",
        subject_id=compensator.compensator_id,
        amount=-1.0,
        unit="compensator",
        finest=1.0,
        most=1.0,
        probe=-1.0,
        widened=lambda _: replace(problem, site=replace(problem.site, compensators=kept)),
        say=lambda _: said,
    )


def _wish(problem: ResponseProblem, number: int) -> Limit:
    left = problem.wishes[:number] + problem.wishes[number + 1 :]
    said = filled("the wish is given up: {wish}", "放弃愿望：{wish}", wish=wish_words(problem.wishes[number], problem))
    return counted_limit(
        "wish",
        f"{number + 1}",
        "wish",
        widened=lambda less: replace(problem, wishes=left) if less > 0 else problem,
        say=lambda _: said,
        most=1.0,
    )


def _runs(problem: ResponseProblem, task: Task) -> Limit:
    """Give a task's runs as a demand; the last run cannot be left out where others wait for it."""
    needed = any(task.task_id in (link.before, link.after) for link in problem.plan.precedences)
    least = 1 if needed else 0

    def tasks(less: float) -> tuple[object, ...]:
        count = task.count - round(less)
        if count <= 0:
            return tuple(one for one in problem.plan.tasks if one is not task)
        fewer = min(count, count if task.min_count is None else task.min_count)
        planned = task.planned_starts[:count]
        return one_of(
            problem.plan.tasks,
            task,
            replace(task, count=count, planned_starts=planned, min_count=None if task.min_count is None else fewer),
        )

    return counted_limit(
        "runs",
        task.task_id,
        "run",
        widened=replaced(problem, "tasks", tasks),
        say=said_by("{amount:g} run(s) of task {task} left out", "任务 {task} 少做 {amount:g} 次", task=task.task_id),
        most=float(task.count - least),
    )


def _outages(problem: ResponseProblem, machine: Machine) -> Limit:
    def machines(more: float) -> tuple[object, ...]:
        outages = () if more > 0 else machine.outages
        return one_of(problem.plan.machines, machine, replace(machine, outages=outages))

    name = machine_words(machine.machine_id, problem)
    said = filled("{machine} has no outage", "{machine}不停机", machine=name)
    return counted_limit(
        "outage",
        machine.machine_id,
        "outage",
        widened=replaced(problem, "machines", machines),
        say=lambda _: said,
        most=1.0,
    )


def _quota(problem: ResponseProblem, process: Process, number: int) -> Limit:
    quota = process.quotas[number]

    def processes(less: float) -> tuple[object, ...]:
        lower = replace(quota, least=max(0.0, quota.least - less))
        quotas = tuple(lower if one is quota else one for one in process.quotas)
        return one_of(problem.plan.processes, process, replace(process, quotas=quotas))

    one = quantity_limit(
        "quota",
        process.process_id,
        process.unit,
        quota.least,
        widened=replaced(problem, "processes", processes),
        say=said_by(
            "process {name} does {amount:g} {unit} less",
            "连续设备 {name} 少做 {amount:g} {unit}",
            name=process.name,
            unit=process.unit,
        ),
    )
    return replace(one, most=quota.least)


def _end_level(problem: ResponseProblem, store: Store) -> Limit:
    least = store.least_at_end

    def stores(less: float) -> tuple[object, ...]:
        lower = max(store.min_level, least - less)
        return one_of(problem.plan.stores, store, replace(store, end_min_level=lower))

    one = quantity_limit(
        "end_level",
        store.store_id,
        store.unit,
        least - store.min_level,
        widened=replaced(problem, "stores", stores),
        say=said_by(
            "{store} holds {amount:g} {unit} less at the end",
            "{store}期末少存 {amount:g} {unit}",
            store=store_words(store.store_id, problem),
            unit=store.unit,
        ),
    )
    return replace(one, most=least - store.min_level)


def _end_most(problem: ResponseProblem, store: Store) -> Limit:
    room = store.max_level - store.most_at_end

    def stores(more: float) -> tuple[object, ...]:
        higher = min(store.max_level, store.most_at_end + more)
        return one_of(problem.plan.stores, store, replace(store, end_max_level=higher))

    one = quantity_limit(
        "end_most",
        store.store_id,
        store.unit,
        room,
        widened=replaced(problem, "stores", stores),
        say=said_by(
            "{store} ends {amount:g} {unit} higher",
            "{store}期末高出 {amount:g} {unit}",
            store=store_words(store.store_id, problem),
            unit=store.unit,
        ),
    )
    return replace(one, most=room)
