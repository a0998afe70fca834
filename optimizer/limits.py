"""Limits that a plan could ask to have wider: how each is widened, and which of them a schedule touches."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.offers.reasons import LimitChange
from domain.plant import Battery, Machine, Order, Precedence, Schedule, Shift, Store, Task, Utility
from optimizer.audit import audit
from optimizer.words import filled, machine_words, store_words

WIDER_SHARE = 0.05
"""A store, a utility, a battery or the connection is widened by this share of its range. [-]"""
TOUCHED_SHARE = 1e-3
"""A limit that would break if it were narrower by this share of the change is touched. [-]"""
HOURS = "h"


@noun(eq=False)
class Limit:
    """One limit that could be wider: the change in words, and how to make it."""

    change: LimitChange
    widened: Callable[[float], ResponseProblem]
    """Gives the problem with the limit changed by an amount in the change's unit."""
    probe: float
    """Change, negative, that a schedule which touches the limit cannot bear. [change.unit]"""

    def wider(self) -> ResponseProblem:
        """Give the problem with the limit widened by the whole change."""
        return self.widened(self.change.amount)

    def is_touched(self, schedule: Schedule) -> bool:
        """Say whether a schedule would break the limit if it were a little narrower."""
        try:
            narrower = self.widened(self.probe)
        except WattplanError:
            return True  # it cannot be narrower at all: it stands at what another limit asks
        return bool(audit(schedule, narrower).violations)


def limits_of(problem: ResponseProblem) -> Iterator[Limit]:
    """Give every limit of a problem that could be widened."""
    yield from _times(problem)
    plan = problem.plan
    yield from (_wait(problem, link) for link in plan.precedences if link.max_gap_min is not None)
    yield from (_store(problem, store) for store in plan.stores)
    yield from (_machine(problem, machine) for machine in plan.machines)
    yield from (_people(problem, shift) for shift in plan.shifts if shift.people_count is not None)
    yield from (_utility(problem, utility) for utility in plan.utilities)
    yield from (_battery(problem, battery) for battery in problem.site.batteries)
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


def shifts_less(problem: ResponseProblem) -> Iterator[Limit]:
    """Give each shift as a change that gives it up: what a plan would pay to do without."""
    for shift in problem.plan.shifts:
        kept: tuple[object, ...] = tuple(one for one in problem.plan.shifts if one is not shift)
        said = filled("shift {name} is not worked", "不安排班次 {name}", name=shift.name)
        yield Limit(
            change=LimitChange(kind="shift", subject_id=shift.name, amount=-1.0, unit="shift", said=said),
            widened=_replaced(problem, "shifts", partial(_always, kept)),
            probe=-1.0,
        )


def _replaced(
    problem: ResponseProblem, field: str, made: Callable[[float], tuple[object, ...]]
) -> Callable[[float], ResponseProblem]:
    """Give what replaces one collection of the plan by one that an amount makes."""

    def widened(amount: float) -> ResponseProblem:
        changed: dict[str, tuple[object, ...]] = {field: made(amount)}
        return replace(problem, plan=replace(problem.plan, **changed))  # type: ignore[arg-type]

    return widened


def _always(kept: tuple[object, ...], _amount: float) -> tuple[object, ...]:
    return kept


def _one_of(everything: tuple[object, ...], one: object, other: object) -> tuple[object, ...]:
    """Give a collection with one member replaced."""
    return tuple(other if member is one else member for member in everything)


def _hours(amount: float) -> timedelta:
    return timedelta(minutes=round(amount * 60))


def _due(problem: ResponseProblem, order: Order) -> Limit:
    plan = problem.plan
    said = filled("order {order} due one hour later", "订单 {order} 交期推迟一小时", order=order.order_id)

    def orders(amount: float) -> tuple[object, ...]:
        return _one_of(plan.orders, order, replace(order, due=min(order.due + _hours(amount), plan.end)))

    return Limit(
        change=LimitChange(kind="due", subject_id=order.order_id, amount=1.0, unit=HOURS, said=said),
        widened=_replaced(problem, "orders", orders),
        probe=-problem.horizon.step_h,
    )


def _latest_end(problem: ResponseProblem, task: Task) -> Limit:
    plan, latest = problem.plan, task.latest_end or problem.plan.end
    said = filled("task {task} may end one hour later", "任务 {task} 可晚一小时结束", task=task.task_id)

    def tasks(amount: float) -> tuple[object, ...]:
        return _one_of(plan.tasks, task, replace(task, latest_end=min(latest + _hours(amount), plan.end)))

    return Limit(
        change=LimitChange(kind="latest_end", subject_id=task.task_id, amount=1.0, unit=HOURS, said=said),
        widened=_replaced(problem, "tasks", tasks),
        probe=-problem.horizon.step_h,
    )


def _earliest(problem: ResponseProblem, task: Task) -> Limit:
    plan, earliest = problem.plan, task.earliest or problem.plan.start
    said = filled("task {task} may start one hour earlier", "任务 {task} 可早一小时开始", task=task.task_id)

    def tasks(amount: float) -> tuple[object, ...]:
        return _one_of(plan.tasks, task, replace(task, earliest=max(earliest - _hours(amount), plan.start)))

    return Limit(
        change=LimitChange(kind="earliest", subject_id=task.task_id, amount=1.0, unit=HOURS, said=said),
        widened=_replaced(problem, "tasks", tasks),
        probe=-problem.horizon.step_h,
    )


def _wait(problem: ResponseProblem, link: Precedence) -> Limit:
    said = filled(
        "half an hour more between {before} and {after}",
        "{before} 与 {after} 之间可多等半小时",
        before=link.before,
        after=link.after,
    )

    def links(amount: float) -> tuple[object, ...]:
        longer = max(link.min_gap_min, (link.max_gap_min or 0) + round(amount * 60))
        return _one_of(problem.plan.precedences, link, replace(link, max_gap_min=longer))

    return Limit(
        change=LimitChange(kind="wait", subject_id=f"{link.before} → {link.after}", amount=0.5, unit=HOURS, said=said),
        widened=_replaced(problem, "precedences", links),
        probe=-problem.horizon.step_h,
    )


def _store(problem: ResponseProblem, store: Store) -> Limit:
    amount = _round_up(WIDER_SHARE * (store.max_level - store.min_level))
    said = filled(
        "{store} holds {amount:g} {unit} more",
        "{store}容量增加 {amount:g} {unit}",
        store=store_words(store.store_id, problem),
        amount=amount,
        unit=store.unit,
    )

    def stores(more: float) -> tuple[object, ...]:
        return _one_of(problem.plan.stores, store, replace(store, max_level=store.max_level + more))

    return Limit(
        change=LimitChange(kind="store", subject_id=store.store_id, amount=amount, unit=store.unit, said=said),
        widened=_replaced(problem, "stores", stores),
        probe=-TOUCHED_SHARE * amount,
    )


def _machine(problem: ResponseProblem, machine: Machine) -> Limit:
    said = filled("one more of {machine}", "增加一台{machine}", machine=machine_words(machine.machine_id, problem))

    def machines(more: float) -> tuple[object, ...]:
        return _one_of(problem.plan.machines, machine, replace(machine, count=machine.count + round(more)))

    return Limit(
        change=LimitChange(kind="machine", subject_id=machine.machine_id, amount=1.0, unit="machine", said=said),
        widened=_replaced(problem, "machines", machines),
        probe=-1.0,
    )


def _people(problem: ResponseProblem, shift: Shift) -> Limit:
    said = filled("one more person in shift {name}", "班次 {name} 增加一人", name=shift.name)

    def shifts(more: float) -> tuple[object, ...]:
        return _one_of(
            problem.plan.shifts, shift, replace(shift, people_count=max(0.0, (shift.people_count or 0.0) + more))
        )

    return Limit(
        change=LimitChange(kind="people", subject_id=shift.name, amount=1.0, unit="person", said=said),
        widened=_replaced(problem, "shifts", shifts),
        probe=-TOUCHED_SHARE,
    )


def _utility(problem: ResponseProblem, utility: Utility) -> Limit:
    amount = _round_up(WIDER_SHARE * utility.limit) if utility.limit else 1.0
    said = filled(
        "{amount:g} {unit} more of utility {name}",
        "公用工程 {name} 增加 {amount:g} {unit}",
        amount=amount,
        unit=utility.unit,
        name=utility.name,
    )

    def utilities(more: float) -> tuple[object, ...]:
        gaps = tuple(replace(one, limit=max(0.0, one.limit + more)) for one in utility.gaps)
        wider = replace(utility, limit=max(0.0, utility.limit + more), gaps=gaps)
        return _one_of(problem.plan.utilities, utility, wider)

    return Limit(
        change=LimitChange(kind="utility", subject_id=utility.utility_id, amount=amount, unit=utility.unit, said=said),
        widened=_replaced(problem, "utilities", utilities),
        probe=-TOUCHED_SHARE * amount,
    )


def _battery(problem: ResponseProblem, battery: Battery) -> Limit:
    amount = _round_up(WIDER_SHARE * battery.capacity_kwh)
    said = filled(
        "battery {name} holds {amount:g} kWh more",
        "储能 {name} 容量增加 {amount:g} kWh",
        name=battery.battery_id,
        amount=amount,
    )

    def widened(more: float) -> ResponseProblem:
        larger = replace(battery, capacity_kwh=battery.capacity_kwh + more)
        batteries = tuple(larger if one is battery else one for one in problem.site.batteries)
        return replace(problem, site=replace(problem.site, batteries=batteries))

    return Limit(
        change=LimitChange(kind="battery", subject_id=battery.battery_id, amount=amount, unit="kWh", said=said),
        widened=widened,
        probe=-TOUCHED_SHARE * amount,
    )


def _connection(problem: ResponseProblem) -> Limit:
    site = problem.site
    amount_kw = _round_up(WIDER_SHARE * site.import_limit_kw)
    said = filled("the site may draw {amount:g} kW more", "厂区受电上限增加 {amount:g} kW", amount=amount_kw)

    def widened(more_kw: float) -> ResponseProblem:
        return replace(problem, site=replace(site, import_limit_kw=site.import_limit_kw + more_kw))

    return Limit(
        change=LimitChange(kind="connection", subject_id=site.site_id, amount=amount_kw, unit="kW", said=said),
        widened=widened,
        # a plan keeps clear of the limit by its reserve, so that is where it touches it
        probe=-TOUCHED_SHARE * amount_kw - _reserve_kw(problem),
    )


def _reserve_kw(problem: ResponseProblem) -> float:
    return 0.0 if problem.import_reserve_kw is None else float(problem.import_reserve_kw.max())


def _round_up(amount: float) -> float:
    """Give an amount with one digit, so that words stay plain: 37.2 → 40."""
    if amount <= 0:
        return 1.0
    digit = 10.0 ** (len(f"{int(amount)}") - 1) if amount >= 1 else 10.0 ** -(len(f"{int(1 / amount)}"))
    return -(-amount // digit) * digit
