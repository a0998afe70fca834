"""What a clock decided is taken from the manifest when a quote is replayed; a fake stands for the forecast."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from scenarios import loads, quote, replay
from scenarios.replay import AnswerDiffersError
from tests import small_case


class FakeFitted:
    """Forecasts 150 kW, 157 kW and 171 kW."""

    def forecast(self, grid):
        samples_kw = np.array([[150.0], [157.0], [171.0]]) + np.zeros(grid.n_steps)
        return SimpleNamespace(samples_kw=samples_kw, degraded_reasons=(), versions={})


@pytest.fixture(autouse=True)
def _no_prophet(monkeypatch):
    monkeypatch.setattr(loads, "fit_load", lambda *_, **__: FakeFitted())


def cut_by_clock(asked, options):
    response = real_today(asked, options)
    return replace(response, solve=replace(response.solve, stopped_by="deadline"))


real_today = quote.today_response
CASE = small_case.case(n_days=1, packages=(), base_load_source="site_less_plan")


def test_todays_plan_is_not_searched_again_where_a_clock_decided_it(monkeypatch):
    monkeypatch.setattr(quote, "today_response", cut_by_clock)
    answer = quote.quote(CASE)
    assert {"today", "today/alone"} <= set(answer.manifest.recorded_runs)

    def never(*_):
        pytest.fail("today's plan was searched again")

    monkeypatch.setattr(quote, "today_response", never)
    again = replay.replay(CASE, answer.manifest)
    assert again.manifest.answer_sha256 == answer.manifest.answer_sha256
    assert again.today.solve.stopped_by == "recorded"


def test_a_replay_that_differs_names_the_versions():
    manifest = quote.quote(CASE).manifest
    other = replace(
        manifest, answer_sha256="0" * 64, wattplan_version="0.0.0", versions=manifest.versions | {"highspy": "0.1"}
    )
    with pytest.raises(AnswerDiffersError) as caught:
        replay.replay(CASE, other)
    said = caught.value.data["versions"]
    assert f"wattplan 0.0.0 -> {manifest.wattplan_version}" in said
    assert f"highspy 0.1 -> {manifest.versions['highspy']}" in said
    assert "numpy" not in said
