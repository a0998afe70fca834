"""The kinds of charges a tariff is made of. Each is data; ``billing`` and ``terms`` evaluate it."""

from dataclasses import field
from decimal import Decimal
from typing import Annotated, Literal

from domain import checks
from domain.noun import noun, one_of
from domain.tariffs.bands import BandCalendar
from domain.text import Text

ZERO = Decimal(0)
ONE = Decimal(1)
MEASUREMENT_MIN = (15, 30, 60)
MOST_DECIMALS = 12
"""More digits than any tariff prints, and few enough for exact money."""


@noun
class FixedCharge:
    """A fixed amount per month, per day, or both."""

    kind: Literal["fixed"] = "fixed"
    charge_id: str
    label: Text
    amount_per_month: Decimal = ZERO
    """[tariff.currency / month]"""
    amount_per_day: Decimal = ZERO
    """[tariff.currency / day]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.finite(self, "amount_per_month", float(self.amount_per_month))
        checks.finite(self, "amount_per_day", float(self.amount_per_day))


@noun
class PriceComponent:
    """One part of the price of a kWh, such as purchase, line loss, T&D, system operation, funds."""

    name: Text
    price_per_kwh: Decimal
    """May be negative. [tariff.currency / kWh]"""
    floats: bool
    """Whether the band's factor multiplies it; provinces differ."""
    is_fund: bool = False
    """Government funds stay outside the power-factor adjustment."""

    def __post_init__(self) -> None:
        checks.finite(self, "price_per_kwh", float(self.price_per_kwh))


@noun
class EnergyCharge:
    """Energy by band: ``price(band) = band_price + factor(band) · Σ floating + Σ fixed``."""

    kind: Literal["energy"] = "energy"
    charge_id: str
    label: Text
    calendar: BandCalendar
    band_prices: dict[str, Decimal] = field(default_factory=dict)
    """Price of each band where the tariff prints it outright. [tariff.currency / kWh]"""
    components: tuple[PriceComponent, ...] = ()
    """Parts added to every band's price; those that float are multiplied by the band's factor."""
    factors: dict[str, Decimal] = field(default_factory=dict)
    """Factor of each band on the floating components; a band not named has 1. [-]"""
    price_decimals: int | None = None
    """Decimals to which the tariff rounds a band's price (half up); None: not rounded."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        if self.price_decimals is not None:
            checks.not_negative(self, "price_decimals", self.price_decimals)
            checks.at_most(self, "price_decimals", self.price_decimals, MOST_DECIMALS, "the most decimals")
        bands = self.calendar.bands
        for band, price in self.band_prices.items():
            checks.known(self, "band_prices", band, bands)
            checks.finite(self, "band_prices", float(price))
        for band, factor in self.factors.items():
            checks.known(self, "factors", band, bands)
            checks.finite(self, "factors", float(factor))
        if self.band_prices and set(self.band_prices) != set(bands):
            missing = sorted(set(bands) - set(self.band_prices))
            raise checks.refuse(
                self,
                "band_prices",
                missing,
                Text(en="these bands have no price", zh="这些时段没有价格"),
                Text(en="Give each band of the calendar its price.", zh="请为日历中的每个时段给出价格。"),
            )
        if not self.band_prices and not self.components:
            raise checks.refuse(
                self,
                "components",
                "()",
                Text(en="there is no price", zh="没有价格"),
                Text(en="Give band_prices or components.", zh="请给出 band_prices 或 components。"),
            )


OverRule = Literal["actual_plus_double", "contract_plus_double", "stepped"]


@noun
class OverStep:
    """Above ``from_share`` × contract each kW costs ``multiplier`` × the price (until the next step)."""

    from_share: Decimal
    """[-], at least 1."""
    multiplier: Decimal
    """[-]"""

    def __post_init__(self) -> None:
        if self.from_share < 1:
            raise checks.refuse(self, "from_share", self.from_share, Text(en="must be at least 1", zh="不得小于 1"))
        checks.positive(self, "multiplier", float(self.multiplier))


@noun
class DemandCharge:
    """Maximum demand of a month in a set of bands, billed as measured or against a contract value.

    ``basis = contract``: C is ``contract_demand_kw`` here or of the supply point, raised to
    ``floor_share`` of the connected kVA. At or below 1.05 C the bill is C · p. Above:

    - ``actual_plus_double``: 1.05 C · p + 2 p (D − 1.05 C), which jumps at 1.05 C;
    - ``contract_plus_double``: C · p + 2 p (D − 1.05 C), continuous;
    - ``stepped``: C · p + p Σ multiplier · (kW of D within each step).

    References
    ----------
    发改办价格〔2016〕1583号 for the 105 % rule (two readings in use) and the 40 % floor.
    """

    kind: Literal["demand"] = "demand"
    charge_id: str
    label: Text
    price_per_kw_month: Decimal
    """[tariff.currency / kW / month]"""
    calendar: BandCalendar | None = None
    """Bands the window is made of; None: all hours."""
    bands: tuple[str, ...] = ()
    """Which of the calendar's bands count."""
    months: tuple[int, ...] = ()
    """Months in which the charge is levied; empty: all."""
    measurement_min: int = 15
    """Block over which power is averaged. [min]"""
    basis: Literal["actual", "contract"] = "actual"
    contract_demand_kw: Decimal | None = None
    """Overrides the supply point's contract demand (a package may propose its own). [kW]"""
    over_rule: OverRule = "actual_plus_double"
    over_steps: tuple[OverStep, ...] = ()
    """For ``stepped``, ascending."""
    floor_share: Decimal = Decimal("0.40")
    """Contract values below this share of the connected kVA are raised to it; 0: no floor. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_negative(self, "price_per_kw_month", float(self.price_per_kw_month))
        checks.share(self, "floor_share", float(self.floor_share))
        if self.measurement_min not in MEASUREMENT_MIN:
            raise checks.refuse(
                self,
                "measurement_min",
                self.measurement_min,
                Text(en=f"must be one of {MEASUREMENT_MIN}", zh=f"必须是 {MEASUREMENT_MIN} 之一"),
            )
        if (self.calendar is None) != (not self.bands):
            raise checks.refuse(
                self, "bands", self.bands, Text(en="calendar and bands go together", zh="calendar 与 bands 须同时给出")
            )
        for band in self.bands:
            checks.known(self, "bands", band, self.calendar.bands if self.calendar else ())
        if self.contract_demand_kw is not None:
            checks.positive(self, "contract_demand_kw", float(self.contract_demand_kw))
        shares = [step.from_share for step in self.over_steps]
        if (self.over_rule == "stepped") != bool(shares) or shares != sorted(set(shares)):
            raise checks.refuse(
                self,
                "over_steps",
                shares,
                Text(
                    en="must be given, ascending, for over_rule stepped only",
                    zh="仅 over_rule 为 stepped 时给出，且须递增",
                ),
            )


@noun
class CapacityCharge:
    """Transformer capacity of the supply point, per kVA and month."""

    kind: Literal["capacity"] = "capacity"
    charge_id: str
    label: Text
    price_per_kva_month: Decimal
    """[tariff.currency / kVA / month]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_negative(self, "price_per_kva_month", float(self.price_per_kva_month))


PowerFactorStandard = Literal["cn_0.90", "cn_0.85", "cn_0.80", "tw_0.80"]


@noun
class PowerFactorCharge:
    """The month's bill is raised or lowered by its power factor.

    References
    ----------
    (83)水电财字第215号 for the Chinese standards (0.90, 0.85, 0.80); Taipower's rule: base 80 %, up to
    95 %, 0.1 % of the bill per point.
    """

    kind: Literal["power_factor"] = "power_factor"
    charge_id: str
    label: Text
    standard: PowerFactorStandard

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)


Charge = Annotated[FixedCharge | EnergyCharge | DemandCharge | CapacityCharge | PowerFactorCharge, one_of("kind")]
