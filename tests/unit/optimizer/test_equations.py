"""One hand-worked point per equation of docs/formulation.md; all numbers different.

``by`` says by how much a row is broken at the point: negative where it holds with room to spare, for an
equality the distance.
"""

import pytest
from pyomo.environ import ConcreteModel, value

from optimizer.formulation import build, plan_sets
from tests.optimizer_answers import broken_by, place
from tests.optimizer_cases import equipped_problem


@pytest.fixture
def model() -> ConcreteModel:
    return build(plan_sets(equipped_problem()))


POINTS = {
    # C wants 3 runs; 1 in step 4, 1 in step 9: one is missing.
    "P1": ("all_runs_start", "C", {("run_count", ("C", 4)): 1, ("run_count", ("C", 9)): 1}, 1.0),
    # A (3 h) from 6 and B (2.5 h, a begun step counts whole) from 5 both hold M in step 7; there is 1.
    "P2": ("machine_capacity", ("M", 7), {("run_count", ("A", 6)): 1, ("run_count", ("B", 5)): 1}, 1.0),
    # ... but in step 8 B has left.
    "P2 after": ("machine_capacity", ("M", 8), {("run_count", ("A", 6)): 1, ("run_count", ("B", 5)): 1}, 0.0),
    # A 6..9, B from 11: wait 2 h, least 0.5 h.
    "P3": ("least_gap", ("A", "B"), {("run_count", ("A", 6)): 1, ("run_count", ("B", 11)): 1}, -1.5),
    # A 1..4, B from 13: wait 9 h, most 4 h.
    "P4": ("greatest_gap", ("A", "B"), {("run_count", ("A", 1)): 1, ("run_count", ("B", 13)): 1}, 5.0),
    # 40 t at the start, B takes 6 in its first step, C brings 4/2 in it: 36; said to be 31.
    "S1 start": ("store_balance", ("I", 0), {("run_count", ("B", 0)): 1, ("run_count", ("C", 0)): 1, ("level", ("I", 0)): 31}, 5.0),
    # 33 t before, 2 C bring 2 each in their second step, 7 are drawn: 30; said to be 41.
    "S1": ("store_balance", ("I", 9), {("level", ("I", 8)): 33, ("run_count", ("C", 8)): 2, ("level", ("I", 9)): 41}, 11.0),
    # 35 t must be left, 22 are.
    "S2": ("level_at_end", "I", {("level", ("I", 23)): 22}, 13.0),
    # 8 steps, 333 kWh wanted; 61 + 45 given.
    "M1": ("shift_energy", ("J", 0), {("modulating_kw", ("J", 6)): 61, ("modulating_kw", ("J", 13)): 45}, 227.0),
    # 80 + 0.96·50 - 46/0.92 = 78; said to be 71.
    "B1 start": ("soc_balance", ("B", 0), {("charge_kw", ("B", 0)): 50, ("discharge_kw", ("B", 0)): 46, ("soc_kwh", ("B", 0)): 71}, 7.0),
    # 60 + 0.96·25 - 23/0.92 = 59; said to be 62.
    "B1": ("soc_balance", ("B", 5), {("soc_kwh", ("B", 4)): 60, ("charge_kw", ("B", 5)): 25, ("discharge_kw", ("B", 5)): 23, ("soc_kwh", ("B", 5)): 62}, 3.0),
    "B2": ("soc_at_end", "B", {("soc_kwh", ("B", 23)): 58}, 12.0),
    "B3": ("charge_only", ("B", 3), {("charge_kw", ("B", 3)): 31}, 31.0),
    "B3 open": ("charge_only", ("B", 3), {("charge_kw", ("B", 3)): 31, ("charges", ("B", 3)): 1}, -24.0),
    "B4": ("discharge_only", ("B", 3), {("discharge_kw", ("B", 3)): 27, ("charges", ("B", 3)): 1}, 27.0),
    "B4 open": ("discharge_only", ("B", 3), {("discharge_kw", ("B", 3)): 27}, -38.0),
    # base 100 + 3·9 = 127, A 130 (from 8), J 21, charging 9, discharging 5, PV 17: net 265; said 300 - 2.
    "G1": ("power_balance", 9, {("import_kw", 9): 300, ("export_kw", 9): 2, ("run_count", ("A", 8)): 1, ("modulating_kw", ("J", 9)): 21,
                                ("charge_kw", ("B", 9)): 9, ("discharge_kw", ("B", 9)): 5, ("pv_used_kw", ("G", 9)): 17}, 33.0),
    # B's last hour is half used: 70/2 = 35 kW; base 100 + 3·4 = 112.
    "G1 half step": ("power_balance", 4, {("run_count", ("B", 2)): 1}, 147.0),
    "G2": ("import_only", 2, {("import_kw", 2): 19}, 19.0),
    "G2 open": ("import_only", 2, {("import_kw", 2): 19, ("imports", 2): 1}, -981.0),
    "G3": ("export_only", 2, {("export_kw", 2): 14, ("imports", 2): 1}, 14.0),
    "G3 open": ("export_only", 2, {("export_kw", 2): 14}, -46.0),
    # the block of hours 8 and 9: (410 + 270)/2 = 340 against 325.
    "D1": ("peak_covers_block", (0, 0), {("import_kw", 8): 410, ("import_kw", 9): 270, ("peak_kw", 0): 325}, 15.0),
    # 451 kW are 31 above the knot at 420; 12 are counted.
    "D2": ("excess_above_knot", (0, 0), {("peak_kw", 0): 451, ("excess_kw", (0, 0)): 12}, 19.0),
    "D3": ("jump_above_threshold", 0, {("peak_kw", 0): 437}, 17.00042),
    "E1": ("one_settlement", "E", {("settled", ("E", 0)): 1, ("settled", ("E", 3)): 1}, 1.0),
    # 50 kW is the least, 43 are committed.
    "E2": ("least_commitment", ("E", 2), {("settled", ("E", 2)): 1, ("committed_kw", ("E", 2)): 43}, 7.0),
    # the table's 0.8 row can promise at most 400/0.8 = 500 kW (a millionth less).
    "E3": ("most_commitment", ("E", 2), {("settled", ("E", 2)): 1, ("committed_kw", ("E", 2)): 511}, 11.0005),
    "E4": ("rate_from", ("E", 2), {("committed_kw", ("E", 2)): 100, ("delivered_kw", ("E", 2)): 73}, 7.00008),
    "E5": ("rate_to", ("E", 2), {("committed_kw", ("E", 2)): 100, ("delivered_kw", ("E", 2)): 137}, 17.00012),
    "E6 least": ("response_within", ("E", 1, "least"), {("settled", ("E", 1)): 1, ("delivered_kw", ("E", 1)): -613}, 13.0),
    "E6 most": ("response_within", ("E", 2, "most"), {("delivered_kw", ("E", 2)): 29}, 29.0),
    "E7 least": ("idle_within", ("E", "least"), {("idle_response_kw", "E"): -604}, 4.0),
    "E7 most": ("idle_within", ("E", "most"), {("idle_response_kw", "E"): 408, ("settled", ("E", 3)): 1}, 408.0),
    # baseline 400, mean import (310 + 250)/2 = 280: response 120; 90 said under row 2, 19 idle.
    "E8": ("response_split", "E", {("import_kw", 18): 310, ("import_kw", 19): 250, ("delivered_kw", ("E", 2)): 90, ("idle_response_kw", "E"): 19}, 11.0),
    "E9": ("shortfall", ("E", 2), {("committed_kw", ("E", 2)): 120, ("delivered_kw", ("E", 2)): 97, ("shortfall_kw", ("E", 2)): 6}, 17.0),
    # a negative response counts as none: all 80 are short, not 113.
    "E9 negative": ("shortfall", ("E", 1), {("committed_kw", ("E", 1)): 80, ("delivered_kw", ("E", 1)): -33, ("shortfall_kw", ("E", 1)): 61}, 19.0),
}  # fmt: skip


@pytest.mark.parametrize("tag", POINTS)
def test_equation_at_a_hand_worked_point(model: ConcreteModel, tag: str):
    name, index, point, by = POINTS[tag]
    assert model.component(name).doc == tag.split(maxsplit=1)[0]
    assert broken_by(model, name, index, point) == pytest.approx(by, abs=1e-6)


def test_objective_at_a_hand_worked_point(model: ConcreteModel):
    point = {
        ("import_kw", 3): 40.0,  # -0.05 · 40 = -2
        ("import_kw", 12): 100.0,  # 0.61 · 100 = 61
        ("import_kw", 20): 10.0,  # 1.13 · 10 = 11.3
        # 3 hours from 13 end at 16, an hour late: 2·(3·37) + 17 + 11 = 250
        ("run_count", ("A", 13)): 1,
        # hours 17, 18, 19 cross into the night: 2·(37 + 53 + 53) + 5·17 + 11 = 382
        ("run_count", ("A", 17)): 1,
        ("discharge_kw", ("B", 7)): 30.0,  # 0.03 · 30 = 0.9
        ("delivered_kw", ("E", 2)): 60.0,  # pays 4 · 60 = 240
        ("committed_kw", ("E", 3)): 10.0,  # pays 4 · 1.2 · 10 = 48
        ("shortfall_kw", ("E", 2)): 8.0,  # fined 1.5 · 8 = 12
        # two of three samples lie below 420 and share the knot: 41 · 2 · 2/3 · 33 = 1804
        ("excess_kw", (0, 0)): 33.0,
        ("over", 0): 1,  # 41 · 20 · 2/3 = 546.667
    }
    place(model, point)
    # sunk: 900 + 41·400 + the third sample: 41 · (20 + 2 · 100)/3
    sunk = 900 + 16400 + 41 * 220 / 3
    if len(model.KNOTS) == 2:  # the third sample keeps a knot of its own where the horizon could exceed it
        sunk -= 41 * 200 / 3
    expected = sunk - 2 + 61 + 11.3 + 250 + 382 + 0.9 - 240 - 48 + 12 + 1804 + 41 * 20 * 2 / 3
    assert value(model.total_cost) == pytest.approx(expected, rel=1e-12)
