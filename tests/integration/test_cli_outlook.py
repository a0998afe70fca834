"""``wattplan outlook`` from files to tables."""

from datetime import date

import pytest

from api.cli.outlook_plans import read_expansion
from tests.cli_cases import JIANGSU, READ, told, wattplan, write_meter

SHANGHAI = "Asia/Shanghai"


def day_kw(at):
    return 300.0 if 8 <= at.hour < 18 and at.weekday() < 5 else 100.0


@pytest.fixture(scope="module")
def meter(tmp_path_factory):
    return write_meter(tmp_path_factory.mktemp("outlook") / "load.csv", SHANGHAI, date(2025, 1, 1), 365, day_kw)


def test_json_without_a_tariff(meter):
    made = told("outlook", "--meter", str(meter), "--zone", SHANGHAI, *READ, "--months", "3")
    assert [one["month"] for one in made["months"]] == ["2026-01", "2026-02", "2026-03"]
    # March 2026: 22 weekdays with 10 h of 200 kW above 100 kW throughout.
    march = made["months"][2]
    assert march["total_kwh"][1] == pytest.approx(31 * 24 * 100 + 22 * 10 * 200)
    assert march["peak_kw"][1] == pytest.approx(300)
    assert march["band_kwh"] == {"all": march["total_kwh"]}
    assert {one["code"] for one in made["findings"]} >= {"outlook_growth_unknown", "outlook_peak_coarse"}


def test_bands_of_a_tariff_add_up_to_the_total(tmp_path):
    meter = write_meter(tmp_path / "half.csv", SHANGHAI, date(2025, 1, 1), 365, day_kw, step_min=30)
    made = told("outlook", "--meter", str(meter), "--tariff", JIANGSU, *READ)
    first = made["months"][5]
    assert set(first["band_kwh"]) >= {"peak", "flat", "valley"}
    assert sum(one[1] for one in first["band_kwh"].values()) == pytest.approx(first["total_kwh"][1], rel=1e-6)


@pytest.mark.parametrize(("language", "words"), [("en", "peak kW"), ("zh", "峰值 kW")])
def test_the_table_speaks_both_languages(meter, language, words):
    done = wattplan("outlook", "--meter", str(meter), "--zone", SHANGHAI, *READ, "-l", language)
    assert words in done.stdout
    assert "2026-12" in done.stdout


def test_two_months_are_refused_in_words(tmp_path):
    short = write_meter(tmp_path / "short.csv", SHANGHAI, date(2025, 1, 1), 59, day_kw)
    done = wattplan("outlook", "--meter", str(short), "--zone", SHANGHAI, *READ, expect=1)
    assert "outlook_history_too_short" in done.stderr


def test_a_plan_is_read_with_what_it_says():
    plan, assumed = read_expansion("line 2:2027-03-15:400kW:60000kWh:70%")
    assert (plan.name, plan.starts, plan.adds_kw, plan.adds_kwh_per_month) == ("line 2", date(2027, 3, 15), 400, 60000)
    assert plan.probability == pytest.approx(0.7)
    assert not assumed


def test_a_plan_without_energy_is_taken_at_half_its_load_and_that_is_said(meter):
    made = wattplan("outlook", "--meter", str(meter), "--zone", SHANGHAI, *READ, "--expansion", "oven:2026-03:100kW")
    assert "36,500 kWh" in made.stderr


def test_a_plan_that_cannot_be_read_is_refused(meter):
    done = wattplan(
        "outlook", "--meter", str(meter), "--zone", SHANGHAI, *READ, "--expansion", "oven:soon:100kW", expect=2
    )
    assert "2027-03:400kW" in done.stderr
