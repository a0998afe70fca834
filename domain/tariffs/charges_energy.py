"""Charges on energy: by band, in tiers, by an index, capped, shared, fed in."""

from dataclasses import field
from decimal import Decimal
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.tariffs.bands import BandCalendar
from domain.text import Text

ZERO = Decimal(0)
ONE = Decimal(1)
MOST_DECIMALS = 12
"""More digits than any tariff prints, and few enough for exact money."""

TierBasis = Literal["month", "month_days", "day", "kw", "kva"]


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
class EnergyTier:
    """One tier: the kWh up to a limit, and what each of them costs on top of its band's price."""

    up_to_kwh: Decimal | None = None
    """Where the tier ends, per unit of the tiers' basis; None: no end, in the last tier only. [kWh]"""
    price_per_kwh: Decimal
    """Added to the band's price. [tariff.currency / kWh]"""

    def __post_init__(self) -> None:
        checks.finite(self, "price_per_kwh", float(self.price_per_kwh))
        if self.up_to_kwh is not None:
            checks.positive(self, "up_to_kwh", float(self.up_to_kwh))


@noun
class EnergyTiers:
    """Tiers that the energy of some bands climbs together, anew each month (or each day)."""

    bands: tuple[str, ...]
    """Bands whose energy is counted together."""
    basis: TierBasis = "month"
    """What one unit of ``up_to_kwh`` is for: the month; each day of the month, all days counted together
    (``month_days``); each local day anew (``day``); each billed kW of a demand charge (hours' use of demand); each
    contract kVA."""
    demand_charge_id: str | None = None
    """For ``kw``: the demand charge whose measured demand widens the tiers."""
    tiers: tuple[EnergyTier, ...]

    def __post_init__(self) -> None:
        checks.not_empty(self, "bands", self.bands)
        checks.not_empty(self, "tiers", self.tiers)
        if (self.basis == "kw") != (self.demand_charge_id is not None):
            raise checks.refuse(
                self,
                "demand_charge_id",
                self.demand_charge_id,
                Text(en="goes with basis kw, and only with it", zh="仅在 basis 为 kw 时给出，且必须给出"),
            )
        limits = [tier.up_to_kwh for tier in self.tiers]
        inner = [limit for limit in limits[:-1] if limit is not None]
        ascending = len(inner) == len(limits) - 1 and inner == sorted(set(inner))
        if not ascending or limits[-1] is not None:
            raise checks.refuse(
                self,
                "tiers",
                [None if one is None else str(one) for one in limits],
                Text(en="limits must ascend and the last tier must have none", zh="上限须递增，且最后一档不得有上限"),
                Text(en="Leave up_to_kwh out of the last tier.", zh="最后一档请勿填写 up_to_kwh。"),
            )


@noun
class EnergyCharge:
    """Energy by band: ``price(band) = band_price + factor(band) · Σ floating + Σ fixed``, and tiers on top."""

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
    tiers: tuple[EnergyTiers, ...] = ()
    """Each band belongs to one of them at most."""
    energy_share: Decimal = ONE
    """Share of the energy that this charge bills; a fixed-plus-linked package splits it over two. [-]"""
    months: tuple[int, ...] = ()
    """Months in which the charge is levied; empty: all."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.share(self, "energy_share", float(self.energy_share))
        checks.months(self, "months", self.months)
        if self.price_decimals is not None:
            checks.not_negative(self, "price_decimals", self.price_decimals)
            checks.at_most(self, "price_decimals", self.price_decimals, MOST_DECIMALS, "the most decimals")
        bands = self.calendar.bands
        for name, values in (("band_prices", self.band_prices), ("factors", self.factors)):
            for band, value in values.items():
                checks.known(self, name, band, bands)
                checks.finite(self, name, float(value))
        for band in (band for group in self.tiers for band in group.bands):
            checks.known(self, "tiers", band, bands)
        checks.unique(self, "tiers", (band for group in self.tiers for band in group.bands))
        self._must_have_prices(bands)

    def _must_have_prices(self, bands: tuple[str, ...]) -> None:
        if self.band_prices and set(self.band_prices) != set(bands):
            missing = sorted(set(bands) - set(self.band_prices))
            raise checks.refuse(
                self,
                "band_prices",
                missing,
                Text(en=f"without a price: {', '.join(missing)}", zh=f"缺少价格的时段：{', '.join(missing)}"),
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


@noun
class SpotCharge:
    """Energy at a published index: ``price = min(cap, max(floor, index_share · index + fee))``; may be negative."""

    kind: Literal["spot"] = "spot"
    charge_id: str
    label: Text
    index_id: str
    """Which price series of the facts around a bill it follows."""
    settled: Literal["interval", "month_mean"] = "interval"
    """``interval``: each step at its own price. ``month_mean``: all at the plain mean of the month's prices."""
    index_share: Decimal = ONE
    """Share of the index that is passed on; above 1 where losses are. [-]"""
    fee_per_kwh: Decimal = ZERO
    """Added to the index, inside cap and floor. [tariff.currency / kWh]"""
    cap_per_kwh: Decimal | None = None
    """Highest price of a step. [tariff.currency / kWh]"""
    floor_per_kwh: Decimal | None = None
    """Lowest price of a step. [tariff.currency / kWh]"""
    energy_share: Decimal = ONE
    """Share of the energy that this charge bills. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_empty(self, "index_id", self.index_id)
        checks.share(self, "energy_share", float(self.energy_share))
        checks.not_negative(self, "index_share", float(self.index_share))
        checks.finite(self, "fee_per_kwh", float(self.fee_per_kwh))
        for name in ("cap_per_kwh", "floor_per_kwh"):
            value = getattr(self, name)
            if value is not None:
                checks.finite(self, name, float(value))
        if self.cap_per_kwh is not None and self.floor_per_kwh is not None:
            checks.at_most(self, "floor_per_kwh", float(self.floor_per_kwh), float(self.cap_per_kwh), "cap_per_kwh")


@noun
class PriceCapCharge:
    """Cap and floor on the month's mean price of some charges: what lies above is given back, below is made up."""

    kind: Literal["price_cap"] = "price_cap"
    charge_id: str
    label: Text
    of: tuple[str, ...]
    """Charges whose amounts together are capped."""
    cap_per_kwh: Decimal | None = None
    """[tariff.currency / kWh]"""
    floor_per_kwh: Decimal | None = None
    """[tariff.currency / kWh]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_empty(self, "of", self.of)
        if self.cap_per_kwh is None and self.floor_per_kwh is None:
            raise checks.refuse(
                self, "cap_per_kwh", None, Text(en="give cap_per_kwh or floor_per_kwh", zh="请给出上限或下限价格")
            )
        if self.cap_per_kwh is not None and self.floor_per_kwh is not None:
            checks.at_most(self, "floor_per_kwh", float(self.floor_per_kwh), float(self.cap_per_kwh), "cap_per_kwh")


@noun
class ProfitShareCharge:
    """The customer's share of what its retailer buys below a reference price (比例分成).

    The month's gain is ``Σ kWh · (reference − index)``; the customer is credited its share of it.
    """

    kind: Literal["profit_share"] = "profit_share"
    charge_id: str
    label: Text
    reference_per_kwh: Decimal
    """[tariff.currency / kWh]"""
    index_id: str
    """Price series of the retailer's purchases."""
    customer_share: Decimal
    """[-]"""
    shares_losses: bool = False
    """Whether a month's loss is shared alike; else it is the retailer's."""
    energy_share: Decimal = ONE
    """Share of the energy that takes part. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_empty(self, "index_id", self.index_id)
        checks.finite(self, "reference_per_kwh", float(self.reference_per_kwh))
        checks.share(self, "customer_share", float(self.customer_share))
        checks.share(self, "energy_share", float(self.energy_share))


@noun
class ExportCredit:
    """Pay for energy fed in, by band or by an index; a credit on the bill."""

    kind: Literal["export"] = "export"
    charge_id: str
    label: Text
    calendar: BandCalendar | None = None
    band_prices: dict[str, Decimal] = field(default_factory=dict)
    """Paid per kWh fed in in each band; negative: the customer pays. [tariff.currency / kWh]"""
    index_id: str | None = None
    """Instead of bands: the price series that is paid."""
    index_share: Decimal = ONE
    """Share of the index that is paid. [-]"""
    fee_per_kwh: Decimal = ZERO
    """Kept back per kWh. [tariff.currency / kWh]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        if (self.calendar is None) == (self.index_id is None):
            raise checks.refuse(
                self,
                "index_id",
                self.index_id,
                Text(en="give either calendar or index_id", zh="calendar 与 index_id 须二选一"),
            )
        bands = () if self.calendar is None else self.calendar.bands
        if set(self.band_prices) != set(bands):
            raise checks.refuse(
                self,
                "band_prices",
                sorted(set(bands) ^ set(self.band_prices)),
                Text(en="must price each band of the calendar, and no other", zh="须恰好为日历中的每个时段定价"),
            )
