"""The answer: ranked offers, each with its bill against today's, its schedule and its reasons."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from domain.findings import Finding
from domain.noun import noun
from domain.offers.case import Package
from domain.offers.response import Response
from domain.tariffs import Bill
from domain.text import Text


@noun
class MoneyRange:
    """An amount over equally likely forecast samples. [offer.currency]"""

    p10: Decimal
    p50: Decimal
    p90: Decimal
    mean: Decimal


@noun
class SavingSplit:
    """Where a saving comes from; the parts add up to the total. [offer.currency]

    ``tariff``: today's load under the new prices; ``shifting``: energy moved to cheaper hours; ``demand``:
    lower or differently billed peaks; ``dr``: event pay less penalties; ``production``: labour, lateness,
    starts and wear (negative where the new schedule costs more).
    """

    tariff: Decimal
    shifting: Decimal
    demand: Decimal
    dr: Decimal
    production: Decimal

    @property
    def total(self) -> Decimal:
        """The whole saving."""
        return self.tariff + self.shifting + self.demand + self.dr + self.production


@noun
class Move:
    """One thing that a schedule does otherwise than another, such as an offer's than today's plan."""

    what: Literal["run", "modulating_load", "battery", "process"]
    subject_id: str
    name: str
    from_start: datetime | None = None
    """Of a run; None: the run is new."""
    to_start: datetime | None = None
    """Of a run; None: the run is dropped."""
    from_mode: str | None = None
    """The run's way before; None: the task's own."""
    to_mode: str | None = None
    moved_kwh: float
    """Energy that changed its place in time. [kWh]"""
    saving: float
    """Change of the energy cost at the package's prices, positive = saves. [currency]"""
    reason: Text


@noun
class PlaybookStep:
    """What to do for an event, compared with the same package without it."""

    event_id: str
    at: datetime
    subject_id: str
    action: Text


@noun
class Commitment:
    """What is promised for one event."""

    event_id: str
    programme_id: str
    start: datetime
    end: datetime
    baseline_kw: float
    """Mean baseline over the event. [kW]"""
    commitment_kw: float
    """[kW]"""
    expected_kw: float
    """Mean response the schedule delivers. [kW]"""
    pay: Decimal
    """[currency]"""
    penalty: Decimal
    """[currency]"""
    baseline_days: tuple[str, ...]
    """Days the baseline rests on."""


@noun(eq=False)
class Offer:
    """One package, with or without demand response, run its best way."""

    offer_id: str
    rank: int
    package: Package
    with_dr: bool
    currency: str
    valid_until: datetime
    bill_today: MoneyRange
    """The months' bill with today's tariff and today's plan."""
    bill: MoneyRange
    """The months' bill with this package and this schedule, on the same samples."""
    saving: MoneyRange
    """Net benefit per sample: bill saving + event pay - penalties - extra production cost."""
    net_benefit: Decimal
    """What offers are ranked by, under the customer's risk weight."""
    saving_share: float
    """Expected net benefit ÷ expected bill today. [-]"""
    split: SavingSplit
    """Of the expected saving."""
    median_bills: tuple[Bill, ...]
    """Line by line, per month, on the sample whose bill is the median (P50 of ``bill``)."""
    response: Response
    moves: tuple[Move, ...]
    commitments: tuple[Commitment, ...]
    playbook: tuple[PlaybookStep, ...]
    findings: tuple[Finding, ...]
    """What could go wrong, and what was assumed."""


@noun
class Manifest:
    """From this and the case file the same quote comes out again."""

    case_sha256: str
    answer_sha256: str
    wattplan_version: str
    versions: dict[str, str]
    seed: int
    options: dict[str, Any]
    recorded_runs: dict[str, Any]
    """Schedules of the answers that a deadline stopped; a replay audits and re-prices them instead of searching."""


@noun(eq=False)
class Quote:
    """Ranked offers for one case."""

    case_id: str
    issued_at: datetime
    currency: str
    bill_today: MoneyRange
    today_bills: tuple[Bill, ...]
    """Today's tariff and plan on the sample whose bill is the median, line by line, per month."""
    today: Response
    """Today's plan, priced under today's tariff."""
    offers: tuple[Offer, ...]
    """Best first; empty where nothing beats today."""
    findings: tuple[Finding, ...]
    timings_s: dict[str, float]
    """Wall time of each part. [s]"""
    manifest: Manifest
