"""Base, idle hours and start-ups of loads known by heart; money by hand."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from domain.text import Language
from tests.pattern_cases import HOURLY_DEMAND, by_shift, meter_of, of_code, priced, seen, the
from tests.tariff_cases import BERLIN, flat_energy


def saving_weeks(at: datetime) -> float:
    """As by_shift, but the base is 60 kW in the two weeks from Monday 5 August."""
    low = date(2024, 8, 5) <= at.date() < date(2024, 8, 19)
    return 60.0 if low and by_shift(at) == 100.0 else by_shift(at)


def test_the_base_above_the_best_weeks():
    """40 kW around the clock on 92 − 14 days; the peak of 300 kW falls in July and September, August keeps one."""
    found = the(seen(meter_of(saving_weeks), priced(flat_energy("0.5"), HOURLY_DEMAND)), "pattern_base_above_best")
    assert found.energy_kwh == found.billed_kwh == 78 * 24 * 40
    assert found.saving == Decimal(78 * 24 * 40) / 2 + 2 * 40 * 40
    assert found.finding.data["base_kw"] == 100
    assert found.finding.data["best_kw"] == 60
    assert found.sure == "estimate"


def test_sundays_above_the_best_sundays():
    """Eleven of thirteen Sundays stand 40 kW higher."""
    found = the(seen(meter_of(saving_weeks), priced()), "pattern_rest_above_best")
    assert found.energy_kwh == 11 * 24 * 40
    assert found.saving == Decimal(11 * 24 * 40) / 2


def test_an_even_base_is_no_loss():
    diagnosis = seen(meter_of(), priced())
    assert {one.code for one in diagnosis.findings} == set()
    assert (diagnosis.levels.running_kw, diagnosis.levels.base_kw, diagnosis.levels.night_kw) == (300, 100, 100)
    assert diagnosis.levels.rest_kw == 100


def test_weeks_worked_through_are_no_base():
    """Three shifts for two weeks: their 300 kW at night is production."""

    def shifts(at: datetime) -> float:
        return 300.0 if date(2024, 8, 5) <= at.date() < date(2024, 8, 19) else saving_weeks(at)

    found = of_code(seen(meter_of(shifts)), "pattern_base_above_best")
    assert found == []


def idling(at: datetime) -> float:
    """As by_shift, and 150 kW on working days from 18 to 20 h."""
    return 150.0 if at.weekday() < 5 and 18 <= at.hour < 20 else by_shift(at)


def test_idle_hours():
    found = the(seen(meter_of(idling), priced()), "pattern_idle")
    assert found.finding.data["idle_h"] == 66 * 2
    assert found.finding.data["level_kw"] == 150
    assert found.energy_kwh == 66 * 2 * 50
    assert found.saving == Decimal(66 * 2 * 50) / 2
    assert {one.load_kw for one in found.evidence} == {150}


def test_a_ramp_through_the_middle_is_not_idle():
    """An hour that climbs 120, 140, 160, 180 kW stands nowhere."""

    def climbing(at: datetime) -> float:
        rising = at.weekday() < 5 and at.hour == 7
        return 110.0 + 20 * (1 + at.minute // 15) + 20 * (at.minute // 15) if rising else by_shift(at)

    assert of_code(seen(meter_of(climbing, step_min=15)), "pattern_idle") == []


def warming_up(at: datetime) -> float:
    """200 kW before 8 h: from 7:00, on every fifth working day from 7:30."""
    if at.weekday() >= 5 or at.hour != 7:
        return by_shift(at)
    worked = np.busday_count("2024-07-01", at.date())
    return 200.0 if worked % 5 or at.minute >= 30 else 100.0


def test_start_ups_that_are_earlier_than_the_best():
    """52 of 66 working days warm up half an hour longer, 100 kW above the base."""
    found = the(seen(meter_of(warming_up, step_min=15), priced()), "pattern_start_up")
    said = found.finding.data
    assert (said["days"], said["begin"], said["reach"]) == (66, "07:00", "08:00")
    assert (said["usual_min"], said["best_min"]) == (60, 30)
    assert found.energy_kwh == 52 * 0.5 * 100
    assert found.saving == Decimal(52 * 50) / 2


@pytest.mark.parametrize("first", [date(2024, 2, 26), date(2024, 9, 30)], ids=["spring", "autumn"])
def test_a_clock_change_moves_no_start_up_and_no_typical_day(first):
    def early(at: datetime) -> float:
        if at.weekday() >= 5 or at.hour != 7:
            return by_shift(at)
        return 200.0 if at.isocalendar().week % 5 or at.minute >= 30 else 100.0

    diagnosis = seen(meter_of(early, first=first, n_days=70, zone=BERLIN, step_min=15), zone=BERLIN)
    assert the(diagnosis, "pattern_start_up").finding.data["begin"] == "07:00"
    work = diagnosis.days[0]
    assert work.n_days == 50
    assert set(work.p50_kw[32:72].tolist()) == {300.0}
    assert set(work.p50_kw[72:].tolist()) == {100.0}
    assert diagnosis.days[2].p10_kw.tolist() == [100.0] * 96


def test_every_finding_speaks_both_languages_with_its_numbers():
    found = the(seen(meter_of(idling), priced()), "pattern_idle")
    assert "6,600 kWh" in found.finding.say(Language.EN)
    assert "6,600 kWh" in found.finding.say(Language.ZH)
