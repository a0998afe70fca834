"""Changes of the second hand-worked day: of what is asked, and of what is done."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from domain.offers.response import ResponseProblem
from domain.plant import ProcessUse, Schedule
from optimizer.audit import audit
from tests.audited_works import changeovers, mill, plan, stores, tasks

Asked = Callable[[ResponseProblem], ResponseProblem]
Done = Callable[[Schedule], Schedule]


def codes(done: Schedule, asked: ResponseProblem) -> set[str]:
    return {one.code for one in audit(done, asked).violations}


def swapped(items: tuple[Any, ...], number: int, **changes: Any) -> tuple[Any, ...]:
    return (*items[:number], replace(items[number], **changes), *items[number + 1 :])


def of_plan(**changes: Any) -> Asked:
    return lambda p: replace(p, plan=replace(p.plan, **changes))


def of_site(**changes: Any) -> Asked:
    return lambda p: replace(p, site=replace(p.site, **changes))


def of_task(number: int, **changes: Any) -> Asked:
    return of_plan(tasks=swapped(tasks(), number, **changes))


def of_mode(**changes: Any) -> Asked:
    return of_task(0, modes=swapped(tasks()[0].modes, 0, **changes))


def of_process(number: int, **changes: Any) -> Asked:
    return of_plan(processes=swapped(plan().processes, number, **changes))


def of_store(number: int, **changes: Any) -> Asked:
    return of_plan(stores=swapped(stores(), number, **changes))


def of_machine(number: int, **changes: Any) -> Asked:
    return of_plan(machines=swapped(plan().machines, number, **changes))


def of_change(number: int, **changes: Any) -> Asked:
    return of_plan(changeovers=swapped(changeovers(), number, **changes))


def of_steam(**changes: Any) -> Asked:
    return of_plan(utilities=swapped(plan().utilities, 0, **changes))


def of_quota(number: int, **changes: Any) -> Asked:
    return of_process(0, quotas=swapped(mill().quotas, number, **changes))


def of_shift(number: int, **changes: Any) -> Asked:
    return of_plan(shifts=swapped(plan().shifts, number, **changes))


def both(*changes: Asked) -> Asked:
    def change(p: ResponseProblem) -> ResponseProblem:
        for one in changes:
            p = one(p)
        return p

    return change


def of_run(number: int, **changes: Any) -> Done:
    return lambda s: replace(s, runs=swapped(s.runs, number, **changes))


def of_use(process_id: str, *, at_step: int, **changes: Any) -> Done:
    def change(s: Schedule) -> Schedule:
        use = s.processes[process_id]
        series = {name: getattr(use, name).copy() for name in ("rate", "is_on")}
        for name, value in changes.items():
            series[name][at_step] = value
        return replace(s, processes={**s.processes, process_id: ProcessUse(**series)})

    return change


def disposed(**series: np.ndarray) -> Done:
    return lambda s: replace(s, disposed={**s.disposed, **series})
