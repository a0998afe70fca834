"""``wattplan patterns``, and the patterns of two real plants."""

import csv
import gzip
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from domain import catalogue
from domain.tariffs import PurchaseMode, SupplyPoint
from domain.text import Language
from domain.time import Calendar
from forecasting.patterns import Billing, diagnose
from tests.cli_cases import READ, told, wattplan, write_meter
from tests.pattern_cases import by_shift
from tests.realdata import REAL_DATA
from tests.tariff_cases import SHANGHAI

FOLDER = REAL_DATA / "normalised"
DEMAND = "cn-js-agency-10kv-contract-demand"


@pytest.fixture(scope="module")
def autumn(tmp_path_factory):
    """August to October 2026, with a spike on 15 September."""

    def load(at):
        return 500.0 if at.date() == date(2026, 9, 15) and at.hour == 14 else by_shift(at)

    return write_meter(tmp_path_factory.mktemp("m") / "m.csv", SHANGHAI, date(2026, 8, 1), 92, load, step_min=15)


def asked(meter, *more):
    supply = ("--tariff", DEMAND, "--contract-kw", "250", "--power-factor", "0.90", "--country", "CN")
    return ("patterns", "--meter", str(meter), *READ, *supply, *more)


def test_patterns_as_json_in_both_languages(autumn):
    plain = told(*asked(autumn))
    assert plain["n_billed_months"] == 3
    assert plain["currency"] == "CNY"
    assert [one["peak_kw"] for one in plain["peaks"]] == [300, 500, 300]
    spike = plain["peaks"][1]["found"]
    assert "500 kW" in spike["words"]["en"]
    assert "500 kW" in spike["words"]["zh"]
    # 200 kW above the contract's 250 kW at twice 51.2, and 200 kWh of 14 to 15 h, which is flat: 0.64 per kWh
    assert Decimal(spike["saving"]) == Decimal("20480.00") + Decimal("128.00")


@pytest.mark.parametrize(("language", "word"), [("en", "working days"), ("zh", "工作日")])
def test_patterns_as_tables_and_as_a_page(autumn, tmp_path, language, word):
    page = tmp_path / "sub" / "p.html"
    done = wattplan(*asked(autumn, "--candidates", "--language", language, "--out", str(page)))
    assert word in done.stdout
    assert "cn-js-day-ahead-invited" in done.stdout
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 2
    assert word in text
    assert "http://" not in text.replace("http://www.w3.org", "")


def test_without_a_tariff_there_is_no_money(autumn):
    plain = told("patterns", "--meter", str(autumn), *READ, "--zone", SHANGHAI)
    assert plain["billed_cost"] is None
    assert {one["saving"] for one in plain["findings"]} <= {None}
    assert plain["peaks"][1]["found"]["saving"] is None


def test_too_short_a_meter_is_refused(tmp_path):
    meter = write_meter(tmp_path / "m.csv", SHANGHAI, date(2026, 8, 1), 10, by_shift)
    done = wattplan("patterns", "--meter", str(meter), *READ, "--zone", SHANGHAI, expect=1)
    assert "history_too_short" in done.stderr


def real(name, country, contract_kw, reactive=False):
    from tests.integration.test_forecast_real import meter_of  # noqa: PLC0415 -- its folder may be absent

    meter, zone = meter_of(name)
    if reactive:
        with gzip.open(FOLDER / f"{name}.csv.gz", "rt") as lines:
            kvarh = np.array([float(row["reactive_kvarh"]) for row in csv.DictReader(lines)])
        meter = replace(meter, reactive_kvar=kvarh * 4)
    supply = SupplyPoint(
        purchase_mode=PurchaseMode.GRID_AGENCY,
        contract_demand_kw=Decimal(contract_kw),
        power_factor=Decimal("0.90"),
    )
    tariff = replace(catalogue.tariff(DEMAND), zone=zone)
    billing = Billing(tariff=tariff, supply=supply, as_if_in_force=True)
    return diagnose(meter, zone=zone, calendar=Calendar(country=country), billing=billing)


@pytest.mark.realdata
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the optional real-data folder is absent")
def test_the_steel_plant():
    """Its first weeks ran at night too; it misses 0.90 in summer and autumn; its standstill is in August."""
    seen = real("steel", "KR", 500, reactive=True)
    assert [f"{one.week}" for one in seen.changes] == ["2018-02-12"]
    assert seen.changes[0].change_kw < -50
    assert [one.month.month for one in seen.low_months] == [6, 8, 9, 10]
    stood = [one for one in seen.findings if one.code == "pattern_standstill"]
    assert {one.finding.data["first"] for one in stood} >= {"2018-08-01"}
    assert len(seen.peaks) == 12
    assert max(one.peak_kw for one in seen.peaks) == 628.72
    assert 10 < seen.levels.base_kw < 14
    for one in seen.findings:
        assert one.finding.say(Language.ZH) != one.finding.say(Language.EN)


@pytest.mark.realdata
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the optional real-data folder is absent")
def test_the_metalworking_plant():
    """A quarter of its running level never stops; the best weeks show that a sixth of that need not be."""
    seen = real("metalworking", "DE", 800)
    base = next(one for one in seen.findings if one.code == "pattern_base_above_best")
    assert 150 < base.finding.data["base_kw"] < 170
    assert 125 < base.finding.data["best_kw"] < 145
    assert base.saving is not None
    assert 0.5 < float(base.saving) / base.energy_kwh < 1.2
    christmas = [one for one in seen.findings if one.code == "pattern_standstill"]
    assert {one.finding.data["first"] for one in christmas} == {"2018-01-01", "2018-12-22"}
    assert seen.changes == ()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three day shifts, three plants that never stop, and one meter of three days."""
    made = tmp_path_factory.mktemp("meters")
    for n in range(1, 4):
        write_meter(made / f"day{n}.csv", SHANGHAI, date(2026, 8, 3), 28, lambda at, n=n: n * by_shift(at) + at.hour)
        write_meter(made / f"round{n}.csv", SHANGHAI, date(2026, 8, 3), 28, lambda at, n=n: n * 500 + at.hour + at.day)
    write_meter(made / "short.csv", SHANGHAI, date(2026, 8, 3), 3, by_shift)
    return made


def test_segments_of_a_folder(folder):
    plain = told("segments", "--meters", str(folder), *READ, "--zone", SHANGHAI)
    assert {frozenset(one["members"]) for one in plain["segments"]} == {
        frozenset({"day1.csv", "day2.csv", "day3.csv"}),
        frozenset({"round1.csv", "round2.csv", "round3.csv"}),
    }
    assert set(plain["left_out"]) == {"short.csv"}
    done = wattplan("segments", "--meters", str(folder), *READ, "--zone", SHANGHAI, "--language", "zh")
    assert "白班" in done.stdout
    assert "short.csv" in done.stderr


def test_segments_of_no_folder_are_refused(tmp_path):
    wattplan("segments", "--meters", str(tmp_path / "none"), "--zone", SHANGHAI, expect=2)
    done = wattplan("segments", "--meters", str(tmp_path), "--zone", SHANGHAI, expect=1)
    assert "too_few_customers" in done.stderr
