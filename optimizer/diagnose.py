"""Which orders and limits contradict each other, when only the model can tell."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from domain.checks import FloatArray
from domain.offers import SolveOptions
from domain.text import Text
from optimizer.conflict_words import SAYERS, known_as, say
from optimizer.formulation import Matrix, PlanSets
from optimizer.formulation.build import ColumnKey
from optimizer.formulation.elastic import Slack, elastic, without_cuts
from optimizer.solver import Solver

CONFLICT_S = 10.0
"""Longest a search for a minimal conflict may take. [s]"""
ELASTIC_S = 10.0
"""Longest the search for what lacks least may take. [s]"""
SLACK_LEAST = 1e-5
"""Slack below this is the solver's tolerance. [-]"""
CROWDED = {"machine_capacity", "import_kw", "utility_covers", "people_attend"}
"""Limits that several runs share: who runs then is said too."""
WORST_COUNTS = {"level", "import_kw", "utility_covers", "people_attend", "safety_load", "held_not_longer"}
"""Of these the worst step counts; of others the steps add up."""
UNEXPLAINED = Text(
    en="the plan as a whole (the search proved that no schedule exists, and found no smaller contradiction in time)",
    zh="整个计划（已证明不存在可行排程，但未能在时限内找到更小的矛盾集合）",
)

Owner = tuple[str, Any]
"""The name of a wish or limit, and whose it is."""


def diagnose(sets: PlanSets, matrix: Matrix, options: SolveOptions) -> tuple[Text, ...]:
    """Name what contradicts each other in a model that was proven infeasible.

    First the minimal conflict of the LP relaxation; where the relaxation is feasible and only whole runs
    do not fit, the cheapest slack of the elastic model.
    """
    return tuple(contradictions(sets, matrix, options).values()) or (UNEXPLAINED,)


def contradictions(sets: PlanSets, matrix: Matrix, options: SolveOptions) -> dict[Owner, Text]:
    """Give what contradicts each other by whose wish or limit it is, with its words; empty: unexplained."""
    relaxed = Solver(without_cuts(matrix), seed=options.seed, n_threads=options.n_threads, options={})
    conflict = relaxed.conflict(deadline_s=CONFLICT_S)
    if conflict is not None:
        keys = [matrix.rows[row] for row in conflict.rows] + [matrix.columns[column] for column in conflict.columns]
        said = _said(keys, sets)
        if said:
            return said
    return _least_lacking(sets, matrix, options)


def _said(keys: Iterable[ColumnKey], sets: PlanSets) -> dict[Owner, Text]:
    steps: dict[Owner, list[int]] = defaultdict(list)
    for key in keys:
        name, subject, step = known_as(key, sets)
        if name in SAYERS:
            steps[name, subject].append(step)
    return {
        (name, subject): say(name, subject, sets, amount=None, step=min(found))
        for (name, subject), found in steps.items()
    }


def _least_lacking(sets: PlanSets, matrix: Matrix, options: SolveOptions) -> dict[Owner, Text]:
    loosened = elastic(matrix, sets)
    solver = Solver(loosened.matrix, seed=options.seed, n_threads=options.n_threads, options={})
    found = solver.run(deadline_s=ELASTIC_S, gap_share=0.05)
    if found.values is None:
        return {}
    taken: dict[Owner, float] = defaultdict(float)
    steps: dict[Owner, list[int]] = defaultdict(list)
    for column, slack in loosened.slacks.items():
        used = float(found.values[column])
        if used > SLACK_LEAST:
            name, subject, step = known_as(slack.owner, sets)
            taken[name, subject] = _gathered(name, taken[name, subject], used, slack)
            steps[name, subject].append(step)
    said: dict[Owner, Text] = {}
    for (name, subject), amount in taken.items():
        step = min(steps[name, subject])
        one = say(name, subject, sets, amount=amount, step=step)
        who = running_in(loosened.matrix, found.values, sets, step) if name in CROWDED else []
        said[name, subject] = _with_runs(one, who)
    return said


def running_in(matrix: Matrix, values: FloatArray, sets: PlanSets, t: int) -> list[str]:
    """Give the tasks that have a run in a step."""
    return sorted(
        {
            sets.tasks[way].task_id
            for (way, start), column in matrix.columns_of("run_count").items()
            if values[column] > SLACK_LEAST and start <= t < start + sets.tasks[way].n_occupied
        }
    )


def _with_runs(said: Text, task_ids: list[str]) -> Text:
    if not task_ids:
        return said
    names = ", ".join(task_ids)
    verb = "runs" if len(task_ids) == 1 else "run"
    return Text(en=f"{said.en} ({names} {verb} then)", zh=f"{said.zh}（届时运行：{'、'.join(task_ids)}）")


def _gathered(name: str, before: float, used: float, slack: Slack) -> float:
    """Add machine steps and runs up; of levels, power and people the worst counts."""
    amount = used * slack.unit
    return max(before, amount) if name in WORST_COUNTS else before + amount
