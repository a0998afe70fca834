import numpy as np
import pytest

from domain.errors import InvalidFieldError
from forecasting.calibration import GAMMA, PastDays, adapted_level
from forecasting.calibration.adaptive import LEAST_LEVEL

PROMISED = 0.9


def test_one_missed_day_moves_the_level_by_gamma():
    """Ranks of 1 are never held: + 0.05 (0.9 - 0); ranks of 0 always: + 0.05 (0.9 - 1)."""
    assert adapted_level(np.ones((1, 4)), PROMISED) == pytest.approx(0.945)
    assert adapted_level(np.zeros((1, 4)), PROMISED) == pytest.approx(0.895)
    assert adapted_level(np.array([[0.5, 0.95, np.nan]]), PROMISED) == pytest.approx(0.9 + 0.05 * 0.4)


def test_days_of_which_nothing_is_known_move_nothing():
    assert adapted_level(np.full((9, 3), np.nan), PROMISED) == PROMISED


@pytest.mark.parametrize("promised", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("seed", range(6))
def test_the_long_run_promise_holds_for_drifting_errors(promised, seed):
    """Gibbs and Candes 2021, prop. 4.1: |mean coverage - promise| <= (1 + gamma) / (gamma T)."""
    power = np.where(np.arange(400) < 150, 0.6, 1.6)[:, None]
    ranks = np.random.default_rng(seed).random((400, 50)) ** power
    levels = [promised] + [adapted_level(ranks[: day + 1], promised) for day in range(400)]
    assert LEAST_LEVEL < min(levels) < max(levels) < 1 - LEAST_LEVEL
    held = float(np.mean(ranks <= np.array(levels[:-1])[:, None]))
    assert abs(held - promised) <= (1 + GAMMA) / (GAMMA * 400)
    assert abs(float(np.mean(ranks[150:] <= promised)) - promised) > 0.08  # a level that stays is far off


def coverage_after_doubling(gamma: float) -> float:
    """Noise doubles on day 100 of 160; how often the 80 % band holds over the last 40 days, 60 runs."""
    random = np.random.default_rng(11)
    held = []
    for _ in range(60):
        errors_kw = random.normal(size=(160, 6)) * np.where(np.arange(160) < 100, 1.0, 2.0)[:, None]
        for day in range(120, 160, 8):
            past = PastDays(errors_kw=errors_kw[:day], kinds=np.zeros(day, int), numbers=np.arange(day), lead_days=1)
            low, high = past.quantiles_kw(0, (0.1, 0.9), gamma=gamma)
            held.append(((low <= errors_kw[day]) & (errors_kw[day] <= high)).mean())
    return float(np.mean(held))


def test_drift_is_caught_up_with():
    """Without adapting, the band of a mix that is two thirds old noise covers well below 80 %."""
    assert coverage_after_doubling(0.0) < 0.70
    assert 0.77 < coverage_after_doubling(GAMMA) < 0.86


def test_shares_outside_are_refused_by_name():
    with pytest.raises(InvalidFieldError, match="level"):
        adapted_level(np.zeros((1, 1)), 1.5)
