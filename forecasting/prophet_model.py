"""Prophet behind our own type: flat growth and one daily shape per kind of day.

With ``prophet_map.backend`` the only module that knows Prophet. No trend and no yearly term: over the few months that are learned
from, both follow accidents. No weekly Fourier term either: it bleeds from working days into weekends
(steel plant: 40.7 % day-ahead error with it, 36.9 % without, before any residual correction); the
week's rhythm comes from the kinds of days and from the last weeks' residuals. The optimum is
``prophet_map``'s, or stock Stan's where that is asked for.
"""

import logging
import warnings
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.design import DayType, DayTypes
from forecasting.errors import ForecastFailedError
from forecasting.options import Backend

FOURIER_ORDER = 24
"""Harmonics of a day: shifts and breaks have edges. [-]"""
PRIOR_SCALE = 10.0
"""Prior standard deviation of every coefficient, in units of the largest load. [-]"""
DITHER_SHARE = 1e-3
"""Noise laid on the load for stock Stan, in units of the largest load: without any noise at all (a load typed in by
hand) the likelihood has no maximum and Stan wanders off. The exact optimum has a floor instead. [-]"""
PLAN = "plan_kw"
MOST_WORDS = 200
"""Letters of a solver's complaint that are passed on. [-]"""
PACKAGES = ("prophet", "cmdstanpy", "pandas", "numpy")


@lru_cache(maxsize=2)
def _prophet_class(backend: Backend) -> Any:
    """Import Prophet when it is first needed: it costs seconds."""
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)  # complains of a plotting library nobody asked for
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from prophet import Prophet  # noqa: PLC0415 -- costs seconds

        from forecasting.prophet_map.backend import ExactProphet  # noqa: PLC0415 -- likewise
    # cmdstanpy hangs its own talkative handler on a logger that has none.
    logging.getLogger("cmdstanpy").addHandler(logging.NullHandler())
    for name in ("prophet", "cmdstanpy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is raised
    return ExactProphet if backend == "exact" else Prophet


def versions() -> dict[str, str]:
    """Give the versions of the packages that a forecast rests on."""
    return {name: version(name) for name in PACKAGES}


@noun(eq=False)
class ShapeModel:
    """A fitted Prophet model of the load's expected course on the wall clock."""

    fitted: Any
    """The ``prophet.Prophet`` object."""
    types: tuple[DayType, ...]
    """The kinds of days that have a shape."""
    with_plan: bool
    """Whether the plan's load is a regressor."""
    order: int
    """Harmonics of the daily shapes. [-]"""
    backend: Backend
    """Who found the optimum."""

    def expected_kw(self, stamps: pd.DatetimeIndex, types: DayTypes, plan_kw: FloatArray | None = None) -> FloatArray:
        """Give the model's mean at wall-clock stamps, shape ``(n_stamps,)``. [kW]."""
        frame = _frame(stamps, types, plan_kw if self.with_plan else None, self.types)
        with warnings.catch_warnings():
            _ignore_prophets_own()
            mean_kw = _mean_kw(self.fitted, frame)
        # Prophet sorts by stamp; the stable order maps its rows back.
        order = np.argsort(stamps.to_numpy(), kind="stable")
        expected_kw = np.empty(len(stamps))
        expected_kw[order] = mean_kw
        return expected_kw

    @property
    def recipe(self) -> str:
        """Say in one line what the model is made of."""
        shapes = ", ".join(kind.name.lower() for kind in self.types)
        plan = " + plan load" if self.with_plan else ""
        solver = "exact optimum" if self.backend == "exact" else "optimum by stock Stan"
        return f"prophet flat ({solver}), daily order {self.order} on the wall clock by {shapes}{plan}"


def fit_shapes(
    *,
    meter_id: str,
    stamps: pd.DatetimeIndex,
    load_kw: FloatArray,
    types: DayTypes,
    plan_kw: FloatArray | None,
    day_slots: int,
    seed: int,
    backend: Backend = "exact",
) -> ShapeModel:
    """Fit the daily shapes by Prophet's maximum a posteriori.

    Parameters
    ----------
    meter_id : str
        Whose load it is; named when the solver fails.
    stamps : DatetimeIndex
        Zoneless wall-clock stamps, ascending, none twice.
    load_kw : FloatArray
        Load at the stamps, no holes. [kW]
    types : DayTypes
        Kind of day of each stamp.
    plan_kw : FloatArray, optional
        The plan's load at the stamps, no holes. [kW]
    day_slots : int
        Stamps of a full day; more harmonics than half of them cannot be told apart. [-]
    seed : int
        Seed of stock Stan; the exact optimum needs none.
    backend : {"exact", "stan"}
        Who finds the optimum.

    Raises
    ------
    ForecastFailedError
        If the solver does not converge; there is no second solver behind it.
    """
    kinds = tuple(kind for kind in DayType if (types == kind).any())
    order = min(FOURIER_ORDER, day_slots // 2 - 1)
    model = _unfitted(kinds, order, with_plan=plan_kw is not None, backend=backend)
    learned_kw = load_kw
    if backend == "stan":
        largest_kw = float(np.abs(load_kw).max())
        learned_kw = load_kw + np.random.default_rng(seed).normal(0.0, DITHER_SHARE * largest_kw, load_kw.size)
    frame = _frame(stamps, types, plan_kw, kinds).assign(y=learned_kw)
    try:
        with warnings.catch_warnings():
            _ignore_prophets_own()
            model.fit(frame, seed=seed)
    except RuntimeError as error:
        raise ForecastFailedError(meter_id=meter_id, solver=_last_words(error)) from error
    model.stan_backend.cleanup()
    return ShapeModel(fitted=model, types=kinds, with_plan=plan_kw is not None, order=order, backend=backend)


def _unfitted(kinds: tuple[DayType, ...], order: int, *, with_plan: bool, backend: Backend) -> Any:
    with warnings.catch_warnings():
        _ignore_prophets_own()
        model = _prophet_class(backend)(
            growth="flat",
            n_changepoints=0,
            yearly_seasonality=False,
            weekly_seasonality=False,
            daily_seasonality=False,
            uncertainty_samples=0,
        )
    # Prophet would otherwise change to Newton's method without a word.
    model.stan_backend.set_options(newton_fallback=False)
    for kind in kinds:
        name = kind.name.lower()
        model.add_seasonality(f"shape_{name}", 1, order, prior_scale=PRIOR_SCALE, condition_name=f"is_{name}")
    for kind in kinds[1:]:
        # A Fourier series has no mean of its own: the first kind's is the trend, the others' are these.
        model.add_regressor(f"level_{kind.name.lower()}", prior_scale=PRIOR_SCALE, standardize=False)
    if with_plan:
        model.add_regressor(PLAN, prior_scale=PRIOR_SCALE)
    return model


def _mean_kw(model: Any, frame: pd.DataFrame) -> FloatArray:
    """Give ``yhat`` of ``Prophet.predict`` in the order of its stamps, all features at once. [kW].

    ``predict`` would multiply the whole design matrix once for each component.
    """
    rows = model.setup_dataframe(frame)
    features, _, components, _ = model.make_all_seasonality_features(rows)
    beta = model.params["beta"].mean(axis=0)
    design = features.to_numpy(dtype=np.float64)
    adds, times = (design @ (beta * components[name].to_numpy()) for name in ("additive_terms", "multiplicative_terms"))
    return np.asarray(model.predict_trend(rows) * (1 + times) + adds * model.y_scale, dtype=np.float64)


def _frame(
    stamps: pd.DatetimeIndex, types: DayTypes, plan_kw: FloatArray | None, kinds: tuple[DayType, ...]
) -> pd.DataFrame:
    columns: dict[str, Any] = {"ds": stamps}
    for kind in kinds:
        columns[f"is_{kind.name.lower()}"] = types == kind
        columns[f"level_{kind.name.lower()}"] = (types == kind).astype(np.float64)
    if plan_kw is not None:
        columns[PLAN] = plan_kw
    return pd.DataFrame(columns)


def _last_words(error: RuntimeError) -> str:
    """Give what the solver said at the end, without the files and settings before it."""
    said = " ".join(str(error).split())
    return said.rpartition("terminated with error:")[2].strip()[-MOST_WORDS:]


def _ignore_prophets_own() -> None:
    """Let what Prophet asks of newer pandas and numpy pass; our own warnings stay."""
    for category in (DeprecationWarning, FutureWarning):
        warnings.filterwarnings("ignore", category=category, module=r"(prophet|cmdstanpy)\.")
