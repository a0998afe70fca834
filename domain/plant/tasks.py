"""Tasks: pieces of work that, once started, run through; the ways to do them; orders and precedences."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.plant.utilities import UtilityUse
from domain.text import Text

LONGEST_PHASE_MIN = 366 * 24 * 60


def way_id(task_id: str, mode_id: str | None) -> str:
    """Give the id of a way to do a task: the task's own for its own way."""
    return task_id if mode_id is None else f"{task_id}@{mode_id}"


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
class Mode:
    """Another way to do a task's runs: on other machines, with its own power, time, flows and people."""

    mode_id: str
    machine_ids: tuple[str, ...]
    """Each run occupies one of each of these machines."""
    phases: tuple[PowerPhase, ...]
    flows: tuple[Flow, ...] | None = None
    """None: the task's own."""
    utilities: tuple[UtilityUse, ...] | None = None
    """None: the task's own."""
    crew_count: float | None = None
    """None: the task's own. [-]"""
    start_cost: float | None = None
    """None: the task's own. [currency]"""
    power_factor: float | None = None
    """Lagging; None: the task's own. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "mode_id", self.mode_id)
        checks.not_empty(self, "phases", self.phases)
        checks.unique(self, "machine_ids", self.machine_ids)
        if self.crew_count is not None:
            checks.not_negative(self, "crew_count", self.crew_count)
        if self.start_cost is not None:
            checks.finite(self, "start_cost", self.start_cost)
        checks.power_factor(self, "power_factor", self.power_factor)


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
    modes: tuple[Mode, ...] = ()
    """Other ways to do its runs, such as on another furnace; planned starts are those of the task's own way."""
    min_count: int | None = None
    """Fewest runs; then stores and orders decide how many of up to ``count`` there are. None: all of them. [-]"""
    least_lot_share: float = 1.0
    """Smallest lot as a share of a full run: its flows and power shrink with it, its time does not. [-]"""
    family: str | None = None
    """What its machine must be set to, where changeovers name the machine."""
    utilities: tuple[UtilityUse, ...] = ()
    """What each run takes of shared utilities."""
    power_factor: float | None = None
    """Lagging; None: that of the site's base load. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "task_id", self.task_id)
        checks.unique(self, "modes", (one.mode_id for one in self.modes))
        checks.positive(self, "least_lot_share", self.least_lot_share)
        checks.share(self, "least_lot_share", self.least_lot_share)
        if self.min_count is not None:
            checks.not_negative(self, "min_count", self.min_count)
            checks.at_most(self, "min_count", self.min_count, self.count, "count")
        for use in self.utilities:
            _no_rate(self, use)
        for mode in self.modes:
            for use in mode.utilities or ():
                _no_rate(mode, use)
        checks.not_empty(self, "phases", self.phases)
        checks.power_factor(self, "power_factor", self.power_factor)
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
            if self.latest_end - self.earliest < self.shortest:
                raise checks.refuse(
                    self,
                    "latest_end",
                    self.latest_end.isoformat(),
                    Text(
                        en=f"leaves less time than one run of {self.shortest_min} min needs",
                        zh=f"所留时间不足一次运行所需的 {self.shortest_min} 分钟",
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
    def shortest_min(self) -> int:
        """Length of a run in the fastest of the task's ways. [min]."""
        return min([self.duration_min, *(sum(one.duration_min for one in mode.phases) for mode in self.modes)])

    @property
    def shortest(self) -> timedelta:
        """Length of a run in the fastest of the task's ways."""
        return timedelta(minutes=self.shortest_min)

    def ways(self) -> tuple["Task", ...]:
        """Give the task as one plain task per way to do it: its own (id as it is), then each mode's.

        A mode's task has the id ``task_id@mode_id``, the mode's data and no planned starts.
        """
        own = replace(self, modes=())
        return (own, *(own.in_mode(mode) for mode in self.modes))

    def in_mode(self, mode: Mode) -> "Task":
        """Give the plain task that doing this one in a mode is."""
        return replace(
            self,
            task_id=way_id(self.task_id, mode.mode_id),
            machine_ids=mode.machine_ids,
            phases=mode.phases,
            flows=self.flows if mode.flows is None else mode.flows,
            utilities=self.utilities if mode.utilities is None else mode.utilities,
            crew_count=self.crew_count if mode.crew_count is None else mode.crew_count,
            start_cost=self.start_cost if mode.start_cost is None else mode.start_cost,
            power_factor=self.power_factor if mode.power_factor is None else mode.power_factor,
            modes=(),
            min_count=0,
            planned_starts=(),
            movable=True,
        )

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


def _no_rate(noun: object, use: UtilityUse) -> None:
    if use.quantity_per_rate:
        raise checks.refuse(
            noun,
            "utilities",
            use.quantity_per_rate,
            Text(
                en=f"quantity_per_rate of {use.utility_id} is for processes; a run has no rate",
                zh=f"{use.utility_id} 的 quantity_per_rate 仅用于连续设备，任务运行没有速率",
            ),
            Text(en="Give quantity.", zh="请填写 quantity。"),
        )
