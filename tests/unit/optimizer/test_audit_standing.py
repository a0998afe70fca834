"""The judge of what has begun, of wishes and of commitments that are made, on the two hand-worked days."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from domain.offers import StandingPlan
from domain.offers.response import ResponseProblem
from domain.offers.wishes import ProcessWish, RunWish
from domain.plant import ProcessUse, Run, Schedule
from domain.time import TimeGrid
from optimizer.audit import audit
from tests import audited_day, audited_works
from tests.audited_day import at
from tests.audited_works_changes import disposed, of_use, swapped

Asked = Callable[[ResponseProblem], ResponseProblem]


def stands(
    change: Callable[[Schedule], Schedule] = lambda s: s, hour: int = 9, minute: int = 0, **prices: float
) -> Asked:
    """Say that people already act on a variant of the works' day, and that it is nine o'clock."""
    plan = StandingPlan(schedule=change(audited_works.schedule()), now=at(hour, minute), **prices)
    return lambda p: replace(p, standing=plan)


def wishes(*wished: RunWish | ProcessWish) -> Asked:
    return lambda p: replace(p, wishes=wished)


def run(number: int, **changes: Any) -> Callable[[Schedule], Schedule]:
    return lambda s: replace(s, runs=swapped(s.runs, number, **changes))


def change(number: int, start: datetime) -> Callable[[Schedule], Schedule]:
    return lambda s: replace(s, changeovers=swapped(s.changeovers, number, start=start))


def thrown(step: int, quantity: float) -> Callable[[Schedule], Schedule]:
    parts = audited_works.schedule().disposed["parts"].copy()
    parts[step] = quantity
    return disposed(parts=parts)


def without(task_id: str) -> Callable[[Schedule], Schedule]:
    return lambda s: replace(s, runs=tuple(one for one in s.runs if one.task_id != task_id))


OF_WORKS: list[tuple[str, str, Asked]] = [
    ("a mould began half an hour before", "begun_run_changed", stands(run(0, start=at(6, 30)))),
    ("trimming had not begun", "begun_run_changed", stands(without("trim"))),
    ("a mould began in the other mode", "begun_run_changed", stands(run(2, mode_id="big"))),
    ("the mill ran slower", "past_changed", stands(of_use("mill", at_step=14, rate=7.5))),
    ("the mill was off", "past_changed", stands(of_use("mill", at_step=17, is_on=False))),
    ("a begun lot was larger", "begun_lot_changed", stands(run(2, lot_share=0.6))),
    ("the press was changed over earlier", "begun_changeover_changed", stands(change(0, at(6)))),
    ("more was thrown away", "past_changed", stands(thrown(27, 1.7), 14)),
    ("the step of now has begun", "past_changed", stands(of_use("mill", at_step=18, rate=7.5), 9, 1)),
    ("a third mould at ten is wished", "wished_run_missing", wishes(*3 * [RunWish(task_id="mould", start=at(10))])),
    ("the other mode is wished", "wished_run_missing", wishes(RunWish(task_id="mould", mode_id="big", start=at(10)))),
    ("the mill is wished on", "wished_state_missing", wishes(ProcessWish(process_id="mill", start=at(11), end=at(13), is_on=True))),
    ("the mill is wished off", "wished_state_missing", wishes(ProcessWish(process_id="mill", start=at(5), end=at(6, 30), is_on=False))),
]  # fmt: skip

SOUND: dict[str, Asked] = {
    "all as it stands": stands(),
    "later lots may change": stands(run(3, lot_share=0.9)),
    "later changeovers may move": stands(change(1, at(10))),
    "what is thrown away later may change": stands(thrown(27, 1.7)),
    "later runs may move": stands(run(4, start=at(11))),
    "what begins now may move": stands(run(3, start=at(9, 30))),
    "the step that begins now may change": stands(of_use("mill", at_step=18, rate=7.5)),
    "tasks of yesterday's plan do not count": stands(lambda s: replace(s, runs=(*s.runs, Run(task_id="old", start=at(3))))),
    "runs before the horizon do not count": stands(lambda s: replace(s, runs=(*s.runs, Run(task_id="mould", start=at(-3))))),
    "wishes that are kept": wishes(
        RunWish(task_id="mould", start=at(10)),
        RunWish(task_id="mould", start=at(10)),
        RunWish(task_id="mould", mode_id="big", start=at(9)),
        ProcessWish(process_id="mill", start=at(6), end=at(12), is_on=True),
        ProcessWish(process_id="mill", start=at(12), end=at(13), is_on=False),
    ),
}  # fmt: skip


def codes(done: Schedule, asked: ResponseProblem) -> list[str]:
    return [one.code for one in audit(done, asked).violations]


@pytest.mark.parametrize(("code", "change"), [pytest.param(*rest, id=name) for name, *rest in OF_WORKS])
def test_the_past_and_wishes_are_kept(code, change):
    assert set(codes(audited_works.schedule(), change(audited_works.problem()))) == {code}


@pytest.mark.parametrize("change", SOUND.values(), ids=SOUND)
def test_what_is_free_may_change(change):
    assert codes(audited_works.schedule(), change(audited_works.problem())) == []


def test_a_begun_run_that_moved_is_told_at_both_ends():
    asked = stands(run(0, start=at(6, 30)))(audited_works.problem())
    told = [
        (one.data["at"][11:16], one.data["found"], one.data["expected"])
        for one in audit(audited_works.schedule(), asked).violations
    ]
    assert told == [("06:30", 0, 1), ("07:00", 1, 0)]


def of_day(hour: int = 9, **changes: Any) -> Asked:
    def stand(p: ResponseProblem) -> ResponseProblem:
        return replace(p, standing=StandingPlan(schedule=replace(audited_day.schedule(), **changes), now=at(hour)))

    return stand


def with_battery(name: str, step: int, value: float) -> Asked:
    use = audited_day.schedule().batteries["b1"]
    series = getattr(use, name).copy()
    series[step] = value
    return of_day(batteries={"b1": replace(use, **{name: series})})


def with_sun(step: int, value: float) -> Asked:
    sun_kw = audited_day.schedule().pv_used_kw["roof"].copy()
    sun_kw[step] = value
    return of_day(20, pv_used_kw={"roof": sun_kw})


def with_air(step: int, value: float) -> Asked:
    air_kw = audited_day.schedule().modulating_kw["air"].copy()
    air_kw[step] = value
    return of_day(modulating_kw={"air": air_kw})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (with_battery("charge_kw", 1, 59), {"subject": "b1", "value": 60, "expected": 59, "n_steps": 1}),
        (with_battery("discharge_kw", 17, 44), {"subject": "b1", "value": 45, "expected": 44, "n_steps": 1}),
        (with_air(16, 73), {"subject": "air", "value": 70, "expected": 73, "n_steps": 1}),
        (with_sun(22, 70), {"subject": "roof", "value": 75, "expected": 70, "n_steps": 1}),
        (with_sun(40, 1), None),
        (with_air(18, 73), None),
        (with_battery("discharge_kw", 18, 44), None),
    ],
)
def test_batteries_and_loads_did_what_they_did(change, expected):
    found = audit(audited_day.schedule(), change(audited_day.problem())).violations
    told = [{name: one.data[name] for name in expected or ()} for one in found]
    assert told == ([] if expected is None else [expected])


def test_a_standing_plan_of_yesterday_is_read_on_its_own_grid():
    """It ends at 08:30 of today, its step 65 is today's 17; what it said of later steps it did not say."""
    yesterday = TimeGrid(start=at(-24), step_min=30, n_steps=66)
    rate = np.zeros(66)
    rate[60:66] = [4, 7, 8, 8, 8, 7.5]
    use = ProcessUse(rate=rate, is_on=rate > 0)
    works = audited_works.schedule()
    old = replace(works, grid=yesterday, processes={"mill": use}, disposed={})
    asked = replace(audited_works.problem(), standing=StandingPlan(schedule=old, now=at(9)))
    (found,) = audit(works, asked).violations
    assert (found.code, found.data["expected"], found.data["at"][11:16]) == ("past_changed", 7.5, "08:30")


PRICES = {"run_change_cost": 13.0, "run_shift_cost_per_h": 7.0, "process_change_cost_per_h": 5.0}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s, 0.0),
        (run(4, start=at(11)), 13.0),  # of two moulds at ten one was planned at eleven: the other still is where it was
        (
            run(3, start=at(14), mode_id=None),
            13.0 + 7.0 * 1.0,
        ),  # the mode's run at nine: the nearest mould is an hour away
        (run(3, mode_id=None), 13.0),  # in the other mode at the same time
        (run(6, start=at(21, 30)), 13.0 + 7.0 * 1.5),
        (without("fixed"), 0.0),  # a run that was not planned has no planned start to be away from
        (of_use("mill", at_step=24, is_on=True), 2.5),
        (of_use("mill", at_step=28, is_on=False), 2.5),
        (of_use("chp", at_step=30, is_on=True), 0.0),  # it has no state besides its rate
    ],
)
def test_leaving_the_plan_is_priced(change, expected):
    asked = stands(change, 6, **PRICES)(audited_works.problem())
    assert audit(audited_works.schedule(), asked).costs.change_cost == pytest.approx(expected, abs=1e-9)


def of_events(*changes: dict[str, Any]) -> Asked:
    return lambda p: replace(p, events=tuple(replace(one, **more) for one, more in zip(p.events, changes, strict=True)))


MADE: list[tuple[str, str, Asked]] = [
    ("made and dropped", "commitment_dropped", of_events({}, {"is_committed": True})),
    ("one promise, two sizes", "promise_split", of_events({"promise_id": "p"}, {"promise_id": "p"})),
]


@pytest.mark.parametrize(("code", "change"), [pytest.param(*rest, id=name) for name, *rest in MADE])
def test_promises_are_kept(code, change):
    assert codes(audited_day.schedule(), change(audited_day.problem())) == [code]


def test_promises_that_agree_are_sound():
    asked = of_events({"promise_id": "p", "is_committed": True}, {"promise_id": "q"})(audited_day.problem())
    assert codes(audited_day.schedule(), asked) == []
    both = replace(audited_day.schedule(), commitments_kw={"e1": 60.0, "e2": 60.0})
    asked = of_events({"promise_id": "p"}, {"promise_id": "p"})(audited_day.problem())
    assert codes(both, asked) == []
