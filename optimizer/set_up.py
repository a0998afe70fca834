"""Which changeovers given runs need: people turn a machine as soon as it has ended what it was set to."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from domain.noun import noun
from domain.plant import ChangeoverRun
from optimizer.formulation.changeover_sets import ChangeKey, SetMachine
from optimizer.formulation.sets import PlanSets

Turn = tuple[ChangeKey, int]
"""A changeover and the step in which it starts."""
EARLIER = 1e-6
"""What a step's delay of a changeover counts, beside its cost, where several ways to turn the copies cost the same. [currency]"""


@noun
class _Held:
    """A span of steps ``first`` … ``stop`` (exclusive) in which a copy runs a family."""

    first: int
    stop: int
    family: str


class SetUps:
    """The copies of the machines that must be set up, with the runs they have so far."""

    def __init__(self, sets: PlanSets) -> None:
        self._sets = sets
        self._copies: dict[str, list[list[_Held]]] = {
            machine_id: [[] for _ in range(one.machine.count)] for machine_id, one in sets.set_machines.items()
        }
        self._from: dict[tuple[str, str], list[ChangeKey]] = {}
        for key in sets.changes:
            self._from.setdefault(key[:2], []).append(key)

    def fits(self, machine_id: str, family: str, first: int, stop: int) -> bool:
        """Say whether some copy can be turned to a run's family in time, and from it to what it runs next."""
        return (
            machine_id not in self._copies
            or self._copy_for(machine_id, _Held(first=first, stop=stop, family=family)) is not None
        )

    def place(self, machine_id: str, family: str, first: int, stop: int) -> bool:
        """Give a run the copy that is turned least; False where none can be."""
        if machine_id not in self._copies:
            return True
        held = _Held(first=first, stop=stop, family=family)
        copy = self._copy_for(machine_id, held)
        if copy is not None:
            insort(copy, held, key=lambda one: one.first)
        return copy is not None

    def turns(self) -> list[Turn]:
        """Give all changeovers, each as soon as the copy has ended what it was set to."""
        found: list[Turn] = []
        for machine_id, copies in self._copies.items():
            for copy in copies:
                family, free = self._at_first(machine_id), 0
                for held in copy:
                    way = self._turned(machine_id, family, held.family, free)
                    found += [] if way is None else way[1]
                    family, free = held.family, held.stop
        return found

    def _at_first(self, machine_id: str) -> str:
        return self._sets.set_machines[machine_id].families[0]

    def _copy_for(self, machine_id: str, held: _Held) -> list[_Held] | None:
        best, least = None, np.inf
        for copy in self._copies[machine_id]:
            place = bisect_left(copy, held.first, key=lambda one: one.first)
            before = copy[place - 1] if place else _Held(first=0, stop=0, family=self._at_first(machine_id))
            way = self._turned(machine_id, before.family, held.family, before.stop)
            if before.stop > held.first or way is None or way[0] > held.first:
                continue
            if place < len(copy):
                on = self._turned(machine_id, held.family, copy[place].family, held.stop)
                if held.stop > copy[place].first or on is None or on[0] > copy[place].first:
                    continue
            if way[0] - before.stop < least:
                best, least = copy, way[0] - before.stop
        return best

    def _turned(self, machine_id: str, family: str, wanted: str, free: int) -> tuple[int, list[Turn]] | None:
        """Give the earliest step in which a copy is set to a family, and the changeovers on the way; None: never."""
        ways: list[tuple[int, str, list[Turn]]] = [(free, family, [])]
        seen: set[str] = set()
        while ways:
            at, here, turns = heappop(ways)
            if here == wanted:
                return at, turns
            if here in seen:
                continue
            seen.add(here)
            for key in self._from.get((machine_id, here), []):
                change = self._sets.changes[key]
                number = int(np.searchsorted(change.steps, at))
                if number < change.steps.size:
                    start = int(change.steps[number])
                    heappush(ways, (start + change.n_occupied, key[2], [*turns, (key, start)]))
        return None


def changeovers_for(sets: PlanSets, starts: Mapping[str, Iterable[int]]) -> list[ChangeoverRun] | None:
    """Give the changeovers that runs starting in given steps need; None where no copy can be set up in time for one.

    Parameters
    ----------
    starts : mapping
        Start steps by the id of a way.
    """
    board = SetUps(sets)
    runs = sorted((step, way_id) for way_id, steps in starts.items() for step in steps)
    turns: list[Turn] | None = []
    for step, way_id in runs:
        one = sets.tasks[way_id]
        for machine_id in one.task.machine_ids:
            if not board.place(machine_id, one.task.family or "", step, step + one.n_occupied):
                turns = None
    turns = board.turns() if turns is not None else _turned_apart(sets, runs)
    if turns is None:
        return None
    at = sets.problem.horizon.at
    return [
        ChangeoverRun(machine_id=machine_id, from_family=before, to_family=after, start=at(step))
        for (machine_id, before, after), step in turns
    ]


def _turned_apart(sets: PlanSets, runs: list[tuple[int, str]]) -> list[Turn] | None:
    """Turn the copies of each machine at the least cost, where giving runs to copies one by one has failed."""
    found: list[Turn] = []
    for machine in sets.set_machines.values():
        turns = _cheapest_turns(sets, machine, runs)
        if turns is None:
            return None
        found += turns
    return found


def _cheapest_turns(sets: PlanSets, machine: SetMachine, runs: list[tuple[int, str]]) -> list[Turn] | None:
    """Solve the flow of a machine's copies through time around fixed runs."""
    n_steps, machine_id = sets.problem.horizon.n_steps, machine.machine.machine_id
    row_of = {family: number * n_steps for number, family in enumerate(machine.families)}
    limit = np.zeros(len(row_of) * n_steps)
    limit[row_of[machine.families[0]]] = machine.machine.count
    for step, way_id in runs:
        one = sets.tasks[way_id]
        if machine_id in one.task.machine_ids:
            if one.task.family not in row_of:
                return None
            limit[row_of[one.task.family] + step] -= 1
            if step + one.n_occupied < n_steps:
                limit[row_of[one.task.family] + step + one.n_occupied] += 1
    idle = np.arange(limit.size)
    earlier = idle[idle % n_steps > 0]
    entries = [(idle, idle, 1.0), (earlier, earlier - 1, -1.0)]
    cost = [np.zeros(limit.size)]
    turns = [(key, step) for key, one in sets.changes.items() if key[0] == machine_id for step in one.steps.tolist()]
    for number, (key, step) in enumerate(turns, start=limit.size):
        change = sets.changes[key]
        entries.append((np.array([row_of[key[1]] + step]), np.array([number]), 1.0))
        if step + change.n_occupied < n_steps:
            entries.append((np.array([row_of[key[2]] + step + change.n_occupied]), np.array([number]), -1.0))
        cost.append(change.change_cost[np.searchsorted(change.steps, [step])] + EARLIER * step)
    rows, columns = (np.concatenate([one[side] for one in entries]) for side in (0, 1))
    values = np.concatenate([np.full(one[0].size, one[2]) for one in entries])
    matrix = sparse.csr_array((values, (rows, columns)), shape=(limit.size, limit.size + len(turns)))
    solved = milp(
        np.concatenate(cost),
        constraints=LinearConstraint(matrix, limit, limit),
        integrality=np.ones(matrix.shape[1], dtype=np.int64),
    )
    if not solved.success:
        return None
    return [turn for turn, count in zip(turns, solved.x[limit.size :], strict=True) for _ in range(round(count))]
