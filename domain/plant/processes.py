"""Continuous work: mills, chillers, compressors, electrolysers, charging points, own generation."""

from datetime import datetime
from itertools import pairwise

from domain import checks
from domain.noun import noun
from domain.plant.intervals import Interval
from domain.plant.utilities import UtilityUse
from domain.text import Text


@noun
class RateFlow:
    """What a process brings to a store (positive) or takes out of it (negative)."""

    store_id: str
    quantity_per_unit: float = 0.0
    """For each unit of throughput. [store.unit / unit]"""
    quantity_per_h: float = 0.0
    """For each hour on, whatever the rate. [store.unit / h]"""

    def __post_init__(self) -> None:
        checks.finite(self, "quantity_per_unit", self.quantity_per_unit)
        checks.finite(self, "quantity_per_h", self.quantity_per_h)


@noun
class Quota:
    """How much throughput a span needs, at least and at most: a shift's output, a truck's charge."""

    start: datetime
    end: datetime
    least: float = 0.0
    """[unit]"""
    most: float | None = None
    """None: no limit. [unit]"""
    shortfall_cost_per_unit: float | None = None
    """What each unit below ``least`` costs; None: falling short is forbidden. [currency / unit]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
        checks.not_negative(self, "least", self.least)
        if self.most is not None:
            checks.finite(self, "most", self.most)
            checks.at_most(self, "least", self.least, self.most, "most")
        if self.shortfall_cost_per_unit is not None:
            checks.not_negative(self, "shortfall_cost_per_unit", self.shortfall_cost_per_unit)


@noun
class PlannedRate:
    """How people run a process today within a span; outside of all spans it is off."""

    start: datetime
    end: datetime
    rate: float
    """[unit / h]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
        checks.not_negative(self, "rate", self.rate)


@noun
class ProcessState:
    """What a process was doing when the horizon begins."""

    is_on: bool = False
    rate: float = 0.0
    """Throughput in the last step before. [unit / h]"""
    since_min: int | None = None
    """For how long it has been on, or off; None: longer than any least time. [min]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "rate", self.rate)
        if self.since_min is not None:
            checks.not_negative(self, "since_min", self.since_min)
        if self.rate > 0 and not self.is_on:
            raise checks.refuse(
                self, "rate", self.rate, Text(en="must be 0 for a process that is off", zh="停运的设备速率必须为 0")
            )


@noun
class Process:
    """Work that runs at a rate for as long as it is wanted, and can stop and start again.

    While on it runs between ``min_rate`` and ``max_rate`` and draws ``fixed_kw + kwh_per_unit × rate``; negative
    ``kwh_per_unit`` generates. An interruptible job is a process with one quota over its window and its least run and
    pause; a charging point has a quota per vehicle; a generator has costs per kWh. One that serves nothing (no quota asks
    for it, no flow, no utility that it feeds, no generation, no negative cost) stays off, unless the site has a safety load.
    """

    process_id: str
    name: str
    unit: str
    """Of its throughput: t, m3, kWh."""
    min_rate: float = 0.0
    """[unit / h]"""
    max_rate: float
    """[unit / h]"""
    fixed_kw: float = 0.0
    """Drawn while it is on, whatever the rate. [kW]"""
    kwh_per_unit: float = 0.0
    """Negative: generated. [kWh / unit]"""
    flows: tuple[RateFlow, ...] = ()
    quotas: tuple[Quota, ...] = ()
    machine_ids: tuple[str, ...] = ()
    """While on it occupies one of each."""
    utilities: tuple[UtilityUse, ...] = ()
    outages: tuple[Interval, ...] = ()
    """When it cannot run."""
    hours: tuple[Interval, ...] = ()
    """When it may run; none given: always."""
    min_run_min: int = 0
    """Once started it stays on at least so long. [min]"""
    min_pause_min: int = 0
    """Once stopped it stays off at least so long. [min]"""
    max_rise_per_h: float | None = None
    """Greatest rise of the rate within an hour while on; it starts at any rate up to the greater of this step's rise
    and ``min_rate``. None: no limit. [unit / h²]"""
    max_fall_per_h: float | None = None
    """Greatest fall of the rate within an hour while on; it stops from a rate of at most the greater of one step's fall
    and ``min_rate``. None: no limit. [unit / h²]"""
    start_cost: float = 0.0
    """Per start. [currency]"""
    start_kwh: float = 0.0
    """More energy drawn in the step in which it starts: warm-up. [kWh]"""
    max_starts_count: int | None = None
    """Most starts within a local day; None: no limit. [-]"""
    crew_count: float = 0.0
    """People who attend it while it is on. [-]"""
    cost_per_unit: float = 0.0
    """Fuel and wear for each unit. [currency / unit]"""
    cost_per_h: float = 0.0
    """For each hour on: no-load fuel. [currency / h]"""
    co2_kg_per_unit: float = 0.0
    """[kg / unit]"""
    co2_kg_per_h: float = 0.0
    """[kg / h]"""
    before: ProcessState = ProcessState()
    planned: tuple[PlannedRate, ...] = ()
    """How people run it today."""
    movable: bool = True
    """False: it runs as planned."""
    power_factor: float | None = None
    """Lagging, of what it draws; None: that of the site's base load. What generates has no reactive power. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "process_id", self.process_id)
        checks.not_empty(self, "unit", self.unit)
        checks.positive(self, "max_rate", self.max_rate)
        checks.at_most(self, "min_rate", self.min_rate, self.max_rate, "max_rate")
        for field in ("min_rate", "fixed_kw", "start_cost", "start_kwh", "crew_count", "min_run_min", "min_pause_min"):
            checks.not_negative(self, field, getattr(self, field))
        for field in ("kwh_per_unit", "cost_per_unit", "cost_per_h", "co2_kg_per_unit", "co2_kg_per_h"):
            checks.finite(self, field, getattr(self, field))
        for field in ("max_rise_per_h", "max_fall_per_h", "max_starts_count"):
            if getattr(self, field) is not None:
                checks.positive(self, field, getattr(self, field))
        checks.power_factor(self, "power_factor", self.power_factor)
        checks.unique(self, "machine_ids", self.machine_ids)
        checks.unique(self, "utilities", (one.utility_id for one in self.utilities))
        checks.unique(self, "flows", (one.store_id for one in self.flows))
        self._plan_fits()

    def _plan_fits(self) -> None:
        if not self.movable and not self.planned:
            raise checks.refuse(
                self,
                "movable",
                self.movable,
                Text(en="a process that may not move needs planned", zh="不可移动的设备必须给出 planned"),
            )
        ordered = sorted(self.planned, key=lambda one: one.start)
        for one, later in pairwise(ordered):
            if later.start < one.end:
                raise checks.refuse(
                    self,
                    "planned",
                    later.start.isoformat(),
                    Text(en="begins before the span before it ends", zh="在上一时段结束前开始"),
                )
        for one in ordered:
            if one.rate > 0 and not self.min_rate - 1e-9 <= one.rate <= self.max_rate + 1e-9:
                raise checks.refuse(
                    self,
                    "planned",
                    one.rate,
                    Text(
                        en=f"must lie within {self.min_rate} … {self.max_rate} {self.unit}/h, or be 0",
                        zh=f"必须为 0，或在 {self.min_rate} … {self.max_rate} {self.unit}/h 之内",
                    ),
                )

    @property
    def is_switched(self) -> bool:
        """Whether being on differs from running at a rate above 0, so that a plan must decide it."""
        return bool(
            self.min_rate > 0
            or self.fixed_kw
            or self.min_run_min
            or self.min_pause_min
            or self.start_cost
            or self.start_kwh
            or self.max_starts_count is not None
            or self.crew_count
            or self.cost_per_h
            or self.co2_kg_per_h
            or self.machine_ids
            or any(one.quantity for one in self.utilities)
            or any(one.quantity_per_h for one in self.flows)
        )
