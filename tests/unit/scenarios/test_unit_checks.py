"""Powers a thousand apart are refused by name; powers that merely differ are not."""

from dataclasses import replace

import numpy as np
import pytest

from api.http import examples
from domain.metering import MeterSeries
from domain.plant import PowerPhase, Process
from domain.text import Language
from scenarios.unit_checks import UnitsMixedError, must_share_units


def metered(factor: float):
    """Give the service's example with its meter's values times a factor; the kiln draws 240 kW, the site may 1 200."""
    case = examples.case()
    meter = MeterSeries(meter_id="main", grid=case.meter.grid, import_kw=np.asarray(case.meter.import_kw) * factor)
    return replace(case, meter=meter, base_load_source="site_less_plan")


def powered(power_kw: float):
    case = metered(1.0)
    (firing,) = case.plan.tasks
    hot = replace(firing, phases=(PowerPhase(power_kw=power_kw, duration_min=60),))
    return replace(case, plan=replace(case.plan, tasks=(hot,)))


def test_what_fits_passes():
    for case in (examples.case(), metered(1.0), metered(0.5), powered(1000.0)):
        must_share_units(case)


def test_a_meter_in_megawatts_is_named():
    with pytest.raises(
        UnitsMixedError, match=r"power of firing is 240 kW, but the meter.s 99th percentile is 0\.5 kW"
    ) as refused:
        must_share_units(metered(0.001))
    assert "firing 的功率为 240 kW" in refused.value.say(Language.ZH)


def test_a_meter_in_watts_is_named():
    with pytest.raises(
        UnitsMixedError, match=r"meter.s 99th percentile is .* kW, but the site's import limit is 1,200.0"
    ):
        must_share_units(metered(1000.0))


def test_a_plan_in_watts_is_named():
    with pytest.raises(UnitsMixedError, match="power of firing is 240,000 kW, but the site's import limit"):
        must_share_units(powered(240_000.0))
    case = examples.case()
    mill = Process(process_id="mill", name="mill", unit="t", max_rate=100.0, kwh_per_unit=34_000.0)
    with pytest.raises(UnitsMixedError, match="power of mill is 3,400,000 kW"):
        must_share_units(replace(case, plan=replace(case.plan, processes=(mill,))))


def test_new_equipment_is_not_bounded_by_the_old_meter():
    must_share_units(replace(metered(0.001), base_load_source="not_in_meter"))


def test_a_spike_is_no_unit():
    case = metered(1.0)
    spiked = np.array(case.meter.import_kw)
    spiked[7] = 98_765.0
    must_share_units(replace(case, meter=MeterSeries(meter_id="main", grid=case.meter.grid, import_kw=spiked)))
