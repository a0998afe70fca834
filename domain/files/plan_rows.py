"""A plant as the rows of its workbook's sheets."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from domain.files.plan_sheets import (
    BATTERIES,
    COMPENSATOR_HOURS,
    COMPENSATORS,
    DRAWS,
    FLOWS,
    MODES,
    MODULATING,
    OUTAGES,
    PAST_RUNS,
    PROCESS_SPANS,
    PROCESSES,
    PV,
    QUOTAS,
    RATE_FLOWS,
    SITE,
    TASKS,
    UTILITY_GAPS,
    UTILITY_USES,
    Sheet,
)
from domain.files.plant import PlantFile
from domain.plant import Mode, ModulatingLoad, Process, ProductionPlan, Task

Rows = list[dict[str, Any]]


def pairs_of(plant: PlantFile) -> dict[str, Any]:
    """Give the values of the key-value sheet by key."""
    return {column.key: attrgetter(".".join(column.path))(plant) for column in SITE.columns}


def rows_of(plant: PlantFile, sheet: Sheet) -> Rows:
    """Give the rows of one table by column key; what equals a noun's default is written out too."""
    plan, site = plant.plan, plant.site
    if sheet.key in _MAKERS:
        return _MAKERS[sheet.key](plan)
    owner = {
        BATTERIES.key: site.batteries,
        PV.key: site.pv,
        COMPENSATORS.key: site.compensators,
        PAST_RUNS.key: plant.past_runs,
    }
    if sheet is COMPENSATOR_HOURS:
        return _below(sheet, ((one.compensator_id, one.hours) for one in site.compensators), "compensator_id")
    nouns = owner[sheet.key] if sheet.key in owner else getattr(plan, sheet.key)
    return [_fields(sheet, one) for one in nouns]


def _fields(sheet: Sheet, one: Any) -> dict[str, Any]:
    return {column.key: getattr(one, column.key) for column in sheet.columns if hasattr(one, column.key)}


def _below(sheet: Sheet, owners: Iterable[tuple[str, tuple[Any, ...]]], key: str) -> Rows:
    return [{key: owner_id, **_fields(sheet, one)} for owner_id, parts in owners for one in parts]


def _flow_rows(plan: ProductionPlan) -> Rows:
    own = _below(FLOWS, ((one.task_id, one.flows) for one in plan.tasks), "task_id")
    return own + [
        {"task_id": task.task_id, "mode_id": mode.mode_id, **_fields(FLOWS, flow)}
        for task in plan.tasks
        for mode in task.modes
        for flow in mode.flows or ()
    ]


def _use_rows(plan: ProductionPlan) -> Rows:
    rows = []
    for task in plan.tasks:
        rows += [{"task_id": task.task_id, **_fields(UTILITY_USES, use)} for use in task.utilities]
        rows += [
            {"task_id": task.task_id, "mode_id": mode.mode_id, **_fields(UTILITY_USES, use)}
            for mode in task.modes
            for use in mode.utilities or ()
        ]
    for process in plan.processes:
        rows += [{"process_id": process.process_id, **_fields(UTILITY_USES, use)} for use in process.utilities]
    return rows


def _process_row(process: Process) -> dict[str, Any]:
    row = _fields(PROCESSES, process)
    row |= {f"before_{name}": getattr(process.before, name) for name in ("is_on", "rate", "since_min")}
    row["machine_ids"] = process.machine_ids or None
    return row


def _span_rows(plan: ProductionPlan) -> Rows:
    return [
        {"process_id": process.process_id, "kind": kind, **_fields(PROCESS_SPANS, span)}
        for process in plan.processes
        for kind, spans in (("hours", process.hours), ("outage", process.outages), ("planned", process.planned))
        for span in spans
    ]


def _mode_row(task: Task, mode: Mode) -> dict[str, Any]:
    row = {"task_id": task.task_id, **_fields(MODES, mode), **_phases(mode)}
    row["machine_ids"] = mode.machine_ids or None
    row["own_flows"] = True if mode.flows is not None else None
    row["own_utilities"] = True if mode.utilities is not None else None
    return row


def _load_rows(load: ModulatingLoad) -> Rows:
    head = {
        "load_id": load.load_id,
        "name": load.name,
        "min_kw": load.min_kw,
        "max_kw": load.max_kw,
        "power_factor": load.power_factor,
    }
    spans = [{"start": one.start, "end": one.end, "energy_kwh": one.energy_kwh} for one in load.shifts]
    return [{**head, **span} for span in spans] or [head]


def _task_row(task: Task) -> dict[str, Any]:
    row = _fields(TASKS, task) | _phases(task)
    row["planned_starts"] = task.planned_starts or None
    row["machine_ids"] = task.machine_ids or None
    return row


def _phases(one: Task | Mode) -> dict[str, Any]:
    if len(one.phases) == 1:
        return {"phases": None, "power_kw": one.phases[0].power_kw, "duration_min": one.phases[0].duration_min}
    phases = [f"{_short(phase.power_kw)}x{phase.duration_min}" for phase in one.phases]
    return {"phases": phases, "power_kw": None, "duration_min": None}


def _short(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 10**15 else repr(float(number))


_MAKERS: dict[str, Callable[[ProductionPlan], Rows]] = {
    OUTAGES.key: lambda plan: _below(OUTAGES, ((one.machine_id, one.outages) for one in plan.machines), "machine_id"),
    DRAWS.key: lambda plan: _below(DRAWS, ((one.store_id, one.draws) for one in plan.stores), "store_id"),
    FLOWS.key: _flow_rows,
    MODES.key: lambda plan: [_mode_row(task, mode) for task in plan.tasks for mode in task.modes],
    MODULATING.key: lambda plan: [row for load in plan.modulating_loads for row in _load_rows(load)],
    TASKS.key: lambda plan: [_task_row(task) for task in plan.tasks],
    PROCESSES.key: lambda plan: [_process_row(process) for process in plan.processes],
    RATE_FLOWS.key: lambda plan: _below(
        RATE_FLOWS, ((one.process_id, one.flows) for one in plan.processes), "process_id"
    ),
    QUOTAS.key: lambda plan: _below(QUOTAS, ((one.process_id, one.quotas) for one in plan.processes), "process_id"),
    PROCESS_SPANS.key: _span_rows,
    UTILITY_GAPS.key: lambda plan: _below(
        UTILITY_GAPS, ((one.utility_id, one.gaps) for one in plan.utilities), "utility_id"
    ),
    UTILITY_USES.key: _use_rows,
}
"""How the rows of a table are made where they are not a noun's fields one for one."""
