r"""What a plan lets the site draw of reactive power: bounds of each step and of any weighted sum of :math:`|Q_t|`.

Before compensation the site draws :math:`u_t = \beta^Q_t + \sum_n \tan \varphi_n \rho_{nt} x_n`. Compensators give between
:math:`F_t - S_t` (banks without a controller, static generators taking) and :math:`C_t` (all that there is), so
:math:`u_t - C_t \le Q_t \le u_t - F_t + S_t`. For weights :math:`a_t \ge 0` two arguments bound
:math:`\sum_t a_t |Q_t|`, and the tighter one counts:

- *step by step*, from the least and greatest :math:`u_t`;
- *part by part*, from the greatest and least :math:`\sum_t a_t u_t`, in which each run has its reactive energy whenever it
  stands: :math:`|Q_t| \le u_t - F_t + S_t + \max(0, C_t + F_t - S_t - 2 \underline u_t)` and
  :math:`|Q_t| \ge u_t - C_t`.

Weights of either sign are taken apart.
"""

from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from optimizer.formulation.knapsack import Span, most_filled
from optimizer.formulation.load_limits import all_at_once_kw, by_task, certain_kw, most_of_runs
from optimizer.formulation.process_limits import ProcessLimits
from optimizer.formulation.reactive_sets import ReactiveSets
from optimizer.formulation.shifts import LoadShift
from optimizer.formulation.starts import TaskStarts


@noun(eq=False)
class ReactiveLimits:
    """Bounds of reactive power; arrays have shape (n_steps,)."""

    problem: ResponseProblem
    sets: ReactiveSets
    tasks: dict[str, TaskStarts]
    """Ways to do tasks, their profiles in kvar."""
    processes: tuple[tuple[float, ProcessLimits], ...]
    """(kvar per kW, limits of the load)."""
    shifts: tuple[tuple[float, LoadShift], ...]
    """(kvar per kW, shift of a modulating load)."""
    least_drawn_kvar: FloatArray
    """Least before compensation. [kvar]"""
    most_drawn_kvar: FloatArray
    """[kvar]"""

    @property
    def most_forward_kvar(self) -> FloatArray:
        """Most drawn in each step. [kvar]."""
        sets = self.sets
        return np.asarray(np.maximum(self.most_drawn_kvar - sets.least_given_kvar + sets.most_taken_kvar, 0.0))

    @property
    def most_reverse_kvar(self) -> FloatArray:
        """Most fed back in each step. [kvar]."""
        return np.asarray(np.maximum(self.sets.most_given_kvar - self.least_drawn_kvar, 0.0))

    @property
    def least_kvar(self) -> FloatArray:
        """Least of forward and reverse together. [kvar]."""
        sets = self.sets
        lags = self.least_drawn_kvar - sets.most_given_kvar
        leads = sets.least_given_kvar - sets.most_taken_kvar - self.most_drawn_kvar
        return np.asarray(np.maximum(0.0, np.maximum(lags, leads)))

    @property
    def most_kvar(self) -> FloatArray:
        """Most of forward and reverse together, one of which is 0. [kvar]."""
        return np.asarray(np.maximum(self.most_forward_kvar, self.most_reverse_kvar))

    def span(self, per_reactive_kvar: FloatArray) -> Span:
        """Bound Σ q·|Q| over all schedules.

        Parameters
        ----------
        per_reactive_kvar : FloatArray
            q, shape (n_steps,). [unit / kvar]
        """
        up, down = np.maximum(per_reactive_kvar, 0.0), np.maximum(-per_reactive_kvar, 0.0)
        least, most = self._least(up) - self._most(down), self._most(up) - self._least(down)
        return min(least, most), max(least, most)

    def _most(self, weights: FloatArray) -> float:
        if not weights.any():
            return 0.0
        sets = self.sets
        turned = sets.most_given_kvar + sets.least_given_kvar - sets.most_taken_kvar - 2 * self.least_drawn_kvar
        beyond = sets.most_taken_kvar - sets.least_given_kvar + np.maximum(0.0, turned)
        return min(float(weights @ self.most_kvar), self._drawn(weights) + float(weights @ beyond))

    def _least(self, weights: FloatArray) -> float:
        if not weights.any():
            return 0.0
        by_part = -self._drawn(-weights) - float(weights @ self.sets.most_given_kvar)
        return max(float(weights @ self.least_kvar), by_part)

    def _drawn(self, weights: FloatArray) -> float:
        """Bound Σ q·u, what is drawn before compensation, from above."""
        total = float(weights @ self.sets.base_kvar)
        total += sum(most_of_runs(ways, weights) for ways in by_task(self.tasks))
        total += sum(tangent * one.most(weights) for tangent, one in self.processes)
        loads = {load.load_id: load for load in self.problem.plan.modulating_loads}
        for tangent, shift in self.shifts:
            load, n_steps = loads[shift.load_id], shift.stop - shift.first
            limits = (np.full(n_steps, load.min_kw), np.full(n_steps, load.max_kw))
            sum_kw = shift.energy_kwh / self.problem.horizon.step_h
            total += tangent * most_filled(weights[shift.first : shift.stop], limits, (sum_kw, sum_kw))
        return total


def reactive_limits(
    problem: ResponseProblem,
    sets: ReactiveSets,
    tasks: dict[str, TaskStarts],
    processes: dict[str, ProcessLimits],
    shifts: dict[tuple[str, int], LoadShift],
) -> ReactiveLimits:
    """Bound what a plan's site can draw of reactive power."""
    n_steps = problem.horizon.n_steps
    tangents = sets.tangents
    in_kvar = {
        way: replace(one, profile_kw=one.profile_kw * tangents.of_way.get(way, 0.0)) for way, one in tasks.items()
    }
    least, most = np.array(sets.base_kvar), np.array(sets.base_kvar)
    for ways in by_task(in_kvar):
        least += certain_kw(ways, n_steps)
        most += sum(all_at_once_kw(one, n_steps) for one in ways)
    by_process = tuple((tangents.of_process[name], one) for name, one in processes.items() if tangents.of_process[name])
    for tangent, one in by_process:
        least += tangent * one.least_kw
        most += tangent * one.most_kw
    by_shift = tuple((tangents.of_load[one.load_id], one) for one in shifts.values() if tangents.of_load[one.load_id])
    loads = {load.load_id: load for load in problem.plan.modulating_loads}
    for tangent, shift in by_shift:
        least[shift.first : shift.stop] += tangent * loads[shift.load_id].min_kw
        most[shift.first : shift.stop] += tangent * loads[shift.load_id].max_kw
    return ReactiveLimits(
        problem=problem,
        sets=sets,
        tasks=in_kvar,
        processes=by_process,
        shifts=by_shift,
        least_drawn_kvar=least,
        most_drawn_kvar=most,
    )
