"""Peaks within the horizon as samples: the terms are the mean over the samples of exact bills."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from domain.errors import InvalidFieldError
from domain.tariffs import BandCalendar, BilledLoad, BillingWindow, bill, priced_terms
from domain.tariffs.atoms import Atom, atom_values
from domain.tariffs.sampled_peaks import billed_of_peak, demand_peak, with_repeated_days, with_sampled_peaks
from tests.tariff_cases import SHANGHAI, demand, flat_energy, month_grid, rule, supply_of, tariff_of

MARCH = date(2026, 3, 1)
EVENING = BandCalendar(rules=(rule("rest", "00:00-18:00", "22:00-24:00"), rule("evening", "18:00-22:00")))
CONTRACT = {"basis": "contract", "contract_demand_kw": Decimal(200), "over_rule": "actual_plus_double"}
TARIFF = tariff_of(
    flat_energy("0.5"),
    demand("36"),
    demand("12", charge_id="evening", calendar=EVENING, bands=("evening",), measurement_min=30),
    demand("20", charge_id="contract", **CONTRACT),
)


def window_of(rng: np.random.Generator, n_samples: int, first: int, stop: int) -> BillingWindow:
    grid = month_grid(MARCH)
    around = rng.uniform(20, 240, (n_samples, grid.n_steps))
    around[:, first:stop] = np.nan
    return BillingWindow(grid=grid, zone=SHANGHAI, first=first, stop=stop, around_kw=around)


def exact(window: BillingWindow, rows: np.ndarray) -> float:
    filled = window.fill(rows)
    each = [BilledLoad(grid=filled.grid, import_kw=row) for row in filled.import_kw]
    return float(sum(bill(one, TARIFF, supply_of(), MARCH).exact_total for one in each)) / len(each)


def test_what_a_contract_bills_of_a_peak_by_hand():
    """200 kW on contract, 105 % are 210: 205 kW bill 200, and 300 kW bill 200 + 2 x 90 + 10."""
    window = window_of(np.random.default_rng(0), 2, 0, 48)
    term = priced_terms(tariff_of(demand("20", charge_id="contract", **CONTRACT)), supply_of(), window).demand[0]
    load = np.full(48, 90.0)
    load[10:12] = 205.0
    atoms: list[Atom] = []
    # on the second sample the windows draw 95 kW more than the plan
    n_windows = np.unique(term.block_of_step).size
    more = np.stack([np.zeros(n_windows), np.full(n_windows, 95.0)], axis=1)
    billed_kw, parts = billed_of_peak(term, demand_peak(term, np.array([-3.0, 0.0]), more), atoms)
    values = atom_values(atoms, load)
    assert (billed_kw + sum(share * values[number] for share, number in parts)).tolist() == [200.0, 390.0]


@pytest.mark.parametrize("seed", range(4))
def test_terms_cost_the_mean_of_bills_on_sampled_base_loads(seed):
    rng = np.random.default_rng(seed)
    window = window_of(rng, 3, 96, 96 * 3)
    base = rng.uniform(0, 150, (3, 192))
    terms = with_sampled_peaks(priced_terms(TARIFF, supply_of(), window), base)
    for scale in (20.0, 100.0, 300.0):
        plan = rng.uniform(0, scale, 192)
        assert terms.cost(base.mean(axis=0) + plan) == pytest.approx(exact(window, base + plan), rel=1e-9)


def test_the_mean_load_alone_says_too_little():
    rng = np.random.default_rng(0)
    window = window_of(rng, 2, 96, 192)
    window = replace(window, around_kw=np.where(np.isnan(window.around_kw), np.nan, 0.0))
    base = np.zeros((2, 96))
    base[0, 10], base[1, 50] = 100.0, 140.0
    plain = priced_terms(tariff_of(demand("10")), supply_of(), window)
    assert plain.cost(base.mean(axis=0)) == pytest.approx(10 * 70)
    assert with_sampled_peaks(plain, base).cost(base.mean(axis=0)) == pytest.approx(10 * 120)


def test_days_that_repeat_a_plan_share_one_peak():
    # three days, two samples; the plan adds 30 kW at noon. Peaks of the days: base 50 at noon (80), 70 at 18:00, 20 at noon.
    window = window_of(np.random.default_rng(0), 2, 96, 192)
    window = replace(window, around_kw=np.where(np.isnan(window.around_kw), np.nan, 0.0))
    base = np.zeros((2, 3, 96))
    base[0, 0, 48], base[0, 1, 72], base[0, 2, 48] = 50.0, 70.0, 20.0
    base[1, :, 72] = 95.0
    plan = np.zeros(96)
    plan[48] = 30.0
    plain = priced_terms(tariff_of(demand("10")), supply_of(), window)
    shared = with_repeated_days(plain, base)
    assert shared.cost(base.mean(axis=(0, 1)) + plan) == pytest.approx(10 * (80 + 95) / 2 / 3)
    # the schedule may be made for another base load: the peaks stay those of the samples
    other = np.full(96, 33.0)
    assert with_repeated_days(plain, base, other).cost(other + plan) == pytest.approx(10 * (80 + 95) / 2 / 3)
    # what the month has incurred already is the floor of all of them
    sunk = replace(plain, demand=(replace(plain.demand[0], other_peak_kw=np.array([90.0, 90.0])),))
    assert with_repeated_days(sunk, base).cost(base.mean(axis=(0, 1)) + plan) == pytest.approx(10 * (90 + 95) / 2 / 3)


def test_pooled_terms_keep_their_pairs():
    window = window_of(np.random.default_rng(3), 2, 96, 192)
    base = np.random.default_rng(4).uniform(0, 200, (2, 96))
    plain = priced_terms(tariff_of(demand("10")), supply_of(), window)
    (term,) = plain.demand
    both = replace(
        plain, demand=(replace(term, price_per_kw=20.0, other_peak_kw=np.array([50.0, 300.0, 150.0, 60.0])),)
    )
    apart = [
        replace(plain, demand=(replace(term, other_peak_kw=np.array(one)),)) for one in ([50.0, 300.0], [150.0, 60.0])
    ]
    load = base.mean(axis=0) + 20
    each = [with_sampled_peaks(one, base).coupled_cost(load) for one in apart]
    assert with_sampled_peaks(both, base).coupled_cost(load) == pytest.approx(sum(each))


def test_samples_of_another_number_are_refused():
    plain = priced_terms(TARIFF, supply_of(), window_of(np.random.default_rng(1), 4, 96, 192))
    for shape in ((3, 96), (4, 95)):
        with pytest.raises(InvalidFieldError):
            with_sampled_peaks(plain, np.zeros(shape))
