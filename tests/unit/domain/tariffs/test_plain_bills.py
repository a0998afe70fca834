"""Every kind of charge billed by two implementations that share no arithmetic: ours, and tests/plain_bills.py."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.tariffs import (
    AtypicalUse,
    BandLoadStep,
    BilledLoad,
    CapacityCharge,
    DemandCharge,
    EnergyCharge,
    EnergyTier,
    EnergyTiers,
    Facts,
    FixedCharge,
    LookBack,
    MinimumCharge,
    NetworkCharge,
    OverStep,
    PastMonth,
    PowerFactorCharge,
    PriceCapCharge,
    PricePair,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    Tariff,
    TariffVersions,
    TaxCharge,
    UsageRebateCharge,
    bill,
)
from domain.time import TimeGrid
from tests import tariff_cases
from tests.plain_bills import plain_bill
from tests.plain_month import before
from tests.tariff_cases import BERLIN, SHANGHAI, calendars, decimals, month_grid, supplies, tariff_of, words
from tests.tariff_kinds import DAY_NIGHT, FLAGS, facts_for, flagged_calendar, tariffs

PLACES = [
    (SHANGHAI, date(2026, 2, 1)),  # Spring Festival and its swapped Saturdays
    (SHANGHAI, date(2025, 12, 1)),
    (SHANGHAI, date(2026, 1, 1)),  # ratchets look over New Year, yearly charges begin anew
    (BERLIN, date(2026, 3, 1)),  # a day of 23 hours
    (BERLIN, date(2026, 10, 1)),  # a day of 25 hours
]
COUNTRY = {SHANGHAI: "CN", BERLIN: "DE"}
SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def loads(draw, grid: TimeGrid, zone: str, month: date) -> BilledLoad:
    """Give a load with idle hours, perhaps with reactive energy and feed-in, and the facts around it.

    The meter's reactive energy is a size, |forward| + |reverse|.
    """
    seed = draw(st.integers(0, 9999))
    rng = np.random.default_rng(seed)
    running = rng.uniform(size=grid.n_steps) < draw(st.sampled_from([1.0, 0.9]))
    top_kw = draw(st.sampled_from([60.0, 700.0, 1500.0]))
    return BilledLoad(
        grid=grid,
        import_kw=rng.uniform(0.2 * top_kw, top_kw, grid.n_steps) * running,
        export_kw=rng.uniform(0, 90, grid.n_steps) if draw(st.booleans()) else None,
        reactive_kvar=rng.uniform(0, 0.8 * top_kw, grid.n_steps) if draw(st.booleans()) else None,
        power_factor=draw(st.sampled_from([None, Decimal("0.87"), Decimal("0.955")])),
        facts=facts_for(grid, zone, month, seed),
    )


def without_stacked_caps(tariff: Tariff) -> Tariff:
    """Leave out caps on charges that bill the same kWh twice: whether such a kWh counts once is not said."""
    share = {one.charge_id: getattr(one, "energy_share", Decimal(0)) for one in tariff.charges}
    kept = (one for one in tariff.charges if one.kind != "price_cap" or sum(share[name] for name in one.of) <= 1)
    return replace(tariff, charges=tuple(kept))


def must_agree(load: BilledLoad, tariff, supply, month: date) -> None:
    ours: dict[str, float] = defaultdict(float)
    for line in bill(load, tariff, supply, month).lines:
        ours[line.charge_id] += float(line.exact_amount)
    plain = plain_bill(load, tariff, supply, month)
    assert set(ours) <= set(plain)
    for charge_id, amount in plain.items():
        assert ours[charge_id] == pytest.approx(amount, rel=1e-9, abs=1e-6), charge_id


@settings(SLOW, max_examples=70)
@given(st.data(), st.sampled_from([15, 30]), st.sampled_from(PLACES), st.booleans())
def test_all_kinds(case, step_min, place, knows_holidays):
    zone, month = place
    tariff = case.draw(tariffs(step_min, zone, country=COUNTRY[zone] if knows_holidays else None))
    load = case.draw(loads(month_grid(month, zone, step_min), zone, month))
    must_agree(load, without_stacked_caps(tariff), case.draw(supplies()), month)


def dearer(charge):
    """Give a charge with its prices raised by half."""
    named = [name for name in charge.__dataclass_fields__ if "price_per_" in name or name.startswith("amount_")]
    raised = {name: getattr(charge, name) * Decimal("1.5") for name in named if getattr(charge, name) is not None}
    if getattr(charge, "band_prices", None):
        raised["band_prices"] = {band: price + Decimal("0.07") for band, price in charge.band_prices.items()}
    return replace(charge, **raised)


@settings(SLOW, max_examples=50)
@given(st.data(), st.sampled_from(PLACES), st.integers(1, 27), st.booleans(), st.integers(1, 2))
def test_a_month_over_a_change(case, place, n_days, is_new_made, n_months):
    """The later version has the same charges at other prices, or quite other charges."""
    zone, month = place
    change = month + timedelta(days=n_days)
    old = without_stacked_caps(case.draw(tariffs(30, zone, country=COUNTRY[zone])))
    new = without_stacked_caps(case.draw(tariffs(30, zone, country=COUNTRY[zone]))) if is_new_made else old
    family = TariffVersions(
        tariff_id="family",
        versions=(
            replace(old, tariff_id="old", valid_until=change),
            replace(new, tariff_id="new", valid_from=change, charges=tuple(dearer(one) for one in new.charges)),
        ),
    )
    first = before(month, n_months - 1)
    load = case.draw(loads(month_grid(first, zone, 30, n_months), zone, first))
    must_agree(load, family, case.draw(supplies()), month)


@st.composite
def tiered_energy(draw) -> EnergyCharge:
    """Give floating and fixed components, rounded prices, and tiers over some bands."""
    charge = draw(tariff_cases.energy_charges(0))
    basis, size = draw(
        st.sampled_from(
            [("month_days", (200, 9_000)), ("day", (200, 9_000)), ("month", (9_000, 200_000)), ("kw", (50, 500))]
        )
    )
    limits = sorted(draw(st.sets(st.integers(*size), min_size=1, max_size=3)))
    bands = charge.calendar.bands
    group = EnergyTiers(
        bands=bands[: draw(st.integers(1, len(bands)))],
        basis=basis,
        demand_charge_id="demand0" if basis == "kw" else None,
        tiers=tuple(
            EnergyTier(up_to_kwh=limit, price_per_kwh=draw(decimals("-0.2", "0.4", 4)))
            for limit in [*map(Decimal, limits), None]
        ),
    )
    share = draw(st.sampled_from([Decimal(1), Decimal("0.6")]))
    return replace(charge, tiers=(group,), energy_share=share, months=draw(st.sampled_from([(), (2, 3, 10, 12)])))


@st.composite
def contract_demand(draw, number: int) -> DemandCharge:
    """Give a contract value with its floor and all readings of the overrun, ratchets, several peaks, windows."""
    calendar = draw(st.sampled_from([None, flagged_calendar(), *calendars()[1:]]))
    is_contract = number == 1 or draw(st.booleans())
    over_rule = draw(st.sampled_from(["actual_plus_double", "contract_plus_double", "stepped"]))
    is_stepped = is_contract and over_rule == "stepped"
    steps = (
        OverStep(from_share=draw(decimals("1", "1.05", 2)), multiplier=Decimal(2)),
        OverStep(from_share=Decimal("1.2"), multiplier=Decimal("3.5")),
    )
    back = LookBack(
        peak_share=draw(decimals("0.3", "1", 2)),
        months_count=draw(st.integers(1, 24)),
        peak_months=draw(st.sampled_from([(), (1, 2), (6, 7, 8, 9)])),
    )
    return DemandCharge(
        charge_id=f"demand{number}",
        label=words("Demand"),
        price_per_kw_month=draw(decimals("0", "50", 2)),
        calendar=calendar,
        bands=() if calendar is None else calendar.bands[: draw(st.integers(1, len(calendar.bands)))],
        months=draw(st.sampled_from([(), (), (1, 3, 12)])),
        measurement_min=draw(st.sampled_from([15, 30, 60])),
        measured_as=draw(st.sampled_from(["kw", "kva"])),
        sliding=draw(st.booleans()),
        peaks_count=draw(st.sampled_from([1, 1, 2, 5])),
        peaks_on=draw(st.sampled_from(["any", "days"])),
        look_back=draw(st.sampled_from([None, back])),
        least_kw=Decimal(0) if is_contract else draw(decimals("0", "400", 0)),
        basis="contract" if is_contract else "actual",
        contract_demand_kw=draw(st.sampled_from([None, Decimal(300)])),
        over_rule=over_rule if is_stepped or is_contract else "actual_plus_double",
        over_steps=steps if is_stepped else (),
        charged_contract_kw=draw(st.sampled_from([None, Decimal(0), Decimal(120)])) if is_stepped else None,
        floor_share=draw(st.sampled_from([Decimal(0), Decimal("0.40")])),
    )


@settings(SLOW, max_examples=50)
@given(st.data(), st.sampled_from(PLACES), st.integers(1, 3))
def test_contracts_ratchets_and_a_load_of_several_months(case, place, n_months):
    """Months before the billed one are measured from the load, and those before it are facts."""
    zone, month = place
    first = before(month, n_months - 1)
    load = case.draw(loads(month_grid(first, zone, 15, n_months), zone, first))
    demand_ids = ("demand0", "demand1")
    shared = case.draw(st.sampled_from([("energy0",), ("energy0", "demand1")]))
    charges = (
        case.draw(tiered_energy()),
        case.draw(contract_demand(0)),
        case.draw(contract_demand(1)),
        FixedCharge(charge_id="fixed", label=words("f"), amount_per_day=Decimal("1.7"), months=(1, 3, 12)),
        CapacityCharge(charge_id="kva", label=words("c"), price_per_kva_month=case.draw(decimals("0", "40", 2))),
        ReactiveCharge(charge_id="kvarh", label=words("r"), price_per_kvarh=Decimal("0.013")),
        UsageRebateCharge(
            charge_id="rebate", label=words("u"), of=demand_ids, from_kwh_per_kva=case.draw(decimals("60", "300", 2))
        ),
        PowerFactorCharge(
            charge_id="pf", label=words("p"), standard=case.draw(st.sampled_from(["cn_0.80", "cn_0.85", "cn_0.90"]))
        ),
        MinimumCharge(
            charge_id="least", label=words("m"), of=shared, amount_per_kva_month=case.draw(decimals("1", "90", 2))
        ),
        TaxCharge(charge_id="vat", label=words("t"), tax_share=Decimal("0.13"), of=("least", *shared)),
        TaxCharge(charge_id="levy", label=words("l"), tax_share=Decimal("0.02")),
    )
    tariff = tariff_of(*case.draw(st.permutations(charges)), zone=zone, country=COUNTRY[zone], day_flags=FLAGS)
    must_agree(load, tariff, case.draw(supplies()), month)


@settings(SLOW, max_examples=25)
@given(st.data(), st.sampled_from(PLACES), decimals("0", "1", 2), decimals("-0.1", "0.4", 3))
def test_a_package_that_is_partly_linked_partly_shared_and_capped(case, place, linked_share, cap):
    zone, month = place
    fixed = replace(case.draw(tariff_cases.energy_charges(0)), energy_share=1 - linked_share)
    linked = SpotCharge(
        charge_id="linked",
        label=words("linked"),
        index_id="idx",
        settled=case.draw(st.sampled_from(["interval", "month_mean"])),
        index_share=case.draw(decimals("0.8", "1.1", 2)),
        fee_per_kwh=case.draw(decimals("-0.02", "0.05", 3)),
        floor_per_kwh=case.draw(st.sampled_from([None, Decimal("0.02")])),
        cap_per_kwh=case.draw(st.sampled_from([None, Decimal("0.35")])),
        energy_share=linked_share,
    )
    gain = ProfitShareCharge(
        charge_id="gain",
        label=words("gain"),
        reference_per_kwh=case.draw(decimals("0.1", "0.3", 3)),
        index_id="idx",
        customer_share=Decimal("0.4"),
        shares_losses=case.draw(st.booleans()),
        energy_share=linked_share,
    )
    held = PriceCapCharge(
        charge_id="cap",
        label=words("cap"),
        of=("energy0", "linked"),
        cap_per_kwh=cap,
        floor_per_kwh=case.draw(st.sampled_from([None, cap, cap - Decimal("0.1")])),
    )
    adjusted = PowerFactorCharge(charge_id="pf", label=words("pf"), standard="tw_0.80")
    tariff = tariff_of(fixed, linked, gain, held, adjusted, zone=zone, country=COUNTRY[zone])
    must_agree(case.draw(loads(month_grid(month, zone), zone, month)), tariff, case.draw(supplies()), month)


@settings(SLOW, max_examples=150)
@given(st.data(), st.integers(1, 12), decimals("80", "330", 0), st.booleans())
def test_conditions_on_the_month_and_the_year(case, number, from_kwh_per_kva, is_atypical):
    """Thresholds near what is measured: a rebate over a change, individual network fees by past months."""
    month, change = date(2026, number, 1), date(2026, number, 20)
    grid = month_grid(month, BERLIN, 60)
    rng = np.random.default_rng(case.draw(st.integers(0, 9999)))
    past = []
    for earlier in range(1, number):
        peak_kw, window_share = rng.uniform(240, 300), rng.uniform(0.5, 0.9)
        measured = {
            "net.max_demand_kw": peak_kw,
            "net.window_demand_kw": peak_kw * window_share,
            "net.energy_kwh": rng.uniform(50_000, 200_000),
        }
        quantities = {name: Decimal(str(round(value, 3))) for name, value in measured.items()}
        past.append(PastMonth(month=date(2026, earlier, 1), quantities=quantities))
    is_night = np.asarray((grid.local_starts(BERLIN).hour >= 21) | (grid.local_starts(BERLIN).hour < 7))
    kw = np.where(is_night, case.draw(st.sampled_from([0.6, 0.75, 0.9])), 1.0) * rng.uniform(200, 290, grid.n_steps)
    atypical = AtypicalUse(
        calendar=DAY_NIGHT,
        bands=("night",),
        least_reduction_share=case.draw(st.sampled_from([Decimal("0.1"), Decimal("0.3")])),
        least_reduction_kw=case.draw(st.sampled_from([Decimal(20), Decimal(60), Decimal(100)])),
        least_saving=case.draw(st.sampled_from([Decimal(0), Decimal(3000), Decimal(9000)])),
        least_fee_share=case.draw(st.sampled_from([Decimal("0.2"), Decimal("0.85")])),
    )
    steps = tuple(
        BandLoadStep(from_h=Decimal(hours), fee_share=Decimal(share))
        for hours, share in ((4000, "0.2"), (5000, "0.15"), (6000, "0.1"))
    )
    network = NetworkCharge(
        charge_id="net",
        label=words("net"),
        below=PricePair(price_per_kw_year=Decimal(20), price_per_kwh=Decimal("0.05")),
        above=PricePair(price_per_kw_year=Decimal(110), price_per_kwh=Decimal("0.011")),
        switch_h=case.draw(st.sampled_from([Decimal(2500), Decimal(5000)])),
        measurement_min=60,
        atypical=atypical if is_atypical else None,
        band_load=() if is_atypical else steps,
        band_load_from_kwh=Decimal(1_500_000),
    )
    demand = tariff_cases.demand("9", measurement_min=60)
    rebate = UsageRebateCharge(
        charge_id="rebate", label=words("rebate"), of=("demand",), from_kwh_per_kva=from_kwh_per_kva
    )
    old = tariff_of(network, demand, rebate, zone=BERLIN)
    family = TariffVersions(
        tariff_id="family",
        versions=(
            replace(old, tariff_id="old", valid_until=change),
            replace(old, tariff_id="new", valid_from=change, charges=tuple(dearer(one) for one in old.charges)),
        ),
    )
    load = BilledLoad(grid=grid, import_kw=kw, facts=Facts(past=tuple(past)))
    must_agree(load, family, tariff_cases.supply_of(capacity_kva="700"), month)
