import numpy as np
import pytest

from forecasting.residuals import Residuals, leads_of

N_BLOCKS, SLOTS = 70, 24


def noise(scale_kw: float = 1.0, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale_kw, (N_BLOCKS, SLOTS))


def of(blocks_kw: np.ndarray) -> Residuals:
    return Residuals.of(blocks_kw.ravel(), SLOTS)


def test_blocks_end_with_the_last_slot():
    ladder_kw = np.arange(3 * SLOTS + 7.0)
    residuals = Residuals.of(ladder_kw, SLOTS)
    assert residuals.blocks_kw.shape == (3, SLOTS)
    assert residuals.blocks_kw[0, 0] == 7
    assert residuals.blocks_kw[-1, -1] == 3 * SLOTS + 6


def test_leads_count_24_hour_blocks_from_the_end():
    assert leads_of(np.array([100, 123, 124, 147, 148]), 100, 24).tolist() == [1, 1, 2, 2, 3]


def test_a_level_that_wanders_is_followed_and_trusted_less_from_afar():
    random = np.random.default_rng(2)
    level_kw = np.zeros(N_BLOCKS)
    for block in range(1, N_BLOCKS):
        level_kw[block] = 0.8 * level_kw[block - 1] + random.normal(0, 20)
    level_kw[-1] = 60.0
    residuals = of(level_kw[:, None] + noise(2.0))
    near, far = (float(residuals.corrections_kw(lead)[-1].mean()) for lead in (1, 6))
    own_share = np.polyfit(level_kw[:-1], level_kw[1:], 1)[0]
    assert near == pytest.approx(own_share * 60, rel=0.25)
    assert abs(far) < 0.7 * near


def test_a_weekday_that_is_always_different_is_carried_to_the_same_weekday_for_weeks():
    blocks_kw = noise(2.0)
    blocks_kw[3::7] += 40.0  # block 66 is the last such; 69 is the newest
    residuals = of(blocks_kw)
    means_kw = {lead: float(residuals.corrections_kw(lead)[-1].mean()) for lead in range(1, 19)}
    assert min(means_kw[lead] for lead in (4, 11, 18)) > 22
    assert max(abs(means_kw[lead]) for lead in means_kw if lead not in {4, 11, 18}) < 15


def test_white_noise_is_hardly_corrected():
    corrections_kw = of(noise(10.0)).corrections_kw(1)[-1]
    assert np.abs(corrections_kw).mean() < 2.0


def test_beyond_the_farthest_the_same_weekday_is_lent_and_fades():
    blocks_kw = noise(2.0)
    blocks_kw[3::7] += 40.0
    residuals = of(blocks_kw)
    assert residuals.farthest == 28
    assert residuals.own_lead(28) == 28
    assert residuals.own_lead(29) == 22
    assert residuals.own_lead(45) == 24
    # 39 is the weekday of 25 two weeks on: half is left
    assert residuals.corrections_kw(39) == pytest.approx(residuals.corrections_kw(25) / 2)


def test_errors_are_the_residual_less_what_was_said_before():
    residuals = of(noise(3.0) + np.sin(np.arange(N_BLOCKS))[:, None] * 30)
    for lead in (1, 5):
        errors_kw = residuals.errors_kw(lead)
        corrections_kw = residuals.corrections_kw(lead)
        assert errors_kw[40] == pytest.approx(residuals.blocks_kw[40] - corrections_kw[40 - lead])
        assert errors_kw[:lead] == pytest.approx(residuals.blocks_kw[:lead])
        assert np.square(errors_kw).mean() < np.square(residuals.blocks_kw).mean()
    assert residuals.errors_kw(0) == pytest.approx(residuals.blocks_kw)


def test_a_correction_knows_nothing_of_later_blocks_but_its_weights():
    """Changing the newest block changes no feature of earlier ones."""
    blocks_kw = noise(3.0)
    poisoned_kw = blocks_kw.copy()
    poisoned_kw[-1] = 2.9
    before, after = of(blocks_kw), of(poisoned_kw)
    assert np.array_equal(before.features_kw[:-1], after.features_kw[:-1])
    assert np.array_equal(before.weekday_kw[:-1], after.weekday_kw[:-1])


def test_holes_leave_the_correction_finite():
    blocks_kw = noise(3.0)
    blocks_kw[-3:] = np.nan
    blocks_kw[20:30, 5:9] = np.nan
    residuals = of(blocks_kw)
    assert np.isfinite(residuals.corrections_kw(1)).all()
    assert np.isnan(residuals.errors_kw(1)[-1]).all()


def test_a_spike_says_nothing_of_tomorrow():
    blocks_kw = noise(3.0)
    blocks_kw[-1, 10] = 5_000.0
    assert abs(of(blocks_kw).corrections_kw(1)[-1, 10]) < 10


def test_too_few_blocks_to_learn_from_correct_nothing():
    residuals = Residuals.of(noise()[:6].ravel(), SLOTS)
    assert not residuals.corrections_kw(1).any()
