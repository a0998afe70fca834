"""A replayed answer has the gap that was said when it was found, not one of the whole bill."""

import json
from dataclasses import replace

import numpy as np
import pytest

from domain.offers import Response
from optimizer.response import best_response
from scenarios.candidates import recorded_response
from scenarios.manifest import record_of, run_from
from tests.optimizer_cases import EXACT, grid, machine, plan, problem, task, terms

MONTH = 90_000.0
"""What the rest of the month costs, whatever the day's schedule. [currency]"""
PRICE = np.where(np.arange(24) < 8, 0.3, 0.9)
ASKED = problem(
    grid(),
    50.0,
    plan=plan(grid(), machines=(machine("M"),), tasks=(task("A", 100.0, 2, "M", count=2),)),
    terms=terms(grid(), PRICE, constant=MONTH),
)
"""50 kW all day cost 50 · (8 · 0.3 + 16 · 0.9) = 840, the runs 4 · 100 · 0.3 = 120."""


@pytest.fixture(scope="module")
def cut() -> Response:
    """Give the best plan as if a clock had left 4.8 of its 960 open."""
    found = best_response(ASKED, EXACT)
    assert found.costs.total_cost == pytest.approx(MONTH + 960)
    solve = replace(found.solve, bound=found.costs.total_cost - 4.8, gap_share=4.8 / 960, stopped_by="deadline")
    return replace(found, solve=solve)


def test_it_is_the_same_number_after_a_file(cut):
    again = recorded_response(run_from(json.loads(json.dumps(record_of(cut)))), ASKED)
    assert again.solve.gap_share == cut.solve.gap_share
    assert again.solve.bound == cut.solve.bound


def test_an_older_record_counts_it_against_what_the_month_leaves(cut):
    record = record_of(cut)
    del record["gap_share"]
    again = recorded_response(run_from(record), ASKED)
    assert again.solve.gap_share == pytest.approx(4.8 / 960, rel=1e-6)


def test_a_bound_that_is_reached_is_no_gap(cut):
    record = record_of(cut) | {"bound": cut.costs.total_cost}
    assert recorded_response(run_from(record), ASKED).solve.gap_share == 0.0
