"""Bills at scale are the exact bills before rounding, at the tariff's own prices and at any others."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.tariffs import BilledLoad, MinimumCharge, PowerFactorCharge, TaxCharge, UsageRebateCharge, bills
from domain.tariffs.repricing import BillEngine, GridDiffersError, StructureDiffersError
from tests.tariff_cases import (
    BERLIN,
    SHANGHAI,
    demand,
    flat_energy,
    load_at,
    month_grid,
    supplies,
    supply_of,
    tariff_of,
    words,
)
from tests.tariff_kinds import facts_for, tariffs

PLACES = [(SHANGHAI, date(2026, 2, 1)), (BERLIN, date(2026, 3, 1)), (SHANGHAI, date(2025, 12, 1))]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(PLACES), st.integers(0, 9999))
def test_the_engine_bills_like_the_bills(case, place, seed):
    zone, month = place
    tariff, supply = case.draw(tariffs(15, zone)), case.draw(supplies())
    grid = month_grid(month, zone, 15, 2)
    rng = np.random.default_rng(seed)
    facts = facts_for(grid, zone, month, seed)
    rows = rng.uniform(-20, 900, (2, grid.n_steps))
    fed_in = rng.uniform(0, 90, rows.shape)
    load = BilledLoad(grid=grid, import_kw=rows, export_kw=fed_in, facts=facts)
    engine = BillEngine(tariff, supply, grid, facts)
    amounts, months = engine.line_amounts(load), engine.month_amounts(load)
    for row in range(2):
        one = BilledLoad(grid=grid, import_kw=rows[row], export_kw=fed_in[row], facts=facts)
        exact = bills(one, tariff, supply)
        lines = [float(line.exact_amount) for billed in exact for line in billed.lines]
        assert amounts[row].tolist() == pytest.approx(lines, rel=1e-9, abs=1e-6)
        assert months[row].tolist() == pytest.approx([float(b.exact_total) for b in exact], rel=1e-9, abs=1e-6)
        repriced = engine.reprice(engine.measure(one))
        assert repriced[0].tolist() == pytest.approx(lines, rel=1e-9, abs=1e-6)


def dearer(tariff, factor: str):
    """Give the tariff with its energy and demand prices times a factor."""
    by = Decimal(factor)
    changed = []
    for charge in tariff.charges:
        if charge.kind == "energy":
            prices = {band: price * by for band, price in charge.band_prices.items()}
            changed.append(replace(charge, band_prices=prices))
        elif charge.kind == "demand":
            changed.append(replace(charge, price_per_kw_month=charge.price_per_kw * by))
        else:
            changed.append(charge)
    return replace(tariff, tariff_id=f"t-{factor}", charges=tuple(changed))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 9999), st.sampled_from(["0.80", "0.93", "0.97"]), st.integers(40, 400), st.integers(1, 120_000))
def test_lines_that_rest_on_others_follow_every_price(seed, power_factor, from_kwh_per_kva, least):
    """Rebate, power factor, minimum and tax at three price levels at once equal three bills."""
    base = tariff_of(
        flat_energy("0.5"),
        demand("36"),
        UsageRebateCharge(charge_id="r", label=words("r"), of=("demand",), from_kwh_per_kva=Decimal(from_kwh_per_kva)),
        PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90"),
        MinimumCharge(charge_id="m", label=words("m"), amount_per_month=Decimal(least)),
        TaxCharge(charge_id="vat", label=words("vat"), tax_share=Decimal("0.13")),
    )
    supply = supply_of(capacity_kva="800", power_factor=power_factor)
    grid = month_grid(date(2026, 3, 1), n_months=2)
    load = BilledLoad(grid=grid, import_kw=np.random.default_rng(seed).uniform(0, 600, grid.n_steps))
    levels = [base, *(dearer(base, factor) for factor in ("0.6", "1.7"))]
    engine = BillEngine(base, supply, grid)
    totals = engine.month_totals(engine.reprice(engine.measure(load), engine.prices_of(levels)))
    for row, tariff in enumerate(levels):
        exact = [float(one.exact_total) for one in bills(load, tariff, supply)]
        assert totals[row].tolist() == pytest.approx(exact, rel=1e-9)


def test_another_structure_is_refused_by_its_first_difference():
    grid = month_grid(date(2026, 3, 1))
    engine = BillEngine(tariff_of(flat_energy("0.5")), supply_of(), grid)
    other = tariff_of(flat_energy("0.5", charge_id="power"), tariff_id="other")
    with pytest.raises(StructureDiffersError, match="power"):
        engine.prices_of([other])


def test_a_load_of_another_grid_is_refused():
    engine = BillEngine(tariff_of(flat_energy("0.5")), supply_of(), month_grid(date(2026, 3, 1)))
    with pytest.raises(GridDiffersError, match="2026-02-28T16:00"):
        engine.line_amounts(load_at(month_grid(date(2026, 4, 1)), 1.0))


def test_a_month_without_any_line_owes_nothing():
    """A charge of March only, over three months: 0, 74 400 kWh at 0.5, 0; and none at all in a year without it."""
    grid = month_grid(date(2026, 2, 1), n_months=3)
    march_only = replace(flat_energy("0.5"), months=(3,))
    load = load_at(grid, 100.0)
    engine = BillEngine(tariff_of(march_only), supply_of(), grid)
    assert engine.month_amounts(load).tolist() == [[0.0, 37_200.0, 0.0]]
    assert engine.month_totals(engine.reprice(engine.measure(load))).tolist() == [[0.0, 37_200.0, 0.0]]
    other = BillEngine(tariff_of(replace(march_only, months=(12,))), supply_of(), grid)
    assert other.month_amounts(load).tolist() == [[0.0, 0.0, 0.0]]
