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
class Validity:
    """What a response must be, besides the settlement table, to be paid at all.

    References
    ----------
    Zhejiang, from summaries: highest and mean load in the window below the baseline's, response rate at least 50 %.
    """

    peak_below_baseline: bool = False
    """The highest step of the event lies below the baseline's highest step; for peak shaving."""
    mean_below_baseline: bool = False
    """The mean load lies below the baseline's; for peak shaving."""
    least_rate: Decimal | None = None
    """Least delivered ÷ committed over the event. [-]"""
    least_reduction_kw: Decimal | None = None
    """Least mean response. [kW]"""
    least_reduction_share: Decimal | None = None
    """Least mean response ÷ mean baseline. [-]"""

    def __post_init__(self) -> None:
        for field in ("least_rate", "least_reduction_kw"):
            value = getattr(self, field)
            if value is not None:
                checks.not_negative(self, field, float(value))
        if self.least_reduction_share is not None:
            checks.share(self, "least_reduction_share", float(self.least_reduction_share))


StandbyWhen = Literal["every_month", "called_month", "uncalled_in_called_month"]


@noun
class Standby:
    """Monthly pay for being ready; settled by the month and never mixed with the pay of events.

    References
    ----------
    Hainan, draft of 2025: 0.3 yuan per kW and month for who was not called in a month with a call.
    """

    price_per_kw_month: Decimal
    """[currency / kW / month]"""
    paid_when: StandbyWhen = "every_month"
    """``called_month``: where the programme was called; ``uncalled_in_called_month``: and this customer was not."""

    def __post_init__(self) -> None:
        checks.not_negative(self, "price_per_kw_month", float(self.price_per_kw_month))


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
    slot_min: int | None = None
    """The table is read for each slot of this length; None: once, by the event's mean. [min]"""
    validity: Validity = Validity()
    cap_per_event: Decimal | None = None
    """Most that is paid for one event. [currency]"""
    cap_per_year: Decimal | None = None
    """Most that is paid to one customer for the events of a calendar year. [currency]"""
    standby: Standby | None = None
    """Monthly pay besides the events'."""
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
                Text(
                    en="Use per_kwh or per_kw_event, and write the monthly pay as standby.price_per_kw_month.",
                    zh="请使用 per_kwh 或 per_kw_event，并将按月补偿写入 standby.price_per_kw_month。",
                ),
            )
        _check_extras(self)
        _must_tile(self)


def _check_extras(programme: Programme) -> None:
    for field in ("cap_per_event", "cap_per_year"):
        cap = getattr(programme, field)
        if cap is not None:
            checks.positive(programme, field, float(cap))
    if programme.slot_min is not None:
        checks.positive(programme, "slot_min", programme.slot_min)
    below = programme.validity.peak_below_baseline or programme.validity.mean_below_baseline
    if below and programme.direction == "valley_filling":
        raise checks.refuse(
            programme,
            "validity",
            programme.direction,
            Text(en="load below the baseline is a rule for peak shaving", zh="负荷低于基线的规则仅适用于削峰"),
        )


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
