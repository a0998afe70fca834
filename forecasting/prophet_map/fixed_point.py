"""Noise and parameters that agree, (MAP5)-(MAP6): the optimum of the additive model from its Gram matrix.

For a given noise the parameters are exact (MAP3), for given parameters the noise is (MAP5). The sum of
squares rises with the noise assumed, so the map from noise to noise is monotone: repeated from above it falls
to its greatest fixed point, from below it rises to its least. Where both ends meet there is no other
stationary point and the optimum is proven global; where they do not, the span between is searched too.
"""

from itertools import pairwise

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.prophet_map.gram import GramState, Prior, Quadratic, given_noise

SIGMA_FLOOR = 1e-6
"""Least standard deviation of the noise, in units of the largest load. Without it a load that the model meets
exactly (typed in by hand, nearly constant) has no optimum: the density grows without end as the noise vanishes. [-]"""
SETTLED = 1e-11
"""Relative change of the noise below which it is settled. [-]"""
ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""Relative rounding of a sum over products. [-]"""
SAME = 1e-6
"""Relative distance of two noises that are taken for one. [-]"""
MOST_ROUNDS = 20_000
STARTS_BETWEEN = 12
"""Starts between two ends that do not meet. [-]"""


class NotSettledError(RuntimeError):
    """The rounds ran out; Prophet's callers know failing solvers by ``RuntimeError``."""

    def __init__(self, rounds: int) -> None:
        super().__init__(f"exact optimum: not settled after {rounds} rounds")


@noun(eq=False)
class Settled:
    """A stationary point of the posterior."""

    vector: FloatArray
    """Parameters, shape ``(q,)``. [-]"""
    sigma: float
    """Standard deviation of the noise. [-]"""
    log_posterior: float
    """Without constants. [-]"""
    n_rounds: int
    """How often (MAP3) was solved. [-]"""
    unique: bool
    """Whether it is proven to be the only stationary point above the floor."""


def noise_of(square: float, total_weight: float) -> float:
    r"""(MAP5) Give the best noise, :math:`\sigma^2 = 2R / (n + \sqrt{n^2 + 16 R})`, at least the floor. [-]."""
    best = float(np.sqrt(2 * square / (total_weight + np.sqrt(total_weight**2 + 16 * square))))
    return max(best, SIGMA_FLOOR)


def settle(data: Quadratic, prior: Prior, sigma: float) -> Settled:
    r"""(MAP6) Repeat :math:`\theta \leftarrow \theta(\sigma),\ \sigma \leftarrow \sigma(R(\theta))` until both stay.

    Raises
    ------
    NotSettledError
        If they do not.
    """
    for n_rounds in range(1, MOST_ROUNDS + 1):
        vector = given_noise(data, prior, sigma)
        square = data.square_at(vector)
        before, sigma = sigma, noise_of(square, data.total_weight)
        # A sum of squares that is the difference of larger ones is known no better than these are.
        blur = ROUNDING * data.square / square if square > 0 else np.inf
        if abs(sigma - before) <= max(SETTLED, blur) * before:
            return Settled(
                vector=vector,
                sigma=sigma,
                log_posterior=data.log_at(vector, sigma, prior),
                n_rounds=n_rounds,
                unique=False,
            )
    raise NotSettledError(MOST_ROUNDS)


def solve_gram(state: GramState, prior: Prior) -> Settled:
    """Give the optimum of an additive model from the sums over its rows alone; see ``search``.

    Sums know a load that the model nearly meets only up to their rounding: noise below 1e-7 of the load is blurred.
    """
    return search(state.about_nothing(), prior)


def search(data: Quadratic, prior: Prior) -> Settled:
    """Give the optimum of an additive model, from both ends of the noise.

    Where the model can meet every row exactly, the density has no maximum; then the stationary point of the
    greatest noise is given, where an optimiser that starts from much noise ends as well, or else the floor.

    Raises
    ------
    NotSettledError
        If noise and parameters do not settle.
    """
    all_zero = np.zeros(data.at.size)
    above = settle(data, prior, noise_of(data.square_at(all_zero), data.total_weight))
    below = settle(data, prior, SIGMA_FLOOR)
    found = [above, below]
    apart = above.sigma > below.sigma * (1 + SAME)
    if apart:
        edges = np.geomspace(below.sigma, above.sigma, STARTS_BETWEEN + 2)
        found += [settle(data, prior, float(np.sqrt(low * high))) for low, high in pairwise(edges)]
    free = [one for one in found if one.sigma > SIGMA_FLOOR] or found
    best = max(free, key=lambda one: one.log_posterior)
    return Settled(
        vector=best.vector,
        sigma=best.sigma,
        log_posterior=best.log_posterior,
        n_rounds=sum(one.n_rounds for one in found),
        unique=not apart,
    )
