import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.documents import DocumentError, to_plain
from domain.files.plant_yaml import write_plant_yaml
from domain.files.schemas import schemas, write_schemas
from domain.files.tariff_files import LibraryError, read_library, read_tariff, write_tariff
from domain.files.yaml_text import YamlTextError, read_yaml
from domain.tariffs import PurchaseMode, Status
from domain.text import Language
from tests.plant_cases import full_plant, full_tariff, tariffs

PROGRAMME = """
programme:
  programme_id: DR-1
  name: {en: invited, zh: 邀约型}
  currency: CNY
  price: 3.5
  min_commitment_kw: 100
  notice_min: 120
  valid_from: 2026-01-01
  status: compiled
  source: {document: made for a test, issuer: tests}
"""
EVENTS = """
events:
- {event_id: E1, programme_id: DR-1, start: 2026-07-10T14:00:00+08:00, end: 2026-07-10T16:00:00+08:00, notice_at: 2026-07-10T09:00:00+08:00}
- {event_id: E2, programme_id: DR-1, start: 2026-07-11T14:00:00+08:00, end: 2026-07-11T16:00:00+08:00, notice_at: 2026-07-11T09:00:00+08:00}
"""
PACKAGE = """
package:
  package_id: PK
  name: {en: package, zh: 套餐}
  tariff_id: full
  purchase_mode: market_retail
"""


def library(folder: Path, **files: str) -> Path:
    """Write files; two underscores in a name stand for a folder."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(LibraryError) as caught:
        read_library(folder)
    assert caught.value.say(Language.ZH)
    return [one.say() for one in caught.value.problems]


def test_a_written_tariff_reads_back_equal_and_without_its_defaults():
    text = write_tariff(full_tariff())
    assert read_tariff(text) == full_tariff()
    assert "subdivision" not in text
    assert "price_per_kwh: 0.39575\n" in text
    assert "note: 'NO: 08:00'\n" in text


@settings(max_examples=60, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
@given(tariffs)
def test_any_tariff_reads_back_equal(tariff):
    assert read_tariff(write_tariff(tariff)) == tariff


@settings(max_examples=30, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
@given(tariffs)
def test_any_tariff_satisfies_its_schema(tariff):
    jsonschema.validate({"tariff": to_plain(tariff)}, schemas()["tariff"])


@pytest.mark.parametrize("text", ["", "- 1", "tariff: {}\nprogramme: {}\n", "tarif: {}", "package: {}"])
def test_a_tariff_file_has_one_known_key(text):
    with pytest.raises(DocumentError, match="exactly one top-level key, out of tariff:"):
        read_tariff(text)


def test_pointers_start_at_the_files_top():
    text = write_tariff(full_tariff()).replace("07:30-11:00", "7:30-11:00").replace("currency: CNY", "currency: yuan")
    with pytest.raises(DocumentError) as caught:
        read_tariff(text)
    assert [one.pointer for one in caught.value.problems] == [
        "/tariff/charges/1/calendar/rules/0/windows",
        "/tariff/charges/2/calendar/rules/0/windows",
    ]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda tail: b"tariff:\n  tariff_id: " + tail))
def test_any_bytes_are_a_tariff_or_refused(content):
    with pytest.raises((DocumentError, YamlTextError)):
        read_tariff(content)


def test_a_folder_is_read_with_all_below_it(tmp_path: Path):
    inline = write_tariff(replace(full_tariff(), tariff_id="own"))
    own = "package:\n  package_id: OWN\n  name: {en: own, zh: 自有}\n" + "".join(
        f"  {line}\n" for line in inline.splitlines()
    )
    folder = library(
        tmp_path,
        cn__full=write_tariff(full_tariff()),
        cn__dr=PROGRAMME,
        calls=EVENTS,
        offers__pk=PACKAGE,
        offers__own=own,
    )
    (folder / "README.md").write_text("not read")
    found = read_library(folder)
    assert list(found.tariffs) == ["full"]
    assert found.packages["PK"].tariff == full_tariff()
    assert found.packages["PK"].purchase_mode is PurchaseMode.MARKET_RETAIL
    assert found.packages["OWN"].tariff.tariff_id == "own"
    assert found.programmes["DR-1"].price == Decimal("3.5")
    assert found.programmes["DR-1"].status is Status.COMPILED
    assert [event.hours for event in found.events.values()] == [2.0, 2.0]


def test_every_fault_of_a_folder_names_its_file_and_pointer(tmp_path: Path):
    full = write_tariff(full_tariff())
    folder = library(
        tmp_path,
        a=full,
        b=full,
        broken="tariff: [1,\n",
        calls=EVENTS.replace("event_id: E2", "event_id: E1"),
        pk=PACKAGE.replace("tariff_id: full", "tariff_id: fool"),
        bad=PROGRAMME.replace("price: 3.5", "price: -3.5"),
    )
    assert faults(folder) == [
        "b.yaml: 1 problem(s). /tariff/tariff_id: is already used in a.yaml/tariff/tariff_id. Give it its own id. [full]",
        "bad.yaml: 1 problem(s). /programme/price: must not be negative [-3.5]",
        "broken.yaml, line 2, column 1: did not find expected node content. ",
        (
            "calls.yaml: 1 problem(s). /events/1/event_id: is already used in calls.yaml/events/0/event_id. "
            "Give it its own id. [E1]"
        ),
        "pk.yaml: 1 problem(s). /package/tariff_id: is not among full [fool]",
        "calls.yaml: 1 problem(s). /events/0/programme_id: is not among ∅ [DR-1]",
    ]


def test_a_package_has_its_tariff_one_way_only(tmp_path: Path):
    (said,) = faults(library(tmp_path, pk=PACKAGE.replace("  tariff_id: full\n", "")))
    assert said.startswith("pk.yaml: 1 problem(s). /package/tariff_id: a package has either tariff or tariff_id")


def test_no_folder_is_no_empty_library(tmp_path: Path):
    assert faults(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'}: 1 problem(s). /: is no folder"]
    empty = read_library(tmp_path)
    assert (empty.tariffs, empty.packages, empty.programmes, empty.events) == ({}, {}, {}, {})


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        ("tariff", read_yaml(write_tariff(full_tariff()))),
        ("package", read_yaml(PACKAGE)),
        ("programme", read_yaml(PROGRAMME)),
        ("event", read_yaml(EVENTS)),
        ("plan", read_yaml(write_plant_yaml(full_plant()))),
    ],
)
def test_each_schema_takes_its_file_and_refuses_another_key(kind, plain):
    schema = schemas()[kind]
    jsonschema.Draft202012Validator.check_schema(schema)
    as_json = json.loads(json.dumps(plain, default=float))
    jsonschema.validate(as_json, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**as_json, "colour": "red"}, schema)


def test_schemas_are_written_one_file_each(tmp_path: Path):
    names = {path.name for path in write_schemas(tmp_path / "schemas")}
    assert names == {
        *("tariff.json", "tariff_versions.json", "facts.json", "band_rule.json", "package.json"),
        *("programme.json", "event.json", "plan.json"),
    }


def test_library_faults_are_refusals_of_the_house():
    assert issubclass(LibraryError, WattplanError)
