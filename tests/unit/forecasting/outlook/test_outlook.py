"""Months counted by hand, growth that is known, holidays that move, halts, and too little history."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from domain.errors import WattplanError
from domain.tariffs import BandCalendar, BandRule
from domain.time import Calendar, local_midnight
from forecasting.outlook import Expansion, OutlookOptions, TariffBands, outlook
from forecasting.outlook.words import NoMonthAnchoredError, OutlookHistoryTooShortError
from tests.outlook_cases import BANDS, by_kind, days_between, ruled
from tests.synthetic_load import BERLIN, GERMAN

MEDIAN = OutlookOptions(quantile_levels=(0.5,))
CHINESE = Calendar(country="CN")
SHANGHAI = "Asia/Shanghai"


def asked(meter, *, zone=BERLIN, calendar=GERMAN, **more):
    issued_at = more.pop("issued_at", meter.grid.end)
    return outlook(meter, issued_at=issued_at, zone=zone, calendar=calendar, **({"options": MEDIAN} | more))


def month_of(made, month):
    (found,) = (one for one in made.months if one.month == month)
    return found


def codes(made):
    return {one.code for one in made.findings}


YEAR_2025 = ruled(date(2025, 1, 1), 365, by_kind())


def test_a_month_counted_by_hand():
    # March 2026 in Germany: 22 workdays, 4 Saturdays, 5 Sundays, one of them an hour short.
    march = month_of(asked(YEAR_2025, tariff_bands=BANDS), date(2026, 3, 1))
    assert march.total_kwh[0] == pytest.approx((22 * 100 + 4 * 40 + 5 * 10) * 24 - 10)
    assert march.band_kwh["peak"][0] == pytest.approx((22 * 100 + 4 * 40 + 5 * 10) * 12)
    assert march.band_kwh["valley"][0] == pytest.approx((22 * 100 + 4 * 40 + 5 * 10) * 12 - 10)
    assert march.peak_kw[0] == pytest.approx(100)


def test_easter_moves_from_april_into_april_and_whitsun_from_june_to_may():
    # 2025: Whit Monday 9 June. 2026: Whit Monday 25 May, Ascension 14 May, 1 May a Friday; 18 workdays.
    may = month_of(asked(YEAR_2025), date(2026, 5, 1))
    assert may.total_kwh[0] == pytest.approx((18 * 100 + 5 * 40 + 8 * 10) * 24)


def test_a_holiday_takes_the_load_of_its_own_name():
    # Easter Monday (21 April 2025, 6 April 2026) is worked a little, unlike Good Friday, which lies nearer.
    usual = by_kind()
    meter = ruled(date(2025, 1, 1), 365, lambda day: 77.0 if day == date(2025, 4, 21) else usual(day))
    april = month_of(asked(meter), date(2026, 4, 1))
    assert april.total_kwh[0] == pytest.approx((20 * 100 + 4 * 40 + 4 * 10 + 10 + 77) * 24)


def test_without_a_tariff_there_is_one_band():
    first = asked(YEAR_2025).months[0]
    assert list(first.band_kwh) == ["all"]
    assert first.band_kwh["all"][0] == pytest.approx(first.total_kwh[0])


def test_bands_come_from_the_calendar_of_the_coming_month_not_of_last_years():
    summer = BandCalendar(
        rules=(
            BandRule(band="flat", windows=("00:00-24:00",)),
            BandRule(band="sharp", windows=("18:00-22:00",), months=(7, 8), layer=1),
        )
    )
    made = asked(YEAR_2025, tariff_bands=replace(BANDS, bands=summer))
    assert "sharp" not in month_of(made, date(2026, 6, 1)).band_kwh
    # July 2026: 23 workdays, 4 Saturdays, 4 Sundays
    assert month_of(made, date(2026, 7, 1)).band_kwh["sharp"][0] == pytest.approx((23 * 100 + 4 * 40 + 4 * 10) * 4)


def test_growth_between_two_years_is_carried_on_damped():
    first_year, second_year = by_kind(), by_kind()
    meter = ruled(date(2024, 1, 1), 731, lambda day: first_year(day) if day.year == 2024 else 1.10 * second_year(day))
    made = asked(meter)
    assert made.growth.measured_rate == pytest.approx(np.log(1.10), abs=1e-3)
    kept = 0.05**2 / (0.05**2 + 0.02**2)
    july = month_of(made, date(2026, 7, 1))
    assert july.total_kwh[0] == pytest.approx((23 * 100 + 4 * 40 + 4 * 10) * 24 * 1.10 * 1.10**kept, rel=1e-3)
    assert "outlook_growth_unknown" not in codes(made)


def test_the_lunar_new_year_is_followed_where_it_goes():
    # 2025: 28 January to 4 February; 2026: 16 to 23 February, and the weeks around it are slow.
    new_years = {2025: date(2025, 1, 29), 2026: date(2026, 2, 17)}

    def day_kw(day):
        away = (day - new_years.get(day.year, date(2000, 1, 1))).days
        if "holiday" in CHINESE.tags(day) and -2 <= away <= 7:
            return 5.0
        if "workday" not in CHINESE.tags(day):
            return 20.0
        return 60.0 if -10 <= away <= 15 else 100.0

    meter = ruled(date(2025, 1, 1), 365, day_kw, zone=SHANGHAI)
    made = asked(meter, zone=SHANGHAI, calendar=CHINESE, n_months=2)
    for month in (date(2026, 1, 1), date(2026, 2, 1)):
        n_days = 31 if month.month == 1 else 28
        truth_kwh = 24 * sum(day_kw(month + timedelta(days=one)) for one in range(n_days))
        last_kwh = 24 * sum(day_kw(month.replace(year=2025) + timedelta(days=one)) for one in range(n_days))
        assert abs(last_kwh / truth_kwh - 1) > 0.10
        assert month_of(made, month).total_kwh[0] == pytest.approx(truth_kwh, rel=0.03)


def test_a_halt_of_a_month_returns_and_is_named():
    usual = by_kind()
    meter = ruled(date(2025, 1, 1), 365, lambda day: 2.0 if day.month == 8 else usual(day))
    made = asked(meter)
    assert month_of(made, date(2026, 8, 1)).total_kwh[0] == pytest.approx(2.0 * 31 * 24)
    july = month_of(made, date(2026, 7, 1))
    assert july.total_kwh[0] == pytest.approx((23 * 100 + 4 * 40 + 4 * 10) * 24)
    (halt,) = (one for one in made.findings if one.code == "outlook_halt_repeated")
    assert halt.data["months"] == "2026-08"


def test_under_thirteen_months_fewer_months_are_claimed():
    meter = ruled(date(2025, 7, 1), days_between(date(2025, 7, 1), date(2026, 1, 1)), by_kind())
    made = asked(meter)
    assert [one.month for one in made.months] == [date(2026, number, 1) for number in range(7, 13)]
    (left,) = (one for one in made.findings if one.code == "outlook_months_not_anchored")
    assert left.data["months"].split(", ") == [f"2026-{number:02d}" for number in range(1, 7)]
    assert {"outlook_growth_unknown", "outlook_no_second_year"} <= codes(made)


def test_a_hole_borrows_like_days_from_beside_it():
    import_kw = YEAR_2025.import_kw.copy()
    first = YEAR_2025.grid.edge_of(local_midnight(date(2025, 7, 8), BERLIN))
    import_kw[first : first + 10 * 24] = np.nan
    holed = replace(YEAR_2025, import_kw=import_kw, quality=None)
    july = month_of(asked(holed), date(2026, 7, 1))
    assert july.total_kwh[0] == pytest.approx((23 * 100 + 4 * 40 + 4 * 10) * 24)


def test_half_a_month_missing_is_no_anchor():
    import_kw = YEAR_2025.import_kw.copy()
    first = YEAR_2025.grid.edge_of(local_midnight(date(2025, 7, 5), BERLIN))
    import_kw[first : first + 20 * 24] = np.nan
    made = asked(replace(YEAR_2025, import_kw=import_kw, quality=None))
    assert date(2026, 7, 1) not in [one.month for one in made.months]
    (left,) = (one for one in made.findings if one.code == "outlook_months_not_anchored")
    assert left.data["months"] == "2026-07"


def test_suspect_values_anchor_nothing():
    import_kw = YEAR_2025.import_kw.copy()
    quality = np.zeros(import_kw.size, dtype=np.uint8)
    at = YEAR_2025.grid.edge_of(local_midnight(date(2025, 7, 8), BERLIN)) + 10
    import_kw[at], quality[at] = 9000.0, 2
    made = asked(replace(YEAR_2025, import_kw=import_kw, quality=quality))
    assert month_of(made, date(2026, 7, 1)).peak_kw[0] == pytest.approx(100)


def test_two_months_are_refused_by_name():
    meter = ruled(date(2025, 11, 1), 61, by_kind())
    with pytest.raises(OutlookHistoryTooShortError) as refused:
        asked(meter)
    assert refused.value.data["n_months"] == 2


def test_months_of_which_last_year_is_not_known_are_refused():
    meter = ruled(date(2025, 7, 1), 184, by_kind())
    with pytest.raises(NoMonthAnchoredError):
        asked(meter, n_months=3)


def test_two_years_check_themselves_and_one_year_is_wider():
    random = np.random.default_rng(7)
    shake = {(year, month): random.normal(1, 0.03) for year in (2024, 2025) for month in range(1, 13)}
    season = {month: 1 + 0.3 * np.cos(month / 12 * 2 * np.pi) for month in range(1, 13)}
    usual = by_kind()
    meter = ruled(date(2024, 1, 1), 731, lambda day: usual(day) * season[day.month] * shake[day.year, day.month])
    wide = OutlookOptions(quantile_levels=(0.1, 0.9))
    two = asked(meter, options=wide)
    one = asked(ruled_part(meter, date(2025, 1, 1)), options=wide)
    assert "outlook_no_second_year" not in codes(two)
    assert "outlook_no_second_year" in codes(one)
    widths = [made.months[5].total_kwh[1] / made.months[5].total_kwh[0] for made in (two, one)]
    assert 1.02 < widths[0] < widths[1]


def ruled_part(meter, first):
    return meter.part(meter.grid.edge_of(local_midnight(first, BERLIN)), meter.grid.n_steps)


def test_the_future_is_not_looked_at():
    meter = ruled(date(2024, 1, 1), 731, by_kind())
    issued_at = local_midnight(date(2025, 6, 10), BERLIN)
    import_kw = meter.import_kw.copy()
    import_kw[meter.grid.step_of(issued_at) :] = 9e9
    clean, poisoned = (
        asked(one, issued_at=issued_at, tariff_bands=BANDS) for one in (meter, replace(meter, import_kw=import_kw))
    )
    assert clean.months[0].month == date(2025, 7, 1)
    for ours, other in zip(clean.months, poisoned.months, strict=True):
        assert ours.total_kwh.tolist() == other.total_kwh.tolist()
        assert ours.peak_kw.tolist() == other.peak_kw.tolist()


def test_an_expansion_adds_its_days_share():
    plan = Expansion(name="line 2", starts=date(2026, 6, 16), adds_kw=400, adds_kwh_per_month=72_000)
    plain, planned = asked(YEAR_2025, tariff_bands=BANDS), asked(YEAR_2025, tariff_bands=BANDS, expansions=(plan,))
    added = [
        planned_one.total_kwh[0] - one.total_kwh[0]
        for one, planned_one in zip(plain.months, planned.months, strict=True)
    ]
    assert added == pytest.approx([0] * 5 + [36_000] + [72_000] * 6)
    peaks = [a.peak_kw[0] - b.peak_kw[0] for a, b in zip(planned.months, plain.months, strict=True)]
    assert peaks == pytest.approx([0] * 5 + [400] * 7)
    july = planned.months[6].band_kwh["peak"][0] - plain.months[6].band_kwh["peak"][0]
    assert july == pytest.approx(36_000)


def test_an_unsure_expansion_splits_the_quantiles():
    plan = Expansion(name="line 2", starts=date(2026, 1, 1), adds_kw=400, adds_kwh_per_month=0, probability=0.5)
    made = asked(YEAR_2025, expansions=(plan,), options=OutlookOptions(quantile_levels=(0.25, 0.75)))
    plain = asked(YEAR_2025, options=OutlookOptions(quantile_levels=(0.25, 0.5, 0.75)))
    low_kw, high_kw = made.months[0].peak_kw
    assert low_kw == pytest.approx(plain.months[0].peak_kw[1], rel=0.01)
    assert high_kw == pytest.approx(plain.months[0].peak_kw[1] + 400, rel=0.01)


def test_the_peak_is_that_of_the_interval():
    meter = ruled(date(2025, 1, 1), 365, by_kind(), step_min=15)
    import_kw = meter.import_kw.copy()
    import_kw[meter.grid.edge_of(local_midnight(date(2025, 3, 12), BERLIN)) + 40] = 500.0  # 10:00 to 10:15
    spiky = replace(meter, import_kw=import_kw)
    quarter, half = (asked(spiky, options=OutlookOptions(quantile_levels=(0.5,), interval_min=one)) for one in (15, 30))
    assert month_of(quarter, date(2026, 3, 1)).peak_kw[0] == pytest.approx(500)
    assert month_of(half, date(2026, 3, 1)).peak_kw[0] == pytest.approx(300)


def test_coarse_meters_and_ended_tariffs_are_named():
    made = asked(YEAR_2025, tariff_bands=replace(BANDS, valid_until=date(2026, 4, 1)))
    assert {"outlook_peak_coarse", "outlook_tariff_not_in_force"} <= codes(made)


@pytest.mark.parametrize("n_months", [0, 13])
def test_months_out_of_reach_are_refused(n_months):
    with pytest.raises(WattplanError, match="n_months"):
        asked(YEAR_2025, n_months=n_months)


def test_a_tariff_of_another_zone_is_refused():
    foreign = TariffBands(tariff_id="x", bands=BANDS.bands, zone=SHANGHAI, calendar=CHINESE)
    with pytest.raises(WattplanError, match="zone"):
        asked(YEAR_2025, tariff_bands=foreign)
