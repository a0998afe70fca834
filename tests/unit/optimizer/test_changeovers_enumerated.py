"""Set-ups: nothing that a recursion over times and families, or another model of each single copy, finds is cheaper."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.plant import Changeover, Interval, Task
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_answers import best_cost, compare
from tests.optimizer_cases import EXACT, demand, grid, hour, machine, plan, problem, site, task, terms
from tests.plain_mip import PlainMip

FAMILIES = ("red", "blue", "green")


def random_problem(seed: int, *, copies: int, peak: bool) -> ResponseProblem:
    """Make one machine of some copies, three to five runs of two or three families, an outage, prices by the hour."""
    random = np.random.default_rng(seed)
    horizon = grid()
    families = FAMILIES[: int(random.integers(2, 4))]
    pairs = [(a, b) for a in families for b in families if a != b]
    if len(families) == 3 and random.random() < 0.5:
        pairs.remove(("red", "green"))  # only through blue
    changes = tuple(
        Changeover(
            machine_id="M",
            from_family=a,
            to_family=b,
            duration_min=int(random.choice([30, 60, 90, 120, 180])),
            power_kw=float(random.integers(0, 60)),
            cost=float(random.integers(0, 40)),
        )
        for a, b in pairs
    )
    tasks = tuple(
        task(
            f"K{number}",
            float(random.integers(40, 200)),
            float(random.choice([1.0, 2.0, 2.5, 3.0])),
            "M",
            count=1 if number else 2,
            family=str(random.choice(families)),
            earliest=hour(int(random.integers(0, 6))),
            latest_end=hour(int(random.integers(17, 25))),
        )
        for number in range(int(random.integers(2, 4)) + copies - 1)
    )
    begin = int(random.integers(4, 20))
    return problem(
        horizon,
        base_kw=random.uniform(20, 90, 24),
        site=site(import_limit_kw=2000.0),
        plan=plan(
            horizon,
            machines=(
                machine(
                    "M",
                    count=copies,
                    family_at_start="red",
                    outages=(Interval(start=hour(begin), end=hour(begin + 2)),) if random.random() < 0.6 else (),
                ),
            ),
            tasks=tasks,
            changeovers=changes,
        ),
        terms=terms(
            horizon,
            random.uniform(0.1, 1.3, 24).round(2),
            (demand(horizon, price_per_kw=float(random.integers(1, 9))),) if peak else (),
        ),
    )


def out_of_order(asked: ResponseProblem) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say in which hours the machine is not there."""
    out = np.zeros(24, dtype=bool)
    for outage in asked.plan.machines[0].outages:
        out[
            int((outage.start - asked.horizon.start).total_seconds()) // 3600 : int(
                (outage.end - asked.horizon.start).total_seconds()
            )
            // 3600
        ] = True
    return out


def hourly_kw(power_kw: float, minutes: int) -> list[float]:
    """Give the power of a run in each of its hours."""
    return [power_kw * min(60, minutes - begun) / 60 for begun in range(0, minutes, 60)]


def cheapest_by_recursion(asked: ResponseProblem) -> float:
    """Walk through the day: stand, run or change; what is left to do and the family are all that matters."""
    price, out = asked.terms.energy_price_per_kwh, out_of_order(asked)
    tasks, changes = asked.plan.tasks, asked.plan.changeovers

    @cache
    def best(t: int, family: str, left: tuple[int, ...]) -> float:
        if t == 24:
            return 0.0 if not any(left) else np.inf
        found = best(t + 1, family, left)
        for number, one in enumerate(tasks):
            used = hourly_kw(one.phases[0].power_kw, one.duration_min)
            first, last = asked.plan.window_of(one)
            fits = first <= hour(t) and hour(t) + one.duration <= last and t + len(used) <= 24
            if left[number] and one.family == family and fits and not out[t : t + len(used)].any():
                rest = tuple(count - (place == number) for place, count in enumerate(left))
                found = min(found, float(price[t : t + len(used)] @ used) + best(t + len(used), family, rest))
        for one in changes:
            n_hours = -(-one.duration_min // 60)
            if one.from_family == family and t + n_hours <= 24 and not out[t : t + n_hours].any():
                spent = float(price[t : t + n_hours].sum()) * one.power_kw * one.duration_min / 60 / n_hours
                found = min(found, one.cost + spent + best(t + n_hours, one.to_family, left))
        return found

    return best(0, "red", tuple(one.count for one in tasks)) + float(price @ asked.base_kw)


def starts_of(one: Task, asked: ResponseProblem, out: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[int]:
    """Give the hours in which a run may start."""
    first, last = asked.plan.window_of(one)
    n_hours = -(-one.duration_min // 60)
    return [
        t
        for t in range(25 - n_hours)
        if hour(t) >= first and hour(t) + one.duration <= last and not out[t : t + n_hours].any()
    ]


def cheapest_by_copies(asked: ResponseProblem) -> float:
    """State each copy of the machine by itself: what it runs, what it is set to at the start of each hour."""
    mip, price = PlainMip(), asked.terms.energy_price_per_kwh
    drawn = [mip.column(0, 2000.0, float(price[t])) for t in range(24)]
    balance: list[dict[int, float]] = [{drawn[t]: 1.0} for t in range(24)]
    if asked.terms.demand:
        highest = mip.column(0, np.inf, asked.terms.demand[0].price_per_kw)
        for t in range(24):
            mip.row({highest: 1.0, drawn[t]: -1.0}, 0, np.inf)
    done: list[dict[int, float]] = [{} for _ in asked.plan.tasks]
    for _ in range(asked.plan.machines[0].count):
        state_copy(mip, asked, balance, done)
    for number, one in enumerate(asked.plan.tasks):
        mip.row(done[number] | {drawn[0]: 0.0}, one.count, one.count)
    for t in range(24):
        mip.row(balance[t], float(asked.base_kw[t]), float(asked.base_kw[t]))
    return mip.cheapest()


def state_copy(
    mip: PlainMip, asked: ResponseProblem, balance: list[dict[int, float]], done: list[dict[int, float]]
) -> None:
    """Add one copy: runs and changes begin only where it is set so, never two at once."""
    out = out_of_order(asked)
    held: list[dict[int, float]] = [{} for _ in range(24)]
    is_set = {(f, t): mip.column(0, 1, whole=True) for f in FAMILIES for t in range(25)}
    turned: dict[tuple[str, int], dict[int, float]] = {(f, t): {} for f in FAMILIES for t in range(1, 25)}
    for f in FAMILIES:
        mip.row({is_set[f, 0]: 1.0}, f == "red", f == "red")
    for number, one in enumerate(asked.plan.tasks):
        for t in starts_of(one, asked, out):
            runs = mip.column(0, 1, whole=True)
            done[number][runs] = 1.0
            mip.row({runs: 1.0, is_set[one.family, t]: -1.0}, -np.inf, 0)
            for offset, kw in enumerate(hourly_kw(one.phases[0].power_kw, one.duration_min)):
                held[t + offset][runs] = 1.0
                balance[t + offset][runs] = -kw
    for change in asked.plan.changeovers:
        n_hours = -(-change.duration_min // 60)
        for t in (t for t in range(25 - n_hours) if not out[t : t + n_hours].any()):
            turns = mip.column(0, 1, change.cost, whole=True)
            mip.row({turns: 1.0, is_set[change.from_family, t]: -1.0}, -np.inf, 0)
            turned[change.to_family, t + n_hours][turns] = -1.0
            turned[change.from_family, t + n_hours][turns] = 1.0
            for offset in range(n_hours):
                held[t + offset][turns] = 1.0
                balance[t + offset][turns] = -change.power_kw * change.duration_min / 60 / n_hours
    for t in range(24):
        mip.row(held[t] | {is_set["red", t]: 0.0}, 0, 1)
        for f in FAMILIES:
            mip.row({is_set[f, t + 1]: 1.0, is_set[f, t]: -1.0} | turned[f, t + 1], 0, 0)


@pytest.mark.parametrize("seed", range(24))
def test_no_walk_through_the_day_is_cheaper(seed: int):
    asked = random_problem(seed, copies=1, peak=False)
    compare(asked, cheapest_by_recursion(asked))


@pytest.mark.parametrize("seed", range(10))
def test_no_plan_of_single_copies_is_cheaper(seed: int):
    asked = random_problem(100 + seed, copies=1 + seed % 2, peak=True)
    compare(asked, cheapest_by_copies(asked))


def test_both_references_agree_and_some_plans_need_changes():
    asked = [random_problem(seed, copies=1, peak=False) for seed in range(24)]
    by_walk = [cheapest_by_recursion(one) for one in asked]
    assert sum(np.isfinite(by_walk)) >= 15
    assert [cheapest_by_copies(one) for one in asked[:6]] == pytest.approx(by_walk[:6], rel=1e-6)
    changed = [
        best_response(one, EXACT).schedule.changeovers
        for one, cost in zip(asked, by_walk, strict=True)
        if np.isfinite(cost)
    ]
    assert max(map(len, changed)) >= 2


def test_copies_keep_their_family_through_an_outage():
    # red until the outage at noon; blue after it needs a change of two hours, before or after, not within.
    horizon = grid()
    asked = problem(
        horizon,
        base_kw=10.0,
        plan=plan(
            horizon,
            machines=(machine("M", family_at_start="red", outages=(Interval(start=hour(10), end=hour(20)),)),),
            tasks=(
                task("R", 10.0, 6, "M", family="red"),
                task("B", 10.0, 3, "M", family="blue"),
            ),
            changeovers=(Changeover(machine_id="M", from_family="red", to_family="blue", duration_min=120, cost=5.0),),
        ),
        terms=terms(horizon, 0.5),
    )
    # red takes 6 of the 10 hours before the outage; the change fits before it, blue only after it (3 of 4 hours)
    answer = best_response(asked, EXACT)
    assert answer.costs.changeover_cost == 5.0
    assert best_cost(asked) == pytest.approx(0.5 * (240 + 60 + 30) + 5.0)
    shorter = replace(asked.plan, tasks=(replace(asked.plan.tasks[0], earliest=hour(3)), asked.plan.tasks[1]))
    with pytest.raises(InfeasiblePlanError):  # red ends at 9 at the earliest: no change before, none in time after
        best_response(replace(asked, plan=shorter), EXACT)


def test_a_family_that_no_change_reaches_in_time():
    horizon = grid()
    asked = problem(
        horizon,
        plan=plan(
            horizon,
            machines=(machine("M", family_at_start="red"),),
            tasks=(task("B", 10.0, 3, "M", family="blue", latest_end=hour(4)),),
            changeovers=(Changeover(machine_id="M", from_family="red", to_family="blue", duration_min=120),),
        ),
    )
    with pytest.raises(InfeasiblePlanError):
        best_response(asked, EXACT)
