"""The optimum is stationary, better than scipy's, and follows from the sums over rows alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from domain.errors import InvalidFieldError
from forecasting.prophet_map import (
    GramState,
    MapParams,
    MapProblem,
    design_matrix,
    log_posterior,
    prior_of,
    smooth_gradient,
    solve_gram,
    solve_map,
    stationarity_gap,
)
from forecasting.prophet_map.fixed_point import SIGMA_FLOOR, noise_of


def drawn(
    seed: int,
    *,
    n_rows: int = 120,
    trend: str = "linear",
    mode: str = "additive",
    n_bends: int = 5,
    weighted: bool = False,
    noise: float = 0.05,
) -> MapProblem:
    """A load with a bent trend, a few waves and a regressor."""
    random = np.random.default_rng(seed)
    time = np.linspace(0, 1, n_rows)
    angle = 2 * np.pi * time * n_rows / 12
    design = np.column_stack((np.sin(angle), np.cos(angle), np.sin(2 * angle), random.normal(size=n_rows)))
    course = 0.5 + (0.0 if trend == "flat" else 0.3 * time - 0.5 * np.maximum(time - 0.6, 0))
    shape = design @ np.array([0.2, -0.1, 0.05, 0.03])
    times = {"additive": np.zeros(4), "multiplicative": np.ones(4), "mixed": np.array([1.0, 1.0, 0.0, 0.0])}[mode]
    mean = course * (1 + design @ (times * [0.2, -0.1, 0.05, 0.03])) + (shape if mode == "additive" else 0.0)
    return MapProblem(
        trend=trend,
        time=time,
        load=mean + random.normal(0, noise, n_rows),
        design=design,
        prior_scales=np.array([10.0, 10.0, 0.5, 0.05]),
        multiplicative=times > 0,
        changepoints=np.linspace(0, 0.8, n_bends + 1)[1:] if n_bends else None,
        tau=0.05,
        weights=random.uniform(0, 2, n_rows) if weighted else None,
    )


CASES = st.builds(
    drawn,
    st.integers(0, 10_000),
    n_rows=st.integers(40, 150),
    trend=st.sampled_from(["linear", "flat"]),
    mode=st.sampled_from(["additive", "multiplicative", "mixed"]),
    n_bends=st.integers(0, 8),
    weighted=st.booleans(),
    noise=st.floats(0.005, 0.3),
)


@given(problem=CASES)
@settings(max_examples=60, deadline=None)
def test_every_optimum_is_stationary(problem):
    """Checked by the posterior row by row, of which the solver uses nothing."""
    found = solve_map(problem)
    assert stationarity_gap(problem, found) < 1e-5
    assert found.log_posterior == pytest.approx(log_posterior(problem, found), rel=1e-9, abs=1e-7)


@given(problem=CASES, seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_nobody_nearby_is_better(problem, seed):
    found = solve_map(problem)
    random = np.random.default_rng(seed)
    for size in (1e-1, 1e-2, 1e-3, 1e-4):
        near = MapParams(
            k=found.k + (size * random.normal() if problem.trend == "linear" else 0.0),
            m=found.m + size * random.normal(),
            delta=found.delta + size * random.normal(size=found.delta.size),
            beta=found.beta + size * random.normal(size=found.beta.size),
            sigma=found.sigma * float(np.exp(size * random.normal())),
        )
        assert log_posterior(problem, near) <= found.log_posterior + 1e-7


@pytest.mark.parametrize("mode", ["additive", "multiplicative", "mixed"])
@pytest.mark.parametrize("weighted", [False, True])
def test_scipy_finds_nothing_better(mode, weighted):
    """L-BFGS-B on the split changes of slope (each the difference of two that are not negative)."""
    problem = drawn(7, mode=mode, weighted=weighted)
    n_bends, n_coefficients = problem.bends.size, 4

    def read(vector):
        up, down = vector[2 : 2 + n_bends], vector[2 + n_bends : 2 + 2 * n_bends]
        return MapParams(
            k=vector[0], m=vector[1], delta=up - down, beta=vector[-1 - n_coefficients : -1], sigma=np.exp(vector[-1])
        ), up + down

    def cost(vector):
        params, sizes = read(vector)
        smooth = log_posterior(problem, params) + np.abs(params.delta).sum() / problem.tau
        return -smooth + sizes.sum() / problem.tau

    start = np.concatenate(([0.0, 0.5], np.full(2 * n_bends, 1e-3), np.zeros(n_coefficients), [np.log(0.3)]))
    bounds = [(None, None)] * 2 + [(0, None)] * (2 * n_bends) + [(None, None)] * (n_coefficients + 1)
    other = optimize.minimize(
        cost, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000, "maxfun": 200_000, "ftol": 1e-14}
    )
    theirs, _ = read(other.x)
    found = solve_map(problem)
    assert found.log_posterior >= -other.fun - 1e-9
    assert found.log_posterior == pytest.approx(-other.fun, abs=0.02)
    assert found.beta == pytest.approx(theirs.beta, abs=0.01)


@pytest.mark.parametrize("mode", ["additive", "mixed"])
def test_the_gradient_is_that_of_the_posterior(mode):
    problem = drawn(3, mode=mode, weighted=True)
    at = MapParams(k=0.2, m=0.6, delta=np.full(5, 0.1), beta=np.array([0.1, -0.2, 0.3, 0.02]), sigma=0.2)
    flat = np.concatenate(([at.k, at.m], at.delta, at.beta, [at.sigma]))

    def value(vector):
        params = MapParams(k=vector[0], m=vector[1], delta=vector[2:7], beta=vector[7:11], sigma=vector[11])
        return log_posterior(problem, params) + np.abs(params.delta).sum() / problem.tau

    numeric = optimize.approx_fprime(flat, value, 1e-7)
    gradient, curvature = smooth_gradient(problem, at)
    assert gradient == pytest.approx(numeric, rel=1e-4, abs=1e-3)
    assert (curvature > 0).all()
    assert stationarity_gap(problem, at) > 1


def test_by_hand_one_offset():
    """Flat growth, no features: (n + sigma^2 / 25) m = sum of y, and sigma^2 from its square."""
    load = np.array([0.2, 0.4, 0.9, 0.5])
    problem = MapProblem(
        trend="flat", time=np.linspace(0, 1, 4), load=load, design=np.zeros((4, 1)), prior_scales=np.ones(1)
    )
    found = solve_map(problem)
    assert found.m * (4 + found.sigma**2 / 25) == pytest.approx(2.0, rel=1e-10)
    left = float(((load - found.m) ** 2).sum())
    assert 4 * found.sigma**4 + 4 * found.sigma**2 == pytest.approx(left, rel=1e-9)
    assert found.beta == pytest.approx([0.0])
    assert found.unique


def test_noise_solves_its_own_quadratic():
    sigma = noise_of(3.7, 11.5)
    assert -11.5 / sigma + 3.7 / sigma**3 - 4 * sigma == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("mode", ["additive", "multiplicative"])
def test_a_weight_of_two_is_a_row_twice(mode):
    once = drawn(11, mode=mode)
    counts = np.random.default_rng(2).integers(0, 3, once.load.size)
    rows = np.repeat(np.arange(once.load.size), counts)
    common = {"trend": "linear", "prior_scales": once.prior_scales, "multiplicative": once.multiplicative}
    common |= {"changepoints": once.changepoints, "tau": once.tau}
    weighed = solve_map(MapProblem(time=once.time, load=once.load, design=once.design, weights=1.0 * counts, **common))
    repeated = solve_map(MapProblem(time=once.time[rows], load=once.load[rows], design=once.design[rows], **common))
    assert weighed.beta == pytest.approx(repeated.beta, abs=1e-6)
    assert weighed.delta == pytest.approx(repeated.delta, abs=1e-5)
    assert weighed.log_posterior == pytest.approx(repeated.log_posterior, abs=1e-7)


@given(seed=st.integers(0, 1000), cut=st.integers(1, 119), factor=st.floats(0.05, 1.0))
@settings(max_examples=30, deadline=None)
def test_forgetting_and_adding_rows_is_weighing_them(seed, cut, factor):
    """Yesterday's sums, scaled, plus today's rows: the optimum of all rows with the old ones weighed."""
    problem = drawn(seed, trend="flat")
    columns = design_matrix(problem)
    state = GramState.of(columns[:cut], problem.load[:cut]).scaled(factor)
    state = state.with_rows(columns[cut:], problem.load[cut:])
    weights = np.where(np.arange(problem.load.size) < cut, factor, 1.0)
    whole = solve_map(
        MapProblem(
            trend="flat",
            time=problem.time,
            load=problem.load,
            design=problem.design,
            prior_scales=problem.prior_scales,
            weights=weights,
        )
    )
    found = solve_gram(state, prior_of(problem))
    assert found.sigma == pytest.approx(whole.sigma, rel=1e-8)
    assert found.vector[1:] == pytest.approx(whole.beta, abs=1e-8)


@pytest.mark.parametrize("mode", ["additive", "multiplicative"])
def test_an_exactly_met_load_rests_on_the_floor_and_says_so(mode):
    problem = drawn(1, noise=0.0, n_bends=0, trend="flat", mode=mode)
    found = solve_map(problem)
    assert found.floored
    assert found.sigma == SIGMA_FLOOR
    assert found.beta == pytest.approx([0.2, -0.1, 0.05, 0.03], abs=1e-9)
    assert found.m == pytest.approx(0.5, abs=1e-9)
    assert not solve_map(drawn(1, mode=mode)).floored


@pytest.mark.parametrize("noise", [3e-4, 1e-5])
def test_a_load_that_is_nearly_met_settles_beyond_the_rounding_of_its_sums(noise):
    """The squares left are a billionth of the load's: their difference from the sums alone is blurred."""
    problem = drawn(516068, n_rows=150, n_bends=14, noise=noise)
    found = solve_map(problem)
    assert stationarity_gap(problem, found) < 1e-5
    assert found.n_rounds < 300


def test_columns_that_say_the_same_share_their_effect():
    """Twice the same column: the two priors share it alike, with no noise at all and with some."""
    for noise in (0.0, 0.05):
        one = drawn(4, noise=noise, n_bends=0)
        twice = MapProblem(
            trend="linear",
            time=one.time,
            load=one.load,
            design=np.column_stack((one.design, one.design[:, 0])),
            prior_scales=np.append(one.prior_scales, one.prior_scales[0]),
        )
        found = solve_map(twice)
        assert found.beta[4] == pytest.approx(found.beta[0], abs=1e-6)
        assert found.beta[0] + found.beta[4] == pytest.approx(solve_map(one).beta[0], abs=1e-4)


def test_many_changes_of_slope_stay_exactly_straight():
    """The Laplace prior sets changes to 0, not nearly so."""
    found = solve_map(drawn(5, n_rows=400, n_bends=25))
    assert 0 < np.count_nonzero(found.delta) < 25


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("load", np.array([1.0, np.nan, 0.0])),
        ("design", np.array([[1.0], [np.inf], [0.0]])),
        ("prior_scales", np.array([0.0])),
        ("weights", np.array([1.0, -1.0, 0.0])),
        ("weights", np.zeros(3)),
        ("weights", np.ones(4)),
        ("tau", 0.0),
        ("changepoints", np.array([0.5, 0.2])),
        ("multiplicative", np.array([True, False])),
    ],
)
def test_what_means_nothing_is_refused_by_its_field(field, value):
    sound = {
        "trend": "linear",
        "time": np.linspace(0, 1, 3),
        "load": np.array([1.0, 0.5, 0.7]),
        "design": np.ones((3, 1)),
        "prior_scales": np.ones(1),
    }
    MapProblem(**sound)
    with pytest.raises(InvalidFieldError, match=field):
        MapProblem(**(sound | {field: value}))
