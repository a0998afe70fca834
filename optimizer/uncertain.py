"""One schedule, decided now, for a load that is known only by samples: least mean cost, or mean and tail weighed.

The mean cost is a question to the oracle like any other (``samples``). On long horizons only the windows near the peaks
are stated first; a schedule that then peaks elsewhere brings those windows in (a relaxation that is tightened, so its
bound holds all along). The tail (CVaR) is stated by (T1)-(T5) for tariffs of energy and demand charges.

What is given is billed again on every sample by the exact terms, and the commitments are the best for its load.
"""

import math
import time
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem, SolveOptions
from domain.offers.uncertainty import RiskAversion, SampleCosts
from domain.plant import Schedule
from domain.tariffs import PricedTerms
from domain.tariffs.atoms import PeakAtom
from domain.tariffs.sampled_peaks import window_weights
from domain.text import Text
from optimizer.asking import Asker
from optimizer.errors import ObjectiveMismatchError, TariffNotPlannableError
from optimizer.extract import schedule_from
from optimizer.formulation import build, compile_matrix, plan_sets
from optimizer.formulation.tail import TailSets, declare, sampled_peak
from optimizer.infeasible import InfeasiblePlanError
from optimizer.oracle import Oracle, starts_from
from optimizer.outcomes import promise_of
from optimizer.response import best_response
from optimizer.sample_costs import LIMIT_TOLERANCE_KW, best_commitment, sample_costs
from optimizer.samples import SampledProblem, reserve_kw, sampled_problem
from optimizer.search import NoPlanInTimeError, Search
from optimizer.solver import gap_share

ALL_WINDOWS_STEPS = 200
"""Up to so many steps every measurement window is stated at once. [-]"""
NEAR_PEAK_COUNT = 12
"""Windows near the peak of each sample that are stated. [-]"""
FIRST_SHARE = 0.25
"""Share of the time for the plan for the expected load, from which the search begins. [-]"""
LEAST_S = 1.0
"""With less time left no further round is begun. [s]"""
MOST_ROUNDS = 6
"""How often windows are brought in. [-]"""
AGREEMENT_SHARE = 1e-6
"""How far the model's objective may lie from the samples' exact cost. [-]"""
EXACT_SHARE = 1e-6
"""A gap this small is called optimal. [-]"""
MEAN_ONLY = RiskAversion()
Billed = tuple[Schedule, SampleCosts]
"""A schedule and what it costs on every sample."""


class TailNotStatedError(TariffNotPlannableError):
    """The tail of the costs is stated for energy prices and plain demand charges only."""

    code = "tail_not_stated"
    words = Text(
        en="Tariff {tariff_id}: {problem}, and the mean of the dearest outcomes is stated for energy prices and plain "
        "demand charges only. Plan for the mean cost (risk weight 0); its tail is reported all the same.",
        zh="电价 {tariff_id}：{problem}，而最不利结果的均值仅能对电量电价与普通需量电费建模。"
        "请按期望费用做计划（风险权重 0），其尾部费用仍会给出。",
    )


@noun(eq=False)
class UncertainResponse:
    """One schedule for all samples, and how surely it is the best."""

    schedule: Schedule
    costs: SampleCosts
    """On the samples it was made for."""
    expected_cost: float
    """[currency]"""
    tail_cost: float
    """Mean of the dearest outcomes. [currency]"""
    weighed_cost: float
    """Both, weighed as the risk aversion asks: what is minimised. [currency]"""
    bound: float
    """No schedule can have a lower weighed cost; minus infinity where nothing is proven. [currency]"""
    gap_share: float
    """(weighed cost - bound) / what of it the schedule decides: the rest of the bill apart. [-]"""
    stopped_by: Literal["optimal", "gap", "deadline"]
    n_rounds: int
    """How often windows were brought in, the first time included. [-]"""
    n_rows: int
    """Rows of the last model. [-]"""


def uncertain_response(
    problem: ResponseProblem,
    base_samples_kw: FloatArray,
    options: SolveOptions,
    *,
    risk: RiskAversion = MEAN_ONLY,
    limit_share: float | None = None,
    constants: FloatArray | None = None,
    warm_start: Schedule | None = None,
) -> UncertainResponse:
    """Find the schedule that costs least over all samples of the load.

    Parameters
    ----------
    problem : ResponseProblem
        With the samples' mean as its base load; its terms have as many samples, or one.
    base_samples_kw : FloatArray
        Shape (n_samples, n_steps). [kW]
    risk : RiskAversion
        How much the dear outcomes count besides the mean.
    limit_share : float, optional
        In each step, samples that may exceed the connection's limit; None: the problem's own reserve is kept. [-]
    constants : FloatArray, optional
        What the schedule cannot change on each sample, shape (n_samples,); None: the same on all. [currency]

    Raises
    ------
    TailNotStatedError
        If the tail counts and the tariff has more than energy prices and plain demand charges.
    SampledMeanOfPeaksError, SamplesNotPairedError
        If the expected cost cannot be stated exactly.
    InfeasiblePlanError, NoPlanInTimeError
    """
    asker = Asker(options, 1)
    if constants is not None:
        problem = replace(problem, terms=replace(problem.terms, constant=float(constants.mean())))
    asked = _Question(problem, base_samples_kw, risk, limit_share, constants)
    start = asked.first_plan(asker) if warm_start is None else warm_start
    if risk.tail_weight:
        return asked.weighed(asker.part(1.0), start)
    return asked.mean(asker, start)


class _Question:
    """One problem with its samples."""

    def __init__(
        self,
        problem: ResponseProblem,
        base_samples_kw: FloatArray,
        risk: RiskAversion,
        limit_share: float | None,
        constants: FloatArray | None,
    ) -> None:
        self.problem = problem
        self.samples_kw = base_samples_kw
        self.risk = risk
        self.limit_share = limit_share
        self.constants = constants

    def first_plan(self, asker: Asker) -> Schedule | None:
        """Give the best plan for the expected load, with the room that the samples need; None: none in time.

        It is begun from, and given where nothing better is found for the samples.
        """
        reserve = self.problem.import_reserve_kw
        if self.limit_share is not None:
            reserve = reserve_kw(self.problem, self.samples_kw, self.limit_share)
        try:
            asked = replace(self.problem, import_reserve_kw=reserve)
            return asker.ask_once(asked, warm_start=None, share=FIRST_SHARE).schedule
        except NoPlanInTimeError:
            return None

    def _known(self, schedule: Schedule | None) -> Billed | None:
        """Give a plan that is known before the search, with its costs, if it leaves the samples their room."""
        if schedule is None:
            return None
        if self.limit_share is not None:
            room_kw = self.problem.site.import_limit_kw - reserve_kw(self.problem, self.samples_kw, self.limit_share)
            if (schedule.import_kw > room_kw + LIMIT_TOLERANCE_KW).any():
                return None
        best = self.with_commitments(schedule)
        return best, self.costs_of(best)

    def _better(self, one: Billed | None, other: Billed) -> Billed:
        return other if one is None else min(one, other, key=lambda each: self.risk.of(each[1].totals))

    def mean(self, asker: Asker, warm_start: Schedule | None) -> UncertainResponse:
        """Minimise the mean, bringing windows in as they turn out to matter."""
        windows = self._first_windows(warm_start)
        start, by_clock, bounds = warm_start, False, [-math.inf]
        best = self._known(warm_start)
        oracle: Oracle | None = None
        n_rounds = n_rows = 0
        while True:
            n_rounds += 1
            stated = self._stated(windows)
            share = 1.0 if windows is None and stated.is_exact else 0.5
            oracle = oracle or Oracle(stated.problem, asker.part(1.0))
            try:
                answer = asker.ask(oracle, terms=stated.problem.terms, warm_start=start, share=share)
            except NoPlanInTimeError:
                if best is None:
                    raise
                by_clock = True
                break
            n_rows = answer.solve.n_rows
            if stated.is_exact:
                bounds.append(answer.solve.bound)
            by_clock |= answer.solve.stopped_by == "deadline"
            schedule = self.with_commitments(answer.schedule)
            best = self._better(best, (schedule, self.costs_of(schedule)))
            start = answer.schedule
            new = None if windows is None else windows | self._near_peaks(schedule)
            late = n_rounds == MOST_ROUNDS or asker.left_s <= LEAST_S
            if windows is None or new is None or (new == windows).all() or late:
                break
            windows = new
        if not stated.is_exact:
            bounds.append(self._bound_of_less(oracle, windows, asker, start))
        return self._written(best, max(bounds), by_clock=by_clock, n_rounds=n_rounds, n_rows=n_rows)

    def _bound_of_less(
        self, oracle: Oracle, windows: npt.NDArray[np.bool_] | None, asker: Asker, start: Schedule | None
    ) -> float:
        """Bound the cost of what is proven to be stated as it is."""
        terms = self._stated(windows, only_proven=True).problem.terms
        try:
            return asker.ask(oracle, terms=terms, warm_start=start, share=1.0).solve.bound
        except NoPlanInTimeError:
            return -math.inf

    def _first_windows(self, known: Schedule | None) -> npt.NDArray[np.bool_] | None:
        """Give the windows to begin with; None: all of them."""
        if known is None or self.problem.horizon.n_steps <= ALL_WINDOWS_STEPS:
            return None
        return self._near_peaks(known)

    def _stated(self, windows: npt.NDArray[np.bool_] | None, *, only_proven: bool = False) -> SampledProblem:
        return sampled_problem(
            self.problem, self.samples_kw, windows=windows, limit_share=self.limit_share, only_proven=only_proven
        )

    def _near_peaks(self, schedule: Schedule) -> npt.NDArray[np.bool_]:
        """Give for each sample the steps in which a schedule comes nearest to its peak, for every charge."""
        found = np.zeros(self.samples_kw.shape, dtype=bool)
        net_kw = self.samples_kw + schedule.import_kw - schedule.export_kw - schedule.base_kw
        weights = [window_weights(term.block_of_step) for term in self.problem.terms.demand]
        weights += [one.means for one in self.problem.terms.atoms if isinstance(one, PeakAtom)]
        for windows in weights:
            n_near = min(NEAR_PEAK_COUNT, windows.shape[0])
            if n_near:
                means_kw = (windows @ net_kw.T).T
                near = np.argpartition(-means_kw, n_near - 1, axis=1)[:, :n_near]
                for sample, rows in enumerate(near):
                    found[sample] |= np.asarray(windows[rows].sum(axis=0)).ravel() > 0
        return found

    def weighed(self, options: SolveOptions, warm_start: Schedule | None) -> UncertainResponse:
        """Minimise mean and tail weighed, by (T1)-(T5)."""
        deadline = time.perf_counter() + options.deadline_s
        stated = self._stated(None)
        problem = replace(stated.problem, terms=self._energy_only(stated))
        sets = plan_sets(problem)
        limits = plan_sets(replace(self.problem, events=())).limits
        deviation = stated.deviation_kw
        peaks = tuple(
            sampled_peak(term, deviation, (limits.least_import_kw, limits.most_import_kw))
            for term in self.problem.terms.demand
        )
        tail = TailSets(
            n_samples=len(deviation), peaks=peaks, constant_cost=self._own_constants(stated), risk=self.risk
        )
        model = build(sets)
        declare(model, tail, _events_of(problem, len(deviation)))
        matrix = compile_matrix(model)
        search = Search(sets, matrix, options, deadline=deadline)
        starts = None if warm_start is None else starts_from(sets, warm_start)
        completed = None if starts is None else search.complete(starts)
        found = search.improve(None if completed is None else completed.values)
        if found.status == "infeasible":
            raise InfeasiblePlanError(conflicts=self._why_infeasible(options))
        known = self._known(warm_start)
        if found.values is None:
            if known is None:
                raise NoPlanInTimeError(deadline_s=options.deadline_s)
            return self._written(known, found.bound, by_clock=True, n_rounds=1, n_rows=matrix.row_least.size)
        values = search.exact(found.values)
        schedule = self._with_own_ids(schedule_from(problem, matrix, values))
        costs = self.costs_of(schedule)
        self._must_agree(float(matrix.cost @ values) + matrix.cost_offset, costs)
        better = self.with_commitments(schedule)
        return self._written(
            self._better(known, (better, self.costs_of(better))),
            found.bound,
            by_clock=search.cut_by_clock,
            n_rounds=1,
            n_rows=matrix.row_least.size,
        )

    def _energy_only(self, stated: SampledProblem) -> PricedTerms:
        terms = self.problem.terms
        if terms.charged:
            problem = Text(en="it charges for sums, tiers or peaks together", zh="其中含分档、累计或多项需量组合的费用")
            raise TailNotStatedError(tariff_id=terms.tariff_id, problem=problem)
        if stated.turning.any():
            problem = Text(en="some samples feed in where others import", zh="部分样本上网而另一些用电")
            raise TailNotStatedError(tariff_id=terms.tariff_id, problem=problem)
        mean_kw = stated.deviation_kw.mean(axis=0)
        owed = float(terms.energy_price_per_kwh @ mean_kw) * terms.horizon.step_h
        return replace(terms, demand=(), constant=terms.constant + owed)

    def _own_constants(self, stated: SampledProblem) -> FloatArray:
        """Give what each sample costs otherwise, less the mean. [currency]."""
        terms = self.problem.terms
        owed = stated.deviation_kw @ terms.energy_price_per_kwh * terms.horizon.step_h
        if self.constants is not None:
            owed = owed + self.constants
        return np.asarray(owed - owed.mean(), dtype=np.float64)

    def _why_infeasible(self, options: SolveOptions) -> tuple[Text, ...]:
        try:
            best_response(replace(self.problem, events=()), options)
        except InfeasiblePlanError as error:
            return tuple(error.data["conflicts"])
        return (
            Text(
                en="the plan fits the expected load, not the reserve kept for its samples",
                zh="计划适合期望负荷，但无法满足为样本预留的裕量",
            ),
        )

    def _must_agree(self, objective: float, costs: SampleCosts) -> None:
        exact = self.risk.of(costs.totals)
        if not math.isclose(objective, exact, rel_tol=AGREEMENT_SHARE, abs_tol=AGREEMENT_SHARE):
            raise ObjectiveMismatchError(objective=objective, total_cost=exact, difference=objective - exact)

    def _with_own_ids(self, schedule: Schedule) -> Schedule:
        """Give a schedule whose commitments go by the events' own ids."""
        by_promise: dict[str, float] = {}
        for event_id, kw in schedule.commitments_kw.items():
            by_promise[event_id.rsplit("#", 1)[0]] = kw
            by_promise[event_id] = kw
        own = {event.event_id: by_promise.get(event.event_id, 0.0) for event in self.problem.events}
        return replace(schedule, commitments_kw=own)

    def with_commitments(self, schedule: Schedule) -> Schedule:
        """Give a schedule with the commitments that are worth most for its load on the samples."""
        found = schedule if set(schedule.commitments_kw) == _ids(self.problem) else self._with_own_ids(schedule)
        net_kw = self.samples_kw + found.import_kw - found.export_kw - found.base_kw
        import_kw = np.maximum(net_kw, 0.0)
        for event in self.problem.events:
            own = dict(found.commitments_kw)
            without = replace(found, commitments_kw=own | {event.event_id: 0.0})
            kw = best_commitment(
                event,
                import_kw[:, event.first : event.stop].mean(axis=1),
                self.costs_of(without).totals,
                self.risk,
                now_kw=own[event.event_id],
            )
            found = replace(found, commitments_kw=own | {event.event_id: kw})
        return found

    def costs_of(self, schedule: Schedule) -> SampleCosts:
        """Bill a schedule on every sample."""
        return sample_costs(schedule, self.problem, self.samples_kw, constants=self.constants)

    def _written(self, best: Billed, bound: float, *, by_clock: bool, n_rounds: int, n_rows: int) -> UncertainResponse:
        schedule, costs = best
        totals = costs.totals
        weighed = self.risk.of(totals)
        bound = min(bound, weighed)
        gap = gap_share(weighed, bound, self.problem.terms.constant)
        return UncertainResponse(
            schedule=schedule,
            costs=costs,
            expected_cost=float(totals.mean()),
            tail_cost=self.risk.tail_mean(totals),
            weighed_cost=weighed,
            bound=bound,
            gap_share=gap,
            stopped_by="deadline" if by_clock else "optimal" if gap <= EXACT_SHARE else "gap",
            n_rounds=n_rounds,
            n_rows=n_rows,
        )


def _ids(problem: ResponseProblem) -> set[str]:
    return {event.event_id for event in problem.events}


def _events_of(problem: ResponseProblem, n_samples: int) -> list[list[str]]:
    """Give each sample the events' terms that settle it, in the order in which they were made."""
    found: list[list[str]] = [[] for _ in range(n_samples)]
    seen: dict[str, int] = {}
    for event in problem.events:
        promise = promise_of(event)
        number = seen.get(promise, 0)
        seen[promise] = number + 1
        found[number].append(event.event_id)
    return found
