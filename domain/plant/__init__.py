"""The plant: its equipment, its production plan, and how a plan is run."""

from domain.plant.equipment import (
    Battery,
    Interval,
    Machine,
    ModulatingLoad,
    Pv,
    Shift,
    ShiftEnergy,
    Site,
    Store,
    StoreDraw,
)
from domain.plant.plan import Flow, Order, PowerPhase, Precedence, ProductionPlan, Task
from domain.plant.schedule import BatteryUse, Run, Schedule
