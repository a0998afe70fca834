"""One plan, explained: over the command line and over HTTP, on the service's small example."""

import copy
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.http import create_app, examples
from domain.files.case_file import case_to_plain
from domain.files.schedule_file import schedule_from_plain
from domain.offers import Case
from domain.plant import Order, Process, Quota
from tests.cli_cases import told, wattplan
from tests.http_client import ask, is_problem

START = examples.PLAN_START


def case_file(path: Path, case: Case | None = None) -> str:
    path.write_text(json.dumps(case_to_plain(case or examples.case())), encoding="utf-8")
    return str(path)


def late_case() -> Case:
    """Give the example with both firings due at noon of the first day: three hours each, from nine on."""
    plain = examples.case()
    (firing,) = plain.plan.tasks
    hurried = replace(firing, order_id="rush", planned_starts=(), earliest=START + timedelta(hours=8))
    order = Order(order_id="rush", due=START + timedelta(hours=12))
    return replace(plain, plan=replace(plain.plan, tasks=(hurried,), orders=(order,)))


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str, Path]:
    folder = tmp_path_factory.mktemp("plan")
    case = case_file(folder / "case.json")
    found = told(
        "plan", "best", case, "--package", "steep", "--what-if", "firing=2026-11-23 10:00", "--out", str(folder / "out")
    )
    return found, case, folder / "out"


def test_the_plan_says_what_moves_and_what_a_wish_costs(answered):
    found, _, _ = answered
    assert found["package"]["package_id"] == "steep"
    assert found["response"]["costs"]["energy_cost"] < found["today"]["costs"]["energy_cost"]
    assert {one["subject_id"] for one in found["moves"]} == {"firing"}
    assert all(one["reason"]["zh"] for one in found["moves"])
    (wish,) = found["alternatives"]
    assert wish["said"]["en"] == "start task firing at Mon 23 Nov 10:00"
    # 240 kW for two hours and 130 kW for one, at 0.97 instead of 0.29; the demand charge can only add to it
    assert wish["extra_cost"] >= (480 + 130) * (0.97 - 0.29) - 0.01
    assert wish["least_extra_cost"] <= wish["extra_cost"]
    assert len(found["reasons"]["blocks"]) == 2


def test_the_tables_speak_both_languages(answered):
    _, case, _ = answered
    english = wattplan("plan", "best", case, "--package", "steep", "--what-if", "firing=2026-11-23 10:00").stdout
    assert "What moves" in english
    assert "What wishes would cost" in english
    chinese = wattplan("plan", "best", case, "-l", "zh", "--tags", "0").stdout
    assert "本计划" in chinese


def test_a_standing_plan_is_read_from_what_was_written_and_kept_where_leaving_it_costs(answered):
    found, case, folder = answered
    written = schedule_from_plain(json.loads((folder / "schedule.json").read_text()), where="schedule.json")
    assert [run.start.isoformat() for run in written.runs] == [
        run["start"] for run in found["response"]["schedule"]["runs"]
    ]
    options = ("--standing", str(folder / "schedule.json"), "--now", "2026-11-23 00:00", "--tags", "0")
    kept = told("plan", "best", case, *options, "--change-cost", "100000")
    assert kept["response"]["schedule"]["runs"] == found["response"]["schedule"]["runs"]
    assert kept["response"]["costs"]["change_cost"] == 0.0
    whole = told("plan", "best", case, "--standing", str(folder / "plan.json"), *options[2:], "--change-cost", "100000")
    assert whole["response"]["schedule"]["runs"] == kept["response"]["schedule"]["runs"]


def test_a_kept_wish_is_kept(answered):
    _, case, _ = answered
    found = told(
        "plan", "best", case, "--package", "steep", "--keep", "firing=2026-11-23T10:00:00+08:00", "--tags", "0"
    )
    assert "2026-11-23T02:00:00+00:00" in {run["start"] for run in found["response"]["schedule"]["runs"]}


def test_an_impossible_plan_leaves_with_3_and_says_what_would_help(tmp_path):
    case = case_file(tmp_path / "late.json", late_case())
    said = wattplan("plan", "best", case, expect=3)
    assert "order rush" in said.stdout.lower()
    found = told("plan", "best", case, expect=3)
    assert found["response"] is None
    assert found["conflicts"]
    changes = {
        (one["change"]["kind"], one["change"]["subject_id"]): one["change"]["amount"] for one in found["repairs"]
    }
    # the kiln is free from 8 on: the second firing ends at 14
    assert changes["due", "rush"] == 2.0
    assert changes["earliest", "firing"] == 2.0


def test_where_only_the_site_is_metered_an_impossible_plan_is_explained_too(tmp_path):
    case = case_file(tmp_path / "late.json", replace(late_case(), base_load_source="site_less_plan"))
    found = told("plan", "best", case, expect=3)
    assert found["conflicts"]
    assert {one["code"] for one in found["findings"]} >= {"base_load_levelled", "today_not_possible"}
    assert ("due", "rush") in {(one["change"]["kind"], one["change"]["subject_id"]) for one in found["repairs"]}


def test_own_generation_is_taken_off_a_site_that_alone_is_metered(tmp_path):
    """An engine that must give 400 kWh by noon would feed in if there were no other load; the site draws 310 kW at least."""
    plain = examples.case()
    noon = Quota(start=START, end=START + timedelta(hours=12), least=400.0)
    engine = Process(process_id="chp", name="engine", unit="kWh", max_rate=100.0, kwh_per_unit=-1.0, quotas=(noon,))
    case = replace(plain, base_load_source="site_less_plan", plan=replace(plain.plan, processes=(engine,)))
    found = told("plan", "best", case_file(tmp_path / "chp.json", case), "--tags", "0")
    assert found["today"] is not None
    assert sum(found["response"]["schedule"]["processes"]["chp"]["rate"][:12]) >= 400.0 - 1e-6


def test_a_quote_of_an_impossible_plan_leaves_the_case_for_the_plan_to_be_explained(tmp_path):
    late = replace(late_case(), base_load_source="site_less_plan")
    said = wattplan("quote", case_file(tmp_path / "late.json", late), "--out", str(tmp_path / "out"), expect=3)
    assert "wattplan plan best" in said.stderr
    found = told("plan", "best", str(tmp_path / "out" / "case.json"), expect=3)
    assert found["repairs"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--now", "2026-11-23 08:00"), "go together"),
        (("--change-cost", "5"), "--process-cost need"),
        (("--keep", "firing"), "write TASK="),
        (("--keep", "firing=noon"), "is no date and time"),
        (("--what-if", "kiln=off:2026-11-23 08:00"), "START/END"),
    ],
)
def test_options_that_make_no_sense_are_refused(answered, options, said):
    _, case, _ = answered
    refused = wattplan("plan", "best", case, *options, expect=2)
    assert said in " ".join(refused.stderr.split())


def test_a_package_that_is_not_there_is_named(answered):
    _, case, _ = answered
    refused = wattplan("plan", "best", case, "--package", "ghost", expect=1)
    assert "ghost" in refused.stderr
    assert "steep" in refused.stderr


APP = create_app()


def test_over_http_the_same_plan_comes_out(answered):
    found, _, _ = answered
    answer = ask(APP, "POST", "/v1/plans", json=examples.plan_plain())
    assert answer.status_code == 200, answer.text
    assert answer.json()["response"]["schedule"]["runs"] == found["response"]["schedule"]["runs"]


def test_over_http_a_standing_plan_and_wishes_are_kept(answered):
    found, _, _ = answered
    body = copy.deepcopy(examples.plan_plain())
    body |= {
        "standing": {
            "schedule": found["response"]["schedule"],
            "now": "2026-11-23T00:00:00+08:00",
            "run_change_cost": 1e5,
        },
        "package_id": "present",
        "what_if": {},
        "n_tags": 0,
    }
    answer = ask(APP, "POST", "/v1/plans", json=body).json()
    assert answer["response"]["schedule"]["runs"] == found["response"]["schedule"]["runs"]


def test_over_http_every_fault_has_its_place():
    body = copy.deepcopy(examples.plan_plain())
    body["case"]["site"]["import_limit_kw"] = -1
    told_case = is_problem(ask(APP, "POST", "/v1/plans", json=body), 422)
    assert [one["pointer"] for one in told_case["errors"]] == ["/case/site/import_limit_kw"]
    body = copy.deepcopy(examples.plan_plain()) | {"n_tags": -2}
    told_rest = is_problem(ask(APP, "POST", "/v1/plans", json=body), 400)
    assert [one["pointer"] for one in told_rest["errors"]] == ["/n_tags"]
    told_many = is_problem(ask(APP, "POST", "/v1/plans", json=body | {"n_tags": 99}), 400)
    assert "at most 40 searches" in told_many["detail"]
    is_problem(ask(APP, "POST", "/v1/plans", json={"package_id": "steep"}), 422)
