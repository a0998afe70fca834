"""The anytime search on one live solver: complete a start, improve it, prove what can be proven."""

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.offers import SolveOptions
from domain.text import Text
from optimizer.extract import schedule_from
from optimizer.formulation import Matrix, PlanSets, restricted
from optimizer.formulation.coupled_values import implied_integers
from optimizer.formulation.demand import implied_jumps
from optimizer.formulation.starts import RunStart
from optimizer.neighbourhoods import neighbourhoods
from optimizer.solver import Found, OptionValue, Solver, gap_share
from optimizer.today import StartPlan, idle_or_charged_at_once, level_modulating_kw

SMALL_COUNT = 500
"""Up to so many integers the whole model is tried first. [-]"""
SMALL_SHARE = 0.2
"""Share of the time left for that. [-]"""
AROUND_SHARE = 0.6
"""Share of the time left that neighbourhoods may take. [-]"""
VAIN_COUNT = 12
"""After so many neighbourhoods without an improvement the whole model is searched. [-]"""
NEIGHBOURHOOD_S = 2.0
"""Longest search of one neighbourhood. [s]"""
LEAST_S = 0.2
"""Less time than this is not worth another search. [s]"""
RESTRICTED_SHARE = 0.35
"""Share of the time left that the model restricted to what the relaxation uses may take. [-]"""
USED_LEAST = 1e-6
"""Part of a run below this is the solver's tolerance. [-]"""
COMPLETION_GAP_SHARE = 5e-4
"""Gap at which everything around given starts is good enough. [-]"""
COMPLETION_SHARE = 0.15
"""Share of the time left that completing a start may take. [-]"""
SEARCH_OPTIONS: dict[str, OptionValue] = {}


NO_START = Found(status="infeasible", values=None, objective=float("inf"), bound=float("-inf"), n_nodes=0, solve_s=0.0)
"""What completing starts gives that are none."""


class NoPlanInTimeError(WattplanError):
    """The deadline came before any schedule was found."""

    code = "no_plan_in_time"
    words = Text(
        en="No schedule was found within {deadline_s:g} s, though none was proven impossible. "
        "Allow more time (deadline_s), plan fewer days at once, or give planned starts to begin from.",
        zh="在 {deadline_s:g} 秒内未找到可行排程，也未证明其不可行。请放宽时限（deadline_s）、缩短计划期，"
        "或给出计划开始时间作为起点。",
    )


class Search:
    """One matrix, one live solver, one deadline."""

    def __init__(
        self,
        sets: PlanSets,
        matrix: Matrix,
        options: SolveOptions,
        *,
        deadline: float,
        solver: Solver | None = None,
    ) -> None:
        self.sets = sets
        self.matrix = matrix
        self.options = options
        self.deadline = deadline
        self.solver = solver or Solver(matrix, seed=options.seed, n_threads=options.n_threads, options=SEARCH_OPTIONS)
        """Holds the matrix; one that is given has answered under other prices before."""
        self.n_nodes = 0
        self.solve_s = 0.0
        self.cut_by_clock = False
        """Whether time, not work done, ended any part: then a second search may end elsewhere."""
        self._run_columns = matrix.columns_of("run_count")

    @property
    def recorded_options(self) -> dict[str, OptionValue]:
        """What the answer was searched with."""
        kept = {
            name: chosen for name, chosen in self.solver.options.items() if name not in ("time_limit", "mip_rel_gap")
        }
        return kept | {"deadline_s": self.options.deadline_s, "gap_share": self.options.gap_share}

    @property
    def left_s(self) -> float:
        """Time left. [s]."""
        return max(0.0, self.deadline - time.perf_counter())

    def run(self, *, deadline_s: float, gap_share: float) -> Found:
        """Run the solver once and keep count."""
        return self._counted(self.solver.run(deadline_s=deadline_s, gap_share=gap_share))

    def _counted(self, found: Found) -> Found:
        self.n_nodes += found.n_nodes
        self.cut_by_clock |= found.status == "deadline"
        self.solve_s += found.solve_s
        return found

    def complete(self, starts: StartPlan) -> Found:
        """Find the best of everything else around given starts."""
        counts = {(task_id, step): steps.count(step) for task_id, steps in starts.items() for step in steps}
        fixed = [float(counts.get(key, 0)) for key in self._run_columns]
        columns = list(self._run_columns.values())
        if (fixed < self.matrix.column_least[columns]).any() or (fixed > self.matrix.column_most[columns]).any():
            return NO_START  # a standing plan or a wish leaves no room for these starts
        self.solver.set_limits(columns, fixed, fixed)
        found = self.run(
            deadline_s=self.left_s * COMPLETION_SHARE, gap_share=min(COMPLETION_GAP_SHARE, self.options.gap_share)
        )
        self.solver.restore_limits()
        return found

    def improve(self, start: FloatArray | None, near: frozenset[RunStart] = frozenset()) -> Found:
        """Search from a start until the gap or the deadline; ``near`` are run starts that other answers used.

        The relaxation gives a bound; the model restricted to what the relaxation uses a good solution;
        neighbourhoods of it better ones; the whole model the rest of the proof. The root node of the
        whole model alone would take longer than the first three.
        """
        bound = trivial_bound(self.matrix)
        if int(self.matrix.is_integer.sum()) <= SMALL_COUNT:
            whole = self._whole(start, self.left_s * SMALL_SHARE)
            if whole.status != "deadline":
                return whole
            start, bound = whole.values, max(bound, whole.bound)
        relaxed = self._relaxed()
        if relaxed.status == "infeasible":
            return relaxed
        if start is None:
            return self._whole(None, self.left_s)
        best = self._as_found(start, max(bound, relaxed.objective) if relaxed.status == "optimal" else bound)
        used = relaxed.values
        if used is None:
            return best
        likely = {
            key
            for key, column in self._run_columns.items()
            if used[column] > USED_LEAST or start[column] > USED_LEAST or key in near
        }
        best = best if self._is_good(best) else self._better(best, likely, self.left_s * RESTRICTED_SHARE)
        best = self._around(best)
        if self._is_good(best) or self.left_s <= LEAST_S:
            return best
        whole = self._whole(best.values, self.left_s)
        return replace(whole, bound=max(best.bound, whole.bound))

    def _whole(self, start: FloatArray | None, deadline_s: float) -> Found:
        """Search the whole model, from a solution if there is one; never worse than that."""
        if start is not None:
            self.solver.start_from(start)
        found = self.run(deadline_s=deadline_s, gap_share=self.options.gap_share)
        if start is None or (found.values is not None and found.objective <= self._as_found(start, 0.0).objective):
            return found
        return found if found.status == "infeasible" else self._as_found(start, found.bound)

    def _as_found(self, values: FloatArray, bound: float) -> Found:
        objective = float(self.matrix.cost @ values) + self.matrix.cost_offset
        return Found(status="deadline", values=values, objective=objective, bound=bound, n_nodes=0, solve_s=0.0)

    def _is_good(self, best: Found) -> bool:
        return gap_share(best.objective, best.bound, self.matrix.cost_offset) <= self.options.gap_share

    def _relaxed(self) -> Found:
        return self._counted(self.solver.run_relaxed(deadline_s=self.left_s))

    def _around(self, best: Found) -> Found:
        """Improve a solution by freeing a part of the runs at a time, until that no longer helps."""
        began_s, n_vain = self.left_s, 0
        for neighbourhood in neighbourhoods(self.sets, self.matrix, self.options.seed):
            assert best.values is not None  # noqa: S101 -- the loop starts from a solution and keeps one
            left_s = self.left_s - began_s * (1 - AROUND_SHARE)
            self.cut_by_clock |= left_s <= LEAST_S
            if self._is_good(best) or left_s <= LEAST_S or n_vain >= VAIN_COUNT:
                return best
            free = neighbourhood.free(best.values)
            better = self._better(best, free, min(left_s, NEIGHBOURHOOD_S)) if free else best
            n_vain = 0 if better.objective < best.objective else n_vain + 1
            best = better
        return best

    def _better(self, best: Found, free: set[RunStart], deadline_s: float) -> Found:
        """Search with only some run starts free; the better of both solutions."""
        assert best.values is not None  # noqa: S101 -- callers have a solution
        is_held = np.zeros(best.values.size, dtype=bool)
        is_held[[column for key, column in self._run_columns.items() if key not in free]] = True
        part = restricted(self.matrix, is_held, np.where(self.matrix.is_integer, np.round(best.values), best.values))
        solver = Solver(part, seed=self.options.seed, n_threads=self.options.n_threads, options=SEARCH_OPTIONS)
        solver.start_from(best.values[~is_held])
        found = self._counted(solver.run(deadline_s=deadline_s, gap_share=self.options.gap_share / 4))
        if found.values is None or found.objective >= best.objective:
            return best
        values = np.round(best.values)
        values[~is_held] = found.values
        return replace(best, values=values, objective=found.objective)

    def earliest(self, fixed: Mapping[RunStart, int]) -> Found:
        """Find the earliest starts of all runs that are not fixed, the rest run as people do today.

        Modulating loads hold their level, batteries are idle or charge at once, nothing is committed; PV
        is free, for it can only help the connection.
        """
        held = today_columns(self.sets, self.matrix)
        held |= {self._run_columns[key]: float(count) for key, count in fixed.items()}
        self.solver.set_limits(held, held.values(), held.values())
        cost = np.zeros(self.matrix.cost.size)
        for (_, step), column in self._run_columns.items():
            cost[column] = step
        self.solver.set_cost(cost)
        found = self.run(deadline_s=self.left_s, gap_share=self.options.gap_share)
        self.solver.set_cost(self.matrix.cost, self.matrix.cost_offset)
        self.solver.restore_limits()
        return found

    def exact(self, values: FloatArray) -> FloatArray:
        """Give the exact continuous optimum around a solution's integers, each battery one way per step."""
        put_right = with_implied_integers(self.sets, self.matrix, values)
        tried = [values] if (put_right == values).all() else [values, put_right]
        found = [self._counted(self.solver.run_with_integers_fixed(one, deadline_s=EXACT_S)) for one in tried]
        best = min(found, key=lambda one: one.objective)
        settled = values if best.values is None else best.values
        two_ways = self._two_ways(settled)
        if two_ways:
            self.solver.set_limits(two_ways, [0.0] * len(two_ways), [0.0] * len(two_ways))
            again = self._counted(self.solver.run_with_integers_fixed(settled, deadline_s=EXACT_S))
            settled = again.values if again.values is not None else settled
        self.solver.restore_limits()
        rounded = np.where(self.matrix.is_integer, np.round(settled), settled)
        return np.asarray(np.clip(rounded, self.matrix.column_least, self.matrix.column_most), dtype=np.float64)

    def _two_ways(self, values: FloatArray) -> list[int]:
        """Give the power column to switch off wherever a battery charges and discharges in one step."""
        off = []
        charge, discharge = self.matrix.columns_of("charge_kw"), self.matrix.columns_of("discharge_kw")
        batteries = {one.battery_id: one for one in self.sets.problem.site.batteries}
        for (battery_id, t), column in charge.items():
            into, out_of = values[column], values[discharge[battery_id, t]]
            if min(into, out_of) > TWO_WAYS_KW:
                one = batteries[battery_id]
                gains = one.charge_eff * into - out_of / one.discharge_eff
                off.append(discharge[battery_id, t] if gains >= 0 else column)
        return off


EXACT_S = 10.0
"""Longest an LP with all integers fixed may take. [s]"""
TWO_WAYS_KW = 1e-6
"""Below this, charging and discharging at once is rounding. [kW]"""


def with_implied_integers(sets: PlanSets, matrix: Matrix, values: FloatArray) -> FloatArray:
    """Give a solution with the tariff's integers put right where its load implies others.

    A search that was cut short may leave a step off that the load has reached, or take one that it has not left: the
    bill would be another one than the model's.
    """
    schedule = schedule_from(sets.problem, matrix, values)
    put_right = np.array(values)
    implied = implied_integers(sets.coupled, schedule.import_kw, schedule.export_kw)
    jumps = implied_jumps(sets, schedule.import_kw)
    for key, value in (*implied.items(), *jumps.items()):
        if key in matrix.column_of:
            put_right[matrix.column_of[key]] = value
    return put_right


def trivial_bound(matrix: Matrix) -> float:
    """Give the least the objective could be if every column stood at its cheaper limit. [currency]."""
    cheapest = np.where(matrix.cost > 0, matrix.column_least, np.where(matrix.cost < 0, matrix.column_most, 0.0))
    return float(matrix.cost @ cheapest) + matrix.cost_offset


def today_columns(sets: PlanSets, matrix: Matrix) -> dict[int, float]:
    """Give the columns that today's habits decide, with their values."""
    held: dict[int, float] = {}
    level = level_modulating_kw(sets)
    for (load_id, t), column in matrix.columns_of("modulating_kw").items():
        held[column] = float(level[load_id][t])
    uses = idle_or_charged_at_once(sets)
    for (battery_id, t), column in matrix.columns_of("charge_kw").items():
        held[column] = float(uses[battery_id].charge_kw[t])
    held |= dict.fromkeys(matrix.columns_of("discharge_kw").values(), 0.0)
    return held | dict.fromkeys(matrix.columns_of("settled").values(), 0.0)
