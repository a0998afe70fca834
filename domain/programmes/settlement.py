"""What an event pays in exact money, with every input quoted so that it can be replayed."""

from datetime import date
from decimal import Decimal

import numpy as np

from domain.errors import WattplanError
from domain.metering import MeterSeries
from domain.noun import noun
from domain.programmes.baseline import Baseline
from domain.programmes.pricing import EventNotInHorizonError, event_steps, must_match, sign_of
from domain.programmes.programme import Event, PriceUnit, Programme, SettlementBand
from domain.programmes.terms import RATE_DECIMALS
from domain.tariffs.decimals import as_decimal, half_up, plain
from domain.tariffs.tariff import Source, Status
from domain.text import Text

ZERO = Decimal(0)
POWER_DECIMALS = 6
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
    """Delivered ÷ committed, at least 0; 0 without a commitment. [-]"""
    band: SettlementBand
    """The row of the settlement table that the rate falls into."""
    paid_kw: Decimal
    """What the table recognises. [kW]"""
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


def settle(
    programme: Programme, event: Event, baseline: Baseline, measured: MeterSeries, commitment_kw: Decimal
) -> Settlement:
    """Settle one event for one customer. [programme.currency].

    Parameters
    ----------
    measured : MeterSeries
        Must hold every step of the event.
    commitment_kw : Decimal
        What was awarded; 0 pays nothing and costs nothing. [kW]

    Raises
    ------
    EventMismatchError, ProgrammeNotInForceError
        If programme, event and baseline do not belong together.
    EventNotMeteredError
        If a step of the event is not metered.
    CommitmentOutsideProgrammeError
        If the commitment is not one the programme allows.
    """
    must_match(programme, event, baseline)
    committed_kw = _allowed(programme, commitment_kw)
    measured_steps_kw = _metered(event, measured)
    baseline_kw = half_up(as_decimal(baseline.mean_kw), POWER_DECIMALS)
    measured_kw = half_up(as_decimal(float(np.mean(measured_steps_kw))), POWER_DECIMALS)
    delivered_kw = sign_of(programme) * (baseline_kw - measured_kw)
    useful_kw = max(ZERO, delivered_kw)
    rate = half_up(useful_kw / committed_kw, RATE_DECIMALS) if committed_kw else ZERO
    band = next(one for one in programme.settlement if one.to_rate is None or rate < one.to_rate)
    paid_kw = _paid_kw(band, useful_kw, committed_kw)
    event_h = Decimal(int((event.end - event.start).total_seconds())) / 3600
    hours = event_h if programme.price_unit == "per_kwh" else Decimal(1)
    short_kw = max(ZERO, committed_kw - useful_kw)
    pay = half_up(programme.price * hours * paid_kw, MONEY_DECIMALS)
    penalty = half_up(programme.penalty_per_kwh * event_h * short_kw, MONEY_DECIMALS)
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
        baseline_steps_kw=_decimals(baseline.values_kw.tolist()),
        measured_steps_kw=_decimals(measured_steps_kw),
        commitment_kw=committed_kw,
        baseline_kw=baseline_kw,
        measured_kw=measured_kw,
        delivered_kw=delivered_kw,
        response_rate=rate,
        band=band,
        paid_kw=paid_kw,
        pay=pay,
        penalty=penalty,
        rule=_rule(programme, band, rate, paid_kw, short_kw),
    )


def _allowed(programme: Programme, commitment_kw: Decimal) -> Decimal:
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


def _paid_kw(band: SettlementBand, useful_kw: Decimal, committed_kw: Decimal) -> Decimal:
    if committed_kw == 0 or band.pays == "nothing":
        return ZERO
    return band.coefficient * (useful_kw if band.pays == "delivered" else committed_kw)


_PAYS = {
    "nothing": Text(en="pays nothing", zh="不予补偿"),
    "delivered": Text(en="pays {k} × delivered", zh="按 {k} × 实际响应量补偿"),
    "committed": Text(en="pays {k} × committed", zh="按 {k} × 申报响应量补偿"),
}


def _rule(programme: Programme, band: SettlementBand, rate: Decimal, paid_kw: Decimal, short_kw: Decimal) -> Text:
    high = "∞" if band.to_rate is None else plain(band.to_rate)
    within, k = f"[{plain(band.from_rate)}, {high})", plain(band.coefficient)
    pays = _PAYS[band.pays]
    document = programme.source.document.replace("{", "{{").replace("}", "}}")
    unit = f"{programme.currency} {programme.price_unit}"
    return Text(
        en=f"response rate {plain(rate)} within {within} {pays.en.format(k=k)}: {plain(paid_kw)} kW at "
        f"{plain(programme.price)} {unit}; short {plain(short_kw)} kW at {plain(programme.penalty_per_kwh)} "
        f"{programme.currency} per_kwh; {document}",
        zh=f"响应率 {plain(rate)} 位于 {within}，{pays.zh.format(k=k)}：{plain(paid_kw)} kW，单价 "
        f"{plain(programme.price)} {unit}；未响应 {plain(short_kw)} kW，考核 {plain(programme.penalty_per_kwh)} "
        f"{programme.currency} per_kwh；{document}",
    )
