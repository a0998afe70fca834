"""One definition, two evaluations: over all kinds of charges the model's terms are the exact bills before rounding."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.tariffs import (
    BilledLoad,
    BillingWindow,
    PowerFactorCharge,
    PowerFactorUnknownError,
    ReactiveCharge,
    bill,
    bills,
    priced_terms,
)
from domain.tariffs.atoms import ReactivePowerMissingError
from domain.tariffs.lowering_peaks import ApparentPowerPlannedError
from domain.tariffs.power_factor import STANDARDS
from tests.tariff_cases import BERLIN, SHANGHAI, demand, month_grid, supplies, supply_of, tariff_of, words
from tests.tariff_kinds import facts_for, tariffs

PLACES = [
    (SHANGHAI, date(2026, 2, 1)),
    (BERLIN, date(2026, 3, 1)),  # 23-hour day, then April
    (BERLIN, date(2026, 9, 1)),  # 25-hour day in October
    (SHANGHAI, date(2025, 12, 1)),  # over New Year: yearly charges begin anew
]


def row_of(filled: BilledLoad, row: int) -> BilledLoad:
    return BilledLoad(
        grid=filled.grid,
        import_kw=filled.import_kw[row],
        export_kw=None if filled.export_kw is None else filled.export_kw[row],
        reactive_kvar=None if filled.reactive_kvar is None else filled.reactive_kvar[row],
        power_factor=filled.power_factor,
        facts=filled.facts,
    )


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from([15, 30]), st.sampled_from(PLACES), st.integers(1, 3), st.integers(0, 9999))
def test_terms_cost_the_mean_of_the_exact_bills(case, step_min, place, n_samples, seed):
    zone, month = place
    tariff, supply = case.draw(tariffs(step_min, zone)), case.draw(supplies())
    n_months = case.draw(st.integers(1, 2))
    grid = month_grid(month, zone, step_min, n_months)
    per_hour = 60 // step_min
    start = case.draw(st.integers(0, grid.n_steps // per_hour - 72))
    first, stop = start * per_hour, (start + case.draw(st.integers(1, 72))) * per_hour
    rng = np.random.default_rng(seed)
    around = rng.uniform(-50, 800, (n_samples, grid.n_steps))
    around[:, first:stop] = np.nan
    fed_in = rng.uniform(0, 90, around.shape)
    window = BillingWindow(
        grid=grid,
        zone=zone,
        first=first,
        stop=stop,
        around_kw=around,
        around_export_kw=fed_in if case.draw(st.booleans()) else None,
        power_factor=case.draw(st.sampled_from([None, Decimal("0.87"), Decimal("0.955")])),
        facts=facts_for(grid, zone, month, seed),
    )
    terms = priced_terms(tariff, supply, window)
    for scale in (120.0, 700.0, 1500.0):
        import_kw, export_kw = rng.uniform(0, scale, stop - first), rng.uniform(0, 60, stop - first)
        filled = window.fill(import_kw, export_kw)
        exact = [
            sum(float(one.exact_total) for one in bills(row_of(filled, row), tariff, supply))
            for row in range(n_samples)
        ]
        assert terms.cost(import_kw, export_kw) == pytest.approx(np.mean(exact), rel=1e-9, abs=1e-6)


def without_kva(tariff):
    """Leave out what counts apparent power: a plan that decides reactive power refuses it by name."""
    kept = [one for one in tariff.charges if one.kind != "excess_capacity"]
    charges = [replace(one, measured_as="kw") if one.kind == "demand" else one for one in kept]
    return replace(tariff, charges=tuple(charges))


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(PLACES), st.integers(1, 3), st.integers(0, 9999))
def test_with_reactive_power_the_terms_are_the_exact_bills_too(case, place, n_samples, seed):
    """The power factor then follows from the schedule's kvarh, with all that came before and comes after."""
    zone, month = place
    drawn, supply = without_kva(case.draw(tariffs(30, zone))), case.draw(supplies())
    pf = PowerFactorCharge(charge_id="pf9", label=words("pf"), standard=case.draw(st.sampled_from(list(STANDARDS))))
    tariff = replace(drawn, charges=(*(one for one in drawn.charges if one.kind != "power_factor"), pf))
    grid = month_grid(month, zone, 30, case.draw(st.integers(1, 2)))
    start = case.draw(st.integers(0, grid.n_steps // 2 - 240))
    first, stop = start * 2, (start + case.draw(st.sampled_from([6, 72, 240]))) * 2
    rng = np.random.default_rng(seed)
    around = rng.uniform(0, 800, (n_samples, grid.n_steps))
    around_kvar = around * case.draw(st.sampled_from([0.0, 0.2, 0.45, 0.62])) + rng.uniform(0, 60, around.shape)
    around[:, first:stop] = around_kvar[:, first:stop] = np.nan
    window = BillingWindow(
        grid=grid,
        zone=zone,
        first=first,
        stop=stop,
        around_kw=around,
        around_kvar=around_kvar,
        facts=facts_for(grid, zone, month, seed),
    )
    terms = priced_terms(tariff, supply, window)  # one that bills nothing counts nothing
    for share in (0.05, 0.5, 2.0):
        import_kw, kvar = rng.uniform(0, 1500, stop - first), share * rng.uniform(0, 1500, stop - first)
        filled = window.fill(import_kw, reactive_kvar=kvar)
        exact = [
            sum(float(one.exact_total) for one in bills(row_of(filled, row), tariff, supply))
            for row in range(n_samples)
        ]
        assert terms.cost(import_kw, None, kvar) == pytest.approx(np.mean(exact), rel=1e-9, abs=1e-6)


def test_where_the_plan_decides_reactive_power_apparent_power_is_refused_and_reactive_power_asked_for():
    grid = month_grid(date(2026, 2, 1))
    around = np.zeros(grid.n_steps)
    around[:96] = np.nan
    window = BillingWindow(
        grid=grid, zone=SHANGHAI, first=0, stop=96, around_kw=around, around_kvar=np.where(around == 0, 3.0, around)
    )
    with pytest.raises(ApparentPowerPlannedError, match="kVA"):
        priced_terms(tariff_of(demand("1", measured_as="kva")), supply_of(), window)
    charge = ReactiveCharge(charge_id="q", label=words("q"), price_per_kvarh=Decimal("0.02"))
    terms = priced_terms(tariff_of(charge), supply_of(), window)
    with pytest.raises(ReactivePowerMissingError, match="reactive_kvar"):
        terms.cost(np.zeros(96))
    with pytest.raises(ReactivePowerMissingError, match="reactive_kvar"):
        window.fill(np.zeros(96))
    # 27 days of 3 kvar outside, 0.02 each; and 96 quarters of 8 kvar
    assert terms.cost(np.zeros(96), None, np.full(96, 8.0)) == pytest.approx(27 * 24 * 3 * 0.02 + 24 * 8 * 0.02)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(PLACES), st.integers(0, 9999))
def test_rounding_stays_within_half_a_cent_per_line(case, place, seed):
    """Each line lies within half a cent of its exact amount, or of what the printed lines under it make exactly."""
    zone, month = place
    tariff, supply = case.draw(tariffs(15, zone)), case.draw(supplies())
    grid = month_grid(month, zone)
    rng = np.random.default_rng(seed)
    load = BilledLoad(
        grid=grid,
        import_kw=rng.uniform(0, 900, grid.n_steps),
        export_kw=rng.uniform(0, 50, grid.n_steps),
        reactive_kvar=rng.uniform(0, 300, grid.n_steps) if case.draw(st.booleans()) else None,
        facts=facts_for(grid, zone, month, seed),
    )
    billed = bill(load, tariff, supply, month)
    half_cent = 0.005
    # quantities are kept to six decimals, and lines that rest on others add up printed amounts
    summing = {"usage_rebate", "price_cap", "power_factor", "minimum", "tax"}
    below = sum(half_cent for line in billed.lines if line.kind not in summing)
    for line in billed.lines:
        assert abs(float(line.amount - line.quantity * line.unit_price)) <= half_cent + 1e-9
        if line.kind not in summing:
            assert abs(float(line.amount - line.exact_amount)) <= half_cent + 1e-4
        else:
            assert abs(float(line.amount - line.exact_amount)) <= 2 * below + 0.02
    assert billed.total == sum(line.amount for line in billed.lines)


def test_without_any_power_factor_the_charge_that_needs_it_is_named():
    from tests.tariff_cases import demand, load_at, supply_of, tariff_of  # noqa: PLC0415

    grid = month_grid(date(2026, 2, 1))
    with pytest.raises(PowerFactorUnknownError, match="power_factor"):
        bill(load_at(grid, 10.0), tariff_of(demand("1", measured_as="kva")), supply_of(), date(2026, 2, 1))
