"""Ways, optional runs, shared people and steam: no enumerated choice of runs is cheaper."""

from collections.abc import Iterator
from datetime import time
from itertools import combinations_with_replacement, product

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.plant import (
    Flow,
    Mode,
    PowerPhase,
    Precedence,
    Shift,
    Store,
    StoreDraw,
    Task,
    Utility,
    UtilityGap,
    UtilityUse,
)
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_answers import compare
from tests.optimizer_cases import EXACT, demand, grid, hour, machine, plan, problem, site, task, terms

HORIZON = grid()
Chosen = tuple[tuple[Task, int], ...]
"""Runs: the way as a plain task, the hour in which it starts."""


def shared_problem(seed: int) -> ResponseProblem:
    """Make two tasks with a second way each, one of them optional but for a store, few people, little steam."""
    random = np.random.default_rng(seed)

    def uses(most: int) -> tuple[UtilityUse, ...]:
        return (UtilityUse(utility_id="S", quantity=float(random.integers(0, most))),)

    def mode(hours: float) -> Mode:
        return Mode(
            mode_id="other",
            machine_ids=(f"M{random.integers(2)}",),
            phases=(PowerPhase(power_kw=float(random.integers(30, 200)), duration_min=round(hours * 60)),),
            flows=(Flow(store_id="I", quantity=float(random.integers(2, 6))),) if random.random() < 0.5 else None,
            utilities=uses(5) if random.random() < 0.7 else None,
            crew_count=float(random.integers(0, 3)) if random.random() < 0.7 else None,
            start_cost=float(random.integers(0, 25)) if random.random() < 0.5 else None,
        )

    first = int(random.integers(0, 8))
    tasks = (
        task(
            "A",
            float(random.integers(50, 250)),
            float(random.choice([1.5, 2.0, 3.0])),
            "M0",
            count=2,
            min_count=int(random.integers(0, 3)),
            flows=(
                Flow(
                    store_id="I",
                    quantity=float(random.integers(2, 6)),
                    when=str(random.choice(["start", "end", "evenly"])),
                ),
            ),
            crew_count=float(random.integers(0, 3)),
            utilities=uses(4),
            start_cost=7.0,
            modes=(mode(float(random.choice([1.0, 2.5, 4.0]))),),
            earliest=hour(2),
            latest_end=hour(10),
        ),
        task(
            "B",
            float(random.integers(50, 250)),
            2,
            "M1",
            earliest=hour(first),
            latest_end=hour(first + 6),
            crew_count=float(random.integers(0, 3)),
            utilities=uses(4),
            modes=(mode(float(random.choice([1.0, 3.0]))),),
        ),
        task("C", 90.0, 1.5, "M1", earliest=hour(first), latest_end=hour(first + 9), modes=(mode(2.5),)),
    )
    return problem(
        HORIZON,
        base_kw=random.uniform(20, 90, 24),
        plan=plan(
            HORIZON,
            machines=(machine("M0"), machine("M1")),
            tasks=tasks,
            precedences=(Precedence(before="B", after="C", min_gap_min=30, max_gap_min=300),)
            if random.random() < 0.6
            else (),
            stores=(
                Store(
                    store_id="I",
                    name="silo",
                    unit="t",
                    max_level=15.0,
                    start_level=3.0,
                    end_min_level=float(random.integers(0, 4)),
                    draws=(StoreDraw(at=hour(20.5), quantity=float(random.integers(0, 7))),),
                ),
            ),
            utilities=(
                Utility(
                    utility_id="S",
                    name="steam",
                    unit="t/h",
                    limit=5.0,
                    gaps=(UtilityGap(start=hour(3.5), end=hour(6), limit=2.0),),
                    price_per_unit_h=float(random.choice([0.0, 3.0])),
                ),
            ),
            shifts=(
                Shift(name="day", start=time(4), end=time(14), wage_per_h=21.0, people_count=2.0),
                Shift(
                    name="evening",
                    start=time(14),
                    end=time(22),
                    wage_per_h=29.0,
                    people_count=3.0 if random.random() < 0.5 else None,
                ),
            ),
        ),
        site=site(import_limit_kw=500.0),
        terms=terms(
            HORIZON,
            random.uniform(0.1, 1.3, 24).round(2),
            (demand(HORIZON, price_per_kw=float(random.integers(0, 4))),),
        ),
    )


def choices(asked: ResponseProblem, one: Task) -> Iterator[Chosen]:
    """Give every set of runs of a task."""
    first, last = asked.plan.window_of(one)
    single = [
        (way, s)
        for way in one.ways()
        for s in range(24)
        if hour(s) >= first and hour(s) + way.duration <= last and s - (-way.duration_min // 60) <= 24
    ]
    least = one.count if one.min_count is None else one.min_count
    for count in range(least, one.count + 1):
        yield from combinations_with_replacement(single, count)


def people(hour_of_day: int, asked: ResponseProblem) -> float:
    """Give how many people are there: nobody at night."""
    if 4 <= hour_of_day < 14:
        return 2.0
    if 14 <= hour_of_day < 22:
        return np.inf if asked.plan.shifts[1].people_count is None else asked.plan.shifts[1].people_count
    return 0.0


def cost_of(chosen: Chosen, asked: ResponseProblem) -> float:
    """Replay runs hour by hour; infinite where they break a limit."""
    load, crew, steam = np.array(asked.base_kw), np.zeros(24), np.zeros(24)
    taken, brought, cost = {"M0": np.zeros(24), "M1": np.zeros(24)}, np.zeros(24), 0.0
    for way, s in chosen:
        n_hours = -(-way.duration_min // 60)
        for offset in range(n_hours):
            load[s + offset] += way.phases[0].power_kw * min(60, way.duration_min - 60 * offset) / 60
        held = slice(s, s + n_hours)
        taken[way.machine_ids[0]][held] += 1
        crew[held] += way.crew_count
        steam[held] += sum(use.quantity for use in way.utilities)
        cost += way.start_cost
        for flow in way.flows:
            if flow.when == "evenly":
                brought[held] += flow.quantity / n_hours
            else:
                brought[s if flow.when == "start" else s + n_hours - 1] += flow.quantity
    there = np.array([people(t, asked) for t in range(24)])
    limit = np.array([2.0 if 3 <= t < 6 else 5.0 for t in range(24)])
    silo = asked.plan.stores[0]
    brought[20] -= silo.draws[0].quantity
    level = silo.start_level + np.cumsum(brought)
    broken = (
        max(taken["M0"].max(), taken["M1"].max()) > 1
        or (crew > there).any()
        or (steam > limit).any()
        or load.max() > 500
        or level.min() < -1e-9
        or level.max() > 15 + 1e-9
        or level[-1] < silo.end_min_level - 1e-9
    )
    if broken:
        return np.inf
    wage = np.array([21.0 if 4 <= t < 14 else 29.0 for t in range(24)])
    return (
        cost
        + asked.terms.cost(load)
        + float(crew @ wage)
        + float(steam.sum()) * asked.plan.utilities[0].price_per_unit_h
    )


def cheapest_by_enumeration(asked: ResponseProblem) -> float:
    best = np.inf
    of_a, of_b, of_c = (list(choices(asked, one)) for one in asked.plan.tasks)
    for (b,), (c,) in product(of_b, of_c):
        wait_min = 60 * c[1] - 60 * b[1] - b[0].duration_min
        if not asked.plan.precedences or 30 <= wait_min <= 300:
            best = min([best, *(cost_of((*runs, b, c), asked) for runs in of_a)])
    return best


@pytest.mark.parametrize("seed", range(16))
def test_no_enumerated_choice_of_ways_is_cheaper(seed: int):
    asked = shared_problem(seed)
    compare(asked, cheapest_by_enumeration(asked))


def test_the_dice_make_plans_of_every_kind():
    asked = [shared_problem(seed) for seed in range(16)]
    answers = []
    for one in asked:
        try:
            answers.append(best_response(one, EXACT).schedule.runs)
        except InfeasiblePlanError:
            answers.append(())
    assert sum(bool(runs) for runs in answers) >= 8
    assert any(run.mode_id == "other" for runs in answers for run in runs)
    assert {sum(run.task_id == "A" for run in runs) for runs in answers if runs} >= {1, 2}
