"""Measured and forecast load on a grid."""

from domain.metering.peaks import PeakForecast
from domain.metering.series import LoadForecast, MeterSeries, Quality
