"""One hand-worked point per equation of the coupled cost; all numbers different.

The quantities of ``coupled_problem``, by number: 0 the day's import, 3032 … 3152; 2 the peak of four hours, 170 … 208 (its
ends follow from 100 + 2t plus 20 … 90); 3 and 17 that peak (at least 180 in the second sample) less a 17th of the day's
import; 5 the morning's import, 1472 … 1532; 6, 9, 19 steps of the morning at 1490, 1500, 1510; 8 a step of the day at
3120; 7, 20, 10, 21 the peak where they are on; 14 the mean of the two highest of 140, 150 and two peaks.
"""

import numpy as np
import pytest
from pyomo.environ import ConcreteModel, value

from domain.tariffs.atoms import Affine
from optimizer.formulation import build, plan_sets
from tests.optimizer_answers import broken_by, place
from tests.optimizer_cases import affine, coupled_problem, during, hinge, peak, step


@pytest.fixture
def model() -> ConcreteModel:
    return build(plan_sets(coupled_problem()))


EDGE = 1e-6 * 60
"""The model keeps a millionth of the morning's 60 kW clear of an edge, from where bills begin to count."""

POINTS = {
    # 13 + 29 kW drawn; said to be 70.
    "A1": ("direction_adds_up", 0, {("import_kw", 3): 13, ("import_kw", 20): 29, ("direction", 0): 70}, 28.0),
    # the evening is not part of the morning
    "A1 morning": ("direction_adds_up", 5, {("import_kw", 3): 13, ("import_kw", 20): 29, ("direction", 5): 70}, 57.0),
    # 190 - 3060/17 = 10; said to be 14.
    "A2": ("total_adds_up", 3, {("highest_kw", 2): 190, ("direction", 0): 3060, ("total", 3): 14}, 4.0),
    # 11 above 180 in the second sample, less 180 for the energy: -169; said to be -160.
    "A2 second": ("total_adds_up", 17, {("rung", (2, 1)): 11, ("direction", 0): 3060, ("total", 17): -160}, 9.0),
    "A3": ("highest_covers", (2, 1), {("highest_kw", 2): 171, ("import_kw", 7): 189}, 18.0),
    "A4": ("one_attains", 2, {("attains", (2, 0)): 1, ("attains", (2, 4)): 1}, 1.0),
    # hour 7 attains it with 181, not with 199
    "A5": ("highest_attained", (2, 1), {("highest_kw", 2): 199, ("import_kw", 7): 181, ("attains", (2, 1)): 1}, 18.0),
    # not chosen: 181 + 208 - 134 = 255 is no less than any peak over 134 in hour 7
    "A5 open": ("highest_attained", (2, 1), {("highest_kw", 2): 199, ("import_kw", 7): 181}, -56.0),
    "A5 floor": ("highest_attained", (2, 4), {("highest_kw", 2): 199, ("attains", (2, 4)): 1}, 29.0),
    "A6": ("above_edge", 4, {("above", 4): 5, ("total", 3): 17}, 12.0),
    # in the second sample the peak is 180 + what the ladder says
    "A6 second": ("above_edge", 18, {("above", 18): 3, ("total", 17): -161}, 16.0),
    # 3032 + 28 + 4 = 3064; said to be 3081.
    "A7": ("ladder_adds_up", 0, {("direction", 0): 3081, ("rung", (0, 0)): 28, ("rung", (0, 1)): 4}, 17.0),
    # 3060 … 3100: half reached, 33 of 20 counted
    "A8": ("rung_reached", (0, 1), {("rung", (0, 1)): 33, ("reached", (0, 1)): 0.5}, 13.0),
    # 3100 … 3152
    "A8 last": ("rung_reached", (0, 2), {("rung", (0, 2)): 51, ("reached", (0, 2)): 1}, -1.0),
    # 9 of the 28 below the edge
    "A9": ("rung_filled", (0, 1), {("rung", (0, 0)): 9, ("reached", (0, 1)): 1}, 19.0),
    # the rebate of the second sample needs 1510, the morning has 1495; the fine of 1500 has no part in this row
    "A10": ("stairs_reached", 5, {("direction", 5): 1495, ("is_on", 6): 1, ("is_on", 19): 1, ("is_on", 9): 1}, 15 + EDGE),
    # ... 1490 are reached
    "A10 first": ("stairs_reached", 5, {("direction", 5): 1495, ("is_on", 6): 1}, -5 + EDGE),
    # 1517 are above the edge of the fine
    "A11": ("stairs_left", 5, {("direction", 5): 1517}, 17 + EDGE),
    "A11 on": ("stairs_left", 5, {("direction", 5): 1517, ("is_on", 9): 1}, -15.0),
    "A12": ("stairs_nested", (6, 9), {("is_on", 9): 1}, 1.0),
    "A13 most": ("counted_if_on", (7, "most"), {("counted", 7): 31}, 31.0),
    "A13 least": ("counted_if_on", (10, "least"), {("counted", 10): 149, ("is_on", 9): 1}, 21.0),
    # off: 191 - 170 = 21 may count at most, were it not for A13
    "A14 most": ("counted_in_full", (7, "most"), {("counted", 7): 35, ("highest_kw", 2): 191}, 14.0),
    "A14 most on": ("counted_in_full", (7, "most"), {("counted", 7): 196, ("highest_kw", 2): 191, ("is_on", 6): 1}, 5.0),
    "A14 least": ("counted_in_full", (10, "least"), {("counted", 10): 180, ("highest_kw", 2): 191, ("is_on", 9): 1}, 11.0),
    # off: 191 - 208 = -17
    "A14 least off": ("counted_in_full", (10, "least"), {("counted", 10): 0, ("highest_kw", 2): 191}, -17.0),
    # the second sample counts 180 + 11
    "A14 second": ("counted_in_full", (20, "most"), {("counted", 20): 199, ("rung", (2, 1)): 11, ("is_on", 19): 1}, 8.0),
    "A15": ("above_cut", (14, 0), {("over_cut_kw", (14, 0)): 4, ("cut_kw", 14): 127}, 9.0),
    "A15 peak": ("above_cut", (14, 3), {("over_cut_kw", (14, 3)): 7, ("cut_kw", 14): 171, ("highest_kw", 12): 196}, 18.0),
}  # fmt: skip


@pytest.mark.parametrize("tag", POINTS)
def test_equation_at_a_hand_worked_point(model: ConcreteModel, tag: str):
    name, index, point, by = POINTS[tag]
    assert model.component(name).doc == tag.split(maxsplit=1)[0]
    assert broken_by(model, name, index, point) == pytest.approx(by, abs=1e-6)


def test_every_equation_has_a_point():
    assert {tag.split(maxsplit=1)[0] for tag in POINTS} == {f"A{number}" for number in range(1, 16)}


def test_objective_at_a_hand_worked_point(model: ConcreteModel):
    point = {
        ("import_kw", 3): 100.0,  # 0.31 · 100 = 31
        ("export_kw", 11): 20.0,  # earns 0.07 · 20 = 1.4
        # 0.05 per kWh beyond 17 h × peak is charged as the kWh less 17 h × peak, and back what lies below: 17 · 0.05 / 2
        ("direction", 0): 200.0,  # 0.05 · 200 = 10
        # 0.4 of a peak, in each of two samples half; less 17 · 0.05 = 0.85 of it: 0.2 - 0.425 = -0.225
        ("highest_kw", 2): 40.0,  # -9
        ("rung", (2, 1)): 12.0,  # -2.7, and 0 in the counted ones
        ("above", 4): 7.0,  # 0.425 · 7 = 2.975
        ("above", 18): 3.0,  # 1.275
        # -0.11 per kWh beyond 3060 and beyond 3100: the last rung counts in both
        ("rung", (0, 1)): 30.0,  # -3.3
        ("rung", (0, 2)): 10.0,  # -2.2
        ("counted", 7): 50.0,  # -0.03 · 50 = -1.5
        ("counted", 20): 70.0,  # -2.1
        ("counted", 10): 90.0,  # 0.015 · 90 = 1.35
        ("counted", 21): 110.0,  # 1.65
        ("is_on", 8): 1,  # 40 · 0.5 = 20
        ("cut_kw", 14): 25.0,  # 0.3 · 25 = 7.5
        ("over_cut_kw", (14, 2)): 8.0,  # a mean of two: 0.3 · 8 / 2 = 1.2
    }
    place(model, point)
    # the second sample's peak is 180 at least: 180 · (0.2 - 0.425) = -40.5
    expected = -40.5 + 31 - 1.4 + 10 - 9 - 2.7 + 2.975 + 1.275 - 3.3 - 2.2 - 1.5 - 2.1 + 1.35 + 1.65 + 20 + 7.5 + 1.2
    assert value(model.total_cost) == pytest.approx(expected, rel=1e-12)


def test_export_counts_in_a_direction():
    net = Affine(constant=np.array([-3050.0]), per_import_kw=np.ones(24), per_export_kw=np.full(24, -0.5))
    model = build(plan_sets(coupled_problem(atoms=(hinge(net),), charged=((0.2, 0),))))
    point = {("import_kw", 3): 13.0, ("export_kw", 8): 6.0, ("direction", 0): 21.0}
    assert broken_by(model, "direction_adds_up", 0, point) == pytest.approx(11.0)


def test_an_amount_that_counts_only_below_an_edge():
    """A fee of the peak while the morning imports at most 1500: off where the step is on."""
    fee = step(affine(1500.0, -during(range(12))), affine(0.0, None, (1.0, 0)))
    model = build(plan_sets(coupled_problem(atoms=(peak(range(6, 10), 170.0), fee), charged=((0.9, 1),))))
    (counted,), (on,) = list(model.AMOUNTS), list(model.SWITCHES)
    (highest,) = list(model.PEAKS)
    rows = ("counted_if_on", (counted, "least")), ("counted_in_full", (counted, "least"))
    below = {("counted", counted): 149.0, ("highest_kw", highest): 191.0}
    assert [broken_by(model, *row, below) for row in rows] == pytest.approx([21.0, 42.0])
    beyond = below | {("is_on", on): 1}
    assert [broken_by(model, *row, beyond) for row in rows] == pytest.approx([-149.0, 191 - 208 - 149])


def test_a_window_over_the_edge_of_the_horizon_keeps_what_it_brings():
    """Half of the first window lies before the horizon: 60 kW of its mean in one sample, 90 in the other."""
    plain = peak(range(6, 10), (170.0, 170.0))
    halves = plain.means.toarray()
    halves[0, 6] = 0.5
    over = type(plain)(
        label="sliding",
        means=type(plain.means)(halves),
        window_other_kw=np.array([[110.0, 90.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]),
        other_kw=plain.other_kw,
    )
    model = build(plan_sets(coupled_problem(atoms=(over,), charged=((1.0, 0),))))
    shared, *apart = list(model.PEAKS)
    assert len(apart) == 2
    first, second = apart
    point = {
        ("highest_kw", first): 171.0,
        ("highest_kw", second): 173.0,
        ("import_kw", 6): 184.0,
        ("highest_kw", shared): 205.0,
    }
    assert broken_by(model, "highest_covers", (first, 0), point) == pytest.approx(92 + 110 - 171)
    assert broken_by(model, "highest_covers", (second, 0), point) == pytest.approx(92 + 90 - 173)
    assert broken_by(model, "highest_covers", (second, 1), point) == pytest.approx(205 - 173)
