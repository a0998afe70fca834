"""From a problem to Prophet's optimum: exact at once, or round by round where features multiply the trend, (MAP7)."""

from dataclasses import replace

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from forecasting.prophet_map.fixed_point import SIGMA_FLOOR, NotSettledError, Settled, noise_of, search, solve_gram
from forecasting.prophet_map.gram import GramState, Prior, Quadratic, given_noise, noise_log
from forecasting.prophet_map.problem import BoolArray, MapParams, MapProblem, design_matrix, prior_of, trend_columns

CLOSE_SHARE = 1e-3
"""Share of the squared load left below which the sums are made anew about the optimum: differences of large sums
would be rounding. [-]"""
GAIN_LEFT = 1e-11
"""Gain in log posterior that a further round must promise. [-]"""
ROUNDING = 1e-5
"""Promised gain in log posterior that may fail to come, because sums over many rows are rounded. [-]"""
MOST_ROUNDS = 500
MOST_HALVINGS = 40
ENOUGH = 1e-4
"""Share of the promised gain that a step must bring. [-]"""


@noun(eq=False)
class MapSolution(MapParams):
    """Prophet's optimum."""

    log_posterior: float
    """As Stan counts it, constants left out. [-]"""
    n_rounds: int
    """How often the parameters were solved for. [-]"""
    unique: bool
    """Whether no other stationary point exists; never proven where features multiply the trend."""

    @property
    def floored(self) -> bool:
        """Whether the model meets the load exactly, so that only the floor keeps the noise from vanishing."""
        return self.sigma <= SIGMA_FLOOR


def solve_map(problem: MapProblem) -> MapSolution:
    """Maximise Prophet's posterior.

    Raises
    ------
    NotSettledError
        If the rounds run out.
    """
    if problem.multiplicative is not None and problem.multiplicative.any():
        return _solved(problem, _multiplied(problem, problem.multiplicative))
    return _solved(problem, _added(problem))


def _solved(problem: MapProblem, found: Settled) -> MapSolution:
    read = MapParams.of(problem, found.vector, found.sigma)
    return MapSolution(
        k=read.k,
        m=read.m,
        delta=read.delta,
        beta=read.beta,
        sigma=read.sigma,
        log_posterior=found.log_posterior,
        n_rounds=found.n_rounds,
        unique=found.unique,
    )


def _added(problem: MapProblem) -> Settled:
    """Solve the additive model."""
    columns = design_matrix(problem)
    prior = prior_of(problem)
    state = GramState.of(columns, problem.load, problem.weights)
    found = solve_gram(state, prior)
    if state.about_nothing().square_at(found.vector) > CLOSE_SHARE * state.square:
        return found
    left = problem.load - columns @ found.vector
    near = search(_about(columns, left, problem, found.vector, gram=state.gram), prior)
    return replace(near, n_rounds=found.n_rounds + near.n_rounds)


def _about(
    columns: FloatArray, left: FloatArray, problem: MapProblem, at: FloatArray, gram: FloatArray | None = None
) -> Quadratic:
    """Give the squared error about a point, from what is left there."""
    if gram is None:
        state = GramState.of(columns, left, problem.weights)
        gram, slope, square = state.gram, state.products, state.square
    else:
        weighed = left if problem.weights is None else problem.weights * left
        slope, square = columns.T @ weighed, float(left @ weighed)
    return Quadratic(gram=gram, at=at, slope=slope, square=square, total_weight=problem.total_weight)


@noun(eq=False)
class _Course:
    """Trend, factor and addend at some parameters: the mean is trend x factor + addend."""

    trend: FloatArray
    factor: FloatArray
    addend: FloatArray

    @property
    def mean(self) -> FloatArray:
        return self.trend * self.factor + self.addend

    def moved(self, along: "_Course", share: float) -> "_Course":
        return _Course(
            trend=self.trend + share * along.trend,
            factor=self.factor + share * along.factor,
            addend=self.addend + share * along.addend,
        )


def _multiplied(problem: MapProblem, multiplies: BoolArray) -> Settled:
    r"""(MAP7) Solve the model around its tangent, :math:`\theta \leftarrow \theta + s (\hat\theta - \theta)`, until still."""
    prior = prior_of(problem)
    trend = trend_columns(problem)
    cut = problem.n_trend
    times, adds = problem.design[:, multiplies], problem.design[:, ~multiplies]
    is_times, is_adds = cut + np.flatnonzero(multiplies), cut + np.flatnonzero(~multiplies)

    def course(vector: FloatArray, constant: float) -> _Course:
        return _Course(
            trend=trend @ vector[:cut], factor=constant + times @ vector[is_times], addend=adds @ vector[is_adds]
        )

    columns = np.empty((problem.load.size, prior.precision.size), order="F")
    columns[:, is_adds] = adds
    vector = np.zeros(prior.precision.size)
    vector[:cut] = _trend_alone(problem, trend, prior)
    here = course(vector, 1.0)
    for n_rounds in range(1, MOST_ROUNDS + 1):
        columns[:, :cut] = trend * here.factor[:, None]
        columns[:, is_times] = times * here.trend[:, None]
        data = _about(columns, problem.load - here.mean, problem, vector)
        sigma = noise_of(data.square, data.total_weight)
        step = given_noise(data, prior, sigma) - vector
        promised = _promised(data, prior, sigma, step)
        share = 0.0
        if promised > GAIN_LEFT:
            along = course(step, 0.0)
            share = _walked(problem, prior, here=here, along=along, vector=vector, step=step, promised=promised)
            if share == 0.0 and promised > ROUNDING:
                raise NotSettledError(n_rounds)
        if share == 0.0:
            return Settled(
                vector=vector,
                sigma=sigma,
                log_posterior=data.log_at(vector, sigma, prior),
                n_rounds=n_rounds,
                unique=False,
            )
        vector = vector + share * step
        here = course(vector, 1.0)
    raise NotSettledError(MOST_ROUNDS)


def _trend_alone(problem: MapProblem, trend: FloatArray, prior: Prior) -> FloatArray:
    """Give the best trend without any features: where the rounds begin."""
    cut = problem.n_trend
    only = Prior(precision=prior.precision[:cut], laplace=prior.laplace[:cut], tau=prior.tau)
    return solve_gram(GramState.of(trend, problem.load, problem.weights), only).vector


def _promised(data: Quadratic, prior: Prior, sigma: float, step: FloatArray) -> float:
    """Give the gain in log posterior that the tangent promises, written without cancellation."""
    squares = 2 * float(data.slope @ step) - float(step @ data.gram @ step)
    smooth = 0.5 * float((2 * data.at + step) @ (prior.precision * step))
    bent = prior.laplace
    corners = float(np.abs(data.at[bent] + step[bent]).sum() - np.abs(data.at[bent]).sum()) / prior.tau
    return squares / (2 * sigma**2) - smooth - corners


def _walked(
    problem: MapProblem,
    prior: Prior,
    *,
    here: _Course,
    along: _Course,
    vector: FloatArray,
    step: FloatArray,
    promised: float,
) -> float:
    """Give the share of a step that brings enough of its promise; 0 where none does."""

    def value(share: float) -> float:
        left = problem.load - here.moved(along, share).mean
        square = float(left @ (left if problem.weights is None else problem.weights * left))
        sigma = noise_of(square, problem.total_weight)
        return prior.log(vector + share * step) + noise_log(square, problem.total_weight, sigma)

    start = value(0.0)
    share = 1.0
    for _ in range(MOST_HALVINGS):
        if value(share) >= start + ENOUGH * share * promised:
            return share
        share /= 2
    return 0.0
