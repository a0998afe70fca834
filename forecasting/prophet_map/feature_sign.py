r"""The small problem with corners, (MAP4): few unknowns, a convex square and the sum of their sizes.

Feature-sign search (Lee, Battle, Raina and Ng, "Efficient sparse coding algorithms", NIPS 2006): guess the
signs, solve the linear system that they leave, walk towards its solution but no farther than to the best
corner on the way. The value falls with every step and there are finitely many guesses, so it ends at the
optimum.
"""

import numpy as np

from domain.checks import FloatArray
from forecasting.prophet_map.symmetric import solve_symmetric

SLACK = 1e-11
"""How far beyond its limit a gradient may lie, of the largest term that makes it up. [-]"""
ROUNDS_PER_UNKNOWN = 40


def least_with_signs(curvature: FloatArray, target: FloatArray, price: float, start: FloatArray) -> FloatArray:
    r"""(MAP4) Minimise :math:`\frac12 x^\top S x - c^\top x + \lambda \lVert x \rVert_1`.

    Parameters
    ----------
    curvature : FloatArray
        :math:`S`, symmetric and not negative, shape ``(c, c)``. [-]
    target : FloatArray
        :math:`c`, shape ``(c,)``. [-]
    price : float
        :math:`\lambda`. [-]
    start : FloatArray
        Where the search begins, shape ``(c,)``. [-]
    """
    point = start.copy()
    slack = SLACK * max(price, float(np.abs(target).max(initial=0.0)))
    for _ in range(ROUNDS_PER_UNKNOWN * (target.size + 1)):
        slope = curvature @ point - target
        active = np.flatnonzero(point)
        moved = slope[active] + price * np.sign(point[active])
        signs = np.sign(point)
        if active.size == 0 or np.abs(moved).max() <= slack:
            idle = np.flatnonzero(point == 0)
            beyond = np.abs(slope[idle]) - price
            if idle.size == 0 or beyond.max() <= slack:
                return point
            entered = idle[int(np.argmax(beyond))]
            signs[entered] = -np.sign(slope[entered])
            active = np.flatnonzero(signs)
        aim = np.zeros_like(point)
        aim[active] = solve_symmetric(curvature[np.ix_(active, active)], target[active] - price * signs[active])
        walked = _best_on_the_way(curvature, target, price, point, aim)
        if np.array_equal(walked, point):
            return point  # no better point within rounding
        point = walked
    return point


def _best_on_the_way(
    curvature: FloatArray, target: FloatArray, price: float, point: FloatArray, aim: FloatArray
) -> FloatArray:
    """Give the best among the aim, the corners on the way to it, and the point itself."""
    crossing = np.flatnonzero(point * aim < 0)
    shares = point[crossing] / (point[crossing] - aim[crossing])
    best, lowest = point, 0.0
    for share in [*shares.tolist(), 1.0]:
        tried = point + share * (aim - point)
        if share < 1:
            tried[crossing[shares == share]] = 0.0
        # The difference of two values, written without cancellation.
        step = tried - point
        gain = float(step @ (curvature @ (point + step / 2) - target))
        value = gain + price * float(np.abs(tried).sum() - np.abs(point).sum())
        if value < lowest:
            best, lowest = tried, value
    return best
