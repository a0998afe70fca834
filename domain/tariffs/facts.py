"""What a bill rests on beside the load and the tariff: prices, flagged days, the grid's peaks, past months.

Facts come from outside and over time: an exchange publishes prices, a utility flags a hot day the evening before, an
operator names the grid's peak hours afterwards, and a ratchet looks at months that the load no longer covers.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text
from domain.time import TimeGrid


class PricesUnknownError(WattplanError):
    """A bill follows an index whose prices are not known for all of its steps."""

    code = "prices_unknown"
    words = Text(
        en="Charge {charge_id} follows the price index {index_id}, which {problem}. Give the whole series "
        "(facts.prices; command line: --facts).",
        zh="费用项 {charge_id} 按价格指数 {index_id} 计费，但该指数{problem}。请提供完整的价格序列"
        "（facts.prices；命令行：--facts）。",
    )


class SystemPeaksUnknownError(WattplanError):
    """A bill follows the grid's own peaks, and nobody said when they were."""

    code = "system_peaks_unknown"
    words = Text(
        en="Charge {charge_id} counts the load at the grid's peaks {system_peak_id!r}, which are not known for {month}. "
        "Give them (facts.system_peaks; command line: --facts); a month without one is given by known_from … known_until.",
        zh="费用项 {charge_id} 按系统高峰 {system_peak_id!r} 时的负荷计费，但 {month} 的系统高峰时刻未知。"
        "请提供（facts.system_peaks；命令行：--facts）；没有高峰的月份由 known_from … known_until 表示。",
    )


class TooManySystemPeaksError(WattplanError):
    """More of the grid's peaks were published for one season than the tariff spreads its yearly price over."""

    code = "too_many_system_peaks"
    words = Text(
        en="Charge {charge_id} spreads its yearly price over {most} peaks of the grid, and {system_peak_id!r} names more within "
        "one season, from {first} to {last}. Give only those that count (facts.system_peaks).",
        zh="费用项 {charge_id} 的年价分摊到 {most} 个系统高峰，而 {system_peak_id!r} 在同一季节内（{first} 至 {last}）多于此数。"
        "请只提供计入的高峰（facts.system_peaks）。",
    )


class PastMonthUnknownError(WattplanError):
    """A charge looks at months that neither the load nor the facts cover."""

    code = "past_month_unknown"
    words = Text(
        en="Charge {charge_id} looks back at {month}, of which {quantity} is not known. Give a load that covers it, "
        "or facts.past with {key!r} (command line: --facts), or facts.supplied_from if the customer was not supplied then.",
        zh="费用项 {charge_id} 需回溯 {month}，但其 {quantity} 未知。请提供覆盖该月的负荷，"
        "或在 facts.past 中给出 {key!r}（命令行：--facts），若当时尚未供电请填写 facts.supplied_from。",
    )


@noun(eq=False)
class PriceSeries:
    """Prices of an index, step by step; negative prices are prices."""

    index_id: str
    currency: str
    """ISO 4217 code."""
    grid: TimeGrid
    prices_per_kwh: FloatArray
    """Shape (n_steps,); NaN: not published. [currency / kWh]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "index_id", self.index_id)
        prices = checks.frozen_array(self, "prices_per_kwh", self.prices_per_kwh, (self.grid.n_steps,), holes=True)
        object.__setattr__(self, "prices_per_kwh", prices)


@noun
class FlaggedDays:
    """Days on which a flag of the tariff was up, such as hot days or called critical peaks."""

    flag: str
    days: tuple[date, ...]
    known_until: date
    """First day of which it is not known yet whether the flag is up."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "flag", self.flag)
        late = [day for day in self.days if day >= self.known_until]
        if late:
            raise checks.refuse(self, "days", str(late[0]), Text(en="lies after known_until", zh="晚于 known_until"))


@noun
class SystemPeaks:
    """The grid's own peak steps, as its operator published them."""

    system_peak_id: str
    starts: tuple[datetime, ...]
    """Start of each peak step, with offset."""
    step_min: int
    """[min]"""
    known_from: date
    """First local day of which all peaks are known."""
    known_until: date
    """First local day of which they are not."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "system_peak_id", self.system_peak_id)
        checks.positive(self, "step_min", self.step_min)
        checks.to_utc(self, "starts")
        for start, after in pairwise(sorted(self.starts)):
            if after - start < timedelta(minutes=self.step_min):
                problem = Text(en=f"overlaps the peak at {start.isoformat()}", zh=f"与 {start.isoformat()} 的高峰重叠")
                raise checks.refuse(self, "starts", after.isoformat(), problem)

    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """Give start and end of each peak, UTC, in order."""
        return tuple((start.astimezone(UTC), start + timedelta(minutes=self.step_min)) for start in sorted(self.starts))


@noun
class PastMonth:
    """What was measured in a month that the load does not cover."""

    month: date
    """Any day of it."""
    quantities: dict[str, Decimal]
    """By charge and quantity with its unit, such as ``demand.max_demand_kw`` or ``network.energy_kwh``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "month", self.month.replace(day=1))
        for name, value in self.quantities.items():
            checks.finite(self, f"quantities.{name}", float(value))


@noun
class ComingMonth:
    """What a month to come is expected to measure by itself, where a ratchet or a yearly price will look back at this one.

    Without such months a plan values its peaks in the bills of its own months only.
    """

    month: date
    """Any day of it."""
    quantities: dict[str, tuple[Decimal, ...]]
    """By charge and quantity, such as ``demand.max_demand_kw``: equally likely values, one at least. They are taken to
    depend neither on each other nor on the plan; of *n* samples, sample *i* takes value number ⌊i·k/n⌋ of *k*."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "month", self.month.replace(day=1))
        for name, values in self.quantities.items():
            checks.not_empty(self, f"quantities.{name}", values)
            for value in values:
                checks.not_negative(self, f"quantities.{name}", float(value))


@noun(eq=False)
class Facts:
    """All of it. Empty for tariffs that ask for none."""

    prices: tuple[PriceSeries, ...] = ()
    flags: tuple[FlaggedDays, ...] = ()
    system_peaks: tuple[SystemPeaks, ...] = ()
    past: tuple[PastMonth, ...] = ()
    supplied_from: date | None = None
    """First day of supply; earlier months count for nothing."""
    coming: tuple[ComingMonth, ...] = ()
    """Months after those that are billed, for plans that value what their peaks make later months pay."""

    def __post_init__(self) -> None:
        checks.unique(self, "coming", (f"{one.month:%Y-%m}" for one in self.coming))
        checks.unique(self, "prices", (one.index_id for one in self.prices))
        checks.unique(self, "flags", (one.flag for one in self.flags))
        checks.unique(self, "system_peaks", (one.system_peak_id for one in self.system_peaks))
        checks.unique(self, "past", (f"{one.month:%Y-%m}" for one in self.past))

    @property
    def any(self) -> bool:
        """Whether there is any fact."""
        return bool(self.prices or self.flags or self.system_peaks or self.past or self.supplied_from or self.coming)

    def series(self, index_id: str) -> PriceSeries | None:
        """Give an index's prices, if known."""
        return next((one for one in self.prices if one.index_id == index_id), None)

    def flagged(self, flag: str) -> FlaggedDays | None:
        """Give a flag's days, if known."""
        return next((one for one in self.flags if one.flag == flag), None)

    def peaks(self, system_peak_id: str) -> SystemPeaks | None:
        """Give the grid's peaks, if known."""
        return next((one for one in self.system_peaks if one.system_peak_id == system_peak_id), None)

    def past_value(self, month: date, key: str) -> Decimal | None:
        """Give what was measured in a past month; 0 before the supply began; None if not known."""
        if self.supplied_from is not None and month < self.supplied_from.replace(day=1):
            return Decimal(0)
        found = next((one for one in self.past if one.month == month), None)
        return None if found is None else found.quantities.get(key)

    def coming_values(self, month: date, key: str) -> tuple[Decimal, ...] | None:
        """Give what a month to come is expected to measure; None if not known."""
        found = next((one for one in self.coming if one.month == month), None)
        return None if found is None else found.quantities.get(key)


NO_FACTS = Facts()
