"""Weeks bounded one by one: below every solution, above what the multipliers of the whole say."""

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from benchmarks.plants import plant
from domain.offers import SolveOptions
from optimizer.formulation import Matrix
from optimizer.oracle import Oracle
from optimizer.search_branch import Tree
from optimizer.search_coarse import Coarse, Relaxed
from optimizer.search_weeks import NOWHERE, Weeks

N_DAYS = 14


@pytest.fixture(scope="module")
def fortnight() -> tuple[Any, Matrix, Coarse, Relaxed, float]:
    """Give a problem of two weeks, its matrix, its relaxation and what some whole plan costs."""
    problem = plant(2, n_days=N_DAYS, n_tasks=4, mill=False).problem
    options = SolveOptions(deadline_s=120.0, gap_share=0.02)
    stated = Oracle(problem, options).state(problem, deadline=time.perf_counter() + 120.0)
    coarse = Coarse(stated.matrix, step_h=0.25, seed=1)
    relaxed = coarse.solve({}, deadline_s=60.0)
    assert relaxed is not None
    found = stated.search.improve(None)
    assert found.values is not None
    return problem, stated.matrix, coarse, relaxed, found.objective


def weeks_of(problem: Any, matrix: Matrix) -> Weeks:
    return Weeks(matrix, n_steps=problem.horizon.n_steps, step_h=problem.horizon.step_h, seed=1)


def test_columns_lie_in_the_week_of_their_step(fortnight: tuple[Any, Matrix, Coarse, Relaxed, float]) -> None:
    problem, matrix, *_ = fortnight
    weeks = weeks_of(problem, matrix)
    assert weeks.n_weeks == N_DAYS // 7
    imports = matrix.columns_of("import_kw")
    of_step = [int(weeks.week_of[imports[t]]) for t in range(problem.horizon.n_steps)]
    assert set(of_step) == {0, 1}
    assert all(after >= before for before, after in pairwise(of_step))
    assert all(weeks.week_of[column] == NOWHERE for column in matrix.columns_of("peak_kw").values())


def test_the_bound_lies_between_the_relaxation_and_the_best_solution(
    fortnight: tuple[Any, Matrix, Coarse, Relaxed, float],
) -> None:
    problem, matrix, coarse, relaxed, cost = fortnight
    weeks = weeks_of(problem, matrix)
    tree = Tree(matrix, coarse, relaxed, branched=weeks.is_outside, deepen=weeks.bound)
    assert tree.raise_to(relaxed.bound + 1e9, 0.0, left_s=60.0, is_known=False)
    slack = 1e-6 * abs(cost)
    assert tree.bound <= cost + slack
    assert tree.bound >= relaxed.bound - slack
    # the event of either week, half committed in the relaxation, is one or the other here
    assert tree.bound > relaxed.bound + 1.0


def test_any_multipliers_give_a_bound(fortnight: tuple[Any, Matrix, Coarse, Relaxed, float]) -> None:
    problem, matrix, _, relaxed, cost = fortnight
    weeks = weeks_of(problem, matrix)
    random = np.random.default_rng(3)
    shaken = relaxed.multipliers * random.uniform(0.5, 1.5, relaxed.multipliers.size)
    other = Relaxed(bound=-np.inf, values=relaxed.values, multipliers=shaken)
    assert weeks.bound(other, {}, 60.0) <= cost + 1e-6 * abs(cost)


def test_without_time_there_is_no_bound(fortnight: tuple[Any, Matrix, Coarse, Relaxed, float]) -> None:
    problem, matrix, _, relaxed, _ = fortnight
    assert weeks_of(problem, matrix).bound(relaxed, {}, -1.0) == -np.inf
