"""What a plant does if an event is called, decided before anyone knows whether it will be."""

from datetime import datetime
from typing import Literal

from domain import checks
from domain.findings import Finding
from domain.noun import noun
from domain.offers.offer import PlaybookStep
from domain.offers.response import Response
from domain.text import Text


@noun
class EventChance:
    """An event that may be called."""

    event_id: str
    probability: float
    """How likely it is to be called. [-]"""
    notice_min: int
    """Time between the call and the event's start; what begins before the call cannot know of it. [min]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "event_id", self.event_id)
        checks.positive(self, "probability", self.probability)
        if self.probability >= 1:
            raise checks.refuse(
                self,
                "probability",
                self.probability,
                Text(en="must be less than 1", zh="必须小于 1"),
                Text(
                    en="An event that is sure to be called needs no chance: ask the best response with it.",
                    zh="必定调用的事件无需概率：请直接求含该事件的最优响应。",
                ),
            )
        checks.not_negative(self, "notice_min", self.notice_min)


@noun(eq=False)
class RecoursePlan:
    """One course of events, and how the plant runs then; until the notice it is the base plan."""

    called: tuple[str, ...]
    """Events that are called, in the order of their notices."""
    probability: float
    """[-]"""
    notice_at: datetime
    """When the last of them is called; what starts before is as without it."""
    response: Response
    delivered_kw: dict[str, float]
    """Mean response by event. [kW]"""
    extra_cost: float
    """What running this way costs more than the base plan, pay and penalties apart. [currency]"""
    rebound_kwh: float
    """Energy imported above the base plan after the first event's end. [kWh]"""
    peak_change_kw: float
    """Highest import of the horizon less the base plan's. [kW]"""
    actions: tuple[PlaybookStep, ...]
    """What people must do otherwise than in the base plan, in the order of time."""

    @property
    def net_gain(self) -> float:
        """Pay less penalties less extra cost: what a call brings. [currency]."""
        costs = self.response.costs
        return costs.event_pay - costs.event_penalty - self.extra_cost


@noun(eq=False)
class Playbook:
    """One base plan, the commitments made now, and a plan for each course of events."""

    base: Response
    """If nothing is called."""
    uncalled_probability: float
    """[-]"""
    plans: tuple[RecoursePlan, ...]
    commitments_kw: dict[str, float]
    """By event; 0: nothing is promised. [kW]"""
    expected_cost: float
    """Over all courses of events. [currency]"""
    uncommitted_cost: float
    """Least cost found where nothing is promised. [currency]"""
    bound: float
    """No way to decide before the notices can have a lower expected cost. [currency]"""
    gap_share: float
    """(expected cost - bound) / what of the expected cost the plan decides: the rest of the bill apart. [-]"""
    method: Literal["extensive", "decomposed"]
    """``extensive``: all courses of events in one model. ``decomposed``: base plans are tried and each is answered
    best; the best found need not be the best there is, and ``bound`` says how far it may be from it."""
    stopped_by: Literal["optimal", "gap", "deadline"]
    findings: tuple[Finding, ...] = ()

    @property
    def expected_gain(self) -> float:
        """By how much the promises lower the expected cost. [currency]."""
        return self.uncommitted_cost - self.expected_cost


@noun(eq=False)
class AvailabilityPoint:
    """How much can be promised for a window, what it costs, and what moves for it."""

    level_kw: float
    """Response that is held over the window. [kW]"""
    is_possible: bool
    extra_cost: float | None
    """Least cost found above the plan without any promise: energy, rebound, demand charges, work. [currency]"""
    least_extra_cost: float | None
    """No way to hold the level can cost less than this. [currency]"""
    pay_per_kwh: float | None
    """Pay for each kWh of response from which the level is worth it. [currency / kWh]"""
    pay_per_kw: float | None
    """The same for each kW of the event. [currency / kW]"""
    next_kw_cost: float | None
    """Extra cost of one more kW, from the level below. [currency / kW]"""
    energy_cost: float | None
    """Part of the extra cost: energy. [currency]"""
    demand_cost: float | None
    """Part of the extra cost: demand charges and what rests on them. [currency]"""
    work_cost: float | None
    """Part of the extra cost: work, lateness, starts, wear, fuel. [currency]"""
    rebound_kwh: float | None
    """Energy imported above the plan without any promise, before and after the window. [kWh]"""
    actions: tuple[PlaybookStep, ...]
    """What is done otherwise than without any promise."""
    limits: tuple[Text, ...]
    """Where the level is not possible: what stands against it."""
    response: Response | None
