"""The settlement table, read once for an event or once for each slot of it."""

from datetime import datetime
from decimal import Decimal

from domain.errors import WattplanError
from domain.noun import noun
from domain.programmes.pricing import sign_of
from domain.programmes.programme import Event, Programme, SettlementBand
from domain.programmes.terms import RATE_DECIMALS
from domain.tariffs.decimals import half_up
from domain.text import Text
from domain.time import TimeGrid

ZERO = Decimal(0)
POWER_DECIMALS = 6


class SlotsDoNotFitError(WattplanError):
    """An event cannot be cut into its programme's slots."""

    code = "slots_do_not_fit"
    words = Text(
        en="Event {event_id} of {event_min} min on {step_min}-minute steps cannot be cut into slots of {slot_min} min, "
        "by which programme {programme_id} settles. Give an event of whole slots and a meter with steps that fit.",
        zh="事件 {event_id}（{event_min} 分钟，计量步长 {step_min} 分钟）无法划分为项目 {programme_id} 的 {slot_min} 分钟结算时段。"
        "请提供整时段的事件及与之对齐的计量步长。",
    )


@noun
class SlotSettlement:
    """What the settlement table says of one stretch of an event."""

    start: datetime
    """Start of the stretch, UTC."""
    baseline_kw: Decimal
    """Mean. [kW]"""
    measured_kw: Decimal
    """Mean. [kW]"""
    delivered_kw: Decimal
    """Mean response in the wished direction; negative where load went the other way. [kW]"""
    response_rate: Decimal
    """Delivered ÷ committed, at least 0; 0 without a commitment. [-]"""
    band: SettlementBand
    """The row of the table that the rate falls into."""
    paid_kw: Decimal
    """What the row recognises. [kW]"""
    short_kw: Decimal
    """Committed and not delivered. [kW]"""


def read_table(
    programme: Programme, start: datetime, baseline_kw: Decimal, measured_kw: Decimal, committed_kw: Decimal
) -> SlotSettlement:
    """Read the settlement table for one stretch by its means."""
    delivered_kw = sign_of(programme) * (baseline_kw - measured_kw)
    useful_kw = max(ZERO, delivered_kw)
    rate = half_up(useful_kw / committed_kw, RATE_DECIMALS) if committed_kw else ZERO
    band = next(one for one in programme.settlement if one.to_rate is None or rate < one.to_rate)
    return SlotSettlement(
        start=start,
        baseline_kw=baseline_kw,
        measured_kw=measured_kw,
        delivered_kw=delivered_kw,
        response_rate=rate,
        band=band,
        paid_kw=_paid_kw(band, useful_kw, committed_kw),
        short_kw=max(ZERO, committed_kw - useful_kw),
    )


def _paid_kw(band: SettlementBand, useful_kw: Decimal, committed_kw: Decimal) -> Decimal:
    if committed_kw == 0 or band.pays == "nothing":
        return ZERO
    return band.coefficient * (useful_kw if band.pays == "delivered" else committed_kw)


def read_slots(
    programme: Programme,
    event: Event,
    grid: TimeGrid,
    *,
    baseline_steps_kw: tuple[Decimal, ...],
    measured_steps_kw: tuple[Decimal, ...],
    committed_kw: Decimal,
) -> tuple[SlotSettlement, ...]:
    """Read the table for every slot of an event; none where the programme settles by the event's mean.

    Raises
    ------
    SlotsDoNotFitError
    """
    slot_min = programme.slot_min
    if slot_min is None:
        return ()
    event_min = grid.n_steps * grid.step_min
    if slot_min % grid.step_min or event_min % slot_min:
        raise SlotsDoNotFitError(
            event_id=event.event_id,
            event_min=event_min,
            step_min=grid.step_min,
            slot_min=slot_min,
            programme_id=programme.programme_id,
        )
    n = slot_min // grid.step_min
    return tuple(
        read_table(
            programme,
            grid.at(first),
            mean_of(baseline_steps_kw[first : first + n]),
            mean_of(measured_steps_kw[first : first + n]),
            committed_kw,
        )
        for first in range(0, grid.n_steps, n)
    )


def mean_of(values: tuple[Decimal, ...]) -> Decimal:
    """Give a mean of exact numbers, rounded to the decimals of powers."""
    return half_up(sum(values, ZERO) / len(values), POWER_DECIMALS)
