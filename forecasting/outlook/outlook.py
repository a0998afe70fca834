"""The verb: twelve months of energy by band and of monthly peaks, each with what it may be off."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.text import Text
from domain.time import Calendar, TimeGrid
from forecasting.outlook.bands import DEFAULT_INTERVAL_MIN, TariffBands
from forecasting.outlook.basis import LEAST_MONTHS, Basis, basis_of
from forecasting.outlook.expansions import Courses, Expansion, courses_of
from forecasting.outlook.hindcast import Growth, Spread, spread_of

NODES = 199
"""Equally likely places of the error distribution that stand for it where plans are unsure. [-]"""


@noun
class OutlookOptions:
    """What one may ask of an outlook."""

    quantile_levels: tuple[float, ...] = (0.1, 0.5, 0.9)
    """Ascending, each within 0…1. [-]"""
    interval_min: int | None = None
    """Interval of the peak; None: the tariff's, else 15. [min]"""

    def __post_init__(self) -> None:
        levels = self.quantile_levels
        if not levels or not all(a < b for a, b in zip((0.0, *levels), (*levels, 1.0), strict=True)):
            problem = Text(en="must ascend strictly within 0…1", zh="必须在 0…1 之间严格递增")
            raise checks.refuse(self, "quantile_levels", levels, problem)
        if self.interval_min is not None and self.interval_min not in (5, 15, 30, 60):
            problem = Text(en="must be 5, 15, 30 or 60", zh="必须是 5、15、30 或 60")
            raise checks.refuse(self, "interval_min", self.interval_min, problem)


@noun(eq=False)
class MonthOutlook:
    """One coming month; quantiles in the order of the outlook's levels."""

    month: date
    total_kwh: FloatArray
    """Shape (n_levels,). [kWh]"""
    band_kwh: dict[str, FloatArray]
    """By band of the tariff; medians of bands need not sum to the total's. [kWh]"""
    peak_kw: FloatArray
    """Highest mean over ``interval_min``. [kW]"""


@noun(eq=False)
class Outlook:
    """What the coming months will take, anchored on last year.

    Invariants: rests only on what ended by ``issued_at``; months without an anchor are left out and named.
    """

    meter_id: str
    issued_at: datetime
    data_until: datetime
    quantile_levels: tuple[float, ...]
    interval_min: int
    """Interval of the peaks. [min]"""
    months: tuple[MonthOutlook, ...]
    growth: Growth
    """Of the energy."""
    peak_growth: Growth
    findings: tuple[Finding, ...]


def outlook(
    history: MeterSeries,
    *,
    issued_at: datetime,
    zone: str,
    calendar: Calendar,
    tariff_bands: TariffBands | None = None,
    n_months: int = 12,
    expansions: Sequence[Expansion] = (),
    options: OutlookOptions | None = None,
) -> Outlook:
    """Look some whole calendar months ahead: energy in total and by band, and the monthly peak.

    Parameters
    ----------
    history : MeterSeries
        Import of one meter; steps that end after ``issued_at`` are not looked at. [kW]
    zone : str
        IANA zone of the months and days; with a tariff it must be the tariff's.
    calendar : Calendar
        The plant's working days and holidays.
    tariff_bands : TariffBands, optional
        See ``bands_of``; None: one band of all hours.
    n_months : int
        1…12, from the first whole month after the issue. [-]
    expansions : Sequence[Expansion]
        Plans that add load from a day on.

    Raises
    ------
    NoUsableDataError, HistoryTooShortError, ConstantLoadError
        See ``quality.measured_before``.
    OutlookHistoryTooShortError, NoMonthAnchoredError, BandEdgeError
        See each.
    """
    options = options or OutlookOptions()
    interval_min = options.interval_min or (tariff_bands.interval_min if tariff_bands else DEFAULT_INTERVAL_MIN)
    basis = basis_of(
        history,
        issued_at=issued_at,
        zone=zone,
        calendar=calendar,
        tariff_bands=tariff_bands,
        n_months=n_months,
        interval_min=interval_min,
    )
    courses = courses_of(tuple(expansions), basis.told.months, basis.month_days)
    levels = options.quantile_levels
    grown, peak_grown = float(np.exp(basis.growth.mean_rate)), float(np.exp(basis.peak_growth.mean_rate))
    shares = _hour_shares(basis)
    months = tuple(
        MonthOutlook(
            month=month,
            total_kwh=mixed(
                grown * basis.told.total_kwh[place], courses.added_kwh[:, place], courses, basis.total_spread, levels
            ),
            band_kwh={
                band: mixed(
                    grown * basis.told.band_kwh[place, number],
                    courses.added_kwh[:, place] * shares[place, number],
                    courses,
                    _band_spread(basis, number),
                    levels,
                )
                for number, band in enumerate(basis.site.band_names)
                if shares[place, number] > 0
            },
            peak_kw=mixed(
                peak_grown * basis.told.peak_kw[place], courses.added_kw[:, place], courses, basis.peak_spread, levels
            ),
        )
        for place, month in enumerate(basis.told.months)
    )
    return Outlook(
        meter_id=history.meter_id,
        issued_at=issued_at.astimezone(UTC),
        data_until=basis.site.measured.grid.end,
        quantile_levels=levels,
        interval_min=basis.site.interval_min,
        months=months,
        growth=basis.growth,
        peak_growth=basis.peak_growth,
        findings=basis.findings,
    )


def mixed(median: float, added: FloatArray, courses: Courses, spread: Spread, levels: tuple[float, ...]) -> FloatArray:
    """Give quantiles of a foretold value with its error plus what the courses of plans add, shape (n_levels,)."""
    if np.ptp(added) == 0:
        return np.asarray(median * spread.factors(levels) + added[0], dtype=np.float64)
    places = (np.arange(NODES) + 0.5) / NODES
    values = (median * spread.factors(tuple(places.tolist())))[None, :] + added[:, None]
    weights = np.repeat(courses.weights_share, NODES) / NODES
    order = np.argsort(values.ravel(), kind="stable")
    reached = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(reached, np.array(levels) - 1e-12), order.size - 1)
    return np.asarray(values.ravel()[order][at], dtype=np.float64)


def _hour_shares(basis: Basis) -> FloatArray:
    """Give the share of each month's hours in each band, shape (n_months, n_bands). [-]."""
    site = basis.site
    shares = np.zeros((len(basis.told.months), len(site.band_names)))
    for place, (month, n_days) in enumerate(zip(basis.told.months, basis.month_days, strict=True)):
        grid = TimeGrid.of_local_days(month, n_days, site.clock.zone, site.measured.grid.step_min)
        shares[place] = np.bincount(site.band_on(grid), minlength=shares.shape[1]) / grid.n_steps
    return shares


def _band_spread(basis: Basis, number: int) -> Spread:
    """Give a band's own errors; a band seen in fewer than three checked months has the total's."""
    own = basis.errors.bands_log[:, number]
    known = own[np.isfinite(own)]
    if known.size < LEAST_MONTHS:
        return basis.total_spread
    return spread_of(known, min(int(known.size), basis.errors.n_checked)) or basis.total_spread
