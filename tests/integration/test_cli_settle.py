"""``wattplan baseline`` and ``wattplan settle``: answers on standard output, exit codes that mean something."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from domain.catalogue.baseline_methods import baseline_methods
from domain.time import TimeGrid

RUN = CliRunner()
ZONE = "Asia/Shanghai"
MONDAY = date(2026, 3, 2)


def wattplan(*arguments: object, expect: int = 0):
    done = RUN.invoke(app, [str(one) for one in arguments])
    assert done.exit_code == expect, (done.exit_code, done.stdout, done.stderr, done.exception)
    return done


def load_kw(day: date, hour: int) -> float:
    """Give workdays of 600 kW and their day of the month, 150 kW at rest; the event's day less by 140 kW from 14:00."""
    if day == MONDAY and hour in (14, 15):
        return 480.0
    swapped = day in (date(2026, 2, 14), date(2026, 2, 28))
    worked = swapped or (day.weekday() < 5 and not date(2026, 2, 16) <= day <= date(2026, 2, 23))
    return 600.0 + day.day if worked else 150.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with 60 days of hours, a programme and two events."""
    path = tmp_path_factory.mktemp("settle")
    grid = TimeGrid.of_local_days(MONDAY - timedelta(days=50), 60, ZONE, 60)
    with (path / "meter.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("time", "import (kW)"))
        for at in grid.local_starts(ZONE):
            rows.writerow((f"{at:%Y-%m-%d %H:%M}", load_kw(at.date(), at.hour)))
    (path / "programme.yaml").write_text(
        """programme:
  programme_id: test-dr
  name: {en: Test, zh: 测试}
  currency: CNY
  price: "3.00"
  min_commitment_kw: "50"
  notice_min: 60
  penalty_per_kwh: "0.5"
  valid_from: 2026-01-01
  status: to_verify
  source: {document: made up, issuer: nobody}
""",
        encoding="utf-8",
    )
    (path / "events.yaml").write_text(
        """events:
  - {event_id: monday, programme_id: test-dr, start: "2026-03-02T14:00:00+08:00", end: "2026-03-02T16:00:00+08:00",
     notice_at: "2026-03-01T10:00:00+08:00"}
  - {event_id: earlier, programme_id: test-dr, start: "2026-02-26T09:00:00+08:00", end: "2026-02-26T10:00:00+08:00",
     notice_at: "2026-02-25T10:00:00+08:00"}
""",
        encoding="utf-8",
    )
    return path


def meter(folder: Path) -> tuple[object, ...]:
    return ("--meter", folder / "meter.csv", "--zone", ZONE, "--labels", "start", "--unit", "kw", "--country", "CN")


@pytest.fixture(scope="module")
def bundle(folder) -> Path:
    path = folder / "out" / "bundle.json"
    wattplan(
        "settle", "--programme", folder / "programme.yaml", "--event", folder / "events.yaml", "--event-id", "monday",
        *meter(folder), "--commitment", "160", "--out", path,
    )  # fmt: skip
    return path


def test_list_gives_every_method_in_both_languages():
    listed = json.loads(wattplan("baseline", "list", "--json").stdout)
    assert [one["key"] for one in listed] == [method.key for method in baseline_methods()]
    assert "PJM_SAME_DAY_3P2" in wattplan("baseline", "list", "-l", "zh").stdout
    assert "邀约日前最近 5 个正常工作日均值" in wattplan("baseline", "list", "-l", "zh").stdout


def test_compare_tries_the_methods_side_by_side(folder):
    done = wattplan("baseline", "compare", *meter(folder), "--window", "17:00-19:00", "--days", "workday", "--json")
    answer = json.loads(done.stdout)
    scores = {one["key"]: one for one in answer["scores"]}
    assert len(scores) + len(answer["left_out"]) == len(baseline_methods())
    assert set(answer["left_out"]) == {"FIRM_SERVICE_LEVEL", "CN_RT15"}  # hours have no quarters
    assert scores["CN_AVG5"]["load_kw"] == pytest.approx(600 + 14, abs=10)
    assert "days" not in scores["CN_AVG5"]
    table = wattplan("baseline", "compare", *meter(folder), "--window", "17:00-19:00", "--method", "CN_AVG5")
    assert "CN_AVG5" in table.stdout
    assert "PJM_4of5" not in table.stdout
    daily = wattplan(
        "baseline", "compare", *meter(folder), "--window", "17:00-19:00", "--method", "FIRM_SERVICE_LEVEL",
        "--reference-kw", "700", "--daily", "--json",
    )  # fmt: skip
    (level,) = json.loads(daily.stdout)["scores"]
    assert {day["baseline_kw"] for day in level["days"]} == {700.0}


def test_show_gives_the_days_and_the_reasons(folder):
    arguments = ("baseline", "show", *meter(folder), "--method", "CN_AVG5", "--day", "2026-03-02")
    done = wattplan(*arguments, "--window", "14:00-16:00", "--notice", "2026-03-01T10:00")
    # Saturday 28 February is worked for Monday 23: 28, 27, 26, 25, 24 give (628+627+626+625+624)/5
    assert "mean 626.000 kW" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines() if "averaged" in line] == [
        f"2026-02-{day}" for day in (28, 27, 26, 25, 24)
    ]
    chinese = wattplan(*arguments, "--window", "14:00-16:00", "-l", "zh").stdout
    assert "休息日，而事件在工作日" not in chinese  # told on Sunday 14:00, so Saturday 28 is the first day looked at
    plain = json.loads(wattplan(*arguments, "--window", "14:00-16:00", "--json").stdout)
    assert plain["mean_kw"] == pytest.approx(626)
    assert plain["days"][0] == "2026-02-28"


def test_a_window_may_end_at_24(folder):
    arguments = ("baseline", "show", *meter(folder), "--method", "CN_AVG5", "--day", "2026-03-02")
    answer = json.loads(wattplan(*arguments, "--window", "22:00-24:00", "--json").stdout)
    assert (answer["grid"]["n_steps"], answer["grid"]["start"]) == (2, "2026-03-02T14:00:00+00:00")
    assert answer["mean_kw"] == pytest.approx(626)


def test_a_method_of_later_hours_is_refused_ahead_in_both_languages(folder):
    done = wattplan(
        "baseline", "show", *meter(folder), "--method", "PJM_SAME_DAY_3P2", "--day", "2026-03-13",
        "--window", "14:00-16:00", expect=1,
    )  # fmt: skip
    assert "baseline_not_ahead" in done.stderr
    assert "不能据此申报" in done.stderr


def test_settle_writes_a_bundle_that_comes_out_again(bundle):
    stated = json.loads(bundle.read_text(encoding="utf-8"))
    lines = {line["key"]: line["value"] for line in stated["lines"]}
    # the other event of the file had 26 February: (628+627+625+624)/4 … the fifth day is Saturday 14, worked: 614
    assert lines["day.2026-02-26"] == "event_day"
    assert lines["baseline_kw"] == "623.6"  # (628 + 627 + 625 + 624 + 614) ÷ 5
    assert lines["delivered_kw"] == "143.6"
    assert lines["response_rate"] == "0.8975"  # ÷ 160
    assert lines["pay"] == "861.60"  # 143.6 × 2 × 3
    assert lines["penalty"] == "16.40"  # 16.4 kW × 2 h × 0.5
    assert lines["net"] == "845.20"
    done = wattplan("settle", "--bundle", bundle)
    assert f"all {len(lines)} lines come out as stated; net 845.20 CNY" in done.stdout
    page = bundle.with_suffix(".md").read_text(encoding="utf-8")
    assert "to verify: decides no money" in page
    assert "**Pay 861.60 CNY, penalty 16.40 CNY, net 845.20 CNY.**" in page


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('"value": "861.60"', '"value": "871.60"', "table_pay"),
        ('"price": "3.00"', '"price": "3.01"', "price"),
        ('"commitment_kw": "160"', '"commitment_kw": "170"', "commitment_kw"),
    ],
)
def test_a_changed_bundle_leaves_with_1_and_names_the_line(bundle, tmp_path, before, after, key):
    text = bundle.read_text(encoding="utf-8")
    assert before in text
    changed = tmp_path / "changed.json"
    changed.write_text(text.replace(before, after), encoding="utf-8")
    done = wattplan("settle", "--bundle", changed, expect=1)
    assert f"({key})" in done.stdout.splitlines()[0]
    answer = json.loads(wattplan("settle", "--bundle", changed, "--json", expect=1).stdout)
    assert (answer["equal"], answer["differences"][0]["key"]) == (False, key)


def test_settle_prints_json_alone(folder):
    done = wattplan(
        "settle", "--programme", folder / "programme.yaml", "--event", folder / "events.yaml", "--event-id", "monday",
        *meter(folder), "--commitment", "160", "--json",
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert (answer["net"], answer["is_valid"], answer["price_unit"]) == ("845.20", True, "per_kwh")
    assert "not been compared" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("settle",),
        ("settle", "--bundle", "b.json", "--programme", "p"),
        ("settle", "--bundle", "b.json", "--out", "x.json"),
        ("settle", "--programme", "p", "--event", "e.yaml", "--meter", "m.csv", "--commitment", "lots"),
        ("settle", "--programme", "p", "--event", "e.yaml", "--meter", "m.csv", "--commitment", "-5"),
        ("settle", "--programme", "p", "--event", "e.yaml", "--meter", "m.csv", "--commitment", "5", "--out", "b.md"),
        ("baseline", "compare", "--meter", "m.csv", "--window", "afternoon"),
        ("baseline", "compare", "--meter", "m.csv", "--window", "17:00-19:00", "--days", "sunny"),
        ("baseline", "compare", "--meter", "m.csv", "--window", "17:00-19:00", "--event-day", "yesterday"),
        ("baseline", "show", "--meter", "m.csv", "--method", "X", "--day", "1", "--window", "17:00-19:00"),
    ],
)
def test_wrong_usage_leaves_with_2(arguments):
    wattplan(*arguments, expect=2)


def test_what_is_not_there_is_refused_by_name(folder):
    event = ("--event", folder / "events.yaml", *meter(folder), "--commitment", "160")
    assert "'nope'" in wattplan("settle", "--programme", "nope", *event, "--event-id", "monday", expect=1).stderr
    done = wattplan("settle", "--programme", folder / "programme.yaml", *event, "--event-id", "friday", expect=1)
    assert "monday, earlier" in done.stderr
    wattplan("settle", "--programme", folder / "programme.yaml", *event, expect=2)  # two events, none named
    done = wattplan("settle", "--programme", folder / "events.yaml", *event, "--event-id", "monday", expect=1)
    assert "catalogue_record_shape" in done.stderr
    assert "file_unreadable" in wattplan("settle", "--bundle", folder / "none.json", expect=1).stderr
    assert "bundle_not_json" in wattplan("settle", "--bundle", folder / "meter.csv", expect=1).stderr
    done = wattplan("baseline", "show", *meter(folder), "--method", "MAGIC", "--day", "2026-03-02", "--window", "14:00-16:00", expect=1)  # fmt: skip
    assert "CN_AVG5" in done.stderr


def test_a_bundle_that_cannot_be_written_is_refused(folder):
    (folder / "taken").write_text("", encoding="utf-8")
    done = wattplan(
        "settle", "--programme", folder / "programme.yaml", "--event", folder / "events.yaml", "--event-id", "monday",
        *meter(folder), "--commitment", "160", "--out", folder / "taken" / "b.json", expect=1,
    )  # fmt: skip
    assert "file_not_written" in done.stderr
