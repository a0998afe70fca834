"""The scheduling part with priced slack: what would have to give way, and by how much.

Used only to explain: the physics of a stored schedule is never relaxed. Every equation that states a wish
or a limit of the plant gets slack in the direction that helps; balances keep theirs.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from domain.noun import noun
from optimizer.formulation.build import ColumnKey, Matrix
from optimizer.formulation.sets import PlanSets

ROW_PRICES = {
    "all_runs_start": 100.0,
    "machine_capacity": 1.0,
    "family_balance": 10.0,
    "least_gap": 10.0,
    "greatest_gap": 5.0,
    "level_at_end": 1.0,
    "level_at_end_not_above": 1.0,
    "held_not_longer": 1.0,
    "utility_covers": 1.0,
    "people_attend": 1.0,
    "quota_least": 1.0,
    "quota_most": 1.0,
    "starts_of_day": 1.0,
    "safety_load": 1.0,
    "soc_at_end": 1.0,
    "shift_energy": 1.0,
}
"""Price of one unit of slack in an equation's rows; stores and energy are first measured in their own range."""
LIMIT_PRICES = {"level": 1.0, "import_kw": 1.0}
"""Price of exceeding a variable's limits by its own range."""
PRICED_ROWS = {
    "peak_covers_block",
    "excess_above_knot",
    "jump_above_threshold",
    "one_settlement",
    "least_commitment",
    "most_commitment",
    "rate_from",
    "rate_to",
    "response_within",
    "idle_within",
    "response_split",
    "shortfall",
    "one_promise",
    "import_only",
    "export_only",
    "direction_adds_up",
    "total_adds_up",
    "highest_covers",
    "one_attains",
    "highest_attained",
    "above_edge",
    "ladder_adds_up",
    "rung_reached",
    "rung_filled",
    "stairs_reached",
    "stairs_left",
    "stairs_nested",
    "counted_if_on",
    "counted_in_full",
    "above_cut",
}
"""Rows that only price a schedule; their big-M are the very limits that slack exceeds, so they are let go."""
CUTS = {"turned_once"}
"""Rows that follow from others for whole runs; they say nothing of their own, so they are let go too."""


@noun
class Slack:
    """One slack column: the row or the column limit it loosens, and what one unit of it stands for."""

    owner: ColumnKey
    unit: float
    """Size of one unit of slack in the owner's own unit."""


@noun(eq=False)
class ElasticMatrix:
    """A matrix whose last columns are slacks."""

    matrix: Matrix
    slacks: dict[int, Slack]
    """By column."""


def elastic(matrix: Matrix, sets: PlanSets) -> ElasticMatrix:
    """Give every wish and limit its slack and price only those."""
    matrix = _scheduling_part(matrix)
    scales = _scales(sets)
    entries: list[tuple[int, float]] = []
    slacks: list[Slack] = []
    prices: list[float] = []
    for number, (name, index) in enumerate(matrix.rows):
        if name not in ROW_PRICES:
            continue
        unit = scales.get((name, index[0] if isinstance(index, tuple) else index), 1.0)
        for sign, limit in ((1.0, matrix.row_least[number]), (-1.0, matrix.row_most[number])):
            if np.isfinite(limit):
                entries.append((number, sign * unit))
                slacks.append(Slack(owner=(name, index), unit=unit))
                prices.append(ROW_PRICES[name])
    loosened = _with_columns(matrix, entries, prices)
    first = matrix.cost.size
    limited = _limits_as_rows(loosened, matrix, scales)
    numbered = dict(enumerate([*slacks, *limited.slacks.values()], start=first))
    return ElasticMatrix(matrix=limited.matrix, slacks=numbered)


def without_cuts(matrix: Matrix) -> Matrix:
    """Let go of the rows that follow from others: a contradiction is better said by those."""
    return _without(matrix, CUTS)


def _scheduling_part(matrix: Matrix) -> Matrix:
    """Let go of the rows that only price a schedule; no plan is impossible because of them."""
    return _without(matrix, PRICED_ROWS | CUTS)


def _without(matrix: Matrix, names: set[str]) -> Matrix:
    is_let_go = np.array([name in names for name, _ in matrix.rows], dtype=bool)
    return replace(
        matrix,
        row_least=np.where(is_let_go, -np.inf, matrix.row_least),
        row_most=np.where(is_let_go, np.inf, matrix.row_most),
    )


def _scales(sets: PlanSets) -> dict[tuple[str, Any], float]:
    found: dict[tuple[str, Any], float] = {}
    for store in sets.problem.plan.stores:
        span = max(store.max_level - store.min_level, 1e-6)
        for name in ("level", "level_at_end", "level_at_end_not_above", "held_not_longer"):
            found[name, store.store_id] = span
    for utility in sets.problem.plan.utilities:
        found["utility_covers", utility.utility_id] = max(utility.limit, 1e-6)
    for process in sets.problem.plan.processes:
        found["quota_least", process.process_id] = found["quota_most", process.process_id] = process.max_rate
    for one in sets.problem.site.batteries:
        found["soc_at_end", one.battery_id] = one.capacity_kwh
    for load in sets.problem.plan.modulating_loads:
        found["shift_energy", load.load_id] = load.max_kw
    found["import_kw", None] = sets.problem.site.import_limit_kw
    for t in range(sets.problem.horizon.n_steps):
        found["safety_load", t] = sets.problem.site.import_limit_kw
    return found


def _with_columns(matrix: Matrix, entries: list[tuple[int, float]], prices: list[float]) -> Matrix:
    """Append non-negative columns with one entry each; all other costs become 0."""
    n_rows, n_new = matrix.row_least.size, len(entries)
    rows = np.array([row for row, _ in entries], dtype=np.int64)
    values = np.array([value for _, value in entries], dtype=np.float64)
    extra = sparse.csc_array((values, (rows, np.arange(n_new))), shape=(n_rows, n_new))
    keys = tuple(("slack", matrix.cost.size + number) for number in range(n_new))
    columns = (*matrix.columns, *keys)
    return Matrix(
        cost=np.concatenate([np.zeros(matrix.cost.size), prices]),
        cost_offset=0.0,
        a=sparse.csc_array(sparse.hstack([matrix.a, extra])),
        row_least=matrix.row_least,
        row_most=matrix.row_most,
        column_least=np.concatenate([matrix.column_least, np.zeros(n_new)]),
        column_most=np.concatenate([matrix.column_most, np.full(n_new, np.inf)]),
        is_integer=np.concatenate([matrix.is_integer, np.zeros(n_new, dtype=bool)]),
        rows=matrix.rows,
        columns=columns,
        column_of={key: number for number, key in enumerate(columns)},
    )


def _limits_as_rows(loosened: Matrix, matrix: Matrix, scales: dict[tuple[str, Any], float]) -> ElasticMatrix:
    """Turn the limits of levels and of the import into rows with slack."""
    entries: list[tuple[int, int, float]] = []
    least: list[float] = []
    most: list[float] = []
    keys: list[ColumnKey] = []
    slacks: list[Slack] = []
    column_least, column_most = loosened.column_least.copy(), loosened.column_most.copy()
    for (name, index), column in matrix.column_of.items():
        if name not in LIMIT_PRICES:
            continue
        unit = scales[name, index[0] if name == "level" else None]
        for sign in (1.0, -1.0) if name == "level" else (-1.0,):
            row = len(least)
            entries += [(row, column, 1.0), (row, loosened.cost.size + len(slacks), sign * unit)]
            least.append(matrix.column_least[column] if sign > 0 else -np.inf)
            most.append(matrix.column_most[column] if sign < 0 else np.inf)
            keys.append((name, index))
            slacks.append(Slack(owner=(name, index), unit=unit))
        column_least[column] = -np.inf if name == "level" else column_least[column]
        column_most[column] = np.inf
    grown = _with_columns(loosened, [(0, 0.0)] * len(slacks), [LIMIT_PRICES[one.owner[0]] for one in slacks])
    places = np.array([(row, column) for row, column, _ in entries], dtype=np.int64).reshape(-1, 2)
    values = np.array([value for _, _, value in entries], dtype=np.float64)
    extra = sparse.csc_array((values, (places[:, 0], places[:, 1])), shape=(len(least), grown.cost.size))
    new = Matrix(
        cost=np.concatenate([loosened.cost, grown.cost[loosened.cost.size :]]),
        cost_offset=0.0,
        a=sparse.csc_array(sparse.vstack([grown.a, extra])),
        row_least=np.concatenate([grown.row_least, least]),
        row_most=np.concatenate([grown.row_most, most]),
        column_least=np.concatenate([column_least, grown.column_least[column_least.size :]]),
        column_most=np.concatenate([column_most, grown.column_most[column_most.size :]]),
        is_integer=grown.is_integer,
        rows=(*grown.rows, *keys),
        columns=grown.columns,
        column_of=grown.column_of,
    )
    return ElasticMatrix(matrix=new, slacks=dict(enumerate(slacks)))
