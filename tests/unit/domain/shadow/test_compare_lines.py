"""Which rows of a bill are lines: each once, none lost, those of one bill only flagged, what cannot be is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.shadow.compare import EBillCurrencyError, EBillPeriodError, check_bill
from domain.shadow.own_load import EBillBandsUnknownError, EBillNoEnergyError
from domain.tariffs import (
    CapacityCharge,
    FixedCharge,
    PurchaseMode,
    TariffNotForCustomerError,
    half_up,
)
from tests.ebill_cases import (
    ENERGY,
    FACTOR,
    TOTAL,
    adds_up,
    all_effects,
    book,
    check,
    codes,
    components,
    effects,
    load,
    part,
    read,
    supply,
    tariff,
)
from tests.tariff_cases import tariff_of, words


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


def two_points() -> dict:
    """Give the bill split over its meter and a 3 % fixed-ratio point; headings are printed once, as bills do."""
    sheets = book()
    passed_on = {"峰": 3704, "平": 6000, "谷": 2962}
    kwh = {"峰": 123456, "平": 200000, "谷": 98765}
    point = "电能表编号：定比0.03，电价：1-10(20)千伏两部制，上级电能表编号：0012345678901"
    rows = sheets["电量明细"]
    for row, part_kwh in zip(rows[3:7], (12666, *passed_on.values()), strict=True):
        row[7], row[8] = -part_kwh, row[8] - part_kwh
    rows.append([point])
    rows += [[f"正向有功({band})", *[None] * 3, one, None, None, None, one] for band, one in passed_on.items()]
    charges = [sheets["电费明细"][0], [sheets["电费明细"][1][0]], sheets["电费明细"][2]]
    first = {band: kwh[band] - passed_on[band] for band in kwh}
    for heading, bands in ((None, first), (point, passed_on)):
        charges += [[heading]] if heading else []
        for band, price in (("峰", "0.68"), ("平", "0.40"), ("谷", "0.16")):
            charges.append(["(1)代理购电电费", "代理购电电费", band, bands[band], price, cents(bands[band], price)])
        for category, price in (("(2)上网环节线损费用", "0.01"), ("(3)输配电量电费", "0.13"), ("(4)系统运行费用", "0.05"), ("(5)政府性基金及附加", "0.03")):  # fmt: skip
            whole = sum(bands.values())
            charges.append([category, None, "总", whole, price, cents(whole, price)])
    sheets["电费明细"] = charges
    return sheets


def cents(kwh: int, price: str) -> str:
    return str(half_up(kwh * Decimal(price), 2))


def test_a_meter_and_its_fixed_ratio_point_add_up_and_nothing_counts_twice():
    made = check(two_points())
    adds_up(made)
    assert made.real_total == TOTAL
    assert {effect.cause for effect in all_effects(made)} <= {"cents"}
    assert "ebill_total_kwh" not in codes(made.findings)
    peak = made.lines[0]
    assert (peak.real_quantity, len(peak.places)) == (123456, 2)


def test_a_point_under_another_tariff_is_flagged_and_not_priced_with_this_one():
    sheets = two_points()
    rows = sheets["电费明细"]
    at = next(number for number, row in enumerate(rows) if str(row[0]).startswith("电能表编号：定比"))
    sheets["电费明细"] = [*rows[: at + 1], ["目录电费", "基础电费", "总", 12666, 0.558, 7067.63]]
    sheets["账单概况"][3][3] = None
    sheets["账单概况"][6:] = []
    sheets["容需量及力调"] = []
    made = check_bill(read(sheets), tariff(), supply(contract_demand_kw=Decimal(1000), power_factor=Decimal("0.91")))
    adds_up(made)
    assert made.lines[0].real_quantity == 123456 - 3704
    assert effects(made)["not_in_tariff"] == Decimal("7067.63")
