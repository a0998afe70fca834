"""Demand-response programmes, their events, and how a response is paid."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.programmes.baseline_rule import BaselineRule
from domain.tariffs.tariff import Source, Status
from domain.text import Text

PriceUnit = Literal["per_kwh", "per_kw_event", "per_kw_month"]
Direction = Literal["peak_shaving", "valley_filling"]


@noun
class SettlementBand:
    """How a response rate within ``[from_rate, to_rate)`` is paid.

    ``nothing``: no pay; ``delivered``: ``coefficient`` × delivered; ``committed``: ``coefficient`` × committed.
    """

    from_rate: Decimal
    """Delivered ÷ committed. [-]"""
    to_rate: Decimal | None = None
    """None: no upper end. [-]"""
    pays: Literal["nothing", "delivered", "committed"]
    coefficient: Decimal = Decimal(1)
    """[-]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "from_rate", float(self.from_rate))
        checks.not_negative(self, "coefficient", float(self.coefficient))
        if self.to_rate is not None and self.to_rate <= self.from_rate:
            raise checks.refuse(self, "to_rate", self.to_rate, checks.ORDERED)


COMMON_TABLE = (
    SettlementBand(from_rate=Decimal(0), to_rate=Decimal("0.8"), pays="nothing"),
    SettlementBand(from_rate=Decimal("0.8"), to_rate=Decimal("1.2"), pays="delivered"),
    SettlementBand(from_rate=Decimal("1.2"), pays="committed", coefficient=Decimal("1.2")),
)


@noun
class Programme:
    """A demand-response product as its rules stand."""

    programme_id: str
    name: Text
    direction: Direction = "peak_shaving"
    currency: str
    price: Decimal
    """Paid for what the settlement table recognises. [currency / ``price_unit``]"""
    price_unit: PriceUnit = "per_kwh"
    settlement: tuple[SettlementBand, ...] = COMMON_TABLE
    penalty_per_kwh: Decimal = Decimal(0)
    """For each committed kWh not delivered. [currency / kWh]"""
    min_commitment_kw: Decimal
    """Least commitment. [kW]"""
    max_commitment_kw: Decimal | None = None
    """[kW]"""
    notice_min: int
    """Least time between the call and the event. [min]"""
    baseline: BaselineRule = BaselineRule()
    valid_from: date
    valid_until: date | None = None
    status: Status
    source: Source

    def __post_init__(self) -> None:
        checks.not_empty(self, "programme_id", self.programme_id)
        checks.not_negative(self, "price", float(self.price))
        checks.not_negative(self, "penalty_per_kwh", float(self.penalty_per_kwh))
        checks.positive(self, "min_commitment_kw", float(self.min_commitment_kw))
        checks.not_negative(self, "notice_min", self.notice_min)
        if self.max_commitment_kw is not None:
            checks.at_most(
                self,
                "min_commitment_kw",
                float(self.min_commitment_kw),
                float(self.max_commitment_kw),
                "max_commitment_kw",
            )
        if self.price_unit == "per_kw_month":
            raise checks.refuse(
                self,
                "price_unit",
                self.price_unit,
                Text(en="monthly capacity pay is not settled per event", zh="按月容量补偿不能按事件结算"),
                Text(en="Use per_kwh or per_kw_event.", zh="请使用 per_kwh 或 per_kw_event。"),
            )
        _must_tile(self)


def _must_tile(programme: Programme) -> None:
    edge: Decimal | None = Decimal(0)
    for band in programme.settlement:
        if edge is None or band.from_rate != edge:
            raise checks.refuse(
                programme,
                "settlement",
                str(band.from_rate),
                Text(en="the table must run from 0 upwards without gaps or overlaps", zh="结算表须从 0 起连续、不重叠"),
            )
        edge = band.to_rate
    if edge is not None:
        raise checks.refuse(
            programme, "settlement", str(edge), Text(en="the last band must be open-ended", zh="最后一档须不设上限")
        )


@noun
class Event:
    """One invitation or call of a programme."""

    event_id: str
    programme_id: str
    start: datetime
    end: datetime
    notice_at: datetime
    """When the customer was told."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "event_id", self.event_id)
        checks.to_utc(self, "start", "end", "notice_at")
        checks.ordered(self, "end", self.start, self.end)
        checks.ordered(self, "start", self.notice_at, self.start)

    @property
    def hours(self) -> float:
        """Length. [h]."""
        return (self.end - self.start).total_seconds() / 3600
