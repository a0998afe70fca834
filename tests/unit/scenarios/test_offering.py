"""What an offer says of the samples for which its schedule was not made."""

from dataclasses import replace

import numpy as np
import pytest

from domain.tariffs import BillingWindow
from domain.text import Language
from scenarios.loads import Loads
from scenarios.offering import over_limit
from tests.unit.api.handmade import small_case, small_quote

CASE = small_case()
RESPONSE = small_quote(CASE).offers[0].response
GRID = RESPONSE.schedule.grid


def loads_above(*more_kw: float) -> Loads:
    """Give samples of the base load that lie above the schedule's own in one step each."""
    base_kw = np.tile(RESPONSE.schedule.base_kw, (len(more_kw), 1))
    peak = int(RESPONSE.schedule.import_kw.argmax())
    base_kw[:, peak] += more_kw
    window = BillingWindow(
        grid=GRID, zone=CASE.site.zone, first=0, stop=GRID.n_steps, around_kw=np.full((1, GRID.n_steps), np.nan)
    )
    return Loads(horizon=GRID, window=window, base_kw=base_kw, findings=(), versions={})


def test_samples_above_the_connection_are_said():
    peak_kw = float(RESPONSE.schedule.import_kw.max())
    (found,) = over_limit(RESPONSE, loads=loads_above(-20.0, 3.0, 17.0, 41.0), limit_kw=peak_kw + 11.0)
    assert found.code == "import_limit_at_risk"
    assert found.data["share"] == 0.5
    assert found.data["worst_kw"] == pytest.approx(peak_kw + 41.0)
    assert "50%" in found.say(Language.EN)
    assert "50%" in found.say(Language.ZH)


def test_a_sample_at_the_limit_is_not_above_it():
    peak_kw = float(RESPONSE.schedule.import_kw.max())
    assert over_limit(RESPONSE, loads=loads_above(0.0, 11.0), limit_kw=peak_kw + 11.0) == []


def test_a_base_load_below_zero_draws_nothing():
    below = replace(loads_above(0.0), base_kw=np.full((1, GRID.n_steps), -1e6))
    assert over_limit(RESPONSE, loads=below, limit_kw=1.0) == []
