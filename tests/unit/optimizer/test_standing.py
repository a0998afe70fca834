"""The plan that people act on: what has begun stays, leaving the rest has a price."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest
from pyomo.environ import value

from domain.offers import Response, ResponseProblem, StandingPlan
from domain.plant import Interval, Process, Quota, Schedule
from optimizer.formulation import build, plan_sets
from optimizer.response import best_response
from optimizer.standing import StandingGridError, StandingRunGoneError, change_cost, n_past, standing_series
from tests.optimizer_cases import EXACT, grid, hour, machine, plan, problem, task, terms

PRICE = np.array([0.5] * 6 + [0.2] * 4 + [0.9] * 8 + [0.4] * 6)
"""cur/kWh by hour."""


def asked(**changed: Any) -> ResponseProblem:
    """Two runs of A (100 kW, 1 h) on two machines and one of B (200 kW, 2 h) on another."""
    horizon = grid()
    tasks = (task("A", 100.0, 1, "M", count=2), task("B", 200.0, 2, "N"))
    plain = plan(horizon, tasks=tasks, machines=(machine("M", count=2), machine("N")))
    return problem(horizon, 50.0, **({"plan": plain, "terms": terms(horizon, PRICE)} | changed))


def at(question: ResponseProblem, **starts: Any) -> Schedule:
    """Give a schedule with the runs at some hours, by solving the plan with nothing to move."""
    tasks = tuple(
        replace(one, movable=False, planned_starts=tuple(hour(h) for h in starts[one.task_id]))
        for one in question.plan.tasks
    )
    fixed = replace(question, plan=replace(question.plan, tasks=tasks))
    return best_response(fixed, EXACT).schedule


def hours(schedule: Schedule, task_id: str) -> list[int]:
    return [schedule.grid.edge_of(run.start) for run in schedule.runs if run.task_id == task_id]


def with_standing(question: ResponseProblem, now_h: float = 0.0, **costs: float) -> ResponseProblem:
    standing = StandingPlan(schedule=at(question, A=[1, 12], B=[13]), now=hour(now_h), **costs)
    return replace(question, standing=standing)


def test_a_planned_run_that_is_not_done_then_is_given_up():
    m = build(plan_sets(with_standing(asked(), run_change_cost=7.0)))
    assert sorted(m.UNEVEN_STARTS) == [("A", 1), ("A", 12)]
    m.run_count["A", 1].value, m.given_up_count["A", 1].value = 0, 0.75
    row = m.given_up["A", 1]
    assert value(row.body) - (0 if row.upper is None else value(row.upper)) == pytest.approx(1 - 0 - 0.75)
    m.run_count["A", 1].value = 2
    assert value(row.body) - value(row.upper) == pytest.approx(1 - 2 - 0.75)


@pytest.mark.parametrize(
    ("run_change_cost", "expected_a", "expected_b"),
    [
        (0.0, [6, 6], [6]),  # all go to the four cheap hours
        (40.0, [1, 6], [6]),  # A at 1 would save 100 × 0.3 = 30 < 40, A at 12 saves 70, B saves 400 × 0.7 = 280
        (75.0, [1, 12], [6]),  # 75 > 70
        (300.0, [1, 12], [13]),
    ],
)
def test_runs_move_where_that_saves_more_than_it_costs(run_change_cost, expected_a, expected_b):
    answer = best_response(with_standing(asked(), run_change_cost=run_change_cost), EXACT)
    found_a = hours(answer.schedule, "A")
    cheap = [6 if 6 <= h < 10 else h for h in found_a]
    assert cheap == expected_a
    assert [6 if 6 <= h < 9 else h for h in hours(answer.schedule, "B")] == expected_b
    n_moved = sum(h not in (1, 12) for h in found_a) + (hours(answer.schedule, "B") != [13])
    assert answer.costs.change_cost == pytest.approx(n_moved * run_change_cost)


def test_the_nearest_cheap_hour_is_taken_where_hours_have_a_price():
    answer = best_response(with_standing(asked(), run_shift_cost_per_h=3.0), EXACT)
    # both runs of A to 9, three hours from 12 (equal runs: the nearest counts): 9 each, saving 30 and 70;
    # B from 13 to 8, two hours within 6 … 10: 15, saving 280
    assert (hours(answer.schedule, "A"), hours(answer.schedule, "B")) == ([9, 9], [8])
    assert answer.costs.change_cost == pytest.approx(9 + 9 + 15)


def test_what_has_begun_stays_and_nothing_is_put_before_now():
    answer = best_response(with_standing(asked(), now_h=7.5), EXACT)
    assert hours(answer.schedule, "A") == [1, 8] or hours(answer.schedule, "A") == [1, 9]
    assert hours(answer.schedule, "B") == [8]
    late = best_response(with_standing(asked(), now_h=13.25), EXACT)
    assert (hours(late.schedule, "A"), hours(late.schedule, "B")) == ([1, 12], [13])


def test_a_run_that_began_and_has_no_room_any_more_is_named():
    question = with_standing(asked(), now_h=13.5)
    broken = machine("N", outages=(Interval(start=hour(14), end=hour(16)),))
    changed = replace(question, plan=replace(question.plan, machines=(machine("M", count=2), broken)))
    with pytest.raises(StandingRunGoneError, match="Task B began at 2026-11-23T13:00"):
        best_response(changed, EXACT)


def test_a_standing_plan_on_other_steps_is_refused():
    question = with_standing(asked(), now_h=3.0)
    finer = replace(question, horizon=grid(step_min=30), base_kw=np.full(48, 50.0), terms=terms(grid(step_min=30)))
    with pytest.raises(StandingGridError, match="steps of 60 min"):
        standing_series(question.standing.schedule.import_kw, question.standing, finer.horizon)


def test_steps_that_have_begun_are_past():
    standing = StandingPlan(schedule=at(asked(), A=[1, 12], B=[13]), now=hour(5.5))
    assert n_past(standing, grid()) == 6
    assert n_past(replace(standing, now=hour(5)), grid()) == 5
    assert n_past(replace(standing, now=hour(-2)), grid()) == 0
    assert n_past(replace(standing, now=hour(99)), grid()) == 24


def test_a_standing_plan_of_the_days_before_speaks_of_the_hours_it_knows():
    standing = StandingPlan(schedule=at(asked(), A=[1, 12], B=[13]), now=hour(0))
    later = grid(first=grid().start.date() + timedelta(days=1))
    theirs = standing.schedule.import_kw
    assert np.isnan(standing_series(theirs, standing, later)).all()
    two_days = grid(n_days=2)
    found = standing_series(theirs, standing, two_days)
    assert found[:24] == pytest.approx(theirs)
    assert np.isnan(found[24:]).all()


def test_no_enumerated_schedule_is_cheaper():
    question = with_standing(asked(), now_h=2.0, run_change_cost=21.0, run_shift_cost_per_h=2.5)
    answer = best_response(question, EXACT)
    cheapest = np.inf
    for first, second, b in product(range(24), range(24), range(23)):
        if min((first, second)) != 1 or min(second if first == 1 else first, b) < 2:
            continue
        energy = 100 * PRICE[first] + 100 * PRICE[second] + 200 * PRICE[b : b + 2].sum() + 50 * PRICE.sum()
        chosen, planned = Counter([first, second]), Counter([1, 12])
        gone = (planned - chosen).total() + (b != 13)
        moved = sum(min(abs(h - 1), abs(h - 12)) for h in (first, second)) + abs(b - 13)
        cheapest = min(cheapest, energy + 21.0 * gone + 2.5 * moved)
    assert answer.costs.total_cost == pytest.approx(cheapest)
    assert change_cost(answer.schedule, question) == pytest.approx(answer.costs.change_cost)


def test_a_process_keeps_its_hours_where_changing_them_costs_more():
    horizon = grid()
    mill = Process(
        process_id="Z",
        name="mill",
        unit="t",
        min_rate=10.0,
        max_rate=20.0,
        kwh_per_unit=5.0,
        quotas=(Quota(start=hour(0), end=hour(24), least=40.0),),
    )
    question = problem(horizon, 50.0, plan=plan(horizon, processes=(mill,)), terms=terms(horizon, PRICE))
    cheap = best_response(question, EXACT).schedule
    assert np.flatnonzero(cheap.processes["Z"].is_on).tolist() in ([6, 7], [6, 8], [6, 9], [7, 8], [7, 9], [8, 9])
    dear = replace(question, terms=terms(horizon, PRICE[::-1]))  # 0.2 now lies at 14 … 17 o'clock, 0.9 at 6 … 13
    standing = StandingPlan(schedule=cheap, now=hour(0), process_change_cost_per_h=80.0)

    def replanned(cost_per_h: float) -> Response:
        return best_response(replace(dear, standing=replace(standing, process_change_cost_per_h=cost_per_h)), EXACT)

    # as planned 180; two hours at the least rate and one more in a cheap hour 90 + 20 and one changed hour; all moved
    # 40 and four changed hours
    kept, eased, moved = replanned(80.0), replanned(50.0), replanned(5.0)
    assert (kept.schedule.processes["Z"].is_on == cheap.processes["Z"].is_on).all()
    assert [one.costs.change_cost for one in (kept, eased, moved)] == pytest.approx([0.0, 50.0, 20.0])
    base = 50 * PRICE.sum()
    assert [one.costs.total_cost - base for one in (kept, eased, moved)] == pytest.approx([180.0, 160.0, 60.0])
    begun = best_response(replace(dear, standing=replace(standing, process_change_cost_per_h=0.0, now=hour(9))), EXACT)
    assert (begun.schedule.processes["Z"].is_on[:9] == cheap.processes["Z"].is_on[:9]).all()
