"""A new schedule stays below the import limit by the reserve kept for an uncertain base load."""

from dataclasses import replace

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from optimizer.infeasible import InfeasiblePlanError
from optimizer.oracle import Oracle
from optimizer.response import best_response
from optimizer.search import NoPlanInTimeError
from scenarios import asking
from scenarios.asking import answer
from tests.optimizer_cases import EXACT, grid, hour, machine, plan, problem, site, task, terms

GRID = grid()
PRICE = np.where(np.arange(GRID.n_steps) < 6, 0.2, 0.9)


def asked(reserve_kw=None):
    reserve = None if reserve_kw is None else np.where(np.arange(GRID.n_steps) < 6, reserve_kw, 0.0)
    return problem(
        GRID,
        base_kw=500.0,
        site=site(import_limit_kw=830.0),
        plan=plan(GRID, machines=(machine("M"),), tasks=(task("A", 310.0, 2, "M", latest_end=hour(20)),)),
        terms=terms(GRID, PRICE),
        import_reserve_kw=reserve,
    )


def start_of(response):
    (run,) = response.schedule.runs
    return GRID.edge_of(run.start)


def test_without_a_reserve_the_run_takes_the_cheap_hours():
    assert start_of(best_response(asked(), EXACT)) <= 4


def test_a_reserve_that_is_too_small_to_matter_changes_nothing():
    assert start_of(best_response(asked(20.0), EXACT)) <= 4


def test_a_reserve_moves_the_run_out_of_the_steps_that_need_it():
    found = best_response(asked(21.0), EXACT)
    assert start_of(found) >= 6
    assert (found.schedule.import_kw[:6] <= 830.0 - 21.0).all()


def test_a_plan_that_fits_only_without_the_reserve_is_still_answered():
    tight = replace(asked(), import_reserve_kw=np.full(GRID.n_steps, 100.0))
    with pytest.raises(InfeasiblePlanError):
        best_response(tight, EXACT)
    assert start_of(answer(tight, EXACT, None)) <= 4


def test_where_the_clock_decided_the_answer_is_kept_for_a_replay(monkeypatch):
    class TooSlowWithAReserve(Oracle):
        def respond(self, *asked, **named):
            if self.problem.import_reserve_kw is not None:
                raise NoPlanInTimeError(deadline_s=self.options.deadline_s)
            return super().respond(*asked, **named)

    assert answer(asked(21.0), EXACT, None).solve.stopped_by == "optimal"
    monkeypatch.setattr(asking, "Oracle", TooSlowWithAReserve)
    found = answer(asked(21.0), EXACT, None)
    assert found.solve.stopped_by == "deadline"
    assert start_of(found) <= 4


def test_a_plan_that_fits_in_no_way_is_refused_all_the_same():
    hopeless = replace(asked(50.0), site=site(import_limit_kw=700.0))
    with pytest.raises(InfeasiblePlanError):
        answer(hopeless, EXACT, None)


def test_a_crooked_reserve_is_refused():
    with pytest.raises(InvalidFieldError, match="import_reserve_kw"):
        replace(asked(), import_reserve_kw=np.ones(3))
