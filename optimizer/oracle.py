"""The oracle: one plant, plan and horizon, asked again and again how it would run under which prices.

The model has two parts. What no price touches (production, processes, stores, machines, batteries, the connection) is
stated and compiled once; what rests on prices and events is stated per question and swapped on the live solver, which
keeps the basis of its first relaxation. See docs/oracle.md for what a question costs and how answers depend on questions.
"""

import math
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
from pyomo.common.gc_manager import PauseGC
from pyomo.environ import ConcreteModel

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import CostParts, Response, ResponseProblem, SolveOptions, SolveRecord
from domain.plant import Schedule, way_id
from domain.programmes.terms import EventTerm
from domain.tariffs import PricedTerms
from optimizer.conflicts import arithmetic_conflicts
from optimizer.costs import schedule_costs
from optimizer.diagnose import diagnose
from optimizer.errors import ObjectiveMismatchError, TariffNotPlannableError
from optimizer.extract import schedule_from
from optimizer.formulation import Matrix, PlanSets, plan_sets
from optimizer.formulation.build import build_plant, build_priced, forget_rows, plant_cost
from optimizer.formulation.compiling import Known, Part, compile_part, joined
from optimizer.formulation.free_burning import FreeBurningError
from optimizer.formulation.priced_sets import repriced
from optimizer.horizon_checks import must_be_of_horizon
from optimizer.infeasible import InfeasiblePlanError
from optimizer.search import SEARCH_OPTIONS, NoPlanInTimeError, Search, trivial_bound
from optimizer.search_banks import whole_banks, without_banks
from optimizer.solver import EXACT_SHARE, Found, Solver, gap_share, versions
from optimizer.today import StartPlan, early_starts, limit_conflicts, planned_conflicts, schedule_of

AGREEMENT_SHARE = 1e-6
"""How far the model's objective may lie from the schedule's cost. [-]"""
N_REMEMBERED = 4
"""How many earlier answers an oracle begins from. [-]"""


@noun(eq=False)
class Stated:
    """A problem stated and handed to the solver."""

    sets: PlanSets
    matrix: Matrix
    search: Search
    build_s: float
    compile_s: float


@noun(eq=False)
class _Plant:
    """The part of the model that no price touches, and the starts of today's plan."""

    sets: PlanSets
    model: ConcreteModel
    part: Part
    known: Known
    today: StartPlan | None
    is_home: bool = True
    """False: a question's own, because the oracle's own prices cannot be planned against."""


class Oracle:
    """Answers how one plant would run its plan under any prices and events.

    Two questions cost much less than two calls of ``best_response``: see ``respond``.

    Parameters
    ----------
    problem : ResponseProblem
        Plant, plan and base load of one horizon. Its own terms and events are those of a question that names none.
    options : SolveOptions
        Deadline of each question, relative gap, seed, threads.
    n_remembered : int
        How many of the latest answers a further question begins from; 0: each answer is the same as if it had been the
        only question after the first.
    """

    def __init__(self, problem: ResponseProblem, options: SolveOptions, *, n_remembered: int = N_REMEMBERED) -> None:
        must_be_of_horizon(problem)
        self.problem = problem
        self.options = options
        self._plant: _Plant | None = None
        self._solver: Solver | None = None
        self._remembered: deque[Schedule] = deque(maxlen=n_remembered)

    def respond(
        self,
        terms: PricedTerms | None = None,
        *,
        events: tuple[EventTerm, ...] | None = None,
        warm_start: Schedule | None = None,
        near: Iterable[Schedule] = (),
    ) -> Response:
        """Find the schedule that costs this plant least under these prices.

        Anytime: when the deadline comes first, the best schedule found so far is given with its proven gap.

        Parameters
        ----------
        terms : PricedTerms, optional
            Prices over the horizon; None: those of the problem.
        events : tuple[EventTerm, ...], optional
            Events on offer; None: those of the problem.
        warm_start : Schedule, optional
            A schedule of the same plan to begin from.
        near : iterable of Schedule
            Further ones, such as answers under other prices: the cheapest of all under these prices is begun from, and
            the starts of all are tried. What this oracle has answered lately is among them anyway.

        Returns
        -------
        Response
            Feasible; its costs are computed from the schedule and agree with the model's objective.

        Raises
        ------
        PricesOfOtherHorizonError, EventOffHorizonError
            If prices or events are about other steps than the plan.
        InfeasiblePlanError
            If no schedule exists; its ``data["conflicts"]`` say why in the plant's words.
        NoPlanInTimeError
            If the deadline came before any schedule.
        ObjectiveMismatchError
            If model and schedule disagree about the cost: a defect.
        """
        known = [one for one in (warm_start, *near, *self._remembered) if one is not None]
        asked = replace(
            self.problem,
            terms=self.problem.terms if terms is None else terms,
            events=self.problem.events if events is None else events,
        )
        found = self._respond(asked, known)
        self._remembered.append(found.schedule)
        return found

    def _respond(self, asked: ResponseProblem, known: list[Schedule]) -> Response:
        stated = self.state(asked, deadline=time.perf_counter() + self.options.deadline_s)
        begun = [(one, starts) for one in known if (starts := starts_from(stated.sets, one)) is not None]
        candidates = self._cheapest_first(stated.sets, begun)
        near = frozenset((way, step) for _, starts in begun for way, steps in starts.items() for step in steps)
        # today's starts are completed only where the search finds nothing: that would take longer than to find better
        asked_for = [(one, schedule) for one in candidates for schedule, starts in begun if starts is one]
        found = stated.search.improve(_first_solution(stated, asked_for), near, candidates)
        if found.status == "infeasible":
            raise InfeasiblePlanError(conflicts=diagnose(stated.sets, stated.matrix, self.options))
        if found.values is None:
            return _as_constructed(stated, candidates)
        settled = whole_banks(
            stated.matrix,
            stated.search.exact(found.values),
            found.bound,
            options=self.options,
            left_s=stated.search.left_s,
        )
        if settled is None:
            return _as_constructed(stated, candidates)
        stated.search.parts.cut_by_clock |= settled.is_cut_by_clock
        return _response(stated, replace(found, bound=settled.bound), settled.values)

    def state(self, asked: ResponseProblem, *, deadline: float) -> Stated:
        """State a question and hand it to the live solver.

        Raises
        ------
        PricesOfOtherHorizonError, EventOffHorizonError
            If prices or events are about other steps than the plan.
        InfeasiblePlanError
            If plain arithmetic finds that no schedule can be.
        """
        must_be_of_horizon(asked)
        began = time.perf_counter()
        with PauseGC():
            plant = self._plant_for(asked)
            sets = repriced(plant.sets, asked.terms, asked.events)
            matrix, built = _priced_matrix(plant, sets)
        searched = without_banks(matrix, self.options.gap_share)
        if self._solver is None or not plant.is_home:
            self._solver = self._solver_of(searched)
        else:
            self._solver.swap(searched, n_rows=len(plant.part.rows), n_columns=len(plant.part.columns))
        search = Search(sets, searched, self.options, deadline=deadline, solver=self._solver)
        return Stated(
            sets=sets,
            matrix=matrix,
            search=search,
            build_s=built - began,
            compile_s=time.perf_counter() - built,
        )

    def _plant_for(self, asked: ResponseProblem) -> _Plant:
        """Give the plant's part, with a live solver that has begun with this oracle's own prices.

        So no answer depends on which prices were asked for first. Where no model is stated for its own prices there is
        nothing to begin with, and every question has a solver of its own.
        """
        if self._plant is None:
            try:
                self._plant = _plant_of(self.problem)
                matrix, _ = _priced_matrix(self._plant, self._plant.sets)
                self._solver = self._solver_of(without_banks(matrix, self.options.gap_share))
            except (TariffNotPlannableError, FreeBurningError):
                self._plant = replace(_plant_of(asked), is_home=False)
        return self._plant

    def _solver_of(self, matrix: Matrix) -> Solver:
        return Solver(matrix, seed=self.options.seed, n_threads=self.options.n_threads, options=SEARCH_OPTIONS)

    def _cheapest_first(self, sets: PlanSets, begun: list[tuple[Schedule, StartPlan]]) -> list[StartPlan]:
        """Order starts to begin from by what their schedules would cost under these prices; today's are among them."""
        assert self._plant is not None  # noqa: S101 -- callers have stated the problem
        today = self._plant.today
        if today is not None:
            begun = [*begun, (schedule_of(sets, today), today)]
        costs = [_cost_as_it_is(sets, schedule, starts) for schedule, starts in begun]
        return [begun[number][1] for number in sorted(range(len(begun)), key=costs.__getitem__)]


def _priced_matrix(plant: _Plant, sets: PlanSets) -> tuple[Matrix, float]:
    """State prices and events over a plant's variables and put both parts together; also say when it was stated."""
    model = build_priced(plant.model, sets)
    built = time.perf_counter()
    priced, _ = compile_part(model, model.total_cost.expr, plant.known)
    return joined(plant.part, priced), built


def _plant_of(problem: ResponseProblem) -> _Plant:
    """State what holds under every price; Python's collector of garbage would walk the growing model again and again."""
    with PauseGC():
        sets = plan_sets(problem)
        conflicts = arithmetic_conflicts(sets)
        if conflicts:
            raise InfeasiblePlanError(conflicts=conflicts)
        model = build_plant(sets)
        part, known = compile_part(model, plant_cost(model))
        forget_rows(model)
        today = None if planned_conflicts(sets) else early_starts(sets)
    return _Plant(sets=sets, model=model, part=part, known=known, today=today)


def starts_from(sets: PlanSets, schedule: Schedule) -> StartPlan | None:
    """Read a schedule's starts; None where they are not starts of this plan on this horizon."""
    starts: StartPlan = {way: [] for way in sets.tasks}
    for run in schedule.runs:
        step, rest = divmod(run.start - sets.problem.horizon.start, sets.problem.horizon.step)
        way = way_id(run.task_id, run.mode_id)
        if rest or way not in starts or step not in sets.tasks[way].steps:
            return None
        starts[way].append(step)
    for task_id, ways in sets.ways_of.items():
        least, most = sets.wanted_count(task_id)
        if not least <= sum(len(starts[way]) for way in ways) <= most:
            return None
    return starts


def _cost_as_it_is(sets: PlanSets, schedule: Schedule, starts: StartPlan) -> float:
    """Give what a schedule's load and runs would cost, events apart; infinite where it is of another horizon."""
    if schedule.grid != sets.problem.horizon:
        return math.inf
    runs = 0.0
    for way, steps in starts.items():
        one = sets.tasks[way]
        runs += float(one.run_cost[np.searchsorted(one.steps, steps)].sum()) if steps else 0.0
    if sets.problem.terms.counts_reactive and schedule.reactive_kvar is None:
        schedule = schedule_of(sets, starts)  # one of a plan that counted no reactive power
    return sets.problem.terms.cost(schedule.import_kw, schedule.export_kw, schedule.reactive_kvar) + runs


def _first_solution(stated: Stated, known: list[tuple[StartPlan, Schedule]]) -> FloatArray | None:
    """Complete the first schedule that can be: its starts and, where that goes, its processes' switches."""
    for starts, schedule in known:
        completed = stated.search.complete(starts, schedule.processes)
        if completed.values is not None:
            return completed.values
    return None


def _as_constructed(stated: Stated, candidates: list[StartPlan]) -> Response:
    """Run the plant from the cheapest starts as people do today, where the solver had no time for more.

    Raises
    ------
    NoPlanInTimeError
        If that keeps not all limits either.
    """
    sets = stated.sets
    for starts in candidates:
        schedule = schedule_of(sets, starts)
        if not limit_conflicts(sets, starts, schedule):
            costs = schedule_costs(schedule, sets.problem)
            return Response(
                schedule=schedule,
                costs=costs,
                solve=_record(stated, "deadline", costs, trivial_bound(stated.matrix)),
            )
    raise NoPlanInTimeError(deadline_s=stated.search.options.deadline_s)


def _response(stated: Stated, found: Found, values: FloatArray) -> Response:
    problem, matrix = stated.sets.problem, stated.matrix
    schedule = schedule_from(problem, matrix, values)
    costs = schedule_costs(schedule, problem)
    objective = float(matrix.cost @ values) + matrix.cost_offset
    if not agrees(objective, costs.total_cost):
        raise ObjectiveMismatchError(
            objective=objective, total_cost=costs.total_cost, difference=objective - costs.total_cost
        )
    bound = min(max(found.bound, trivial_bound(matrix)), costs.total_cost)
    gap = gap_share(costs.total_cost, bound, matrix.cost_offset)
    reached: Literal["optimal", "gap", "deadline"] = "optimal" if gap <= EXACT_SHARE else "gap"
    if stated.search.cut_by_clock or gap > max(EXACT_SHARE, stated.search.options.gap_share):
        reached = "deadline"
    return Response(schedule=schedule, costs=costs, solve=_record(stated, reached, costs, bound))


def _record(
    stated: Stated, stopped_by: Literal["optimal", "gap", "deadline"], costs: CostParts, bound: float
) -> SolveRecord:
    search, matrix = stated.search, stated.matrix
    return SolveRecord(
        stopped_by=stopped_by,
        objective=costs.total_cost,
        bound=bound,
        gap_share=gap_share(costs.total_cost, bound, matrix.cost_offset),
        build_s=stated.build_s,
        compile_s=stated.compile_s,
        solve_s=search.solve_s,
        n_columns=matrix.cost.size,
        n_rows=matrix.row_least.size,
        n_integers=int(matrix.is_integer.sum()),
        n_nodes=search.n_nodes,
        versions=versions(),
        options={name: str(chosen) for name, chosen in sorted(search.recorded_options.items())},
    )


def agrees(objective: float, cost: float) -> bool:
    """Say whether two evaluations of one schedule agree."""
    return math.isclose(objective, cost, rel_tol=AGREEMENT_SHARE, abs_tol=AGREEMENT_SHARE)
