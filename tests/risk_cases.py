"""Small plants whose load or whose events are uncertain; all numbers different."""

from dataclasses import replace

import numpy as np
from pyomo.environ import ConcreteModel

from domain.offers import ResponseProblem
from domain.offers.uncertainty import RiskAversion
from optimizer.formulation import build, plan_sets
from optimizer.formulation.tail import TailSets, declare, sampled_peak
from optimizer.samples import sampled_event
from tests.optimizer_cases import equipped_problem, event

PROMISED = (
    event(event_id="E#0", promise_id="E", baseline_kw=410.0, pay_per_kw=2.4, penalty_per_kw=0.9),
    event(event_id="E#1", promise_id="E", baseline_kw=370.0, pay_per_kw=1.6, penalty_per_kw=0.6),
)


def promised_problem() -> ResponseProblem:
    """Give the plant with everything; its event is settled by two samples of the load, weighing 0.6 and 0.4."""
    return replace(equipped_problem(), events=PROMISED)


DEVIATION_KW = np.array([np.full(24, 9.0), 0.5 * np.arange(24) - 11.0, np.where(np.arange(24) == 9, 70.0, -4.0)])  # fmt: skip
"""Three samples of the load less its expectation. [kW]"""
TAIL_RISK = RiskAversion(tail_weight=0.4, tail_share=0.5)


def tail_model() -> ConcreteModel:
    """Give the plant with everything under a tariff of energy and one demand charge, on three samples of its load."""
    asked = equipped_problem()
    term = asked.terms.demand[0]
    events = [sampled_event(one, DEVIATION_KW) for one in asked.events]
    stripped = replace(
        asked, terms=replace(asked.terms, demand=()), events=tuple(one for terms in events for one in terms)
    )
    limits = plan_sets(replace(asked, events=())).limits
    peak = sampled_peak(term, DEVIATION_KW, (limits.least_import_kw, limits.most_import_kw))
    model = build(plan_sets(stripped))
    constants = np.array([31.0, -20.0, -11.0])
    tail = TailSets(n_samples=3, peaks=(peak,), constant_cost=constants, risk=TAIL_RISK)
    declare(model, tail, [[one[k].event_id for one in events] for k in range(3)])
    return model
