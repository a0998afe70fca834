"""Whether stores keep their limits, and what is in them does not grow too old."""

import math

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.plant import Store
from domain.text import Text
from optimizer.audit_replay import Replay, minutes_after
from optimizer.audit_tolerances import tolerance_of, worst_excess


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


STORE_TOO_LOW = _kind(
    "store_too_low",
    "Store {store_id} stands at {level:.6g} {unit} after the step from {at}, below {limit:.6g} ({n_steps} steps).",
    "库存 {store_id} 在 {at} 起的时段末为 {level:.6g} {unit}，低于 {limit:.6g}（共 {n_steps} 个时段）。",
)
STORE_TOO_HIGH = _kind(
    "store_too_high",
    "Store {store_id} stands at {level:.6g} {unit} after the step from {at}, above {limit:.6g} ({n_steps} steps).",
    "库存 {store_id} 在 {at} 起的时段末为 {level:.6g} {unit}，高于 {limit:.6g}（共 {n_steps} 个时段）。",
)
STORE_END_TOO_LOW = _kind(
    "store_end_too_low",
    "Store {store_id} ends at {level:.6g} {unit}; at least {limit:.6g} must be left.",
    "库存 {store_id} 期末为 {level:.6g} {unit}，至少须留 {limit:.6g}。",
)
STORE_END_TOO_HIGH = _kind(
    "store_end_too_high",
    "Store {store_id} ends at {level:.6g} {unit}; at most {limit:.6g} may be left.",
    "库存 {store_id} 期末为 {level:.6g} {unit}，至多可留 {limit:.6g}。",
)
STORE_HELD_TOO_LONG = _kind(
    "store_held_too_long",
    "{quantity:.6g} {unit} in store {store_id} are older than {limit_min} minutes after the step from {at} "
    "({n_steps} steps).",
    "库存 {store_id} 中有 {quantity:.6g} {unit} 在 {at} 起的时段末已存放超过 {limit_min} 分钟（共 {n_steps} 个时段）。",
)
NEGATIVE_DISPOSAL = _kind(
    "store_negative_disposal",
    "{quantity:.6g} {unit} are thrown out of store {store_id} at {at}, which is less than nothing ({n_steps} steps).",
    "{at} 从库存 {store_id} 报废 {quantity:.6g} {unit}，为负值（共 {n_steps} 个时段）。",
)


@noun(eq=False)
class _Moved:
    """What goes into and out of a store in each step; each array has shape (n_steps,)."""

    brought: FloatArray
    """[store.unit]"""
    taken: FloatArray
    """What is thrown away included. [store.unit]"""


def _moved_of(store: Store, replay: Replay) -> _Moved:
    """Add up what goes into and out of a store; draws outside the grid are not its business."""
    moves = _moves_of_runs(store, replay) + _moves_of_processes(store, replay)
    for draw in store.draws:
        step = math.floor(minutes_after(draw.at, replay.grid) / replay.grid.step_min)
        if 0 <= step < replay.n_steps:
            moves.append((step, -draw.quantity))
    ins, outs = np.zeros(replay.n_steps), np.zeros(replay.n_steps)
    for step, quantity in moves:
        if quantity > 0:
            ins[step] += quantity
        else:
            outs[step] -= quantity
    if store.store_id in replay.schedule.disposed:
        outs += replay.schedule.disposed[store.store_id]
    return _Moved(brought=ins, taken=outs)


def _moves_of_runs(store: Store, replay: Replay) -> list[tuple[int, float]]:
    moves = []
    for run in replay.runs:
        on_grid = run.steps(replay.n_steps)
        for flow in run.flows:
            if flow.store_id == store.store_id:
                steps = {"start": [run.first], "end": [run.stop - 1]}.get(flow.when, list(range(run.first, run.stop)))
                share = run.lot_share / len(steps)
                moves += [(step, share * flow.quantity) for step in steps if step in on_grid]
    return moves


def _moves_of_processes(store: Store, replay: Replay) -> list[tuple[int, float]]:
    """Give what the rate moves and what the hours on move apart: one may fill while the other empties."""
    step_h = replay.grid.step_min / 60
    moves: list[tuple[int, float]] = []
    for process in replay.plan.processes:
        use = replay.schedule.processes[process.process_id]
        for flow in process.flows:
            if flow.store_id == store.store_id:
                moves += enumerate((flow.quantity_per_unit * step_h * use.rate).tolist())
                moves += enumerate((flow.quantity_per_h * step_h * use.is_on).tolist())
    return moves


def store_levels(store: Store, replay: Replay) -> FloatArray:
    """Give a store's level at the end of each step. [store.unit]."""
    moved = _moved_of(store, replay)
    kept_share = (1.0 - store.decay_share_per_h) ** (replay.grid.step_min / 60)
    level, levels = store.start_level, np.zeros(replay.n_steps)
    for step, change in enumerate(moved.brought - moved.taken):
        level = store.rest_level + kept_share * (level - store.rest_level) + change
        levels[step] = level
    return levels


def store_findings(store: Store, replay: Replay) -> list[Finding]:
    """Find where a store is too empty, too full, or what is in it too old."""
    levels = store_levels(store, replay)
    tolerance = tolerance_of(store.min_level, store.max_level)
    names = {"store_id": store.store_id, "unit": store.unit}
    found = []
    for kind, limit, excess in (
        (STORE_TOO_LOW, store.min_level, store.min_level - levels),
        (STORE_TOO_HIGH, store.max_level, levels - store.max_level),
    ):
        worst = worst_excess(excess, tolerance)
        if worst:
            words = {"at": replay.say_step(worst.step), "n_steps": worst.n_steps}
            found.append(kind.at(level=float(levels[worst.step]), limit=limit, **names, **words))
    last = float(levels[-1])
    if store.least_at_end - last > tolerance:
        found.append(STORE_END_TOO_LOW.at(level=last, limit=store.least_at_end, **names))
    if store.end_max_level is not None and last - store.end_max_level > tolerance:
        found.append(STORE_END_TOO_HIGH.at(level=last, limit=store.end_max_level, **names))
    return found + _disposal_findings(store, replay) + _age_findings(store, replay)


def _disposal_findings(store: Store, replay: Replay) -> list[Finding]:
    if store.store_id not in replay.schedule.disposed:
        return []
    disposed = replay.schedule.disposed[store.store_id]
    worst = worst_excess(-disposed, tolerance_of(store.max_level))
    if not worst:
        return []
    words = {"at": replay.say_step(worst.step), "n_steps": worst.n_steps, "quantity": float(disposed[worst.step])}
    return [NEGATIVE_DISPOSAL.at(store_id=store.store_id, unit=store.unit, **words)]


def _age_findings(store: Store, replay: Replay) -> list[Finding]:
    """Find what has not gone out in time: first in, first out; what is there at the start is fresh then."""
    if store.max_hold_min is None:
        return []
    moved = _moved_of(store, replay)
    come = store.start_level + np.concatenate([[0.0], np.cumsum(moved.brought)])
    gone = np.concatenate([[0.0], np.cumsum(moved.taken)])
    hold = store.max_hold_min // replay.grid.step_min
    too_old = np.zeros(replay.n_steps)
    for edge in range(max(1, hold), replay.n_steps + 1):  # what had come by ``edge - hold`` has gone by ``edge``
        too_old[edge - 1] = come[edge - hold] - gone[edge]
    worst = worst_excess(too_old, tolerance_of(store.max_level, float(come[-1])))
    if not worst:
        return []
    words = {"at": replay.say_step(worst.step), "n_steps": worst.n_steps, "quantity": float(too_old[worst.step])}
    return [STORE_HELD_TOO_LONG.at(store_id=store.store_id, unit=store.unit, limit_min=store.max_hold_min, **words)]
