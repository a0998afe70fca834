"""Real bills against ours: nothing differs that need not, and each named cause is found by recomputing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.shadow.compare import EBillCurrencyError, EBillPeriodError, check_bill
from domain.shadow.own_load import EBillBandsUnknownError, EBillNoEnergyError
from domain.tariffs import (
    BilledLoad,
    CapacityCharge,
    FixedCharge,
    PurchaseMode,
    TariffNotForCustomerError,
    UsageRebateCharge,
    half_up,
)
from domain.text import Language
from domain.time import TimeGrid
from tests.ebill_cases import (
    DEMAND,
    ENERGY,
    FACTOR,
    TOTAL,
    adds_up,
    all_effects,
    book,
    check,
    codes,
    effects,
    load,
    part,
    read,
    supply,
    tariff,
)
from tests.tariff_cases import tariff_of, words

BASE = Decimal("299974.47")
RATE = Decimal("-0.0015")


def billed(
    *, demand_kw: object = 1000, amount: object = 40000, measured_kw: object = 1040, rebated: object = None
) -> dict:
    """Give the bill with another demand charge; power factor, first page and total follow."""
    sheets = book()
    owed = Decimal(str(rebated if rebated is not None else amount))
    base = BASE + owed - 40000
    factor = half_up(base * RATE, 2)
    power = sheets["容需量及力调"]
    power[1][1], power[2][1], power[3][1] = demand_kw, measured_kw, amount
    power[3][5], power[3][7] = str(base), str(factor)
    if rebated is not None:
        power[3] += ["折扣需量电费", rebated]
    first = sheets["账单概况"]
    total = TOTAL + owed - 40000 + factor + Decimal("449.96")
    first[3][3], first[3][4:] = str(total), []
    first[9][1], first[12][1], first[13][1] = str(Decimal("54888.73") + owed), str(factor), str(total)
    return sheets


def components(**changed: object) -> dict:
    """Give the energy charge's components, some changed: ``purchase={"floats": False}``."""
    names = ("purchase", "loss", "network", "system", "fund")
    return {
        "components": tuple(
            replace(one, **changed.get(name, {})) for name, one in zip(names, ENERGY.components, strict=True)
        )
    }


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
    assert line.label.en.startswith("transmission and distribution")
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


def test_losses_that_our_meter_does_not_see():
    made = check(load=load(flat="198000"))
    adds_up(made)
    found = effects(made)
    # 2 000 kWh of transformer losses in the flat band: 0.40 + 0.01 + 0.13 + 0.05 + 0.03
    assert found["losses"] == 1240
    assert made.is_explained


def test_kwh_passed_on_to_another_meter():
    sheets = book()
    for row, share in ((3, 30000), (4, 10000), (5, 10000), (6, 10000)):
        sheets["电量明细"][row][4] += share
        sheets["电量明细"][row][7] = -share
        sheets["电量明细"][row][2] += share / 1000
    made = check(sheets, load=load(peak="133456", flat="208000", valley="108765"))
    adds_up(made)
    assert {"losses_and_adjustment"} <= effects(made).keys()
    assert made.is_explained


def test_what_registers_cannot_resolve():
    made = check(load=load(flat="199999.2", valley="98764.3"))
    adds_up(made)
    assert {"register_resolution"} <= effects(made).keys()
    assert made.is_explained
    assert abs(made.difference) < 2


def test_kwh_that_differ_are_flagged_with_both_numbers():
    made = check(load=load(valley="98000"))
    adds_up(made)
    # 765 kWh at 0.16 + 0.22
    assert made.unexplained == Decimal("290.70")
    assert {effect.cause for effect in all_effects(made) if not effect.is_explained} == {"quantity_differs"}
    assert any("98765 / 98000" in effect.why.en for effect in all_effects(made))


def test_a_forgotten_multiplier():
    made = check(load=load(peak="123.456", flat="200", valley="98.765", demand="1.04"))
    adds_up(made)
    assert "multiplier" in effects(made)
    assert made.is_explained


@pytest.mark.parametrize(("shift", "cause"), [(1, "labels_are_end"), (-1, "labels_are_start")])
def test_time_labels_read_the_wrong_way(shift, cause):
    right = load(before=4, after=4)
    shifted = TimeGrid(start=right.grid.at(shift), step_min=15, n_steps=right.grid.n_steps)
    made = check(load=BilledLoad(grid=shifted, import_kw=right.import_kw))
    adds_up(made)
    assert cause in effects(made)
    assert made.is_explained


def test_a_demand_that_our_meter_does_not_see_is_flagged():
    made = check(load=load(demand="1100"))  # the bill's register has 1 040
    adds_up(made)
    assert effects(made)["demand_measured"] == -6000  # 1 150 kW → 1 000 kW
    assert made.unexplained == -6000


def test_another_measuring_interval_must_give_the_printed_demand():
    flat = load(demand="1100")
    values = flat.import_kw.copy()
    values[0, 37] = 600.0  # with the 1 100 kW of the quarter-hour before it: 850 kW over the half-hour
    seen = BilledLoad(grid=flat.grid, import_kw=values)
    chosen = tariff(demand={"basis": "actual"})
    found = check(billed(demand_kw=850, amount=34000, measured_kw=850), chosen, load=seen)
    adds_up(found)
    assert effects(found)["measurement_min_30"] == -10000
    found = check(billed(demand_kw=860, amount=34400, measured_kw=860), chosen, load=seen)
    adds_up(found)
    assert effects(found)["demand_measured"] == -9600


def test_charges_on_one_bill_only_are_flagged():
    sheets = book()
    sheets["电费明细"].append(["退补电费", "上月电量退补", "总", None, None, -100])
    sheets["账单概况"][3][3] = "312,091.14"
    chosen = tariff_of(
        *tariff().charges, FixedCharge(charge_id="fee", label=words("Fee"), amount_per_month=Decimal(25))
    )
    made = check(sheets, chosen)
    adds_up(made)
    assert effects(made) == {"not_in_tariff": -100, "not_on_bill": -25}
    assert not made.is_explained


def test_demand_against_capacity():
    capacity = CapacityCharge(charge_id="capacity", label=words("Capacity"), price_per_kva_month=Decimal(25))
    made = check(chosen=tariff_of(ENERGY, capacity, FACTOR))
    adds_up(made)
    found = effects(made)
    assert found["not_in_tariff"] == 40000 - 0
    assert found["not_on_bill"] == -40000  # 1 600 kVA × 25
    assert {line.kind for line in made.lines if not line.is_explained} == {"demand", "capacity"}


def test_rows_that_do_not_reach_the_printed_amount_leave_a_remainder():
    sheets = book()
    sheets["账单概况"][3][3] = "312,200.00"
    sheets["账单概况"][13][1] = 312200
    made = check(sheets)
    adds_up(made)
    assert made.real_total == Decimal("312200.00")
    assert effects(made) == {"no_row": Decimal("8.86")}
    assert "ebill_total_amount" in codes(made.findings)


def test_an_adjustment_of_the_first_page_only_counts_where_the_amount_needs_it():
    sheets = book()
    sheets["账单概况"].insert(12, ["退补电费", -500])
    sheets["账单概况"][3][3] = "311,691.14"
    sheets["账单概况"][14][1] = 311691.14
    made = check(sheets)
    adds_up(made)
    assert effects(made) == {"not_in_tariff": -500}


@pytest.mark.parametrize(("beside", "code"), [(False, "ebill_market_fees_inside"), (True, "ebill_market_fees_beside")])
def test_market_fees_count_only_where_the_amount_needs_them(beside, code):
    sheets = book()
    sheets["市场化运营费"] = [
        ["市场化运营费明细"], ["运营费用名称", "金额"], ["B1偏差考核", 300], ["C1返还", -100],
    ]  # fmt: skip
    if beside:
        sheets["账单概况"][3][3] = "312,391.14"
        sheets["账单概况"][13][1] = 312391.14
    made = check(sheets)
    adds_up(made)
    assert code in codes(made.findings)
    assert made.real_total == TOTAL + (200 if beside else 0)


def test_demand_among_the_charges_and_in_its_own_table_counts_once():
    sheets = book()
    sheets["电费明细"] += [
        ["(6)输配需量电费", "需量电费", "总", None, None, 40000],
        ["(7)功率因数调整电费", None, "总", None, None, -449.96],
    ]
    made = check(sheets)
    adds_up(made)
    assert made.real_total == TOTAL
    assert all_effects(made) == []


def test_an_amount_that_is_not_its_product_is_flagged():
    sheets = book()
    sheets["电费明细"][8][5] = 55888.73
    sheets["账单概况"][3][3] = "313,191.14"
    sheets["账单概况"][13][1] = 313191.14
    made = check(sheets)
    adds_up(made)
    assert effects(made)["printed_arithmetic"] == 1000
    assert "ebill_charge_product" in codes(made.findings)


def test_a_first_page_alone_is_compared_by_amounts():
    sheets = book()
    only = {"账单概况": sheets["账单概况"], "电量明细": sheets["电量明细"]}
    only["账单概况"].insert(12, ["输配需量电费", 40000])
    only["账单概况"][9][1] = 54888.73
    known = supply(contract_demand_kw=Decimal(1000), power_factor=Decimal("0.91"))
    made = check_bill(read(only), tariff(), known)
    adds_up(made)
    assert made.real_total == TOTAL
    assert made.is_explained


def test_prices_cut_to_the_digits_that_are_printed():
    sheets = book()
    sheets["电费明细"][8][4:6] = [0.1299, 54846.51]  # 422 221 × 0.1299
    sheets["账单概况"][3][3] = "312,148.92"
    sheets["账单概况"][13][1] = 312148.92
    made = check(sheets, tariff(energy=components(network={"price_per_kwh": Decimal("0.129918")})))
    assert effects(made)["printed_price_rounded"] == Decimal("-7.60")  # 422 221 × 0.000018


def test_a_tariff_that_lumps_parts_or_prints_band_prices():
    lumped = tariff(
        energy={
            "components": (
                part("代理购电价格", "0.40", floats=True),
                part("其他各项", "0.19"),
                part("政府性基金及附加", "0.03", fund=True),
            )
        }
    )
    assert all_effects(check(chosen=lumped)) == []
    printed = tariff(
        energy={
            "components": (),
            "factors": {},
            "band_prices": {"peak": Decimal("0.90"), "flat": Decimal("0.62"), "valley": Decimal("0.38")},
        }
    )
    made = check(chosen=printed)
    adds_up(made)
    assert effects(made) == {"funds_not_in_base": Decimal("19.00")}  # 12 666.63 × 0.0015, unmarked in the tariff


def test_a_market_customer_is_not_priced_with_the_agencys_factors():
    sheets = book()
    sheets["账单概况"][2][5] = "市场化零售用户"
    chosen = replace(tariff(), purchase_modes=(PurchaseMode.GRID_AGENCY,))
    ebill = read(sheets)
    with pytest.raises(TariffNotForCustomerError):
        check_bill(ebill, chosen, replace(supply(), purchase_mode=ebill.purchase_mode))


def test_what_cannot_be_compared_is_refused_by_name():
    sheets = book()
    sheets["账单概况"][2][0] = "账单周期：2026-09-26至2026-10-25"
    with pytest.raises(EBillPeriodError):
        check(sheets, load=load())
    assert check(sheets).is_explained  # prices and rules need no calendar month
    with pytest.raises(EBillCurrencyError):
        check(chosen=replace(tariff(), currency="EUR"))
    sheets = book()
    sheets["电费明细"][3][2] = "尖峰"
    with pytest.raises(EBillBandsUnknownError) as caught:
        check(sheets)
    assert "sharp" in caught.value.say()
    nothing = {"账单概况": [["户号：1"], ["账单周期：2026-10"], ["本期电费：100"]]}
    with pytest.raises(EBillNoEnergyError):
        check(nothing)
