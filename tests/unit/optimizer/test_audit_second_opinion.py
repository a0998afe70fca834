"""A second judge: random works, their answers disturbed at random; both judges must say the same of each, and the same cost.

The other judge is the plain second model (``tests/plain_optimum.py``) with the schedule held fast: where nothing keeps its
rows, a rule is broken.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from domain.errors import WattplanError
from domain.offers import ResponseProblem, SolveOptions
from domain.plant import ChangeoverRun, ProcessUse, Run, Schedule
from optimizer.audit import audit
from optimizer.response import best_response
from tests.plain_check import plain_cost, with_its_import
from tests.random_works import works

ROUGH = SolveOptions(deadline_s=30.0, gap_share=0.1)
HOUR = timedelta(hours=1)
Dice = np.random.Generator
Disturbance = Callable[[Schedule, ResponseProblem, Dice], Schedule | None]


def one_of(dice: Dice, items: tuple | list) -> int:
    return int(dice.integers(len(items)))


def run_moved(s: Schedule, _: ResponseProblem, dice: Dice) -> Schedule | None:
    number = one_of(dice, s.runs)
    run = s.runs[number]
    moved = replace(run, start=run.start + HOUR * int(dice.choice([-3, -2, -1, 1, 2, 3])))
    outside = not s.grid.start <= moved.start < s.grid.end
    return None if outside else replace(s, runs=(*s.runs[:number], moved, *s.runs[number + 1 :]))


def run_done_otherwise(s: Schedule, asked: ResponseProblem, dice: Dice) -> Schedule | None:
    number = one_of(dice, s.runs)
    run = s.runs[number]
    modes = [None, *(mode.mode_id for mode in asked.plan.task(run.task_id).modes)]
    changed = replace(
        run, mode_id=modes[one_of(dice, modes)], lot_share=float(dice.choice([1.0, dice.uniform(0.2, 1)]))
    )
    return None if changed == run else replace(s, runs=(*s.runs[:number], changed, *s.runs[number + 1 :]))


def run_more_or_less(s: Schedule, asked: ResponseProblem, dice: Dice) -> Schedule | None:
    number = one_of(dice, s.runs)
    if dice.random() < 0.5:
        return replace(s, runs=(*s.runs[:number], *s.runs[number + 1 :]))
    tasks = asked.plan.tasks
    more = Run(task_id=tasks[one_of(dice, tasks)].task_id, start=s.grid.at(int(dice.integers(0, 20))))
    return replace(s, runs=(*s.runs, more))


def unit_switched(s: Schedule, asked: ResponseProblem, dice: Dice) -> Schedule | None:
    if not asked.plan.processes:
        return None
    process = asked.plan.processes[one_of(dice, asked.plan.processes)]
    use = s.processes[process.process_id]
    rate, is_on = use.rate.copy(), use.is_on.copy()
    first = int(dice.integers(0, s.grid.n_steps))
    span = slice(first, first + int(dice.choice([1, 1, 2, 3, 5])))
    is_on[span] = not is_on[first]
    rate[span] = dice.uniform(process.min_rate, process.max_rate) if is_on[first] else 0.0
    return replace(s, processes={**s.processes, process.process_id: ProcessUse(rate=rate, is_on=is_on)})


def unit_at_another_rate(s: Schedule, asked: ResponseProblem, dice: Dice) -> Schedule | None:
    running = [one for one in asked.plan.processes if s.processes[one.process_id].is_on.any()]
    if not running:
        return None
    process = running[one_of(dice, running)]
    use = s.processes[process.process_id]
    rate = use.rate.copy()
    for step in dice.choice(np.flatnonzero(use.is_on), size=2):
        rate[step] = dice.uniform(0.9 * process.min_rate, 1.05 * process.max_rate)
    return replace(s, processes={**s.processes, process.process_id: replace(use, rate=rate)})


def change_moved_or_more(s: Schedule, asked: ResponseProblem, dice: Dice) -> Schedule | None:
    if not asked.plan.changeovers:
        return None
    kind = asked.plan.changeovers[one_of(dice, asked.plan.changeovers)]
    made = list(s.changeovers)
    if made and dice.random() < 0.6:
        one = made.pop(one_of(dice, made))
        if dice.random() < 0.5:
            return replace(s, changeovers=tuple(made))
        start = one.start + HOUR * int(dice.choice([-2, -1, 1, 2]))
        if not s.grid.start <= start < s.grid.end:
            return None
        return replace(s, changeovers=(*made, replace(one, start=start)))
    start = s.grid.at(int(dice.integers(0, 23)))
    more = ChangeoverRun(
        machine_id=kind.machine_id, from_family=kind.from_family, to_family=kind.to_family, start=start
    )
    return replace(s, changeovers=(*made, more))


def thrown_away(s: Schedule, _: ResponseProblem, dice: Dice) -> Schedule | None:
    if not s.disposed:
        return None
    name = min(s.disposed)
    disposed = s.disposed[name].copy()
    disposed[int(dice.integers(0, disposed.size))] += dice.uniform(-0.5, 1.5)
    return replace(s, disposed={name: disposed})


def load_shifted(s: Schedule, _: ResponseProblem, dice: Dice) -> Schedule | None:
    if not s.modulating_kw:
        return None
    power_kw = s.modulating_kw["air"].copy()
    first, second = dice.choice(np.flatnonzero(power_kw), size=2, replace=False)
    by_kw = dice.uniform(0.5, 25)
    power_kw[first] += by_kw
    power_kw[second] -= by_kw if dice.random() < 0.7 else 0.0
    return replace(s, modulating_kw={"air": power_kw})


DISTURBANCES: tuple[Disturbance, ...] = (
    run_moved,
    run_done_otherwise,
    run_more_or_less,
    unit_switched,
    unit_at_another_rate,
    change_moved_or_more,
    thrown_away,
    load_shifted,
)


def compared(seed: int, n_each: int) -> tuple[list[str], Counter[str]]:
    """Disturb one answer in every way; give where the judges differ, and what the audit found."""
    asked = works(seed)
    try:
        answer = best_response(asked, ROUGH).schedule
    except WattplanError:
        return [], Counter()
    dice, differ, found = np.random.default_rng(seed), [], Counter[str]()
    for disturb in DISTURBANCES:
        for number in range(n_each):
            changed = disturb(answer, asked, dice) if answer.runs else None
            if changed is None:
                continue
            done = with_its_import(asked, changed)
            judged, cost = audit(done, asked), plain_cost(asked, done)
            found.update({one.code for one in judged.violations} or {"sound"})
            where = f"{seed} {disturb.__name__} {number}"
            if (cost is None) != bool(judged.violations):
                differ.append(f"{where}: audit {[one.say() for one in judged.violations]}, plain {cost}")
            elif cost is not None and cost != pytest.approx(judged.costs.total_cost, rel=1e-6, abs=1e-5):
                differ.append(f"{where}: audit {judged.costs}, plain {cost}")
    return differ, found


def test_two_judges_agree_on_some_disturbed_schedules():
    found = Counter[str]()
    for seed in range(10):
        differ, seen = compared(seed, 2)
        assert differ == []
        found += seen
    assert found["sound"] > 10


@pytest.mark.slow
def test_two_judges_agree_on_many_disturbed_schedules():
    found = Counter[str]()
    for seed in range(10, 70):
        differ, seen = compared(seed, 4)
        assert differ == []
        found += seen
    assert found["sound"] > 100
    assert len(found) > 20
