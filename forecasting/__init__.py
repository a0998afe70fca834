"""Fills in what is not known yet: the load that nobody has seen."""

from forecasting.fitted import FittedLoad
from forecasting.forecast import fill_gaps, fit_load, forecast_load
from forecasting.options import ForecastOptions, KnownLoad
