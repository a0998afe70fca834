"""What the event's own day adds: corrections, their caps, what may be read before and after the notice."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from domain.catalogue.baseline_methods import baseline_method, baseline_methods
from domain.errors import InvalidFieldError, UnknownReferenceError
from domain.metering import MeterSeries
from domain.programmes import (
    AdjustmentUndefinedError,
    BaselineNotAheadError,
    BaselineNotPossibleError,
    BaselineRule,
    DayOfAdjustment,
    HoursNotMeteredError,
    HoursOffStepsError,
    SameDayWindow,
    make_baseline,
)
from domain.text import Language
from domain.time import Calendar
from tests.programme_cases import SHANGHAI, clock_meter, event_of, local, meter_of

PLAIN = Calendar()
THURSDAY = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T08:00")
JUNE = date(2026, 6, 1)
# five past days of 200 kW; on the event's day 260 kW until 09:00, then 320
RISING = clock_meter(JUNE, 18, lambda day, hour: 200.0 if day.day != 18 else (260.0 if hour < 9 else 320.0))


def corrected(meter=RISING, event=THURSDAY, **fields):
    rule = BaselineRule(key="X", adjustment=DayOfAdjustment(**fields))
    return make_baseline(meter, rule, event, PLAIN, SHANGHAI)


def codes(baseline) -> list[str]:
    return [one.code for one in baseline.findings]


@pytest.mark.parametrize(
    ("fields", "mean_kw"),
    [
        ({"type": "additive"}, 320.0),  # 11:00-13:00 and before: 120 more
        ({"type": "additive", "high_cap_share": 1.25}, 250.0),  # a quarter of 200 at most
        ({"type": "multiplicative"}, 320.0),  # 1.6
        ({"type": "multiplicative", "high_cap_share": 1.3}, 260.0),
        ({"type": "additive", "window_min": 60, "buffer_min": 300}, 260.0),  # 08:00-09:00
        ({"type": "additive", "window_min": 120, "buffer_min": 240}, 290.0),  # half of each
    ],
)
def test_a_correction_and_its_caps(fields, mean_kw):
    assert corrected(**fields).mean_kw == pytest.approx(mean_kw)


@pytest.mark.parametrize(
    ("fields", "mean_kw"),
    [
        ({"type": "additive"}, 150.0),
        ({"type": "additive", "low_cap_share": 0.9}, 180.0),
        ({"type": "multiplicative", "low_cap_share": 0.8}, 160.0),
        ({"type": "additive", "symmetric": False}, 200.0),
        ({"type": "multiplicative", "symmetric": False}, 200.0),
    ],
)
def test_a_correction_downwards(fields, mean_kw):
    falling = clock_meter(JUNE, 18, lambda day, _: 200.0 if day.day != 18 else 150.0)
    assert corrected(falling, **fields).mean_kw == pytest.approx(mean_kw)


def test_a_one_sided_correction_still_goes_up():
    assert corrected(type="additive", symmetric=False).mean_kw == pytest.approx(320)


def test_a_window_after_the_notice_is_found_with_its_minutes():
    # told at 12:30; the window is 10:00-13:00
    late = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T12:30")
    baseline = corrected(event=late, type="additive")
    (finding,) = baseline.findings
    assert finding.code == "baseline_hours_after_notice"
    assert finding.data["after_min"] == 30
    assert "抬高" in finding.say(Language.ZH)
    told_later = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T13:00")
    assert codes(corrected(event=told_later, type="additive")) == []


def test_a_window_before_the_notice_cannot_be_raised():
    # told at 09:07: the step edge before is 09:00, the window one hour before that; 260 kW less 200 kW
    morning = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T09:07")
    baseline = corrected(event=morning, type="additive", anchor="notice", window_min=60, buffer_min=0)
    assert (baseline.adjustment.start, baseline.adjustment.end) == (
        local("2026-06-18T08:00"),
        local("2026-06-18T09:00"),
    )
    assert baseline.mean_kw == pytest.approx(260)
    assert codes(baseline) == []


def test_a_notice_that_leaves_no_hours_on_the_day_leaves_the_baseline_uncorrected_and_says_so():
    day_ahead = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-17T10:00")
    meter = clock_meter(JUNE, 18, lambda day, _: 200.0 if day.day != 18 else 320.0)
    baseline = corrected(meter, day_ahead, type="additive", anchor="notice")
    assert (baseline.mean_kw, baseline.adjustment, baseline.provisional) == (200.0, None, False)
    assert codes(baseline) == ["baseline_not_adjusted"]


def test_days_on_or_after_the_notice_are_found():
    rule = BaselineRule(key="X", counts_from="event_day")
    told_before = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-16T10:00")
    baseline = make_baseline(RISING, rule, told_before, PLAIN, SHANGHAI)
    assert baseline.days[:2] == (date(2026, 6, 17), date(2026, 6, 16))
    (finding,) = baseline.findings
    assert finding.code == "baseline_days_after_notice"
    assert finding.data["days"] == "2026-06-17, 2026-06-16"


def test_before_the_event_an_adjusted_baseline_is_provisional():
    known = RISING.before(local("2026-06-18T12:00"))
    baseline = make_baseline(known, baseline_method("CAISO_10in10").rule, THURSDAY, PLAIN, SHANGHAI)
    assert baseline.mean_kw == pytest.approx(200)
    assert (baseline.provisional, baseline.adjustment) == (True, None)
    assert codes(baseline) == ["baseline_hours_after_notice", "baseline_adjustment_pending"]


def test_a_meter_that_ends_before_the_last_day_looked_at_is_provisional():
    known = RISING.before(local("2026-06-17T09:00"))
    baseline = make_baseline(known, BaselineRule(), THURSDAY, PLAIN, SHANGHAI)
    assert (baseline.provisional, codes(baseline)) == (True, ["baseline_days_pending"])
    whole = RISING.before(local("2026-06-18T00:00"))
    assert not make_baseline(whole, BaselineRule(), THURSDAY, PLAIN, SHANGHAI).provisional


@pytest.mark.parametrize("key", [method.key for method in baseline_methods() if not method.ahead])
def test_methods_of_later_hours_are_refused_ahead_of_the_event(key):
    known = RISING.before(local("2026-06-18T08:00"))
    with pytest.raises(BaselineNotAheadError, match=f"{key} needs the load until") as caught:
        make_baseline(known, baseline_method(key).rule, THURSDAY, PLAIN, SHANGHAI)
    assert isinstance(caught.value, BaselineNotPossibleError)  # whoever plans treats it as no baseline
    assert "不能据此申报" in caught.value.say(Language.ZH)


def test_an_hour_before_the_event_is_known_when_it_begins():
    known = RISING.before(local("2026-06-18T14:00"))
    assert make_baseline(known, baseline_method("METER_BEFORE").rule, THURSDAY, PLAIN, SHANGHAI).mean_kw == 320.0


def holed(at: str) -> MeterSeries:
    values = np.array(RISING.import_kw)
    values[RISING.grid.step_of(local(at))] = np.nan
    return MeterSeries(meter_id="m", grid=RISING.grid, import_kw=values)


def test_hours_of_the_day_itself_must_be_metered():
    with pytest.raises(HoursNotMeteredError, match=r"10:00 \+08:00 … .* and 1 of its 12 steps"):
        corrected(holed("2026-06-18T11:15"), type="additive")
    with pytest.raises(HoursNotMeteredError, match="1 of its 4 steps"):
        make_baseline(holed("2026-06-18T13:00"), baseline_method("METER_BEFORE").rule, THURSDAY, PLAIN, SHANGHAI)


def test_a_past_day_without_the_corrections_hours_does_not_count():
    baseline = corrected(holed("2026-06-17T10:00"), type="additive")
    assert date(2026, 6, 17) not in baseline.days
    reason = next(one for one in baseline.rejected if one.day == date(2026, 6, 17))
    assert reason.code == "not_metered_beside"


def test_a_factor_of_nothing_is_refused():
    idle = clock_meter(JUNE, 18, lambda _, hour: 0.0 if hour < 13 else 200.0)
    with pytest.raises(AdjustmentUndefinedError, match=r"0\.000 kW"):
        corrected(idle, type="multiplicative")
    assert corrected(idle, type="additive").mean_kw == 200.0


def test_hours_finer_than_the_meter_are_refused():
    hourly = meter_of(JUNE, [100.0] * 18, step_min=60)
    with pytest.raises(HoursOffStepsError, match="60-minute steps"):
        make_baseline(hourly, baseline_method("CN_RT15").rule, THURSDAY, PLAIN, SHANGHAI)


def test_hours_of_the_event_day_are_read_by_elapsed_time_when_the_clock_repeats():
    # Berlin repeats 02:00-03:00 on 2026-10-25; an event at 04:00 has the second of them two hours before
    zone = "Europe/Berlin"
    event = event_of("2026-10-25T04:00", "2026-10-25T05:00", "2026-10-24T12:00", zone)
    meter = meter_of(date(2026, 10, 25), [10.0], zone)
    values = np.array(meter.import_kw)
    values[8:12], values[12:16] = 70.0, 90.0  # 02:00-03:00 in summer time, then again in winter time
    rule = BaselineRule(key="X", method="same_day", same_day=SameDayWindow(before_min=60, before_skip_min=60))
    found = make_baseline(MeterSeries(meter_id="m", grid=meter.grid, import_kw=values), rule, event, PLAIN, zone)
    assert found.mean_kw == 90.0


def test_over_a_left_out_hour_the_window_keeps_its_length():
    # Berlin leaves out 02:00-03:00 on 2026-03-29: an event at 05:00 has 00:00 five … four hours before
    zone = "Europe/Berlin"
    event = event_of("2026-03-29T05:00", "2026-03-29T06:00", "2026-03-28T12:00", zone)
    meter = clock_meter(date(2026, 3, 29), 1, lambda _, hour: 1000 * hour, zone)
    rule = BaselineRule(key="X", method="same_day", same_day=SameDayWindow(before_min=60, before_skip_min=180))
    # three elapsed hours before 05:00 is 01:00
    assert make_baseline(meter, rule, event, PLAIN, zone).mean_kw == pytest.approx(375)  # 00:00 … 00:45


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"method": "same_day"}, "same_day"),
        ({"same_day": SameDayWindow(before_min=60)}, "same_day"),
        ({"method": "firm_level", "adjustment": DayOfAdjustment(type="additive")}, "adjustment"),
        ({"reference_kw": 5.0}, "reference_kw"),
        ({"low_usage_share": 1.5}, "low_usage_share"),
        ({"high_usage_share": 0.5}, "high_usage_share"),
        ({"exclusions": ("weekdays",)}, "exclusions"),
        ({"day_types": ()}, "day_types"),
        ({"skip_days": 46}, "skip_days"),
        ({"min_days": 6}, "min_days"),
    ],
)
def test_rules_that_make_no_sense_are_refused(fields, field):
    with pytest.raises((InvalidFieldError, UnknownReferenceError), match=field):
        BaselineRule(key="X", **fields)


@pytest.mark.parametrize(
    ("fields", "field"), [({"low_cap_share": 1.2}, "low_cap"), ({"high_cap_share": 0.8}, "high_cap")]
)
def test_caps_lie_on_both_sides_of_one(fields, field):
    with pytest.raises(InvalidFieldError, match=field):
        DayOfAdjustment(type="additive", **fields)


def test_a_window_of_nothing_is_refused():
    with pytest.raises(InvalidFieldError, match="before_min"):
        SameDayWindow(before_min=0)
    assert replace(SameDayWindow(before_min=15), before_min=0, after_min=15).after_min == 15
