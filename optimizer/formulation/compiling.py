"""From a Pyomo model to arrays: reads the two lists of every ``weighted`` sum, and walks only what is not one.

The rows of a model of a month have a million entries. Pyomo's compilers visit each as a node of an expression tree;
here a row's variables and coefficients are taken over whole, and numpy turns what was gathered into a sparse matrix.
Sums and products of other kinds are walked here, anything else is read by Pyomo's own representation.

A model may be compiled in parts: columns that an earlier part has already are only pointed to by a later one.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from pyomo.common.gc_manager import PauseGC
from pyomo.common.numeric_types import native_numeric_types
from pyomo.core.base.var import VarData
from pyomo.core.expr import (
    EqualityExpression,
    InequalityExpression,
    LinearExpression,
    MonomialTermExpression,
    NegationExpression,
    ProductExpression,
    SumExpression,
    value,
)
from pyomo.environ import ConcreteModel, Constraint, Objective, Var
from pyomo.repn.linear import LinearRepnVisitor
from scipy import sparse

from domain.checks import FloatArray
from domain.noun import noun
from optimizer.formulation.matrix import ColumnKey, Matrix, numbered
from optimizer.formulation.sums import WeightedSum

_PRODUCTS = (MonomialTermExpression, ProductExpression)
_SUMS = (SumExpression, LinearExpression)


class _Met:
    """Takes note of the variables that Pyomo meets, and of no others of their kind."""

    def __init__(self) -> None:
        self.var_map: dict[int, Any] = {}

    def add(self, variable: Any) -> None:
        """Note one."""
        self.var_map[id(variable)] = variable


class Entries:
    """Rows as they are read: identities of variables and coefficients, in one long list each."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.coefficients: list[float] = []
        self.row_ends: list[int] = [0]
        self.least: list[float] = []
        self.most: list[float] = []

    def read(self, expression: Any, factor: float = 1.0) -> float:
        """Take an expression's variables over, times a factor; give its constant times the factor."""
        kind = expression.__class__
        if kind is WeightedSum:
            self.ids += map(id, expression.variables)
            coefficients = expression.coefficients
            self.coefficients += coefficients if factor == 1 else [factor * one for one in coefficients]
            return 0.0
        if kind in native_numeric_types:
            return factor * float(expression)
        if isinstance(expression, VarData):
            self.ids.append(id(expression))
            self.coefficients.append(factor)
            return 0.0
        if kind in _SUMS:
            return sum(self.read(one, factor) for one in expression.args)
        return self._read_other(expression, factor)

    def _read_other(self, expression: Any, factor: float) -> float:
        if expression.__class__ is NegationExpression:
            return self.read(expression.args[0], -factor)
        if expression.__class__ in _PRODUCTS and is_number(expression.args[0]):
            return self.read(expression.args[1], factor * float(value(expression.args[0])))
        found = LinearRepnVisitor({}, var_recorder=_Met()).walk_expression(expression)
        assert found.nonlinear is None  # noqa: S101 -- the formulation has no other equations
        self.ids += found.linear
        self.coefficients += [factor * float(one) for one in found.linear.values()]
        return factor * float(found.constant)

    def add_row(self, equation: Any) -> None:
        """Read one equation, turned as Pyomo turns it: the constant side becomes the limit."""
        relation = equation.expr
        kind = relation.__class__
        if kind is not EqualityExpression and kind is not InequalityExpression:
            least, body, most = equation.to_bounded_expression(evaluate_bounds=True)
            constant = self.read(body)
            self.least.append(-np.inf if least is None else least - constant)
            self.most.append(np.inf if most is None else most - constant)
        else:
            left, right = relation.arg(0), relation.arg(1)
            if is_number(left) and not is_number(right):
                limit = float(value(left)) - self.read(right)
                self.least.append(limit)
                self.most.append(limit if kind is EqualityExpression else np.inf)
            else:
                limit = -(self.read(left) + self.read(right, -1.0))
                self.least.append(limit if kind is EqualityExpression else -np.inf)
                self.most.append(limit)
        self.row_ends.append(len(self.ids))


def is_number(expression: Any) -> bool:
    """Say whether an expression is a number, or one as soon as the model's parameters are known."""
    return expression.__class__ in native_numeric_types or not expression.is_potentially_variable()


@noun(eq=False)
class Part:
    """Rows over all columns there are so far, and the columns that came with them.

    ``a`` and ``cost`` are over the columns of earlier parts first, then over this part's own.
    """

    rows: tuple[ColumnKey, ...]
    columns: tuple[ColumnKey, ...]
    """Of this part alone; so are the arrays of columns."""
    a: sparse.csr_array
    row_least: FloatArray
    row_most: FloatArray
    cost: FloatArray
    cost_offset: float
    column_least: FloatArray
    column_most: FloatArray
    is_integer: npt.NDArray[np.bool_]


@noun(eq=False)
class Known:
    """The variables of earlier parts, by identity; their model must be kept alive."""

    number_of: dict[int, int]
    """Column of each that has one."""
    others: dict[int, tuple[ColumnKey, Any]]
    """Those that no row and no cost has mentioned so far."""


NOTHING_KNOWN = Known(number_of={}, others={})


def compile_part(m: ConcreteModel, cost: Any, known: Known = NOTHING_KNOWN) -> tuple[Part, Known]:
    """Compile a model's equations and a cost; a variable that neither mentions gets no column.

    Returns
    -------
    tuple[Part, Known]
        The part, and what a further part over the same variables must know.
    """
    with PauseGC():
        return _compile_part(m, cost, known)


def _compile_part(m: ConcreteModel, cost: Any, known: Known) -> tuple[Part, Known]:
    entries, rows = Entries(), []
    for equations in m.component_objects(Constraint, active=True):
        name = equations.local_name
        for index, equation in equations.items():
            if equation.active:
                entries.add_row(equation)
                rows.append((name, index))
    priced = Entries()
    offset = priced.read(cost)
    mentioned = set(entries.ids)
    mentioned.update(priced.ids)
    number_of, others = dict(known.number_of), {}
    columns: list[ColumnKey] = []
    data: list[Any] = []
    for identity, (key, one) in _declared(m, known):
        if identity in mentioned:
            number_of[identity] = len(number_of)
            columns.append(key)
            data.append(one)
        else:
            others[identity] = (key, one)
    least, most, is_integer = _limits(data)
    shape = (len(rows), len(number_of))
    values = np.array(entries.coefficients, dtype=np.float64)
    places = np.fromiter(map(number_of.__getitem__, entries.ids), dtype=np.int32, count=values.size)
    a = sparse.csr_array((values, places, np.array(entries.row_ends, dtype=np.int32)), shape=shape)
    a.sum_duplicates()
    a.eliminate_zeros()
    prices = np.zeros(shape[1])
    np.add.at(prices, [number_of[one] for one in priced.ids], np.array(priced.coefficients, dtype=np.float64))
    part = Part(
        rows=tuple(rows),
        columns=tuple(columns),
        a=a,
        row_least=np.array(entries.least, dtype=np.float64),
        row_most=np.array(entries.most, dtype=np.float64),
        cost=prices,
        cost_offset=offset,
        column_least=least,
        column_most=most,
        is_integer=is_integer,
    )
    return part, Known(number_of=number_of, others=others)


def _declared(m: ConcreteModel, known: Known) -> Iterator[tuple[int, tuple[ColumnKey, Any]]]:
    """Give the variables that may become columns, in the order in which they were declared."""
    yield from known.others.items()
    for variables in m.component_objects(Var, active=True):
        name = variables.local_name
        for index, one in variables.items():
            yield id(one), ((name, index), one)


def _limits(data: list[Any]) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Give least and greatest value of variables, and which are integer."""
    domains: dict[int, tuple[float, float, bool]] = {}
    least, most, is_integer = np.empty(len(data)), np.empty(len(data)), np.zeros(len(data), dtype=bool)
    for number, one in enumerate(data):
        domain = one.domain
        if id(domain) not in domains:
            ends = domain.bounds()
            domains[id(domain)] = (
                -np.inf if ends[0] is None else float(ends[0]),
                np.inf if ends[1] is None else float(ends[1]),
                one.is_integer() or one.is_binary(),
            )
        lower, upper, is_integer[number] = domains[id(domain)]
        own = (one.value, one.value) if one.fixed else (one._lb, one._ub)  # noqa: SLF001 -- ``bounds`` asks the domain each time
        least[number] = lower if own[0] is None else max(lower, float(value(own[0])))
        most[number] = upper if own[1] is None else min(upper, float(value(own[1])))
    return least, most, is_integer


def joined(first: Part, *others: Part) -> Matrix:
    """Put parts together as one matrix: rows and columns of the first, then of the next."""
    parts = (first, *others)
    n_columns = sum(len(one.columns) for one in parts)
    n_entries = np.cumsum([0, *(one.a.nnz for one in parts)])
    pointers = [one.a.indptr[1:] + before for one, before in zip(parts, n_entries.tolist(), strict=False)]
    a = sparse.csr_array(
        (
            np.concatenate([one.a.data for one in parts]),
            np.concatenate([one.a.indices for one in parts]),
            np.concatenate([[0], *pointers]),
        ),
        shape=(sum(len(one.rows) for one in parts), n_columns),
    )
    cost = np.zeros(n_columns)
    for one in parts:
        cost[: one.cost.size] += one.cost
    columns = tuple(key for one in parts for key in one.columns)
    return Matrix(
        cost=cost,
        cost_offset=sum(one.cost_offset for one in parts),
        a=sparse.csc_array(a),
        row_least=np.concatenate([one.row_least for one in parts]),
        row_most=np.concatenate([one.row_most for one in parts]),
        column_least=np.concatenate([one.column_least for one in parts]),
        column_most=np.concatenate([one.column_most for one in parts]),
        is_integer=np.concatenate([one.is_integer for one in parts]),
        rows=tuple(key for one in parts for key in one.rows),
        columns=columns,
        column_of=numbered(columns),
    )


def compile_matrix(m: ConcreteModel) -> Matrix:
    """Compile a whole model to arrays; a variable that no row and no cost mentions has no column."""
    objective = next(m.component_data_objects(Objective, active=True))
    part, _ = compile_part(m, objective.expr)
    return joined(part)
