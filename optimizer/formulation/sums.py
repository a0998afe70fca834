"""Sums of weighted variables, stated the fast way."""

from collections.abc import Iterable
from typing import Any

from pyomo.core.expr import LinearExpression
from pyomo.repn.util import sum_like_expression_types


class WeightedSum(LinearExpression):  # type: ignore[misc]  # Pyomo has no types
    """A linear expression that keeps its variables and coefficients as two lists.

    Pyomo's own spells every product out as a node of its expression tree; a model of a month has a million of them.
    The compiler reads the two lists; to Pyomo, the products appear as soon as something else asks for them.
    """

    __slots__ = ("_spelled", "coefficients", "variables")

    def __init__(self, variables: list[Any], coefficients: list[float]) -> None:
        self.variables = variables
        self.coefficients = coefficients
        self._spelled: list[Any] | None = None
        self._nargs = len(variables)  # type: ignore[misc]  # a slot of its base

    @property
    def _args_(self) -> list[Any]:
        if self._spelled is None:
            self._spelled = self.as_pyomo().args
        return self._spelled

    def as_pyomo(self) -> LinearExpression:
        """Give the same sum as Pyomo keeps it."""
        return LinearExpression(
            constant=0.0, linear_coefs=[float(one) for one in self.coefficients], linear_vars=self.variables
        )

    def _trunc_append(self, other: Any) -> Any:
        return self.as_pyomo()._trunc_append(other)  # noqa: SLF001 -- Pyomo's hook for sums

    def _trunc_extend(self, other: Any) -> Any:
        return self.as_pyomo()._trunc_extend(other)  # noqa: SLF001 -- likewise

    def create_node_with_local_data(self, args: Any, classtype: Any = None) -> Any:
        """Make a sum of other terms, as Pyomo does when it replaces parts of an expression."""
        return self.as_pyomo().create_node_with_local_data(args, classtype)


def weighted(terms: Iterable[tuple[Any, float]]) -> WeightedSum:
    """Give the sum of variable × coefficient as one linear expression.

    It says what ``quicksum`` over products says in a tenth of the time.
    """
    pairs = list(terms)
    return WeightedSum([variable for variable, _ in pairs], [coefficient for _, coefficient in pairs])


# Pyomo's walkers, by which other solvers could be asked, know their sums by class
sum_like_expression_types.add(WeightedSum)
