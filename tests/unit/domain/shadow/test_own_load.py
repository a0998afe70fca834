"""A load made of a bill's own kWh and kW is billed as exactly those."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.shadow.compare import check_bill
from domain.shadow.ebill import BilledCharge, EBill, Overview, PowerBlock, RowPlace
from domain.shadow.own_load import own_question
from domain.tariffs import bill
from tests.ebill_cases import book, codes, read, supply, tariff

PLACE = RowPlace(sheet="s", row=1)
kwh = st.decimals(Decimal(0), Decimal(60_000_000), places=3)


def ebill_of(band_kwh: dict[str, Decimal], **block: Decimal) -> EBill:
    base = read()
    charges = tuple(
        BilledCharge(place=PLACE, category="代理购电电费", band=band, quantity=one, unit_price=Decimal(1), amount=one)
        for band, one in band_kwh.items()
    )
    return EBill(
        account_no="1",
        period_start=base.period_start,
        period_end=base.period_end,
        overview=Overview(amount=Decimal(1), power_factor=Decimal("0.9")),
        charges=charges,
        blocks=(PowerBlock(place=PLACE, contract_demand_kw=Decimal(1), **block),),
    )


@pytest.mark.slow
@given(peak=kwh, flat=kwh, valley=kwh, share=st.integers(105, 300))
@settings(max_examples=20, deadline=None)
def test_every_kwh_and_the_peak_come_back_to_the_last_digit(peak, flat, valley, share):
    band_kwh = {"peak": peak + 3000, "flat": flat + 3000, "valley": valley + 3000}
    demand_kw = round(sum(band_kwh.values()) / 744 * share / 100, 6)
    own = own_question(ebill_of(band_kwh, measured_demand_kw=demand_kw), tariff(demand={"basis": "actual"}), supply())
    made = bill(own.load, own.tariff, own.supply, read().month)
    quantities = {line.label.en.removeprefix("Energy: "): line.quantity for line in made.lines if line.kind == "energy"}
    assert quantities == band_kwh
    (demand,) = [line.quantity for line in made.lines if line.kind == "demand"]
    if "ebill_peak_not_placed" in codes(own.findings):  # quarter-hours of a day cannot follow every load factor
        assert share < 115 or demand_kw > max(band_kwh.values())
    else:
        assert demand == demand_kw


def test_a_band_of_the_calendar_without_kwh_bills_nothing():
    own = own_question(ebill_of({"flat": Decimal(5000)}), tariff(demand={"basis": "actual"}), supply())
    made = bill(own.load, own.tariff, own.supply, read().month)
    found = {line.label.en.removeprefix("Energy: "): line.quantity for line in made.lines if line.kind == "energy"}
    assert found == {"peak": 0, "flat": 5000, "valley": 0}
    assert codes(own.findings) == ["ebill_demand_unknown"]


def test_a_demand_below_the_mean_power_is_said():
    sheets = book()
    sheets["容需量及力调"][2][1] = 400  # kW; 422 221 kWh of 744 h are 567.5 kW
    made = check_bill(read(sheets), tariff(), supply())
    assert "ebill_peak_not_placed" in codes(made.findings)
