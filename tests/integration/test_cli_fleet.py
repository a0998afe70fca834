"""``wattplan fleet`` as people call it: a folder of meters, bad ones among them."""

import csv
import gzip
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from api.cli import fleet_work
from tests.cli_cases import READ, told, wattplan, write_meter
from tests.house_tools import ROOT
from tests.synthetic_load import BERLIN
from tests.unit.forecasting.fleet.works import DiesOn

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def meters(tmp_path_factory) -> Path:
    """Four plants, a meter that never moves, one too short, one that is no table."""
    folder = tmp_path_factory.mktemp("meters")
    for number in range(4):
        random = np.random.default_rng(number)

        def kw(at, random=random, size=100.0 * (number + 1)):
            return round(size * (3 if at.weekday() < 5 and 6 <= at.hour < 18 else 1) + float(random.normal(0, 5)), 3)

        write_meter(folder / f"plant{number}.csv", BERLIN, date(2024, 2, 5), 49, kw)
    write_meter(folder / "flat.csv", BERLIN, date(2024, 2, 5), 49, lambda _: 7)
    write_meter(folder / "short.csv", BERLIN, date(2024, 2, 5), 5, lambda at: at.hour)
    (folder / "poisoned.csv").write_bytes(b"\x00\xff\xfe no table at all\n9e9")
    (folder / "README.txt").write_text("not a meter", encoding="utf-8")
    return folder


def asked(meters: Path, out: Path, *more: str) -> tuple[str, ...]:
    chunk = ("--chunk", "2", "--days", "2", "--zone", BERLIN)
    return ("fleet", "--meters", str(meters), "--out", str(out), *chunk, *READ, *more)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_all_that_can_be_are_forecast_and_the_others_named(meters, tmp_path):
    out = tmp_path / "out"
    said = wattplan(*asked(meters, out), expect=3)
    assert "4 of 7 customers forecast" in said.stdout
    assert "flat.csv [constant_load]" in said.stdout
    assert "short.csv [history_too_short]" in said.stdout
    assert "poisoned.csv [" in said.stdout
    assert "7 of 7 customers" in said.stderr
    parts = sorted((out / "parts").glob("*.csv.gz"))
    rows = [row for part in parts for row in csv.DictReader(gzip.decompress(part.read_bytes()).decode().splitlines())]
    for number in range(4):
        mine = [row for row in rows if row["customer_id"] == f"plant{number}.csv"]
        assert len(mine) == 48
        assert mine[0]["start"] == "2024-03-25T00:00:00+01:00"
        by_hour_kw = {row["start"][11:13]: float(row["p50_kw"]) for row in mine}
        assert by_hour_kw["10"] == pytest.approx(300 * (number + 1), rel=0.1)
        assert by_hour_kw["03"] == pytest.approx(100 * (number + 1), rel=0.1)
    about = next(
        one["answer"]
        for part in sorted((out / "parts").glob("*.json"))
        for one in json.loads(part.read_text(encoding="utf-8"))["customers"]
        if one["customer_id"] == "plant3.csv"
    )
    assert about["days"][0]["energy_kwh"] == pytest.approx(12 * 1200 + 12 * 400, rel=0.05)
    assert about["days"][0]["peak_p10_kw"] <= about["days"][0]["peak_p50_kw"] <= about["days"][0]["peak_p90_kw"]

    again = told(*asked(meters, out), expect=3)
    assert (again["n_customers"], again["n_resumed"], again["n_failed"]) == (7, 7, 3)


def test_one_worker_leaves_what_two_leave_and_a_mended_file_is_done_alone(meters, tmp_path):
    mine = tmp_path / "meters"
    shutil.copytree(meters, mine)
    wattplan(*asked(mine, tmp_path / "one", "--workers", "1"), expect=3)
    wattplan(*asked(mine, tmp_path / "two", "--workers", "2"), expect=3)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    for name in ("flat.csv", "short.csv", "poisoned.csv"):
        shutil.copy(mine / "plant1.csv", mine / name)
    mended = told(*asked(mine, tmp_path / "one"))
    assert mended["n_failed"] == 0
    assert mended["n_resumed"] == 2  # in order: flat plant0 | plant1 plant2 | plant3 poisoned | short


def test_a_pattern_names_meters_too(meters, tmp_path):
    found = told(*asked(Path(f"{meters}/plant[01].csv"), tmp_path / "out"))
    assert (found["n_customers"], found["n_failed"]) == (2, 0)


def test_bad_questions_are_refused_by_name(meters, tmp_path):
    assert "--zone" in wattplan("fleet", "--meters", str(meters), "--out", str(tmp_path / "x"), expect=2).stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "fleet_without_customers" in wattplan(*asked(empty, tmp_path / "x"), expect=1).stderr
    out = tmp_path / "out"
    wattplan(*asked(Path(f"{meters}/plant0.csv"), out))
    refused = wattplan(*asked(Path(f"{meters}/plant0.csv"), out, "--seed", "5"), expect=1).stderr
    assert "fleet_question_changed" in refused


def test_a_run_that_is_killed_goes_on_where_it_was(meters, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "api.cli", *asked(meters, out, "--workers", "1")]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as running:  # noqa: S603 -- our own command
        first = next(line for line in running.stderr if "customers" in line)
        running.kill()
    assert "2 of 7" in first
    left = contents(out)
    gone_on = told(*asked(meters, out), expect=3)
    assert 2 <= gone_on["n_resumed"] < 7
    wattplan(*asked(meters, tmp_path / "at once"), expect=3)
    finished = {name: content for name, content in contents(out).items() if not name.startswith(".")}
    assert finished == contents(tmp_path / "at once")
    assert left["part-00000.json"] == finished["part-00000.json"]


def test_a_customer_that_kills_its_process_is_reported_and_the_others_go_on(meters, tmp_path, monkeypatch):
    real = fleet_work.work_of
    monkeypatch.setattr(fleet_work, "work_of", lambda *both: DiesOn(inner=real(*both), name="plant2.csv"))
    said = wattplan(*asked(meters, tmp_path / "out"), expect=3)
    assert "plant2.csv [worker_died]" in said.stdout
    assert "3 of 7 customers forecast" in said.stdout
