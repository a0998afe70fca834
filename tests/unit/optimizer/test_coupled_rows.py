"""Each equation of the coupled cost holds something: dropped or turned round, another optimum comes out."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from optimizer.formulation import Matrix, build, compile_matrix, plan_sets
from optimizer.solver import Solver
from tests.optimizer_cases import affine, coupled_problem, during, step

EQUATIONS = {
    "direction_adds_up": "equation",
    "total_adds_up": "equation",
    "highest_covers": "row",
    "one_attains": "equation, of which a turned sign still chooses one",
    "highest_attained": "row",
    "above_edge": "row",
    "ladder_adds_up": "equation",
    "rung_reached": "row",
    "rung_filled": "row",
    "stairs_reached": "row",
    "stairs_left": "row",
    "counted_if_on": "row",
    "counted_in_full": "row",
    "above_cut": "row",
}
PRICES = (
    ((-0.22, 0), (0.4, 1), (0.05, 2), (-0.06, 3), (0.5, 4), (0.03, 5), (0.3, 6)),
    ((-0.9, 0), (0.9, 1), (0.2, 2), (-0.3, 3), (0.5, 4), (0.3, 5), (0.3, 6)),
    ((-0.9, 0), (-0.7, 1), (0.05, 2), (-0.3, 3), (-0.5, 4), (-0.2, 5), (0.3, 6)),
    ((0.6, 0), (0.1, 1), (-0.2, 2), (0.2, 3), (2.5, 4), (-0.1, 5), (0.9, 6)),
    ((1.9, 0), (-0.4, 1), (0.3, 2), (0.4, 3), (1.5, 4), (0.5, 5), (0.9, 6)),
)


@cache
def matrix_of(variant: int) -> Matrix:
    return compile_matrix(build(plan_sets(coupled_problem(charged=PRICES[variant]))))


def optimum(matrix: Matrix) -> float:
    found = Solver(matrix, seed=1, n_threads=1, options={}).run(deadline_s=30.0, gap_share=0.0)
    return found.objective  # infinite where nothing is feasible


@cache
def whole(variant: int) -> float:
    return optimum(matrix_of(variant))


def rows_of(matrix: Matrix, name: str) -> np.ndarray:
    return np.array([owner == name for owner, _ in matrix.rows], dtype=bool)


def dropped(matrix: Matrix, name: str) -> Matrix:
    mine = rows_of(matrix, name)
    return replace(
        matrix,
        row_least=np.where(mine, -np.inf, matrix.row_least),
        row_most=np.where(mine, np.inf, matrix.row_most),
    )


def turned_round(matrix: Matrix, name: str) -> Matrix:
    """Turn ≥ into ≤; in an equation, give its first entry the other sign."""
    mine = rows_of(matrix, name)
    if EQUATIONS.get(name, "row") == "row":
        return replace(
            matrix,
            row_least=np.where(mine, np.where(np.isinf(matrix.row_most), -np.inf, matrix.row_most), matrix.row_least),
            row_most=np.where(mine, np.where(np.isinf(matrix.row_least), np.inf, matrix.row_least), matrix.row_most),
        )
    turned = matrix.a.tolil()
    for row in np.flatnonzero(mine).tolist():
        first = turned.rows[row][0]
        turned[row, first] = -turned[row, first]
    return replace(matrix, a=turned.tocsc())


def change(variant: int, broken: Matrix) -> float:
    return abs(optimum(broken) - whole(variant))


def changes(name: str, breaking: Callable[[Matrix, str], Matrix]) -> list[float]:
    return [
        change(variant, breaking(matrix_of(variant), name))
        for variant in range(len(PRICES))
        if rows_of(matrix_of(variant), name).any()
    ]


@pytest.mark.parametrize("name", EQUATIONS)
def test_an_equation_dropped_gives_another_optimum(name: str):
    assert max(changes(name, dropped)) > 0.01


@pytest.mark.parametrize("name", [name for name, kind in EQUATIONS.items() if kind in {"row", "equation"}])
def test_an_equation_turned_round_gives_another_optimum(name: str):
    assert max(changes(name, turned_round)) > 0.01


def test_without_nested_stairs_the_upper_step_is_had_for_its_own_rise():
    """1490 kWh of the morning bring 1, 1510 bring 8; from 1472 on each kWh of curtailed sun costs 0.31.

    The first is not worth 18 · 0.31 = 5.58, nor both 38 · 0.31 = 11.78; the second alone would be worth 20 · 0.31 = 6.2.
    """
    morning = during(range(12))
    atoms = (step(affine(-1490.0, morning), affine(1.0)), step(affine(-1510.0, morning), affine(8.0)))
    matrix = compile_matrix(build(plan_sets(coupled_problem(atoms=atoms, charged=((-1.0, 0), (-1.0, 1))))))
    kept = optimum(matrix)
    assert kept == pytest.approx(3032 * 0.31)
    assert optimum(dropped(matrix, "stairs_nested")) == pytest.approx(kept + 6.2 - 8, abs=1e-3)
    assert optimum(turned_round(matrix, "stairs_nested")) == pytest.approx(kept + 6.2 - 8, abs=1e-3)


def test_the_variants_have_an_optimum():
    assert all(np.isfinite(whole(variant)) for variant in range(len(PRICES)))
