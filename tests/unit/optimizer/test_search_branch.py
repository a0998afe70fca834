"""The tree never says more than is proven, not even where tolerances cut off the solution that is known."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from optimizer.formulation import Matrix
from optimizer.search_branch import Tree
from optimizer.search_coarse import Limits, Relaxed

ROOT = 90.0
KNOWN = 100.0


class Told:
    """A relaxation that says what it was told to say of each side of the one priced whole number."""

    def __init__(self, below: float, above: float) -> None:
        self.solve_s = 0.0
        self._said = {0.0: below, 1.0: above}

    def solve(self, limits: Limits, *, deadline_s: float) -> Relaxed:
        assert deadline_s >= 0.0
        value = limits[0][0]
        return Relaxed(bound=self._said[value], values=np.array([value]), multipliers=np.zeros(0))


def tree(below: float, above: float) -> Tree:
    """Give a tree over one commitment, half made at the root."""
    matrix = Matrix(
        cost=np.array([1.0]),
        cost_offset=0.0,
        a=sparse.csc_array((0, 1)),
        row_least=np.zeros(0),
        row_most=np.zeros(0),
        column_least=np.zeros(1),
        column_most=np.ones(1),
        is_integer=np.array([True]),
        rows=(),
        columns=(("is_committed", "e"),),
        column_of={("is_committed", "e"): 0},
    )
    root = Relaxed(bound=ROOT, values=np.array([0.5]), multipliers=np.zeros(0))
    coarse: Any = Told(below, above)
    return Tree(matrix, coarse, root)


@pytest.mark.parametrize(
    ("below", "above", "bound"),
    [
        (95.0, 97.0, 95.0),
        (95.0, np.inf, 95.0),
        # a solution of 100 is known, so it lies on one of the sides: they cannot both be empty
        (np.inf, np.inf, ROOT),
        # nor can the only side that is not empty cost more
        (np.inf, 130.0, ROOT),
        (120.0, 130.0, ROOT),
        # by no more than a relaxation's tolerance it may
        (KNOWN + 1e-5, np.inf, KNOWN + 1e-5),
    ],
)
def test_the_bound_is_never_above_what_is_proven(below: float, above: float, bound: float) -> None:
    made = tree(below, above)
    assert made.raise_to(KNOWN, 0.0, left_s=10.0)
    assert made.bound == bound
