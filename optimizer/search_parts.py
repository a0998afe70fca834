"""Parts of a model, each asked on a solver of its own within one deadline; keeps count of what that took."""

import time

import numpy as np

from domain.checks import FloatArray
from domain.offers import SolveOptions
from optimizer.formulation import Matrix
from optimizer.solver import Found, OptionValue, Solver

MIP_ABS_GAP = 1e-6
"""Smallest absolute gap asked for. [currency]"""
ASK_SHARE = 0.5
"""Share of the time left that one part of the model may take. [-]"""
PART_SHARE = 0.3
"""Gap to which parts are searched, as a share of the whole's. [-]"""
PART_LEAST = 1e-4
"""Parts are not searched to a smaller gap than this; the whole model is, afterwards. [-]"""
PLACING_SHARE = 0.1
"""Gap to which runs are placed, as a share of the whole's. [-]"""


SWITCHING_SHARE = 0.2
"""Gap to which processes are switched, as a share of the whole's. [-]"""
SWITCHING_NODES = 50
"""Most nodes of that search. [-]"""


FEW_CUTS: dict[str, OptionValue] = {"mip_pool_soft_limit": 20}
"""Parts are asked for solutions: rounds of cuts take most of the time and hardly raise their bound (measured: processes
switched in 0.4 … 0.7 s rather than 1.0 … 2.8 s, the same solutions)."""


class Parts:
    """Asks parts of one model."""

    def __init__(self, options: SolveOptions, deadline: float) -> None:
        self.options = options
        self.deadline = deadline
        self.n_nodes = 0
        self.solve_s = 0.0
        self.cut_by_clock = False
        """Whether time, not work done, ended any part: then a second search may end elsewhere."""
        self.scale = 0.0
        """What the schedule decides about, by the relaxation; 0 before it is known. [currency]"""
        self.target = -np.inf
        """A solution that costs no more is good enough. [currency]"""

    @property
    def left_s(self) -> float:
        """Time left. [s]."""
        return max(0.0, self.deadline - time.perf_counter())

    @property
    def gap(self) -> float:
        """Gap to which a part is searched: the whole's has room for several. [-]."""
        return max(self.options.gap_share * PART_SHARE, PART_LEAST)

    def counted(self, found: Found) -> Found:
        """Count what a search took."""
        self.n_nodes += found.n_nodes
        self.cut_by_clock |= found.status == "deadline"
        self.solve_s += found.solve_s
        return found

    def ask(self, part: Matrix, gap: float) -> Found:
        """Search a part of the model within a share of the time left."""
        limits: dict[str, OptionValue] = {}
        if gap > 0:
            limits["mip_abs_gap"] = max(MIP_ABS_GAP, gap * self.scale)
            limits |= self._good_enough(part)
        return self._run(part, None, limits, gap=gap)

    def place(self, part: Matrix, start: FloatArray | None, n_nodes: int) -> Found:
        """Search a program whose costs are what a relaxation says that its choices are worth."""
        return self._run(part, start, FEW_CUTS | self._within(PLACING_SHARE * self.options.gap_share, n_nodes))

    def fit(self, part: Matrix, n_nodes: int) -> Found:
        """Search any solution of a program."""
        return self._run(part, None, FEW_CUTS | {"mip_max_nodes": n_nodes, "mip_max_improving_sols": 1})

    def switch(self, part: Matrix) -> Found:
        """Search a program that switches processes by what a relaxation says that this is worth."""
        limits = self._within(SWITCHING_SHARE * self.options.gap_share, SWITCHING_NODES)
        return self._run(part, None, FEW_CUTS | limits)

    def improve(self, part: Matrix, start: FloatArray, n_nodes: int, *, gap: float, share: float = ASK_SHARE) -> Found:
        """Search a part from a solution of it, until it is good enough."""
        return self._run(part, start, self._within(gap, n_nodes) | self._good_enough(part), share=share)

    def _within(self, gap: float, n_nodes: int) -> dict[str, OptionValue]:
        return {"mip_max_nodes": n_nodes, "mip_abs_gap": max(MIP_ABS_GAP, gap * self.scale)}

    def _good_enough(self, part: Matrix) -> dict[str, OptionValue]:
        return {"objective_target": self.target - part.cost_offset} if np.isfinite(self.target) else {}

    def _run(
        self,
        part: Matrix,
        start: FloatArray | None,
        limits: dict[str, OptionValue],
        *,
        gap: float = 0.0,
        share: float = ASK_SHARE,
    ) -> Found:
        solver = Solver(part, seed=self.options.seed, n_threads=self.options.n_threads, options=limits)
        if start is not None:
            solver.start_from(start)
        return self.counted(solver.run(deadline_s=self.left_s * share, gap_share=gap))
