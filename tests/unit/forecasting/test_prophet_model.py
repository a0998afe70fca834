import logging
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from domain.text import Language
from forecasting import prophet_model
from forecasting.design import DayType
from forecasting.errors import ForecastFailedError
from forecasting.prophet_model import fit_shapes, versions

STAMPS = pd.DatetimeIndex(pd.date_range("2024-06-03 00:30", periods=28 * 24, freq="h"))
TYPES = np.where(STAMPS.day_of_week < 5, DayType.WORKDAY, DayType.REST)
HOUR = STAMPS.hour.to_numpy()


def asked(load_kw: np.ndarray, plan_kw: np.ndarray | None = None) -> dict:
    return {
        "meter_id": "m",
        "stamps": STAMPS,
        "load_kw": load_kw,
        "types": TYPES,
        "plan_kw": plan_kw,
        "day_slots": 24,
        "seed": 1,
    }


def test_a_smooth_course_by_kind_of_day_is_found_again():
    """No noise and a course within the model's reach: what comes out is what went in."""
    angle = 2 * np.pi * (HOUR + 0.5) / 24
    work, rest = 200 + 50 * np.sin(angle) - 20 * np.cos(3 * angle), 70 + 8 * np.cos(angle)
    load_kw = np.where(TYPES == DayType.WORKDAY, work, rest)
    model = fit_shapes(**asked(load_kw))
    assert model.types == (DayType.WORKDAY, DayType.REST)
    assert model.order == 11
    later = STAMPS[:48] + pd.Timedelta(days=35)
    assert model.expected_kw(later, np.full(48, DayType.REST)) == pytest.approx(rest[:48], abs=1e-6)
    assert model.expected_kw(later, np.full(48, DayType.WORKDAY)) == pytest.approx(work[:48], abs=1e-6)
    assert model.recipe.startswith("prophet flat (exact optimum)")


def test_stock_stan_can_be_chosen_and_agrees():
    random = np.random.default_rng(5)
    load_kw = np.where(TYPES == DayType.WORKDAY, 200 + HOUR * 3.0, 90.0) + random.normal(0, 8, STAMPS.size)
    exact, stan = (fit_shapes(**asked(load_kw), backend=backend) for backend in ("exact", "stan"))
    assert "stock Stan" in stan.recipe
    assert exact.expected_kw(STAMPS, TYPES) == pytest.approx(stan.expected_kw(STAMPS, TYPES), abs=0.02 * load_kw.std())


def test_the_mean_is_prophets_prediction():
    random = np.random.default_rng(6)
    plan_kw = random.uniform(0, 150, STAMPS.size)
    model = fit_shapes(**asked(100 + 0.9 * plan_kw + HOUR + random.normal(0, 3, STAMPS.size), plan_kw))
    frame = prophet_model._frame(STAMPS, TYPES, plan_kw, model.types)
    predicted_kw = model.fitted.predict(frame)["yhat"].to_numpy()
    assert model.expected_kw(STAMPS, TYPES, plan_kw) == pytest.approx(predicted_kw, rel=1e-12)


def test_rows_come_back_in_the_order_asked():
    load_kw = 100 + HOUR * 3.0
    model = fit_shapes(**asked(load_kw))
    shuffled = np.array([7, 3, 3, 20, 0])
    straight_kw = model.expected_kw(STAMPS[:24], TYPES[:24])
    assert model.expected_kw(STAMPS[shuffled], TYPES[shuffled]) == pytest.approx(straight_kw[shuffled])


def test_the_plans_load_is_found_with_its_weight():
    random = np.random.default_rng(8)
    plan_kw = random.uniform(0, 150, STAMPS.size)
    model = fit_shapes(**asked(100 + 0.9 * plan_kw + random.normal(0, 1, STAMPS.size), plan_kw))
    low, high = (model.expected_kw(STAMPS[:24], TYPES[:24], np.full(24, level)) for level in (20.0, 120.0))
    assert high - low == pytest.approx(np.full(24, 90.0), abs=1.5)
    assert "plan load" in model.recipe


def test_a_solver_that_gives_up_is_heard(monkeypatch):
    def gives_up(*_args, **_kwargs):
        raise RuntimeError("Optimization failed:\n  line search failed")

    unfitted = prophet_model._unfitted

    def broken(*args, **kwargs):
        model = unfitted(*args, **kwargs)
        monkeypatch.setattr(model.stan_backend, "model", SimpleNamespace(optimize=gives_up))
        return model

    monkeypatch.setattr(prophet_model, "_unfitted", broken)
    with pytest.raises(ForecastFailedError, match="Optimization failed: line search failed") as caught:
        fit_shapes(**asked(100 + HOUR * 3.0), backend="stan")
    assert "求解器" in caught.value.say(Language.ZH)


@pytest.mark.parametrize("backend", ["exact", "stan"])
def test_fitting_says_nothing_in_the_log(caplog, backend):
    with caplog.at_level(logging.WARNING):
        fit_shapes(**asked(100 + HOUR * 3.0), backend=backend)
    assert caplog.records == []


def test_versions_name_what_the_forecast_rests_on():
    assert set(versions()) == {"prophet", "cmdstanpy", "pandas", "numpy"}
    assert versions()["numpy"] == np.__version__
