"""Why a schedule looks as it does: what moved, what it saves, what to do in an event."""

from collections import Counter
from datetime import datetime

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import Move, PlaybookStep, Response, ResponseProblem
from domain.plant import Task
from domain.plant.expand import profile_kw
from domain.programmes.terms import EventTerm
from domain.tariffs import NO_FACTS, AnyTariff, DemandCharge, EnergyCharge, Facts, version_on, versions_of
from domain.tariffs.bands import band_zh
from domain.tariffs.periods import flag_days, step_bands
from domain.text import Text
from scenarios.report_numbers import Clock

MOVED_KWH = 0.5
"""Less than this is no move worth a sentence. [kWh]"""
CHANGED_KW = 1.0
"""Less than this is no change worth an instruction. [kW]"""
SAVED = 0.005
"""Less than this saves nothing that a bill could show. [currency]"""


@noun(eq=False)
class Explainer:
    """Tells two responses to one problem apart, in the plant's words."""

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

    def run_energy_cost(self, task: Task, start: datetime) -> float:
        """Give what the energy of one run costs if it starts then. [currency]."""
        first = self.problem.horizon.edge_of(start)
        profile = profile_kw(task, self.problem.horizon.step_min)
        prices = self.problem.terms.energy_price_per_kwh[first : first + profile.size]
        return float(prices @ profile) * self.problem.horizon.step_h

    def moves(self, before: Response, after: Response) -> tuple[Move, ...]:
        """Say what ``after`` does otherwise than ``before``, the most valuable first."""
        found = [
            *self._run_moves(before, after),
            *self._modulating_moves(before, after),
            *self._battery_moves(before, after),
        ]
        return tuple(sorted(found, key=lambda move: (-move.saving, move.subject_id, str(move.to_start))))

    def _run_moves(self, before: Response, after: Response) -> list[Move]:
        found = []
        charges = (one for version in versions_of(self.tariff) for one in version.charges)
        has_demand = any(isinstance(one, DemandCharge) for one in charges)
        lower_peak = has_demand and after.schedule.import_kw.max() < before.schedule.import_kw.max() - CHANGED_KW
        for task in self.problem.plan.tasks:
            for from_start, to_start in _changed(before, after, task.task_id):
                saving = self.run_energy_cost(task, from_start) - self.run_energy_cost(task, to_start)
                found.append(
                    Move(
                        what="run",
                        subject_id=task.task_id,
                        name=task.name,
                        from_start=from_start,
                        to_start=to_start,
                        moved_kwh=task.energy_kwh,
                        saving=saving,
                        reason=self._why(task, (from_start, to_start), saving, after, lower_peak=lower_peak),
                    )
                )
        return found

    def _why(
        self, task: Task, starts: tuple[datetime, datetime], saving: float, after: Response, *, lower_peak: bool
    ) -> Text:
        for event in self.problem.events:
            if after.schedule.commitments_kw.get(event.event_id, 0.0) > 0:
                said = self._why_event(event, task, starts)
                if said is not None:
                    return said
        if saving > SAVED:
            old, new = starts
            old_band, new_band = self.band_at(old), self.band_at(new)
            if old_band != new_band and self._price_at(new) < self._price_at(old):
                return Text(
                    en=f"starts in {new_band} instead of {old_band}",
                    zh=f"由{band_zh(old_band)}改到{band_zh(new_band)}开始",
                )
            return Text(en="more of it runs in cheaper hours", zh="更多用电落在较便宜的时段")
        if lower_peak:
            return Text(en="keeps the site's peak lower", zh="降低全厂最大需量")
        return Text(
            en="makes room for other runs (machine, store, crew or precedence limits)",
            zh="为其他任务让位（设备、库存、人员或工序约束）",
        )

    def _why_event(self, event: EventTerm, task: Task, starts: tuple[datetime, datetime]) -> Text | None:
        """Say that a run leaves an event that wants less load, or enters one that wants more."""
        was_in, is_in = (self._runs_in(event, task, at) for at in starts)
        if event.sign > 0 and was_in and not is_in:
            return Text(en=f"keeps clear of event {event.event_id}", zh=f"避开响应事件 {event.event_id}")
        if event.sign < 0 and is_in and not was_in:
            return Text(en=f"draws its power in event {event.event_id}", zh=f"在响应事件 {event.event_id} 期间用电")
        return None

    def _price_at(self, instant: datetime) -> float:
        return float(self.problem.terms.energy_price_per_kwh[self.problem.horizon.step_of(instant)])

    def _runs_in(self, event: EventTerm, task: Task, start: datetime) -> bool:
        """Say whether a run that starts then is on in an event."""
        first = self.problem.horizon.edge_of(start)
        stop = first + profile_kw(task, self.problem.horizon.step_min).size
        return first < event.stop and event.first < stop

    def _modulating_moves(self, before: Response, after: Response) -> list[Move]:
        found = []
        for load in self.problem.plan.modulating_loads:
            change_kw = after.schedule.modulating_kw[load.load_id] - before.schedule.modulating_kw[load.load_id]
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

    def _battery_moves(self, before: Response, after: Response) -> list[Move]:
        found = []
        for battery_id, use in after.schedule.batteries.items():
            moved_kwh = float(use.discharge_kw.sum()) * self.problem.horizon.step_h
            if moved_kwh > MOVED_KWH:
                today = before.schedule.batteries[battery_id]
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

    def playbook(self, without: Response, with_dr: Response) -> tuple[PlaybookStep, ...]:
        """Say what to do for each event committed to, against the same package without it."""
        steps: list[PlaybookStep] = []
        for term in self.problem.events:
            if with_dr.schedule.commitments_kw.get(term.event_id, 0.0) > 0:
                steps += self._runs_for(term, without, with_dr)
                steps += self._levels_for(term, without, with_dr)
        return tuple(sorted(steps, key=lambda step: (step.at, step.subject_id)))

    def _runs_for(self, term: EventTerm, without: Response, with_dr: Response) -> list[PlaybookStep]:
        found = []
        for task in self.problem.plan.tasks:
            for old_start, new_start in _changed(without, with_dr, task.task_id):
                if not any(self._runs_in(term, task, at) for at in (old_start, new_start)):
                    continue
                action = Text(
                    en=f"start {task.name} at {self.clock(new_start)} instead of {self.clock(old_start)}",
                    zh=f"{task.name} 改在 {self.clock(new_start)} 开始（原 {self.clock(old_start)}）",
                )
                at = min(old_start, new_start)
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=task.task_id, action=action))
        return found

    def _levels_for(self, term: EventTerm, without: Response, with_dr: Response) -> list[PlaybookStep]:
        inside = slice(term.first, term.stop)
        at = self.problem.horizon.at(term.first)
        found = []
        for load in self.problem.plan.modulating_loads:
            old_kw = float(without.schedule.modulating_kw[load.load_id][inside].mean())
            new_kw = float(with_dr.schedule.modulating_kw[load.load_id][inside].mean())
            if abs(new_kw - old_kw) > CHANGED_KW:
                action = Text(
                    en=f"run {load.name} at {new_kw:.0f} kW (otherwise {old_kw:.0f} kW)",
                    zh=f"{load.name} 运行在 {new_kw:.0f} kW（否则为 {old_kw:.0f} kW）",
                )
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=load.load_id, action=action))
        for battery_id, use in with_dr.schedule.batteries.items():
            discharge_kw = float((use.discharge_kw - use.charge_kw)[inside].mean())
            if abs(discharge_kw) > CHANGED_KW:
                verb = ("discharge", "放电") if discharge_kw > 0 else ("charge", "充电")
                action = Text(
                    en=f"{verb[0]} battery {battery_id} at {abs(discharge_kw):.0f} kW on average",
                    zh=f"电池 {battery_id} 平均以 {abs(discharge_kw):.0f} kW {verb[1]}",
                )
                found.append(PlaybookStep(event_id=term.event_id, at=at, subject_id=battery_id, action=action))
        return found


def _changed(before: Response, after: Response, task_id: str) -> list[tuple[datetime, datetime]]:
    """Pair the starts that one response has and the other has not, in order."""
    old, new = (Counter(run.start for run in one.schedule.runs if run.task_id == task_id) for one in (before, after))
    return list(zip(sorted((old - new).elements()), sorted((new - old).elements()), strict=True))
