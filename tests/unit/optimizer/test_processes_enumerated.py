"""Small processes against every pattern of being on and off, walked by hand, and a linear program for the rates.

Nothing here knows of starts, stops or facets: a pattern is a row of flags, its blocks are measured with a ruler, and two
neighbouring rates are compared with what the words of the process allow.
"""

from itertools import groupby, product
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from domain.offers import ResponseProblem
from domain.plant import Interval, Process, ProcessState, Quota
from optimizer.infeasible import InfeasiblePlanError
from optimizer.response import best_response
from tests.optimizer_cases import EXACT, grid, hour, plan, problem, terms

OPEN = (0, 1, 2, 3, 20, 21, 22, 23)
"""Hours in which the process may run; both ends of the horizon are among them."""
BASE_KW = 150.0


def drawn(seed: int) -> tuple[Process, np.ndarray]:
    """Draw a process and prices."""
    random = np.random.default_rng(seed)

    def maybe(value: Any, share: float = 0.5) -> Any:
        return value if random.random() < share else None

    least = float(random.choice([0.0, 2.0, 3.0]))
    most = least + float(random.choice([0.0, 2.5, 5.0]) if least else random.choice([4.0, 6.0]))
    is_on = bool(random.random() < 0.5)
    asked = float(random.integers(3, 12))
    quotas = [
        Quota(
            start=hour(0),
            end=hour(24),
            least=asked,
            most=maybe(asked + 1.5),
            shortfall_cost_per_unit=float(random.uniform(8, 30)),
        ),
        Quota(
            start=hour(int(random.integers(1, 3))),
            end=hour(22),
            least=maybe(2.0) or 0.0,
            most=float(asked),
            shortfall_cost_per_unit=9.0,
        ),
    ]
    process = Process(
        process_id="U",
        name="unit",
        unit="t",
        min_rate=least,
        max_rate=most,
        fixed_kw=float(random.choice([0.0, 4.0])),
        kwh_per_unit=float(random.choice([7.0, 11.0, -5.0])),
        quotas=tuple(quotas),
        hours=(Interval(start=hour(0), end=hour(4)), Interval(start=hour(20), end=hour(24))),
        min_run_min=int(random.choice([0, 45, 100, 180])),
        min_pause_min=int(random.choice([0, 60, 130])),
        max_rise_per_h=maybe(float(random.choice([1.0, 2.5, 4.0]))),
        max_fall_per_h=maybe(float(random.choice([1.5, 2.5, 3.5]))),
        start_cost=float(random.choice([0.0, 6.0])),
        start_kwh=float(random.choice([0.0, 8.0])),
        max_starts_count=maybe(1, 0.4),
        cost_per_unit=float(random.choice([0.0, 1.3])),
        cost_per_h=float(random.choice([0.0, 0.7])),
        before=ProcessState(
            is_on=is_on,
            rate=(least + most) / 2 if is_on else 0.0,
            since_min=maybe(int(random.choice([30, 60, 90])), 0.7),
        ),
    )
    return process, np.round(random.uniform(0.1, 2.0, 24), 2)


def long_enough(one: Process, pattern: tuple[bool, ...]) -> bool:
    """Measure each block of equal flags; the last may be cut by the end, the first began before."""
    blocks = [(flag, len(list(block))) for flag, block in groupby(pattern)]
    before_min = 0 if one.before.since_min is None else one.before.since_min
    if blocks[0][0] != one.before.is_on:  # what was before the horizon ended with it
        blocks = [(one.before.is_on, 0), *blocks]
    for number, (flag, n_hours) in enumerate(blocks[:-1]):
        needed_min = one.min_run_min if flag else one.min_pause_min
        if number == 0:
            if one.before.since_min is not None and before_min + 60 * n_hours < needed_min:
                return False
        elif 60 * n_hours < needed_min:
            return False
    return True


Row = tuple[int, int, float]
"""The rate of one hour may exceed that of another by so much."""


def allowed(one: Process, pattern: tuple[bool, ...]) -> tuple[np.ndarray, np.ndarray, list[Row]]:
    """Give least and greatest rates of a pattern, and what may lie between two hours in a row."""
    n = len(pattern)
    least, most, rows = np.zeros(n), np.zeros(n), []
    rise, fall = one.max_rise_per_h or np.inf, one.max_fall_per_h or np.inf
    for t in (t for t in range(n) if pattern[t]):
        least[t], most[t] = one.min_rate, one.max_rate
        if not (one.before.is_on if t == 0 else pattern[t - 1]):
            most[t] = min(most[t], max(one.min_rate, rise))
        elif t == 0:
            least[t], most[t] = max(least[t], one.before.rate - fall), min(most[t], one.before.rate + rise)
        else:
            rows += [(t, t - 1, rise), (t - 1, t, fall)]
        if t + 1 < n and not pattern[t + 1]:
            most[t] = min(most[t], max(one.min_rate, fall))
    if one.before.is_on and not pattern[0] and one.before.rate > max(one.min_rate, fall):
        least[0] = np.inf
    return least, most, rows


def best_of_pattern(one: Process, pattern: tuple[bool, ...], price: np.ndarray) -> float:
    """Give the least cost of a pattern; infinite where its rates cannot be."""
    n, n_quotas = len(pattern), len(one.quotas)
    on = np.array(pattern, dtype=float)
    began = on * (1 - np.concatenate([[float(one.before.is_on)], on[:-1]]))
    least, most, rows = allowed(one, pattern)
    if not long_enough(one, pattern) or began.sum() > (one.max_starts_count or n) or (least > most).any():
        return np.inf
    left, right = [], []
    for t, other, by in rows:
        if np.isfinite(by):
            left.append(np.eye(n + n_quotas)[t] - np.eye(n + n_quotas)[other])
            right.append(by)
    for number, quota in enumerate(one.quotas):
        inside = [float(hour(t) >= quota.start and hour(t + 1) <= quota.end) for t in range(n)]
        left.append(-np.array([*inside, *np.eye(n_quotas)[number]]))
        right.append(-quota.least)
        if quota.most is not None:
            left.append(np.array([*inside, *np.zeros(n_quotas)]))
            right.append(quota.most)
    cost = [*(one.kwh_per_unit * price + one.cost_per_unit), *(quota.shortfall_cost_per_unit for quota in one.quotas)]
    spans = [*zip(least, most, strict=True), *[(0, None)] * n_quotas]
    found = linprog(cost, A_ub=np.array(left), b_ub=right, bounds=spans)
    fixed = one.fixed_kw * price @ on + one.cost_per_h * on.sum()
    started = one.start_cost * began.sum() + one.start_kwh * price @ began
    return float(found.fun + fixed + started) if found.status == 0 else np.inf


def best_by_hand(one: Process, price: np.ndarray) -> float:
    best = np.inf
    for flags in product((False, True), repeat=len(OPEN)):
        pattern = [False] * 24
        for t, on in zip(OPEN, flags, strict=True):
            pattern[t] = on
        best = min(best, best_of_pattern(one, tuple(pattern), price))
    return best + BASE_KW * float(price.sum())


def asked(one: Process, price: np.ndarray) -> ResponseProblem:
    horizon = grid()
    return problem(horizon, base_kw=BASE_KW, plan=plan(horizon, processes=(one,)), terms=terms(horizon, price))


@pytest.mark.parametrize("seed", range(30))
def test_no_pattern_is_cheaper(seed: int):
    one, price = drawn(seed)
    expected = best_by_hand(one, price)
    if np.isinf(expected):
        with pytest.raises(InfeasiblePlanError):
            best_response(asked(one, price), EXACT)
    else:
        assert best_response(asked(one, price), EXACT).costs.total_cost == pytest.approx(expected, rel=1e-7)
