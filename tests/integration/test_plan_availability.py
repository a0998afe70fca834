"""What a window's response costs, over the command line, against numbers worked by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from api.http import examples
from domain.catalogue.baseline_methods import baseline_methods
from domain.offers.asked import AvailabilityAsked
from domain.plant import Order
from scenarios.dr_planning import plan_availability
from scenarios.findings import RESERVE_NOT_KEPT
from scenarios.loads import forecast_site
from tests.cli_cases import told, wattplan
from tests.dr_cases import at, plant, works, written

WINDOW = ("--from", "2026-11-23 06:00", "--to", "2026-11-23 08:00")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("works") / "works.json", works())


@pytest.fixture(scope="module")
def priced(case: str) -> tuple[dict[str, Any], Path]:
    folder = Path(case).parent / "out"
    return told("plan", "availability", case, *WINDOW, "--levels", "20,50,80,81", "--out", str(folder)), folder


def test_levels_cost_what_hands_say(priced) -> None:
    # Until 08:00 a kWh is 0.46, then 0.82: at best 90 kW for the four cheap hours. A kW less in the two hours of the window
    # is 2 kWh at 0.82 instead of 0.46, so 0.72; 10 of the 90 kW must run.
    found, _ = priced
    points = found["points"]
    assert [one["level_kw"] for one in points] == [20.0, 50.0, 80.0, 81.0]
    assert [one["is_possible"] for one in points] == [True, True, True, False]
    assert [one["extra_cost"] for one in points[:3]] == pytest.approx([14.4, 36.0, 57.6], abs=0.01)
    assert [one["least_extra_cost"] for one in points[:3]] == pytest.approx([14.4, 36.0, 57.6], abs=0.3)
    assert [one["pay_per_kwh"] for one in points[:3]] == pytest.approx([0.36] * 3, abs=1e-3)
    assert [one["next_kw_cost"] for one in points[:3]] == pytest.approx([0.72] * 3, abs=1e-3)
    assert "the most that can be held is 80" in points[3]["limits"][0]["en"]
    assert "Compressor 10 kW (at least 10 within its shifts)" in points[3]["limits"][0]["en"]


def test_the_answer_and_its_picture_are_written(priced) -> None:
    found, folder = priced
    assert json.loads((folder / "availability.json").read_text(encoding="utf-8")) == found
    drawing = ET.fromstring((folder / "availability.svg").read_text(encoding="utf-8"))
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"


def test_a_notice_before_the_window_leaves_time_enough_and_a_later_one_is_refused(case: str) -> None:
    # A plant told at 05:30 has run at 90 kW since 04:00, as in the plan without any promise; nothing of that stands against
    # 10 kW from 06:00 to 08:00 and 70 kW afterwards.
    window = ("--from", "2026-11-23 06:00", "--to", "2026-11-23 08:00")
    found = told("plan", "availability", case, *window, "--notice", "2026-11-23 05:30", "--levels", "80")
    assert found["points"][0]["extra_cost"] == pytest.approx(57.6, abs=0.01)
    refused = wattplan("plan", "availability", case, *window, "--notice", "2026-11-23 06:30", expect=1)
    assert "notice_at" in refused.stderr


def test_more_load_is_priced_with_fill(case: str) -> None:
    # From 08:00 to 12:00 the plan draws 120 kWh, 30 kW on the mean. 20 kW more are 80 kWh at 0.82 instead of 0.46: 28.8; 60 kW
    # more are 240 kWh: 86.4, and then the compressor runs at its 90 kW throughout.
    window = ("--from", "2026-11-23 08:00", "--to", "2026-11-23 12:00")
    found = told("plan", "availability", case, *window, "--fill", "--levels", "20,60,61")
    assert found["asked"]["sign"] == -1
    assert [one["is_possible"] for one in found["points"]] == [True, True, False]
    assert [one["extra_cost"] for one in found["points"][:2]] == pytest.approx([28.8, 86.4], abs=0.01)


MORNING = ("--from", "2026-11-23 08:00", "--to", "2026-11-23 12:00")


@pytest.mark.parametrize("baseline", ["shave", "CN_AVG5"])
def test_a_programme_s_baseline_counts_from_the_days_before(case: str, baseline: str) -> None:
    # The five workdays before drew 390 kW. The plan runs the compressor at night and draws 330 on the mean: 60 kW are there
    # for nothing; the 480 kWh of the compressor leave no more, as at most 360 of them fit in before 08:00.
    found = told("plan", "availability", case, *MORNING, "--baseline", baseline, "--levels", "30,59.5,61")
    used = found["baseline"]
    assert (used["baseline_id"], used["method"], used["mean_kw"]) == (baseline, "CN_AVG5", pytest.approx(390.0))
    assert used["days"] == ["2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17", "2026-11-16"]
    assert [one["is_possible"] for one in found["points"]] == [True, True, False]
    assert [one["extra_cost"] for one in found["points"][:2]] == pytest.approx([0.0, 0.0], abs=0.01)
    assert "the most that can be held is 60.0 kW" in found["points"][2]["limits"][0]["en"]


def test_a_contract_level_is_a_baseline_too(case: str) -> None:
    firm = next(one.key for one in baseline_methods() if one.rule.method == "firm_level")
    counted = ("plan", "availability", case, *MORNING, "--baseline", firm, "--levels", "9.5,11")
    found = told(*counted, "--reference-kw", "340")
    assert [one["is_possible"] for one in found["points"]] == [True, False]
    assert found["baseline"]["mean_kw"] == 340.0
    assert firm in wattplan(*counted, expect=1).stderr


def test_the_answer_says_from_what_it_is_counted(case: str) -> None:
    own = wattplan("plan", "availability", case, *WINDOW, "--levels", "50").stdout
    assert "counted from the plan without any promise" in own
    theirs = wattplan(
        "plan", "availability", case, *MORNING, "--levels", "50", "--baseline", "shave", "-l", "zh"
    ).stdout
    assert "响应以项目 shave 的基线为基准：时段平均 390.0 kW" in theirs


def test_without_levels_the_curve_goes_up_to_the_greatest(case: str) -> None:
    found = told("plan", "availability", case, *WINDOW, "--each-step")
    levels = [one["level_kw"] for one in found["points"]]
    assert levels == pytest.approx([80 * (number + 1) / 6 for number in range(6)], abs=0.05)
    assert found["points"][-1]["extra_cost"] == pytest.approx(57.6, abs=0.05)


def test_the_tables_speak_both_languages(case: str) -> None:
    english = wattplan("plan", "availability", case, *WINDOW, "--levels", "50,200").stdout
    assert "worth it from, per kWh" in english
    assert "200 kW cannot be held" in english
    chinese = wattplan("plan", "availability", case, *WINDOW, "--levels", "50,200", "-l", "zh").stdout
    assert "保本补偿" in chinese
    assert "200 kW 无法保持" in chinese


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((*WINDOW, "--levels", "50,20"), 1, "must rise"),
        ((*WINDOW, "--levels", "0,20"), 1, "greater than 0"),
        ((*WINDOW, "--levels", "some"), 2, "100,200,300"),
        (("--from", "2026-11-23 23:00", "--to", "2026-11-24 01:00"), 1, "does not lie within the plan"),
        (("--from", "2026-11-23 06:10", "--to", "2026-11-23 07:10"), 1, "60-minute steps"),
        (("--from", "2026-11-23 08:00", "--to", "2026-11-23 06:00"), 1, "must end after it starts"),
        (("--from", "dawn", "--to", "2026-11-23 06:00"), 2, "is no date and time"),
        ((*WINDOW, "--package", "ghost"), 1, "ghost"),
        ((*WINDOW, "--baseline", "ghost"), 1, "'ghost', which is not among shave, "),
        ((*WINDOW, "--reference-kw", "300"), 1, "goes with baseline_id only"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(case: str, options, code, said) -> None:
    refused = wattplan("plan", "availability", case, *options, expect=code)
    assert said in " ".join(refused.stderr.split())


def late() -> Any:
    """Give the example with six hours of firing between eight and noon."""
    plain = examples.case()
    (firing,) = plain.plan.tasks
    hurried = replace(firing, order_id="rush", planned_starts=(), earliest=at(8))
    order = Order(order_id="rush", due=at(12))
    return replace(plain, plan=replace(plain.plan, tasks=(hurried,), orders=(order,)))


def test_where_there_is_no_plan_at_all_the_exit_code_is_3(tmp_path: Path) -> None:
    refused = wattplan("plan", "availability", written(tmp_path / "late.json", late()), *WINDOW, expect=3)
    assert "rush" in refused.stderr


def test_a_plant_without_room_for_its_samples_says_so() -> None:
    plain = replace(examples.case(), plan=plant())
    samples_kw = forecast_site(plain).horizon_samples_kw
    highest_kw, expected_kw = float(samples_kw.max()), float(samples_kw.mean(axis=0).max())
    assert highest_kw > expected_kw + 2
    asked = AvailabilityAsked(start=at(6), end=at(8), levels_kw=(20.0,))
    between = replace(plain, site=replace(plain.site, import_limit_kw=(highest_kw + expected_kw) / 2))
    assert RESERVE_NOT_KEPT.code in {one.code for one in plan_availability(between, asked).findings}
    assert RESERVE_NOT_KEPT.code not in {one.code for one in plan_availability(plain, asked).findings}
