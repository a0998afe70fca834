"""Which packages and events are looked at, and which are refused or left out."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.offers import Package, Preferences
from domain.programmes import Event
from domain.tariffs import BillingWindow, PurchaseMode
from domain.text import Language
from domain.time import local_midnight
from forecasting.errors import NoUsableDataError
from scenarios.candidates import candidates_of, event_offers, packages_of
from scenarios.loads import Loads, horizon_of, months_around
from tests import small_case
from tests.programme_cases import programme_of

START = local_midnight(small_case.FIRST_DAY, small_case.ZONE) + timedelta(hours=13)
PROGRAMME = programme_of(currency="EUR", valid_from=date(2026, 1, 1), notice_min=90, min_commitment_kw=Decimal(5))


def event(event_id="e1", *, after_h=0.0, hours=2.0, notice=timedelta(days=1, hours=2)) -> Event:
    start = START + timedelta(hours=after_h)
    return Event(
        event_id=event_id,
        programme_id="p1",
        start=start,
        end=start + timedelta(hours=hours),
        notice_at=start - notice,
    )


def case_with(*events: Event, **fields):
    return small_case.case(**({"programmes": (PROGRAMME,), "events": events} | fields))


def loads_of(case) -> Loads:
    horizon = horizon_of(case)
    months = months_around(horizon, case.site.zone)
    first = months.edge_of(horizon.start)
    stop = first + horizon.n_steps
    around_kw = np.full((2, months.n_steps), 150.0)
    window = BillingWindow(grid=months, zone=case.site.zone, first=first, stop=stop, around_kw=around_kw)
    base_kw = np.array([np.full(horizon.n_steps, kw) for kw in (61.0, 67.0)])
    return Loads(horizon=horizon, window=window, base_kw=base_kw, findings=(), versions={})


def test_staying_with_todays_tariff_stands_first():
    case = small_case.case()
    found = packages_of(case)
    assert [one.package_id for one in found] == ["present", "flat"]
    assert found[0].tariff is case.present_tariff
    assert found[0].purchase_mode is None


def test_a_package_called_present_must_be_the_present_tariff():
    same = Package(package_id="present", name=small_case.words("as now"), tariff=small_case.day_night())
    other = Package(package_id="other", name=small_case.words("other"), tariff=small_case.flat())
    found = packages_of(small_case.case(packages=(other, same)))
    assert [(one.package_id, one.tariff.tariff_id) for one in found] == [("present", "day-night"), ("other", "flat")]
    own = replace(same, tariff=small_case.flat(name="renewed"))
    with pytest.raises(InvalidFieldError, match="another id"):
        small_case.case(packages=(own,))


def test_each_package_is_asked_without_and_with_the_events():
    case = case_with(event())
    loads = loads_of(case)
    offers, found = event_offers(case, loads)
    assert found == []
    asked, left_out = candidates_of(case, loads, offers)
    assert left_out == []
    assert [one.key for one in asked] == ["present/plain", "present/dr", "flat/plain", "flat/dr"]
    assert [len(one.problem.events) for one in asked] == [0, 1, 0, 1]
    assert [one.problem.terms.tariff_id for one in asked] == ["day-night", "day-night", "flat", "flat"]
    np.testing.assert_array_equal(asked[0].problem.base_kw, np.full(96, 64.0))  # the samples' mean
    term = asked[1].problem.events[0]
    assert (term.first, term.stop) == (26, 30)


def test_a_package_by_another_clock_is_left_out_and_said():
    london = Package(
        package_id="london", name=small_case.words("london"), tariff=replace(small_case.flat(), zone="Europe/London")
    )
    case = small_case.case(packages=(london,))
    asked, left_out = candidates_of(case, loads_of(case), ())
    assert [one.key for one in asked] == ["present/plain"]
    assert [one.code for one in left_out] == ["package_does_not_fit"]
    assert "Europe/London" in left_out[0].say(Language.EN)
    assert "Europe/London" in left_out[0].say(Language.ZH)


def test_a_package_for_other_customers_or_other_days_is_left_out_and_said():
    agency = replace(small_case.flat(name="agency"), purchase_modes=(PurchaseMode.GRID_AGENCY,))
    over = replace(small_case.flat(name="over"), valid_until=small_case.FIRST_DAY)
    packages = tuple(
        Package(package_id=one.tariff_id, name=small_case.words(one.tariff_id), tariff=one) for one in (agency, over)
    )
    case = small_case.case(packages=packages)
    asked, left_out = candidates_of(case, loads_of(case), ())
    assert [one.key for one in asked] == ["present/plain"]
    assert [one.data["package_id"] for one in left_out] == ["agency", "over"]
    assert "grid_agency" in left_out[0].say()
    assert "not in force on 2026-06-09" in left_out[1].say()


def test_an_event_without_a_baseline_is_left_out_and_said_in_both_languages():
    early = event("early", notice=timedelta(days=60))
    good = event("good", after_h=3)
    case = case_with(early, good)
    offers, found = event_offers(case, loads_of(case))
    assert [one.term.event_id for one in offers] == ["good"]
    assert [one.code for one in found] == ["event_without_baseline"]
    assert found[0].data["event_id"] == "early"
    assert "like days found" in found[0].say(Language.EN)
    assert "个相似日" in found[0].say(Language.ZH)
    assert "like days found" not in found[0].say(Language.ZH)
    asked, _ = candidates_of(case, loads_of(case), offers)
    assert [one.event_id for one in asked[1].problem.events] == ["good"]


@pytest.mark.parametrize("after_h", [-24.0 * 300, 24.0 * 300])
def test_an_event_outside_the_plan_is_passed_over_and_said(after_h):
    case = case_with(event(after_h=after_h))
    offers, found = event_offers(case, loads_of(case))
    assert offers == ()
    assert [one.code for one in found] == ["event_outside_plan"]


def test_no_events_for_a_customer_who_wants_none():
    case = case_with(event(), preferences=Preferences(accept_dr=False))
    assert event_offers(case, loads_of(case)) == ((), [])


@pytest.mark.parametrize(("notice_min", "codes"), [(89, ["event_notice_short"]), (90, [])])
def test_a_call_shorter_than_the_programme_promises_is_said(notice_min, codes):
    case = case_with(event(notice=timedelta(minutes=notice_min)))
    offers, found = event_offers(case, loads_of(case))
    assert len(offers) == 1
    # days between the case's issue and the notice may still enter the baseline, which is said beside
    assert [one.code for one in found] == [*codes, "baseline_days_pending"]


def test_an_event_that_can_only_be_settled_is_left_out_and_said():
    case = case_with(event())
    (programme,) = case.programmes
    by_slot = replace(case, programmes=(replace(programme, slot_min=60),))
    offers, found = event_offers(by_slot, loads_of(by_slot))
    assert offers == ()
    assert [one.code for one in found] == ["event_not_planned"]
    assert programme.programme_id in found[0].say()
    assert "可以结算" in found[0].say(Language.ZH)


def test_a_baseline_never_rests_on_what_was_measured_after_the_issue():
    meter = small_case.meter(small_case.FIRST_DAY + timedelta(days=70))
    case = case_with(event(), meter=meter)
    with pytest.raises(NoUsableDataError):
        event_offers(case, loads_of(case))


def test_one_response_is_not_sold_twice():
    with pytest.raises(InvalidFieldError, match="overlaps event first"):
        case_with(event("second", after_h=1.5), event("first"))
    case = case_with(event("second", after_h=2), event("first"))  # one begins as the other ends
    assert len(event_offers(case, loads_of(case))[0]) == 2
