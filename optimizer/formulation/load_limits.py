r"""What a plan lets the site draw: bounds of each step's import and of any weighted sum of the steps.

The tightest big-M of a row over :math:`y = \sum_t a_t i_t + \sum_t e_t o_t` comes from the range of *y*. Two arguments
bound it, and the tighter one counts.

*Step by step* (a continuous knapsack). Each import lies between what must run then and what could, and the sum of all
imports is nearly fixed: every run and every shift of a modulating load draws its energy whatever the schedule, so only
batteries, curtailed PV and feed-in widen it. The greatest :math:`\sum_t a_t x_t` with :math:`l_t \le x_t \le m_t` and
:math:`L \le \sum_t x_t \le M` fills the steps in the order of falling :math:`a_t`: first those that gain, up to *M*;
then, while the sum is below *L*, those that lose least.

*Part by part.* With (G1), :math:`y = \sum_t a_t (\beta_t + R_t + P_t + \sum_b (c_{bt} - d_{bt}) - \sum_g u_{gt}) +
\sum_t (a_t + e_t) o_t`. Each part is bounded by itself: each run by its best start, each shift by a knapsack of its own,
each process by its quotas and stores (``process_limits``), PV by what is available, and a battery, for any :math:`\mu`, by
:math:`\sum_t \max((a_t - \mu) C, (\mu - a_t) D) + \max(\mu N^-, \mu N^+)`, where :math:`N^- \le \sum_t (c_t - d_t) \le N^+`
follows from its state at the ends and its losses.

A schedule that charges while discharging, or imports while exporting, may lie outside; no optimum does.
"""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.plant import Battery
from domain.plant.expand import machine_available
from optimizer.formulation.knapsack import Span, most_filled
from optimizer.formulation.process_limits import ProcessLimits, process_limits
from optimizer.formulation.process_sets import ProcessSteps
from optimizer.formulation.reactive_spans import ReactiveSpans
from optimizer.formulation.shifts import LoadShift
from optimizer.formulation.starts import TaskStarts

__all__ = [
    "LoadLimits",
    "Span",
    "all_at_once_kw",
    "certain_kw",
    "changeover_kw",
    "least_drawn_kw",
    "load_limits",
    "most_filled",
    "most_import_kw",
    "most_of_runs",
    "stored_sum_kw",
]
N_LEVELS = 12
"""How many values of μ are tried for a battery. [-]"""


@noun(eq=False)
class LoadLimits:
    """Bounds of the import and of the export; arrays have shape (n_steps,)."""

    problem: ResponseProblem
    tasks: dict[str, TaskStarts]
    processes: tuple[ProcessLimits, ...]
    changing_kw: dict[str, FloatArray]
    """By machine: what changeovers of all its copies draw at most, shape (n_steps,). [kW]"""
    shifts: dict[tuple[str, int], LoadShift]
    pv_available_kw: dict[str, FloatArray]
    least_import_kw: FloatArray
    most_import_kw: FloatArray
    most_export_kw: FloatArray
    least_sum_kw: float
    """Least sum of the import over the steps; times the step's hours it is energy. [kW]"""
    most_sum_kw: float
    may_have_surplus: bool
    """Whether more could be generated than is used and may be fed in, PV apart, which can be curtailed."""
    most_loss_kw: FloatArray
    """What compensators can draw for their losses. [kW]"""
    reactive: ReactiveSpans | None = None
    """Bounds of the reactive power, where the plan counts it."""

    @property
    def is_rigid(self) -> bool:
        """Whether nothing but the choice of starts moves the load."""
        site = self.problem.site
        loads = {load.load_id: load for load in self.problem.plan.modulating_loads}
        return not (
            site.batteries
            or any(power.any() for power in self.pv_available_kw.values())
            or any(loads[one.load_id].min_kw < loads[one.load_id].max_kw for one in self.shifts.values())
            or any(task.least_lot_share < 1 for task in self.problem.plan.tasks)
            or not all(one.is_rigid for one in self.processes)
            or (self.reactive is not None and (self.reactive.sets.stepless or self.most_loss_kw.any()))
        )

    def span(
        self,
        per_import_kw: FloatArray,
        per_export_kw: FloatArray | None = None,
        per_reactive_kvar: FloatArray | None = None,
    ) -> Span:
        """Bound Σ a·import + Σ e·export + Σ q·|reactive power| over all schedules.

        Parameters
        ----------
        per_import_kw, per_export_kw : FloatArray
            a and e, shape (n_steps,). [unit / kW]
        per_reactive_kvar : FloatArray, optional
            q, shape (n_steps,), where the plan counts reactive power. [unit / kvar]
        """
        fed_in = np.zeros(per_import_kw.size) if per_export_kw is None else per_export_kw
        most = min(self._by_step(per_import_kw, fed_in), self._by_part(per_import_kw, fed_in))
        least = -min(self._by_step(-per_import_kw, -fed_in), self._by_part(-per_import_kw, -fed_in))
        if per_reactive_kvar is not None and self.reactive is not None:
            ends = self.reactive.span(per_reactive_kvar)
            least, most = least + ends[0], most + ends[1]
        return min(least, most), max(least, most)  # they cross only where no schedule exists

    def _by_step(self, per_import_kw: FloatArray, per_export_kw: FloatArray) -> float:
        limits = (self.least_import_kw, np.maximum(self.most_import_kw, self.least_import_kw))
        drawn = most_filled(per_import_kw, limits, (self.least_sum_kw, self.most_sum_kw))
        return drawn + float(np.maximum(per_export_kw, 0.0) @ self.most_export_kw)

    def _by_part(self, per_import_kw: FloatArray, per_export_kw: FloatArray) -> float:
        problem = self.problem
        total = float(per_import_kw @ problem.base_kw)
        total += sum(most_of_runs(ways, per_import_kw) for ways in by_task(self.tasks))
        total += sum(one.most(per_import_kw) for one in self.processes)
        total += sum(float(np.maximum(per_import_kw, 0.0) @ kw) for kw in self.changing_kw.values())
        total += float(np.maximum(per_import_kw, 0.0) @ self.most_loss_kw)
        loads = {load.load_id: load for load in problem.plan.modulating_loads}
        for shift in self.shifts.values():
            load, n_steps = loads[shift.load_id], shift.stop - shift.first
            limits = (np.full(n_steps, load.min_kw), np.full(n_steps, load.max_kw))
            sum_kw = shift.energy_kwh / problem.horizon.step_h
            total += most_filled(per_import_kw[shift.first : shift.stop], limits, (sum_kw, sum_kw))
        for battery in problem.site.batteries:
            total += _most_of_battery(battery, per_import_kw, problem.horizon.step_h)
        for available_kw in self.pv_available_kw.values():
            total += float(np.maximum(-per_import_kw, 0.0) @ available_kw)
        return total + float(np.maximum(per_import_kw + per_export_kw, 0.0) @ self.most_export_kw)


def load_limits(
    problem: ResponseProblem,
    tasks: dict[str, TaskStarts],
    processes: Mapping[str, ProcessSteps],
    shifts: dict[tuple[str, int], LoadShift],
    pv_available_kw: dict[str, FloatArray],
    *,
    most_loss_kw: FloatArray | None = None,
) -> LoadLimits:
    """Bound what a plan's site can import and export; compensators may draw for their losses besides."""
    step_h, site = problem.horizon.step_h, problem.site
    found = {process_id: process_limits(one, problem) for process_id, one in processes.items()}
    least_load_kw = least_drawn_kw(problem, tasks, shifts)
    least_load_kw += sum(one.least_kw for one in found.values())
    changing_kw = changeover_kw(problem)
    discharge_kw = sum(one.max_discharge_kw for one in site.batteries)
    sun_kw = np.sum(list(pv_available_kw.values()), axis=0) if pv_available_kw else np.zeros(least_load_kw.size)
    least_net_kw = least_load_kw - discharge_kw - sun_kw
    loss_kw = np.zeros(least_load_kw.size) if most_loss_kw is None else most_loss_kw
    most_kw = np.minimum(most_import_kw(problem, tasks, found, shifts) + loss_kw, site.import_limit_kw)
    fixed_kw = float(np.sum(problem.base_kw)) + sum(one.energy_kwh for one in shifts.values()) / step_h
    run_kw = [_sum_of_runs(ways) for ways in by_task(tasks)]
    run_kw += [one.sum_kw for one in found.values()]
    run_kw += [(0.0, float(kw.sum())) for kw in (*changing_kw.values(), loss_kw)]
    stored = [stored_sum_kw(one, problem.horizon.n_steps, step_h) for one in site.batteries]
    fed_in_kw = np.clip(discharge_kw - least_load_kw, 0.0, site.export_limit_kw)
    least_sum_kw = fixed_kw + sum(least for least, _ in [*stored, *run_kw]) - float(sun_kw.sum())
    most_sum_kw = fixed_kw + sum(most for _, most in [*stored, *run_kw]) + float(fed_in_kw.sum())
    least_import_kw = np.clip(least_net_kw, 0.0, most_kw)
    return LoadLimits(
        problem=problem,
        tasks=tasks,
        processes=tuple(found.values()),
        changing_kw=changing_kw,
        shifts=shifts,
        pv_available_kw=pv_available_kw,
        least_import_kw=least_import_kw,
        most_import_kw=most_kw,
        most_export_kw=np.clip(-least_net_kw, 0.0, site.export_limit_kw),
        least_sum_kw=min(max(least_sum_kw, float(least_import_kw.sum())), float(most_kw.sum())),
        most_sum_kw=max(min(most_sum_kw, float(most_kw.sum())), float(least_import_kw.sum())),
        may_have_surplus=bool((least_load_kw < -site.export_limit_kw).any()),
        most_loss_kw=loss_kw,
    )


def least_drawn_kw(
    problem: ResponseProblem, tasks: Mapping[str, TaskStarts], shifts: Mapping[tuple[str, int], LoadShift]
) -> FloatArray:
    """Give what base load, runs and modulating loads draw at least in each step, shape (n_steps,). [kW]."""
    drawn_kw = np.array(problem.base_kw, dtype=np.float64)
    minima = {load.load_id: load.min_kw for load in problem.plan.modulating_loads}
    for shift in shifts.values():
        drawn_kw[shift.first : shift.stop] += minima[shift.load_id]
    for ways in by_task(tasks):
        drawn_kw += certain_kw(ways, drawn_kw.size)
    return drawn_kw


def by_task(tasks: Mapping[str, TaskStarts]) -> list[list[TaskStarts]]:
    """Give the ways to do each task, those without room left out."""
    found: dict[str, list[TaskStarts]] = {}
    for one in tasks.values():
        if one.steps.size:
            found.setdefault(one.task_id, []).append(one)
    return list(found.values())


def certain_kw(ways: list[TaskStarts], n_steps: int) -> FloatArray:
    """Give what a task draws wherever its runs start, shape (n_steps,): the part that all starts have in common."""
    drawn_kw, lot_share = np.zeros(n_steps), ways[0].task.least_lot_share
    if all((one.least_count == one.most_count).all() for one in ways):
        for one in ways:
            for step, count in zip(one.steps.tolist(), one.least_count.tolist(), strict=True):
                drawn_kw[step : step + one.n_occupied] += count * one.profile_kw * lot_share
        return drawn_kw
    last = max(int(one.steps[-1]) for one in ways)
    stop = min(int(one.steps[0]) + one.n_occupied for one in ways)
    if last < stop:
        common = [one.profile_kw[last - step : stop - step] for one in ways for step in one.steps.tolist()]
        drawn_kw[last:stop] = ways[0].least_runs * lot_share * np.min(common, axis=0)
    return drawn_kw


def changeover_kw(problem: ResponseProblem) -> dict[str, FloatArray]:
    """Give what changeovers on all copies of a machine draw at most in each step, by machine, shape (n_steps,). [kW]."""
    step_min, found = problem.horizon.step_min, {}
    for machine in problem.plan.machines:
        powers = [
            one.power_kw * one.duration_min / (-(-one.duration_min // step_min) * step_min)
            for one in problem.plan.changeovers
            if one.machine_id == machine.machine_id
        ]
        if powers:
            copies = machine_available(problem.plan, machine.machine_id, problem.horizon)
            found[machine.machine_id] = np.asarray(copies * max(powers), dtype=np.float64)
    return found


def most_import_kw(
    problem: ResponseProblem,
    tasks: Mapping[str, TaskStarts],
    processes: Mapping[str, ProcessLimits],
    shifts: Mapping[tuple[str, int], LoadShift],
) -> FloatArray:
    """Give the most that the site can import in each step, whatever it does, shape (n_steps,). [kW].

    Tasks and processes are grouped by the first machine they need: a group draws at most what all its runs could, and
    at most as many times its hungriest run as there are such machines.
    """
    n_steps, plan = problem.horizon.n_steps, problem.plan
    most = np.array(problem.base_kw, dtype=np.float64)
    groups: dict[str, list[tuple[FloatArray, FloatArray]]] = defaultdict(list)
    for task_id, one in tasks.items():
        drawn = all_at_once_kw(one, n_steps)
        alone = np.where(drawn > 0, one.profile_kw.max(), 0.0)
        groups[(*one.task.machine_ids, f"task {task_id}")[0]].append((drawn, alone))
    for process in plan.processes:
        drawn = processes[process.process_id].most_kw
        groups[(*process.machine_ids, f"process {process.process_id}")[0]].append((drawn, np.maximum(drawn, 0.0)))
    for machine_id, changing in changeover_kw(problem).items():
        count = next(one.count for one in plan.machines if one.machine_id == machine_id)
        groups[machine_id].append((changing, changing / count))
    counts = {machine.machine_id: machine.count for machine in plan.machines}
    for machine_id, members in groups.items():
        together = np.sum([drawn for drawn, _ in members], axis=0)
        hungriest = np.max([alone for _, alone in members], axis=0)
        most += np.minimum(together, counts[machine_id] * hungriest) if machine_id in counts else together
    maxima = {load.load_id: load.max_kw for load in plan.modulating_loads}
    for shift in shifts.values():
        most[shift.first : shift.stop] += maxima[shift.load_id]
    most += sum(one.max_charge_kw for one in problem.site.batteries)
    return np.asarray(np.clip(most, 0.0, problem.site.import_limit_kw), dtype=np.float64)


def all_at_once_kw(one: TaskStarts, n_steps: int) -> FloatArray:
    """Give what a task would draw if every possible start were used as often as it may, shape (n_steps,)."""
    drawn, starts = np.zeros(n_steps + one.n_occupied), np.zeros(n_steps)
    starts[one.steps] = one.most_count
    for offset, kw in enumerate(one.profile_kw.tolist()):
        drawn[offset : offset + n_steps] += kw * starts
    most_at_once = one.task.count * one.profile_kw.max()
    return np.asarray(np.minimum(drawn[:n_steps], most_at_once), dtype=np.float64)


def _sum_of_runs(ways: list[TaskStarts]) -> Span:
    """Bound the sum over the steps of what a task's runs draw. [kW]."""
    least_count, most_count = ways[0].least_runs, ways[0].most_runs
    sums_kw = [float(one.profile_kw.sum()) for one in ways]
    return least_count * ways[0].task.least_lot_share * min(sums_kw), most_count * max(sums_kw)


def most_of_runs(ways: list[TaskStarts], per_import_kw: FloatArray) -> float:
    """Give the greatest Σ a·power of a task's runs, each in its best way at its best start with its best lot."""
    least_count, most_count = ways[0].least_runs, ways[0].most_runs
    steps = [np.correlate(per_import_kw, one.profile_kw, mode="valid")[one.steps] for one in ways]
    worth = np.concatenate(steps)
    worth = np.maximum(worth, worth * ways[0].task.least_lot_share)
    fixed = np.concatenate([one.least_count for one in ways])
    order = np.argsort(-worth, kind="stable")
    room = (np.concatenate([one.most_count for one in ways]) - fixed)[order]
    gaining = int(room[worth[order] > 0].sum())
    n_fixed = int(fixed.sum())
    left = min(max(gaining, least_count - n_fixed), most_count - n_fixed)
    taken = np.clip(left - (np.cumsum(room) - room), 0, room)
    return float(worth @ fixed + worth[order] @ taken)


def stored_sum_kw(battery: Battery, n_steps: int, step_h: float) -> Span:
    r"""Bound :math:`\sum_t (c_t - d_t)` of a battery. [kW].

    What it must lose or gain follows from its state at the ends; cycling loses :math:`1 - \eta^c \eta^d` of what is
    charged, and charging and discharging share the time: :math:`\sum c / C + \sum d / D \le n`.
    """
    into, out_of = battery.charge_eff, battery.discharge_eff
    short_kwh = battery.least_at_end_kwh - battery.soc_start_kwh
    least_kwh = short_kwh / into if short_kwh > 0 else short_kwh * out_of
    room_kwh = battery.capacity_kwh - battery.soc_start_kwh
    all_day_kwh = n_steps * step_h * battery.max_charge_kw
    most_kwh = min(all_day_kwh, room_kwh / into)
    if all_day_kwh > most_kwh and battery.max_discharge_kw > 0:
        per_charged = into * out_of
        hours = n_steps * step_h + out_of * room_kwh / battery.max_discharge_kw
        charged_kwh = hours / (1 / battery.max_charge_kw + per_charged / battery.max_discharge_kw)
        most_kwh = charged_kwh * (1 - per_charged) + out_of * room_kwh
    return max(least_kwh / step_h, -n_steps * battery.max_discharge_kw), most_kwh / step_h


def _most_of_battery(battery: Battery, per_import_kw: FloatArray, step_h: float) -> float:
    """Bound Σ a·(charge − discharge) of a battery from above."""
    net = stored_sum_kw(battery, per_import_kw.size, step_h)
    bounds: list[float] = []
    for level in np.quantile(per_import_kw, np.linspace(0.0, 1.0, N_LEVELS)).tolist():
        apart = per_import_kw - level
        in_turn = np.maximum(apart * battery.max_charge_kw, -apart * battery.max_discharge_kw)
        bounds.append(float(in_turn.sum()) + max(level * net[0], level * net[1]))
    return min(bounds)
