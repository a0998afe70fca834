"""Offers under tariffs of every kind, from the case to the bill: spot, ratchet, tiers, rebate, minimum, versions."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from domain.files.case_file import canonical_bytes, case_from_plain, case_to_plain
from domain.offers import Package
from domain.tariffs import (
    DemandCharge,
    EnergyTier,
    EnergyTiers,
    Facts,
    LookBack,
    MinimumCharge,
    PriceSeries,
    SpotCharge,
    Tariff,
    TariffVersions,
    TaxCharge,
    UsageRebateCharge,
    bill,
    priced_terms,
)
from domain.time import TimeGrid, local_midnight
from scenarios.loads import billing_window, forecast_site, looking_back
from scenarios.quote import quote
from scenarios.report import render_report
from tests import small_case

JUNE = date(2026, 6, 1)


def with_charges(name: str, *charges, base: Tariff | None = None) -> Package:
    tariff = base or small_case.day_night(name=name)
    made = replace(tariff, tariff_id=name, charges=(*tariff.charges, *charges))
    return Package(package_id=name, name=small_case.words(name), tariff=made)


def label(name: str) -> dict:
    return {"charge_id": name, "label": small_case.words(name)}


def prices() -> PriceSeries:
    """Give June's hourly prices: cheap at noon, dear in the evening, negative on one night."""
    start, end = local_midnight(JUNE, small_case.ZONE), local_midnight(date(2026, 7, 1), small_case.ZONE)
    grid = TimeGrid.between(start, end, 60)
    hour = np.asarray(grid.local_starts(small_case.ZONE).hour)
    values = np.where((hour >= 10) & (hour < 15), 0.04, np.where((hour >= 18) & (hour < 21), 0.31, 0.15))
    values[9 * 24 + 2 : 9 * 24 + 5] = -0.08
    return PriceSeries(index_id="da", currency="EUR", grid=grid, prices_per_kwh=values)


def packages() -> tuple[Package, ...]:
    spot = replace(small_case.flat(name="spot"), charges=(SpotCharge(**label("spot"), index_id="da"),))
    ratchet = DemandCharge(
        **label("ratchet"),
        price_per_kw_month=Decimal("4.5"),
        measurement_min=30,
        look_back=LookBack(peak_share=Decimal("0.9"), months_count=1),
    )
    steps = (
        EnergyTier(up_to_kwh=Decimal(60_000), price_per_kwh=Decimal("0.05")),
        EnergyTier(up_to_kwh=Decimal(90_000), price_per_kwh=Decimal("0.02")),
        EnergyTier(price_per_kwh=Decimal("-0.01")),
    )
    flat = small_case.flat(name="tiers")
    tiers = replace(flat.charges[0], tiers=(EnergyTiers(bands=("all",), tiers=steps),))
    rebate = UsageRebateCharge(**label("rebate"), of=("demand",), from_kwh_per_kva=Decimal(150))
    minimum = MinimumCharge(**label("minimum"), amount_per_month=Decimal(60_000))
    return (
        Package(package_id="spot", name=small_case.words("spot"), tariff=spot),
        with_charges("ratchet", ratchet),
        with_charges(
            "tiers", TaxCharge(**label("vat"), tax_share=Decimal("0.19")), base=replace(flat, charges=(tiers,))
        ),
        with_charges("rebate", rebate),
        with_charges("minimum", minimum),
    )


def the_case():
    site = small_case.site()
    supply = replace(site.supply, capacity_kva=Decimal(700))
    return small_case.case(
        site=replace(site, supply=supply),
        packages=packages(),
        facts=Facts(prices=(prices(),), supplied_from=date(2026, 5, 4)),
        meter=small_case.meter(days=40),
    )


@pytest.fixture(scope="module")
def answer():
    case = the_case()
    return case, quote(case)


def test_every_kind_is_answered(answer):
    """A package is offered, or said not to be worth it; none is left out as unfit."""
    _, found = answer
    assert "package_does_not_fit" not in {one.code for one in found.findings}
    named = {one.package.package_id for one in found.offers} | {
        one.data["package_id"] for one in found.findings if one.code == "package_not_offered"
    }
    assert {"spot", "ratchet", "tiers", "rebate", "minimum"} <= named


def test_the_model_and_the_bill_of_the_expected_load_agree(answer):
    """The schedule's costs are the exact bills of the same load, for each tariff."""
    case, found = answer
    window, _ = billing_window(case, forecast_site(case))
    for offer in found.offers:
        tariff, supply = offer.package.tariff, case.site.supply
        looked_at = looking_back(window, tariff, supply, case.meter.before(case.issued_at))
        schedule = offer.response.schedule
        terms = priced_terms(tariff, supply, looked_at)
        assert terms.cost(schedule.import_kw, schedule.export_kw) == pytest.approx(
            offer.response.costs.bill_cost, rel=1e-9
        )
        filled = looked_at.fill(schedule.import_kw, schedule.export_kw)
        rows = [replace(filled, import_kw=row, export_kw=None) for row in filled.import_kw]
        exact = np.mean(
            [float(bill(row, tariff, supply, month).exact_total) for row in rows for month in window.months]
        )
        assert terms.cost(schedule.import_kw, schedule.export_kw) == pytest.approx(exact, rel=1e-9)


def test_spot_moves_the_presses_into_cheap_hours(answer):
    _, found = answer
    spot = next(one for one in found.offers if one.package.package_id == "spot" and not one.with_dr)
    hours = [run.start.astimezone(prices().grid.start.tzinfo).hour for run in spot.response.schedule.runs]
    series = prices()
    paid = [series.prices_per_kwh[series.grid.step_of(run.start)] for run in spot.response.schedule.runs]
    assert len(hours) == 6
    assert max(paid) < 0.31
    assert min(paid) < 0.05


def test_a_minimum_that_eats_every_saving_leaves_nothing_to_offer(answer):
    _, found = answer
    assert "minimum" not in {one.package.package_id for one in found.offers}


def test_a_case_with_facts_is_a_file_that_replays(answer):
    case, found = answer
    again = case_from_plain(case_to_plain(case))
    assert canonical_bytes(case_to_plain(again)) == canonical_bytes(case_to_plain(case))
    assert [one.offer_id for one in quote(again).offers] == [one.offer_id for one in found.offers]


def test_without_prices_a_spot_package_is_left_out_by_name():
    case = replace(the_case(), facts=Facts(supplied_from=date(2026, 5, 4)))
    found = quote(replace(case, packages=case.packages[:1]))
    (said,) = [one for one in found.findings if one.code == "package_does_not_fit"]
    assert "da" in said.say()


def test_a_plan_over_a_change_of_version_is_offered():
    """From 10 June on the day is as cheap as the night, so only the first day's runs are worth moving."""
    old = replace(small_case.day_night(name="old"), valid_until=date(2026, 6, 10))
    new = replace(small_case.day_night(day="0.12", night="0.12", name="new"), valid_from=date(2026, 6, 10))
    family = TariffVersions(tariff_id="family", versions=(old, new))
    case = small_case.case(present_tariff=family, packages=())
    found = quote(case)
    rules = [line.rule.en for made in found.today_bills for line in made.lines]
    assert any("new from 2026-06-10: 21 of 30 days" in rule for rule in rules)
    stay = next(one for one in found.offers if one.package.package_id == "present")
    first_day, second_day = (
        sum(move.saving for move in stay.moves if move.subject_id == f"press-{number}") for number in range(2)
    )
    assert first_day > 100  # three runs of 420 kWh, 0.19 EUR/kWh cheaper: 239
    assert abs(second_day) < 1
    page = render_report(found, case)
    assert "made for a test" in page
    assert case_from_plain(case_to_plain(case)).present_tariff == family


def test_a_tariff_that_no_exact_model_is_stated_for_is_left_out_by_name():
    """Tiers by hours' use of a mean of three peaks: a higher mean widens the cheap tier, so only bills can say."""
    peaks = DemandCharge(
        **label("peaks"),
        price_per_kw_month=Decimal(0),
        measurement_min=30,
        peaks_count=3,
        peaks_on="days",
    )
    flat = small_case.flat(name="wide")
    steps = (
        EnergyTier(up_to_kwh=Decimal(300), price_per_kwh=Decimal("0.01")),
        EnergyTier(price_per_kwh=Decimal("0.09")),
    )
    group = EnergyTiers(bands=("all",), basis="kw", demand_charge_id="peaks", tiers=steps)
    wide = replace(flat, charges=(replace(flat.charges[0], tiers=(group,)), peaks))
    case = small_case.case(packages=(Package(package_id="wide", name=small_case.words("wide"), tariff=wide),))
    found = quote(case)
    (said,) = [one for one in found.findings if one.code == "package_does_not_fit"]
    assert said.data["package_id"] == "wide"
    assert "peaks" in said.say()
    assert {one.package.package_id for one in found.offers} == {"present"}
