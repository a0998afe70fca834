"""What the report's small panels show of processes: their power, or their rate where they have none."""

from dataclasses import replace

import numpy as np
import pytest

from domain.plant import Process, ProcessUse, RateFlow, Schedule, Store
from scenarios.report_levels import modulating_panels
from tests.unit.api.handmade import small_case, small_quote

CASE = small_case()


def offered(rate: np.ndarray) -> Schedule:
    schedule = small_quote(CASE).offers[0].response.schedule
    use = ProcessUse(rate=rate, is_on=rate > 0)
    return replace(schedule, processes={"P": use})


@pytest.mark.parametrize(
    ("kwh_per_unit", "label", "high", "shown"), [(0.0, "Press, t/h", 8.0, 5.0), (-3.0, "Press, kW", 0.0, -15.0)]
)
def test_a_process_without_power_shows_its_rate(kwh_per_unit, label, high, shown):
    hay = Store(store_id="hay", name="Hay", unit="t", max_level=900.0, start_level=0.0)
    flows = (RateFlow(store_id="hay", quantity_per_unit=1.0),)
    press = Process(process_id="P", name="Press", unit="t", max_rate=8.0, kwh_per_unit=kwh_per_unit, flows=flows)
    case = replace(
        CASE, plan=replace(CASE.plan, stores=(*CASE.plan.stores, hay), processes=(press,), modulating_loads=())
    )
    n_steps = offered(np.zeros(1)).grid.n_steps
    today, offer = (offered(np.full(n_steps, rate)) for rate in (2.0, 5.0))
    (panel,) = modulating_panels(case, today, offer)
    assert (panel.label, panel.high) == (label, high)
    assert panel.offer == pytest.approx(np.full(n_steps, shown))
    assert panel.today is not None
    assert np.ptp(panel.today) == 0
    assert panel.today[0] == pytest.approx(shown * 2 / 5)
