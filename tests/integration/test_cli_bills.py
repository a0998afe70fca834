"""Bills on the command line: one tariff, a year, many tariffs side by side; as a hand would work them out."""

import json
from datetime import date
from pathlib import Path

import pytest

from api.http import examples
from domain.catalogue import any_tariff
from domain.files.tariff_files import write_tariff
from domain.time import TimeGrid
from tests.cli_cases import CHEAP, JIANGSU, READ, ask, told, wattplan, write_meter


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


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in (JIANGSU, "no-sample-three-peaks"):
        (tmp_path / f"{name}.yaml").write_text(write_tariff(any_tariff(name)), encoding="utf-8")
    package = f"package:\n  package_id: {CHEAP}\n  name: {{en: Fixed, zh: 固定}}\n  tariff_id: {CHEAP}\n"
    (tmp_path / "package.yaml").write_text(package, encoding="utf-8")
    (tmp_path / "fixed.yaml").write_text(write_tariff(any_tariff(CHEAP)), encoding="utf-8")
    return tmp_path


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


def test_holes_are_filled_only_when_asked_and_said(meter, tmp_path):
    """Two quarters of 100 kW are gone between 100 and 100 kW: filled by their neighbours, the bill is what it was."""
    rows = meter.read_text(encoding="utf-8").splitlines()
    holed = tmp_path / "holed.csv"
    kept = [row for row in rows if "2026-09-06 03:00" not in row and "2026-09-06 03:15" not in row]
    assert len(kept) == len(rows) - 2
    holed.write_text("\n".join(kept) + "\n", encoding="utf-8")
    options = ("--month", "2026-09", "--capacity-kva", "500", "--power-factor", "0.9", *READ)
    whole = told("tariffs", "bill", JIANGSU, "--meter", str(meter), *options)
    refused = wattplan("tariffs", "bill", JIANGSU, "--meter", str(holed), *options, expect=1)
    assert "--fill" in refused.stderr
    filled = wattplan("tariffs", "bill", JIANGSU, "--meter", str(holed), *options, "--fill", "interval_mean", "--json")
    assert json.loads(filled.stdout)["total"] == whole["total"]
    assert "rule interval_mean" in " ".join(filled.stderr.split())
    wrong = wattplan("bill", "--tariff", JIANGSU, "--meter", str(holed), *options, "--fill", "best", expect=2)
    assert "like_days" in wrong.stderr
