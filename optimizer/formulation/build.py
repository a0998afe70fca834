"""State a problem as a Pyomo model and compile it to arrays."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pyomo.common.gc_manager import PauseGC
from pyomo.environ import ConcreteModel, Param, RangeSet
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun
from optimizer.formulation import (
    battery,
    changeovers,
    coupled,
    demand,
    events,
    grid,
    machines,
    modulating,
    objective,
    processes,
    production,
    promises,
    stores,
    utilities,
)
from optimizer.formulation.ledger import Ledger
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.starts import IntArray

ColumnKey = tuple[str, Any]
"""A variable's name and its index; so for rows with the equation's name."""


@noun(eq=False)
class Matrix:
    """A mixed-integer linear program: minimise cost·x + offset, row limits on A·x, column limits on x.

    ``rows`` and ``columns`` name what each row and column of the arrays stands for.
    """

    cost: FloatArray
    cost_offset: float
    a: sparse.csc_array
    row_least: FloatArray
    row_most: FloatArray
    column_least: FloatArray
    column_most: FloatArray
    is_integer: npt.NDArray[np.bool_]
    rows: tuple[ColumnKey, ...]
    columns: tuple[ColumnKey, ...]
    column_of: dict[ColumnKey, int]

    def columns_of(self, name: str) -> dict[Any, int]:
        """Give the columns of one variable by its index."""
        return {key[1]: number for key, number in self.column_of.items() if key[0] == name}


def build(sets: PlanSets) -> ConcreteModel:
    """State the whole problem; block by block, objective last."""
    with PauseGC():
        m = ConcreteModel("best response")
        m.STEPS = RangeSet(0, sets.problem.horizon.n_steps - 1)
        m.step_h = Param(initialize=sets.problem.horizon.step_h)
        m.ledger = Ledger(sets.problem.horizon.n_steps)
        plant = (processes, production, changeovers, machines, stores, modulating, battery, utilities, grid)
        for block in (*plant, demand, coupled, events, promises, objective):
            block.declare(m, sets)
    return m


def compile_matrix(m: ConcreteModel) -> Matrix:
    """Compile a model to arrays; a variable that no row and no cost mentions has no column."""
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    kinds: IntArray = np.array([kind for _, kind in form.rows], dtype=np.int64)
    rhs = np.asarray(form.rhs, dtype=np.float64)
    columns = tuple((var.parent_component().local_name, var.index()) for var in form.columns)
    bounds = [var.bounds for var in form.columns]
    return Matrix(
        cost=np.asarray(form.c.todense(), dtype=np.float64).ravel(),
        cost_offset=float(form.c_offset[0]),
        a=form.A,
        row_least=np.where(kinds == 1, -np.inf, rhs),
        row_most=np.where(kinds == -1, np.inf, rhs),
        column_least=np.array([-np.inf if least is None else least for least, _ in bounds], dtype=np.float64),
        column_most=np.array([np.inf if most is None else most for _, most in bounds], dtype=np.float64),
        is_integer=np.array([not var.is_continuous() for var in form.columns]),
        rows=tuple((row.parent_component().local_name, row.index()) for row, _ in form.rows),
        columns=columns,
        column_of={key: number for number, key in enumerate(columns)},
    )


def restricted(matrix: Matrix, is_held: npt.NDArray[np.bool_], values: FloatArray) -> Matrix:
    """Give the smaller matrix that is left when some columns are held at their values.

    Rows that no free column enters are dropped: the values are taken to satisfy them.
    """
    free = np.flatnonzero(~is_held)
    part = sparse.csr_array(matrix.a[:, free])
    held = np.where(is_held, values, 0.0)
    given = matrix.a @ held
    kept = np.flatnonzero(np.diff(part.indptr) > 0)
    columns = tuple(matrix.columns[number] for number in free.tolist())
    return Matrix(
        cost=matrix.cost[free],
        cost_offset=matrix.cost_offset + float(matrix.cost @ held),
        a=sparse.csc_array(part[kept]),
        row_least=matrix.row_least[kept] - given[kept],
        row_most=matrix.row_most[kept] - given[kept],
        column_least=matrix.column_least[free],
        column_most=matrix.column_most[free],
        is_integer=matrix.is_integer[free],
        rows=tuple(matrix.rows[number] for number in kept.tolist()),
        columns=columns,
        column_of={key: number for number, key in enumerate(columns)},
    )
