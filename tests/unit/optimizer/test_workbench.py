"""Quantities are shared, bounded and folded; each case by hand.

The bench is that of ``coupled_problem``: the day imports 3032 … 3152 kWh, the morning 1472 … 1532.
"""

from typing import Any

import numpy as np
import pytest

from domain.offers import ResponseProblem
from optimizer.formulation import plan_sets
from optimizer.formulation.coupled_nodes import NOTHING, Above, Counted, Coupled, Form, Highest, Node, On, TopMean
from optimizer.formulation.workbench import Workbench, add_up
from tests.optimizer_cases import (
    affine,
    coupled_problem,
    demand,
    during,
    grid,
    hinge,
    hour,
    peak,
    plan,
    problem,
    step,
    task,
    terms,
    top,
)

DAY, MORNING = during(range(24)), during(range(12))


@pytest.fixture
def bench() -> Workbench:
    return Workbench(plan_sets(coupled_problem()).limits)


def less(form: Form, constant: float) -> Form:
    return add_up([(1.0, form)], -constant)


def found_in(asked: ResponseProblem) -> Coupled:
    return plan_sets(asked).coupled


def kinds(found: Coupled, kind: type[Node]) -> list[Any]:
    return [node for node, needed in zip(found.nodes, found.needed, strict=True) if needed and isinstance(node, kind)]


def test_equal_directions_are_one_whatever_their_scale(bench: Workbench):
    day, dear, back = (bench.direction(scale * DAY, None) for scale in (1.0, 0.31, -2.0))
    assert [form.terms for form in (day, dear, back)] == [((0, 1.0),), ((0, 0.31),), ((0, -2.0),)]
    assert bench.span(back) == pytest.approx((-6304.0, -6064.0))
    assert bench.direction(MORNING, None).terms == ((1, 1.0),)
    assert bench.direction(0 * DAY, None) == NOTHING


def test_directions_in_one_form_are_bounded_together(bench: Workbench):
    """Day less morning is the evening: base 1620, its sun in hours 12 and 13 up to 60."""
    evening = add_up([(1.0, bench.direction(DAY, None)), (-1.0, bench.direction(MORNING, None))])
    assert bench.span(evening) == pytest.approx((1560.0, 1620.0))


def test_a_hinge_that_cannot_change_sign_is_none(bench: Workbench):
    day = bench.direction(DAY, None)
    assert bench.positive(less(day, 3000.0)) == less(day, 3000.0)
    assert bench.positive(less(day, 3200.0)) == NOTHING
    assert len(bench.nodes) == 1


def test_a_hinge_turned_round_is_the_same_hinge(bench: Workbench):
    """max(0, 3100 - E) = max(0, E - 3100) - E + 3100."""
    day = bench.direction(DAY, None)
    above = bench.positive(less(day, 3100.0))
    below = bench.positive(add_up([(-1.0, day)], 3100.0))
    assert below == add_up([(1.0, above), (-1.0, day)], 3100.0)
    assert bench.span(below) == pytest.approx((0.0, 68.0))


def test_a_hinge_of_a_hinge_is_a_hinge_of_what_that_is_over(bench: Workbench):
    """max(0, 2·max(0, E - 3050) - 60) = 2·max(0, E - 3080)."""
    inner = bench.positive(less(bench.direction(DAY, None), 3050.0))
    outer = bench.positive(add_up([(2.0, inner)], -60.0))
    ((number, weight),) = outer.terms
    assert bench.nodes[number] == Above(of=0, edge=pytest.approx(3080.0))
    assert weight == pytest.approx(2.0)
    assert outer.constant == pytest.approx(0.0)


def test_a_step_over_hinges_of_one_quantity_is_a_step_of_it(bench: Workbench):
    """max(0, E - 3050) reaches 30 at 3080; bills count it from 5e-7 before."""
    inner = bench.positive(less(bench.direction(DAY, None), 3050.0))
    counted = bench.counted(less(inner, 30.0), Form(constant=7.0), strict=False)
    ((number, weight),) = counted.terms
    node = bench.nodes[number]
    assert isinstance(node, On)
    assert (node.of, node.edge, weight) == (0, pytest.approx(3080.0 - 5e-7, abs=1e-9), 7.0)
    # a millionth of the day's 120 kWh to either side
    assert (node.on_from - node.edge, node.edge - node.off_to) == pytest.approx((1.2e-4, 1.2e-4))


@pytest.mark.parametrize(("edge", "value"), [(3032.0, 7.0), (3152.1, 0.0)])
def test_a_step_that_is_always_on_or_off_is_none(bench: Workbench, edge: float, value: float):
    when = less(bench.direction(DAY, None), edge)
    assert bench.counted(when, Form(constant=7.0), strict=False) == Form(constant=value)


def test_a_step_downwards_counts_where_it_is_off(bench: Workbench):
    """5 while the day imports at most 3090."""
    day = bench.direction(DAY, None)
    when = add_up([(-2.0, day)], 6180.0)
    ((number, weight),) = bench.counted(when, Form(constant=5.0), strict=False).terms
    assert (weight, bench.counted(when, Form(constant=5.0), strict=False).constant) == (-5.0, 5.0)
    assert bench.nodes[number].edge == pytest.approx(3090.0 + 2.5e-7, abs=1e-9)
    amount = bench.counted(when, bench.direction(MORNING, None), strict=False)
    node = bench.nodes[amount.terms[0][0]]
    assert isinstance(node, Counted)
    assert (node.on, node.when_on, node.least, node.most) == (number, False, 1472.0, 1532.0)


def rigid(strict: bool) -> On:
    runs = plan(grid(), tasks=(task("R", 50.0, 1), task("Q", 30.0, 1)))
    once = step(affine(-150.0, during([5])), affine(9.0), strict=strict)
    asked = problem(grid(), plan=runs, terms=terms(grid(), atoms=(once,), charged=((-1.0, 0),)))
    (node,) = kinds(found_in(asked), On)
    return node


def test_where_only_runs_move_the_load_the_edge_itself_belongs_to_one_side():
    """Hour 5 imports 100, 130, 150 or 180 kW: at 150 a plain step is on, a strict one is not, and both must be possible."""
    plain, strict = rigid(strict=False), rigid(strict=True)
    assert plain.on_from <= 150.0 < strict.on_from
    assert plain.off_to < 150.0 <= strict.off_to


def test_a_peak_starts_at_what_it_cannot_be_below():
    """Hours 6 … 9 mean 165 kW whatever the shift does, so 150 and 160 outside say nothing; the windows reach 208."""
    asked = coupled_problem(atoms=(peak(range(6, 10), (150.0, 160.0)),), charged=((1.0, 0),))
    (node,) = kinds(found_in(asked), Highest)
    assert node.floor_kw == pytest.approx(165.0)
    assert len(node.candidates) == 4
    assert found_in(asked).cost.terms == ((0, 1.0),)


def test_a_peak_that_no_schedule_exceeds_is_a_number():
    asked = coupled_problem(atoms=(peak(range(6, 10), (300.0, 500.0)),), charged=((2.0, 0),))
    assert found_in(asked).cost == Form(constant=800.0)


def test_samples_with_the_same_numbers_share_their_quantities():
    """Five samples, two kinds: the hinge of three of them has three fifths of the price."""
    of = affine((-3060.0, -3100.0, -3060.0, -3100.0, -3060.0), DAY)
    found = found_in(coupled_problem(atoms=(hinge(of),), charged=((5.0, 0),)))
    by_edge = {found.nodes[number].edge: price for number, price in found.cost.terms}
    assert by_edge == {3060.0: pytest.approx(3.0), 3100.0: pytest.approx(2.0)}


def test_members_that_cannot_be_among_the_highest_are_left_out():
    """Two of 90, 200, 80 and two groups of 132 … 204 kW: 90 and 80 never are."""
    atoms = (top(2, [[6], [7], [0]], [[90.0], [200.0]]),)
    (node,) = kinds(found_in(coupled_problem(atoms=atoms, charged=((1.0, 0),))), TopMean)
    assert sorted(member.constant for member in node.members if not member.terms) == [200.0]
    assert len(node.members) == 3


def test_a_plain_demand_charge_over_the_same_windows_becomes_part_of_it():
    blocks = np.where((np.arange(24) >= 6) & (np.arange(24) < 10), np.arange(24), -1)
    plain = demand(grid(), price_per_kw=3.0, block_of_step=blocks, other_peak_kw=np.array([170.0, 180.0]))
    other = demand(grid(), price_per_kw=5.0)
    monthly = peak(range(6, 10), (170.0, 180.0))
    reached = step(affine(-1500.0, MORNING), affine(0.0, None, (1.0, 0)))
    asked = coupled_problem(demand=(other, plain), atoms=(monthly, reached), charged=((-0.5, 1),))
    found = found_in(asked)
    assert found.priced_demand == {1}
    (node,) = kinds(found, Highest)
    assert found.slopes[found.nodes.index(node)][0] > 0


def test_a_rebate_below_a_minimum_bill_keeps_its_sign():
    """Charge 10 a kW, a tenth less from 1500 kWh in the morning, 1900 at least: the bill never falls with the peak.

    Slope by slope it could: 10·s less 1·s', with s and s' between 0 and 1; but both are the minimum's one s.
    """
    monthly = peak(range(6, 10))
    reached = step(affine(-1500.0, MORNING), affine(0.0, None, (1.0, 0)))
    owed = hinge(affine(1900.0, None, (-10.0, 0), (1.0, 1)))
    found = found_in(coupled_problem(atoms=(monthly, reached, owed), charged=((10.0, 0), (-1.0, 1), (1.0, 2))))
    (node,) = kinds(found, Highest)
    assert found.slopes[found.nodes.index(node)] == pytest.approx((0.0, 10.0))


def test_one_run_more_is_not_one_window_less():
    """A peak over a single window is that window."""
    runs = plan(grid(), tasks=(task("R", 50.0, 1, earliest=hour(3), latest_end=hour(8)),))
    asked = problem(grid(), plan=runs, terms=terms(grid(), atoms=(peak([5], 120.0),), charged=((2.0, 0),)))
    found = found_in(asked)
    assert kinds(found, Highest) == []
    (node,) = kinds(found, Above)
    assert (node.edge, found.cost.constant) == (120.0, 240.0)


def test_the_positive_part_of_a_line_that_starts_above_0(bench: Workbench):
    """3060 - E falls from 28 to 0 at 3060; with 3·max(0, E - 3080) on top it is 0 again at 3090."""
    day = bench.direction(DAY, None)
    raised = bench.positive(less(day, 3080.0))
    found = bench.positive(add_up([(-1.0, day), (3.0, raised)], 3060.0))
    assert found.constant == pytest.approx(3060.0)
    weights = {getattr(bench.nodes[number], "edge", 0.0): weight for number, weight in found.terms}
    assert weights == {0.0: pytest.approx(-1.0), 3060.0: pytest.approx(1.0), 3090.0: pytest.approx(2.0)}
    assert bench.span(found) == pytest.approx((0.0, 124.0))


def test_an_amount_above_an_edge_is_not_the_one_below_it(bench: Workbench):
    day, morning = bench.direction(DAY, None), bench.direction(MORNING, None)
    above = bench.counted(less(day, 3090.0), morning, strict=False)
    below = bench.counted(add_up([(-1.0, day)], 3090.0), morning, strict=True)
    assert above.terms != below.terms
    assert {bench.nodes[form.terms[0][0]].when_on for form in (above, below)} == {True, False}


def test_peaks_over_the_same_windows_share_them_whatever_lies_outside():
    """At least 170 kW are outside for one charge, 190 for the other: one peak from 170, a hinge at 190."""
    atoms = (peak(range(6, 10), 170.0), peak(range(6, 10), 190.0))
    found = found_in(coupled_problem(atoms=atoms, charged=((1.0, 0), (1.0, 1))))
    (node,) = kinds(found, Highest)
    (above,) = kinds(found, Above)
    assert (node.floor_kw, above.edge, found.cost.constant) == (170.0, 190.0, 190.0)


def test_a_tier_that_ends_leaves_the_slope_at_0():
    """1 a kW from 175 to 190 and nothing beyond: a higher peak never pays, so none must be attained."""
    atoms = (peak(range(6, 10)), hinge(affine(-175.0, None, (1.0, 0))), hinge(affine(-190.0, None, (1.0, 0))))
    found = found_in(coupled_problem(atoms=atoms, charged=((1.0, 1), (-1.0, 2))))
    (node,) = kinds(found, Highest)
    assert found.slopes[found.nodes.index(node)] == (0.0, 1.0)


def test_a_step_that_waives_an_amount_is_wanted():
    """A fee on the peak while the morning imports at most 1500: the cost falls by 170 … 208 times 0.9 once it is on."""
    waived = step(affine(1500.0, -MORNING), affine(0.0, None, (1.0, 0)))
    found = found_in(coupled_problem(atoms=(peak(range(6, 10), 170.0), waived), charged=((0.9, 1),)))
    (node,) = kinds(found, On)
    assert found.slopes[found.nodes.index(node)] == pytest.approx((-0.9 * 208, -0.9 * 170))
