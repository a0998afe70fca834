"""How far a schedule's numbers may be off before the audit calls it a violation."""

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun

TOLERANCE_SHARE = 1e-6
"""Of the quantity's own scale [-]. HiGHS answers to 1e-7 per row and 1e-6 per integer by default; a
binary that is 1e-6 off lets a switched limit slip by that share of the limit, and by no more."""

LEAST_SCALE = 1.0
"""[kW, kWh or store.unit]. Below it the tolerance no longer shrinks: a millionth of one unit is what
the solver's absolute tolerance leaves of small numbers."""

COST_TOLERANCE_SHARE = 1e-6
"""Largest disagreement of the objective with the audit, as a share of the cost. [-]"""


@noun
class Excess:
    """Where a rule is broken most, and in how many steps."""

    step: int
    n_steps: int


def tolerance_of(*scales: float) -> float:
    """Give the tolerance of a quantity from the numbers that set its scale."""
    return TOLERANCE_SHARE * max(LEAST_SCALE, *(abs(scale) for scale in scales))


def worst_excess(excess: FloatArray, tolerance: float) -> Excess | None:
    """Find the step with the largest excess above the tolerance, if any."""
    n_steps = int(np.count_nonzero(excess > tolerance))
    return Excess(step=int(np.argmax(excess)), n_steps=n_steps) if n_steps else None
