"""Goods that do not keep, lots that may be smaller: nothing enumerated or stated run by run is cheaper."""

from collections import deque
from itertools import combinations_with_replacement, pairwise

import numpy as np
import pytest

from domain.offers import ResponseProblem
from domain.plant import Flow, Mode, PowerPhase, Store, StoreDraw
from tests.optimizer_answers import compare
from tests.optimizer_cases import demand, grid, hour, machine, plan, problem, site, task, terms
from tests.plain_mip import PlainMip

HORIZON = grid()


def dairy(seed: int) -> ResponseProblem:
    """Make a plant whose product keeps for some hours: runs bring it, customers fetch it, what is too old is thrown away."""
    random = np.random.default_rng(seed)
    return problem(
        HORIZON,
        base_kw=30.0,
        plan=plan(
            HORIZON,
            machines=(machine("M"),),
            tasks=(
                task("A", 80.0, 2, "M", count=3, flows=(Flow(store_id="I", quantity=4.0, when="evenly"),)),
                task("B", 120.0, 1, "M", earliest=hour(6), flows=(Flow(store_id="I", quantity=3.0),)),
            ),
            stores=(
                Store(
                    store_id="I",
                    name="curd",
                    unit="t",
                    max_level=100.0,
                    start_level=float(random.integers(0, 4)),
                    end_min_level=0.0,
                    max_hold_min=int(random.choice([120, 200, 300, 450])),
                    disposal_cost_per_unit=float(random.integers(1, 60)),
                    draws=tuple(
                        StoreDraw(at=hour(float(t)), quantity=float(random.integers(-2, 5)))
                        for t in random.choice(24, 5, replace=False)
                    ),
                ),
            ),
        ),
        terms=terms(HORIZON, random.uniform(0.1, 1.3, 24).round(2)),
    )


def thrown_away(asked: ResponseProblem, brought: np.ndarray) -> float:
    """Let goods queue, the oldest first; throw away what is too old; infinite where something wanted is not there."""
    silo = asked.plan.stores[0]
    keeps = (silo.max_hold_min or 0) // 60
    queue: deque[list[float]] = deque([[-1, silo.start_level]])
    wanted = np.zeros(24)
    for draw in silo.draws:
        t = int((draw.at - HORIZON.start).total_seconds()) // 3600
        if draw.quantity > 0:
            wanted[t] += draw.quantity
        else:
            brought[t] -= draw.quantity
    thrown = 0.0
    for t in range(24):
        queue.append([t, brought[t]])
        lacking = wanted[t]
        while lacking > 1e-12:
            if not queue:
                return np.inf
            taken = min(lacking, queue[0][1])
            lacking -= taken
            queue[0][1] -= taken
            if queue[0][1] <= 1e-12:
                queue.popleft()
        while queue and queue[0][0] <= t - keeps:
            thrown += queue.popleft()[1]
    return thrown


def cheapest_fifo(asked: ResponseProblem) -> float:
    price, best = asked.terms.energy_price_per_kwh, np.inf
    throwing = asked.plan.stores[0].disposal_cost_per_unit or 0.0
    for of_a in combinations_with_replacement(range(23), 3):
        if min(np.diff(of_a)) < 2:
            continue
        for b in range(6, 24):
            if any(s <= b < s + 2 for s in of_a):
                continue
            brought = np.zeros(24)
            brought[b] += 3.0
            for s in of_a:
                brought[s : s + 2] += 2.0
            thrown = thrown_away(asked, brought)
            spent = sum(80.0 * float(price[s : s + 2].sum()) for s in of_a) + 120.0 * float(price[b])
            best = min(best, spent + throwing * thrown)
    return best + 30.0 * float(price.sum())


@pytest.mark.parametrize("seed", range(10))
def test_no_queue_of_goods_is_cheaper(seed: int):
    asked = dairy(seed)
    compare(asked, cheapest_fifo(asked))


def lots_problem(seed: int) -> ResponseProblem:
    """Make heats whose size may shrink, into a store that fades, with a peak price and something to throw away."""
    random = np.random.default_rng(seed)
    return problem(
        HORIZON,
        base_kw=random.uniform(20, 90, 24),
        site=site(import_limit_kw=600.0),
        plan=plan(
            HORIZON,
            machines=(machine("M", count=2),),
            tasks=(
                task(
                    "A",
                    160.0,
                    2,
                    "M",
                    count=3,
                    min_count=1,
                    earliest=hour(2),
                    latest_end=hour(16),
                    least_lot_share=float(random.choice([0.25, 0.6])),
                    flows=(Flow(store_id="I", quantity=30.0, when="evenly"),),
                    start_cost=float(random.integers(0, 30)),
                    modes=(
                        Mode(
                            mode_id="slow",
                            machine_ids=("M",),
                            phases=(PowerPhase(power_kw=90.0, duration_min=240),),
                            flows=(Flow(store_id="I", quantity=35.0),),
                        ),
                    ),
                ),
            ),
            stores=(
                Store(
                    store_id="I",
                    name="heat",
                    unit="kWh",
                    min_level=5.0,
                    max_level=60.0,
                    start_level=30.0,
                    end_min_level=10.0,
                    end_max_level=float(random.integers(12, 50)),
                    decay_share_per_h=0.06,
                    rest_level=float(random.choice([0.0, 8.0])),
                    disposal_cost_per_unit=float(random.choice([0.2, 5.0])),
                    draws=tuple(
                        StoreDraw(at=hour(float(t)), quantity=float(random.integers(4, 18)))
                        for t in random.choice(24, 4, replace=False)
                    ),
                ),
            ),
        ),
        terms=terms(HORIZON, random.uniform(0.1, 1.3, 24).round(2), (demand(HORIZON, price_per_kw=2.5),)),
    )


def cheapest_lots(asked: ResponseProblem) -> float:
    """State runs one by one, each with its own lot."""
    mip, price, silo, work = PlainMip(), asked.terms.energy_price_per_kwh, asked.plan.stores[0], asked.plan.tasks[0]
    drawn = [mip.column(0, 600.0, float(price[t])) for t in range(24)]
    level = [mip.column(5.0, 60.0) for _ in range(24)]
    thrown = [mip.column(0, np.inf, silo.disposal_cost_per_unit or 0.0) for _ in range(24)]
    highest = mip.column(0, np.inf, 2.5)
    power: list[dict[int, float]] = [{drawn[t]: 1.0} for t in range(24)]
    held: list[dict[int, float]] = [{drawn[t]: 0.0} for t in range(24)]
    kept = 0.94
    balance = [{level[t]: 1.0, thrown[t]: 1.0} | ({level[t - 1]: -kept} if t else {}) for t in range(24)]
    used: list[int] = []
    begins: list[dict[int, float]] = []
    for _ in range(3):
        once: dict[int, float] = {}
        starts: dict[int, int] = {}
        for kw, n_hours, even, at_end in ((160.0, 2, 15.0, 0.0), (90.0, 4, 0.0, 35.0)):
            for s in range(2, 17 - n_hours):
                runs, lot = mip.column(0, 1, work.start_cost, whole=True), mip.column(0, 1)
                once[runs], starts[runs] = 1.0, s
                mip.row({lot: 1.0, runs: -1.0}, -np.inf, 0)
                mip.row({lot: 1.0, runs: -work.least_lot_share}, 0, np.inf)
                for offset in range(n_hours):
                    power[s + offset][lot] = -kw
                    held[s + offset][runs] = 1.0
                    balance[s + offset][lot] = -even - (at_end if offset == n_hours - 1 else 0.0)
        used.append(mip.column(0, 1, whole=True))
        begins.append({runs: float(s) for runs, s in starts.items()})
        mip.row(once | {used[-1]: -1.0}, 0, 0)
    mip.row({used[0]: 1.0}, 1, 1)
    for one, later in pairwise(used):
        mip.row({one: 1.0, later: -1.0}, 0, 1)
    for number, (first, second) in enumerate(pairwise(begins)):  # the runs are alike: number them in their order
        mip.row({runs: -s for runs, s in first.items()} | second | {used[number + 1]: -24.0}, -24.0, np.inf)
    out = np.zeros(24)
    for draw in silo.draws:
        out[int((draw.at - HORIZON.start).total_seconds()) // 3600] += draw.quantity
    for t in range(24):
        mip.row(power[t], float(asked.base_kw[t]), float(asked.base_kw[t]))
        mip.row(held[t], 0, 2)
        rests = silo.rest_level * (1 - kept) - out[t] + (0.0 if t else kept * 30.0)
        mip.row(balance[t], rests, rests)
        mip.row({highest: 1.0, drawn[t]: -1.0}, 0, np.inf)
    mip.row({level[23]: 1.0}, 10.0, silo.most_at_end)
    return mip.cheapest()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_no_lots_stated_run_by_run_are_cheaper(seed: int):
    asked = lots_problem(seed)
    compare(asked, cheapest_lots(asked))
