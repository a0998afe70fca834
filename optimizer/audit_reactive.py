"""Whether reactive power adds up, and each compensator gives only what it can, when it is there."""

import math

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.offers.response import ResponseProblem
from domain.plant import Compensator
from domain.text import Text
from optimizer.audit_processes import process_kw
from optimizer.audit_replay import BoolArray, Replay, covered, run_kw
from optimizer.audit_tolerances import Excess, tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


REACTIVE_BALANCE = _kind(
    "reactive_balance",
    "Reactive power drawn less fed back is {value_kvar:.6g} kvar at {at}; load less compensation is {expected_kvar:.6g} "
    "({n_steps} steps).",
    "{at} 正向无功减反向无功为 {value_kvar:.6g} kvar，而负荷无功减补偿为 {expected_kvar:.6g}（共 {n_steps} 个时段）。",
)
REACTIVE_SIGN = _kind(
    "reactive_negative",
    "Reactive power {direction} is {value_kvar:.6g} kvar at {at}; it cannot be negative ({n_steps} steps).",
    "{at} 的{direction}无功为 {value_kvar:.6g} kvar，不得为负（共 {n_steps} 个时段）。",
)
REACTIVE_BOTH = _kind(
    "reactive_both_ways",
    "At {at} {forward_kvar:.6g} kvar are drawn and {reverse_kvar:.6g} kvar fed back at once ({n_steps} steps).",
    "{at} 同时有正向无功 {forward_kvar:.6g} kvar 与反向无功 {reverse_kvar:.6g} kvar（共 {n_steps} 个时段）。",
)
COMPENSATOR_LIMIT = _kind(
    "compensator_limit",
    "Compensator {compensator_id} gives {value_kvar:.6g} kvar at {at}, outside {least_kvar:.6g} … {most_kvar:.6g} "
    "({n_steps} steps).",
    "补偿装置 {compensator_id} 在 {at} 的无功为 {value_kvar:.6g} kvar，超出 {least_kvar:.6g} … {most_kvar:.6g}"
    "（共 {n_steps} 个时段）。",
)
COMPENSATOR_STEP = _kind(
    "compensator_step",
    "Compensator {compensator_id} gives {value_kvar:.6g} kvar at {at}, which is no whole number of steps of "
    "{step_kvar:.6g} kvar ({n_steps} steps).",
    "补偿装置 {compensator_id} 在 {at} 的无功为 {value_kvar:.6g} kvar，不是每级 {step_kvar:.6g} kvar 的整数倍"
    "（共 {n_steps} 个时段）。",
)


def reactive_findings(replay: Replay, problem: ResponseProblem) -> list[Finding]:
    """Find all that is wrong with reactive power, where the plan counts it."""
    schedule = replay.schedule
    if problem.base_kvar is None or schedule.forward_kvar is None or schedule.reverse_kvar is None:
        return []
    found: list[Finding] = []
    for one in problem.site.compensators:
        found += _compensator_findings(one, schedule.compensation_kvar[one.compensator_id], replay)
    expected = drawn_kvar(replay, problem) - sum(schedule.compensation_kvar.values())
    forward, reverse = schedule.forward_kvar, schedule.reverse_kvar
    tolerance = tolerance_of(float(np.abs(expected).max()))
    worst = worst_excess(np.abs(forward - reverse - expected), tolerance)
    if worst:
        value = float(forward[worst.step] - reverse[worst.step])
        words = {"value_kvar": value, "expected_kvar": float(expected[worst.step])}
        found.append(REACTIVE_BALANCE.at(**words, **_where(worst, replay)))
    for direction, kvar in (("forward", forward), ("reverse", reverse)):
        worst = worst_excess(-kvar, tolerance)
        if worst:
            value = float(kvar[worst.step])
            found.append(REACTIVE_SIGN.at(direction=direction, value_kvar=value, **_where(worst, replay)))
    both = worst_excess(np.minimum(forward, reverse), tolerance)
    if both:
        words = {"forward_kvar": float(forward[both.step]), "reverse_kvar": float(reverse[both.step])}
        found.append(REACTIVE_BOTH.at(**words, **_where(both, replay)))
    return found


def drawn_kvar(replay: Replay, problem: ResponseProblem) -> FloatArray:
    """Add up the reactive power of all that runs, compensation apart, shape (n_steps,). [kvar]."""
    site, step_min = problem.site, replay.grid.step_min
    total = np.array(problem.base_kvar, dtype=np.float64)
    for run in replay.runs:
        mode = next((one for one in run.task.modes if one.mode_id == run.mode_id), None)
        own = run.task.power_factor if mode is None or mode.power_factor is None else mode.power_factor
        kvar = run.lot_share * _per_kw(own, site.base_power_factor) * run_kw(run.phases, step_min)
        for step in run.steps(replay.n_steps):
            total[step] += kvar[step - run.first]
    for process in replay.plan.processes:
        if process.kwh_per_unit >= 0:
            use = replay.schedule.processes[process.process_id]
            drawn_kw = process_kw(process, use, step_min / 60, of_unit_kwh=process.kwh_per_unit)
            total += _per_kw(process.power_factor, site.base_power_factor) * drawn_kw
    for load in replay.plan.modulating_loads:
        per_kw = _per_kw(load.power_factor, site.base_power_factor)
        total += per_kw * replay.schedule.modulating_kw[load.load_id]
    return total


def losses_kw(replay: Replay, problem: ResponseProblem) -> FloatArray:
    """Add up what compensators draw for their losses, shape (n_steps,). [kW]."""
    total = np.zeros(replay.n_steps)
    for one in problem.site.compensators if problem.base_kvar is not None else ():
        total += one.loss_kw_per_kvar * np.abs(replay.schedule.compensation_kvar[one.compensator_id])
    return total


def _per_kw(own: float | None, of_base: float | None) -> float:
    power_factor = of_base if own is None else own
    assert power_factor is not None  # noqa: S101 -- whoever stated the problem has asked for it
    return math.tan(math.acos(power_factor))


def _compensator_findings(one: Compensator, given: FloatArray, replay: Replay) -> list[Finding]:
    there: BoolArray = covered(one.hours, replay.grid) if one.hours else np.ones(replay.n_steps, dtype=np.bool_)
    if one.stepless_kvar is not None:
        most = there * one.stepless_kvar
        least = -most
    else:
        most = there * (one.kvar_per_step or 0.0) * one.steps_count
        least = np.zeros(replay.n_steps) if one.is_switched else most
    tolerance = tolerance_of(float(most.max()))
    found = []
    worst = worst_excess(np.maximum(least - given, given - most), tolerance)
    if worst:
        words = {"least_kvar": float(least[worst.step]), "most_kvar": float(most[worst.step])}
        found.append(_at(COMPENSATOR_LIMIT, one, given, worst, replay, **words))
    if one.kvar_per_step is not None:
        steps = given / one.kvar_per_step
        broken = worst_excess(np.abs(steps - np.round(steps)) * one.kvar_per_step, tolerance)
        if broken:
            found.append(_at(COMPENSATOR_STEP, one, given, broken, replay, step_kvar=one.kvar_per_step))
    return found


def _at(
    kind: FindingKind, one: Compensator, given: FloatArray, worst: Excess, replay: Replay, **words: float
) -> Finding:
    value = float(given[worst.step])
    return kind.at(compensator_id=one.compensator_id, value_kvar=value, **words, **_where(worst, replay))


def _where(worst: Excess, replay: Replay) -> dict[str, object]:
    return {"at": replay.say_step(worst.step), "n_steps": worst.n_steps}
