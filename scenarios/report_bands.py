"""Which price of energy holds when: stretches of equal price, for shading charts."""

from collections.abc import Sequence

import numpy as np

from domain.noun import noun
from domain.tariffs import EnergyCharge, Tariff
from domain.tariffs.determinants import step_bands
from domain.tariffs.lines import band_price_per_kwh
from domain.time import TimeGrid
from scenarios.report_svg import BAND_TINTS


@noun
class PriceStretch:
    """Consecutive steps at one price of energy."""

    first: int
    stop: int
    label: str
    """Names of the bands that make the price."""
    price_per_kwh: float
    """Sum of the tariff's energy charges before the power-factor adjustment. [currency / kWh]"""


def price_stretches(tariff: Tariff, grid: TimeGrid) -> tuple[PriceStretch, ...]:
    """Cut a grid where the tariff's price of energy changes; empty for a tariff without energy charges."""
    charges = [charge for charge in tariff.charges if isinstance(charge, EnergyCharge)]
    if not charges:
        return ()
    bands = np.column_stack([step_bands(charge.calendar, grid, tariff.zone, tariff.calendar) for charge in charges])
    edges = np.flatnonzero((np.diff(bands, axis=0) != 0).any(axis=1)) + 1
    found = []
    for first, stop in zip([0, *edges.tolist()], [*edges.tolist(), grid.n_steps], strict=True):
        names = [charge.calendar.bands[int(band)] for charge, band in zip(charges, bands[first], strict=True)]
        price = sum(band_price_per_kwh(charge, name) for charge, name in zip(charges, names, strict=True))
        found.append(
            PriceStretch(first=first, stop=stop, label=" + ".join(dict.fromkeys(names)), price_per_kwh=float(price))
        )
    return tuple(found)


def tint_of(stretches: Sequence[PriceStretch]) -> dict[str, str]:
    """Give each label its tint, cool for the cheapest, warm for the dearest; equal prices share one."""
    prices = sorted({stretch.price_per_kwh for stretch in stretches})
    steps = max(1, len(prices) - 1)
    tints = {price: BAND_TINTS[round(place * (len(BAND_TINTS) - 1) / steps)] for place, price in enumerate(prices)}
    return {stretch.label: tints[stretch.price_per_kwh] for stretch in stretches}
