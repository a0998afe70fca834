from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.tariffs import (
    BandCalendar,
    BilledLoad,
    BillingWindow,
    CapacityCharge,
    CapacityUnknownError,
    ContractDemandUnknownError,
    HorizonSplitsBlockError,
    MonthNotCoveredError,
    OverStep,
    PowerFactorCharge,
    PowerFactorUnknownError,
    PurchaseMode,
    bills,
    priced_terms,
)
from domain.tariffs.tariff import TariffNotForCustomerError, TariffNotInForceError
from domain.tariffs.terms import UNBLOCKED
from domain.text import Language
from tests.tariff_cases import (
    BERLIN,
    SHANGHAI,
    component,
    demand,
    energy,
    flat_energy,
    month_grid,
    rule,
    supplies,
    supply_of,
    tariff_of,
    tariffs,
    words,
)

MARCH = date(2026, 3, 1)
PF = PowerFactorCharge(charge_id="pf", label=words("Power factor"), standard="cn_0.90")


def window_of(first, stop, *, month=MARCH, n_months=1, zone=SHANGHAI, step_min=15, rows=None, power_factor=None):
    grid = month_grid(month, zone, step_min, n_months)
    around = np.full((1, grid.n_steps), 10.0) if rows is None else np.array(rows)
    around[:, first:stop] = np.nan
    return BillingWindow(grid=grid, zone=zone, first=first, stop=stop, around_kw=around, power_factor=power_factor)


def mean_exact(window, tariff, supply, horizon_kw) -> float:
    filled = window.fill(horizon_kw)
    rows = [BilledLoad(grid=filled.grid, import_kw=row, power_factor=filled.power_factor) for row in filled.import_kw]
    return float(sum(one.exact_total for row in rows for one in bills(row, tariff, supply)) / len(rows))


PLACES = [
    (SHANGHAI, date(2026, 2, 1)),
    (BERLIN, date(2026, 3, 1)),  # 23-hour day, then April
    (BERLIN, date(2026, 9, 1)),  # 25-hour day in October
]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from([15, 30]), st.sampled_from(PLACES), st.integers(1, 3))
def test_terms_cost_the_mean_of_the_exact_bills(case, step_min, place, n_samples):
    zone, month = place
    tariff, supply = case.draw(tariffs(step_min, zone)), case.draw(supplies())
    n_months = case.draw(st.integers(1, 2))
    n_hours = month_grid(month, zone, 60, n_months).n_steps
    start = case.draw(st.integers(0, n_hours - 48))
    first, stop = start * 60 // step_min, (start + case.draw(st.integers(1, 48))) * 60 // step_min
    rng = np.random.default_rng(case.draw(st.integers(0, 9999)))
    rows = rng.uniform(-50, 800, (n_samples, n_hours * 60 // step_min))
    window = window_of(
        first,
        stop,
        month=month,
        n_months=n_months,
        zone=zone,
        step_min=step_min,
        rows=rows,
        power_factor=case.draw(st.sampled_from([None, Decimal("0.87"), Decimal("0.955")])),
    )
    terms = priced_terms(tariff, supply, window)
    for scale in (300.0, 1000.0):
        horizon_kw = rng.uniform(0, scale, stop - first)
        exact = mean_exact(window, tariff, supply, horizon_kw)
        assert terms.cost(horizon_kw) == pytest.approx(exact, rel=1e-9, abs=1e-6)


def test_terms_worked_by_hand():
    tariff = tariff_of(
        flat_energy("0.5"),
        demand("36"),
        PF,
        CapacityCharge(charge_id="c", label=words("c"), price_per_kva_month=Decimal(20)),
    )
    rows = np.full((2, 31 * 96), 10.0)
    rows[1, 3] = 40.0
    window = window_of(96, 96 * 3, rows=rows, power_factor=Decimal("0.88"))  # +1 %
    terms = priced_terms(tariff, supply_of(capacity_kva="100"), window)
    assert terms.horizon == window.horizon
    assert terms.energy_price_per_kwh.tolist() == pytest.approx([0.505] * 192)
    # 29 days outside at 10 kW, half the samples with 30 kW more for a quarter; capacity 2000
    assert terms.constant == pytest.approx(1.01 * (0.5 * (29 * 240 + 3.75) + 2000))
    (term,) = terms.demand
    assert term.label == "demand 2026-03"
    assert term.price_per_kw == pytest.approx(36.36)
    assert term.other_peak_kw.tolist() == [10.0, 40.0]
    horizon_kw = np.full(192, 25.0)
    assert terms.cost(horizon_kw) == pytest.approx(terms.constant + 0.505 * 1200 + 36.36 * (25 + 40) / 2)


def test_funds_stay_outside_the_power_factor_and_prices_are_rounded_alike():
    parts = (component("0.4444", floats=True), component("0.05", floats=False, fund=True))
    tariff = tariff_of(energy(components=parts, price_decimals=2), PF)
    window = window_of(0, 96, power_factor=Decimal("0.70"))  # +10 %
    terms = priced_terms(tariff, supply_of(), window)
    assert terms.energy_price_per_kwh[0] == pytest.approx(1.1 * 0.49 - 0.1 * 0.05)


@pytest.mark.parametrize(
    ("over_rule", "thresholds", "multipliers", "jump"),
    [
        ("contract_plus_double", (420.0,), (2.0,), 0.0),
        ("actual_plus_double", (420.0,), (2.0,), 20.0),
        ("stepped", (400.0, 440.0), (2.0, 3.0), 0.0),
    ],
)
def test_contract_terms(over_rule, thresholds, multipliers, jump):
    steps = (
        OverStep(from_share=Decimal("1.0"), multiplier=Decimal(2)),
        OverStep(from_share=Decimal("1.1"), multiplier=Decimal(3)),
    )
    charge = demand("36", basis="contract", over_rule=over_rule, over_steps=steps if over_rule == "stepped" else ())
    supply = supply_of(contract_demand_kw="300", capacity_kva="1000")  # raised to 400
    (term,) = priced_terms(tariff_of(charge), supply, window_of(0, 96)).demand
    assert (term.contract_kw, term.thresholds_kw, term.multipliers, term.jump_kw) == (
        400.0,
        thresholds,
        multipliers,
        jump,
    )


def test_a_horizon_over_two_months_has_a_term_for_each():
    tariff = tariff_of(demand("10", charge_id="all"), demand("3", charge_id="april", months=(4,)))
    stop = 31 * 96 + 48
    window = window_of(30 * 96, stop, n_months=2)
    terms = priced_terms(tariff, supply_of(), window)
    assert [term.label for term in terms.demand] == ["all 2026-03", "all 2026-04", "april 2026-04"]
    march, april, _ = terms.demand
    assert (march.block_of_step[:96] != UNBLOCKED).all()
    assert (march.block_of_step[96:] == UNBLOCKED).all()
    assert (april.block_of_step[:96] == UNBLOCKED).all()
    horizon_kw = np.where(np.arange(144) < 96, 70.0, 25.0)
    assert terms.demand_cost(horizon_kw) == pytest.approx(10 * 70 + 10 * 25 + 3 * 25)


def test_a_demand_that_the_horizon_cannot_touch_is_constant():
    bands = BandCalendar(rules=(rule("in", "10:00-12:00"), rule("out", "12:00-10:00")))
    charge = demand("10", calendar=bands, bands=("in",))
    window = window_of(0, 32)  # 00:00-08:00
    terms = priced_terms(tariff_of(charge), supply_of(), window)
    assert terms.demand == ()
    assert terms.constant == pytest.approx(100.0)


def test_a_horizon_that_splits_a_measurement_block_is_refused():
    tariff = tariff_of(demand("10", measurement_min=60))
    for first, stop, edge in ((2, 96, "00:30"), (4, 99, "00:45")):
        with pytest.raises(HorizonSplitsBlockError, match=edge) as caught:
            priced_terms(tariff, supply_of(), window_of(first, stop))
        assert "60 分钟" in caught.value.say(Language.ZH)
    assert priced_terms(tariff, supply_of(), window_of(4, 96)).demand
    assert priced_terms(tariff_of(demand("10")), supply_of(), window_of(2, 99)).demand


def test_a_block_split_by_its_window_is_still_one_block():
    bands = BandCalendar(rules=(rule("in", "10:00-10:15", "10:45-11:00"), rule("out", "00:00-24:00", layer=-1)))
    charge = demand("10", measurement_min=60, calendar=bands, bands=("in",))
    with pytest.raises(HorizonSplitsBlockError, match="10:30"):
        priced_terms(tariff_of(charge), supply_of(), window_of(0, 42))


def test_a_split_outside_the_charges_window_is_none():
    bands = BandCalendar(rules=(rule("in", "10:00-12:00"), rule("out", "12:00-10:00")))
    charge = demand("10", measurement_min=60, calendar=bands, bands=("in",))
    assert len(priced_terms(tariff_of(charge), supply_of(), window_of(2, 99)).demand) == 1


def test_the_tariff_must_hold_in_every_month_of_the_window():
    tariff = tariff_of(flat_energy("1"), valid_until=date(2026, 4, 30))
    window = window_of(30 * 96, 32 * 96, n_months=2)
    with pytest.raises(TariffNotInForceError, match="2026-04-30"):
        priced_terms(tariff, supply_of(), window)
    assert priced_terms(replace(tariff, valid_until=date(2026, 5, 1)), supply_of(), window).constant > 0


def test_what_the_supply_point_lacks_is_refused_by_name():
    window = window_of(0, 96)
    capacity = CapacityCharge(charge_id="c", label=words("c"), price_per_kva_month=Decimal(1))
    with pytest.raises(CapacityUnknownError, match="capacity_kva"):
        priced_terms(tariff_of(capacity), supply_of(), window)
    with pytest.raises(ContractDemandUnknownError, match="demand"):
        priced_terms(tariff_of(demand("1", basis="contract", months=(3,))), supply_of(), window)
    with pytest.raises(PowerFactorUnknownError, match="power_factor"):
        priced_terms(tariff_of(flat_energy("1"), PF), supply_of(), window)
    agency = tariff_of(flat_energy("1"), purchase_modes=(PurchaseMode.MARKET_WHOLESALE,))
    with pytest.raises(TariffNotForCustomerError):
        priced_terms(agency, supply_of(), window)


def test_a_window_of_another_zone_is_refused():
    with pytest.raises(MonthNotCoveredError, match="Europe/Berlin"):
        priced_terms(tariff_of(flat_energy("1"), zone=BERLIN), supply_of(), window_of(0, 96))


def test_a_peak_on_the_threshold_up_to_solver_noise_does_not_jump():
    charge = demand("36.1", basis="contract", contract_demand_kw=Decimal(1000))
    window = window_of(0, 96)
    terms = priced_terms(tariff_of(charge), supply_of(), window)
    noisy = np.full(96, 1050.0 + 1e-7)
    assert terms.cost(noisy) == pytest.approx(36100.0, abs=1e-4)
    assert mean_exact(window, tariff_of(charge), supply_of(), noisy) == pytest.approx(36100.0, abs=1e-4)
    assert terms.cost(noisy + 1e-5) == pytest.approx(36.1 * 1050, abs=1e-2)


def test_window_days_are_whole():
    window = window_of(0, 96, n_months=2)
    assert window.grid.end - window.grid.start == timedelta(days=61)
    assert window.months == (MARCH, date(2026, 4, 1))
