"""Charges of every kind, versions and facts come back from their files as they were."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.documents import DocumentError, to_plain
from domain.files.facts_file import facts_from_plain, facts_to_plain, read_facts, write_facts
from domain.files.prices_file import PricesFileError, read_prices
from domain.files.schemas import schemas
from domain.files.tariff_files import read_any_of_ours, read_library, read_tariff, write_tariff
from domain.tariffs import FixedCharge, TariffVersions
from domain.tariffs.charges import Charge
from domain.tariffs.facts import Facts
from domain.text import Language, Text
from tests.charge_file_cases import CHARGES, facts, tariff_of, tariffs_of, versions

CALM = settings(max_examples=20, deadline=None, suppress_health_check=(HealthCheck.too_slow,))


def kinds_of_charges() -> set[str]:
    return {one.__dataclass_fields__["kind"].default for one in get_args(get_args(Charge)[0])}


def test_every_kind_of_charge_is_tried() -> None:
    assert set(CHARGES) == kinds_of_charges()


@pytest.mark.parametrize("kind", sorted(CHARGES))
@CALM
@given(data=st.data())
def test_a_tariff_with_any_charge_of_a_kind_reads_back_equal(kind: str, data: st.DataObject) -> None:
    tariff = data.draw(tariffs_of(kind))
    assert read_tariff(write_tariff(tariff)) == tariff
    assert read_any_of_ours(write_tariff(tariff)) == tariff


@pytest.mark.parametrize("kind", sorted(CHARGES))
@settings(max_examples=5, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
@given(data=st.data())
def test_and_satisfies_its_schema(kind: str, data: st.DataObject) -> None:
    jsonschema.validate({"tariff": to_plain(data.draw(tariffs_of(kind)))}, schemas()["tariff"])


@settings(max_examples=8, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
@given(versions())
def test_versions_read_back_equal(tariff: TariffVersions) -> None:
    text = write_tariff(tariff)
    assert text.startswith("tariff_versions:\n")
    assert read_any_of_ours(text) == tariff
    jsonschema.validate({"tariff_versions": to_plain(tariff)}, schemas()["tariff_versions"])


def fixed() -> FixedCharge:
    return FixedCharge(charge_id="under test", label=Text(en="fixed", zh="固定"), amount_per_month=Decimal(7))


def test_a_file_of_versions_is_no_single_tariff_and_a_library_keeps_both(tmp_path: Path) -> None:
    first = tariff_of(fixed(), tariff_id="v1", valid_until=date(2026, 7, 1))
    second = tariff_of(fixed(), tariff_id="v2", valid_from=date(2026, 7, 1))
    both = TariffVersions(tariff_id="both", versions=(first, second))
    with pytest.raises(DocumentError, match="tariff_versions"):
        read_tariff(write_tariff(both))
    (tmp_path / "both.yaml").write_text(write_tariff(both), encoding="utf-8")
    (tmp_path / "alone.yaml").write_text(write_tariff(tariff_of(fixed())), encoding="utf-8")
    library = read_library(tmp_path)
    assert library.versions == {"both": both}
    assert list(library.tariffs) == ["kinds"]


def same(found: Facts, given_: Facts) -> bool:
    arrays = [
        one.index_id == other.index_id
        and one.currency == other.currency
        and one.grid == other.grid
        and np.array_equal(one.prices_per_kwh, other.prices_per_kwh, equal_nan=True)
        for one, other in zip(found.prices, given_.prices, strict=True)
    ]
    rest = ("flags", "system_peaks", "past", "supplied_from")
    return all(arrays) and all(getattr(found, name) == getattr(given_, name) for name in rest)


@CALM
@given(facts())
def test_facts_read_back_equal(given_: Facts) -> None:
    assert same(read_facts(write_facts(given_)), given_)
    plain = facts_to_plain(given_)
    assert same(facts_from_plain(plain, where="case"), given_)
    jsonschema.validate({"facts": plain}, schemas()["facts"])


CSV = "start,price_per_mwh\n2026-03-29 00:00,40\n2026-03-29 01:00,-\n2026-03-29 03:00,-5.5\n"


def test_prices_stand_in_a_file_beside(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(CSV, encoding="utf-8")
    path = tmp_path / "facts.yaml"
    path.write_text("facts: {prices: [{index_id: spot, currency: EUR, file: prices.csv, zone: Europe/Berlin}]}")
    (series,) = read_facts(path).prices
    # the clock is put forward at 2:00, so the third price is two elapsed hours after the first
    assert series.grid.start.isoformat() == "2026-03-28T23:00:00+00:00"
    np.testing.assert_array_equal(series.prices_per_kwh, [0.04, np.nan, -0.0055])


@pytest.mark.parametrize("name", ["../prices.csv", "/etc/passwd", "sub/prices.csv", "..", ""])
def test_prices_stand_nowhere_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(f"facts: {{prices: [{{index_id: spot, currency: EUR, file: '{name}'}}]}}")
    with pytest.raises(DocumentError, match="/facts/prices/0"):
        read_facts(path)
    with pytest.raises(DocumentError):
        read_facts(path.read_bytes())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tariff: {}",
        "facts: 3",
        "facts: {prices: [{index_id: a, currency: EUR}]}",
        "facts: {prices: [{index_id: a, currency: EUR, start: 2026-01-01T00:00:00Z, step_min: 7, prices_per_kwh: [1]}]}",
        "facts: {prices: [{index_id: a, currency: EUR, start: 2026-01-01, step_min: 60, prices_per_kwh: [1]}]}",
        "facts: {past: [{month: 2026-01-01, quantities: {a.kw: 1}}, {month: 2026-01-31, quantities: {}}]}",
        "facts: {flags: [{flag: hot, days: [2026-02-01], known_until: 2026-01-01}]}",
    ],
)
def test_what_are_no_facts_is_refused_with_words(text: str) -> None:
    with pytest.raises(WattplanError) as caught:
        read_facts(text)
    assert caught.value.say()
    assert caught.value.say(Language.ZH)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "row 1"),
        ("a,b\n1,2\n", "headings a, b"),
        ("start,price\n", "headings start, price"),
        (CSV.replace("40", "cheap"), "row 2: 'cheap' is no price"),
        (CSV.replace("40", "inf"), "row 2"),
        (CSV.replace("03:00", "02:30"), "row 4: does not exist"),
        (CSV.replace("03:00", "01:00"), "row 4: the same start"),
        (CSV.replace("03:00", "03:17"), "row 4: is off"),
        (CSV.splitlines()[0] + "\n2026-01-01 00:00,4\n", "at least two"),
        (CSV.splitlines()[0] + "\n2026-01-01 00:00,4\n2026-01-01 00:07,4\n", "0:07:00"),
    ],
)
def test_what_are_no_prices_is_refused_by_row(text: str, named: str) -> None:
    with pytest.raises(PricesFileError) as caught:
        read_prices(text, index_id="spot", currency="EUR", zone="Europe/Berlin")
    assert named in caught.value.say()
    assert "行" in caught.value.say(Language.ZH)


@pytest.mark.parametrize(
    "heading", ["EUR/kWh", "price_per_kwh", "元/千瓦时", "EUR/MWh", "price_per_mwh", "Price (EUR/MWhe)"]
)
def test_the_heading_says_the_unit(heading: str) -> None:
    text = f"datetime;{heading}\n2026-01-01T00:00+01:00;80\n2026-01-01T01:00+01:00;90\n"
    (first, _) = read_prices(text, index_id="spot", currency="EUR").prices_per_kwh
    assert first == (0.08 if "mwh" in heading.lower() else 80)


@given(text=st.text(max_size=80) | st.binary(max_size=80))
@settings(max_examples=60, deadline=None)
def test_whatever_a_file_of_prices_or_facts_holds_the_answer_is_words(text: str | bytes) -> None:
    for read in (lambda: read_facts(text), lambda: read_prices(text, index_id="a", currency="EUR", zone="UTC")):
        with pytest.raises(WattplanError) as caught:
            read()
        assert caught.value.say(Language.ZH)
