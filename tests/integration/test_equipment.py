"""Every sample of equipment: solved, replayed by the audit, does what its people expect, and is had as a workbook.

The day has three prices: 0.32 before 8, 1.15 from 17 to 21, 0.64 else. Expectations are worked out by hand from the
sample's own numbers.
"""

import re
from functools import cache
from itertools import groupby, permutations
from pathlib import Path

import numpy as np
import pytest

from benchmarks.equipment_day import BASE_KW, HOURS, PEAK, PRICE, VALLEY, equipment_day
from domain.checks import FloatArray
from domain.equipment_samples import equipment_names, equipment_plant
from domain.errors import UnknownReferenceError
from domain.files.plant_file import read_plant
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.plant.expand import plan_ways
from optimizer.audit import audit
from optimizer.response import best_response, today_response
from tests.cli_cases import wattplan

QUARTER_H = 0.25
GAP_SHARE = {"melt-shop": 0.01}


def options(name: str) -> SolveOptions:
    return SolveOptions(deadline_s=60.0, gap_share=GAP_SHARE.get(name, 0.0005))


@cache
def solved(name: str) -> tuple[ResponseProblem, Response]:
    """Solve a sample's day once and have the answer replayed by the audit."""
    asked = equipment_day(name)
    answer = best_response(asked, options(name))
    assert audit(answer.schedule, asked).violations == ()
    return asked, answer


def rates_of(name: str) -> dict[str, FloatArray]:
    return {key: use.rate for key, use in solved(name)[1].schedule.processes.items()}


def levels(start: float, change: FloatArray, kept: float = 1.0, rest: float = 0.0) -> FloatArray:
    """Step through a store."""
    found, level = [], start
    for one in change.tolist():
        level = rest + kept * (level - rest) + one
        found.append(level)
    return np.array(found)


def step_of(name: str, run) -> int:
    return round((run.start - solved(name)[0].horizon.start).total_seconds() / 900)


def test_there_is_a_day_for_each_sample():
    assert set(equipment_names()) == set(BASE_KW)


def test_an_unknown_sample_is_refused_by_name():
    with pytest.raises(UnknownReferenceError, match="cold-store"):
        equipment_plant("cold")


@pytest.mark.parametrize("name", sorted(BASE_KW))
def test_the_best_day_costs_no_more_than_today(name):
    asked, answer = solved(name)
    today = today_response(asked, options(name))
    assert audit(today.schedule, asked).violations == ()
    assert answer.costs.total_cost < today.costs.total_cost


def test_a_cold_store_cools_ahead_of_the_peak_and_stands_still_in_it():
    rate = rates_of("cold-store")["compressors"]
    inside = levels(-18.0, -0.25 * QUARTER_H * rate, kept=(1 - 0.0105) ** QUARTER_H, rest=20.0)
    assert -22 - 1e-6 <= inside.min() <= inside.max() <= -16 + 1e-6
    assert inside[-1] <= -18 + 1e-6
    assert rate[PEAK].sum() < 0.02 * rate.sum()
    # Left alone for four hours it keeps 0.9895^4 of the distance to 20 °C: to end at -16 it must begin at -17.55.
    assert inside[67] <= 20 - 36 / 0.9895**4 + 1e-6 == pytest.approx(-17.55, abs=0.01)
    assert inside[31] < -20  # pre-cooled in the valley


def test_forklifts_are_full_in_time_within_their_shared_supply():
    rates = rates_of("forklift-chargers")
    assert sum(rates.values()).max() <= 40 + 1e-6
    for number in range(1, 5):
        rate = rates[f"truck{number}"]
        assert QUARTER_H * rate[:24].sum() == pytest.approx(18 + number)
        assert QUARTER_H * rate[72:].sum() == pytest.approx(9 + number)
        assert rate[24:72].max() == 0
    for number in range(5, 9):
        assert QUARTER_H * rates[f"truck{number}"][:56].sum() == pytest.approx(19 + number)
    # 82 + 102 kWh can all wait for the valley, the evening's 46 kWh for the end of the peak: 1.08 kWh for each
    charging = 1.08 * (0.32 * 184 + 0.64 * 46)
    assert solved("forklift-chargers")[1].costs.total_cost == pytest.approx(
        charging + 90 * QUARTER_H * PRICE.sum(), rel=0.0005
    )


def test_an_engine_runs_through_the_peak_and_the_store_takes_its_heat():
    rates = rates_of("chp-heat-store")
    heat = levels(
        400.0,
        QUARTER_H * (1.18 * rates["chp"] + rates["boiler"] - rates["heat-demand"]),
        kept=0.995**QUARTER_H,
    )
    assert -1e-6 <= heat.min() <= heat.max() <= 1200 + 1e-6
    assert heat[-1] >= 400 - 1e-6
    # A kWh of its power costs 0.79 - 1.18 * 0.326 = 0.41 once its heat is used: more than the valley's, less than all else.
    assert rates["chp"][VALLEY].max() == 0
    assert rates["chp"][PEAK] == pytest.approx(400)
    assert heat[83] > heat[67]  # 472 kW of heat against 320 kW drawn
    assert rates["boiler"][PEAK].max() == 0


def test_an_electrolyser_fills_the_tank_before_the_peak():
    rates = rates_of("electrolyser-tank")
    stack = rates["stack"]
    tank = levels(120.0, QUARTER_H * (stack - rates["refuelling"]))
    assert 20 - 1e-6 <= tank.min() <= tank.max() <= 300 + 1e-6
    assert tank[-1] >= 120 - 1e-6
    assert stack[PEAK].max() == 0
    # From 17 to 22 a hundred kg are drawn; what the evening does not make up must be there before
    assert tank[67] >= 20 + 4 * 20 - 1e-6
    assert stack[VALLEY].mean() > 2 * stack[~VALLEY].mean()
    assert np.abs(np.diff(stack))[(stack[1:] > 0) & (stack[:-1] > 0)].max() <= 30 * QUARTER_H + 1e-6


def test_a_cement_mill_rests_in_the_peak_and_the_silo_bridges_it():
    rates = rates_of("cement-mill")
    mill = rates["mill"]
    silo = levels(1300.0, QUARTER_H * (mill - rates["dispatch"]))
    assert 450 - 1e-6 <= silo.min() <= silo.max() <= 2850 + 1e-6
    assert silo[-1] >= 1300 - 1e-6
    blocks = [(is_on, len(list(block))) for is_on, block in groupby((mill > 0).tolist())]
    assert all(length >= (12 if is_on else 4) for is_on, length in blocks[1:-1])
    assert mill[VALLEY] == pytest.approx(100)
    assert mill[PEAK].max() == 0
    # 1500 t at 27 kWh and 15 h at 700 kW, 800 t of them in the valley, and one start
    least = 0.32 * (8 * 3400 + 150) + 0.64 * 7 * 3400 + 300
    rest = QUARTER_H * float((PRICE * (400 + np.where((HOURS >= 7) & (HOURS < 19), 300, 0))).sum())
    assert solved("cement-mill")[1].costs.total_cost == pytest.approx(least + rest, rel=0.0005)


def test_a_mixer_makes_each_colour_in_one_go_from_light_to_dark():
    asked, answer = solved("batch-mixer")
    cost = {(one.from_family, one.to_family): one.cost for one in asked.plan.changeovers}
    cheapest = min(
        permutations(("white", "grey", "black")),
        key=lambda order: sum(cost[pair] for pair in zip(("grey", *order), order, strict=False) if pair[0] != pair[1]),
    )
    runs = sorted(answer.schedule.runs, key=lambda run: run.start)
    assert tuple(family for family, _ in groupby(run.task_id for run in runs)) == cheapest == ("grey", "white", "black")
    assert answer.costs.changeover_cost == pytest.approx(420 + 80)
    started = np.array([step_of("batch-mixer", run) for run in runs])
    assert not PEAK[started].any()
    assert not PEAK[started + 3].any()


def test_a_melt_shop_takes_the_other_ladle_furnace_during_repair_and_rolls_hot():
    asked, answer = solved("melt-shop")
    ways, at = plan_ways(asked.plan), {run.task_id: run for run in answer.schedule.runs}
    repair = next(one for one in asked.plan.machines if one.machine_id == "lf1").outages[0]
    for heat in "123":
        chain = [at[f"{work}{heat}"] for work in ("melt", "refine", "cast")]
        ends = [run.start + ways[run.task_id, run.mode_id].duration for run in chain]
        for end, following in zip(ends, chain[1:], strict=False):
            assert 0 <= (following.start - end).total_seconds() <= 30 * 60
        melting = step_of("melt-shop", chain[0])
        assert not PEAK[melting : melting + 4].any()
        if chain[1].start < repair.end and ends[1] > repair.start:
            assert chain[1].mode_id == "lf2"
    assert at["refine2"].mode_id == "lf2"  # released at 2 and cast by 13: furnace 1 is under repair all that time
    assert VALLEY[step_of("melt-shop", at["melt2"])]
    rolled = np.concatenate([[0.0], QUARTER_H * np.cumsum(answer.schedule.processes["bar-mill"].rate)])
    casts = sorted(step_of("melt-shop", at[f"cast{heat}"]) + 4 for heat in "123")  # 50 min occupy four steps
    for number, done in enumerate(casts, start=1):
        assert rolled[min(96, done - 1 + 16 + 1)] >= 98 * number - 1e-6  # within 4 h of the step in which it was cast
    assert rolled[-1] == pytest.approx(3 * 98)


@pytest.mark.parametrize("name", sorted(BASE_KW))
def test_a_newcomer_gets_the_workbook_of_a_sample(name, tmp_path):
    path = tmp_path / "plant.xlsx"
    wattplan("plan", "template", str(path), "--equipment", name)
    assert [one.name for one in tmp_path.iterdir()] == ["plant.xlsx"]
    assert read_plant(path) == equipment_plant(name)


def test_a_press_shop_compensates_to_the_nearest_step_and_presses_before_the_peak():
    """Today's controller leaves up to a step; the best bank the nearer of two, for a kvarh fed back costs no more."""
    asked, answer = solved("press-shop")
    schedule = answer.schedule
    bank = schedule.compensation_kvar["bank"]
    left = schedule.forward_kvar + schedule.reverse_kvar
    assert ((left <= 25.0 + 1e-6) | (bank == 350.0)).all()
    assert schedule.reverse_kvar.max() > 1.0
    assert (schedule.compensation_kvar["fixed"] == 20.0).all()
    today = today_response(asked, options("press-shop")).schedule
    assert today.reverse_kvar.max() == 0.0
    assert ((today.forward_kvar < 50.0) | (today.compensation_kvar["bank"] == 350.0)).all()
    assert not any(PEAK[step_of("press-shop", run) : step_of("press-shop", run) + 8].any() for run in schedule.runs)


def test_the_workbook_of_a_sample_is_refused_where_it_cannot_be(tmp_path):
    path = tmp_path / "plant.xlsx"
    assert "unknown_reference" in wattplan("plan", "template", str(path), "--equipment", "cold", expect=1).stderr
    wattplan("plan", "template", str(path), "--equipment", "cold-store", "--example", expect=2)
    assert not path.exists()


def test_help_names_the_samples():
    said = wattplan("plan", "template", "--help").stdout
    assert all(name in said for name in equipment_names())


def test_the_check_shows_processes(tmp_path):
    path = tmp_path / "plant.xlsx"
    wattplan("plan", "template", str(path), "--equipment", "chp-heat-store")
    said = wattplan("plan", "check", str(path)).stdout
    assert "3 processes" in said
    assert "200 … 400 kWh" in said


def test_the_guide_names_every_sample_and_no_other():
    guide = (Path(__file__).parents[2] / "docs" / "equipment.md").read_text(encoding="utf-8")
    table = guide.split("## The samples, field by field")[1].split("What each does")[0]
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", table, flags=re.MULTILINE)) == list(equipment_names())
