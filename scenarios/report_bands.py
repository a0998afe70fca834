"""Which price of energy holds when: stretches of equal price, for shading charts."""

from domain.noun import noun


@noun
class PriceStretch:
    """Consecutive steps at one price of energy."""

    first: int
    stop: int
    bands: str
    """Names of the bands that make the price, joined by +."""
    price_per_kwh: float
    """Sum of the tariff's energy charges. [currency / kWh]"""
