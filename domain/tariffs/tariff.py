"""A tariff: dated, sourced, in one currency, made of charges; and the point it supplies."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.charges import MOST_DECIMALS, Charge, PowerFactorCharge
from domain.text import Text
from domain.time import Calendar, zone_of

CURRENCY_LETTERS = 3


class Status(StrEnum):
    """How far a rule's numbers have been compared with the issuing body's notice."""

    OFFICIAL = "official"
    COMPILED = "compiled"
    TO_VERIFY = "to_verify"


class PurchaseMode(StrEnum):
    """How a customer buys its energy."""

    MARKET_WHOLESALE = "market_wholesale"
    MARKET_RETAIL = "market_retail"
    GRID_AGENCY = "grid_agency"
    REGULATED = "regulated"


class TariffNotInForceError(WattplanError):
    """A billed day lies outside the tariff's validity."""

    code = "tariff_not_in_force"
    words = Text(
        en="Tariff {tariff_id} is not in force on {day} (valid {valid_from} … {valid_until}).",
        zh="电价 {tariff_id} 在 {day} 不生效（有效期 {valid_from} … {valid_until}）。",
    )


class TariffNotForCustomerError(WattplanError):
    """The tariff is not made for this way of buying energy."""

    code = "tariff_not_for_customer"
    words = Text(
        en="Tariff {tariff_id} is for {allowed}, the customer buys as {purchase_mode}. "
        "Government time-of-use factors do not apply to customers who trade in the market.",
        zh="电价 {tariff_id} 适用于 {allowed}，而该用户的购电方式为 {purchase_mode}。"
        "政府分时系数不适用于直接参与市场交易的用户。",
    )


@noun
class Source:
    """Where a rule's numbers come from."""

    document: str
    """Document number, or how it was compiled."""
    issuer: str
    note: str = ""


@noun
class Rounding:
    """How the tariff rounds."""

    amount_decimals: int = 2
    """Decimals of a bill line, half up."""
    quantity_decimals: int = 6
    """Decimals to which quantities are kept before pricing, half up."""

    def __post_init__(self) -> None:
        for field in ("amount_decimals", "quantity_decimals"):
            checks.not_negative(self, field, getattr(self, field))
            checks.at_most(self, field, getattr(self, field), MOST_DECIMALS, "the most decimals")


@noun
class Tariff:
    """All that is owed for a month's load, as data."""

    tariff_id: str
    name: Text
    currency: str
    """ISO 4217 code."""
    zone: str
    """IANA zone of its clock windows and months."""
    country: str | None = None
    """Country of its holidays, ISO 3166; None: the tariff knows no holidays."""
    subdivision: str | None = None
    valid_from: date
    valid_until: date | None = None
    """First day on which it no longer holds; None: open."""
    status: Status
    source: Source
    purchase_modes: tuple[PurchaseMode, ...] = ()
    """Ways of buying it is made for; empty: any."""
    prices_include_tax: bool = True
    rounding: Rounding = Rounding()
    charges: tuple[Charge, ...]

    def __post_init__(self) -> None:
        checks.not_empty(self, "tariff_id", self.tariff_id)
        checks.not_empty(self, "charges", self.charges)
        checks.unique(self, "charges", (charge.charge_id for charge in self.charges))
        zone_of(self.zone)
        self.calendar  # noqa: B018 -- refuses an unknown country
        if len(self.currency) != CURRENCY_LETTERS or not self.currency.isupper():
            raise checks.refuse(
                self,
                "currency",
                self.currency,
                Text(en="is no ISO 4217 code", zh="不是 ISO 4217 货币代码"),
                Text(en="Write it like CNY.", zh="请写成 CNY。"),
            )
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise checks.refuse(self, "valid_until", str(self.valid_until), checks.ORDERED)
        if sum(isinstance(charge, PowerFactorCharge) for charge in self.charges) > 1:
            raise checks.refuse(
                self, "charges", "power_factor", Text(en="only one power-factor charge", zh="只能有一项力调电费")
            )

    @property
    def calendar(self) -> Calendar:
        """The working calendar that its day types follow."""
        return Calendar(country=self.country, subdivision=self.subdivision)

    def must_hold(self, first: date, last: date) -> None:
        """Refuse days on which the tariff is not in force.

        Raises
        ------
        TariffNotInForceError
            Naming the first such day.
        """
        bad = first if first < self.valid_from else None
        if bad is None and self.valid_until is not None and last >= self.valid_until:
            bad = max(first, self.valid_until)
        if bad is not None:
            raise TariffNotInForceError(
                tariff_id=self.tariff_id, day=bad, valid_from=self.valid_from, valid_until=self.valid_until or "…"
            )

    def must_fit(self, supply: "SupplyPoint") -> None:
        """Refuse a customer whose way of buying the tariff is not made for.

        Raises
        ------
        TariffNotForCustomerError
        """
        if self.purchase_modes and supply.purchase_mode not in self.purchase_modes:
            raise TariffNotForCustomerError(
                tariff_id=self.tariff_id,
                allowed=", ".join(self.purchase_modes),
                purchase_mode=supply.purchase_mode,
            )


@noun
class SupplyPoint:
    """What the grid contract says of the point of supply."""

    purchase_mode: PurchaseMode
    capacity_kva: Decimal | None = None
    """Contract transformer capacity. [kVA]"""
    high_voltage_motor_kva: Decimal = Decimal(0)
    """High-voltage motors fed without own transformer; counts towards the 40 % floor. [kVA]"""
    contract_demand_kw: Decimal | None = None
    """Contract maximum demand. [kW]"""
    voltage_level: Literal["lt_1kv", "1_20kv", "35kv", "66_110kv", "ge_220kv"] | None = None
    power_factor: Decimal | None = None
    """Typical monthly power factor, used where the meter gives no reactive energy. [-]"""

    def __post_init__(self) -> None:
        for field in ("capacity_kva", "contract_demand_kw", "power_factor"):
            value = getattr(self, field)
            if value is not None:
                checks.positive(self, field, float(value))
        checks.not_negative(self, "high_voltage_motor_kva", float(self.high_voltage_motor_kva))
        if self.power_factor is not None:
            checks.share(self, "power_factor", float(self.power_factor))


__all__ = ["Charge", "PurchaseMode", "Rounding", "Source", "Status", "SupplyPoint", "Tariff"]
