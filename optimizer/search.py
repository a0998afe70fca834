"""The anytime search on one live solver: complete a start, improve it, prove what can be proven."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

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
from optimizer.search_branch import Tree
from optimizer.search_coarse import Coarse, Relaxed
from optimizer.search_placed import Placements
from optimizer.search_rest import Rest
from optimizer.search_today import today_columns
from optimizer.solver import Found, OptionValue, Solver, gap_share
from optimizer.today import StartPlan

SMALL_COUNT = 500
"""Up to so many integers the whole model is tried first. [-]"""
SMALL_SHARE = 0.2
"""Share of the time left for that. [-]"""
AROUND_SHARE = 0.6
"""Share of the time left that neighbourhoods may take. [-]"""
VAIN_COUNT = 12
"""After so many neighbourhoods without an improvement the whole model is searched. [-]"""
LEAST_S = 0.2
"""Less time than this is not worth another search. [s]"""
ASK_SHARE = 0.5
"""Share of the time left that one part of the model may take. [-]"""
LEAF_SHARE = 0.3
"""Share of the time left for the relaxation with the tariff's whole numbers fixed. [-]"""
PROMISING = 4.0
"""A start whose gap to the first bound is this many times the one asked for may be good already. [-]"""
PROOF_SHARE = 0.3
"""Share of the time left that branching for the bound may take. [-]"""
NEIGHBOURHOOD_SHARE = 0.2
"""Share of the time left that one neighbourhood may take. [-]"""
PART_SHARE = 0.3
"""Gap to which parts are searched, as a share of the whole's. [-]"""
PART_LEAST = 1e-4
"""Parts are not searched to a smaller gap than this; the whole model is, afterwards. [-]"""
TARGET_SHARE = 0.8
"""A part is good enough at this share of the gap above the relaxation that it follows. [-]"""
PLACING_SHARE = 0.1
"""Gap to which runs are placed, as a share of the whole's. [-]"""
NEIGHBOURHOOD_NODES = 60
"""Most nodes of the search of one neighbourhood. [-]"""
MIP_ABS_GAP = 1e-6
"""Smallest absolute gap asked for. [currency]"""
HALF = 0.5
"""Half of a run. [-]"""
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
        self.progress: list[tuple[float, float, float]] = []
        """When what was known: moment [s], objective and bound [currency]."""
        self.cut_by_clock = False
        """Whether time, not work done, ended any part: then a second search may end elsewhere."""
        self._run_columns = matrix.columns_of("run_count")
        self._rest = Rest(sets, matrix, self._ask)
        self._scale = 0.0
        """What the schedule decides about, by the relaxation; 0 before it is known. [currency]"""
        self._target = -np.inf
        """A solution that costs no more is good enough. [currency]"""

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
        counts = {(way_id, step): steps.count(step) for way_id, steps in starts.items() for step in steps}
        values = self._rest.complete(counts, {}, self._part_gap)
        return NO_START if values is None else self._as_found(values, -np.inf)

    @property
    def _part_gap(self) -> float:
        """Gap to which a part is searched: the whole's has room for several. [-]."""
        return max(self.options.gap_share * PART_SHARE, PART_LEAST)

    def _ask(self, part: Matrix, gap: float) -> Found:
        """Search a part of the model within a share of the time left."""
        limits: dict[str, OptionValue] = {}
        if gap > 0:
            limits["mip_abs_gap"] = max(MIP_ABS_GAP, gap * self._scale)
            if np.isfinite(self._target) and part.cost_offset:
                limits["objective_target"] = self._target - part.cost_offset
        solver = Solver(part, seed=self.options.seed, n_threads=self.options.n_threads, options=limits)
        return self._counted(solver.run(deadline_s=self.left_s * ASK_SHARE, gap_share=gap))

    def improve(
        self,
        start: FloatArray | None,
        near: frozenset[RunStart] = frozenset(),
        spare: Sequence[StartPlan] = (),
    ) -> Found:
        """Search from a start until the gap or the deadline.

        ``near`` are run starts that other answers used; ``spare`` are plans to complete where nothing else is found.

        A coarse relaxation gives a bound and says what each start is worth; runs are placed by that, the rest is
        decided around them; neighbourhoods improve the plan, branching on the tariff's and events' whole numbers the
        bound. The time left goes to the whole model.
        """
        bound = trivial_bound(self.matrix)
        if int(self.matrix.is_integer.sum()) <= SMALL_COUNT:
            whole = self._whole(start, self.left_s * SMALL_SHARE)
            if whole.status != "deadline":
                return self._noted(whole)
            start, bound = whole.values, max(bound, whole.bound)
        relaxed = self._relaxed(near)
        if relaxed is None:
            return self._whole(start, self.left_s)
        if relaxed.bound == np.inf:
            return replace(NO_START, status="infeasible")
        tree = Tree(self.matrix, self._coarse, relaxed)
        best = self._good_start(start, relaxed, tree) or self._first(tree, relaxed, start, near)
        if best is None:
            best = next((one for one in map(self.complete, spare) if one.values is not None), None)
        if best is None:
            return self._whole(None, self.left_s)
        best = self._proven(best, tree, bound)
        if not self._is_good(best):
            best = self._proven(self._around(best), tree, bound)
        if self._is_good(best) or self.left_s <= LEAST_S:
            return best
        whole = self._whole(best.values, self.left_s)
        return replace(whole, bound=max(best.bound, whole.bound))

    def _relaxed(self, near: frozenset[RunStart]) -> Relaxed | None:
        """Relax the model coarsely; None: the clock was faster."""
        columns = [self._run_columns[key] for key in near if key in self._run_columns]
        self._coarse = Coarse(
            self.matrix, step_h=self.sets.problem.horizon.step_h, seed=self.options.seed, near=columns
        )
        relaxed = self._coarse.solve({}, deadline_s=self.left_s)
        self.solve_s += self._coarse.solve_s
        self.cut_by_clock |= relaxed is None
        if relaxed is not None and np.isfinite(relaxed.bound):
            self._scale = abs(relaxed.bound - self.matrix.cost_offset)
        return relaxed

    def _good_start(self, start: FloatArray | None, relaxed: Relaxed, tree: Tree) -> Found | None:
        """Give a start that is so near the bound that proving it good spares the search for a better one."""
        if start is None:
            return None
        known = self._as_found(start, relaxed.bound)
        if gap_share(known.objective, known.bound, self.matrix.cost_offset) > PROMISING * self.options.gap_share:
            return None
        known = self._proven(known, tree, relaxed.bound)
        return known if self._is_good(known) else None

    def _first(self, tree: Tree, relaxed: Relaxed, start: FloatArray | None, near: frozenset[RunStart]) -> Found | None:
        """Give the best of a start and of what the relaxation says, whole; None: neither is a solution."""
        limits = tree.rounded(relaxed)
        leaf = self._coarse.solve(limits, deadline_s=self.left_s * LEAF_SHARE) if limits else relaxed
        self.cut_by_clock |= leaf is None
        if leaf is None or not np.isfinite(leaf.bound):
            limits, leaf = {}, relaxed
        self._target = leaf.bound + TARGET_SHARE * self.options.gap_share * abs(leaf.bound - self.matrix.cost_offset)
        known = [] if start is None else [start]
        for counts in self._placed(leaf, start, near):
            values = self._rest.complete(counts, limits, self._part_gap)
            if values is not None:
                known.append(values)
                break
        found = [self._as_found(values, -np.inf) for values in known]
        return self._noted(min(found, key=lambda one: one.objective)) if found else None

    def _placed(
        self, relaxed: Relaxed, start: FloatArray | None, near: frozenset[RunStart]
    ) -> Iterator[dict[RunStart, int]]:
        """Give placements of all runs, those that promise most first."""
        likely = {self._run_columns[key] for key in near if key in self._run_columns}
        if start is not None:
            likely |= {column for column in self._run_columns.values() if start[column] > HALF}
        began_s = self.left_s

        def is_late() -> bool:
            late = self.left_s < began_s * (1 - ASK_SHARE)
            self.cut_by_clock |= late
            return late

        placements = Placements(self.sets, self.matrix, self._place, seed=self.options.seed, is_late=is_late)
        return placements.around(relaxed, likely)

    def _place(self, part: Matrix, start: FloatArray | None, n_nodes: int) -> Found:
        """Search a program that places runs; its costs are what the relaxation says that starts are worth."""
        options: dict[str, OptionValue] = {
            "mip_max_nodes": n_nodes,
            "mip_abs_gap": max(MIP_ABS_GAP, PLACING_SHARE * self.options.gap_share * self._scale),
        }
        solver = Solver(part, seed=self.options.seed, n_threads=self.options.n_threads, options=options)
        if start is not None:
            solver.start_from(start)
        return self._counted(solver.run(deadline_s=self.left_s * ASK_SHARE, gap_share=0.0))

    def _proven(self, best: Found, tree: Tree, bound: float) -> Found:
        """Raise the bound as far as the gap asks."""
        ended = tree.raise_to(best.objective, self.options.gap_share, left_s=self.left_s * PROOF_SHARE)
        self.cut_by_clock |= not ended
        return self._noted(replace(best, bound=max(best.bound, bound, tree.bound)))

    def _noted(self, best: Found) -> Found:
        self.progress.append((time.perf_counter(), best.objective, best.bound))
        return best

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
            better = self._better(best, free) if free.any() else best
            n_vain = 0 if better.objective < best.objective else n_vain + 1
            best = self._noted(better)
        return best

    def _better(self, best: Found, free: npt.NDArray[np.bool_]) -> Found:
        """Search with only some columns free; the better of both solutions."""
        assert best.values is not None  # noqa: S101 -- callers have a solution
        values = np.where(self.matrix.is_integer, np.round(best.values), best.values)
        part = restricted(self.matrix, ~free, values)
        solver = Solver(
            part,
            seed=self.options.seed,
            n_threads=self.options.n_threads,
            options={
                "mip_max_nodes": NEIGHBOURHOOD_NODES,
                "mip_abs_gap": max(MIP_ABS_GAP, self._part_gap * self._scale / 4),
            },
        )
        solver.start_from(best.values[free])
        found = self._counted(solver.run(deadline_s=self.left_s * NEIGHBOURHOOD_SHARE, gap_share=0.0))
        if found.values is None or found.objective >= best.objective:
            return best
        values[free] = found.values
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
    implied = implied_integers(sets.coupled, schedule.import_kw, schedule.export_kw, schedule.reactive_kvar)
    jumps = implied_jumps(sets, schedule.import_kw)
    for key, value in (*implied.items(), *jumps.items()):
        if key in matrix.column_of:
            put_right[matrix.column_of[key]] = value
    return put_right


def trivial_bound(matrix: Matrix) -> float:
    """Give the least the objective could be if every column stood at its cheaper limit. [currency]."""
    cheapest = np.where(matrix.cost > 0, matrix.column_least, np.where(matrix.cost < 0, matrix.column_most, 0.0))
    return float(matrix.cost @ cheapest) + matrix.cost_offset
