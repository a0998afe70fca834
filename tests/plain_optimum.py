"""The least cost of a small plant by a second model, written from the nouns for scipy's solver and sharing no line.

Where ours counts equal machine copies by family, this one follows each copy; where ours has convex hulls of starts,
stops and ramps, this one writes each rule as its sentence says it, with an upper bound that switches it off; where ours
bounds the possible starts beforehand, this one lets rows forbid them. Hours' steps, one local day in UTC.
"""

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from domain.offers import ResponseProblem
from domain.plant import Process, Store, Task
from tests.plain_program import INF, Program, Terms


class Plant:
    """One problem as a program; sums of what all that runs brings to each step are gathered first."""

    def __init__(self, asked: ResponseProblem) -> None:
        self.asked = asked
        self.plan = asked.plan
        self.n = asked.horizon.n_steps
        self.h = asked.horizon.step_min / 60
        self.lp = Program(constant=asked.terms.constant)
        self.load: list[Terms] = [[] for _ in range(self.n)]
        self.safe: list[Terms] = [[] for _ in range(self.n)]
        self.people: list[Terms] = [[] for _ in range(self.n)]
        self.steam: dict[tuple[str, int], Terms] = defaultdict(list)
        self.goes_in: dict[tuple[str, int], Terms] = defaultdict(list)
        self.goes_out: dict[tuple[str, int], Terms] = defaultdict(list)
        self.taken: dict[tuple[str, int], Terms] = defaultdict(list)
        self.copies_of: dict[str, list[dict[str, list[int]]]] = {}
        self.runs: dict[tuple[str, str | None, int], tuple[int, int]] = {}
        """Columns of runs and of their lots, by task, mode and start."""
        self.changes: dict[tuple[str, str, str, int], list[int]] = defaultdict(list)
        """One column per copy, by machine, families and start."""
        self.units: dict[str, tuple[list[int], list[int], list[int]]] = {}
        """Rate, on, start by process."""
        self.thrown: dict[str, list[int]] = {}
        self.powers: dict[tuple[str, int], int] = {}
        self.cells: dict[str, list[tuple[int, int]]] = defaultdict(list)
        """Charging and discharging by battery."""
        self.clock: dict[str, list[tuple[int, float, float]]] = {}
        self.carbon = asked.site.co2_price_per_t / 1000
        self.wage, self.heads = self._crews()
        self._set_up()
        for task in self.plan.tasks:
            self._task(task)
        self._links()
        self._keep_copies()
        for process in self.plan.processes:
            self._process(process)
        self._machines()
        for store in self.plan.stores:
            self._store(store)
        self._shared()
        self._site()

    # --- time ---

    def step(self, instant: datetime) -> float:
        return (instant - self.asked.horizon.start) / timedelta(hours=self.h)

    def touches(self, start: datetime, end: datetime, t: int) -> bool:
        return self.step(start) < t + 1 and self.step(end) > t

    def _crews(self) -> tuple[list[float], list[float]]:
        """Give each step's wage and how many may work: nobody where no shift is, anybody where no shift is given."""
        if not self.plan.shifts:
            return [0.0] * self.n, [INF] * self.n
        wage, heads = [0.0] * self.n, [0.0] * self.n
        for t in range(self.n):
            clock = (self.asked.horizon.start + timedelta(hours=t * self.h)).time()
            for shift in self.plan.shifts:
                overnight = shift.end <= shift.start
                inside = clock >= shift.start or clock < shift.end if overnight else shift.start <= clock < shift.end
                if inside:
                    wage[t] = shift.wage_per_h
                    heads[t] = INF if shift.people_count is None else shift.people_count
        return wage, heads

    # --- machines that are set up ---

    def _set_up(self) -> None:
        for machine in self.plan.machines:
            changes = [one for one in self.plan.changeovers if one.machine_id == machine.machine_id]
            if not changes:
                continue
            families = sorted({one.from_family for one in changes} | {one.to_family for one in changes})
            out = [any(self.touches(gap.start, gap.end, t) for gap in machine.outages) for t in range(self.n)]
            self.copies_of[machine.machine_id] = []
            for _ in range(machine.count):
                state = {one: [self.lp.binary() for _ in range(self.n + 1)] for one in families}
                busy: list[Terms] = [[] for _ in range(self.n)]
                flips: dict[tuple[str, int], Terms] = defaultdict(list)
                for change in changes:
                    lasts = math.ceil(change.duration_min / 60 / self.h)
                    energy_kwh = change.power_kw * change.duration_min / 60
                    for s in range(self.n - lasts + 1):
                        paid = sum(self.wage[t] for t in range(s, s + lasts)) * self.h * change.crew_count
                        z = self.lp.binary(cost=change.cost + paid)
                        self.changes[machine.machine_id, change.from_family, change.to_family, s].append(z)
                        self.lp.row([(z, 1.0), (state[change.from_family][s], -1.0)], most=0.0)
                        flips[change.from_family, s + lasts].append((z, -1.0))
                        flips[change.to_family, s + lasts].append((z, 1.0))
                        for t in range(s, s + lasts):
                            busy[t].append((z, 1.0))
                            self.load[t].append((z, energy_kwh / (lasts * self.h)))
                            self.safe[t].append((z, energy_kwh / (lasts * self.h)))
                            self.people[t].append((z, change.crew_count))
                for one in families:
                    self.lp.same([(state[one][0], 1.0)], float(one == machine.family_at_start))
                    for t in range(1, self.n + 1):
                        moved = [(column, -weight) for column, weight in flips[one, t]]
                        self.lp.same([(state[one][t], 1.0), (state[one][t - 1], -1.0), *moved])
                for t in range(self.n):
                    if out[t]:
                        self.lp.row(busy[t], most=0.0)
                copy = {"busy": busy, "state": state, "out": out}
                self.copies_of[machine.machine_id].append(copy)

    def _keep_copies(self) -> None:
        for copies in self.copies_of.values():
            for copy in copies:
                for t in range(self.n):
                    self.lp.row(copy["busy"][t], most=0.0 if copy["out"][t] else 1.0)

    # --- runs ---

    def _task(self, task: Task) -> None:
        order = next((one for one in self.plan.orders if one.order_id == task.order_id), None)
        opens = max(at for at in (self.plan.start, task.earliest, order.release if order else None) if at is not None)
        late_price = order.lateness_cost_per_h if order else None
        hard_due = order.due if order and late_price is None else None
        closes = min(at for at in (self.plan.end, task.latest_end, hard_due) if at is not None)
        all_runs: Terms = []
        self.clock[task.task_id] = []
        for mode in (None, *task.modes):
            own = {
                name: getattr(task, name) if mode is None or getattr(mode, name) is None else getattr(mode, name)
                for name in ("machine_ids", "phases", "flows", "utilities", "crew_count", "start_cost")
            }
            minutes = [phase.power_kw for phase in own["phases"] for _ in range(phase.duration_min)]
            lasts = math.ceil(len(minutes) / 60 / self.h)
            for s in range(self.n - lasts + 1):
                begins = self.asked.horizon.start + timedelta(hours=s * self.h)
                ends = begins + timedelta(minutes=len(minutes))
                rhythm = (begins.astimezone(UTC).hour * 60 + begins.minute) % task.start_every_min
                if begins < opens or ends > closes or rhythm:
                    continue
                cost = own["start_cost"] + own["crew_count"] * self.h * sum(self.wage[s : s + lasts])
                if late_price is not None and order is not None:
                    cost += late_price * max(0.0, (ends - order.due) / timedelta(hours=1))
                x = self.lp.column(task.count, cost=cost, whole=True)
                all_runs.append((x, 1.0))
                self.clock[task.task_id].append((x, s * self.h, s * self.h + len(minutes) / 60))
                lot = x
                if task.least_lot_share < 1:
                    lot = self.lp.column(task.count)
                    self.lp.row([(lot, 1.0), (x, -task.least_lot_share)], least=0.0)
                    self.lp.row([(lot, 1.0), (x, -1.0)], most=0.0)
                self.runs[task.task_id, mode.mode_id if mode else None, s] = (x, lot)
                self._occupy(task, own["machine_ids"], x, s, lasts)
                per_step = round(60 * self.h)
                for t in range(s, s + lasts):
                    kw = sum(minutes[(t - s) * per_step : (t - s + 1) * per_step]) / per_step
                    self.load[t].append((lot, kw))
                    self.safe[t].append((lot, kw))
                    self.people[t].append((x, own["crew_count"]))
                    for use in own["utilities"]:
                        self.steam[use.utility_id, t].append((x, use.quantity))
                for flow in own["flows"]:
                    at = {"start": [s], "end": [s + lasts - 1]}.get(flow.when, list(range(s, s + lasts)))
                    for t in at:
                        self._moves(flow.store_id, t, lot, flow.quantity / len(at))
        fewest = task.count if task.min_count is None else task.min_count
        self.lp.row(all_runs, least=fewest, most=task.count)

    def _occupy(self, task: Task, machine_ids: tuple[str, ...], x: int, s: int, lasts: int) -> None:
        for machine_id in machine_ids:
            if machine_id not in self.copies_of:
                for t in range(s, s + lasts):
                    self.taken[machine_id, t].append((x, 1.0))
                continue
            served: Terms = [(x, -1.0)]
            for copy in self.copies_of[machine_id]:
                y = self.lp.binary()
                served.append((y, 1.0))
                self.lp.row([(y, 1.0), (copy["state"][task.family][s], -1.0)], most=0.0)
                for t in range(s, s + lasts):
                    copy["busy"][t].append((y, 1.0))
            self.lp.same(served)

    def _links(self) -> None:
        for link in self.plan.precedences:
            wait = [(x, begins * 60) for x, begins, _ in self.clock[link.after]]
            wait += [(x, -ends * 60) for x, _, ends in self.clock[link.before]]
            most = INF if link.max_gap_min is None else link.max_gap_min
            self.lp.row(wait, least=link.min_gap_min, most=most)

    # --- processes ---

    def _process(self, one: Process) -> None:
        lp, n, h = self.lp, self.n, self.h
        emits, emits_on = self.carbon * one.co2_kg_per_unit, self.carbon * one.co2_kg_per_h
        rate = [lp.column(one.max_rate, cost=h * (one.cost_per_unit + emits)) for _ in range(n)]
        on = [lp.binary(cost=h * (one.cost_per_h + emits_on + one.crew_count * self.wage[t])) for t in range(n)]
        start = [lp.binary(cost=one.start_cost) for _ in range(n)]
        stop = [lp.binary() for _ in range(n)]
        self.units[one.process_id] = (rate, on, start)
        was_on, was = float(one.before.is_on), one.before.rate
        for t in range(n):
            before: Terms = [(on[t - 1], -1.0)] if t else []
            lp.same([(on[t], 1.0), *before, (start[t], -1.0), (stop[t], 1.0)], 0.0 if t else was_on)
            lp.row([(start[t], 1.0), (stop[t], 1.0)], most=1.0)
            lp.row([(rate[t], 1.0), (on[t], -one.min_rate)], least=0.0)
            lp.row([(rate[t], 1.0), (on[t], -one.max_rate)], most=0.0)
            inside = not one.hours or any(self.step(s.start) <= t and t + 1 <= self.step(s.end) for s in one.hours)
            if not inside or any(self.touches(s.start, s.end, t) for s in one.outages):
                lp.same([(on[t], 1.0)])
        self._stays(one, on, start, stop)
        self._ramps(one, rate, on, start, stop, was_on=was_on, was=was)
        if one.max_starts_count is not None:
            lp.row([(column, 1.0) for column in start], most=one.max_starts_count)
        for quota in one.quotas:
            first, last = max(0, round(self.step(quota.start))), min(n, round(self.step(quota.end)))
            made: Terms = [(rate[t], h) for t in range(first, last)]
            if made:
                price = quota.shortfall_cost_per_unit
                lacks: Terms = [] if price is None else [(lp.column(cost=price), 1.0)]
                lp.row([*made, *lacks], least=quota.least)
                lp.row(made, most=INF if quota.most is None else quota.most)
        for t in range(n):
            self.load[t] += [(rate[t], one.kwh_per_unit), (on[t], one.fixed_kw), (start[t], one.start_kwh / h)]
            drawn: Terms = [(on[t], one.fixed_kw), (start[t], one.start_kwh / h)]
            self.safe[t] += drawn + ([(rate[t], one.kwh_per_unit)] if one.kwh_per_unit > 0 else [])
            self.people[t].append((on[t], one.crew_count))
            for machine_id in one.machine_ids:
                self.taken[machine_id, t].append((on[t], 1.0))
            for use in one.utilities:
                self.steam[use.utility_id, t] += [(on[t], use.quantity), (rate[t], use.quantity_per_rate)]
            for flow in one.flows:
                self._moves(flow.store_id, t, rate[t], flow.quantity_per_unit * h)
                self._moves(flow.store_id, t, on[t], flow.quantity_per_h * h)

    def _stays(self, one: Process, on: list[int], start: list[int], stop: list[int]) -> None:
        step_min = self.h * 60
        for begin, wanted_min, is_run in ((start, one.min_run_min, True), (stop, one.min_pause_min, False)):
            for t in range(self.n):
                for later in range(t, min(self.n, t + math.ceil(wanted_min / step_min))):
                    if is_run:
                        self.lp.row([(on[later], 1.0), (begin[t], -1.0)], least=0.0)
                    else:
                        self.lp.row([(on[later], 1.0), (begin[t], 1.0)], most=1.0)
            if one.before.is_on is is_run and one.before.since_min is not None:
                left = math.ceil(max(0, wanted_min - one.before.since_min) / step_min)
                for t in range(min(self.n, left)):
                    self.lp.same([(on[t], 1.0)], float(is_run))

    def _ramps(
        self,
        one: Process,
        rate: list[int],
        on: list[int],
        start: list[int],
        stop: list[int],
        *,
        was_on: float,
        was: float,
    ) -> None:
        """Write each of the four rules as it is said; ``wide`` is more than any rate differs."""
        wide = one.max_rate + was
        for t in range(self.n):
            gone_on: Terms = [(on[t - 1], wide)] if t else []
            free = 2 * wide if t else wide * (2 - was_on)
            now, before = rate[t], ([(rate[t - 1], 1.0)] if t else [])
            known = 0.0 if t else was
            if one.max_rise_per_h is not None:
                rise = one.max_rise_per_h * self.h
                minus = [(column, -weight) for column, weight in before]
                self.lp.row([(now, 1.0), *minus, (on[t], wide), *gone_on], most=rise + known + free)
                self.lp.row([(now, 1.0), (start[t], wide)], most=max(one.min_rate, rise) + wide)
            if one.max_fall_per_h is not None:
                fall = one.max_fall_per_h * self.h
                self.lp.row([*before, (now, -1.0), (on[t], wide), *gone_on], most=fall - known + free)
                self.lp.row([*before, (stop[t], wide)], most=max(one.min_rate, fall) + wide - known)

    # --- what is shared ---

    def _moves(self, store_id: str, t: int, column: int, quantity: float) -> None:
        if quantity > 0:
            self.goes_in[store_id, t].append((column, quantity))
        elif quantity < 0:
            self.goes_out[store_id, t].append((column, -quantity))

    def _machines(self) -> None:
        for machine in self.plan.machines:
            for t in range(self.n):
                out = any(self.touches(gap.start, gap.end, t) for gap in machine.outages)
                self.lp.row(self.taken[machine.machine_id, t], most=0.0 if out else machine.count)

    def _store(self, store: Store) -> None:
        lp, kept = self.lp, (1 - store.decay_share_per_h) ** self.h
        brought, drawn = [0.0] * self.n, [0.0] * self.n
        for draw in store.draws:
            t = math.floor(self.step(draw.at))
            if 0 <= t < self.n:
                (drawn if draw.quantity > 0 else brought)[t] += abs(draw.quantity)
        level = [lp.column(store.max_level, least=store.min_level) for _ in range(self.n)]
        price = store.disposal_cost_per_unit
        thrown = [] if price is None else [lp.column(cost=price) for _ in range(self.n)]
        self.thrown[store.store_id] = thrown
        for t in range(self.n):
            if price is not None:
                self.goes_out[store.store_id, t].append((thrown[t], 1.0))
            moved = [(c, -w) for c, w in self.goes_in[store.store_id, t]] + self.goes_out[store.store_id, t]
            before: Terms = [(level[t - 1], -kept)] if t else []
            rest = (1 - kept) * store.rest_level + brought[t] - drawn[t]
            lp.same([(level[t], 1.0), *before, *moved], rest + (0.0 if t else kept * store.start_level))
        least = store.start_level if store.end_min_level is None else store.end_min_level
        lp.row([(level[-1], 1.0)], least=least, most=INF if store.end_max_level is None else store.end_max_level)
        if store.max_hold_min is not None:
            keeps = math.floor(store.max_hold_min / 60 / self.h)
            for t in range(max(0, keeps - 1), self.n):  # what had come `keeps` steps before the end of t has gone
                gone = [pair for u in range(t + 1) for pair in self.goes_out[store.store_id, u]]
                come = [(c, -w) for u in range(t + 1 - keeps) for c, w in self.goes_in[store.store_id, u]]
                given = store.start_level + sum(brought[: t + 1 - keeps]) - sum(drawn[: t + 1])
                lp.row([*gone, *come], least=given)

    def _shared(self) -> None:
        for t in range(self.n):
            self.lp.row(self.people[t], most=self.heads[t])
        for utility in self.plan.utilities:
            each = self.h * (utility.price_per_unit_h + self.carbon * utility.co2_kg_per_unit_h)
            for t in range(self.n):
                moments = [utility.limit]
                spans = [gap for gap in utility.gaps if self.touches(gap.start, gap.end, t)]
                if any(self.step(gap.start) <= t and t + 1 <= self.step(gap.end) for gap in spans):
                    moments = []
                used = self.lp.column(min([*moments, *(gap.limit for gap in spans)]), cost=each)
                minus = [(column, -weight) for column, weight in self.steam[utility.utility_id, t]]
                self.lp.row([(used, 1.0), *minus], least=0.0)

    def _site(self) -> None:
        lp, site, terms, h = self.lp, self.asked.site, self.asked.terms, self.h
        for load in self.plan.modulating_loads:
            for shift in load.shifts:
                span = range(round(self.step(shift.start)), round(self.step(shift.end)))
                power = {t: lp.column(load.max_kw, least=load.min_kw) for t in span}
                lp.same([(column, h) for column in power.values()], shift.energy_kwh)
                for t, column in power.items():
                    self.powers[load.load_id, t] = column
                    self.load[t].append((column, 1.0))
                    self.safe[t].append((column, 1.0))
        for battery in site.batteries:
            soc: Terms = []
            for t in range(self.n):
                charge = lp.column(battery.max_charge_kw)
                give = lp.column(battery.max_discharge_kw, cost=battery.wear_cost_per_kwh * h)
                way = lp.binary()
                self.cells[battery.battery_id].append((charge, give))
                lp.row([(charge, 1.0), (way, -battery.max_charge_kw)], most=0.0)
                lp.row([(give, 1.0), (way, battery.max_discharge_kw)], most=battery.max_discharge_kw)
                soc = [*soc, (charge, battery.charge_eff * h), (give, -h / battery.discharge_eff)]
                room = battery.capacity_kwh - battery.soc_start_kwh
                lp.row(soc, least=battery.soc_min_kwh - battery.soc_start_kwh, most=room)
                self.load[t] += [(charge, 1.0), (give, -1.0)]
            least = battery.soc_start_kwh if battery.soc_end_min_kwh is None else battery.soc_end_min_kwh
            lp.row(soc, least=least - battery.soc_start_kwh)
        dirty = site.grid_co2_kg_per_kwh
        drawn = []
        for t in range(self.n):
            kg = dirty[t * len(dirty) // self.n]
            price = terms.energy_price_per_kwh[t] + self.carbon * kg
            fed_price = 0.0 if terms.export_price_per_kwh is None else terms.export_price_per_kwh[t]
            into = lp.column(site.import_limit_kw, cost=h * price)
            out = lp.column(site.export_limit_kw, cost=-h * fed_price)
            way = lp.binary()
            lp.row([(into, 1.0), (way, -site.import_limit_kw)], most=0.0)
            lp.row([(out, 1.0), (way, site.export_limit_kw)], most=site.export_limit_kw)
            base = float(self.asked.base_kw[t])
            minus = [(column, -weight) for column, weight in self.load[t]]
            lp.same([(into, 1.0), (out, -1.0), *minus], base)
            lp.row(self.safe[t], least=site.safety_load_kw - base)
            drawn.append(into)
        for term in terms.demand:
            peak = lp.column(least=float(term.other_peak_kw[0]), cost=term.price_per_kw)
            for into in drawn:
                lp.row([(peak, 1.0), (into, -1.0)], least=0.0)


def least_cost(asked: ResponseProblem) -> float | None:
    """Give the least cost of a problem; None where no schedule keeps all its limits. [currency]."""
    found = Plant(asked).lp.solve()
    return None if found is None else found[0]
