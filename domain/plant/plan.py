"""What the plant wants to do: tasks, processes, orders, stores and shifts over one horizon."""

from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from domain import checks
from domain.noun import noun
from domain.plant.changeovers import Changeover
from domain.plant.equipment import Machine, ModulatingLoad, Shift
from domain.plant.plan_checks import check_changeovers, check_processes, check_ways
from domain.plant.processes import Process
from domain.plant.stores import Store
from domain.plant.tasks import Order, Precedence, Task
from domain.plant.utilities import Utility
from domain.text import Text
from domain.time import zone_of


@noun
class ProductionPlan:
    """All the work of one horizon.

    Invariants: ids are unique, references lead somewhere, precedences have no cycle, every task's
    window can hold a run.
    """

    plan_id: str
    zone: str
    start: datetime
    """Start of the horizon; a local midnight."""
    end: datetime
    """End of the horizon, exclusive; a local midnight."""
    machines: tuple[Machine, ...] = ()
    stores: tuple[Store, ...] = ()
    orders: tuple[Order, ...] = ()
    tasks: tuple[Task, ...] = ()
    precedences: tuple[Precedence, ...] = ()
    modulating_loads: tuple[ModulatingLoad, ...] = ()
    shifts: tuple[Shift, ...] = ()
    """Crews; none given: people are always there and cost nothing more."""
    processes: tuple[Process, ...] = ()
    utilities: tuple[Utility, ...] = ()
    changeovers: tuple[Changeover, ...] = ()

    def __post_init__(self) -> None:
        checks.not_empty(self, "plan_id", self.plan_id)
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
        self._edges_are_midnights()
        checks.unique(self, "machines", (one.machine_id for one in self.machines))
        checks.unique(self, "stores", (one.store_id for one in self.stores))
        checks.unique(self, "orders", (one.order_id for one in self.orders))
        checks.unique(self, "tasks", (one.task_id for one in self.tasks))
        checks.unique(self, "modulating_loads", (one.load_id for one in self.modulating_loads))
        checks.unique(self, "processes", (one.process_id for one in self.processes))
        checks.unique(self, "utilities", (one.utility_id for one in self.utilities))
        for task in self.tasks:
            self._check_task(task)
        check_ways(self.tasks, machines=self.machines, stores=self.stores, utilities=self.utilities)
        check_processes(
            self.processes,
            machines=self.machines,
            stores=self.stores,
            utilities=self.utilities,
            span=(self.start, self.end),
        )
        check_changeovers(self.changeovers, machines=self.machines, tasks=self.tasks, processes=self.processes)
        self._check_precedences()

    def _edges_are_midnights(self) -> None:
        zone = zone_of(self.zone)
        for field in ("start", "end"):
            local = getattr(self, field).astimezone(zone)
            if (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
                raise checks.refuse(
                    self,
                    field,
                    local.isoformat(),
                    Text(en=f"must be a midnight in {self.zone}", zh=f"必须是 {self.zone} 的零点"),
                )

    def _check_task(self, task: Task) -> None:
        if task.order_id is not None:
            checks.known(task, "order_id", task.order_id, (one.order_id for one in self.orders))
        first, last = self.window_of(task)
        if last - first < task.shortest:
            raise checks.refuse(
                f"Task {task.task_id}",
                "latest_end",
                last.isoformat(),
                Text(
                    en=f"between {first.isoformat()} and then, a run of {task.shortest_min} min does not fit",
                    zh=f"自 {first.isoformat()} 至此，放不下一次 {task.shortest_min} 分钟的运行",
                ),
                Text(en="Widen the window or move the order's dates.", zh="请放宽时间窗或调整订单日期。"),
            )

    def _check_precedences(self) -> None:
        names = {task.task_id: task for task in self.tasks}
        after: dict[str, list[str]] = {}
        checks.unique(self, "precedences", (f"{link.before} → {link.after}" for link in self.precedences))
        for link in self.precedences:
            for field in ("before", "after"):
                task_id = getattr(link, field)
                checks.known(link, field, task_id, names)
                if names[task_id].count != 1 or names[task_id].min_count == 0:
                    raise checks.refuse(
                        link,
                        field,
                        task_id,
                        Text(
                            en="must have exactly one run; give each run its own task",
                            zh="必须恰好运行一次；请为每次运行单列任务",
                        ),
                    )
            after.setdefault(link.before, []).append(link.after)
        _refuse_cycle(after)

    def task(self, task_id: str) -> Task:
        """Give a task by its id."""
        return next(task for task in self.tasks if task.task_id == task_id)

    def order_of(self, task: Task) -> Order | None:
        """Give the order a task works for, if any."""
        return next((order for order in self.orders if order.order_id == task.order_id), None)

    def window_of(self, task: Task) -> tuple[datetime, datetime]:
        """Give the hard window of a task's runs: first possible start, last possible end.

        A task that may be late (its order prices lateness) has the end of the plan as its hard end.
        """
        order = self.order_of(task)
        starts = [self.start, task.earliest, order.release if order else None]
        ends = [self.end, task.latest_end, order.due if order and order.lateness_cost_per_h is None else None]
        return max(at for at in starts if at is not None), min(at for at in ends if at is not None)


def _refuse_cycle(after: dict[str, list[str]]) -> None:
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        ring = " → ".join(error.args[1])
        raise checks.refuse("ProductionPlan", "precedences", ring, Text(en="is a circle", zh="形成循环")) from error
