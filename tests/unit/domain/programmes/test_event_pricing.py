from datetime import date
from decimal import Decimal

import pytest

from domain.programmes import (
    CommitmentUnboundedError,
    EventMismatchError,
    EventNotInHorizonError,
    ProgrammeNotInForceError,
    event_term,
)
from domain.programmes.pricing import must_match
from domain.programmes.terms import INFINITE_RATE
from domain.text import Language
from domain.time import TimeGrid
from tests.programme_cases import SHANGHAI, baseline_at, event_of, programme_of

EVENT = event_of("2026-06-18T14:00", "2026-06-18T16:30", "2026-06-18T08:00")
BASELINE = baseline_at(EVENT, 800.0)
DAYS = TimeGrid.of_local_days(date(2026, 6, 18), 2, SHANGHAI)


def test_a_price_per_kwh_is_paid_for_the_events_hours():
    programme = programme_of(penalty_per_kwh=Decimal("0.4"), max_commitment_kw=Decimal(300))
    term = event_term(programme, EVENT, BASELINE, DAYS)
    assert (term.first, term.stop, term.sign) == (56, 66, 1)
    assert (term.baseline_kw, term.min_commitment_kw, term.max_commitment_kw) == (800.0, 50.0, 300.0)
    assert term.pay_per_kw == pytest.approx(3.5 * 2.5)
    assert term.penalty_per_kw == pytest.approx(0.4 * 2.5)
    rows = [(band.from_rate, band.to_rate, band.per_delivered, band.per_committed) for band in term.bands]
    assert rows == [(0.0, 0.8, 0.0, 0.0), (0.8, 1.2, 1.0, 0.0), (1.2, INFINITE_RATE, 0.0, 1.2)]


def test_a_price_per_kw_and_event_is_paid_once():
    term = event_term(programme_of(price=Decimal(15), price_unit="per_kw_event"), EVENT, BASELINE, DAYS)
    assert term.pay_per_kw == 15.0


def test_nobody_can_shed_more_than_the_baseline():
    assert event_term(programme_of(), EVENT, BASELINE, DAYS).max_commitment_kw == 800.0
    wide = programme_of(max_commitment_kw=Decimal(5000))
    assert event_term(wide, EVENT, BASELINE, DAYS).max_commitment_kw == 800.0
    assert event_term(programme_of(), EVENT, baseline_at(EVENT, -5.0), DAYS).max_commitment_kw == 0.0


def test_filling_a_valley_needs_the_programmes_bound():
    filling = programme_of(direction="valley_filling", max_commitment_kw=Decimal(900))
    term = event_term(filling, EVENT, BASELINE, DAYS)
    assert (term.sign, term.max_commitment_kw, term.delivered_kw(1000.0)) == (-1, 900.0, 200.0)
    with pytest.raises(CommitmentUnboundedError, match="max_commitment_kw") as caught:
        event_term(programme_of(direction="valley_filling"), EVENT, BASELINE, DAYS)
    assert "填谷" in caught.value.say(Language.ZH)


@pytest.mark.parametrize(
    "horizon",
    [
        DAYS.part(57, 100),  # begins inside the event
        DAYS.part(0, 65),  # ends inside it
        DAYS.part(70, 100),
        TimeGrid.of_local_days(date(2026, 6, 18), 1, SHANGHAI, 60),  # 16:30 lies inside a step
    ],
)
def test_an_event_off_the_horizons_steps_is_refused(horizon):
    with pytest.raises(EventNotInHorizonError, match="e1") as caught:
        event_term(programme_of(), EVENT, BASELINE, horizon)
    assert "计划期" in caught.value.say(Language.ZH)


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(EventMismatchError, match="e1 belongs to p1, not to p2"):
        event_term(programme_of(programme_id="p2"), EVENT, BASELINE, DAYS)
    other = event_of("2026-06-18T14:00", "2026-06-18T16:30", "2026-06-18T08:00", event_id="e2")
    with pytest.raises(EventMismatchError, match="the baseline belongs to e1, not to e2"):
        event_term(programme_of(), other, BASELINE, DAYS)


@pytest.mark.parametrize("fields", [{"valid_from": date(2026, 6, 19)}, {"valid_until": date(2026, 6, 18)}])
def test_an_event_outside_the_programmes_validity_is_refused(fields):
    with pytest.raises(ProgrammeNotInForceError, match="2026-06-18"):
        event_term(programme_of(**fields), EVENT, BASELINE, DAYS)


def test_a_rate_on_a_bands_edge_up_to_solver_noise_is_paid():
    term = event_term(programme_of(), EVENT, BASELINE, DAYS)
    assert term.paid_kw(300.0, 800.0 - 0.8 * 300.0 + 1e-7) == pytest.approx(240.0)
    assert term.paid_kw(300.0, 800.0 - 0.8 * 300.0 + 1e-3) == 0.0


@pytest.mark.parametrize(
    ("start", "end"), [("2026-07-01T06:00", "2026-07-01T08:00"), ("2026-07-01T00:00", "2026-07-01T02:00")]
)
def test_the_day_of_an_event_is_that_of_its_local_clock(start, end):
    morning = event_of(start, end, "2026-06-30T10:00")  # in UTC still the day before
    must_match(programme_of(valid_from=date(2026, 7, 1)), morning, baseline_at(morning, 800.0))
    with pytest.raises(ProgrammeNotInForceError, match="2026-07-01"):
        must_match(programme_of(valid_until=date(2026, 7, 1)), morning, baseline_at(morning, 800.0))
