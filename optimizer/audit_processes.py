"""Whether each process runs when it may, within its band, for long enough, and not too often."""

from collections import Counter
from itertools import pairwise

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.plant import Process, ProcessUse
from domain.text import Text
from domain.time import zone_of
from optimizer.audit_rates import quota_findings, ramp_findings
from optimizer.audit_replay import BoolArray, Replay, covered, minutes_after, touched
from optimizer.audit_tolerances import tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


RATE_LIMIT = _kind(
    "process_rate_limit",
    "Process {process_id} runs at {rate:.6g} {unit}/h at {at}, outside {least:.6g} … {most:.6g} ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 的速率为 {rate:.6g} {unit}/h，超出 {least:.6g} … {most:.6g}（共 {n_steps} 个时段）。",
)
NOT_AVAILABLE = _kind(
    "process_not_available",
    "Process {process_id} is on at {at}, outside its hours or in an outage ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 处于运行状态，而该时刻不在其可用时段内或正在检修（共 {n_steps} 个时段）。",
)
RUN_TOO_SHORT = _kind(
    "process_run_too_short",
    "Process {process_id} is on for {minutes:g} minutes until {at}; at least {limit_min} are needed.",
    "连续设备 {process_id} 至 {at} 仅运行 {minutes:g} 分钟，至少须运行 {limit_min} 分钟。",
)
PAUSE_TOO_SHORT = _kind(
    "process_pause_too_short",
    "Process {process_id} is off for {minutes:g} minutes until {at}; at least {limit_min} are needed.",
    "连续设备 {process_id} 至 {at} 仅停运 {minutes:g} 分钟，至少须停运 {limit_min} 分钟。",
)
TOO_MANY_STARTS = _kind(
    "process_starts_too_often",
    "Process {process_id} starts {found} times on {day}; at most {limit} are allowed.",
    "连续设备 {process_id} 在 {day} 启动 {found} 次，至多允许 {limit} 次。",
)
MOVED = _kind(
    "process_moved",
    "Process {process_id} may not move, but runs at {rate:.6g} {unit}/h at {at} instead of {expected:.6g} "
    "({n_steps} steps).",
    "连续设备 {process_id} 不可改动，但 {at} 的速率为 {rate:.6g} {unit}/h，应为 {expected:.6g}（共 {n_steps} 个时段）。",
)
PLAN_OFF_EDGE = _kind(
    "process_plan_off_edge",
    "The plan of process {process_id} changes at {at}, inside a {step_min}-minute step, so it cannot be judged.",
    "连续设备 {process_id} 的计划在 {at} 变化，位于 {step_min} 分钟步长之内，无法核对。",
)


@noun
class _Stretch:
    """Steps ``first`` … ``stop`` (exclusive) through which a process is on, or off."""

    is_on: bool
    first: int
    stop: int


def process_starts(process: Process, use: ProcessUse) -> BoolArray:
    """Say in which steps a process starts."""
    was_on = np.concatenate([[process.before.is_on], use.is_on[:-1]])
    found: BoolArray = use.is_on & ~was_on
    return found


def process_kw(process: Process, use: ProcessUse, step_h: float, *, of_unit_kwh: float) -> FloatArray:
    """Give the power of a process that draws ``of_unit_kwh`` for each unit of throughput, shape (n_steps,). [kW]."""
    warm_up_kw = process.start_kwh / step_h * process_starts(process, use)
    return np.asarray(process.fixed_kw * use.is_on + of_unit_kwh * use.rate + warm_up_kw, dtype=np.float64)


def processes_kw(replay: Replay) -> FloatArray:
    """Give what all processes draw less what they generate, shape (n_steps,). [kW]."""
    total_kw = np.zeros(replay.n_steps)
    for one in replay.plan.processes:
        use = replay.schedule.processes[one.process_id]
        total_kw += process_kw(one, use, replay.grid.step_min / 60, of_unit_kwh=one.kwh_per_unit)
    return total_kw


def processes_drawn_kw(replay: Replay) -> FloatArray:
    """Give what all processes draw, whatever they generate beside it, shape (n_steps,). [kW]."""
    total_kw = np.zeros(replay.n_steps)
    for one in replay.plan.processes:
        use = replay.schedule.processes[one.process_id]
        total_kw += process_kw(one, use, replay.grid.step_min / 60, of_unit_kwh=max(0.0, one.kwh_per_unit))
    return total_kw


def process_findings(process: Process, replay: Replay) -> list[Finding]:
    """Find all that a process does and may not."""
    return [
        *_band_findings(process, replay),
        *_availability_findings(process, replay),
        *_stretch_findings(process, replay),
        *_start_findings(process, replay),
        *_plan_findings(process, replay),
        *ramp_findings(process, replay),
        *quota_findings(process, replay),
    ]


def _band_findings(process: Process, replay: Replay) -> list[Finding]:
    use = replay.schedule.processes[process.process_id]
    least, most = process.min_rate * use.is_on, process.max_rate * use.is_on
    worst = worst_excess(np.maximum(least - use.rate, use.rate - most), tolerance_of(process.max_rate))
    if not worst:
        return []
    return [
        RATE_LIMIT.at(
            process_id=process.process_id,
            unit=process.unit,
            rate=float(use.rate[worst.step]),
            least=float(least[worst.step]),
            most=float(most[worst.step]),
            at=replay.say_step(worst.step),
            n_steps=worst.n_steps,
        )
    ]


def _availability_findings(process: Process, replay: Replay) -> list[Finding]:
    grid = replay.grid
    may_run = covered(process.hours, grid) if process.hours else np.ones(grid.n_steps, dtype=np.bool_)
    for outage in process.outages:
        may_run &= ~touched(outage.start, outage.end, grid)
    bad = np.flatnonzero(replay.schedule.processes[process.process_id].is_on & ~may_run)
    if not bad.size:
        return []
    at = replay.say_step(int(bad[0]))
    return [NOT_AVAILABLE.at(process_id=process.process_id, at=at, n_steps=int(bad.size))]


def _stretches(is_on: BoolArray) -> list[_Stretch]:
    edges = [0, *(np.flatnonzero(is_on[1:] != is_on[:-1]) + 1).tolist(), is_on.size]
    return [_Stretch(is_on=bool(is_on[first]), first=first, stop=stop) for first, stop in pairwise(edges)]


def _stretch_findings(process: Process, replay: Replay) -> list[Finding]:
    """Find runs and pauses that end too soon; the last of the horizon has not ended."""
    before = process.before
    stretches = _stretches(replay.schedule.processes[process.process_id].is_on)
    if stretches[0].is_on != before.is_on:
        stretches = [_Stretch(is_on=before.is_on, first=0, stop=0), *stretches]
    found = []
    for number, one in enumerate(stretches[:-1]):
        kind, limit_min = (
            (RUN_TOO_SHORT, process.min_run_min) if one.is_on else (PAUSE_TOO_SHORT, process.min_pause_min)
        )
        minutes = float((one.stop - one.first) * replay.grid.step_min)
        if number == 0:
            minutes += np.inf if before.since_min is None else before.since_min
        if minutes < limit_min:
            at = replay.say_step(one.stop)
            found.append(kind.at(process_id=process.process_id, minutes=minutes, at=at, limit_min=limit_min))
    return found


def _start_findings(process: Process, replay: Replay) -> list[Finding]:
    limit = process.max_starts_count
    if limit is None:
        return []
    zone = zone_of(replay.plan.zone)
    starts = np.flatnonzero(process_starts(process, replay.schedule.processes[process.process_id]))
    days = Counter(replay.grid.at(int(step)).astimezone(zone).date() for step in starts)
    return [
        TOO_MANY_STARTS.at(process_id=process.process_id, found=n_starts, day=day.isoformat(), limit=limit)
        for day, n_starts in sorted(days.items())
        if n_starts > limit
    ]


def _plan_findings(process: Process, replay: Replay) -> list[Finding]:
    """Find where a process that may not move leaves its plan; outside of all planned spans it is off."""
    if process.movable:
        return []
    grid, use = replay.grid, replay.schedule.processes[process.process_id]
    expected = np.zeros(grid.n_steps)
    for span in process.planned:
        first, stop = (
            min(max(0.0, minutes_after(at, grid) / grid.step_min), float(grid.n_steps)) for at in (span.start, span.end)
        )
        if first % 1 or stop % 1:
            at = replay.say(span.start if first % 1 else span.end)
            return [PLAN_OFF_EDGE.at(process_id=process.process_id, at=at, step_min=grid.step_min)]
        expected[int(first) : int(stop)] = span.rate
    off_plan = np.abs(use.rate - expected) + process.max_rate * (use.is_on != (expected > 0))
    worst = worst_excess(off_plan, tolerance_of(process.max_rate))
    if not worst:
        return []
    return [
        MOVED.at(
            process_id=process.process_id,
            unit=process.unit,
            rate=float(use.rate[worst.step]),
            expected=float(expected[worst.step]),
            at=replay.say_step(worst.step),
            n_steps=worst.n_steps,
        )
    ]
