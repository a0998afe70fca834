"""What one may ask of a forecast, and what may be known beforehand."""

from typing import Literal, get_args

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.text import Text
from forecasting.errors import PlanTooShortError

LEAST_HISTORY_DAYS = 14
Backend = Literal["exact", "stan"]
"""Who finds Prophet's optimum: our own exact solver, or stock Stan."""


@noun
class ForecastOptions:
    """Parameters of a forecast; part of the case, so that its file alone replays the answer."""

    quantile_levels: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    """Ascending, each within 0…1. [-]"""
    n_samples: int = 50
    """How many equally likely courses of the load. [-]"""
    seed: int = 1
    """Seed of the sampling and of the solver."""
    history_days: int = 91
    """How much of the newest history is learned from. [d]"""
    backend: Backend = "exact"
    """Who finds the shapes' optimum; stock Stan is the slow reference."""

    def __post_init__(self) -> None:
        levels = self.quantile_levels
        ascending = all(low < high for low, high in zip((0.0, *levels), (*levels, 1.0), strict=True))
        if not levels or not ascending:
            problem = Text(en="must ascend strictly within 0…1", zh="必须在 0…1 之间严格递增")
            raise checks.refuse(self, "quantile_levels", levels, problem)
        checks.positive(self, "n_samples", self.n_samples)
        checks.not_negative(self, "seed", self.seed)
        if self.backend not in get_args(Backend):
            problem = Text(en="must be exact or stan", zh="必须是 exact 或 stan")
            raise checks.refuse(self, "backend", self.backend, problem)
        if self.history_days < LEAST_HISTORY_DAYS:
            problem = Text(en=f"must be at least {LEAST_HISTORY_DAYS}", zh=f"不得小于 {LEAST_HISTORY_DAYS}")
            raise checks.refuse(self, "history_days", self.history_days, problem)


@noun(eq=False)
class KnownLoad:
    """A load known in the history and over the horizon: what the production plan's equipment draws."""

    history_kw: FloatArray
    """On the history's grid; NaN where it was not recorded. [kW]"""
    horizon_kw: FloatArray
    """On the horizon, without holes. [kW]"""

    def __post_init__(self) -> None:
        for field in ("history_kw", "horizon_kw"):
            values = np.asarray(getattr(self, field), dtype=np.float64)
            object.__setattr__(self, field, checks.frozen_array(self, field, values, (values.size,), holes=True))


def sized(field: str, plan_kw: FloatArray, n_steps: int) -> FloatArray:
    """Give a plan's load if it has the right length, or refuse it. [kW]."""
    if plan_kw.size != n_steps:
        raise PlanTooShortError(field=field, needed=n_steps, given=int(plan_kw.size))
    return plan_kw


def whole(field: str, plan_kw: FloatArray, n_steps: int) -> FloatArray:
    """Give a plan's load if it is known at every step, or refuse it. [kW]."""
    known = int(np.count_nonzero(np.isfinite(sized(field, plan_kw, n_steps))))
    if known != n_steps:
        raise PlanTooShortError(field=field, needed=n_steps, given=known)
    return plan_kw
