"""The first question of the audit: whether the schedule can be read at all.

Grid, shapes, numbers and names are checked before anything is worked out from them.
"""

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.offers.response import ResponseProblem
from domain.plant import Schedule
from domain.text import Text
from domain.time import zone_of
from optimizer.audit_replay import BoolArray

WRONG_GRID = FindingKind(
    code="schedule_wrong_grid",
    severity=Severity.SERIOUS,
    words=Text(
        en="The {subject} lies on the grid {found}, the question on {expected}.",
        zh="{subject} 的时间网格为 {found}，而问题的时间网格为 {expected}。",
    ),
)
WRONG_SHAPE = FindingKind(
    code="schedule_wrong_shape",
    severity=Severity.SERIOUS,
    words=Text(
        en="{subject} has shape {found} instead of {expected}.", zh="{subject} 的形状为 {found}，应为 {expected}。"
    ),
)
NOT_FINITE = FindingKind(
    code="schedule_not_finite",
    severity=Severity.SERIOUS,
    words=Text(
        en="{subject} is {value} at {at} ({n_values} such values).",
        zh="{subject} 在 {at} 的值为 {value}（此类值共 {n_values} 个）。",
    ),
)
UNKNOWN_ID = FindingKind(
    code="schedule_unknown_id",
    severity=Severity.SERIOUS,
    words=Text(
        en="The schedule names the {subject} {owner_id}, which the question does not have.",
        zh="排程中出现了 {subject} {owner_id}，而问题中没有该项。",
    ),
)
MISSING_ID = FindingKind(
    code="schedule_missing_id",
    severity=Severity.SERIOUS,
    words=Text(
        en="The schedule does not say what the {subject} {owner_id} does.",
        zh="排程未说明 {subject} {owner_id} 如何运行。",
    ),
)
EVENT_OFF_GRID = FindingKind(
    code="event_off_grid",
    severity=Severity.SERIOUS,
    words=Text(
        en="Event {event_id} takes the steps {first} … {stop} of a horizon of {n_steps}.",
        zh="事件 {event_id} 占用时段 {first} … {stop}，而计划期共 {n_steps} 个时段。",
    ),
)


def reading_findings(schedule: Schedule, problem: ResponseProblem) -> list[Finding]:
    """Find what keeps a schedule from being replayed."""
    found = _grid_findings(schedule, problem) + _id_findings(schedule, problem) + _event_findings(problem)
    if any(one.code == WRONG_GRID.code for one in found):
        return found
    for subject, values in _series(schedule):
        found += _array_findings(subject, values, problem)
    found += [
        NOT_FINITE.at(subject=f"commitments_kw[{event_id}]", at=event_id, value=str(kw), n_values=1)
        for event_id, kw in schedule.commitments_kw.items()
        if not np.isfinite(kw)
    ]
    found += [
        NOT_FINITE.at(
            subject=f"lot_share of {run.task_id}", at=run.start.isoformat(), value=str(run.lot_share), n_values=1
        )
        for run in schedule.runs
        if not np.isfinite(run.lot_share)
    ]
    return found


def _grid_findings(schedule: Schedule, problem: ResponseProblem) -> list[Finding]:
    horizon = problem.horizon
    grids = {"schedule": schedule.grid, "prices": problem.terms.horizon}
    return [
        WRONG_GRID.at(
            subject=subject,
            found=f"{grid.start.isoformat()} + {grid.n_steps} × {grid.step_min} min",
            expected=f"{horizon.start.isoformat()} + {horizon.n_steps} × {horizon.step_min} min",
        )
        for subject, grid in grids.items()
        if grid != horizon
    ]


def _id_findings(schedule: Schedule, problem: ResponseProblem) -> list[Finding]:
    devices = (
        ("modulating_load", set(schedule.modulating_kw), {one.load_id for one in problem.plan.modulating_loads}),
        ("battery", set(schedule.batteries), {one.battery_id for one in problem.site.batteries}),
        ("pv", set(schedule.pv_used_kw), {one.pv_id for one in problem.site.pv}),
        ("event", set(schedule.commitments_kw), {one.event_id for one in problem.events}),
        ("process", set(schedule.processes), {one.process_id for one in problem.plan.processes}),
        (
            "disposal",
            set(schedule.disposed),
            {one.store_id for one in problem.plan.stores if one.disposal_cost_per_unit is not None},
        ),
    )
    found = _work_findings(schedule, problem)
    for subject, named, known in (*devices, *_reactive_devices(schedule, problem)):
        found += [UNKNOWN_ID.at(subject=subject, owner_id=one) for one in sorted(named - known)]
        found += [MISSING_ID.at(subject=subject, owner_id=one) for one in sorted(known - named)]
    return found


def _reactive_devices(schedule: Schedule, problem: ResponseProblem) -> tuple[tuple[str, set[str], set[str]], ...]:
    """Give what a schedule names of reactive power, and what it must where the problem counts it."""
    names = {"forward_kvar", "reverse_kvar"}
    given = {name for name in names if getattr(schedule, name) is not None}
    counts = problem.base_kvar is not None
    compensators = {one.compensator_id for one in problem.site.compensators if counts}
    return (
        ("compensator", set(schedule.compensation_kvar), compensators),
        ("reactive power", given, names if counts else set()),
    )


def _work_findings(schedule: Schedule, problem: ResponseProblem) -> list[Finding]:
    """Find runs of tasks, modes of tasks and changeovers that the plan does not have."""
    modes = {task.task_id: {None, *(one.mode_id for one in task.modes)} for task in problem.plan.tasks}
    changes = {(one.machine_id, one.from_family, one.to_family) for one in problem.plan.changeovers}
    tasks = {run.task_id for run in schedule.runs if run.task_id not in modes}
    other = {
        (run.task_id, str(run.mode_id))
        for run in schedule.runs
        if run.mode_id not in modes.get(run.task_id, {run.mode_id})
    }
    made = {(one.machine_id, one.from_family, one.to_family) for one in schedule.changeovers}
    return [
        *(UNKNOWN_ID.at(subject="task", owner_id=one) for one in sorted(tasks)),
        *(UNKNOWN_ID.at(subject="mode", owner_id=f"{task_id}, {mode_id}") for task_id, mode_id in sorted(other)),
        *(
            UNKNOWN_ID.at(subject="changeover", owner_id=f"{one[0]}: {one[1]} → {one[2]}")
            for one in sorted(made - changes)
        ),
    ]


def _event_findings(problem: ResponseProblem) -> list[Finding]:
    n_steps = problem.horizon.n_steps
    return [
        EVENT_OFF_GRID.at(event_id=one.event_id, first=one.first, stop=one.stop, n_steps=n_steps)
        for one in problem.events
        if not 0 <= one.first < one.stop <= n_steps
    ]


def _series(schedule: Schedule) -> list[tuple[str, FloatArray | BoolArray]]:
    series: list[tuple[str, FloatArray | BoolArray]] = [
        ("base_kw", schedule.base_kw),
        ("import_kw", schedule.import_kw),
        ("export_kw", schedule.export_kw),
        *((f"modulating_kw[{one}]", values) for one, values in schedule.modulating_kw.items()),
        *((f"pv_used_kw[{one}]", values) for one, values in schedule.pv_used_kw.items()),
    ]
    for name in ("forward_kvar", "reverse_kvar"):
        kvar = getattr(schedule, name)
        series += [] if kvar is None else [(name, kvar)]
    series += [(f"compensation_kvar[{one}]", values) for one, values in schedule.compensation_kvar.items()]
    for one, use in schedule.batteries.items():
        names = ("charge_kw", "discharge_kw", "soc_kwh")
        series += [(f"batteries[{one}].{name}", getattr(use, name)) for name in names]
    for one, done in schedule.processes.items():
        series += [(f"processes[{one}].rate", done.rate), (f"processes[{one}].is_on", done.is_on)]
    return series + [(f"disposed[{one}]", values) for one, values in schedule.disposed.items()]


def _array_findings(subject: str, values: FloatArray | BoolArray, problem: ResponseProblem) -> list[Finding]:
    expected = (problem.horizon.n_steps,)
    if np.shape(values) != expected:
        return [WRONG_SHAPE.at(subject=subject, found=str(np.shape(values)), expected=str(expected))]
    if subject.endswith(".is_on") and values.dtype != np.bool_:
        return [WRONG_SHAPE.at(subject=subject, found=str(values.dtype), expected="bool")]
    bad = np.flatnonzero(~np.isfinite(values))
    if not bad.size:
        return []
    first = int(bad[0])
    at = problem.horizon.at(first).astimezone(zone_of(problem.plan.zone)).isoformat()
    return [NOT_FINITE.at(subject=subject, at=at, value=str(float(values[first])), n_values=int(bad.size))]
