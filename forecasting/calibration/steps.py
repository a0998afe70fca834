"""Quantiles of a day's load step by step, from the errors of past days of its kind."""

import math

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.text import Text
from forecasting.calibration.adaptive import GAMMA, adapted_level
from forecasting.calibration.conformal import MIDDLE, conformal_quantile

IntArray = npt.NDArray[np.int64]

LEAST_DAYS = 3
"""Past days of a kind below which all days lend their errors. [-]"""


@noun(eq=False)
class PastDays:
    """Errors (actual - forecast) of past days at the steps asked about, in order of time.

    Each error comes from a forecast that knew nothing of its day.
    """

    errors_kw: FloatArray
    """Shape ``(n_days, n_steps)``, no holes. [kW]"""
    kinds: IntArray
    """Kind of each day, shape ``(n_days,)``."""
    numbers: IntArray
    """Place of each day on the calendar, ascending, shape ``(n_days,)``."""
    lead_days: int
    """How many days before a day its forecast was made; what lies nearer was not known then. [d]"""

    def __post_init__(self) -> None:
        errors_kw = np.asarray(self.errors_kw, dtype=np.float64)
        if errors_kw.ndim != 2 or errors_kw.size == 0:  # noqa: PLR2004 -- days by steps
            problem = Text(en="must be days by steps, not empty", zh="须为“天 × 时段”的非空数组")
            raise checks.refuse(self, "errors_kw", errors_kw.shape, problem)
        object.__setattr__(self, "errors_kw", checks.frozen_array(self, "errors_kw", errors_kw, errors_kw.shape))
        for field in ("kinds", "numbers"):
            values = np.asarray(getattr(self, field), dtype=np.int64)
            if values.shape != (len(errors_kw),):
                problem = Text(en=f"must have shape {(len(errors_kw),)}", zh=f"形状必须为 {(len(errors_kw),)}")
                raise checks.refuse(self, field, values.shape, problem)
            object.__setattr__(self, field, values)
        if (np.diff(self.numbers) <= 0).any():
            raise checks.refuse(self, "numbers", "…", Text(en="must ascend strictly", zh="必须严格递增"))
        checks.positive(self, "lead_days", self.lead_days)

    def alike(self, kind: int, before: int | None = None) -> IntArray:
        """Give the days that lend their errors to a kind: its own, or all where those are too few."""
        known = np.ones(self.kinds.size, dtype=bool) if before is None else self.numbers < before
        own = np.flatnonzero(known & (self.kinds == kind))
        return own if own.size >= LEAST_DAYS else np.flatnonzero(known)

    def _independent(self, n_days: int) -> float:
        """Count days as independent: forecasts made ``n`` days ahead share the same surprises.

        Between ``n_days`` (no sharing) and ``n_days / lead_days`` (all of it) stands the geometric mean.
        """
        return max(1.0, n_days / math.sqrt(self.lead_days))

    def ranks(self, pool: int) -> FloatArray:
        """Say where each day's errors stood among those known when it was forecast, shape of ``errors_kw``. [-]."""
        ranks = np.full(self.errors_kw.shape, np.nan)
        around_kw = neighbours(self.errors_kw, pool)
        for day in range(len(ranks)):
            lent = self.alike(int(self.kinds[day]), int(self.numbers[day]) - self.lead_days + 1)
            if lent.size >= LEAST_DAYS:
                compared_kw = around_kw[lent]
                share = (compared_kw < self.errors_kw[day]).mean(axis=(0, 1))
                ties = (compared_kw == self.errors_kw[day]).mean(axis=(0, 1))
                count = self._independent(lent.size)
                ranks[day] = ((share + ties / 2) * count + 0.5) / (count + 1)
        return ranks

    def quantiles_kw(self, kind: int, levels: tuple[float, ...], *, pool: int = 0, gamma: float = GAMMA) -> FloatArray:
        """Give the error's calibrated quantiles for a new day of a kind, shape ``(n_levels, n_steps)``. [kW].

        Parameters
        ----------
        kind : int
            Kind of the new day.
        levels : tuple of float
            Ascending, within 0…1.
        pool : int
            Errors up to so many steps to either side join a step's. [-]
        gamma : float
            How fast levels follow missed coverage; 0 is plain split conformal. [-]
        """
        lent = self.alike(kind)
        pooled_kw = neighbours(self.errors_kw[lent], pool).reshape(-1, self.errors_kw.shape[1])
        ranks = self.ranks(pool) if gamma else np.empty((0, 0))
        # The median is the point forecast: it follows the errors' own middle, not yesterday's misses.
        working = tuple(level if level == MIDDLE else adapted_level(ranks, level, gamma=gamma) for level in levels)
        bounds_kw = conformal_quantile(pooled_kw, working, independent_count=self._independent(lent.size))
        # Levels adapt one by one; promised in order, they must stay in order.
        return np.sort(bounds_kw, axis=0)


def neighbours(errors_kw: FloatArray, pool: int) -> FloatArray:
    """Give each step's errors with those of up to ``pool`` steps beside it, ``(n_days, 2 pool + 1, n_steps)``."""
    n_steps = errors_kw.shape[1]
    places = np.clip(np.arange(n_steps) + np.arange(-pool, pool + 1)[:, None], 0, n_steps - 1)
    return errors_kw[:, places]
