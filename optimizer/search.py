"""The anytime search on one live solver: complete a start, improve it, prove what can be proven."""

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.offers import SolveOptions
from domain.text import Text
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.sets import RunStart
from optimizer.neighbourhoods import neighbourhoods
from optimizer.solver import Found, OptionValue, Solver
from optimizer.today import StartPlan, idle_or_charged_at_once, level_modulating_kw

WHOLE_SHARE = 0.4
"""Share of the time left that the whole model may take before neighbourhoods are searched. [-]"""
SMALL_COUNT = 500
"""Up to so many integers the whole model is given all the time where there is nothing to start from. [-]"""
NEIGHBOURHOOD_S = 2.0
"""Longest search of one neighbourhood. [s]"""
LEAST_S = 0.2
"""Less time than this is not worth another neighbourhood. [s]"""
COMPLETION_SHARE = 0.15
"""Share of the time left that completing a start may take. [-]"""
SEARCH_OPTIONS: dict[str, OptionValue] = {}


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

    def __init__(self, sets: PlanSets, matrix: Matrix, options: SolveOptions, *, deadline: float) -> None:
        self.sets = sets
        self.matrix = matrix
        self.options = options
        self.deadline = deadline
        self.solver = Solver(matrix, seed=options.seed, n_threads=options.n_threads, options=SEARCH_OPTIONS)
        self.n_nodes = 0
        self.solve_s = 0.0
        self._run_columns = matrix.columns_of("run_count")

    @property
    def recorded_options(self) -> dict[str, OptionValue]:
        """What the answer was searched with."""
        return self.solver.options | {"deadline_s": self.options.deadline_s, "gap_share": self.options.gap_share}

    @property
    def left_s(self) -> float:
        """Time left. [s]."""
        return max(0.0, self.deadline - time.perf_counter())

    def run(self, *, deadline_s: float, gap_share: float) -> Found:
        """Run the solver once and keep count."""
        found = self.solver.run(deadline_s=deadline_s, gap_share=gap_share)
        self.n_nodes += found.n_nodes
        self.solve_s += found.solve_s
        return found

    def complete(self, starts: StartPlan) -> Found:
        """Find the best of everything else around given starts."""
        counts = {(task_id, step): steps.count(step) for task_id, steps in starts.items() for step in steps}
        fixed = [float(counts.get(key, 0)) for key in self._run_columns]
        self.solver.set_limits(self._run_columns.values(), fixed, fixed)
        found = self.run(deadline_s=self.left_s * COMPLETION_SHARE, gap_share=self.options.gap_share / 10)
        self.solver.restore_limits()
        return found

    def improve(self, start: FloatArray | None) -> Found:
        """Search from a start: the whole model first, then neighbourhoods of the best solution.

        The whole model gives the bound and, for small plants, the answer; neighbourhoods of what it found
        improve large plants faster than the rest of its tree would.
        """
        if start is not None:
            self.solver.start_from(start)
        whole_s = self.left_s * (1.0 if start is None and self._is_small() else WHOLE_SHARE)
        whole = self.run(deadline_s=whole_s, gap_share=self.options.gap_share)
        if whole.status != "deadline":
            return whole
        if whole.values is None:  # nothing to search around yet
            again = self.run(deadline_s=self.left_s, gap_share=self.options.gap_share)
            return again if again.values is not None else whole
        return self._around(whole)

    def _is_small(self) -> bool:
        return int(self.matrix.is_integer.sum()) <= SMALL_COUNT

    def _around(self, best: Found) -> Found:
        """Improve a solution by freeing a part of the runs at a time, the rest held."""
        target = self.options.gap_share
        for neighbourhood in neighbourhoods(self.sets, self.matrix, self.options.seed):
            assert best.values is not None  # noqa: S101 -- the loop starts from a solution and keeps one
            missing = best.objective - best.bound
            if self.left_s <= LEAST_S or missing <= target * abs(best.objective):
                return best
            free = neighbourhood.free(best.values)
            held = {column: best.values[column] for key, column in self._run_columns.items() if key not in free}
            values = np.round(list(held.values()))
            self.solver.restore_limits()
            self.solver.set_limits(held, values, values)
            self.solver.start_from(best.values)
            found = self.run(deadline_s=min(self.left_s, NEIGHBOURHOOD_S), gap_share=target / 4)
            if found.values is not None and found.objective < best.objective:
                best = replace(best, values=found.values, objective=found.objective)
        return best

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
        found = self.solver.run_with_integers_fixed(values, deadline_s=EXACT_S)
        settled = found.values if found.values is not None else values
        two_ways = self._two_ways(settled)
        if two_ways:
            self.solver.set_limits(two_ways, [0.0] * len(two_ways), [0.0] * len(two_ways))
            again = self.solver.run_with_integers_fixed(values, deadline_s=EXACT_S)
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
