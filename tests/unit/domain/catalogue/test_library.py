from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.catalogue import any_tariff, families, family_of, packages, programmes, tariff, tariff_ids, tariffs
from domain.catalogue.family import TariffFamily
from domain.catalogue.library import RecordShapeError, read_record
from domain.errors import UnknownReferenceError
from domain.tariffs import EnergyCharge, PurchaseMode, Status, Tariff, TariffVersions
from domain.tariffs.lines import band_price_per_kwh
from domain.text import Text
from domain.time import TimeGrid

JIANGSU = "cn-js-agency-10kv-capacity"


def energy_of(record: Tariff) -> EnergyCharge:
    return next(charge for charge in record.charges if isinstance(charge, EnergyCharge))


def band_at(record: Tariff, at: datetime) -> str:
    charge = energy_of(record)
    grid = TimeGrid(start=at, step_min=15, n_steps=1)
    return charge.calendar.bands[charge.calendar.bands_on(grid, record.zone, record.calendar)[0]]


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("tariff_id", "prices"),
    [
        (
            "cn-sd-agency-110kv-2026",
            {"sharp": "1.13597", "peak": "0.98555", "flat": "0.63457", "valley": "0.28359", "deep_valley": "0.18331"},
        ),
        (
            "cn-gd-shantou-agency-2026-09",
            {"valley": "0.2635", "flat": "0.6483", "peak": "1.0827", "sharp": "1.3465"},
        ),
        (JIANGSU, {"valley": "0.3828", "flat": "0.6400", "peak": "0.9566"}),
    ],
)
def test_band_prices_are_the_published_ones(tariff_id: str, prices: dict[str, str]) -> None:
    charge = energy_of(tariff(tariff_id))
    assert {band: band_price_per_kwh(charge, band) for band in prices} == {
        band: Decimal(price) for band, price in prices.items()
    }


@pytest.mark.parametrize(
    ("tariff_id", "at", "band"),
    [
        (JIANGSU, "2026-11-25T14:45", "flat"),
        (JIANGSU, "2026-11-25T15:00", "peak"),
        (JIANGSU, "2026-11-25T21:45", "peak"),
        (JIANGSU, "2026-11-25T23:00", "flat"),
        (JIANGSU, "2026-11-25T01:45", "flat"),
        (JIANGSU, "2026-11-25T02:00", "valley"),
        (JIANGSU, "2026-11-25T10:00", "valley"),
        (JIANGSU, "2026-12-08T13:15", "flat"),
        (JIANGSU, "2026-12-08T18:00", "sharp"),
        (JIANGSU, "2026-12-08T20:00", "peak"),
        (JIANGSU, "2026-10-02T13:45", "deep_valley"),
        (JIANGSU, "2026-10-02T09:00", "flat"),
        ("cn-zj-agency-10kv-2026", "2026-11-25T16:00", "peak"),
        ("cn-zj-agency-10kv-2026", "2026-12-08T18:00", "sharp"),
        ("cn-zj-agency-10kv-2026", "2026-12-08T09:30", "flat"),
        ("cn-zj-agency-10kv-2026", "2026-10-03T14:45", "deep_valley"),
        ("cn-zj-agency-10kv-2026", "2026-10-04T14:45", "flat"),
        ("cn-zj-agency-10kv-2024", "2026-01-08T09:30", "sharp"),
        ("cn-zj-agency-10kv-2024", "2026-02-17T12:00", "deep_valley"),
        ("cn-sd-agency-110kv-2026", "2026-02-10T18:00", "sharp"),
        ("cn-sd-agency-110kv-2026", "2026-02-10T14:00", "valley"),
        ("cn-sd-agency-110kv-2026", "2026-02-10T13:45", "deep_valley"),
        ("cn-sd-agency-110kv-2026", "2026-06-10T12:00", "flat"),
        ("cn-gd-shantou-agency-2026-09", "2026-09-10T11:00", "sharp"),
        ("cn-gd-shantou-agency-2026-09", "2026-09-10T17:00", "peak"),
    ],
)
def test_bands_follow_the_provincial_tables(tariff_id: str, at: str, band: str) -> None:
    assert band_at(tariff(tariff_id), clock(at)) == band


def test_nothing_is_official_and_agency_prices_are_for_agency_customers() -> None:
    for record in (*tariffs(), *(package.tariff for package in packages())):
        assert record.status is not Status.OFFICIAL
    assert {record.status for record in programmes()} == {Status.TO_VERIFY}
    assert all(record.purchase_modes == (PurchaseMode.GRID_AGENCY,) for record in tariffs() if record.government_tou)
    for package in packages():
        assert package.purchase_mode is PurchaseMode.MARKET_RETAIL
        assert package.tariff.purchase_modes == (PurchaseMode.MARKET_RETAIL,)
        assert package.tariff.status is Status.TO_VERIFY
        assert "not an offer of any retailer" in package.tariff.source.document


def test_zhejiang_changes_on_the_first_of_july() -> None:
    assert tariff("cn-zj-agency-10kv-2024").valid_until == tariff("cn-zj-agency-10kv-2026").valid_from
    assert tariff("cn-zj-agency-10kv-2026").valid_from == date(2026, 7, 1)


def test_a_family_joins_its_versions_and_knows_what_follows():
    family = family_of("cn-zj-agency-10kv-2024")
    assert family is not None
    assert family.follower_of("cn-zj-agency-10kv-2024") == "cn-zj-agency-10kv-2026"
    assert family.follower_of("cn-zj-agency-10kv-2026") is None
    joined = any_tariff(family.tariff_id)
    assert isinstance(joined, TariffVersions)
    assert [joined.on(day).tariff_id for day in (date(2026, 6, 30), date(2026, 7, 1))] == list(family.version_ids)
    assert [one.on for one in family.breaks] == [date(2026, 7, 1)]
    assert family_of(JIANGSU) is None


def test_every_family_holds_together_without_a_gap():
    for family in families():
        versions = any_tariff(family.tariff_id).versions
        assert all(earlier.valid_until == later.valid_from for earlier, later in pairwise(versions))


def test_a_family_of_unknown_records_is_refused():
    family = TariffFamily(tariff_id="f", name=Text(en="f", zh="族"), version_ids=("nowhere",))
    with pytest.raises(UnknownReferenceError, match="nowhere"):
        family.joined({JIANGSU: tariff(JIANGSU)})


def test_packages_are_found_by_their_tariffs_id():
    assert any_tariff("cn-gd-retail-2026-fixed").tariff_id == "cn-gd-retail-2026-fixed"
    assert any_tariff("sample-flat-fixed").purchase_modes == (PurchaseMode.MARKET_RETAIL,)
    with pytest.raises(UnknownReferenceError, match="nowhere"):
        any_tariff("nowhere")


def test_the_records_of_the_demo_hold_over_its_winter() -> None:
    used = [tariff(JIANGSU), tariff("cn-js-agency-10kv-contract-demand"), *(one.tariff for one in packages())]
    for record in used:
        record.must_hold(date(2026, 11, 1), date(2027, 1, 31))


def test_the_two_jiangsu_records_differ_only_in_how_capacity_is_billed() -> None:
    by_capacity, by_demand = tariff(JIANGSU), tariff("cn-js-agency-10kv-contract-demand")
    assert energy_of(by_capacity) == energy_of(by_demand)
    assert [charge.kind for charge in by_capacity.charges] == ["energy", "capacity", "power_factor"]
    assert [charge.kind for charge in by_demand.charges] == ["energy", "demand", "power_factor"]


def test_an_unknown_id_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownReferenceError, match=JIANGSU):
        tariff("cn-js")
    assert JIANGSU in tariff_ids()


def test_a_record_file_holds_one_record(tmp_path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text("tariff: {}\nprogramme: {}\n", encoding="utf-8")
    with pytest.raises(RecordShapeError, match=r"two\.yaml"):
        read_record(file, "tariff", Tariff)
