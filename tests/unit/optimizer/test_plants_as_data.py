"""Plants that are data alone: each is solved, replayed by arithmetic of its own, and does what its people expect."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest

from domain.checks import FloatArray
from domain.offers import Response, ResponseProblem, SolveOptions
from optimizer.audit import audit
from optimizer.response import best_response
from tests.plants_as_data import (
    HOURS,
    cold_store,
    cold_store_called,
    electrolyser,
    forklifts,
    heat_and_power,
    mill,
    peak_price,
)

QUARTER_H = 0.25
PEAK = (HOURS >= 17) & (HOURS < 21)


def solved(asked: ResponseProblem, gap_share: float = 0.005) -> Response:
    """Solve and have the answer replayed by the audit."""
    answer = best_response(asked, SolveOptions(deadline_s=60.0, gap_share=gap_share))
    assert audit(answer.schedule, asked).violations == ()
    return answer


def blocks(is_on: np.ndarray) -> list[tuple[bool, int]]:
    """Give runs of equal flags with their lengths."""
    return [(bool(flag), len(list(block))) for flag, block in groupby(is_on.tolist())]


def inner_blocks_last(is_on: np.ndarray, n_on: int, n_off: int) -> bool:
    """Say whether every block that neither end cuts is long enough."""
    return all(length >= (n_on if flag else n_off) for flag, length in blocks(is_on)[1:-1])


def levels(start: float, change: FloatArray, kept: float = 1.0, rest: float = 0.0) -> FloatArray:
    """Step through a store."""
    found, level = [], start
    for one in change.tolist():
        level = rest + kept * (level - rest) + one
        found.append(level)
    return np.array(found)


def temperatures(answer: Response) -> FloatArray:
    chiller = answer.schedule.processes["chiller"]
    return levels(-20.0, -1.2 * QUARTER_H * chiller.rate, kept=0.98**QUARTER_H, rest=20.0)


def test_a_cold_store_cools_ahead_of_the_peak():
    answer = solved(cold_store())
    chiller, inside = answer.schedule.processes["chiller"], temperatures(answer)
    assert inside.min() >= -24 - 1e-6
    assert inside.max() <= -18 + 1e-6
    assert inside[-1] <= -20 + 1e-6
    assert inner_blocks_last(chiller.is_on, 2, 2)
    assert answer.schedule.import_kw == pytest.approx(20 + 6 * chiller.is_on + 54 * chiller.rate)
    assert int(np.argmin(inside)) + 1 in range(66, 70)  # coldest when the peak begins
    assert chiller.is_on[PEAK].mean() < 0.1
    assert inside[PEAK].max() > -20  # it drifts through the peak
    assert chiller.rate[84:92].mean() > 0.9  # and catches up after it


def test_a_cold_store_costs_less_than_a_thermostat():
    """Held at -20 °C it needs 40 · (1 - 0.98^0.25) / (1.2 / 4) = 0.672 of the chiller in each quarter of an hour."""
    share = 40 * (1 - 0.98**QUARTER_H) / (1.2 * QUARTER_H)
    assert share == pytest.approx(0.6717, abs=1e-4)
    thermostat = float((peak_price() * QUARTER_H * (20 + 6 + 54 * share)).sum())
    base = float((peak_price() * QUARTER_H * 20).sum())
    assert solved(cold_store()).costs.total_cost - base < 0.8 * (thermostat - base)


def test_a_called_cold_store_sheds_and_rebounds():
    asked = cold_store_called()
    called, event = solved(asked), slice(40, 48)
    left = called.schedule.import_kw[event]
    committed = called.schedule.commitments_kw["E"]
    assert committed >= 40
    assert 65 - left.mean() >= 0.8 * committed - 1e-3
    inside = temperatures(called)
    # off for two hours it warms by 1 - 0.98² of the distance to 20 °C: it must begin at 20 - 38/0.9604 to end at -18
    assert inside[39] < -19.4
    assert inside[47] > inside[39] + 1.0
    assert inside[47] <= -18 + 1e-6
    assert (
        called.schedule.processes["chiller"].rate[48:].mean() > 1.05 * 0.6717
    )  # more than a thermostat's, to catch up
    plain = solved(replace(asked, events=()))
    in_event_kwh = float((plain.schedule.import_kw[event] - left).sum()) * QUARTER_H
    in_all_kwh = float((plain.schedule.import_kw - called.schedule.import_kw).sum()) * QUARTER_H
    assert in_all_kwh < 0.3 * in_event_kwh  # most of what is shed is drawn at other times


def test_heat_and_power_follow_price_and_heat():
    answer = solved(heat_and_power())
    chp, boiler = answer.schedule.processes["chp"], answer.schedule.processes["boiler"]
    drawn = np.where((HOURS >= 6) & (HOURS < 22), 60.0, 25.0) * QUARTER_H
    heat = levels(100.0, QUARTER_H * (1.2 * chp.rate + boiler.rate) - drawn, kept=0.99**QUARTER_H)
    assert heat.min() >= -1e-6
    assert heat.max() <= 300 + 1e-6
    assert heat[-1] >= 100 - 1e-6
    assert ((chp.rate == 0) | ((chp.rate >= 40 - 1e-9) & (chp.rate <= 100 + 1e-9))).all()
    assert inner_blocks_last(chp.is_on, 8, 4)
    n_starts = sum(flag for flag, _ in blocks(chp.is_on))
    assert n_starts <= 2
    assert answer.schedule.import_kw - answer.schedule.export_kw == pytest.approx(70 - chp.rate)
    assert chp.is_on[PEAK].all()
    assert answer.schedule.import_kw[PEAK].max() == pytest.approx(0, abs=1e-6)
    fuel = QUARTER_H * (0.55 * chp.rate.sum() + 0.3 * boiler.rate.sum() + 0.5 * chp.is_on.sum())
    assert answer.costs.fuel_cost == pytest.approx(fuel)
    kg = QUARTER_H * (0.58 * answer.schedule.import_kw + 0.4 * chp.rate + 0.22 * boiler.rate).sum()
    assert answer.costs.co2_cost == pytest.approx(0.06 * kg)
    assert answer.costs.start_cost == pytest.approx(8 * n_starts)


def test_forklifts_share_their_chargers_and_wait_for_cheap_hours():
    answer = solved(forklifts())
    rates = np.array([answer.schedule.processes[f"truck{number}"].rate for number in range(6)])
    for number, rate in enumerate(rates):
        assert rate.sum() * QUARTER_H == pytest.approx(18 + 2 * number)
        assert rate[: 56 + 2 * (number % 5)].max() == 0
        assert rate.max() <= 11 + 1e-9
        if number < 2:
            assert rate[HOURS >= 20].max() == 0
    assert rates.sum(axis=0).max() <= 40 + 1e-6
    assert rates[:, PEAK].max() == pytest.approx(0, abs=1e-6)
    # 138 kWh at the low price on top of 50 kW all day
    assert answer.costs.total_cost == pytest.approx(float((peak_price() * 50).sum()) * QUARTER_H + 0.4 * 138)


def test_an_electrolyser_fills_its_tank_when_power_earns_money():
    asked = electrolyser()
    answer = solved(asked)
    stack = answer.schedule.processes["stack"]
    kw = 52 * stack.rate
    drawn = np.where(np.arange(96) % 4 == 0, 6.0, 0.0)
    tank = levels(60.0, QUARTER_H * stack.rate - drawn)
    assert tank.min() >= -1e-6
    assert tank.max() <= 150 + 1e-6
    assert tank[-1] >= 60 - 1e-6
    assert inner_blocks_last(stack.is_on, 4, 4)
    both = stack.is_on[1:] & stack.is_on[:-1]
    assert np.diff(kw)[both].max() <= 100 + 1e-6
    assert np.diff(kw)[both].min() >= -200 - 1e-6
    starts = np.flatnonzero(stack.is_on & ~np.concatenate([[False], stack.is_on[:-1]]))
    assert kw[starts] == pytest.approx(300)
    assert answer.costs.start_cost == pytest.approx(25 * starts.size)
    warm = np.isin(np.arange(96), starts) * 160.0
    assert answer.schedule.import_kw == pytest.approx(100 + kw + warm)
    earning = asked.terms.energy_price_per_kwh < 0
    assert kw[earning].mean() > 2 * kw.mean()
    assert tank[55] > tank[43]
    assert kw[(HOURS >= 14.5) & (HOURS < 21)].max() == 0


def test_a_mill_fills_the_silo_and_rests_in_the_peak():
    answer = solved(mill(), gap_share=1e-5)
    grinding = answer.schedule.processes["mill"]
    silo = levels(400.0, QUARTER_H * grinding.rate - 45 / 4)
    assert silo.min() >= 50 - 1e-6
    assert silo.max() <= 760 + 1e-6
    assert silo[-1] >= 400 - 1e-6
    assert not grinding.is_on[36:44].any()
    assert inner_blocks_last(grinding.is_on, 12, 6)
    n_starts = sum(flag for flag, _ in blocks(grinding.is_on))
    assert n_starts <= 2
    assert not grinding.is_on[PEAK].any()
    assert answer.schedule.import_kw == pytest.approx(900 + 150 * grinding.is_on + 14 * grinding.rate)
    # 1080 t at 14 kWh and, at 80 t/h, 13.5 h at 150 kW, all at the low price: no schedule can do with less
    base = float((peak_price(0.5, 1.1) * 900).sum()) * QUARTER_H
    least = 0.5 * (1080 * 14 + 13.5 * 150)
    assert least <= answer.costs.total_cost - base - answer.costs.start_cost <= 1.01 * least
    assert answer.costs.start_cost == pytest.approx(120 * n_starts)
