"""One hand-worked point per equation of reactive power and compensation; all numbers different."""

from dataclasses import replace

import numpy as np
import pytest
from pyomo.environ import ConcreteModel

from optimizer.formulation import build, plan_sets
from optimizer.response import best_response
from tests.optimizer_answers import broken_by
from tests.optimizer_cases import EXACT, grid, terms
from tests.reactive_cases import random_reactive, reactive_problem


@pytest.fixture
def model() -> ConcreteModel:
    return build(plan_sets(reactive_problem()))


POINTS = {
    # Base 94; A (from 6, cos 0.8) 60·3/4 = 45; 0.6 of D 50·0.6·4/3 = 40; J 40·3/4 = 30; the mill, on, started, at 2 t/h: (9 + 16 + 3)·4/3 = 37.333.
    # K gives 2·30, L 17, V 7 - 3, W takes 2: 246.333 - 79 = 167.333; 150 are drawn and 5 fed back.
    "Q1": ("reactive_balance", 7, {("run_count", ("A", 6)): 1, ("lot_share", ("D", 7)): 0.6, ("modulating_kw", ("J", 7)): 40, ("process_on", ("P", 7)): 1,
                                   ("process_rate", ("P", 7)): 2, ("process_start", ("P", 7)): 1, ("bank_steps", ("K", 7)): 2, ("bank_steps", ("L", 7)): 1,
                                   ("giving_kvar", ("V", 7)): 7, ("taking_kvar", ("V", 7)): 3, ("taking_kvar", ("W", 7)): 2, ("forward_kvar", 7): 150, ("reverse_kvar", 7): 5}, 67 / 3),
    # A's other way has cos 0.6: 40·4/3 in its third hour; base 86.
    "Q1 mode": ("reactive_balance", 3, {("run_count", ("A@slow", 1)): 1, ("forward_kvar", 3): 100}, 118 / 3),
    # Base 86, both ways of A 45 + 53.333, D 66.667, the mill starting at 4 t/h 58.667; V and W take 36: 345.667.
    "Q2": ("draws_only", 3, {("forward_kvar", 3): 400, ("drawing", 3): 1}, 163 / 3),
    # K 120, V 25 and W 11 against 86 of the base: 70; 0.6 of it is 42.
    "Q3": ("feeds_back_only", 3, {("reverse_kvar", 3): 50, ("drawing", 3): 0.4}, 8.0),
    "Q4": ("gives_only", ("V", 2), {("giving_kvar", ("V", 2)): 20, ("gives", ("V", 2)): 0.5}, 7.5),
    "Q5": ("takes_only", ("V", 2), {("taking_kvar", ("V", 2)): 21, ("gives", ("V", 2)): 0.3}, 3.5),
    # 112 kW, 3 steps of K lose 0.01·90, V giving 10 and taking 5 loses 0.04·15: 113.5; 100 are imported.
    "G1 losses": ("power_balance", 4, {("bank_steps", ("K", 4)): 3, ("giving_kvar", ("V", 4)): 10, ("taking_kvar", ("V", 4)): 5, ("import_kw", 4): 100}, 13.5),
    # by day, both ways: 3 + 4; 9 are said, and 6 by night do not count.
    "A1 reactive": ("direction_adds_up", 0, {("forward_kvar", 7): 3, ("reverse_kvar", 9): 4, ("forward_kvar", 5): 6, ("direction", 0): 9}, 2.0),
    "A3 reactive": ("highest_covers", (2, 1), {("forward_kvar", 9): 30, ("reverse_kvar", 9): 5, ("import_kw", 9): 1000, ("highest_kw", 2): 22}, 13.0),
}  # fmt: skip


@pytest.mark.parametrize("tag", POINTS)
def test_equation_at_a_hand_worked_point(model: ConcreteModel, tag: str):
    name, index, point, by = POINTS[tag]
    assert model.component(name).doc == tag.split(maxsplit=1)[0]
    assert broken_by(model, name, index, point) == pytest.approx(by, abs=1e-6)


def test_a_bank_without_a_controller_has_no_choice(model: ConcreteModel):
    """It is there in the hours that lie wholly within 5:30 … 20:00, with both its steps."""
    bounds = [(model.bank_steps["L", t].lb, model.bank_steps["L", t].ub) for t in range(24)]
    assert bounds == [(0, 0)] * 6 + [(2, 2)] * 14 + [(0, 0)] * 4


def test_a_plan_that_counts_no_reactive_power_has_no_column_for_it():
    asked = replace(reactive_problem(), terms=terms(grid(), 0.5), base_kvar=None)
    model = build(plan_sets(asked))
    assert model.component("forward_kvar") is None
    assert model.component("bank_steps") is None


def test_what_is_drawn_of_reactive_power_lies_within_its_proven_limits():
    """Every weighted sum of |Q| of an answer lies within the span that the big-M are made of."""
    rng = np.random.default_rng(7)
    for seed in range(60, 66):
        asked, _, _ = random_reactive(seed)
        limits = plan_sets(asked).limits.reactive
        kvar = best_response(asked, EXACT).schedule.reactive_kvar
        for weights in (np.ones(24), rng.uniform(0, 1, 24), rng.uniform(-1, 1, 24), -np.ones(24)):
            least, most = limits.span(weights)
            assert least - 1e-6 <= weights @ kvar <= most + 1e-6
