"""Processes switched by prices, runs placed together with power: whole solutions, never worse than what they begin from."""

import time
from typing import Any

import numpy as np
import pytest

from benchmarks.plants import plant
from domain.offers import SolveOptions
from optimizer.formulation import Matrix
from optimizer.oracle import Oracle
from optimizer.search_coarse import Coarse, Relaxed
from optimizer.search_first import First
from optimizer.search_parts import Parts
from optimizer.search_processes import Switching
from optimizer.search_rest import Rest
from optimizer.search_steady import steadied

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def works() -> tuple[Any, Matrix, Coarse, Relaxed]:
    options = SolveOptions(deadline_s=120.0)
    problem = plant(7, n_days=2, n_tasks=8).problem
    stated = Oracle(problem, options).state(problem, deadline=time.perf_counter() + 120.0)
    coarse = Coarse(stated.matrix, step_h=0.25, seed=1)
    relaxed = coarse.solve({}, deadline_s=60.0)
    assert relaxed is not None
    return stated.sets, stated.matrix, coarse, relaxed


def parts_of(relaxed: Relaxed, matrix: Matrix) -> Parts:
    parts = Parts(SolveOptions(deadline_s=120.0), time.perf_counter() + 120.0)
    parts.scale = abs(relaxed.bound - matrix.cost_offset)
    return parts


def first_of(works: tuple[Any, Matrix, Coarse, Relaxed]) -> First:
    sets, matrix, coarse, relaxed = works
    parts = parts_of(relaxed, matrix)
    return First(sets, matrix, coarse, Rest(sets, matrix, parts.ask), parts)


def keeps_every_row(matrix: Matrix, values: np.ndarray) -> bool:
    activity = matrix.a @ values
    whole = values[matrix.is_integer]
    return bool(
        (activity <= matrix.row_most + TOLERANCE).all()
        and (activity >= matrix.row_least - TOLERANCE).all()
        and (values <= matrix.column_most + TOLERANCE).all()
        and (values >= matrix.column_least - TOLERANCE).all()
        and np.abs(whole - np.round(whole)).max() < TOLERANCE
    )


def test_a_first_plan_is_a_whole_solution_above_the_bound(works: tuple[Any, Matrix, Coarse, Relaxed]) -> None:
    _, matrix, _, relaxed = works
    values = first_of(works).plan(relaxed, {}, frozenset(), None)
    assert values is not None
    assert keeps_every_row(matrix, values)
    assert matrix.cost @ values + matrix.cost_offset >= relaxed.bound - 1e-6 * abs(relaxed.bound)


def test_deciding_again_never_costs_more(works: tuple[Any, Matrix, Coarse, Relaxed]) -> None:
    _, matrix, _, relaxed = works
    first = first_of(works)
    values = first.plan(relaxed, {}, frozenset(), None)
    assert values is not None
    for decide in (first.switched, lambda one: first.together(one, 0.5)):
        again = decide(values)
        assert keeps_every_row(matrix, again)
        assert matrix.cost @ again <= matrix.cost @ values
        values = again


def test_switches_are_held_where_the_process_program_put_them(works: tuple[Any, Matrix, Coarse, Relaxed]) -> None:
    sets, matrix, coarse, relaxed = works
    parts = parts_of(relaxed, matrix)
    limits = Switching(sets, matrix).limits(relaxed, parts.switch)
    assert limits is not None
    assert set(limits) == set(matrix.columns_of("process_on").values())
    assert all(least == most and least in (0.0, 1.0) for least, most in limits.values())
    held = coarse.solve(limits, deadline_s=60.0)
    assert held is not None
    assert relaxed.bound - 1e-6 * abs(relaxed.bound) <= held.bound < np.inf


def test_a_steady_program_is_a_restriction(works: tuple[Any, Matrix, Coarse, Relaxed]) -> None:
    _, matrix, _, _ = works
    merged, spread = steadied(matrix, 4)
    random = np.random.default_rng(5)
    values = random.random(len(merged.columns))
    wide = np.asarray(spread @ values)
    assert wide.size == len(matrix.columns)
    np.testing.assert_allclose(merged.a @ values, matrix.a @ wide, atol=1e-9)
    assert merged.cost @ values == pytest.approx(matrix.cost @ wide)
    on = matrix.columns_of("process_on")
    for (process_id, step), column in on.items():
        assert wide[column] == wide[on[process_id, step - step % 4]]


def test_steps_are_their_own_steady_grid(works: tuple[Any, Matrix, Coarse, Relaxed]) -> None:
    _, matrix, _, _ = works
    merged, _ = steadied(matrix, 1)
    assert merged.columns == matrix.columns
    np.testing.assert_array_equal(merged.column_most, matrix.column_most)


def test_many_tasks_are_placed_again_in_overlapping_parts(
    works: tuple[Any, Matrix, Coarse, Relaxed], monkeypatch: pytest.MonkeyPatch
) -> None:
    sets, matrix, _, relaxed = works
    first = first_of(works)
    values = first.plan(relaxed, {}, frozenset(), None)
    assert values is not None
    monkeypatch.setattr("optimizer.search_first.MOST_TASKS", 4)
    spans = list(first._spans(values))
    assert len(spans) > 1
    assert {task for tasks, _ in spans for task in tasks} == set(sets.ways_of)
    again = first.together(values, 0.5)
    assert keeps_every_row(matrix, again)
    assert matrix.cost @ again <= matrix.cost @ values
