from datetime import date

import numpy as np
import pytest

from forecasting.clock import WallClock
from forecasting.design import DayType
from forecasting.past_origins import LEAST_TRAINING, MOST_ORIGINS, PastOrigins, _SlidingShapes, past_origins
from forecasting.prophet_model import fit_shapes

SLOTS = 24


def week_kinds(n_days: int) -> np.ndarray:
    week = [DayType.WORKDAY] * 5 + [DayType.SATURDAY, DayType.REST]
    return np.repeat(np.resize(np.array(week, dtype=np.int64), n_days), SLOTS)


def smooth_kw(n_slots: int, kinds: np.ndarray) -> np.ndarray:
    """A day of three harmonics at most, higher on working days: within reach of the Fourier series."""
    angle = 2 * np.pi * (np.arange(n_slots) % SLOTS + 0.5) / SLOTS
    return 100 + np.where(kinds == 0, 50.0, 5.0) * (1 + np.sin(angle) + 0.3 * np.cos(3 * angle))


def origins(load_kw: np.ndarray, kinds: np.ndarray, plan_kw: np.ndarray | None = None) -> PastOrigins:
    return past_origins(load_kw=load_kw, slot_types=kinds, plan_kw=plan_kw, day_slots=SLOTS, window_blocks=91)


@pytest.mark.parametrize("extra_slots", [0, 12])
def test_a_load_that_repeats_is_never_missed(extra_slots):
    """Issued at midnight and at noon."""
    kinds = week_kinds(81)[: 80 * SLOTS + extra_slots]
    load_kw = smooth_kw(kinds.size, kinds)
    found = origins(load_kw, kinds)
    for lead in (1, 7):
        errors_kw = found.errors_kw(lead)
        known = np.isfinite(errors_kw)
        assert known.sum() == (80 - found.first_origin - lead + 1) * SLOTS
        assert np.abs(errors_kw[known]).max() < 0.01


def test_the_shapes_are_prophets_own():
    """The refit's normal equations against Prophet's fit of the same four weeks, to 0.5 % of the largest load."""
    kinds = week_kinds(35)
    load_kw = smooth_kw(kinds.size, kinds) + np.random.default_rng(5).normal(0, 8, kinds.size)
    left_kw = _SlidingShapes.of(load_kw, kinds, None, SLOTS, 0).residuals_kw(0, 28)
    clock = WallClock(zone="Europe/Berlin", first_day=date(2024, 8, 5), step_min=60)
    stamps = clock.middles(np.arange(kinds.size))
    learned = 28 * SLOTS
    shapes = fit_shapes(
        meter_id="m",
        stamps=stamps[:learned],
        load_kw=load_kw[:learned],
        types=kinds[:learned],
        plan_kw=None,
        day_slots=SLOTS,
        seed=1,
    )
    assert load_kw - left_kw == pytest.approx(shapes.expected_kw(stamps, kinds), abs=0.005 * load_kw.max())


def test_an_error_knows_nothing_of_its_own_day_or_later():
    kinds = week_kinds(70)
    load_kw = smooth_kw(kinds.size, kinds) + np.random.default_rng(7).normal(0, 5, kinds.size)
    poisoned_kw = load_kw.copy()
    poisoned_kw[60 * SLOTS :] = 9e9
    clean, poisoned = (origins(one, kinds).errors_kw for one in (load_kw, poisoned_kw))
    for lead in (1, 3, 7):
        assert np.array_equal(clean(lead)[: 60 * SLOTS], poisoned(lead)[: 60 * SLOTS], equal_nan=True)
        said = poisoned_kw[60 * SLOTS : 61 * SLOTS] - poisoned(lead)[60 * SLOTS : 61 * SLOTS]
        assert said == pytest.approx(load_kw[60 * SLOTS : 61 * SLOTS] - clean(lead)[60 * SLOTS : 61 * SLOTS], abs=1e-3)


def test_the_plans_load_is_learned_as_a_regressor():
    random = np.random.default_rng(3)
    kinds = week_kinds(80)
    plan_kw = np.repeat(random.uniform(0, 100, 80 * 3), 8)
    load_kw = smooth_kw(kinds.size, kinds) + 0.8 * plan_kw
    with_plan, without = (origins(load_kw, kinds, one).errors_kw(1) for one in (plan_kw, None))
    assert np.nanmax(np.abs(with_plan)) < 0.1
    assert np.nanmean(np.abs(without)) > 10


def test_as_many_days_as_there_are_and_no_more_are_judged():
    for n_days, first in ((21, LEAST_TRAINING), (50, 22), (70, 28), (200, 200 - MOST_ORIGINS)):
        kinds = week_kinds(n_days)
        assert origins(smooth_kw(kinds.size, kinds), kinds).first_origin == first


def test_far_leads_are_judged_by_their_weeks_last_day():
    kinds = week_kinds(200)
    far = origins(smooth_kw(kinds.size, kinds), kinds)
    assert [far.judged_lead(lead) for lead in (1, 7, 8, 14, 15, 28, 45)] == [1, 7, 14, 14, 21, 28, 28]
    kinds = week_kinds(40)
    assert origins(smooth_kw(kinds.size, kinds), kinds).judged_lead(20) == 14


def test_holes_stay_holes_and_a_kind_never_seen_is_the_mean_day():
    kinds = week_kinds(70)
    kinds[: 50 * SLOTS][kinds[: 50 * SLOTS] == DayType.SATURDAY] = DayType.REST
    load_kw = smooth_kw(kinds.size, kinds)
    load_kw[60 * SLOTS : 60 * SLOTS + 5] = np.nan
    errors_kw = origins(load_kw, kinds).errors_kw(1)
    assert np.isnan(errors_kw[60 * SLOTS : 60 * SLOTS + 5]).all()
    assert np.isfinite(errors_kw[60 * SLOTS + 5 : 70 * SLOTS]).all()


def test_nothing_known_before_gives_no_errors():
    kinds = week_kinds(30)
    load_kw = np.full(kinds.size, np.nan)
    load_kw[-SLOTS:] = 5.0
    assert np.isnan(origins(load_kw, kinds).errors_kw(1)).all()
