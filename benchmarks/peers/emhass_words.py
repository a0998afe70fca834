"""A problem in EMHASS' words, and what EMHASS answered as one of our schedules.

EMHASS holds one index per step from the start of the horizon; its battery limits are the battery's own charging power
and its discharging power before losses, so the latter is divided by the efficiency. A load is said in one of two ways:
``constant`` (a single constant block, as users write it) or ``sequence`` (a power profile that runs once; EMHASS then
has a binary per start, the stronger model).
"""

from datetime import timedelta
from typing import Any, Literal

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import BatteryUse, Run, Schedule, Task
from domain.tariffs.terms import UNBLOCKED

Way = Literal["constant", "sequence"]
W_PER_KW = 1000.0
OFF_SHARE = 1e-4
"""Share of a load's power by which a step may miss it, or zero, before it is called broken. [-]"""


class CannotSayError(Exception):
    """The problem has what EMHASS, or this translation, has no words for."""


@noun(eq=False)
class Heard:
    """What EMHASS answered, as a schedule, and where it is none of ours."""

    schedule: Schedule
    broken: tuple[str, ...]
    """Loads whose power is no single run at their power; the schedule then holds the run nearest to it."""
    import_off_kw: float
    """Greatest departure of EMHASS' own import from what the schedule's decisions add up to. [kW]"""


def said(problem: ResponseProblem, way: Way, solver: dict[str, Any]) -> dict[str, Any]:
    """Give the arguments of the peer's ``plan``.

    Raises
    ------
    CannotSayError
        Naming what cannot be said.
    """
    _refuse_unsaid(problem)
    horizon, plan, site = problem.horizon, problem.plan, problem.site
    steps = [_steps_of(task, problem) for task in plan.tasks]
    powers_w = [task.phases[0].power_kw * W_PER_KW for task in plan.tasks]
    n_loads = len(plan.tasks)
    limits: dict[str, Any] = {}
    if problem.terms.demand:
        (demand,) = problem.terms.demand
        limits = {
            "current_period_peak": float(demand.other_peak_kw[0]) * W_PER_KW,
            "capacity_charge_window": (demand.block_of_step != UNBLOCKED).astype(float).tolist(),
        }
    battery, state = _battery(problem)
    config = {
        "optimization_time_step": horizon.step_min,
        "delta_forecast_daily": horizon.n_steps * horizon.step_h / 24,
        "time_zone": site.zone,
        "number_of_deferrable_loads": n_loads,
        "nominal_power_of_deferrable_loads": powers_w
        if way == "constant"
        else [[power_w] * length for power_w, (_, _, length) in zip(powers_w, steps, strict=True)],
        "treat_deferrable_load_as_semi_cont": [way == "constant"] * n_loads,
        "set_deferrable_load_single_constant": [way == "constant"] * n_loads,
        "deferrable_load_groups": _groups(problem),
        "maximum_power_from_grid": site.import_limit_kw * W_PER_KW,
        "maximum_power_to_grid": site.export_limit_kw * W_PER_KW,
        "capacity_cost_per_kw": sum(term.price_per_kw for term in problem.terms.demand),
        **battery,
        **solver,
    }
    return {
        "config": config,
        "series": series_of(problem),
        "start": horizon.local_starts(site.zone)[0].isoformat(),
        "mpc": {
            **state,
            **limits,
            "def_total_timestep": [length for _, _, length in steps],
            "def_start_timestep": [first for first, _, _ in steps],
            "def_end_timestep": [stop for _, stop, _ in steps],
        },
    }


def series_of(problem: ResponseProblem) -> dict[str, list[float]]:
    """Give load and prices by step; nothing is paid for what is fed in."""
    return {
        "load_w": (problem.base_kw * W_PER_KW).tolist(),
        "price_per_kwh": problem.terms.energy_price_per_kwh.tolist(),
        "pay_per_kwh": [0.0] * problem.horizon.n_steps,
    }


def heard(answer: dict[str, Any], problem: ResponseProblem) -> Heard:
    """Write EMHASS' answer down as a schedule: runs where it runs them, the battery and its state as it says."""
    columns = {name: np.array(values, dtype=float) for name, values in answer["columns"].items()}
    horizon = problem.horizon
    runs, broken = [], []
    total_kw = np.array(problem.base_kw)
    for number, task in enumerate(problem.plan.tasks):
        power_kw = columns[f"P_deferrable{number}"] / W_PER_KW
        first, off_kw = _nearest_run(power_kw, task, horizon.step_min)
        runs.append(Run(task_id=task.task_id, start=horizon.at(first)))
        total_kw += _profile_kw(task, first, horizon.n_steps, horizon.step_min)
        if off_kw > OFF_SHARE * task.phases[0].power_kw:
            broken.append(f"{task.task_id}: {off_kw:.3f} kW off a single run")
    uses = {}
    for battery in problem.site.batteries:
        flow_kw = columns["P_batt"] / W_PER_KW
        soc_kwh = columns["SOC_opt"] * battery.capacity_kwh
        uses[battery.battery_id] = BatteryUse(
            charge_kw=np.maximum(-flow_kw, 0.0), discharge_kw=np.maximum(flow_kw, 0.0), soc_kwh=soc_kwh
        )
        total_kw -= flow_kw
    theirs_kw = (columns["P_grid_pos"] + columns["P_grid_neg"]) / W_PER_KW
    schedule = Schedule(
        grid=horizon,
        runs=tuple(sorted(runs, key=lambda run: (run.start, run.task_id))),
        base_kw=problem.base_kw,
        modulating_kw={},
        batteries=uses,
        pv_used_kw={},
        import_kw=np.maximum(total_kw, 0.0),
        export_kw=np.maximum(-total_kw, 0.0),
        commitments_kw={},
    )
    return Heard(schedule=schedule, broken=tuple(broken), import_off_kw=float(np.abs(theirs_kw - total_kw).max()))


def _refuse_unsaid(problem: ResponseProblem) -> None:
    """Refuse what these plants do not have and EMHASS has no words for."""
    plan, terms = problem.plan, problem.terms
    unsaid = {
        "stores": plan.stores,
        "precedences": plan.precedences,
        "orders": plan.orders,
        "crews": plan.shifts,
        "modulating loads (not translated)": plan.modulating_loads,
        "several runs of a task": [task for task in plan.tasks if task.count != 1],
        "several phases (not translated)": [task for task in plan.tasks if len(task.phases) != 1],
        "several machines for a task": [task for task in plan.tasks if len(task.machine_ids) > 1],
        "machines of several copies": [one for one in plan.machines if one.count != 1],
        "several batteries (not translated)": problem.site.batteries[1:],
        "PV (not translated)": problem.site.pv,
        "events": problem.events,
        "several demand charges": terms.demand[1:],
        "contract demand": [term for term in terms.demand if term.contract_kw is not None],
        "samples of a peak": [term for term in terms.demand if term.other_peak_kw.size != 1],
        "demand over several steps (not translated)": [
            term
            for term in terms.demand
            if np.unique(term.block_of_step[term.block_of_step != UNBLOCKED]).size
            != (term.block_of_step != UNBLOCKED).sum()
        ],
        "charges that rest on several quantities": terms.charged,
    }
    found = [name for name, parts in unsaid.items() if len(parts)]
    if found:
        raise CannotSayError(", ".join(found))


def _steps_of(task: Task, problem: ResponseProblem) -> tuple[int, int, int]:
    """Give first step, first step after, and length in steps."""
    horizon = problem.horizon
    first, last = problem.plan.window_of(task)
    length, rest = divmod(task.duration_min, horizon.step_min)
    if rest:
        raise CannotSayError(f"{task.task_id} lasts no whole number of steps")
    return horizon.edge_of(first), horizon.edge_of(last), length


def _groups(problem: ResponseProblem) -> list[dict[str, Any]]:
    """Give the loads of each shared machine, of which one may run at a time."""
    members: dict[str, list[str]] = {}
    for number, task in enumerate(problem.plan.tasks):
        for machine_id in task.machine_ids:
            members.setdefault(machine_id, []).append(f"deferrable{number}")
    return [{"names": names, "mutual_exclusion": True} for names in members.values() if len(names) > 1]


def _battery(problem: ResponseProblem) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the configuration of the battery, and where it begins and ends."""
    if not problem.site.batteries:
        return {"set_use_battery": False}, {}
    (battery,) = problem.site.batteries
    config = {
        "set_use_battery": True,
        "battery_nominal_energy_capacity": battery.capacity_kwh * W_PER_KW,
        "battery_charge_power_max": battery.max_charge_kw * W_PER_KW,
        "battery_discharge_power_max": battery.max_discharge_kw * W_PER_KW / battery.discharge_eff,
        "battery_charge_efficiency": battery.charge_eff,
        "battery_discharge_efficiency": battery.discharge_eff,
        "battery_minimum_state_of_charge": battery.soc_min_kwh / battery.capacity_kwh,
        "battery_maximum_state_of_charge": 1.0,
        "battery_target_state_of_charge": battery.least_at_end_kwh / battery.capacity_kwh,
        "weight_battery_discharge": battery.wear_cost_per_kwh,
    }
    state = {
        "soc_init": battery.soc_start_kwh / battery.capacity_kwh,
        "soc_final": battery.least_at_end_kwh / battery.capacity_kwh,
    }
    return config, state


def _profile_kw(task: Task, first: int, n_steps: int, step_min: int) -> FloatArray:
    """Give what one run draws, by step. [kW]."""
    length = timedelta(minutes=task.duration_min) // timedelta(minutes=step_min)
    profile_kw = np.zeros(n_steps)
    profile_kw[first : first + length] = task.phases[0].power_kw
    return profile_kw


def _nearest_run(power_kw: FloatArray, task: Task, step_min: int) -> tuple[int, float]:
    """Give the start of the run that overlaps most with a power, and how far the two lie apart at most. [step, kW]."""
    length = task.duration_min // step_min
    overlap = np.convolve(power_kw, np.ones(length), mode="valid")
    first = int(np.argmax(overlap > overlap.max() * (1 - OFF_SHARE / length)))
    return first, float(np.abs(power_kw - _profile_kw(task, first, power_kw.size, step_min)).max())
