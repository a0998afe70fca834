from datetime import date, timedelta

import numpy as np
import pytest

from domain.text import Language
from domain.time import Calendar
from forecasting.design import DayType, day_type, day_types, stand_ins, unseen_types


@pytest.mark.parametrize(
    ("country", "day", "kind"),
    [
        ("DE", date(2024, 10, 2), DayType.WORKDAY),
        ("DE", date(2024, 10, 3), DayType.REST),  # Thursday, Tag der Deutschen Einheit
        ("DE", date(2024, 10, 5), DayType.SATURDAY),
        ("DE", date(2024, 10, 6), DayType.REST),
        ("CN", date(2024, 2, 4), DayType.WORKDAY),  # a Sunday worked for the Spring Festival
        ("CN", date(2024, 10, 12), DayType.WORKDAY),  # a Saturday worked for the National Day week
        ("CN", date(2024, 10, 4), DayType.REST),  # a Friday of the National Day week
        (None, date(2024, 10, 3), DayType.WORKDAY),
        (None, date(2024, 10, 5), DayType.SATURDAY),
    ],
)
def test_the_kind_follows_the_working_calendar(country, day, kind):
    assert day_type(day, Calendar(country=country)) == kind


def three_weeks() -> tuple[np.ndarray, np.ndarray]:
    days = [date(2024, 6, 3) + timedelta(days=n) for n in range(21)]
    return np.full((21, 24), 5.0), day_types(days, Calendar())


def test_kinds_that_were_measured_stand_for_themselves():
    load_kw, types = three_weeks()
    assert stand_ins(load_kw, types) == {kind: kind for kind in DayType}
    assert unseen_types(stand_ins(load_kw, types)) == ()


def test_an_unmeasured_kind_borrows_the_most_alike_and_says_so():
    load_kw, types = three_weeks()
    load_kw[types == DayType.SATURDAY] = np.nan
    lent = stand_ins(load_kw, types)
    assert lent == {DayType.WORKDAY: DayType.WORKDAY, DayType.SATURDAY: DayType.REST, DayType.REST: DayType.REST}
    (found,) = unseen_types(lent)
    assert found.code == "day_type_unseen"
    assert "Saturdays" in found.say()
    assert "周六" in found.say(Language.ZH)


def test_without_any_rest_day_the_workday_stands_in():
    load_kw, types = three_weeks()
    load_kw[types != DayType.WORKDAY] = np.nan
    assert set(stand_ins(load_kw, types).values()) == {DayType.WORKDAY}
    assert len(unseen_types(stand_ins(load_kw, types))) == 2
