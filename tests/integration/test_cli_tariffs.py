"""Tariffs on the command line: listed, shown, drawn, checked, billed, compared; as a hand would work them out."""

import csv
import json
import struct
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from api.http import examples
from domain.catalogue import any_tariff
from domain.files.tariff_files import write_tariff
from domain.time import TimeGrid

RUN = CliRunner()
JIANGSU = "cn-js-agency-10kv-capacity"
CHEAP = "cn-gd-retail-2026-fixed"


def wattplan(*arguments: str, expect: int = 0):
    done = RUN.invoke(app, list(arguments))
    assert done.exit_code == expect, (done.exit_code, done.stdout, done.stderr, done.exception)
    return done


def told(*arguments: str, expect: int = 0):
    """Give what a command says as JSON."""
    return json.loads(wattplan(*arguments, "--json", expect=expect).stdout)


def write_meter(path: Path, zone: str, first: date, n_days: int, kw, *, step_min: int = 60) -> Path:
    """Write a long meter file; ``kw`` gives the load of a local start."""
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "kW"))
        writer.writerows((f"{at:%Y-%m-%d %H:%M}", kw(at)) for at in grid.local_starts(zone))
    return path


@pytest.fixture(scope="module")
def meter(tmp_path_factory) -> Path:
    """Give quarter-hours of August to October 2026 at 100 kW, 200 kW on weekdays from 8 to 20."""
    path = tmp_path_factory.mktemp("meter") / "meter.csv"
    return write_meter(
        path,
        "Asia/Shanghai",
        date(2026, 8, 1),
        92,
        lambda at: 200.0 if 8 <= at.hour < 20 and at.weekday() < 5 else 100.0,
        step_min=15,
    )


READ = ("--labels", "start", "--unit", "kw")
SUPPLY = ("--capacity-kva", "1000", "--power-factor", "0.90")


def ask(meter: Path, *more: str) -> tuple[str, ...]:
    return ("--meter", str(meter), *READ, *SUPPLY, *more)


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


# --- bill ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hourly(tmp_path_factory) -> Path:
    """Give hours of September to 22 November 2026, as the examples' load."""
    path = tmp_path_factory.mktemp("hourly") / "meter.csv"
    grid = TimeGrid.of_local_days(date(2026, 9, 1), 83, examples.ZONE, 60)
    load = iter(examples.load_kw(grid))
    return write_meter(path, examples.ZONE, date(2026, 9, 1), 83, lambda _: f"{next(load):.1f}")


def test_a_month_of_a_meter_is_billed_as_a_hand_would(hourly, tmp_path):
    tariff = tmp_path / "today.yaml"
    tariff.write_text(write_tariff(examples.TODAY), encoding="utf-8")
    command = ("bill", "--meter", str(hourly), "--tariff", str(tariff), *READ)
    load = examples.load_kw(TimeGrid.of_local_days(date(2026, 9, 1), 61, examples.ZONE, 60))[30 * 24 :]
    load = [round(kw, 1) for kw in load]
    peak_kwh = sum(kw for hour, kw in enumerate(load) if 8 <= hour % 24 < 22)
    by_hand = round(peak_kwh * 0.82, 2) + round((sum(load) - peak_kwh) * 0.46, 2) + round(max(load) * 38.4, 2)
    assert float(told(*command, "--month", "2026-10")["total"]) == pytest.approx(by_hand, abs=0.011)
    assert f"{by_hand:,.2f}" in wattplan(*command, "--month", "2026-10").stdout
    wattplan(*command, "--month", "2026-11", expect=1)
    wattplan(*command, "--month", "October", expect=2)
    wattplan(*command, "--month", "9999-12", expect=2)
    wattplan(*command, expect=2)
    wattplan(*command, "--month", "2026-10", "--year", "2026", expect=2)
    wattplan(*command, "--month", "2026-10", "--purchase-mode", "barter", expect=2)


def test_both_doors_to_a_bill_give_the_same(meter):
    month = ("--month", "2026-10")
    front = told("tariffs", "bill", JIANGSU, *ask(meter, *month))
    assert front == told("bill", "--tariff", JIANGSU, *ask(meter, *month))
    capacity = next(line for line in front["lines"] if line["kind"] == "capacity")
    assert capacity["amount"] == "32000.00"  # 1000 kVA × 32


def test_a_year_is_billed_month_by_month(meter):
    done = wattplan("tariffs", "bill", JIANGSU, *ask(meter, "--year", "2026", "--json"))
    year = json.loads(done.stdout)
    assert [one["month"][:7] for one in year["bills"]] == ["2026-08", "2026-09", "2026-10"]
    assert float(year["total"]) == pytest.approx(sum(float(one["total"]) for one in year["bills"]))
    assert "2026-07, 2026-11, 2026-12" in " ".join(done.stderr.split())
    shown = wattplan("tariffs", "bill", JIANGSU, *ask(meter, "--year", "2026")).stdout
    assert "2026: 3 month(s)" in shown
    assert "no_month_metered" in wattplan("tariffs", "bill", JIANGSU, *ask(meter, "--year", "2025"), expect=1).stderr


def test_government_factors_are_refused_to_a_market_customer(meter):
    market = ask(meter, "--month", "2026-10", "--purchase-mode", "market_retail")
    assert "tariff_not_for_customer" in wattplan("tariffs", "bill", JIANGSU, *market, expect=1).stderr


def test_facts_stand_beside_the_load(meter, tmp_path):
    """October, 3 h × 200 kW of Friday the 9th become sharp: the bill rises by 600 × (1.3465 − 1.0827)."""
    record = "cn-gd-shantou-agency-hot-days"
    facts = tmp_path / "facts.yaml"
    flag = "facts:\n  flags:\n    - {flag: hot, days: [2026-10-09], known_until: 2026-11-01}\n"
    facts.write_text(flag, encoding="utf-8")
    month = ("--month", "2026-10")
    cool = wattplan("tariffs", "bill", record, *ask(meter, *month, "--json"))
    assert "flag 'hot'" in " ".join(cool.stderr.split())
    hot = told("tariffs", "bill", record, *ask(meter, *month, "--facts", str(facts)))
    more = float(hot["total"]) - float(json.loads(cool.stdout)["total"])
    assert more == pytest.approx(600 * (1.3465 - 1.0827), abs=0.02)


def test_a_market_tariff_is_billed_to_a_market_customer_and_says_so(meter):
    done = wattplan("tariffs", "bill", CHEAP, *ask(meter, "--month", "2026-10"))
    assert "taken to be bought as market_retail" in done.stderr


def test_earlier_months_of_the_meter_feed_a_ratchet(tmp_path):
    """Columbia, November 2012: 1200 kW on one August hour of the same meter, 75 % of it is billed in November."""
    meter = write_meter(
        tmp_path / "m.csv",
        "America/Chicago",
        date(2012, 1, 1),
        335,
        lambda at: 1200.0 if (at.month, at.day, at.hour) == (8, 15, 14) else 500.0,
        step_min=30,
    )
    made = told(
        "tariffs", "bill", "us-mo-columbia-industrial", "--meter", str(meter), *READ, "--month", "2012-11"
    )  # DST weekends: the repeated hour of November carries no offset
    demand = next(line for line in made["lines"] if line["charge_id"] == "demand")
    assert (demand["quantity"], demand["amount"]) == ("900.000000", "14292.00")


# --- compare -------------------------------------------------------------------------------------------------------


def test_one_meter_under_three_tariffs(meter):
    ids = ("cn-js-agency-10kv-capacity-1p5", CHEAP)
    made = told("tariffs", "compare", *ids, *ask(meter, "--present", JIANGSU))
    assert made["months"] == ["2026-08", "2026-09", "2026-10"]
    assert [one["tariff_id"] for one in made["compared"]] == [CHEAP, JIANGSU, "cn-js-agency-10kv-capacity-1p5"]
    cheap, present, dear = made["compared"]
    # 200 kW for 12 h on 65 weekdays, 100 kW else: 298 800 kWh at 0.42 + 0.09626875 and no capacity
    kwh = 92 * 24 * 100 + (21 + 22 + 22) * 12 * 100
    assert float(cheap["total"]) == pytest.approx(kwh * 0.51626875, abs=0.03)
    assert float(cheap["by_kind"]["energy"]) == pytest.approx(kwh * 0.51626875, abs=0.03)
    assert float(cheap["kind_differences"]["capacity"]) == -96000.0
    assert float(present["difference"]) == 0.0
    total = float(dear["difference"])
    assert total == pytest.approx(float(dear["total"]) - float(present["total"]))
    assert total == pytest.approx(sum(float(one) for one in dear["kind_differences"].values()))
    assert float(dear["difference_share"]) == pytest.approx(total / float(present["total"]))
    assert float(dear["total"]) == pytest.approx(sum(float(one) for one in dear["by_month"].values()))
    assert "parts_missing" in [one["code"] for one in made["findings"]]


def test_what_cannot_be_compared_is_named_with_its_reason(meter):
    ids = ("de-malchow-mv-network-2025", "cn-zj-agency-10kv-2024", "cn-gd-market-spot")
    made = told("tariffs", "compare", *ids, *ask(meter, "--month", "2026-10", "--present", JIANGSU))
    assert {one["tariff_id"]: one["code"] for one in made["not_compared"]} == {
        "de-malchow-mv-network-2025": "currency_mix",
        "cn-zj-agency-10kv-2024": "tariff_not_in_force",
        "cn-gd-market-spot": "prices_unknown",
    }
    assert "Asia/Shanghai, Europe/Berlin" in wattplan("tariffs", "compare", *ids, *ask(meter), expect=2).stderr


def test_a_customer_who_trades_does_not_get_the_agency_by_asking(meter):
    made = told(
        "tariffs", "compare", JIANGSU, "sample-flat-fixed", CHEAP, *ask(meter, "--month", "2026-10", "--present", CHEAP)
    )
    assert {one["tariff_id"]: one["code"] for one in made["not_compared"]} == {
        JIANGSU: "tariff_not_for_customer",
        "sample-flat-fixed": "tariff_not_in_force",
    }


def test_another_years_tariff_is_compared_as_if_in_force(meter):
    ids = ("cn-sd-agency-110kv-2025", "cn-sd-agency-110kv-2026")
    plainly = wattplan("tariffs", "compare", *ids, *ask(meter, "--month", "2026-10"), expect=1)
    assert "None of the tariffs can bill these months" in plainly.stdout
    done = wattplan("tariffs", "compare", *ids, *ask(meter, "--month", "2026-10", "--as-if-in-force", "--json"))
    first, second = json.loads(done.stdout)["compared"]
    assert first["total"] == second["total"]
    assert "--as-if-in-force" in done.stderr


def test_the_whole_catalogue_is_compared_for_people(meter):
    done = wattplan("tariffs", "compare", *ask(meter, "--contract-kw", "250", "--present", JIANGSU))
    assert f"{JIANGSU} (present)" in done.stdout
    assert "Not compared" in done.stdout
    assert "in another currency: de-malchow-mv-network-2025" in " ".join(done.stdout.split())
    chinese = wattplan("tariffs", "compare", CHEAP, *ask(meter, "-l", "zh", "--present", JIANGSU)).stdout
    assert "与现行之差" in chinese


def test_a_folder_is_compared(meter, folder):
    made = told("tariffs", "compare", str(folder), *ask(meter, "--present", JIANGSU, "--month", "2026-10"))
    assert {one["tariff_id"] for one in made["compared"]} == {JIANGSU, CHEAP}
