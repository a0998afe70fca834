"""Levels of stores and batteries, powers of modulating loads: what the report's small panels show."""

from domain.offers import Case
from domain.plant import Schedule
from domain.text import Language
from optimizer.audit_replay import replay_of
from optimizer.audit_stores import store_levels
from optimizer.process_use import process_kw
from scenarios.report_gantt import LevelPanel
from scenarios.report_words import word


def level_panels(case: Case, today: Schedule, offer: Schedule, language: Language) -> list[LevelPanel]:
    """Make one panel per store that tasks or draws touch, and per battery."""
    plan = case.plan
    before, after = replay_of(today, plan), replay_of(offer, plan)
    touched = {flow.store_id for task in plan.tasks for way in task.ways() for flow in way.flows}
    touched |= {flow.store_id for process in plan.processes for flow in process.flows}
    panels = [
        LevelPanel(
            label=f"{store.name}, {word('level', language)}, {store.unit}",
            today=store_levels(store, before),
            offer=store_levels(store, after),
            low=store.min_level,
            high=store.max_level,
        )
        for store in plan.stores
        if store.draws or store.store_id in touched
    ]
    for battery in case.site.batteries:
        use = offer.batteries.get(battery.battery_id)
        if use is None:
            continue
        idle = today.batteries.get(battery.battery_id)
        panels.append(
            LevelPanel(
                label=f"{battery.battery_id}, {word('level', language)}, kWh",
                today=None if idle is None else idle.soc_kwh,
                offer=use.soc_kwh,
                low=battery.soc_min_kwh,
                high=battery.capacity_kwh,
            )
        )
    return panels


def modulating_panels(case: Case, today: Schedule, offer: Schedule) -> list[LevelPanel]:
    """Make one panel per modulating load and per process: of its power, or its rate where it draws and gives none."""
    loads = [
        LevelPanel(
            label=f"{load.name}, kW",
            today=today.modulating_kw.get(load.load_id),
            offer=offer.modulating_kw[load.load_id],
            low=0.0,
            high=load.max_kw,
        )
        for load in case.plan.modulating_loads
        if load.load_id in offer.modulating_kw
    ]
    return loads + _process_panels(case, today, offer)


def _process_panels(case: Case, today: Schedule, offer: Schedule) -> list[LevelPanel]:
    panels = []
    for process in case.plan.processes:
        use, before = offer.processes.get(process.process_id), today.processes.get(process.process_id)
        if use is None:
            continue
        if not (process.fixed_kw or process.kwh_per_unit or process.start_kwh):
            panels.append(
                LevelPanel(
                    label=f"{process.name}, {process.unit}/h",
                    today=None if before is None else before.rate,
                    offer=use.rate,
                    low=0.0,
                    high=process.max_rate,
                )
            )
            continue
        at_rates = [process.fixed_kw + process.kwh_per_unit * rate for rate in (process.min_rate, process.max_rate)]
        panels.append(
            LevelPanel(
                label=f"{process.name}, kW",
                today=None if before is None else process_kw(process, before, offer.grid),
                offer=process_kw(process, use, offer.grid),
                low=min(0.0, *at_rates),
                high=max(0.0, *at_rates),
            )
        )
    return panels
