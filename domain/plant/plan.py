"""What the plant wants to do: tasks, orders, stores and shifts over one horizon."""

from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.plant.equipment import Machine, ModulatingLoad, Shift, Store
from domain.text import Text
from domain.time import zone_of

LONGEST_PHASE_MIN = 366 * 24 * 60


@noun
class PowerPhase:
    """One stretch of a task at constant power."""

    power_kw: float
    """Mean electric power. [kW]"""
    duration_min: int
    """[min]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "power_kw", self.power_kw)
        checks.positive(self, "duration_min", self.duration_min)
        checks.at_most(self, "duration_min", self.duration_min, LONGEST_PHASE_MIN, "366 d")


@noun
class Flow:
    """What one run of a task puts into a store (positive) or takes out of it (negative)."""

    store_id: str
    quantity: float
    """[store.unit] per run"""
    when: Literal["start", "end", "evenly"] = "end"
    """In the run's first step, in its last, or spread evenly over it."""

    def __post_init__(self) -> None:
        checks.finite(self, "quantity", self.quantity)


@noun
class Order:
    """A promise to a customer: the tasks that name it are due then."""

    order_id: str
    description: str = ""
    release: datetime | None = None
    """Its tasks may not start before; None: start of the plan."""
    due: datetime
    """Its tasks must have ended by then, or pay for each hour they are late."""
    lateness_cost_per_h: float | None = None
    """None: being late is forbidden. [currency / h] per run"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "order_id", self.order_id)
        checks.to_utc(self, "release", "due")
        if self.release is not None:
            checks.ordered(self, "due", self.release, self.due)
        if self.lateness_cost_per_h is not None:
            checks.not_negative(self, "lateness_cost_per_h", self.lateness_cost_per_h)


@noun
class Task:
    """A piece of work with a power profile that, once started, runs through.

    ``count`` equal runs of one kind share a window (heats of a campaign, mill batches of a day); each
    occupies one of every machine named. Runs start on step edges; a step that a run has begun is
    occupied whole, its energy is kept.
    """

    task_id: str
    name: str
    machine_ids: tuple[str, ...]
    """Each run occupies one of each of these machines."""
    phases: tuple[PowerPhase, ...]
    earliest: datetime | None = None
    """No run starts before; None: the order's release or the start of the plan."""
    latest_end: datetime | None = None
    """All runs have ended by then; None: the order's due time or the end of the plan."""
    count: int = 1
    planned_starts: tuple[datetime, ...] = ()
    """Where people have put the runs today; empty or one per run."""
    movable: bool = True
    """False: it stays where ``planned_starts`` put it."""
    start_every_min: int = 15
    """Runs start on multiples of this after local midnight. [min]"""
    flows: tuple[Flow, ...] = ()
    order_id: str | None = None
    crew_count: float = 0.0
    """People who attend a run. [-]"""
    start_cost: float = 0.0
    """Per run: warm-up, tooling. [currency]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "task_id", self.task_id)
        checks.not_empty(self, "phases", self.phases)
        checks.positive(self, "count", self.count)
        checks.positive(self, "start_every_min", self.start_every_min)
        checks.not_negative(self, "crew_count", self.crew_count)
        checks.finite(self, "start_cost", self.start_cost)
        checks.unique(self, "machine_ids", self.machine_ids)
        checks.to_utc(self, "earliest", "latest_end", "planned_starts")
        if self.planned_starts and len(self.planned_starts) != self.count:
            raise checks.refuse(
                self,
                "planned_starts",
                len(self.planned_starts),
                Text(en=f"must name none or all {self.count} runs", zh=f"须不填或填满全部 {self.count} 次"),
            )
        if not self.movable and not self.planned_starts:
            raise checks.refuse(
                self,
                "movable",
                self.movable,
                Text(en="a task that may not move needs its planned starts", zh="不可移动的任务必须给出计划开始时间"),
            )
        if self.earliest is not None and self.latest_end is not None:
            checks.ordered(self, "latest_end", self.earliest, self.latest_end)
            if self.latest_end - self.earliest < self.duration:
                raise checks.refuse(
                    self,
                    "latest_end",
                    self.latest_end.isoformat(),
                    Text(
                        en=f"leaves less time than one run of {self.duration_min} min needs",
                        zh=f"所留时间不足一次运行所需的 {self.duration_min} 分钟",
                    ),
                )

    @property
    def duration_min(self) -> int:
        """Length of a run. [min]."""
        return sum(phase.duration_min for phase in self.phases)

    @property
    def duration(self) -> timedelta:
        """Length of a run."""
        return timedelta(minutes=self.duration_min)

    @property
    def energy_kwh(self) -> float:
        """Energy of one run. [kWh]."""
        return sum(phase.power_kw * phase.duration_min / 60 for phase in self.phases)


@noun
class Precedence:
    """One single-run task follows another: ladle furnace after arc furnace, oven after press."""

    before: str
    after: str
    min_gap_min: int = 0
    """Least wait between the end of ``before`` and the start of ``after``. [min]"""
    max_gap_min: int | None = None
    """Most; None: no limit. [min]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "min_gap_min", self.min_gap_min)
        if self.max_gap_min is not None:
            checks.at_most(self, "min_gap_min", self.min_gap_min, self.max_gap_min, "max_gap_min")
        if self.before == self.after:
            raise checks.refuse(
                self, "after", self.after, Text(en="a task cannot follow itself", zh="任务不能接在自身之后")
            )


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
        for task in self.tasks:
            self._check_task(task)
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
        for machine_id in task.machine_ids:
            checks.known(task, "machine_ids", machine_id, (one.machine_id for one in self.machines))
        for flow in task.flows:
            checks.known(task, "flows", flow.store_id, (one.store_id for one in self.stores))
        if task.order_id is not None:
            checks.known(task, "order_id", task.order_id, (one.order_id for one in self.orders))
        first, last = self.window_of(task)
        if last - first < task.duration:
            raise checks.refuse(
                f"Task {task.task_id}",
                "latest_end",
                last.isoformat(),
                Text(
                    en=f"between {first.isoformat()} and then, a run of {task.duration_min} min does not fit",
                    zh=f"自 {first.isoformat()} 至此，放不下一次 {task.duration_min} 分钟的运行",
                ),
                Text(en="Widen the window or move the order's dates.", zh="请放宽时间窗或调整订单日期。"),
            )

    def _check_precedences(self) -> None:
        names = {task.task_id: task for task in self.tasks}
        after: dict[str, list[str]] = {}
        for link in self.precedences:
            for field in ("before", "after"):
                task_id = getattr(link, field)
                checks.known(link, field, task_id, names)
                if names[task_id].count != 1:
                    raise checks.refuse(
                        link,
                        field,
                        task_id,
                        Text(en="has more than one run; give each its own task", zh="含多次运行；请为每次运行单列任务"),
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
