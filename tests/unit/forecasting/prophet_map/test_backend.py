"""The exact back end behind Prophet's door, beside stock Stan and an independent exact solver."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prophet import Prophet
from prophet.diagnostics import cross_validation
from prophet_batch import fit_many

from forecasting.prophet_map import MapParams, MapProblem, log_posterior, stationarity_gap
from forecasting.prophet_map.backend import (
    ExactProphet,
    NotWeighedError,
    UnknownFitOptionError,
    problem_of,
)
from tests.realdata import REAL_DATA

CLOSE_SHARE = 0.02
"""How far forecasts may lie from stock's on the root mean square, in standard deviations of the series. Stock stops
short of its optimum where changes of slope are 0, so the last ten days' ends may lie farther apart."""
CASES: dict[str, dict[str, Any]] = {
    "linear": {},
    "linear, multiplicative": {"seasonality_mode": "multiplicative"},
    "flat": {"growth": "flat"},
    "no changepoints": {"n_changepoints": 0},
    "loose trend": {"changepoint_prior_scale": 0.5},
    "holidays": {
        "holidays": pd.DataFrame({"holiday": "fair", "ds": pd.date_range("2023-01-10", periods=9, freq="28D")})
    },
    "regressors both ways": {"regressors": ("additive", "multiplicative")},
}


def load(n: int = 250, freq: str = "D", seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    stamps = pd.DatetimeIndex(pd.date_range("2023-01-01", periods=n, freq=freq))
    share = np.arange(n) / n
    heat, shift = random.normal(size=n), random.integers(0, 2, n)
    level = 300 + 60 * share - 90 * np.maximum(share - 0.5, 0) + 30 * (stamps.day_of_week < 5) + 15 * shift
    level += 25 * np.sin(2 * np.pi * stamps.hour.to_numpy() / 24)
    return pd.DataFrame({"ds": stamps, "y": level * (1 + 0.05 * heat) + random.normal(0, 10, n), "a": heat, "b": shift})


def made(kind: type[Prophet], name: str) -> Prophet:
    asked = dict(CASES[name])
    modes = asked.pop("regressors", ())
    model = kind(uncertainty_samples=0, **asked)
    for column, mode in zip("ab", modes, strict=False):
        model.add_regressor(column, mode=mode)
    return model


def read(model: Prophet, problem: MapProblem) -> MapParams:
    """Read a fitted model's parameters; without changepoints Prophet has moved delta into k."""
    one = model.params
    delta = np.asarray(one["delta"][0])
    return MapParams(
        k=float(one["k"][0, 0]),
        m=float(one["m"][0, 0]),
        delta=delta if problem.trend == "linear" else np.zeros_like(delta),
        beta=np.asarray(one["beta"][0]),
        sigma=float(one["sigma_obs"][0, 0]),
    )


def posed(model: Prophet, frame: pd.DataFrame, weights: np.ndarray | None = None) -> MapProblem:
    return problem_of(asdict(model.preprocess(frame)), weights)


def apart_share(ours: Prophet, theirs: Prophet, later: pd.DataFrame) -> float:
    """Give the root mean square difference of two forecasts in standard deviations of the history."""
    difference = ours.predict(later)["yhat"] - theirs.predict(later)["yhat"]
    return float(np.sqrt((difference**2).mean()) / ours.history["y"].std())


@pytest.mark.slow
@pytest.mark.parametrize(("n", "freq"), [(250, "D"), (120, "h"), (4000, "h")])
@pytest.mark.parametrize("name", CASES)
def test_the_posterior_is_never_below_stocks(name, n, freq):
    frame = load(n, freq)
    problem = posed(made(ExactProphet, name), frame)
    exact, stock = (made(kind, name).fit(frame) for kind in (ExactProphet, Prophet))
    found = exact.stan_backend.solution
    assert stationarity_gap(problem, found) < 1e-5
    assert found.log_posterior >= log_posterior(problem, read(stock, problem)) - 1e-9
    if n > 1000:
        week = load(n + 168, freq).tail(168)
        assert apart_share(exact, stock, week) <= CLOSE_SHARE


@pytest.mark.parametrize(("n", "freq"), [(250, "D"), (1500, "h")])
@pytest.mark.parametrize("name", CASES)
def test_an_independent_exact_solver_agrees(name, n, freq):
    """The package prophet-batch solves the same problem by its own means."""
    frame = load(n, freq)
    problem = posed(made(ExactProphet, name), frame)
    exact = made(ExactProphet, name).fit(frame)
    found = exact.stan_backend.solution
    many = fit_many(frame.assign(unique_id="one"), make_model=lambda _: made(Prophet, name), n_jobs=1)
    theirs = read(many["one"], problem)
    assert found.log_posterior == pytest.approx(log_posterior(problem, theirs), abs=1e-5)
    assert found.sigma == pytest.approx(theirs.sigma, rel=1e-5)
    later = load(n + 50, freq)
    assert apart_share(exact, many["one"], later) < 1e-5


@given(
    name=st.sampled_from(sorted(CASES)),
    n=st.integers(40, 300),
    freq=st.sampled_from(["D", "h"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=15, deadline=None)
def test_the_independent_solver_is_never_better(name, n, freq, seed):
    frame = load(n, freq, seed)
    problem = posed(made(ExactProphet, name), frame)
    found = made(ExactProphet, name).fit(frame).stan_backend.solution
    many = fit_many(frame.assign(unique_id="one"), make_model=lambda _: made(Prophet, name), n_jobs=1)
    assert found.log_posterior >= log_posterior(problem, read(many["one"], problem)) - 1e-6


@pytest.mark.parametrize("name", CASES)
def test_prophets_own_prediction_is_the_models_mean(name):
    """Prediction, components and trend come out of Prophet as if Stan had fitted."""
    frame = load()
    problem = posed(made(ExactProphet, name), frame)
    exact = made(ExactProphet, name).fit(frame)
    found = exact.stan_backend.solution
    predicted = exact.predict(frame)
    left = (frame["y"] - predicted["yhat"]) / exact.y_scale
    weight = problem.total_weight
    assert float((left**2).sum()) == pytest.approx(4 * found.sigma**4 + weight * found.sigma**2, rel=1e-8)
    assert exact.params["trend"][0] * exact.y_scale == pytest.approx(predicted["trend"].to_numpy(), rel=1e-9)
    assert {name: np.shape(value)[0] for name, value in exact.params.items()} == dict.fromkeys(exact.params, 1)


def test_weights_pass_through_prophets_fit():
    """A weight of 0 is a row that is not there, as far as the time scale stays."""
    frame = load()
    weights = np.ones(len(frame))
    weights[100:130] = 0.0
    spoiled = frame.assign(y=np.where(weights == 0, 150.0, frame["y"]))
    weighed = made(ExactProphet, "flat").fit(spoiled, weights=weights)
    missing = made(ExactProphet, "flat").fit(frame[weights > 0])
    later = load(n=300)
    assert weighed.predict(later)["yhat"].to_numpy() == pytest.approx(
        missing.predict(later)["yhat"].to_numpy(), rel=1e-6
    )


def test_weights_and_options_that_cannot_be_kept_are_refused():
    frame = load()
    with pytest.raises(UnknownFitOptionError, match="tolerance"):
        made(ExactProphet, "flat").fit(frame, tolerance=1e-9)
    model = ExactProphet(growth="logistic", uncertainty_samples=0)
    with pytest.raises(NotWeighedError, match="logistic"):
        model.fit(frame.assign(cap=1000.0), weights=np.ones(len(frame)))


@pytest.mark.slow
def test_logistic_growth_is_stock_stans():
    frame = load().assign(cap=1000.0)
    exact = ExactProphet(growth="logistic", uncertainty_samples=0).fit(frame, seed=1)
    stock = Prophet(growth="logistic", uncertainty_samples=0).fit(frame, seed=1)
    assert exact.stan_backend.solution is None
    assert exact.stan_fit is not None
    assert exact.params["beta"] == pytest.approx(stock.params["beta"])
    exact.stan_backend.cleanup()


@pytest.mark.slow
def test_sampling_is_stock_stans():
    frame = load(n=60)
    exact = ExactProphet(growth="flat", mcmc_samples=40, weekly_seasonality=False)
    exact.fit(frame, chains=1, seed=1, show_progress=False)
    assert exact.params["m"].size == 20
    assert exact.stan_backend.solution is None


def test_copies_for_cross_validation_stay_exact():
    frame = load()
    exact = made(ExactProphet, "flat").fit(frame)
    scored = cross_validation(exact, initial="200 days", period="20 days", horizon="20 days", disable_tqdm=True)
    assert np.isfinite(scored["yhat"]).all()


@pytest.mark.realdata
@pytest.mark.slow
def test_on_an_office_buildings_year():
    path = REAL_DATA / "normalised" / "office201.csv.gz"
    if not path.exists():
        pytest.skip("the optional real-data folder is absent")
    table = pd.read_csv(path).iloc[: 364 * 96]
    stamps = pd.to_datetime(table["start_utc"]).dt.tz_convert("America/Los_Angeles").dt.tz_localize(None)
    metered = pd.DataFrame({"ds": stamps.dt.floor("h"), "y": 4 * table["energy_kwh"]})
    frame = metered.groupby("ds", as_index=False)["y"].mean()
    problem = posed(ExactProphet(), frame)
    exact, stock = (kind(uncertainty_samples=0).fit(frame) for kind in (ExactProphet, Prophet))
    found = exact.stan_backend.solution
    assert found.unique
    assert stationarity_gap(problem, found) < 1e-5
    assert found.log_posterior >= log_posterior(problem, read(stock, problem))
    many = fit_many(frame.assign(unique_id="one"), n_jobs=1, uncertainty_samples=0)
    assert found.log_posterior == pytest.approx(log_posterior(problem, read(many["one"], problem)), abs=1e-5)
    week = frame.tail(168).assign(ds=frame["ds"].tail(168) + pd.Timedelta(days=7))
    assert apart_share(exact, stock, week) <= CLOSE_SHARE
