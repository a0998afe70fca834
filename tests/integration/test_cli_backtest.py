"""``wattplan backtest`` as people call it."""

import csv
import gzip
import json
from datetime import date

import numpy as np
import pytest

from tests.cli_cases import READ, told, wattplan, write_meter
from tests.synthetic_load import BERLIN

pytestmark = pytest.mark.slow
N_DAYS = 60


@pytest.fixture(scope="module")
def meter(tmp_path_factory):
    """A shift plant with noise, hourly, over the day on which the clock goes forward."""
    random = np.random.default_rng(5)

    def kw(at):
        shift = 200.0 if at.weekday() < 5 and 6 <= at.hour < 18 else 0.0
        return round(100.0 + shift + float(random.normal(0, 5)), 3)

    return write_meter(tmp_path_factory.mktemp("meter") / "plant.csv", BERLIN, date(2024, 2, 5), N_DAYS, kw)


def asked(meter, *more: str) -> tuple[str, ...]:
    return ("backtest", "--meter", str(meter), "--zone", BERLIN, *READ, *more)


def test_noon_and_midnight_and_their_scores(meter):
    noon = told(*asked(meter, "--days", "6"))
    midnight = told(*asked(meter, "--days", "6", "--issue", "00:00"))
    assert (noon["issue"], noon["n_origins"], noon["horizon_days"]) == ("12:00", 6, 1)
    assert noon["first_issued_at"] == "2024-03-29T11:00:00+00:00"
    assert noon["last_issued_at"] == "2024-04-03T10:00:00+00:00"  # the clock has gone forward between
    assert midnight["last_issued_at"] == "2024-04-03T22:00:00+00:00"
    assert list(noon["scores"]) == ["own", "last_week", "four_weeks"]
    # Both naive forecasts look whole weeks back, so half a day more is nothing to them.
    for name in ("last_week", "four_weeks"):
        assert noon["scores"][name]["mae_kw"] == midnight["scores"][name]["mae_kw"]
    # Normal noise of 5 kW: its mean size is 4 kW, that of a difference of two of them 5.6 kW.
    assert noon["scores"]["last_week"]["n_steps"] == 23 + 5 * 24
    assert 3 < noon["scores"]["own"]["mae_kw"] < 9
    for name in noon["scores"]:
        assert noon["scores"][name]["pinball_kw"]["0.5"] == pytest.approx(noon["scores"][name]["mae_kw"] / 2)


def test_a_folder_with_report_scores_and_forecasts(meter, tmp_path):
    out = tmp_path / "deep" / "out"
    said = wattplan(*asked(meter, "--days", "3", "--horizon", "2", "--delay", "60", "--out", str(out), "-l", "zh"))
    assert "本预测" in said.stdout
    page = (out / "backtest.html").read_text(encoding="utf-8")
    assert 'lang="zh-Hans"' in page
    assert page.count("<svg") == 6
    scores = json.loads((out / "scores.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(gzip.decompress((out / "forecasts.csv.gz").read_bytes()).decode().splitlines()))
    assert len(rows) == 3 * 3 * 48
    for name, one in scores["scores"].items():
        of_it = [row for row in rows if row["forecaster"] == name]
        off_kw = [abs(float(row["actual_kw"]) - float(row["p50_kw"])) for row in of_it]
        assert np.mean(off_kw) == pytest.approx(one["mae_kw"], abs=2e-3)
        inside = [float(row["p10_kw"]) <= float(row["actual_kw"]) <= float(row["p90_kw"]) for row in of_it]
        assert np.mean(inside) == pytest.approx(one["coverage_share"]["80"], abs=0.02)


def test_processes_change_no_score(meter):
    assert told(*asked(meter, "--days", "2", "--workers", "2")) == told(*asked(meter, "--days", "2"))


def test_bad_questions_are_refused_by_name(meter, tmp_path):
    assert "--issue is 'noon'" in wattplan(*asked(meter, "--issue", "noon"), expect=2).stderr
    assert "--issue is '12:00:30'" in wattplan(*asked(meter, "--issue", "12:00:30"), expect=2).stderr
    assert "--zone" in wattplan("backtest", "--meter", str(meter), expect=2).stderr
    short = write_meter(tmp_path / "short.csv", BERLIN, date(2024, 2, 5), 10, lambda at: at.hour)
    assert "backtest_without_origins" in wattplan(*asked(short), expect=1).stderr


def test_a_constant_meter_says_why_nothing_is_scored(tmp_path):
    flat = write_meter(tmp_path / "flat.csv", BERLIN, date(2024, 2, 5), 30, lambda _: 50)
    refused = wattplan(*asked(flat, "--days", "2"), expect=1).stderr
    assert "backtest_nothing_scored" in refused
    assert "never moves" in refused
