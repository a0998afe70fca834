import numpy as np
import pytest

from domain.errors import InvalidFieldError
from forecasting.calibration import PastPeaks


def peaks(errors_kw: np.ndarray, kinds: np.ndarray | None = None, delay: int = 0) -> PastPeaks:
    kinds = np.zeros(errors_kw.size, int) if kinds is None else kinds
    return PastPeaks(errors_kw=errors_kw, kinds=kinds, delay=delay, independent_count=float(errors_kw.size))


def test_peaks_of_one_kind_get_their_order_statistics():
    """Nineteen errors: ranks 2, 10 and 18 of 20 at 10, 50 and 90 %, whatever their centre and spread."""
    errors_kw = np.random.default_rng(8).permutation(np.arange(1.0, 20.0) ** 2)
    assert peaks(errors_kw).quantiles_kw(0, (0.1, 0.5, 0.9), gamma=0.0) == pytest.approx([4.0, 100.0, 324.0])


def test_rare_days_share_the_tail_of_all_after_scaling():
    """Sundays spread a tenth as much as other days; six of them still get a tail."""
    random = np.random.default_rng(12)
    kinds = np.array([0] * 60 + [2] * 6)
    errors_kw = np.where(kinds == 2, 50.0, 0.0) + random.normal(size=66) * np.where(kinds == 2, 1.0, 10.0)
    workday, sunday = (np.ptp(peaks(errors_kw, kinds).quantiles_kw(kind, (0.05, 0.95), gamma=0.0)) for kind in (0, 2))
    assert 25 < workday < 42  # +-1.645 sigma is 33 kW
    assert 3.3 < sunday < workday
    assert 48 < float(peaks(errors_kw, kinds).quantiles_kw(2, (0.5,), gamma=0.0)[0]) < 52


@pytest.mark.parametrize(("level", "least", "most"), [(0.8, 0.76, 0.84), (0.95, 0.93, 0.975)])
def test_coverage_of_skewed_peaks(level, least, most):
    random = np.random.default_rng(21)
    low, high = (1 - level) / 2, (1 + level) / 2
    held = 0
    for _ in range(600):
        errors_kw = random.gumbel(size=61)
        under, over = peaks(errors_kw[:60]).quantiles_kw(0, (low, high))
        held += under <= errors_kw[60] <= over
    assert least < held / 600 < most


def test_a_delay_hides_the_newest_peaks_from_past_forecasts():
    errors_kw = np.random.default_rng(1).normal(size=12)
    changed_kw = errors_kw.copy()
    changed_kw[8:11] = 9e9
    assert peaks(errors_kw, delay=3)._ranks()[11] == peaks(changed_kw, delay=3)._ranks()[11]
    assert peaks(errors_kw, delay=2)._ranks()[11] != peaks(changed_kw, delay=2)._ranks()[11]


def test_peaks_that_never_erred_give_no_spread():
    assert peaks(np.full(20, 3.0)).quantiles_kw(0, (0.1, 0.9)) == pytest.approx([3.0, 3.0], abs=1e-6)


def test_degenerate_peaks_are_refused_by_name():
    with pytest.raises(InvalidFieldError, match="errors_kw"):
        peaks(np.empty(0))
    with pytest.raises(InvalidFieldError, match="errors_kw"):
        peaks(np.array([np.nan]))
    with pytest.raises(InvalidFieldError, match="kinds"):
        peaks(np.zeros(3), np.zeros(2, int))
    with pytest.raises(InvalidFieldError, match="delay"):
        peaks(np.zeros(3), delay=-1)
