"""Whether each task runs as its plan says: how often, when, after what, with whom."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from domain.findings import Finding, FindingKind, Severity
from domain.offers.response import ResponseProblem
from domain.plant import Task
from domain.text import Text
from domain.time import zone_of
from optimizer.audit_replay import (
    MINUTE,
    Crews,
    PlacedRun,
    hard_window,
    machines_ready,
    machines_taken,
)


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


RUN_COUNT = _kind(
    "run_count",
    "Task {task_id} runs {found} times instead of {expected}.",
    "任务 {task_id} 运行了 {found} 次，应为 {expected} 次。",
)
RUN_OFF_EDGE = _kind(
    "run_off_edge",
    "Task {task_id} starts at {at}, which is no edge of a {step_min}-minute step.",
    "任务 {task_id} 于 {at} 开始，不在 {step_min} 分钟步长的刻度上。",
)
RUN_OFF_RHYTHM = _kind(
    "run_off_rhythm",
    "Task {task_id} starts at {at}; it may start every {start_every_min} minutes after local midnight.",
    "任务 {task_id} 于 {at} 开始；它只能在当地零点起每 {start_every_min} 分钟的时刻开始。",
)
RUN_TOO_EARLY = _kind(
    "run_too_early",
    "Task {task_id} starts at {at}, {minutes:g} minutes before it may ({limit}).",
    "任务 {task_id} 于 {at} 开始，比允许时间（{limit}）早 {minutes:g} 分钟。",
)
RUN_TOO_LATE = _kind(
    "run_too_late",
    "Task {task_id} starts at {at} and ends {minutes:g} minutes after it must ({limit}).",
    "任务 {task_id} 于 {at} 开始，结束时比期限（{limit}）晚 {minutes:g} 分钟。",
)
RUN_MOVED = _kind(
    "run_moved",
    "Task {task_id} may not move, but starts at {at} instead of {expected}.",
    "任务 {task_id} 不可移动，却于 {at} 开始，应为 {expected}。",
)
MACHINE_OVERBOOKED = _kind(
    "machine_overbooked",
    "Machine {machine_id} has {taken} runs at {at}, and {ready} can run ({n_steps} steps).",
    "设备 {machine_id} 在 {at} 有 {taken} 项运行，而可用数为 {ready}（共 {n_steps} 个时段）。",
)
GAP_TOO_SHORT = _kind(
    "gap_too_short",
    "Task {after} starts {gap_min:g} minutes after {before} ends, at {at}; at least {limit_min} are needed.",
    "任务 {after} 在 {before} 结束后 {gap_min:g} 分钟（{at}）开始；至少需间隔 {limit_min} 分钟。",
)
GAP_TOO_LONG = _kind(
    "gap_too_long",
    "Task {after} starts {gap_min:g} minutes after {before} ends, at {at}; at most {limit_min} are allowed.",
    "任务 {after} 在 {before} 结束后 {gap_min:g} 分钟（{at}）开始；至多允许间隔 {limit_min} 分钟。",
)
CREW_MISSING = _kind(
    "crew_missing",
    "Task {task_id} needs {crew_count:g} people at {at}, when no shift is there ({n_steps} steps).",
    "任务 {task_id} 在 {at} 需要 {crew_count:g} 人，而当时没有班次（共 {n_steps} 个时段）。",
)
SHIFTS_CLASH = _kind(
    "crew_shifts_clash",
    "{n_shifts} shifts claim {at} ({n_steps} steps), so the wage is not known.",
    "{at} 同时属于 {n_shifts} 个班次（共 {n_steps} 个时段），工资无法确定。",
)


def run_findings(placed: Sequence[PlacedRun], problem: ResponseProblem, crews: Crews) -> list[Finding]:
    """Find all that is wrong with the runs and with what they occupy."""
    found: list[Finding] = []
    for task in problem.plan.tasks:
        runs = [run for run in placed if run.task.task_id == task.task_id]
        if len(runs) != task.count:
            found.append(RUN_COUNT.at(task_id=task.task_id, found=len(runs), expected=task.count))
        elif not task.movable:
            found += _moved_findings(task, runs, problem)
        for run in runs:
            found += _start_findings(run, problem) + _window_findings(run, problem)
            found += _crew_findings(run, problem, crews)
    return found + _machine_findings(placed, problem) + _gap_findings(placed, problem) + _shift_findings(problem, crews)


def _say(instant: datetime, problem: ResponseProblem) -> str:
    return instant.astimezone(zone_of(problem.plan.zone)).isoformat()


def _moved_findings(task: Task, runs: Sequence[PlacedRun], problem: ResponseProblem) -> list[Finding]:
    planned = Counter(at.astimezone(UTC) for at in task.planned_starts)
    actual = Counter(run.start for run in runs)
    moved = sorted((actual - planned).elements())
    left = sorted((planned - actual).elements())
    return [
        RUN_MOVED.at(task_id=task.task_id, at=_say(at, problem), expected=_say(expected, problem))
        for at, expected in zip(moved, left, strict=True)
    ]


def _start_findings(run: PlacedRun, problem: ResponseProblem) -> list[Finding]:
    task, grid = run.task, problem.horizon
    at = _say(run.start, problem)
    if (run.start - grid.start) % grid.step:
        return [RUN_OFF_EDGE.at(task_id=task.task_id, at=at, step_min=grid.step_min)]
    local = run.start.astimezone(zone_of(problem.plan.zone))
    if task.movable and (local.hour * 60 + local.minute) % task.start_every_min:
        return [RUN_OFF_RHYTHM.at(task_id=task.task_id, at=at, start_every_min=task.start_every_min)]
    return []


def _window_findings(run: PlacedRun, problem: ResponseProblem) -> list[Finding]:
    opens, closes = hard_window(run.task, problem.plan, problem.horizon)
    words = {"task_id": run.task.task_id, "at": _say(run.start, problem)}
    found = []
    if run.start < opens:
        found.append(RUN_TOO_EARLY.at(minutes=(opens - run.start) / MINUTE, limit=_say(opens, problem), **words))
    if run.end > closes:
        found.append(RUN_TOO_LATE.at(minutes=(run.end - closes) / MINUTE, limit=_say(closes, problem), **words))
    return found


def _crew_findings(run: PlacedRun, problem: ResponseProblem, crews: Crews) -> list[Finding]:
    task, grid = run.task, problem.horizon
    alone = [step for step in run.steps(grid.n_steps) if task.crew_count > 0 and crews.n_shifts[step] == 0]
    if not alone:
        return []
    at = _say(grid.at(alone[0]), problem)
    return [CREW_MISSING.at(task_id=task.task_id, crew_count=task.crew_count, at=at, n_steps=len(alone))]


def _shift_findings(problem: ResponseProblem, crews: Crews) -> list[Finding]:
    clash = np.flatnonzero(crews.n_shifts > 1)
    if not clash.size:
        return []
    first = int(clash[0])
    at = _say(problem.horizon.at(first), problem)
    return [SHIFTS_CLASH.at(n_shifts=int(crews.n_shifts[first]), at=at, n_steps=int(clash.size))]


def _machine_findings(placed: Sequence[PlacedRun], problem: ResponseProblem) -> list[Finding]:
    grid = problem.horizon
    found = []
    for machine in problem.plan.machines:
        taken = machines_taken(placed, machine.machine_id, grid)
        ready = machines_ready(machine, grid)
        over = np.flatnonzero(taken > ready)
        if over.size:
            first = int(over[0])
            found.append(
                MACHINE_OVERBOOKED.at(
                    machine_id=machine.machine_id,
                    at=_say(grid.at(first), problem),
                    taken=int(taken[first]),
                    ready=int(ready[first]),
                    n_steps=int(over.size),
                )
            )
    return found


def _gap_findings(placed: Sequence[PlacedRun], problem: ResponseProblem) -> list[Finding]:
    """Compare waits where both tasks run once; other counts are found as such."""
    found = []
    for link in problem.plan.precedences:
        before = [run for run in placed if run.task.task_id == link.before]
        after = [run for run in placed if run.task.task_id == link.after]
        if len(before) != 1 or len(after) != 1:
            continue
        gap: timedelta = after[0].start - before[0].end
        words = {"before": link.before, "after": link.after, "at": _say(after[0].start, problem)}
        if gap < link.min_gap_min * MINUTE:
            found.append(GAP_TOO_SHORT.at(gap_min=gap / MINUTE, limit_min=link.min_gap_min, **words))
        if link.max_gap_min is not None and gap > link.max_gap_min * MINUTE:
            found.append(GAP_TOO_LONG.at(gap_min=gap / MINUTE, limit_min=link.max_gap_min, **words))
    return found
