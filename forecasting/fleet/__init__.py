"""Forecasts thousands of customers: in chunks, over any executor, each customer's trouble its own."""

from forecasting.fleet.runner import FleetProgress, run_fleet
from forecasting.fleet.store import FleetStore
from forecasting.fleet.work import Customer, CustomerAnswer, CustomerFailure, ForecastFile
