"""The command line: answers on standard output, everything else on standard error, exit codes that mean something."""

import csv
import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.http import examples
from domain.catalogue.sample_case import sample_case
from domain.files.case_file import case_to_plain
from domain.files.plant_file import PlantFile
from domain.files.plant_yaml import write_plant_yaml
from domain.files.tariff_files import write_tariff
from domain.time import TimeGrid
from optimizer.infeasible import InfeasiblePlanError
from optimizer.solver import SolverRefusedError

RUN = CliRunner()
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "COLUMNS": "120"}


def wattplan(*arguments: str, expect: int = 0):
    done = RUN.invoke(app, list(arguments))
    assert done.exit_code == expect, (done.exit_code, done.stdout, done.stderr, done.exception)
    return done


def run_python(*arguments: str):
    return subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, *arguments], capture_output=True, text=True, check=True, env=ENVIRONMENT, timeout=300
    )


@pytest.fixture(scope="module")
def case_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("case") / "case.json"
    path.write_text(json.dumps(case_to_plain(examples.case())), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def answered(case_file, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("answer")
    wattplan("quote", str(case_file), "--out", str(out), "--workers", "1", "--language", "zh")
    return out


@pytest.fixture(scope="module")
def meter_file(tmp_path_factory) -> Path:
    """Give hours of September to 22 November 2026, 22:00, labelled by their start, as a spreadsheet would write them."""
    path = tmp_path_factory.mktemp("meter") / "meter.csv"
    grid = TimeGrid.of_local_days(date(2026, 9, 1), 83, examples.ZONE, 60)
    starts = grid.local_starts(examples.ZONE)
    rows = [("time", "import (kW)")]
    rows += [(f"{at:%Y-%m-%d %H:%M}", f"{kw:.1f}") for at, kw in zip(starts, examples.load_kw(grid), strict=True)][:-2]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


METER = ("--zone", "Asia/Shanghai", "--labels", "start", "--unit", "kw")


def test_help_loads_nothing_heavy():
    done = run_python("-m", "api.cli", "--help")
    assert "quote" in done.stdout
    probe = (
        "import sys; from api.cli.app import app; "
        "print([name for name in ('pandas', 'pyomo', 'prophet', 'matplotlib', 'fastapi', 'jinja2') if name in sys.modules])"
    )
    loaded = run_python("-c", probe)
    assert loaded.stdout.strip() == "[]"


def test_version():
    assert wattplan("--version").stdout.startswith("wattplan ")


def test_a_wrong_option_is_a_usage_error():
    wattplan("quote", "--what", expect=2)
    wattplan("quote", expect=2)
    wattplan("quote", "case.json", "--meter", "m.csv", "--plan", "p.yaml", expect=2)
    wattplan("quote", "--replay", "manifest.json", "--meter", "m.csv", "--plan", "p.yaml", expect=2)
    wattplan("quote", "case.json", "--samples", "100000000", expect=2)
    wattplan("forecast", "--meter", "m.csv", "--samples", "100000000", expect=2)


def test_a_quote_writes_its_files(answered):
    names = {path.name for path in answered.iterdir()}
    assert names == {"report.html", "quote.json", "case.json", "manifest.json", "schedule.csv", "offers.csv"}
    quote = json.loads((answered / "quote.json").read_text(encoding="utf-8"))
    with (answered / "offers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["saving_mean"] for row in rows] == [offer["saving"]["mean"] for offer in quote["offers"]]
    assert rows[0]["package"] == quote["offers"][0]["package"]["name"]["zh"]
    report = (answered / "report.html").read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in report
    assert quote["manifest"]["answer_sha256"] in report


def test_the_schedule_adds_up_to_the_quote(answered):
    quote = json.loads((answered / "quote.json").read_text(encoding="utf-8"))
    with (answered / "schedule.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    best = quote["offers"][0]
    written = [float(row["value"]) for row in rows if row["offer"] == best["offer_id"] and row["kind"] == "import"]
    assert written == pytest.approx(best["response"]["schedule"]["import_kw"], abs=6e-4)
    runs = [row for row in rows if row["offer"] == "today" and row["kind"] == "run"]
    assert [row["start"] for row in runs] == ["2026-11-23T09:00:00+08:00", "2026-11-24T09:00:00+08:00"]
    assert {row["value"] for row in runs} == {"610.000"}


def test_json_is_alone_on_standard_output(case_file):
    done = wattplan("quote", str(case_file), "--json", "--workers", "1", "--samples", "5")
    answer = json.loads(done.stdout)
    assert answer["case_id"] == "example"
    assert "site forecast" in done.stderr


def test_a_manifest_replays_to_the_same_answer(answered, case_file):
    manifest = answered / "manifest.json"
    done = wattplan("quote", str(case_file), "--replay", str(manifest), "--json", "--workers", "1")
    expected = json.loads(manifest.read_text(encoding="utf-8"))["answer_sha256"]
    assert json.loads(done.stdout)["manifest"]["answer_sha256"] == expected
    assert "the same answer came out" in done.stderr


def test_another_cases_manifest_is_refused(answered, tmp_path):
    other = case_to_plain(examples.case()) | {"case_id": "another"}
    path = tmp_path / "other.json"
    path.write_text(json.dumps(other), encoding="utf-8")
    done = wattplan("quote", str(path), "--replay", str(answered / "manifest.json"), expect=1)
    assert "replay_case_differs" in done.stderr


def test_a_refused_case_lists_every_problem_in_both_languages(tmp_path):
    broken = case_to_plain(examples.case())
    broken["plan"]["tasks"][0]["count"] = "two"
    del broken["site"]["zone"]
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken), encoding="utf-8")
    done = wattplan("quote", str(path), expect=1)
    assert done.stdout == ""
    for said in ("/plan/tasks/0/count", "/site/zone", "已拒绝", "Traceback"):
        assert (said in done.stderr) == (said != "Traceback"), said


def test_an_infeasible_plan_has_its_own_exit_code(case_file, monkeypatch):
    def infeasible(*_, **__):
        raise InfeasiblePlanError(conflicts=("the kiln is down all night",))

    monkeypatch.setattr("api.cli.quote_work.quote", infeasible)
    done = wattplan("quote", str(case_file), expect=3)
    assert "the kiln is down all night" in done.stderr


@pytest.mark.parametrize("mistake", [RuntimeError("inner words"), SolverRefusedError(version="1", what="inner words")])
def test_a_surprise_is_an_incident_with_a_log(case_file, monkeypatch, tmp_path, mistake):
    def broken(*_, **__):
        raise mistake

    monkeypatch.setattr("api.cli.quote_work.quote", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = wattplan("quote", str(case_file), expect=70)
    assert "inner words" not in done.stderr
    assert "Traceback" not in done.stderr
    (log,) = tmp_path.glob("wattplan-*.log")
    assert "inner words" in log.read_text(encoding="utf-8")
    assert "Traceback" in wattplan("--debug", "quote", str(case_file), expect=70).stderr


def test_a_plan_template_is_read_back(tmp_path):
    path = tmp_path / "plan.xlsx"
    wattplan("plan", "template", str(path), "--example", "--language", "zh")
    said = wattplan("plan", "check", str(path)).stdout
    case = sample_case()
    assert f"{len(case.plan.tasks)} tasks" in said
    empty = tmp_path / "empty.xlsx"
    wattplan("plan", "template", str(empty))
    beside = empty.with_stem(f"{empty.stem}-example")
    assert "73 runs" in wattplan("plan", "check", str(beside)).stdout
    wattplan("plan", "check", str(empty), expect=1)


def test_a_plan_template_never_takes_the_place_of_another_file(tmp_path):
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"filled in")
    assert "file_in_the_way" in wattplan("plan", "template", str(path), expect=1).stderr
    assert path.read_bytes() == b"filled in"
    wattplan("plan", "template", str(tmp_path / "plan.csv"), expect=2)


def test_a_bad_cell_is_shown_as_people_write_it(tmp_path):
    path = tmp_path / "plan.xlsx"
    wattplan("plan", "template", str(path), "--example")
    book = openpyxl.load_workbook(path)
    for row in book.worksheets[1].iter_rows(min_row=2):
        if str(row[0].value).startswith("plan_end"):
            row[1].value = datetime(2026, 11, 22)
        if str(row[0].value).startswith("plan_start"):
            row[1].value = "2026-13-45"
    book.save(path)
    said = " ".join(wattplan("plan", "check", str(path), expect=1).stderr.split())
    assert "2026-13-45" in said
    assert ".." not in said
    assert "datetime(" not in said


def test_a_meter_is_forecast(meter_file, tmp_path):
    out = tmp_path / "forecast.csv"
    done = wattplan("forecast", "--meter", str(meter_file), *METER, "--days", "2", "--out", str(out), "--samples", "20")
    assert "2026-11-23" in done.stdout
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 48
    assert rows[0]["start"] == "2026-11-23T00:00:00+08:00"
    truth = examples.load_kw(TimeGrid.of_local_days(date(2026, 11, 23), 2, examples.ZONE, 60))
    middle = [float(row["p50_kw"]) for row in rows]
    assert np.mean(np.abs(np.array(middle) - truth)) < 15.0


def test_a_port_that_is_taken_is_a_refusal_not_an_infeasible_plan():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = wattplan("serve", "--port", str(taken.getsockname()[1]), expect=1)
    assert "address_not_served" in refused.stderr


def test_a_case_is_put_together_from_files(meter_file, tmp_path):
    case = examples.case()
    plant = tmp_path / "plant.yaml"
    plant.write_text(
        write_plant_yaml(PlantFile(site=case.site, plan=case.plan, base_load_source="not_in_meter")), encoding="utf-8"
    )
    folder = tmp_path / "tariffs"
    folder.mkdir()
    for tariff in (examples.TODAY, examples.STEEP):
        (folder / f"{tariff.tariff_id}.yaml").write_text(write_tariff(tariff), encoding="utf-8")
    parts = ("quote", "--meter", str(meter_file), "--plan", str(plant), "--tariffs", str(folder), *METER[2:])
    out = tmp_path / "out"
    common = ("--samples", "6", "--seed", "4", "--deadline", "5", "--workers", "1", "--out", str(out), "--json")
    answer = json.loads(wattplan(*parts, "--present", "EXAMPLE_TODAY", *common).stdout)
    assert {one["package"]["tariff"]["tariff_id"] for one in answer["offers"]} <= {"EXAMPLE_TODAY", "EXAMPLE_STEEP"}
    written = json.loads((out / "case.json").read_text(encoding="utf-8"))
    assert written["options"]["seed"] == 4
    issued = datetime.fromisoformat(written["issued_at"])
    assert issued == datetime(2026, 11, 22, 22, tzinfo=ZoneInfo(examples.ZONE))
    foreign = replace(examples.STEEP, tariff_id="FOREIGN", currency="EUR")
    (folder / "foreign.yaml").write_text(write_tariff(foreign), encoding="utf-8")
    again = wattplan(*parts, "--present", "EXAMPLE_TODAY", *common)
    assert "left out, because today's tariff is in CNY and they are not: FOREIGN" in " ".join(again.stderr.split())
    missing = wattplan(*parts, expect=1)
    assert "present_tariff_missing" in missing.stderr


@pytest.mark.slow
def test_the_installed_command_answers_a_case(case_file):
    done = run_python("-m", "api.cli", "quote", str(case_file), "--json", "--workers", "2")
    assert json.loads(done.stdout)["offers"]
