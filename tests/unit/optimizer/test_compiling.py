"""The compiler against Pyomo's own, and the parts of a model against the whole."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from pyomo.environ import Binary, ConcreteModel, Constraint, NonNegativeIntegers, Objective, Param, Var, inequality
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from domain.offers import ResponseProblem
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets
from optimizer.formulation.build import build_plant, build_priced, plant_cost
from optimizer.formulation.compiling import compile_part, joined
from optimizer.formulation.sums import weighted
from tests.optimizer_cases import coupled_problem, equipped_problem

Row = tuple[Any, frozenset[tuple[Any, float]], float]


def rows_of(matrix: Matrix) -> Counter[Row]:
    """Give each side of each row: its name, entries and limit, a greatest one as such."""
    a = matrix.a.tocsr()
    found: Counter[Row] = Counter()
    for number, key in enumerate(matrix.rows):
        part = slice(a.indptr[number], a.indptr[number + 1])
        entries = frozenset(
            (matrix.columns[column], round(float(value), 9))
            for column, value in zip(a.indices[part], a.data[part], strict=True)
        )
        for side, limit in (("least", matrix.row_least[number]), ("most", matrix.row_most[number])):
            if np.isfinite(limit):
                found[(key, side), entries, round(float(limit), 9)] += 1
    return found


def rows_by_pyomo(m: ConcreteModel) -> tuple[Counter[Row], dict[Any, tuple[Any, ...]]]:
    """Give the same as Pyomo compiles it, and each column's cost, limits and kind."""
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    names = [(var.parent_component().local_name, var.index()) for var in form.columns]
    a = form.A.tocsr()
    found: Counter[Row] = Counter()
    for number, ((row, kind), limit) in enumerate(zip(form.rows, form.rhs, strict=True)):
        part = slice(a.indptr[number], a.indptr[number + 1])
        entries = frozenset(
            (names[column], round(float(value), 9)) for column, value in zip(a.indices[part], a.data[part], strict=True)
        )
        key = (row.parent_component().local_name, row.index())
        for side in {0: ("least", "most"), 1: ("most",), -1: ("least",)}[kind]:
            found[(key, side), entries, round(float(limit), 9)] += 1
    cost = np.asarray(form.c.todense()).ravel()
    columns = {
        name: (round(float(price), 9), *var.bounds, var.is_continuous())
        for name, var, price in zip(names, form.columns, cost, strict=True)
    }
    return found, columns


def columns_of(matrix: Matrix) -> dict[Any, tuple[Any, ...]]:
    """Give each column's cost, limits and kind."""
    return {
        name: (
            round(float(matrix.cost[number]), 9),
            None if np.isneginf(matrix.column_least[number]) else float(matrix.column_least[number]),
            None if np.isposinf(matrix.column_most[number]) else float(matrix.column_most[number]),
            not matrix.is_integer[number],
        )
        for number, name in enumerate(matrix.columns)
    }


@pytest.mark.parametrize("asked", [equipped_problem(), coupled_problem()], ids=["equipped", "coupled"])
def test_the_matrix_is_that_of_pyomo(asked: ResponseProblem):
    model = build(plan_sets(asked))
    matrix = compile_matrix(model)
    rows, columns = rows_by_pyomo(model)
    assert rows_of(matrix) == rows
    assert columns_of(matrix) == columns


@pytest.mark.parametrize("asked", [equipped_problem(), coupled_problem()], ids=["equipped", "coupled"])
def test_plant_and_prices_make_the_whole(asked: ResponseProblem):
    sets = plan_sets(asked)
    plant = build_plant(sets)
    first, known = compile_part(plant, plant_cost(plant))
    priced = build_priced(plant, sets)
    second, _ = compile_part(priced, priced.total_cost.expr, known)
    whole, parts = compile_matrix(build(sets)), joined(first, second)
    assert rows_of(parts) == rows_of(whole)
    assert columns_of(parts) == columns_of(whole)
    assert parts.cost_offset == pytest.approx(whole.cost_offset, rel=1e-12)


def test_whatever_a_linear_equation_is_made_of_is_read():
    m = ConcreteModel()
    m.STEPS = [1, 2, 3]
    m.x = Var(m.STEPS, bounds={1: (0, 7), 2: (-3, None), 3: (None, 11)})
    m.n = Var(domain=NonNegativeIntegers)
    m.b = Var(domain=Binary)
    m.unused = Var(domain=Binary)
    m.p = Param(initialize=13.0)
    m.q = Param(m.STEPS, initialize={1: 2.5, 2: -1.5, 3: 0.0}, mutable=True)
    both = weighted([(m.x[1], 2.0), (m.x[2], 3.0), (m.x[1], 5.0)])
    equations = (
        both <= m.p,
        both >= m.x[3] - 4,
        m.x[1] - both == -m.p * m.n + 1,
        inequality(1, both + both, 17),
        m.x[1] <= 19 * (1 - m.b),
        m.q[1] * m.x[1] + m.q[2] * m.x[2] + m.q[3] * m.x[3] >= 0,
        -both <= 23,
        both / 2 + (m.x[3] - m.n) / 4 <= 29,
        np.float64(31.0) >= m.x[3] + weighted([]),
    )
    m.rows = Constraint(range(len(equations)), rule=lambda _, number: equations[number])
    m.cost = Objective(expr=both + 37 + 2 * m.x[3] - m.x[3])
    matrix = compile_matrix(m)
    rows, columns = rows_by_pyomo(m)
    assert rows_of(matrix) == rows
    assert columns_of(matrix) == columns
    assert matrix.cost_offset == 37.0
