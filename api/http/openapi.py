"""The service's OpenAPI document: bodies as the nouns' own JSON Schema, each with an example that works."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http import asked_examples, examples
from api.http.case_schema import asked_schema, case_schema
from api.http.problems import MEDIA_TYPE
from api.services.plan_requests import PlanDocument
from api.services.requests import BillDocument, ForecastDocument
from domain.files.documents import json_schema
from domain.offers.asked import AvailabilityAsked, ContractAsked, PlaybookAsked, SamplesAsked

BODIES: dict[str, tuple[Callable[[], dict[str, Any]], Callable[[], dict[str, Any]]]] = {
    "Case": (case_schema, examples.case_plain),
    "PlanDocument": (lambda: asked_schema(PlanDocument), examples.plan_plain),
    "AvailabilityDocument": (lambda: asked_schema(AvailabilityAsked), asked_examples.availability_plain),
    "PlaybookDocument": (lambda: asked_schema(PlaybookAsked), asked_examples.playbook_plain),
    "SamplesDocument": (lambda: asked_schema(SamplesAsked), asked_examples.samples_plain),
    "ContractDocument": (lambda: asked_schema(ContractAsked), asked_examples.contract_plain),
    "ForecastDocument": (lambda: json_schema(ForecastDocument), examples.forecast_plain),
    "BillDocument": (lambda: json_schema(BillDocument), examples.bill_plain),
}
"""Schema and example of each body; made when the document is first asked for."""
DEFS = "#/$defs/"
PLACE = "#/components/schemas/"
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem document; detail and titles speak the language asked for (en, zh).",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "incident": {"type": "string", "description": "Only where something broke on our side."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the request's body."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


def answers(*, body: bool = False, busy: bool = False, not_found: bool = False) -> dict[int | str, dict[str, Any]]:
    """Document how a route says no."""
    said: dict[int | str, str] = {500: "Something broke on our side; quote the incident."}
    if body:
        said |= {
            400: "The domain refuses what is asked; errors point at fields.",
            409: "It clashes with a rule in force, or the plan cannot be run.",
            413: "The body is too large.",
            422: "The body is no document of this kind.",
        }
    if busy:
        said[503] = "All places are taken; see Retry-After."
    if not_found:
        said[404] = "There is none of that name."
    content = {MEDIA_TYPE: {"schema": {"$ref": PLACE + "Problem"}}}
    return {status: {"description": words, "content": content} for status, words in sorted(said.items(), key=str)}


def body_of(noun: str, *, busy: bool = False) -> dict[str, Any]:
    """Document a route's body."""
    content = {"application/json": {"schema": {"$ref": PLACE + noun}}}
    return {
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
        "responses": answers(body=True, busy=busy),
    }


def install(app: FastAPI) -> None:
    """Make the app give the document; it is built once, when first asked for."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}
    for name, (schema_of, _) in BODIES.items():
        schema = schema_of()
        schemas |= {key: _moved(part) for key, part in schema.pop("$defs", {}).items()}
        schemas[name] = _moved(schema)
    # FastAPI documents a validation error of its own that this service never sends.
    made["components"] = {"schemas": schemas}
    for path in made["paths"].values():
        for operation in path.values():
            _finish(operation)
    return made


def _finish(operation: dict[str, Any]) -> None:
    if "requestBody" not in operation:
        operation["responses"].pop("422", None)
        return
    media = operation["requestBody"]["content"]["application/json"]
    media["example"] = BODIES[media["schema"]["$ref"].removeprefix(PLACE)][1]()


def _moved(part: Any) -> Any:
    """Point references at where OpenAPI keeps its schemas."""
    if isinstance(part, dict):
        return {key: _moved(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_moved(one) for one in part]
    # A reference stands under $ref, and bare in a discriminator's mapping.
    return PLACE + part.removeprefix(DEFS) if isinstance(part, str) and part.startswith(DEFS) else part
