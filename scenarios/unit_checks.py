"""Meters, plans and limits that cannot be in one unit: refused before anything is forecast or planned."""

import numpy as np

from domain.errors import WattplanError
from domain.offers import Case
from domain.text import Text

FAR_APART = 20.0
"""A power this many times another that bounds it is in another unit: kW and MW lie a thousand apart. [-]"""


HIGH_SHARE = 0.99
"""So much of a meter's values lies below what it reaches; single spikes apart. [-]"""


class UnitsMixedError(WattplanError, ValueError):
    """Two powers of one case cannot be in the same unit."""

    code = "units_mixed"
    words = Text(
        en="{large} is {large_kw:,.0f} kW, but {small} is {small_kw:,.1f} kW. One of them is in another unit (W, MW) or has a "
        "wrong multiplier. Give both in kW; a meter's unit and factor are told with --unit and --multiplier.",
        zh="{large}为 {large_kw:,.0f} kW，而{small}为 {small_kw:,.1f} kW。其中一项单位有误（W、MW）或倍率有误。"
        "请统一为 kW；电表的单位与倍率可用 --unit、--multiplier 指明。",
    )


def must_share_units(case: Case) -> None:
    """Refuse a case in which meter, plan and connection lie so far apart that a unit must be wrong.

    The connection bounds both the meter and each single run; where the planned equipment is metered, what the meter reaches
    bounds each run too.

    Raises
    ------
    UnitsMixedError
    """
    limit = (Text(en="the site's import limit", zh="厂区受电上限"), case.site.import_limit_kw)
    measured = case.meter.import_kw[np.isfinite(case.meter.import_kw)]
    high_kw = float(np.quantile(measured, HIGH_SHARE)) if measured.size else 0.0  # a spike is no unit
    meter = (Text(en="the meter's 99th percentile", zh="电表第 99 百分位值"), high_kw)
    hungriest = _hungriest(case)
    pairs = [(meter, limit)]
    if hungriest is not None:
        pairs.append((hungriest, limit))
        if case.base_load_source != "not_in_meter" and high_kw > 0:
            pairs.append((hungriest, meter))
    for (large, large_kw), (small, small_kw) in pairs:
        if large_kw > FAR_APART * small_kw:
            raise UnitsMixedError(large=large, large_kw=large_kw, small=small, small_kw=small_kw)


def _hungriest(case: Case) -> tuple[Text, float] | None:
    """Give the task or process that draws most, with what it draws. [kW]."""
    drawn = [
        (max(phase.power_kw for phase in way.phases), way.task_id) for task in case.plan.tasks for way in task.ways()
    ]
    drawn += [(one.fixed_kw + max(one.kwh_per_unit, 0.0) * one.max_rate, one.process_id) for one in case.plan.processes]
    if not drawn:
        return None
    power_kw, name = max(drawn)
    return Text(en=f"the power of {name}", zh=f"{name} 的功率"), power_kw
