"""Which columns a local search sets free, around a solution, while the rest stays."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets

BoolArray = npt.NDArray[np.bool_]

WINDOW_H = (14.0, 24.0, 36.0)
"""Lengths of the spans that are set free, in turn. [h]"""
PEAK_H = 5.0
"""So far around each of the highest import steps. [h]"""
N_PEAKS = 3
"""How many separate peaks are looked at. [-]"""
N_TASKS = 8
"""How many tasks are set free at once wherever they are. [-]"""
HELD = frozenset(
    {
        "run_count",
        "lot_share",
        "change_count",
        "idle_count",
        "process_on",
        "process_rate",
        "process_start",
        "process_stop",
        "modulating_kw",
        "charge_kw",
        "discharge_kw",
        "soc_kwh",
    }
)
"""What is held outside of a neighbourhood; what follows from it (import, levels, peaks, the tariff's) is always free."""
SWITCHED = ("process_on", "process_rate", "process_start", "process_stop")
HALF = 0.5
"""Half of a run. [-]"""


def neighbourhoods(sets: PlanSets, matrix: Matrix, seed: int) -> Iterator["Neighbourhood"]:
    """Give neighbourhoods without end: spans of time, peaks, tasks at random, in turn."""
    chooser = Neighbourhood(sets, matrix, np.random.default_rng(seed))
    kinds = ("span", "peaks", "span", "tasks") if sets.tasks else ("span", "peaks")
    while True:
        for kind in kinds:
            chooser.kind = kind
            yield chooser


class Neighbourhood:
    """Chooses the free columns around a solution."""

    def __init__(self, sets: PlanSets, matrix: Matrix, random: np.random.Generator) -> None:
        self.kind = "span"
        self._sets = sets
        self._grid = sets.problem.horizon
        self._random = random
        self._n_spans = 0
        self._is_held = np.array([name in HELD for name, _ in matrix.columns], dtype=bool)
        self._is_switched = np.array([name in SWITCHED for name, _ in matrix.columns], dtype=bool)
        self._step = np.array(
            [index[-1] if name in HELD else -1 for name, index in matrix.columns],
            dtype=np.int64,
        )
        imports = matrix.columns_of("import_kw")
        self._import = np.array([imports[t] for t in range(self._grid.n_steps) if t in imports], dtype=np.int64)
        self._of_task: dict[str, list[int]] = {}
        for name in ("run_count", "lot_share"):
            for (way_id, _), column in matrix.columns_of(name).items():
                self._of_task.setdefault(sets.tasks[way_id].task_id, []).append(column)
        self._runs = {
            task_id: np.array([one for one in columns if matrix.columns[one][0] == "run_count"], dtype=np.int64)
            for task_id, columns in self._of_task.items()
        }
        self._single = {task_id for task_id in self._runs if sets.wanted_count(task_id)[1] == 1}

    def free(self, values: FloatArray) -> BoolArray:
        """Say which columns may change."""
        if self.kind == "tasks":
            return self._tasks()
        spans = self._peaks(values) if self.kind == "peaks" else [self._span()]
        inside = np.zeros(self._step.size, dtype=bool)
        for first, stop in spans:
            inside |= (self._step >= first) & (self._step < stop)
        for task_id in self._single:
            columns = self._runs[task_id]
            starts = self._step[columns[values[columns] > HALF]]
            if any(first <= start < stop for start in starts.tolist() for first, stop in spans):
                inside[self._of_task[task_id]] = True  # it may go wherever it fits
        return np.asarray(~self._is_held | inside, dtype=np.bool_)

    def _span(self) -> tuple[int, int]:
        length = int(WINDOW_H[self._n_spans % len(WINDOW_H)] / self._grid.step_h)
        self._n_spans += 1
        first = int(self._random.integers(-length // 2, max(1, self._grid.n_steps - length // 2)))
        return first, first + length

    def _peaks(self, values: FloatArray) -> list[tuple[int, int]]:
        reach = max(1, int(PEAK_H / self._grid.step_h))
        drawn = np.array(values[self._import])
        spans: list[tuple[int, int]] = []
        while len(spans) < N_PEAKS and np.isfinite(drawn).any():
            t = int(np.argmax(drawn))
            if not np.isfinite(drawn[t]):
                break
            spans.append((t - reach, t + reach + 1))
            drawn[max(0, t - reach) : t + reach + 1] = -np.inf
        return spans

    def _tasks(self) -> BoolArray:
        """Free some tasks anywhere, with batteries and modulating loads; processes stay."""
        movable = sorted(self._of_task)
        some = self._random.choice(movable, size=min(N_TASKS, len(movable)), replace=False).tolist()
        free = ~self._is_held
        for task_id in some:
            free[self._of_task[task_id]] = True
        steady = self._is_held & ~self._is_switched
        runs = np.zeros_like(free)
        for columns in self._of_task.values():
            runs[columns] = True
        return np.asarray(free | (steady & ~runs), dtype=np.bool_)
