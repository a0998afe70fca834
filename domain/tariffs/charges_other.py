"""Charges beside energy and power: fixed amounts, power factor, reactive energy, minimum, tax, network rules."""

from decimal import Decimal
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.tariffs.bands import BandCalendar
from domain.tariffs.charges_demand import check_window, one_price
from domain.tariffs.charges_energy import ZERO
from domain.text import Text


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
    months: tuple[int, ...] = ()
    """Months in which the charge is levied; empty: all."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.months(self, "months", self.months)
        checks.finite(self, "amount_per_month", float(self.amount_per_month))
        checks.finite(self, "amount_per_day", float(self.amount_per_day))


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


@noun
class ReactiveCharge:
    """Reactive energy above a share of the active energy, reactive demand above a share of the demand."""

    kind: Literal["reactive"] = "reactive"
    charge_id: str
    label: Text
    price_per_kvarh: Decimal | None = None
    """[tariff.currency / kvarh]"""
    free_kvarh_per_kwh: Decimal = ZERO
    """Reactive energy that is free per kWh, such as 0.5 (power factor 0.89). [kvarh / kWh]"""
    price_per_kvar_month: Decimal | None = None
    """On the month's highest kvar. [tariff.currency / kvar / month]"""
    free_kvar_per_kw: Decimal = ZERO
    """Reactive demand that is free per kW of the month's maximum demand. [kvar / kW]"""
    measurement_min: int = 15
    """[min]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        one_price(self, ("price_per_kvarh", "price_per_kvar_month"))
        for name in ("free_kvarh_per_kwh", "free_kvar_per_kw"):
            checks.not_negative(self, name, float(getattr(self, name)))
        check_window(self, None, (), self.measurement_min)


@noun
class MinimumCharge:
    """The least that some charges must bring in a month; what lacks is made up by a line of its own."""

    kind: Literal["minimum"] = "minimum"
    charge_id: str
    label: Text
    amount_per_month: Decimal = ZERO
    """[tariff.currency / month]"""
    amount_per_day: Decimal = ZERO
    """[tariff.currency / day]"""
    amount_per_kva_month: Decimal = ZERO
    """Times the contract capacity. [tariff.currency / kVA / month]"""
    of: tuple[str, ...] = ()
    """Charges that count towards it; empty: all but taxes and export credits."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        names = ("amount_per_month", "amount_per_day", "amount_per_kva_month")
        for name in names:
            checks.not_negative(self, name, float(getattr(self, name)))
        if not any(getattr(self, name) for name in names):
            problem = Text(en=f"give one of {', '.join(names)}", zh=f"请给出 {'、'.join(names)} 之一")
            raise checks.refuse(self, "amount_per_month", self.amount_per_month, problem)


@noun
class TaxCharge:
    """A tax on the sum of other charges' lines, such as VAT."""

    kind: Literal["tax"] = "tax"
    charge_id: str
    label: Text
    tax_share: Decimal
    """0.19, not 19. [-]"""
    of: tuple[str, ...] = ()
    """Charges that are taxed; empty: all but other taxes."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.share(self, "tax_share", float(self.tax_share))


@noun
class PricePair:
    """A network's pair of prices for one range of hours' use."""

    price_per_kw_year: Decimal
    """[tariff.currency / kW / year]"""
    price_per_kwh: Decimal
    """[tariff.currency / kWh]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "price_per_kw_year", float(self.price_per_kw_year))
        checks.not_negative(self, "price_per_kwh", float(self.price_per_kwh))


@noun
class AtypicalUse:
    """Individual fee for a peak outside the network's high-load windows (StromNEV § 19 Abs. 2 Satz 1)."""

    calendar: BandCalendar
    bands: tuple[str, ...]
    """Bands that are the high-load windows (Hochlastzeitfenster)."""
    least_reduction_share: Decimal
    """By how much of the yearly peak the window's peak must lie lower: 0.10 HS … 0.30 MS/NS. [-]"""
    least_reduction_kw: Decimal = Decimal(100)
    """[kW]"""
    least_saving: Decimal = Decimal(500)
    """[tariff.currency / year]"""
    least_fee_share: Decimal = Decimal("0.20")
    """Share of the published fee that is paid at least. [-]"""

    def __post_init__(self) -> None:
        check_window(self, self.calendar, self.bands, 15)
        checks.share(self, "least_reduction_share", float(self.least_reduction_share))
        checks.not_negative(self, "least_reduction_kw", float(self.least_reduction_kw))
        checks.not_negative(self, "least_saving", float(self.least_saving))
        checks.share(self, "least_fee_share", float(self.least_fee_share))


@noun
class BandLoadStep:
    """From so many hours' use the individual fee is this share of the published one."""

    from_h: Decimal
    """[h / year]"""
    fee_share: Decimal
    """[-]"""

    def __post_init__(self) -> None:
        checks.positive(self, "from_h", float(self.from_h))
        checks.share(self, "fee_share", float(self.fee_share))


@noun
class NetworkCharge:
    """German network fee: yearly peak and energy, by the price pair of the hours' use, with individual fees.

    Billed month by month to date: after month *n* of the calendar year the fee of a year that goes on like it so far,
    times n/12, is owed, less what was billed before. December closes at the year's exact fee.

    References
    ----------
    StromNEV § 17 (hours' use, price pair below and above 2 500 h), § 19 Abs. 2 Satz 1 (atypical use) and Satz 2
    (7 000 h and 10 GWh: at least 20 / 15 / 10 % of the published fee).
    """

    kind: Literal["network"] = "network"
    charge_id: str
    label: Text
    below: PricePair
    above: PricePair
    switch_h: Decimal = Decimal(2500)
    """Hours' use from which ``above`` holds. [h / year]"""
    measurement_min: int = 15
    """[min]"""
    atypical: AtypicalUse | None = None
    """Set once the individual fee is agreed."""
    band_load: tuple[BandLoadStep, ...] = ()
    """Set once the individual fee is agreed; ascending hours."""
    band_load_from_kwh: Decimal = Decimal(10_000_000)
    """Yearly energy above which ``band_load`` holds. [kWh / year]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.positive(self, "switch_h", float(self.switch_h))
        checks.not_negative(self, "band_load_from_kwh", float(self.band_load_from_kwh))
        check_window(self, None, (), self.measurement_min)
        hours = [step.from_h for step in self.band_load]
        if hours != sorted(set(hours)):
            raise checks.refuse(self, "band_load", hours, Text(en="hours must ascend", zh="小时数须递增"))
        if self.atypical is not None and self.band_load:
            raise checks.refuse(
                self,
                "band_load",
                hours,
                Text(en="a point of supply has one individual fee only", zh="同一供电点只能有一种个别费用"),
            )
