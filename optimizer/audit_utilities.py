"""What runs and processes take of shared utilities, and whether that much can be drawn."""

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.plant import Interval, Utility
from domain.text import Text
from domain.time import TimeGrid
from optimizer.audit_replay import Replay, covered, touched
from optimizer.audit_tolerances import tolerance_of, worst_excess

UTILITY_LIMIT = FindingKind(
    code="utility_limit",
    severity=Severity.SERIOUS,
    words=Text(
        en="{used:.6g} {unit} of utility {utility_id} are needed at {at}; {limit:.6g} can be drawn ({n_steps} steps).",
        zh="{at} 需要公用介质 {utility_id} {used:.6g} {unit}，可供 {limit:.6g}（共 {n_steps} 个时段）。",
    ),
)


def utility_limit(utility: Utility, grid: TimeGrid) -> FloatArray:
    """Give the smallest limit of each step, shape (n_steps,). [utility.unit].

    The usual limit counts wherever gaps leave a moment of the step to it.
    """
    spans = [Interval(start=gap.start, end=gap.end) for gap in utility.gaps]
    limit = np.where(covered(spans, grid), np.inf, utility.limit)
    for gap in utility.gaps:
        inside = touched(gap.start, gap.end, grid)
        limit[inside] = np.minimum(limit[inside], gap.limit)
    return limit


def utility_needed(utility_id: str, replay: Replay) -> FloatArray:
    """Give what all that runs takes of a utility less what is fed into it, shape (n_steps,). [utility.unit]."""
    needed = np.zeros(replay.n_steps)
    for run in replay.runs:
        for use in run.utilities:
            if use.utility_id == utility_id:
                needed[list(run.steps(replay.n_steps))] += use.quantity
    for process in replay.plan.processes:
        done = replay.schedule.processes[process.process_id]
        for use in process.utilities:
            if use.utility_id == utility_id:
                needed += use.quantity * done.is_on + use.quantity_per_rate * done.rate
    return needed


def drawn_from_outside(utility_id: str, replay: Replay) -> FloatArray:
    """Give what must be drawn of a utility; what is fed in beyond its use is lost, shape (n_steps,). [utility.unit]."""
    return np.asarray(np.maximum(utility_needed(utility_id, replay), 0.0), dtype=np.float64)


def utility_findings(utility: Utility, replay: Replay) -> list[Finding]:
    """Find where more of a utility is needed than can be drawn."""
    limit = utility_limit(utility, replay.grid)
    needed = utility_needed(utility.utility_id, replay)
    worst = worst_excess(needed - limit, tolerance_of(utility.limit, float(np.abs(needed).max())))
    if not worst:
        return []
    return [
        UTILITY_LIMIT.at(
            utility_id=utility.utility_id,
            unit=utility.unit,
            used=float(needed[worst.step]),
            limit=float(limit[worst.step]),
            at=replay.say_step(worst.step),
            n_steps=worst.n_steps,
        )
    ]
