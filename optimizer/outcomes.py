"""Courses of events: which are called, how likely that is, and from when on it is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from math import prod

from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.offers.asked import Joint
from domain.offers.playbook import EventChance
from domain.programmes.terms import EventTerm
from domain.text import Text

MOST_OUTCOMES = 32
"""Courses of events that one playbook may have. [-]"""
ROUNDING = 1e-9
"""How near to 1 a sum of probabilities counts as 1. [-]"""


class ChancesDoNotAddUpError(WattplanError, ValueError):
    """Events of which at most one is called leave no chance that none is."""

    code = "chances_do_not_add_up"
    words = Text(
        en="The probabilities of the events add up to {total:g}, yet at most one of them is to be called and a chance "
        "must be left that none is. Lower them, or say that the calls are independent.",
        zh="各事件的调用概率合计为 {total:g}，而其中至多调用一个，且须留有均不调用的可能。请降低概率，或说明各次调用相互独立。",
    )


class UnknownChanceError(WattplanError, ValueError):
    """Events and their chances do not go together one by one."""

    code = "unknown_chance"
    words = Text(
        en="Each event needs exactly one chance. Events: {events}; chances: {chances}.",
        zh="每个事件须恰好给出一个概率。事件：{events}；概率：{chances}。",
    )


class TooManyOutcomesError(WattplanError, ValueError):
    """Independent events have more courses than one playbook can hold."""

    code = "too_many_outcomes"
    words = Text(
        en="{n_events} independent events have {n_outcomes} courses, more than {most}. Give fewer events at once, or say "
        "that at most one is called.",
        zh="{n_events} 个相互独立的事件共有 {n_outcomes} 种情形，超过 {most} 种。请减少事件数量，或说明至多调用一个。",
    )


class StandingPlanPricedError(WattplanError, ValueError):
    """A playbook cannot tell what a call costs where leaving the standing plan has a price."""

    code = "standing_plan_priced"
    words = Text(
        en="The standing plan prices changes, and a playbook's plans would be charged for them once or twice. "
        "Give it without change costs.",
        zh="现行计划对改动计价，而应对方案中的改动会被重复计价。请去掉其改动费用后再计算。",
    )


@noun(eq=False)
class Outcome:
    """One course of events."""

    called: tuple[str, ...]
    """Promises that are called, in the order of their notices."""
    probability: float
    problem: ResponseProblem
    """The question if everything were known from the start: only the called events are there."""
    notices: tuple[int, ...]
    """For each called event the first step that can know of it."""

    def known_at(self, step: int) -> frozenset[str]:
        """Give the calls that have been made before a step begins."""
        return frozenset(name for name, notice in zip(self.called, self.notices, strict=True) if notice <= step)


def promise_of(event: EventTerm) -> str:
    """Give what an event's commitment is known by: its promise's id, or its own."""
    return event.event_id if event.promise_id is None else event.promise_id


def notice_at(problem: ResponseProblem, event: EventTerm, chance: EventChance) -> datetime:
    """Give when an event is called."""
    return problem.horizon.at(event.first) - timedelta(minutes=chance.notice_min)


def notice_step(problem: ResponseProblem, at: datetime) -> int:
    """Give the first step that begins when a call has been made, at least 0."""
    return max(0, -((problem.horizon.start - at) // problem.horizon.step))


def outcomes_of(problem: ResponseProblem, chances: Sequence[EventChance], joint: Joint) -> tuple[Outcome, ...]:
    """Give all courses of events that can happen, the one without any call first.

    Raises
    ------
    UnknownChanceError, ChancesDoNotAddUpError, TooManyOutcomesError
    """
    chance_of = {one.event_id: one for one in chances}
    first_of: dict[str, EventTerm] = {}
    for event in problem.events:
        first_of.setdefault(promise_of(event), event)
    if sorted(chance_of) != sorted(first_of) or len(chance_of) != len(chances):
        raise UnknownChanceError(
            events=", ".join(sorted(first_of)) or "-", chances=", ".join(sorted(one.event_id for one in chances)) or "-"
        )
    notice = {
        name: notice_step(problem, notice_at(problem, event, chance_of[name])) for name, event in first_of.items()
    }
    order = sorted(first_of, key=lambda name: (notice[name], first_of[name].first, name))
    p = {name: chance_of[name].probability for name in order}
    sets: list[tuple[tuple[str, ...], float]]
    if joint == "exclusive":
        total = sum(p.values())
        if total > 1 - ROUNDING:
            raise ChancesDoNotAddUpError(total=total)
        sets = [((), 1 - total), *(((name,), p[name]) for name in order)]
    else:
        if 2 ** len(order) > MOST_OUTCOMES:
            raise TooManyOutcomesError(n_events=len(order), n_outcomes=2 ** len(order), most=MOST_OUTCOMES)
        subsets = [one for size in range(len(order) + 1) for one in combinations(order, size)]
        sets = [(one, prod(p[name] if name in one else 1 - p[name] for name in order)) for one in subsets]
    shared = joint == "independent"
    return tuple(
        Outcome(
            called=called,
            probability=share,
            problem=replace(problem, events=_called(problem, called, shared=shared)),
            notices=tuple(notice[name] for name in called),
        )
        for called, share in sets
    )


def _called(problem: ResponseProblem, called: tuple[str, ...], *, shared: bool) -> tuple[EventTerm, ...]:
    """Give the called events; ``shared``: their commitments are settled in other courses too."""
    found = (event for event in problem.events if promise_of(event) in called)
    return tuple(replace(event, promise_id=promise_of(event)) if shared else event for event in found)


def must_not_price_changes(problem: ResponseProblem) -> None:
    """Refuse a standing plan with change costs.

    Raises
    ------
    StandingPlanPricedError
    """
    standing = problem.standing
    if standing is not None and (
        standing.run_change_cost or standing.run_shift_cost_per_h or standing.process_change_cost_per_h
    ):
        raise StandingPlanPricedError
