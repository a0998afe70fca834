"""What a month has incurred, split off by hand and held against the terms that plans are priced with."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.metering import MeterSeries
from domain.tariffs import BandCalendar, BilledLoad, LookBack, PastMonth, PowerFactorCharge, bill, priced_terms
from domain.tariffs.facts import Facts
from domain.tariffs.month_so_far import (
    MonthSoFar,
    PastHasHolesError,
    RestNotCoveredError,
    months_around,
    with_incurred,
)
from domain.time import TimeGrid
from tests.tariff_cases import SHANGHAI, demand, flat_energy, rule, supply_of, tariff_of, words

MARCH = TimeGrid.of_local_days(date(2026, 3, 1), 31, SHANGHAI, 15)
DAY = 96
EVENING = BandCalendar(rules=(rule("rest", "00:00-18:00", "22:00-24:00"), rule("evening", "18:00-22:00")))
TARIFF = tariff_of(
    flat_energy("0.5"),
    demand("36", charge_id="all"),
    demand("12", charge_id="evening", calendar=EVENING, bands=("evening",), measurement_min=30),
)


def metered(n_days: int, **peaks: float) -> MeterSeries:
    values = np.full(n_days * DAY, 100.0)
    for name, value in peaks.items():
        values[int(name[1:])] = value
    return MeterSeries(meter_id="M", grid=MARCH.part(0, n_days * DAY), import_kw=values)


def rest(n_days: int, *rows: dict[int, float]) -> dict[str, object]:
    grid = MARCH.part(n_days * DAY, MARCH.n_steps)
    samples = np.full((len(rows), grid.n_steps), 90.0)
    for row, peaks in enumerate(rows):
        for step, value in peaks.items():
            samples[row, step - n_days * DAY] = value
    return {"rest": grid, "rest_kw": samples}


def day(number: int, n_days: int = 1) -> TimeGrid:
    return MARCH.part(number * DAY, (number + n_days) * DAY)


def test_incurred_and_rest_by_hand():
    # ten days metered; the 11th is planned. A quarter of 300 kW at 12:00 of the 3rd, a half hour of 240 kW in an evening.
    noon, evening = 2 * DAY + 48, 4 * DAY + 76
    so_far = MonthSoFar(
        zone=SHANGHAI,
        measured=metered(10, **{f"s{noon}": 300.0, f"s{evening}": 260.0, f"s{evening + 1}": 220.0}),
        **rest(10, {10 * DAY + 50: 999.0}, {20 * DAY + 76: 400.0, 20 * DAY + 77: 200.0}),
    )
    whole, late = so_far.peaks(TARIFF, supply_of(), day(10))
    assert (whole.label, late.label) == ("all 2026-03", "evening 2026-03")
    assert (whole.incurred_kw, late.incurred_kw) == (300.0, 240.0)
    # the 999 kW lie inside the horizon: they are the plan's own, not the rest's
    assert whole.rest_kw.tolist() == [90.0, 400.0]
    assert late.rest_kw.tolist() == [90.0, 300.0]
    assert whole.other_kw.tolist() == [300.0, 400.0]
    assert (whole.sunk_share, whole.least_kw) == (0.5, 0.0)


def test_the_terms_have_the_same_peaks_outside():
    rng = np.random.default_rng(5)
    for known in (0, 1, 17, 30):
        measured = None if known == 0 else replace(metered(known), import_kw=rng.uniform(0, 500, known * DAY))
        grid = MARCH.part(known * DAY, MARCH.n_steps)
        so_far = MonthSoFar(zone=SHANGHAI, measured=measured, rest=grid, rest_kw=rng.uniform(0, 500, (4, grid.n_steps)))
        for horizon in (day(known), day(30)):
            terms = priced_terms(TARIFF, supply_of(), so_far.window(horizon))
            outside = {one.label: one.other_kw for one in so_far.peaks(TARIFF, supply_of(), horizon)}
            for term in terms.demand:
                assert term.other_peak_kw.tolist() == pytest.approx(outside[term.label].tolist())


def test_a_plan_pays_what_the_month_s_bill_adds():
    so_far = MonthSoFar(zone=SHANGHAI, measured=metered(10, s48=300.0), **rest(10, {}, {25 * DAY: 350.0}))
    terms = priced_terms(TARIFF, supply_of(), so_far.window(day(10)))
    low, high = np.full(DAY, 80.0), np.where(np.arange(DAY) == 50, 340.0, 80.0)
    # 260 kW more for a quarter hour: 65 kWh, 40 kW above the sunk 300 in one of two samples
    assert terms.cost(high) - terms.cost(low) == pytest.approx(65 * 0.5 + 36 * 40 / 2)
    full = so_far.window(day(10)).fill(high)
    exact = [
        bill(BilledLoad(grid=full.grid, import_kw=row), TARIFF, supply_of(), date(2026, 3, 1)) for row in full.import_kw
    ]
    assert terms.cost(high) == pytest.approx(float(sum(one.exact_total for one in exact)) / 2)


def test_a_ratchet_is_part_of_what_is_sunk():
    ratchet = tariff_of(demand("10", look_back=LookBack(peak_share=Decimal("0.8"), months_count=2)))
    past = tuple(
        PastMonth(month=date(2026, month, 1), quantities={"demand.max_demand_kw": Decimal(kw)})
        for month, kw in ((1, "500"), (2, "200"))
    )
    so_far = MonthSoFar(zone=SHANGHAI, measured=metered(3), facts=Facts(past=past), **rest(3, {}))
    (one,) = so_far.peaks(ratchet, supply_of(), day(3))
    assert (one.least_kw, one.incurred_kw, one.other_kw.tolist()) == (400.0, 100.0, [400.0])


def test_the_state_alone_is_enough_for_the_peaks():
    fresh = MonthSoFar(zone=SHANGHAI, measured=metered(10), **rest(10, {}, {25 * DAY: 350.0}))
    known = MonthSoFar(zone=SHANGHAI, measured=metered(10, s48=300.0), **rest(10, {}, {25 * DAY: 350.0}))
    terms = [priced_terms(TARIFF, supply_of(), one.window(day(10))) for one in (fresh, known)]
    kept = with_incurred(terms[0], {"all 2026-03": 300.0})
    load = np.where(np.arange(DAY) == 50, 340.0, 80.0)
    assert kept.demand_cost(load) == pytest.approx(terms[1].demand_cost(load))
    with pytest.raises(InvalidFieldError, match="evening 2026-03"):
        with_incurred(terms[0], {"all 2026-04": 300.0})


def test_holes_and_short_samples_are_refused_by_name():
    series = metered(10)
    holed = replace(series, import_kw=np.where(np.arange(10 * DAY) == 7, np.nan, 100.0), quality=None)
    with pytest.raises(PastHasHolesError) as holes:
        MonthSoFar(zone=SHANGHAI, measured=holed, **rest(10, {})).window(day(10))
    assert (holes.value.data["count"], holes.value.data["first"]) == (1, "2026-03-01 01:45 +08:00")
    late = MonthSoFar(zone=SHANGHAI, measured=series.part(DAY, 10 * DAY), **rest(10, {}))
    with pytest.raises(PastHasHolesError):
        late.window(day(10))
    with pytest.raises(RestNotCoveredError):
        MonthSoFar(zone=SHANGHAI, measured=metered(9), **rest(10, {})).window(day(10))


def test_months_around_a_horizon_over_midnight_of_a_month():
    around = months_around(day(30, 1), SHANGHAI)
    assert around == MARCH
    over = TimeGrid.of_local_days(date(2026, 3, 31), 2, SHANGHAI, 15)
    assert months_around(over, SHANGHAI).n_steps == (31 + 30) * DAY


def test_the_reactive_energy_of_the_past_and_of_the_rest_counts_with_the_plans():
    """Ten days at 100 kW and 60 kvar, a day at 120 kW, twenty at 90 kW and 30 kvar: 2920 kW and 1200 kvar, days added up.

    0.92 is reached up to tan(arccos 0.915) = 0.440930 kvarh per kWh: 1287.5 kvar, so the day may draw 87.5.
    """
    tariff = tariff_of(flat_energy("0.5"), PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90"))
    past = replace(metered(10), reactive_kvar=np.full(10 * DAY, 60.0))
    sampled = rest(10, {})
    so_far = MonthSoFar(zone=SHANGHAI, measured=past, **sampled, rest_kvar=np.full(sampled["rest_kw"].shape, 30.0))
    terms = priced_terms(tariff, supply_of(), so_far.window(day(10)))
    month = 0.5 * 2920 * 24
    for kvar, rate in ((87.0, -0.003), (88.0, -0.0015), (400.0, 0.01)):
        owed = terms.cost(np.full(DAY, 120.0), None, np.full(DAY, kvar))
        assert owed == pytest.approx(month * (1 + rate), abs=1e-6)
    # 1200 + 400 kvar: 1600 / 2920 = 0.5479, cos 0.877, so 0.88: 1 % more


def test_reactive_energy_that_the_meter_does_not_know_is_asked_for():
    sampled = rest(10, {})
    so_far = MonthSoFar(zone=SHANGHAI, measured=metered(10), **sampled, rest_kvar=np.zeros(sampled["rest_kw"].shape))
    with pytest.raises(PastHasHolesError):
        so_far.window(day(10))
