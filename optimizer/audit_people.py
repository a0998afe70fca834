"""Who is there in each step, and whether they are enough for what runs."""

from datetime import datetime, timedelta

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.plant import ProductionPlan, Shift
from domain.text import Text
from domain.time import Calendar, TimeGrid, zone_of
from optimizer.audit_replay import BoolArray, IntArray, Replay
from optimizer.audit_tolerances import tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


CREW_MISSING = _kind(
    "crew_missing",
    "Task {task_id} needs {crew_count:g} people at {at}, when no shift is there ({n_steps} steps).",
    "任务 {task_id} 在 {at} 需要 {crew_count:g} 人，而当时没有班次（共 {n_steps} 个时段）。",
)
PROCESS_CREW_MISSING = _kind(
    "process_crew_missing",
    "Process {process_id} needs {crew_count:g} people at {at}, when no shift is there ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 需要 {crew_count:g} 人，而当时没有班次（共 {n_steps} 个时段）。",
)
CHANGEOVER_CREW_MISSING = _kind(
    "changeover_crew_missing",
    "The changeover of {machine_id} needs {crew_count:g} people at {at}, when no shift is there ({n_steps} steps).",
    "设备 {machine_id} 的换型在 {at} 需要 {crew_count:g} 人，而当时没有班次（共 {n_steps} 个时段）。",
)
PEOPLE_SHORT = _kind(
    "people_short",
    "At {at}, {needed_count:.6g} people are needed and {people_count:.6g} are there ({n_steps} steps).",
    "{at} 需要 {needed_count:.6g} 人，而在岗 {people_count:.6g} 人（共 {n_steps} 个时段）。",
)
SHIFTS_CLASH = _kind(
    "crew_shifts_clash",
    "{n_shifts} shifts claim {at} ({n_steps} steps), so the wage is not known.",
    "{at} 同时属于 {n_shifts} 个班次（共 {n_steps} 个时段），工资无法确定。",
)


@noun(eq=False)
class Crews:
    """Who is there in each step."""

    n_shifts: IntArray
    """How many shifts claim the step; 1 everywhere where the plan has no shifts."""
    wage_per_h: FloatArray
    """Wage of the shift that is there; 0 where nobody is. [currency / h]"""
    people_count: FloatArray
    """People of the shift that is there; infinite where it is not said how many. [-]"""


def crews_of(plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> Crews:
    """Find the crew of each step: the shift that is there in the step's last moment.

    Shifts that begin or end inside a step thus hand it over whole to the later one.
    """
    people_count = np.full(grid.n_steps, np.inf)
    wage_per_h = np.zeros(grid.n_steps)
    if not plan.shifts:
        return Crews(n_shifts=np.ones(grid.n_steps, dtype=np.int64), wage_per_h=wage_per_h, people_count=people_count)
    step_ends_s = grid.start.timestamp() + 60 * grid.step_min * np.arange(1, grid.n_steps + 1)
    n_shifts = np.zeros(grid.n_steps, dtype=np.int64)
    for shift in plan.shifts:
        for begin_s, end_s in _spans_s(shift, plan, grid, calendar):
            there = (begin_s < step_ends_s) & (step_ends_s <= end_s)
            n_shifts += there
            wage_per_h += shift.wage_per_h * there
            if shift.people_count is not None:
                people_count[there] = shift.people_count
    return Crews(n_shifts=n_shifts, wage_per_h=wage_per_h, people_count=people_count)


def _spans_s(shift: Shift, plan: ProductionPlan, grid: TimeGrid, calendar: Calendar) -> list[tuple[float, float]]:
    """Give a shift's spans around the grid as POSIX seconds, from the local clock of each of its days."""
    zone = zone_of(plan.zone)
    day = grid.start.astimezone(zone).date() - timedelta(days=1)
    spans = []
    while day <= grid.end.astimezone(zone).date():
        next_day = day + timedelta(days=1)
        if calendar.tags(day) & set(shift.days):
            ends_on = next_day if shift.end <= shift.start else day
            begin = datetime.combine(day, shift.start, tzinfo=zone)
            end = datetime.combine(ends_on, shift.end, tzinfo=zone)
            spans.append((begin.timestamp(), end.timestamp()))
        day = next_day
    return spans


def people_needed(replay: Replay) -> FloatArray:
    """Give how many people all that runs needs in each step, shape (n_steps,). [-]."""
    needed = np.zeros(replay.n_steps)
    for run in replay.runs:
        needed[list(run.steps(replay.n_steps))] += run.crew_count
    for change in replay.changes:
        needed[list(change.steps(replay.n_steps))] += change.changeover.crew_count
    for process in replay.plan.processes:
        needed += process.crew_count * replay.schedule.processes[process.process_id].is_on
    return needed


def people_findings(replay: Replay, crews: Crews) -> list[Finding]:
    """Find work without a crew, crews that are too small, and steps that several shifts claim."""
    found = _lone_findings(replay, crews)
    needed = people_needed(replay)
    excess = np.where(crews.n_shifts == 1, needed - crews.people_count, -np.inf)
    worst = worst_excess(excess, tolerance_of(float(needed.max())))
    if worst:
        found.append(
            PEOPLE_SHORT.at(
                at=replay.say_step(worst.step),
                needed_count=float(needed[worst.step]),
                people_count=float(crews.people_count[worst.step]),
                n_steps=worst.n_steps,
            )
        )
    clash = np.flatnonzero(crews.n_shifts > 1)
    if clash.size:
        first = int(clash[0])
        n_shifts = int(crews.n_shifts[first])
        found.append(SHIFTS_CLASH.at(n_shifts=n_shifts, at=replay.say_step(first), n_steps=int(clash.size)))
    return found


def _lone_findings(replay: Replay, crews: Crews) -> list[Finding]:
    n_steps = replay.n_steps
    work: list[tuple[FindingKind, dict[str, str], float, BoolArray]] = []
    for run in replay.runs:
        owner = {"task_id": run.task.task_id}
        work.append((CREW_MISSING, owner, run.crew_count, _marked(run.steps(n_steps), n_steps)))
    for change in replay.changes:
        owner = {"machine_id": change.changeover.machine_id}
        marked = _marked(change.steps(n_steps), n_steps)
        work.append((CHANGEOVER_CREW_MISSING, owner, change.changeover.crew_count, marked))
    for process in replay.plan.processes:
        is_on = replay.schedule.processes[process.process_id].is_on
        work.append((PROCESS_CREW_MISSING, {"process_id": process.process_id}, process.crew_count, is_on))
    found = []
    for kind, owner, crew_count, works in work:
        alone = np.flatnonzero(works & (crews.n_shifts == 0))
        if crew_count > 0 and alone.size:
            at = replay.say_step(int(alone[0]))
            found.append(kind.at(crew_count=crew_count, at=at, n_steps=int(alone.size), **owner))
    return found


def _marked(steps: range, n_steps: int) -> BoolArray:
    marked = np.zeros(n_steps, dtype=np.bool_)
    marked[list(steps)] = True
    return marked
