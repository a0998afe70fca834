"""Segments of customers made to be alike."""

import random
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist, squareform

from forecasting.patterns.segments import LoadFeatures, TooFewCustomersError, features_of, segment, silhouette
from tests.pattern_cases import by_shift, meter_of, seen


def customers(seed: int) -> dict[str, LoadFeatures]:
    """Ten day-shift plants and six that run round the clock, each a little different."""
    noise = np.random.default_rng(seed)

    def made(base: tuple[float, ...]) -> LoadFeatures:
        night, evening, rest, saturday, day, month, always = np.array(base) + noise.uniform(-0.03, 0.03, 7)
        return LoadFeatures(
            night_share=night,
            evening_share=evening,
            rest_share=rest,
            saturday_share=saturday,
            day_factor_share=day,
            month_factor_share=month,
            base_share=always,
        )

    day = {f"day{n}": made((0.3, 0.5, 0.2, 0.3, 0.5, 0.3, 0.2)) for n in range(10)}
    round_the_clock = {f"round{n}": made((1.0, 1.0, 1.0, 1.0, 0.9, 0.85, 0.9)) for n in range(6)}
    return day | round_the_clock


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_two_kinds_of_plants_are_told_apart_in_any_order(seed):
    plants = customers(seed)
    found = segment(plants)
    assert [set(one.members) for one in found.segments[:1]] == [{f"day{n}" for n in range(10)}]
    assert {name for one in found.segments[1:] for name in one.members} == {f"round{n}" for n in range(6)}
    names = list(plants)
    random.Random(seed).shuffle(names)
    assert segment({name: plants[name] for name in names}) == found


def test_they_are_named_by_what_they_show():
    found = segment(customers(1))
    assert found.segments[0].name.en == "day-shift, weekday, peaky"
    assert found.segments[1].name.en == "round the clock, all week, even"
    assert found.segments[1].name.zh == "全天连续、全周、平稳"
    assert found.silhouette_share > 0.5


def test_the_silhouette_by_hand():
    """0 and 1 against 10: (a, b) = (1, 10), (1, 9), and the one alone counts 0."""
    distances = squareform(pdist(np.array([[0.0], [1.0], [10.0]])))
    assert silhouette(distances, np.array([1, 1, 2])) == pytest.approx((9 / 10 + 8 / 9 + 0) / 3)


def test_the_features_of_a_day_shift():
    """4400 kWh on a working day, 2400 on others; 100 of 300 kW always on."""
    features = features_of(seen(meter_of()))
    mean = 4400 / 24
    assert features.night_share == pytest.approx(100 / mean)
    assert features.evening_share == pytest.approx(100 / mean)
    assert features.rest_share == features.saturday_share == pytest.approx(2400 / 4400)
    assert features.base_share == pytest.approx(1 / 3)


def test_size_is_no_feature():
    def twice(at: datetime) -> float:
        return 2 * by_shift(at)

    assert features_of(seen(meter_of(twice))) == features_of(seen(meter_of()))


def test_three_customers_are_no_segments():
    with pytest.raises(TooFewCustomersError):
        segment({name: features_of(seen(meter_of())) for name in "abc"})


def test_customers_all_alike_are_one_segment():
    alike = features_of(seen(meter_of()))
    found = segment(dict.fromkeys("abcdef", alike))
    assert sorted(name for one in found.segments for name in one.members) == list("abcdef")
    assert found.silhouette_share == 0.0
