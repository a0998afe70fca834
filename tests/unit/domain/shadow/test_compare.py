"""Real bills against ours: nothing differs that need not, and each named cause is found by recomputing."""

from decimal import Decimal

import pytest

from domain.tariffs import (
    UsageRebateCharge,
    half_up,
)
from domain.text import Language
from tests.ebill_cases import (
    DEMAND,
    ENERGY,
    FACTOR,
    RATE,
    TOTAL,
    adds_up,
    all_effects,
    billed,
    book,
    check,
    components,
    effects,
    load,
    tariff,
)
from tests.tariff_cases import tariff_of, words


def test_a_bill_made_by_the_tariffs_rules_differs_nowhere():
    made = check()
    adds_up(made)
    assert made.basis == "own_quantities"
    assert made.real_total == made.shadow_total == TOTAL
    assert all_effects(made) == []
    assert made.is_explained
    assert made.tariff_as_billed == tariff()
    labels = [line.label.en for line in made.lines]
    assert labels[:3] == ["energy purchase: peak", "energy purchase: flat", "energy purchase: valley"]
    peak = made.lines[0]
    assert (peak.real_quantity, peak.real_price, peak.places) == (123456, Decimal("0.68"), ("电费明细!4",))


def test_a_meter_that_saw_what_the_bill_bills_differs_nowhere():
    made = check(load=load())
    adds_up(made)
    assert made.basis == "meter"
    assert {effect.cause for effect in all_effects(made)} <= {"cents"}
    assert abs(made.difference) <= Decimal("0.05")


@pytest.mark.parametrize(
    ("sheets", "changed", "cause", "amount"),
    [
        # 1 100 kW, C = 1 000: C + 2 (D − 1.05 C) = 1 100 kW against D + (D − 1.05 C) = 1 150 kW, at 40
        (
            billed(demand_kw=1100, amount=44000, measured_kw=1100),
            {},
            "over_rule_contract_plus_double",
            -2000,
        ),
        (
            billed(demand_kw=1150, amount=46000, measured_kw=1100),
            {"demand": {"over_rule": "contract_plus_double"}},
            "over_rule_actual_plus_double",
            2000,
        ),
        (billed(demand_kw=1040, amount=41600), {}, "basis_actual", 1600),
        (billed(), {"demand": {"basis": "actual"}}, "basis_contract_over_rule_actual_plus_double", -1600),
        # 422 221 kWh / 1 600 kVA = 263.9, over 260: 90 % are owed
        (billed(rebated=36000), {}, "usage_rebate_applied", -4000),
        (billed(demand_kw=1000), {"demand": {"price_per_kw_month": Decimal(41)}}, "price_differs", -1000),
    ],
)
def test_demand(sheets, changed, cause, amount):
    made = check(sheets, tariff(**changed))
    adds_up(made)
    assert effects(made) == {cause: amount, "follows": half_up(amount * RATE, 2)}
    (demand,) = [line for line in made.lines if line.kind == "demand"]
    assert demand.is_explained == (cause != "price_differs")


def test_ninety_per_cent_below_the_threshold_is_another_rule():
    sheets = billed(rebated=36000)
    sheets["容需量及力调"][3][3] = 2400  # kVA: 175.9 kWh each
    made = check(sheets)
    assert effects(made)["demand_price_90_percent"] == -4000


def test_a_rebate_that_the_bill_does_not_grant():
    rebate = UsageRebateCharge(charge_id="rebate", label=words("Rebate"), of=("demand",))
    made = check(billed(), tariff_of(ENERGY, DEMAND, rebate, FACTOR))
    adds_up(made)
    assert effects(made)["usage_rebate_not_applied"] == 4000
    assert [charge.charge_id for charge in made.tariff_as_billed.charges] == ["energy", "demand", "pf"]


def test_the_forty_per_cent_floor():
    sheets = billed()
    sheets["容需量及力调"][3][3] = 3150  # kVA: 40 % are 1 260 kW, 10 400 more than the bill has
    made = check(sheets)
    assert effects(made)["floor_share_0"] == -10400


def test_two_rules_at_once_are_told_apart():
    sheets = billed(demand_kw=1100, amount=44000, measured_kw=1100, rebated=39600)
    made = check(sheets)
    adds_up(made)
    found = effects(made)
    # 1 150 kW → 1 100 kW at 40, then 10 % off 44 000
    assert found["over_rule_contract_plus_double"] == -2000
    assert found["usage_rebate_applied"] == -4400
    assert made.unexplained == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": {"floats": True}},
        {"purchase": {"floats": False}},
        {"loss": {"floats": True}, "system": {"floats": True}},
        {"purchase": {"floats": False}, "network": {"floats": True}},
    ],
)
def test_which_components_float(wrong):
    made = check(chosen=tariff(energy=components(**wrong)))
    adds_up(made)
    assert {effect.cause for effect in all_effects(made)} <= {"floating_components", "follows", "cents"}
    assert made.is_explained
    floats = [one.floats for one in made.tariff_as_billed.charges[0].components]
    assert floats == [one.floats for one in ENERGY.components]  # found out what the bill does


def test_a_price_that_the_tariff_rounds_and_the_bill_does_not():
    made = check(chosen=tariff(energy={"price_decimals": 1}))
    adds_up(made)
    # 0.40 + 0.22 → 0.6 and 0.16 + 0.22 = 0.38 → 0.4: 200 000 × 0.02 and 98 765 × −0.02
    assert effects(made)["price_decimals"] == Decimal("4000.00") - Decimal("1975.30")
    assert made.tariff_as_billed.charges[0].price_decimals is None


def test_another_months_agency_price_is_read_off_bands_that_agree():
    made = check(chosen=tariff(energy=components(purchase={"price_per_kwh": Decimal("0.4123")})))
    adds_up(made)
    # 0.0123 × (123 456 × 1.7 + 200 000 + 98 765 × 0.4) = 2 581.46 + 2 460.00 + 485.92
    assert effects(made)["component_price"] == Decimal("-5527.38")
    assert made.tariff_as_billed.charges[0].components[0].price_per_kwh == Decimal("0.4")


def test_the_penalty_price_of_those_who_left_the_market():
    sheets = book()
    for row, price, amount in ((3, "1.02", "125,925.12"), (4, "0.6", "120,000.00"), (5, "0.24", "23,703.60")):
        sheets["电费明细"][row][4], sheets["电费明细"][row][5] = price, amount
    assert "agency_price_1_5" in effects(check(sheets))


def test_one_price_alone_explains_nothing():
    made = check(chosen=tariff(energy=components(network={"price_per_kwh": Decimal("0.14")})))
    adds_up(made)
    assert made.unexplained == Decimal("-4222.21")  # 422 221 × 0.01
    (line,) = [line for line in made.lines if not line.is_explained]
    assert line.label.en == "transmission and distribution"
    (effect,) = [effect for effect in line.effects if not effect.is_explained]
    assert effect.cause == "price_differs"
    assert "0.13 / 0.14" in effect.why.say(Language.ZH)


@pytest.mark.parametrize("standard", ["cn_0.85", "cn_0.80"])
def test_another_standard_of_the_power_factor(standard):
    made = check(chosen=tariff(standard=standard))
    adds_up(made)
    assert effects(made).keys() - {"cents"} == {"standard_cn_0_90"}
    assert made.tariff_as_billed.charges[-1].standard == "cn_0.90"


def power_factor(base: str, rate: str, amount: str, factor: str = "0.91") -> dict:
    sheets = book()
    power = sheets["容需量及力调"]
    power[1][5], power[1][9] = factor, rate
    power[3][5], power[3][7] = base, amount
    first = sheets["账单概况"]
    total = TOTAL + Decimal(amount) + Decimal("449.96")
    first[3][3], first[3][4:] = str(total), []
    first[12][1], first[13][1] = amount, str(total)
    return sheets


@pytest.mark.parametrize(
    ("base", "amount", "cause"),
    [
        ("312641.10", "-468.96", "funds_in_base"),  # + 12 666.63
        ("259974.47", "-389.96", "power_not_in_base"),  # − 40 000.00
        ("272641.10", "-408.96", "funds_in_base_power_not"),
    ],
)
def test_what_the_power_factor_is_applied_to(base, amount, cause):
    made = check(power_factor(base, "-0.15%", amount))
    adds_up(made)
    assert effects(made).keys() - {"cents"} == {cause}
    assert made.is_explained


def test_an_amount_that_the_power_factor_is_applied_to_for_no_known_reason():
    made = check(power_factor("250000.00", "-0.15%", "-375.00"))
    adds_up(made)
    assert effects(made).keys() - {"cents"} == {"adjusted_amount_differs"}
    assert made.unexplained == Decimal("74.96")


def test_a_power_factor_that_is_cut_instead_of_rounded():
    # 195 000 kvarh: 422 221 / √(422 221² + 195 000²) = 0.9079, which rounds to 0.91 and is cut to 0.90: rate 0
    sheets = power_factor("299974.47", "0", "0", factor="0.90")
    sheets["容需量及力调"][2][7] = 195000
    made = check(sheets)
    assert effects(made).keys() - {"cents"} == {"power_factor_cut"}
