import math

import numpy as np
import pytest

from forecasting.design import DayType
from forecasting.sampling import ErrorDays, error_quantiles_kw, sampled_errors_kw

SLOTS = 24
TYPES = np.array(([0] * 5 + [1, 2]) * 6)


def ladder_kw() -> np.ndarray:
    """Day n, slot j: n + j / 100, so that each value tells where it comes from."""
    return (np.arange(42.0)[:, None] + np.arange(SLOTS) / 100).ravel()


def past(errors_kw: np.ndarray | None = None) -> ErrorDays:
    kept = ladder_kw() if errors_kw is None else errors_kw
    return ErrorDays(errors_kw=lambda lead: kept + 1000 * lead, types=TYPES, day_slots=SLOTS)


def test_sources_are_the_days_of_the_kind():
    days, widening = past().sources(DayType.SATURDAY)
    assert days.tolist() == [5, 12, 19, 26, 33, 40]
    assert widening == pytest.approx(math.sqrt(7 / 5))


def test_days_with_a_quarter_missing_lend_nothing():
    errors_kw = ladder_kw()
    errors_kw[5 * SLOTS : 5 * SLOTS + 7] = np.nan
    errors_kw[12 * SLOTS : 12 * SLOTS + 6] = np.nan
    days, _ = past(errors_kw).sources(DayType.SATURDAY)
    assert days.tolist() == [12, 19, 26, 33, 40]


def test_too_few_days_of_a_kind_ask_the_other_rest_days():
    errors_kw = ladder_kw().reshape(42, SLOTS)
    errors_kw[[5, 12, 19, 26]] = np.nan
    days, _ = past(errors_kw.ravel()).sources(DayType.SATURDAY)
    assert days.tolist() == [6, 13, 20, 27, 33, 34, 40, 41]


def test_a_sampled_day_is_one_whole_past_day_of_its_kind():
    slots = np.arange(42 * SLOTS + 6, 45 * SLOTS)  # from 6 h of one day to the end of the third
    types = np.repeat([0, 0, 1], SLOTS)[6:]
    leads = np.full(slots.size, 3)
    drawn_kw = sampled_errors_kw(past(), slots=slots, leads=leads, types=types, n_samples=60, seed=4)
    assert drawn_kw.shape == (60, 66)
    for first, stop, kind in ((0, 18, 0), (18, 42, 0), (42, 66, 1)):
        _, widening = past().sources(DayType(kind))
        from_day = np.floor(drawn_kw[:, first:stop] / widening - 3000 + 1e-9)
        assert (from_day == from_day[:, :1]).all()
        assert (TYPES[from_day[:, 0].astype(int)] == kind).all()
        of_day = drawn_kw[:, first:stop] / widening - 3000 - from_day
        assert of_day == pytest.approx(np.tile(slots[first:stop] % SLOTS / 100, (60, 1)), abs=1e-6)


def test_each_past_day_is_drawn_about_equally_often():
    slots = np.arange(42 * SLOTS, 43 * SLOTS)
    drawn_kw = sampled_errors_kw(
        past(), slots=slots, leads=np.zeros(SLOTS, int), types=np.ones(SLOTS, int), n_samples=60, seed=4
    )
    _, counts = np.unique(drawn_kw[:, 0], return_counts=True)
    assert counts.tolist() == [10] * 6


def test_the_seed_decides_the_draw():
    asked = {
        "slots": np.arange(42 * SLOTS, 49 * SLOTS),
        "leads": np.ones(7 * SLOTS, int),
        "types": np.zeros(7 * SLOTS, int),
        "n_samples": 20,
    }
    first, again, other = (sampled_errors_kw(past(), **asked, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_holes_of_a_lending_day_are_bridged():
    errors_kw = ladder_kw()
    errors_kw[5 * SLOTS + 3] = np.nan
    drawn_kw = past(errors_kw).drawn_kw(np.array([5]), np.arange(SLOTS), np.zeros(SLOTS, int))
    assert drawn_kw[0, 3] == pytest.approx(5.03)


def test_quantiles_are_those_of_the_lending_days():
    slots = np.arange(42 * SLOTS, 43 * SLOTS)
    quantiles_kw = error_quantiles_kw(
        past(), slots=slots, leads=np.zeros(SLOTS, int), types=np.full(SLOTS, 2), levels=(0.2, 0.5)
    )
    # Sundays are days 6, 13, 20, 27, 34, 41: the fifth is 13, the median 23.5; sqrt(7/5) wider
    assert quantiles_kw[:, 0] == pytest.approx(np.array([13.0, 23.5]) * math.sqrt(7 / 5))


def test_no_usable_day_at_all_lends_what_little_there_is():
    errors_kw = np.full(42 * SLOTS, np.nan)
    errors_kw[:: SLOTS * 3] = 7.0
    days, widening = past(errors_kw).sources(DayType.WORKDAY)
    assert (days.size, widening) == (14, 1.0)
