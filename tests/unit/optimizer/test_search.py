"""The search's parts: bounds that hold, limits that propagate, runs that are placed, plans that always come."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from benchmarks.plants import Plant, plant
from domain.offers import SolveOptions
from optimizer.audit import audit
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets
from optimizer.response import best_response
from optimizer.search_branch import Tree
from optimizer.search_coarse import Coarse, lagrangian_bound, sums_by_hour
from optimizer.search_domains import Domains
from optimizer.search_placed import Placements
from optimizer.search_rest import Rest
from optimizer.solver import Found, Solver


def little(**changed: Any) -> Matrix:
    """Give: minimise 3 a + 5 b + 2 c, a + b = 1, 4 a + c >= 3, a and b binary, 0 <= c <= 10."""
    plain: dict[str, Any] = {
        "cost": np.array([3.0, 5.0, 2.0]),
        "cost_offset": 100.0,
        "a": sparse.csc_array(np.array([[1.0, 1.0, 0.0], [4.0, 0.0, 1.0]])),
        "row_least": np.array([1.0, 3.0]),
        "row_most": np.array([1.0, np.inf]),
        "column_least": np.zeros(3),
        "column_most": np.array([1.0, 1.0, 10.0]),
        "is_integer": np.array([True, True, False]),
        "rows": (("all_runs_start", "k"), ("least_gap", ("k", "l"))),
        "columns": (("run_count", ("k", 0)), ("run_count", ("k", 1)), ("level", ("s", 0))),
        "column_of": {("run_count", ("k", 0)): 0, ("run_count", ("k", 1)): 1, ("level", ("s", 0)): 2},
    }
    return Matrix(**(plain | changed))


def bound_of(matrix: Matrix, *multipliers: float) -> float:
    found, _ = lagrangian_bound(
        matrix, np.array(multipliers), matrix.column_least, matrix.column_most, {0: np.array([0, 1])}
    )
    return found


def test_a_bound_by_hand() -> None:
    matrix = little()
    # without multipliers each run costs at least 3: a is chosen, c stays at 0
    assert bound_of(matrix, 0.0, 0.0) == 103.0
    # 0.5 of the second row: costs left are 3 - 2 = 1, 5, 2 - 0.5; 0.5 * 3 + min(1, 5) = 2.5
    assert bound_of(matrix, 0.0, 0.5) == 102.5
    # a multiplier of a sign for which the row has no limit counts as 0
    assert bound_of(matrix, 0.0, -7.0) == 103.0
    # what is given for the row that counts runs does not matter: the best is taken
    assert bound_of(matrix, 42.0, 0.5) == 102.5


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_no_multipliers_give_a_bound_above_a_solution(first: float, second: float) -> None:
    assert bound_of(little(), first, second) <= 103.0 + 1e-9


def test_a_column_without_a_limit_is_no_hole_where_rounding_prices_it() -> None:
    matrix = little(column_most=np.array([1.0, 1.0, np.inf]))
    assert bound_of(matrix, 0.0, 2.0 + 1e-9) == pytest.approx(100.0 + 2.0 * 3.0 + (3.0 - 2.0 * 4.0))
    assert bound_of(matrix, 0.0, 2.1) == -np.inf


def test_rows_of_an_hour_are_added_up() -> None:
    names = (("power_balance", 0), ("power_balance", 3), ("power_balance", 4), ("switches", ("p", 0)))
    matrix = little(a=sparse.csc_array(np.ones((4, 3))), rows=names, row_least=np.zeros(4), row_most=np.ones(4))
    assert sums_by_hour(matrix, 4).toarray().tolist() == [[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_limits_follow_an_assumption_and_come_back() -> None:
    matrix = little()
    domains = Domains(matrix, np.array([True, True, True]))
    assert domains.spread_all()
    assert domains.most.tolist() == [1, 1, 10]
    depth = domains.depth
    # with b the count leaves no a, and then c must be 3 at least
    assert domains.fix(1, 1.0)
    assert domains.most.tolist() == [0, 1, 10]
    assert domains.least.tolist() == [0, 1, 3]
    domains.back_to(depth)
    assert domains.most.tolist() == [1, 1, 10]
    assert domains.least.tolist() == [0, 0, 0]


def test_a_contradiction_is_found() -> None:
    # b leaves no a, and c can be 2 at most where 3 are needed
    domains = Domains(little(column_most=np.array([1.0, 1.0, 2.0])), np.array([True, True, True]))
    assert not domains.fix(1, 1.0)


def stated(case: Plant) -> tuple[Any, Matrix]:
    sets = plan_sets(case.problem)
    return sets, compile_matrix(build(sets))


@pytest.fixture(scope="module")
def works() -> tuple[Any, Matrix]:
    return stated(plant(3, n_days=2, n_tasks=9, tight=True))


@pytest.mark.slow
@pytest.mark.parametrize(("n_days", "n_tasks"), [(1, 6), (2, 20)])
def test_the_coarse_bound_is_the_relaxation_s(n_days: int, n_tasks: int) -> None:
    """HiGHS on the whole linear relaxation is the other implementation."""
    _, matrix = stated(plant(1, n_days=n_days, n_tasks=n_tasks))
    relaxed = Coarse(matrix, step_h=0.25, seed=1).solve({}, deadline_s=60.0)
    whole = Solver(matrix, seed=1, n_threads=1, options={})
    whole.relax()
    best = whole.run(deadline_s=60.0, gap_share=0.0)
    assert relaxed is not None
    assert relaxed.bound <= best.objective + 1e-6 * abs(best.objective)
    assert relaxed.bound >= best.objective - 3e-3 * abs(best.objective - matrix.cost_offset)


def test_branching_only_raises_the_bound(works: tuple[Any, Matrix]) -> None:
    _, matrix = works
    coarse = Coarse(matrix, step_h=0.25, seed=1)
    root = coarse.solve({}, deadline_s=60.0)
    assert root is not None
    tree = Tree(matrix, coarse, root)
    assert tree.raise_to(root.bound + 1e6, 0.0, left_s=60.0)
    assert tree.bound >= root.bound


def test_runs_are_placed_within_every_row_of_theirs(works: tuple[Any, Matrix]) -> None:
    sets, matrix = works
    relaxed = Coarse(matrix, step_h=0.25, seed=1).solve({}, deadline_s=60.0)
    assert relaxed is not None

    def ask(part: Matrix, start: Any, n_nodes: int) -> Found:
        del start, n_nodes
        return Solver(part, seed=1, n_threads=1, options={}).run(deadline_s=30.0, gap_share=1e-3)

    def fit(part: Matrix, n_nodes: int) -> Found:
        return ask(part, None, n_nodes)

    columns = matrix.columns_of("run_count")
    others = [number for number, (name, _) in enumerate(matrix.columns) if name != "run_count"]
    rows = sparse.csr_array(matrix.a)
    only = np.flatnonzero(np.asarray(abs(rows[:, others]).sum(axis=1)).ravel() == 0)
    for counts in Placements(sets, matrix, ask, fit, seed=1).around(relaxed, set()):
        placed = np.zeros(len(matrix.columns))
        for key, count in counts.items():
            placed[columns[key]] = count
        activity = (rows @ placed)[only]
        assert (activity <= matrix.row_most[only] + 1e-9).all()
        assert (activity >= matrix.row_least[only] - 1e-9).all()


def test_what_is_completed_keeps_every_row(works: tuple[Any, Matrix]) -> None:
    sets, matrix = works
    steps = plant(3, n_days=2, n_tasks=9, tight=True).constructed_steps
    counts = dict.fromkeys(steps.items(), 1)

    def ask(part: Matrix, gap: float) -> Found:
        return Solver(part, seed=1, n_threads=1, options={}).run(deadline_s=60.0, gap_share=gap)

    values = Rest(sets, matrix, ask).complete(counts, {}, 0.01)
    assert values is not None
    activity = matrix.a @ values
    assert (activity <= matrix.row_most + 1e-4).all()
    assert (activity >= matrix.row_least - 1e-4).all()
    whole = values[matrix.is_integer]
    assert np.abs(whole - np.round(whole)).max() < 1e-6


def test_runs_that_share_a_machine_are_completed_to_nothing(works: tuple[Any, Matrix]) -> None:
    sets, matrix = works
    steps = dict(plant(3, n_days=2, n_tasks=9, tight=True).constructed_steps)
    together = [
        (one.task_id, other.task_id, step)
        for one, other in combinations(sets.problem.plan.tasks, 2)
        for step in set(sets.tasks[one.task_id].steps.tolist()) & set(sets.tasks[other.task_id].steps.tolist())
        if set(one.machine_ids) & set(other.machine_ids)
    ]
    steps |= {together[0][0]: together[0][2], together[0][1]: together[0][2]}

    def ask(part: Matrix, gap: float) -> Found:
        raise AssertionError(part, gap)

    assert Rest(sets, matrix, ask).complete(dict.fromkeys(steps.items(), 1), {}, 0.01) is None


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.booleans(), st.booleans())
def test_a_plan_that_exists_is_found(seed: int, n_tasks: int, tight: bool, mill: bool) -> None:
    """Every plant here has a plan: it was built first."""
    case = plant(seed, n_days=1, n_tasks=n_tasks, tight=tight, mill=mill)
    answer = best_response(case.problem, SolveOptions(deadline_s=20.0, gap_share=0.03))
    assert audit(answer.schedule, case.problem).violations == ()
    assert answer.solve.bound <= answer.costs.total_cost


@pytest.mark.slow
def test_the_same_question_has_the_same_answer() -> None:
    case = plant(5, n_days=2, n_tasks=8)
    asked = SolveOptions(deadline_s=300.0, gap_share=0.03)
    first, second = (best_response(case.problem, asked) for _ in range(2))
    assert first.solve.stopped_by != "deadline"
    assert first.schedule.runs == second.schedule.runs
    assert (first.schedule.import_kw == second.schedule.import_kw).all()
