"""Whether machines suffice for what runs on them, and are set to the families that run."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.plant import Machine
from domain.text import Text
from domain.time import TimeGrid
from optimizer.audit_replay import IntArray, PlacedChange, Replay, touched


def _kind(code: str, en: str, zh: str) -> FindingKind:
    return FindingKind(code=code, severity=Severity.SERIOUS, words=Text(en=en, zh=zh))


MACHINE_OVERBOOKED = _kind(
    "machine_overbooked",
    "Machine {machine_id} has {taken} runs at {at}, and {ready} can run ({n_steps} steps).",
    "设备 {machine_id} 在 {at} 有 {taken} 项运行，而可用数为 {ready}（共 {n_steps} 个时段）。",
)
MACHINE_NOT_SET = _kind(
    "machine_not_set",
    "At {at}, {work} needs machine {machine_id} set to {family}; none that is free is ({n_times} such times).",
    "{at} 时 {work} 需要设备 {machine_id} 处于产品族 {family}，而空闲设备均未处于该族（此类情形共 {n_times} 次）。",
)
CHANGEOVER_OFF_EDGE = _kind(
    "changeover_off_edge",
    "The changeover of {machine_id} from {from_family} to {to_family} starts at {at}, "
    "which is no edge of a {step_min}-minute step.",
    "设备 {machine_id} 由 {from_family} 至 {to_family} 的换型于 {at} 开始，不在 {step_min} 分钟步长的刻度上。",
)
CHANGEOVER_OUTSIDE = _kind(
    "changeover_outside_horizon",
    "The changeover of {machine_id} from {from_family} to {to_family} at {at} does not lie within the horizon.",
    "设备 {machine_id} 由 {from_family} 至 {to_family} 的换型（{at}）不在计划期内。",
)


@noun
class _Stay:
    """Something that takes a copy of a machine from ``first`` to ``stop``, set to one family before, to one after."""

    first: int
    stop: int
    needs: str
    leaves: str
    work: str


def machines_ready(machine: Machine, grid: TimeGrid) -> IntArray:
    """Give how many of a machine may run in each step: none where an outage touches it."""
    ready = np.full(grid.n_steps, machine.count, dtype=np.int64)
    for outage in machine.outages:
        ready[touched(outage.start, outage.end, grid)] = 0
    return ready


def machines_taken(machine_id: str, replay: Replay) -> IntArray:
    """Give how many of a machine runs, changeovers and processes occupy in each step."""
    taken = np.zeros(replay.n_steps, dtype=np.int64)
    for run in replay.runs:
        if machine_id in run.machine_ids:
            taken[list(run.steps(replay.n_steps))] += 1
    for change in replay.changes:
        if machine_id == change.changeover.machine_id:
            taken[list(change.steps(replay.n_steps))] += 1
    for process in replay.plan.processes:
        if machine_id in process.machine_ids:
            taken += replay.schedule.processes[process.process_id].is_on
    return taken


def machine_findings(replay: Replay) -> list[Finding]:
    """Find machines that are taken more often than they are there, or are set to another family than what they run."""
    found = [one for change in replay.changes for one in _change_findings(change, replay)]
    with_families = {one.machine_id for one in replay.plan.changeovers}
    for machine in replay.plan.machines:
        taken = machines_taken(machine.machine_id, replay)
        ready = machines_ready(machine, replay.grid)
        over = np.flatnonzero(taken > ready)
        if over.size:
            first = int(over[0])
            found.append(
                MACHINE_OVERBOOKED.at(
                    machine_id=machine.machine_id,
                    at=replay.say_step(first),
                    taken=int(taken[first]),
                    ready=int(ready[first]),
                    n_steps=int(over.size),
                )
            )
        elif machine.machine_id in with_families:
            found += _family_findings(machine, replay)
    return found


def _change_findings(change: PlacedChange, replay: Replay) -> list[Finding]:
    one, grid = change.changeover, replay.grid
    words = {
        "machine_id": one.machine_id,
        "from_family": one.from_family,
        "to_family": one.to_family,
        "at": replay.say(change.start),
    }
    if (change.start - grid.start) % grid.step:
        return [CHANGEOVER_OFF_EDGE.at(step_min=grid.step_min, **words)]
    if change.first < 0 or change.stop > grid.n_steps:
        return [CHANGEOVER_OUTSIDE.at(**words)]
    return []


def _family_findings(machine: Machine, replay: Replay) -> list[Finding]:
    """Give every run and changeover a copy of the machine that is set as it needs; find what finds none.

    Copies of one family are equal, so taking any of them leaves no fewer choices: if this fails, every assignment does.
    """
    short = _unserved(machine, _stays(machine, replay))
    if not short:
        return []
    first = short[0]
    words = {"work": first.work, "family": first.needs, "n_times": len(short)}
    return [MACHINE_NOT_SET.at(machine_id=machine.machine_id, at=replay.say_step(first.first), **words)]


def _stays(machine: Machine, replay: Replay) -> list[_Stay]:
    stays = [
        _Stay(
            first=run.first,
            stop=run.stop,
            needs=str(run.task.family),
            leaves=str(run.task.family),
            work=run.task.task_id,
        )
        for run in replay.runs
        if machine.machine_id in run.machine_ids
    ]
    for change in replay.changes:
        one = change.changeover
        if one.machine_id == machine.machine_id and change.first >= 0:
            work = f"{one.from_family} → {one.to_family}"
            stays.append(
                _Stay(first=change.first, stop=change.stop, needs=one.from_family, leaves=one.to_family, work=work)
            )
    return sorted(stays, key=lambda one: (one.first, one.work))


def _unserved(machine: Machine, stays: Iterable[_Stay]) -> list[_Stay]:
    """Give what finds no copy that is free and set as it needs, going through all that the machine does in order."""
    free = Counter({str(machine.family_at_start): machine.count})
    busy: list[_Stay] = []
    unserved = []
    for stay in stays:
        free.update(one.leaves for one in busy if one.stop <= stay.first)
        busy = [one for one in busy if one.stop > stay.first]
        if free[stay.needs]:
            free[stay.needs] -= 1
            busy.append(stay)
        else:
            unserved.append(stay)
    return unserved
