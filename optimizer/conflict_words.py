"""Each wish and limit that can contradict others, in the plant's words: one function per equation."""

from collections.abc import Callable
from typing import Any

import numpy as np

from domain.offers import ProcessWish
from domain.text import Text
from optimizer.formulation import PlanSets
from optimizer.formulation.build import ColumnKey
from optimizer.words import at_step, clock, filled, joined, machine_words, store_words, task_words

ROUNDING = 1e-5
"""Slack below this is the solver's tolerance. [-]"""
Sayer = Callable[[PlanSets, Any, int, float | None], Text]
"""Says one wish or limit: the sets, whose it is, the first step concerned, what it lacks where that is known."""

LED_BACK = {
    "run_count": "all_runs_start",
    "lot_share": "all_runs_start",
    "lot_not_below": "all_runs_start",
    "lot_not_above": "all_runs_start",
    "power_balance": "import_kw",
    "export_kw": "import_kw",
    "store_balance": "level",
    "comes_in": "held_not_longer",
    "disposed": "level",
    "brought": "held_not_longer",
    "soc_balance": "soc_at_end",
    "soc_kwh": "soc_at_end",
    "utility_used": "utility_covers",
    "idle_count": "family_balance",
    "process_on": "process",
    "process_rate": "process",
    "process_start": "process",
    "process_stop": "process",
    "switches": "process",
    "least_run": "process",
    "least_pause": "process",
    "least_rate_on": "process",
    "most_rate_on": "process",
    "most_rate_before_stop": "process",
    "rises": "process",
    "falls": "process",
    "rises_freely": "process",
    "falls_freely": "process",
}
"""Columns and balances, and the wish or limit that people know behind them."""
BY_STEP = {"machine_capacity", "level", "held_not_longer", "utility_covers", "family_balance", "process"}
"""Their index ends with a step."""
OF_STEP = {"import_kw", "people_attend", "safety_load"}
"""Their index is a step."""


def known_as(key: ColumnKey, sets: PlanSets) -> tuple[str, Any, int]:
    """Lead a row or column back to what people know: its name, whose it is, the step (0 where it has none)."""
    name, index = key
    told = LED_BACK.get(name, name)
    if name in {"run_count", "lot_share", "lot_not_below", "lot_not_above"}:
        return told, sets.tasks[index[0]].task_id, 0
    if told == "soc_at_end":
        return told, index[0] if isinstance(index, tuple) else index, 0
    if told in OF_STEP:
        return told, None, int(index)
    if told in BY_STEP:
        *subject, step = index
        return told, subject[0] if len(subject) == 1 else tuple(subject), int(step)
    return told, index, 0


def say(name: str, subject: Any, sets: PlanSets, *, amount: float | None, step: int) -> Text:
    """Say one wish or limit, with what it lacks where that is known."""
    return SAYERS[name](sets, subject, step, amount)


def _runs(sets: PlanSets, task_id: str, _: int, amount: float | None) -> Text:
    task = sets.problem.plan.task(task_id)
    first, last = sets.problem.plan.window_of(task)
    said = filled(
        "{task} needs {count} run(s) of {hours:g} h between {first} and {last}",
        "{task}需在{first}至{last}之间运行 {count} 次、每次 {hours:g} 小时",
        task=task_words(task),
        count=task.count if task.min_count is None else task.min_count,
        hours=task.duration_min / 60,
        first=clock(first, sets.problem),
        last=clock(last, sets.problem),
    )
    whole = None if amount is None else float(np.ceil(amount - ROUNDING))
    return _lacking(said, "{amount:g} run(s) do not fit", "有 {amount:g} 次放不下", whole)


def _machine(sets: PlanSets, machine_id: str, step: int, amount: float | None) -> Text:
    said = filled(
        "{machine} is taken around {at}",
        "{machine}在{at}前后已被占用",
        machine=machine_words(machine_id, sets.problem),
        at=at_step(step, sets.problem),
    )
    hours = None if amount is None else amount * sets.problem.horizon.step_h
    return _lacking(said, "{amount:g} h more of it would be needed", "还需 {amount:g} 小时", hours)


def _family(sets: PlanSets, subject: tuple[str, str], step: int, _: float | None) -> Text:
    machine_id, family = subject
    return filled(
        "{machine} is not set up for {family} in time (around {at})",
        "{machine}在{at}前后来不及换型到 {family}",
        machine=machine_words(machine_id, sets.problem),
        family=family,
        at=at_step(step, sets.problem),
    )


def _gap(which: str) -> Sayer:
    bound = Text(en="least", zh="不少于") if which == "least_gap" else Text(en="most", zh="不多于")

    def gap(sets: PlanSets, subject: tuple[str, str], _: int, amount: float | None) -> Text:
        link = next(one for one in sets.problem.plan.precedences if (one.before, one.after) == subject)
        said = filled(
            "the wait between tasks {before} and {after} must be at {which} {hours:g} h",
            "任务 {before} 与 {after} 之间的等待须{which} {hours:g} 小时",
            before=subject[0],
            after=subject[1],
            which=bound,
            hours=(link.min_gap_min if which == "least_gap" else link.max_gap_min or 0) / 60,
        )
        return _lacking(said, "it lacks {amount:.2f} h", "相差 {amount:.2f} 小时", amount)

    return gap


def _level(sets: PlanSets, store_id: str, step: int, amount: float | None) -> Text:
    store = next(one for one in sets.problem.plan.stores if one.store_id == store_id)
    when = filled("(around {at})", "（{at}前后）", at=at_step(step, sets.problem))
    return _store_holds(sets, store_id, f"{store.min_level:g} … {store.max_level:g}", when, amount)


def _level_at_end(sets: PlanSets, store_id: str, _: int, amount: float | None) -> Text:
    store = next(one for one in sets.problem.plan.stores if one.store_id == store_id)
    at_end = Text(en="at the end", zh="在期末")
    return _store_holds(sets, store_id, f"{store.least_at_end:g}", at_end, amount)


def _level_at_end_most(sets: PlanSets, store_id: str, _: int, amount: float | None) -> Text:
    store = next(one for one in sets.problem.plan.stores if one.store_id == store_id)
    at_end = Text(en="at the end", zh="在期末")
    return _store_holds(sets, store_id, f"≤ {store.most_at_end:g}", at_end, amount)


def _store_holds(sets: PlanSets, store_id: str, limits: str, when: Text, amount: float | None) -> Text:
    unit = next(one.unit for one in sets.problem.plan.stores if one.store_id == store_id)
    said = filled(
        "{store} must hold {limits} {unit} {when}",
        "{store}{when}须保持 {limits} {unit}",
        store=store_words(store_id, sets.problem),
        limits=limits,
        unit=unit,
        when=when,
    )
    return _lacking(said, "{amount:.1f} " + unit + " are amiss", "相差 {amount:.1f} " + unit, amount)


def _held(sets: PlanSets, store_id: str, step: int, amount: float | None) -> Text:
    store = next(one for one in sets.problem.plan.stores if one.store_id == store_id)
    said = filled(
        "what is in {store} must leave it within {hours:g} h (around {at})",
        "{store}中的物料须在 {hours:g} 小时内取出（{at}前后）",
        store=store_words(store_id, sets.problem),
        hours=(store.max_hold_min or 0) / 60,
        at=at_step(step, sets.problem),
    )
    return _lacking(said, "{amount:.1f} " + store.unit + " would stay", "仍将留存 {amount:.1f} " + store.unit, amount)


def _utility(sets: PlanSets, utility_id: str, step: int, amount: float | None) -> Text:
    utility = next(one for one in sets.problem.plan.utilities if one.utility_id == utility_id)
    said = filled(
        "utility {name} gives {limit:g} {unit} (around {at})",
        "公用工程 {name} 最多提供 {limit:g} {unit}（{at}前后）",
        name=utility.name,
        limit=float(sets.utility_limit[utility_id][step]),
        unit=utility.unit,
        at=at_step(step, sets.problem),
    )
    return _lacking(said, "{amount:.2f} more would be needed", "还需 {amount:.2f}", amount)


def _people(sets: PlanSets, _: Any, step: int, amount: float | None) -> Text:
    said = filled(
        "{people:g} people are there around {at}",
        "{at}前后在岗 {people:g} 人",
        people=float(sets.people_there[step]),
        at=at_step(step, sets.problem),
    )
    return _lacking(said, "{amount:g} more would be needed", "还需 {amount:g} 人", amount)


def _quota(which: str) -> Sayer:
    def quota(sets: PlanSets, subject: tuple[str, int], _: int, amount: float | None) -> Text:
        process_id, number = subject
        process = next(one for one in sets.problem.plan.processes if one.process_id == process_id)
        asked = process.quotas[number]
        bound = Text(en="at least", zh="至少") if which == "quota_least" else Text(en="at most", zh="至多")
        said = filled(
            "process {name} must do {bound} {quantity:g} {unit} between {first} and {last}",
            "连续设备 {name} 在{first}至{last}之间须{bound}完成 {quantity:g} {unit}",
            name=process.name,
            bound=bound,
            quantity=asked.least if which == "quota_least" else asked.most or 0.0,
            unit=process.unit,
            first=clock(asked.start, sets.problem),
            last=clock(asked.end, sets.problem),
        )
        return _lacking(
            said, "{amount:.1f} " + process.unit + " are amiss", "相差 {amount:.1f} " + process.unit, amount
        )

    return quota


def _process(sets: PlanSets, process_id: str, step: int, _: float | None) -> Text:
    name = next(one.name for one in sets.problem.plan.processes if one.process_id == process_id)
    limits = [Text(en="its hours, outages, least run and pause", zh="运行时段、停机、最短运行与停运时间")]
    if any(isinstance(one, ProcessWish) and one.process_id == process_id for one in sets.problem.wishes):
        limits.append(Text(en="wishes", zh="愿望"))
    if sets.problem.standing is not None:
        limits.append(Text(en="what has begun", zh="已开始的内容"))
    return filled(
        "process {name} is held by {limits} or ramps (around {at})",
        "连续设备 {name} 受{limits}或爬坡限制（{at}前后）",
        name=name,
        limits=joined(limits),
        at=at_step(step, sets.problem),
    )


def _starts_of_day(sets: PlanSets, subject: tuple[str, int], _: int, amount: float | None) -> Text:
    process = next(one for one in sets.problem.plan.processes if one.process_id == subject[0])
    said = filled(
        "process {name} may start {count} times a day",
        "连续设备 {name} 每天最多启动 {count} 次",
        name=process.name,
        count=process.max_starts_count,
    )
    return _lacking(said, "{amount:g} more would be needed", "还需 {amount:g} 次", amount)


def _shift_energy(sets: PlanSets, subject: tuple[str, int], _: int, amount: float | None) -> Text:
    shift = sets.shifts[subject]
    said = filled(
        "load {load} needs {energy:g} kWh between {first} and {last}",
        "负荷 {load} 在{first}至{last}之间需要 {energy:g} kWh",
        load=shift.load_id,
        energy=shift.energy_kwh,
        first=at_step(shift.first, sets.problem),
        last=at_step(shift.stop, sets.problem),
    )
    return _lacking(said, "{amount:.0f} kWh are amiss", "相差 {amount:.0f} kWh", amount)


def _soc_at_end(sets: PlanSets, battery_id: str, _: int, amount: float | None) -> Text:
    battery = next(one for one in sets.problem.site.batteries if one.battery_id == battery_id)
    said = filled(
        "battery {battery} must hold {least:g} kWh at the end",
        "储能 {battery} 期末须保持 {least:g} kWh",
        battery=battery_id,
        least=battery.least_at_end_kwh,
    )
    return _lacking(said, "{amount:.0f} kWh are amiss", "相差 {amount:.0f} kWh", amount)


def _safety_load(sets: PlanSets, _: Any, step: int, amount: float | None) -> Text:
    said = filled(
        "at least {load:g} kW must be running (around {at})",
        "至少须有 {load:g} kW 负荷在运行（{at}前后）",
        load=sets.problem.site.safety_load_kw,
        at=at_step(step, sets.problem),
    )
    return _lacking(said, "{amount:.0f} kW are amiss", "相差 {amount:.0f} kW", amount)


def _import(sets: PlanSets, _: Any, step: int, amount: float | None) -> Text:
    said = filled(
        "the site may import {limit:g} kW (around {at})",
        "厂区受电上限 {limit:g} kW（{at}前后）",
        limit=sets.problem.site.import_limit_kw,
        at=at_step(step, sets.problem),
    )
    return _lacking(said, "{amount:.0f} kW more would be needed", "还需 {amount:.0f} kW", amount)


def _lacking(said: Text, en: str, zh: str, amount: float | None) -> Text:
    if amount is None:
        return said
    return Text(en=f"{said.en}; {en.format(amount=amount)}", zh=f"{said.zh}，{zh.format(amount=amount)}")


SAYERS: dict[str, Sayer] = {
    "all_runs_start": _runs,
    "machine_capacity": _machine,
    "family_balance": _family,
    "least_gap": _gap("least_gap"),
    "greatest_gap": _gap("greatest_gap"),
    "level": _level,
    "level_at_end": _level_at_end,
    "level_at_end_not_above": _level_at_end_most,
    "held_not_longer": _held,
    "utility_covers": _utility,
    "people_attend": _people,
    "quota_least": _quota("quota_least"),
    "quota_most": _quota("quota_most"),
    "process": _process,
    "starts_of_day": _starts_of_day,
    "shift_energy": _shift_energy,
    "soc_at_end": _soc_at_end,
    "safety_load": _safety_load,
    "import_kw": _import,
}
