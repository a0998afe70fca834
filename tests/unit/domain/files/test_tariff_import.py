"""One door for tariffs: formats are told by what a file holds, and what is missing is asked for by name."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.clauses import TariffOptionMissingError, UnpricedClauseError
from domain.files.problems import DocumentError
from domain.files.tariff_files import read_any_of_ours, write_tariff
from domain.files.tariff_import import (
    ImportOptions,
    TariffFormatUnknownError,
    format_of,
    parts_of,
    read_any_tariff,
)
from domain.files.yaml_text import YamlTextError
from domain.tariffs import FixedCharge, TariffVersions
from domain.text import Language, Text
from tests.agency_cases import JIANGSU, JIANGSU_BANDS, JIANGSU_PARTS, JIANGSU_ROWS, as_csv, as_xlsx, table
from tests.charge_file_cases import tariff_of
from tests.realdata import REAL_DATA

FIXED = FixedCharge(charge_id="under test", label=Text(en="fixed", zh="固定"), amount_per_month=Decimal(7))
TARIFF = tariff_of(FIXED)
VERSIONS = TariffVersions(tariff_id="both", versions=(tariff_of(FIXED, tariff_id="v1"),))
URDB = json.dumps(
    {
        "label": "hand",
        "startdate": 1735689600,
        "energyratestructure": [[{"rate": 0.1}]],
        "energyweekdayschedule": [[0] * 24] * 12,
        "energyweekendschedule": [[0] * 24] * 12,
        "mincharge": 5,
    }
).encode()
TAIPOWER = json.dumps(
    {
        "version": "20251001",
        "definitions": {
            "seasons": [
                {"name": "summer", "start": "06-01", "end": "09-30"},
                {"name": "non_summer", "start": "10-01", "end": "05-31"},
            ]
        },
        "plans": [
            {
                "id": plan_id,
                "name": plan_id,
                "type": "NON_TOU",
                "season_strategy": "seasons",
                "rates": [
                    {"season": "summer", "period": "flat", "cost": 4},
                    {"season": "non_summer", "period": "flat", "cost": 3},
                ],
            }
            for plan_id in ("a", "b")
        ],
    }
).encode()
US = (
    b"utility,type,period,basic_charge_limit (metric),month_start,month_end,hour_start,hour_end,weekday_start,weekday_end,"
    b"charge (metric),units\nelectric,energy,,0,1,12,0,24,0,6,=0.04+0.01,$/kWh\n"
)
AGENCY = as_csv(table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS))
OURS = write_tariff(TARIFF).encode()
TOLD = ImportOptions(
    zone="America/Chicago",
    valid_from=date(2026, 1, 1),
    band_rule=JIANGSU,
    bill_by="capacity",
    valid_until=date(2026, 2, 1),
)


@pytest.mark.parametrize(
    ("content", "source_format", "part", "tariff_id"),
    [
        (OURS, "wattplan", None, "kinds"),
        (b"# a comment first\n" + OURS, "wattplan", None, "kinds"),
        (write_tariff(VERSIONS).encode(), "wattplan", None, "both"),
        (json.dumps({"items": [json.loads(URDB)]}).encode(), "urdb", None, "urdb-hand"),
        (URDB, "urdb", None, "urdb-hand"),
        (TAIPOWER, "taipower", "b", "tw-taipower-b-2025-10-01"),
        (US, "us_workbook", None, "us-tariff"),
        (AGENCY, "agency_sheet", "two_part/35kv", "cn-test-two_part-35kv-capacity-2026-01"),
        (as_xlsx(table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS)), "agency_sheet", "two_part/35kv", None),
    ],
)
def test_each_format_is_told_and_read(
    content: bytes, source_format: str, part: str | None, tariff_id: str | None, tmp_path: Path
) -> None:
    assert format_of(content) == source_format
    told = replace(TOLD, part=part)
    reading = read_any_tariff(content, told)
    assert reading.source_format == source_format
    assert tariff_id in (None, reading.tariff.tariff_id)
    path = tmp_path / "any name.txt"
    path.write_bytes(content)
    assert read_any_tariff(path, told).tariff.currency == reading.tariff.currency


def test_the_parts_of_a_file_are_named() -> None:
    assert parts_of(TAIPOWER) == ("a", "b")
    assert parts_of(AGENCY)[0] == "single_part/lt_1kv"
    assert parts_of(US, name="plant.csv") == ("plant",)
    assert parts_of(URDB) == parts_of(OURS) == ()


@pytest.mark.parametrize(
    ("content", "options", "named"),
    [
        (URDB, {}, "say zone"),
        (US, {"zone": "UTC"}, "say valid_from"),
        (TAIPOWER, {}, "say part: the file holds 2 tariffs. Choices: a, b"),
        (AGENCY, {}, "say band_rule"),
        (AGENCY, {"band_rule": JIANGSU}, "say part"),
        (AGENCY, {"band_rule": JIANGSU, "part": "two_part/35kv"}, "say bill_by"),
    ],
)
def test_what_a_format_needs_is_asked_for_by_name(content: bytes, options: dict[str, Any], named: str) -> None:
    with pytest.raises(TariffOptionMissingError) as caught:
        read_any_tariff(content, ImportOptions(**options))
    assert named in caught.value.say()
    assert "请指定" in caught.value.say(Language.ZH)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "NoneType"),
        (b"hello", "str"),
        (b"programme: {programme_id: x}", "YAML of programme"),
        (b'{"a": 1', "broken JSON"),
        (b'{"a": 1}', "JSON of another kind"),
        (b"[1, 2]", "JSON of another kind"),
        (b"\xff\xff\xfe\x01", "neither table nor YAML"),
        (b"a,b\n1,2\n", "YAML of str"),
    ],
)
def test_files_of_no_known_format_are_refused_with_the_formats(content: bytes, named: str) -> None:
    with pytest.raises(TariffFormatUnknownError) as caught:
        read_any_tariff(content, TOLD)
    assert named in caught.value.say()
    assert "energyratestructure" in caught.value.say()
    assert "电压等级" in caught.value.say(Language.ZH)


def test_a_broken_file_of_a_known_format_is_told_by_its_reader() -> None:
    with pytest.raises(DocumentError, match="/tariff"):
        read_any_tariff(b"tariff: {tariff_id: x}")
    with pytest.raises(YamlTextError):
        read_any_tariff(b"tariff: {tariff_id: x")
    with pytest.raises(UnpricedClauseError, match="annualmincharge"):
        read_any_tariff(URDB.replace(b"mincharge", b"annualmincharge"), TOLD)


WHOLE = (OURS, URDB, TAIPOWER, US, AGENCY, as_xlsx(table(JIANGSU_PARTS, JIANGSU_BANDS, JIANGSU_ROWS)))


@given(
    content=st.sampled_from(WHOLE),
    damage=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_a_tariff_or_words(content: bytes, damage: list[tuple[int, bytes, int]]) -> None:
    for place, wreck, cut in damage:
        at = place % (len(content) + 1)
        content = content[:at] + wreck + content[at + cut :]
    try:
        assert read_any_tariff(content, TOLD).tariff
    except WattplanError as error:
        assert error.say()
        assert error.say(Language.ZH)


@given(content=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_words(content: bytes) -> None:
    with pytest.raises(WattplanError) as caught:
        read_any_tariff(content, TOLD)
    assert caught.value.say(Language.ZH)


RATES = REAL_DATA / "tariffs_urdb"
PLANS = REAL_DATA / "tariffs_taipower" / "plans.json"
BOOK = REAL_DATA / "tariffs_wwtp_us" / "WWTP_Billing.xlsx"
REAL = pytest.mark.skipif(not REAL_DATA.is_dir(), reason="the optional real-data folder is absent")


def reads_back(content: Path, told: ImportOptions) -> str | None:
    """Read, write and read again; None where all is equal, else what the reader refused."""
    try:
        tariff = read_any_tariff(content, told).tariff
    except WattplanError as error:
        return error.say()
    assert read_any_of_ours(write_tariff(tariff)) == tariff
    return None


@pytest.mark.realdata
@REAL
def test_what_is_read_from_real_files_is_written_without_loss() -> None:
    refused = {}
    for file in sorted(RATES.glob("*.json")):
        starts = date(2025, 1, 1) if "_test" in file.name else None
        refused[file.name[:8]] = reads_back(file, ImportOptions(zone="America/New_York", valid_from=starts))
    for plan in parts_of(PLANS):
        refused[plan] = reads_back(PLANS, ImportOptions(part=plan))
    assert sum(said is None for said in refused.values()) == 11 + 14
    assert "none of the known formats" in str(refused["reopt_te"])  # expected sums, no tariff


@pytest.mark.realdata
@pytest.mark.slow
@REAL
def test_sheets_of_the_real_workbook_are_written_without_loss() -> None:
    for sheet in parts_of(BOOK)[::25]:
        told = ImportOptions(part=sheet, zone="America/Chicago", valid_from=date(2021, 11, 1), uncovered="free")
        assert reads_back(BOOK, told) is None
