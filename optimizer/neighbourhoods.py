"""Which runs a local search sets free, around a solution, while the rest stays."""

from collections.abc import Iterator

import numpy as np

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.starts import RunStart

WINDOW_H = (14.0, 24.0, 36.0)
"""Lengths of the spans that are set free, in turn. [h]"""
N_PEAK_STEPS = 12
"""How many of the highest import steps are looked at. [-]"""
N_TASKS = 8
"""How many tasks are set free at once wherever they are. [-]"""


def neighbourhoods(sets: PlanSets, matrix: Matrix, seed: int) -> Iterator["Neighbourhood"]:
    """Give neighbourhoods without end: spans of time, tasks at the peaks, tasks at random, in turn."""
    random = np.random.default_rng(seed)
    chooser = Neighbourhood(sets, matrix, random)
    while True:
        for kind in ("span", "peaks", "span", "tasks"):
            chooser.kind = kind
            yield chooser


class Neighbourhood:
    """Chooses the free runs around a solution."""

    def __init__(self, sets: PlanSets, matrix: Matrix, random: np.random.Generator) -> None:
        self.kind = "span"
        self._sets = sets
        self._columns = matrix.columns_of("run_count")
        self._import = matrix.columns_of("import_kw")
        self._random = random
        self._n_spans = 0

    def free(self, values: FloatArray) -> set[RunStart]:
        """Give the run starts that may change."""
        chosen = {key: round(values[column]) for key, column in self._columns.items() if values[column] > 0.5}  # noqa: PLR2004 -- half of a run
        if self.kind == "span":
            first, stop = self._span()
            return self._free_in(chosen, [(first, stop)])
        if self.kind == "peaks":
            drawn = np.array([values[self._import[t]] for t in range(self._sets.problem.horizon.n_steps)])
            peaks = np.argsort(-drawn)[:N_PEAK_STEPS]
            return self._free_at(chosen, set(peaks.tolist()))
        movable = sorted({one.task_id for one in self._sets.tasks.values() if one.task.movable})
        some = set(self._random.choice(movable, size=min(N_TASKS, len(movable)), replace=False).tolist())
        return {key for key in self._columns if self._task_of(key) in some and self._is_single(key)}

    def _task_of(self, key: RunStart) -> str:
        return self._sets.tasks[key[0]].task_id

    def _is_single(self, key: RunStart) -> bool:
        return self._sets.wanted_count(self._task_of(key)) == (1, 1)

    def _span(self) -> tuple[int, int]:
        step_h, n_steps = self._sets.problem.horizon.step_h, self._sets.problem.horizon.n_steps
        length = int(WINDOW_H[self._n_spans % len(WINDOW_H)] / step_h)
        self._n_spans += 1
        first = int(self._random.integers(-length // 2, max(1, n_steps - length // 2)))
        return first, first + length

    def _free_in(self, chosen: dict[RunStart, int], spans: list[tuple[int, int]]) -> set[RunStart]:
        """Free what starts within spans, and single runs that start there wherever they may go."""
        here = {self._task_of(key) for key in chosen if self._is_single(key) and any(a <= key[1] < b for a, b in spans)}
        return {
            key
            for key in self._columns
            if self._task_of(key) in here or (not self._is_single(key) and any(a <= key[1] < b for a, b in spans))
        }

    def _free_at(self, chosen: dict[RunStart, int], steps: set[int]) -> set[RunStart]:
        """Free the runs that are on in some steps; runs of a kind may move by about a day."""
        day = int(12 / self._sets.problem.horizon.step_h)
        free: set[RunStart] = set()
        for way_id, start in chosen:
            one = self._sets.tasks[way_id]
            if steps.isdisjoint(range(start, start + one.n_occupied)):
                continue
            for other in self._sets.ways(one.task_id):
                free |= {
                    (other.task.task_id, step)
                    for step in other.steps.tolist()
                    if other.task.count == 1 or abs(step - start) <= day
                }
        return free
