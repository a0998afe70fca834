"""Which orders and limits contradict each other, when only the model can tell."""

from collections import defaultdict
from typing import Any

import numpy as np

from domain.checks import FloatArray
from domain.offers import SolveOptions
from domain.text import Text
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.build import ColumnKey
from optimizer.formulation.elastic import Slack, elastic
from optimizer.solver import Solver
from optimizer.words import at_step, clock, filled, machine_words, store_words, task_words

CONFLICT_S = 10.0
"""Longest a search for a minimal conflict may take. [s]"""
ELASTIC_S = 10.0
"""Longest the search for the cheapest repair may take. [s]"""
SLACK_LEAST = 1e-5
"""Slack below this is the solver's tolerance. [-]"""
UNEXPLAINED = Text(
    en="the plan as a whole (the search proved that no schedule exists, and found no smaller contradiction in time)",
    zh="整个计划（已证明不存在可行排程，但未能在时限内找到更小的矛盾集合）",
)


def diagnose(sets: PlanSets, matrix: Matrix, options: SolveOptions) -> tuple[Text, ...]:
    """Name what contradicts each other in a model that was proven infeasible.

    First the minimal conflict of the LP relaxation; where the relaxation is feasible and only whole runs
    do not fit, the cheapest slack of the elastic model.
    """
    relaxed = Solver(matrix, seed=options.seed, n_threads=options.n_threads, options={})
    conflict = relaxed.conflict(deadline_s=CONFLICT_S)
    if conflict is not None:
        owners = [matrix.rows[row] for row in conflict.rows] + [matrix.columns[column] for column in conflict.columns]
        said = _say_owners(owners, sets)
        if said:
            return said
    return _cheapest_repair(sets, matrix, options) or (UNEXPLAINED,)


def _cheapest_repair(sets: PlanSets, matrix: Matrix, options: SolveOptions) -> tuple[Text, ...]:
    loosened = elastic(matrix, sets)
    solver = Solver(loosened.matrix, seed=options.seed, n_threads=options.n_threads, options={})
    found = solver.run(deadline_s=ELASTIC_S, gap_share=0.05)
    if found.values is None:
        return ()
    taken: dict[tuple[str, Any], float] = defaultdict(float)
    steps: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for column, slack in loosened.slacks.items():
        used = float(found.values[column])
        if used > SLACK_LEAST:
            name, subject = _owner(slack.owner)
            taken[name, subject] = _gathered(name, taken[name, subject], used, slack)
            steps[name, subject].append(_step_of(slack.owner))
    said = []
    for (name, subject), amount in taken.items():
        step = min(steps[name, subject])
        one = _say(name, subject, sets, amount=amount, step=step)
        said.append(_with_runs(one, running_in(loosened.matrix, found.values, sets, step)) if name in _CROWDED else one)
    return tuple(said)


_CROWDED = {"machine_capacity", "import_kw"}


def running_in(matrix: Matrix, values: FloatArray, sets: PlanSets, t: int) -> list[str]:
    """Give the tasks that have a run in a step."""
    return sorted(
        {
            task_id
            for (task_id, start), column in matrix.columns_of("run_count").items()
            if values[column] > SLACK_LEAST and start <= t < start + sets.tasks[task_id].n_occupied
        }
    )


def _with_runs(said: Text, task_ids: list[str]) -> Text:
    if not task_ids:
        return said
    names = ", ".join(task_ids)
    verb = "runs" if len(task_ids) == 1 else "run"
    return Text(en=f"{said.en} ({names} {verb} then)", zh=f"{said.zh}（届时运行：{'、'.join(task_ids)}）")


def _gathered(name: str, before: float, used: float, slack: Slack) -> float:
    """Add machine steps and runs up; of levels and power the worst counts."""
    amount = used * slack.unit
    return max(before, amount) if name in {"level", "import_kw"} else before + amount


def _owner(key: ColumnKey) -> tuple[str, Any]:
    """Give whose equation it is, its steps put together."""
    name, index = key
    if name in {"machine_capacity", "store_balance", "soc_balance", "level", "soc_kwh", "level_at_end", "soc_at_end"}:
        return name, index[0] if isinstance(index, tuple) else index
    if name in {"import_kw", "export_kw", "power_balance"}:
        return name, None
    return name, index


def _step_of(key: ColumnKey) -> int:
    name, index = key
    if name in {"import_kw", "export_kw", "power_balance"}:
        return int(index)
    return int(index[1]) if name in {"machine_capacity", "level", "store_balance"} else 0


def _say_owners(owners: list[ColumnKey], sets: PlanSets) -> tuple[Text, ...]:
    steps: dict[tuple[str, Any], list[int]] = defaultdict(list)
    for key in owners:
        name, subject = _owner(_spoken(key))
        if name in _SPOKEN:
            steps[name, subject].append(_step_of(_spoken(key)))
    return tuple(
        dict.fromkeys(
            _say(name, subject, sets, amount=None, step=min(found)) for (name, subject), found in steps.items()
        )
    )


def _spoken(key: ColumnKey) -> ColumnKey:
    """Lead a column or balance back to the wish or limit that people know."""
    name, index = key
    if name == "run_count":
        return "all_runs_start", index[0]
    if name in {"power_balance", "export_kw"}:
        return "import_kw", index
    return {"store_balance": "level", "soc_balance": "soc_at_end", "soc_kwh": "soc_at_end"}.get(name, name), index


_SPOKEN = {
    "all_runs_start",
    "machine_capacity",
    "least_gap",
    "greatest_gap",
    "level",
    "level_at_end",
    "shift_energy",
    "soc_at_end",
    "import_kw",
}


def _say(name: str, subject: Any, sets: PlanSets, *, amount: float | None, step: int) -> Text:
    """Say one wish or limit, with what it lacks where that is known."""
    problem = sets.problem
    if name == "all_runs_start":
        task = sets.tasks[subject].task
        first, last = problem.plan.window_of(task)
        said = filled(
            "{task} needs {count} run(s) of {hours:g} h between {first} and {last}",
            "{task}需在{first}至{last}之间运行 {count} 次、每次 {hours:g} 小时",
            task=task_words(task),
            count=task.count,
            hours=task.duration_min / 60,
            first=clock(first, problem),
            last=clock(last, problem),
        )
        return _lacking(said, "{amount:g} run(s) do not fit", "有 {amount:g} 次放不下", _whole(amount))
    if name == "machine_capacity":
        said = filled(
            "{machine} is taken around {at}",
            "{machine}在{at}前后已被占用",
            machine=machine_words(subject, problem),
            at=at_step(step, problem),
        )
        hours = None if amount is None else amount * problem.horizon.step_h
        return _lacking(said, "{amount:g} h more of it would be needed", "还需 {amount:g} 小时", hours)
    if name in {"least_gap", "greatest_gap"}:
        said = filled(
            "the wait between tasks {before} and {after} must be at {which} {hours:g} h",
            "任务 {before} 与 {after} 之间的等待须{which} {hours:g} 小时",
            before=subject[0],
            after=subject[1],
            which=Text(en="least", zh="不少于") if name == "least_gap" else Text(en="most", zh="不多于"),
            hours=_gap_h(sets, subject, name),
        )
        return _lacking(said, "it lacks {amount:.2f} h", "相差 {amount:.2f} 小时", amount)
    return _say_quantity(name, subject, sets, amount=amount, step=step)


def _say_quantity(name: str, subject: Any, sets: PlanSets, *, amount: float | None, step: int) -> Text:
    problem = sets.problem
    if name in {"level", "level_at_end"}:
        store = next(one for one in problem.plan.stores if one.store_id == subject)
        ends = name == "level_at_end"
        said = filled(
            "{store} must hold {limits} {unit} {when}",
            "{store}{when}须保持 {limits} {unit}",
            store=store_words(subject, problem),
            limits=f"{store.least_at_end:g}" if ends else f"{store.min_level:g} … {store.max_level:g}",
            unit=store.unit,
            when=Text(en="at the end", zh="在期末")
            if ends
            else filled("(around {at})", "（{at}前后）", at=at_step(step, problem)),
        )
        return _lacking(said, "{amount:.1f} " + store.unit + " are amiss", "相差 {amount:.1f} " + store.unit, amount)
    if name == "shift_energy":
        shift = sets.shifts[subject]
        said = filled(
            "load {load} needs {energy:g} kWh between {first} and {last}",
            "负荷 {load} 在{first}至{last}之间需要 {energy:g} kWh",
            load=shift.load_id,
            energy=shift.energy_kwh,
            first=at_step(shift.first, problem),
            last=at_step(shift.stop, problem),
        )
        return _lacking(said, "{amount:.0f} kWh are amiss", "相差 {amount:.0f} kWh", amount)
    if name == "soc_at_end":
        battery = next(one for one in problem.site.batteries if one.battery_id == subject)
        said = filled(
            "battery {battery} must hold {least:g} kWh at the end",
            "储能 {battery} 期末须保持 {least:g} kWh",
            battery=subject,
            least=battery.least_at_end_kwh,
        )
        return _lacking(said, "{amount:.0f} kWh are amiss", "相差 {amount:.0f} kWh", amount)
    said = filled(
        "the site may import {limit:g} kW (around {at})",
        "厂区受电上限 {limit:g} kW（{at}前后）",
        limit=problem.site.import_limit_kw,
        at=at_step(step, problem),
    )
    return _lacking(said, "{amount:.0f} kW more would be needed", "还需 {amount:.0f} kW", amount)


def _lacking(said: Text, en: str, zh: str, amount: float | None) -> Text:
    if amount is None:
        return said
    return Text(en=f"{said.en}; {en.format(amount=amount)}", zh=f"{said.zh}，{zh.format(amount=amount)}")


def _whole(amount: float | None) -> float | None:
    return None if amount is None else float(np.ceil(amount - SLACK_LEAST))


def _gap_h(sets: PlanSets, subject: tuple[str, str], name: str) -> float:
    link = next(one for one in sets.problem.plan.precedences if (one.before, one.after) == subject)
    return (link.min_gap_min if name == "least_gap" else link.max_gap_min or 0) / 60
