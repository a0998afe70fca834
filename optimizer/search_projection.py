"""From a relaxation's broken starts to whole ones: a list scheduler that follows the relaxation and the model's rows.

Task by task, the start nearest to where the relaxation puts the run is fixed and propagated through the rows
(machines, precedences, utilities, people, connection). Stores are followed by their expected level: runs placed count
whole, all others as the relaxation spreads them. A task that is left without a start weighs more in the next attempt and
is placed earlier.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.starts import IntArray, RunStart
from optimizer.search_domains import Domains

STEERED = ("run_count", "change_count", "idle_count")
"""Columns whose limits are followed while runs are placed."""
TRIES = 60
"""Starts that are tried for one run before it is left out. [-]"""
STAYS_STEPS = 20.0
"""Steps by which a start may lie off rather than leave the one of the attempt before."""
USED = 1e-3
"""A start's share below this is the trace that an interior point leaves everywhere. [-]"""
LEVEL_WEIGHT = 40.0
"""Steps by which a start may lie off rather than leave a store's room by a tenth of it. [-]"""
WAY_STEPS = 6.0
"""Steps by which a start may lie off rather than change to a way that the relaxation does not use. [-]"""
SHAKE_STEPS = 3.0
"""Standard deviation of the steps by which later attempts shake the order of starts. [-]"""


@dataclass
class _Group:
    """One task's choices; arrays have one entry per run start of any of its ways."""

    columns: IntArray
    steps: IntArray
    way: IntArray
    needed: int
    share: FloatArray
    weight: float
    sure: float
    """Greatest share of a start."""
    placed: list[int] = field(default_factory=list)


@noun(eq=False)
class Placed:
    """Runs that one attempt has placed."""

    counts: dict[RunStart, int]
    missing: tuple[str, ...]
    """Tasks that found no start."""
    levels_broken: float
    """By how much of its room a store would be left at worst, processes as relaxed. [-]"""


class Projection:
    """Places all runs around a relaxation, attempt by attempt."""

    def __init__(self, sets: PlanSets, matrix: Matrix, *, seed: int) -> None:
        self._sets, self._matrix = sets, matrix
        self._random = np.random.default_rng(seed)
        self._columns = matrix.columns_of("run_count")
        watched = np.array([name in STEERED for name, _ in matrix.columns], dtype=bool)
        self.domains = Domains(matrix, watched)
        self.is_possible = self.domains.spread_all()
        """False: the rows contradict one another without any assumption."""
        self._root = self.domains.depth
        self._levels = _Levels(sets, matrix)
        self._weights: dict[str, float] = {}
        self._last: dict[str, int] = {}

    def attempt(self, guide: FloatArray, number: int) -> Placed:
        """Place as many runs as go; tasks left without a start weigh more the next time."""
        self.domains.back_to(self._root)
        self._levels.expect(guide)
        groups = self._groups(guide)
        missing: list[str] = []
        while groups:
            task_id = min(groups, key=lambda one: self._rank(groups[one], number))
            group = groups[task_id]
            if not self._place(group, task_id, number):
                self._weights[task_id] = self._weights.get(task_id, 1.0) + 1.0
                missing.append(task_id)
                del groups[task_id]
            elif len(group.placed) >= group.needed:
                del groups[task_id]
        counts = {
            key: round(float(self.domains.least[column]))
            for key, column in self._columns.items()
            if self.domains.least[column] > 0.5  # noqa: PLR2004 -- half of a run
        }
        return Placed(counts=counts, missing=tuple(missing), levels_broken=self._levels.worst())

    def _groups(self, guide: FloatArray) -> dict[str, _Group]:
        found = {}
        ways: dict[str, list[RunStart]] = {}
        for key in self._columns:
            ways.setdefault(self._sets.tasks[key[0]].task_id, []).append(key)
        for task_id, keys in ways.items():
            needed = self._needed(task_id, keys, guide)
            names = list(dict.fromkeys(way_id for way_id, _ in keys))
            columns = np.array([self._columns[key] for key in keys], dtype=np.int64)
            group = _Group(
                columns=columns,
                steps=np.array([step for _, step in keys], dtype=np.int64),
                way=np.array([names.index(way_id) for way_id, _ in keys], dtype=np.int64),
                needed=needed,
                share=np.clip(guide[columns], 0.0, None),
                weight=self._weights.get(task_id, 1.0),
                sure=float(np.clip(guide[columns], 0.0, None).max(initial=0.0)),
            )
            group.placed = [-1] * round(float(self.domains.least[columns].sum()))
            if len(group.placed) < needed:
                found[task_id] = group
        return found

    def _needed(self, task_id: str, keys: list[RunStart], guide: FloatArray) -> int:
        """Give how many runs there shall be: where that is free, as many as the relaxation has, rounded up."""
        least, most = self._sets.wanted_count(task_id)
        if least == most:
            return int(least)
        wished = int(np.ceil(sum(guide[self._columns[key]] for key in keys) - 1e-6))
        return int(min(max(wished, least), most))

    def _rank(self, group: _Group, number: int) -> tuple[float, float]:
        n_open = float((self.domains.most[group.columns] > self.domains.least[group.columns]).sum())
        if number == 0:
            # first what the relaxation has decided, then what has least room
            return (-round(group.sure, 1), n_open)
        return (n_open / group.weight**2, -group.sure)

    def _place(self, group: _Group, task_id: str, number: int) -> bool:
        domains = self.domains
        open_ = np.flatnonzero(domains.most[group.columns] > domains.least[group.columns] + 0.5)
        if not open_.size:
            return False
        off = self._off(group, open_, number)
        before = self._last.get(task_id, -1)
        off -= STAYS_STEPS * (group.columns[open_] == before)
        n_tries = 0
        for chosen in open_[np.argsort(off, kind="stable")].tolist():
            column = int(group.columns[chosen])
            if domains.most[column] <= domains.least[column] + 0.5:
                continue
            depth = domains.depth
            if domains.fix(column, domains.least[column] + 1.0):
                group.placed.append(chosen)
                self._last[task_id] = column
                self._levels.place(column, group.columns, group.share)
                return True
            domains.back_to(depth)
            n_tries += 1
            if n_tries >= TRIES:
                break
        return False

    def _off(self, group: _Group, open_: IntArray, number: int) -> FloatArray:
        """Give how far each start lies from what the relaxation wishes. [steps]."""
        used = group.share > USED
        steps = group.steps[open_].astype(np.float64)
        if used.any():
            wished = group.steps[used]
            weight = group.share[used]
            # to the nearest start used, the more used the nearer
            off = (np.abs(steps[:, None] - wished[None, :]) + 8.0 * (1.0 - weight / weight.max())).min(axis=1)
            off += WAY_STEPS * ~np.isin(group.way[open_], group.way[used])
        else:
            off = steps - steps.min()
        off += LEVEL_WEIGHT * self._levels.broken(group.columns[open_], group.columns, group.share)
        if number:
            off += self._random.normal(0.0, SHAKE_STEPS * min(number, 8), off.size)
        return np.asarray(off, dtype=np.float64)


class _Levels:
    """Expected levels of stores: runs placed whole, all others as a relaxation spreads them."""

    def __init__(self, sets: PlanSets, matrix: Matrix) -> None:
        grid = sets.problem.horizon
        stores = [one for one in sets.problem.plan.stores if one.decay_share_per_h == 0]
        place = {one.store_id: number for number, one in enumerate(stores)}
        self._n_steps = grid.n_steps
        rows = [
            (number, place[index[0]] * grid.n_steps + index[1])
            for number, (name, index) in enumerate(matrix.rows)
            if name == "store_balance" and index[0] in place
        ]
        shape = (len(stores), grid.n_steps)
        self.least = np.array([[one.min_level] * grid.n_steps for one in stores]).reshape(shape)
        self.most = np.array([[one.max_level] * grid.n_steps for one in stores]).reshape(shape)
        for number, one in enumerate(stores):
            self.least[number, -1] = max(one.min_level, one.least_at_end)
            self.most[number, -1] = min(one.max_level, one.most_at_end)
        self._room = np.maximum(1e-6, (self.most - self.least).max(axis=1))
        numbers = [number for number, _ in rows]
        part = sparse.csr_array(sparse.csr_array(matrix.a)[numbers])
        is_level = np.array([name == "level" for name, _ in matrix.columns], dtype=bool)
        flow = sparse.csc_array(part.multiply(~is_level[None, :]))
        # a row holds level[t] - level[t-1] - flows = rhs, so a flow is minus its coefficient
        self._flow = sparse.csc_array(-flow)
        self._rhs = matrix.row_least[numbers]
        self._at = np.array([at for _, at in rows], dtype=np.int64)
        self.level = np.zeros(shape)

    def expect(self, guide: FloatArray) -> None:
        """Begin from what a relaxation spreads."""
        if not self._at.size:
            return
        change = np.zeros(self.level.size)
        change[self._at] = self._rhs + self._flow @ guide
        self.level = np.cumsum(change.reshape(self.level.shape), axis=1)

    def worst(self) -> float:
        """Give by how much of its room a store is left at worst. [-]."""
        if not self.level.size:
            return 0.0
        over = np.maximum(self.level - self.most, self.least - self.level).max(axis=1)
        return float(np.maximum(over / self._room, 0.0).max())

    def place(self, column: int, columns: IntArray, share: FloatArray) -> None:
        """Put a whole run in the place of what the relaxation spreads of one."""
        if not self._at.size:
            return
        total = float(share.sum())
        change = np.zeros(self.level.size)
        spread = self._flow[:, columns] @ (share / total) if total > 0 else 0.0
        change[self._at] = self._flow[:, [column]].toarray().ravel() - spread
        self.level = self.level + np.cumsum(change.reshape(self.level.shape), axis=1)

    def broken(self, candidates: IntArray, columns: IntArray, share: FloatArray) -> FloatArray:
        """Give by how much of its room each candidate would break a store at worst, in tenths. [-]."""
        nothing = np.zeros(candidates.size)
        if not self._at.size:
            return nothing
        part = self._flow[:, candidates]
        if not part.nnz:
            return nothing
        total = float(share.sum())
        change = np.zeros((candidates.size, self.level.size))
        spread = np.asarray(self._flow[:, columns] @ (share / total)) if total > 0 else 0.0
        change[:, self._at] = part.toarray().T - spread
        level = self.level[None] + np.cumsum(change.reshape(candidates.size, *self.level.shape), axis=2)
        over = np.maximum(level - self.most[None], self.least[None] - level).max(axis=2)
        return np.asarray((np.maximum(over, 0.0) / self._room[None, :]).max(axis=1) * 10.0)
