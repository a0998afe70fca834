"""Samples on which a site imports while it feeds in on others: each pays its own prices."""

from dataclasses import replace

import numpy as np
import pytest

from domain.checks import FloatArray
from domain.offers import ResponseProblem
from domain.offers.uncertainty import RiskAversion
from domain.plant import ModulatingLoad, Pv, ShiftEnergy
from optimizer.response import best_response
from optimizer.sample_costs import sample_costs
from optimizer.samples import sampled_problem
from optimizer.uncertain import TailNotStatedError, uncertain_response
from tests.optimizer_cases import EXACT, affine, demand, grid, hinge, hour, plan, problem, site, terms

HOURS = np.arange(24)
HORIZON = grid()


def test_feeding_in_on_some_samples_only() -> None:
    """A step that imports on one sample and feeds in on another pays both prices, each on its part."""
    base = np.full(24, 30.0)
    asked = problem(
        HORIZON,
        base_kw=base,
        site=site(export_limit_kw=80.0, pv=(Pv(pv_id="G", daily_kw=(0.0,) * 10 + (45.0,) * 4 + (0.0,) * 10),)),
        plan=plan(
            HORIZON,
            modulating_loads=(
                ModulatingLoad(load_id="J", name="pump", max_kw=60.0, shifts=(ShiftEnergy(start=hour(8), end=hour(16), energy_kwh=120.0),)),
            ),
        ),
        terms=terms(HORIZON, 0.9, export_price_per_kwh=np.full(24, 0.2)),
    )  # fmt: skip
    samples = np.array([base, base])
    samples[0, 10:14] += 25.0
    samples[1, 10:14] -= 25.0
    aware = uncertain_response(asked, samples, EXACT)
    assert aware.stopped_by == "optimal"
    plain = best_response(asked, EXACT)
    assert aware.expected_cost <= sample_costs(plain.schedule, asked, samples).totals.mean() + 1e-6
    # by hand: sun is 45, sample 1 has 5 kW of base then: 40 to spare in four hours; sample 0 has 55 - 45 = 10 to draw.
    # Moving all 120 kWh there, 30 kW each hour, leaves 10 to feed in on sample 1: 4·0.2·10, and 40·0.9·4 to draw on 0.
    drawn = 20 * 30 * 0.9 + (4 * 40 * 0.9 - 4 * 10 * 0.2) / 2
    assert aware.expected_cost == pytest.approx(drawn, rel=1e-6)


def sunny(block_h: int) -> tuple[ResponseProblem, FloatArray]:
    """Give a site whose sun exceeds its base load at noon, a pump, a tier, and a peak over blocks of some hours."""
    base = np.full(24, 30.0)
    asked = problem(
        HORIZON,
        base_kw=base,
        site=site(export_limit_kw=80.0, pv=(Pv(pv_id="G", daily_kw=(0.0,) * 10 + (45.0,) * 4 + (0.0,) * 10),)),
        plan=plan(
            HORIZON,
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="pump",
                    max_kw=60.0,
                    shifts=(ShiftEnergy(start=hour(8), end=hour(18), energy_kwh=260.0),),
                ),
            ),
        ),
        terms=terms(
            HORIZON,
            0.9,
            (demand(HORIZON, price_per_kw=2.0, block_of_step=HOURS // block_h, other_peak_kw=np.array([40.0, 62.0])),),
            export_price_per_kwh=np.full(24, 0.2),
            atoms=(hinge(affine((-700.0, -720.0), np.ones(24))),),
            charged=((0.15, 0),),
        ),
    )
    samples = np.array([base, base])
    samples[0, 9:15] += 22.0
    samples[1, 9:15] -= 22.0
    return asked, samples


@pytest.mark.parametrize("block_h", [1, 2])
def test_sun_tiers_and_peaks_where_samples_feed_in(block_h: int) -> None:
    asked, samples = sunny(block_h)
    stated = sampled_problem(asked, samples)
    assert stated.is_exact == (block_h == 1)
    assert stated.turning.tolist() == [10 <= t < 14 for t in range(24)]
    for seed in range(10):
        pump_kw = np.zeros(24)
        pump_kw[8:18] = np.random.default_rng(seed).uniform(0.0, 52.0, 10)
        net_kw = asked.base_kw + pump_kw - np.where((HOURS >= 10) & (HOURS < 14), 45.0, 0.0)
        each, feeds_in = [], False
        for k in range(2):
            drawn = net_kw + samples[k] - asked.base_kw
            import_kw, export_kw = np.maximum(drawn, 0.0), np.maximum(-drawn, 0.0)
            means = [import_kw[t : t + block_h].mean() for t in range(0, 24, block_h)]
            tier = max(0.0, import_kw.sum() - (700.0, 720.0)[k])
            each.append(
                0.9 * import_kw.sum() - 0.2 * export_kw.sum() + 2.0 * max([*means, (40.0, 62.0)[k]]) + 0.15 * tier
            )
            feeds_in |= bool(export_kw.any())
        cost = stated.problem.terms.cost(np.maximum(net_kw, 0.0), np.maximum(-net_kw, 0.0))
        assert cost == pytest.approx(np.mean(each), rel=1e-9)
    aware = uncertain_response(asked, samples, EXACT)
    plain = best_response(asked, EXACT)
    assert aware.expected_cost <= sample_costs(plain.schedule, asked, samples).totals.mean() + 1e-6
    # with blocks of two hours some windows are not proven: the bound is that of the others
    assert aware.bound <= aware.expected_cost + 1e-6
    assert aware.gap_share <= (1e-6 if block_h == 1 else 0.02)


def test_the_tail_of_sites_that_turn_round_is_refused_by_name() -> None:
    asked, samples = sunny(1)
    plain = replace(asked, terms=replace(asked.terms, atoms=(), charged=()))
    with pytest.raises(TailNotStatedError, match="feed in"):
        uncertain_response(plain, samples, EXACT, risk=RiskAversion(tail_weight=0.5))
