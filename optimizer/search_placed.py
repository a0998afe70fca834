"""Placements of all runs around a relaxation: scheduled task by task, mended, then priced against one another.

The list scheduler is quick and usually leaves out a few tasks where machines are busy. A small search over those tasks
and their neighbours mends that; it grows until it succeeds or has become the whole. From the placement found the search
over all likely starts begins; where there are too many of them at once it goes over the plan in spans.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets, restricted
from optimizer.formulation.starts import IntArray, RunStart
from optimizer.search_coarse import Relaxed
from optimizer.search_projection import Placed, Projection
from optimizer.search_runs import Placing
from optimizer.solver import Found

ATTEMPTS = 4
"""Attempts of the list scheduler. [-]"""
FEW = 4
"""So few tasks left out are mended rather than scheduled again. [-]"""
FEW_SHARE = 0.05
"""Or so many, as a share of all tasks. [-]"""
NEIGHBOURS = 2
"""Tasks beside each one left out that may move at first; doubled until that suffices. [-]"""
NODES = 500
"""Most nodes of a search that places runs. [-]"""
LARGE = 9000
"""From so many likely starts on the plan is gone over in spans. [-]"""
CHUNK = 40
"""Tasks of one span. [-]"""
ALONE = 1e9
"""Position of a task without any start. [steps]"""

Ask = Callable[[Matrix, FloatArray | None, int], Found]
"""Searches a program from a start, if there is one, with at most so many nodes."""
Fit = Callable[[Matrix, int], Found]
"""Searches any solution of a program with at most so many nodes."""


class Placements:
    """All runs placed, in several ways."""

    def __init__(
        self,
        sets: PlanSets,
        matrix: Matrix,
        ask: Ask,
        fit: Fit,
        *,
        seed: int,
        is_late: Callable[[], bool] = lambda: False,
    ) -> None:
        self._sets, self._matrix, self._ask, self._fit = sets, matrix, ask, fit
        self._is_late = is_late
        self._placing = Placing(sets, matrix)
        self._columns = matrix.columns_of("run_count")
        self._task_of = {key: sets.tasks[key[0]].task_id for key in self._columns}
        self._seed = seed

    def around(self, relaxed: Relaxed, near: set[int]) -> Iterator[dict[RunStart, int]]:
        """Give placements that follow a relaxation, those that promise most first; ``near``: columns to look at too."""
        part, numbers = self._placing.whole(relaxed)
        known = self._scheduled(relaxed, part, numbers)
        likely = set(near)
        if known is not None:
            likely |= set(numbers[known > 0.5].tolist()) & set(self._columns.values())  # noqa: PLR2004 -- half of a run
        small, fewer = self._placing.part(relaxed, likely)
        start = None if known is None else self._within(known, numbers, fewer)
        if known is not None and fewer.size > LARGE:
            yield self._placing.counts(self._swept(small, fewer, self._within(known, numbers, fewer)), fewer)
        else:
            found = self._ask(small, start, NODES)
            if found.values is not None:
                yield self._placing.counts(found.values, fewer)
        if known is not None:
            yield self._placing.counts(known, numbers)
        else:
            found = self._ask(part, None, NODES)
            if found.values is not None:
                yield self._placing.counts(found.values, numbers)

    def scheduled(self, relaxed: Relaxed) -> dict[RunStart, int] | None:
        """Give the list scheduler's placement around a relaxation; None: it found none."""
        part, numbers = self._placing.whole(relaxed)
        known = self._scheduled(relaxed, part, numbers)
        return None if known is None else self._placing.counts(known, numbers)

    def _within(self, values: FloatArray, numbers: IntArray, fewer: IntArray) -> FloatArray:
        whole = np.zeros(len(self._matrix.columns))
        whole[numbers] = values
        return np.asarray(whole[fewer], dtype=np.float64)

    def _scheduled(self, relaxed: Relaxed, part: Matrix, numbers: IntArray) -> FloatArray | None:
        """Give a solution of the placing program by the list scheduler, mended; None: none was found."""
        projection = Projection(self._sets, self._matrix, seed=self._seed)
        if not projection.is_possible:
            return None
        best: Placed | None = None
        for number in range(ATTEMPTS):
            placed = projection.attempt(relaxed.values, number)
            if best is None or len(placed.missing) < len(best.missing):
                best = placed
            if len(placed.missing) <= max(FEW, FEW_SHARE * len(self._sets.ways_of)) or self._is_late():
                break
        assert best is not None  # noqa: S101 -- there is at least one attempt
        return self._mended(best, relaxed, part, numbers)

    def _mended(self, placed: Placed, relaxed: Relaxed, part: Matrix, numbers: IntArray) -> FloatArray | None:
        """Search the tasks left out and those beside them; more and more until that goes."""
        position = self._positions(placed, relaxed)
        free = set(placed.missing)
        n_beside = NEIGHBOURS if free else 0
        while True:
            wider = free | self._beside(placed.missing, position, n_beside)
            found = self._fit(self._held(part, numbers, placed, wider), NODES)
            if found.values is not None:
                values = self._values(numbers, placed, wider)
                values[self._is_free(numbers, wider)] = found.values
                return values
            if found.status == "deadline" or len(wider) >= len(position):
                return None
            n_beside = max(2 * n_beside, NEIGHBOURS)
            if not placed.missing:
                # the runs go together, but not with the stores: any of them may have to move
                free = {task_id for task_id, _ in sorted(position.items(), key=lambda one: one[1])}

    def _positions(self, placed: Placed, relaxed: Relaxed) -> dict[str, float]:
        """Give where each task stands: placed, or as relaxed."""
        found: dict[str, list[float]] = {}
        weight: dict[str, float] = {}
        for key, column in self._columns.items():
            task_id = self._task_of[key]
            share = float(relaxed.values[column])
            entry = found.setdefault(task_id, [0.0, 0.0])
            entry[0] += share * key[1]
            entry[1] += share
        for way_id, step in placed.counts:
            weight.setdefault(self._sets.tasks[way_id].task_id, float(step))
        return {
            task_id: weight.get(task_id, total / share if share > 0 else ALONE)
            for task_id, (total, share) in found.items()
        }

    def _beside(self, missing: tuple[str, ...], position: dict[str, float], n_beside: int) -> set[str]:
        """Give the tasks nearest in time to those left out, those on the same machines first, with their partners."""
        found: set[str] = set()
        machines = {
            task_id: {one for way in self._sets.ways(task_id) for one in way.task.machine_ids} for task_id in position
        }
        for task_id in missing:
            others = sorted(
                (one for one in position if one != task_id),
                key=lambda one: (
                    abs(position[one] - position[task_id]) + (0.0 if machines[one] & machines[task_id] else 96.0)
                ),
            )
            found |= set(others[:n_beside])
            for link in self._sets.problem.plan.precedences:
                if task_id in (link.before, link.after):
                    found |= {link.before, link.after}
        return found

    def _is_free(self, numbers: IntArray, free: set[str]) -> npt.NDArray[np.bool_]:
        columns = np.ones(len(self._matrix.columns), dtype=bool)
        for key, column in self._columns.items():
            columns[column] = self._task_of[key] in free
        for key, column in self._matrix.columns_of("lot_share").items():
            columns[column] = self._task_of[key] in free
        return np.asarray(columns[numbers])

    def _values(self, numbers: IntArray, placed: Placed, free: set[str]) -> FloatArray:
        whole = np.zeros(len(self._matrix.columns))
        for key, count in placed.counts.items():
            if self._task_of[key] not in free:
                whole[self._columns[key]] = count
        for key, column in self._matrix.columns_of("lot_share").items():
            whole[column] = whole[self._columns[key]]
        return np.asarray(whole[numbers], dtype=np.float64)

    def _held(self, part: Matrix, numbers: IntArray, placed: Placed, free: set[str]) -> Matrix:
        is_free = self._is_free(numbers, free)
        return restricted(part, ~is_free, self._values(numbers, placed, free))

    def _swept(self, part: Matrix, numbers: IntArray, values: FloatArray) -> FloatArray:
        """Go over the plan in overlapping spans, each searched with all other tasks held."""
        best = np.array(values)
        inverse = {int(column): place for place, column in enumerate(numbers)}
        at: dict[str, float] = {}
        for key, column in self._columns.items():
            place = inverse.get(column)
            if place is not None and best[place] > 0.5:  # noqa: PLR2004 -- half of a run
                at.setdefault(self._task_of[key], float(key[1]))
        order = sorted(at, key=lambda one: (at[one], one))
        for first in range(0, len(order), CHUNK // 2):
            if self._is_late():
                return best
            free = set(order[first : first + CHUNK])
            is_free = self._is_free(numbers, free)
            held = np.where(part.is_integer, np.round(best), best)
            found = self._ask(restricted(part, ~is_free, held), best[is_free], NODES // 5)
            if found.values is not None:
                best[is_free] = found.values
        return best
