"""The live solver: limits of time, repeated runs, restricted matrices."""

import time

import numpy as np
import pytest
from scipy import sparse

from domain.plant import Flow, Store, StoreDraw
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets, restricted
from optimizer.solver import Solver
from tests.optimizer_cases import demand, equipped_problem, grid, hour, machine, plan, problem, site, task, terms


def hard_matrix() -> Matrix:
    """Give a week of two mills on one silo: far from solved within a second."""
    horizon = grid(7, step_min=15)
    draws = tuple(StoreDraw(at=hour(24 * day + h), quantity=40.0) for day in range(7) for h in range(7, 19))
    price = np.where(horizon.local_starts("UTC").hour < 8, 0.3, 0.9)
    mills = tuple(
        task(f"K{n}", 290.0 + 30 * n, 3, f"M{n}", count=25, flows=(Flow(store_id="I", quantity=70.0, when="evenly"),))
        for n in (1, 2)
    )
    silo = Store(store_id="I", name="silo", unit="t", max_level=900.0, start_level=300.0, draws=draws)
    asked = problem(
        horizon,
        base_kw=200.0 + 40 * np.sin(np.arange(horizon.n_steps) / 17),
        site=site(import_limit_kw=2000.0),
        plan=plan(horizon, machines=(machine("M1"), machine("M2")), stores=(silo,), tasks=mills),
        terms=terms(horizon, price, (demand(horizon, other_peak_kw=np.linspace(500, 800, 20)),)),
    )
    return compile_matrix(build(plan_sets(asked)))


def test_every_run_has_its_own_time_limit():
    solver = Solver(hard_matrix(), seed=1, n_threads=1, options={})
    for _ in range(3):
        began = time.perf_counter()
        assert solver.run(deadline_s=0.3, gap_share=0.0).status == "deadline"
        assert time.perf_counter() - began > 0.2  # a later run is not cut short by the runs before it
    solver.relax()
    assert solver.run(deadline_s=5.0, gap_share=0.0).status == "optimal"


@pytest.mark.parametrize("seed", range(3))
def test_a_restricted_matrix_prices_as_the_whole(seed: int):
    matrix = compile_matrix(build(plan_sets(equipped_problem())))
    whole = Solver(matrix, seed=1, n_threads=1, options={}).run(deadline_s=20.0, gap_share=0.0)
    assert whole.values is not None
    is_held = matrix.is_integer & (np.random.default_rng(seed).random(matrix.cost.size) < 0.5)
    part = restricted(matrix, is_held, np.round(whole.values))
    found = Solver(part, seed=1, n_threads=1, options={}).run(deadline_s=20.0, gap_share=0.0)
    # what is held stands at the optimum, so the rest cannot do better and can do as well
    assert found.objective == pytest.approx(whole.objective, rel=1e-7)
    assert part.a.shape[1] == int((~is_held).sum())


def test_another_number_of_threads_is_used():
    matrix = compile_matrix(build(plan_sets(equipped_problem())))
    found = [Solver(matrix, seed=1, n_threads=n, options={}).run(deadline_s=20.0, gap_share=0.0) for n in (2, 1)]
    assert found[0].objective == pytest.approx(found[1].objective, rel=1e-6)


@pytest.mark.parametrize(("least", "status"), [(0.0, "optimal"), (1.0, "infeasible")])
def test_a_model_without_columns_holds_or_not(least: float, status: str):
    none = np.zeros(0)
    matrix = Matrix(
        cost=none,
        cost_offset=7.0,
        a=sparse.csc_array((1, 0)),
        row_least=np.array([least]),
        row_most=np.array([2.0]),
        column_least=none,
        column_most=none,
        is_integer=np.zeros(0, dtype=bool),
        rows=(("row", 0),),
        columns=(),
        column_of={},
    )
    found = Solver(matrix, seed=1, n_threads=1, options={}).run(deadline_s=1.0, gap_share=0.0)
    assert found.status == status
    assert found.objective == (7.0 if status == "optimal" else np.inf)
