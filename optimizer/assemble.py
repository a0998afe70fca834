"""From decisions to a complete schedule, in plain numbers."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.plant import Battery, BatteryUse, ChangeoverRun, ProcessUse, Run, Schedule
from domain.plant.expand import change_kw, change_steps, n_occupied, plan_ways, profile_kw
from optimizer.compensation import compensated, drawn_kvar
from optimizer.process_use import processes_kw

NOTHING_DISPOSED: Mapping[str, FloatArray] = MappingProxyType({})


def runs_kw(problem: ResponseProblem, runs: Iterable[Run]) -> FloatArray:
    """Give the power that runs draw together, shape (n_steps,). [kW]."""
    grid = problem.horizon
    drawn = np.zeros(grid.n_steps)
    profiles = {
        key: (profile_kw(way, grid.step_min), n_occupied(way, grid.step_min))
        for key, way in plan_ways(problem.plan).items()
    }
    for run in runs:
        power, n_steps = profiles[run.task_id, run.mode_id]
        first = grid.edge_of(run.start)
        drawn[first : first + n_steps] += power * run.lot_share
    return drawn


def changeovers_kw(problem: ResponseProblem, changeovers: Iterable[ChangeoverRun]) -> FloatArray:
    """Give the power that changeovers draw together, shape (n_steps,). [kW]."""
    grid = problem.horizon
    drawn = np.zeros(grid.n_steps)
    kinds = {(one.machine_id, one.from_family, one.to_family): one for one in problem.plan.changeovers}
    for one in changeovers:
        kind, first = kinds[one.machine_id, one.from_family, one.to_family], grid.edge_of(one.start)
        drawn[first : first + change_steps(kind, grid.step_min)] += change_kw(kind, grid.step_min)
    return drawn


def runs_at(problem: ResponseProblem, starts: Mapping[str, Iterable[int]]) -> list[Run]:
    """Give full runs from their start steps by the ids of their ways."""
    ways = {way.task_id: key for key, way in plan_ways(problem.plan).items()}
    return [
        Run(task_id=ways[way_id][0], start=problem.horizon.at(step), mode_id=ways[way_id][1])
        for way_id, steps in starts.items()
        for step in steps
    ]


def battery_use(battery: Battery, charge_kw: FloatArray, discharge_kw: FloatArray, step_h: float) -> BatteryUse:
    """Give a battery's use with the state that follows from its powers."""
    gained = step_h * (battery.charge_eff * charge_kw - discharge_kw / battery.discharge_eff)
    return BatteryUse(charge_kw=charge_kw, discharge_kw=discharge_kw, soc_kwh=np.cumsum(gained) + battery.soc_start_kwh)


def assemble(
    problem: ResponseProblem,
    *,
    runs: Iterable[Run],
    modulating_kw: Mapping[str, FloatArray],
    batteries: Mapping[str, BatteryUse],
    pv_used_kw: Mapping[str, FloatArray],
    processes: Mapping[str, ProcessUse],
    commitments_kw: Mapping[str, float],
    changeovers: Iterable[ChangeoverRun] = (),
    disposed: Mapping[str, FloatArray] = NOTHING_DISPOSED,
    compensation_kvar: Mapping[str, FloatArray] | None = None,
) -> Schedule:
    """Put a schedule together; import and export follow from the rest. Nothing is disposed of that is not given.

    Where the problem counts reactive power, compensators give what is given here, or else follow the load.
    """
    ordered = tuple(sorted(runs, key=lambda run: (run.start, run.task_id, run.mode_id or "")))
    net = np.array(problem.base_kw, dtype=np.float64) + runs_kw(problem, ordered)
    turned = tuple(sorted(changeovers, key=lambda one: (one.start, one.machine_id, one.from_family, one.to_family)))
    net += processes_kw(problem, processes) + changeovers_kw(problem, turned)
    for power in modulating_kw.values():
        net += power
    for use in batteries.values():
        net += use.charge_kw - use.discharge_kw
    for power in pv_used_kw.values():
        net -= power
    compensation = None
    if problem.base_kvar is not None:
        drawn = drawn_kvar(problem, runs=ordered, modulating_kw=modulating_kw, processes=processes)
        compensation = compensated(problem, drawn, compensation_kvar)
        net += compensation.loss_kw
    net[np.abs(net) < NOTHING_KW] = 0.0
    return Schedule(
        grid=problem.horizon,
        runs=ordered,
        base_kw=problem.base_kw,
        modulating_kw=dict(modulating_kw),
        batteries=dict(batteries),
        pv_used_kw=dict(pv_used_kw),
        import_kw=np.maximum(net, 0.0),
        export_kw=np.maximum(-net, 0.0),
        commitments_kw=dict(commitments_kw),
        processes=dict(processes),
        changeovers=turned,
        disposed={
            one.store_id: np.array(disposed.get(one.store_id, np.zeros(problem.horizon.n_steps)))
            for one in problem.plan.stores
            if one.disposal_cost_per_unit is not None
        },
        forward_kvar=None if compensation is None else compensation.forward_kvar,
        reverse_kvar=None if compensation is None else compensation.reverse_kvar,
        compensation_kvar={} if compensation is None else compensation.given_kvar,
    )


NOTHING_KW = 1e-9
"""Net power this small is the rest of a subtraction. [kW]"""
