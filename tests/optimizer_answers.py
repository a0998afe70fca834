"""Solve to the end and replay: what tests of the oracle compare with."""

import pytest

from domain.offers import ResponseProblem
from optimizer.audit import audit
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
