"""Whether a schedule can be, and what it costs, by the plain second model with all that the schedule says held fast."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from domain.offers import ResponseProblem
from domain.plant import Schedule
from tests.plain_optimum import Plant


class Held:
    """A plant of whose columns a schedule says the values."""

    def __init__(self, asked: ResponseProblem, schedule: Schedule) -> None:
        self.plant = Plant(asked)
        self.asked = asked
        self.values: dict[int, float] = {}
        self.possible = True
        self._hold_runs(schedule)
        self._hold_changes(schedule)
        for process_id, (rate, on, start) in self.plant.units.items():
            use = schedule.processes[process_id]
            process = next(one for one in asked.plan.processes if one.process_id == process_id)
            was_on = [process.before.is_on, *use.is_on[:-1].tolist()]
            for t, is_on in enumerate(use.is_on.tolist()):
                self.values[rate[t]] = float(use.rate[t])
                self.values[on[t]] = float(is_on)
                self.values[start[t]] = float(is_on and not was_on[t])
        for store_id, columns in self.plant.thrown.items():
            self.values |= {column: float(schedule.disposed[store_id][t]) for t, column in enumerate(columns)}
        for (load_id, t), column in self.plant.powers.items():
            self.values[column] = float(schedule.modulating_kw[load_id][t])
        for battery_id, pairs in self.plant.cells.items():
            use_of = schedule.batteries[battery_id]
            for t, (charge, give) in enumerate(pairs):
                self.values |= {charge: float(use_of.charge_kw[t]), give: float(use_of.discharge_kw[t])}

    def _hold_runs(self, schedule: Schedule) -> None:
        """Hold how many runs start where; a lot has its limits by itself, so they are looked at one by one."""
        least = {task.task_id: task.least_lot_share for task in self.asked.plan.tasks}
        counts: dict[tuple[str, str | None, int], list[float]] = defaultdict(list)
        for run in schedule.runs:
            key = (run.task_id, run.mode_id, round(self.plant.step(run.start)))
            counts[key].append(run.lot_share)
            self.possible &= key in self.plant.runs and least[run.task_id] - 1e-6 <= run.lot_share <= 1 + 1e-6
        for key, (x, lot) in self.plant.runs.items():
            self.values |= {lot: sum(counts[key]), x: float(len(counts[key]))}

    def _hold_changes(self, schedule: Schedule) -> None:
        """Hold how many changes start where; which of the equal copies makes them is left open."""
        counts: dict[tuple[str, str, str, int], int] = defaultdict(int)
        for one in schedule.changeovers:
            key = (one.machine_id, one.from_family, one.to_family, round(self.plant.step(one.start)))
            counts[key] += 1
            self.possible &= key in self.plant.changes
        self.counts = counts

    def net_kw(self) -> np.ndarray:
        """Give what the schedule draws through the meter. [kW]."""
        first = {copies[0]: float(self.counts[key]) for key, copies in self.plant.changes.items()}
        known = self.values | first
        drawn = [sum(weight * known.get(column, 0.0) for column, weight in terms) for terms in self.plant.load]
        return np.asarray(self.asked.base_kw + np.array(drawn), dtype=np.float64)

    def cost(self) -> float | None:
        """Give what the schedule costs; None where it breaks a rule. [currency]."""
        if not self.possible:
            return None
        lp = self.plant.lp
        for column, value in self.values.items():
            if not lp.least[column] - 1e-6 <= value <= lp.most[column] + 1e-6:
                return None
            lp.least[column] = lp.most[column] = value
        for key, copies in self.plant.changes.items():
            lp.same([(column, 1.0) for column in copies], float(self.counts[key]))
        found = lp.solve()
        return None if found is None else found[0]


def with_its_import(asked: ResponseProblem, schedule: Schedule) -> Schedule:
    """Give a schedule with the import and export that follow from all else in it."""
    net_kw = Held(asked, schedule).net_kw()
    return replace(schedule, import_kw=np.maximum(net_kw, 0.0), export_kw=np.maximum(-net_kw, 0.0))


def plain_cost(asked: ResponseProblem, schedule: Schedule) -> float | None:
    """Give what a schedule costs; None where it breaks a rule. [currency]."""
    return Held(asked, schedule).cost()
