import numpy as np
import pytest

from forecasting.design import DayType
from forecasting.sampling import (
    BORROWED,
    UNTESTED,
    DayAsked,
    ErrorDays,
    calibrated_day,
    days_asked,
    period_peak_errors_kw,
    usual_errors_kw,
)

SLOTS = 24
TYPES = np.array(([0] * 5 + [1, 2]) * 6)
LEVELS = (0.1, 0.5, 0.9)


def ladder_kw() -> np.ndarray:
    """Day n, slot j: n + j / 100, so that each value tells where it comes from."""
    return (np.arange(42.0)[:, None] + np.arange(SLOTS) / 100).ravel()


def noise_kw(seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.normal(0, 5, (42, 1)) + random.normal(0, 2, (42, SLOTS))).ravel()


def past(errors_kw: np.ndarray, by_lead: float = 1000.0) -> ErrorDays:
    return ErrorDays(
        load_kw=np.full(42 * SLOTS, 500.0),
        errors_kw=lambda lead: errors_kw + by_lead * lead,
        fitted_kw=lambda lead: noise_kw(9) + 0.0 * lead,
        types=TYPES,
        day_slots=SLOTS,
    )


def asked(kind: DayType = DayType.WORKDAY, lead: int = 1, slots: range = range(SLOTS)) -> DayAsked:
    return DayAsked(
        first=0, stop=len(slots), kind=int(kind), slots_of_day=np.array(slots), leads=np.full(len(slots), lead)
    )


def test_a_horizon_splits_into_local_days():
    slots = np.arange(42 * SLOTS + 6, 44 * SLOTS + 3)
    first, second, third = days_asked(slots, slots // SLOTS % 3, slots // SLOTS - 41, SLOTS)
    assert [(one.first, one.stop) for one in (first, second, third)] == [(0, 18), (18, 42), (42, 45)]
    assert first.slots_of_day.tolist() == list(range(6, 24))
    assert [one.kind for one in (first, second, third)] == [0, 1, 2]
    assert third.leads.tolist() == [3, 3, 3]


def test_each_slot_takes_the_errors_of_its_own_lead():
    day = DayAsked(first=0, stop=4, kind=0, slots_of_day=np.array([10, 11, 12, 13]), leads=np.array([1, 1, 2, 2]))
    errors_kw, days, tested = past(ladder_kw()).lent_to(day)
    assert tested
    assert days.size == 42
    assert errors_kw[5] == pytest.approx([1005.10, 1005.11, 2005.12, 2005.13])


def test_days_with_a_quarter_missing_lend_nothing_and_small_holes_are_bridged():
    errors_kw = ladder_kw()
    errors_kw[5 * SLOTS : 5 * SLOTS + 7] = np.nan
    errors_kw[12 * SLOTS + 3] = np.nan
    lent_kw, days, _ = past(errors_kw).lent_to(asked())
    assert 5 not in days
    assert lent_kw[days.tolist().index(12), 3] == pytest.approx(1012.03)


def test_a_lead_without_errors_borrows_a_shorter_ones_widened():
    def errors_kw(lead: int) -> np.ndarray:
        return noise_kw() if lead <= 3 else np.full(42 * SLOTS, np.nan)

    days = ErrorDays(
        load_kw=ladder_kw(),
        errors_kw=errors_kw,
        fitted_kw=lambda lead: noise_kw(9) + 0.0 * lead,
        types=TYPES,
        day_slots=SLOTS,
    )
    lent_kw, _, tested = days.lent_to(asked(lead=9))
    assert not tested
    assert lent_kw == pytest.approx(BORROWED * noise_kw().reshape(42, SLOTS))


def test_without_any_error_the_residuals_stand_in_widened_more():
    lent_kw, _, tested = past(np.full(42 * SLOTS, np.nan)).lent_to(asked())
    assert not tested
    assert lent_kw == pytest.approx(UNTESTED * noise_kw(9).reshape(42, SLOTS))


def test_scattered_residuals_still_lend():
    scattered_kw = np.full(42 * SLOTS, np.nan)
    scattered_kw[:: SLOTS * 3] = 7.0
    days = ErrorDays(
        load_kw=ladder_kw(),
        errors_kw=lambda lead: np.full(42 * SLOTS, np.nan * lead),
        fitted_kw=lambda lead: scattered_kw + 0.0 * lead,
        types=TYPES,
        day_slots=SLOTS,
    )
    lent_kw, numbers, _ = days.lent_to(asked())
    assert numbers.tolist() == list(range(0, 42, 3))
    assert np.unique(lent_kw) == pytest.approx([UNTESTED * 7.0])


@pytest.mark.parametrize("kind", DayType)
def test_a_sampled_day_is_one_whole_past_day_of_its_kind_scaled_and_shifted(kind):
    errors_kw = noise_kw()
    mean_kw = 500 + 40 * np.sin(np.arange(SLOTS))
    found = calibrated_day(past(errors_kw, 0.0), asked(kind), LEVELS)
    drawn_kw = found.samples_kw(mean_kw, 60, np.random.default_rng(4))
    own_kw = errors_kw.reshape(42, SLOTS)[kind == TYPES]
    alike = np.abs(np.corrcoef(drawn_kw, own_kw)[:60, 60:])
    assert alike.max(axis=1) == pytest.approx(np.ones(60))
    counts = np.bincount(alike.argmax(axis=1), minlength=len(own_kw))
    assert counts.max() - counts.min() <= 1


def test_sampled_peaks_agree_with_the_peaks_calibration():
    mean_kw = 500 + 40 * np.sin(np.arange(SLOTS))
    found = calibrated_day(past(noise_kw(), 0.0), asked(), LEVELS)
    peaks_kw = (mean_kw + found.samples_kw(mean_kw, 1000, np.random.default_rng(4))).max(axis=1)
    assert np.quantile(peaks_kw, LEVELS) == pytest.approx(found.peak_kw(mean_kw), abs=0.3)


def test_the_peaks_error_is_between_maxima_not_at_one_time():
    """Forecast peak of 100 kW an hour before the actual one of 110 kW: 10 kW off, though steps are 60 kW off."""
    actual_kw = np.full((42, SLOTS), 50.0)
    said_kw = actual_kw.copy()
    actual_kw[:, 9], said_kw[:, 8] = 110.0, 100.0
    days = ErrorDays(
        load_kw=actual_kw.ravel(),
        errors_kw=lambda lead: (actual_kw - said_kw).ravel() * min(lead, 1),
        fitted_kw=lambda lead: noise_kw() + 0.0 * lead,
        types=TYPES,
        day_slots=SLOTS,
    )
    found = calibrated_day(days, asked(), LEVELS)
    assert found.peak_kw(said_kw[0]) == pytest.approx([110.0] * 3, abs=1e-3)
    week = [asked(lead=lead) for lead in range(1, 8)]
    assert period_peak_errors_kw(days, week) == pytest.approx(np.full(36, 10.0))


def test_a_week_errs_by_its_highest_day_and_counts_only_whole_pasts():
    errors_kw = np.zeros((42, SLOTS))
    errors_kw[20, 5] = 30.0
    errors_kw[:10] = np.nan
    days = past(errors_kw.ravel(), 0.0)
    week = [asked(lead=lead) for lead in range(1, 8)]
    off_kw = period_peak_errors_kw(days, week)
    assert off_kw.size == 42 - 7 + 1 - 10
    # 500 kW throughout was measured; the forecast of 470 kW in one hour changes no maximum
    assert off_kw == pytest.approx(np.zeros(26))
    errors_kw[20] = 30.0
    errors_kw[:20] = errors_kw[21:] = np.nan
    assert period_peak_errors_kw(past(errors_kw.ravel(), 0.0), week).size == 0
    assert period_peak_errors_kw(past(errors_kw.ravel(), 0.0), [asked()]) == pytest.approx([30.0])


def test_a_stretch_longer_than_the_past_has_no_errors():
    assert period_peak_errors_kw(past(noise_kw()), [asked()] * 43).size == 0


def test_the_usual_residual_is_the_median_of_the_kind():
    residual_kw = np.arange(42.0)[:, None] + np.zeros(SLOTS)
    slots = np.arange(SLOTS)
    usual_kw = usual_errors_kw(residual_kw, slots, np.full(SLOTS, 2), TYPES)
    assert usual_kw == pytest.approx(np.full(SLOTS, 23.5))  # Sundays are days 6, 13, 20, 27, 34, 41
    empty_kw = usual_errors_kw(np.full((42, SLOTS), np.nan), slots, np.full(SLOTS, 2), TYPES)
    assert empty_kw == pytest.approx(np.zeros(SLOTS))
