"""All that the data say to the optimum, (MAP2)-(MAP3): one Gram matrix, added to, forgotten, solved."""

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from forecasting.prophet_map.feature_sign import least_with_signs
from forecasting.prophet_map.symmetric import solve_symmetric


@noun(eq=False)
class Prior:
    """Priors of the columns: Gaussian, or Laplace where ``laplace`` says so."""

    precision: FloatArray
    """One over the prior variance, 0 where the prior is Laplace, shape ``(q,)``. [-]"""
    laplace: npt.NDArray[np.bool_]
    """Which columns have a Laplace prior, shape ``(q,)``."""
    tau: float
    """Scale of the Laplace prior. [-]"""

    def log(self, vector: FloatArray) -> float:
        """Give the log of the prior without its constant."""
        bent = float(np.abs(vector[self.laplace]).sum()) / self.tau
        return -0.5 * float(vector @ (self.precision * vector)) - bent


@noun(eq=False)
class GramState:
    """The weighted sums over rows that the optimum rests on: built once, scaled, added to."""

    gram: FloatArray
    """Weighted products of columns, shape ``(q, q)``. [-]"""
    products: FloatArray
    """Weighted products of columns and load, shape ``(q,)``. [-]"""
    square: float
    """Weighted sum of the squared load. [-]"""
    total_weight: float
    """How many rows there are, each as often as it counts. [-]"""

    @classmethod
    def of(cls, columns: FloatArray, load: FloatArray, weights: FloatArray | None = None) -> "GramState":
        r"""(MAP2) Add up :math:`G = D^\top W D,\ D^\top W y,\ y^\top W y,\ \sum w` over rows.

        Parameters
        ----------
        columns : FloatArray
            Shape ``(n, q)``; see ``design_matrix``. [-]
        load : FloatArray
            Shape ``(n,)``. [-]
        weights : FloatArray, optional
            How often each row counts, shape ``(n,)``. [-]
        """
        if weights is None:
            return cls(
                gram=columns.T @ columns,
                products=columns.T @ load,
                square=float(load @ load),
                total_weight=float(load.size),
            )
        root = np.sqrt(weights)
        scaled = columns * root[:, None]
        return cls(
            gram=scaled.T @ scaled,
            products=scaled.T @ (root * load),
            square=float(weights @ (load * load)),
            total_weight=float(weights.sum()),
        )

    def scaled(self, factor: float) -> "GramState":
        """Let every row so far count ``factor`` times as much: 0.5 to the power of age over half-life forgets."""
        checks.positive(self, "factor", factor)
        return GramState(
            gram=factor * self.gram,
            products=factor * self.products,
            square=factor * self.square,
            total_weight=factor * self.total_weight,
        )

    def with_rows(self, columns: FloatArray, load: FloatArray, weights: FloatArray | None = None) -> "GramState":
        """Add rows; see ``of``."""
        new = GramState.of(columns, load, weights)
        return GramState(
            gram=self.gram + new.gram,
            products=self.products + new.products,
            square=self.square + new.square,
            total_weight=self.total_weight + new.total_weight,
        )

    def about_nothing(self) -> "Quadratic":
        """Give the squared error about all parameters 0."""
        return Quadratic(
            gram=self.gram,
            at=np.zeros(self.products.size),
            slope=self.products,
            square=self.square,
            total_weight=self.total_weight,
        )


@noun(eq=False)
class Quadratic:
    r"""The squared error about a point: :math:`S - 2 g^\top d + d^\top G d` at :math:`\theta_0 + d`."""

    gram: FloatArray
    """Shape ``(q, q)``. [-]"""
    at: FloatArray
    """The point, shape ``(q,)``. [-]"""
    slope: FloatArray
    """Weighted products of columns and what is left at the point, shape ``(q,)``. [-]"""
    square: float
    """Weighted sum of squares at the point. [-]"""
    total_weight: float
    """Sum of the weights. [-]"""

    def square_at(self, vector: FloatArray) -> float:
        """Give the weighted sum of squares elsewhere. [-]."""
        away = vector - self.at
        return max(self.square - 2 * float(self.slope @ away) + float(away @ self.gram @ away), 0.0)

    def log_at(self, vector: FloatArray, sigma: float, prior: Prior) -> float:
        """Give the log posterior, constants left out."""
        return prior.log(vector) + noise_log(self.square_at(vector), self.total_weight, sigma)


def noise_log(square: float, total_weight: float, sigma: float) -> float:
    """Give what the data and the noise's half-normal prior (scale 0.5) say, constants left out."""
    return -total_weight * float(np.log(sigma)) - square / (2 * sigma**2) - 2 * sigma**2


def given_noise(data: Quadratic, prior: Prior, sigma: float) -> FloatArray:
    r"""(MAP3) Give the best parameters for one standard deviation of the noise, shape ``(q,)``. [-].

    The parameters with Gaussian priors are eliminated (a Schur complement); the changes of slope are left,
    a small L1 problem that ``least_with_signs`` solves exactly.
    """
    bent = np.flatnonzero(prior.laplace)
    smooth = np.flatnonzero(~prior.laplace)
    shrink = sigma**2 * prior.precision[smooth]
    inner = data.gram[np.ix_(smooth, smooth)].copy()
    inner[np.diag_indices_from(inner)] += shrink
    pull = data.slope[smooth] - shrink * data.at[smooth]
    vector = data.at.copy()
    if bent.size == 0:
        vector[smooth] += solve_symmetric(inner, pull)
        return vector
    across = data.gram[np.ix_(smooth, bent)]
    both = solve_symmetric(inner, np.column_stack((across, pull)))
    reach, alone = both[:, :-1], both[:, -1]
    curvature = data.gram[np.ix_(bent, bent)] - across.T @ reach
    target = data.slope[bent] - across.T @ alone + curvature @ data.at[bent]
    delta = least_with_signs((curvature + curvature.T) / 2, target, sigma**2 / prior.tau, data.at[bent])
    vector[smooth] += alone - reach @ (delta - data.at[bent])
    vector[bent] = delta
    return vector
