"""Working days as the State Council's yearly notice has them."""

from datetime import date

import pytest

from domain.errors import InvalidFieldError
from domain.time import DAY_TAGS, Calendar

CHINA = Calendar(country="CN")


@pytest.mark.parametrize(
    ("day", "wanted", "unwanted"),
    [
        (date(2026, 2, 14), {"sat", "weekend", "workday", "makeup_workday", "non_holiday"}, {"restday"}),
        (date(2026, 2, 17), {"tue", "weekday", "holiday", "restday"}, {"workday", "non_holiday"}),
        (date(2026, 10, 1), {"thu", "holiday", "restday"}, {"workday"}),
        (date(2026, 11, 23), {"mon", "weekday", "workday", "non_holiday"}, {"holiday", "makeup_workday"}),
        (date(2026, 11, 22), {"sun", "weekend", "restday"}, {"workday"}),
    ],
)
def test_days_of_2026_in_china(day, wanted, unwanted):
    tags = CHINA.tags(day)
    assert wanted <= tags <= DAY_TAGS
    assert not unwanted & tags
    assert CHINA.is_workday(day) == ("workday" in wanted)


def test_every_day_is_one_of_each_pair():
    for number in range(365):
        tags = CHINA.tags(date.fromordinal(date(2026, 1, 1).toordinal() + number))
        assert len(tags & {"workday", "restday"}) == 1
        assert len(tags & {"weekday", "weekend"}) == 1
        assert len(tags & {"holiday", "non_holiday"}) == 1


def test_without_a_country_only_the_week_counts():
    plain = Calendar()
    assert plain.is_workday(date(2026, 10, 1))
    assert not plain.is_workday(date(2026, 2, 14))
    assert plain.holiday_name(date(2026, 10, 1)) is None


def test_states_have_their_own_holidays():
    epiphany = date(2026, 1, 6)
    assert "holiday" in Calendar(country="DE", subdivision="BW").tags(epiphany)
    assert "holiday" not in Calendar(country="DE", subdivision="BE").tags(epiphany)


def test_a_year_without_a_notice_is_said():
    far = CHINA.unknown_years([date(2026, 12, 31), date(2039, 1, 1)])
    assert [one.data["year"] for one in far] == [2039]
    assert Calendar(country="DE").unknown_years([date(2039, 1, 1)]) == ()


@pytest.mark.parametrize("fields", [{"country": "XX"}, {"country": "DE", "subdivision": "ZZ"}])
def test_an_unknown_country_is_named(fields):
    with pytest.raises(InvalidFieldError, match="holiday calendar"):
        Calendar(**fields)
