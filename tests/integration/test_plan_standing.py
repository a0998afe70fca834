"""Standing plans that were mixed up or edited: refused by name, over the command line and over HTTP."""

import copy
import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from api.http import create_app, examples
from domain.files.case_file import case_to_plain
from domain.offers import Case
from domain.plant import Process, Quota
from tests.cli_cases import told, wattplan
from tests.http_client import ask, is_problem

START = examples.PLAN_START
"""Midnight of 2026-11-23 in Shanghai; two days are planned, by the hour."""
APP = create_app()


def milling_case() -> Case:
    """Give the example with a mill of 2 … 10 t/h that must grind 40 t a day."""
    plain = examples.case()
    days = [START + timedelta(days=n) for n in range(3)]
    quotas = tuple(Quota(start=one, end=other, least=40.0) for one, other in pairwise(days))
    mill = Process(
        process_id="mill.1", name="mill", unit="t", min_rate=2.0, max_rate=10.0, kwh_per_unit=8.0, quotas=quotas
    )
    return replace(plain, plan=replace(plain.plan, processes=(mill,)))


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any], Path]:
    """Give the case's file, the schedule that people work to, and a folder for others."""
    folder = tmp_path_factory.mktemp("standing")
    case = folder / "case.json"
    case.write_text(json.dumps(case_to_plain(milling_case())), encoding="utf-8")
    told("plan", "best", str(case), "--tags", "0", "--out", str(folder / "out"))
    schedule = json.loads((folder / "out" / "schedule.json").read_text(encoding="utf-8"))
    assert schedule["site_id"] == json.loads((folder / "out" / "plan.json").read_text(encoding="utf-8"))["site_id"]
    return str(case), schedule, folder


def of_other_site(schedule: dict[str, Any]) -> None:
    schedule["site_id"] = "quarry"


def of_last_month(schedule: dict[str, Any]) -> None:
    schedule["grid"]["start"] = "2026-10-22T16:00:00+00:00"
    schedule["runs"] = []


def of_other_task(schedule: dict[str, Any]) -> None:
    schedule["runs"][1]["task_id"] = "smelting"


def of_other_mode(schedule: dict[str, Any]) -> None:
    schedule["runs"][0]["mode_id"] = "slow"


def with_changeover(schedule: dict[str, Any]) -> None:
    schedule["changeovers"] = [
        {"machine_id": "kiln", "from_family": "red", "to_family": "blue", "start": "2026-11-23T04:00:00+00:00"}
    ]


def of_other_process(schedule: dict[str, Any]) -> None:
    schedule["processes"]["crusher"] = schedule["processes"]["mill.1"]


def of_other_battery(schedule: dict[str, Any]) -> None:
    series = [1.0] * schedule["grid"]["n_steps"]
    schedule["batteries"] = {"B": {"charge_kw": series, "discharge_kw": series, "soc_kwh": series}}


def of_other_compensator(schedule: dict[str, Any]) -> None:
    series = [5.0] * schedule["grid"]["n_steps"]
    schedule |= {"forward_kvar": series, "reverse_kvar": series, "compensation_kvar": {"bank": series}}


def run_too_fast(schedule: dict[str, Any]) -> None:
    schedule["processes"]["mill.1"]["rate"][1] = 30.0
    schedule["processes"]["mill.1"]["is_on"][1] = True


UNFIT = [
    (
        of_other_site,
        "standing_of_other_site",
        "/standing/schedule/site_id",
        "site quarry, and this case is about site works",
    ),
    (of_last_month, "standing_outside_horizon", "/standing/schedule/grid", "no step in common"),
    (of_other_task, "standing_unknown_id", "/standing/schedule/runs/1/task_id", "runs/1/task_id names 'smelting'"),
    (of_other_mode, "standing_unknown_id", "/standing/schedule/runs/0/mode_id", "nothing of that kind"),
    (with_changeover, "standing_unknown_id", "/standing/schedule/changeovers/0", "kiln: red → blue"),
    (of_other_process, "standing_unknown_id", "/standing/schedule/processes/crusher", "(it has mill.1)"),
    (of_other_battery, "standing_unknown_id", "/standing/schedule/batteries/B", "'B'"),
    (of_other_compensator, "standing_unknown_id", "/standing/schedule/compensation_kvar/bank", "'bank'"),
    (run_too_fast, "standing_rate", "/standing/schedule/processes/mill.1/rate/1", "can run at 2 … 10 t/h"),
]


@pytest.mark.parametrize(("spoil", "code", "pointer", "said"), UNFIT, ids=[one[0].__name__ for one in UNFIT])
def test_a_plan_of_something_else_is_refused_by_name(worked, spoil, code, pointer, said):
    case, schedule, folder = worked
    spoilt = copy.deepcopy(schedule)
    spoil(spoilt)
    (folder / "spoilt.json").write_text(json.dumps(spoilt), encoding="utf-8")
    now = "2026-11-23 08:00"
    refused = wattplan(
        "plan", "best", case, "--standing", str(folder / "spoilt.json"), "--now", now, "--tags", "0", expect=1
    )
    assert said in " ".join(refused.stderr.split())
    body = {"case": json.loads(Path(case).read_text(encoding="utf-8")), "n_tags": 0}
    body["standing"] = {"schedule": spoilt, "now": "2026-11-23T08:00:00+08:00"}
    problem = is_problem(ask(APP, "POST", "/v1/plans", json=body), 400)
    assert (problem["code"], [one["pointer"] for one in problem["errors"]]) == (code, [pointer])
    zh = ask(APP, "POST", "/v1/plans", json=body, headers={"accept-language": "zh"})
    assert "现行计划" in zh.json()["detail"]


@pytest.mark.parametrize("now", ["2026-11-22 23:59", "2026-11-25 00:00", "2025-11-23 08:00"])
def test_a_now_outside_of_the_horizon_is_refused(worked, now):
    case, _, folder = worked
    schedule = str(folder / "out" / "schedule.json")
    refused = " ".join(wattplan("plan", "best", case, "--standing", schedule, "--now", now, expect=1).stderr.split())
    assert "the case plans 2026-11-23T00:00+08:00 … 2026-11-25T00:00+08:00" in refused
    assert "--now" in refused


def test_its_first_moment_is_within(worked):
    case, schedule, folder = worked
    path = str(folder / "out" / "schedule.json")
    found = told(
        "plan", "best", case, "--standing", path, "--now", "2026-11-23 00:00", "--change-cost", "1e5", "--tags", "0"
    )
    assert found["response"]["schedule"]["runs"] == schedule["runs"]


def test_what_says_nothing_is_no_matter(worked):
    """An idle process that the plan no longer has, and a mill that it has by now."""
    case, schedule, folder = worked
    spoilt = copy.deepcopy(schedule)
    n_steps = spoilt["grid"]["n_steps"]
    spoilt["processes"] = {"crusher": {"rate": [0.0] * n_steps, "is_on": [False] * n_steps}}
    (folder / "idle.json").write_text(json.dumps(spoilt), encoding="utf-8")
    path = str(folder / "idle.json")
    told("plan", "best", case, "--standing", path, "--now", "2026-11-23 08:00", "--tags", "0")


def off_with_a_rate(schedule: dict[str, Any]) -> None:
    use = schedule["processes"]["mill.1"]
    use["rate"][5], use["is_on"][5] = 7.0, False


def short(schedule: dict[str, Any]) -> None:
    del schedule["base_kw"][-1]


def odd_steps(schedule: dict[str, Any]) -> None:
    schedule["grid"]["step_min"] = 7


def beyond_its_end(schedule: dict[str, Any]) -> None:
    schedule["runs"].append({"task_id": "firing", "start": "2026-11-26T16:00:00+00:00"})


MALFORMED = [
    (beyond_its_end, "/runs/2/start", "must lie within"),
    (off_with_a_rate, "/processes/mill.1/rate/5", "has a rate wher"),
    (short, "/base_kw", "have 48"),
    (odd_steps, "/grid/step_min", "7"),
]


@pytest.mark.parametrize(("spoil", "pointer", "said"), MALFORMED, ids=[one[0].__name__ for one in MALFORMED])
def test_a_file_that_contradicts_itself_is_no_schedule(worked, spoil, pointer, said):
    case, schedule, folder = worked
    spoilt = copy.deepcopy(schedule)
    spoil(spoilt)
    (folder / "odd.json").write_text(json.dumps(spoilt), encoding="utf-8")
    options = ("--standing", str(folder / "odd.json"), "--now", "2026-11-23 08:00")
    refused = " ".join(wattplan("plan", "best", case, *options, expect=1).stderr.split())
    assert pointer in refused
    assert said in refused
    body = {"case": json.loads(Path(case).read_text(encoding="utf-8"))}
    body["standing"] = {"schedule": spoilt, "now": "2026-11-23T08:00:00+08:00"}
    problem = is_problem(ask(APP, "POST", "/v1/plans", json=body), 422)
    assert [one["pointer"] for one in problem["errors"]] == ["/standing/schedule" + pointer]


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"response": null}', "no plan was possible"), ("[1, 2]", "odd.json"), ("no json", "odd.json")],
)
def test_a_file_without_a_schedule_is_named(worked, content, said):
    case, _, folder = worked
    (folder / "odd.json").write_text(content, encoding="utf-8")
    options = ("--standing", str(folder / "odd.json"), "--now", "2026-11-23 08:00")
    assert said in " ".join(wattplan("plan", "best", case, *options, expect=1).stderr.split())
