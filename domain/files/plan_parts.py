"""The parts of a plant workbook that hang below others: modes, flows, utilities, and all that makes a process."""

from collections.abc import Callable
from typing import Any

from domain.files.plan_sheets import (
    COMPENSATOR_HOURS,
    DRAWS,
    FLOWS,
    MODES,
    OUTAGES,
    PROCESS_SPANS,
    PROCESSES,
    QUOTAS,
    RATE_FLOWS,
    UTILITY_GAPS,
    UTILITY_USES,
    Sheet,
)
from domain.files.plan_tables import CellProblem, Row
from domain.plant import Interval, PlannedRate
from domain.text import Text

Plain = dict[str, Any]
OWNERS = {
    OUTAGES.key: "machine_id",
    DRAWS.key: "store_id",
    FLOWS.key: "task_id",
    MODES.key: "task_id",
    RATE_FLOWS.key: "process_id",
    QUOTAS.key: "process_id",
    PROCESS_SPANS.key: "process_id",
    UTILITY_GAPS.key: "utility_id",
    COMPENSATOR_HOURS.key: "compensator_id",
}
"""Sheets whose rows belong to a row of another sheet, by the column that names it."""
FIELDS = {RATE_FLOWS.key: "flows", UTILITY_GAPS.key: "gaps", COMPENSATOR_HOURS.key: "hours"}
"""Field of the owner that a sheet's rows fill, where it is not called like the sheet."""
SPANS: dict[str, tuple[str, Any]] = {
    "hours": ("hours", Interval),
    "outage": ("outages", Interval),
    "planned": ("planned", PlannedRate),
}
"""Field and noun of a process' spans, by their kind."""
BEFORE = "before_"
MISSING = Text(en="is missing", zh="缺少此项")
UNKNOWN_MODE = Text(en="is no mode of that task", zh="不是该任务的方式")
ONE_OWNER = Text(en="give either task_id or process_id", zh="须且仅须填写任务或连续设备之一")


def place_of(row: Row) -> str:
    """Give the field of its owner that a row fills."""
    if row.sheet is PROCESS_SPANS:
        return SPANS[row.values["kind"]][0]
    return FIELDS.get(row.sheet.key, row.sheet.key)


def noun_of(row: Row, usual: Any) -> Any:
    """Give the noun that a row states: spans of a process have two."""
    if row.sheet is PROCESS_SPANS and row.values.get("kind") in SPANS:
        return SPANS[row.values["kind"]][1]
    return usual


def settle(row: Row, plain: Plain, *, alone: bool) -> list[CellProblem]:
    """Turn what a row's columns say into the fields of its noun; ``alone``: it is judged without the other sheets."""
    settler = _SETTLERS.get(row.sheet.key)
    return [] if settler is None else settler(row, plain, alone)


def _process(_: Row, plain: Plain, alone: bool) -> list[CellProblem]:
    before = {key.removeprefix(BEFORE): plain.pop(key) for key in list(plain) if key.startswith(BEFORE)}
    if before:
        plain["before"] = before
    if alone:
        plain.pop("movable", None)  # what is planned stands on another sheet
    return []


def _mode(_: Row, plain: Plain, alone: bool) -> list[CellProblem]:
    for key in ("own_flows", "own_utilities"):
        if plain.pop(key, False) and not alone:
            plain[key.removeprefix("own_")] = []
    return []


def _span(row: Row, plain: Plain, _: bool) -> list[CellProblem]:
    if plain.pop("kind", None) == "planned":
        return [] if "rate" in plain else [row.problem("rate", MISSING)]
    plain.pop("rate", None)
    return []


def _flow(_: Row, plain: Plain, __: bool) -> list[CellProblem]:
    plain.pop("mode_id", None)
    return []


def _use(row: Row, plain: Plain, _: bool) -> list[CellProblem]:
    owners = [plain.pop(key, None) for key in ("task_id", "process_id")]
    plain.pop("mode_id", None)
    return [] if sum(one is not None for one in owners) == 1 else [row.problem("task_id", ONE_OWNER)]


_SETTLERS: dict[str, Callable[[Row, Plain, bool], list[CellProblem]]] = {
    PROCESSES.key: _process,
    MODES.key: _mode,
    PROCESS_SPANS.key: _span,
    FLOWS.key: _flow,
    UTILITY_USES.key: _use,
}


def unknown_modes(rows: dict[str, tuple[Row, ...]]) -> list[CellProblem]:
    """Find flows and utility uses of modes that their task has not."""
    known = {(row.values.get("task_id"), row.values.get("mode_id")) for row in rows[MODES.key]}
    return [
        row.problem("mode_id", UNKNOWN_MODE)
        for sheet in (FLOWS.key, UTILITY_USES.key)
        for row in rows[sheet]
        if "mode_id" in row.values and (row.values.get("task_id"), row.values["mode_id"]) not in known
    ]


def owner_of(row: Row, plan: Plain) -> tuple[Plain, str] | None:
    """Give what a flow or utility use hangs below, and its pointer: a mode, a task or a process."""
    if "process_id" in row.values:
        return _found(plan["processes"], "process_id", row.values["process_id"], "/plan/processes")
    task = _found(plan["tasks"], "task_id", row.values.get("task_id"), "/plan/tasks")
    if task is None or "mode_id" not in row.values:
        return task
    return _found(task[0].get("modes", []), "mode_id", row.values["mode_id"], f"{task[1]}/modes")


def _found(among: list[Plain], key: str, wanted: Any, pointer: str) -> tuple[Plain, str] | None:
    return next(((one, f"{pointer}/{number}") for number, one in enumerate(among) if one.get(key) == wanted), None)


def below_of(sheet: Sheet) -> str:
    """Give the field that the rows of flows and utility uses fill."""
    return "utilities" if sheet is UTILITY_USES else sheet.key
