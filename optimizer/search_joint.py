"""Runs placed together with power and peaks, among the starts that a relaxation finds nearly as good as the best.

Prices alone place runs one by one: all of them go to the cheapest hour, and the peak that they make there is paid after.
So the last word has a program with power, peaks and batteries by the hour, machines and stores as they are, and of each
task only its best starts. It begins from a placement that is known (measured on a week of 60 jobs: from 0.5 % above the
relaxation to 0.1 … 0.4 % in a second or two, where neighbourhoods of the whole model gained 0.02 % in ten).
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.matrix import selected
from optimizer.formulation.starts import IntArray
from optimizer.neighbourhoods import HELD
from optimizer.search_coarse import Limits, Relaxed, lagrangian_bound

BEST_STARTS = 30
"""Starts of least reduced cost that are looked at, per task. [-]"""
PLACED = frozenset({"run_count", "lot_share"})


class Joint:
    """The program over the best starts of one matrix."""

    def __init__(self, sets: PlanSets, matrix: Matrix, hourly: Matrix) -> None:
        self._matrix, self._hourly = matrix, hourly
        self._runs = matrix.columns_of("run_count")
        self._is_run = np.zeros(len(matrix.columns), dtype=bool)
        self._is_run[list(self._runs.values())] = True
        self._lots = matrix.columns_of("lot_share")
        self._step = np.array([index[-1] if name in HELD else -1 for name, index in matrix.columns], dtype=np.int64)
        self._is_placed = np.array([name in PLACED for name, _ in matrix.columns], dtype=bool)
        by_task: dict[str, list[int]] = {}
        for (way_id, _), column in self._runs.items():
            by_task.setdefault(sets.tasks[way_id].task_id, []).append(column)
        self._of_task = {task_id: np.array(columns, dtype=np.int64) for task_id, columns in by_task.items()}

    def part(
        self, relaxed: Relaxed, limits: Limits, known: FloatArray, nearly: float, tasks: Iterable[str] | None = None
    ) -> tuple[Matrix, IntArray]:
        """Give the program within limits, and its columns in the whole matrix.

        ``known`` is a solution, whose starts are kept; of tasks other than ``tasks`` no others are.
        """
        matrix = self._matrix
        least, most = np.array(matrix.column_least), np.array(matrix.column_most)
        for column, span in limits.items():
            least[column], most[column] = span
        _, reduced = lagrangian_bound(matrix, relaxed.multipliers, least, most, {})
        kept = ~self._is_run | (known > 0.5) | (matrix.column_least > 0)  # noqa: PLR2004 -- half of a run
        for task_id in self._of_task if tasks is None else tasks:
            columns = self._of_task[task_id]
            best = columns[np.argsort(reduced[columns], kind="stable")[:BEST_STARTS]]
            kept[best[reduced[best] <= reduced[best[0]] + nearly]] = True
        for key, column in self._lots.items():
            kept[column] = kept[self._runs[key]]
        numbers = np.flatnonzero(kept)
        return selected(self._hourly, numbers, least=least, most=most), numbers

    def outside(self, numbers: IntArray, span: tuple[int, int], tasks: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Say which columns of a program do not belong to given steps or tasks."""
        mine = np.zeros(self._is_run.size, dtype=bool)
        for task_id in tasks:
            mine[self._of_task[task_id]] = True
        for key, column in self._lots.items():
            mine[column] = mine[self._runs[key]]
        steps = self._step[numbers]
        is_out = (steps >= 0) & ((steps < span[0]) | (steps >= span[1]))
        is_placed = self._is_placed[numbers]
        return np.asarray(np.where(is_placed, ~mine[numbers], is_out), dtype=np.bool_)
