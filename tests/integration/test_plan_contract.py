"""Contract demand and ways to be billed chosen with the schedule, over the command line, against numbers worked by hand."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from domain.offers import Case
from domain.tariffs import DemandCharge, PurchaseMode, SupplyPoint
from domain.text import Text
from tests.cli_cases import told, wattplan
from tests.dr_cases import energy_only, works, written

PRICE = 36.1
KVA = 800


def charge(**fields) -> DemandCharge:
    return DemandCharge(
        charge_id="contract",
        label=Text(en="Contract demand", zh="合同需量电费"),
        price_per_kw_month=Decimal("36.1"),
        basis="contract",
        measurement_min=60,
        floor_share=Decimal("0.40"),
        **fields,
    )


def on_contract(**fields) -> Case:
    """Give the works, 800 kVA, of which 40 % are 320 kW. The month's peak is 410 kW, measured in the afternoons before."""
    plain = works(present_tariff=energy_only(charge(**fields)))
    supply = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY, capacity_kva=Decimal(KVA))
    return replace(plain, site=replace(plain.site, supply=supply))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("works") / "works.json", on_contract())


def test_the_contract_is_the_105th_part_of_the_months_peak(case: str, tmp_path: Path) -> None:
    # 410 / 1.05 = 390.5: 391 kW may be drawn up to 410.6. The planned day peaks below, so the rest of the bill is as ever.
    found = told(
        "plan", "contract", case, "--charge", "contract", "--least", "300", "--most", "500", "--out", str(tmp_path)
    )
    (chosen,) = found["outcomes"]
    (month,) = chosen["contracts"]
    assert (month["month"], Decimal(month["contract_kw"]), month["over_share"]) == ("2026-11-01", Decimal(391), 0.0)
    assert chosen["response"]["costs"]["demand_cost"] == pytest.approx(391 * PRICE, abs=0.5)
    assert chosen["bound"] <= chosen["total_cost"]
    # what whole kW cost is all that is left open
    assert chosen["total_cost"] - chosen["bound"] <= PRICE
    assert json.loads((tmp_path / "contract.json").read_text(encoding="utf-8")) == found


def test_a_declared_value_is_what_it_is_held_against(tmp_path: Path) -> None:
    declared = written(tmp_path / "declared.json", on_contract(contract_demand_kw=Decimal(450)))
    found = told("plan", "contract", declared, "--charge", "contract", "--least", "300", "--most", "500")
    assert [one["option_id"] for one in found["outcomes"]] == ["chosen", "as_written"]
    assert found["outcomes"][1]["more_than_best_cost"] == pytest.approx((450 - 391) * PRICE, abs=1.0)
    assert found["is_proven"]


def test_named_values_are_compared(case: str) -> None:
    # at 400 kW the month's 410 lie below 420; 600 is charged for nothing
    found = told("plan", "contract", case, "--charge", "contract", "--values", "400,600")
    (chosen,) = found["outcomes"]
    assert Decimal(chosen["contracts"][0]["contract_kw"]) == 400
    assert chosen["response"]["costs"]["demand_cost"] == pytest.approx(400 * PRICE, abs=0.5)


def test_ways_to_be_billed_come_cheapest_first(case: str) -> None:
    # by contract 391 × 36.1 = 14,115; by actual demand 410 × 36.1 = 14,801; by capacity 800 × 22.6 = 18,080
    ways = ("--replaces", "contract", "--per-kva", "22.6", "--per-kw", "36.1", "--measurement", "60")
    found = told("plan", "contract", case, *ways, "--least", "300", "--most", "500")
    by_id = {one["option_id"]: one["more_than_best_cost"] for one in found["outcomes"]}
    assert list(by_id) == ["contract_demand", "actual_demand", "capacity"]
    assert by_id["actual_demand"] == pytest.approx((410 - 391) * PRICE, abs=0.5 * PRICE)  # peaks to half a kW
    assert by_id["capacity"] == pytest.approx(KVA * 22.6 - 391 * PRICE, abs=2.0)
    table = wattplan("plan", "contract", case, *ways, "--least", "300", "--most", "500", "-l", "zh").stdout
    assert "按变压器容量" in table
    assert "下界已予证明" in table


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--charge", "energy", "--least", "300", "--most", "500"), 1, "no demand charge on a contract value"),
        (("--charge", "contract", "--least", "500", "--most", "300"), 1, "most_kw"),
        (("--charge", "contract"), 2, "--values"),
        (("--charge", "contract", "--least", "300"), 2, "--values"),
        (("--least", "300", "--most", "500"), 2, "--charge"),
        (("--replaces", "contract", "--least", "300", "--most", "500"), 2, "go together"),
        (("--charge", "contract", "--values", "many"), 2, "is no number"),
        # 40 % of 800 kVA are 320 kW: nothing in the range can be had
        (("--charge", "contract", "--least", "200", "--most", "319"), 1, "320 kW at least (40% of the connected kVA)"),
        (
            ("--replaces", "ghost", "--per-kva", "22", "--per-kw", "36", "--least", "300", "--most", "500"),
            1,
            "is no charge of the tariff",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(tmp_path: Path, options, code, said) -> None:
    declared = written(tmp_path / "declared.json", on_contract(contract_demand_kw=Decimal(450)))
    refused = wattplan("plan", "contract", declared, *options, expect=code)
    assert said in " ".join(refused.stderr.split())


def test_values_that_the_floor_raises_are_named(case: str) -> None:
    found = told("plan", "contract", case, "--charge", "contract", "--values", "250,300,400")
    (raised,) = [one for one in found["findings"] if one["code"] == "contract_raised_to_floor"]
    assert (raised["data"]["floor_kw"], raised["data"]["asked"]) == ("320", "250, 300 kW")
    reaching = ("plan", "contract", case, "--charge", "contract", "--least", "300", "--most", "500")
    (raised,) = [one for one in told(*reaching)["findings"] if one["code"] == "contract_raised_to_floor"]
    assert raised["data"]["asked"] == "300 … 320 kW"
    said = "".join(wattplan(*reaching, "-l", "zh").stderr.split())
    assert "低于320kW（受电容量的40%）的合同最大需量按320kW计费" in said
    above = told("plan", "contract", case, "--charge", "contract", "--least", "330", "--most", "500")
    assert "contract_raised_to_floor" not in {one["code"] for one in above["findings"]}


def test_a_connection_too_small_leaves_with_3(tmp_path: Path) -> None:
    plain = on_contract()
    small = written(tmp_path / "small.json", replace(plain, site=replace(plain.site, import_limit_kw=350.0)))
    wattplan("plan", "contract", small, "--charge", "contract", "--least", "300", "--most", "500", expect=3)
