"""When processes are on, decided by what a relaxation says their output and power are worth.

Processes move less freely than runs: a mill that has started runs for hours, and its silo must last until the next start.
So they go first. Priced by the multipliers of power, peaks and what they share with runs, what is left are the rows that
only processes and the stores that they feed enter: a small program. It is asked by the half hour; what is lost by that and
by the prices is seen where the relaxation is solved again with the switches held (measured: 0.07 to 0.25 % of what the
schedule decides, where a mill decided after the runs lost 0.3 to 0.6 %).
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.matrix import selected
from optimizer.search_coarse import Limits, Relaxed
from optimizer.search_steady import steadied
from optimizer.solver import Found

STEADY_H = (0.5, 0.0)
"""Processes switch on a grid of so many hours, then of the steps themselves. [h]"""
PROCESS_COLUMNS = frozenset({"process_on", "process_rate", "process_start", "process_stop"})
STORE_COLUMNS = frozenset({"level", "brought", "disposed"})
HALF = 0.5
"""Half of being on. [-]"""

Ask = Callable[[Matrix], Found]
"""Searches a program within the time that the caller has."""


class Switching:
    """The program that switches the processes of one matrix under given multipliers."""

    def __init__(self, sets: PlanSets, matrix: Matrix) -> None:
        self.matrix = matrix
        self.columns = matrix.columns_of("process_on")
        self._step_h = sets.problem.horizon.step_h
        fed = {flow.store_id for process in sets.problem.plan.processes for flow in process.flows}
        inside = np.array(
            [
                name in PROCESS_COLUMNS or (name in STORE_COLUMNS and isinstance(index, tuple) and index[0] in fed)
                for name, index in matrix.columns
            ],
            dtype=bool,
        )
        self._numbers = np.flatnonzero(inside)
        rows = sparse.csr_array(matrix.a)
        pattern = sparse.csr_array((np.ones(rows.nnz), rows.indices, rows.indptr), shape=rows.shape)
        n_inside, n_outside = pattern @ inside.astype(np.float64), pattern @ (~inside).astype(np.float64)
        self._in_rows = (n_inside > 0) & (n_outside == 0)

    def limits(self, relaxed: Relaxed, ask: Ask) -> Limits | None:
        """Give limits that hold every switch; None: none was found."""
        if not self.columns:
            return None
        whole = self._program(relaxed)
        for steady_h in STEADY_H:
            program, spread = steadied(whole, max(1, round(steady_h / self._step_h)))
            found = ask(program)
            if found.values is None:
                continue
            values = np.asarray(spread @ found.values)
            place = {int(number): at for at, number in enumerate(self._numbers)}
            return {column: (float(values[place[column]] > HALF),) * 2 for column in self.columns.values()}
        return None

    def _program(self, relaxed: Relaxed) -> Matrix:
        matrix = self.matrix
        outside = np.where(self._in_rows, 0.0, relaxed.multipliers)
        worth = np.asarray(matrix.cost - matrix.a.T @ outside, dtype=np.float64)
        return selected(matrix, self._numbers, self._in_rows, cost=worth)
