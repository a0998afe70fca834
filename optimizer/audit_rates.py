"""Whether each process changes its rate slowly enough, and makes what its quotas ask."""

import numpy as np

from domain.findings import Finding, FindingKind, Severity
from domain.plant import Process, Quota
from domain.text import Text
from optimizer.audit_replay import Replay, minutes_after
from optimizer.audit_tolerances import tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


RISES_TOO_FAST = _kind(
    "process_rises_too_fast",
    "Process {process_id} goes from {before:.6g} to {rate:.6g} {unit}/h at {at}; "
    "a step may bring {limit:.6g} more ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 由 {before:.6g} 升至 {rate:.6g} {unit}/h，每时段至多上升 {limit:.6g}"
    "（共 {n_steps} 个时段）。",
)
FALLS_TOO_FAST = _kind(
    "process_falls_too_fast",
    "Process {process_id} goes from {before:.6g} to {rate:.6g} {unit}/h at {at}; "
    "a step may bring {limit:.6g} less ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 由 {before:.6g} 降至 {rate:.6g} {unit}/h，每时段至多下降 {limit:.6g}"
    "（共 {n_steps} 个时段）。",
)
STARTS_TOO_FAST = _kind(
    "process_starts_too_fast",
    "Process {process_id} starts at {rate:.6g} {unit}/h at {at}; it may start at up to {limit:.6g} ({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 以 {rate:.6g} {unit}/h 启动，启动时至多 {limit:.6g}（共 {n_steps} 个时段）。",
)
STOPS_TOO_FAST = _kind(
    "process_stops_too_fast",
    "Process {process_id} stops from {before:.6g} {unit}/h at {at}; it may stop from up to {limit:.6g} "
    "({n_steps} steps).",
    "连续设备 {process_id} 在 {at} 由 {before:.6g} {unit}/h 停下，停运前至多 {limit:.6g}（共 {n_steps} 个时段）。",
)
QUOTA_SHORT = _kind(
    "process_quota_short",
    "Process {process_id} makes {made:.6g} {unit} from {at}, and must make at least {limit:.6g}.",
    "连续设备 {process_id} 自 {at} 起产出 {made:.6g} {unit}，至少须为 {limit:.6g}。",
)
QUOTA_EXCEEDED = _kind(
    "process_quota_exceeded",
    "Process {process_id} makes {made:.6g} {unit} from {at}, and may make at most {limit:.6g}.",
    "连续设备 {process_id} 自 {at} 起产出 {made:.6g} {unit}，至多可为 {limit:.6g}。",
)
QUOTA_OFF_EDGE = _kind(
    "process_quota_off_edge",
    "A quota of process {process_id} has its edge {at} inside a {step_min}-minute step, so it cannot be judged.",
    "连续设备 {process_id} 的定额边界 {at} 位于 {step_min} 分钟步长之内，无法核对。",
)


def ramp_findings(process: Process, replay: Replay) -> list[Finding]:
    """Find where the rate changes faster than it may: while on, on starting, on stopping."""
    use, step_h = replay.schedule.processes[process.process_id], replay.grid.step_min / 60
    was_on = np.concatenate([[process.before.is_on], use.is_on[:-1]])
    before = np.concatenate([[process.before.rate], use.rate[:-1]])
    checked = []
    if process.max_rise_per_h is not None:
        rise = process.max_rise_per_h * step_h
        at_start = max(process.min_rate, rise)
        checked.append((RISES_TOO_FAST, rise, np.where(was_on & use.is_on, use.rate - before, -np.inf)))
        checked.append((STARTS_TOO_FAST, at_start, np.where(~was_on & use.is_on, use.rate, -np.inf)))
    if process.max_fall_per_h is not None:
        fall = process.max_fall_per_h * step_h
        at_stop = max(process.min_rate, fall)
        checked.append((FALLS_TOO_FAST, fall, np.where(was_on & use.is_on, before - use.rate, -np.inf)))
        checked.append((STOPS_TOO_FAST, at_stop, np.where(was_on & ~use.is_on, before, -np.inf)))
    found = []
    for kind, limit, change in checked:
        worst = worst_excess(change - limit, tolerance_of(process.max_rate))
        if worst:
            words = {"at": replay.say_step(worst.step), "n_steps": worst.n_steps, "unit": process.unit, "limit": limit}
            words |= {"rate": float(use.rate[worst.step]), "before": float(before[worst.step])}
            found.append(kind.at(process_id=process.process_id, **words))
    return found


def quota_steps(quota: Quota, replay: Replay) -> tuple[float, float]:
    """Give the first step and the stop of the part of a quota's span that lies on the grid; off-edge: no whole number."""
    edges = [minutes_after(at, replay.grid) / replay.grid.step_min for at in (quota.start, quota.end)]
    first, stop = (min(max(0.0, edge), float(replay.n_steps)) for edge in edges)
    return first, stop


def made_within(process: Process, quota: Quota, replay: Replay) -> float:
    """Give the throughput in the steps that lie wholly within a quota's span. [unit]."""
    first, stop = quota_steps(quota, replay)
    rate = replay.schedule.processes[process.process_id].rate
    return float(rate[int(np.ceil(first)) : int(np.floor(stop))].sum()) * replay.grid.step_min / 60


def quota_findings(process: Process, replay: Replay) -> list[Finding]:
    """Find quotas that are missed without a price, or exceeded; one that lies outside the horizon asks nothing of it."""
    found = []
    for quota in process.quotas:
        first, stop = quota_steps(quota, replay)
        if first >= stop:
            continue
        if first % 1 or stop % 1:
            at = replay.say(quota.start if first % 1 else quota.end)
            found.append(QUOTA_OFF_EDGE.at(process_id=process.process_id, at=at, step_min=replay.grid.step_min))
            continue
        made = made_within(process, quota, replay)
        words = {"process_id": process.process_id, "unit": process.unit, "at": replay.say_step(int(first))}
        slack = tolerance_of(quota.least, made)
        if quota.shortfall_cost_per_unit is None and quota.least - made > slack:
            found.append(QUOTA_SHORT.at(made=made, limit=quota.least, **words))
        if quota.most is not None and made - quota.most > slack:
            found.append(QUOTA_EXCEEDED.at(made=made, limit=quota.most, **words))
    return found
