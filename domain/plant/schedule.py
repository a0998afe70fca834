"""How a plan is run: when each run starts, what each device does in each step."""

from dataclasses import field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.time import TimeGrid


@noun
class Run:
    """One run of a task."""

    task_id: str
    start: datetime
    mode_id: str | None = None
    """None: the task's own way."""
    lot_share: float = 1.0
    """Size of the lot as a share of a full run. [-]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "start")


@noun(eq=False)
class BatteryUse:
    """What a battery does; each array has shape (n_steps,)."""

    charge_kw: FloatArray
    """Mean charging power. [kW]"""
    discharge_kw: FloatArray
    """Mean discharging power. [kW]"""
    soc_kwh: FloatArray
    """State at the end of each step. [kWh]"""


@noun(eq=False)
class ProcessUse:
    """What a process does; each array has shape (n_steps,)."""

    rate: FloatArray
    """Mean throughput. [unit / h]"""
    is_on: npt.NDArray[np.bool_]


@noun
class ChangeoverRun:
    """One change of a machine from one family to another."""

    machine_id: str
    from_family: str
    to_family: str
    start: datetime

    def __post_init__(self) -> None:
        checks.to_utc(self, "start")


@noun(eq=False)
class Schedule:
    """One way to run a plan, complete: whoever has it and the case can replay all of it."""

    grid: TimeGrid
    runs: tuple[Run, ...]
    """Sorted by start, then task."""
    base_kw: FloatArray
    """Load that the plan does not move. [kW]"""
    modulating_kw: dict[str, FloatArray]
    """By load id. [kW]"""
    batteries: dict[str, BatteryUse]
    """By battery id."""
    pv_used_kw: dict[str, FloatArray]
    """By PV id. [kW]"""
    import_kw: FloatArray
    """Site import that follows from all of the above. [kW]"""
    export_kw: FloatArray
    """Site export. [kW]"""
    commitments_kw: dict[str, float]
    """Committed reduction (or increase, when filling valleys) by event id; 0 = not committed. [kW]"""
    processes: dict[str, ProcessUse] = field(default_factory=dict)
    """By process id."""
    changeovers: tuple[ChangeoverRun, ...] = ()
    """Sorted by start, then machine."""
    disposed: dict[str, FloatArray] = field(default_factory=dict)
    """Thrown away in each step, by id of a store that allows it. [store.unit]"""
    forward_kvar: FloatArray | None = None
    """Reactive power drawn in each step, compensation taken off; None: the plan does not count reactive power. [kvar]"""
    reverse_kvar: FloatArray | None = None
    """Reactive power fed back in each step, where more is compensated than there is. [kvar]"""
    compensation_kvar: dict[str, FloatArray] = field(default_factory=dict)
    """What each compensator gives (negative: takes), by its id. [kvar]"""

    @property
    def reactive_kvar(self) -> FloatArray | None:
        """What a meter counts of reactive power: |forward| + |reverse|. [kvar]."""
        if self.forward_kvar is None or self.reverse_kvar is None:
            return None
        return self.forward_kvar + self.reverse_kvar
