"""Prophet's posterior written from its model text, row by row: what an optimum is checked against.

Nothing here is used by the solver. A change of slope is not smooth where it is 0; there any slope of the
rest up to 1 / tau is stationary.
"""

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.prophet_map.fixed_point import SIGMA_FLOOR
from forecasting.prophet_map.problem import TREND_SCALE, MapParams, MapProblem


@noun(eq=False)
class _Mean:
    trend: FloatArray
    factor: FloatArray
    addend: FloatArray
    passed: FloatArray
    """Which changes of slope lie behind each row, shape ``(n, c)``. [-]"""


def _mean(problem: MapProblem, params: MapParams) -> _Mean:
    multiplies = np.zeros(params.beta.size) if problem.multiplicative is None else 1.0 * problem.multiplicative
    bends = problem.bends
    passed = (problem.time[:, None] >= bends[None, :]).astype(np.float64)
    trend = np.full(problem.load.size, params.m)
    if problem.trend == "linear":
        trend = (params.k + passed @ params.delta) * problem.time + (params.m - passed @ (bends * params.delta))
    return _Mean(
        trend=trend,
        factor=1 + problem.design @ (multiplies * params.beta),
        addend=problem.design @ ((1 - multiplies) * params.beta),
        passed=passed,
    )


def log_posterior(problem: MapProblem, params: MapParams) -> float:
    """Give the log posterior as Stan's ``lp__`` counts it: constants left out."""
    weights = np.ones(problem.load.size) if problem.weights is None else problem.weights
    mean = _mean(problem, params)
    left = problem.load - (mean.trend * mean.factor + mean.addend)
    priors = -(params.k**2 + params.m**2) / (2 * TREND_SCALE**2)
    priors -= float(np.abs(params.delta).sum()) / problem.tau
    priors -= float(((params.beta / problem.prior_scales) ** 2).sum()) / 2
    priors -= params.sigma**2 / (2 * 0.5**2)
    return priors - float(weights @ (np.log(params.sigma) + left**2 / (2 * params.sigma**2)))


def smooth_gradient(problem: MapProblem, params: MapParams) -> tuple[FloatArray, FloatArray]:
    """Give the gradient of all but the Laplace prior, and the curvature of each parameter by itself.

    Both are ordered (k, m, delta, beta, sigma); k and delta are 0 for flat growth.
    """
    weights = np.ones(problem.load.size) if problem.weights is None else problem.weights
    mean = _mean(problem, params)
    left = problem.load - (mean.trend * mean.factor + mean.addend)
    multiplies = np.zeros(params.beta.size) if problem.multiplicative is None else 1.0 * problem.multiplicative
    by_beta = problem.design * np.where(multiplies[None, :] > 0, mean.trend[:, None], 1.0)
    by_trend = np.ones((problem.load.size, 1))
    trend_params = np.array([params.m])
    if problem.trend == "linear":
        ramps = mean.passed * (problem.time[:, None] - problem.bends[None, :])
        by_trend = np.column_stack((problem.time, by_trend, ramps))
        trend_params = np.concatenate(([params.k, params.m], np.zeros(problem.bends.size)))
    tangent = np.hstack((by_trend * mean.factor[:, None], by_beta))
    precision = np.concatenate((np.full(trend_params.size, TREND_SCALE**-2.0), problem.prior_scales**-2.0))
    precision[2 : trend_params.size] = 0.0
    values = np.concatenate((trend_params, params.beta))
    gradient = tangent.T @ (weights * left) / params.sigma**2 - precision * values
    curvature = (tangent**2).T @ weights / params.sigma**2 + precision
    total = float(weights.sum())
    square = float(weights @ left**2)
    by_sigma = -total / params.sigma + square / params.sigma**3 - 4 * params.sigma
    return np.append(gradient, by_sigma), np.append(curvature, 2 * total / params.sigma**2 + 4)


def stationarity_gap(problem: MapProblem, params: MapParams) -> float:
    """Give by how many of its own standard deviations the worst parameter could still be bettered alone.

    0 at an optimum: every slope is 0, lies within the corner of the Laplace prior, or pushes the noise below
    its floor.
    """
    gradient, curvature = smooth_gradient(problem, params)
    n_bends = problem.bends.size
    bent = gradient[2 : 2 + n_bends]
    corner = np.where(
        params.delta[:n_bends] == 0,
        np.maximum(np.abs(bent) - 1 / problem.tau, 0.0),
        np.abs(bent - np.sign(params.delta[:n_bends]) / problem.tau),
    )
    slopes = np.abs(gradient)
    slopes[2 : 2 + n_bends] = corner
    if params.sigma <= SIGMA_FLOOR:
        slopes[-1] = max(gradient[-1], 0.0)
    return float((slopes / np.sqrt(curvature)).max())
