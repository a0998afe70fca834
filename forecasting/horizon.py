"""A whole horizon calibrated: quantiles and courses day by day, peaks of days, week and rest of month."""

from datetime import date

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.metering import PeakForecast
from domain.metering.peaks import PeakPeriod
from domain.noun import noun
from domain.text import Text
from forecasting.calibration import PastPeaks
from forecasting.options import ForecastOptions
from forecasting.sampling import DayAsked, DayCalibration, ErrorDays, calibrated_day, period_peak_errors_kw

LEAST_ORIGINS = 20
"""Past days below which the bands are said to rest on little. [-]"""
LEAST_PERIODS = 5
"""Past stretches, overlapping ones counted, below which a longer stretch gets no peak of its own. [-]"""
WEEK_DAYS = 7

FEW_PAST_ERRORS = FindingKind(
    code="forecast_few_past_errors",
    severity=Severity.WARNING,
    words=Text(
        en="The bands rest on only {count} past days that could be forecast and checked; with fewer than {least} they "
        "are widened and may still be off.",
        zh="预测区间仅基于 {count} 个可回测的历史日；不足 {least} 个时区间已放宽，仍可能有偏差。",
    ),
)
PERIOD_PEAK_UNKNOWN = FindingKind(
    code="forecast_period_peak_unknown",
    severity=Severity.INFO,
    words=Text(
        en="The history is too short to say how high a stretch of {n_days} days may go; it is left out.",
        zh="历史数据过短，无法给出连续 {n_days} 天的峰值分布，已略去。",
    ),
)


@noun(eq=False)
class CalibratedHorizon:
    """Quantiles, courses and peaks of a horizon, and what makes them less trustworthy."""

    quantiles_kw: FloatArray
    """Shape ``(n_levels, n_steps)``. [kW]"""
    samples_kw: FloatArray
    """Shape ``(n_samples, n_steps)``. [kW]"""
    peaks: tuple[PeakForecast, ...]
    findings: tuple[Finding, ...]


def calibrated_horizon(
    past: ErrorDays,
    *,
    days: list[DayAsked],
    dates: list[date],
    mean_kw: FloatArray,
    options: ForecastOptions,
    floored: bool,
) -> CalibratedHorizon:
    """Calibrate a horizon on past errors.

    Parameters
    ----------
    past : ErrorDays
        Loads and errors of past days.
    days : list of DayAsked
        The horizon's local days.
    dates : list of date
        Their dates.
    mean_kw : FloatArray
        Forecast course, shape (n_steps,). [kW]
    options : ForecastOptions
        Levels, number of courses and seed.
    floored : bool
        Whether the load is never negative.
    """
    levels, random = options.quantile_levels, np.random.default_rng(options.seed)
    quantiles_kw = np.empty((len(levels), mean_kw.size))
    samples_kw = np.empty((options.n_samples, mean_kw.size))
    known: dict[tuple[int, bytes, bytes], DayCalibration] = {}
    calibrations, peaks = [], []
    for day in days:
        key = (day.kind, day.slots_of_day.tobytes(), day.leads.tobytes())
        if key not in known:
            known[key] = calibrated_day(past, day, levels)
        found, here = known[key], slice(day.first, day.stop)
        quantiles_kw[:, here] = mean_kw[here] + found.quantiles_kw
        samples_kw[:, here] = mean_kw[here] + found.samples_kw(mean_kw[here], options.n_samples, random)
        calibrations.append(found)
        peaks.append(_peak("day", [day], levels, found.peak_kw(mean_kw[here]), found.origin_count, floored=floored))
    longer, findings = _longer_peaks(past, days, dates, mean_kw, peaks, floored=floored)
    fewest = min(one.origin_count if one.tested else min(one.origin_count, LEAST_ORIGINS - 1) for one in calibrations)
    if fewest < LEAST_ORIGINS:
        findings = (FEW_PAST_ERRORS.at(count=fewest, least=LEAST_ORIGINS), *findings)
    if floored:
        quantiles_kw, samples_kw = np.maximum(quantiles_kw, 0.0), np.maximum(samples_kw, 0.0)
    return CalibratedHorizon(
        quantiles_kw=quantiles_kw, samples_kw=samples_kw, peaks=(*peaks, *longer), findings=findings
    )


def _longer_peaks(
    past: ErrorDays,
    days: list[DayAsked],
    dates: list[date],
    mean_kw: FloatArray,
    day_peaks: list[PeakForecast],
    *,
    floored: bool,
) -> tuple[tuple[PeakForecast, ...], tuple[Finding, ...]]:
    """Give the peaks of the first week and of the rest of the first day's month, where the horizon holds them."""
    asked: list[tuple[PeakPeriod, int]] = [("week", WEEK_DAYS)] if len(days) >= WEEK_DAYS else []
    in_month = sum((one.year, one.month) == (dates[0].year, dates[0].month) for one in dates)
    if in_month > 1 and in_month == _days_left(dates[0]):
        asked.append(("rest_of_month", in_month))
    peaks, findings = [], []
    for period, n_days in asked:
        errors_kw = period_peak_errors_kw(past, days[:n_days])
        if errors_kw.size < LEAST_PERIODS:
            findings.append(PERIOD_PEAK_UNKNOWN.at(n_days=n_days))
            continue
        own = PastPeaks(
            errors_kw=errors_kw,
            kinds=np.zeros(errors_kw.size, dtype=np.int64),
            delay=n_days - 1,
            independent_count=max(1.0, (errors_kw.size + n_days - 1) / n_days),
        )
        levels = day_peaks[0].quantile_levels
        bounds_kw = mean_kw[: days[n_days - 1].stop].max() + own.quantiles_kw(0, levels)
        # A stretch goes at least as high as each of its days.
        least_kw = np.max([one.quantiles_kw for one in day_peaks[:n_days]], axis=0)
        both_kw = np.maximum(bounds_kw, least_kw)
        peaks.append(_peak(period, days[:n_days], levels, both_kw, errors_kw.size, floored=floored))
    return tuple(peaks), tuple(findings)


def _peak(
    period: PeakPeriod,
    days: list[DayAsked],
    levels: tuple[float, ...],
    peak_kw: FloatArray,
    origin_count: int,
    *,
    floored: bool,
) -> PeakForecast:
    return PeakForecast(
        period=period,
        first=days[0].first,
        stop=days[-1].stop,
        quantile_levels=levels,
        quantiles_kw=np.maximum(peak_kw, 0.0) if floored else peak_kw,
        origin_count=origin_count,
    )


def _days_left(day: date) -> int:
    """Count the days from a day to the end of its month, both included."""
    first_of_next = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (first_of_next - day).days
