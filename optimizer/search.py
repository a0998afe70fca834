"""The anytime search on one live solver: complete a start, improve it, prove what can be proven."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.offers import SolveOptions
from domain.plant import ProcessUse
from domain.text import Text
from optimizer.extract import schedule_from
from optimizer.formulation import Matrix, PlanSets, restricted
from optimizer.formulation.coupled_values import implied_integers
from optimizer.formulation.demand import implied_jumps
from optimizer.formulation.starts import RunStart
from optimizer.neighbourhoods import neighbourhoods
from optimizer.search_branch import Tree
from optimizer.search_coarse import Coarse, Limits, Relaxed
from optimizer.search_first import LEAF_SHARE, NEARLY, WIDER, First
from optimizer.search_parts import Parts
from optimizer.search_rest import Rest
from optimizer.search_today import today_columns
from optimizer.search_weeks import LEAST_NNZ, Weeks
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
TURNS = 4
"""How often runs and switches are decided again in turn. [-]"""
LEAST_S = 0.2
"""Less time than this is not worth another search. [s]"""
PROMISING = 4.0
"""A start whose gap to the first bound is this many times the one asked for may be good already. [-]"""
PROOF_SHARE = 0.3
"""Share of the time left that branching for the bound may take. [-]"""
NEIGHBOURHOOD_SHARE = 0.2
"""Share of the time left that one neighbourhood may take. [-]"""
TARGET_SHARE = 0.8
"""A part is good enough at this share of the gap above the relaxation that it follows. [-]"""
NEIGHBOURHOOD_NODES = 60
"""Most nodes of the search of one neighbourhood. [-]"""
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
        self.parts = Parts(options, deadline)
        self.progress: list[tuple[float, float, float]] = []
        """When what was known: moment [s], objective and bound [currency]."""
        self._run_columns = matrix.columns_of("run_count")
        self._rest = Rest(sets, matrix, self.parts.ask)

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
        return self.parts.left_s

    @property
    def cut_by_clock(self) -> bool:
        """Whether time, not work done, ended any part: then a second search may end elsewhere."""
        return self.parts.cut_by_clock

    @property
    def n_nodes(self) -> int:
        """Nodes of all searches. [-]."""
        return self.parts.n_nodes

    @property
    def solve_s(self) -> float:
        """Time of all searches. [s]."""
        return self.parts.solve_s

    def run(self, *, deadline_s: float, gap_share: float) -> Found:
        """Run the solver once and keep count."""
        return self.parts.counted(self.solver.run(deadline_s=deadline_s, gap_share=gap_share))

    def complete(self, starts: StartPlan, uses: Mapping[str, ProcessUse] | None = None) -> Found:
        """Find the best of everything else around given starts; around uses of the processes too, where that goes."""
        counts = {(way_id, step): steps.count(step) for way_id, steps in starts.items() for step in steps}
        values = None
        switches = self._switches(uses or {})
        if switches:
            values = self._rest.around(counts, switches, {}, self.parts.gap)
        if values is None:
            values = self._rest.complete(counts, {}, self.parts.gap)
        return NO_START if values is None else self._as_found(values, -np.inf)

    def _switches(self, uses: Mapping[str, ProcessUse]) -> Limits:
        """Give limits that hold each switch as it is used; none where a process of the plan is not among the uses."""
        columns = self.matrix.columns_of("process_on")
        if any(process_id not in uses for process_id, _ in columns):
            return {}
        return {column: (float(uses[process_id].is_on[step]),) * 2 for (process_id, step), column in columns.items()}

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
        tree = self._tree(relaxed)
        leaf, limits = self._leaf(tree, relaxed)
        best = self._good_start(start, tree) or self._first(leaf, limits, start, near)
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

    def _tree(self, relaxed: Relaxed) -> Tree:
        """Give the tree over the tariff's and events' whole numbers; of long plans only over those that belong to no week."""
        if self.matrix.a.nnz < LEAST_NNZ:
            return Tree(self.matrix, self._coarse, relaxed)
        grid = self.sets.problem.horizon
        weeks = Weeks(self.matrix, n_steps=grid.n_steps, step_h=grid.step_h, seed=self.options.seed)
        return Tree(self.matrix, self._coarse, relaxed, branched=weeks.is_outside, deepen=weeks.bound)

    def _relaxed(self, near: frozenset[RunStart]) -> Relaxed | None:
        """Relax the model coarsely; None: the clock was faster."""
        columns = [self._run_columns[key] for key in near if key in self._run_columns]
        self._coarse = Coarse(
            self.matrix, step_h=self.sets.problem.horizon.step_h, seed=self.options.seed, near=columns
        )
        relaxed = self._coarse.solve({}, deadline_s=self.left_s)
        self.parts.solve_s += self._coarse.solve_s
        self.parts.cut_by_clock |= relaxed is None
        self._first_plan = First(self.sets, self.matrix, self._coarse, self._rest, self.parts)
        if relaxed is not None and np.isfinite(relaxed.bound):
            self.parts.scale = abs(relaxed.bound - self.matrix.cost_offset)
        return relaxed

    def _leaf(self, tree: Tree, relaxed: Relaxed) -> tuple[Relaxed, Limits]:
        """Round the tariff's and events' whole numbers as the relaxation has them, and say what is good enough."""
        limits = tree.rounded(relaxed)
        leaf = self._coarse.solve(limits, deadline_s=self.left_s * LEAF_SHARE) if limits else relaxed
        self.parts.cut_by_clock |= leaf is None
        if leaf is None or not np.isfinite(leaf.bound):
            limits, leaf = {}, relaxed
        # while the relaxation's last basis is near: later limits are far from the root's
        self.parts.cut_by_clock |= not tree.raise_to(leaf.bound, 0.0, left_s=self.left_s * PROOF_SHARE, is_known=False)
        room = TARGET_SHARE * self.options.gap_share * abs(leaf.bound - self.matrix.cost_offset)
        self.parts.target = min(leaf.bound, tree.bound) + room
        return leaf, limits

    def _good_start(self, start: FloatArray | None, tree: Tree) -> Found | None:
        """Give a start that is so near the bound that proving it good spares the search for a better one."""
        if start is None:
            return None
        known = self._as_found(start, tree.bound)
        if gap_share(known.objective, known.bound, self.matrix.cost_offset) > PROMISING * self.options.gap_share:
            return None
        known = self._proven(known, tree, tree.bound)
        return known if self._is_good(known) else None

    def _first(
        self, leaf: Relaxed, limits: Limits, start: FloatArray | None, near: frozenset[RunStart]
    ) -> Found | None:
        """Give the best of a start and of what the relaxation says, whole; None: neither is a solution."""
        values = self._first_plan.plan(leaf, limits, near, start)
        found = [self._as_found(one, -np.inf) for one in (start, values) if one is not None]
        return self._noted(min(found, key=lambda one: one.objective)) if found else None

    def _proven(self, best: Found, tree: Tree, bound: float) -> Found:
        """Raise the bound as far as the gap asks."""
        ended = tree.raise_to(best.objective, self.options.gap_share, left_s=self.left_s * PROOF_SHARE)
        self.parts.cut_by_clock |= not ended
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

    def _in_turn(self, best: Found) -> Found:
        """Decide the processes and the runs again in turn, as long as that helps."""
        for turn in range(TURNS):
            before = best.objective
            for decide in (
                self._first_plan.switched,
                lambda one, by=WIDER**turn: self._first_plan.together(one, NEARLY * by),
            ):
                if self._is_good(best) or self.left_s <= LEAST_S or best.values is None:
                    return best
                found = self._as_found(decide(best.values), best.bound)
                best = self._noted(min(best, found, key=lambda one: one.objective))
            if best.objective >= before and turn:
                return best
        return best

    def _around(self, best: Found) -> Found:
        """Improve a solution by freeing a part of the runs at a time, until that no longer helps."""
        best = self._in_turn(best)
        began_s, n_vain = self.left_s, 0
        for neighbourhood in neighbourhoods(self.sets, self.matrix, self.options.seed):
            assert best.values is not None  # noqa: S101 -- the loop starts from a solution and keeps one
            left_s = self.left_s - began_s * (1 - AROUND_SHARE)
            self.parts.cut_by_clock |= left_s <= LEAST_S
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
        gap, share = self.parts.gap / 4, NEIGHBOURHOOD_SHARE
        found = self.parts.improve(part, best.values[free], NEIGHBOURHOOD_NODES, gap=gap, share=share)
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
        found = [self.parts.counted(self.solver.run_with_integers_fixed(one, deadline_s=EXACT_S)) for one in tried]
        best = min(found, key=lambda one: one.objective)
        settled = values if best.values is None else best.values
        two_ways = self._two_ways(settled)
        if two_ways:
            self.solver.set_limits(two_ways, [0.0] * len(two_ways), [0.0] * len(two_ways))
            again = self.parts.counted(self.solver.run_with_integers_fixed(settled, deadline_s=EXACT_S))
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
