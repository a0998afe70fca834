"""Scores by hand, and what must hold of any forecast."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from domain.metering import LoadForecast
from domain.time import TimeGrid
from forecasting.backtest.errors import NothingScoredError
from forecasting.backtest.origins import Origin
from forecasting.backtest.runner import Answer, Backtest
from forecasting.backtest.scores import coverage_share, mae_kw, pinball_kw, score, wape_share
from forecasting.errors import NoUsableDataError

ACTUAL = np.array([10.0, 20.0, 30.0, 40.0])
SAID = np.array([12.0, 17.0, 30.0, 45.0])
LEVELS = (0.05, 0.1, 0.5, 0.9, 0.95)
MIDNIGHT = datetime(2024, 6, 3, tzinfo=UTC)
loads = arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1e5))


def test_by_hand():
    # Errors 2, 3, 0, 5.
    assert mae_kw(ACTUAL, SAID) == 2.5
    assert wape_share(ACTUAL, SAID) == 0.1
    # At 0.9: forecast too high costs 0.1 a kW, too low 0.9: 0.2 + 2.7 + 0 + 0.5 over four.
    assert pinball_kw(ACTUAL, SAID, 0.9) == pytest.approx(0.85)
    assert pinball_kw(ACTUAL, SAID, 0.1) == pytest.approx((1.8 + 0.3 + 0 + 4.5) / 4)
    assert coverage_share(ACTUAL, np.array([10.0, 21, 29, 0]), np.array([11.0, 30, 30, 39])) == 0.5


def test_what_was_not_measured_does_not_count():
    holed = np.array([10.0, np.nan, 30.0, 40.0])
    assert mae_kw(holed, SAID) == pytest.approx(7 / 3)
    assert wape_share(holed, SAID) == pytest.approx(7 / 80)
    assert coverage_share(holed, SAID - 3, SAID + 3) == pytest.approx(2 / 3)


def test_a_share_of_no_load_is_infinite_unless_there_is_no_error():
    assert wape_share(np.zeros(4), SAID) == float("inf")
    assert wape_share(np.zeros(4), np.zeros(4)) == 0.0


@given(loads)
def test_a_perfect_forecast_scores_zero(actual_kw):
    assert mae_kw(actual_kw, actual_kw) == 0
    assert wape_share(actual_kw, actual_kw) == 0
    assert all(pinball_kw(actual_kw, actual_kw, level) == 0 for level in LEVELS)
    assert coverage_share(actual_kw, actual_kw, actual_kw) == 1


@given(loads, st.floats(-1e4, 1e4))
def test_pinball_of_the_median_is_half_the_absolute_error(actual_kw, off_kw):
    said_kw = actual_kw + off_kw
    assert pinball_kw(actual_kw, said_kw, 0.5) == pytest.approx(mae_kw(actual_kw, said_kw) / 2)


@given(loads, st.floats(0.01, 0.99))
def test_no_constant_has_a_smaller_quantile_loss_than_the_quantile(actual_kw, level):
    best_kw = np.quantile(actual_kw, level, method="inverted_cdf")
    least = pinball_kw(actual_kw, np.full(actual_kw.size, best_kw), level)
    for other_kw in actual_kw:
        assert least <= pinball_kw(actual_kw, np.full(actual_kw.size, other_kw), level) + 1e-7


def said_at(place: int, median_kw: np.ndarray, *, half_kw: float, samples_kw: np.ndarray | None = None) -> Answer:
    grid = TimeGrid(start=MIDNIGHT, step_min=60, n_steps=48).part(24 * place, 24 * (place + 1))
    spread = np.array([-2, -1, 0, 1, 2])[:, None] * half_kw
    return Answer(
        forecast=LoadForecast(
            grid=grid,
            quantile_levels=LEVELS,
            quantiles_kw=median_kw + spread,
            samples_kw=median_kw[None] if samples_kw is None else samples_kw,
            issued_at=grid.start,
            data_until=grid.start,
            model="by hand",
            versions={},
            seed=0,
        )
    )


def two_days(answers: dict[str, tuple[Answer, Answer]], actual_kw: tuple[np.ndarray, np.ndarray]) -> Backtest:
    grid = TimeGrid(start=MIDNIGHT, step_min=60, n_steps=48)
    origins = tuple(Origin(issued_at=part.start, horizon=part) for part in (grid.part(0, 24), grid.part(24, 48)))
    return Backtest(
        meter_id="two days",
        zone="UTC",
        origins=origins,
        actual_kw=actual_kw,
        scale_kw=np.array([10.0, 40.0]),
        answers=answers,
    )


FLAT = np.full(24, 100.0)


def test_a_whole_score_by_hand():
    """Day one is missed by 5 kW everywhere, day two by 20 kW; the bands are ±8 (80 %) and ±16 kW (90 %)."""
    tested = two_days({"own": (said_at(0, FLAT, half_kw=8), said_at(1, FLAT, half_kw=8))}, (FLAT + 5, FLAT - 20))
    one = score(tested, "own")
    assert one.n_origins == 2
    assert one.n_steps == 48
    assert one.mae_kw == 12.5
    assert one.wape_share == pytest.approx(25 / 185)
    assert one.mase == pytest.approx((5 / 10 + 20 / 40) / 2)
    assert one.coverage_share == {"80": 0.5, "90": 0.5}
    assert one.width_kw == {"80": 16, "90": 32}
    assert one.pinball_kw["0.5"] == pytest.approx(6.25)
    # P95 = 116: day one 11 kW above at 0.05 a kW, day two 36 kW.
    assert one.pinball_kw["0.95"] == pytest.approx((0.05 * 11 + 0.05 * 36) / 2)
    assert one.mean_pinball_kw == pytest.approx(sum(one.pinball_kw.values()) / 5)
    assert one.peak.mae_kw == 12.5
    assert one.peak.bias_kw == 7.5
    assert one.peak.mae_share == pytest.approx(12.5 / 92.5)
    assert one.peak.coverage_share is None


def test_peaks_of_samples_by_hand():
    """Samples peak at 101 … 140 kW in different hours: P10 104.9, P50 120.5, P90 136.1."""
    samples_kw = np.full((40, 24), 100.0)
    for place in range(40):
        samples_kw[place, place % 24] = 101.0 + place
    answer = [said_at(day, FLAT, half_kw=8, samples_kw=samples_kw) for day in (0, 1)]
    first, second = FLAT.copy(), FLAT.copy()
    first[7], second[9] = 120.0, 137.0
    one = score(two_days({"own": (answer[0], answer[1])}, (first, second)), "own").peak
    assert one.mae_kw == pytest.approx((0.5 + 16.5) / 2)
    assert one.bias_kw == pytest.approx((0.5 - 16.5) / 2)
    assert one.coverage_share == 0.5
    assert one.above_share == 0.5


def test_a_day_with_much_unmeasured_has_no_known_peak():
    holed = FLAT + 5
    holed[:6] = np.nan
    tested = two_days({"own": (said_at(0, FLAT, half_kw=8), said_at(1, FLAT, half_kw=8))}, (holed, FLAT))
    assert score(tested, "own").peak.n_days == 1


def test_all_are_judged_on_what_all_answered():
    refused = Answer(forecast=None, refusal=NoUsableDataError(meter_id="x", issued_at="now"))
    tested = two_days(
        {
            "own": (said_at(0, FLAT, half_kw=8), said_at(1, FLAT, half_kw=8)),
            "other": (refused, said_at(1, FLAT, half_kw=8)),
        },
        (FLAT + 5, FLAT - 20),
    )
    own, other = score(tested, "own"), score(tested, "other")
    assert (own.n_origins, own.n_refused, own.mae_kw) == (1, 0, 20)
    assert (other.n_origins, other.n_refused, other.mae_kw) == (1, 1, 20)


def test_nothing_to_score_is_refused_with_the_first_reason():
    refused = Answer(forecast=None, refusal=NoUsableDataError(meter_id="x", issued_at="now"))
    tested = two_days({"own": (refused, refused)}, (FLAT, FLAT))
    with pytest.raises(NothingScoredError, match="no measured value before now"):
        score(tested, "own")


def test_a_history_that_never_moved_has_no_mase():
    tested = two_days({"own": (said_at(0, FLAT, half_kw=8), said_at(1, FLAT, half_kw=8))}, (FLAT, FLAT))
    tested.scale_kw[0] = 0.0
    assert score(tested, "own").mase is None
