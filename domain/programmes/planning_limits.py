"""What a plan may promise so that the programme's extra rules never change what the settlement table pays.

The model of an event knows the table, the limits of the commitment and nothing else. Rules that can be kept by
narrower limits are kept that way, so a plan is settled exactly as it was modelled, though a better one may exist
beyond the limits. Rules that no such limit keeps are refused by name.
"""

from decimal import Decimal

from domain.errors import WattplanError
from domain.noun import noun
from domain.programmes.programme import Event, Programme
from domain.programmes.terms import INFINITE_RATE, EventBand
from domain.text import Text

SLOTS = Text(en="settled slot by slot (slot_min)", zh="按时段结算（slot_min）")
PEAK = Text(
    en="highest load below the baseline's (validity.peak_below_baseline)",
    zh="最大负荷须低于基线（validity.peak_below_baseline）",
)
CAP = Text(en="a cap on pay that grows without end with delivery", zh="补偿随响应量无上限增长而设有封顶")
LEAST = Text(
    en="a least response (validity) together with a table that pays from rate 0",
    zh="最小响应要求（validity）与从响应率 0 起付的结算表并存",
)


class ProgrammeNotPlannableError(WattplanError):
    """A programme has rules that a plan cannot keep yet; its events can be settled, not planned."""

    code = "programme_not_plannable"
    words = Text(
        en="Programme {programme_id} can be settled but not planned: {rules}. Leave its events out of the plan.",
        zh="项目 {programme_id} 可以结算，但尚不能用于优化：{rules}。请将其事件从计划中去除。",
    )


@noun
class PlanningLimits:
    """The table and the commitment's limits for a plan."""

    bands: tuple[EventBand, ...]
    min_commitment_kw: float
    max_commitment_kw: float


def planning_limits(
    programme: Programme,
    event: Event,
    *,
    baseline_kw: float,
    bound_kw: float,
    pay_per_kw: float,
    paid_this_year: Decimal = Decimal(0),
) -> PlanningLimits:
    """Narrow the commitment so that validity and caps never bind.

    Parameters
    ----------
    baseline_kw : float
        Mean over the event. [kW]
    bound_kw : float
        Greatest commitment without the extra rules. [kW]
    pay_per_kw : float
        For the whole event, per paid kW. [currency / kW]

    Raises
    ------
    ProgrammeNotPlannableError
        Naming every rule that cannot be kept so.
    """
    bands = _bands(programme)
    problems: list[Text] = []
    if programme.slot_min is not None and event.hours * 60 > programme.slot_min:
        problems.append(SLOTS)
    if programme.validity.peak_below_baseline:
        problems.append(PEAK)
    least_kw = _least_commitment_kw(programme, bands, baseline_kw)
    most_kw = _most_commitment_kw(programme, bands, pay_per_kw, paid_this_year)
    if least_kw is None:
        problems.append(LEAST)
    if most_kw is None:
        problems.append(CAP)
    if problems or least_kw is None or most_kw is None:
        raise ProgrammeNotPlannableError(programme_id=programme.programme_id, rules=tuple(problems))
    return PlanningLimits(
        bands=bands,
        min_commitment_kw=max(float(programme.min_commitment_kw), least_kw),
        max_commitment_kw=min(bound_kw, most_kw),
    )


def _bands(programme: Programme) -> tuple[EventBand, ...]:
    """Give the table in floats; rates below the least valid one pay nothing."""
    least = float(programme.validity.least_rate or 0)
    found: list[EventBand] = []
    for band in programme.settlement:
        start = float(band.from_rate)
        end = INFINITE_RATE if band.to_rate is None else float(band.to_rate)
        per_delivered = float(band.coefficient) if band.pays == "delivered" else 0.0
        per_committed = float(band.coefficient) if band.pays == "committed" else 0.0
        if start < least:
            found.append(EventBand(from_rate=start, to_rate=min(end, least), per_delivered=0.0, per_committed=0.0))
        if max(start, least) < end:
            found.append(
                EventBand(
                    from_rate=max(start, least), to_rate=end, per_delivered=per_delivered, per_committed=per_committed
                )
            )
    return tuple(found)


def _paying(bands: tuple[EventBand, ...]) -> list[EventBand]:
    return [band for band in bands if band.per_delivered or band.per_committed]


def _least_commitment_kw(programme: Programme, bands: tuple[EventBand, ...], baseline_kw: float) -> float | None:
    """Give the commitment from which each paid response is large enough to be valid; None: there is none. [kW]."""
    rules = programme.validity
    least_kw = float(rules.least_reduction_kw or 0)
    if rules.least_reduction_share is not None:
        least_kw = max(least_kw, float(rules.least_reduction_share) * max(0.0, baseline_kw))
    paying = _paying(bands)
    if not paying:
        return 0.0
    rate = min(band.from_rate for band in paying)
    paid_for_nothing = any(band.per_committed and band.from_rate == 0 for band in paying)
    if (least_kw > 0 and rate == 0) or (rules.mean_below_baseline and paid_for_nothing):
        return None
    return least_kw / rate if least_kw > 0 else 0.0


def _most_commitment_kw(
    programme: Programme, bands: tuple[EventBand, ...], pay_per_kw: float, paid_this_year: Decimal
) -> float | None:
    """Give the commitment up to which no cap binds; None: none is safe. [kW]."""
    caps = [] if programme.cap_per_event is None else [float(programme.cap_per_event)]
    if programme.cap_per_year is not None:
        caps.append(max(0.0, float(programme.cap_per_year - paid_this_year)))
    paying = _paying(bands)
    if not caps or not paying or pay_per_kw <= 0:
        return INFINITE_RATE
    multiple = max(band.per_committed or band.per_delivered * band.to_rate for band in paying)
    return None if multiple == INFINITE_RATE else min(caps) / (pay_per_kw * multiple)
