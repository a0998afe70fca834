"""What holds of every diagnosis: scale, weeks, pricing, refusals; shiftable share and candidates by hand."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import catalogue
from domain.metering import MeterSeries
from domain.offers import Package
from domain.tariffs import BandCalendar, BandRule
from domain.time import TimeGrid
from forecasting.errors import ConstantLoadError, HistoryTooShortError, NoUsableDataError
from forecasting.patterns.history import TooFewWholeDaysError
from forecasting.patterns.repricing import ClocksDifferError, NothingPricedError
from tests.pattern_cases import FIRST, by_shift, meter_of, priced, seen, the
from tests.synthetic_load import plant
from tests.tariff_cases import SHANGHAI, energy, flat_energy, tariff_of, words

DAY_AND_NIGHT = BandCalendar(
    rules=(
        BandRule(band="night", windows=("00:00-24:00",)),
        BandRule(band="day", windows=("08:00-20:00",), layer=1),
    )
)
BANDED = energy(DAY_AND_NIGHT, band_prices={"day": Decimal(1), "night": Decimal("0.4")})


def test_load_factors_and_habits_by_hand():
    """Days 66 · (10 · 300 + 14 · 100) and 26 · 2400 kWh; 300 kW at most."""
    diagnosis = seen(meter_of())
    kwh = 66 * 4400 + 26 * 2400
    assert diagnosis.measured_kwh == kwh
    assert diagnosis.factors.used_h == pytest.approx(kwh / 300)
    assert diagnosis.factors.whole_share == pytest.approx(kwh / (300 * 92 * 24))
    assert diagnosis.factors.day_share == pytest.approx(4400 / 24 / 300)
    assert diagnosis.busiest is not None
    assert 8 * 60 <= diagnosis.busiest.from_min <= 14 * 60
    assert diagnosis.busiest.to_day_mean_share == pytest.approx(300 * 24 / 4400)
    assert [(day.n_days, day.day_kwh) for day in diagnosis.days] == [(66, 4400), (13, 2400), (13, 2400)]


def test_a_midday_dip_by_hand():
    """From 12 to 13 h at 220 and 180 kW for half an hour each, between 300 and 280 kW: 30 + 50 kWh."""

    def lunch(at: datetime) -> float:
        if by_shift(at) == 300.0 and at.hour == 12:
            return 220.0 if at.minute < 30 else 180.0
        return 280.0 if by_shift(at) == 300.0 and at.hour >= 13 else by_shift(at)

    dip = seen(meter_of(lunch, step_min=30)).dip
    assert dip is not None
    assert (dip.at_min, dip.shoulder_kw, dip.depth_kw, dip.dip_kwh) == (12 * 60 + 30, 280, 100, 80)
    assert seen(meter_of()).dip is None


def test_energy_by_band():
    diagnosis = seen(meter_of(), priced(BANDED))
    day_kwh = 66 * (10 * 300 + 2 * 100) + 26 * 1200
    assert diagnosis.band_kwh == {"night": 66 * 1200 + 26 * 1200, "day": day_kwh}
    assert diagnosis.billed_cost == Decimal(day_kwh) + Decimal("0.4") * 92 * 1200


@settings(max_examples=15, deadline=None)
@given(st.floats(0.05, 20.0))
def test_scaling_the_load_scales_every_kwh(scale):
    meter = plant(date(2024, 8, 5), 70)
    plain = seen(meter, zone="Europe/Berlin")
    scaled = seen(replace(meter, import_kw=meter.import_kw * scale), zone="Europe/Berlin")
    assert [one.code for one in scaled.findings] == [one.code for one in plain.findings]
    assert plain.findings
    for one, other in zip(plain.findings, scaled.findings, strict=True):
        assert other.energy_kwh == pytest.approx(one.energy_kwh * scale, rel=1e-6)
    for day, other_day in zip(plain.days, scaled.days, strict=True):
        np.testing.assert_allclose(other_day.p90_kw, day.p90_kw * scale)
    assert scaled.factors.whole_share == pytest.approx(plain.factors.whole_share)


@settings(max_examples=15, deadline=None)
@given(st.integers(-60, 60))
def test_whole_weeks_earlier_or_later_leave_the_typical_days(weeks):
    meter = meter_of(lambda at: by_shift(at) + at.day % 7)
    grid = TimeGrid(start=meter.grid.start + timedelta(days=7 * weeks), step_min=60, n_steps=meter.grid.n_steps)
    moved = MeterSeries(meter_id="m", grid=grid, import_kw=meter.import_kw)
    for day, other in zip(seen(meter).days, seen(moved).days, strict=True):
        assert other.kind == day.kind
        np.testing.assert_array_equal(other.p50_kw, day.p50_kw)


def now_and_then(at: datetime) -> float:
    """As by_shift, with 200 instead of 300 kW on every fourth working day."""
    return 200.0 if by_shift(at) == 300.0 and np.busday_count(FIRST, at.date()) % 4 == 0 else by_shift(at)


def test_the_shiftable_share_with_its_bounds():
    """49 of 66 days lie 100 kW above the lowest tenth for ten hours; the quartile is 225 kW; the base 100 kW."""
    moved = seen(meter_of(now_and_then), priced(BANDED)).shiftable
    assert moved is not None
    assert moved.moved_kwh == pytest.approx(49 * 1000)
    assert moved.low_kwh == pytest.approx(49 * 750)
    assert moved.high_kwh == pytest.approx(49 * 2000 + 17 * 1000)
    assert moved.found.saving == Decimal("29400.00")  # 49 000 · (1 − 0.4)
    assert moved.low_saving == Decimal("22050.00")
    assert moved.high_saving == Decimal("69000.00")
    assert moved.found.sure == "estimate"
    by_band = {one.band: one for one in moved.bands}
    assert by_band["night"].middle_share == 0
    assert by_band["day"].middle_share == pytest.approx(49_000 / (49 * 3200 + 17 * 2200 + 26 * 1200))


def test_nothing_moves_above_the_days_own_highest_load():
    """Nights at 290 kW leave 10 kW of room for twelve hours on each of the 49 fuller days."""
    full = meter_of(lambda at: max(now_and_then(at), 290.0 if now_and_then(at) == 100.0 else 0.0))
    moved = seen(full, priced(BANDED)).shiftable
    assert moved is not None
    assert moved.moved_kwh == pytest.approx(49 * 120)
    assert moved.found.saving == Decimal("3528.00")


def test_one_price_all_day_leaves_nothing_to_shift():
    assert seen(meter_of(now_and_then), priced()).shiftable is None


def test_packages_carry_their_bill_and_programmes_their_kw():
    cheaper = Package(package_id="cheap", name=words("cheap"), tariff=tariff_of(flat_energy("0.4"), tariff_id="c"))
    dearer = Package(package_id="dear", name=words("dear"), tariff=tariff_of(flat_energy("0.6"), tariff_id="d"))
    dollars = Package(
        package_id="usd", name=words("usd"), tariff=tariff_of(flat_energy("0.1"), tariff_id="u", currency="USD")
    )
    asked = next(one for one in catalogue.programmes() if one.programme_id == "cn-js-day-ahead-invited")
    diagnosis = seen(
        meter_of(now_and_then),
        priced(),
        packages=(cheaper, dearer, dollars),
        programmes=(asked, replace(asked, programme_id="small", min_commitment_kw=Decimal(90))),
    )
    kwh = Decimal(49 * 4400 + 17 * 3400 + 26 * 2400)
    told = [(one.candidate_id, one.fits, one.saving) for one in diagnosis.candidates[:3]]
    assert told == [("cheap", True, kwh / 10), ("dear", False, -kwh / 10), ("usd", None, None)]
    told_kw = [(one.candidate_id, one.fits, one.capable_kw) for one in diagnosis.candidates[3:]]
    assert told_kw == [("cn-js-day-ahead-invited", False, 100.0), ("small", True, 100.0)]


def test_only_months_in_force_are_priced_unless_asked_otherwise():
    billing = priced(valid_from=date(2024, 8, 1))
    diagnosis = seen(meter_of(), billing)
    assert diagnosis.n_billed_months == 2
    assert [one.code for one in diagnosis.notes] == ["pattern_month_not_priced"]
    assert diagnosis.notes[0].data["month"] == "2024-07"
    whole = seen(meter_of(), replace(billing, as_if_in_force=True))
    assert whole.n_billed_months == 3
    assert [one.code for one in whole.notes] == ["pattern_as_if_in_force"]


def test_months_with_holes_carry_no_money_and_are_named():
    meter = meter_of()
    holed = meter.import_kw.copy()
    holed[40 * 24] = np.nan
    diagnosis = seen(replace(meter, import_kw=holed, quality=None), priced())
    assert diagnosis.n_billed_months == 2
    assert diagnosis.notes[0].data == {"months": "2024-08"}


def test_what_lies_in_no_billed_month_has_no_money():
    """July's peak is found, but July was not billed; August's and September's are."""
    peaks = seen(meter_of(), priced(valid_from=date(2024, 8, 1))).peaks
    assert [(one.found.saving is None, one.found.billed_kwh) for one in peaks] == [(False, 0), (False, 0), (False, 0)]
    spiky = meter_of(lambda at: 500.0 if (at.day, at.hour) == (10, 14) else by_shift(at))
    spikes = seen(spiky, priced(valid_from=date(2024, 8, 1))).peaks
    assert [one.found.saving for one in spikes[1:]] == [Decimal(100), Decimal(100)]  # 200 kWh at 0.5
    assert (spikes[0].found.saving, spikes[0].found.energy_kwh, spikes[0].worth_per_kw) == (None, 200, None)


def test_a_tariff_in_force_never_is_refused():
    with pytest.raises(NothingPricedError, match="as if in force"):
        seen(meter_of(), priced(valid_from=date(2025, 1, 1)))


def test_another_clock_is_refused():
    with pytest.raises(ClocksDifferError):
        seen(meter_of(), priced(zone="Europe/Berlin"))


def test_less_than_two_weeks_are_refused():
    with pytest.raises(HistoryTooShortError):
        seen(meter_of(n_days=13))


def test_a_constant_load_is_refused():
    with pytest.raises(ConstantLoadError):
        seen(meter_of(lambda _: 100.0))


def test_an_empty_meter_is_refused():
    with pytest.raises(NoUsableDataError):
        seen(meter_of(lambda _: float("nan")))


def test_a_meter_without_whole_days_is_refused():
    """Eighteen hours a day are measured: much, but no day from end to end."""
    with pytest.raises(TooFewWholeDaysError):
        seen(meter_of(lambda at: by_shift(at) if at.hour < 18 else float("nan")))


def test_nights_that_are_never_measured_are_said_to_be_so():
    diagnosis = seen(meter_of(lambda at: by_shift(at) if at.hour >= 4 else float("nan"), step_min=60))
    assert diagnosis.levels.night_kw == 100
    assert np.isnan(diagnosis.days[0].p50_kw[:4]).all()
    assert diagnosis.busiest is None
    assert diagnosis.dip is None


def test_two_weeks_are_enough():
    diagnosis = seen(meter_of(n_days=14))
    assert diagnosis.peaks == ()
    assert diagnosis.measured_days == 14
    assert diagnosis.zone == SHANGHAI
    assert the(seen(meter_of(now_and_then), priced(BANDED)), "pattern_shiftable").saving == Decimal("29400.00")
