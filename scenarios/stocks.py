"""Stocks that one schedule leaves and another does not: work done in advance is no saving."""

from domain.findings import Finding
from domain.plant import ProductionPlan, Schedule
from optimizer.audit_replay import replay_of
from optimizer.audit_stores import store_levels
from scenarios.findings import STOCK_DIFFERS

APART_SHARE = 0.02
"""Levels at the end this share of a store's range apart are said. [-]"""


def stock_findings(plan: ProductionPlan, today: Schedule, then: Schedule) -> list[Finding]:
    """Name the stores that a schedule leaves fuller or emptier than today's plan; those that fade by themselves apart."""
    before, after = replay_of(today, plan), replay_of(then, plan)
    found = []
    for store in plan.stores:
        if store.decay_share_per_h:
            continue
        was, now = (float(store_levels(store, replay)[-1]) for replay in (before, after))
        if abs(now - was) > APART_SHARE * (store.max_level - store.min_level):
            found.append(STOCK_DIFFERS.at(name=store.name or store.store_id, now=now, today=was, unit=store.unit))
    return found
