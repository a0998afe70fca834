"""Each method of the catalogue on days worked by hand; all numbers of a case differ."""

from dataclasses import replace
from datetime import date

import pytest

from domain.catalogue.baseline_methods import baseline_method
from domain.programmes import (
    Baseline,
    BaselineNotPossibleError,
    BaselineRule,
    DayNotCoveredError,
    ReferenceLevelMissingError,
    make_baseline,
)
from domain.time import Calendar
from tests.programme_cases import SHANGHAI, clock_meter, dated_meter, event_of, meter_of

PLAIN, CN, US = Calendar(), Calendar(country="CN"), Calendar(country="US")
NEW_YORK = "America/New_York"
# Thursday 2026-06-18, 14:00-16:00, told the same morning; June 2026 begins on a Monday
THURSDAY = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T08:00")


def june(day: int) -> date:
    return date(2026, 6, day)


def made(key: str, meter, event=THURSDAY, calendar=PLAIN, zone=SHANGHAI, **fields) -> Baseline:
    return make_baseline(meter, replace(baseline_method(key).rule, **fields), event, calendar, zone)


def flat_days(loads: dict[int, float], event_day, first: int = 1, otherwise: float = 5.0):
    """Give June days of one load each, and the event's day by the hour."""

    def load_kw(day: date, hour: float) -> float:
        return event_day(hour) if day == june(18) else loads.get(day.day, otherwise)

    return clock_meter(june(first), 19, load_kw)


def codes(baseline: Baseline) -> dict[int, str]:
    return {one.day.day: one.code for one in baseline.rejected}


def test_cn_rt15_is_the_quarter_hour_before_control():
    meter = clock_meter(june(18), 1, lambda _, hour: 731.0 if hour == 13.75 else 10 * hour)
    baseline = made("CN_RT15", meter)
    assert baseline.values_kw.tolist() == [731.0] * 8
    assert baseline.days == (june(18),)


def test_cn_bj_ranks_ten_days_by_their_whole_day_from_two_days_before():
    # outside of the window a, in it 500 - a: who draws most over the day draws least in the window
    outside = {16: 110, 15: 190, 12: 130, 11: 170, 10: 150, 9: 105, 8: 160, 5: 120, 4: 180, 3: 140, 17: 999, 2: 998}

    def load_kw(day: date, hour: float) -> float:
        a = outside.get(day.day, 50)
        return 500 - a if 14 <= hour < 16 else a

    baseline = made("CN_BJ_H5of10", clock_meter(june(1), 18, load_kw))
    # highest days: a = 190, 180, 170, 160, 150 on 15, 4, 11, 8, 10; in the window 310, 320, 330, 340, 350
    assert baseline.days == (june(15), june(11), june(10), june(8), june(4))
    assert baseline.mean_kw == pytest.approx(330)
    assert codes(baseline)[17] == "skipped"  # the day before the event
    assert codes(baseline)[13] == "other_type"  # a Saturday
    assert 2 not in codes(baseline)  # ten were found before
    # the ranked numbers are day means: (22 h × 190 + 2 h × 310) ÷ 24 = 200
    assert baseline.chosen[0].usage_kw == pytest.approx(200)


def test_cn_sim5_25_drops_days_out_of_line_and_corrects_by_a_factor():
    # 100, 200, 104, 96, 108: mean 121.6, so 200 > 1.25 × 121.6 = 152 goes and 112 comes;
    # 100, 104, 96, 108, 112: mean 104, all within 78 … 130
    loads = {17: 100.0, 16: 200.0, 15: 104.0, 12: 96.0, 11: 108.0, 10: 112.0, 9: 77.0}
    baseline = made("CN_SIM5_25", flat_days(loads, lambda hour: 119.6 if 11 <= hour < 13 else 900.0))
    assert baseline.days == (june(17), june(15), june(12), june(11), june(10))
    assert codes(baseline)[16] == "high_usage"
    assert next(one.reason.en for one in baseline.rejected if one.day == june(16)) == (
        "200.0 kW is above 125% of the pool's mean 121.6 kW"
    )
    assert baseline.unadjusted_kw.tolist() == pytest.approx([104.0] * 8)
    assert baseline.adjustment.applied_factor == pytest.approx(1.15)  # 119.6 ÷ 104
    assert baseline.values_kw.tolist() == pytest.approx([119.6] * 8)
    capped = made("CN_SIM5_25", flat_days(loads, lambda hour: 150.0 if 11 <= hour < 13 else 900.0))
    assert capped.adjustment.uncapped_factor == pytest.approx(150 / 104)
    assert capped.mean_kw == pytest.approx(1.2 * 104)


def test_the_china_variant_replaces_days_below_25_and_above_200_per_cent():
    # 19, 100, 90, 110, 80: mean 79.8, so 19 < 19.95 goes and 400 comes;
    # 100, 90, 110, 80, 400: mean 156, so 400 > 312 goes and 70 comes; 100, 90, 110, 80, 70: mean 90
    loads = {17: 19.0, 16: 100.0, 15: 90.0, 12: 110.0, 11: 80.0, 10: 400.0, 9: 70.0, 8: 60.0}
    baseline = made("CN_AVG5_X25_200", flat_days(loads, lambda _: 1.0))
    assert baseline.days == (june(16), june(15), june(12), june(11), june(9))
    assert baseline.mean_kw == pytest.approx(90)
    assert (codes(baseline)[17], codes(baseline)[10]) == ("low_usage", "high_usage")


def test_the_china_variant_compares_a_rest_day_with_the_last_three():
    sunday = event_of("2026-06-21T14:00", "2026-06-21T15:00", "2026-06-20T10:00")
    loads = {14: 40.0, 13: 70.0, 7: 85.0, 6: 999.0}
    meter = clock_meter(june(1), 21, lambda day, _: loads.get(day.day, 300.0))
    baseline = made("CN_AVG5_X25_200", meter, sunday)
    assert baseline.days == (june(14), june(13), june(7))
    assert baseline.mean_kw == pytest.approx(65)


SPRING_FESTIVAL = event_of("2026-02-17T10:00", "2026-02-17T12:00", "2026-02-14T09:00")


def test_spring_festival_is_compared_with_last_years():
    # 国务院办公厅: in 2025 the days of that name are 29, 30 and 31 January
    loads = {date(2025, 1, 28): 999.0, date(2025, 1, 29): 31.0, date(2025, 1, 30): 37.0, date(2025, 1, 31): 43.0}
    meter = clock_meter(date(2025, 1, 20), 400, lambda day, _: loads.get(day, 500.0), step_min=60)
    baseline = made("CN_AVG5_X25_200", meter, SPRING_FESTIVAL, CN)
    assert baseline.days == (date(2025, 1, 31), date(2025, 1, 30), date(2025, 1, 29))
    assert baseline.mean_kw == pytest.approx(37)
    assert baseline.findings == ()


def test_spring_festival_of_a_young_meter_falls_back_to_rest_days_and_says_so():
    # rest days before Saturday 14 February 2026, which is worked: 8, 7, 1 (31 January is a fourth)
    loads = {date(2026, 2, 8): 22.0, date(2026, 2, 7): 26.0, date(2026, 2, 1): 33.0, date(2026, 1, 31): 999.0}
    meter = clock_meter(date(2026, 1, 20), 30, lambda day, _: loads.get(day, 500.0))
    baseline = made("CN_AVG5_X25_200", meter, SPRING_FESTIVAL, CN)
    assert baseline.days == (date(2026, 2, 8), date(2026, 2, 7), date(2026, 2, 1))
    assert baseline.mean_kw == pytest.approx(27)
    assert [one.code for one in baseline.findings] == ["baseline_fallback_used"]
    with pytest.raises(BaselineNotPossibleError, match="0 like days"):
        made("CN_AVG5_X25_200", dated_meter(date(2026, 2, 9), 10), SPRING_FESTIVAL, CN)


PJM_LOADS = {17: 300.0, 16: 40.0, 15: 280.0, 12: 320.0, 11: 260.0, 10: 340.0, 9: 999.0}


def pjm_meter(morning_kw: float):
    """Give June days that draw 11 kW more from 10:00 to 13:00 than in the event's window."""

    def load_kw(day: date, hour: float) -> float:
        if day == june(18):
            return morning_kw if 10 <= hour < 13 else 777.0
        return PJM_LOADS.get(day.day, 5.0) + (11.0 if 10 <= hour < 13 else 0.0)

    return clock_meter(june(1), 18, load_kw)


def test_pjm_replaces_a_low_day_takes_the_highest_four_and_adds_the_difference():
    # 300, 40, 280, 320, 260: mean 240, so 40 < 60 goes and 340 comes; without 260: (300+280+320+340)/4 = 310
    # 10:00-13:00: chosen days 321, drawn 265, so 56 kW are taken off
    baseline = made("PJM_4of5", pjm_meter(265.0), calendar=US)
    assert baseline.days == (june(17), june(15), june(12), june(10))
    assert (codes(baseline)[16], codes(baseline)[11]) == ("low_usage", "passed_over")
    assert baseline.unadjusted_kw.tolist() == pytest.approx([310.0] * 8)
    assert (baseline.adjustment.measured_kw, baseline.adjustment.baseline_kw) == pytest.approx((265.0, 321.0))
    assert baseline.adjustment.added_kw == pytest.approx(-56)
    assert baseline.values_kw.tolist() == pytest.approx([254.0] * 8)


def test_pjms_difference_has_no_cap():
    assert made("PJM_4of5", pjm_meter(900.0), calendar=US).mean_kw == pytest.approx(310 + 900 - 321)


def test_pjm_saturdays_and_sundays_take_two_of_three():
    # Saturdays before 27 June: 20, 13, 6; Sundays before 28 June: 21, 14, 7
    loads = {20: 51.0, 13: 64.0, 6: 58.0, 21: 22.0, 14: 35.0, 7: 29.0}
    meter = clock_meter(june(1), 28, lambda day, _: loads.get(day.day, 500.0))
    saturday = event_of("2026-06-27T14:00", "2026-06-27T16:00", "2026-06-27T08:00")
    sunday = event_of("2026-06-28T14:00", "2026-06-28T16:00", "2026-06-28T08:00")
    found = made("PJM_4of5", meter, saturday, US)
    assert found.days == (june(13), june(6))
    assert found.unadjusted_kw[0] == pytest.approx(61)
    assert made("PJM_4of5", meter, sunday, US).days == (june(14), june(7))


def test_pjm_counts_nerc_holidays_as_sundays_and_no_others():
    # Juneteenth (Friday 19 June 2026) is a federal holiday, not one of NERC's; 4 July 2026 is a Saturday
    rule = baseline_method("PJM_4of5").rule
    meter = dated_meter(june(1), 40, NEW_YORK)
    monday = event_of("2026-06-22T14:00", "2026-06-22T16:00", "2026-06-22T08:00", NEW_YORK)
    baseline = make_baseline(meter, rule, monday, US, NEW_YORK)
    assert june(19) in baseline.days
    fourth = event_of("2026-07-04T14:00", "2026-07-04T16:00", "2026-07-04T08:00", NEW_YORK)
    found = make_baseline(meter, rule, fourth, US, NEW_YORK)
    assert found.days == (june(28), june(21))  # Sundays, later ones draw more


def test_pjm_takes_the_highest_event_days_back_where_too_few_are_left():
    # within 5 days: 17, 16, 15 fit, 12 and 13 … are out of reach or another type; 16 and 15 had events
    loads = {17: 100.0, 16: 130.0, 15: 160.0, 12: 190.0, 11: 220.0}
    rule = replace(baseline_method("PJM_4of5").rule, adjustment=None, low_usage_share=None, lookback_days=7)
    meter = flat_days(loads, lambda _: 1.0)
    events = frozenset({june(17), june(15), june(12)})
    baseline = make_baseline(meter, rule, THURSDAY, US, SHANGHAI, event_days=events)
    # left: 16 and 11; the two highest event days, 12 and 15, come back
    assert baseline.days == (june(16), june(15), june(12), june(11))
    assert baseline.mean_kw == pytest.approx((130 + 160 + 190 + 220) / 4)
    assert codes(baseline)[17] == "event_day"
    assert "baseline_fallback_used" in [one.code for one in baseline.findings]


def test_pjm_same_day_is_three_hours_before_and_two_after():
    # RTO Insider 2025-02-25: an event in hours ending 13-17 averages hours ending 9-11 and 19-20
    by_hour = {8: 100.0, 9: 200.0, 10: 330.0, 18: 400.0, 19: 70.0}
    event = event_of("2026-06-18T12:00", "2026-06-18T17:00", "2026-06-18T11:00")
    meter = clock_meter(june(18), 1, lambda _, hour: by_hour.get(int(hour), 9999.0))
    baseline = made("PJM_SAME_DAY_3P2", meter, event)
    assert baseline.values_kw.tolist() == pytest.approx([220.0] * 20)  # 1100 ÷ 5


def test_pjm_match_day_takes_the_three_days_most_like_the_event_days_other_hours():
    # outside of 13:00-17:00 the event's day draws 100; the hours beside the event are not compared
    outside = {17: 103.0, 16: 120.0, 15: 98.0, 14: 101.0, 13: 150.0}
    inside = {17: 50.0, 16: 10.0, 15: 80.0, 14: 200.0, 13: 7.0}

    def load_kw(day: date, hour: float) -> float:
        if day == june(18):
            return 100.0 if hour < 13 or hour >= 17 else 3.0
        if 13 <= hour < 14 or 16 <= hour < 17:
            return 8888.0
        return (inside if 14 <= hour < 16 else outside).get(day.day, 500.0)

    baseline = made("PJM_MATCH_DAY", clock_meter(june(1), 18, load_kw))
    # apart by 1, 2 and 3 kW: 14, 15 and 17
    assert baseline.days == (june(17), june(15), june(14))
    assert baseline.mean_kw == pytest.approx((50 + 80 + 200) / 3)


TEN = {
    17: 100.0,
    16: 112.0,
    15: 124.0,
    12: 136.0,
    11: 148.0,
    10: 160.0,
    9: 172.0,
    8: 184.0,
    5: 196.0,
    4: 208.0,
    3: 999.0,
}


def test_caiso_averages_ten_business_days_and_clamps_its_factor():
    # 100 … 208 in steps of 12: mean 154; drawn 10:00-13:00: 169.4, so the factor is 1.1
    assert made(
        "CAISO_10in10", flat_days(TEN, lambda hour: 169.4 if 10 <= hour < 13 else 1.0)
    ).mean_kw == pytest.approx(169.4)
    high = made("CAISO_10in10", flat_days(TEN, lambda hour: 300.0 if 10 <= hour < 13 else 1.0))
    low = made("CAISO_10in10", flat_days(TEN, lambda hour: 30.0 if 10 <= hour < 13 else 1.0))
    assert (high.mean_kw, low.mean_kw) == pytest.approx((1.2 * 154, 0.8 * 154))


def test_caiso_non_business_days_are_four():
    sunday = event_of("2026-06-21T14:00", "2026-06-21T15:00", "2026-06-20T10:00")
    loads = {20: 41.0, 14: 47.0, 13: 59.0, 7: 73.0, 6: 999.0}
    baseline = made("CAISO_10in10", clock_meter(june(1), 21, lambda day, _: loads.get(day.day, 55.0)), sunday)
    assert baseline.days == (june(20), june(14), june(13), june(7))
    # (41 + 47 + 59 + 73) ÷ 4 = 55, and so much was drawn before the event
    assert baseline.mean_kw == pytest.approx(55)


def test_caiso_5_in_10_takes_the_highest_five():
    # 208, 196, 184, 172, 160: mean 184; the factor is clamped at 1.4 and 0.71
    high = made("CAISO_5in10", flat_days(TEN, lambda hour: 300.0 if 10 <= hour < 13 else 1.0))
    low = made("CAISO_5in10", flat_days(TEN, lambda hour: 30.0 if 10 <= hour < 13 else 1.0))
    assert (high.mean_kw, low.mean_kw) == pytest.approx((1.4 * 184, 0.71 * 184))


def test_nyiso_begins_two_days_before_and_takes_the_highest_five_of_ten():
    # without 17 the ten are 112 … 208 and 3 June with 999; its five highest: 999, 208, 196, 184, 172
    baseline = made("NYISO_CBL", flat_days(TEN, lambda _: 1.0), calendar=US)
    assert baseline.days == (june(9), june(8), june(5), june(4), june(3))
    assert baseline.mean_kw == pytest.approx((999 + 208 + 196 + 184 + 172) / 5)
    assert codes(baseline)[17] == "skipped"


def test_nyisos_factor_reads_the_two_hours_that_begin_four_hours_before():
    # (999 + 208 + 196 + 184 + 172) ÷ 5 = 351.8; drawn 10:00-12:00: 316.62, so the factor is 0.9
    meter = flat_days(TEN, lambda hour: 316.62 if 10 <= hour < 12 else 5000.0)
    assert made("NYISO_CBL_ADJ", meter, calendar=US).mean_kw == pytest.approx(316.62)


def test_ercot_leaves_out_the_highest_and_the_lowest_of_ten_days():
    # of 100 … 208 without 100 and 208: mean 154; ranked by the whole day, so a peak in the window does not count
    def load_kw(day: date, hour: float) -> float:
        return TEN.get(day.day, 5.0) + (40.0 if day == june(17) and 14 <= hour < 16 else 0.0)

    baseline = made("ERCOT_MID8of10", clock_meter(june(1), 18, load_kw))
    assert baseline.mean_kw == pytest.approx((112 + 124 + 136 + 148 + 160 + 172 + 184 + 196) / 8)
    assert (codes(baseline)[17], codes(baseline)[4]) == ("passed_over", "passed_over")


def test_miso_averages_ten_weekdays_and_knows_no_other_days():
    # Memorial Day 2026 is Monday 25 May: the ten weekdays before Wednesday 3 June leave it out
    wednesday = event_of("2026-06-03T14:00", "2026-06-03T16:00", "2026-06-03T08:00", NEW_YORK)
    loads = {date(2026, 6, 2): 11.0, date(2026, 6, 1): 13.0} | {date(2026, 5, 29 - n): 17.0 + 2 * n for n in range(4)}
    loads |= {date(2026, 5, 22 - n): 31.0 + 2 * n for n in range(4)} | {date(2026, 5, 25): 9999.0}
    meter = clock_meter(date(2026, 5, 1), 50, lambda day, _: loads.get(day, 500.0), NEW_YORK)
    baseline = make_baseline(meter, baseline_method("MISO_10").rule, wednesday, US, NEW_YORK)
    # 11, 13, 17, 19, 21, 23, 31, 33, 35, 37
    assert baseline.mean_kw == pytest.approx(24)
    assert len(baseline.days) == 10
    assert next(one.code for one in baseline.rejected if one.day == date(2026, 5, 25)) == "excluded_tag"
    holiday = event_of("2026-05-25T14:00", "2026-05-25T16:00", "2026-05-25T08:00", NEW_YORK)
    with pytest.raises(DayNotCoveredError, match="2026-05-25"):
        make_baseline(meter, baseline_method("MISO_10").rule, holiday, US, NEW_YORK)


def test_misos_factor_stays_within_20_per_cent():
    assert made("MISO_10_ADJ", flat_days(TEN, lambda _: 9.0), calendar=US).mean_kw == pytest.approx(0.8 * 154)


def test_aemo_all_days_takes_weekends_in():
    # 17 … 8 June without a gap
    loads = {17 - n: 60.0 + 7 * n for n in range(10)} | {7: 9999.0}
    baseline = made("AEMO_10of10_ALL", flat_days(loads, lambda _: 1.0))
    assert baseline.days == tuple(june(17 - n) for n in range(10))
    assert baseline.mean_kw == pytest.approx(60 + 7 * 4.5)
    assert made("AEMO_10of10_BUSINESS", flat_days(TEN, lambda _: 1.0)).mean_kw == pytest.approx(154)
    assert made("AEMO_10of10_COMPOSITE", flat_days(TEN, lambda _: 1.0)).mean_kw == pytest.approx(154)
    with pytest.raises(DayNotCoveredError, match="AEMO_10of10_NONBUSINESS"):
        made("AEMO_10of10_NONBUSINESS", flat_days(TEN, lambda _: 1.0))


def test_meter_before_and_after():
    # 13:00-14:00: 10, 20, 30, 60; 16:00-17:00: 40, 70, 80, 90
    quarters = {13.0: 10.0, 13.25: 20.0, 13.5: 30.0, 13.75: 60.0, 16.0: 40.0, 16.25: 70.0, 16.5: 80.0, 16.75: 90.0}
    meter = clock_meter(june(18), 1, lambda _, hour: quarters.get(hour, 5000.0))
    assert made("METER_BEFORE", meter).mean_kw == pytest.approx(30)
    assert made("METER_BEFORE_AFTER", meter).mean_kw == pytest.approx(50)


def test_a_firm_level_is_the_contracts():
    meter = meter_of(june(18), [123.0])
    baseline = made("FIRM_SERVICE_LEVEL", meter, reference_kw=640.0)
    assert baseline.values_kw.tolist() == [640.0] * 8
    assert (baseline.days, baseline.findings) == ((), ())
    with pytest.raises(ReferenceLevelMissingError, match="reference_kw"):
        made("FIRM_SERVICE_LEVEL", meter)


def test_the_default_rule_is_cn_avg5_of_the_catalogue():
    assert BaselineRule() == baseline_method("CN_AVG5").rule
