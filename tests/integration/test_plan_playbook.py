"""What to promise before a call, over the command line, against numbers worked by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from domain.offers import Preferences
from domain.plant import Order
from tests.cli_cases import told, wattplan
from tests.dr_cases import event, examples, works, written


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("works") / "works.json"
    return written(path, works(event("morning", 6), event("noon", 9), event("far", 60)))


@pytest.fixture(scope="module")
def planned(case: str) -> tuple[dict[str, Any], Path]:
    folder = Path(case).parent / "out"
    return told("plan", "playbook", case, "--chance", "morning=0.4", "--out", str(folder)), folder


def test_the_promise_is_worth_what_hands_say(planned) -> None:
    # The baseline from 06:00 to 08:00 is 390 kW. If called, 80 kW less for two hours are 160 kWh at 1.00, and the same energy
    # at 0.82 instead of 0.46: 160 - 57.6 = 102.4. Not called, nothing changes: 0.4 of it is the expected gain.
    book = planned[0]["book"]
    (plan,) = book["plans"]
    assert book["uncalled_probability"] == pytest.approx(0.6)
    assert plan["delivered_kw"]["morning"] == pytest.approx(80.0, abs=0.1)
    assert plan["extra_cost"] == pytest.approx(57.6, abs=0.05)
    assert plan["net_gain"] == pytest.approx(102.4, abs=0.1)
    assert book["expected_gain"] == pytest.approx(0.4 * 102.4, abs=0.05)
    assert book["expected_cost"] == pytest.approx(book["uncommitted_cost"] - book["expected_gain"])
    assert book["bound"] <= book["expected_cost"]
    # delivered up to 1.2 times the promise is paid in full, and what is promised and not delivered costs
    assert 80 / 1.2 <= book["commitments_kw"]["morning"] <= 80.5


def test_until_the_notice_both_plans_are_one(planned) -> None:
    book = planned[0]["book"]
    called, base = (one["schedule"]["modulating_kw"]["air"] for one in (book["plans"][0]["response"], book["base"]))
    assert planned[0]["chances"] == [{"event_id": "morning", "probability": 0.4, "notice_min": 60}]
    assert called[:5] == pytest.approx(base[:5], abs=1e-6)
    assert called[6:8] == pytest.approx([10.0, 10.0], abs=0.1)
    assert base[4:8] == pytest.approx([90.0] * 4, abs=1e-3)


def test_events_without_a_chance_are_named(case: str) -> None:
    done = wattplan("plan", "playbook", case, "--chance", "morning=0.4", "-l", "zh")
    assert "noon" in done.stderr
    assert "申报容量" in done.stdout
    assert "若调用 morning（11-23 05:00 通知）" in done.stdout


def test_the_document_and_its_picture_are_written(planned) -> None:
    found, folder = planned
    assert json.loads((folder / "playbook.json").read_text(encoding="utf-8")) == found
    drawing = ET.fromstring((folder / "playbook.svg").read_text(encoding="utf-8"))
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"


def test_independent_events_have_a_plan_for_both(case: str) -> None:
    chances = ("--chance", "morning=0.5:90", "--chance", "noon=0.2")
    either = told("plan", "playbook", case, *chances)["book"]
    assert [one["called"] for one in either["plans"]] == [["morning"], ["noon"]]
    assert [one["probability"] for one in either["plans"]] == pytest.approx([0.5, 0.2])
    both = told("plan", "playbook", case, *chances, "--independent")["book"]
    assert [one["called"] for one in both["plans"]] == [["morning"], ["noon"], ["morning", "noon"]]
    assert [one["probability"] for one in both["plans"]] == pytest.approx([0.4, 0.1, 0.1])


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--chance", "ghost=0.4"), 1, "ghost"),
        (("--chance", "morning=0.7", "--chance", "noon=0.6"), 1, "add up to 1.3"),
        (("--chance", "morning=0.7", "--chance", "morning=0.1"), 1, "more than once"),
        (("--chance", "morning=1"), 1, "less than 1"),
        (("--chance", "far=0.2"), 1, "outside the plan"),
        (("--chance", "morning"), 2, "EVENT=0.4"),
        (("--chance", "morning=0.4:soon"), 2, "EVENT=0.4"),
        ((), 2, "--chance"),
    ],
)
def test_chances_that_make_no_sense_are_refused_by_name(case: str, options, code, said) -> None:
    refused = wattplan("plan", "playbook", case, *options, expect=code)
    assert said in " ".join(refused.stderr.split())


def test_a_case_without_events_or_consent_is_refused(tmp_path: Path) -> None:
    bare = written(tmp_path / "bare.json", works())
    assert "no events" in wattplan("plan", "playbook", bare, "--chance", "morning=0.4", expect=1).stderr
    unwilling = works(event("morning", 6), preferences=Preferences(accept_dr=False))
    refused = wattplan(
        "plan", "playbook", written(tmp_path / "no.json", unwilling), "--chance", "morning=0.4", expect=1
    )
    assert "accept_dr" in refused.stderr


def test_where_there_is_no_plan_at_all_the_exit_code_is_3(tmp_path: Path) -> None:
    plain = works(event("morning", 6))
    (firing,) = examples.case().plan.tasks
    hurried = replace(firing, order_id="rush", planned_starts=(), earliest=event("x", 8).start)
    plan = replace(
        plain.plan,
        machines=examples.case().plan.machines,
        tasks=(hurried,),
        orders=(Order(order_id="rush", due=event("x", 12).start),),
    )
    late = written(tmp_path / "late.json", replace(plain, plan=plan))
    refused = wattplan("plan", "playbook", late, "--chance", "morning=0.4", expect=3)
    assert "rush" in refused.stderr
