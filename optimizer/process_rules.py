"""Which rules of its processes a schedule of people's own making breaks, in the plant's words."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from domain.plant import ProcessUse, Schedule
from domain.plant.expand import machine_available
from domain.text import Text
from optimizer.conflicts import SLACK
from optimizer.formulation.process_sets import ProcessSteps
from optimizer.formulation.sets import PlanSets
from optimizer.process_costs import shortfall_units
from optimizer.process_use import process_starts
from optimizer.words import at_step, filled, machine_words

MEND = Text(en="say in planned how it is run", zh="请在 planned 中说明其实际运行方式")


def process_conflicts(sets: PlanSets, schedule: Schedule) -> list[Text]:
    """Find what a schedule's processes do that they cannot, or leave undone."""
    found: list[Text] = []
    for process_id, one in sets.processes.items():
        use = schedule.processes[process_id]
        for rule in (_out_of_hours, _too_short, _too_steep, _too_many_starts, _quota_missed):
            found += rule(one, use, sets)
    return [*found, *_machines_taken(sets, schedule), *_safety_load(sets, schedule)]


def _words(one: ProcessSteps) -> Text:
    process = one.process
    return Text(
        en=f"Process {process.process_id} ({process.name})", zh=f"连续设备 {process.process_id}（{process.name}）"
    )


def _out_of_hours(one: ProcessSteps, use: ProcessUse, sets: PlanSets) -> Iterator[Text]:
    closed = np.flatnonzero(use.is_on & ~one.may_run)
    if closed.size and one.process.movable:
        yield filled(
            "{process} is on at {at}, where its hours, outages, machines, crew or least pause forbid it",
            "{process}在{at}运行，而其开放时段、停机、设备、班组或最短停运时间不允许",
            process=_words(one),
            at=at_step(int(closed[0]), sets.problem),
        )
    stopped = np.flatnonzero(~use.is_on & one.must_run)
    if stopped.size and one.is_switched:
        yield filled(
            "{process} is off at {at}, where it must go on: it has not run long enough or is too fast to stop",
            "{process}在{at}停运，而其必须继续运行：运行时间不足或速率过高无法停机",
            process=_words(one),
            at=at_step(int(stopped[0]), sets.problem),
        )


def _too_short(one: ProcessSteps, use: ProcessUse, sets: PlanSets) -> Iterator[Text]:
    for flags, before, n_least, en, zh in (
        (use.is_on, one.was_on, one.n_run_steps, "runs", "运行"),
        (~use.is_on, not one.was_on, one.n_pause_steps, "pauses", "停运"),
    ):
        for first, stop in _blocks(flags):
            is_whole = (first > 0 or not before) and stop < flags.size
            if is_whole and stop - first < n_least:
                yield filled(
                    "{process} " + en + " for {length:g} min from {at}; its least is {least:g} min",
                    "{process}自{at}" + zh + " {length:g} 分钟，少于最短 {least:g} 分钟",
                    process=_words(one),
                    at=at_step(first, sets.problem),
                    length=(stop - first) * sets.problem.horizon.step_min,
                    least=one.process.min_run_min if en == "runs" else one.process.min_pause_min,
                )
                break


def _blocks(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Give the spans in which flags are set, first and stop."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _too_steep(one: ProcessSteps, use: ProcessUse, sets: PlanSets) -> Iterator[Text]:
    before = np.concatenate([[one.rate_before], use.rate[:-1]])
    was_on = np.concatenate([[one.was_on], use.is_on[:-1]])
    rise = np.inf if one.rise is None else one.rise
    fall = np.inf if one.fall is None else one.fall
    most_up = np.where(was_on, before + rise, one.start_most)
    most_down = np.where(use.is_on, use.rate + fall, one.stop_most)
    steep = np.flatnonzero((use.is_on & (use.rate > most_up + SLACK)) | (was_on & (before > most_down + SLACK)))
    if steep.size:
        t = int(steep[0])
        yield filled(
            "{process} goes from {before:g} to {rate:g} {unit}/h at {at}, faster than it may",
            "{process}在{at}由 {before:g} 变为 {rate:g} {unit}/h，超过其爬坡限制",
            process=_words(one),
            before=round(float(before[t]), 6),
            rate=round(float(use.rate[t]), 6),
            unit=one.process.unit,
            at=at_step(t, sets.problem),
        )


def _too_many_starts(one: ProcessSteps, use: ProcessUse, sets: PlanSets) -> Iterator[Text]:
    most = one.process.max_starts_count
    starts = process_starts(one.process, use.is_on)
    for day in one.days:
        count = int(starts[day.start : day.stop].sum())
        if most is not None and count > most:
            yield filled(
                "{process} starts {count} times in the day from {at}; {most} are allowed",
                "{process}自{at}起的一日内启动 {count} 次，超过允许的 {most} 次",
                process=_words(one),
                count=count,
                at=at_step(day.start, sets.problem),
                most=most,
            )


def _quota_missed(one: ProcessSteps, use: ProcessUse, sets: PlanSets) -> Iterator[Text]:
    grid = sets.problem.horizon
    for span in one.quotas.values():
        lacking = shortfall_units(span.quota, use, grid)
        done = float(use.rate[span.first : span.stop].sum()) * grid.step_h
        most = span.quota.most
        if (lacking > SLACK and span.quota.shortfall_cost_per_unit is None) or (
            most is not None and done > most + SLACK
        ):
            yield filled(
                "{process} does {done:g} {unit} between {first} and {stop}; its quota is {least:g} … {most}; {mend}",
                "{process}在{first}至{stop}之间完成 {done:g} {unit}，而配额为 {least:g} … {most}；{mend}",
                process=_words(one),
                done=round(done, 6),
                unit=one.process.unit,
                first=at_step(span.first, sets.problem),
                stop=at_step(span.stop, sets.problem),
                least=span.quota.least,
                most="∞" if most is None else f"{most:g}",
                mend=MEND,
            )


def _machines_taken(sets: PlanSets, schedule: Schedule) -> Iterator[Text]:
    """Find machines that processes take while runs or other processes have them."""
    problem = sets.problem
    for machine in problem.plan.machines:
        users = [one for one in sets.processes.values() if machine.machine_id in one.process.machine_ids]
        if not users:
            continue
        taken = np.sum([schedule.processes[one.process.process_id].is_on for one in users], axis=0)
        for run in schedule.runs:
            way = next(one for one in sets.ways(run.task_id) if one.mode_id == run.mode_id)
            if machine.machine_id in way.task.machine_ids:
                first = problem.horizon.edge_of(run.start)
                taken[first : first + way.n_occupied] += 1
        over = np.flatnonzero(taken > machine_available(problem.plan, machine.machine_id, problem.horizon))
        if over.size:
            yield filled(
                "{processes} and what else runs need more of {machine} at {at} than there is",
                "{at}对{machine}的占用超过其数量（含{processes}）",
                processes=Text(
                    en=", ".join(_words(one).en for one in users), zh="、".join(_words(one).zh for one in users)
                ),
                machine=machine_words(machine.machine_id, problem),
                at=at_step(int(over[0]), problem),
            )


def _safety_load(sets: PlanSets, schedule: Schedule) -> Iterator[Text]:
    """Find where less runs than the site's safety load; generation and batteries do not count."""
    problem = sets.problem
    if not problem.site.safety_load_kw:
        return
    running = schedule.import_kw - schedule.export_kw
    running = running + sum(schedule.pv_used_kw.values())
    for battery in schedule.batteries.values():
        running = running - battery.charge_kw + battery.discharge_kw
    for process in problem.plan.processes:
        use = schedule.processes[process.process_id]
        if process.kwh_per_unit < 0:
            running = running - process.kwh_per_unit * use.rate
    short = np.flatnonzero(running < problem.site.safety_load_kw - SLACK)
    if short.size:
        yield filled(
            "Only {running:.0f} kW run at {at}; the safety load is {least:g} kW",
            "{at}仅有 {running:.0f} kW 在运行，低于保安负荷 {least:g} kW",
            running=float(running[short[0]]),
            at=at_step(int(short[0]), problem),
            least=problem.site.safety_load_kw,
        )
