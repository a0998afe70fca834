"""Why a schedule looks as it does: what moved, what it saves, what to do in an event."""

from collections import Counter
from datetime import datetime
from itertools import zip_longest

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import Move, PlaybookStep, ResponseProblem
from domain.plant import ProcessUse, Run, Schedule, Task
from domain.plant.expand import plan_ways, profile_kw
from domain.programmes.terms import EventTerm
from domain.tariffs import NO_FACTS, AnyTariff, DemandCharge, EnergyCharge, Facts, version_on, versions_of
from domain.tariffs.bands import band_zh
from domain.tariffs.periods import flag_days, step_bands
from domain.text import Text
from optimizer.process_use import process_kw
from scenarios.report_numbers import Clock

MOVED_KWH = 0.5
"""Less than this is no move worth a sentence. [kWh]"""
CHANGED_KW = 1.0
"""Less than this is no change worth an instruction. [kW]"""
MORE_RUNS = Text(en="one run more: stores and orders ask for it", zh="增加一次运行：库存与订单需要")
FEWER_RUNS = Text(en="one run less: stores and orders do without it", zh="减少一次运行：库存与订单不需要")
SAVED = 0.005
"""Less than this saves nothing that a bill could show. [currency]"""


@noun(eq=False)
class Explainer:
    """Tells two schedules of one problem apart, in the plant's words."""

    problem: ResponseProblem
    tariff: AnyTariff
    facts: Facts = NO_FACTS

    def clock(self, instant: datetime) -> str:
        """Give an instant as the plant's people say it."""
        return Clock(self.problem.site.zone).moment(instant)

    def band_at(self, instant: datetime) -> str:
        """Give the price band of an instant, as the first energy charge of the tariff that then holds names it."""
        step = self.problem.horizon.step_of(instant)
        grid = self.problem.horizon.part(step, step + 1)
        version = version_on(self.tariff, grid.local_days(self.tariff.zone)[0].day)
        charge = next((one for one in version.charges if isinstance(one, EnergyCharge)), None)
        if charge is None:
            return "-"
        flagged = flag_days(version, self.facts, (charge.calendar,))
        return charge.calendar.bands[int(step_bands(charge.calendar, grid, version.zone, version.calendar, flagged)[0])]

    def run_energy_cost(self, run: Run | None) -> float:
        """Give what the energy of one run costs; 0 where there is none. [currency]."""
        if run is None:
            return 0.0
        first = self.problem.horizon.edge_of(run.start)
        profile = run.lot_share * profile_kw(self._way(run), self.problem.horizon.step_min)
        prices = self.problem.terms.energy_price_per_kwh[first : first + profile.size]
        return float(prices @ profile) * self.problem.horizon.step_h

    def _way(self, run: Run) -> Task:
        return plan_ways(self.problem.plan)[run.task_id, run.mode_id]

    def moves(self, before: Schedule, after: Schedule) -> tuple[Move, ...]:
        """Say what ``after`` does otherwise than ``before``, the most valuable first."""
        found = [
            *self._run_moves(before, after),
            *self._modulating_moves(before, after),
            *self._process_moves(before, after),
            *self._battery_moves(before, after),
        ]
        return tuple(sorted(found, key=lambda move: (-move.saving, move.subject_id, str(move.to_start))))

    def _run_moves(self, before: Schedule, after: Schedule) -> list[Move]:
        found = []
        charges = (one for version in versions_of(self.tariff) for one in version.charges)
        has_demand = any(isinstance(one, DemandCharge) for one in charges)
        lower_peak = has_demand and after.import_kw.max() < before.import_kw.max() - CHANGED_KW
        for task in self.problem.plan.tasks:
            for old, new in _changed(before, after, task.task_id):
                saving = self.run_energy_cost(old) - self.run_energy_cost(new)
                moved = new or old
                assert moved is not None  # noqa: S101 -- a pair has at least one run
                found.append(
                    Move(
                        what="run",
                        subject_id=task.task_id,
                        name=task.name,
                        from_start=old.start if old else None,
                        to_start=new.start if new else None,
                        from_mode=old.mode_id if old else None,
                        to_mode=new.mode_id if new else None,
                        moved_kwh=moved.lot_share * self._way(moved).energy_kwh,
                        saving=saving,
                        reason=self._why(old, new, saving, after, lower_peak=lower_peak)
                        if old and new
                        else MORE_RUNS
                        if new
                        else FEWER_RUNS,
                    )
                )
        return found

    def _why(self, old: Run, new: Run, saving: float, after: Schedule, *, lower_peak: bool) -> Text:
        for event in self.problem.events:
            if after.commitments_kw.get(event.event_id, 0.0) > 0:
                said = self._why_event(event, old, new)
                if said is not None:
                    return said
        if old.mode_id != new.mode_id and old.start == new.start:
            return Text(en="runs another way at the same time", zh="同一时间改用另一种方式运行")
        if saving > SAVED:
            return self._why_cheaper(old, new)
        if lower_peak:
            return Text(en="keeps the site's peak lower", zh="降低全厂最大需量")
        return Text(
            en="makes room for other runs (machine, store, crew or precedence limits)",
            zh="为其他任务让位（设备、库存、人员或工序约束）",
        )

    def _why_cheaper(self, old: Run, new: Run) -> Text:
        old_band, new_band = self.band_at(old.start), self.band_at(new.start)
        if old_band != new_band and self._price_at(new.start) < self._price_at(old.start):
            return Text(
                en=f"starts in {new_band} instead of {old_band}",
                zh=f"由{band_zh(old_band)}改到{band_zh(new_band)}开始",
            )
        return Text(en="more of it runs in cheaper hours", zh="更多用电落在较便宜的时段")

    def _why_event(self, event: EventTerm, old: Run, new: Run) -> Text | None:
        """Say that a run leaves an event that wants less load, or enters one that wants more."""
        was_in, is_in = self._runs_in(event, old), self._runs_in(event, new)
        if event.sign > 0 and was_in and not is_in:
            return Text(en=f"keeps clear of event {event.event_id}", zh=f"避开响应事件 {event.event_id}")
        if event.sign < 0 and is_in and not was_in:
            return Text(en=f"draws its power in event {event.event_id}", zh=f"在响应事件 {event.event_id} 期间用电")
        return None

    def _price_at(self, instant: datetime) -> float:
        return float(self.problem.terms.energy_price_per_kwh[self.problem.horizon.step_of(instant)])

    def _runs_in(self, event: EventTerm, run: Run | None) -> bool:
        """Say whether a run is on in an event."""
        if run is None:
            return False
        first = self.problem.horizon.edge_of(run.start)
        stop = first + profile_kw(self._way(run), self.problem.horizon.step_min).size
        return first < event.stop and event.first < stop

    def _modulating_moves(self, before: Schedule, after: Schedule) -> list[Move]:
        found = []
        for load in self.problem.plan.modulating_loads:
            change_kw = after.modulating_kw[load.load_id] - before.modulating_kw[load.load_id]
            moved_kwh = float(np.abs(change_kw).sum()) / 2 * self.problem.horizon.step_h
            if moved_kwh > MOVED_KWH:
                saving = -self._energy_cost(change_kw)
                reason = Text(en="its energy goes to cheaper or less loaded steps", zh="用电移到更便宜或负荷更低的时段")
                found.append(
                    Move(
                        what="modulating_load",
                        subject_id=load.load_id,
                        name=load.name,
                        moved_kwh=moved_kwh,
                        saving=saving,
                        reason=reason,
                    )
                )
        return found

    def _process_moves(self, before: Schedule, after: Schedule) -> list[Move]:
        found = []
        for process in self.problem.plan.processes:
            old, new = (one.processes.get(process.process_id) for one in (before, after))
            if old is None or new is None:
                continue
            change_kw = process_kw(process, new, self.problem.horizon) - process_kw(process, old, self.problem.horizon)
            moved_kwh = float(np.abs(change_kw).sum()) / 2 * self.problem.horizon.step_h
            if moved_kwh > MOVED_KWH:
                found.append(
                    Move(
                        what="process",
                        subject_id=process.process_id,
                        name=process.name,
                        moved_kwh=moved_kwh,
                        saving=-self._energy_cost(change_kw),
                        reason=self._why_process(old, new),
                    )
                )
        return found

    def _why_process(self, old: ProcessUse, new: ProcessUse) -> Text:
        hours_on, hours_off = (
            float(steps.sum()) * self.problem.horizon.step_h
            for steps in (new.is_on & ~old.is_on, old.is_on & ~new.is_on)
        )
        if hours_on or hours_off:
            return Text(
                en=f"on for {hours_on:g} h in which it was off, off for {hours_off:g} h in which it was on",
                zh=f"原停运的 {hours_on:g} 小时改为运行，原运行的 {hours_off:g} 小时改为停运",
            )
        return Text(en="runs faster in cheaper hours", zh="在较便宜的时段提高速率")

    def _battery_moves(self, before: Schedule, after: Schedule) -> list[Move]:
        found = []
        for battery_id, use in after.batteries.items():
            moved_kwh = float(use.discharge_kw.sum()) * self.problem.horizon.step_h
            if moved_kwh > MOVED_KWH:
                today = before.batteries[battery_id]
                gained_kw = (use.discharge_kw - use.charge_kw) - (today.discharge_kw - today.charge_kw)
                saving = self._energy_cost(gained_kw)
                found.append(
                    Move(
                        what="battery",
                        subject_id=battery_id,
                        name=battery_id,
                        moved_kwh=moved_kwh,
                        saving=saving,
                        reason=Text(
                            en="charges cheap, discharges dear or at the peak", zh="低价充电，高价或高峰时放电"
                        ),
                    )
                )
        return found

    def _energy_cost(self, power_kw: FloatArray) -> float:
        return float(self.problem.terms.energy_price_per_kwh @ power_kw) * self.problem.horizon.step_h

    def playbook(self, without: Schedule, with_dr: Schedule) -> tuple[PlaybookStep, ...]:
        """Say what to do for each event committed to, against the same package without it."""
        steps: list[PlaybookStep] = []
        for term in self.problem.events:
            if with_dr.commitments_kw.get(term.event_id, 0.0) > 0:
                steps += self._runs_for(term, without, with_dr)
                steps += self._levels_for(term, without, with_dr)
        return tuple(sorted(steps, key=lambda step: (step.at, step.subject_id)))

    def _runs_for(self, term: EventTerm, without: Schedule, with_dr: Schedule) -> list[PlaybookStep]:
        found = []
        for task in self.problem.plan.tasks:
            for old, new in _changed(without, with_dr, task.task_id):
                if not self._runs_in(term, old) and not self._runs_in(term, new):
                    continue
                action = self._instruction(task, old, new)
                at = min(one.start for one in (old, new) if one is not None)
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=task.task_id, action=action))
        return found

    def _instruction(self, task: Task, old: Run | None, new: Run | None) -> Text:
        if new is None or old is None:
            run = new or old
            when = self.clock(run.start) if run else ""
            return (
                Text(en=f"do not run {task.name} at {when}", zh=f"{when} 不运行 {task.name}")
                if new is None
                else Text(en=f"start {task.name} once more, at {when}", zh=f"{task.name} 于 {when} 加开一次")
            )
        way = "" if new.mode_id == old.mode_id else f" ({new.mode_id or task.task_id})"
        return Text(
            en=f"start {task.name}{way} at {self.clock(new.start)} instead of {self.clock(old.start)}",
            zh=f"{task.name}{way} 改在 {self.clock(new.start)} 开始（原 {self.clock(old.start)}）",
        )

    def _levels_for(self, term: EventTerm, without: Schedule, with_dr: Schedule) -> list[PlaybookStep]:
        inside = slice(term.first, term.stop)
        at = self.problem.horizon.at(term.first)
        found = []
        for load in self.problem.plan.modulating_loads:
            old_kw = float(without.modulating_kw[load.load_id][inside].mean())
            new_kw = float(with_dr.modulating_kw[load.load_id][inside].mean())
            if abs(new_kw - old_kw) > CHANGED_KW:
                action = Text(
                    en=f"run {load.name} at {new_kw:.0f} kW (otherwise {old_kw:.0f} kW)",
                    zh=f"{load.name} 运行在 {new_kw:.0f} kW（否则为 {old_kw:.0f} kW）",
                )
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=load.load_id, action=action))
        found += self._processes_for(term, without, with_dr)
        for battery_id, use in with_dr.batteries.items():
            discharge_kw = float((use.discharge_kw - use.charge_kw)[inside].mean())
            if abs(discharge_kw) > CHANGED_KW:
                verb = ("discharge", "放电") if discharge_kw > 0 else ("charge", "充电")
                action = Text(
                    en=f"{verb[0]} battery {battery_id} at {abs(discharge_kw):.0f} kW on average",
                    zh=f"电池 {battery_id} 平均以 {abs(discharge_kw):.0f} kW {verb[1]}",
                )
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=battery_id, action=action))
        return found

    def _processes_for(self, term: EventTerm, without: Schedule, with_dr: Schedule) -> list[PlaybookStep]:
        inside, found = slice(term.first, term.stop), []
        for process in self.problem.plan.processes:
            old, new = (one.processes.get(process.process_id) for one in (without, with_dr))
            if old is None or new is None:
                continue
            was_kw, is_kw = (float(process_kw(process, use, self.problem.horizon)[inside].mean()) for use in (old, new))
            if abs(is_kw - was_kw) > CHANGED_KW:
                off = not new.is_on[inside].any()
                action = Text(
                    en=f"keep {process.name} off (otherwise {was_kw:.0f} kW)"
                    if off
                    else f"run {process.name} at {is_kw:.0f} kW on average (otherwise {was_kw:.0f} kW)",
                    zh=f"{process.name} 保持停运（否则为 {was_kw:.0f} kW）"
                    if off
                    else f"{process.name} 平均运行在 {is_kw:.0f} kW（否则为 {was_kw:.0f} kW）",
                )
                at = self.problem.horizon.at(term.first)
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=process.process_id, action=action))
        return found


def _changed(before: Schedule, after: Schedule, task_id: str) -> list[tuple[Run | None, Run | None]]:
    """Pair the runs that one schedule has and the other has not, in order; a run without a pair is new or dropped."""
    old, new = (Counter(run for run in one.runs if run.task_id == task_id) for one in (before, after))
    gone, come = (sorted(left.elements(), key=lambda run: run.start) for left in (old - new, new - old))
    return list(zip_longest(gone, come))
