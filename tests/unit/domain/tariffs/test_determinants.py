from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from domain.tariffs import (
    BandCalendar,
    BilledLoad,
    CapacityCharge,
    CapacityUnknownError,
    ContractDemandUnknownError,
    FixedCharge,
    MonthNotCoveredError,
    PowerFactorCharge,
    PowerFactorUnknownError,
    StepTooCoarseError,
    measure,
)
from domain.tariffs.bands import BandEdgeError
from domain.tariffs.determinants import block_peaks_kw, clock_blocks
from domain.text import Language
from domain.time import TimeGrid
from tests.tariff_cases import BERLIN, SHANGHAI, demand, energy, load_at, month_grid, rule, supply_of, tariff_of, words

MARCH = date(2026, 3, 1)
DAY_NIGHT = BandCalendar(rules=(rule("day", "08:00-20:00"), rule("night", "20:00-08:00")))
PRICED = {"band_prices": {"day": Decimal(1), "night": Decimal(2)}}


def one(load, charge, supply=None, month=MARCH, **fields):
    (found,) = measure(load, tariff_of(charge, **fields), supply or supply_of(), month)
    return {name: values.tolist() for name, values in found.quantities.items()}


def test_energy_is_told_apart_by_band_and_sample():
    grid = month_grid(MARCH)
    rows = np.array([np.full(grid.n_steps, 4.0), np.full(grid.n_steps, 6.0)])
    rows[1, 9 * 4] = 10.0  # 09:00-09:15, day
    found = one(BilledLoad(grid=grid, import_kw=rows), energy(DAY_NIGHT, **PRICED))
    assert found == {"energy_kwh.day": [31 * 12 * 4.0, 31 * 12 * 6.0 + 1.0], "energy_kwh.night": [1488.0, 2232.0]}


def test_bands_that_the_month_does_not_have_are_left_out():
    summer = BandCalendar(rules=(rule("flat", "00:00-24:00"), rule("sharp", "18:00-20:00", months=(7,), layer=1)))
    charge = energy(summer, band_prices={"flat": Decimal(1), "sharp": Decimal(3)})
    assert set(one(load_at(month_grid(MARCH), 1.0), charge)) == {"energy_kwh.flat"}
    july = date(2026, 7, 1)
    assert one(load_at(month_grid(july), 1.0), charge, month=july)["energy_kwh.sharp"] == [62.0]


def test_the_month_is_cut_out_of_a_longer_load():
    grid = month_grid(date(2026, 2, 1), n_months=3)
    values = np.full(grid.n_steps, 1.0)
    values[: 28 * 96] = 50.0
    values[59 * 96 :] = 70.0
    found = one(BilledLoad(grid=grid, import_kw=values), demand("1"), month=date(2026, 3, 17))
    assert found == {"max_demand_kw": [1.0], "billed_demand_kw": [1.0]}


def test_demand_is_the_highest_block_mean():
    grid = month_grid(MARCH)
    load = load_at(grid, 10.0, s41=30.0, s42=50.0)  # 10:15-10:30 and 10:30-10:45
    assert one(load, demand("1"))["max_demand_kw"] == [50.0]
    assert one(load, demand("1", measurement_min=30))["max_demand_kw"] == [(50.0 + 10.0) / 2]
    assert one(load, demand("1", measurement_min=60))["max_demand_kw"] == [(10.0 + 30.0 + 50.0 + 10.0) / 4]


def test_a_partly_covered_block_counts_with_its_steps_inside():
    window = BandCalendar(rules=(rule("in", "10:15-10:45"), rule("out", "10:45-10:15")))
    load = load_at(month_grid(MARCH), 10.0, s40=900.0, s41=30.0, s42=50.0)
    charge = demand("1", measurement_min=60, calendar=window, bands=("in",))
    assert one(load, charge)["max_demand_kw"] == [40.0]


def test_a_demand_below_zero_counts_as_zero():
    assert one(load_at(month_grid(MARCH), -5.0), demand("1"))["max_demand_kw"] == [0.0]


def test_a_window_that_the_month_lacks_measures_nothing():
    window = BandCalendar(rules=(rule("in", "10:00-12:00", months=(7,)), rule("out", "00:00-24:00", layer=-1)))
    charge = demand("1", calendar=window, bands=("in",))
    assert one(load_at(month_grid(MARCH), 10.0), charge)["max_demand_kw"] == [0.0]


def test_a_demand_charge_out_of_season_measures_nothing():
    assert one(load_at(month_grid(MARCH), 10.0), demand("1", months=(7, 8))) == {}


def test_contract_rule_is_applied_to_each_sample():
    grid = month_grid(MARCH)
    rows = np.full((2, grid.n_steps), 100.0)
    rows[1, 7] = 1100.0
    charge = demand("1", basis="contract", over_rule="contract_plus_double")
    found = one(BilledLoad(grid=grid, import_kw=rows), charge, supply_of(contract_demand_kw="1000"))
    assert found == {"max_demand_kw": [100.0, 1100.0], "billed_demand_kw": [1000.0, 1100.0]}


def test_blocks_follow_the_local_clock_across_a_clock_change():
    # Lord Howe moves its clock by half an hour: 2026-04-05 02:00 falls back to 01:30.
    grid = TimeGrid(start=datetime(2026, 4, 4, 14, 0, tzinfo=UTC), step_min=30, n_steps=6)
    clocks = [f"{one:%H:%M}" for one in grid.local_starts("Australia/Lord_Howe")]
    assert clocks == ["01:00", "01:30", "01:30", "02:00", "02:30", "03:00"]
    assert clock_blocks(grid, "Australia/Lord_Howe", 60).tolist() == [0, 0, 1, 2, 2, 3]


def test_blocks_of_a_half_hour_zone_lie_on_its_own_hour():
    grid = month_grid(MARCH, "Asia/Kolkata", 30)
    assert clock_blocks(grid, "Asia/Kolkata", 60)[:4].tolist() == [0, 0, 1, 1]
    assert block_peaks_kw(np.arange(4.0)[None, :], np.array([0, 0, 1, 1])).tolist() == [2.5]


def test_fixed_charges_count_local_calendar_days():
    charge = FixedCharge(charge_id="f", label=words("f"), amount_per_day=Decimal(1))
    for month, days in ((MARCH, 31.0), (date(2028, 2, 1), 29.0)):
        load = load_at(month_grid(month, BERLIN), 1.0)
        assert one(load, charge, month=month, zone=BERLIN) == {"months_count": [1.0], "days_count": [days]}


def test_reactive_energy_gives_each_sample_its_power_factor():
    grid = month_grid(MARCH)
    reactive = np.array([np.full(grid.n_steps, 3.0), np.full(grid.n_steps, 0.0)])
    load = BilledLoad(grid=grid, import_kw=np.full((2, grid.n_steps), 4.0), reactive_kvar=reactive)
    found = one(load, PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90"))
    assert found == {"active_kwh": [2976.0] * 2, "reactive_kvarh": [2232.0, 0.0], "power_factor": [0.8, 1.0]}


def test_power_factor_of_the_month_comes_before_the_typical_one():
    charge = PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90")
    grid, supply = month_grid(MARCH), supply_of(power_factor="0.91")
    load = BilledLoad(grid=grid, import_kw=np.ones(grid.n_steps), power_factor=Decimal("0.87"))
    assert one(load, charge, supply) == {"power_factor": [0.87]}
    assert one(load_at(grid, 1.0), charge, supply) == {"power_factor": [0.91]}
    with pytest.raises(PowerFactorUnknownError, match="reactive_kvar"):
        one(load_at(grid, 1.0), charge)


def test_capacity_is_the_supply_points():
    charge = CapacityCharge(charge_id="cap", label=words("cap"), price_per_kva_month=Decimal(1))
    load = load_at(month_grid(MARCH), 1.0)
    assert one(load, charge, supply_of(capacity_kva="630")) == {"capacity_kva": [630.0]}
    with pytest.raises(CapacityUnknownError, match="capacity_kva"):
        one(load, charge)


@pytest.mark.parametrize("month", [MARCH, date(2026, 8, 1)])
def test_a_contract_charge_without_a_contract_value_is_refused(month):
    charge = demand("1", basis="contract", months=(3,))
    with pytest.raises(ContractDemandUnknownError, match=r"supply\.contract_demand_kw"):
        one(load_at(month_grid(month), 1.0), charge, month=month)


def test_a_month_that_is_not_whole_names_the_first_missing_instant():
    whole = month_grid(MARCH)
    late = TimeGrid(start=whole.start + timedelta(minutes=15), step_min=15, n_steps=whole.n_steps)
    with pytest.raises(MonthNotCoveredError, match="2026-03-01T00:00:00"):
        one(load_at(late, 1.0), demand("1"))
    with pytest.raises(MonthNotCoveredError, match="2026-03-31T23:45:00") as caught:
        one(load_at(whole.part(0, whole.n_steps - 1), 1.0), demand("1"))
    assert "未覆盖" in caught.value.say(Language.ZH)
    with pytest.raises(MonthNotCoveredError, match="2026-05-01T00:00:00"):
        one(load_at(whole, 1.0), demand("1"), month=date(2026, 5, 9))


def test_a_load_in_another_zone_does_not_cover_the_month():
    with pytest.raises(MonthNotCoveredError, match="Europe/Berlin"):
        one(load_at(month_grid(MARCH, SHANGHAI), 1.0), demand("1"), zone=BERLIN)


@pytest.mark.parametrize(("step_min", "measurement_min"), [(30, 15), (60, 15), (60, 30), (10, 15)])
def test_steps_that_do_not_divide_the_measurement_are_refused(step_min, measurement_min):
    load = load_at(month_grid(MARCH, step_min=step_min), 1.0)
    with pytest.raises(StepTooCoarseError, match=f"demand.*{measurement_min} minutes.*{step_min}-minute"):
        one(load, demand("1", measurement_min=measurement_min))


def test_hour_steps_cannot_follow_a_half_hour_zone():
    grid = TimeGrid(start=datetime(2026, 2, 27, tzinfo=UTC), step_min=60, n_steps=24 * 40)
    with pytest.raises(StepTooCoarseError, match="30 minutes"):
        one(load_at(grid, 1.0), demand("1", measurement_min=60), zone="Asia/Kolkata")


def test_a_band_edge_inside_a_step_is_refused():
    calendar = BandCalendar(rules=(rule("day", "08:15-20:00"), rule("night", "20:00-08:15")))
    with pytest.raises(BandEdgeError, match="08:15"):
        one(load_at(month_grid(MARCH, step_min=30), 1.0), energy(calendar, **PRICED))
