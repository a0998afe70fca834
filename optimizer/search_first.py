"""A first plan around a relaxation, and what can still be won by deciding its parts again in turn.

Processes are switched by prices, runs placed by prices, then among their nearly best starts together with power and peaks
(``search_processes``, ``search_runs``, ``search_joint``). Where a process would have no room left that way, the runs go
first and the processes around them.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from domain.checks import FloatArray
from optimizer.formulation import Matrix, PlanSets, restricted
from optimizer.formulation.starts import RunStart
from optimizer.search_coarse import Coarse, Limits, Relaxed
from optimizer.search_joint import Joint
from optimizer.search_parts import ASK_SHARE, Parts
from optimizer.search_placed import Placements
from optimizer.search_processes import Switching
from optimizer.search_rest import Rest
from optimizer.search_steady import steadied

LEAF_SHARE = 0.3
"""Share of the time left for the relaxation with some whole numbers fixed. [-]"""
NEARLY = 0.005
"""Starts no dearer than this part of the gap asked for, beside their task's best, are looked at together. [-]"""
WIDER = 4.0
"""By how much more each time. [-]"""
NODES = 100
"""Most nodes of a search of all runs together, or of all switches. [-]"""
REACH_H = 1.5
"""So far around its switches a process is decided again. [h]"""
STEADY_H = 0.5
"""On this grid. [h]"""
MOST_TASKS = 90
"""Up to so many tasks are placed together; of more, half as many at a time. [-]"""
MARGIN_H = 36.0
"""So far around the tasks of a part the rest may move. [h]"""
SPAN_SHARE = 0.15
"""Share of the time left that placing one such part may take. [-]"""
HALF = 0.5
"""Half of a run, half of being on. [-]"""


class First:
    """Makes and mends plans of one matrix."""

    def __init__(self, sets: PlanSets, matrix: Matrix, coarse: Coarse, rest: Rest, parts: Parts) -> None:
        self.matrix = matrix
        self._sets, self._coarse, self._rest, self._parts = sets, coarse, rest, parts
        self._runs = matrix.columns_of("run_count")
        self._on = matrix.columns_of("process_on")
        self.limits: Limits = {}
        """Of the tariff's and events' whole numbers, while runs are placed together."""

    def plan(
        self, leaf: Relaxed, limits: Limits, near: frozenset[RunStart], start: FloatArray | None
    ) -> FloatArray | None:
        """Give a whole solution within limits; None: none was found."""
        self.limits = limits
        values = self._by_prices(leaf, limits)
        if values is not None:
            return self.together(values, NEARLY)
        for counts in self._placed(leaf, near, start):
            values = self._rest.complete(counts, limits, self._parts.gap)
            if values is not None:
                return values
        return None

    def _by_prices(self, leaf: Relaxed, limits: Limits) -> FloatArray | None:
        switches: Limits = {}
        held: Relaxed | None = leaf
        if self._on:
            found = Switching(self._sets, self.matrix).limits(leaf, self._parts.switch)
            if found is None:
                return None
            switches = found
            held = self._held({**limits, **switches})
        if held is None:
            return None
        for counts in self._placed(held, frozenset(), None):
            return self._rest.around(counts, switches, limits, self._parts.gap)
        return None

    def _held(self, limits: Limits) -> Relaxed | None:
        """Relax within limits; None: time was short, or nothing lies within them."""
        held = self._coarse.solve(limits, deadline_s=self._parts.left_s * LEAF_SHARE)
        self._parts.cut_by_clock |= held is None
        return held if held is not None and np.isfinite(held.bound) else None

    def together(self, values: FloatArray, nearly: float) -> FloatArray:
        """Decide all runs again among their nearly best starts, processes held; the better of both solutions."""
        if not self._runs:
            return values
        limits = {**self.limits, **self._switches_of(values)}
        held = self._held(limits)
        if held is None:
            return values
        nearly_cost = nearly * self._parts.options.gap_share * self._parts.scale
        spans = list(self._spans(values))
        for tasks, span in spans:
            part, numbers = self._joint.part(held, limits, values, nearly_cost, tasks)
            small = values[numbers]
            is_held = self._joint.outside(numbers, span, tasks)
            kept = np.where(part.is_integer, np.round(small), small)
            asked = restricted(part, is_held, kept)
            gap = self._parts.gap / 2 / len(spans)
            found = self._parts.improve(asked, small[~is_held], NODES, gap=gap, share=SPAN_SHARE)
            if found.values is None or found.objective >= self._cost(values):
                continue
            kept[~is_held] = found.values
            whole = np.zeros(len(self.matrix.columns))
            whole[numbers] = kept
            values = self._cheaper(values, self._rest.settled(whole))
        return values

    def _spans(self, values: FloatArray) -> Iterator[tuple[list[str], tuple[int, int]]]:
        """Give the tasks to place together, with the steps around them: all, or many tasks in overlapping parts."""
        at: dict[str, int] = {}
        for (way_id, step), column in self._runs.items():
            if values[column] > HALF:
                at.setdefault(self._sets.tasks[way_id].task_id, step)
        n_steps = self._sets.problem.horizon.n_steps
        order = sorted(at, key=lambda one: (at[one], one))
        if len(order) <= MOST_TASKS:
            yield list(self._sets.ways_of), (0, n_steps)
            return
        margin = round(MARGIN_H / self._sets.problem.horizon.step_h)
        for first in range(0, len(order), MOST_TASKS // 4):
            tasks = order[first : first + MOST_TASKS // 2]
            yield tasks, (at[tasks[0]] - margin, at[tasks[-1]] + margin)

    def switched(self, values: FloatArray) -> FloatArray:
        """Decide again when processes switch, near their switches, runs held; the better of both solutions."""
        if not self._on:
            return values
        step_h = self._sets.problem.horizon.step_h
        n_steps = max(1, round(STEADY_H / step_h))
        for grid in (n_steps, 1):
            whole, spread = steadied(self._rest.hourly, grid)
            small = values[[self.matrix.column_of[column] for column in whole.columns]]
            if not (np.abs(spread @ small - values)[list(self._on.values())] > HALF).any():
                break  # else it switches between the grid's steps
        on = np.array([name == "process_on" for name, _ in whole.columns], dtype=bool)
        is_held = np.array([name == "run_count" for name, _ in whole.columns], dtype=bool)
        near = self._near_switches(values, round(REACH_H / step_h))
        is_held |= on & ~np.array([column in near for column in whole.columns], dtype=bool)
        kept = np.where(whole.is_integer, np.round(small), small)
        part = restricted(whole, is_held, kept)
        found = self._parts.improve(part, small[~is_held], NODES, gap=self._parts.gap / 2)
        if found.values is None or found.objective >= self._cost(values):
            return values
        kept[~is_held] = found.values
        return self._cheaper(values, self._rest.settled(np.asarray(spread @ kept)))

    def _near_switches(self, values: FloatArray, reach: int) -> set[tuple[str, object]]:
        near: set[tuple[str, object]] = set()
        by_process: dict[str, dict[int, float]] = {}
        for (process_id, step), column in self._on.items():
            by_process.setdefault(process_id, {})[step] = values[column]
        for process_id, at in by_process.items():
            for step, value in at.items():
                if step and abs(value - at.get(step - 1, value)) > HALF:
                    near |= {("process_on", (process_id, t)) for t in range(step - reach, step + reach)}
        return near

    def _cheaper(self, values: FloatArray, other: FloatArray | None) -> FloatArray:
        return values if other is None or self._cost(other) >= self._cost(values) else other

    def _cost(self, values: FloatArray) -> float:
        return float(self.matrix.cost @ values) + self.matrix.cost_offset

    def _switches_of(self, values: FloatArray) -> Limits:
        return {column: (float(values[column] > HALF),) * 2 for column in self._on.values()}

    @cached_property
    def _joint(self) -> Joint:
        return Joint(self._sets, self.matrix, self._rest.hourly)

    def _placed(
        self, relaxed: Relaxed, near: frozenset[RunStart], start: FloatArray | None
    ) -> Iterator[Mapping[RunStart, int]]:
        """Give placements of all runs, those that promise most first."""
        likely = {self._runs[key] for key in near if key in self._runs}
        if start is not None:
            likely |= {column for column in self._runs.values() if start[column] > HALF}
        parts, began_s = self._parts, self._parts.left_s

        def is_late() -> bool:
            late = parts.left_s < began_s * (1 - ASK_SHARE)
            parts.cut_by_clock |= late
            return late

        placements = Placements(
            self._sets, self.matrix, parts.place, parts.fit, seed=parts.options.seed, is_late=is_late
        )
        return placements.around(relaxed, likely)
