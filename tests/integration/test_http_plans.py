"""What is decided before a call, for samples, of a contract: over HTTP on the real use cases, and how it is refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from api.http import asked_examples, create_app
from domain.files.case_file import case_to_plain
from tests.cli_cases import told
from tests.dr_cases import event, works
from tests.http_client import ask, is_problem
from tests.integration.test_plan_contract import on_contract

APP = create_app()
WINDOW = {"start": "2026-11-23T06:00:00+08:00", "end": "2026-11-23T08:00:00+08:00"}


def answered(path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = ask(APP, "POST", f"/v1/plans/{path}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_window_is_priced_as_hands_price_it():
    # worked out in test_plan_availability: 0.72 for each kW, 10 of 90 kW must run
    body = {"case": case_to_plain(works()), **WINDOW, "levels_kw": [20, 50, 80, 81]}
    found = answered("availability", body)
    assert [one["is_possible"] for one in found["points"]] == [True, True, True, False]
    assert [one["extra_cost"] for one in found["points"][:3]] == pytest.approx([14.4, 36.0, 57.6], abs=0.01)
    assert found["baseline"]["name"]["zh"] == "无承诺时的计划"


def test_a_window_is_counted_from_a_programme_s_baseline():
    morning = {"start": "2026-11-23T08:00:00+08:00", "end": "2026-11-23T12:00:00+08:00"}
    body = {"case": case_to_plain(works()), **morning, "levels_kw": [59.5], "baseline_id": "shave"}
    found = answered("availability", body)
    assert found["baseline"]["mean_kw"] == pytest.approx(390.0)
    assert found["points"][0]["extra_cost"] == pytest.approx(0.0, abs=0.01)


def test_a_promise_is_worth_what_hands_say():
    body = {"case": case_to_plain(works(event("morning", 6))), "calls": [{"event_id": "morning", "probability": 0.4}]}
    book = answered("playbook", body)["book"]
    assert book["expected_gain"] == pytest.approx(0.4 * 102.4, abs=0.05)
    assert book["plans"][0]["net_gain"] == pytest.approx(102.4, abs=0.1)


def test_a_contract_is_chosen():
    body = {
        "case": case_to_plain(on_contract()),
        "charge_id": "contract",
        "limits": {"least_kw": "300", "most_kw": "500"},
    }
    (chosen,) = answered("contract", body)["outcomes"]
    assert float(chosen["contracts"][0]["contract_kw"]) == 391


def test_samples_say_what_the_command_line_says(tmp_path: Path):
    body = asked_examples.samples_plain()
    (tmp_path / "case.json").write_text(json.dumps(body["case"]), encoding="utf-8")
    options = ("--package", "steep", "--tail-weight", "0.5", "--tail-share", "0.2")
    found, by_hand = answered("samples", body), told("plan", "samples", str(tmp_path / "case.json"), *options)
    assert (found["n_planned_samples"], found["risk"]) == (4, {"tail_weight": 0.5, "tail_share": 0.2})
    assert found["value"] == by_hand["value"]


def test_the_examples_show_something():
    points = answered("availability", asked_examples.availability_plain())["points"]
    assert [one["is_possible"] for one in points] == [True, True]
    assert points[0]["extra_cost"] <= points[1]["extra_cost"]
    book = answered("playbook", asked_examples.playbook_plain())["book"]
    assert book["expected_gain"] > 0
    assert book["commitments_kw"]["morning"] >= 20


EXAMPLES = {
    "availability": asked_examples.availability_plain,
    "playbook": asked_examples.playbook_plain,
    "samples": asked_examples.samples_plain,
    "contract": asked_examples.contract_plain,
}
REFUSED: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("availability", {"levels_kw": [50, 20]}, 422, "document_refused", "/levels_kw"),
    ("availability", {"sign": 2}, 422, "document_refused", "/sign"),
    ("availability", {"levels_kw": [float(n) for n in range(1, 60)]}, 400, "invalid_field", "/levels_kw"),
    ("availability", {"end": "2026-11-29T00:00:00+08:00"}, 400, "window_outside_plan", "/start"),
    ("availability", {"end": "2026-11-23T09:30:00+08:00"}, 400, "window_off_grid", "/start"),
    ("availability", {"baseline_id": "ghost"}, 400, "unknown_reference", "/baseline_id"),
    ("availability", {"reference_kw": 5.0}, 422, "document_refused", "/reference_kw"),
    ("availability", {"package_id": "ghost"}, 400, "unknown_reference", "/package_id"),
    ("playbook", {"calls": []}, 422, "document_refused", "/calls"),
    ("playbook", {"calls": [{"event_id": "ghost", "probability": 0.1}]}, 400, "unknown_reference", "/calls"),
    ("playbook", {"joint": "both"}, 422, "document_refused", "/joint"),
    ("samples", {"risk": {"tail_weight": 2.0}}, 422, "document_refused", "/risk/tail_weight"),
    ("samples", {"package_id": "ghost"}, 400, "unknown_reference", "/package_id"),
    ("samples", {"limit_share": -1}, 422, "document_refused", "/limit_share"),
    ("contract", {"limits": {"least_kw": "200", "most_kw": "400"}}, 400, "contract_below_floor", "/limits/most_kw"),
    ("contract", {"charge_id": "energy"}, 400, "invalid_field", "/charge_id"),
    ("contract", {"limits": None}, 422, "document_refused", "/limits"),
]


@pytest.mark.parametrize(("path", "change", "status", "code", "pointer"), REFUSED)
def test_what_makes_no_sense_is_refused_at_its_place(path, change, status, code, pointer):
    body = copy.deepcopy(EXAMPLES[path]()) | change
    found = is_problem(ask(APP, "POST", f"/v1/plans/{path}", json=body), status)
    assert (found["code"], [one["pointer"] for one in found["errors"]]) == (code, [pointer])


@pytest.mark.parametrize("path", EXAMPLES)
def test_a_case_that_asks_for_too_much_points_below_case(path):
    body = copy.deepcopy(EXAMPLES[path]())
    body["case"]["options"]["solve"]["deadline_s"] = 1e6
    found = is_problem(ask(APP, "POST", f"/v1/plans/{path}", json=body), 400)
    assert [one["pointer"] for one in found["errors"]] == ["/case/options/solve/deadline_s"]
    body["case"]["site"]["import_limit_kw"] = -1
    malformed = is_problem(ask(APP, "POST", f"/v1/plans/{path}", json=body), 422)
    assert [one["pointer"] for one in malformed["errors"]] == ["/case/site/import_limit_kw"]
    del body["case"]
    missing = is_problem(ask(APP, "POST", f"/v1/plans/{path}", json=body), 422)
    assert [one["pointer"] for one in missing["errors"]] == ["/case"]


def test_refusals_about_the_case_point_below_it_too():
    few = copy.deepcopy(asked_examples.samples_plain())
    few["case"]["options"]["n_samples"] = 2
    found = is_problem(ask(APP, "POST", "/v1/plans/samples", json=few), 400)
    assert found["errors"][0]["pointer"] == "/case/options/n_samples"
    without = copy.deepcopy(asked_examples.playbook_plain())
    without["case"]["events"] = []
    found = is_problem(ask(APP, "POST", "/v1/plans/playbook", json=without), 400)
    assert (found["code"], found["errors"][0]["pointer"]) == ("no_events", "/case/events")
    narrow = copy.deepcopy(asked_examples.availability_plain())
    narrow["case"]["site"]["import_limit_kw"] = 100.0
    impossible = is_problem(ask(APP, "POST", "/v1/plans/availability", json=narrow), 409)
    assert {one["pointer"] for one in impossible["errors"]} == {"/case/plan"}
