"""Whether prices and events are about the steps that they are to be planned for."""

from collections.abc import Iterator
from typing import Any

import numpy.typing as npt

from domain.errors import WattplanError
from domain.offers import ResponseProblem
from domain.text import Text
from domain.time import TimeGrid, said_at


class PricesOfOtherHorizonError(WattplanError, ValueError):
    """Prices are stated for other steps than the question's."""

    code = "prices_of_other_horizon"
    words = Text(
        en="The terms of tariff {tariff_id} are for {theirs}, the question plans {ours}. State the tariff's terms for the "
        "question's horizon.",
        zh="电价 {tariff_id} 的条款对应 {theirs}，而问题的计划期为 {ours}。请按问题的计划期给出电价条款。",
    )


class EventOffHorizonError(WattplanError, ValueError):
    """An event's steps are none of the question's."""

    code = "event_off_horizon"
    words = Text(
        en="Event {event_id} holds steps {first} … {stop} (the last exclusive), the question has steps 0 … {n_steps}. State the "
        "event for the question's horizon, or leave it out.",
        zh="事件 {event_id} 占时段 {first} … {stop}（不含末端），而问题只有时段 0 … {n_steps}。"
        "请按问题的计划期给出该事件，或将其去掉。",
    )


def must_be_of_horizon(asked: ResponseProblem) -> None:
    """Refuse prices and events of another horizon.

    Raises
    ------
    PricesOfOtherHorizonError, EventOffHorizonError
    """
    ours, zone = asked.horizon, asked.plan.zone
    if asked.terms.horizon != ours:
        raise PricesOfOtherHorizonError(
            tariff_id=asked.terms.tariff_id, theirs=_said(asked.terms.horizon, zone), ours=_said(ours, zone)
        )
    for en, zh, values in _by_step(asked):
        if values.size != ours.n_steps:
            counted = Text(en=f"{values.size} steps ({en})", zh=f"{values.size} 个时段（{zh}）")
            raise PricesOfOtherHorizonError(tariff_id=asked.terms.tariff_id, theirs=counted, ours=_said(ours, zone))
    for event in asked.events:
        if not 0 <= event.first < event.stop <= ours.n_steps:
            raise EventOffHorizonError(
                event_id=event.event_id, first=event.first, stop=event.stop, n_steps=ours.n_steps
            )


def _by_step(asked: ResponseProblem) -> Iterator[tuple[str, str, npt.NDArray[Any]]]:
    """Give what the terms say step by step, with its name in both languages."""
    terms = asked.terms
    yield "energy prices", "电度电价", terms.energy_price_per_kwh
    if terms.export_price_per_kwh is not None:
        yield "pay for what is fed in", "上网电价", terms.export_price_per_kwh
    for one in terms.demand:
        yield f"blocks of demand {one.label}", f"需量 {one.label} 的时段", one.block_of_step


def _said(grid: TimeGrid, zone: str) -> Text:
    span = f"{said_at(grid.start, zone)} … {said_at(grid.end, zone)}"
    return Text(
        en=f"{grid.n_steps} steps of {grid.step_min} min, {span}",
        zh=f"{grid.n_steps} 个 {grid.step_min} 分钟时段（{span}）",
    )
