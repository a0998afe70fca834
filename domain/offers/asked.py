"""What is asked of a case's plan before something is decided: a window's response, calls, samples, a contract."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.offers.case import PRESENT_ID
from domain.offers.uncertainty import RiskAversion
from domain.tariffs.billing_modes import SizePrices
from domain.tariffs.free_contract import ContractLimits
from domain.text import Text

Hold = Literal["mean", "each_step"]
"""What must reach the level: the window's mean, as settlement tables read it, or every step of it."""
Joint = Literal["exclusive", "independent"]
"""Whether at most one event is called, or each whatever the others are."""
INCREASING = Text(en="must rise from one to the next", zh="必须依次递增")
BEFORE_WINDOW = Text(en="must not come after the window's start", zh="不得晚于时段开始")
OF_A_BASELINE = Text(en="goes with baseline_id only", zh="仅可与 baseline_id 同时给出")
ONE_OR_OTHER = Text(
    en="give either charge_id, or replaces and prices", zh="须给出 charge_id，或同时给出 replaces 与 prices"
)
LIMITS_OR_VALUES = Text(en="give either limits or contracts_kw", zh="limits 与 contracts_kw 须给出其一")
DIRECTION = Text(en="must be +1 (less load) or -1 (more load)", zh="须为 +1（降负荷）或 -1（升负荷）")


@noun
class AvailabilityAsked:
    """A window, and the levels of response that are to be priced in it."""

    start: datetime
    end: datetime
    package_id: str = PRESENT_ID
    """Id of one of the case's packages; left out: today's tariff."""
    sign: int = 1
    """+1: less load; -1: more load."""
    notice_at: datetime | None = None
    """When the plant is told; None: before the horizon."""
    levels_kw: tuple[float, ...] = ()
    """Rising; none: evenly up to the greatest that is found. [kW]"""
    hold: Hold = "mean"
    """What must reach the level: the window's mean, or each step of it."""
    baseline_id: str | None = None
    """From what the response is counted: id of one of the case's programmes, or key of a method of the catalogue of
    baselines; None: from the plan without any promise."""
    reference_kw: float | None = None
    """The level of the customer's contract, for baselines that are such a level. [kW]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "package_id", self.package_id)
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
        if self.sign not in (1, -1):
            raise checks.refuse(self, "sign", self.sign, DIRECTION)
        if self.notice_at is not None:
            checks.to_utc(self, "notice_at")
            if self.notice_at > self.start:
                raise checks.refuse(self, "notice_at", self.notice_at.isoformat(), BEFORE_WINDOW)
        if self.reference_kw is not None:
            checks.not_negative(self, "reference_kw", self.reference_kw)
            if self.baseline_id is None:
                raise checks.refuse(self, "reference_kw", self.reference_kw, OF_A_BASELINE)
        for level_kw in self.levels_kw:
            checks.positive(self, "levels_kw", level_kw)
        if any(one >= other for one, other in pairwise(self.levels_kw)):
            raise checks.refuse(self, "levels_kw", ", ".join(f"{one:g}" for one in self.levels_kw), INCREASING)


@noun
class CallAsked:
    """An event of the case that may be called."""

    event_id: str
    probability: float
    """[-]"""
    notice_min: int | None = None
    """Time between the call and the event's start; None: as the event itself says. [min]"""


@noun
class PlaybookAsked:
    """Events of the case that may be called, each with its chance; those that are not named are never called."""

    calls: tuple[CallAsked, ...]
    package_id: str = PRESENT_ID
    """Id of one of the case's packages; left out: today's tariff."""
    joint: Joint = "exclusive"
    """Whether at most one of them is called, or each whatever the others are."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "package_id", self.package_id)
        checks.not_empty(self, "calls", self.calls)
        checks.unique(self, "calls", (one.event_id for one in self.calls))


@noun
class SamplesAsked:
    """What is wanted of one schedule for all samples of the forecast."""

    package_id: str = PRESENT_ID
    """Id of one of the case's packages; left out: today's tariff."""
    risk: RiskAversion = RiskAversion()
    """How much the dear outcomes count besides the mean."""
    limit_share: float | None = 0.0
    """In each step, samples that may exceed the connection's limit; None: only the expected load is held below it. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "package_id", self.package_id)
        if self.limit_share is not None:
            checks.share(self, "limit_share", self.limit_share)


@noun
class ContractAsked:
    """What may be chosen: a charge's contract value, or by what the supply's size is billed."""

    package_id: str = PRESENT_ID
    """Id of one of the case's packages; left out: today's tariff."""
    charge_id: str | None = None
    """The tariff's own charge on a contract value."""
    replaces: tuple[str, ...] = ()
    """Charges on the supply's size in whose place each way to be billed is put."""
    prices: SizePrices | None = None
    """Of the ways to be billed."""
    limits: ContractLimits | None = None
    """Between which the contract value is chosen."""
    contracts_kw: tuple[Decimal, ...] = ()
    """Contract values that are compared one by one instead. [kW]"""

    def __post_init__(self) -> None:
        if (self.charge_id is None) != bool(self.replaces) or (self.prices is None) == bool(self.replaces):
            raise checks.refuse(self, "charge_id", self.charge_id, ONE_OR_OTHER)
        if (self.limits is None) == (not self.contracts_kw):
            raise checks.refuse(self, "limits", self.limits, LIMITS_OR_VALUES)
        for contract_kw in self.contracts_kw:
            checks.positive(self, "contracts_kw", float(contract_kw))
