"""Methods tried on days without an event: errors worked by hand, verdicts, and real meters."""

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest

from domain.catalogue.baseline_methods import baseline_method, baseline_methods
from domain.errors import InvalidFieldError
from domain.metering import MeterSeries
from domain.programmes import BaselineRule, ClockWindow, SufficiencyLimits, make_baseline, placebo_table
from domain.time import Calendar, zone_of
from tests.programme_cases import SHANGHAI, clock_meter, dated_meter, event_of, meter_of

PLAIN = Calendar()
AFTERNOON = ClockWindow(start=time(14), end=time(16))
MONDAY = date(2026, 6, 1)
FOUR_WEEKS = MONDAY + timedelta(days=28)


def table(meter, *rules, **fields):
    return placebo_table(meter, rules or (BaselineRule(),), PLAIN, SHANGHAI, AFTERNOON, **fields)


def score(meter, rule=None, **fields):
    return table(meter, rule or BaselineRule(), **fields).scores[0]


def test_weekdays_that_differ_are_compared_with_the_mean_of_five():
    found = score(
        meter_of(MONDAY, [300.0, 310.0, 320.0, 330.0, 340.0, 40.0, 50.0] * 8), replace(BaselineRule(), pool_size=5)
    )
    # each weekday is compared with the five before it, which are one of each: always 320
    errors = {day.day.weekday(): day.error_kw for day in found.days if day.day >= FOUR_WEEKS}
    assert {n: errors[n] for n in range(5)} == pytest.approx({0: 20, 1: 10, 2: 0, 3: -10, 4: -20})


def test_the_error_of_a_rising_load_worked_by_hand():
    # One kW more each day, told the day before: the five workdays before that day lie, in days before the event,
    # Mon 3 4 5 6 7, Tue 4 5 6 7 8, Wed 2 5 6 7 8, Thu 2 3 6 7 8, Fri 2 3 4 7 8: means 5, 6, 5.6, 5.2, 4.8.
    found = score(dated_meter(MONDAY - timedelta(days=14), 28), days="workday")
    last_week = [day.error_kw for day in found.days if day.day >= MONDAY + timedelta(days=7)]
    assert last_week == pytest.approx([-5, -6, -5.6, -5.2, -4.8])
    assert {day.day.weekday() for day in found.days} == {0, 1, 2, 3, 4}


def test_told_the_same_day_the_baseline_lags_less():
    # Mon 3 4 5 6 7, Tue 1 4 5 6 7, Wed 1 2 5 6 7, Thu 1 2 3 6 7, Fri 1 2 3 4 7
    found = score(dated_meter(MONDAY - timedelta(days=14), 28), days="workday", notice_min=120)
    last_week = [day.error_kw for day in found.days if day.day >= MONDAY + timedelta(days=7)]
    assert last_week == pytest.approx([-5, -4.6, -4.2, -3.8, -3.4])


def test_the_numbers_of_a_score():
    # two kinds of workday, 100 and 120 kW, by turns; the last workday is the baseline, so errors are +20 and -20
    days = [100.0 if n % 2 else 120.0 for n in range(40)]
    rule = BaselineRule(
        key="LAST", pool_size=1, pick_n=1, min_days=1, day_types=(baseline_method("PJM_MATCH_DAY").rule.day_types)
    )
    found = score(meter_of(MONDAY, days), rule, notice_min=60)
    assert (found.n_tried, found.n_possible) == (40, 39)
    assert found.possible_share == pytest.approx(39 / 40)
    # day 1 … 39: 100 on 20 of them, 120 on 19
    assert found.load_kw == pytest.approx((20 * 100 + 19 * 120) / 39)
    assert found.bias_kw == pytest.approx((20 * 20 - 19 * 20) / 39)
    assert (found.rmse_kw, found.step_rmse_kw) == pytest.approx((20.0, 20.0))
    assert found.cv_share == pytest.approx(20 / found.load_kw)
    assert found.bias_share == pytest.approx(found.bias_kw / found.load_kw)
    assert found.std_kw == pytest.approx((400 - found.bias_kw**2) ** 0.5)
    assert (found.p10_error_kw, found.p90_error_kw) == (-20.0, 20.0)
    assert found.reasons == (("baseline_not_possible", 1),)


def test_events_outages_and_holes_are_not_tried():
    meter = dated_meter(MONDAY, 20)
    values = np.array(meter.import_kw)
    values[18 * 96 + 60] = np.nan
    holed = MeterSeries(meter_id="m", grid=meter.grid, import_kw=values)
    out = frozenset({MONDAY + timedelta(days=16)}), frozenset({MONDAY + timedelta(days=17)})
    found = table(holed, event_days=out[0], atypical_days=out[1])
    assert found.n_days == 17
    tried = {day.day for day in found.scores[0].days}
    assert not tried & {MONDAY + timedelta(days=n) for n in (16, 17, 18)}


def test_each_day_is_what_make_baseline_gives():
    rng = np.random.default_rng(7)
    meter = meter_of(date(2026, 2, 20), [100.0] * 60, "Europe/Berlin")
    noisy = MeterSeries(meter_id="m", grid=meter.grid, import_kw=rng.uniform(50, 150, meter.grid.n_steps))
    rules = tuple(method.rule for method in baseline_methods() if method.rule.method != "firm_level")
    found = placebo_table(noisy, rules, PLAIN, "Europe/Berlin", AFTERNOON)
    for rule, one in zip(rules, found.scores, strict=True):
        for placebo in one.days[-3:]:
            before = placebo.day - timedelta(days=1)
            event = event_of(f"{placebo.day}T14:00", f"{placebo.day}T16:00", f"{before}T14:00", "Europe/Berlin")
            made = make_baseline(noisy, rule, event, PLAIN, "Europe/Berlin")
            assert placebo.baseline_kw == pytest.approx(made.mean_kw), rule.key


def test_a_window_over_midnight_and_days_of_clock_changes():
    meter = meter_of(date(2026, 3, 1), [float(n) for n in range(60)], "Europe/Berlin")
    night = ClockWindow(start=time(22), end=time(2))
    found = placebo_table(meter, (BaselineRule(),), PLAIN, "Europe/Berlin", night)
    assert found.n_days == 59  # the last night ends after the meter
    assert found.scores[0].n_possible > 40
    half_past_two = ClockWindow(start=time(2), end=time(3))
    found = placebo_table(meter, (BaselineRule(),), PLAIN, "Europe/Berlin", half_past_two)
    assert found.n_days == 59  # 29 March has no such hour


@pytest.mark.parametrize(
    "window", [{"start": time(14, 0, 1), "end": time(15)}, {"start": time(14, tzinfo=zone_of("UTC")), "end": time(15)}]
)
def test_a_window_is_a_plain_clock_time(window):
    with pytest.raises(InvalidFieldError, match="17:00"):
        ClockWindow(**window)


def test_a_window_off_the_meters_steps_is_refused():
    with pytest.raises(InvalidFieldError, match="15-minute edge"):
        placebo_table(
            dated_meter(MONDAY, 20), (BaselineRule(),), PLAIN, SHANGHAI, ClockWindow(start=time(14, 10), end=time(15))
        )


def test_methods_that_cannot_be_tried_are_left_out_with_their_reason():
    hourly = meter_of(MONDAY, [100.0] * 20, step_min=60)
    rules = tuple(baseline_method(key).rule for key in ("CN_RT15", "FIRM_SERVICE_LEVEL", "CN_AVG5"))
    found = table(hourly, *rules)
    assert [one.key for one in found.scores] == ["CN_AVG5"]
    assert [key for key, _ in found.left_out] == ["CN_RT15", "FIRM_SERVICE_LEVEL"]
    assert "60-minute" in found.left_out[0][1].en
    level = replace(rules[1], reference_kw=130.0)
    assert table(hourly, level).scores[0].bias_kw == pytest.approx(30)


def codes(meter, rule=None, **fields) -> set[str]:
    return {one.code for one in score(meter, rule, **fields).findings}


def weekday_meter(swing_kw: float, level_kw: float = 1000.0) -> MeterSeries:
    """Give forty days that lie ``swing_kw`` above and below a level by turns."""
    return meter_of(MONDAY, [level_kw + (swing_kw if n % 2 else -swing_kw) for n in range(40)])


LAST_DAY = BaselineRule(key="LAST", pool_size=1, pick_n=1, min_days=1, counts_from="event_day")


@pytest.mark.parametrize(
    ("swing_kw", "noisy"),
    [(99.0, False), (101.0, True)],  # the error is twice the swing; by turns over the weekend, too
)
def test_noise_is_measured_against_a_fifth_of_the_load(swing_kw, noisy):
    found = score(weekday_meter(swing_kw), replace(LAST_DAY, day_types=baseline_method("PJM_MATCH_DAY").rule.day_types))
    assert ("baseline_noisy" in {one.code for one in found.findings}) is noisy
    assert (found.verdict == "insufficient") is noisy


@pytest.mark.parametrize(("share", "code"), [(0.04, None), (0.06, "baseline_biased"), (0.21, "baseline_biased_far")])
def test_bias_is_a_warning_and_then_disqualifies(share, code):
    level = BaselineRule(key="L", method="firm_level", reference_kw=100.0 * (1 + share))
    found = score(meter_of(MONDAY, [100.0] * 30), level)
    biased = {one.code for one in found.findings} & {"baseline_biased", "baseline_biased_far"}
    assert biased == ({code} if code else set())
    assert found.verdict == {None: "sufficient", "baseline_biased": "usable_with_warnings"}.get(code, "insufficient")


def test_few_days_and_seldom_possible_ones_are_found():
    assert "baseline_too_few_days" in codes(meter_of(MONDAY, [100.0] * 20), BaselineRule())
    assert "baseline_too_few_days" not in codes(meter_of(MONDAY, [100.0] * 40), BaselineRule())
    weekdays = baseline_method("MISO_10").rule  # knows no weekends: 5 of 7 days at most
    assert "baseline_seldom_possible" in codes(meter_of(MONDAY, [100.0] * 60), weekdays)
    assert "baseline_seldom_possible" not in codes(meter_of(MONDAY, [100.0] * 100), weekdays, days="workday")


def test_no_load_has_no_measure():
    assert "baseline_no_load" in codes(meter_of(MONDAY, [0.0] * 40))
    assert "baseline_no_load" not in codes(meter_of(MONDAY, [1.0] * 40))


def test_hours_after_the_notice_are_a_warning():
    pjm = baseline_method("PJM_4of5").rule
    steady = meter_of(MONDAY, [100.0] * 40)
    assert codes(steady, pjm) == {"baseline_can_be_raised"}
    assert codes(steady, pjm, notice_min=60) == set()  # the window ends when the notice comes
    assert codes(steady, BaselineRule()) == set()


def test_limits_are_parameters_and_are_checked():
    level = BaselineRule(key="L", method="firm_level", reference_kw=106.0)
    loose = SufficiencyLimits(bias_share=0.1)
    assert score(meter_of(MONDAY, [100.0] * 30), level, limits=loose).verdict == "sufficient"
    with pytest.raises(InvalidFieldError, match="cv_share"):
        SufficiencyLimits(cv_share=-0.1)


def test_a_year_of_nothing_tried_is_no_score():
    found = table(clock_meter(MONDAY, 3, lambda *_: float("nan")))
    assert (found.n_days, found.scores[0].n_possible, found.scores[0].verdict) == (0, 0, "insufficient")
