"""One hand-worked point per equation of ways, lots, stores, utilities, people and set-ups; all numbers different."""

import pytest
from pyomo.environ import ConcreteModel, value

from optimizer.formulation import build, plan_sets
from tests.optimizer_answers import broken_by, place
from tests.works_cases import works_problem


@pytest.fixture
def model() -> ConcreteModel:
    return build(plan_sets(works_problem()))


POINTS = {
    # A may run twice at most, in whichever way; 2 on N and 3 on K are three too many.
    "P1 ways": ("all_runs_start", "A", {("run_count", ("A", 4)): 2, ("run_count", ("A@slow", 7)): 3}, 3.0),
    # N in step 5: A (3 h) from 4, A2 from 5 and the mill; there is 1.
    "P2 process": ("machine_capacity", ("N", 5), {("run_count", ("A", 4)): 1, ("run_count", ("A2", 5)): 1, ("process_on", ("P", 5)): 1}, 2.0),
    # A2 on K 2..4, D from 5: wait 1 h, least 0.5 h.
    "P3 ways": ("least_gap", ("A2", "D"), {("run_count", ("A2@slow", 2)): 1, ("run_count", ("D", 5)): 1}, -0.5),
    # A2 on N 1..2, D from 9: wait 7 h, most 4 h.
    "P4 ways": ("greatest_gap", ("A2", "D"), {("run_count", ("A2", 1)): 1, ("run_count", ("D", 9)): 1}, 3.0),
    # two runs make at least 0.8 of a full one; 0.7 are said.
    "P5": ("lot_not_below", ("A", 6), {("run_count", ("A", 6)): 2, ("lot_share", ("A", 6)): 0.7}, 0.1),
    "P6": ("lot_not_above", ("A@slow", 6), {("run_count", ("A@slow", 6)): 1, ("lot_share", ("A@slow", 6)): 1.3}, 0.3),
    # 5 + 0.9·(30 - 5) = 27.5, a lot of 0.6 brings 12·0.6/3 = 2.4 in its first of three hours: 29.9; said to be 31.1.
    "S1 decay at start": ("store_balance", ("I", 0), {("run_count", ("A", 0)): 1, ("lot_share", ("A", 0)): 0.6, ("level", ("I", 0)): 31.1}, 1.2),
    # 5 + 0.9·(25 - 5) = 23, lots of 0.5 on N and 0.8 on K bring 2 and 1.92, 7 are drawn, 1.5 thrown away: 18.42; said 20.
    "S1 decay": ("store_balance", ("I", 9), {("level", ("I", 8)): 25, ("lot_share", ("A", 8)): 0.5, ("lot_share", ("A@slow", 6)): 0.8,
                                             ("disposed", ("I", 9)): 1.5, ("level", ("I", 9)): 20}, 1.58),
    # 47 kWh may be left, 51 are.
    "S3": ("level_at_end_not_above", "I", {("level", ("I", 23)): 51}, 4.0),
    # 1.1 t had come, 6 are delivered (that 0.35 are drawn in the same hour matters not), the mill brings 0.3·2 = 0.6, what A takes is none that comes: 7.7; said to be 9.4.
    "S4": ("comes_in", ("H", 2), {("brought", ("H", 1)): 1.1, ("process_rate", ("P", 2)): 2, ("lot_share", ("A", 2)): 0.9, ("brought", ("H", 2)): 9.4}, 1.7),
    # 200 min are 3 whole steps: of what is there after step 8, all must have come in 6, 7 or 8: 21 - 18 = 3; there are 4.5.
    "S5": ("held_not_longer", ("H", 8), {("level", ("H", 8)): 4.5, ("brought", ("H", 8)): 21, ("brought", ("H", 5)): 18}, 1.5),
    # what was there at the start is gone after 3 steps: 3.3 have come since, 5 are there.
    "S5 start": ("held_not_longer", ("H", 2), {("level", ("H", 2)): 5, ("brought", ("H", 2)): 3.3}, 1.7),
    # A 2.5, two B 7, the mill 0.75 + 0.2·3 = 1.35: 10.85 t/h; 9 are said to be drawn.
    "U1": ("utility_covers", ("S", 7), {("run_count", ("A", 5)): 1, ("run_count", ("B", 6)): 2, ("process_on", ("P", 7)): 1, ("process_rate", ("P", 7)): 3,
                                        ("utility_used", ("S", 7)): 9}, 1.85),
    # 1.5 + 0.5 at A's two ways, 2 at two C, 2 turn the mixer (6 and 7), 1.25 at the mill: 7.25; 4 are there.
    "U2": ("people_attend", 7, {("run_count", ("A", 5)): 1, ("run_count", ("A@slow", 4)): 1, ("run_count", ("C", 6)): 2,
                                ("change_count", ("M", "red", "blue", 6)): 1, ("process_on", ("P", 7)): 1}, 3.25),
    # 5 stood blue, 3 begin C, 2 are turned red; 4 that began C at 5 (2.5 h: 3 steps) and 6 turned from 6 on (2 steps) come: 10; said 11.
    "C1": ("family_balance", ("M", "blue", 8), {("idle_count", ("M", "blue", 7)): 5, ("run_count", ("C", 8)): 3, ("change_count", ("M", "blue", "red", 8)): 2,
                                                ("run_count", ("C", 5)): 4, ("change_count", ("M", "red", "blue", 6)): 6, ("idle_count", ("M", "blue", 8)): 11}, 1.0),
    # 2 stand red at first; 1 begins B, 3 are turned: -2 are left; 7 are said.
    "C1 start": ("family_balance", ("M", "red", 0), {("run_count", ("B", 0)): 1, ("change_count", ("M", "red", "blue", 0)): 3, ("idle_count", ("M", "red", 0)): 7}, 9.0),
    # C must start by 21, so the mixer is turned from 19 on at the latest: 0.4 + 0.3; what begins at 20 is too late.
    "C2": ("turned_once", ("M", "blue"), {("change_count", ("M", "red", "blue", 5)): 0.4, ("change_count", ("M", "red", "blue", 19)): 0.3, ("change_count", ("M", "red", "blue", 20)): 7}, 0.3),
    # base 60 + 2·6 = 72, a change 8·90/120 = 6, lots of 0.5 and 0.8: 45 + 40; 163 kW, 150 are imported.
    "G1 lots": ("power_balance", 6, {("change_count", ("M", "red", "blue", 6)): 1, ("lot_share", ("A", 5)): 0.5, ("lot_share", ("A@slow", 4)): 0.8,
                                     ("run_count", ("A", 5)): 1, ("import_kw", 6): 150}, 13.0),
}  # fmt: skip


@pytest.mark.parametrize("tag", POINTS)
def test_equation_at_a_hand_worked_point(model: ConcreteModel, tag: str):
    name, index, point, by = POINTS[tag]
    assert model.component(name).doc == tag.split(maxsplit=1)[0]
    assert broken_by(model, name, index, point) == pytest.approx(by, abs=1e-6)


def test_a_task_has_its_fewest_runs(model: ConcreteModel):
    assert value(model.all_runs_start["A"].lower) == 1
    assert model.all_runs_start["B"].equality


def test_a_utility_gives_the_least_of_a_steps_limits(model: ConcreteModel):
    # the gap runs from 6.5 to 9: it touches step 6
    assert [model.utility_used["S", t].ub for t in (5, 6, 7, 8, 9)] == [7.0, 4.0, 4.0, 4.0, 7.0]


def test_no_change_lies_in_an_outage_or_beyond_the_end(model: ConcreteModel):
    of_two_steps = [t for *kind, t in model.CHANGES if kind == ["M", "red", "blue"]]
    of_one_step = [t for *kind, t in model.CHANGES if kind == ["M", "blue", "red"]]
    assert of_two_steps == [t for t in range(23) if t not in (12, 13)]
    assert of_one_step == [t for t in range(24) if t != 13]


def test_objective_at_a_hand_worked_point(model: ConcreteModel):
    point = {
        ("import_kw", 3): 10.0,  # 0.29 · 10 = 2.9
        # hours 5, 6, 7: 1.5 · (53 + 37 + 37) = 190.5, and 13 for the start; the lot's size matters not
        ("run_count", ("A", 5)): 1,
        ("lot_share", ("A", 5)): 0.6,
        # five hours from 10: 0.5 · 5 · 37 = 92.5, and 13
        ("run_count", ("A@slow", 10)): 1,
        ("disposed", ("I", 4)): 2.0,  # 0.7 · 2 = 1.4
        ("disposed", ("H", 4)): 3.0,  # 0.45 · 3 = 1.35
        ("utility_used", ("S", 3)): 2.0,  # (19 + 55 · 80/1000) · 2 = 46.8
        # hours 17 and 18 with two people: 2 · (37 + 53) = 180, and 31
        ("change_count", ("M", "red", "blue", 17)): 1,
        ("change_count", ("M", "blue", "red", 21)): 3,  # 23 · 3 = 69
        ("run_count", ("D", 16)): 1,  # ends at 18, three hours late: 17 · 3 = 51
    }
    place(model, point)
    expected = 2.9 + 203.5 + 105.5 + 1.4 + 1.35 + 46.8 + 211 + 69 + 51
    assert value(model.total_cost) == pytest.approx(expected, rel=1e-12)
