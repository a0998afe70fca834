"""Whether a schedule leaves what has begun as it is and keeps what was wished, and what leaving a plan costs."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.offers.response import ResponseProblem
from domain.offers.standing import StandingPlan
from domain.offers.wishes import ProcessWish, RunWish
from domain.plant import Interval, Run, Schedule
from domain.text import Text
from optimizer.audit_replay import Replay, covered, minutes_after
from optimizer.audit_tolerances import tolerance_of, worst_excess

HOUR_S = 3600


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


BEGUN_RUN_CHANGED = _kind(
    "begun_run_changed",
    "Task {task_id} begins {found} runs at {at}, which is past; by the standing plan it has begun {expected} there.",
    "任务 {task_id} 在已过去的 {at} 开始 {found} 次运行，而现行计划已于该时刻开始 {expected} 次。",
)
BEGUN_LOT_CHANGED = _kind(
    "begun_lot_changed",
    "The lots of task {task_id} that began at {at} add up to {found:.6g} runs; by the standing plan it was {expected:.6g}.",
    "任务 {task_id} 于 {at} 开始的批量合计为 {found:.6g} 次运行，而现行计划中为 {expected:.6g}。",
)
BEGUN_CHANGEOVER_CHANGED = _kind(
    "begun_changeover_changed",
    "{found} changeovers {change} begin at {at}, which is past; by the standing plan there were {expected}.",
    "在已过去的 {at} 开始 {found} 次换型 {change}，而现行计划中为 {expected} 次。",
)
PAST_CHANGED = _kind(
    "past_changed",
    "{subject} is {value:.6g} at {at}, which is past; by the standing plan it was {expected:.6g} ({n_steps} steps).",
    "{subject} 在已过去的 {at} 为 {value:.6g}，而现行计划中为 {expected:.6g}（共 {n_steps} 个时段）。",
)
WISHED_RUN_MISSING = _kind(
    "wished_run_missing",
    "Task {task_id} starts {found} runs at {at}; {expected} are wished.",
    "任务 {task_id} 在 {at} 开始 {found} 次运行，而希望为 {expected} 次。",
)
WISHED_STATE_MISSING = _kind(
    "wished_state_missing",
    "Process {process_id} is not as wished at {at} ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 的启停状态与愿望不符（共 {n_steps} 个时段）。",
)

Begun = tuple[str, str | None, datetime]
"""A task, the mode in which it is done, the start in UTC."""


def standing_findings(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    """Find what changes the past, and wishes that are not kept."""
    found = [] if problem.standing is None else _past_findings(replay, problem.standing)
    return found + _run_wishes(replay, problem) + _process_wishes(replay, problem)


def _begun(run: Run) -> Begun:
    return run.task_id, run.mode_id, run.start.astimezone(UTC)


def _planned(replay: Replay, standing: StandingPlan) -> Counter[Begun]:
    """Count the standing plan's runs that this plan still knows, within the horizon."""
    known = {
        (task.task_id, mode_id) for task in replay.plan.tasks for mode_id in [None, *(m.mode_id for m in task.modes)]
    }
    runs = [run for run in standing.schedule.runs if (run.task_id, run.mode_id) in known]
    return Counter(_begun(run) for run in runs if replay.grid.start <= run.start < replay.grid.end)


def _past_findings(replay: Replay, standing: StandingPlan) -> list[Finding]:
    done, planned = Counter(_begun(run) for run in replay.schedule.runs), _planned(replay, standing)
    begun = {one for one in done | planned if one[2] < standing.now}
    found = [
        BEGUN_RUN_CHANGED.at(task_id=one[0], at=replay.say(one[2]), found=done[one], expected=planned[one])
        for one in sorted(begun, key=lambda one: (one[2], one[0], str(one[1])))
        if done[one] != planned[one]
    ]
    found += _lot_findings(replay, standing, begun) + _changeover_findings(replay, standing)
    past = np.arange(replay.n_steps) * replay.grid.step_min < minutes_after(standing.now, replay.grid)
    before = _series(standing.schedule)
    for (what, owner_id), values in _series(replay.schedule).items():
        if (what, owner_id) not in before:
            continue
        expected = _on_grid(before[what, owner_id], standing, replay)
        known = past & np.isfinite(expected)
        off = np.abs(np.where(known, values - expected, 0.0))
        worst = worst_excess(off, tolerance_of(float(np.max(np.abs(before[what, owner_id]), initial=0.0))))
        if worst:
            numbers = {"value": float(values[worst.step]), "expected": float(expected[worst.step])}
            words = {"subject": owner_id, "at": replay.say_step(worst.step), "n_steps": worst.n_steps}
            found.append(PAST_CHANGED.at(**words, **numbers))
    return found


def _lot_findings(replay: Replay, standing: StandingPlan, begun: set[Begun]) -> list[Finding]:
    """Compare the lots of what began in both plans as often; equal runs of one start may share theirs otherwise."""
    found = []
    for one in sorted(begun, key=lambda one: (one[2], one[0], str(one[1]))):
        now, then = (
            [run.lot_share for run in schedule.runs if _begun(run) == one]
            for schedule in (replay.schedule, standing.schedule)
        )
        if len(now) == len(then) and abs(sum(now) - sum(then)) > tolerance_of(len(now)):
            words = {"found": sum(now), "expected": sum(then)}
            found.append(BEGUN_LOT_CHANGED.at(task_id=one[0], at=replay.say(one[2]), **words))
    return found


def _changeover_findings(replay: Replay, standing: StandingPlan) -> list[Finding]:
    known = {(one.machine_id, one.from_family, one.to_family) for one in replay.plan.changeovers}
    now, then = (
        Counter(
            (one.machine_id, one.from_family, one.to_family, one.start.astimezone(UTC))
            for one in schedule.changeovers
            if (one.machine_id, one.from_family, one.to_family) in known
            and replay.grid.start <= one.start < min(replay.grid.end, standing.now)
        )
        for schedule in (replay.schedule, standing.schedule)
    )
    return [
        BEGUN_CHANGEOVER_CHANGED.at(
            change=f"{machine_id}: {before} → {after}",
            at=replay.say(start),
            found=now[machine_id, before, after, start],
            expected=then[machine_id, before, after, start],
        )
        for machine_id, before, after, start in sorted(now | then)
        if now[machine_id, before, after, start] != then[machine_id, before, after, start]
    ]


def _series(schedule: Schedule) -> dict[tuple[str, str], FloatArray]:
    """Give every series of a schedule that is decided, by what and whose it is."""
    found = {("modulating_kw", one): values for one, values in schedule.modulating_kw.items()}
    found |= {("pv_used_kw", one): values for one, values in schedule.pv_used_kw.items()}
    found |= {("disposed", one): values for one, values in schedule.disposed.items()}
    found |= {("compensation_kvar", one): values for one, values in schedule.compensation_kvar.items()}
    for one, use in schedule.batteries.items():
        found |= {("charge_kw", one): use.charge_kw, ("discharge_kw", one): use.discharge_kw}
    for one, done in schedule.processes.items():
        found |= {("rate", one): done.rate, ("is_on", one): done.is_on.astype(np.float64)}
    return found


def _on_grid(values: FloatArray, standing: StandingPlan, replay: Replay) -> FloatArray:
    """Give a standing series on this schedule's steps; NaN where it says nothing or has other steps."""
    theirs = standing.schedule.grid
    found = np.full(replay.n_steps, np.nan)
    for step in range(replay.n_steps):
        place, rest = divmod(minutes_after(replay.grid.at(step), theirs), theirs.step_min)
        if theirs.step_min == replay.grid.step_min and not rest and 0 <= place < theirs.n_steps:
            found[step] = values[int(place)]
    return found


def _run_wishes(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    done = Counter(_begun(run) for run in replay.schedule.runs)
    wishes = [one for one in problem.wishes if isinstance(one, RunWish)]
    wished = Counter((one.task_id, one.mode_id, one.start.astimezone(UTC)) for one in wishes)
    return [
        WISHED_RUN_MISSING.at(task_id=one[0], at=replay.say(one[2]), found=done[one], expected=count)
        for one, count in wished.items()
        if done[one] < count
    ]


def _process_wishes(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    found = []
    for wish in problem.wishes:
        if not isinstance(wish, ProcessWish):
            continue
        inside = covered([Interval(start=wish.start, end=wish.end)], replay.grid)
        bad = np.flatnonzero(inside & (replay.schedule.processes[wish.process_id].is_on != wish.is_on))
        if bad.size:
            at = replay.say_step(int(bad[0]))
            found.append(WISHED_STATE_MISSING.at(process_id=wish.process_id, at=at, n_steps=int(bad.size)))
    return found


def replayed_change_cost(replay: Replay, problem: ResponseProblem) -> float:
    """Count what leaving the standing plan costs: runs given up, runs moved, processes switched. [currency]."""
    standing = problem.standing
    if standing is None:
        return 0.0
    done, planned = Counter(_begun(run) for run in replay.schedule.runs), _planned(replay, standing)
    given_up = (planned - done).total()
    moved_h = 0.0
    for run in replay.schedule.runs:
        away = [abs((run.start - start).total_seconds()) for task_id, _, start in planned if task_id == run.task_id]
        moved_h += min(away, default=0.0) / HOUR_S
    flipped_h = 0.0
    for process in replay.plan.processes:
        was = standing.schedule.processes.get(process.process_id)
        if was is not None and process.is_switched:  # else it has no state besides its rate
            expected = _on_grid(was.is_on.astype(np.float64), standing, replay)
            is_on = replay.schedule.processes[process.process_id].is_on
            flipped_h += float(np.nansum(np.abs(is_on - expected))) * replay.grid.step_min / 60
    return (
        given_up * standing.run_change_cost
        + moved_h * standing.run_shift_cost_per_h
        + flipped_h * standing.process_change_cost_per_h
    )
