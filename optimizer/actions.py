"""What people do otherwise in one schedule than in another, as instructions with times."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import PlaybookStep, ResponseProblem
from domain.plant import Schedule
from domain.text import Text
from optimizer.words import at_step, clock, filled

CHANGED_KW = 1.0
"""Less than this is no change worth an instruction. [kW]"""
CHANGED_SHARE = 0.01
"""The same for the rate of a process, measured in its greatest. [-]"""
RunKey = tuple[datetime, str | None]
"""When a run starts, and in which mode."""


def changed_actions(
    problem: ResponseProblem, before: Schedule, after: Schedule, *, event_id: str, first: int = 0
) -> tuple[PlaybookStep, ...]:
    """Say what ``after`` does otherwise than ``before`` from a step on, in the order of time."""
    found = [
        *_runs(problem, before, after, event_id),
        *_loads(problem, before, after, event_id),
        *_processes(problem, before, after, event_id),
        *_batteries(problem, before, after, event_id),
    ]
    since = problem.horizon.at(first)
    kept = [one for one in found if one.at >= since]
    return tuple(sorted(kept, key=lambda one: (one.at, one.subject_id, one.action.en)))


def _runs(problem: ResponseProblem, before: Schedule, after: Schedule, event_id: str) -> Iterator[PlaybookStep]:
    for task in problem.plan.tasks:
        old, new = (Counter(_keys(one, task.task_id)) for one in (before, after))
        gone, come = (sorted(one.elements(), key=str) for one in (old - new, new - old))
        for number in range(max(len(gone), len(come))):
            was = gone[number] if number < len(gone) else None
            now = come[number] if number < len(come) else None
            at = min(one[0] for one in (was, now) if one is not None)
            action = _run_words(problem, task.name, was, now)
            yield PlaybookStep(event_id=event_id, at=at, subject_id=task.task_id, action=action)


def _keys(schedule: Schedule, task_id: str) -> list[RunKey]:
    return [(run.start, run.mode_id) for run in schedule.runs if run.task_id == task_id]


def _run_words(problem: ResponseProblem, name: str, was: RunKey | None, now: RunKey | None) -> Text:
    if now is None and was is not None:
        return filled("do not run {name} at {at}", "取消 {at} 的{name}", name=name, at=clock(was[0], problem))
    assert now is not None  # noqa: S101 -- one of the two is given
    said = filled("start {name} at {at}", "{name}在 {at} 开始", name=name, at=clock(now[0], problem))
    if now[1] is not None and (was is None or was[1] != now[1]):
        said = filled("{said} in mode {mode}", "{said}，采用方式 {mode}", said=said, mode=now[1])
    if was is None:
        return said
    if was[0] == now[0]:
        return filled("{said} (otherwise in mode {mode})", "{said}（原方式 {mode}）", said=said, mode=was[1] or "-")
    return filled("{said} instead of {at}", "{said}（原 {at}）", said=said, at=clock(was[0], problem))


def _loads(problem: ResponseProblem, before: Schedule, after: Schedule, event_id: str) -> Iterator[PlaybookStep]:
    for load in problem.plan.modulating_loads:
        levels = before.modulating_kw[load.load_id], after.modulating_kw[load.load_id]
        for span in _spans(*levels, CHANGED_KW):
            action = filled(
                "run {name} at {now:.0f} kW from {first} to {stop} (otherwise {otherwise:.0f} kW)",
                "{first} 至 {stop}，{name}运行在 {now:.0f} kW（否则为 {otherwise:.0f} kW）",
                name=load.name,
                now=span.now,
                otherwise=span.otherwise,
                **span.times(problem),
            )
            yield span.step(problem, event_id, load.load_id, action)


def _processes(problem: ResponseProblem, before: Schedule, after: Schedule, event_id: str) -> Iterator[PlaybookStep]:
    for process in problem.plan.processes:
        levels = before.processes[process.process_id].rate, after.processes[process.process_id].rate
        for span in _spans(*levels, CHANGED_SHARE * process.max_rate):
            words = {"name": process.name, "unit": process.unit, **span.times(problem)}
            action = filled(
                "run {name} at {now:.3g} {unit}/h from {first} to {stop} (otherwise {otherwise:.3g})",
                "{first} 至 {stop}，{name}以 {now:.3g} {unit}/h 运行（否则为 {otherwise:.3g}）",
                now=span.now,
                otherwise=span.otherwise,
                **words,
            )
            if span.now == 0:
                action = filled("stop {name} from {first} to {stop}", "{first} 至 {stop}，停运{name}", **words)
            yield span.step(problem, event_id, process.process_id, action)


def _batteries(problem: ResponseProblem, before: Schedule, after: Schedule, event_id: str) -> Iterator[PlaybookStep]:
    for battery_id, use in after.batteries.items():
        was = before.batteries[battery_id]
        for span in _spans(was.charge_kw - was.discharge_kw, use.charge_kw - use.discharge_kw, CHANGED_KW):
            action = filled(
                "battery {name} from {first} to {stop}: {now} (otherwise {otherwise})",
                "{first} 至 {stop}，储能 {name} {now}（否则{otherwise}）",
                now=_battery_words(span.now),
                otherwise=_battery_words(span.otherwise),
                name=battery_id,
                **span.times(problem),
            )
            yield span.step(problem, event_id, battery_id, action)


def _battery_words(kw: float) -> Text:
    if abs(kw) < CHANGED_KW / 2:
        return Text(en="rest", zh="静置")
    if kw > 0:
        return Text(en=f"charge {kw:.0f} kW", zh=f"充电 {kw:.0f} kW")
    return Text(en=f"discharge {-kw:.0f} kW", zh=f"放电 {-kw:.0f} kW")


@noun
class _Span:
    """A stretch in which a level is higher, or lower, than otherwise."""

    first: int
    stop: int
    otherwise: float
    """Mean of the level otherwise."""
    now: float

    def times(self, problem: ResponseProblem) -> dict[str, Text]:
        return {"first": at_step(self.first, problem), "stop": at_step(self.stop, problem)}

    def step(self, problem: ResponseProblem, event_id: str, subject_id: str, action: Text) -> PlaybookStep:
        at = problem.horizon.at(self.first)
        return PlaybookStep(event_id=event_id, at=at, subject_id=subject_id, action=action)


def _spans(old: FloatArray, new: FloatArray, least: float) -> Iterator[_Span]:
    """Give the stretches in which a level changes by more than ``least`` one way; being switched off is one of its own."""
    sign = np.where(new - old > least, 1, np.where(old - new > least, -1, 0))
    kinds = list(zip(sign.tolist(), (new == 0).tolist(), strict=True))
    first = 0
    for t in range(1, len(kinds) + 1):
        if t < len(kinds) and kinds[t] == kinds[first]:
            continue
        if kinds[first][0]:
            otherwise, now = float(old[first:t].mean()), float(new[first:t].mean())
            yield _Span(first=first, stop=t, otherwise=otherwise, now=now)
        first = t
