"""The continuous knapsack: the greatest weighted sum of amounts between limits whose total lies within a span."""

import numpy as np

from domain.checks import FloatArray

Span = tuple[float, float]
"""The least and the greatest value of a quantity."""


def most_filled(weights: FloatArray, limits: tuple[FloatArray, FloatArray], total: Span) -> float:
    """Give the greatest Σ weight·x with x between two limits and Σ x within a span: a continuous knapsack."""
    least, most = limits
    order = np.argsort(-weights, kind="stable")
    room = (most - least)[order]
    spare = (total[0] - float(least.sum()), total[1] - float(least.sum()))
    gaining = float(room[weights[order] > 0].sum())
    amount = min(max(gaining, spare[0]), max(spare[1], 0.0))
    filled = np.clip(amount - (np.cumsum(room) - room), 0.0, room)
    return float(weights @ least + weights[order] @ filled)
