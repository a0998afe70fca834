"""What a plan's peaks make later months pay, through ratchets and yearly prices.

A bill of the months that a horizon touches does not know that eleven later months will be billed a share of this month's
peak, or that the year's price will be owed for it to December. Where the facts say what the coming months are expected to
measure by themselves, the lines of those months are compiled like any other, with these months' own peaks as samples and the
plan's peaks as what they look back at. Counted is only the difference: what the coming months owe beyond what they would owe
if the plan's months had had no peak at all. Prices, power factor and taxes are the tariff's; rebates, minimum bills and caps
of coming months rest on energy that nobody knows and are left out. Months count as long as the facts name them without a
gap and the tariff holds.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.bills import BilledLoad, BillingWindow
from domain.tariffs.charges import DemandCharge, PowerFactorCharge, TaxCharge
from domain.tariffs.compile_demand import (
    YEAR_MONTHS,
    is_levied,
    month_line,
    month_peak,
    tier_lines,
    to_date,
    year_months,
)
from domain.tariffs.compile_sums import power_factor, taxes
from domain.tariffs.facts import ComingMonth, PastMonthUnknownError
from domain.tariffs.line import Line, line_of
from domain.tariffs.lowering import Lowering
from domain.tariffs.past import looks_back, past_months
from domain.tariffs.periods import Period, period_of
from domain.tariffs.quantities import Given, Largest, Peak, Quantity, Windows
from domain.tariffs.tariff import SupplyPoint, TariffNotInForceError
from domain.tariffs.versions import AnyTariff, HeldDays, held_days
from domain.text import Text
from domain.time import TimeGrid, local_midnight, next_month

NO_WORDS = Text(en="", zh="")
KEY = "max_demand_kw"


class ComingMonthUnknownError(WattplanError):
    """A coming month is named, and not what a charge will measure in it."""

    code = "coming_month_unknown"
    words = Text(
        en="Charge {charge_id} looks back from {month}, which facts.coming names without {key!r}. Give its expected values, or leave "
        "out that month and all later ones.",
        zh="费用项 {charge_id} 将从 {month} 回溯，而 facts.coming 在该月未给出 {key!r}。请给出其预期值，或去掉该月及其后各月。",
    )


@noun
class ValuedMonths:
    """Of one charge: the coming months in which a plan's peak is worth money, and why no later one is."""

    charge_id: str
    months: tuple[date, ...]
    ends: Text
    """Why the value ends there."""


def _valued(tariff: AnyTariff, window: BillingWindow) -> tuple[tuple[date, ...], Text]:
    """Give the months after the window's last that the facts name without a gap and in which the tariff holds."""
    found: list[date] = []
    month = next_month(window.months[-1])
    named = {one.month for one in window.facts.coming}
    while month in named:
        try:
            held_days(tariff, month)
        except TariffNotInForceError:
            ends = Text(en=f"the tariff does not hold in {month:%Y-%m}", zh=f"电价在 {month:%Y-%m} 不生效")
            return tuple(found), ends
        found.append(month)
        month = next_month(month)
    return tuple(found), Text(en=f"facts.coming does not name {month:%Y-%m}", zh=f"facts.coming 未给出 {month:%Y-%m}")


def valued_months(tariff: AnyTariff, window: BillingWindow) -> tuple[ValuedMonths, ...]:
    """Say for each charge that looks back in which coming months the plan's peaks count, and why the value ends there."""
    months, ends = _valued(tariff, window)
    found: dict[str, list[date]] = {}
    for month in (*window.months, *months):
        for held in held_days(tariff, month):
            for charge in held.tariff.charges:
                if isinstance(charge, DemandCharge) and (charge.look_back or charge.levied == "year"):
                    mine = found.setdefault(charge.charge_id, [])
                    reached = set(looks_back(charge, month)) & set(window.months)
                    if month in months and reached and is_levied(charge, month):
                        mine.append(month)
    return tuple(ValuedMonths(charge_id=one, months=tuple(held), ends=ends) for one, held in found.items())


def coming_lines(
    tariff: AnyTariff, supply: SupplyPoint, window: BillingWindow, lowering: Lowering
) -> Iterator[tuple[int, Line]]:
    """Give the coming months' lines with the sign with which they count: as they are, less as they would be without the plan.

    Raises
    ------
    ComingMonthUnknownError, PastMonthUnknownError
    """
    months, _ = _valued(tariff, window)
    if not months:
        return
    coming = _Coming(window, supply, lowering)
    for month in months:
        for held in held_days(tariff, month):
            reached = [
                charge
                for charge in held.tariff.charges
                if isinstance(charge, DemandCharge)
                and is_levied(charge, month)
                and set(looks_back(charge, month)) & set(window.months)
            ]
            if not reached:
                continue
            grid = TimeGrid.between(
                local_midnight(month, held.tariff.zone),
                local_midnight(next_month(month), held.tariff.zone),
                window.grid.step_min,
            )
            period = period_of(held, supply, grid, window.facts, month)
            for sign, counts_plan in ((1, True), (-1, False)):
                lines = [line for charge in reached for line in coming.lines(charge, period, counts_plan=counts_plan)]
                yield from ((sign, line) for line in (*lines, *_summing(period, lines)))


def _summing(period: Period, lines: Sequence[Line]) -> list[Line]:
    found: list[Line] = []
    for charge in period.tariff.charges:
        if isinstance(charge, PowerFactorCharge):
            found += power_factor(charge, period, lines, is_given=True).lines
    owed = [charge for charge in period.tariff.charges if isinstance(charge, TaxCharge)]
    for one in taxes(owed, period, (*lines, *found)):
        found += one.lines
    return found


class _Coming:
    """Gives the peaks of all months that coming ones look at: planned, past, or expected."""

    def __init__(self, window: BillingWindow, supply: SupplyPoint, lowering: Lowering) -> None:
        self.window = window
        self.supply = supply
        self.lowering = lowering
        self._of: dict[tuple[DemandCharge, date], Quantity] = {}

    def lines(self, charge: DemandCharge, period: Period, *, counts_plan: bool) -> tuple[Line, ...]:
        """Give a charge's lines of one coming month."""
        if charge.levied == "year":
            return (self._year(charge, period, counts_plan=counts_plan),)
        ratchet = charge.look_back
        assert ratchet is not None  # noqa: S101 -- the charge looks back
        share = float(ratchet.peak_share)
        looked_at = self._peaks(charge, period, looks_back(charge, period.month), counts_plan=counts_plan)
        parts = ((1.0, self._own(charge, period.month)), *((share, peak) for peak in looked_at))
        label = f"{charge.charge_id} {period.month:%Y-%m}"
        billing = Largest(label=label, parts=parts, least=float(charge.least_kw))
        if charge.tiers:
            return tier_lines(charge, period, billing)
        nowhere = Windows(first=0, stop=0, blocks=np.zeros(0, dtype=np.int64))
        return (month_line(charge, period, Peak(label=label, windows=nowhere), billing),)

    def _year(self, charge: DemandCharge, period: Period, *, counts_plan: bool) -> Line:
        months = year_months(charge, period.month)
        n_months, n, share = len(charge.months) or YEAR_MONTHS, len(months), float(period.share)

        def highest(n_counted: int) -> Quantity | None:
            if not n_counted:
                return None
            peaks = self._peaks(charge, period, months[:n_counted], counts_plan=counts_plan)
            parts = tuple((1.0, one) for one in peaks)
            return Largest(label=f"{charge.charge_id} {period.month:%Y}", parts=parts, least=float(charge.least_kw))

        quantity = to_date(highest(n), highest(n - 1), (share * n / n_months, share * (n - 1) / n_months))
        return line_of(charge, unit="kW·a", quantity=quantity, unit_price=charge.price_per_kw, rule=NO_WORDS)

    def _peaks(
        self, charge: DemandCharge, period: Period, months: Sequence[date], *, counts_plan: bool
    ) -> list[Quantity]:
        """Give a charge's peaks of some months; the plan's own are left out where they do not count."""
        return [self._peak(charge, period, month) for month in months if counts_plan or month not in self.window.months]

    def _peak(self, charge: DemandCharge, period: Period, month: date) -> Quantity:
        if month > self.window.months[-1]:
            return self._own(charge, month)
        if (charge, month) not in self._of:
            self._of[charge, month] = self._planned_or_past(charge, period, month)
        return self._of[charge, month]

    def _planned_or_past(self, charge: DemandCharge, period: Period, month: date) -> Quantity:
        facts = self.window.facts
        if month in self.window.months:
            held = HeldDays(tariff=period.tariff, first_day=month, stop_day=next_month(month))
            return month_peak(charge, period_of(held, self.supply, self.window.grid, facts, month))
        key = f"{charge.charge_id}.{KEY}"
        known = facts.past_value(month, key)
        if known is None:
            raise PastMonthUnknownError(charge_id=charge.charge_id, month=f"{month:%Y-%m}", quantity=KEY, key=key)
        return Given(value=float(known))

    def _own(self, charge: DemandCharge, month: date) -> Quantity:
        """Give what a coming month is expected to measure by itself, as a number per sample. [kW]."""
        if (charge, month) not in self._of:
            key = f"{charge.charge_id}.{KEY}"
            values = self.window.facts.coming_values(month, key)
            n_samples = self.window.n_samples
            if values is None:
                raise ComingMonthUnknownError(charge_id=charge.charge_id, month=f"{month:%Y-%m}", key=key)
            if len(values) > n_samples:
                problem = Text(en=f"has more than {n_samples} values, one a sample", zh=f"多于 {n_samples} 个样本值")
                raise checks.refuse("ComingMonth", f"quantities.{key}", len(values), problem)
            spread = np.array([float(values[i * len(values) // n_samples]) for i in range(n_samples)])
            own = Given(value=float(spread.mean()))
            self.lowering.know(own, spread)
            self._of[charge, month] = own
        return self._of[charge, month]


def coming_as_last_year(
    load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint, after: date, n_months: int = YEAR_MONTHS - 1
) -> tuple[ComingMonth, ...]:
    """Expect of the months after one what a load measured in the same months a year before, as far as it covers them.

    Parameters
    ----------
    load : BilledLoad
        One row without holes; usually the meter's history.
    after : date
        Any day of the last month that is billed now.
    """
    found: list[ComingMonth] = []
    month = next_month(after)
    for _ in range(n_months):
        before = month.replace(year=month.year - 1)
        quantities = _measured_in(load, tariff, supply, before)
        if not quantities:
            break
        found.append(ComingMonth(month=month, quantities=quantities))
        month = next_month(month)
    return tuple(found)


def _measured_in(
    load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint, month: date
) -> dict[str, tuple[Decimal, ...]]:
    """Give what a month measured of everything that looks back, as the tariff of today would have measured it."""
    found: dict[str, tuple[Decimal, ...]] = {}
    for one in past_months(load, tariff, supply, next_month(month)):
        if one.month == month:
            found |= {name: (value,) for name, value in one.quantities.items() if name.endswith(f".{KEY}")}
    return found
