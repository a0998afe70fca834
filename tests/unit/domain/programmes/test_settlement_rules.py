"""Slots, validity, caps and planning limits, each worked by hand."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidFieldError
from domain.metering import MeterSeries
from domain.programmes import (
    BaselineProvisionalError,
    ProgrammeNotPlannableError,
    SettlementBand,
    SlotsDoNotFitError,
    Validity,
    event_term,
    settle,
)
from domain.text import Language
from domain.time import TimeGrid
from tests.programme_cases import SHANGHAI, baseline_at, event_of, meter_of, programme_of

DAY = date(2026, 6, 18)
EVENT = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T08:00")
BASELINE = baseline_at(EVENT, 800.0)


def metered(*hours_kw: float) -> MeterSeries:
    """Give a day that draws so much in each hour from 14:00 on."""
    grid = TimeGrid.of_local_days(DAY, 1, SHANGHAI)
    values = np.full(grid.n_steps, 5000.0)
    for n, kw in enumerate(hours_kw):
        values[56 + 4 * n : 60 + 4 * n] = kw
    return MeterSeries(meter_id="m", grid=grid, import_kw=values)


def test_slots_are_settled_one_by_one():
    # committed 100 kW; 14:00: 130 delivered, rate 1.3, paid 120; 15:00: 75, rate 0.75, paid nothing, 25 short
    # by the event's mean it would be 102.5 of 100: all of it paid
    programme = programme_of(slot_min=60, penalty_per_kwh=Decimal("0.7"))
    settled = settle(programme, EVENT, BASELINE, metered(670.0, 725.0), Decimal(100))
    assert [str(slot.response_rate) for slot in settled.slots] == ["1.300000", "0.750000"]
    assert [slot.paid_kw for slot in settled.slots] == [120, 0]
    assert [slot.short_kw for slot in settled.slots] == [0, 25]
    assert settled.slots[1].start == EVENT.start.replace(hour=7)
    assert settled.band is None
    assert settled.paid_kw == 60  # 120 kWh in 2 h
    assert str(settled.pay) == "420.00"  # 120 kWh × 3.5
    assert str(settled.penalty) == "17.50"  # 25 kWh × 0.7
    assert settled.delivered_kw == Decimal("102.5")
    assert "2 slots with response rates 1.3, 0.75" in settled.rule.say()
    whole = settle(replace(programme, slot_min=None), EVENT, BASELINE, metered(670.0, 725.0), Decimal(100))
    assert str(whole.pay) == "717.50"  # 102.5 kW × 2 h × 3.5


def test_one_slot_for_the_whole_event_is_the_events_mean():
    sloted = settle(programme_of(slot_min=120), EVENT, BASELINE, metered(670.0, 725.0), Decimal(100))
    whole = settle(programme_of(), EVENT, BASELINE, metered(670.0, 725.0), Decimal(100))
    assert (sloted.pay, sloted.paid_kw, sloted.short_kw) == (whole.pay, whole.paid_kw, whole.short_kw)


def test_a_price_per_kw_and_event_pays_the_mean_of_the_slots():
    programme = programme_of(slot_min=60, price=Decimal(15), price_unit="per_kw_event")
    assert str(settle(programme, EVENT, BASELINE, metered(670.0, 725.0), Decimal(100)).pay) == "900.00"  # 60 × 15


@pytest.mark.parametrize("slot_min", [50, 90, 10])
def test_slots_that_do_not_fit_are_refused(slot_min):
    with pytest.raises(SlotsDoNotFitError, match=f"slots of {slot_min} min") as caught:
        settle(programme_of(slot_min=slot_min), EVENT, BASELINE, metered(700.0, 700.0), Decimal(100))
    assert "结算时段" in caught.value.say(Language.ZH)


ZHEJIANG = Validity(peak_below_baseline=True, mean_below_baseline=True, least_rate=Decimal("0.5"))
FROM_HALF = (
    SettlementBand(from_rate=Decimal(0), to_rate=Decimal("0.3"), pays="nothing"),
    SettlementBand(from_rate=Decimal("0.3"), to_rate=Decimal("1.2"), pays="delivered"),
    SettlementBand(from_rate=Decimal("1.2"), pays="committed", coefficient=Decimal("1.2")),
)


@pytest.mark.parametrize(
    ("hours_kw", "broken", "pay"),
    [
        ((740.0, 750.0), [], "385.00"),  # 55 kW × 2 h × 3.5
        ((750.0, 750.0), [], "350.00"),  # rate 0.5 is enough
        ((751.0, 751.0), ["least_rate"], "0.00"),  # rate 0.49
        ((800.0, 600.0), ["peak_below_baseline"], "0.00"),  # as high as the baseline's highest
        ((799.0, 600.0), [], "703.50"),  # 100.5 × 7
        ((900.0, 800.0), ["peak_below_baseline", "mean_below_baseline", "least_rate"], "0.00"),
    ],
)
def test_zhejiangs_validity(hours_kw, broken, pay):
    programme = programme_of(validity=ZHEJIANG, settlement=FROM_HALF, penalty_per_kwh=Decimal("0.1"))
    settled = settle(programme, EVENT, BASELINE, metered(*hours_kw), Decimal(100))
    assert [check.code for check in settled.checks if not check.held] == broken
    assert settled.is_valid is not bool(broken)
    assert str(settled.pay) == pay
    short_kw = max(0.0, 100 - max(0.0, 800 - sum(hours_kw) / 2))
    assert float(settled.penalty) == pytest.approx(short_kw * 2 * 0.1)  # whatever validity says
    if broken:
        assert "unpaid, because" in settled.rule.say()
        assert "不予补偿，因为" in settled.rule.say(Language.ZH)


@pytest.mark.parametrize(
    ("validity", "measured_kw", "held"),
    [
        (Validity(least_reduction_kw=Decimal(110)), 690.0, True),
        (Validity(least_reduction_kw=Decimal("110.1")), 690.0, False),
        (Validity(least_reduction_share=Decimal("0.05")), 760.0, True),  # 40 of 800
        (Validity(least_reduction_share=Decimal("0.05")), 760.5, False),
    ],
)
def test_a_least_reduction(validity, measured_kw, held):
    programme = programme_of(validity=validity, settlement=FROM_HALF)
    settled = settle(programme, EVENT, BASELINE, metered(measured_kw, measured_kw), Decimal(100))
    assert settled.is_valid is held
    assert (settled.pay > 0) is held
    assert settled.table_pay > 0


@pytest.mark.parametrize(
    ("fields", "paid_before", "pay"),
    [
        ({"cap_per_event": Decimal(500)}, "0", "500.00"),
        ({"cap_per_event": Decimal(701)}, "0", "700.00"),
        ({"cap_per_year": Decimal(1000)}, "0", "700.00"),
        ({"cap_per_year": Decimal(1000)}, "650.25", "349.75"),
        ({"cap_per_year": Decimal(1000)}, "1200", "0.00"),
        ({"cap_per_event": Decimal(300), "cap_per_year": Decimal(1000)}, "650", "300.00"),
        ({"cap_per_event": Decimal(400), "cap_per_year": Decimal(1000)}, "650", "350.00"),
    ],
)
def test_caps_of_the_event_and_of_the_year(fields, paid_before, pay):
    # 100 kW × 2 h × 3.5 = 700
    settled = settle(
        programme_of(**fields),
        EVENT,
        BASELINE,
        metered(700.0, 700.0),
        Decimal(100),
        paid_this_year=Decimal(paid_before),
    )
    assert (str(settled.table_pay), str(settled.pay)) == ("700.00", pay)
    assert "at most" in settled.rule.say()


def test_a_provisional_baseline_is_not_settled_on():
    with pytest.raises(BaselineProvisionalError, match="CN_AVG5"):
        settle(programme_of(), EVENT, replace(BASELINE, provisional=True), metered(700.0, 700.0), Decimal(100))


def test_rules_that_make_no_sense_are_refused():
    with pytest.raises(InvalidFieldError, match="peak shaving"):
        programme_of(direction="valley_filling", validity=Validity(mean_below_baseline=True))
    with pytest.raises(InvalidFieldError, match="cap_per_event"):
        programme_of(cap_per_event=Decimal(0))
    with pytest.raises(InvalidFieldError, match="slot_min"):
        programme_of(slot_min=0)
    with pytest.raises(InvalidFieldError, match="least_reduction_share"):
        Validity(least_reduction_share=Decimal("1.5"))
    with pytest.raises(InvalidFieldError, match=r"standby\.price_per_kw_month"):
        programme_of(price_unit="per_kw_month")


# planning: the model's term must pay what is settled, so extra rules become narrower limits or refusals


DAY_GRID = TimeGrid.of_local_days(DAY, 1, SHANGHAI)


def term_of(**fields):
    return event_term(programme_of(**fields), EVENT, BASELINE, DAY_GRID)


def test_a_cap_narrows_the_commitment():
    # at most 840 for an event; 1.2 × committed at 7 per kW: 100 kW
    assert term_of(cap_per_event=Decimal(840)).max_commitment_kw == pytest.approx(100)
    assert term_of(cap_per_event=Decimal(10**9)).max_commitment_kw == 800
    yearly = event_term(
        programme_of(cap_per_year=Decimal(1000)), EVENT, BASELINE, DAY_GRID, paid_this_year=Decimal(580)
    )
    assert yearly.max_commitment_kw == pytest.approx(50)


def test_a_least_reduction_widens_the_least_commitment():
    # the table pays from rate 0.8 on, so 88 kW of response are sure from 110 kW of commitment
    assert term_of(validity=Validity(least_reduction_kw=Decimal(88))).min_commitment_kw == pytest.approx(110)
    assert term_of(validity=Validity(least_reduction_share=Decimal("0.11"))).min_commitment_kw == pytest.approx(110)


def test_a_least_rate_becomes_a_row_of_the_table():
    term = term_of(validity=Validity(least_rate=Decimal("0.5")), settlement=FROM_HALF)
    assert [(band.from_rate, band.to_rate, band.per_delivered) for band in term.bands[:3]] == [
        (0.0, 0.3, 0.0),
        (0.3, 0.5, 0.0),
        (0.5, 1.2, 1.0),
    ]


OPEN_END = (SettlementBand(from_rate=Decimal(0), pays="delivered"),)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"slot_min": 60}, "slot_min"),
        ({"validity": Validity(peak_below_baseline=True)}, "peak_below_baseline"),
        ({"cap_per_event": Decimal(5), "settlement": OPEN_END}, "cap on pay"),
        ({"validity": Validity(least_reduction_kw=Decimal(5)), "settlement": OPEN_END}, "least response"),
    ],
)
def test_rules_that_a_plan_cannot_keep_are_refused_by_name(fields, named):
    with pytest.raises(ProgrammeNotPlannableError, match=named) as caught:
        term_of(**fields)
    assert "尚不能用于优化" in caught.value.say(Language.ZH)


def test_one_slot_for_the_whole_event_can_be_planned():
    assert term_of(slot_min=120).max_commitment_kw == 800


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [
            {"cap_per_event": Decimal(900)},
            {"cap_per_event": Decimal(2000), "cap_per_year": Decimal(1500)},
            {"validity": Validity(least_reduction_kw=Decimal(95), mean_below_baseline=True)},
            {"validity": Validity(least_rate=Decimal("0.9"), least_reduction_share=Decimal("0.2"))},
            {"validity": Validity(least_rate=Decimal("0.5")), "settlement": FROM_HALF, "cap_per_event": Decimal(3000)},
        ]
    ),
    st.integers(0, 1000),
    st.floats(0, 900),
)
def test_within_the_plans_limits_settlement_pays_what_the_term_pays(fields, thousandth, measured_kw):
    programme = programme_of(penalty_per_kwh=Decimal("0.3"), **fields)
    term = event_term(programme, EVENT, BASELINE, DAY_GRID)
    low, high = term.min_commitment_kw, term.max_commitment_kw
    if low > high:
        return
    committed = Decimal(str(round(low + (high - low) * thousandth / 1000, 6)))
    if not low <= float(committed) <= high:
        return
    settled = settle(programme, EVENT, BASELINE, metered(measured_kw, measured_kw), committed)
    assert float(settled.pay) == pytest.approx(term.pay(float(committed), measured_kw), abs=0.006)
    assert float(settled.penalty) == pytest.approx(term.penalty(float(committed), measured_kw), abs=0.006)


def test_a_flat_meter_is_the_same_by_slots_and_by_mean():
    flat = meter_of(DAY, [690.0])
    by_slot = settle(programme_of(slot_min=15), EVENT, BASELINE, flat, Decimal(100))
    assert by_slot.pay == settle(programme_of(), EVENT, BASELINE, flat, Decimal(100)).pay == Decimal("770.00")
    assert len(by_slot.slots) == 8
