"""Whether batteries keep their limits, and each state follows from the one before."""

import numpy as np

from domain.findings import Finding, FindingKind, Severity
from domain.offers.response import ResponseProblem
from domain.plant import Battery, BatteryUse
from domain.text import Text
from domain.time import zone_of
from optimizer.audit_tolerances import Excess, tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


BATTERY_POWER = _kind(
    "battery_power_limit",
    "Battery {battery_id}: {quantity} is {value_kw:.6g} kW at {at}, outside 0 … {limit_kw:.6g} ({n_steps} steps).",
    "电池 {battery_id}：{at} 的 {quantity} 为 {value_kw:.6g} kW，超出 0 … {limit_kw:.6g}（共 {n_steps} 个时段）。",
)
BATTERY_BOTH_WAYS = _kind(
    "battery_both_ways",
    "Battery {battery_id} charges {charge_kw:.6g} kW and discharges {discharge_kw:.6g} kW at {at} ({n_steps} steps).",
    "电池 {battery_id} 在 {at} 同时充电 {charge_kw:.6g} kW、放电 {discharge_kw:.6g} kW（共 {n_steps} 个时段）。",
)
BATTERY_STATE = _kind(
    "battery_state_balance",
    "Battery {battery_id} holds {soc_kwh:.6g} kWh after the step from {at}; "
    "its charging makes it {expected_kwh:.6g} ({n_steps} steps).",
    "电池 {battery_id} 在 {at} 起的时段末电量为 {soc_kwh:.6g} kWh，"
    "按充放电推算应为 {expected_kwh:.6g}（共 {n_steps} 个时段）。",
)
BATTERY_LIMIT = _kind(
    "battery_state_limit",
    "Battery {battery_id} holds {soc_kwh:.6g} kWh after the step from {at}, "
    "outside {least_kwh:.6g} … {most_kwh:.6g} ({n_steps} steps).",
    "电池 {battery_id} 在 {at} 起的时段末电量为 {soc_kwh:.6g} kWh，"
    "超出 {least_kwh:.6g} … {most_kwh:.6g}（共 {n_steps} 个时段）。",
)
BATTERY_END = _kind(
    "battery_end_too_low",
    "Battery {battery_id} ends at {soc_kwh:.6g} kWh; at least {limit_kwh:.6g} must be left.",
    "电池 {battery_id} 期末电量为 {soc_kwh:.6g} kWh，至少须留 {limit_kwh:.6g}。",
)


def _where(worst: Excess, problem: ResponseProblem) -> dict[str, object]:
    at = problem.horizon.at(worst.step).astimezone(zone_of(problem.plan.zone)).isoformat()
    return {"at": at, "n_steps": worst.n_steps}


def battery_findings(battery: Battery, use: BatteryUse, problem: ResponseProblem) -> list[Finding]:
    """Find where a battery does what it cannot."""
    found = _power_findings(battery, use, problem) + _balance_findings(battery, use, problem)
    tolerance = tolerance_of(battery.capacity_kwh)
    beyond = np.maximum(battery.soc_min_kwh - use.soc_kwh, use.soc_kwh - battery.capacity_kwh)
    worst = worst_excess(beyond, tolerance)
    if worst:
        found.append(
            BATTERY_LIMIT.at(
                battery_id=battery.battery_id,
                soc_kwh=float(use.soc_kwh[worst.step]),
                least_kwh=battery.soc_min_kwh,
                most_kwh=battery.capacity_kwh,
                **_where(worst, problem),
            )
        )
    last_kwh = float(use.soc_kwh[-1])
    if battery.least_at_end_kwh - last_kwh > tolerance:
        found.append(
            BATTERY_END.at(battery_id=battery.battery_id, soc_kwh=last_kwh, limit_kwh=battery.least_at_end_kwh)
        )
    return found


def _power_findings(battery: Battery, use: BatteryUse, problem: ResponseProblem) -> list[Finding]:
    found = []
    tolerance = tolerance_of(battery.max_charge_kw, battery.max_discharge_kw)
    limits = (
        ("charge_kw", use.charge_kw, battery.max_charge_kw),
        ("discharge_kw", use.discharge_kw, battery.max_discharge_kw),
    )
    for quantity, power_kw, limit_kw in limits:
        worst = worst_excess(np.maximum(-power_kw, power_kw - limit_kw), tolerance)
        if worst:
            found.append(
                BATTERY_POWER.at(
                    battery_id=battery.battery_id,
                    quantity=quantity,
                    value_kw=float(power_kw[worst.step]),
                    limit_kw=limit_kw,
                    **_where(worst, problem),
                )
            )
    worst = worst_excess(np.minimum(use.charge_kw, use.discharge_kw), tolerance)
    if worst:
        found.append(
            BATTERY_BOTH_WAYS.at(
                battery_id=battery.battery_id,
                charge_kw=float(use.charge_kw[worst.step]),
                discharge_kw=float(use.discharge_kw[worst.step]),
                **_where(worst, problem),
            )
        )
    return found


def _balance_findings(battery: Battery, use: BatteryUse, problem: ResponseProblem) -> list[Finding]:
    before_kwh = np.concatenate([[battery.soc_start_kwh], use.soc_kwh[:-1]])
    stored_kw = battery.charge_eff * use.charge_kw - use.discharge_kw / battery.discharge_eff
    expected_kwh = before_kwh + problem.horizon.step_h * stored_kw
    worst = worst_excess(np.abs(use.soc_kwh - expected_kwh), tolerance_of(battery.capacity_kwh))
    if not worst:
        return []
    return [
        BATTERY_STATE.at(
            battery_id=battery.battery_id,
            soc_kwh=float(use.soc_kwh[worst.step]),
            expected_kwh=float(expected_kwh[worst.step]),
            **_where(worst, problem),
        )
    ]
