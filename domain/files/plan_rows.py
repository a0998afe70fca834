"""A plant as the rows of its workbook's sheets."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from domain.files.plan_sheets import (
    BATTERIES,
    DRAWS,
    FLOWS,
    MODULATING,
    OUTAGES,
    PAST_RUNS,
    PV,
    SITE,
    TASKS,
    Sheet,
)
from domain.files.plant import PlantFile
from domain.plant import ModulatingLoad, Task

Rows = list[dict[str, Any]]


def pairs_of(plant: PlantFile) -> dict[str, Any]:
    """Give the values of the key-value sheet by key."""
    return {column.key: attrgetter(".".join(column.path))(plant) for column in SITE.columns}


def rows_of(plant: PlantFile, sheet: Sheet) -> Rows:
    """Give the rows of one table by column key; what equals a noun's default is written out too."""
    plan, site = plant.plan, plant.site
    if sheet is OUTAGES:
        return _below(sheet, ((one.machine_id, one.outages) for one in plan.machines), "machine_id")
    if sheet is DRAWS:
        return _below(sheet, ((one.store_id, one.draws) for one in plan.stores), "store_id")
    if sheet is FLOWS:
        return _below(sheet, ((one.task_id, one.flows) for one in plan.tasks), "task_id")
    if sheet is MODULATING:
        return [row for load in plan.modulating_loads for row in _load_rows(load)]
    if sheet is TASKS:
        return [_task_row(task) for task in plan.tasks]
    owner = {BATTERIES.key: site.batteries, PV.key: site.pv, PAST_RUNS.key: plant.past_runs}
    nouns = owner[sheet.key] if sheet.key in owner else getattr(plan, sheet.key)
    return [_fields(sheet, one) for one in nouns]


def _fields(sheet: Sheet, one: Any) -> dict[str, Any]:
    return {column.key: getattr(one, column.key) for column in sheet.columns if hasattr(one, column.key)}


def _below(sheet: Sheet, owners: Iterable[tuple[str, tuple[Any, ...]]], key: str) -> Rows:
    return [{key: owner_id, **_fields(sheet, one)} for owner_id, parts in owners for one in parts]


def _load_rows(load: ModulatingLoad) -> Rows:
    head = {"load_id": load.load_id, "name": load.name, "min_kw": load.min_kw, "max_kw": load.max_kw}
    spans = [{"start": one.start, "end": one.end, "energy_kwh": one.energy_kwh} for one in load.shifts]
    return [{**head, **span} for span in spans] or [head]


def _task_row(task: Task) -> dict[str, Any]:
    row = _fields(TASKS, task)
    if len(task.phases) == 1:
        row |= {"phases": None, "power_kw": task.phases[0].power_kw, "duration_min": task.phases[0].duration_min}
    else:
        row |= {
            "phases": [f"{_short(one.power_kw)}x{one.duration_min}" for one in task.phases],
            "power_kw": None,
            "duration_min": None,
        }
    row["planned_starts"] = task.planned_starts or None
    row["machine_ids"] = task.machine_ids or None
    return row


def _short(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 10**15 else repr(float(number))
