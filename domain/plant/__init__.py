"""The plant: its equipment, its production plan, and how a plan is run."""

from domain.plant.changeovers import Changeover
from domain.plant.compensators import Compensator
from domain.plant.equipment import (
    Battery,
    Machine,
    ModulatingLoad,
    Pv,
    Shift,
    ShiftEnergy,
    Site,
)
from domain.plant.intervals import Interval
from domain.plant.plan import ProductionPlan
from domain.plant.processes import PlannedRate, Process, ProcessState, Quota, RateFlow
from domain.plant.schedule import BatteryUse, ChangeoverRun, ProcessUse, Run, Schedule
from domain.plant.stores import Store, StoreDraw
from domain.plant.tasks import Flow, Mode, Order, PowerPhase, Precedence, Task, way_id
from domain.plant.utilities import Utility, UtilityGap, UtilityUse
