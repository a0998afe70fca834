"""Demand-response programmes: rules, events, baselines, settlement."""

from domain.programmes.baseline import Baseline, ChosenDay, RejectedDay, make_baseline
from domain.programmes.baseline_errors import (
    AdjustmentUndefinedError,
    BaselineNotAheadError,
    BaselineNotPossibleError,
    DayNotCoveredError,
    HoursNotMeteredError,
    HoursOffStepsError,
    ReferenceLevelMissingError,
)
from domain.programmes.baseline_rule import BaselineRule, DayOfAdjustment, DayType, SameDayWindow
from domain.programmes.day_of import Adjustment
from domain.programmes.enrolment import Enrolment, MeteringPointTakenError, enrol, must_be_exclusive
from domain.programmes.methods import BaselineMethod
from domain.programmes.placebo import ClockWindow, MethodScore, Placebo, PlaceboTable, placebo_table
from domain.programmes.planning_limits import ProgrammeNotPlannableError
from domain.programmes.pricing import (
    CommitmentUnboundedError,
    EventMismatchError,
    EventNotInHorizonError,
    ProgrammeNotInForceError,
    event_term,
)
from domain.programmes.programme import Event, Programme, SettlementBand, Standby, Validity
from domain.programmes.settlement import (
    BaselineProvisionalError,
    CommitmentOutsideProgrammeError,
    EventNotMeteredError,
    Settlement,
    settle,
)
from domain.programmes.slots import SlotsDoNotFitError, SlotSettlement
from domain.programmes.standby import MonthCalls, NoStandbyPayError, StandbySettlement, settle_month
from domain.programmes.sufficiency import SufficiencyLimits
from domain.programmes.terms import EventBand, EventTerm
from domain.programmes.validity import ValidityCheck
