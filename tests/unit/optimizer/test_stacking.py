"""Courses of events put together: every kind of variable either belongs to a step or to a whole course."""

from dataclasses import replace

import numpy as np
import pytest

from domain.offers import EventChance, ResponseProblem, SolveOptions
from optimizer.audit import audit
from optimizer.extensive import state
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.formulation.stacking import WHOLE_COURSE, step_of
from optimizer.outcomes import outcomes_of
from optimizer.playbook import playbook
from tests.optimizer_cases import coupled_problem, equipped_problem, event
from tests.process_cases import processed_problem
from tests.works_cases import works_problem

BY_STEP = {
    "run_count", "lot_share", "modulating_kw", "charge_kw", "discharge_kw", "charges", "soc_kwh", "pv_used_kw",
    "import_kw", "export_kw", "imports", "level", "disposed", "brought", "utility_used", "change_count", "idle_count",
    "process_rate", "process_on", "process_start", "process_stop",
}  # fmt: skip
"""Variables whose index ends with the step that decides them; a new one must be entered here, or in WHOLE_COURSE."""


@pytest.mark.parametrize("asked", [equipped_problem(), coupled_problem(), works_problem(), processed_problem()])
def test_every_variable_is_known(asked: ResponseProblem) -> None:
    matrix = compile_matrix(build(plan_sets(asked)))
    names = {name for name, _ in matrix.columns}
    assert names <= BY_STEP | WHOLE_COURSE, names - BY_STEP - WHOLE_COURSE
    for name, index in matrix.columns:
        step = step_of(name, index)
        assert (step is None) == (name in WHOLE_COURSE)
        assert step is None or 0 <= step < asked.horizon.n_steps


def with_event(asked: ResponseProblem) -> ResponseProblem:
    """Give a plant an event in the middle of its horizon, from what it would draw by itself."""
    n_steps = asked.horizon.n_steps
    first = n_steps // 2
    call = event(
        first=first,
        stop=first + 2,
        baseline_kw=float(asked.base_kw[first : first + 2].mean()) + 60.0,
        min_commitment_kw=5.0,
        pay_per_kw=3.0,
    )
    return replace(asked, events=(call,))


def test_columns_before_the_notice_are_one_and_equal_rows_too() -> None:
    asked = with_event(equipped_problem())
    outcomes = outcomes_of(asked, (EventChance(event_id="E", probability=0.4, notice_min=180),), "exclusive")
    stacked = state(outcomes)
    assert stacked is not None
    alone, called = stacked.whole.column_maps
    first, second = (part.matrix for part in stacked.parts)
    for key, column in first.column_of.items():
        other = second.column_of.get(key)
        step = step_of(*key)
        if other is not None:
            assert (alone[column] == called[other]) == (step is not None and step < 9)
    rows = stacked.whole.matrix.row_least.size
    assert rows < first.row_least.size + second.row_least.size
    # the costs add up: whatever stands in the columns, both courses' costs weighed are the whole's
    point = np.random.default_rng(1).uniform(0.0, 1.0, stacked.whole.matrix.cost.size)
    whole = float(stacked.whole.matrix.cost @ point) + stacked.whole.matrix.cost_offset
    each = [float(m.cost @ point[places]) + m.cost_offset for m, places in ((first, alone), (second, called))]
    assert whole == pytest.approx(0.6 * each[0] + 0.4 * each[1])


@pytest.mark.parametrize("method", ["extensive", "decomposed"])
@pytest.mark.parametrize("asked", [equipped_problem(), works_problem(), processed_problem()])
def test_plants_with_everything_have_playbooks(asked: ResponseProblem, method: str) -> None:
    question = with_event(asked)
    notice_min = 2 * question.horizon.step_min
    chance = EventChance(event_id="E", probability=0.4, notice_min=notice_min)
    options = SolveOptions(deadline_s=30.0, gap_share=0.01)
    book = playbook(question, (chance,), options, method=method)  # type: ignore[arg-type]
    notice = question.horizon.n_steps // 2 - 2
    plan = book.plans[0].response
    assert audit(book.base.schedule, replace(question, events=())).violations == ()
    assert audit(plan.schedule, question).violations == ()
    assert book.base.schedule.import_kw[:notice] == pytest.approx(plan.schedule.import_kw[:notice], abs=1e-5)
    for process_id, use in book.base.schedule.processes.items():
        same = plan.schedule.processes[process_id]
        assert use.rate[:notice] == pytest.approx(same.rate[:notice], abs=1e-5)
        assert (use.is_on[:notice] == same.is_on[:notice]).all()
    at = question.horizon.at(notice)
    begun = [
        [(one.task_id, one.start, one.mode_id) for one in each.runs if one.start < at]
        for each in (book.base.schedule, plan.schedule)
    ]
    assert begun[0] == begun[1]
    changed = [[one for one in each.changeovers if one.start < at] for each in (book.base.schedule, plan.schedule)]
    assert changed[0] == changed[1]
    assert book.bound <= book.expected_cost + 1e-6
