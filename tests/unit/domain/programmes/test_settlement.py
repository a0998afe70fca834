from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.metering import MeterSeries
from domain.programmes import (
    CommitmentOutsideProgrammeError,
    EventMismatchError,
    EventNotMeteredError,
    Programme,
    SettlementBand,
    event_term,
    settle,
)
from domain.text import Language
from domain.time import TimeGrid
from tests.programme_cases import SHANGHAI, baseline_at, event_of, meter_of, programme_of

EVENT = event_of("2026-06-18T14:00", "2026-06-18T16:00", "2026-06-18T08:00")
BASELINE = baseline_at(EVENT, 800.0)
DAY = date(2026, 6, 18)
PAID_AND_FINED = programme_of(penalty_per_kwh=Decimal("0.7"))


def meter_at(kw: float) -> MeterSeries:
    return meter_of(DAY, [kw])


@pytest.mark.parametrize(
    ("measured", "rate", "paid", "pay", "penalty"),
    [
        (800.0, "0", "0", "0.00", "140.00"),
        (900.0, "0", "0", "0.00", "140.00"),  # the wrong way: still only what was promised is missing
        (721.0, "0.79", "0", "0.00", "29.40"),
        (720.0, "0.8", "80", "560.00", "28.00"),
        (690.0, "1.1", "110", "770.00", "0.00"),
        (680.0, "1.2", "120", "840.00", "0.00"),
        (500.0, "3", "120", "840.00", "0.00"),
    ],
)
def test_the_common_table_worked_by_hand(measured, rate, paid, pay, penalty):
    # 2 h at 3.50 per kWh, 100 kW committed, 0.70 for each kWh short
    settled = settle(PAID_AND_FINED, EVENT, BASELINE, meter_at(measured), Decimal(100))
    assert settled.response_rate == Decimal(rate)
    assert settled.paid_kw == Decimal(paid)
    assert str(settled.pay) == pay
    assert str(settled.penalty) == penalty
    assert settled.net == Decimal(pay) - Decimal(penalty)


def test_a_rate_on_the_edge_is_not_lost_to_binary_fractions():
    settled = settle(programme_of(), EVENT, baseline_at(EVENT, 1.3 + 240.0), meter_at(1.3), Decimal(300))
    assert settled.response_rate == Decimal("0.8")
    assert settled.band.pays == "delivered"


def test_every_input_is_quoted():
    baseline = replace(BASELINE, values_kw=np.linspace(700.0, 900.0, 8), days=(date(2026, 6, 17), date(2026, 6, 15)))
    settled = settle(PAID_AND_FINED, EVENT, baseline, meter_at(700.25), Decimal(100))
    assert settled.baseline_kw == 800
    assert settled.measured_kw == Decimal("700.25")
    assert settled.delivered_kw == Decimal("99.75")
    assert settled.commitment_kw == 100
    assert settled.event_h == 2
    assert settled.baseline_days == (date(2026, 6, 17), date(2026, 6, 15))
    assert settled.baseline_rule == "CN_AVG5"
    assert settled.measured_steps_kw == (Decimal("700.25"),) * 8
    assert settled.baseline_steps_kw[0] == 700
    assert settled.baseline_steps_kw[-1] == 900
    assert (settled.currency, settled.price, settled.price_unit) == ("CNY", Decimal("3.5"), "per_kwh")
    assert settled.source.document == "test document"
    assert settled.band == PAID_AND_FINED.settlement[1]
    assert settled.rule.say() == (
        "response rate 0.9975 within [0.8, 1.2) pays 1 × delivered: 99.75 kW at 3.5 CNY per_kwh; "
        "short 0.25 kW at 0.7 CNY per_kwh; test document"
    )
    assert "响应率 0.9975" in settled.rule.say(Language.ZH)


def test_a_price_per_kw_and_event_does_not_know_hours():
    settled = settle(
        programme_of(price=Decimal(15), price_unit="per_kw_event"), EVENT, BASELINE, meter_at(700.0), Decimal(100)
    )
    assert settled.pay == 1500


def test_filling_a_valley_pays_for_more_load():
    filling = programme_of(direction="valley_filling", max_commitment_kw=Decimal(500))
    assert settle(filling, EVENT, BASELINE, meter_at(900.0), Decimal(100)).delivered_kw == 100
    assert settle(filling, EVENT, BASELINE, meter_at(700.0), Decimal(100)).pay == 0


def test_no_commitment_no_money():
    settled = settle(PAID_AND_FINED, EVENT, BASELINE, meter_at(500.0), Decimal(0))
    assert (settled.pay, settled.penalty, settled.response_rate) == (0, 0, 0)
    assert settled.delivered_kw == 300


@pytest.mark.parametrize("commitment", ["49.9", "200.1", "-5"])
def test_a_commitment_that_the_programme_does_not_allow_is_refused(commitment):
    programme = programme_of(max_commitment_kw=Decimal(200))
    with pytest.raises(CommitmentOutsideProgrammeError, match="0 or 50 … 200 kW") as caught:
        settle(programme, EVENT, BASELINE, meter_at(700.0), Decimal(commitment))
    assert "中标" in caught.value.say(Language.ZH)


def test_a_commitment_within_solver_noise_of_the_limit_is_the_limit():
    settled = settle(programme_of(), EVENT, BASELINE, meter_at(700.0), Decimal("49.9999999"))
    assert settled.commitment_kw == 50


def test_missing_steps_are_refused_by_number_and_time():
    meter = meter_at(700.0)
    values = np.array(meter.import_kw)
    values[[57, 58]] = np.nan
    holed = MeterSeries(meter_id="m", grid=meter.grid, import_kw=values)
    with pytest.raises(EventNotMeteredError, match=r"2 of 8 .* 2026-06-18T06:15") as caught:
        settle(programme_of(), EVENT, BASELINE, holed, Decimal(100))
    assert "缺失 2 个" in caught.value.say(Language.ZH)
    with pytest.raises(EventNotMeteredError, match="8 of 8"):
        settle(programme_of(), EVENT, BASELINE, meter_of(date(2026, 6, 17), [1.0]), Decimal(100))


def test_a_hole_outside_the_event_does_no_harm():
    meter = meter_at(700.0)
    values = np.array(meter.import_kw)
    values[[55, 64]] = np.nan
    holed = MeterSeries(meter_id="m", grid=meter.grid, import_kw=values)
    assert settle(programme_of(), EVENT, BASELINE, holed, Decimal(100)).pay == 700


def test_another_programmes_event_is_refused():
    with pytest.raises(EventMismatchError, match="p9"):
        settle(programme_of(programme_id="p9"), EVENT, BASELINE, meter_at(700.0), Decimal(100))


TABLES = (
    programme_of().settlement,
    (
        SettlementBand(from_rate=Decimal(0), to_rate=Decimal("0.5"), pays="nothing"),
        SettlementBand(from_rate=Decimal("0.5"), to_rate=Decimal("0.8"), pays="delivered", coefficient=Decimal("0.6")),
        SettlementBand(from_rate=Decimal("0.8"), to_rate=Decimal("1.2"), pays="delivered"),
        SettlementBand(from_rate=Decimal("1.2"), pays="nothing"),
    ),
)


def programmes() -> st.SearchStrategy[Programme]:
    return st.builds(
        programme_of,
        price=st.decimals(Decimal(0), Decimal(30), places=3),
        price_unit=st.sampled_from(["per_kwh", "per_kw_event"]),
        penalty_per_kwh=st.decimals(Decimal(0), Decimal(2), places=2),
        settlement=st.sampled_from(TABLES),
        direction=st.sampled_from(["peak_shaving", "valley_filling"]),
        max_commitment_kw=st.just(Decimal(1000)),
    )


@settings(max_examples=150, deadline=None)
@given(
    programmes(),
    st.integers(50, 1000),
    st.floats(0, 1200),
    st.lists(st.floats(0, 1200), min_size=5, max_size=5),
)
def test_settlement_pays_what_the_models_term_pays(programme, commitment, baseline_kw, measured_kw):
    event = event_of("2026-06-18T14:00", "2026-06-18T15:15", "2026-06-18T08:00")
    baseline = baseline_at(event, baseline_kw)
    day = TimeGrid.of_local_days(DAY, 1, SHANGHAI)
    values = np.zeros(day.n_steps)
    values[56:61] = measured_kw
    settled = settle(
        programme, event, baseline, MeterSeries(meter_id="m", grid=day, import_kw=values), Decimal(commitment)
    )
    term = event_term(programme, event, baseline, day)
    mean_kw = float(np.mean(measured_kw))
    # half a cent, and what the sixth decimal of a kW is worth
    tolerance = 0.005 + 1e-6 * (term.pay_per_kw + term.penalty_per_kw) * 2 + 1e-9
    assert float(settled.pay) == pytest.approx(term.pay(float(commitment), mean_kw), abs=tolerance)
    assert float(settled.penalty) == pytest.approx(term.penalty(float(commitment), mean_kw), abs=tolerance)
