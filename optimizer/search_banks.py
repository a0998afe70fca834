"""Whole steps of capacitor banks, decided after everything else.

A bank has a whole number of steps in each step of the plan: columns by the hundred that hardly touch one another, for only
what a month adds up to rests on them. The search takes them as broken, which costs its bound next to nothing; then all other
whole numbers of the plant are held, and the banks' are decided exactly beside the tariff's steps and all that is continuous.
"""

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import SolveOptions
from optimizer.formulation import Matrix, restricted
from optimizer.solver import Found, Solver, gap_share

BANKS = "bank_steps"
OF_PRICES = frozenset({"is_on", "attains", "reached", "over", "drawing", "gives", "settled"})
"""Whole numbers that prices ask for: they follow what the banks do."""
WHOLE_GAP_SHARE = 1e-5
"""Gap at which the banks are decided, measured in the cost of what is left to decide. [-]"""
FINE_GAP_SHARE = 1e-4
"""Whoever asks for less than this wants the banks in the search. [-]"""
LEAST_S = 5.0
"""Time that the banks get even where the search has used up its own. [s]"""


@noun(eq=False)
class Settled:
    """A solution whose banks have whole steps."""

    values: FloatArray
    bound: float
    """No solution costs less. [currency]"""
    is_cut_by_clock: bool


def without_banks(matrix: Matrix, gap: float) -> Matrix:
    """Give a model in which banks may have broken steps; the same one where there are none, or it is to be solved exactly."""
    banks = list(matrix.columns_of(BANKS).values())
    if not banks or gap < FINE_GAP_SHARE:
        return matrix
    is_integer = np.array(matrix.is_integer)
    is_integer[banks] = False
    return replace(matrix, is_integer=is_integer)


def whole_banks(
    matrix: Matrix, values: FloatArray, bound: float, *, options: SolveOptions, left_s: float
) -> Settled | None:
    """Decide the banks' whole steps around a solution of the model without them; None: nothing keeps all rows.

    Where that leaves a wider gap than is asked for, the time left goes to the model with the banks.
    """
    banks = np.array(list(matrix.columns_of(BANKS).values()), dtype=np.int64)
    if not banks.size:
        return Settled(values=values, bound=bound, is_cut_by_clock=False)
    free = ~matrix.is_integer
    free[[number for number, (name, _) in enumerate(matrix.columns) if name in OF_PRICES]] = True
    nearest = np.where(matrix.is_integer, np.round(values), values)
    began, most_s = time.perf_counter(), max(left_s, LEAST_S)
    rounded = _ask(matrix, nearest, free, seed=options.seed, deadline_s=most_s)
    free[banks] = True
    found = _ask(matrix, nearest, free, seed=options.seed, deadline_s=most_s, start=rounded.values)
    best = min((rounded, found), key=_cost)
    if best.values is None:
        return None
    is_cut = found.status == "deadline"
    left_s -= time.perf_counter() - began
    if gap_share(best.objective, bound, matrix.cost_offset) > options.gap_share and left_s > 0:
        whole = np.ones(matrix.cost.size, dtype=bool)
        gap = options.gap_share
        further = _ask(matrix, nearest, whole, seed=options.seed, deadline_s=left_s, start=best.values, gap=gap)
        best, bound, is_cut = min((best, further), key=_cost), max(bound, further.bound), further.status == "deadline"
    assert best.values is not None  # noqa: S101 -- one of them had some
    return Settled(values=best.values, bound=bound, is_cut_by_clock=is_cut)


def _cost(found: Found) -> float:
    return np.inf if found.values is None else found.objective


def _ask(
    matrix: Matrix,
    held: FloatArray,
    free: npt.NDArray[np.bool_],
    *,
    seed: int,
    deadline_s: float,
    start: FloatArray | None = None,
    gap: float = WHOLE_GAP_SHARE,
) -> Found:
    """Solve what is free while all else is held; values come back for the whole matrix."""
    part = restricted(matrix, ~free, held)
    solver = Solver(part, seed=seed, n_threads=1, options={})
    if start is not None:
        solver.start_from(start[free])
    found = solver.run(deadline_s=deadline_s, gap_share=gap)
    if found.values is None:
        return found
    whole = solver.run_with_integers_fixed(found.values, deadline_s=deadline_s)
    part_values = found.values if whole.values is None else whole.values
    values = np.array(held)
    values[free] = np.where(part.is_integer, np.round(part_values), part_values)
    kept = np.clip(values, matrix.column_least, matrix.column_most)
    return replace(found, values=kept, objective=float(matrix.cost @ kept) + matrix.cost_offset)
