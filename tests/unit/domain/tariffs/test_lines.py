from decimal import Decimal

import pytest

from domain.tariffs import BandCalendar, band_fund_per_kwh, band_price_per_kwh
from tests.tariff_cases import component, energy, rule

BANDS = BandCalendar(rules=(rule("peak", "08:00-20:00"), rule("flat", "20:00-08:00")))
PARTS = (
    component("0.4", floats=True),
    component("0.03", floats=True, fund=True),
    component("0.1", floats=False),
    component("0.02", floats=False, fund=True),
)


@pytest.mark.parametrize(
    ("fields", "peak", "flat"),
    [
        ({"components": PARTS, "factors": {"peak": Decimal("1.7")}}, "0.851", "0.55"),
        ({"band_prices": {"peak": Decimal(1), "flat": Decimal("0.5")}}, "1", "0.5"),
        (
            {"band_prices": {"peak": Decimal(1), "flat": Decimal("-0.5")}, "components": PARTS, "factors": {}},
            "1.55",
            "0.05",
        ),
        ({"components": PARTS, "factors": {"peak": Decimal("1.7")}, "price_decimals": 2}, "0.85", "0.55"),
        ({"components": (component("0.125", floats=False),), "price_decimals": 2}, "0.13", "0.13"),
    ],
)
def test_band_price(fields, peak, flat):
    charge = energy(BANDS, **fields)
    assert band_price_per_kwh(charge, "peak") == Decimal(peak)
    assert band_price_per_kwh(charge, "flat") == Decimal(flat)


def test_funds_float_where_they_float():
    charge = energy(BANDS, components=PARTS, factors={"peak": Decimal(2)})
    assert band_fund_per_kwh(charge, "peak") == Decimal("0.08")
    assert band_fund_per_kwh(charge, "flat") == Decimal("0.05")
