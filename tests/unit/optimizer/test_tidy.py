"""Of schedules that cost the same, the one nearest to what people do otherwise."""

from dataclasses import replace

import numpy as np
import pytest

from domain.offers import SolveOptions
from domain.plant import ModulatingLoad, ShiftEnergy
from domain.text import Language
from optimizer.actions import changed_actions
from optimizer.audit import audit
from optimizer.response import best_response
from optimizer.tidy import tidied
from tests.optimizer_cases import EXACT, event, grid, hour, plan, problem, terms

HORIZON = grid()


def test_hours_of_one_price_are_put_back() -> None:
    load = ModulatingLoad(
        load_id="J", name="pump", max_kw=50.0, shifts=(ShiftEnergy(start=hour(6), end=hour(18), energy_kwh=240.0),)
    )
    asked = problem(HORIZON, plan=plan(HORIZON, modulating_loads=(load,)), terms=terms(HORIZON, 0.5))
    found = best_response(asked, EXACT)
    level = np.zeros(24)
    level[6:18] = 20.0
    like = replace(found.schedule, modulating_kw={"J": level})
    tidy = tidied(asked, found, like, SolveOptions(deadline_s=10.0))
    assert tidy.schedule.modulating_kw["J"] == pytest.approx(level, abs=1e-6)
    assert tidy.costs.total_cost == pytest.approx(found.costs.total_cost, rel=1e-5)
    assert audit(tidy.schedule, asked).violations == ()
    assert changed_actions(asked, like, tidy.schedule, event_id="E") == ()


def test_what_pays_stays() -> None:
    load = ModulatingLoad(
        load_id="J", name="pump", max_kw=50.0, shifts=(ShiftEnergy(start=hour(6), end=hour(18), energy_kwh=240.0),)
    )
    call = event(first=10, stop=12, baseline_kw=130.0, min_commitment_kw=10.0, max_commitment_kw=40.0)
    asked = problem(HORIZON, plan=plan(HORIZON, modulating_loads=(load,)), terms=terms(HORIZON, 0.5), events=(call,))
    found = best_response(asked, EXACT)
    level = np.zeros(24)
    level[6:18] = 20.0
    like = replace(found.schedule, modulating_kw={"J": level}, commitments_kw={"E": 0.0})
    tidy = tidied(asked, found, like, SolveOptions(deadline_s=10.0))
    assert tidy.schedule.commitments_kw == found.schedule.commitments_kw
    assert tidy.costs.event_pay == pytest.approx(found.costs.event_pay, rel=1e-5)
    # 30 kW less than 130 are drawn in the event: the pump rests, and its 40 kWh go to other hours, no more than that
    kw = tidy.schedule.modulating_kw["J"]
    assert kw[10:12] == pytest.approx(0.0, abs=1e-3)
    assert np.abs(kw - level).sum() == pytest.approx(80.0, abs=0.1)
    said = changed_actions(asked, like, tidy.schedule, event_id="E")
    assert any("stop" in one.action.say(Language.EN) or "0 kW" in one.action.say(Language.EN) for one in said)
