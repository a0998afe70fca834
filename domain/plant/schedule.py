"""How a plan is run: when each run starts, what each device does in each step."""

from datetime import datetime

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.time import TimeGrid


@noun
class Run:
    """One run of a task."""

    task_id: str
    start: datetime

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
