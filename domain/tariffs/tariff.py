"""A tariff: dated, sourced, in one currency, made of charges; and the point it supplies."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.charges import MOST_DECIMALS, Charge
from domain.tariffs.references import check_charges
from domain.text import Text
from domain.time import Calendar, zone_of

CURRENCY_LETTERS = 3


class Status(StrEnum):
    """How far a rule's numbers have been compared with the issuing body's notice."""

    OFFICIAL = "official"
    COMPILED = "compiled"
    TO_VERIFY = "to_verify"


def weakest(statuses: Sequence[Status]) -> Status:
    """Give the status that was compared least with its source."""
    order = (Status.OFFICIAL, Status.COMPILED, Status.TO_VERIFY)
    return max(statuses, key=order.index)


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


class CurrencyMixError(WattplanError):
    """Money of two currencies meets in one bill."""

    code = "currency_mix"
    words = Text(
        en="Tariff {tariff_id} is in {currency}, {what} is in {other}. Convert it first; nothing is converted here.",
        zh="电价 {tariff_id} 的货币为 {currency}，而 {what} 为 {other}。请先换算；此处不作汇率换算。",
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
class DayFlag:
    """A kind of day that the calendar cannot know: listed, hot, or called. Band rules name it as ``flag:<flag>``."""

    flag: str
    label: Text
    decided: Literal["listed", "temperature", "called"]
    """How a day gets the flag: by the dates below, by a temperature forecast a day ahead, by the utility's call."""
    days: tuple[date, ...] = ()
    """Dates of a listed flag, and those already known of another."""
    from_temp_c: Decimal | None = None
    """For ``temperature``: forecast maximum from which the day is flagged. [°C]"""
    run_days: int = 1
    """For ``temperature``: how many such days in a row it takes; all of them are then flagged from the last one on."""
    station: str = ""
    """Whose forecast counts."""
    most_days_count: int | None = None
    """Most days a year, of a called flag."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "flag", self.flag)
        checks.positive(self, "run_days", self.run_days)
        if (self.decided == "temperature") != (self.from_temp_c is not None):
            raise checks.refuse(
                self,
                "from_temp_c",
                self.from_temp_c,
                Text(en="goes with decided: temperature", zh="仅用于 decided: temperature"),
            )

    def by_temperature(self, max_temp_c: Mapping[date, float]) -> tuple[date, ...]:
        """Give the days that forecast daily maxima flag: the last of each run of ``run_days`` hot days, and later ones.

        References
        ----------
        粤发改价格〔2021〕331号 (one day of 35 °C or more, announced the evening before); Sichuan (three in a row).
        """
        if self.from_temp_c is None:
            return ()
        hot = {day for day, temp_c in max_temp_c.items() if temp_c >= float(self.from_temp_c)}
        return tuple(
            day for day in sorted(hot) if all(day - timedelta(days=back) in hot for back in range(self.run_days))
        )


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
    government_tou: bool = False
    """Whether its bands and factors are the government's; since 2026-03-01 they are not for customers who trade."""
    day_flags: tuple[DayFlag, ...] = ()
    """Kinds of days that its band rules name beside the calendar's."""
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
        checks.unique(self, "day_flags", (one.flag for one in self.day_flags))
        check_charges(self, self.charges, tuple(one.flag for one in self.day_flags))

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
        trades = supply.purchase_mode in (PurchaseMode.MARKET_WHOLESALE, PurchaseMode.MARKET_RETAIL)
        foreign = self.government_tou and trades and not supply.follows_government_tou
        if foreign or (self.purchase_modes and supply.purchase_mode not in self.purchase_modes):
            raise TariffNotForCustomerError(
                tariff_id=self.tariff_id,
                allowed=", ".join(self.purchase_modes or (PurchaseMode.GRID_AGENCY, PurchaseMode.REGULATED)),
                purchase_mode=supply.purchase_mode,
            )


@noun
class SupplyPoint:
    """What the grid contract says of the point of supply."""

    purchase_mode: PurchaseMode
    follows_government_tou: bool = False
    """Whether a trading customer's contract says that the government's bands and factors apply to it."""
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
