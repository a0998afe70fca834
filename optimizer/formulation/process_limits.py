r"""What a process lets the site draw: bounds of its load in each step and of any weighted sum of the steps.

In a step it draws between the least and the most that being off, being on or starting allow. Over a group of steps its
rates add up to :math:`R` and it is on in :math:`N` of them, where :math:`R / \bar r \le N \le R / \underline r`, so its
sum :math:`f N + k R` (fixed and per unit) is least with the fewest steps on and greatest with the most; both are
piecewise linear in :math:`R`, and their ends lie at its limits or where the other limit of :math:`N` takes over. Groups
are the spans of its quotas, or the whole horizon with what a store that nothing else moves makes of :math:`R`.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Store
from optimizer.formulation.knapsack import Span, most_filled
from optimizer.formulation.process_sets import ProcessSteps, QuotaSteps

IntArray = npt.NDArray[np.int64]


@noun(eq=False)
class LoadGroup:
    """Some steps and the least and greatest sum of a process' load over them."""

    steps: IntArray
    sum_kw: Span
    """[kW]"""


@noun(eq=False)
class ProcessLimits:
    """Bounds of a process' load; arrays have shape (n_steps,)."""

    least_kw: FloatArray
    most_kw: FloatArray
    partitions: tuple[tuple[LoadGroup, ...], ...]
    """Ways to part the horizon into groups; each gives bounds of its own."""
    is_rigid: bool
    """Whether its load moves in whole blocks only."""

    @property
    def sum_kw(self) -> Span:
        """Least and greatest sum of the load over the horizon. [kW]."""
        sums = [np.sum([group.sum_kw for group in groups], axis=0) for groups in self.partitions]
        return max(float(least) for least, _ in sums), min(float(most) for _, most in sums)

    def most(self, weights: FloatArray) -> float:
        """Bound Σ weight·load from above."""
        return min(sum(self._most_of(group, weights) for group in groups) for groups in self.partitions)

    def _most_of(self, group: LoadGroup, weights: FloatArray) -> float:
        limits = self.least_kw[group.steps], self.most_kw[group.steps]
        return most_filled(weights[group.steps], limits, group.sum_kw)


def process_limits(one: ProcessSteps, problem: ResponseProblem) -> ProcessLimits:
    """Bound what a process can draw."""
    process = one.process
    if not process.movable:
        return _as_planned(one)
    least_kw, most_kw = _by_step(one)
    every = np.arange(one.may_run.size)
    spans = _apart(one.quotas.values())
    quotas = [_group(one, np.arange(span.first, span.stop), _units(one, span)) for span in spans]
    inside = np.zeros(every.size, dtype=bool)
    for span in spans:
        inside[span.first : span.stop] = True
    rest = _group(one, every[~inside], (0.0, np.inf))
    stored = [_through(one, store, problem) for store in problem.plan.stores]
    whole = _group(one, every, (max([0.0, *(a for a, _ in stored)]), min([np.inf, *(b for _, b in stored)])))
    return ProcessLimits(
        least_kw=least_kw,
        most_kw=most_kw,
        partitions=((*quotas, rest), (whole,)),
        is_rigid=one.least == one.most or process.kwh_per_unit == 0,
    )


def _as_planned(one: ProcessSteps) -> ProcessLimits:
    process, on = one.process, one.planned_rate > 0
    starts = on & ~np.concatenate([[one.was_on], on[:-1]])
    drawn = process.fixed_kw * on + process.kwh_per_unit * one.planned_rate + process.start_kwh / one.step_h * starts
    total = float(drawn.sum())
    group = LoadGroup(steps=np.arange(drawn.size), sum_kw=(total, total))
    return ProcessLimits(least_kw=drawn, most_kw=drawn, partitions=((group,),), is_rigid=True)


def _by_step(one: ProcessSteps) -> tuple[FloatArray, FloatArray]:
    process = one.process
    per_rate = process.kwh_per_unit
    ends = [process.fixed_kw + per_rate * rate for rate in (one.least, one.most)]
    starting = [process.fixed_kw + per_rate * rate for rate in (one.least, one.start_most)]
    may_start = one.may_run & ~one.must_run
    may_start[0] |= one.must_run[0] and not one.was_on
    warm_up_kw = process.start_kwh / one.step_h if one.counts_starts else 0.0
    while_on = np.where(may_start, max(*ends, max(starting) + warm_up_kw), max(ends))
    least_kw = np.where(one.must_run, min(ends), np.minimum(0.0, min(ends)))
    most_kw = np.where(one.must_run, while_on, np.maximum(0.0, while_on))
    return np.where(one.may_run, least_kw, 0.0), np.where(one.may_run, most_kw, 0.0)


def _apart(quotas: Iterable[QuotaSteps]) -> list[QuotaSteps]:
    """Give quotas that do not overlap, those that end first before others; any of them may be left out."""
    found: list[QuotaSteps] = []
    for one in sorted(quotas, key=lambda quota: (quota.stop, -quota.first)):
        if not found or one.first >= found[-1].stop:
            found.append(one)
    return found


def _units(one: ProcessSteps, span: QuotaSteps) -> Span:
    """Give the least and greatest sum of the rates that a quota asks for. [unit / h]."""
    least = 0.0 if span.quota.shortfall_cost_per_unit is not None else span.quota.least
    most = np.inf if span.quota.most is None else span.quota.most
    return least / one.step_h, most / one.step_h


def _group(one: ProcessSteps, steps: IntArray, rates: Span) -> LoadGroup:
    """Bound the sum of the load over some steps from the sum of the rates there."""
    process, n_may, n_must = one.process, int(one.may_run[steps].sum()), int(one.must_run[steps].sum())
    if n_may == 0:
        return LoadGroup(steps=steps, sum_kw=(0.0, 0.0))
    most = min(rates[1], one.most * n_may)
    least = min(max(rates[0], one.least * n_must), most)
    fewest = _ends(process.fixed_kw, process.kwh_per_unit, (least, most), one.most * n_must)
    lows = [process.fixed_kw * max(rate / one.most, n_must) + process.kwh_per_unit * rate for rate in fewest]
    longest = _ends(process.fixed_kw, process.kwh_per_unit, (least, most), one.least * n_may)
    highs = [process.fixed_kw * _most_on(one, rate, n_may) + process.kwh_per_unit * rate for rate in longest]
    warm_up_kw = process.start_kwh / one.step_h * _most_starts(one, steps)
    return LoadGroup(steps=steps, sum_kw=(min(lows), max(highs) + warm_up_kw))


def _ends(fixed_kw: float, per_rate: float, rates: Span, turn: float) -> tuple[float, ...]:
    """Give where a broken line over a span can be least or greatest: its ends and its turn."""
    return (rates[0], rates[1], min(max(turn, rates[0]), rates[1])) if fixed_kw and per_rate else rates


def _most_on(one: ProcessSteps, rate: float, n_may: int) -> float:
    return float(n_may) if one.least == 0 else min(rate / one.least, float(n_may))


def _most_starts(one: ProcessSteps, steps: IntArray) -> float:
    """Bound how often a process can start within some steps."""
    if not one.counts_starts or not one.process.start_kwh:
        return 0.0
    n_steps = int(steps[-1]) + 1 - int(steps[0])
    most = min(int(one.may_run[steps].sum()), -(-n_steps // (one.n_run_steps + one.n_pause_steps)))
    if one.process.max_starts_count is not None:
        days = sum(any(steps[0] <= t <= steps[-1] for t in (day.start, day.stop - 1)) for day in one.days)
        most = min(most, one.process.max_starts_count * max(days, 1))
    return float(most)


def _through(one: ProcessSteps, store: Store, problem: ResponseProblem) -> Span:
    """Bound the sum of a process' rates by a store that keeps all it gets and that only this process and runs move.

    What it brings is what the level gains, what is drawn, and what runs take less what they bring. [unit / h]
    """
    per_unit = _only_rate(one, store, problem)
    if not per_unit:
        return 0.0, np.inf
    drawn = sum(draw.quantity for draw in store.draws if 0 <= problem.horizon.step_of(draw.at) < one.may_run.size)
    runs = _brought_by_runs(store, problem)
    gained = store.least_at_end - store.start_level, store.most_at_end - store.start_level
    ends = sorted((gained[end] + drawn - runs[1 - end]) / (per_unit * one.step_h) for end in (0, 1))
    return max(0.0, ends[0]), max(0.0, ends[1])


def _only_rate(one: ProcessSteps, store: Store, problem: ResponseProblem) -> float:
    """Give what a unit brings to a store where nothing else continuous moves it; else 0. [store.unit / unit]."""
    if store.decay_share_per_h or store.disposal_cost_per_unit is not None:
        return 0.0
    movers = [
        (process.process_id, flow)
        for process in problem.plan.processes
        for flow in process.flows
        if flow.store_id == store.store_id
    ]
    if len(movers) != 1 or movers[0][0] != one.process.process_id or movers[0][1].quantity_per_h:
        return 0.0
    return movers[0][1].quantity_per_unit


def _brought_by_runs(store: Store, problem: ResponseProblem) -> Span:
    """Bound what all runs bring to a store together. [store.unit]."""
    least = most = 0.0
    for task in problem.plan.tasks:
        ways = [sum(flow.quantity for flow in way.flows if flow.store_id == store.store_id) for way in task.ways()]
        counts = (task.count if task.min_count is None or not task.movable else task.min_count, task.count)
        ends = [n * share * way for n in counts for share in (task.least_lot_share, 1.0) for way in ways]
        least, most = least + min(ends), most + max(ends)
    return least, most
