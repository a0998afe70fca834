"""Peaks, levels, standstills, stuck meters and power factors of loads known by heart; money by hand."""

import math
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tariffs import LookBack, PowerFactorCharge
from forecasting.patterns.changes import segments
from tests.pattern_cases import DEMAND, HOURLY_DEMAND, by_shift, meter_of, of_code, priced, seen, the
from tests.tariff_cases import flat_energy, words

DAY = date(2024, 9, 17)


def peak_of(load_kw, step_min=15):
    demand = DEMAND if step_min == 15 else HOURLY_DEMAND
    return seen(meter_of(load_kw, step_min=step_min), priced(flat_energy("0.5"), demand)).peaks[-1]


def test_a_spike_and_what_shaving_it_brings():
    """500 kW for a quarter of an hour above 300 kW: 50 kWh at 0.5 and 200 kW at 40."""
    peak = peak_of(lambda at: 500.0 if at.date() == DAY and (at.hour, at.minute) == (14, 0) else by_shift(at))
    assert (peak.month, peak.peak_kw, peak.cause) == (date(2024, 9, 1), 500, "spike")
    assert peak.above_kw == {1: 200, 4: 200, 16: 200}
    assert peak.found.energy_kwh == 50
    assert peak.found.saving == Decimal(25) + 200 * 40
    assert peak.worth_per_kw == Decimal("40.13")  # 8025 / 200 = 40.125
    assert peak.found.evidence[0].start == datetime.fromisoformat("2024-09-17T14:00+08:00")
    assert peak.found.evidence[0].end == datetime.fromisoformat("2024-09-17T14:15+08:00")


def test_a_long_plateau_is_not_shaved_in_an_hour():
    peak = peak_of(lambda at: 500.0 if at.date() == DAY and 13 <= at.hour < 16 else by_shift(at))
    assert (peak.cause, peak.above_kw[4], peak.above_kw[16]) == ("plateau", 0, 200)
    assert peak.found.saving == 0
    assert peak.worth_per_kw is None


def test_a_peak_of_machines_starting_together():
    peak = peak_of(lambda at: 500.0 if at.date() == DAY and (at.hour, at.minute) == (8, 0) else by_shift(at))
    assert peak.cause == "start_up"


def test_a_busy_stretch():
    peak = peak_of(lambda at: 500.0 if at.date() == DAY and at.hour == 14 else by_shift(at))
    assert (peak.cause, peak.above_kw[4]) == ("rise", 200)


def test_an_hour_of_hourly_values_is_one_step():
    peak = peak_of(lambda at: 500.0 if at.date() == DAY and at.hour == 14 else by_shift(at), step_min=60)
    assert peak.above_kw[4] == 200
    assert peak.found.saving == Decimal(100) + 200 * 40


def test_a_month_is_shaved_on_its_own():
    """July's spike brings July's bill down, and no other."""
    peaks = seen(
        meter_of(lambda at: 500.0 if at.date() == date(2024, 7, 10) and at.hour == 14 else by_shift(at)),
        priced(flat_energy("0.5"), HOURLY_DEMAND),
    ).peaks
    assert [one.found.saving for one in peaks] == [Decimal(100) + 200 * 40, 0, 0]


def test_a_ratchet_carries_a_peak_into_the_next_month():
    """July, whose own bill would need June, peaks at 500 kW: August pays 80 % of it, 400 instead of 300 kW."""
    ratchet = replace(HOURLY_DEMAND, look_back=LookBack(peak_share=Decimal("0.8"), months_count=1))
    spiky = meter_of(lambda at: 500.0 if at.date() == date(2024, 7, 10) and at.hour == 14 else by_shift(at))
    diagnosis = seen(spiky, priced(flat_energy("0.5"), ratchet))
    assert diagnosis.n_billed_months == 2
    assert [one.found.saving for one in diagnosis.peaks] == [Decimal(100) * 40, 0, 0]
    assert diagnosis.peaks[0].found.billed_kwh == 0


def test_a_lasting_change_of_level():
    """60 kW more from Monday 19 August, six whole weeks."""
    load = meter_of(lambda at: by_shift(at) + (60.0 if at.date() >= date(2024, 8, 19) else 0.0))
    (change,) = seen(load, priced()).changes
    assert change.week == date(2024, 8, 19)
    assert change.change_kw == 60
    before_kw = (35 * 4400 + 14 * 2400) / (49 * 24)
    assert change.found.finding.data["change_pct"] == pytest.approx(100 * 60 / before_kw)
    assert change.found.energy_kwh == 42 * 24 * 60
    assert change.found.saving == Decimal(42 * 24 * 60) / 2


def test_two_odd_weeks_are_no_change_of_level():
    load = meter_of(lambda at: by_shift(at) + (90.0 if date(2024, 8, 5) <= at.date() < date(2024, 8, 19) else 0.0))
    assert seen(load).changes == ()


def cost(values, cuts, penalty):
    edges = [0, *cuts, len(values)]
    parts = [np.array(values[a:b], dtype=float) for a, b in pairwise(edges)]
    return sum(float(np.abs(part - np.median(part)).sum()) for part in parts) + penalty * len(cuts)


@given(st.lists(st.integers(-20, 20), min_size=4, max_size=9), st.integers(1, 30))
def test_the_cuts_are_the_best_of_all(values, penalty):
    """Against every way of cutting into levels of two or more."""
    ways = [
        cuts
        for n in range(len(values) // 2)
        for cuts in combinations(range(2, len(values) - 1), n)
        if all(b - a >= 2 for a, b in zip((0, *cuts), (*cuts, len(values)), strict=True))
    ]
    found = segments(np.array(values, dtype=float), least=2, penalty=float(penalty))
    assert found in ways
    assert cost(values, found, penalty) == pytest.approx(min(cost(values, cuts, penalty) for cuts in ways))


def test_a_standstill_on_working_days():
    """Monday 12 to Friday 16 August and the weekends around it: nine days at 100 kW."""
    load = meter_of(lambda at: 100.0 if date(2024, 8, 12) <= at.date() < date(2024, 8, 17) else by_shift(at))
    found = the(seen(load, priced()), "pattern_standstill")
    said = found.finding.data
    assert (said["days"], said["working"], said["first"], said["last"]) == (9, 5, "2024-08-10", "2024-08-18")
    assert found.energy_kwh == 9 * 24 * 100
    assert found.saving == Decimal(9 * 24 * 100) / 2


def test_a_quiet_friday_is_no_standstill():
    load = meter_of(lambda at: 100.0 if at.date() == date(2024, 8, 16) else by_shift(at))
    assert of_code(seen(load), "pattern_standstill") == []


def test_a_stuck_meter():
    noise = np.random.default_rng(5)

    def stuck(at: datetime) -> float:
        return 123.0 if date(2024, 8, 6) <= at.date() < date(2024, 8, 8) else by_shift(at) + noise.uniform(0, 9)

    found = the(seen(meter_of(stuck)), "pattern_meter_stuck")
    assert found.finding.data["hours"] == 48
    assert found.energy_kwh == 48 * 123
    assert found.evidence[0].start == datetime.fromisoformat("2024-08-06T00:00+08:00")


def test_twenty_flat_hours_are_no_stuck_meter():
    load = meter_of(lambda at: 123.0 if at.date() == date(2024, 8, 6) and at.hour < 20 else by_shift(at) + at.hour / 9)
    assert of_code(seen(load), "pattern_meter_stuck") == []


STANDARD = PowerFactorCharge(charge_id="pf", label=words("Power factor"), standard="cn_0.90")


def with_power_factor(power_factor: float, load_kw=by_shift):
    meter = meter_of(load_kw)
    return replace(meter, reactive_kvar=meter.import_kw * math.tan(math.acos(power_factor)))


def test_months_below_the_standard_and_what_the_adjustment_costs():
    """0.85 under 0.90: 5 × 0.5 % on the energy; September has 21 · 10 · 200 + 30 · 24 · 100 = 114 000 kWh."""
    low = seen(with_power_factor(0.85), priced(flat_energy("0.5"), STANDARD)).low_months
    assert [one.month for one in low] == [date(2024, 7, 1), date(2024, 8, 1), date(2024, 9, 1)]
    assert low[2].power_factor == Decimal("0.85")
    assert low[2].found.saving == Decimal("1425.00")
    excess = 114_000 * (math.tan(math.acos(0.85)) - math.tan(math.acos(0.90)))
    assert low[2].found.finding.data["kvarh"] == pytest.approx(excess)


def test_load_that_is_taken_away_takes_its_reactive_power_along():
    """Idle hours of 6 600 kWh at 0.5 with the adjustment of 2.5 %, which stays what it was.

    0.846 is billed as 0.85; with 2 % less active energy alone it would be 0.84."""

    def idling(at: datetime) -> float:
        return 150.0 if at.weekday() < 5 and 18 <= at.hour < 20 else by_shift(at)

    found = the(seen(with_power_factor(0.846, idling), priced(flat_energy("0.5"), STANDARD)), "pattern_idle")
    assert found.saving == Decimal("3382.50")


def test_a_good_power_factor_is_no_finding():
    diagnosis = seen(with_power_factor(0.93), priced(flat_energy("0.5"), STANDARD))
    assert diagnosis.low_months == ()
    assert of_code(diagnosis, "pattern_power_factor_low") == []
