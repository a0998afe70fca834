"""What limits are worth, what wishes cost: each number worked by hand on plants of a few hours."""

from dataclasses import replace
from datetime import time
from typing import Any

import numpy as np
import pytest

from domain.offers import ProcessWish, ResponseProblem, RunWish, StandingPlan
from domain.plant import (
    Battery,
    Flow,
    Order,
    Precedence,
    Process,
    Quota,
    Shift,
    Store,
    StoreDraw,
    Utility,
    UtilityUse,
)
from domain.text import Language
from optimizer.block_reasons import block_reasons
from optimizer.demands import shifts_less
from optimizer.infeasible import InfeasiblePlanError
from optimizer.limits import limits_of
from optimizer.price_tags import alternative, price_tag, price_tags, touched_limits
from optimizer.repairs import repairs
from optimizer.response import best_response
from optimizer.wishes import WishNotPossibleError
from tests.optimizer_cases import EXACT, demand, grid, hour, machine, plan, problem, site, task, terms

PRICE = np.array([0.9] * 6 + [0.5] * 6 + [0.2] * 6 + [0.7] * 6)
"""cur/kWh by hour; cheapest from 12 to 18 o'clock."""


def asked(parts: dict[str, Any], **changed: Any) -> ResponseProblem:
    horizon = grid()
    plain = {"plan": plan(horizon, **parts), "terms": terms(horizon, PRICE)}
    return problem(horizon, 0.0, **(plain | changed))


def due_at_13() -> ResponseProblem:
    """One run of 100 kW for two hours, due at 13: it runs 11 … 13 and pays 100 × (0.5 + 0.2)."""
    order = Order(order_id="O", due=hour(13))
    return asked({"tasks": (task("A", 100.0, 2, "M", order_id="O"),), "machines": (machine("M"),), "orders": (order,)})


def tag_of(question: ResponseProblem, kind: str) -> Any:
    response = best_response(question, EXACT)
    limit = next(one for one in limits_of(question) if one.kind == kind)
    return price_tag(response, limit, EXACT)


def test_an_hour_more_of_deadline_is_worth_the_price_between():
    question = due_at_13()
    response = best_response(question, EXACT)
    assert response.costs.total_cost == pytest.approx(70.0)
    (tag,) = price_tags(question, response, EXACT)
    assert (tag.change.kind, tag.change.subject_id, tag.change.unit) == ("due", "O", "h")
    assert tag.saving == pytest.approx(100 * (0.5 - 0.2))
    assert tag.most_saving == pytest.approx(30.0, rel=1e-5)
    assert "订单 O" in tag.change.said.zh


def test_a_limit_that_is_not_touched_has_no_tag():
    question = due_at_13()
    late = replace(question, plan=replace(question.plan, orders=(Order(order_id="O", due=hour(20)),)))
    assert [one.kind for one in touched_limits(late, best_response(late, EXACT).schedule)] == ["machine"]


def test_room_in_a_store_is_worth_what_more_cheap_work_saves():
    """4 t an hour at 40 kW; drawn 30 t at 20 o'clock; only 20 t may lie there."""
    store = Store(
        store_id="silo",
        name="silo",
        unit="t",
        max_level=20.0,
        start_level=0.0,
        end_min_level=0.0,
        draws=(StoreDraw(at=hour(20), quantity=18.0), StoreDraw(at=hour(23), quantity=6.0)),
    )
    mill = task("G", 40.0, 1, "M", count=6, flows=(Flow(store_id="silo", quantity=4.0),))
    question = asked({"tasks": (mill,), "machines": (machine("M", count=6),), "stores": (store,)})
    response = best_response(question, EXACT)
    # five runs (20 t) at 0.2, the sixth after the draw at 0.7: 5 × 8 + 28
    assert response.costs.total_cost == pytest.approx(68.0)
    tag = tag_of(question, "store")
    assert (tag.change.amount, tag.change.unit) == (1.0, "t")
    assert tag.saving == pytest.approx(0.0)  # one tonne more holds no sixth run: whole runs do not move by a little
    limit = next(one for one in limits_of(question) if one.kind == "store")
    wide = replace(limit, amount=4.0)
    assert price_tag(response, wide, EXACT).saving == pytest.approx(40 * (0.7 - 0.2))


def test_kilowatts_of_connection_let_two_runs_share_the_cheap_hours():
    tasks = tuple(task(name, 100.0, 6, "M") for name in "AB")
    question = asked({"tasks": tasks, "machines": (machine("M", count=2),)}, site=site(import_limit_kw=190.0))
    response = best_response(question, EXACT)
    assert response.costs.total_cost == pytest.approx(600 * 0.2 + 600 * 0.5)
    tag = tag_of(question, "connection")
    assert (tag.change.amount, tag.change.unit, tag.saving) == (10.0, "kW", pytest.approx(600 * 0.3))


def test_a_longer_wait_lets_the_second_run_be_cheap():
    tasks = (task("A", 100.0, 1, "M", latest_end=hour(12)), task("B", 100.0, 1, "M"))
    link = Precedence(before="A", after="B", max_gap_min=0)
    finer = grid(step_min=30)
    question = problem(
        finer,
        0.0,
        plan=plan(finer, tasks=tasks, machines=(machine("M", count=2),), precedences=(link,)),
        terms=terms(finer, np.repeat(np.where(np.arange(24) == 12, 0.6, PRICE), 2)),
    )
    tag = tag_of(question, "wait")
    # A and B one after the other before noon cost 50 each; with half an hour between, B runs half at 0.6, half at 0.2
    assert (tag.change.amount, tag.saving) == (0.5, pytest.approx(50 + 50 - (50 + 50 * 0.6 + 50 * 0.2)))


def test_people_and_utilities_have_their_tags():
    shift = Shift(name="all", start=time(0), end=time(0), wage_per_h=0.0, people_count=3.0)
    steam = Utility(utility_id="S", name="steam", unit="t/h", limit=10.0)
    tasks = tuple(
        task(name, 100.0, 6, "M", crew_count=2.0, utilities=(UtilityUse(utility_id="S", quantity=5.25),))
        for name in "AB"
    )
    parts = {"tasks": tasks, "machines": (machine("M", count=2),), "shifts": (shift,), "utilities": (steam,)}
    question = asked(parts)
    response = best_response(question, EXACT)
    assert [one.kind for one in touched_limits(question, response.schedule)] == []
    more_people = replace(question, plan=replace(question.plan, shifts=(replace(shift, people_count=4.0),)))
    assert tag_of(question, "people").saving == pytest.approx(0.0)  # the steam still keeps them apart
    assert tag_of(more_people, "utility").saving == pytest.approx(600 * 0.3)


def test_giving_up_a_shift_costs_what_it_earns_or_is_impossible():
    shifts = tuple(
        Shift(name=name, start=time(start), end=time(end % 24), wage_per_h=2.0)
        for name, start, end in (("early", 0, 12), ("late", 12, 24))
    )
    question = asked(
        {"tasks": (task("A", 100.0, 4, "M", crew_count=1.0),), "machines": (machine("M"),), "shifts": shifts}
    )
    response = best_response(question, EXACT)
    early, late = (price_tag(response, one, EXACT) for one in shifts_less(question))
    assert (early.saving, late.saving) == (pytest.approx(0.0), pytest.approx(-400 * (0.5 - 0.2)))
    pinned = task("A", 100.0, 4, "M", crew_count=1.0, earliest=hour(13))
    bound = replace(question, plan=replace(question.plan, tasks=(pinned,)))
    tags = price_tags(bound, best_response(bound, EXACT), EXACT)
    lost = next(one for one in tags if one.change.subject_id == "late")
    assert lost.saving is None
    assert lost.most_saving is None
    assert any("Task A" in one.en for one in lost.conflicts)
    assert tags[-1] is lost  # what makes the plan impossible stands last


def test_a_larger_battery_moves_more():
    battery = Battery(
        battery_id="B", capacity_kwh=100.0, max_charge_kw=100.0, max_discharge_kw=100.0, charge_eff=1.0,
        discharge_eff=1.0, soc_start_kwh=0.0,
    )  # fmt: skip
    question = problem(grid(), 300.0, plan=plan(grid()), terms=terms(grid(), PRICE), site=site(batteries=(battery,)))
    tag = tag_of(question, "battery")
    assert (tag.change.amount, tag.change.unit) == (5.0, "kWh")
    assert tag.saving == pytest.approx(5 * (0.7 - 0.2))


def test_a_wish_costs_the_difference():
    question = due_at_13()
    response = best_response(question, EXACT)
    found = alternative(question, response, [RunWish(task_id="A", start=hour(2))], EXACT)
    assert found.extra_cost == pytest.approx(100 * (0.9 + 0.9) - 70)
    assert found.least_extra_cost == pytest.approx(110.0, rel=1e-5)
    assert found.said.en == "start task A at Mon 23 Nov 02:00"
    assert [run.start for run in found.response.schedule.runs] == [hour(2)]
    kept = alternative(question, response, [RunWish(task_id="A", start=hour(11))], EXACT)
    assert kept.extra_cost == pytest.approx(0.0)


def test_a_wish_that_cannot_be_kept_says_why():
    question = due_at_13()
    response = best_response(question, EXACT)
    for wish in (RunWish(task_id="A", start=hour(12)), RunWish(task_id="ghost", start=hour(2))):
        found = alternative(question, response, [wish], EXACT)
        assert found.extra_cost is None
        assert wish.task_id in found.conflicts[0].en
    blocked = task("B", 100.0, 3, "M", movable=False, planned_starts=(hour(1),))
    both = replace(question, plan=replace(question.plan, tasks=(*question.plan.tasks, blocked)))
    answer = best_response(both, EXACT)
    found = alternative(both, answer, [RunWish(task_id="A", start=hour(2))], EXACT)
    assert found.extra_cost is None
    assert any("machine M" in one.en for one in found.conflicts)


def test_a_process_can_be_wished_on_and_off():
    pump = Process(
        process_id="P", name="pump", unit="m3", min_rate=10.0, max_rate=10.0, kwh_per_unit=2.0,
        quotas=(Quota(start=hour(0), end=hour(24), least=20.0, most=20.0),),
    )  # fmt: skip
    question = asked({"processes": (pump,)})
    response = best_response(question, EXACT)
    assert response.costs.total_cost == pytest.approx(2 * 20 * 0.2)
    on = alternative(question, response, [ProcessWish(process_id="P", start=hour(0), end=hour(1), is_on=True)], EXACT)
    assert on.extra_cost == pytest.approx(20 * (0.9 - 0.2))
    off = alternative(
        question, response, [ProcessWish(process_id="P", start=hour(12), end=hour(17), is_on=False)], EXACT
    )
    assert off.extra_cost == pytest.approx(20 * (0.5 - 0.2))


def test_a_window_that_keeps_a_run_from_cheaper_hours_is_the_reason():
    question = due_at_13()
    (reason,) = block_reasons(question, best_response(question, EXACT).schedule)
    assert (reason.kind, reason.start, reason.tried_start) == ("limit", hour(11), hour(12))
    assert reason.extra_cost is None
    assert reason.energy_saving == pytest.approx(30.0)
    assert "ends 60 minutes after it must" in reason.said.en


def test_each_block_says_what_stands_against_its_cheapest_hours():
    """A and F would raise the peak, N may not move."""
    order = Order(order_id="O", due=hour(13))
    tasks = (
        task("A", 100.0, 2, "M", order_id="O"),
        task("N", 50.0, 1, "Z", movable=False, planned_starts=(hour(3),)),
        task("F", 300.0, 2, "Y"),
        task("K", 10.0, 1, "X"),
    )
    base = np.where((np.arange(24) >= 12) & (np.arange(24) < 18), 600.0, 100.0)
    horizon = grid()
    question = problem(
        horizon,
        base,
        plan=plan(horizon, tasks=tasks, machines=tuple(map(machine, "MXYZ")), orders=(order,)),
        terms=terms(horizon, PRICE, demand=(demand(horizon, price_per_kw=5.0),)),
        site=site(import_limit_kw=2000.0),
    )
    response = best_response(question, EXACT)
    found = {one.task_id: one for one in block_reasons(question, response.schedule)}
    assert found["A"].kind == "peak"  # an hour later it would save 100 × 0.3 and stand on the base load of noon
    assert (found["A"].tried_start, found["A"].energy_saving) == (hour(11), pytest.approx(30.0))
    assert found["N"].kind == "settled"
    assert found["F"].kind == "peak"
    # at noon its 600 kWh would cost 0.3 less each and lift the peak from 610 (K) or 600 to 900
    assert found["F"].energy_saving == pytest.approx(600 * 0.3)
    assert found["F"].extra_cost > 5 * 280 - 600 * 0.3
    assert found["K"].kind in {"cheapest", "peak"}


def test_a_shift_whose_run_has_begun_cannot_be_given_up_and_the_plan_stands():
    shifts = tuple(
        Shift(name=name, start=time(start), end=time(end % 24), wage_per_h=2.0)
        for name, start, end in (("early", 0, 12), ("late", 12, 24))
    )
    parts = {
        "tasks": (task("A", 100.0, 4, "M", crew_count=1.0),),
        "machines": (machine("M"),),
        "shifts": shifts,
    }
    free = asked(parts)
    begun = best_response(replace(free, wishes=(RunWish(task_id="A", start=hour(2)),)), EXACT)
    worked = replace(free, standing=StandingPlan(schedule=begun.schedule, now=hour(3)))
    tags = {one.change.subject_id: one for one in price_tags(worked, best_response(worked, EXACT), EXACT)}
    assert tags["early"].saving is None
    assert "began" in tags["early"].conflicts[0].en
    assert tags["late"].saving == pytest.approx(0.0)


def test_wishes_that_contradict_each_other_or_the_past_are_refused_and_one_of_them_offered_up():
    pump = Process(
        process_id="P", name="pump", unit="m3", min_rate=10.0, max_rate=10.0, kwh_per_unit=2.0,
        quotas=(Quota(start=hour(0), end=hour(24), least=20.0, most=20.0),),
    )  # fmt: skip
    question = asked({"processes": (pump,)})
    off = ProcessWish(process_id="P", start=hour(0), end=hour(2), is_on=False)
    on = ProcessWish(process_id="P", start=hour(1), end=hour(3), is_on=True)
    for wishes in ((off, on), (on, off)):
        with pytest.raises(WishNotPossibleError, match=r"P @ 2026-11-23T01:00\+00:00") as refused:
            best_response(replace(question, wishes=wishes), EXACT)
        assert "another wish, or what has begun forbids it" in refused.value.say()
        assert "另一愿望或已开始的内容" in refused.value.say(Language.ZH)
    kept = best_response(replace(question, wishes=(off,)), EXACT)
    # a what-if never undoes what is kept
    assert alternative(replace(question, wishes=(off,)), kept, [on], EXACT).extra_cost is None
    all_day = ProcessWish(process_id="P", start=hour(0), end=hour(24), is_on=False)
    impossible = replace(question, wishes=(all_day,))
    with pytest.raises(
        InfeasiblePlanError, match="process pump is held by its hours, outages, least run and pause, wishes"
    ):
        best_response(impossible, EXACT)
    offered = {one.change.kind: one for one in repairs(impossible, EXACT)}
    assert offered["wish"].cost == pytest.approx(2 * 20 * 0.2)
    assert offered["wish"].change.said.en.startswith("the wish is given up: keep process P off")


def test_a_run_that_waits_for_another_says_how_long_before_its_end_it_would_start():
    tasks = (
        task("A", 100.0, 1, "M", earliest=hour(17), latest_end=hour(18)),
        task("B", 100.0, 1, "N"),
    )
    link = Precedence(before="A", after="B", min_gap_min=0)
    question = asked({"tasks": tasks, "machines": (machine("M"), machine("N")), "precedences": (link,)})
    answer = best_response(question, EXACT)
    (why,) = [one for one in block_reasons(question, answer.schedule) if one.task_id == "B"]
    # the cheap hours begin at 12, A ends at 18
    assert "360 minutes before A ends; at least 0 minutes after its end are needed" in why.said.en
    assert "比 A 结束早 360 分钟" in why.said.zh


def test_a_process_without_a_state_runs_where_it_is_wished():
    pump = Process(process_id="P", name="pump", unit="kWh", max_rate=10.0, kwh_per_unit=1.0,
                   quotas=(Quota(start=hour(0), end=hour(24), least=20.0),))  # fmt: skip
    question = asked({"processes": (pump,)})
    wish = ProcessWish(process_id="P", start=hour(0), end=hour(1), is_on=True)
    answer = best_response(replace(question, wishes=(wish,)), EXACT)
    assert answer.schedule.processes["P"].is_on[0]
    assert answer.costs.total_cost == pytest.approx(0.01 * 0.9 + 19.99 * 0.2)
