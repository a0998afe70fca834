"""One metering point, one programme and one operator at a time."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DuplicateIdError, InvalidFieldError
from domain.programmes import Enrolment, MeteringPointTakenError, enrol, must_be_exclusive
from domain.text import Language


def enrolment(number: int, start: str, end: str | None = None, **fields) -> Enrolment:
    plain = {"metering_point": "MP1", "programme_id": f"prog-{number}", "operator": f"vpp-{number}"}
    return Enrolment(
        enrolment_id=f"n{number}",
        valid_from=date.fromisoformat(start),
        valid_until=None if end is None else date.fromisoformat(end),
        **(plain | fields),
    )


SPRING = enrolment(1, "2026-03-01", "2026-06-01")


@pytest.mark.parametrize(
    ("start", "end", "shared"),
    [
        ("2026-05-31", None, ("2026-05-31", "2026-06-01")),
        ("2026-02-01", "2026-03-02", ("2026-03-01", "2026-03-02")),
        ("2026-01-01", None, ("2026-03-01", "2026-06-01")),
        ("2026-04-01", "2026-04-15", ("2026-04-01", "2026-04-15")),
    ],
)
def test_two_at_once_are_refused_naming_both_and_the_days(start, end, shared):
    other = enrolment(2, start, end)
    for both in ((SPRING, other), (other, SPRING)):
        with pytest.raises(MeteringPointTakenError) as caught:
            must_be_exclusive(both)
        said = caught.value.say()
        for name in ("MP1", "prog-1 / vpp-1 (n1)", "prog-2 / vpp-2 (n2)", f"from {shared[0]} to {shared[1]}"):
            assert name in said
        assert "同一计量点" in caught.value.say(Language.ZH)


def test_the_same_programme_through_two_operators_is_two_places():
    with pytest.raises(MeteringPointTakenError, match="vpp-9"):
        enrol((SPRING,), enrolment(2, "2026-04-01", programme_id="prog-1", operator="vpp-9"))


def test_one_after_the_other_or_another_point_is_well():
    after = enrolment(2, "2026-06-01")
    beside = enrolment(3, "2026-04-01", metering_point="MP2")
    assert enrol(enrol((SPRING,), after), beside) == (SPRING, after, beside)


def test_an_overlap_behind_a_longer_enrolment_is_seen():
    # the third begins after the second has ended, but within the first
    must_be_exclusive((enrolment(1, "2026-01-01", "2026-02-01"), enrolment(2, "2026-02-01", "2026-03-01")))
    with pytest.raises(MeteringPointTakenError, match="n3"):
        must_be_exclusive((enrolment(1, "2026-01-01"), enrolment(3, "2026-05-01", "2026-06-01")))


def test_ids_and_periods_are_checked():
    with pytest.raises(DuplicateIdError, match="n1"):
        must_be_exclusive((SPRING, enrolment(1, "2027-01-01")))
    with pytest.raises(InvalidFieldError, match="valid_until"):
        enrolment(1, "2026-03-01", "2026-03-01")
    with pytest.raises(InvalidFieldError, match="operator"):
        enrolment(1, "2026-03-01", operator=" ")


PERIODS = st.tuples(st.integers(1, 20), st.integers(1, 8)).map(lambda one: (one[0], one[0] + one[1]))


@settings(max_examples=200, deadline=None)
@given(st.lists(PERIODS, max_size=6))
def test_exclusive_means_that_no_day_is_taken_twice(periods):
    made = tuple(enrolment(n, f"2026-03-{start:02}", f"2026-03-{stop:02}") for n, (start, stop) in enumerate(periods))
    days = [day for start, stop in periods for day in range(start, stop)]
    if len(days) == len(set(days)):
        must_be_exclusive(made)
    else:
        with pytest.raises(MeteringPointTakenError):
            must_be_exclusive(made)
