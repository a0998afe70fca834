r"""Split-conformal quantiles: what share of new errors stays below a bound that past errors give.

With ``n`` exchangeable past errors, a new one lies below the ``k``-th smallest with probability
``k / (n + 1)`` exactly, whatever the distribution. So the bound for level :math:`\tau` is the order
statistic of rank :math:`(n + 1)\tau`, between neighbours by straight lines. Beyond the largest
(smallest) error nothing is known; there the outer half is continued like an exponential tail,

.. math:: q(\tau) = e_{(n)} + \beta \ln \frac{1/(n+1)}{1-\tau}, \qquad
          \beta = \operatorname{mean}(e - \operatorname{med} \mid e > \operatorname{med})                  (F2)

which is wider than any past error, as it must be: ``n`` errors cannot vouch for more than ``n / (n + 1)``.

References
----------
.. [1] V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World, Springer 2005, ch. 2.
"""

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.text import Text

MIDDLE = 0.5


def conformal_quantile(
    errors_kw: npt.ArrayLike, levels: tuple[float, ...], *, independent_count: float | None = None
) -> FloatArray:
    """Give the bounds below which a new error stays with given probabilities.

    Parameters
    ----------
    errors_kw : array
        Past errors, the first axis counts them. [kW]
    levels : tuple of float
        Probabilities within 0…1.
    independent_count : float, optional
        How many of the errors count as independent: those of one day, or of overlapping weeks, move
        together. All, if not given. [-]

    Returns
    -------
    FloatArray
        Shape ``(n_levels, ...)``. [kW]

    Raises
    ------
    InvalidFieldError
        No error at all, one that is not finite, or a level outside 0…1.
    """
    given_kw = np.asarray(errors_kw, dtype=np.float64)
    must_be_errors("conformal_quantile", given_kw)
    if not levels or any(not 0 < level < 1 for level in levels):
        raise checks.refuse("conformal_quantile", "levels", levels, checks.SHARE)
    ranked_kw = np.sort(given_kw, axis=0)
    count = len(ranked_kw) if independent_count is None else min(max(independent_count, 1.0), len(ranked_kw))
    return np.stack([_bound_kw(ranked_kw, level, count) for level in levels])


def must_be_errors(function: str, errors_kw: FloatArray) -> None:
    """Refuse no errors at all, and errors that are not finite."""
    if errors_kw.ndim == 0 or errors_kw.size == 0:
        raise checks.refuse(
            function,
            "errors_kw",
            errors_kw.shape,
            checks.NOT_EMPTY,
            Text(en="Without a past error nothing can be calibrated.", zh="没有历史误差就无法校准。"),
        )
    checks.frozen_array(function, "errors_kw", errors_kw, errors_kw.shape)


def _bound_kw(ranked_kw: FloatArray, level: float, count: float) -> FloatArray:
    """Give the bound of one level from ranked errors of which ``count`` are independent."""
    if level > MIDDLE:
        return -_lower_kw(-ranked_kw[::-1], 1.0 - level, count)
    return _lower_kw(ranked_kw, level, count)


def _lower_kw(ranked_kw: FloatArray, level: float, count: float) -> FloatArray:
    """Give a bound in the lower half: rank ``(count + 1) level`` of ``count``, spread over all that there are."""
    n_errors = len(ranked_kw)
    place = ((count + 1) * level - 0.5) / count * n_errors - 0.5
    if place >= 0:
        below = min(int(place), n_errors - 1)
        above = min(below + 1, n_errors - 1)
        return np.asarray(ranked_kw[below] + (place - below) * (ranked_kw[above] - ranked_kw[below]))
    lower_half_kw = ranked_kw[: (n_errors + 1) // 2]
    reach_kw = (np.median(ranked_kw, axis=0) - lower_half_kw).mean(axis=0)
    beyond = max(np.log(1.0 / (count + 1) / level), 0.0)
    return np.asarray(ranked_kw[0] - beyond * reach_kw)
