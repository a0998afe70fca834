"""Answers at several levels written as a curve: costs that never fall, bounds carried up, what moves at each."""

from collections.abc import Sequence

import numpy as np

from domain.noun import noun
from domain.offers import CostParts, Response
from domain.offers.playbook import AvailabilityPoint
from domain.text import Text
from optimizer.actions import changed_actions
from optimizer.availability_window import WINDOW_ID, AskedWindow


@noun(eq=False)
class LevelAnswer:
    """What the oracle said about one level."""

    level_kw: float
    response: Response | None = None
    """None: the level cannot be held, or no plan was found in time."""
    limits: tuple[Text, ...] = ()
    """Why not."""
    is_proven: bool = False
    """Whether it is proven that the level cannot be held."""


def curve_points(asked: AskedWindow, answers: Sequence[LevelAnswer]) -> tuple[AvailabilityPoint, ...]:
    """Carry cheaper answers down to lower levels and bounds up to higher ones, and write each level's point."""
    best: list[Response | None] = []
    cheapest: Response | None = None
    for one in reversed(answers):
        response = one.response
        if response is not None and (cheapest is None or response.costs.total_cost < cheapest.costs.total_cost):
            cheapest = response
        best.append(cheapest)
    points: list[AvailabilityPoint] = []
    bound = 0.0
    before: tuple[float, float] = (0.0, 0.0)
    for one, response in zip(answers, reversed(best), strict=True):
        if one.response is not None:
            bound = max(bound, one.response.solve.bound - asked.base.costs.total_cost)
        if response is None:
            points.append(_impossible(one.level_kw, one.limits))
            continue
        points.append(_point(asked, one.level_kw, response, bound, before))
        before = (one.level_kw, points[-1].extra_cost or 0.0)
    return tuple(points)


def _impossible(level_kw: float, limits: tuple[Text, ...]) -> AvailabilityPoint:
    return AvailabilityPoint(
        level_kw=level_kw,
        is_possible=False,
        extra_cost=None,
        least_extra_cost=None,
        pay_per_kwh=None,
        pay_per_kw=None,
        next_kw_cost=None,
        energy_cost=None,
        demand_cost=None,
        work_cost=None,
        rebound_kwh=None,
        actions=(),
        limits=limits,
        response=None,
    )


def _point(
    asked: AskedWindow, level_kw: float, response: Response, bound: float, before: tuple[float, float]
) -> AvailabilityPoint:
    base = asked.base
    extra = max(0.0, response.costs.total_cost - base.costs.total_cost)
    energy, demand, work = _split(response.costs, base.costs)
    more_kw = asked.window.sign * (response.schedule.import_kw - base.schedule.import_kw)
    outside = np.ones(more_kw.size, dtype=bool)
    outside[asked.first : asked.stop] = False
    kw = level_kw or None
    further_kw = level_kw - before[0]
    return AvailabilityPoint(
        level_kw=level_kw,
        is_possible=True,
        extra_cost=extra,
        least_extra_cost=min(bound, extra),
        pay_per_kwh=None if kw is None else extra / (kw * asked.hours),
        pay_per_kw=None if kw is None else extra / kw,
        next_kw_cost=(extra - before[1]) / further_kw if further_kw > 0 else None,
        energy_cost=energy,
        demand_cost=demand,
        work_cost=work,
        rebound_kwh=float(more_kw[outside].clip(min=0.0).sum()) * asked.problem.horizon.step_h,
        actions=changed_actions(asked.problem, base.schedule, response.schedule, event_id=WINDOW_ID),
        limits=(),
        response=response,
    )


def _split(costs: CostParts, base: CostParts) -> tuple[float, float, float]:
    """Split an extra cost into energy, demand and what rests on several quantities, and work."""
    energy = costs.energy_cost - base.energy_cost
    demand = costs.demand_cost + costs.coupled_cost - base.demand_cost - base.coupled_cost
    return energy, demand, (costs.production_cost - base.production_cost)
