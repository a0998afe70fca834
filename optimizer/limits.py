"""Limits that a plan could ask to have wider: deadlines, waits, stores, machines, people, utilities, connection."""

from collections.abc import Iterator
from dataclasses import replace

from domain.offers import ResponseProblem
from domain.plant import Battery, Compensator, Machine, Order, Precedence, Shift, Store, Task, Utility
from optimizer.limit_making import (
    TOUCHED_SHARE,
    Limit,
    counted_limit,
    hours_of,
    one_of,
    quantity_limit,
    replaced,
    said_by,
    time_limit,
)
from optimizer.words import machine_words, store_words


def limits_of(problem: ResponseProblem) -> Iterator[Limit]:
    """Give every limit of a problem that could be widened."""
    yield from _times(problem)
    plan = problem.plan
    yield from (_wait(problem, link) for link in plan.precedences if link.max_gap_min is not None)
    yield from (_store(problem, store) for store in plan.stores)
    yield from (_hold(problem, store) for store in plan.stores if store.max_hold_min is not None)
    yield from (_machine(problem, machine) for machine in plan.machines)
    yield from (_people(problem, shift) for shift in plan.shifts if shift.people_count is not None)
    yield from (_utility(problem, utility) for utility in plan.utilities)
    yield from (_battery(problem, battery) for battery in problem.site.batteries)
    yield from _compensation(problem)
    yield _connection(problem)


def _times(problem: ResponseProblem) -> Iterator[Limit]:
    plan = problem.plan
    for order in plan.orders:
        if order.lateness_cost_per_h is None and order.due < plan.end:
            yield _due(problem, order)
    for task in plan.tasks:
        if task.latest_end is not None and task.latest_end < plan.end:
            yield _latest_end(problem, task)
        if task.earliest is not None and task.earliest > plan.start:
            yield _earliest(problem, task)


def _due(problem: ResponseProblem, order: Order) -> Limit:
    plan = problem.plan

    def orders(amount: float) -> tuple[object, ...]:
        return one_of(plan.orders, order, replace(order, due=min(order.due + hours_of(amount), plan.end)))

    return time_limit(
        problem,
        "due",
        order.order_id,
        plan.end - order.due,
        widened=replaced(problem, "orders", orders),
        say=said_by(
            "order {order} due {amount:g} h later", "订单 {order} 交期推迟 {amount:g} 小时", order=order.order_id
        ),
    )


def _latest_end(problem: ResponseProblem, task: Task) -> Limit:
    plan, latest = problem.plan, task.latest_end or problem.plan.end

    def tasks(amount: float) -> tuple[object, ...]:
        return one_of(plan.tasks, task, replace(task, latest_end=min(latest + hours_of(amount), plan.end)))

    return time_limit(
        problem,
        "latest_end",
        task.task_id,
        plan.end - latest,
        widened=replaced(problem, "tasks", tasks),
        say=said_by(
            "task {task} may end {amount:g} h later", "任务 {task} 可晚 {amount:g} 小时结束", task=task.task_id
        ),
    )


def _earliest(problem: ResponseProblem, task: Task) -> Limit:
    plan, earliest = problem.plan, task.earliest or problem.plan.start

    def tasks(amount: float) -> tuple[object, ...]:
        return one_of(plan.tasks, task, replace(task, earliest=max(earliest - hours_of(amount), plan.start)))

    return time_limit(
        problem,
        "earliest",
        task.task_id,
        earliest - plan.start,
        widened=replaced(problem, "tasks", tasks),
        say=said_by(
            "task {task} may start {amount:g} h earlier", "任务 {task} 可早 {amount:g} 小时开始", task=task.task_id
        ),
    )


def _wait(problem: ResponseProblem, link: Precedence) -> Limit:
    def links(amount: float) -> tuple[object, ...]:
        longer = max(link.min_gap_min, (link.max_gap_min or 0) + round(amount * 60))
        return one_of(problem.plan.precedences, link, replace(link, max_gap_min=longer))

    one = time_limit(
        problem,
        "wait",
        f"{link.before} → {link.after}",
        problem.plan.end - problem.plan.start,
        widened=replaced(problem, "precedences", links),
        say=said_by(
            "{amount:g} h more between {before} and {after}",
            "{before} 与 {after} 之间可多等 {amount:g} 小时",
            before=link.before,
            after=link.after,
        ),
    )
    return replace(one, amount=0.5)


def _store(problem: ResponseProblem, store: Store) -> Limit:
    def stores(more: float) -> tuple[object, ...]:
        return one_of(problem.plan.stores, store, replace(store, max_level=store.max_level + more))

    return quantity_limit(
        "store",
        store.store_id,
        store.unit,
        store.max_level - store.min_level,
        widened=replaced(problem, "stores", stores),
        say=said_by(
            "{store} holds {amount:g} {unit} more",
            "{store}容量增加 {amount:g} {unit}",
            store=store_words(store.store_id, problem),
            unit=store.unit,
        ),
    )


def _hold(problem: ResponseProblem, store: Store) -> Limit:
    def stores(amount: float) -> tuple[object, ...]:
        longer = max(1, (store.max_hold_min or 0) + round(amount * 60))
        return one_of(problem.plan.stores, store, replace(store, max_hold_min=longer))

    return time_limit(
        problem,
        "hold",
        store.store_id,
        problem.plan.end - problem.plan.start,
        widened=replaced(problem, "stores", stores),
        say=said_by(
            "what is in {store} may stay {amount:g} h longer",
            "{store}中的物料可多存放 {amount:g} 小时",
            store=store_words(store.store_id, problem),
        ),
    )


def _machine(problem: ResponseProblem, machine: Machine) -> Limit:
    def machines(more: float) -> tuple[object, ...]:
        return one_of(problem.plan.machines, machine, replace(machine, count=machine.count + round(more)))

    return counted_limit(
        "machine",
        machine.machine_id,
        "machine",
        widened=replaced(problem, "machines", machines),
        say=said_by(
            "{amount:g} more of {machine}",
            "增加 {amount:g} 台{machine}",
            machine=machine_words(machine.machine_id, problem),
        ),
        most=4.0,
    )


def _people(problem: ResponseProblem, shift: Shift) -> Limit:
    def shifts(more: float) -> tuple[object, ...]:
        there = max(0.0, (shift.people_count or 0.0) + more)
        return one_of(problem.plan.shifts, shift, replace(shift, people_count=there))

    one = counted_limit(
        "people",
        shift.name,
        "person",
        widened=replaced(problem, "shifts", shifts),
        say=said_by("{amount:g} more people in shift {name}", "班次 {name} 增加 {amount:g} 人", name=shift.name),
        most=16.0,
    )
    return replace(one, probe=-TOUCHED_SHARE)


def _utility(problem: ResponseProblem, utility: Utility) -> Limit:
    def utilities(more: float) -> tuple[object, ...]:
        gaps = tuple(replace(one, limit=max(0.0, one.limit + more)) for one in utility.gaps)
        wider = replace(utility, limit=max(0.0, utility.limit + more), gaps=gaps)
        return one_of(problem.plan.utilities, utility, wider)

    return quantity_limit(
        "utility",
        utility.utility_id,
        utility.unit,
        utility.limit,
        widened=replaced(problem, "utilities", utilities),
        say=said_by(
            "{amount:g} {unit} more of utility {name}",
            "公用工程 {name} 增加 {amount:g} {unit}",
            unit=utility.unit,
            name=utility.name,
        ),
    )


def _battery(problem: ResponseProblem, battery: Battery) -> Limit:
    def widened(more_kwh: float) -> ResponseProblem:
        larger = replace(battery, capacity_kwh=battery.capacity_kwh + more_kwh)
        batteries = tuple(larger if one is battery else one for one in problem.site.batteries)
        return replace(problem, site=replace(problem.site, batteries=batteries))

    return quantity_limit(
        "battery",
        battery.battery_id,
        "kWh",
        battery.capacity_kwh,
        widened=widened,
        say=said_by(
            "battery {name} holds {amount:g} kWh more", "储能 {name} 容量增加 {amount:g} kWh", name=battery.battery_id
        ),
    )


def _compensation(problem: ResponseProblem) -> Iterator[Limit]:
    """Give one more step of each bank, one larger static generator, where the plan counts reactive power."""
    for one in problem.site.compensators if problem.base_kvar is not None else ():
        yield _compensator(problem, one)


def _compensator(problem: ResponseProblem, one: Compensator) -> Limit:
    def widened(more: float) -> ResponseProblem:
        if one.stepless_kvar is not None:
            larger = replace(one, stepless_kvar=one.stepless_kvar + more)
        else:
            larger = replace(one, steps_count=one.steps_count + round(more / (one.kvar_per_step or 1.0)))
        compensators = tuple(larger if each is one else each for each in problem.site.compensators)
        return replace(problem, site=replace(problem.site, compensators=compensators))

    limit = quantity_limit(
        "compensation",
        one.compensator_id,
        "kvar",
        one.most_kvar,
        widened=widened,
        say=said_by(
            "compensator {name} gives {amount:g} kvar more",
            "补偿装置 {name} 增加 {amount:g} kvar",
            name=one.compensator_id,
        ),
    )
    if one.kvar_per_step is None:
        return limit
    step_kvar = one.kvar_per_step
    return replace(limit, amount=step_kvar, finest=step_kvar, most=8 * step_kvar, probe=-step_kvar)


def _connection(problem: ResponseProblem) -> Limit:
    site = problem.site
    reserve_kw = 0.0 if problem.import_reserve_kw is None else float(problem.import_reserve_kw.max())

    def widened(more_kw: float) -> ResponseProblem:
        return replace(problem, site=replace(site, import_limit_kw=site.import_limit_kw + more_kw))

    one = quantity_limit(
        "connection",
        site.site_id,
        "kW",
        site.import_limit_kw,
        widened=widened,
        say=said_by("the site may draw {amount:g} kW more", "厂区受电上限增加 {amount:g} kW"),
    )
    # a plan keeps clear of the limit by its reserve, so that is where it touches it
    return replace(one, probe=one.probe - reserve_kw)
