"""No second model beats ours: small random works with everything, against scipy's solver on a model of its own.

``tests/plain_optimum.py`` states each plant anew from the nouns. To no gap, both must find the same least cost, ours must
call its bound no higher, and where one finds no schedule the other must not either.
"""

from collections.abc import Iterator, Sequence

import pytest

from domain.offers import ResponseProblem, SolveOptions
from optimizer.audit import audit, must_agree
from optimizer.formulation import plan_sets
from optimizer.formulation.free_burning import FreeBurningError
from optimizer.formulation.grid import SafetyLoadError
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_cases import EXACT
from tests.plain_optimum import least_cost
from tests.random_works import works

SHARE = 3e-6
"""How far two solvers' optima may lie apart. [-]"""
IMPOSSIBLE = (InfeasiblePlanError, SafetyLoadError)
ALL = range(200)
FEW = range(24)
HALF_HOURS = (325, 326, 328, 330, 331, 333, 335, 336, 343, 346, 347, 348, 349)
"""Works of 48 steps that scipy's solver masters in a few seconds."""


def compared(seeds: Sequence[int], step_min: int = 60) -> Iterator[tuple[int, ResponseProblem, float | None]]:
    """Give works with their least cost; those in which power could be burnt for money are refused by name."""
    for seed in seeds:
        asked = works(seed, step_min)
        try:
            plan_sets(asked)
        except FreeBurningError:
            continue
        yield seed, asked, least_cost(asked)


def beaten(asked: ResponseProblem, cost: float | None, options: SolveOptions) -> str | None:
    """Say how an answer differs from the least cost, if it does."""
    try:
        answer = best_response(asked, options)
    except IMPOSSIBLE as error:
        return None if cost is None else f"{cost} is possible, ours says {error}"
    if cost is None:
        return f"ours costs {answer.costs.total_cost}, which is impossible"
    judged = audit(answer.schedule, asked)
    must_agree(answer.solve.objective, judged.costs)
    slack = SHARE * max(1.0, abs(cost))
    gap = options.gap_share * abs(answer.costs.total_cost)
    if judged.violations:
        return f"the audit finds {[one.say() for one in judged.violations]}"
    if not cost - slack <= answer.costs.total_cost <= cost + gap + slack:
        return f"ours costs {answer.costs.total_cost}, the least is {cost}"
    return f"our bound is {answer.solve.bound}, the least is {cost}" if answer.solve.bound > cost + slack else None


def test_few_small_works_are_solved_as_well_as_they_can_be():
    found = {seed: beaten(asked, cost, EXACT) for seed, asked, cost in compared(FEW)}
    assert len(found) > 15
    assert {seed: how for seed, how in found.items() if how} == {}


@pytest.mark.slow
def test_many_small_works_are_solved_as_well_as_they_can_be():
    found, solved = {}, 0
    for seed, asked, cost in compared(ALL):
        found[seed] = beaten(asked, cost, EXACT)
        solved += cost is not None
    assert {seed: how for seed, how in found.items() if how} == {}
    assert solved > 100


@pytest.mark.slow
def test_steps_of_half_an_hour_are_no_different():
    found = {seed: beaten(asked, cost, EXACT) for seed, asked, cost in compared(HALF_HOURS, 30)}
    assert {seed: how for seed, how in found.items() if how} == {}


@pytest.mark.slow
def test_an_answer_within_a_gap_says_so():
    rough = SolveOptions(deadline_s=60.0, gap_share=0.02)
    found = {seed: beaten(asked, cost, rough) for seed, asked, cost in compared(range(200, 240))}
    assert {seed: how for seed, how in found.items() if how} == {}
