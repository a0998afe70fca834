"""A bill against ours from a meter's load: losses, registers, labels, multipliers, peaks."""

from decimal import Decimal

import pytest

from domain.tariffs import (
    BilledLoad,
)
from domain.time import TimeGrid
from tests.ebill_cases import (
    adds_up,
    all_effects,
    billed,
    book,
    check,
    effects,
    load,
    tariff,
)


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
