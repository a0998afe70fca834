"""A tree over the few whole numbers that prices and events ask for, each node bounded by the coarse relaxation.

Whether a commitment is made, or an edge of a tariff passed, moves the relaxation more than all starts together: half a
commitment is paid for a response that half of an idle site gives. So these are branched on, best bound first; the starts
and the processes are left relaxed. The bound of the whole is the least over the open nodes.
"""

import heapq
from collections.abc import Callable
from itertools import count

import numpy as np
import numpy.typing as npt

from domain.noun import noun
from optimizer.formulation import Matrix
from optimizer.search_coarse import Coarse, Limits, Relaxed
from optimizer.solver import gap_share

PLANT_INTEGERS = frozenset({"run_count", "change_count", "idle_count", "process_on", "charges", "imports"})
"""Whole numbers of the plant; all others are asked for by prices and events."""
WHOLE = 1e-4
"""So near to a whole number a value counts as one. [-]"""
LOST_SHARE = 1e-6
"""By this much of a known solution's cost the relaxation's tolerances may lift a bound above it. [-]"""
MOST_NODES = 60
"""After so many nodes the bound is taken as it is. [-]"""


Deepen = Callable[[Relaxed, Limits, float], float]
"""Bounds what lies within limits, within a time [s], from their relaxation. [currency]"""


@noun(eq=False)
class Node:
    """Limits on priced whole numbers and what the relaxation says within them."""

    limits: dict[int, tuple[float, float]]
    relaxed: Relaxed


class Tree:
    """Open nodes, the least bound first."""

    def __init__(
        self,
        matrix: Matrix,
        coarse: Coarse,
        root: Relaxed,
        *,
        branched: npt.NDArray[np.bool_] | None = None,
        deepen: Deepen | None = None,
    ) -> None:
        """``branched``: columns to branch on, all if not given; ``deepen`` bounds better what is left of a node."""
        self._matrix, self._coarse, self._deepen = matrix, coarse, deepen
        self._all_priced = np.array(
            [
                number
                for number in np.flatnonzero(matrix.is_integer).tolist()
                if matrix.columns[number][0] not in PLANT_INTEGERS
            ],
            dtype=np.int64,
        )
        self._priced = self._all_priced if branched is None else self._all_priced[branched[self._all_priced]]
        self._order = count()
        self._open: list[tuple[float, int, Node]] = []
        self._closed = np.inf
        self._root, self._known = root.bound, np.inf
        self.n_nodes = 1
        self._push(Node(limits={}, relaxed=root))

    @property
    def bound(self) -> float:
        """No solution costs less. [currency].

        The best solution lies in some node. Where every node left is said to cost more than a known solution, or none is
        left at all, tolerances have cut it off: then only the root's bound is proven.
        """
        return self._root if self._is_lost else self._least

    @property
    def _least(self) -> float:
        return min(self._closed, self._open[0][0] if self._open else np.inf)

    @property
    def _is_lost(self) -> bool:
        """Whether the nodes left cannot hold the solution that is known."""
        known = 0.0 if self._known == np.inf else abs(self._known)
        return self._least == np.inf or self._least > self._known + LOST_SHARE * max(1.0, known)

    def _push(self, node: Node) -> None:
        if node.relaxed.bound < np.inf:
            heapq.heappush(self._open, (node.relaxed.bound, next(self._order), node))

    def raise_to(self, objective: float, gap: float, *, left_s: float, is_known: bool = True) -> bool:
        """Branch until the bound is within a gap of an objective or nothing is left to branch on; False: time.

        ``is_known``: whether a solution costs that.
        """
        began_s = self._coarse.solve_s
        if is_known:
            self._known = min(self._known, objective)
        while self._open and not self._is_lost and gap_share(objective, self.bound, self._matrix.cost_offset) > gap:
            if self.n_nodes >= MOST_NODES:
                return True
            bound, _, node = heapq.heappop(self._open)
            column = self._broken(node)
            if column is None:
                spent_s = self._coarse.solve_s - began_s
                deeper = bound if self._deepen is None else self._deepen(node.relaxed, node.limits, left_s - spent_s)
                self._closed = min(self._closed, max(bound, deeper))
                if deeper == -np.inf:
                    return False  # the clock was faster
                continue
            for value in (0.0, 1.0):
                spent_s = self._coarse.solve_s - began_s
                children = self._child(node, column, value, left_s - spent_s)
                if children is None:
                    heapq.heappush(self._open, (bound, next(self._order), node))
                    return False
                self._push(children)
        return True

    def _child(self, node: Node, column: int, side: float, left_s: float) -> Node | None:
        least, most = node.limits.get(column, (self._matrix.column_least[column], self._matrix.column_most[column]))
        value = node.relaxed.values[column]
        span = (least, float(np.floor(value))) if side == 0.0 else (float(np.ceil(value)), most)
        limits = node.limits | {column: span}
        relaxed = self._coarse.solve(limits, deadline_s=max(0.0, left_s))
        if relaxed is None:
            return None
        self.n_nodes += 1
        if relaxed.bound < node.relaxed.bound:  # what holds of the parent holds of its children
            relaxed = Relaxed(bound=node.relaxed.bound, values=relaxed.values, multipliers=relaxed.multipliers)
        return Node(limits=limits, relaxed=relaxed)

    def _broken(self, node: Node) -> int | None:
        """Give the priced number that the relaxation breaks most."""
        values = node.relaxed.values[self._priced]
        off = np.abs(values - np.round(values))
        if not off.size or off.max() <= WHOLE:
            return None
        return int(self._priced[int(np.argmax(off))])

    def rounded(self, relaxed: Relaxed) -> Limits:
        """Give limits that fix the priced whole numbers that a relaxation breaks where they round to."""
        values = relaxed.values[self._all_priced]
        broken = np.abs(values - np.round(values)) > WHOLE
        return {
            int(column): (float(np.round(v)),) * 2
            for column, v in zip(self._all_priced[broken], values[broken], strict=True)
        }
