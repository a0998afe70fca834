r"""Where the billing months stand when a plan is made: what was metered, what it has incurred, what may still come.

A plan looks at days, a demand charge at the month. What the month has already incurred is sunk: with the peak so far
:math:`d_0`, sampled peaks of the rest :math:`R_k` and what a ratchet or a least demand makes of it :math:`L`, the plan pays
:math:`p \cdot \frac1K \sum_k f(\max(d, d_0, R_k, L))` for its own peak *d*. A caller who plans anew every day makes a
``MonthSoFar`` of the meter and of samples of the rest, and asks it for the window that ``priced_terms`` wants.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.metering import MeterSeries
from domain.noun import noun
from domain.tariffs.atoms import PeakAtom
from domain.tariffs.bills import BillingWindow
from domain.tariffs.charges import DemandCharge
from domain.tariffs.compile_demand import billing_demand, is_levied, month_peak
from domain.tariffs.facts import NO_FACTS, Facts
from domain.tariffs.lowering import Lowering
from domain.tariffs.periods import period_of
from domain.tariffs.quantities import IntArray, Largest, Peak
from domain.tariffs.reading import window_means
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import UNBLOCKED, PricedTerms
from domain.tariffs.versions import AnyTariff, held_days
from domain.text import Text
from domain.time import TimeGrid, local_midnight, month_start, next_month, said_at, zone_of


class PastHasHolesError(WattplanError):
    """What the billing months have incurred cannot be told, because the meter does not know all of them."""

    code = "past_has_holes"
    words = Text(
        en="The billing months began at {start}, and of them the meter does not know {count} steps until {until}, the first at "
        "{first}. Fill them by a named rule, or plan from a meter that has them.",
        zh="计费月自 {start} 起，而截至 {until} 电表缺少其中 {count} 个时段，最早为 {first}。"
        "请按指定规则补齐，或使用数据完整的电表。",
    )


class RestNotCoveredError(WattplanError):
    """The samples of what is still to come do not join the meter and the end of the billing months."""

    code = "rest_not_covered"
    words = Text(
        en="The samples of the rest of the months go from {start} to {end}; they must begin at or before {needed_start}, where the "
        "meter ends, and reach {needed_end}, where the billing months end.",
        zh="剩余月份的样本覆盖 {start} 至 {end}；其起点不得晚于电表终点 {needed_start}，并须达到计费月终点 {needed_end}。",
    )


def months_around(horizon: TimeGrid, zone: str) -> TimeGrid:
    """Give the whole local months that a horizon touches."""
    first = horizon.start.astimezone(zone_of(zone)).date()
    last = horizon.at(horizon.n_steps - 1).astimezone(zone_of(zone)).date()
    begin, end = local_midnight(month_start(first), zone), local_midnight(next_month(last), zone)
    return TimeGrid.between(begin, end, horizon.step_min)


@noun(eq=False)
class MonthSoFar:
    """What the meter has said and equally likely samples of all that is still to come, horizon included."""

    zone: str
    measured: MeterSeries | None
    """What was metered; None at the very start of a month, when that is nothing."""
    rest: TimeGrid
    """From where the meter ends (or earlier) to the end of the billing months (or later)."""
    rest_kw: FloatArray
    """Import, shape (n_samples, n_rest). [kW]"""
    power_factor: Decimal | None = None
    """The months' power factor. [-]"""
    facts: Facts = NO_FACTS
    rest_kvar: FloatArray | None = None
    """Reactive power of the rest, |forward| + |reverse|, same shape as ``rest_kw``: then the plan's own counts, and the meter
    must know that of the past. None: the power factor is as given. [kvar]"""

    def __post_init__(self) -> None:
        rows = np.atleast_2d(np.asarray(self.rest_kw, dtype=np.float64))
        shape = (rows.shape[0], self.rest.n_steps)
        object.__setattr__(self, "rest_kw", checks.frozen_array(self, "rest_kw", rows, shape))
        if self.rest_kvar is not None:
            beside = np.atleast_2d(np.asarray(self.rest_kvar, dtype=np.float64))
            object.__setattr__(self, "rest_kvar", checks.frozen_array(self, "rest_kvar", beside, shape))

    @property
    def known_until(self) -> datetime:
        """End of what was metered, UTC."""
        return self.rest.start if self.measured is None else self.measured.grid.end

    def window(self, horizon: TimeGrid) -> BillingWindow:
        """Lay what was metered and what is expected around a horizon.

        Raises
        ------
        PastHasHolesError
            If the meter does not know all of the billing months until where it ends.
        RestNotCoveredError
            If the samples do not reach from there to the months' end.
        """
        months = months_around(horizon, self.zone)
        known = min(max(0, months.edge_of(self.known_until)), months.n_steps)
        around = np.full((self.rest_kw.shape[0], months.n_steps), np.nan)
        measured = self.measured
        around[:, :known] = self._metered(months, known, None if measured is None else measured.import_kw)
        shift = months.edge_of(self.rest.start)
        if shift > known or shift + self.rest.n_steps < months.n_steps:
            raise RestNotCoveredError(
                start=said_at(self.rest.start, self.zone),
                end=said_at(self.rest.end, self.zone),
                needed_start=said_at(months.at(known), self.zone),
                needed_end=said_at(months.end, self.zone),
            )
        around[:, known:] = self.rest_kw[:, known - shift : months.n_steps - shift]
        first = months.edge_of(horizon.start)
        stop = first + horizon.n_steps
        around[:, first:stop] = np.nan
        around_kvar = None
        if self.rest_kvar is not None:
            around_kvar = np.full(around.shape, np.nan)
            around_kvar[:, :known] = self._metered(months, known, None if measured is None else measured.reactive_kvar)
            around_kvar[:, known:] = self.rest_kvar[:, known - shift : months.n_steps - shift]
            around_kvar[:, first:stop] = np.nan
        return BillingWindow(
            grid=months,
            zone=self.zone,
            first=first,
            stop=stop,
            around_kw=around,
            power_factor=self.power_factor,
            facts=self.facts,
            around_kvar=around_kvar,
        )

    def _metered(self, months: TimeGrid, known: int, values: FloatArray | None) -> FloatArray:
        """Give the metered part of the months, shape (known,). [kW or kvar]."""
        found = np.full(known, np.nan)
        if self.measured is not None and values is not None and known:
            shift = months.edge_of(self.measured.grid.start)
            first = max(0, shift)
            found[first:known] = values[first - shift : known - shift]
        holes = np.flatnonzero(np.isnan(found))
        if holes.size:
            raise PastHasHolesError(
                start=said_at(months.start, self.zone),
                count=int(holes.size),
                until=said_at(months.at(known), self.zone),
                first=said_at(months.at(int(holes[0])), self.zone),
            )
        return found

    def peaks(self, tariff: AnyTariff, supply: SupplyPoint, horizon: TimeGrid) -> tuple["IncurredPeak", ...]:
        """Give what each monthly demand charge has incurred; raises as ``window`` and ``incurred_peaks``."""
        return incurred_peaks(tariff, supply, self.window(horizon), self.known_until)


@noun(eq=False)
class IncurredPeak:
    """One demand charge in one billing month: its peak so far, and what is to come apart from the horizon."""

    charge_id: str
    label: str
    """Charge and month, as the plan's terms name them."""
    month: date
    incurred_kw: float
    """d_0: highest window mean that was metered; 0 at the start of the month. [kW]"""
    rest_kw: FloatArray
    """Highest window mean after what was metered and outside the horizon, shape (n_samples,). [kW]"""
    least_kw: float
    """What a ratchet or a least demand bills whatever this month does. [kW]"""

    @property
    def other_kw(self) -> FloatArray:
        """R_k as the plan's terms have it: the month's peak without the horizon's. [kW]."""
        return np.maximum(self.rest_kw, max(self.incurred_kw, self.least_kw))

    @property
    def sunk_share(self) -> float:
        """Share of the samples in which the rest of the month stays below what is already incurred. [-]."""
        return float((self.rest_kw <= max(self.incurred_kw, self.least_kw)).mean())


def incurred_peaks(
    tariff: AnyTariff, supply: SupplyPoint, window: BillingWindow, known_until: datetime
) -> tuple[IncurredPeak, ...]:
    """Split what lies around a horizon into what has happened and what may come, charge by charge and month by month.

    Charges on one peak of the month in kW; means of several peaks, apparent power and yearly prices have no single number
    that is incurred and are left out here (the terms price them all the same).

    Parameters
    ----------
    known_until : datetime
        End of what was metered; what the window has after it is a sample.

    Raises
    ------
    TariffNotInForceError, MonthNotCoveredError, StepTooCoarseError, PastMonthUnknownError, HorizonSplitsBlockError
    """
    known = min(max(0, window.grid.edge_of(known_until)), window.grid.n_steps)
    lowering = Lowering(window, supply, tariff.zone)
    return tuple(
        _incurred(charge, month, peak, lowering, least_kw=least_kw, known=known)
        for month in window.months
        for charge, peak, least_kw in _plain_peaks(tariff, supply, window, month, lowering)
    )


def _plain_peaks(
    tariff: AnyTariff, supply: SupplyPoint, window: BillingWindow, month: date, lowering: Lowering
) -> Iterator[tuple[DemandCharge, Peak, float]]:
    for held in held_days(tariff, month):
        period = period_of(held, supply, window.grid, window.facts, month)
        for charge in held.tariff.charges:
            if not isinstance(charge, DemandCharge) or charge.levied != "month" or not is_levied(charge, month):
                continue
            if charge.peaks_count > 1 or charge.measured_as != "kw":
                continue
            peak = month_peak(charge, period)
            billing = billing_demand(charge, period, peak)
            least_kw = 0.0
            if isinstance(billing, Largest):
                parts = [(share, lowering.of(part)) for share, part in billing.parts if part is not peak]
                fixed = [share * float(one.constant.max()) for share, one in parts if one.is_constant]
                least_kw = max([billing.least, *fixed])
            yield charge, peak, least_kw


def _incurred(
    charge: DemandCharge, month: date, peak: Peak, lowering: Lowering, *, least_kw: float, known: int
) -> IncurredPeak:
    _, outside = lowering.peaks.inner_blocks(peak)
    lowering.peaks.outside_peak_kw(peak)  # refuses a horizon that splits a block
    begun = np.zeros(outside.size, dtype=bool)
    begun[:known] = True
    coming_blocks = np.unique(outside[~begun])
    coming = np.isin(outside, coming_blocks[coming_blocks != UNBLOCKED])
    return IncurredPeak(
        charge_id=charge.charge_id,
        label=peak.label,
        month=month,
        incurred_kw=float(_highest_kw(peak, np.where(coming, UNBLOCKED, outside), lowering).max()),
        rest_kw=_highest_kw(peak, np.where(coming, outside, UNBLOCKED), lowering),
        least_kw=least_kw,
    )


def _highest_kw(peak: Peak, blocks: IntArray, lowering: Lowering) -> FloatArray:
    """Give the highest mean of some blocks in every sample, at least 0. [kW]."""
    window = lowering.window
    windows = replace(peak.windows, first=0, stop=window.grid.n_steps, blocks=blocks)
    means, _ = window_means(window.around_kw, windows)
    if means.shape[1] == 0:
        return np.zeros(window.n_samples)
    return np.asarray(np.maximum(means.max(axis=1), 0.0))


def with_incurred(terms: PricedTerms, incurred_kw: Mapping[str, float]) -> PricedTerms:
    """Give terms whose months have already incurred some peaks, for a caller who kept only those and not the load.

    Parameters
    ----------
    incurred_kw : Mapping[str, float]
        Peak by label of the charge's month, such as ``demand 2026-11``. [kW]

    Raises
    ------
    InvalidFieldError
        If no peak of the terms has such a label, naming those that there are.
    """
    atoms = {one.label for one in terms.atoms if isinstance(one, PeakAtom)}
    known = sorted({term.label for term in terms.demand} | atoms)
    for label, peak_kw in incurred_kw.items():
        checks.not_negative("with_incurred", f"incurred_kw[{label}]", peak_kw)
        if label not in known:
            problem = Text(en=f"is none of {', '.join(known)}", zh=f"不属于 {'、'.join(known)}")
            raise checks.refuse("with_incurred", "incurred_kw", label, problem)
    demand = tuple(
        replace(term, other_peak_kw=np.maximum(term.other_peak_kw, incurred_kw.get(term.label, 0.0)))
        for term in terms.demand
    )
    raised = tuple(
        replace(one, other_kw=np.maximum(one.other_kw, incurred_kw[one.label]))
        if isinstance(one, PeakAtom) and one.label in incurred_kw
        else one
        for one in terms.atoms
    )
    return replace(terms, demand=demand, atoms=raised)
