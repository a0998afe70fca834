"""Which price of energy holds when: stretches of equal price, for shading charts."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from domain.noun import noun
from domain.tariffs import NO_FACTS, AnyTariff, EnergyCharge, Facts, version_on
from domain.tariffs.lines import band_price_per_kwh
from domain.tariffs.periods import flag_days, step_bands
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


def price_stretches(tariff: AnyTariff, grid: TimeGrid, facts: Facts = NO_FACTS) -> tuple[PriceStretch, ...]:
    """Cut a grid where the tariff's price of energy changes; empty for a tariff without energy charges."""
    labels: list[str] = []
    prices: list[float] = []
    for day in grid.local_days(tariff.zone):
        version = version_on(tariff, day.day)
        charges = [
            charge
            for charge in version.charges
            if isinstance(charge, EnergyCharge) and (not charge.months or day.day.month in charge.months)
        ]
        if not charges:
            return ()
        part = grid.part(day.first, day.stop)
        flagged = flag_days(version, facts, [charge.calendar for charge in charges])
        bands = np.column_stack(
            [step_bands(charge.calendar, part, version.zone, version.calendar, flagged) for charge in charges]
        )
        for row in bands:
            names = [charge.calendar.bands[int(band)] for charge, band in zip(charges, row, strict=True)]
            labels.append(" + ".join(dict.fromkeys(names)))
            each = (
                charge.energy_share * band_price_per_kwh(charge, name)
                for charge, name in zip(charges, names, strict=True)
            )
            prices.append(float(sum(each)))
    edges = [0, *(t for t in range(1, grid.n_steps) if (labels[t], prices[t]) != (labels[t - 1], prices[t - 1]))]
    return tuple(
        PriceStretch(first=first, stop=stop, label=labels[first], price_per_kwh=prices[first])
        for first, stop in pairwise([*edges, grid.n_steps])
    )


def tint_of(stretches: Sequence[PriceStretch]) -> dict[str, str]:
    """Give each label its tint, cool for the cheapest, warm for the dearest; equal prices share one."""
    prices = sorted({stretch.price_per_kwh for stretch in stretches})
    steps = max(1, len(prices) - 1)
    tints = {price: BAND_TINTS[round(place * (len(BAND_TINTS) - 1) / steps)] for place, price in enumerate(prices)}
    return {stretch.label: tints[stretch.price_per_kwh] for stretch in stretches}
