"""One plan under one tariff: what is asked, and the schedule with its reasons."""

from datetime import date, datetime
from decimal import Decimal

from domain import checks
from domain.findings import Finding
from domain.noun import noun
from domain.offers.case import PRESENT_ID, Package
from domain.offers.offer import Move
from domain.offers.reasons import Alternative, Reasons, Repair
from domain.offers.response import Response
from domain.offers.standing import StandingPlan
from domain.offers.wishes import ProcessWish, RunWish
from domain.text import Text


@noun(eq=False)
class PlanAsked:
    """Which of a case's packages to plan under, from where, and what to explain."""

    package_id: str = PRESENT_ID
    with_dr: bool = False
    """Whether the case's events may be committed to."""
    standing: StandingPlan | None = None
    """The plan that people already act on."""
    wishes: tuple[RunWish | ProcessWish, ...] = ()
    """What the schedule must do whatever it costs."""
    alternatives: tuple[RunWish | ProcessWish, ...] = ()
    """Wishes to be priced, each by itself, against the plan without it."""
    n_tags: int = 6
    """At most so many limits are priced; 0: none."""
    n_repairs: int = 6
    """At most so many repairs of an impossible plan; 0: none."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "package_id", self.package_id)
        checks.not_negative(self, "n_tags", self.n_tags)
        checks.not_negative(self, "n_repairs", self.n_repairs)


@noun
class MonthPowerFactor:
    """With which power factor a billing month ends: measured before, planned inside, expected after the plan."""

    month: date
    """First day of the local month."""
    today_pf: Decimal | None
    """With the plan as people run it today, compensators following the load; None: today's plan breaks a limit. [-]"""
    planned_pf: Decimal
    """[-]"""
    today_rate: Decimal | None
    """What the tariff raises (+) or lowers (−) amounts by at today's; None: it has no such charge. [-]"""
    planned_rate: Decimal | None
    """[-]"""
    active_kwh: float
    """Of the whole month as planned, mean over the samples. [kWh]"""
    reactive_kvarh: float
    """[kvarh]"""


@noun(eq=False)
class PlanAnswer:
    """The best schedule found, what it does otherwise than today's or the standing plan, and why."""

    case_id: str
    issued_at: datetime
    package: Package
    currency: str
    today: Response | None
    """The plan as people run it today, under the same prices; None: today's plan breaks a limit, a finding says which."""
    response: Response | None
    """None: no schedule keeps all orders and limits."""
    moves: tuple[Move, ...]
    """Against the standing plan where there is one, else against today's."""
    reasons: Reasons
    alternatives: tuple[Alternative, ...]
    conflicts: tuple[Text, ...]
    """What contradicts each other where there is no schedule."""
    repairs: tuple[Repair, ...]
    """What would make it possible."""
    findings: tuple[Finding, ...]
    power_factors: tuple[MonthPowerFactor, ...] = ()
    """By billing month, where the plan counts reactive power."""
