"""Changeovers as choices of starts: which steps, at what cost, drawing what; what each machine may be set to."""

from collections.abc import Mapping

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Changeover, Machine
from domain.plant.expand import change_kw, change_steps, machine_available, people_there
from optimizer.formulation.starts import IntArray, TaskStarts

ChangeKey = tuple[str, str, str]
"""A machine's id, the family it is turned from, the one it is turned to."""


@noun(eq=False)
class ChangeStarts:
    """One kind of changeover as choices of starts; arrays have shape (n_starts,)."""

    change: Changeover
    steps: IntArray
    """Possible starts, ascending."""
    most_count: int
    """Copies of the machine: so many may be turned at once. [-]"""
    change_cost: FloatArray
    """Material and people of one change started there. [currency]"""
    n_occupied: int
    power_kw: float
    """Mean over the occupied steps. [kW]"""


@noun(eq=False)
class SetMachine:
    """A machine that is always set to one of some families."""

    machine: Machine
    families: tuple[str, ...]
    """Those that can be reached from the one at the start; that one first."""


def set_machines(problem: ResponseProblem) -> dict[str, SetMachine]:
    """Give the machines that changeovers name, by id."""
    found: dict[str, SetMachine] = {}
    for machine in problem.plan.machines:
        changes = [one for one in problem.plan.changeovers if one.machine_id == machine.machine_id]
        if not changes or machine.family_at_start is None:
            continue
        reached = [machine.family_at_start]
        for family in reached:
            reached += [one.to_family for one in changes if one.from_family == family and one.to_family not in reached]
        found[machine.machine_id] = SetMachine(machine=machine, families=tuple(dict.fromkeys(reached)))
    return found


def change_starts(
    problem: ResponseProblem, machines: dict[str, SetMachine], wages: FloatArray
) -> dict[ChangeKey, ChangeStarts]:
    """Give the changeovers that can be made: from families that can be reached, clear of outages, with their crew."""
    return {
        (one.machine_id, one.from_family, one.to_family): _starts(one, machines[one.machine_id].machine, problem, wages)
        for one in problem.plan.changeovers
        if one.from_family in machines[one.machine_id].families
    }


def _starts(change: Changeover, machine: Machine, problem: ResponseProblem, wages: FloatArray) -> ChangeStarts:
    grid, plan = problem.horizon, problem.plan
    n_steps = change_steps(change, grid.step_min)
    blocked = machine_available(plan, machine.machine_id, grid) == 0
    if change.crew_count > 0:
        blocked = blocked | (people_there(plan, grid, problem.calendar) < change.crew_count)
    before = np.concatenate([[0], np.cumsum(blocked)])
    steps = np.arange(max(grid.n_steps - n_steps + 1, 0))
    steps = steps[before[steps + n_steps] == before[steps]]
    paid = np.concatenate([[0.0], np.cumsum(np.nan_to_num(wages))])
    labour = (paid[steps + n_steps] - paid[steps]) * change.crew_count * grid.step_h
    return ChangeStarts(
        change=change,
        steps=steps,
        most_count=machine.count,
        change_cost=np.asarray(change.cost + labour, dtype=np.float64),
        n_occupied=n_steps,
        power_kw=change_kw(change, grid.step_min),
    )


def latest_turns(tasks: Mapping[str, TaskStarts], machines: Mapping[str, SetMachine]) -> dict[tuple[str, str], int]:
    """Give by which step a machine must have been turned to a family at least once, by machine and family.

    That is where some task has a run in any case, and in all its ways one of that machine, which stands otherwise at
    first: by the last step in which it may start.
    """
    found: dict[tuple[str, str], int] = {}
    by_task: dict[str, list[TaskStarts]] = {}
    for one in tasks.values():
        if one.steps.size and one.least_runs:
            by_task.setdefault(one.task_id, []).append(one)
    for ways in by_task.values():
        last = max(int(one.steps[-1]) for one in ways)
        for machine_id, machine in machines.items():
            key = machine_id, ways[0].task.family or ""
            if all(machine_id in one.task.machine_ids for one in ways) and key[1] != machine.families[0]:
                found[key] = min(last, found.get(key, last))
    return found
