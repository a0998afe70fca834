"""No plan that enumeration finds is cheaper than the oracle's."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement, product

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.plant import (
    Order,
    Precedence,
    Task,
)
from domain.programmes.terms import EventTerm
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_answers import best_cost
from tests.optimizer_cases import (
    EXACT,
    START,
    demand,
    event,
    grid,
    hour,
    machine,
    plan,
    problem,
    site,
    task,
    terms,
)

HOURS = np.arange(24)
TOU = np.where(HOURS < 8, 0.3, np.where((HOURS >= 18) & (HOURS < 22), 1.2, 0.7))


def random_problem(seed: int) -> ResponseProblem:
    """Make a plant of two or three tasks on one or two machines, with whatever else the dice say."""
    random = np.random.default_rng(seed)
    horizon = grid()
    tasks: list[Task] = []
    for number in range(int(random.integers(2, 4))):
        first = int(random.integers(0, 12))
        last = min(24, first + int(random.integers(8, 13)))
        tasks.append(
            task(
                f"K{number}",
                float(random.integers(50, 300)),
                float(random.choice([1.5, 2.0, 3.0])),
                f"M{random.integers(2)}",
                earliest=hour(first),
                latest_end=hour(last),
                count=2 if number == 0 and random.random() < 0.4 else 1,
                order_id="O" if random.random() < 0.5 else None,
                start_cost=float(random.integers(0, 20)),
            )
        )
    singles = [one.task_id for one in tasks if one.count == 1]
    links = (
        (Precedence(before=singles[0], after=singles[1], min_gap_min=30, max_gap_min=480),)
        if len(singles) > 1 and random.random() < 0.5
        else ()
    )
    contract = random.random() < 0.5
    peak = demand(
        horizon,
        price_per_kw=float(random.integers(1, 20)),
        block_of_step=HOURS // int(random.choice([1, 2])),
        other_peak_kw=random.uniform(100, 450, 3),
        **(
            {"contract_kw": 280.0, "thresholds_kw": (294.0, 350.0), "multipliers": (2.0, 3.0), "jump_kw": 14.0}
            if contract
            else {}
        ),
    )
    price = TOU - (0.5 if random.random() < 0.3 else 0.0)
    call = event(
        first=int(random.integers(6, 18)),
        stop=20,
        baseline_kw=float(random.integers(150, 320)),
        min_commitment_kw=20.0,
        max_commitment_kw=150.0,
        pay_per_kw=float(random.uniform(0, 6)),
        penalty_per_kw=float(random.choice([0.0, 2.0])),
        sign=int(random.choice([1, -1])),
    )
    return problem(
        horizon,
        base_kw=random.uniform(60, 160, 24),
        site=site(import_limit_kw=600.0),
        plan=plan(
            horizon,
            machines=(machine("M0"), machine("M1", count=2)),
            orders=(Order(order_id="O", due=hour(12), lateness_cost_per_h=9.0),),
            tasks=tuple(tasks),
            precedences=links,
        ),
        terms=terms(horizon, price, (peak,), 77.0),
        events=(call,) if random.random() < 0.7 else (),
    )


def every_plan(asked: ResponseProblem) -> Iterator[dict[str, tuple[int, ...]]]:
    """Give every combination of hourly starts that machines and precedences allow."""
    choices = []
    for one in asked.plan.tasks:
        first, last = asked.plan.window_of(one)
        least = -((START - first) // asked.horizon.step)
        most = (last - one.duration - START) // asked.horizon.step
        held = -(-one.duration_min // 60)
        steps = [step for step in range(least, most + 1) if step + held <= 24]
        choices.append(list(combinations_with_replacement(steps, one.count)))
    for chosen in product(*choices):
        starts = {one.task_id: steps for one, steps in zip(asked.plan.tasks, chosen, strict=True)}
        taken = {one.machine_id: np.zeros(24, dtype=int) for one in asked.plan.machines}
        for one in asked.plan.tasks:
            for step in starts[one.task_id]:
                taken[one.machine_ids[0]][step : step - (-one.duration_min // 60)] += 1
        if any((taken[one.machine_id] > one.count).any() for one in asked.plan.machines):
            continue
        waits = [
            starts[link.after][0] * 60 - starts[link.before][0] * 60 - asked.plan.task(link.before).duration_min
            for link in asked.plan.precedences
        ]
        if all(30 <= wait <= 480 for wait in waits):
            yield starts


def cheapest_by_enumeration(asked: ResponseProblem) -> float:
    best = np.inf
    for starts in every_plan(asked):
        load = np.array(asked.base_kw)
        cost = 0.0
        for one in asked.plan.tasks:
            for step in starts[one.task_id]:
                whole, part = divmod(one.duration_min, 60)
                load[step : step + whole] += one.phases[0].power_kw
                if part:
                    load[step + whole] += one.phases[0].power_kw * part / 60
                cost += one.start_cost
                if one.order_id:
                    cost += 9.0 * max(0.0, step + one.duration_min / 60 - 12)
        if load.max() > asked.site.import_limit_kw:
            continue
        cost += asked.terms.cost(load)
        for call in asked.events:
            cost -= best_commitment(call, float(load[call.first : call.stop].mean()))
        best = min(best, cost)
    return best


def best_commitment(call: EventTerm, mean_kw: float) -> float:
    """Give the most an event can earn at a given load: the worth is linear between the edges of the rates."""
    response = call.delivered_kw(mean_kw)
    edges = [rate * (1 + off) for rate in (0.8, 1.0, 1.2) for off in (-1e-6, 0, 1e-6)]
    candidates = [call.min_commitment_kw, call.max_commitment_kw, *(response / rate for rate in edges)]
    usable = [kw for kw in candidates if call.min_commitment_kw <= kw <= call.max_commitment_kw]
    return max([0.0, *(call.pay(kw, mean_kw) - call.penalty(kw, mean_kw) for kw in usable)])


@pytest.mark.parametrize("seed", range(30))
def test_no_enumerated_plan_is_cheaper(seed: int):
    asked = random_problem(seed)
    by_hand = cheapest_by_enumeration(asked)
    if np.isinf(by_hand):
        with pytest.raises(InfeasiblePlanError):
            best_response(asked, EXACT)
    else:
        assert best_cost(asked) == pytest.approx(by_hand, rel=3e-6)


def test_the_dice_make_both_kinds_of_plans():
    feasible = [np.isfinite(cheapest_by_enumeration(random_problem(seed))) for seed in (19, 20)]
    assert feasible == [True, False]


def test_permuting_tasks_changes_nothing():
    asked = random_problem(4)
    turned = replace(asked, plan=replace(asked.plan, tasks=asked.plan.tasks[::-1]))
    assert best_cost(turned) == pytest.approx(best_cost(asked), rel=1e-6)
