"""JSON Schemas of the files that people write, for editors and for checks outside this program."""

import json
from pathlib import Path
from typing import Any

from domain.files.agency_sheet_rule import BandRuleRecord
from domain.files.documents import json_schema
from domain.files.facts_file import FactsEntry
from domain.files.plant_yaml import plant_schema
from domain.files.tariff_files import PackageEntry
from domain.programmes import Event, Programme
from domain.tariffs import Tariff, TariffVersions

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Give the schema of each kind of file: tariff, versions, facts, band rule, package, programme, event, plan."""
    return {
        "tariff": _file_of("tariff", Tariff),
        "tariff_versions": _file_of("tariff_versions", TariffVersions),
        "facts": _file_of("facts", FactsEntry),
        "band_rule": _file_of("band_rule", BandRuleRecord),
        "package": _file_of("package", PackageEntry),
        "programme": _file_of("programme", Programme),
        "event": _file_of("events", tuple[Event, ...]),
        "plan": {"$schema": DIALECT, **plant_schema()},
    }


def _file_of(key: str, kind: Any) -> dict[str, Any]:
    inner = json_schema(kind)
    definitions = inner.pop("$defs", {})
    return {
        "$schema": DIALECT,
        "title": f"A file with {key}:",
        "type": "object",
        "properties": {key: inner},
        "required": [key],
        "additionalProperties": False,
        "$defs": definitions,
    }


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema as ``<kind>.json`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, schema in schemas().items():
        path = folder / f"{kind}.json"
        path.write_text(schema_text(schema), encoding="utf-8")
        written.append(path)
    return tuple(written)


def schema_text(schema: dict[str, Any]) -> str:
    """Give a schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
