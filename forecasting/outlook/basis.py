"""Last year laid out on the coming months, and what the history says of how far that is off."""

from datetime import date, datetime, timedelta

import numpy as np

from domain import checks
from domain.checks import FloatArray, aware
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.text import Text
from domain.time import Calendar, TimeGrid, local_midnight, month_start, next_month, said_at, zone_of
from forecasting import quality
from forecasting.clock import IntArray
from forecasting.outlook.anchored import MonthSums, Site, is_lent, site_of
from forecasting.outlook.bands import TariffBands
from forecasting.outlook.hindcast import (
    PRIOR_SD_RATE,
    Growth,
    MonthErrors,
    Spread,
    errors_of,
    growths_of,
    months_later,
    spread_of,
    whole_months,
    year_on_year,
)
from forecasting.outlook.words import (
    GROWTH_UNKNOWN,
    HALT,
    NO_SECOND_YEAR,
    NOT_ANCHORED,
    PEAK_COARSE,
    NoMonthAnchoredError,
    OutlookHistoryTooShortError,
)

LEAST_MONTHS = 3
MOST_MONTHS = 12
ALL_DAYS = 20 * 366
HALT_SHARE = 0.3
"""Below this share of the median month one speaks of a halt. [-]"""


@noun(eq=False)
class Basis:
    """Last year laid out on the coming months, before growth and plans; the capacity outlook starts here too."""

    site: Site
    actual: MonthSums
    told: MonthSums
    month_days: tuple[int, ...]
    growth: Growth
    peak_growth: Growth
    errors: MonthErrors
    total_spread: Spread
    peak_spread: Spread
    findings: tuple[Finding, ...]


def basis_of(
    history: MeterSeries,
    *,
    issued_at: datetime,
    zone: str,
    calendar: Calendar,
    tariff_bands: TariffBands | None,
    n_months: int,
    interval_min: int,
) -> Basis:
    """Lay last year on the coming months, and learn from the history how far that is off."""
    aware("outlook", "issued_at", issued_at)
    if not 1 <= n_months <= MOST_MONTHS:
        problem = Text(en=f"must lie within 1…{MOST_MONTHS}", zh=f"必须在 1…{MOST_MONTHS} 之间")
        raise checks.refuse("outlook", "n_months", n_months, problem)
    if tariff_bands is not None and tariff_bands.zone != zone:
        problem = Text(en=f"must be the tariff's, {tariff_bands.zone}", zh=f"须与电价的时区 {tariff_bands.zone} 一致")
        raise checks.refuse("outlook", "zone", zone, problem)
    first, stop = coming_months(issued_at, zone, n_months)
    measured = quality.measured_before(history, issued_at, ALL_DAYS, zone)
    site = site_of(measured, calendar, last_day=stop - timedelta(days=1), bands=tariff_bands, interval_min=interval_min)
    actual = site.sums(measured.grid, measured.load_kw)
    if whole_months(actual) < LEAST_MONTHS:
        raise OutlookHistoryTooShortError(
            meter_id=history.meter_id,
            n_months=whole_months(actual),
            issued_at=said_at(issued_at, zone),
            least_months=LEAST_MONTHS,
        )
    told, left_out = _laid_out(site, first, stop)
    if not told.months:
        raise NoMonthAnchoredError(meter_id=history.meter_id, months=", ".join(f"{one:%Y-%m}" for one in left_out))
    errors = errors_of(site, actual)
    total, peak = spread_of(errors.total_log, errors.n_checked), spread_of(errors.peak_log, errors.n_checked)
    if total is None or peak is None:
        raise OutlookHistoryTooShortError(
            meter_id=history.meter_id, n_months=0, issued_at=said_at(issued_at, zone), least_months=LEAST_MONTHS
        )
    growth, peak_growth = growths_of(year_on_year(site, actual), len(actual.months))
    return Basis(
        site=site,
        actual=actual,
        told=told,
        month_days=tuple((next_month(one) - one).days for one in told.months),
        growth=growth,
        peak_growth=peak_growth,
        errors=errors,
        total_spread=total,
        peak_spread=peak,
        findings=(
            *_findings(site, told, left_out, errors=errors, growth=growth, interval_min=interval_min),
            *calendar.unknown_years(list(told.months)),
        ),
    )


def coming_months(issued_at: datetime, zone: str, n_months: int) -> tuple[date, date]:
    """Give the first day of the first whole month after an issue, and the day after the last month."""
    today = issued_at.astimezone(zone_of(zone)).date()
    first = month_start(today)
    if issued_at > local_midnight(first, zone):
        first = next_month(first)
    return first, months_later(first, n_months)


def _laid_out(site: Site, first: date, stop: date) -> tuple[MonthSums, tuple[date, ...]]:
    """Lay last year's days on the months asked for; months that rest on nothing are given apart."""
    zone = site.clock.zone
    grid = TimeGrid.of_local_days(first, (stop - first).days, zone, site.measured.grid.step_min)
    donors: IntArray = np.full(site.book.n_days, -1, dtype=np.int64)
    targets = np.arange(site.day_number(first), site.day_number(stop), dtype=np.int64)
    donors[targets] = site.book.like_days(targets, site.usable)
    told = site.sums(grid, site.lend(grid, donors))
    kept = is_lent(site, told.months, donors)
    return (
        MonthSums(
            months=tuple(month for month, so in zip(told.months, kept, strict=True) if so),
            band_kwh=told.band_kwh[kept],
            peak_kw=told.peak_kw[kept],
            known_share=told.known_share[kept],
        ),
        tuple(month for month, so in zip(told.months, kept, strict=True) if not so),
    )


def _findings(
    site: Site, told: MonthSums, left_out: tuple[date, ...], *, errors: MonthErrors, growth: Growth, interval_min: int
) -> tuple[Finding, ...]:
    types = np.where(site.book.kinds[: len(site.by_day_kw)] == 0, 0, 1)
    found = list(quality.reasons_degraded(site.measured, _day_means(site), types))
    if growth.n_months == 0:
        found.append(GROWTH_UNKNOWN.at(prior_pct=100 * PRIOR_SD_RATE))
    if errors.by_neighbours:
        found.append(NO_SECOND_YEAR.at(n_months=growth.n_months))
    if left_out:
        found.append(NOT_ANCHORED.at(months=", ".join(f"{one:%Y-%m}" for one in left_out)))
    days_kwh = told.total_kwh / np.array([(next_month(one) - one).days for one in told.months])
    low = [
        f"{one:%Y-%m}" for one, kwh in zip(told.months, days_kwh, strict=True) if kwh < HALT_SHARE * np.median(days_kwh)
    ]
    if low:
        found.append(HALT.at(months=", ".join(low)))
    if site.measured.grid.step_min > interval_min:
        found.append(PEAK_COARSE.at(step_min=site.measured.grid.step_min, asked_min=interval_min))
    if site.bands is not None:
        found += site.bands.findings(told.months[0], next_month(told.months[-1]) - timedelta(days=1))
    return tuple(found)


def _day_means(site: Site) -> FloatArray:
    means = np.full(len(site.by_day_kw), np.nan)
    usable = site.usable[: means.size]
    means[usable] = site.by_day_kw[usable].mean(axis=1)
    return means
