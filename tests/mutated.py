"""Models with one equation, price, limit or integrality changed, solved, and what notices it."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from optimizer.audit import audit, must_agree
from optimizer.errors import ObjectiveMismatchError
from optimizer.extract import schedule_from
from optimizer.formulation import Matrix, build, compile_matrix, plan_sets

WORSE_SHARE = 1e-5
"""How much dearer than the best an answer may be before a comparison with a second model notices. [-]"""
GAP_SHARE = 1e-7


@noun
class Mutation:
    """One change of a model: ``part`` is ``row``, ``cost``, ``most``, ``least`` or ``whole``."""

    part: str
    name: str
    how: str


@noun(eq=False)
class Stated:
    """A problem with its compiled model and the least cost."""

    asked: ResponseProblem
    matrix: Matrix
    best_cost: float


def stated(asked: ResponseProblem) -> Stated:
    """State and solve a problem; the untouched model must pass every judge."""
    matrix = compile_matrix(build(plan_sets(asked)))
    whole = Stated(asked=asked, matrix=matrix, best_cost=float("inf"))
    values = solved(matrix)
    assert values is not None
    assert noticed_at(values, matrix, whole) is None
    return replace(whole, best_cost=objective(matrix, values))


def objective(matrix: Matrix, values: FloatArray) -> float:
    return float(matrix.cost @ values) + matrix.cost_offset


def solved(matrix: Matrix) -> FloatArray | None:
    """Solve a model, then again with its integers fixed; None where nothing is feasible, or no end is found."""
    rows = LinearConstraint(matrix.a, matrix.row_least, matrix.row_most)
    options = {"mip_rel_gap": GAP_SHARE, "time_limit": 20.0}
    limits = Bounds(matrix.column_least, matrix.column_most)
    found = milp(
        matrix.cost, integrality=matrix.is_integer.astype(int), bounds=limits, constraints=rows, options=options
    )
    if found.x is None:
        return None
    fixed = np.round(found.x)
    least = np.where(matrix.is_integer, fixed, matrix.column_least)
    most = np.where(matrix.is_integer, fixed, matrix.column_most)
    again = milp(matrix.cost, bounds=Bounds(least, most), constraints=rows)
    values = found.x if again.x is None else again.x
    return np.asarray(np.where(matrix.is_integer, np.round(values), values), dtype=np.float64)


def noticed_at(values: FloatArray, matrix: Matrix, whole: Stated) -> str | None:
    """Say who notices that an answer is wrong: the audit, the agreement on its cost, or the least cost; None: nobody."""
    schedule = schedule_from(whole.asked, whole.matrix, values)
    judged = audit(schedule, whole.asked)
    if judged.violations:
        return "audit: " + ", ".join(sorted({one.code for one in judged.violations}))
    try:
        must_agree(objective(matrix, values), judged.costs)
    except ObjectiveMismatchError:
        return "cost"
    slack = WORSE_SHARE * max(1.0, abs(whole.best_cost))
    return "beaten" if judged.costs.total_cost > whole.best_cost + slack else None


def noticed(mutation: Mutation, whole: Stated) -> str | None:
    """Solve a mutated model and say who notices."""
    changed = mutated(mutation, whole.matrix)
    values = solved(changed)
    return "no plan" if values is None else noticed_at(values, changed, whole)


def mutated(mutation: Mutation, matrix: Matrix) -> Matrix:
    """Give a model with one change in all rows or columns of one name."""
    if mutation.part == "row":
        return _with_rows(mutation, matrix)
    columns = np.array([name == mutation.name for name, _ in matrix.columns])
    if mutation.part == "cost":
        kept = 0.0 if mutation.how == "dropped" else -1.0
        return replace(matrix, cost=np.where(columns, kept * matrix.cost, matrix.cost))
    if mutation.part == "whole":
        return replace(matrix, is_integer=matrix.is_integer & ~columns)
    span = np.nan_to_num(matrix.column_most - matrix.column_least, posinf=0.0, neginf=0.0)
    wider = np.where(columns, 1.0 + span / 2, 0.0)
    if mutation.part == "most":
        return replace(matrix, column_most=matrix.column_most + wider)
    return replace(matrix, column_least=matrix.column_least - wider)


def _with_rows(mutation: Mutation, matrix: Matrix) -> Matrix:
    """Drop the rows of one name, turn inequalities round, or take half of an equation with the other sign."""
    chosen = np.array([name == mutation.name for name, _ in matrix.rows])
    if mutation.how == "dropped":
        return replace(
            matrix,
            row_least=np.where(chosen, -np.inf, matrix.row_least),
            row_most=np.where(chosen, np.inf, matrix.row_most),
        )
    is_equation = chosen & (matrix.row_least == matrix.row_most)
    least = np.where(chosen & ~is_equation, matrix.row_most, matrix.row_least)
    most = np.where(chosen & ~is_equation, matrix.row_least, matrix.row_most)
    a = sparse.coo_array(matrix.a)
    order = np.lexsort((a.coords[1], a.coords[0]))
    place, n_entries = np.zeros(a.data.size), np.bincount(a.coords[0], minlength=matrix.row_least.size)
    place[order] = np.arange(a.data.size) - np.repeat(np.cumsum(n_entries) - n_entries, n_entries)
    sign = np.where(is_equation[a.coords[0]] & (place < n_entries[a.coords[0]] / 2), -1.0, 1.0)
    return replace(
        matrix,
        a=sparse.csc_array((a.data * sign, a.coords), shape=matrix.a.shape),
        row_least=np.where(np.isinf(least), np.where(least > 0, -np.inf, least), least),
        row_most=np.where(np.isinf(most), np.where(most < 0, np.inf, most), most),
    )


def mutations_of(matrix: Matrix) -> list[Mutation]:
    """List every change of a model that changes something."""
    found = [
        Mutation(part="row", name=name, how=how)
        for name in sorted({n for n, _ in matrix.rows})
        for how in ("dropped", "turned")
    ]
    names = sorted({name for name, _ in matrix.columns})
    for name in names:
        columns = np.array([one == name for one, _ in matrix.columns])
        if matrix.cost[columns].any():
            found += [Mutation(part="cost", name=name, how=how) for how in ("dropped", "turned")]
        if np.isfinite(matrix.column_most[columns]).any():
            found.append(Mutation(part="most", name=name, how="widened"))
        if np.isfinite(matrix.column_least[columns]).any():
            found.append(Mutation(part="least", name=name, how="widened"))
        if matrix.is_integer[columns].any():
            found.append(Mutation(part="whole", name=name, how="dropped"))
    return found
