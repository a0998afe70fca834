"""A solution whose tariff integers say something else than its load is put right before it is priced."""

from dataclasses import replace

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.tariffs import DemandTerm
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.formulation.coupled_values import implied_integers
from optimizer.formulation.demand import implied_jumps
from optimizer.search import Search, with_implied_integers
from tests.optimizer_answers import best_cost
from tests.optimizer_cases import (
    EXACT,
    affine,
    coupled_problem,
    during,
    grid,
    hinge,
    hour,
    plan,
    problem,
    step,
    task,
    terms,
)


def search_of(asked: ResponseProblem) -> Search:
    sets = plan_sets(asked)
    return Search(sets, compile_matrix(build(sets)), EXACT, deadline=np.inf)


def load_of(shift_kw: tuple[float, ...], sun_kw: float) -> np.ndarray:
    """Give the load of ``coupled_problem`` with its shift and its sun."""
    load = 100.0 + 2.0 * np.arange(24)
    load[6:10] += shift_kw
    load[10:14] -= sun_kw
    return load


def test_integers_at_a_hand_worked_load():
    """All sun used: the day imports 3032, the morning 1472. The shift's hours have 142, 164, 186, 168 kW."""
    found = plan_sets(coupled_problem()).coupled
    implied = implied_integers(found, load_of((30.0, 50.0, 70.0, 50.0), 30.0), np.zeros(24))
    assert {key: value for key, value in implied.items() if value} == {
        ("attains", (2, 2)): 1.0,  # hour 8 has the most
        ("reached", (2, 1)): 1.0,  # and more than 180
    }
    assert implied["is_on", 6] == implied["reached", (0, 1)] == 0.0


def test_integers_at_another_load():
    """No sun used: 3152 and 1532. The hours have 162, 164, 166, 168 kW: less than the 170 outside the horizon."""
    found = plan_sets(coupled_problem()).coupled
    implied = implied_integers(found, load_of((50.0, 50.0, 50.0, 50.0), 0.0), np.zeros(24))
    on = {key for key, value in implied.items() if value}
    steps = {("is_on", number) for number in (6, 8, 9, 19)}
    assert on == steps | {("reached", (0, 1)), ("reached", (0, 2)), ("attains", (2, 4))}


def test_a_rebate_that_the_load_has_reached_is_taken():
    """A solution stopped with the rebate off costs 50 more than its schedule; put right, both say the same."""
    reached = step(affine(-3040.0, during(range(24))), affine(50.0))
    asked = coupled_problem(atoms=(reached,), charged=((-1.0, 0),), export_price_per_kwh=None)
    search = search_of(asked)
    found = search.run(deadline_s=10.0, gap_share=0.0)
    assert found.values is not None
    (column,) = search.matrix.columns_of("is_on").values()
    sun = list(search.matrix.columns_of("pv_used_kw").values())
    assert found.values[column] == 1.0
    off = np.array(found.values)
    off[column] = 0.0
    assert with_implied_integers(search.sets, search.matrix, off)[column] == 1.0
    exact = search.exact(off)
    objective = float(search.matrix.cost @ exact) + search.matrix.cost_offset
    # 3040 kWh are wanted, and a millionth of the day's 120 kWh more; 112 kWh of sun are used
    assert objective == pytest.approx(3040 * 0.31 - 50, abs=1e-3)
    assert exact[sun].sum() == pytest.approx(112.0, abs=1e-3)


def test_integers_that_the_load_implies_but_the_model_forbids_are_left():
    """Just on the edge the bill counts the rebate, the model keeps clear of it: the solution stays as it was."""
    reached = step(affine(-3040.0, during(range(24))), affine(50.0))
    asked = coupled_problem(atoms=(reached,), charged=((-1.0, 0),), export_price_per_kwh=None)
    search = search_of(asked)
    sun = search.matrix.columns_of("pv_used_kw")
    fixed = {column: 28.0 if 10 <= t < 14 else 0.0 for (_, t), column in sun.items()}
    search.solver.set_limits(fixed.keys(), fixed.values(), fixed.values())
    found = search.run(deadline_s=10.0, gap_share=0.0)
    assert found.values is not None
    (column,) = search.matrix.columns_of("is_on").values()
    assert found.values[column] == 0.0
    assert with_implied_integers(search.sets, search.matrix, found.values)[column] == 1.0
    assert search.exact(found.values)[column] == 0.0


def test_a_ladder_is_climbed_as_far_as_the_load_has_come():
    asked = coupled_problem(atoms=(hinge(affine(-3100.0, during(range(24)))),), charged=((-0.2, 0),))
    search = search_of(asked)
    found = search.run(deadline_s=10.0, gap_share=0.0)
    assert found.values is not None
    (column,) = search.matrix.columns_of("reached").values()
    # 0.2 of 0.31 come back: sun is still worth using
    assert found.values[column] == 0.0
    dark = np.array(found.values)
    dark[list(search.matrix.columns_of("pv_used_kw").values())] = 0.0
    assert with_implied_integers(search.sets, search.matrix, dark)[column] == 1.0


def test_a_run_that_ends_on_the_edge_itself_is_priced_as_bills_do():
    """100 kWh in the morning waive 500: base 40, a run of 60 makes it 100 exactly, another of 30 would spoil it."""
    morning = during(range(4))
    waived = step(affine(100.0, -morning), affine(-500.0))
    runs = plan(grid(), tasks=(task("R", 60.0, 1, latest_end=hour(4)), task("Q", 30.0, 1)))
    asked = problem(grid(), 10.0, plan=runs, terms=terms(grid(), 0.5, atoms=(waived,), charged=((1.0, 0),)))
    assert best_cost(asked) == pytest.approx(0.5 * 330 - 500)
    # the search's own numbers may lie a hair above the edge
    search = search_of(asked)
    found = search.run(deadline_s=10.0, gap_share=0.0)
    assert found.values is not None
    noisy = found.values + 1e-9
    exact = search.exact(noisy)
    assert float(search.matrix.cost @ exact) + search.matrix.cost_offset == pytest.approx(0.5 * 330 - 500)


@pytest.mark.parametrize(
    ("peak_kw", "is_over"), [(50.0, 0.0), (80.0, 0.0), (80.0 + 1e-9, 0.0), (80.0 - 1e-5, 0.0), (80.001, 1.0)]
)
def test_a_jump_is_implied_just_where_the_bill_owes_it(peak_kw: float, is_over: float) -> None:
    """A search ended at 2015.9000000000005 kW beside a threshold of 2015.9: the model paid a jump that the bill did not."""
    charged = DemandTerm(
        label="contract",
        price_per_kw=12.0,
        block_of_step=np.arange(24),
        other_peak_kw=np.array([60.0]),
        contract_kw=70.0,
        thresholds_kw=(80.0,),
        multipliers=(2.0,),
        jump_kw=5.0,
    )
    horizon = grid()
    sets = plan_sets(problem(horizon, terms=terms(horizon, demand=(charged,))))
    load = np.full(24, 40.0)
    load[7] = peak_kw
    assert implied_jumps(sets, load)["over", 0] == is_over
    extra_kw = charged.billed_kw(np.array([peak_kw])) - replace(charged, jump_kw=0.0).billed_kw(np.array([peak_kw]))
    assert extra_kw[0] == pytest.approx(5.0 * is_over)
