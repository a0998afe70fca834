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


class KvarUnitsMixedError(WattplanError, ValueError):
    """A reactive power of the case cannot be in kvar."""

    code = "kvar_units_mixed"
    words = Text(
        en="{large} is {large_kvar:,.0f} kvar, but {small} is {small_kw:,.1f} kW. One of them is in another unit (var, Mvar, MW). "
        "Give reactive power in kvar and power in kW.",
        zh="{large}为 {large_kvar:,.0f} kvar，而{small}为 {small_kw:,.1f} kW。其中一项单位有误（var、Mvar、MW）。"
        "请将无功统一为 kvar、有功统一为 kW。",
    )


def must_share_units(case: Case) -> None:
    """Refuse a case in which meter, plan and connection lie so far apart that a unit must be wrong.

    The connection bounds both the meter and each single run; where the planned equipment is metered, what the meter reaches
    bounds each run too.

    Raises
    ------
    UnitsMixedError, KvarUnitsMixedError
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
    _must_be_kvar(case)


def _must_be_kvar(case: Case) -> None:
    """Refuse a reactive load or compensators far beyond what the connection carries.

    Raises
    ------
    KvarUnitsMixedError
    """
    limit_kw, site = case.site.import_limit_kw, case.site
    base = (Text(en="the base load's reactive power", zh="基础负荷无功"), max(site.base_kvar, default=0.0))
    given = (
        Text(en="what all compensators give", zh="补偿装置总容量"),
        sum(one.most_kvar for one in site.compensators),
    )
    for large, large_kvar in (base, given):
        if large_kvar > FAR_APART * limit_kw:
            small = Text(en="the site's import limit", zh="厂区受电上限")
            raise KvarUnitsMixedError(large=large, large_kvar=large_kvar, small=small, small_kw=limit_kw)


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
