"""Why each run starts when it starts: it is moved alone, and audit and bill say what stands against it."""

from dataclasses import replace
from typing import Literal

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.offers.reasons import BlockReason
from domain.plant import Run, Schedule, Task
from domain.plant.expand import plan_ways, possible_starts, profile_kw
from domain.text import Language, Text
from optimizer.assemble import NOTHING_KW
from optimizer.audit import audit
from optimizer.audit_costs import replayed_costs
from optimizer.audit_people import crews_of
from optimizer.audit_replay import replay_of
from optimizer.compensation import compensated_anew
from optimizer.standing import n_past
from optimizer.words import clock, filled

CENT = 0.005
"""Less than this is no saving. [currency]"""


@noun(eq=False)
class _Tried:
    """One run moved alone."""

    step: int
    energy_saving: float
    """[currency]"""
    extra_cost: float | None
    """None: it breaks a limit. [currency]"""
    demand_cost: float
    """What the bill asks more for peaks and what rests on them. [currency]"""
    violation: Text | None


def block_reasons(problem: ResponseProblem, schedule: Schedule) -> tuple[BlockReason, ...]:
    """Say for each run of a schedule why it starts when it does.

    Each run is moved alone to a start at which its energy is cheaper; all else stays. What then breaks a limit, or
    costs more, is the reason. A chain of moves could do what one alone cannot: a price tag or an alternative, found by
    planning again, tells what that is worth.
    """
    cost = _cost(schedule, problem)
    ways = plan_ways(problem.plan)
    return tuple(_reason(run, ways[run.task_id, run.mode_id], schedule, problem, cost) for run in schedule.runs)


def _reason(
    run: Run, way: Task, schedule: Schedule, problem: ResponseProblem, cost: tuple[float, float]
) -> BlockReason:
    grid = problem.horizon
    first = grid.edge_of(run.start)
    past = 0 if problem.standing is None else n_past(problem.standing, grid)
    if not way.movable or first < past:
        settled = Text(en="it may not move", zh="不可移动") if first >= past else Text(en="it has begun", zh="已经开始")
        return BlockReason(task_id=run.task_id, start=run.start, kind="settled", said=settled)
    cheaper = _cheaper_start(run, way, problem, past)
    if cheaper is None:
        said = Text(en="no other start has cheaper energy", zh="其他开始时间的电费都不更低")
        return BlockReason(task_id=run.task_id, start=run.start, kind="cheapest", said=said)
    moved = with_run_moved(schedule, run, way, cheaper[0], problem)
    return _said(run, _judged(moved, cheaper, problem, cost), problem)


def _cheaper_start(run: Run, way: Task, problem: ResponseProblem, past: int) -> tuple[int, float] | None:
    """Give a start at which a run's energy costs less, and how much less; None: there is none.

    Of those that its window, outages and crews allow the cheapest; where they allow none, the nearest of the others: then
    it is they that bind.
    """
    grid = problem.horizon
    power_kw = run.lot_share * profile_kw(way, grid.step_min)
    costs = np.correlate(problem.terms.energy_price_per_kwh, power_kw, mode="valid") * grid.step_h
    here = grid.edge_of(run.start)
    local = grid.local_starts(problem.plan.zone)
    on_rhythm = np.asarray((local.hour * 60 + local.minute) % way.start_every_min == 0)[: costs.size]
    is_cheaper = on_rhythm & (costs < costs[here] - CENT) & (np.arange(costs.size) >= past)
    possible = possible_starts(way, problem.plan, grid, problem.calendar)
    within = possible[is_cheaper[possible]]
    steps = np.flatnonzero(is_cheaper)
    if within.size:
        step = int(within[np.argmin(costs[within])])
    elif steps.size:
        step = int(steps[np.argmin(np.abs(steps - here))])
    else:
        return None
    return step, float(costs[here] - costs[step])


def _judged(moved: Schedule, cheaper: tuple[int, float], problem: ResponseProblem, cost: tuple[float, float]) -> _Tried:
    step, energy_saving = cheaper
    judged = audit(moved, problem)
    if judged.violations:
        worst = judged.violations[0]
        said = Text(en=worst.say(Language.EN).rstrip("."), zh=worst.say(Language.ZH).rstrip("。"))
        return _Tried(step=step, energy_saving=energy_saving, extra_cost=None, demand_cost=0.0, violation=said)
    total, peaks = judged.costs.total_cost, judged.costs.demand_cost + judged.costs.coupled_cost
    return _Tried(
        step=step, energy_saving=energy_saving, extra_cost=total - cost[0], demand_cost=peaks - cost[1], violation=None
    )


def with_run_moved(schedule: Schedule, run: Run, way: Task, step: int, problem: ResponseProblem) -> Schedule:
    """Give a schedule in which one run starts in another step and nothing else changes."""
    grid = problem.horizon
    power_kw = run.lot_share * profile_kw(way, grid.step_min)
    net_kw: FloatArray = schedule.import_kw - schedule.export_kw
    first = grid.edge_of(run.start)
    net_kw[first : first + power_kw.size] -= power_kw
    net_kw[step : step + power_kw.size] += power_kw
    net_kw[np.abs(net_kw) < NOTHING_KW] = 0.0
    runs = list(schedule.runs)
    runs[runs.index(run)] = replace(run, start=grid.at(step))
    ordered = tuple(sorted(runs, key=lambda one: (one.start, one.task_id)))
    if problem.base_kvar is not None:  # compensators follow the load
        return compensated_anew(replace(schedule, runs=ordered), net_kw, problem)
    return replace(
        schedule,
        runs=ordered,
        import_kw=np.maximum(net_kw, 0.0),
        export_kw=np.maximum(-net_kw, 0.0),
    )


def _cost(schedule: Schedule, problem: ResponseProblem) -> tuple[float, float]:
    """Give what a schedule costs, and of that what rests on peaks and sums. [currency]."""
    crews = crews_of(problem.plan, problem.horizon, problem.calendar)
    costs = replayed_costs(replay_of(schedule, problem.plan), problem, crews)
    return costs.total_cost, costs.demand_cost + costs.coupled_cost


def _said(run: Run, tried: _Tried, problem: ResponseProblem) -> BlockReason:
    """Tell what a limit forbids, or what the bill or the work makes dearer."""
    words = {
        "at": clock(problem.horizon.at(tried.step), problem),
        "saving": f"{tried.energy_saving:,.2f}",
        "currency": problem.terms.currency,
    }
    kind: Literal["limit", "peak", "cost"]
    if tried.violation is not None:
        kind = "limit"
        said = filled(
            "at {at} its energy would cost {saving} {currency} less, but: {why}",
            "若改在{at}，电费可少 {saving} {currency}，但：{why}",
            why=tried.violation,
            **words,
        )
    elif tried.demand_cost >= tried.energy_saving:
        kind = "peak"
        said = filled(
            "at {at} its energy would cost {saving} {currency} less, but what the bill asks for peaks and sums "
            "{peaks} {currency} more",
            "若改在{at}，电费可少 {saving} {currency}，但需量等费用增加 {peaks} {currency}",
            peaks=f"{tried.demand_cost:,.2f}",
            **words,
        )
    else:
        kind = "cost"
        extra = tried.extra_cost or 0.0
        said = filled(
            "at {at} its energy would cost {saving} {currency} less, and the whole plan {extra} {currency} {more}",
            "若改在{at}，电费可少 {saving} {currency}，而整个计划{more} {extra} {currency}",
            extra=f"{abs(extra):,.2f}",
            more=Text(en="more", zh="多花")
            if extra >= 0
            else Text(en="less (within the gap)", zh="少花（在差距之内）"),
            **words,
        )
    return BlockReason(
        task_id=run.task_id,
        start=run.start,
        kind=kind,
        tried_start=problem.horizon.at(tried.step),
        energy_saving=tried.energy_saving,
        extra_cost=tried.extra_cost,
        said=said,
    )
