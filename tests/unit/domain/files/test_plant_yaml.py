from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidFieldError, WattplanError
from domain.files.documents import DocumentError
from domain.files.local_time import TimeTextError, calendar_date, clock, instant, iso
from domain.files.plant_file import PastRun, PlantFile, process_history, read_plant
from domain.files.plant_yaml import read_plant_yaml, write_plant_yaml
from domain.text import Language
from domain.time import TimeGrid
from tests.plant_cases import at, full_plant, full_site

PLANT = """
site:
  site_id: S
  customer_id: C
  name: 水泥厂
  zone: Asia/Shanghai
  supply: {purchase_mode: grid_agency}
  import_limit_kw: 8000
plan:
  plan_id: P
  start: 2026-11-24
  end: 2026-11-25 24:00
  machines:
    - machine_id: M1
      name: mill
      outages:
        - {start: 2026-11-24 08:00, end: "2026-11-24T03:30:00+01:00"}
  tasks:
    - task_id: T
      name: grind
      machine_ids: [M1]
      phases: [{power_kw: 5000, duration_min: 180}]
      earliest: 2026/11/24 9:15
  shifts:
    - {name: night, start: 22:00, end: 06:00, wage_per_h: 30}
"""


def problems(text: str) -> dict[str, str]:
    with pytest.raises(DocumentError) as caught:
        read_plant_yaml(text)
    assert caught.value.say(Language.ZH)
    return {problem.pointer: problem.message.en for problem in caught.value.problems}


def test_times_are_on_the_sites_clock_or_carry_their_offset():
    plan = read_plant_yaml(PLANT).plan
    assert plan.zone == "Asia/Shanghai"
    assert plan.start == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert plan.end == datetime(2026, 11, 25, 16, tzinfo=UTC)
    (outage,) = plan.machines[0].outages
    assert outage.start == datetime(2026, 11, 24, 0, tzinfo=UTC)
    assert outage.end == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
    assert plan.tasks[0].earliest == datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
    assert (plan.shifts[0].start, plan.shifts[0].end) == (time(22), time(6))


def test_what_is_left_out_has_its_default():
    plant = read_plant_yaml(PLANT)
    assert plant.base_load_source == "site_less_plan"
    assert plant.present_tariff_id is None
    assert plant.past_runs == plant.findings == ()


def test_a_plant_reads_back_equal():
    assert read_plant_yaml(write_plant_yaml(full_plant())) == full_plant()


def test_clock_times_that_happen_never_or_twice_are_refused_by_field():
    text = (
        PLANT.replace("Asia/Shanghai", "Europe/Berlin")
        .replace("start: 2026-11-24\n  end: 2026-11-25 24:00", "start: 2026-10-24\n  end: 2026-10-26")
        .replace("2026-11-24 08:00, end: ", "2026-10-25 02:30, end: 2026-10-25 05:00} #")
        .replace("2026/11/24 9:15", "2027-03-28 02:30")
    )
    assert problems(text) == {
        "/plan/machines/0/outages/0/start": "happens twice in Europe/Berlin: the clock is put back. Write it with its UTC offset.",
        "/plan/tasks/0/earliest": "does not exist in Europe/Berlin: the clock is put forward. Write it with its UTC offset.",
    }


def test_every_fault_is_said_with_its_pointer():
    text = (
        PLANT.replace("import_limit_kw: 8000", "import_limit_kw: -8000")
        .replace("duration_min: 180", "duration_min: 3 h")
        .replace("2026-11-24 08:00", "tomorrow")
        .replace("wage_per_h", "wage")
    )
    assert set(problems(text)) == {
        "/site/import_limit_kw",
        "/plan/tasks/0/phases/0/duration_min",
        "/plan/machines/0/outages/0/start",
        "/plan/shifts/0/wage",
        "/plan/shifts/0/wage_per_h",
    }


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("Asia/Shanghai", "Asia/Shanghigh", "/site/zone"),
        ("  zone: Asia/Shanghai\n", "", "/site/zone"),
        ("  plan_id: P", "  plan_id: P\n  zone: Asia/Tokyo", "/plan/start"),
        ("\nplan:", "\nfindings: []\nplan:", "/findings"),
        ("\nplan:", "\ncolour: red\nplan:", "/colour"),
        ("[M1]", "[M2]", "/plan/tasks/0/machine_ids"),
        ("\nplan:", "\nbase_load_source: site_less_history\nplan:", "/base_load_source"),
        ("\nplan:", "\npast_runs: [{start: 2026-11-01, end: 2026-11-02, power_kw: 5}]\nplan:", "/base_load_source"),
    ],
)
def test_faults_of_the_whole_have_a_place(old, new, pointer):
    assert pointer in problems(PLANT.replace(old, new, 1))


def test_a_plan_in_another_zone_than_its_site_is_refused():
    with pytest.raises(InvalidFieldError, match="differs from the site's Asia/Tokyo"):
        PlantFile(site=replace(full_site(), zone="Asia/Tokyo"), plan=full_plant().plan)


@pytest.mark.parametrize("text", ["", "[1]", "plan", "5"])
def test_a_plant_is_a_mapping(text):
    assert list(problems(text)) == [""]


def test_the_door_tells_yaml_from_workbooks_by_content(tmp_path: Path):
    path = tmp_path / "plant.xlsx"
    path.write_text(PLANT, encoding="utf-8")
    assert read_plant(path) == read_plant(PLANT.encode(), "mail") == read_plant_yaml(PLANT)
    with pytest.raises(WattplanError, match=r"^mail: is damaged"):
        read_plant(b"PK\x03\x04 nothing", "mail")
    with pytest.raises(WattplanError, match=r"old \.xls"):
        read_plant(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda tail: PLANT[:200].encode() + tail))
def test_any_bytes_are_a_plant_or_refused(content):
    with pytest.raises(WattplanError):
        read_plant(content)


# local time


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-24 08:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 23, 23, tzinfo=UTC)),
        ("2026/7/4 9:05:30", datetime(2026, 7, 4, 7, 5, 30, tzinfo=UTC)),
        ("2026-12-31 24:00", datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("2026-07-04T09:05:30.25", datetime(2026, 7, 4, 7, 5, 30, 250_000, tzinfo=UTC)),
        ("2026-10-25T02:30+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 02:30 +0100", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T01:30Z", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25 03:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
        ("2026-10-25 01:59", datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        ("2027-03-28 01:59", datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        ("2027-03-28 03:00", datetime(2027, 3, 28, 1, tzinfo=UTC)),
    ],
)
def test_local_times_in_berlin(text, utc):
    assert instant(text, "Europe/Berlin") == utc


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-11-24 24:01",
        "2026-11-24 25:00",
        "9999-12-31 24:00",
        "0001-01-01 00:00",
        "20261124",
        "now",
        "",
        "2026-10-25 02:00",
        "2026-10-25 02:59:59",
        "2027-03-28 02:00",
        "2026-11-24T08:00+99:00",
    ],
)
def test_what_is_no_instant_in_berlin(text):
    with pytest.raises(TimeTextError):
        instant(text, "Europe/Berlin")


def test_clocks_and_dates():
    assert clock("24:00") == time(0)
    assert clock("7:05") == time(7, 5)
    assert calendar_date("2026/1/2").isoformat() == "2026-01-02"
    for read, text in ((clock, "24:01"), (clock, "8"), (clock, "08:00+01:00"), (calendar_date, "2026-02-30")):
        with pytest.raises(TimeTextError):
            read(text)


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2100-01-01")),
    st.sampled_from(("Europe/Berlin", "America/New_York")),
)
def test_a_local_time_is_the_instant_whose_clock_shows_it(local, zone):
    try:
        found = instant(local.isoformat(), zone)
    except TimeTextError:
        return
    assert found.replace(tzinfo=None) == local
    assert instant(iso(found), None) == found


# past runs on a grid


def test_past_runs_are_averaged_by_exact_overlap():
    grid = TimeGrid(start=at(0), step_min=15, n_steps=6)
    runs = (
        PastRun(start=at(0.25), end=at(0.25) + timedelta(minutes=20), power_kw=90),
        PastRun(start=at(0.5) + timedelta(minutes=10), end=at(1.25), power_kw=33, name="second"),
    )
    history = process_history(runs, grid)
    # step 1: 90; step 2: 5 min of 90 and 5 min of 33; steps 3, 4: 33; before and after nothing is known
    np.testing.assert_allclose(history.import_kw, [np.nan, 90, (5 * 90 + 5 * 33) / 15, 33, 33, np.nan])


def test_pauses_between_past_runs_are_zero_and_overlaps_add_up():
    grid = TimeGrid(start=at(0), step_min=60, n_steps=4)
    runs = (
        PastRun(start=at(-5), end=at(1), power_kw=7),
        PastRun(start=at(0.5), end=at(1), power_kw=4),
        PastRun(start=at(2.5), end=at(9), power_kw=10),
    )
    np.testing.assert_allclose(process_history(runs, grid).import_kw, [9, 0, 5, 10])


def test_no_past_runs_say_nothing():
    grid = TimeGrid(start=at(0), step_min=60, n_steps=2)
    assert process_history((), grid).missing_share == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 700), st.integers(0, 900)), min_size=1, max_size=8))
def test_past_runs_keep_their_energy(spans):
    runs = tuple(
        PastRun(start=at(0) + timedelta(minutes=a), end=at(0) + timedelta(minutes=a + b), power_kw=kw)
        for a, b, kw in spans
    )
    frame = PastRun(start=at(-1), end=at(0), power_kw=0), PastRun(start=at(46), end=at(47), power_kw=0)
    grid = TimeGrid(start=at(-1), step_min=15, n_steps=48 * 4)
    energy_kwh = process_history((*runs, *frame), grid).energy_kwh
    assert np.nansum(energy_kwh) == pytest.approx(sum(b * kw / 60 for _, b, kw in spans))
