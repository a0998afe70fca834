"""Guangdong's limits for retail packages of 2026, each broken once and kept once at its edge."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from domain.catalogue import any_tariff, retail_limits, retail_packages, tariff
from domain.catalogue.retail_limits import RetailPackageError, check_retail, retail_price_per_kwh
from domain.tariffs import PurchaseMode, Tariff
from domain.tariffs.bands import BandCalendar
from domain.text import Language
from tests.tariff_cases import rule


def package(name: str) -> Tariff:
    found = any_tariff(f"cn-gd-retail-2026-{name}")
    assert isinstance(found, Tariff)
    return found


def changed(record: Tariff, which: str, /, **fields) -> Tariff:
    charges = [replace(one, **fields) if one.charge_id == which else one for one in record.charges]
    return replace(record, charges=tuple(charges))


def priced(price: str) -> Tariff:
    record = package("fixed")
    (part,) = record.charges[0].components
    return changed(record, "retail_fixed", components=(replace(part, price_per_kwh=Decimal(price)),))


def shared(linked: str, spot: str, **fields) -> Tariff:
    record = changed(package("fixed-linked"), "retail_linked", energy_share=Decimal(linked), **fields)
    record = changed(record, "retail_spot", energy_share=Decimal(spot))
    return changed(record, "retail_fixed", energy_share=1 - Decimal(linked) - Decimal(spot))


def rules(record: Tariff) -> list[str]:
    return [error.data["rule"] for error in check_retail(record, retail_limits())[0]]


def unsound(record: Tariff) -> str:
    (error,) = check_retail(record, retail_limits())[0]
    assert isinstance(error, RetailPackageError)
    return error.say()


def test_the_samples_keep_every_limit():
    for one in retail_packages():
        assert check_retail(one.tariff, retail_limits()) == ((), ())


@pytest.mark.parametrize(
    ("price", "broken"), [("0.372", []), ("0.3719", ["fixed_price"]), ("0.554", []), ("0.5541", ["fixed_price"])]
)
def test_the_fixed_price_lies_between_0_372_and_0_554(price, broken):
    assert rules(priced(price)) == broken


@pytest.mark.parametrize(
    ("linked", "spot", "broken"),
    [
        ("0.02", "0.08", []),
        ("0.01", "0.08", ["linked_share"]),
        ("0.15", "0.15", []),
        ("0.16", "0.15", ["linked_share"]),
        ("0.10", "0.07", ["spot_linked_share"]),
        ("0.10", "0.16", ["spot_linked_share"]),
    ],
)
def test_linked_shares_are_10_to_30_and_8_to_15_percent(linked, spot, broken):
    assert rules(shared(linked, spot)) == broken


def test_no_fee_on_the_linked_part():
    assert rules(shared("0.10", "0.10", fee_per_kwh=Decimal("0.001"))) == ["fee_on_linked"]


def test_the_retail_charges_bill_all_of_the_energy_once():
    assert "bill 90 % of the energy" in unsound(changed(package("fixed"), "retail_fixed", energy_share=Decimal("0.9")))


def test_a_package_without_a_retail_charge_is_no_sound_package():
    record = package("fixed")
    unnamed = changed(record, "retail_fixed", charge_id="energy")
    assert "no charge on energy is named retail_" in unsound(unnamed)


def test_prices_in_another_currency_are_not_held_against_yuan():
    assert "in EUR, the limits cn-gd-retail-2026 in CNY" in unsound(replace(package("fixed"), currency="EUR"))


def test_an_error_names_package_rule_and_document_in_both_languages():
    ((error,), _) = check_retail(priced("0.60"), retail_limits())
    for language in Language:
        said = error.say(language)
        assert "cn-gd-retail-2026-fixed" in said
        assert "fixed_price" in said
        assert "2025-10-21" in said
    assert "above the cap of 0.554 CNY/kWh" in error.say()
    assert "高于上限 0.554" in error.say(Language.ZH)


def test_printed_band_prices_count_by_their_mean_over_the_hours():
    record = package("fixed")
    calendar = BandCalendar(rules=(rule("day", "08:00-20:00"), rule("night", "20:00-08:00")))
    prices = {"day": Decimal("0.60"), "night": Decimal("0.20")}
    banded = changed(record, "retail_fixed", calendar=calendar, band_prices=prices, components=())
    assert retail_price_per_kwh(banded.charges[0], banded) == Decimal("0.40")
    assert rules(banded) == []


def test_an_agency_tariff_is_no_retail_package():
    assert check_retail(tariff("cn-js-agency-10kv-capacity"), retail_limits()) == ((), ())


def test_a_package_that_no_limits_are_known_for_says_so():
    (_, (finding,)) = check_retail(any_tariff("sample-flat-fixed"), retail_limits())
    assert finding.code == "retail_limits_not_known"
    unsaid = replace(any_tariff("sample-flat-fixed"), purchase_modes=())
    assert check_retail(unsaid, retail_limits()) == ((), ())
    (_, (sold,)) = check_retail(unsaid, retail_limits(), sold_as=PurchaseMode.MARKET_RETAIL)
    assert sold.code == "retail_limits_not_known"


def test_limits_hold_in_their_year_only():
    later = replace(priced("0.60"), valid_from=date(2027, 1, 1), valid_until=date(2028, 1, 1))
    errors, (finding,) = check_retail(later, retail_limits())
    assert errors == ()
    assert finding.code == "retail_limits_not_in_force"
    over = replace(priced("0.60"), valid_from=date(2026, 12, 1), valid_until=date(2027, 3, 1))
    errors, (finding,) = check_retail(over, retail_limits())
    assert [error.data["rule"] for error in errors] == ["fixed_price"]
    assert finding.code == "retail_limits_not_in_force"
