"""What makes impossible plans possible: the amounts worked by hand, the plans sound under the changed data."""

from dataclasses import replace

import pytest

from domain.offers import SolveOptions
from domain.plant import Interval, Order
from optimizer.audit import audit
from optimizer.repairs import repairs
from tests.optimizer_cases import machine, site, task
from tests.unit.optimizer.test_infeasible_kinds import (
    CASES,
    held_too_long,
    hour,
    no_time_to_set_up,
    people_for_both,
    planned,
    steam_for_both,
    too_few_hours,
)

QUICK = SolveOptions(deadline_s=10.0, gap_share=0.0)


def found(asked, n_most: int = 8) -> dict[tuple[str, str], float]:
    return {(one.change.kind, one.change.subject_id): one.change.amount for one in repairs(asked, QUICK, n_most=n_most)}


def test_a_late_order_asks_for_time_or_machine_or_less():
    """Three runs of 4 h are due at 10 on one machine that stands still from 4 to 5."""
    promised = tuple(Order(order_id=f"O{n}", due=hour(10)) for n in range(3))
    asked = planned(
        machines=(machine("M", outages=(Interval(start=hour(4), end=hour(5)),)),),
        orders=promised,
        tasks=tuple(task(f"A{n}", 50.0, 4, "M", order_id=f"O{n}") for n in range(3)),
    )
    answer = found(asked)
    # 4 h before the outage, 5 … 13 after it: one order must wait until 13:00; without the outage until 12:00, too late
    assert {key: amount for key, amount in answer.items() if key[0] == "due"} == {
        ("due", f"O{n}"): 3.0 for n in range(3)
    }
    assert answer["machine", "M"] == 1.0
    assert ("outage", "M") not in answer
    assert answer["runs", "A0"] == 1.0


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (steam_for_both, {("latest_end", "A"): 1.0, ("latest_end", "B"): 1.0, ("runs", "A"): 1.0, ("runs", "B"): 1.0}),
        (people_for_both, {("latest_end", "A"): 1.0, ("latest_end", "B"): 1.0, ("people", "all"): 1.0}),
        (no_time_to_set_up, {("latest_end", "B"): 1.0, ("machine", "M"): 1.0, ("runs", "A"): 1.0}),
        (held_too_long, {("hold", "H"): 5.0}),
    ],
)
def test_the_smallest_change_of_each_limit(case, expected):
    answer = found(case())
    assert {key: answer.get(key) for key in expected} == expected


def test_quantities_are_found_to_an_eighth_of_their_usual_change():
    steam = found(steam_for_both())["utility", "S"]
    assert 2.0 <= steam <= 2.0 + 0.5 / 8 + 1e-9  # 12 t/h are needed, 10 are there
    ground = found(too_few_hours())["quota", "Z"]
    assert 10.0 <= ground <= 10.0 + 7.0 / 8 + 1e-9  # 3 h at 40 t/h give 120 of 130 t


def test_kilowatts_of_connection():
    tasks = tuple(task(name, 100.0, 3, "M", latest_end=hour(3)) for name in "AB")
    asked = replace(
        planned(tasks=tasks, machines=(machine("M", count=2),)), site=site(import_limit_kw=210.0)
    )  # base 100
    answer = found(asked)
    assert 90.0 <= answer["connection", "S"] <= 90.0 + 20.0 / 8 + 1e-9
    assert answer["latest_end", "A"] == 3.0


@pytest.mark.parametrize("case", [case for case, _, _ in CASES], ids=[case.__name__ for case, _, _ in CASES])
def test_every_repair_is_a_plan_of_its_changed_data_and_work_left_out_stands_last(case):
    answer = repairs(case(), QUICK)
    kinds = [one.change.kind in {"runs", "quota", "end_level", "end_most"} for one in answer]
    assert kinds == sorted(kinds)
    for one in answer:
        assert one.cost == one.response.costs.total_cost
        assert one.change.said.zh != one.change.said.en


def test_a_repaired_plan_is_audited_against_the_changed_problem():
    (one, *_) = repairs(steam_for_both(), QUICK)
    assert audit(one.response.schedule, steam_for_both()).violations
    wider = replace(
        steam_for_both(),
        plan=replace(
            steam_for_both().plan,
            tasks=tuple(
                replace(each, latest_end=hour(6)) if each.task_id == one.change.subject_id else each
                for each in steam_for_both().plan.tasks
            ),
        ),
    )
    assert audit(one.response.schedule, wider).violations == ()


def test_a_machine_that_stands_still_is_offered_back():
    outage = machine("M", outages=(Interval(start=hour(2), end=hour(9)),))
    asked = planned(machines=(outage,), tasks=(task("A", 50.0, 4, "M", earliest=hour(1), latest_end=hour(10)),))
    answer = found(asked)
    assert answer["outage", "M"] == 1.0
    assert answer["latest_end", "A"] == 3.0
