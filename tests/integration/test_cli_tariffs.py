"""Tariffs on the command line: listed, shown, drawn, checked, imported."""

import json
import struct
from datetime import date
from pathlib import Path

import pytest

from api.http import examples
from domain.catalogue import any_tariff
from domain.files.tariff_files import write_tariff
from tests.cli_cases import CHEAP, JIANGSU, READ, told, wattplan, write_meter

# --- list and show -------------------------------------------------------------------------------------------------


def test_the_catalogue_is_listed_with_its_standing():
    listed = {one["tariff_id"]: one for one in told("tariffs", "list", "--on", "2026-11-24")}
    assert {"cn-js-agency-10kv-capacity", "cn-zj-agency-10kv-2026", "sample-flat-fixed"} <= set(listed)
    old = listed["cn-zj-agency-10kv-2024"]
    assert (old["standing"], old["superseded"], old["followed_by"]) == ("superseded", True, "cn-zj-agency-10kv-2026")
    assert old["source"]["document"] == "浙发改价格〔2024〕21号"
    assert listed["cn-zj-agency-10kv"]["version_ids"] == ["cn-zj-agency-10kv-2024", "cn-zj-agency-10kv-2026"]
    assert (listed["cn-zj-agency-10kv"]["kind"], listed[CHEAP]["kind"]) == ("family", "package")
    assert "facts.prices: cn-gd-day-ahead" in listed["cn-gd-market-spot"]["needs"]
    assert {one["status"] for one in listed.values()} == {"compiled", "to_verify"}


def test_the_list_follows_the_day():
    then = {one["tariff_id"]: one["standing"] for one in told("tariffs", "list", "--on", "2026-06-30")}
    assert then["cn-zj-agency-10kv-2024"] == "in_force"
    assert then["cn-zj-agency-10kv-2026"] == "not_yet"
    in_force = {one["tariff_id"] for one in told("tariffs", "list", "--on", "2026-06-30", "--in-force")}
    assert in_force == {name for name, standing in then.items() if standing == "in_force"}
    said = wattplan("tariffs", "list", "--on", "2026-11-24").stdout
    assert "superseded (cn-zj-agency-10kv-2026)" in said
    assert "待核实" in wattplan("tariffs", "list", "-l", "zh").stdout
    wattplan("tariffs", "list", "--on", "24.11.2026", expect=2)


def test_a_tariff_is_shown_in_words():
    done = wattplan("tariffs", "show", JIANGSU, "--year", "2026", "--on", "2026-11-24")
    assert "0.9566 per kWh" in done.stdout  # 1.8 × 0.39575 + 0.24425, rounded to 4 decimals
    assert "government time of use" in done.stdout
    assert "the contract capacity (kVA)" in " ".join(done.stderr.split())
    assert told("tariffs", "show", JIANGSU)["tariff_id"] == JIANGSU
    assert "not_found" in wattplan("tariffs", "show", "nowhere", expect=1).stderr


def test_an_ended_record_warns_and_is_shown_in_its_own_year():
    done = wattplan("tariffs", "show", "cn-zj-agency-10kv-2024", "--on", "2027-03-01")
    said = " ".join(done.stderr.split())
    assert "superseded by cn-zj-agency-10kv-2026" in said
    assert "Price of energy 2026" in done.stdout


def blocks(shown: str, label: str) -> str:
    line = next(line for line in shown.splitlines() if line.startswith(label))
    return line[16:]


def test_blocks_stand_where_the_clock_puts_them(tmp_path):
    path = tmp_path / "today.yaml"
    path.write_text(write_tariff(examples.TODAY), encoding="utf-8")
    shown = wattplan("tariffs", "show", str(path), "--year", "2026").stdout
    assert blocks(shown, "Jan–Dec") == "·" * 16 + "░" * 28 + "·" * 4  # half-hours: 0-8, 8-22, 22-24


def test_a_family_shows_the_year_of_its_change_and_what_breaks():
    shown = wattplan("tariffs", "show", "cn-zj-agency-10kv", "--year", "2026").stdout
    june, july = blocks(shown, "Feb–Jun"), blocks(shown, "Jul–Aug")
    assert june[16:22] == "e" * 6  # 8-11 peak
    assert july[16:22] == "d" * 6  # 8-11 flat
    assert "The morning peak became flat" in shown
    holidays = shown.split("\nholidays\n")[1]
    assert blocks(holidays, "Oct 1… 3 d")[18:30] == "a" * 12  # 9-15 deep valley


def test_a_window_inside_half_an_hour_is_shown_by_quarters():
    shown = wattplan("tariffs", "show", "de-mv-atypical-2025", "--year", "2025").stdout
    assert blocks(shown, "Sep–Nov") == "·" * 50 + "░" + "·" * 45  # 12:30-12:45
    assert blocks(shown, "Dec 29… 3 d") == "·" * 96


def test_the_year_is_drawn_as_png_and_svg(tmp_path):
    png, svg = tmp_path / "year.png", tmp_path / "year.svg"
    wattplan("tariffs", "show", "cn-zj-agency-10kv", "--year", "2026", "--picture", str(png))
    head = png.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    assert width > height > 400
    wattplan("tariffs", "show", "cn-zj-agency-10kv", "--picture", str(svg), "-l", "zh")
    drawn = svg.read_text(encoding="utf-8")
    assert drawn.startswith("<svg xmlns=")
    assert "浙江电网代理购电" in drawn
    assert "节假日" in drawn
    assert "picture_kind" in wattplan("tariffs", "show", JIANGSU, "--picture", "x.pdf", expect=1).stderr


# --- check ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in (JIANGSU, "no-sample-three-peaks"):
        (tmp_path / f"{name}.yaml").write_text(write_tariff(any_tariff(name)), encoding="utf-8")
    package = f"package:\n  package_id: {CHEAP}\n  name: {{en: Fixed, zh: 固定}}\n  tariff_id: {CHEAP}\n"
    (tmp_path / "package.yaml").write_text(package, encoding="utf-8")
    (tmp_path / "fixed.yaml").write_text(write_tariff(any_tariff(CHEAP)), encoding="utf-8")
    return tmp_path


def test_sound_files_say_what_to_look_at(folder):
    checked = told("tariffs", "check", str(folder), "--on", "2026-11-24")
    assert checked["sound"]
    assert checked["counts"] == {"tariffs": 3, "packages": 1, "programmes": 0, "events": 0}
    codes = [one["code"] for one in checked["findings"]]
    assert set(codes) == {"bills_need", "window_over_midnight", "currencies_differ", "tariff_to_verify"}
    night = next(one["words"]["en"] for one in checked["findings"] if one["code"] == "window_over_midnight")
    assert "22:00-24:00 and 00:00-06:00 of the same calendar day" in night
    assert "sound" in wattplan("tariffs", "check", str(folder)).stdout
    later = told("tariffs", "check", str(folder / "fixed.yaml"), "--on", "2027-03-01")
    assert "tariff_ended" in [one["code"] for one in later["findings"]]


def test_every_fault_of_a_folder_is_named(folder):
    fixed = folder / "fixed.yaml"
    fixed.write_text(fixed.read_text(encoding="utf-8").replace("0.4200", "0.6200"), encoding="utf-8")
    night = folder / "no-sample-three-peaks.yaml"
    night.write_text(night.read_text(encoding="utf-8").replace("22:00-06:00", "22:00-05:30"), encoding="utf-8")
    record = folder / f"{JIANGSU}.yaml"
    dated = record.read_text(encoding="utf-8").replace(
        "- holiday_break", "- holiday_break\n            dates: ['02-30..03-01']"
    )
    record.write_text(dated, encoding="utf-8")
    (folder / "bad.yaml").write_text("tariff:\n  tariff_id: x\n", encoding="utf-8")
    assert "bad.yaml /tariff/source" in wattplan("tariffs", "check", str(folder), expect=1).stderr
    faults = told("tariffs", "check", str(folder), expect=1)["faults"]
    said = {one.get("file", one["code"]): one["words"]["en"] for one in faults}
    assert set(said) == {"bad.yaml", night.name, record.name, "retail_limit_broken"}
    assert "has no band at 05:30" in said[night.name]
    assert "is no date range" in said[record.name]
    assert "[02-30..03-01]" in said[record.name]
    broken = said["retail_limit_broken"]
    assert "rule fixed_price: the fixed price 0.62 lies above the cap of 0.554 CNY/kWh" in broken
    assert "published 2025-10-21" in broken
    wattplan("tariffs", "check", str(folder / "absent.yaml"), expect=1)


def test_overlaps_are_named(tmp_path):
    path = tmp_path / "t.yaml"
    text = write_tariff(any_tariff("no-sample-three-peaks")).replace("06:00-22:00", "05:00-22:00")
    path.write_text(text, encoding="utf-8")
    (fault,) = told("tariffs", "check", str(path), expect=1)["faults"]
    assert "at 05:00 belongs to night and to day" in fault["words"]["en"]
    assert fault["places"][0]["pointer"] == "/tariff/charges/1/calendar"


def test_versions_with_a_gap_and_a_change_inside_a_month_are_told(tmp_path):
    record = write_tariff(any_tariff("no-sample-three-peaks"))
    body = record.removeprefix("tariff:\n")
    first = body.replace("valid_from: '2026-01-01'", "valid_from: '2026-01-01'\n  valid_until: '2026-05-01'")
    second = body.replace("no-sample-three-peaks", "later").replace("'2026-01-01'", "'2026-05-10'")
    indented = ["    - " + text.strip("\n").replace("\n", "\n    ").removeprefix("  ") for text in (first, second)]
    path = tmp_path / "v.yaml"
    path.write_text("tariff_versions:\n  tariff_id: v\n  versions:\n" + "\n".join(indented) + "\n", encoding="utf-8")
    found = {one["code"]: one["words"]["en"] for one in told("tariffs", "check", str(path))["findings"]}
    assert "from 2026-05-01 until 2026-05-09" in found["versions_gap"]
    assert "2026-05-10" in found["change_inside_month"]


# --- import --------------------------------------------------------------------------------------------------------

HOURS = [[0] * 24 for _ in range(12)]
RATE = {
    "name": "Made up",
    "utility": "Nowhere Electric",
    "startdate": 1767225600,  # 2026-01-01 UTC
    "energyratestructure": [[{"rate": 0.1}]],
    "energyweekdayschedule": HOURS,
    "energyweekendschedule": HOURS,
    "fixedchargefirstmeter": 50,
    "fixedchargeunits": "$/month",
}


def rate_file(folder: Path, **fields) -> Path:
    path = folder / "rate.json"
    path.write_text(json.dumps(RATE | fields), encoding="utf-8")
    return path


def test_an_imported_rate_says_what_it_is_made_of_and_bills(tmp_path):
    out = tmp_path / "mine.yaml"
    rate = rate_file(tmp_path, description="A rate for nobody.")
    told_of = told("tariffs", "import", str(rate), "--zone", "America/Chicago", "--out", str(out))
    assert told_of["source_format"] == "urdb"
    assert "energyratestructure" in told_of["read"]
    assert "description" in " ".join(one["words"]["en"] for one in told_of["ignored"])
    assert told_of["assumed"]
    meter = write_meter(tmp_path / "m.csv", "America/Chicago", date(2026, 6, 1), 30, lambda _: 10.0)
    made = told("tariffs", "bill", str(out), "--meter", str(meter), *READ, "--month", "2026-06")
    assert float(made["total"]) == 770.0  # 7200 kWh × 0.1 + 50
    wattplan("tariffs", "import", str(rate), "--zone", "America/Chicago", "--out", str(out), expect=2)


def test_an_import_without_out_prints_the_tariff_alone(tmp_path):
    done = wattplan("tariffs", "import", str(rate_file(tmp_path)), "--zone", "America/Chicago")
    path = tmp_path / "printed.yaml"
    path.write_text(done.stdout, encoding="utf-8")
    assert told("tariffs", "check", str(path))["sound"]
    assert "assumed" in done.stderr


def test_what_cannot_be_priced_is_refused_by_name(tmp_path):
    rate = rate_file(tmp_path, annualmincharge=1200)
    refused = wattplan("tariffs", "import", str(rate), "--zone", "America/Chicago", expect=1)
    assert "annualmincharge" in refused.stderr
    absent = wattplan(
        "tariffs", "import", str(rate), "--zone", "America/Chicago", "--absent", "annualmincharge", "--json"
    )
    assert "annualmincharge" in absent.stdout


def test_an_option_that_is_missing_or_wrong_is_named(tmp_path):
    rate = str(rate_file(tmp_path))
    assert "tariff_option_missing" in wattplan("tariffs", "import", rate, expect=1).stderr
    zone = ("--zone", "America/Chicago")
    assert "tiers_count" in wattplan("tariffs", "import", rate, *zone, "--tiers-count", "x", expect=1).stderr
    wattplan("tariffs", "import", rate, *zone, "--contract-kw", "regular", expect=2)
    other = tmp_path / "notes.txt"
    other.write_text("nothing of the kind\n", encoding="utf-8")
    assert "tariff_format_unknown" in wattplan("tariffs", "import", str(other), expect=1).stderr


def test_our_own_file_comes_through_and_parts_are_listed(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text(write_tariff(any_tariff(JIANGSU)), encoding="utf-8")
    assert told("tariffs", "import", str(path))["tariff"]["tariff_id"] == JIANGSU
    assert told("tariffs", "import", str(path), "--parts") == []
    assert "holds one tariff" in wattplan("tariffs", "import", str(path), "--parts").stdout
