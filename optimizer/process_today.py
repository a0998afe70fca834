"""How people run processes of which the plan does not say it: quotas at once, stores held at their level.

A process with planned rates runs as planned. Any other that a quota asks for runs at once and as fast as it can until the
quota is met, the one that must be done soonest first; one that feeds a store (or cools or empties it, if it feeds none)
holds the level that the store begins with, the first named first, and where starting costs something or is counted it fills
the store up once it is on; all others are off. Least runs and pauses, ramps, starts
of a day and utilities are kept as far as the next step shows; what they still break is said by ``process_rules``.
"""

import math
from collections.abc import Mapping

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.plant import ProcessUse, RateFlow, Store
from optimizer.formulation.process_sets import ProcessSteps, QuotaSteps
from optimizer.formulation.sets import PlanSets

NOTHING_SHARE = 1e-9
"""A rate this small beside the greatest is rounding. [-]"""


def usual_uses(sets: PlanSets, net: Mapping[str, FloatArray]) -> dict[str, ProcessUse]:
    """Give what people do with every process.

    Parameters
    ----------
    sets : PlanSets
        The plan on its steps.
    net : mapping of FloatArray
        What runs, draws and deliveries bring to each store less what they take, by store id, shape (n_steps,).
        [store.unit]
    """
    crews = {process_id: _Hand(one, sets, net) for process_id, one in sets.processes.items()}
    levels = {store.store_id: store.start_level for store in sets.problem.plan.stores}
    step_h = sets.problem.horizon.step_h
    for t in range(sets.problem.horizon.n_steps):
        for store in sets.problem.plan.stores:
            levels[store.store_id] = _faded(store, levels[store.store_id], step_h) + float(net[store.store_id][t])
        free = {utility_id: float(limit[t]) for utility_id, limit in sets.utility_limit.items()}
        for hand in sorted(crews.values(), key=lambda one: one.is_due(t)):
            hand.run(t, levels, free)
        for store in sets.problem.plan.stores:
            if store.disposal_cost_per_unit is not None:
                levels[store.store_id] = min(levels[store.store_id], store.max_level)
    return {process_id: ProcessUse(rate=hand.rate, is_on=hand.is_on) for process_id, hand in crews.items()}


def idle(sets: PlanSets) -> dict[str, ProcessUse]:
    """Give what processes do while all of them are off."""
    n_steps = sets.problem.horizon.n_steps
    return {
        process_id: ProcessUse(rate=np.zeros(n_steps), is_on=np.zeros(n_steps, dtype=bool))
        for process_id in sets.processes
    }


def held_stores(sets: PlanSets) -> set[str]:
    """Give the stores whose levels people hold by processes of which the plan does not say how they run."""
    return {flow.store_id for one in sets.processes.values() if has_habit(one) for flow in one.process.flows}


def has_habit(one: ProcessSteps) -> bool:
    """Say whether how people run a process must be guessed: it may move and has no planned rates."""
    return one.process.movable and not one.process.planned


def _faded(store: Store, level: float, step_h: float) -> float:
    return store.rest_level + store.kept_share(step_h) * (level - store.rest_level)


@noun(eq=False)
class _Lead:
    """A flow by which a process holds a store's level."""

    flow: RateFlow
    store: Store


class _Hand:
    """What people do with one process, step by step."""

    def __init__(self, one: ProcessSteps, sets: PlanSets, net: Mapping[str, FloatArray]) -> None:
        n_steps = sets.problem.horizon.n_steps
        self.one = one
        self.rate, self.is_on = np.zeros(n_steps), np.zeros(n_steps, dtype=bool)
        self._net, self._step_h = net, sets.problem.horizon.step_h
        self._wanted = [quota for quota in one.quotas.values() if quota.binds]
        stores = {store.store_id: store for store in sets.problem.plan.stores}
        moved = [_Lead(flow=flow, store=stores[flow.store_id]) for flow in one.process.flows if flow.quantity_per_unit]
        feeds = [lead for lead in moved if lead.flow.quantity_per_unit > 0]
        self._leads = feeds or moved
        process = one.process
        self._fills = bool(process.start_cost or process.start_kwh or process.max_starts_count is not None)
        self._lasted = one.n_run_steps + one.n_pause_steps  # a state from before lasts by may_run and must_run
        self._starts = np.zeros(n_steps, dtype=int)

    def is_due(self, t: int) -> tuple[int, int]:
        """Order processes: what is planned, what a quota asks for by its end, what holds a level."""
        if not has_habit(self.one):
            return 0, 0
        ends = [quota.stop for quota in self._wanted if self._lacking(quota, t) > 0]
        return (1, min(ends)) if ends else (2, 0)

    def run(self, t: int, levels: dict[str, float], free: dict[str, float]) -> None:
        """Choose the rate of a step, and take what it takes."""
        planned = float(self.one.planned_rate[t])
        rate, is_on = self._chosen(t, levels, free) if has_habit(self.one) else (planned, planned > 0)
        self._lasted = self._lasted + 1 if is_on == self._was_on(t) else 1
        self._starts[t] = is_on and not self._was_on(t)
        self.rate[t], self.is_on[t] = rate, is_on
        for flow in self.one.process.flows:
            levels[flow.store_id] += self._step_h * (flow.quantity_per_unit * rate + flow.quantity_per_h * is_on)
        for use in self.one.process.utilities:
            free[use.utility_id] -= use.quantity * is_on + use.quantity_per_rate * rate

    def _was_on(self, t: int) -> bool:
        return bool(self.is_on[t - 1]) if t else self.one.was_on

    def _rate_before(self, t: int) -> float:
        return float(self.rate[t - 1]) if t else self.one.rate_before

    def _chosen(self, t: int, levels: dict[str, float], free: dict[str, float]) -> tuple[float, bool]:
        """Give the rate of a step and whether the process is on in it."""
        one, was_on = self.one, self._was_on(t)
        asked = self._asked(t, levels)
        if not one.may_run[t] or not (
            self._goes_on(t, asked, levels) if was_on else self._starts_now(t, asked, levels)
        ):
            return 0.0, False
        least, most = one.least, min(one.most, self._served(free))
        if not was_on:
            most = min(most, one.start_most)
        else:
            before = self._rate_before(t)
            most = most if one.rise is None else min(most, before + one.rise)
            least = least if one.fall is None else max(least, before - one.fall)
        if most < one.least:  # what it takes is not there
            return 0.0, False
        rate = float(min(max(asked, least), max(most, least)))
        return rate, rate > 0 or one.is_switched

    def _starts_now(self, t: int, asked: float, levels: Mapping[str, float]) -> bool:
        one = self.one
        day = next(day for day in one.days if t in day)
        capped = one.process.max_starts_count is not None and (
            int(self._starts[day.start : t].sum()) >= one.process.max_starts_count
        )
        rested = self._lasted >= one.n_pause_steps
        is_wanted = asked > NOTHING_SHARE * one.most
        return bool(one.must_run[t]) or (is_wanted and rested and not capped and self._has_room(t, levels))

    def _has_room(self, t: int, levels: Mapping[str, float]) -> bool:
        """Say whether the stores that it feeds or empties can take its least run."""
        for lead in self._leads:
            level, per_unit = levels[lead.store.store_id], lead.flow.quantity_per_unit
            moved = self._step_h * (per_unit * self.one.least + lead.flow.quantity_per_h)
            for later in range(t, min(t + self.one.n_run_steps, self.one.may_run.size)):
                if later > t:
                    level = _faded(lead.store, level, self._step_h) + float(self._net[lead.store.store_id][later])
                level += moved
                if level > lead.store.max_level if per_unit > 0 else level < lead.store.min_level:
                    return False
        return True

    def _goes_on(self, t: int, asked: float, levels: dict[str, float]) -> bool:
        """Say whether what is on stays on: it is wanted, has not run long enough, is too fast, or would be missed soon."""
        one = self.one
        is_wanted = asked > NOTHING_SHARE * one.most
        is_fast = self._rate_before(t) > one.stop_most * (1 + NOTHING_SHARE)
        if is_wanted or is_fast or not one.is_switched:
            return is_wanted or is_fast
        return bool(one.must_run[t]) or self._lasted < one.n_run_steps or self._missed_soon(t, levels)

    def _asked(self, t: int, levels: dict[str, float]) -> float:
        """Give the rate that quotas and levels ask for in a step. [unit / h]."""
        rates = [self._of_quota(quota, t) for quota in self._wanted]
        rooms = []
        for lead in self._leads:
            level, store = levels[lead.store.store_id], lead.store
            rates.append(self._to(lead, level, store.start_level))
            room = self._to(lead, level, store.max_level if lead.flow.quantity_per_unit > 0 else store.min_level)
            rooms.append(self._landing(room) if room >= self.one.least else 0.0)
        most = min(rooms, default=self.one.most)
        asked = max(rates, default=0.0)
        fills = self._fills and rooms and (self._was_on(t) or asked > NOTHING_SHARE * self.one.most)
        return most if fills else min(asked, most)

    def _lacking(self, quota: QuotaSteps, t: int) -> float:
        if not quota.first <= t < quota.stop:
            return 0.0
        done = float(self.rate[quota.first : t].sum()) * self._step_h
        lacking = quota.quota.least - done
        return lacking if lacking > NOTHING_SHARE * quota.quota.least else 0.0

    def _of_quota(self, quota: QuotaSteps, t: int) -> float:
        """Give the rate that meets a quota soonest without a rest too small to be run."""
        left = self._lacking(quota, t) / self._step_h
        rate = self._landing(left)
        return max(self.one.least, left - self.one.least) if 0 < left - rate < self.one.least else rate

    def _landing(self, left: float) -> float:
        """Give the greatest rate from which it can fall step by step and stop before more than so much is done.

        Rates r, r - f, r - 2 f … add up to r (r + f) / 2 f. [unit / h]
        """
        if self.one.fall is None or left <= 0:
            return max(0.0, min(left, self.one.most))
        done = max(0.0, left - self.one.least)
        falling = (math.sqrt(self.one.fall**2 + 8 * self.one.fall * done) - self.one.fall) / 2
        return min(left, self.one.most, max(self.one.stop_most, falling))

    def _to(self, lead: _Lead, level: float, wanted: float) -> float:
        """Give the rate that brings a store to a level, beside what the process moves anyway. [unit / h]."""
        anyway = lead.flow.quantity_per_h * self._step_h
        return (wanted - level - anyway) / (lead.flow.quantity_per_unit * self._step_h)

    def _missed_soon(self, t: int, levels: dict[str, float]) -> bool:
        """Say whether a store would leave its level before the process may start again, and still has room for it."""
        one = self.one
        for lead in self._leads:
            level, per_unit = levels[lead.store.store_id], lead.flow.quantity_per_unit
            after = level + self._step_h * (per_unit * one.least + lead.flow.quantity_per_h)
            if not lead.store.min_level <= after <= lead.store.max_level:
                continue
            for later in range(t + 1, min(t + one.n_pause_steps, one.may_run.size)):
                level = _faded(lead.store, level, self._step_h) + float(self._net[lead.store.store_id][later])
                if self._to(lead, level, lead.store.start_level) > NOTHING_SHARE * one.most:
                    return True
        return False

    def _served(self, free: Mapping[str, float]) -> float:
        """Give the rate that the utilities left can serve. [unit / h]."""
        most = self.one.most
        for use in self.one.process.utilities:
            if use.quantity_per_rate > 0:
                most = min(most, (free[use.utility_id] - use.quantity) / use.quantity_per_rate)
            elif use.quantity > free[use.utility_id]:
                most = 0.0
        return most
