r"""Adaptive conformal inference: the level is moved until what was promised came true.

Day by day over the past origins, the working level :math:`\tau_t` of a bound is moved by the coverage that it
missed,

.. math:: \tau_{t+1} = \tau_t + \gamma\,(\tau - s_t)                                                     (F3)

with :math:`s_t` the share of day ``t`` below the bound that level :math:`\tau_t` gave from the errors
before it. Then the mean coverage over ``T`` days is off by at most :math:`(1 + \gamma)/(\gamma T)` whatever the
errors do, drift included.

References
----------
.. [1] I. Gibbs, E. Candès, Adaptive Conformal Inference Under Distribution Shift, NeurIPS 2021.
"""

import numpy as np

from domain import checks
from domain.checks import FloatArray

GAMMA = 0.05
"""How fast the level moves, once a day. [-]"""
LEAST_LEVEL = 0.002
"""Working levels stay this far from 0 and 1, so that every bound is finite. [-]"""


def adapted_level(ranks: FloatArray, level: float, *, gamma: float = GAMMA) -> float:
    """Give the level to ask past errors for, so that ``level`` comes true (F3).

    Parameters
    ----------
    ranks : FloatArray
        Where each past error stood among those known before it, 0…1, shape (n_days, n_steps) in order of
        time. A bound of level ``p`` held at a step whose rank is at most ``p``; NaN where unknown. [-]
    level : float
        What is promised, 0…1. [-]
    gamma : float
        How fast the level moves; 0 never. [-]
    """
    checks.share("adapted_level", "level", level)
    checks.share("adapted_level", "gamma", gamma)
    working = level
    for day in ranks:
        known = day[np.isfinite(day)]
        if known.size:
            held = float(np.count_nonzero(known <= working)) / known.size
            working = min(max(working + gamma * (level - held), LEAST_LEVEL), 1.0 - LEAST_LEVEL)
    return working
