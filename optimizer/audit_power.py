"""Whether the power adds up, and each load, PV array, connection and commitment keeps its limits."""

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.offers.response import ResponseProblem
from domain.plant import ModulatingLoad, Schedule, ShiftEnergy
from domain.programmes.terms import EventTerm
from domain.text import Text
from domain.time import zone_of
from optimizer.audit_processes import processes_drawn_kw, processes_kw
from optimizer.audit_reactive import losses_kw
from optimizer.audit_replay import Replay, changes_kw, minutes_after, pv_ready_kw, runs_kw
from optimizer.audit_tolerances import tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


LOAD_EDGE = _kind(
    "load_shift_off_edge",
    "Load {owner_id}: its shift edge {at} lies inside a {step_min}-minute step, so its energy cannot be judged.",
    "负荷 {owner_id} 的班次边界 {at} 位于 {step_min} 分钟步长之内，无法核对其电量。",
)
LOAD_ENERGY = _kind(
    "load_shift_energy",
    "Load {owner_id} draws {energy_kwh:.6g} kWh in its shift from {at}, and needs {expected_kwh:.6g}.",
    "负荷 {owner_id} 在 {at} 起的班次用电 {energy_kwh:.6g} kWh，需要 {expected_kwh:.6g}。",
)
OUT_OF_LIMITS = {
    "load": _kind(
        "load_power_limit",
        "Load {owner_id} draws {value_kw:.6g} kW at {at}, outside {least_kw:.6g} … {most_kw:.6g} ({n_steps} steps).",
        "负荷 {owner_id} 在 {at} 的功率为 {value_kw:.6g} kW，超出 {least_kw:.6g} … {most_kw:.6g}"
        "（共 {n_steps} 个时段）。",
    ),
    "pv": _kind(
        "pv_beyond_available",
        "PV {owner_id} gives {value_kw:.6g} kW at {at}, outside {least_kw:.6g} … {most_kw:.6g} ({n_steps} steps).",
        "光伏 {owner_id} 在 {at} 的出力为 {value_kw:.6g} kW，超出 {least_kw:.6g} … {most_kw:.6g}"
        "（共 {n_steps} 个时段）。",
    ),
    "import": _kind(
        "import_limit",
        "Site {owner_id} draws {value_kw:.6g} kW at {at}, outside {least_kw:.6g} … {most_kw:.6g} ({n_steps} steps).",
        "站点 {owner_id} 在 {at} 的用电功率为 {value_kw:.6g} kW，超出 {least_kw:.6g} … {most_kw:.6g}"
        "（共 {n_steps} 个时段）。",
    ),
    "export": _kind(
        "export_limit",
        "Site {owner_id} feeds in {value_kw:.6g} kW at {at}, outside {least_kw:.6g} … {most_kw:.6g} ({n_steps} steps).",
        "站点 {owner_id} 在 {at} 的上网功率为 {value_kw:.6g} kW，超出 {least_kw:.6g} … {most_kw:.6g}"
        "（共 {n_steps} 个时段）。",
    ),
}
LOAD_OUTSIDE_SHIFT = _kind(
    "load_outside_shift",
    "Load {owner_id} draws {value_kw:.6g} kW at {at}, outside all its shifts ({n_steps} steps).",
    "负荷 {owner_id} 在 {at} 的功率为 {value_kw:.6g} kW，但该时刻不在任何班次内（共 {n_steps} 个时段）。",
)
IMPORT_AND_EXPORT = _kind(
    "import_and_export",
    "The site draws {import_kw:.6g} kW and feeds in {export_kw:.6g} kW at {at} ({n_steps} steps).",
    "站点在 {at} 同时用电 {import_kw:.6g} kW、上网 {export_kw:.6g} kW（共 {n_steps} 个时段）。",
)
BASE_CHANGED = _kind(
    "base_load_changed",
    "The base load is {value_kw:.6g} kW at {at} in the schedule and {expected_kw:.6g} in the question "
    "({n_steps} steps).",
    "排程中 {at} 的基础负荷为 {value_kw:.6g} kW，而问题中为 {expected_kw:.6g}（共 {n_steps} 个时段）。",
)
POWER_BALANCE = _kind(
    "power_balance",
    "Import less export is {value_kw:.6g} kW at {at}; what stands behind the meter adds up to {expected_kw:.6g} "
    "({n_steps} steps).",
    "{at} 的净用电功率为 {value_kw:.6g} kW，而表后设备合计为 {expected_kw:.6g}（共 {n_steps} 个时段）。",
)
SAFETY_LOAD = _kind(
    "safety_load",
    "Only {value_kw:.6g} kW run at {at}; the safety load is {limit_kw:.6g} kW ({n_steps} steps).",
    "{at} 仅有 {value_kw:.6g} kW 在用，低于保安负荷 {limit_kw:.6g} kW（共 {n_steps} 个时段）。",
)
COMMITMENT_LIMIT = _kind(
    "commitment_limit",
    "Event {event_id} has a commitment of {value_kw:.6g} kW; it must be 0 or within {least_kw:.6g} … {most_kw:.6g}.",
    "事件 {event_id} 的承诺量为 {value_kw:.6g} kW，须为 0 或在 {least_kw:.6g} … {most_kw:.6g} 之内。",
)
COMMITMENT_DROPPED = _kind(
    "commitment_dropped",
    "Event {event_id} has a commitment of {value_kw:.6g} kW, but one of {least_kw:.6g} … {most_kw:.6g} is made already.",
    "事件 {event_id} 的承诺量为 {value_kw:.6g} kW，但已作出 {least_kw:.6g} … {most_kw:.6g} 的承诺。",
)
PROMISE_SPLIT = _kind(
    "promise_split",
    "Events {event_id} and {other_id} rest on one promise, but have commitments of {value_kw:.6g} and {expected_kw:.6g} kW.",
    "事件 {event_id} 与 {other_id} 同属一项承诺，但承诺量分别为 {value_kw:.6g} 和 {expected_kw:.6g} kW。",
)


def power_findings(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    """Find all that is wrong with loads, PV, the connection, the balance and the commitments."""
    schedule, site, zeros = replay.schedule, problem.site, np.zeros(replay.n_steps)
    found: list[Finding] = []
    for load in problem.plan.modulating_loads:
        found += load_findings(load, schedule.modulating_kw[load.load_id], problem)
    for pv in site.pv:
        ready_kw = pv_ready_kw(pv, problem.horizon, site.zone)
        used_kw = schedule.pv_used_kw[pv.pv_id]
        found += _limit_findings(
            "pv", pv.pv_id, used_kw, (zeros, ready_kw), scale_kw=float(ready_kw.max()), problem=problem
        )
    for name, power_kw, limit_kw in (
        ("import", schedule.import_kw, site.import_limit_kw),
        ("export", schedule.export_kw, site.export_limit_kw),
    ):
        scale_kw = max(site.import_limit_kw, site.export_limit_kw)
        found += _limit_findings(
            name, site.site_id, power_kw, (zeros, zeros + limit_kw), scale_kw=scale_kw, problem=problem
        )
    return (
        found
        + _site_findings(replay, problem)
        + _safety_findings(replay, problem)
        + _commitment_findings(schedule, problem)
    )


def _say(step: int, problem: ResponseProblem) -> str:
    return problem.horizon.at(step).astimezone(zone_of(problem.plan.zone)).isoformat()


def _limit_findings(
    name: str,
    owner_id: str,
    power_kw: FloatArray,
    limits_kw: tuple[FloatArray, FloatArray],
    *,
    scale_kw: float,
    problem: ResponseProblem,
) -> list[Finding]:
    least_kw, most_kw = limits_kw
    tolerance = tolerance_of(scale_kw)
    worst = worst_excess(np.maximum(least_kw - power_kw, power_kw - most_kw), tolerance)
    if not worst:
        return []
    return [
        OUT_OF_LIMITS[name].at(
            owner_id=owner_id,
            value_kw=float(power_kw[worst.step]),
            at=_say(worst.step, problem),
            least_kw=float(least_kw[worst.step]),
            most_kw=float(most_kw[worst.step]),
            n_steps=worst.n_steps,
        )
    ]


def load_findings(load: ModulatingLoad, power_kw: FloatArray, problem: ResponseProblem) -> list[Finding]:
    """Find where a modulating load leaves its limits or misses a shift's energy.

    Of a shift that reaches over an edge of the horizon, the part inside needs its share of the energy.
    """
    grid = problem.horizon
    inside = np.zeros(grid.n_steps, dtype=bool)
    tolerance = tolerance_of(load.max_kw)
    found: list[Finding] = []
    for shift in load.shifts:
        begin, end = _edges(shift, problem)
        if begin >= end:
            continue
        if begin % 1 or end % 1:
            edge = shift.start if begin % 1 else shift.end
            at = edge.astimezone(zone_of(problem.plan.zone)).isoformat()
            return [LOAD_EDGE.at(owner_id=load.load_id, at=at, step_min=grid.step_min)]
        first, stop = int(begin), int(end)
        inside[first:stop] = True
        length = minutes_after(shift.end, grid) - minutes_after(shift.start, grid)
        expected_kwh = shift.energy_kwh * (stop - first) * grid.step_min / length
        energy_kwh = float(power_kw[first:stop].sum()) * grid.step_h
        if abs(energy_kwh - expected_kwh) > tolerance_of(expected_kwh):
            words = {"energy_kwh": energy_kwh, "expected_kwh": expected_kwh, "at": _say(first, problem)}
            found.append(LOAD_ENERGY.at(owner_id=load.load_id, **words))
    limits_kw = (np.where(inside, load.min_kw, power_kw), np.where(inside, load.max_kw, power_kw))
    worst = worst_excess(np.where(inside, 0.0, np.abs(power_kw)), tolerance)
    if worst:
        words = {"value_kw": float(power_kw[worst.step]), "at": _say(worst.step, problem), "n_steps": worst.n_steps}
        found.append(LOAD_OUTSIDE_SHIFT.at(owner_id=load.load_id, **words))
    return found + _limit_findings("load", load.load_id, power_kw, limits_kw, scale_kw=load.max_kw, problem=problem)


def _edges(shift: ShiftEnergy, problem: ResponseProblem) -> tuple[float, float]:
    grid = problem.horizon
    begin = minutes_after(shift.start, grid) / grid.step_min
    end = minutes_after(shift.end, grid) / grid.step_min
    return max(0.0, begin), min(float(grid.n_steps), end)


def _site_findings(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    schedule, site = replay.schedule, problem.site
    tolerance = tolerance_of(site.import_limit_kw, site.export_limit_kw)
    found = []
    both = worst_excess(np.minimum(schedule.import_kw, schedule.export_kw), tolerance)
    if both:
        words = {"at": _say(both.step, problem), "n_steps": both.n_steps}
        import_kw, export_kw = float(schedule.import_kw[both.step]), float(schedule.export_kw[both.step])
        found.append(IMPORT_AND_EXPORT.at(import_kw=import_kw, export_kw=export_kw, **words))
    net_kw = schedule.import_kw - schedule.export_kw
    behind_kw = _behind_meter_kw(replay) + losses_kw(replay, problem)
    for kind, value_kw, expected_kw in (
        (BASE_CHANGED, schedule.base_kw, problem.base_kw),
        (POWER_BALANCE, net_kw, behind_kw),
    ):
        worst = worst_excess(np.abs(value_kw - expected_kw), tolerance)
        if worst:
            words = {"at": _say(worst.step, problem), "n_steps": worst.n_steps}
            value, expected = float(value_kw[worst.step]), float(expected_kw[worst.step])
            found.append(kind.at(value_kw=value, expected_kw=expected, **words))
    return found


def _safety_findings(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    """Find where less runs than must; what generates or stores power does not count, nor do their losses."""
    limit_kw = problem.site.safety_load_kw
    if limit_kw <= 0:
        return []
    running_kw = replay.schedule.base_kw + runs_kw(replay) + changes_kw(replay) + processes_drawn_kw(replay)
    for load_kw in replay.schedule.modulating_kw.values():
        running_kw = running_kw + load_kw
    worst = worst_excess(limit_kw - running_kw, tolerance_of(problem.site.import_limit_kw, limit_kw))
    if not worst:
        return []
    words = {"at": replay.say_step(worst.step), "n_steps": worst.n_steps}
    return [SAFETY_LOAD.at(value_kw=float(running_kw[worst.step]), limit_kw=limit_kw, **words)]


def _behind_meter_kw(replay: Replay) -> FloatArray:
    """Add up what the schedule's own devices and the plan's work draw; PV and discharging count less. [kW]."""
    schedule = replay.schedule
    total_kw = schedule.base_kw + runs_kw(replay) + changes_kw(replay) + processes_kw(replay)
    for load_kw in schedule.modulating_kw.values():
        total_kw = total_kw + load_kw
    for use in schedule.batteries.values():
        total_kw = total_kw + use.charge_kw - use.discharge_kw
    for used_kw in schedule.pv_used_kw.values():
        total_kw = total_kw - used_kw
    return np.asarray(total_kw, dtype=np.float64)


def _commitment_findings(schedule: Schedule, problem: ResponseProblem) -> list[Finding]:
    """Find commitments outside the programme's limits; only an exact 0 is none, since any other is paid.

    A commitment that is made cannot be 0; events of one promise share their commitment.
    """
    found = []
    promised: dict[str, EventTerm] = {}
    for event in problem.events:
        value_kw = schedule.commitments_kw[event.event_id]
        least_kw, most_kw = event.min_commitment_kw, event.max_commitment_kw
        tolerance = tolerance_of(most_kw)
        is_none = value_kw == 0.0 and not event.is_committed
        if not is_none and not least_kw - tolerance <= value_kw <= most_kw + tolerance:
            words = {"value_kw": value_kw, "least_kw": least_kw, "most_kw": most_kw}
            kind = COMMITMENT_DROPPED if value_kw == 0.0 else COMMITMENT_LIMIT
            found.append(kind.at(event_id=event.event_id, **words))
        if event.promise_id is None:
            continue
        first = promised.setdefault(event.promise_id, event)
        expected_kw = schedule.commitments_kw[first.event_id]
        if abs(value_kw - expected_kw) > tolerance:
            words = {"value_kw": value_kw, "expected_kw": expected_kw}
            found.append(PROMISE_SPLIT.at(event_id=event.event_id, other_id=first.event_id, **words))
    return found
