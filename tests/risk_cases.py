"""Small plants whose load or whose events are uncertain; all numbers different."""

from dataclasses import replace

from domain.offers import ResponseProblem
from tests.optimizer_cases import equipped_problem, event

PROMISED = (
    event(event_id="E#0", promise_id="E", baseline_kw=410.0, pay_per_kw=2.4, penalty_per_kw=0.9),
    event(event_id="E#1", promise_id="E", baseline_kw=370.0, pay_per_kw=1.6, penalty_per_kw=0.6),
)


def promised_problem() -> ResponseProblem:
    """Give the plant with everything; its event is settled by two samples of the load, weighing 0.6 and 0.4."""
    return replace(equipped_problem(), events=PROMISED)
