"""``wattplan capacity`` from files to tables."""

from datetime import date

import pytest

from tests.cli_cases import READ, told, wattplan, write_meter

SHANGHAI = "Asia/Shanghai"


def day_kw(at):
    return 300.0 if 8 <= at.hour < 18 and at.weekday() < 5 else 100.0


@pytest.fixture(scope="module")
def meter(tmp_path_factory):
    return write_meter(tmp_path_factory.mktemp("capacity") / "load.csv", SHANGHAI, date(2025, 1, 1), 365, day_kw)


def asked(meter, *more):
    return ("capacity", "--meter", str(meter), "--zone", SHANGHAI, *READ, "--kva", "500", *more)


def test_a_plan_exceeds_the_transformer_from_its_month_on(meter):
    made = told(*asked(meter, "--expansion", "line 2:2027-03:400kW:90000kWh", "--years", "3", "--power-factor", "0.9"))
    assert made["first_over_kva"] == "2027-03"
    assert len(made["years"]) == 3
    assert [one["over_kva_probability"] > 0.9 for one in made["years"]] == [False, True, True]
    # March 2026: 22 weekdays with 10 h of 200 kW above 100 kW throughout, over 500 kVA.
    assert made["months"][2]["kwh_per_kva"][1] == pytest.approx((31 * 24 * 100 + 22 * 10 * 200) / 500, rel=1e-3)
    assert made["months"][2]["peak_kva"][1] == pytest.approx(300 / 0.9, rel=1e-3)


@pytest.mark.parametrize(("language", "words"), [("en", "P(over 500 kVA)"), ("zh", "超 500 kVA 概率")])
def test_the_table_speaks_both_languages(meter, language, words):
    done = wattplan(*asked(meter, "-l", language, "--contract-kw", "250"))
    assert words in done.stdout
    assert "2030-01" in done.stdout


def test_half_a_year_is_refused_in_words(tmp_path):
    short = write_meter(tmp_path / "short.csv", SHANGHAI, date(2025, 1, 1), 181, day_kw)
    done = wattplan(*asked(short), expect=1)
    assert "capacity_year_not_known" in done.stderr


def test_a_power_factor_in_per_cent_is_refused(meter):
    done = wattplan(*asked(meter, "--power-factor", "92"), expect=1)
    assert "0.92" in done.stderr
