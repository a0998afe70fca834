"""How well the day's highest load was foreseen, which is what demand charges are made of."""

import numpy as np

from domain.checks import FloatArray
from domain.metering import LoadForecast
from domain.noun import noun
from domain.time import LocalDay
from forecasting.backtest.runner import Backtest

LEAST_KNOWN_SHARE = 0.95
"""Share of a day that must be measured for its peak to be known. [-]"""
LEAST_SAMPLES = 20
"""Samples below which the peak's quantiles mean nothing; such forecasts are judged by their median's peak. [-]"""
LOW, HIGH = 0.1, 0.9


@noun
class PeakScore:
    """Scores of the daily highest load."""

    n_days: int
    mae_kw: float
    """Mean size of the error. [kW]"""
    bias_kw: float
    """Mean forecast less mean actual peak. [kW]"""
    mae_share: float
    """The mean size over the mean actual peak. [-]"""
    coverage_share: float | None
    """Share of peaks within the samples' 10 % and 90 %; None for forecasts without samples. [-]"""
    above_share: float | None
    """Share of peaks above the samples' 90 %. [-]"""


def peak_score(backtest: Backtest, name: str) -> PeakScore | None:
    """Score the daily peaks of one forecaster over the scored origins; None where no day was measured."""
    actual_kw: list[float] = []
    said_kw: list[tuple[float, float, float]] = []
    n_samples = 0
    for place in backtest.scored:
        forecast = backtest.answers[name][place].forecast
        if forecast is None:
            continue
        n_samples = len(forecast.samples_kw)
        for day in forecast.grid.local_days(backtest.zone):
            of_day_kw = backtest.actual_kw[place][day.first : day.stop]
            if np.isfinite(of_day_kw).mean() < LEAST_KNOWN_SHARE:
                continue
            actual_kw.append(float(np.nanmax(of_day_kw)))
            said_kw.append(peak_of(forecast, day))
    if not actual_kw:
        return None
    actual, said = np.array(actual_kw), np.array(said_kw)
    return _scored(actual, said, is_sampled=n_samples >= LEAST_SAMPLES)


def peak_of(forecast: LoadForecast, day: LocalDay) -> tuple[float, float, float]:
    """Give the 10 %, 50 % and 90 % quantile of a day's highest load. [kW].

    A quantile of the highest load is not the highest quantile: it comes from samples that keep the
    shape of a day. Without samples all three are the median course's highest.
    """
    if len(forecast.samples_kw) < LEAST_SAMPLES:
        highest = float(forecast.quantile_kw(0.5)[day.first : day.stop].max())
        return highest, highest, highest
    peaks_kw = forecast.samples_kw[:, day.first : day.stop].max(axis=1)
    low, middle, high = (float(one) for one in np.quantile(peaks_kw, (LOW, 0.5, HIGH)))
    return low, middle, high


def _scored(actual_kw: FloatArray, said_kw: FloatArray, *, is_sampled: bool) -> PeakScore:
    off_kw = said_kw[:, 1] - actual_kw
    inside = (actual_kw >= said_kw[:, 0]) & (actual_kw <= said_kw[:, 2])
    mean_kw = float(actual_kw.mean())
    mae = float(np.abs(off_kw).mean())
    return PeakScore(
        n_days=actual_kw.size,
        mae_kw=mae,
        bias_kw=float(off_kw.mean()),
        mae_share=mae / mean_kw if mean_kw else float("inf"),
        coverage_share=float(inside.mean()) if is_sampled else None,
        above_share=float((actual_kw > said_kw[:, 2]).mean()) if is_sampled else None,
    )
