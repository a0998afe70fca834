"""A plan for all forecast samples against the plain one, over the command line."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.http import examples
from tests.cli_cases import told, wattplan
from tests.dr_cases import energy_only, works, written


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("works") / "works.json", works())


def test_where_nothing_is_uncertain_both_cost_the_bill_of_the_month(case: str) -> None:
    # 29 other days of November at 390 kW and 410 kW from 12:00 to 20:00, the planned day at 300 and 320 kW, and the
    # compressor's 480 kWh: 360 in the four cheap hours, 120 after them. A day has 14 hours at 0.82 and 10 at 0.46.
    price_of_day = 14 * 0.82 + 10 * 0.46
    afternoon = 20 * 8 * 0.82
    by_hand = 29 * (390 * price_of_day + afternoon) + 300 * price_of_day + afternoon + 360 * 0.46 + 120 * 0.82
    found = told("plan", "samples", case)
    value = found["value"]
    assert (found["n_planned_samples"], value["n_samples"]) == (4, 4)
    for one in ("deterministic_cost", "stochastic_cost", "believed_cost", "stochastic_tail_cost"):
        assert value[one] == pytest.approx(by_hand, rel=1e-4), one
    assert value["saving"] == pytest.approx(0.0, abs=0.5)
    assert found["stochastic"]["bound"] <= found["stochastic"]["expected_cost"] + 1e-6


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("uneven") / "uneven.json", examples.case())


def test_tail_and_mean_are_weighed_as_asked(uneven: str) -> None:
    found = told("plan", "samples", uneven, "--tail-weight", "0.4", "--tail-share", "0.5", "--samples", "12")
    value = found["value"]
    assert found["n_planned_samples"] == 6
    assert found["risk"] == {"tail_weight": 0.4, "tail_share": 0.5}
    # the dearest half costs at least the mean, and what is saved is both, weighed
    assert value["deterministic_tail_cost"] >= value["deterministic_cost"]
    assert value["saving"] == pytest.approx(
        0.6 * (value["deterministic_cost"] - value["stochastic_cost"])
        + 0.4 * (value["deterministic_tail_cost"] - value["stochastic_tail_cost"])
    )
    # the peak of the mean lies below the mean of the peaks: the plain plan's bill is not the one it was believed to be
    assert value["believed_cost"] != value["deterministic_cost"]
    costs = found["stochastic"]
    assert costs["weighed_cost"] == pytest.approx(0.6 * costs["expected_cost"] + 0.4 * costs["tail_cost"])


def test_the_tables_speak_both_languages(case: str) -> None:
    english = " ".join(wattplan("plan", "samples", case, "--tail-share", "0.25").stdout.split())
    assert "mean of the dearest 25%" in english
    assert "billed on 4 others" in english
    assert "按样本的计划节省" in wattplan("plan", "samples", case, "-l", "zh").stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--samples", "3"), 1, "3 forecast samples"),
        (("--package", "ghost"), 1, "ghost"),
        (("--tail-weight", "2"), 1, "tail_weight"),
        (("--tail-share", "0"), 1, "tail_share"),
        (("--limit-share", "2"), 2, "--limit-share"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(case: str, options, code, said) -> None:
    refused = wattplan("plan", "samples", case, *options, expect=code)
    assert said in " ".join(refused.stderr.split())


def test_a_connection_too_small_for_the_samples_leaves_with_3(tmp_path: Path) -> None:
    # the compressor needs 60 kW on the mean on top of 300
    small = works(present_tariff=energy_only())
    small = replace(small, site=replace(small.site, import_limit_kw=350.0))
    wattplan("plan", "samples", written(tmp_path / "small.json", small), expect=3)
