"""A bill against ours from a meter's load: losses, registers, labels, multipliers, peaks."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from domain.tariffs import BandCalendar, BilledLoad
from domain.time import TimeGrid
from tests.ebill_cases import (
    CALENDAR,
    adds_up,
    all_effects,
    billed,
    book,
    check,
    effects,
    load,
    tariff,
)
from tests.tariff_cases import rule


def test_losses_that_our_meter_does_not_see():
    made = check(load=load(flat="198000"))
    adds_up(made)
    found = effects(made)
    # 2 000 kWh of transformer losses in the flat band: 0.40 + 0.01 + 0.13 + 0.05 + 0.03
    assert found["losses"] == 1240
    assert made.is_explained


def test_kwh_passed_on_to_another_meter():
    sheets = book()
    for row, share in ((3, 30000), (4, 10000), (5, 10000), (6, 10000)):
        sheets["电量明细"][row][4] += share
        sheets["电量明细"][row][7] = -share
        sheets["电量明细"][row][2] += share / 1000
    made = check(sheets, load=load(peak="133456", flat="208000", valley="108765"))
    adds_up(made)
    assert {"losses_and_adjustment"} <= effects(made).keys()
    assert made.is_explained


def test_what_registers_cannot_resolve():
    made = check(load=load(flat="199999.2", valley="98764.3"))
    adds_up(made)
    assert {"register_resolution"} <= effects(made).keys()
    assert made.is_explained
    assert abs(made.difference) < 2


def test_kwh_that_differ_are_flagged_with_both_numbers():
    made = check(load=load(valley="98000"))
    adds_up(made)
    # 765 kWh at 0.16 + 0.22
    assert made.unexplained == Decimal("290.70")
    assert {effect.cause for effect in all_effects(made) if not effect.is_explained} == {"quantity_differs"}
    assert any("98765 / 98000" in effect.why.en for effect in all_effects(made))


def test_a_forgotten_multiplier():
    made = check(load=load(peak="123.456", flat="200", valley="98.765", demand="1.04"))
    adds_up(made)
    assert "multiplier" in effects(made)
    assert made.is_explained


@pytest.mark.parametrize(("shift", "cause"), [(1, "labels_are_end"), (-1, "labels_are_start")])
def test_time_labels_read_the_wrong_way(shift, cause):
    right = load(before=4, after=4)
    shifted = TimeGrid(start=right.grid.at(shift), step_min=15, n_steps=right.grid.n_steps)
    made = check(load=BilledLoad(grid=shifted, import_kw=right.import_kw))
    adds_up(made)
    assert cause in effects(made)
    assert made.is_explained


def test_a_demand_that_our_meter_does_not_see_is_flagged():
    made = check(load=load(demand="1100"))  # the bill's register has 1 040
    adds_up(made)
    assert effects(made)["demand_measured"] == -6000  # 1 150 kW → 1 000 kW
    assert made.unexplained == -6000


def test_another_measuring_interval_must_give_the_printed_demand():
    flat = load(demand="1100")
    values = flat.import_kw.copy()
    values[0, 37] = 600.0  # with the 1 100 kW of the quarter-hour before it: 850 kW over the half-hour
    seen = BilledLoad(grid=flat.grid, import_kw=values)
    chosen = tariff(demand={"basis": "actual"})
    found = check(billed(demand_kw=850, amount=34000, measured_kw=850), chosen, load=seen)
    adds_up(found)
    assert effects(found)["measurement_min_30"] == -10000
    found = check(billed(demand_kw=860, amount=34400, measured_kw=860), chosen, load=seen)
    adds_up(found)
    assert effects(found)["demand_measured"] == -9600


def test_a_demand_measured_in_sliding_windows():
    coarse = load(demand="500")
    fine = TimeGrid(start=coarse.grid.start, step_min=5, n_steps=3 * coarse.grid.n_steps)
    values = np.repeat(coarse.import_kw[0], 3)
    first = 36 * 3  # 09:00; blocks end at 09:15, the highest quarter of an hour is 09:05 … 09:20
    values[first : first + 6] = [200, 900, 1200, 900, 300, 300]
    seen = BilledLoad(grid=fine, import_kw=values)
    # blocks: 766.7 and 500.0 kW, under the flat hours' 806.5; sliding: (900 + 1 200 + 900) / 3 = 1 000 kW
    actual = tariff(demand={"basis": "actual"})
    made = check(billed(demand_kw=1000, amount=40000, measured_kw=1000), actual, load=seen)
    adds_up(made)
    (demand,) = [line for line in made.lines if line.kind == "demand"]
    (effect,) = demand.effects
    assert effect.amount == Decimal("7741.94")  # (1 000 − 806.451613) × 40
    # the contract value is 1 000 kW too: both causes are told
    assert "contract value" in effect.why.en
    assert any("sliding" in one.en for one in effect.rivals)
    values[first : first + 6] = [200, 990, 1200, 990, 300, 300]
    seen = BilledLoad(grid=fine, import_kw=values)
    made = check(billed(demand_kw=1060, amount=42400, measured_kw=1060), actual, load=seen)
    assert effects(made)["sliding_true"] == Decimal("10141.94")


def test_holidays_that_the_bill_does_not_know():
    holiday = BandCalendar(rules=(*CALENDAR.rules, rule("valley", "00:00-24:00", days=("holiday",), layer=1)))
    chosen = replace(tariff(energy={"calendar": holiday}), country="CN")
    made = check(chosen=chosen, load=load())
    adds_up(made)
    assert "holidays_not_applied" in effects(made)
    assert made.is_explained
    assert made.tariff_as_billed.country is None
