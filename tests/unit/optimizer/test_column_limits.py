"""Columns that only rows limit have limits that never bind, so that bounds from multipliers are finite."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from domain.offers import ResponseProblem
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets
from tests.mutation_plants import changed_plan
from tests.unit.optimizer.test_goods_enumerated import dairy, lots_problem

NAMES = ("disposed", "brought", "given_up_count")
CASES: dict[str, Callable[[], ResponseProblem]] = {
    "goods that age": lambda: dairy(3),
    "lots thrown away": lambda: lots_problem(2),
    "a plan left": changed_plan,
}


@pytest.fixture(params=CASES)
def matrix(request: pytest.FixtureRequest) -> Matrix:
    return compile_matrix(build(plan_sets(CASES[request.param]())))


def columns(matrix: Matrix, *names: str) -> list[int]:
    return [number for number, (name, _) in enumerate(matrix.columns) if name in names]


def unlimited(matrix: Matrix) -> np.ndarray:
    most = np.array(matrix.column_most)
    most[columns(matrix, *NAMES)] = np.inf
    return most


def test_they_are_finite(matrix: Matrix):
    found = columns(matrix, *NAMES)
    assert found
    assert np.isfinite(matrix.column_most[found]).all()


def test_nothing_that_rows_allow_reaches_beyond(matrix: Matrix):
    """Each is made as great as it can be without its limit, by another program of the linear relaxation."""
    a = matrix.a.tocsr()
    rows = [(a, matrix.row_most), (-a, -matrix.row_least)]
    kept = [(part[np.isfinite(limit)], limit[np.isfinite(limit)]) for part, limit in rows]
    a_ub = np.vstack([part.toarray() for part, _ in kept])
    b_ub = np.concatenate([limit for _, limit in kept])
    limits = list(zip(matrix.column_least, unlimited(matrix), strict=True))
    for column in columns(matrix, "disposed", "brought"):
        cost = np.zeros(matrix.cost.size)
        cost[column] = -1.0
        found = linprog(cost, A_ub=a_ub, b_ub=b_ub, bounds=limits)
        assert found.status == 0
        assert -found.fun <= matrix.column_most[column] + 1e-6


def test_the_best_is_as_good_without_them(matrix: Matrix):
    costs = []
    for most in (matrix.column_most, unlimited(matrix)):
        rows = LinearConstraint(matrix.a, matrix.row_least, matrix.row_most)
        found = milp(
            matrix.cost,
            integrality=matrix.is_integer.astype(int),
            bounds=Bounds(matrix.column_least, most),
            constraints=rows,
            options={"mip_rel_gap": 1e-7},
        )
        costs.append(found.fun)
    assert costs[0] == pytest.approx(costs[1], rel=1e-6)
