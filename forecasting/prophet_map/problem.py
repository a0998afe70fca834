"""What is asked, (MAP1): Prophet's data, priors and mean, in Prophet's own scaling."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.text import Text
from forecasting.prophet_map.gram import Prior

BoolArray = npt.NDArray[np.bool_]

TREND_SCALE = 5.0
"""Prior standard deviation of slope and offset, Prophet's. [-]"""
POSITIVE_ALL = Text(en="must be greater than 0 everywhere", zh="必须处处大于 0")
NOT_NEGATIVE_ALL = Text(en="must not be negative, and not all 0", zh="不得为负，且不得全为 0")
ASCENDING = Text(en="must ascend", zh="必须递增")


@noun(eq=False)
class MapProblem:
    """A posterior to be maximised; times and loads are scaled as Prophet scales them."""

    trend: Literal["flat", "linear"]
    time: FloatArray
    """Time of each row, 0 at the first and 1 at the last, shape ``(n,)``. [-]"""
    load: FloatArray
    """Load of each row in units of the largest, shape ``(n,)``. [-]"""
    design: FloatArray
    """Seasonal features, holidays and regressors, shape ``(n, p)``. [-]"""
    prior_scales: FloatArray
    """Prior standard deviation of each coefficient, shape ``(p,)``. [-]"""
    multiplicative: BoolArray | None = None
    """Which coefficients multiply the trend, shape ``(p,)``; None: none of them."""
    changepoints: FloatArray | None = None
    """Times at which a linear trend may change its slope, ascending, shape ``(c,)``. [-]"""
    tau: float = 0.05
    """Prior scale of the changes of slope. [-]"""
    weights: FloatArray | None = None
    """How often each row counts, shape ``(n,)``; None: once. [-]"""

    def __post_init__(self) -> None:
        n_rows, n_columns = np.shape(self.design)
        shapes = {"time": n_rows, "load": n_rows, "prior_scales": n_columns}
        if self.weights is not None:
            shapes["weights"] = n_rows
        for field, size in shapes.items():
            checks.frozen_array(self, field, np.array(getattr(self, field), dtype=np.float64), (size,))
        if not np.isfinite(self.design).all():
            raise checks.refuse(self, "design", "NaN or infinity", checks.FINITE)
        if self.multiplicative is not None and self.multiplicative.shape != (n_columns,):
            raise checks.refuse(
                self, "multiplicative", self.multiplicative.shape, Text(en="must name each column", zh="须逐列给出")
            )
        if not (np.asarray(self.prior_scales) > 0).all():
            raise checks.refuse(self, "prior_scales", float(np.min(self.prior_scales)), POSITIVE_ALL)
        checks.positive(self, "tau", self.tau)
        if self.weights is not None and not (np.min(self.weights) >= 0 and np.max(self.weights) > 0):
            raise checks.refuse(self, "weights", float(np.min(self.weights)), NOT_NEGATIVE_ALL)
        at = self.bends
        if not np.isfinite(at).all() or (np.diff(at) < 0).any():
            raise checks.refuse(self, "changepoints", at, ASCENDING)

    @property
    def bends(self) -> FloatArray:
        """Times at which the slope may change; none for flat growth. [-]."""
        none = self.changepoints is None or self.trend == "flat"
        return np.empty(0) if none else np.asarray(self.changepoints, dtype=np.float64)

    @property
    def n_trend(self) -> int:
        """How many parameters the trend has: offset alone, or slope, offset and changes. [-]."""
        return 1 if self.trend == "flat" else 2 + self.bends.size

    @property
    def total_weight(self) -> float:
        """How many rows there are, each as often as it counts. [-]."""
        return float(self.load.size) if self.weights is None else float(np.sum(self.weights))


@noun(eq=False)
class MapParams:
    """Prophet's parameters."""

    k: float
    """Slope at the beginning. [-]"""
    m: float
    """Offset. [-]"""
    delta: FloatArray
    """Changes of the slope, shape ``(c,)``. [-]"""
    beta: FloatArray
    """Coefficients, shape ``(p,)``. [-]"""
    sigma: float
    """Standard deviation of the noise. [-]"""

    @classmethod
    def of(cls, problem: MapProblem, vector: FloatArray, sigma: float) -> "MapParams":
        """Read the solver's vector: (m, beta) for flat growth, else (k, m, delta, beta)."""
        cut = problem.n_trend
        flat = problem.trend == "flat"
        n_changes = 0 if problem.changepoints is None else len(problem.changepoints)
        return cls(
            k=0.0 if flat else float(vector[0]),
            m=float(vector[0] if flat else vector[1]),
            delta=np.zeros(n_changes) if flat else vector[2:cut].copy(),
            beta=vector[cut:].copy(),
            sigma=sigma,
        )


def trend_columns(problem: MapProblem) -> FloatArray:
    r"""(MAP1) Give the trend's columns: :math:`1`, or :math:`t, 1, (t - s_j)^+`, shape ``(n, n_trend)``. [-].

    Prophet writes the same trend as :math:`(k + a(t)^\top\delta) t + m - a(t)^\top (s \circ \delta)`.
    """
    columns = np.empty((problem.load.size, problem.n_trend), order="F")
    _fill_trend(problem, columns)
    return columns


def _fill_trend(problem: MapProblem, columns: FloatArray) -> None:
    if problem.trend == "flat":
        columns[:, 0] = 1.0
        return
    columns[:, 0] = problem.time
    columns[:, 1] = 1.0
    for number, bend in enumerate(problem.bends):
        np.maximum(problem.time - bend, 0.0, out=columns[:, 2 + number])


def design_matrix(problem: MapProblem) -> FloatArray:
    """Give the trend's and the features' columns side by side, shape ``(n, q)``. [-]."""
    columns = np.empty((problem.load.size, problem.n_trend + problem.design.shape[1]), order="F")
    _fill_trend(problem, columns)
    columns[:, problem.n_trend :] = problem.design
    return columns


def prior_of(problem: MapProblem) -> Prior:
    """Give the priors of the columns of ``design_matrix``."""
    precision = np.concatenate((np.full(problem.n_trend, TREND_SCALE**-2), np.asarray(problem.prior_scales) ** -2.0))
    laplace = np.zeros(precision.size, dtype=np.bool_)
    if problem.trend == "linear":
        laplace[2 : problem.n_trend] = True
        precision[laplace] = 0.0
    return Prior(precision=precision, laplace=laplace, tau=problem.tau)
