"""What an event pays in exact money, with every input quoted so that it can be replayed."""

from datetime import date
from decimal import Decimal

import numpy as np

from domain.errors import WattplanError
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline import Baseline
from domain.programmes.pricing import EventNotInHorizonError, event_steps, must_match
from domain.programmes.programme import Event, PriceUnit, Programme, SettlementBand
from domain.programmes.settlement_words import settlement_words
from domain.programmes.slots import POWER_DECIMALS, ZERO, SlotSettlement, mean_of, read_slots, read_table
from domain.programmes.validity import ValidityCheck, validity_checks
from domain.tariffs.decimals import as_decimal, half_up, plain
from domain.tariffs.tariff import Source, Status
from domain.text import Text

MONEY_DECIMALS = 2


class EventNotMeteredError(WattplanError):
    """The meter does not say what was drawn in an event."""

    code = "event_not_metered"
    words = Text(
        en="Event {event_id}: {missing} of {n_steps} metered steps are missing, the first at {first}. "
        "Give the complete meter reading; nothing is filled in for settlement.",
        zh="事件 {event_id}：{n_steps} 个计量点中缺失 {missing} 个，首个为 {first}。"
        "请提供完整的计量数据；结算不作补数。",
    )


class CommitmentOutsideProgrammeError(WattplanError):
    """A commitment that the programme does not allow."""

    code = "commitment_outside_programme"
    words = Text(
        en="Commitment {commitment_kw} kW: programme {programme_id} allows 0 or {min_kw} … {max_kw} kW. "
        "Settle the awarded commitment.",
        zh="申报容量 {commitment_kw} kW：项目 {programme_id} 只允许 0 或 {min_kw} … {max_kw} kW。请按中标容量结算。",
    )


class BaselineProvisionalError(WattplanError):
    """A baseline that may still change cannot be settled on."""

    code = "baseline_provisional"
    words = Text(
        en="Event {event_id}: baseline {method} was made before all hours that it may read were metered. "
        "Make it again from a meter reading that reaches to the end of the event.",
        zh="事件 {event_id}：基线方法 {method} 是在其所需时段全部计量之前得出的。请用覆盖至事件结束的计量数据重新计算。",
    )


@noun
class Settlement:
    """One customer's money for one event, and all it rests on."""

    event_id: str
    programme_id: str
    currency: str
    status: Status
    source: Source
    price: Decimal
    """[currency / ``price_unit``]"""
    price_unit: PriceUnit
    penalty_per_kwh: Decimal
    """[currency / kWh]"""
    event_h: Decimal
    """Length of the event. [h]"""
    baseline_rule: str
    baseline_days: tuple[date, ...]
    baseline_steps_kw: tuple[Decimal, ...]
    """Baseline of each step. [kW]"""
    measured_steps_kw: tuple[Decimal, ...]
    """Metered load of each step. [kW]"""
    commitment_kw: Decimal
    """[kW]"""
    baseline_kw: Decimal
    """Mean over the event. [kW]"""
    measured_kw: Decimal
    """Mean over the event. [kW]"""
    delivered_kw: Decimal
    """Mean response in the wished direction; negative where load went the other way. [kW]"""
    response_rate: Decimal
    """Delivered ÷ committed over the event, at least 0; 0 without a commitment. [-]"""
    band: SettlementBand | None
    """The row of the settlement table that the rate falls into; None where each slot has its own."""
    paid_kw: Decimal
    """What the table recognises; the mean of the slots where they are settled one by one. [kW]"""
    short_kw: Decimal = ZERO
    """Committed and not delivered; the mean of the slots where they are settled one by one. [kW]"""
    slots: tuple[SlotSettlement, ...] = ()
    """The table slot by slot; empty where it is read by the event's mean."""
    checks: tuple[ValidityCheck, ...] = ()
    """The programme's rules of validity; one that does not hold leaves no pay."""
    table_pay: Decimal = ZERO
    """What the table gives before validity and caps. [currency]"""
    paid_this_year: Decimal = ZERO
    """Paid to this customer for earlier events of the year. [currency]"""
    pay: Decimal
    """[currency]"""
    penalty: Decimal
    """[currency]"""
    rule: Text
    """How the money came about, with its numbers."""

    @property
    def net(self) -> Decimal:
        """Pay less penalty. [currency]."""
        return self.pay - self.penalty

    @property
    def is_valid(self) -> bool:
        """Whether every rule of validity holds."""
        return all(check.held for check in self.checks)


def settle(
    programme: Programme,
    event: Event,
    baseline: Baseline,
    measured: MeterSeries,
    commitment_kw: Decimal,
    *,
    paid_this_year: Decimal = ZERO,
) -> Settlement:
    """Settle one event for one customer. [programme.currency].

    Parameters
    ----------
    measured : MeterSeries
        Must hold every step of the event.
    commitment_kw : Decimal
        What was awarded; 0 pays nothing and costs nothing. [kW]
    paid_this_year : Decimal
        Paid for the customer's earlier events of the calendar year; counts against ``cap_per_year``. [currency]

    Notes
    -----
    Each step is rounded half up to six decimals of a kW, and so are the means of them; money is rounded to two,
    once for the pay by the table and once for the penalty.
    A response that breaks a rule of validity is paid nothing; its penalty is that of the shortfall all the same.
    Caps come last: first the event's, then what is left of the year's.

    Raises
    ------
    EventMismatchError, ProgrammeNotInForceError
        If programme, event and baseline do not belong together.
    BaselineProvisionalError
        If the baseline was made before all it reads was metered.
    EventNotMeteredError
        If a step of the event is not metered.
    CommitmentOutsideProgrammeError
        If the commitment is not one the programme allows.
    SlotsDoNotFitError
        If the event cannot be cut into the programme's slots.
    """
    must_match(programme, event, baseline)
    if baseline.provisional:
        raise BaselineProvisionalError(event_id=event.event_id, method=baseline.rule_key)
    committed_kw = allowed_commitment(programme, commitment_kw)
    measured_steps_kw = _decimals(_metered(event, measured))
    baseline_steps_kw = _decimals(baseline.values_kw.tolist())
    whole = read_table(
        programme,
        event.start,
        mean_of(baseline_steps_kw),
        mean_of(measured_steps_kw),
        committed_kw,
    )
    slots = read_slots(
        programme,
        event,
        baseline.grid,
        baseline_steps_kw=baseline_steps_kw,
        measured_steps_kw=measured_steps_kw,
        committed_kw=committed_kw,
    )
    checks = validity_checks(
        programme,
        baseline_steps_kw=baseline_steps_kw,
        measured_steps_kw=measured_steps_kw,
        baseline_kw=whole.baseline_kw,
        measured_kw=whole.measured_kw,
        delivered_kw=whole.delivered_kw,
        response_rate=whole.response_rate,
    )
    paid_kw = mean_of(tuple(slot.paid_kw for slot in slots)) if slots else whole.paid_kw
    short_kw = mean_of(tuple(slot.short_kw for slot in slots)) if slots else whole.short_kw
    event_h = Decimal(int((event.end - event.start).total_seconds())) / 3600
    hours = event_h if programme.price_unit == "per_kwh" else Decimal(1)
    table_pay = half_up(programme.price * hours * paid_kw, MONEY_DECIMALS)
    valid_pay = table_pay if all(check.held for check in checks) else ZERO
    return Settlement(
        event_id=event.event_id,
        programme_id=programme.programme_id,
        currency=programme.currency,
        status=programme.status,
        source=programme.source,
        price=programme.price,
        price_unit=programme.price_unit,
        penalty_per_kwh=programme.penalty_per_kwh,
        event_h=event_h,
        baseline_rule=baseline.rule_key,
        baseline_days=baseline.days,
        baseline_steps_kw=baseline_steps_kw,
        measured_steps_kw=measured_steps_kw,
        commitment_kw=committed_kw,
        baseline_kw=whole.baseline_kw,
        measured_kw=whole.measured_kw,
        delivered_kw=whole.delivered_kw,
        response_rate=whole.response_rate,
        band=None if slots else whole.band,
        paid_kw=paid_kw,
        short_kw=short_kw,
        slots=slots,
        checks=checks,
        table_pay=table_pay,
        paid_this_year=paid_this_year,
        pay=_capped(programme, valid_pay, paid_this_year),
        penalty=half_up(programme.penalty_per_kwh * event_h * short_kw, MONEY_DECIMALS),
        rule=settlement_words(programme, whole, slots, checks, paid_kw=paid_kw, short_kw=short_kw),
    )


def _capped(programme: Programme, pay: Decimal, paid_this_year: Decimal) -> Decimal:
    if programme.cap_per_event is not None:
        pay = min(pay, programme.cap_per_event)
    if programme.cap_per_year is not None:
        pay = min(pay, max(ZERO, programme.cap_per_year - paid_this_year))
    return half_up(pay, MONEY_DECIMALS)


def allowed_commitment(programme: Programme, commitment_kw: Decimal) -> Decimal:
    """Give a commitment rounded to the decimals of powers. [kW].

    Raises
    ------
    CommitmentOutsideProgrammeError
        If it is not one the programme allows.
    """
    committed_kw = half_up(commitment_kw, POWER_DECIMALS)
    limit_kw = programme.max_commitment_kw
    too_much = limit_kw is not None and committed_kw > limit_kw
    if committed_kw != 0 and (committed_kw < programme.min_commitment_kw or too_much):
        raise CommitmentOutsideProgrammeError(
            commitment_kw=plain(committed_kw),
            programme_id=programme.programme_id,
            min_kw=plain(programme.min_commitment_kw),
            max_kw="∞" if limit_kw is None else plain(limit_kw),
        )
    return committed_kw


def _metered(event: Event, measured: MeterSeries) -> list[float]:
    try:
        first, stop = event_steps(event, measured.grid)
    except EventNotInHorizonError as error:
        n_steps = int((event.end - event.start) / measured.grid.step)
        raise EventNotMeteredError(
            event_id=event.event_id, missing=n_steps, n_steps=n_steps, first=event.start.isoformat()
        ) from error
    values_kw = measured.import_kw[first:stop]
    missing = np.flatnonzero(np.isnan(values_kw))
    if missing.size:
        raise EventNotMeteredError(
            event_id=event.event_id,
            missing=missing.size,
            n_steps=stop - first,
            first=measured.grid.at(first + int(missing[0])).isoformat(),
        )
    steps_kw: list[float] = values_kw.tolist()
    return steps_kw


def _decimals(values_kw: list[float]) -> tuple[Decimal, ...]:
    return tuple(half_up(as_decimal(one), POWER_DECIMALS) for one in values_kw)
