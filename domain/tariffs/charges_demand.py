"""Charges on power: the month's or year's peaks, past peaks, the grid's peaks, capacity and its excess."""

from decimal import Decimal
from typing import Literal

from domain import checks
from domain.noun import noun
from domain.tariffs.bands import BandCalendar
from domain.tariffs.charges_energy import ZERO
from domain.text import Text

MEASUREMENT_MIN = (5, 10, 15, 30, 60)
MONTHS_OF_YEAR = 12

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
class LookBack:
    """A ratchet: a share of past months' demand is the least that is billed.

    Billed is ``max(this month, peak_share · highest of the previous months_count months)``.
    """

    peak_share: Decimal
    """0.75, not 75. [-]"""
    months_count: int = 11
    """How many months before the billed one count."""
    peak_months: tuple[int, ...] = ()
    """Months of the year whose peaks count; empty: all."""

    def __post_init__(self) -> None:
        checks.share(self, "peak_share", float(self.peak_share))
        checks.positive(self, "months_count", self.months_count)
        checks.at_most(self, "months_count", self.months_count, 2 * MONTHS_OF_YEAR, "two years")
        checks.months(self, "peak_months", self.peak_months)


@noun
class DemandTier:
    """The kW up to a limit, and what each of them costs on top of the charge's price."""

    up_to_kw: Decimal | None = None
    """None: no end, in the last tier only. [kW]"""
    price_per_kw_month: Decimal
    """[tariff.currency / kW / month]"""

    def __post_init__(self) -> None:
        checks.finite(self, "price_per_kw_month", float(self.price_per_kw_month))
        if self.up_to_kw is not None:
            checks.positive(self, "up_to_kw", float(self.up_to_kw))


@noun
class DemandCharge:
    """Maximum demand in a set of bands, billed as measured or against a contract value.

    ``basis = contract``: C is ``contract_demand_kw`` here or of the supply point, raised to
    ``floor_share`` of the connected kVA. At or below 1.05 C the bill is C · p. Above:

    - ``actual_plus_double``: 1.05 C · p + 2 p (D − 1.05 C), which jumps at 1.05 C;
    - ``contract_plus_double``: C · p + 2 p (D − 1.05 C), continuous;
    - ``stepped``: C · p + p Σ multiplier · (kW of D within each step).

    ``levied``: each month's peak, each day's, or the year's. A yearly price is billed month by month to date:
    after month *n* of the calendar year n/12 of the price × the year's highest peak so far is owed, less what
    was billed before, so that December closes at price × the year's peak.

    References
    ----------
    发改办价格〔2016〕1583号 for the 105 % rule (two readings in use) and the 40 % floor.
    OpenEI URDB: lookbackPercent and lookbackMonths. StromNEV § 17 for the yearly price.
    """

    kind: Literal["demand"] = "demand"
    charge_id: str
    label: Text
    price_per_kw_month: Decimal | None = None
    """For ``levied = month``; may be left out beside tiers. [tariff.currency / kW / month]"""
    price_per_kw_day: Decimal | None = None
    """For ``levied = day``. [tariff.currency / kW / day]"""
    price_per_kw_year: Decimal | None = None
    """For ``levied = year``. [tariff.currency / kW / year]"""
    levied: Literal["month", "day", "year"] = "month"
    calendar: BandCalendar | None = None
    """Bands the window is made of; None: all hours."""
    bands: tuple[str, ...] = ()
    """Which of the calendar's bands count."""
    months: tuple[int, ...] = ()
    """Months in which the charge is levied; empty: all."""
    measured_as: Literal["kw", "kva"] = "kw"
    """``kva``: apparent power; prices per kW are then per kVA."""
    measurement_min: int = 15
    """Interval over which power is averaged. [min]"""
    sliding: bool = False
    """Whether the interval begins with any step of the load instead of on the clock's blocks."""
    peaks_count: int = 1
    """How many of the highest means are averaged."""
    peaks_on: Literal["any", "days"] = "any"
    """``days``: each of the averaged peaks stands on a day of its own."""
    look_back: LookBack | None = None
    least_kw: Decimal = ZERO
    """Least demand that is billed. [kW]"""
    tiers: tuple[DemandTier, ...] = ()
    basis: Literal["actual", "contract"] = "actual"
    contract_demand_kw: Decimal | None = None
    """Overrides the supply point's contract demand (a package may propose its own). [kW]"""
    charged_contract_kw: Decimal | None = None
    """kW charged at the price below the first threshold, where that is not the contract value; 0 allowed. [kW]"""
    over_rule: OverRule = "actual_plus_double"
    over_steps: tuple[OverStep, ...] = ()
    """For ``stepped``, ascending."""
    floor_share: Decimal = Decimal("0.40")
    """Contract values below this share of the connected kVA are raised to it; 0: no floor. [-]"""

    @property
    def price_per_kw(self) -> Decimal:
        """The price of its own period; 0 where only tiers have prices. [tariff.currency / kW / ``levied``]."""
        prices = {"month": self.price_per_kw_month, "day": self.price_per_kw_day, "year": self.price_per_kw_year}
        return prices[self.levied] or ZERO

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        for period in ("month", "day", "year"):
            name = f"price_per_kw_{period}"
            if period != self.levied and getattr(self, name):
                problem = Text(en=f"goes with levied: {period}", zh=f"仅用于 levied: {period}")
                raise checks.refuse(self, name, getattr(self, name), problem)
        own = f"price_per_kw_{self.levied}"
        one_price(self, (own,), needed=not self.tiers)
        checks.share(self, "floor_share", float(self.floor_share))
        checks.not_negative(self, "least_kw", float(self.least_kw))
        checks.positive(self, "peaks_count", self.peaks_count)
        checks.months(self, "months", self.months)
        check_window(self, self.calendar, self.bands, self.measurement_min)
        if self.contract_demand_kw is not None:
            checks.positive(self, "contract_demand_kw", float(self.contract_demand_kw))
        if self.charged_contract_kw is not None:
            checks.not_negative(self, "charged_contract_kw", float(self.charged_contract_kw))
            if self.over_rule != "stepped":
                problem = Text(en="goes with over_rule stepped only", zh="仅用于 over_rule 为 stepped")
                raise checks.refuse(self, "charged_contract_kw", self.charged_contract_kw, problem)
        self._check_over_steps()
        self._check_tiers()
        self._check_combination()

    def _check_over_steps(self) -> None:
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

    def _check_tiers(self) -> None:
        if not self.tiers:
            return
        limits = [tier.up_to_kw for tier in self.tiers]
        inner = [limit for limit in limits[:-1] if limit is not None]
        if len(inner) != len(limits) - 1 or inner != sorted(set(inner)) or limits[-1] is not None:
            raise checks.refuse(
                self,
                "tiers",
                [None if one is None else str(one) for one in limits],
                Text(en="limits must ascend and the last tier must have none", zh="上限须递增，且最后一档不得有上限"),
            )

    def _check_combination(self) -> None:
        """Refuse what no tariff was seen to combine, instead of pricing it by guess."""
        clash = None
        if self.levied != "month" and (self.basis == "contract" or self.look_back or self.tiers):
            clash = f"levied {self.levied} with a contract value, look-back or tiers"
        elif self.basis == "contract" and (self.tiers or self.least_kw):
            clash = "a contract value with tiers or least_kw"
        elif self.levied == "day" and self.peaks_count > 1:
            clash = "levied day with peaks_count"
        if clash is not None:
            raise checks.refuse(
                self,
                "levied",
                self.levied,
                Text(en=f"the combination of {clash} is not priced", zh=f"不支持的组合：{clash}"),
                Text(en="State it as two charges.", zh="请拆成两项费用。"),
            )


def one_price(owner: object, fields: tuple[str, ...], *, needed: bool = True) -> None:
    """Refuse negative prices, and a charge with none of its prices: nothing is billed at 0 by oversight."""
    given = [name for name in fields if getattr(owner, name) is not None]
    for name in given:
        checks.not_negative(owner, name, float(getattr(owner, name)))
    if needed and not given:
        raise checks.refuse(
            owner,
            fields[0],
            None,
            Text(en="is missing", zh="缺少此项"),
            Text(en=f"Give {' or '.join(fields)}; 0 if it is free.", zh=f"请给出 {' 或 '.join(fields)}，免费请写 0。"),
        )


def check_window(owner: object, calendar: BandCalendar | None, bands: tuple[str, ...], measurement_min: int) -> None:
    """Refuse a demand window without its calendar, of unknown bands, or of an unknown measurement interval."""
    if measurement_min not in MEASUREMENT_MIN:
        raise checks.refuse(
            owner,
            "measurement_min",
            measurement_min,
            Text(en=f"must be one of {MEASUREMENT_MIN}", zh=f"必须是 {MEASUREMENT_MIN} 之一"),
        )
    if (calendar is None) != (not bands):
        raise checks.refuse(
            owner, "bands", bands, Text(en="calendar and bands go together", zh="calendar 与 bands 须同时给出")
        )
    for band in bands:
        checks.known(owner, "bands", band, calendar.bands if calendar else ())


@noun
class CoincidentCharge:
    """The customer's load at the grid's own peaks, which are facts that the operator publishes afterwards.

    Monthly price: the mean (or highest) load over the month's published peak steps. Yearly price with ``mean``:
    each published peak bears ``1 / yearly_peaks_count`` of it (Triad, 4CP); with ``highest``, the year to date as for a
    yearly demand charge.
    """

    kind: Literal["coincident"] = "coincident"
    charge_id: str
    label: Text
    system_peak_id: str
    """Which list of the grid's peaks it follows."""
    price_per_kw_month: Decimal | None = None
    """[tariff.currency / kW / month]"""
    price_per_kw_year: Decimal | None = None
    """Instead: [tariff.currency / kW / year]"""
    counts: Literal["mean", "highest"] = "mean"
    yearly_peaks_count: int | None = None
    """For a yearly price with ``mean``: how many peaks the year has."""

    @property
    def is_yearly(self) -> bool:
        """Whether the price is a year's."""
        return self.price_per_kw_year is not None

    @property
    def price_per_kw(self) -> Decimal:
        """The price of its own period. [tariff.currency / kW / month or year]."""
        return (self.price_per_kw_year if self.is_yearly else self.price_per_kw_month) or ZERO

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_empty(self, "system_peak_id", self.system_peak_id)
        one_price(self, ("price_per_kw_month", "price_per_kw_year"))
        if self.price_per_kw_month is not None and self.price_per_kw_year is not None:
            raise checks.refuse(
                self,
                "price_per_kw_year",
                self.price_per_kw_year,
                Text(en="give either the monthly or the yearly price", zh="月价与年价须二选一"),
            )
        needs = self.is_yearly and self.counts == "mean"
        if needs != (self.yearly_peaks_count is not None):
            raise checks.refuse(
                self,
                "yearly_peaks_count",
                self.yearly_peaks_count,
                Text(en="goes with a yearly price on the mean", zh="仅用于按均值计收的年价"),
            )
        if self.yearly_peaks_count is not None:
            checks.positive(self, "yearly_peaks_count", self.yearly_peaks_count)


@noun
class CapacityCharge:
    """Contract capacity of the supply point, per kVA and month or day."""

    kind: Literal["capacity"] = "capacity"
    charge_id: str
    label: Text
    price_per_kva_month: Decimal | None = None
    """[tariff.currency / kVA / month]"""
    price_per_kva_day: Decimal | None = None
    """[tariff.currency / kVA / day]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        one_price(self, ("price_per_kva_month", "price_per_kva_day"))


@noun
class ExcessCapacityCharge:
    """What a month's highest kVA exceeds the agreed capacity by, per kVA and month or day of the month.

    References
    ----------
    UK distribution use of system: excess (exceeded) capacity charge, p/kVA/day.
    """

    kind: Literal["excess_capacity"] = "excess_capacity"
    charge_id: str
    label: Text
    price_per_kva_month: Decimal | None = None
    """[tariff.currency / kVA / month]"""
    price_per_kva_day: Decimal | None = None
    """[tariff.currency / kVA / day]"""
    measurement_min: int = 30
    """[min]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        one_price(self, ("price_per_kva_month", "price_per_kva_day"))
        check_window(self, None, (), self.measurement_min)


@noun
class UsageRebateCharge:
    """A share of the demand charge is waived in a month that reaches so many kWh per contract kVA.

    References
    ----------
    发改价格〔2023〕526号: 260 kWh/kVA, 90 % of the demand price. Whether it outlives July 2026 is to be verified.
    """

    kind: Literal["usage_rebate"] = "usage_rebate"
    charge_id: str
    label: Text
    of: tuple[str, ...]
    """Demand charges that it lowers."""
    from_kwh_per_kva: Decimal = Decimal(260)
    """[kWh / kVA]"""
    rebate_share: Decimal = Decimal("0.10")
    """[-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "charge_id", self.charge_id)
        checks.not_empty(self, "of", self.of)
        checks.positive(self, "from_kwh_per_kva", float(self.from_kwh_per_kva))
        checks.share(self, "rebate_share", float(self.rebate_share))
