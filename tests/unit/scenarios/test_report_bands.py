"""Shaded stretches of price follow the tariff's clock."""

from datetime import date

from api.http.examples import TODAY, ZONE
from domain.time import TimeGrid
from scenarios.report_bands import PriceStretch, price_stretches, tint_of
from scenarios.report_svg import BAND_TINTS


def test_a_day_of_two_bands_has_three_stretches():
    grid = TimeGrid.of_local_days(date(2026, 11, 24), 1, ZONE, 30)
    found = [(one.first, one.stop, one.label, one.price_per_kwh) for one in price_stretches(TODAY, grid)]
    assert found == [(0, 16, "valley", 0.46), (16, 44, "peak", 0.82), (44, 48, "valley", 0.46)]


def test_tints_run_from_cool_to_warm_and_equal_prices_share_one():
    stretches = [
        PriceStretch(first=n, stop=n + 1, label=label, price_per_kwh=price)
        for n, (label, price) in enumerate((("a", 0.9), ("b", 0.2), ("c", 0.2), ("d", 0.5)))
    ]
    tints = tint_of(stretches)
    assert tints["b"] == tints["c"] == BAND_TINTS[0]
    assert tints["a"] == BAND_TINTS[-1]
    assert tints["d"] not in {tints["a"], tints["b"]}
