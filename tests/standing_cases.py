"""A plant that is being worked to a plan already, with prices for leaving it."""

from dataclasses import replace

import numpy as np

from domain.offers import ResponseProblem, StandingPlan
from optimizer.response import today_response
from tests.optimizer_cases import EXACT, grid, hour, machine, plan, problem, task, terms


def standing_problem() -> ResponseProblem:
    """Give two runs of A planned for 1 and 12 o'clock on two machines, one of B for 13; it is a quarter past 3."""
    horizon = grid()
    tasks = (
        task("A", 110.0, 1, "M", count=2, planned_starts=(hour(1), hour(12))),
        task("B", 230.0, 2, "N", planned_starts=(hour(13),)),
    )
    worked = plan(horizon, tasks=tasks, machines=(machine("M", count=2), machine("N")))
    price_per_kwh = np.array([0.5] * 6 + [0.2] * 4 + [0.9] * 8 + [0.4] * 6)
    question = problem(horizon, 50.0, plan=worked, terms=terms(horizon, price_per_kwh))
    standing = StandingPlan(
        schedule=today_response(question, EXACT).schedule,
        now=hour(3.25),
        run_change_cost=17.0,
        run_shift_cost_per_h=1.3,
    )
    return replace(question, standing=standing)
