"""Solve to the end and replay, or put a point into a model: what tests of the oracle compare with."""

import math
from typing import Any

import pytest
from pyomo.environ import ConcreteModel, Constraint, Var, value

from domain.offers import ResponseProblem
from optimizer.audit import audit
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_cases import (
    EXACT,
)


def best_cost(asked: ResponseProblem) -> float:
    """Solve to the end and have the answer replayed."""
    answer = best_response(asked, EXACT)
    assert audit(answer.schedule, asked).violations == ()
    assert answer.solve.stopped_by == "optimal"
    assert answer.solve.bound == pytest.approx(answer.costs.total_cost, rel=2e-6)
    return answer.costs.total_cost


def compare(asked: ResponseProblem, by_hand: float) -> None:
    """Hold the answer against a cost found otherwise; infinite: there is no plan."""
    if math.isinf(by_hand):
        with pytest.raises(InfeasiblePlanError):
            best_response(asked, EXACT)
    else:
        assert best_cost(asked) == pytest.approx(by_hand, rel=3e-6)


def place(model: ConcreteModel, point: dict[tuple[str, Any], float]) -> None:
    """Let the named variables stand somewhere and all others at 0."""
    for component in model.component_objects(Var):
        for one in component.values():
            one.set_value(0, skip_validation=True)
    for (name, key), number in point.items():
        model.component(name)[key].set_value(number, skip_validation=True)


def broken_by(model: ConcreteModel, name: str, index: Any, point: dict[tuple[str, Any], float]) -> float:
    """Give by how much one row is broken at a point: negative where it holds with room, for an equality the distance."""
    place(model, point)
    row: Constraint = model.component(name)[index]
    body = value(row.body)
    if row.equality:
        return abs(body - value(row.upper))
    return body - value(row.upper) if row.upper is not None else value(row.lower) - body
