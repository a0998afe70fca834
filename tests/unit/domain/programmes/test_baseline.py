from datetime import date, timedelta

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.metering import MeterSeries
from domain.programmes import BaselineNotPossibleError, make_baseline
from domain.programmes.baseline import AFTER_NOTICE, EVENT_DAY, NOT_METERED, REST_DAY, WORKDAY, Baseline
from domain.programmes.programme import BaselineRule
from domain.text import Language
from domain.time import Calendar, TimeGrid
from tests.programme_cases import SHANGHAI, baseline_at, dated_meter, event_of, local, meter_of

CN = Calendar(country="CN")
PLAIN = Calendar()
AVG5 = BaselineRule()
# June 2026 in a calendar of weekdays only: Thursday 18 is the event, Monday 1 the meter's first day
THURSDAY = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T08:00")
JUNE = date(2026, 6, 1)


def june(day: int) -> date:
    return JUNE.replace(day=day)


def reasons(baseline: Baseline) -> dict[date, str]:
    return {one.day: one.reason.say() for one in baseline.rejected}


def test_the_last_five_workdays_before_the_notice():
    made = make_baseline(dated_meter(JUNE, 20), AVG5, THURSDAY, PLAIN, SHANGHAI)
    assert made.days == (june(17), june(16), june(15), june(12), june(11))
    # 1 June is day 152 of the year
    assert made.values_kw.tolist() == pytest.approx([251 + (17 + 16 + 15 + 12 + 11) / 5] * 8)
    assert made.mean_kw == pytest.approx(265.2)
    assert reasons(made) == {june(14): REST_DAY.en, june(13): REST_DAY.en}
    assert made.rule_key == "CN_AVG5"
    assert made.grid == TimeGrid.between(THURSDAY.start, THURSDAY.end, 15)


def test_nothing_from_the_notices_local_day_on_is_used():
    told_the_day_before = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-17T23:59")
    assert make_baseline(dated_meter(JUNE, 20), AVG5, told_the_day_before, PLAIN, SHANGHAI).days[0] == june(16)
    poisoned = dated_meter(JUNE, 20)
    values = np.array(poisoned.import_kw)
    values[poisoned.grid.step_of(local("2026-06-17T00:00")) :] = 9e9
    liar = MeterSeries(meter_id="m", grid=poisoned.grid, import_kw=values)
    assert make_baseline(liar, AVG5, told_the_day_before, PLAIN, SHANGHAI).mean_kw < 300


def test_only_the_events_clock_window_counts():
    grid = TimeGrid.of_local_days(JUNE, 17, SHANGHAI, 15)
    hours = np.array(grid.local_starts(SHANGHAI).hour + grid.local_starts(SHANGHAI).minute / 60)
    meter = MeterSeries(meter_id="m", grid=grid, import_kw=hours * 10)
    made = make_baseline(meter, AVG5, THURSDAY, PLAIN, SHANGHAI)
    assert made.values_kw.tolist() == pytest.approx([140.0, 142.5, 145.0, 147.5, 150.0, 152.5, 155.0, 157.5])


def test_other_events_and_holes_are_skipped_with_their_reason():
    meter = dated_meter(JUNE, 20)
    values = np.array(meter.import_kw)
    values[meter.grid.step_of(local("2026-06-16T15:45"))] = np.nan
    values[meter.grid.step_of(local("2026-06-15T16:00"))] = np.nan  # just after the window: no harm
    holed = MeterSeries(meter_id="m", grid=meter.grid, import_kw=values)
    made = make_baseline(holed, AVG5, THURSDAY, PLAIN, SHANGHAI, event_days=frozenset({june(12)}))
    assert made.days == (june(17), june(15), june(11), june(10), june(9))
    assert reasons(made)[june(16)] == NOT_METERED.en
    assert reasons(made)[june(12)] == EVENT_DAY.en


def test_a_rest_day_is_compared_with_rest_days():
    sunday = event_of("2026-06-21T14:00", "2026-06-21T15:00", "2026-06-20T10:00")
    rule = BaselineRule(key="REST", pool_size=3, pick_n=3)
    made = make_baseline(dated_meter(JUNE, 25), rule, sunday, PLAIN, SHANGHAI)
    assert made.days == (june(14), june(13), june(7))
    assert reasons(made)[june(19)] == WORKDAY.en


# means in the window by day: 17: 50, 16: 90, 15: 70, 12: 60, 11: 80, 10: 40
MIXED = meter_of(june(10), [40, 80, 60, 0, 0, 70, 90, 50, 999])


@pytest.mark.parametrize(
    ("rule", "days", "mean_kw"),
    [
        ({"pool_size": 6, "pick_n": 3, "pick": "recent"}, (17, 16, 15), 70),
        ({"pool_size": 6, "pick_n": 3, "pick": "highest"}, (16, 15, 11), 80),
        ({"pool_size": 6, "pick_n": 4, "pick": "middle"}, (17, 15, 12, 11), 65),
        ({"pool_size": 6, "pick_n": 3, "pick": "middle"}, (17, 15, 12), 60),  # one more high day is left out
        ({"pool_size": 4, "pick_n": 3, "pick": "highest"}, (16, 15, 12), 220 / 3),  # looks at the last four only
    ],
)
def test_days_are_picked_from_the_pool(rule, days, mean_kw):
    made = make_baseline(MIXED, BaselineRule(key="X", **rule), THURSDAY, PLAIN, SHANGHAI)
    assert made.days == tuple(june(day) for day in days)
    assert made.mean_kw == pytest.approx(mean_kw)
    passed_over = [one for one in made.rejected if one.reason.en.startswith("in the pool")]
    assert len(passed_over) == rule["pool_size"] - rule["pick_n"]
    assert all("候选日" in one.reason.zh for one in passed_over)


def test_equal_days_are_picked_latest_first():
    level = meter_of(june(8), [100.0] * 10)
    rule = BaselineRule(key="X", pool_size=5, pick_n=3, pick="highest")
    assert make_baseline(level, rule, THURSDAY, PLAIN, SHANGHAI).days == (june(17), june(16), june(15))


def test_a_pool_that_is_short_but_enough_is_averaged_whole():
    made = make_baseline(dated_meter(june(12), 8), AVG5, THURSDAY, PLAIN, SHANGHAI)
    assert made.days == (june(17), june(16), june(15), june(12))


def test_too_few_days_are_refused_with_numbers_and_reasons():
    with pytest.raises(BaselineNotPossibleError) as caught:
        make_baseline(dated_meter(june(15), 5), AVG5, THURSDAY, PLAIN, SHANGHAI, event_days=frozenset({june(16)}))
    assert caught.value.data["found"] == 2
    assert caught.value.data["needed"] == 3
    english, chinese = caught.value.say(), caught.value.say(Language.ZH)
    assert "2 like days found, 3 needed within 45 days before 2026-06-18" in english
    assert "1 × another event that day" in english
    assert NOT_METERED.zh in chinese


def test_lookback_ends_the_search():
    rule = BaselineRule(key="X", lookback_days=5)
    made = make_baseline(dated_meter(JUNE, 18), rule, THURSDAY, PLAIN, SHANGHAI)
    assert made.days == (june(17), june(16), june(15))


def test_a_meter_that_ends_before_the_lookback_is_no_history():
    with pytest.raises(BaselineNotPossibleError, match="0 like days"):
        make_baseline(dated_meter(date(2026, 1, 1), 30), AVG5, THURSDAY, PLAIN, SHANGHAI)


def test_an_event_over_midnight_takes_both_days():
    night = event_of("2026-06-18T22:00", "2026-06-19T02:00", "2026-06-18T12:00")
    made = make_baseline(dated_meter(JUNE, 25), AVG5, night, PLAIN, SHANGHAI)
    # 17 reaches into the 18th, the day of the notice
    assert made.days == (june(16), june(15), june(12), june(11), june(10))
    assert reasons(made)[june(17)] == AFTER_NOTICE.en
    mean_day = (16 + 15 + 12 + 11 + 10) / 5
    assert made.values_kw.tolist() == pytest.approx([251 + mean_day] * 8 + [252 + mean_day] * 8)


def test_days_are_matched_by_the_local_clock_across_a_clock_change():
    # Berlin leaves out 02:00-03:00 on Sunday 2026-03-29 and repeats it on 2026-10-25
    zone, rule = "Europe/Berlin", BaselineRule(key="X", pool_size=3, pick_n=3)
    spring = event_of("2026-04-05T01:00", "2026-04-05T04:00", "2026-04-04T12:00", zone)
    made = make_baseline(dated_meter(date(2026, 3, 1), 40, zone), rule, spring, PLAIN, zone)
    assert made.days == (date(2026, 3, 28), date(2026, 3, 22), date(2026, 3, 21))
    assert reasons(made)[date(2026, 3, 29)] == NOT_METERED.en
    autumn = event_of("2026-10-31T02:00", "2026-10-31T03:00", "2026-10-30T12:00", zone)
    made = make_baseline(dated_meter(date(2026, 10, 1), 35, zone), rule, autumn, PLAIN, zone)
    assert made.days == (date(2026, 10, 25), date(2026, 10, 24), date(2026, 10, 18))
    assert made.grid.n_steps == 4


def test_of_a_repeated_clock_time_the_first_counts():
    zone, rule = "Europe/Berlin", BaselineRule(key="X", pool_size=1, pick_n=1, min_days=1)
    event = event_of("2026-10-31T02:00", "2026-10-31T03:00", "2026-10-26T12:00", zone)
    meter = meter_of(date(2026, 10, 25), [10.0, 10.0], zone)
    values = np.array(meter.import_kw)
    values[8:12], values[12:16] = 70.0, 90.0  # 02:00-03:00 in summer time, then again in winter time
    made = make_baseline(MeterSeries(meter_id="m", grid=meter.grid, import_kw=values), rule, event, PLAIN, zone)
    assert made.days == (date(2026, 10, 25),)
    assert made.mean_kw == 70.0


def test_spring_festival_of_a_young_meter_has_no_like_day():
    # 2026-02-17 is New Year's day of the lunar calendar; the meter knows the week of work before it only
    event = event_of("2026-02-17T10:00", "2026-02-17T12:00", "2026-02-14T09:00")
    with pytest.raises(BaselineNotPossibleError, match="workday, the event is on a rest day"):
        make_baseline(dated_meter(date(2026, 2, 9), 5), AVG5, event, CN, SHANGHAI)


def test_an_event_must_lie_on_the_meters_steps():
    crooked = event_of("2026-06-18T14:10", "2026-06-18T16:10", "2026-06-18T08:00")
    with pytest.raises(InvalidFieldError, match="15-minute edge"):
        make_baseline(dated_meter(JUNE, 20), AVG5, crooked, PLAIN, SHANGHAI)


def test_a_year_of_history_gives_the_same_as_the_last_weeks():
    long = make_baseline(dated_meter(date(2025, 6, 1), 390), AVG5, THURSDAY, PLAIN, SHANGHAI)
    short = make_baseline(dated_meter(JUNE - timedelta(days=1), 20), AVG5, THURSDAY, PLAIN, SHANGHAI)
    assert (long.days, long.mean_kw) == (short.days, short.mean_kw)


def test_a_baseline_without_days_or_of_another_shape_is_refused():
    with pytest.raises(InvalidFieldError, match="days"):
        baseline_at(THURSDAY, 100.0, days=())
    with pytest.raises(InvalidFieldError, match="values_kw"):
        Baseline(
            event_id="e1",
            rule=AVG5,
            zone=SHANGHAI,
            grid=TimeGrid.between(THURSDAY.start, THURSDAY.end, 15),
            values_kw=np.ones(3),
            days=(june(17),),
        )


def test_a_year_without_a_holiday_notice_is_found():
    event = event_of("2040-06-21T14:00", "2040-06-21T16:00", "2040-06-20T08:00")
    made = make_baseline(dated_meter(date(2040, 6, 1), 22), AVG5, event, CN, SHANGHAI)
    assert [one.code for one in made.findings] == ["holidays_not_announced"]


@pytest.mark.parametrize("step_min", [15, 30])
def test_half_hour_edges_and_an_end_at_24(step_min):
    grid = TimeGrid.of_local_days(JUNE, 17, SHANGHAI, step_min)
    local_h = np.array(grid.local_starts(SHANGHAI).hour + grid.local_starts(SHANGHAI).minute / 60)
    meter = MeterSeries(meter_id="m", grid=grid, import_kw=local_h * 100)
    evening = event_of("2026-06-18T19:30", "2026-06-18T21:30", "2026-06-18T08:00")  # Jiangsu's sharp hours
    assert make_baseline(meter, AVG5, evening, PLAIN, SHANGHAI).values_kw[0] == pytest.approx(1950)
    night = event_of("2026-06-18T22:30", "2026-06-19T00:00", "2026-06-18T08:00")
    made = make_baseline(meter, AVG5, night, PLAIN, SHANGHAI)
    # the day before the notice counts: its window ends with its own last step, not on the notice's day
    assert made.days[0] == june(17)
    assert made.values_kw[-1] == pytest.approx(2400 - 100 * step_min / 60)


def test_an_event_off_the_half_hours_of_the_meter_is_refused():
    hourly = dated_meter(JUNE, 20, step_min=60)
    evening = event_of("2026-06-18T19:30", "2026-06-18T21:30", "2026-06-18T08:00")
    with pytest.raises(InvalidFieldError, match="60-minute edge"):
        make_baseline(hourly, AVG5, evening, PLAIN, SHANGHAI)


def test_a_zone_of_half_hours_matches_a_meter_of_hours():
    # Kolkata is 5:30 ahead: whole UTC hours begin at half past on its clock
    grid = TimeGrid(start=local("2026-06-01T00:30", "Asia/Kolkata"), step_min=60, n_steps=24 * 18)
    hours = np.array(grid.local_starts("Asia/Kolkata").hour, dtype=float)
    meter = MeterSeries(meter_id="m", grid=grid, import_kw=hours)
    event = event_of("2026-06-18T14:30", "2026-06-18T16:30", "2026-06-18T08:00", "Asia/Kolkata")
    made = make_baseline(meter, AVG5, event, PLAIN, "Asia/Kolkata")
    assert made.values_kw.tolist() == [14.0, 15.0]
    assert made.days == (june(17), june(16), june(15), june(12), june(11))
