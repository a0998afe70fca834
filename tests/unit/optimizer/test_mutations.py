"""Every equation, price and limit of the model in turn is left out or turned round: somebody must notice.

The judges are the audit, which replays the answer; the agreement on its cost; the least cost, which a second model knows
(``test_optimality_small``); and hand-worked points. What is missing lets an answer break a rule or cost less than it
does, which the first two see in production. What is turned round may leave no answer or a dear one: that the last two
see. All models are solved by scipy.
"""

from collections.abc import Iterator
from functools import cache

import pytest

from tests.mutated import Mutation, Stated, mutations_of, noticed, stated
from tests.mutation_plants import PLANTS
from tests.unit.optimizer import (
    test_coupled_equations,
    test_equations,
    test_process_equations,
    test_reactive_equations,
    test_risk_equations,
    test_works_equations,
)

pytestmark = pytest.mark.slow
SEEN_IN_PRODUCTION = ("audit", "cost")
REDUNDANT = {
    # (R8) says the same of a process that stops: its last row is r ≤ its greatest rate before a stop. It cuts fractions.
    Mutation(part="row", name="most_rate_before_stop", how="dropped"),
    # (C2) follows from (C1) for whole runs: it says that a family that is run has been set up. It cuts fractions.
    Mutation(part="row", name="turned_once", how="dropped"),
}
PHYSICAL = {
    "most": "run_count level modulating_kw charge_kw discharge_kw soc_kwh import_kw export_kw pv_used_kw process_rate "
    "process_on utility_used bank_steps giving_kvar taking_kvar",
    "least": "run_count level modulating_kw charge_kw discharge_kw soc_kwh import_kw export_kw pv_used_kw process_rate "
    "process_on utility_used disposed change_count idle_count shortfall_kw excess_kw quota_shortfall "
    "forward_kvar reverse_kvar bank_steps giving_kvar taking_kvar",
}
"""Limits of columns that are rules of the plant. Those of other columns only repeat what rows say: 0 … 1 of what a row ties
to a binary, the proven span of a quantity that rows add up, copies that the balance of families bounds."""


@cache
def plant(name: str) -> Stated:
    return stated(PLANTS[name]())


def judged(part: str, how: str) -> dict[Mutation, str | None]:
    """Give who notices each mutation: in the first plant where it would be seen in production, or else anywhere.

    What is turned round is compared at once: where it leaves no answer in one plant, it seldom does in another.
    """
    found: dict[Mutation, str | None] = {}
    for name in PLANTS:
        for mutation in mutations_of(plant(name).matrix):
            seen = found.get(mutation)
            done = in_production(seen) or (seen is not None and (part, how) == ("row", "turned"))
            wanted = part not in PHYSICAL or mutation.name in PHYSICAL[part].split()
            if (mutation.part, mutation.how) == (part, how) and wanted and not done:
                found[mutation] = noticed(mutation, plant(name)) or seen
    return found


def in_production(by: str | None) -> bool:
    return by is not None and by.startswith(SEEN_IN_PRODUCTION)


def hand_worked() -> Iterator[str]:
    rooms = (
        test_coupled_equations,
        test_equations,
        test_process_equations,
        test_reactive_equations,
        test_risk_equations,
        test_works_equations,
    )
    for room in rooms:
        yield from (point[0] for point in room.POINTS.values())
    yield "one_promise"  # test_terms_of_one_promise_are_one_commitment
    yield "given_up"  # test_a_planned_run_that_is_not_done_then_is_given_up


def test_an_answer_without_an_equation_breaks_a_rule_or_costs_less_than_it_does():
    found = judged("row", "dropped")
    assert len(found) > 60
    assert {one for one, by in found.items() if not in_production(by)} == REDUNDANT


def test_an_equation_turned_round_leaves_no_good_answer():
    found = judged("row", "turned")
    assert {one for one, by in found.items() if by is None} == set()
    compared = {one.name for one, by in found.items() if not in_production(by)}
    assert compared - set(hand_worked()) == set()


def test_a_price_that_the_model_forgets_is_missing_in_the_bill():
    found = judged("cost", "dropped")
    assert len(found) > 20
    assert {one for one, by in found.items() if by != "cost"} == set()


def test_a_price_turned_round_is_too_good_to_be_true():
    """Or earns without end, where it is a fine."""
    found = judged("cost", "turned")
    assert len(found) > 20
    assert {one for one, by in found.items() if by not in {"cost", "no plan"}} == set()
    assert {one.name for one, by in found.items() if by == "no plan"} == {"shortfall_kw", "excess_kw"}


@pytest.mark.parametrize("side", PHYSICAL)
def test_a_limit_that_the_model_forgets_is_broken(side):
    found = judged(side, "widened")
    assert {one.name for one in found} == set(PHYSICAL[side].split())
    assert {one for one, by in found.items() if not in_production(by)} == set()


def test_a_choice_taken_by_halves_is_seen():
    assert {one for one, by in judged("whole", "dropped").items() if not in_production(by)} == set()
