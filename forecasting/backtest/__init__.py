"""Asks a forecaster again what it would have said, and scores it against what came."""

from forecasting.backtest.forecasters import FourWeekMean, OwnForecast, SameTimeLastWeek
from forecasting.backtest.origins import Origin, rolling_origins
from forecasting.backtest.runner import Backtest, Forecaster, run_backtest
from forecasting.backtest.scores import Score, score
