"""Runs placed by what a relaxation says their starts are worth.

Priced by the multipliers of power, peaks and material, every start has a cost of its own. What is left of the model is
which starts go together: counts, machines, waits, set-ups, people, and the stores that only runs fill and empty. That is
a small program of whole numbers whose relaxation is as good as the whole model's, so its best solution is nearly the
whole's (measured: 0.0 … 0.2 % of the bill).
"""

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.matrix import selected
from optimizer.formulation.starts import RunStart
from optimizer.search_coarse import Relaxed, lagrangian_bound

PLACED = frozenset({"run_count", "lot_share", "change_count", "idle_count"})
PLACING_ROWS = frozenset(
    {
        "all_runs_start",
        "machine_capacity",
        "least_gap",
        "greatest_gap",
        "lot_not_below",
        "lot_not_above",
        "family_balance",
        "people_attend",
    }
)
STORE_COLUMNS = frozenset({"level", "brought", "disposed"})
STORE_ROWS = frozenset({"store_balance", "level_at_end", "level_at_end_not_above", "comes_in", "held_not_longer"})
BEST_STARTS = 30
"""Starts of least reduced cost that are looked at, per task. [-]"""
AROUND_STEPS = 8
"""So far around starts that the relaxation or another plan uses. [steps]"""
USED = 1e-3
"""A start's share below this is the trace that an interior point leaves everywhere. [-]"""


class Placing:
    """The program that places the runs of one matrix under given multipliers."""

    def __init__(self, sets: PlanSets, matrix: Matrix) -> None:
        self.matrix = matrix
        self.run_columns = matrix.columns_of("run_count")
        fed = {flow.store_id for process in sets.problem.plan.processes for flow in process.flows}
        self._in_columns = np.array(
            [name in PLACED or (name in STORE_COLUMNS and index[0] not in fed) for name, index in matrix.columns],
            dtype=bool,
        )
        self._in_rows = np.array(
            [name in PLACING_ROWS or (name in STORE_ROWS and _owner(index) not in fed) for name, index in matrix.rows],
            dtype=bool,
        )
        self._is_run = np.zeros(len(matrix.columns), dtype=bool)
        self._is_run[list(self.run_columns.values())] = True
        self._n_tasks = len(sets.ways_of)

    def part(self, relaxed: Relaxed, near: set[int]) -> tuple[Matrix, npt.NDArray[np.int64]]:
        """Give the program with the likely starts only, and its columns in the whole matrix."""
        likely = self._in_columns & (~self._is_run | self._likely(relaxed, near))
        return self._of(relaxed, likely)

    def whole(self, relaxed: Relaxed) -> tuple[Matrix, npt.NDArray[np.int64]]:
        """Give the program with all starts."""
        return self._of(relaxed, self._in_columns)

    def _of(self, relaxed: Relaxed, kept: npt.NDArray[np.bool_]) -> tuple[Matrix, npt.NDArray[np.int64]]:
        matrix, numbers = self.matrix, np.flatnonzero(kept)
        outside = np.where(self._in_rows, 0.0, relaxed.multipliers)
        worth = np.asarray(matrix.cost - matrix.a.T @ outside, dtype=np.float64)
        part = selected(matrix, numbers, self._in_rows, cost=worth)
        return part, numbers

    def _likely(self, relaxed: Relaxed, near: set[int]) -> npt.NDArray[np.bool_]:
        matrix = self.matrix
        _, reduced = lagrangian_bound(matrix, relaxed.multipliers, matrix.column_least, matrix.column_most, {})
        found = np.zeros(len(matrix.columns), dtype=bool)
        by_task: dict[str, list[int]] = {}
        for (way_id, _), column in self.run_columns.items():
            by_task.setdefault(way_id.split("@", maxsplit=1)[0], []).append(column)
        for columns in by_task.values():
            each = np.array(columns)
            found[each[np.argsort(reduced[each], kind="stable")[:BEST_STARTS]]] = True
        for (way_id, step), column in self.run_columns.items():
            if relaxed.values[column] > USED or column in near:
                for by in range(-AROUND_STEPS, AROUND_STEPS + 1):
                    beside = self.run_columns.get((way_id, step + by))
                    if beside is not None:
                        found[beside] = True
        found[matrix.column_least > 0] = True
        return found

    def counts(self, values: FloatArray, numbers: npt.NDArray[np.int64]) -> dict[RunStart, int]:
        """Read the runs of a solution of the program."""
        whole = np.zeros(len(self.matrix.columns))
        whole[numbers] = values
        return {key: round(whole[column]) for key, column in self.run_columns.items() if whole[column] > 0.5}  # noqa: PLR2004 -- half of a run


def _owner(index: object) -> object:
    return index[0] if isinstance(index, tuple) else index
