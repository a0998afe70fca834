import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from forecasting.calibration import courses_with_peaks
from forecasting.calibration.shaping import LEAST_SCALE, MOST_SCALE

MEAN_KW = 100 + 50 * np.sin(np.linspace(0, np.pi, 24))
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def blocks(seed: int = 0, n_courses: int = 40) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(0, 8, (n_courses, 1)) + np.cumsum(random.normal(0, 2, (n_courses, 24)), axis=1)


def test_peaks_are_as_asked_in_the_order_of_the_courses():
    peaks_kw = (120.0, 140.0, 150.0, 165.0, 190.0)
    found_kw = (MEAN_KW + courses_with_peaks(MEAN_KW, blocks(), LEVELS, peaks_kw)).max(axis=1)
    asked_kw = np.interp((np.arange(40) + 0.5) / 40, LEVELS, peaks_kw)
    assert np.sort(found_kw) == pytest.approx(asked_kw)
    before = np.argsort((MEAN_KW + blocks()).max(axis=1), kind="stable")
    assert found_kw[before] == pytest.approx(asked_kw)


@given(st.integers(0, 200), st.floats(-40, 60), st.floats(0, 80))
def test_each_error_is_a_past_days_scaled_and_shifted(seed, low_kw, wide_kw):
    errors_kw = blocks(seed, 10)
    peaks_kw = 150 + low_kw + wide_kw * np.array(LEVELS)
    shaped_kw = courses_with_peaks(MEAN_KW, errors_kw, LEVELS, peaks_kw)
    for past, made in zip(errors_kw, shaped_kw, strict=True):
        scale, shift = np.polyfit(past, made, 1)
        assert made == pytest.approx(scale * past + shift, abs=1e-6)
        assert LEAST_SCALE - 1e-6 <= scale <= MOST_SCALE + 1e-6


def test_where_scaling_suffices_nothing_is_shifted():
    """One block of +10 kW at the peak: 160 asked for is a scale of 1, 165 of 1.5; 0 kW at the day's ends stays 0."""
    block_kw = np.zeros((1, 24))
    block_kw[0, 11:13] = 10.0
    top_kw = MEAN_KW[11]
    shaped_kw = courses_with_peaks(MEAN_KW, block_kw, (0.4, 0.6), (top_kw + 15, top_kw + 15))
    assert shaped_kw[0] == pytest.approx(1.5 * block_kw[0], abs=1e-6)


def test_errors_that_already_fit_stay():
    errors_kw = blocks()
    peaks_kw = np.sort((MEAN_KW + errors_kw).max(axis=1))
    levels = (np.arange(40) + 0.5) / 40
    assert courses_with_peaks(MEAN_KW, errors_kw, levels, peaks_kw) == pytest.approx(errors_kw, abs=1e-6)


def test_a_day_without_errors_is_moved_to_its_peak():
    shaped_kw = courses_with_peaks(MEAN_KW, np.zeros((4, 24)), (0.1, 0.9), (160.0, 160.0))
    assert (MEAN_KW + shaped_kw).max(axis=1) == pytest.approx(np.full(4, 160.0))


@pytest.mark.parametrize(("levels", "peaks_kw"), [((0.1, 0.9), (5.0, 4.0)), ((0.9, 0.1), (4.0, 5.0)), ((0.5,), (1, 2))])
def test_peaks_that_fall_are_refused_by_name(levels, peaks_kw):
    with pytest.raises(InvalidFieldError, match="peaks_kw"):
        courses_with_peaks(MEAN_KW, blocks(), levels, peaks_kw)
