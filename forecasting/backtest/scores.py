r"""How good forecasts were: each formula with its source.

With :math:`y` the load, :math:`\hat y` the median forecast and :math:`q_\alpha` a quantile, over all
measured steps of all scored origins:

.. math::
    \text{MAE} = \overline{|y - \hat y|} \qquad
    \text{WAPE} = \frac{\sum |y - \hat y|}{\sum |y|} \quad [1] \qquad
    \text{MASE} = \overline{\left(\frac{|y - \hat y|}{s}\right)} \quad [2]

    \text{pinball}_\alpha = \overline{\max\bigl(\alpha (y - q_\alpha), (\alpha - 1)(y - q_\alpha)\bigr)}
    \quad [3]

:math:`s` is the mean absolute difference to the same wall-clock time one week before, over the history
that was known at the origin. Coverage is the share of loads within two quantiles, edges included [4].

References
----------
.. [1] S. Kolassa, W. Schütz, Advantages of the MAD/Mean ratio over the MAPE, Foresight 6 (2007) 40-43.
.. [2] R. Hyndman, A. Koehler, Another look at measures of forecast accuracy, Int. J. Forecasting 22
   (2006) 679-688, section 3; with the seasonal naive as the scale.
.. [3] R. Koenker, G. Bassett, Regression quantiles, Econometrica 46 (1978) 33-50.
.. [4] T. Gneiting, F. Balabdaoui, A. Raftery, Probabilistic forecasts, calibration and sharpness,
   J. R. Statist. Soc. B 69 (2007) 243-268.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.metering import LoadForecast
from domain.noun import noun
from forecasting.backtest.errors import NothingScoredError
from forecasting.backtest.peaks import PeakScore, peak_score
from forecasting.backtest.runner import Backtest

BANDS = {"80": (0.1, 0.9), "90": (0.05, 0.95)}
"""Bands that are judged, by their nominal coverage in percent."""
MEDIAN = 0.5


def mae_kw(actual_kw: FloatArray, forecast_kw: FloatArray) -> float:
    """Give the mean absolute error over the known steps. [kW]."""
    return float(np.nanmean(np.abs(actual_kw - forecast_kw)))


def wape_share(actual_kw: FloatArray, forecast_kw: FloatArray) -> float:
    """Give the summed absolute error over the summed absolute load; infinite where there was no load. [-]."""
    off_kw = float(np.nansum(np.abs(actual_kw - forecast_kw)))
    load_kw = float(np.nansum(np.abs(actual_kw)))
    if load_kw == 0:
        return 0.0 if off_kw == 0 else float("inf")
    return off_kw / load_kw


def pinball_kw(actual_kw: FloatArray, quantile_kw: FloatArray, level: float) -> float:
    """Give the mean quantile loss over the known steps. [kW]."""
    off_kw = actual_kw - quantile_kw
    return float(np.nanmean(np.maximum(level * off_kw, (level - 1) * off_kw)))


def coverage_share(actual_kw: FloatArray, low_kw: FloatArray, high_kw: FloatArray) -> float:
    """Give the share of known loads within a band, its edges included. [-]."""
    known = np.isfinite(actual_kw)
    inside = (actual_kw >= low_kw) & (actual_kw <= high_kw)
    return float(inside[known].mean())


@noun(eq=False)
class Joined:
    """All scored steps of one forecaster in one row, the unmeasured left out."""

    actual_kw: FloatArray
    quantiles_kw: FloatArray
    """Shape ``(n_levels, n)``. [kW]"""
    quantile_levels: tuple[float, ...]
    scale_kw: FloatArray
    """MASE's scale at each step's origin. [kW]"""
    lead_days: npt.NDArray[np.int64]
    """Local day of the horizon, 1 is the first. [d]"""
    hour_h: npt.NDArray[np.int64]
    """Hour of the local day, 0 … 23. [h]"""

    @property
    def median_kw(self) -> FloatArray:
        """The median forecast. [kW]."""
        return self.quantile_kw(MEDIAN)

    def quantile_kw(self, level: float) -> FloatArray:
        """Give one quantile. [kW]."""
        found: FloatArray = self.quantiles_kw[self.quantile_levels.index(level)]
        return found

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Joined":
        """Give some of the steps."""
        return Joined(
            actual_kw=self.actual_kw[chosen],
            quantiles_kw=self.quantiles_kw[:, chosen],
            quantile_levels=self.quantile_levels,
            scale_kw=self.scale_kw[chosen],
            lead_days=self.lead_days[chosen],
            hour_h=self.hour_h[chosen],
        )


@noun
class Score:
    """One forecaster's scores; None where it cannot be said."""

    name: str
    n_origins: int
    """Origins that all forecasters answered. [-]"""
    n_refused: int
    """Origins that this one refused. [-]"""
    n_steps: int
    mae_kw: float
    wape_share: float
    mase: float | None
    pinball_kw: dict[str, float]
    """Mean quantile loss, by level. [kW]"""
    coverage_share: dict[str, float]
    """Share of loads within the band, by its nominal coverage in percent. [-]"""
    width_kw: dict[str, float]
    """Mean width of the band, by its nominal coverage in percent. [kW]"""
    wape_by_lead_share: tuple[float, ...]
    """By local day of the horizon. [-]"""
    peak: PeakScore | None

    @property
    def mean_pinball_kw(self) -> float:
        """Mean quantile loss over the levels. [kW]."""
        return sum(self.pinball_kw.values()) / len(self.pinball_kw)


def score(backtest: Backtest, name: str) -> Score:
    """Score one forecaster over the origins that all have answered.

    Raises
    ------
    NothingScoredError
        If there is none.
    """
    joined = join(backtest, name)
    levels = joined.quantile_levels
    bands = {said: band for said, band in BANDS.items() if set(band) <= set(levels)}
    leads = [joined.where(joined.lead_days == day) for day in np.unique(joined.lead_days)]
    return Score(
        name=name,
        n_origins=len(backtest.scored),
        n_refused=len(backtest.refusals(name)),
        n_steps=joined.actual_kw.size,
        mae_kw=mae_kw(joined.actual_kw, joined.median_kw),
        wape_share=wape_share(joined.actual_kw, joined.median_kw),
        mase=_mase(joined),
        pinball_kw={f"{level:g}": pinball_kw(joined.actual_kw, joined.quantile_kw(level), level) for level in levels},
        coverage_share={
            said: coverage_share(joined.actual_kw, joined.quantile_kw(low), joined.quantile_kw(high))
            for said, (low, high) in bands.items()
        },
        width_kw={
            said: float(np.mean(joined.quantile_kw(high) - joined.quantile_kw(low)))
            for said, (low, high) in bands.items()
        },
        wape_by_lead_share=tuple(wape_share(one.actual_kw, one.median_kw) for one in leads),
        peak=peak_score(backtest, name),
    )


def _mase(joined: Joined) -> float | None:
    """Scale each step's error by its own origin's history; None where a history never moved."""
    if not (joined.scale_kw > 0).all():
        return None
    return float(np.mean(np.abs(joined.actual_kw - joined.median_kw) / joined.scale_kw))


def join(backtest: Backtest, name: str) -> Joined:
    """Lay all scored steps of one forecaster in a row."""
    places = backtest.scored
    if not places:
        refused = [one for said in backtest.answers for one in backtest.refusals(said)]
        reason = refused[0] if refused else "no measured step"
        raise NothingScoredError(meter_id=backtest.meter_id, n_origins=len(backtest.origins), reason=reason)
    forecasts = forecasts_of(backtest, name)
    sizes = [one.grid.n_steps for one in forecasts]
    hours = [one.grid.local_starts(backtest.zone).hour.to_numpy() for one in forecasts]
    joined = Joined(
        actual_kw=np.concatenate([backtest.actual_kw[place] for place in places]),
        quantiles_kw=np.concatenate([one.quantiles_kw for one in forecasts], axis=1),
        quantile_levels=forecasts[0].quantile_levels,
        scale_kw=np.repeat(backtest.scale_kw[list(places)], sizes),
        lead_days=np.concatenate([_lead_days(one, backtest.zone) for one in forecasts]),
        hour_h=np.concatenate(hours).astype(np.int64),
    )
    return joined.where(np.isfinite(joined.actual_kw))


def forecasts_of(backtest: Backtest, name: str) -> Sequence[LoadForecast]:
    """Give one forecaster's forecasts at the scored origins."""
    answers = backtest.answers[name]
    return [one.forecast for one in (answers[place] for place in backtest.scored) if one.forecast is not None]


def _lead_days(forecast: LoadForecast, zone: str) -> npt.NDArray[np.int64]:
    days = forecast.grid.local_days(zone)
    return np.repeat(np.arange(1, len(days) + 1), [day.stop - day.first for day in days])
