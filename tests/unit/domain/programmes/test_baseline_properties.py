"""What holds of every baseline, whatever the loads, and the same answers from a second, plain implementation."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue.baseline_methods import baseline_methods
from domain.metering import MeterSeries
from domain.programmes import BaselineNotPossibleError, BaselineRule, make_baseline
from domain.time import Calendar, TimeGrid, local_midnight, zone_of
from tests.programme_cases import event_of

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
PLAIN = Calendar()
PAST = tuple(method.rule for method in baseline_methods() if method.rule.method == "past_days")
UNADJUSTED = tuple(rule for rule in PAST if rule.adjustment is None and rule.pick != "nearest")
FREE = tuple(rule for rule in UNADJUSTED if rule.low_usage_share is None and rule.high_usage_share is None)
SAME_DAY = tuple(method.rule for method in baseline_methods() if method.rule.method == "same_day")
N_DAYS = 100
FIRST = date(2026, 1, 28)  # clock changes of both zones lie inside


@st.composite
def meters(draw, zone: str) -> MeterSeries:
    """Give a hundred days of hours, each day at a level and in a shape of its own."""
    grid = TimeGrid.of_local_days(FIRST, N_DAYS, zone, 60)
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    return MeterSeries(meter_id="m", grid=grid, import_kw=rng.uniform(50.0, 150.0, grid.n_steps).round(3))


@st.composite
def cases(draw, rules):
    zone = draw(st.sampled_from(ZONES))
    day = FIRST + timedelta(days=draw(st.integers(70, 96)))
    start = draw(st.integers(5, 20))
    told = day if draw(st.booleans()) else day - timedelta(days=1)
    event = event_of(f"{day}T{start:02}:00", f"{day}T{start + 2:02}:00", f"{told}T04:00", zone)
    return draw(meters(zone)), draw(st.sampled_from(rules)), event, zone


def changed(meter: MeterSeries, values) -> MeterSeries:
    return MeterSeries(meter_id="m", grid=meter.grid, import_kw=values)


def baseline(case, meter=None):
    given_meter, rule, event, zone = case
    return make_baseline(meter or given_meter, rule, event, PLAIN, zone)


def try_baseline(case, meter=None):
    """Give the baseline, or the code of its refusal."""
    try:
        return baseline(case, meter)
    except BaselineNotPossibleError as error:
        return error.code


@settings(max_examples=60, deadline=None)
@given(
    cases((*FREE, *(replace(rule, adjustment=None, low_usage_share=None) for rule in PAST if rule.pick != "nearest"))),
    st.floats(1, 500),
)
def test_raising_every_load_by_c_raises_the_baseline_by_c(case, c):
    case = (case[0], replace(case[1], high_usage_share=None, low_usage_share=None), *case[2:])
    before = try_baseline(case)
    after = try_baseline(case, changed(case[0], case[0].import_kw + c))
    if isinstance(before, str):
        assert after == before
    else:
        assert after.days == before.days
        assert after.values_kw == pytest.approx(before.values_kw + c)


@settings(max_examples=40, deadline=None)
@given(cases(tuple(replace(rule, low_usage_share=None) for rule in PAST if rule.key == "PJM_4of5")), st.floats(1, 500))
def test_an_additive_correction_moves_with_the_load(case, c):
    after = baseline(case, changed(case[0], case[0].import_kw + c))
    assert after.values_kw == pytest.approx(baseline(case).values_kw + c)


@settings(max_examples=80, deadline=None)
@given(cases((*PAST, *SAME_DAY)), st.sampled_from([0.125, 0.5, 2.0, 64.0]))
def test_a_load_k_times_as_large_has_a_baseline_k_times_as_large(case, k):
    before = try_baseline(case)
    after = try_baseline(case, changed(case[0], case[0].import_kw * k))
    if isinstance(before, str):
        assert after == before
    else:
        assert after.days == before.days
        assert after.values_kw == pytest.approx(before.values_kw * k)


@settings(max_examples=60, deadline=None)
@given(cases(UNADJUSTED), st.floats(0, 1e6))
def test_the_event_days_load_never_moves_an_uncorrected_baseline(case, load_kw):
    meter, _, event, _ = case
    before = try_baseline(case)
    values = np.array(meter.import_kw)
    midnight = local_midnight(event.start.astimezone(zone_of(case[3])).date(), case[3])
    values[meter.grid.step_of(midnight) :] = load_kw
    after = try_baseline(case, changed(meter, values))
    if isinstance(before, str):
        assert after == before
    else:
        assert (after.days, after.values_kw.tolist()) == (before.days, before.values_kw.tolist())


@settings(max_examples=60, deadline=None)
@given(cases((*PAST, *SAME_DAY)), st.floats(0, 1e6))
def test_the_load_within_the_event_moves_no_baseline(case, load_kw):
    meter, _, event, _ = case
    values = np.array(meter.import_kw)
    values[meter.grid.step_of(event.start) : meter.grid.step_of(event.end)] = load_kw
    before, after = try_baseline(case), try_baseline(case, changed(meter, values))
    if isinstance(before, str):
        assert after == before
    else:
        assert after.values_kw.tolist() == before.values_kw.tolist()


@settings(max_examples=60, deadline=None)
@given(cases(PAST))
def test_days_are_like_days_before_the_event_and_every_other_day_has_its_reason(case):
    made = try_baseline(case)
    if isinstance(made, str):
        return
    _, _, event, _ = case
    day = event.start.astimezone(zone_of(made.zone)).date()
    assert all(one < day for one in made.days)
    assert list(made.days) == sorted(made.days, reverse=True)
    looked_at = [*made.days, *(one.day for one in made.rejected)]
    assert len(looked_at) == len(set(looked_at))
    # without a gap from the latest to the earliest day looked at
    assert len(looked_at) == (max(looked_at) - min(looked_at)).days + 1
    assert all(one.reason.en and one.reason.zh and one.code for one in made.rejected)


def plain_answer(meter: MeterSeries, event, zone: str, *, pool: int, pick: int, skip: int, highest: bool) -> np.ndarray:
    """Work a baseline of weekdays out with pandas, day by day, without the engine."""
    load = pd.Series(meter.import_kw, index=meter.grid.starts.tz_convert(zone))
    start, end = pd.Timestamp(event.start).tz_convert(zone), pd.Timestamp(event.end).tz_convert(zone)
    clocks = pd.date_range(start.tz_localize(None), end.tz_localize(None), freq="h", inclusive="left")
    found = []
    for back in range(1 + skip, 46):
        day = start.tz_localize(None).normalize() - pd.Timedelta(days=back)
        shifted = [day + (clock - clocks[0].normalize()) for clock in clocks]
        if (day.day_of_week < 5) != (start.day_of_week < 5):
            continue
        naive = load.copy()
        naive.index = naive.index.tz_localize(None)
        naive = naive[~naive.index.duplicated()]
        if not all(one in naive.index for one in shifted):
            continue
        found.append(naive[shifted].to_numpy())
        if len(found) == pool:
            break
    if highest:
        found.sort(key=lambda values: -values.mean())
    return np.mean(found[:pick], axis=0)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(ZONES), st.booleans(), st.integers(0, 2))
def test_a_second_implementation_agrees(data, zone, highest, skip):
    meter = data.draw(meters(zone))
    pool = data.draw(st.integers(2, 6))
    pick = data.draw(st.integers(1, pool))
    day = FIRST + timedelta(days=data.draw(st.integers(70, 96)))
    start = data.draw(st.integers(0, 21))
    event = event_of(f"{day}T{start:02}:00", f"{day}T{start + 2:02}:00", f"{day - timedelta(days=1)}T04:00", zone)
    rule = BaselineRule(
        key="X",
        pool_size=pool,
        pick_n=pick,
        min_days=1,
        counts_from="event_day",
        skip_days=skip,
        pick="highest" if highest else "recent",
    )
    made = make_baseline(meter, rule, event, PLAIN, zone)
    expected = plain_answer(meter, event, zone, pool=pool, pick=pick, skip=skip, highest=highest)
    assert made.values_kw == pytest.approx(expected)
