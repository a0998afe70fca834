"""A demand-response event as a term of a model: what it pays and what a shortfall costs."""

from decimal import Decimal

from domain.errors import WattplanError
from domain.programmes.baseline import Baseline
from domain.programmes.planning_limits import planning_limits
from domain.programmes.programme import Event, Programme
from domain.programmes.terms import EventTerm
from domain.text import Text
from domain.time import TimeGrid, zone_of


class EventMismatchError(WattplanError):
    """A programme, an event and a baseline do not belong together."""

    code = "event_mismatch"
    words = Text(
        en="{what} belongs to {found}, not to {wanted}. Give the one that belongs to it.",
        zh="{what} 属于 {found}，而不是 {wanted}。请提供与之对应的一项。",
    )


class ProgrammeNotInForceError(WattplanError):
    """An event lies outside its programme's validity."""

    code = "programme_not_in_force"
    words = Text(
        en="Programme {programme_id} is not in force on {day} (valid {valid_from} … {valid_until}).",
        zh="项目 {programme_id} 在 {day} 不生效（有效期 {valid_from} … {valid_until}）。",
    )


class EventNotInHorizonError(WattplanError):
    """An event does not lie on the steps of the planning horizon."""

    code = "event_not_in_horizon"
    words = Text(
        en="Event {event_id} ({start} … {end}) does not lie on the {step_min}-minute steps of the horizon "
        "{horizon_start} … {horizon_end}. Plan a horizon that holds it, in steps that its edges fit.",
        zh="事件 {event_id}（{start} … {end}）未落在计划期 {horizon_start} … {horizon_end} 的 {step_min} 分钟步长上。"
        "请选取包含该事件且步长与其起止对齐的计划期。",
    )


class CommitmentUnboundedError(WattplanError):
    """Nothing bounds how much a customer might commit."""

    code = "commitment_unbounded"
    words = Text(
        en="Programme {programme_id} asks for more load and sets no max_commitment_kw, so nothing bounds the "
        "commitment. Give the programme a max_commitment_kw.",
        zh="项目 {programme_id} 为填谷且未设 max_commitment_kw，申报容量没有上限。请为该项目填写 max_commitment_kw。",
    )


def must_match(programme: Programme, event: Event, baseline: Baseline) -> None:
    """Refuse a programme, an event and a baseline that do not belong together, or a date without rules.

    The date is that of the event's start on its local clock.

    Raises
    ------
    EventMismatchError, ProgrammeNotInForceError
    """
    if event.programme_id != programme.programme_id:
        raise EventMismatchError(what=event.event_id, found=event.programme_id, wanted=programme.programme_id)
    if baseline.event_id != event.event_id:
        what = Text(en="the baseline", zh="基线")
        raise EventMismatchError(what=what, found=baseline.event_id, wanted=event.event_id)
    day = event.start.astimezone(zone_of(baseline.zone)).date()
    if day < programme.valid_from or (programme.valid_until is not None and day >= programme.valid_until):
        raise ProgrammeNotInForceError(
            programme_id=programme.programme_id,
            day=day,
            valid_from=programme.valid_from,
            valid_until=programme.valid_until or "…",
        )


def event_steps(event: Event, grid: TimeGrid) -> tuple[int, int]:
    """Find an event's first step and the first step after it within a grid.

    Raises
    ------
    EventNotInHorizonError
    """
    off_edge = (event.start - grid.start) % grid.step or (event.end - grid.start) % grid.step
    if off_edge or event.start < grid.start or event.end > grid.end:
        raise EventNotInHorizonError(
            event_id=event.event_id,
            start=event.start.isoformat(),
            end=event.end.isoformat(),
            step_min=grid.step_min,
            horizon_start=grid.start.isoformat(),
            horizon_end=grid.end.isoformat(),
        )
    return grid.edge_of(event.start), grid.edge_of(event.end)


def event_term(
    programme: Programme,
    event: Event,
    baseline: Baseline,
    horizon: TimeGrid,
    *,
    paid_this_year: Decimal = Decimal(0),
) -> EventTerm:
    """Give an event's pay and penalty as a term of a model over a horizon. [programme.currency].

    The commitment is bounded by the programme and, where load is to go down, by the baseline's mean: nobody
    can shed more than it draws. Rules of validity and caps narrow it further, so that they never bind; see
    ``planning_limits``. A bound below ``min_commitment_kw`` means that only no commitment is left.

    Raises
    ------
    EventMismatchError, ProgrammeNotInForceError
        If programme, event and baseline do not belong together.
    EventNotInHorizonError
        If the event does not lie on the horizon's steps.
    CommitmentUnboundedError
        If load is to go up and the programme sets no limit.
    ProgrammeNotPlannableError
        If the programme has rules that a plan cannot keep.
    """
    must_match(programme, event, baseline)
    first, stop = event_steps(event, horizon)
    pay_per_kw = float(programme.price) * (event.hours if programme.price_unit == "per_kwh" else 1.0)
    limits = planning_limits(
        programme,
        event,
        baseline_kw=baseline.mean_kw,
        bound_kw=_bound_kw(programme, baseline),
        pay_per_kw=pay_per_kw,
        paid_this_year=paid_this_year,
    )
    return EventTerm(
        event_id=event.event_id,
        programme_id=programme.programme_id,
        first=first,
        stop=stop,
        baseline_kw=baseline.mean_kw,
        sign=sign_of(programme),
        min_commitment_kw=limits.min_commitment_kw,
        max_commitment_kw=limits.max_commitment_kw,
        pay_per_kw=pay_per_kw,
        penalty_per_kw=float(programme.penalty_per_kwh) * event.hours,
        bands=limits.bands,
    )


def sign_of(programme: Programme) -> int:
    """Give +1 where load is to go down, -1 where it is to go up."""
    return 1 if programme.direction == "peak_shaving" else -1


def _bound_kw(programme: Programme, baseline: Baseline) -> float:
    limit_kw = programme.max_commitment_kw
    if programme.direction == "peak_shaving":
        drawn_kw = max(0.0, baseline.mean_kw)
        return drawn_kw if limit_kw is None else min(float(limit_kw), drawn_kw)
    if limit_kw is None:
        raise CommitmentUnboundedError(programme_id=programme.programme_id)
    return float(limit_kw)
