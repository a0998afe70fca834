import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from domain.errors import InvalidFieldError
from forecasting.calibration import conformal_quantile

FINITE = st.floats(-1e6, 1e6)


def test_ranks_are_those_of_n_plus_one():
    """Nine errors: the eighth smallest is exceeded by a tenth one with probability 2 / 10, exactly."""
    errors_kw = np.array([9.0, 1, 8, 2, 7, 3, 6, 4, 5])
    assert conformal_quantile(errors_kw, (0.1, 0.2, 0.5, 0.8, 0.9)) == pytest.approx([1, 2, 5, 8, 9])


def test_between_ranks_runs_a_straight_line():
    assert conformal_quantile([0.0, 10.0, 20.0], (0.375,)) == pytest.approx([5.0])


@pytest.mark.parametrize("draw", ["normal", "exponential", "standard_cauchy"])
def test_coverage_is_exact_for_any_distribution(draw):
    """The split-conformal guarantee k / (n + 1) at n = 19, checked on 40 000 draws (3 standard errors)."""
    random = np.random.default_rng(3)
    drawn = getattr(random, draw)(size=(20, 40_000))
    for level in (0.05, 0.1, 0.5, 0.9, 0.95):
        (bound,) = conformal_quantile(drawn[:19], (level,))
        held = float((drawn[19] <= bound).mean())
        assert abs(held - level) < 3 * np.sqrt(level * (1 - level) / 40_000)


def test_beyond_the_largest_error_the_bound_goes_on():
    """Four errors vouch for 4/5: at 0.95 the tail goes on by beta ln(0.2 / 0.05); beta = mean(0.5, 1.5)."""
    top, low = conformal_quantile([1.0, 2, 3, 4], (0.95, 0.05))[[0, 1]]
    assert top == pytest.approx(4 + np.log(4))
    assert low == pytest.approx(1 - np.log(4))


def test_for_exponential_errors_the_continued_tail_covers():
    random = np.random.default_rng(5)
    drawn = random.exponential(size=(11, 20_000))
    (bound,) = conformal_quantile(drawn[:10], (0.975,))
    assert 0.955 < float((drawn[10] <= bound).mean()) < 0.985


def test_dependent_errors_count_for_less():
    """Rank 0.85 (9 + 1) = 8.5 of nine days is 7.5 kW; of ninety it is within the eighth day's 7 kW."""
    errors_kw = np.repeat(np.arange(9.0), 10)
    every, by_day = (conformal_quantile(errors_kw, (0.85,), independent_count=n)[0] for n in (90.0, 9.0))
    assert every == pytest.approx(7.0)
    assert by_day == pytest.approx(7.5)


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=FINITE), st.integers(1, 40))
def test_bounds_never_cross(errors_kw, independent):
    levels = tuple(np.linspace(0.01, 0.99, 25).tolist())
    bounds = conformal_quantile(errors_kw, levels, independent_count=float(independent))
    assert (np.diff(bounds) >= -1e-6).all()


@pytest.mark.parametrize("errors_kw", [[], [1.0, np.nan], [np.inf], 3.0])
def test_no_errors_and_holes_are_refused_by_name(errors_kw):
    with pytest.raises(InvalidFieldError, match="errors_kw"):
        conformal_quantile(errors_kw, (0.5,))


@pytest.mark.parametrize("levels", [(), (0.0,), (1.0,), (0.5, 1.2)])
def test_levels_outside_are_refused_by_name(levels):
    with pytest.raises(InvalidFieldError, match="levels"):
        conformal_quantile([1.0, 2.0], levels)
