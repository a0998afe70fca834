r"""How likely a grown, shaken and stepped value stays under a limit: summed over courses, never drawn by lot.

A month's value is :math:`X_m = b_m e^{g t_m + e_m} + a_{c,m}`: last year's value, grown at an unsure yearly rate, off by
the month's own error, plus what a course of plans adds (G1). GrownMonths err independently once rate and course are given,
so that a year stays under a limit with :math:`P(\max_m X_m \le L) = \sum_{g,c} w_g w_c \prod_m F(\ldots)` (G2).
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.outlook.expansions import Courses
from forecasting.outlook.hindcast import Growth, Spread

RATE_NODES = 41
"""Equally likely rates of growth that stand for their normal distribution. [-]"""
EDGE_SHARE = 1e-6
LEAST_BASE = 1e-9
"""A month without load still has a ratio to it. [kW or kWh]"""
HALVINGS = 50
"""How often the interval of a quantile is halved: to 1e-15 of it."""


@noun(eq=False)
class GrownMonths:
    """Values of coming months before growth, error and plans, and what these are."""

    base: FloatArray
    """Of the same month last year, shape (n_months,). [kW or kWh]"""
    lead_years: FloatArray
    """Years of growth since then, shape (n_months,). [-]"""
    growth: Growth
    spread: Spread
    added: FloatArray
    """What each course adds, shape (n_courses, n_months). [kW or kWh]"""
    weights_share: FloatArray
    """How likely each course is, shape (n_courses,). [-]"""

    def below(self, limit: FloatArray) -> FloatArray:
        """Give how likely each month stays at or below a limit, given rate and course.

        Parameters
        ----------
        limit : FloatArray
            Shape (n_months,) or a scalar array. [kW or kWh]

        Returns
        -------
        FloatArray
            Shape (n_rates, n_courses, n_months). [-]
        """
        ratios = (limit - self.added)[None, :, :] / self._grown()[:, None, :]
        return self.spread.below_share(ratios)

    def over_month_share(self, limit: float) -> FloatArray:
        """Give how likely each month exceeds a limit, shape (n_months,). [-]."""
        return np.asarray(1 - self._weighed(self.below(np.array(limit))), dtype=np.float64)

    def over_any_share(self, limit: float) -> float:
        """Give how likely at least one of the months exceeds a limit. [-]."""
        return 1 - float(self._weighed(self.below(np.array(limit)).prod(axis=2)))

    def month_quantiles(self, levels: tuple[float, ...]) -> FloatArray:
        """Give each month's quantiles, shape (n_levels, n_months). [kW or kWh]."""
        found = [_bisected(lambda limit: self._weighed(self.below(limit)), self._bounds(), level) for level in levels]
        return np.array(found)

    def highest_quantiles(self, levels: tuple[float, ...]) -> FloatArray:
        """Give quantiles of the highest of the months, shape (n_levels,). [kW or kWh]."""
        low, high = self._bounds()
        bounds = (np.array(low.min()), np.array(high.max()))
        found = [
            _bisected(lambda limit: self._weighed(self.below(limit).prod(axis=2)), bounds, level) for level in levels
        ]
        return np.array(found)

    def part(self, first: int, stop: int) -> "GrownMonths":
        """Give some of the months."""
        return GrownMonths(
            base=self.base[first:stop],
            lead_years=self.lead_years[first:stop],
            growth=self.growth,
            spread=self.spread,
            added=self.added[:, first:stop],
            weights_share=self.weights_share,
        )

    def _grown(self) -> FloatArray:
        places = (np.arange(RATE_NODES) + 0.5) / RATE_NODES
        rates = self.growth.mean_rate + self.growth.sd_rate * stats.norm.ppf(places)
        base = np.maximum(self.base, LEAST_BASE)
        return np.asarray(base[None, :] * np.exp(rates[:, None] * self.lead_years[None, :]), dtype=np.float64)

    def _weighed(self, chances: FloatArray) -> FloatArray:
        return np.asarray(np.tensordot(self.weights_share, chances.mean(axis=0), axes=(0, 0)), dtype=np.float64)

    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        grown = self._grown()
        widest = self.spread.factors((EDGE_SHARE, 1 - EDGE_SHARE))
        low = grown.min(axis=0) * widest[0] + self.added.min(axis=0)
        return low - 1e-9, grown.max(axis=0) * widest[1] + self.added.max(axis=0)


def months_of(
    base: FloatArray, n_years: int, growth: Growth, spread: Spread, *, added: FloatArray, courses: Courses
) -> GrownMonths:
    """Lay twelve months of last year on some years. [kW or kWh]."""
    return GrownMonths(
        base=np.tile(base, n_years),
        lead_years=np.repeat(np.arange(1.0, n_years + 1), base.size),
        growth=growth,
        spread=spread,
        added=added,
        weights_share=courses.weights_share,
    )


def _bisected(
    below: Callable[[FloatArray], FloatArray], bounds: tuple[FloatArray, FloatArray], level: float
) -> FloatArray:
    """Find where a rising function reaches a level, for all its places at once."""
    low, high = (np.array(one, dtype=np.float64) for one in bounds)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        under = below(middle) < level
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return high
