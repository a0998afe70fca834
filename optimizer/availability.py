"""How much a plant can promise for a window, and at which price: the availability curve.

Each level asks the oracle again, with the response held by the settlement equations (E1)-(E9) as a commitment that is
made already and must be delivered in full. So the extra cost contains all that the level costs: energy at other hours,
the rebound, demand charges, work and wear. A schedule that holds a level holds all lower ones too: costs never fall from
level to level, and what one level needs bounds the next.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from domain import checks
from domain.offers import ResponseProblem, SolveOptions
from domain.offers.playbook import AvailabilityPoint
from domain.plant import Schedule
from domain.text import Text
from optimizer.asking import Asker
from optimizer.availability_limits import out_of_reach, what_stays
from optimizer.availability_points import LevelAnswer, curve_points
from optimizer.availability_window import FULLY, WINDOW_ID, AskedWindow, Window, on_grid
from optimizer.formulation.events import response_limits_kw
from optimizer.infeasible import InfeasiblePlanError
from optimizer.oracle import Oracle
from optimizer.outcomes import must_not_price_changes
from optimizer.search import NoPlanInTimeError

FIRST_SHARE = 0.3
"""Share of the time for the plan without any promise, with which all levels are compared. [-]"""
N_LEVELS = 6
"""Levels where none are asked for. [-]"""
TOLERANCE_KW = 1e-6
"""A response this much below a level counts as holding it. [kW]"""
WORTH_SHARE = 0.1
"""When the greatest response is sought, what a kW of it is worth, measured in the whole cost. [1 / kW]"""


def availability_curve(
    problem: ResponseProblem,
    window: Window,
    options: SolveOptions,
    levels: Sequence[float] | None = None,
    *,
    warm_start: Schedule | None = None,
) -> tuple[AvailabilityPoint, ...]:
    """Price each level of response in a window, lowest first.

    Parameters
    ----------
    problem : ResponseProblem
        Without events; a standing plan stays where the window gives no notice of its own.
    window : Window
        When, in which direction, against which baseline, told when.
    options : SolveOptions
        Deadline of the whole; gap of each search.
    levels : sequence of float, optional
        Levels to price; None: evenly up to the greatest that was found. [kW]

    Returns
    -------
    tuple of AvailabilityPoint
        Costs never fall from one possible level to the next. A level that is not possible says what stands against it.

    Raises
    ------
    WindowOffGridError
    StandingPlanPricedError
        If the window has a notice and the standing plan change costs.
    InfeasiblePlanError, NoPlanInTimeError
        If there is no plan even without any promise, or none was found in time.
    """
    if window.notice_at is not None:
        must_not_price_changes(problem)
    plain = replace(problem, events=())
    asker = Asker(options, 1 + (N_LEVELS if levels is None else len(levels)))
    oracle = Oracle(plain, asker.part(1.0))
    base = asker.ask(oracle, warm_start=warm_start, share=FIRST_SHARE)
    asked = on_grid(plain, window, base)
    if asked.from_notice is not plain:
        oracle = Oracle(asked.from_notice, asker.part(1.0))
    most: tuple[float, Schedule] | None = None
    if levels is None:
        most = _greatest_response(asked, oracle, asker)
        levels = [most[0] * (number + 1) / N_LEVELS for number in range(N_LEVELS)] if most[0] > 0 else []
    answers: list[LevelAnswer] = []
    for level_kw in sorted(set(levels)):
        checks.not_negative("availability_curve", "levels", level_kw)
        one = _held(asked, level_kw, oracle, asker)
        if one.response is None and one.is_proven:
            most = most or _greatest_response(asked, oracle, asker)
            one = replace(one, limits=(*one.limits, *what_stays(asked, most[1], most[0])))
        answers.append(one)
    return curve_points(_rebased(asked, answers), answers)


def _rebased(asked: AskedWindow, answers: Sequence[LevelAnswer]) -> AskedWindow:
    """Compare with the cheapest plan found: a search within a gap may find a better one while it holds a level."""
    found = [one.response for one in answers if one.response is not None]
    best = min([asked.base, *found], key=lambda one: one.costs.total_cost)
    return replace(asked, base=best)


def _held(asked: AskedWindow, level_kw: float, oracle: Oracle, asker: Asker) -> LevelAnswer:
    """Find the cheapest schedule that holds a level; else say what stands against it."""
    if asked.response_kw(asked.base.schedule) >= level_kw - TOLERANCE_KW:
        return LevelAnswer(level_kw=level_kw, response=asked.base)
    beyond = out_of_reach(asked, level_kw)
    if beyond:
        return LevelAnswer(level_kw=level_kw, limits=beyond, is_proven=True)
    try:
        return LevelAnswer(
            level_kw=level_kw, response=asker.ask(oracle, events=asked.terms(level_kw), warm_start=asked.base.schedule)
        )
    except InfeasiblePlanError:
        return LevelAnswer(level_kw=level_kw, is_proven=True)
    except NoPlanInTimeError:
        late = Text(
            en=f"no plan was found within {oracle.options.deadline_s:.1f} s, though none was proven impossible",
            zh=f"在 {oracle.options.deadline_s:.1f} 秒内未找到排程，但也未证明其不可行",
        )
        return LevelAnswer(level_kw=level_kw, limits=(late,))


def _greatest_response(asked: AskedWindow, oracle: Oracle, asker: Asker) -> tuple[float, Schedule]:
    """Find the greatest response that a plan can hold, or one near it. [kW].

    Each kW is paid so much that it outweighs all costs of the bill; what is found is held by a schedule.
    """
    limits = [response_limits_kw(one, asked.problem.site.import_limit_kw)[1] for one in asked.terms(0.0)]
    most_kw = max(0.0, min(limits))
    if most_kw <= 0:
        return 0.0, asked.base.schedule
    worth = max(1.0, abs(asked.base.costs.total_cost)) * WORTH_SHARE
    paid = tuple(
        replace(
            one,
            min_commitment_kw=0.0,
            max_commitment_kw=most_kw,
            pay_per_kw=worth,
            is_committed=False,
            bands=(replace(FULLY[0], per_committed=1.0),),
            promise_id=WINDOW_ID,  # one level for every step, and as it is, not in whole kW
        )
        for one in asked.terms(0.0)
    )
    found = asker.ask(oracle, events=paid, warm_start=asked.base.schedule)
    # rounded down, so that it can be asked for
    return max(0.0, math.floor((asked.response_kw(found.schedule) + TOLERANCE_KW) * 1e3) / 1e3), found.schedule
