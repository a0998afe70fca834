"""The JSON Schema of a case's document, put together from its nouns' own."""

import dataclasses
from typing import Any, get_type_hints

from api.services.requests import LoadDocument
from domain.files.documents import json_schema
from domain.files.facts_file import FactsEntry
from domain.offers import Case

METERS = ("meter", "process_history")
OPTIONAL = ("process_history",)
SERIES = "MeterSeries"
FACTS = "facts"


def case_schema() -> dict[str, Any]:
    """Give the schema of a case; arrays stand as lists, null where a value is missing."""
    defs: dict[str, Any] = {SERIES: _series_schema()}
    properties: dict[str, Any] = {}
    hints = get_type_hints(Case, include_extras=True)
    for field in dataclasses.fields(Case):
        if field.name in METERS:
            series = {"$ref": f"#/$defs/{SERIES}"}
            properties[field.name] = {"anyOf": [series, {"type": "null"}]} if field.name in OPTIONAL else series
            continue
        schema = json_schema(FactsEntry if field.name == FACTS else hints[field.name])
        defs |= schema.pop("$defs", {})
        properties[field.name] = schema
    return {
        "type": "object",
        "title": "Case",
        "description": (Case.__doc__ or "").strip(),
        "properties": properties,
        "required": [field.name for field in dataclasses.fields(Case) if _has_no_default(field)],
        "additionalProperties": False,
        "$defs": defs,
    }


def asked_schema(kind: type[Any]) -> dict[str, Any]:
    """Give the schema of a request that holds a case, and what is asked of it."""
    case, asked = case_schema(), json_schema(kind)
    defs = case.pop("$defs") | asked.pop("$defs", {}) | {"Case": case}
    properties = {"case": {"$ref": "#/$defs/Case"}} | asked["properties"]
    required = ["case", *asked.get("required", ())]
    return asked | {"properties": properties, "required": required, "$defs": defs}


def _series_schema() -> dict[str, Any]:
    schema = json_schema(LoadDocument)
    values = schema["properties"]["import_kw"]["items"]
    more = {
        "export_kw": "Mean export over each step, positive; null where it is missing. [kW]",
        "quality": "0 measured, 1 missing, 2 suspect, 3 filled, for each step.",
    }
    for name, words in more.items():
        items = {"type": "integer"} if name == "quality" else values
        schema["properties"][name] = {
            "anyOf": [{"type": "array", "items": items}, {"type": "null"}],
            "default": None,
            "description": words,
        }
    return schema | {"title": SERIES, "description": "A metered load on a regular grid."}


def _has_no_default(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
