"""Whether each task runs as its plan says: how often, when, after what, in which lots."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, timedelta

from domain.findings import Finding, FindingKind, Severity
from domain.plant import Task
from domain.text import Text
from domain.time import zone_of
from optimizer.audit_replay import MINUTE, PlacedRun, Replay, hard_window
from optimizer.audit_tolerances import tolerance_of


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
RUN_IN_MODE = _kind(
    "run_in_other_mode",
    "Task {task_id} may not move, but its run at {at} is done in mode {mode_id}.",
    "任务 {task_id} 不可移动，但其 {at} 的运行采用了方式 {mode_id}。",
)
LOT_SHARE = _kind(
    "run_lot_share",
    "The run of {task_id} at {at} has a lot of {lot_share:.6g}, outside {least_lot_share:g} … 1 of a full run.",
    "任务 {task_id} 在 {at} 的运行批量为 {lot_share:.6g}，超出整次运行的 {least_lot_share:g} … 1。",
)
GAP_TOO_SHORT = _kind(
    "gap_too_short",
    "Task {after} starts {gap_min:g} minutes after {before} ends, at {at}; at least {limit_min} are needed.",
    "任务 {after} 在 {before} 结束后 {gap_min:g} 分钟（{at}）开始；至少需间隔 {limit_min} 分钟。",
)
STARTS_BEFORE_END = _kind(
    "starts_before_end",
    "Task {after} starts at {at}, {early_min:g} minutes before {before} ends; at least {limit_min} minutes after its end are "
    "needed.",
    "任务 {after} 于 {at} 开始，比 {before} 结束早 {early_min:g} 分钟；至少须在其结束 {limit_min} 分钟之后。",
)
GAP_TOO_LONG = _kind(
    "gap_too_long",
    "Task {after} starts {gap_min:g} minutes after {before} ends, at {at}; at most {limit_min} are allowed.",
    "任务 {after} 在 {before} 结束后 {gap_min:g} 分钟（{at}）开始；至多允许间隔 {limit_min} 分钟。",
)


def run_findings(replay: Replay) -> list[Finding]:
    """Find all that is wrong with when, how often and in which lots tasks run."""
    found: list[Finding] = []
    for task in replay.plan.tasks:
        runs = [run for run in replay.runs if run.task.task_id == task.task_id]
        least = task.count if task.min_count is None or not task.movable else task.min_count
        if not least <= len(runs) <= task.count:
            expected = task.count if least == task.count else f"{least} … {task.count}"
            found.append(RUN_COUNT.at(task_id=task.task_id, found=len(runs), expected=expected))
        elif not task.movable:
            found += _moved_findings(task, runs, replay)
        for run in runs:
            found += _start_findings(run, replay) + _window_findings(run, replay) + _lot_findings(run, replay)
    return found + _gap_findings(replay)


def _moved_findings(task: Task, runs: Sequence[PlacedRun], replay: Replay) -> list[Finding]:
    planned = Counter(at.astimezone(UTC) for at in task.planned_starts)
    actual = Counter(run.start for run in runs)
    moved = sorted((actual - planned).elements())
    left = sorted((planned - actual).elements())
    found = [
        RUN_MOVED.at(task_id=task.task_id, at=replay.say(at), expected=replay.say(expected))
        for at, expected in zip(moved, left, strict=True)
    ]
    found += [
        RUN_IN_MODE.at(task_id=task.task_id, at=replay.say(run.start), mode_id=run.mode_id)
        for run in runs
        if run.mode_id is not None
    ]
    return found


def _start_findings(run: PlacedRun, replay: Replay) -> list[Finding]:
    task, grid = run.task, replay.grid
    at = replay.say(run.start)
    if (run.start - grid.start) % grid.step:
        return [RUN_OFF_EDGE.at(task_id=task.task_id, at=at, step_min=grid.step_min)]
    local = run.start.astimezone(zone_of(replay.plan.zone))
    if task.movable and (local.hour * 60 + local.minute) % task.start_every_min:
        return [RUN_OFF_RHYTHM.at(task_id=task.task_id, at=at, start_every_min=task.start_every_min)]
    return []


def _window_findings(run: PlacedRun, replay: Replay) -> list[Finding]:
    opens, closes = hard_window(run.task, replay.plan, replay.grid)
    words = {"task_id": run.task.task_id, "at": replay.say(run.start)}
    found = []
    if run.start < opens:
        found.append(RUN_TOO_EARLY.at(minutes=(opens - run.start) / MINUTE, limit=replay.say(opens), **words))
    if run.end > closes:
        found.append(RUN_TOO_LATE.at(minutes=(run.end - closes) / MINUTE, limit=replay.say(closes), **words))
    return found


def _lot_findings(run: PlacedRun, replay: Replay) -> list[Finding]:
    least = run.task.least_lot_share
    slack = tolerance_of(1.0)
    if least - slack <= run.lot_share <= 1.0 + slack:
        return []
    words = {"lot_share": run.lot_share, "least_lot_share": least}
    return [LOT_SHARE.at(task_id=run.task.task_id, at=replay.say(run.start), **words)]


def _gap_findings(replay: Replay) -> list[Finding]:
    """Compare waits where both tasks run once; other counts are found as such."""
    found = []
    for link in replay.plan.precedences:
        before = [run for run in replay.runs if run.task.task_id == link.before]
        after = [run for run in replay.runs if run.task.task_id == link.after]
        if len(before) != 1 or len(after) != 1:
            continue
        gap: timedelta = after[0].start - before[0].end
        words = {"before": link.before, "after": link.after, "at": replay.say(after[0].start)}
        if gap < min(link.min_gap_min * MINUTE, timedelta()):
            found.append(STARTS_BEFORE_END.at(early_min=-gap / MINUTE, limit_min=link.min_gap_min, **words))
        elif gap < link.min_gap_min * MINUTE:
            found.append(GAP_TOO_SHORT.at(gap_min=gap / MINUTE, limit_min=link.min_gap_min, **words))
        if link.max_gap_min is not None and gap > link.max_gap_min * MINUTE:
            found.append(GAP_TOO_LONG.at(gap_min=gap / MINUTE, limit_min=link.max_gap_min, **words))
    return found
