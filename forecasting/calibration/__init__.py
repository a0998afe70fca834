"""Quantiles, peaks and courses calibrated on past errors; knows arrays only, no model."""

from forecasting.calibration.adaptive import GAMMA, adapted_level
from forecasting.calibration.conformal import conformal_quantile
from forecasting.calibration.peaks import PastPeaks
from forecasting.calibration.shaping import courses_with_peaks
from forecasting.calibration.steps import PastDays
