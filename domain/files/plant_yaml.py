"""A plant as YAML. Times may be written on the site's own clock: ``2026-11-24 08:00``."""

from collections.abc import Mapping
from typing import Any

from domain.errors import InvalidFieldError
from domain.files.documents import from_plain, json_schema, read_yaml, to_plain
from domain.files.plant import PlantFile
from domain.files.problems import DocumentError, Problem
from domain.files.sources import Source, name_of
from domain.files.yaml_text import write_yaml
from domain.text import Language, Text
from domain.time import zone_of

_NOT_IN_FILES = "findings"
_UNKNOWN = Text(en="is not known here. Mend the name or leave it out.", zh="此处没有该项。请改正名称或删除。")


def read_plant_yaml(source: Source, name: str | None = None) -> PlantFile:
    """Read a plant from YAML with the keys of ``PlantFile``.

    Times without an offset are on the site's clock; ``plan.zone`` may be left out, it is the site's.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer; times that the clock skips or repeats are among them.
    YamlTextError, FileUnreadableError, FileTooLargeError
    """
    where = name or name_of(source, "plant")
    return plant_from_plain(read_yaml(source, where=where), where=where)


def plant_from_plain(plain: Any, *, where: str) -> PlantFile:
    """Build a plant from plain data, as ``read_plant_yaml`` does.

    Raises
    ------
    DocumentError
    """
    if not isinstance(plain, dict):
        message = Text(en="must be a mapping with site: and plan:", zh="必须是含 site: 与 plan: 的映射")
        raise DocumentError(where=where, problems=(Problem(pointer="", message=message, value=plain),))
    if _NOT_IN_FILES in plain:
        raise DocumentError(where=where, problems=(Problem(pointer=f"/{_NOT_IN_FILES}", message=_UNKNOWN),))
    zone = _zone_in(plain, where)
    plan = plain.get("plan")
    if isinstance(plan, dict) and zone is not None and "zone" not in plan:
        plain = {**plain, "plan": {**plan, "zone": zone}}
    return from_plain(PlantFile, plain, where=where, zone=zone)


def _zone_in(plain: Mapping[str, Any], where: str) -> str | None:
    site = plain.get("site")
    zone = site.get("zone") if isinstance(site, dict) else None
    if not isinstance(zone, str):
        return None
    try:
        zone_of(zone)
    except InvalidFieldError as error:
        message = Text(en=error.say(), zh=error.say(Language.ZH))
        raise DocumentError(
            where=where, problems=(Problem(pointer="/site/zone", message=message, value=zone),)
        ) from error
    return zone


def write_plant_yaml(plant: PlantFile) -> str:
    """Give a plant as the YAML text that ``read_plant_yaml`` reads back equal; defaults are left out."""
    plain = to_plain(plant, brief=True)
    plain.pop(_NOT_IN_FILES, None)
    return write_yaml(plain)


def plant_schema() -> dict[str, Any]:
    """Give the JSON Schema of plant files: times also without offset, the plan's zone optional, no findings."""
    schema = _with_local_times(json_schema(PlantFile))
    del schema["properties"][_NOT_IN_FILES]
    definitions = schema["$defs"]
    for name in ("Finding", "Severity"):
        del definitions[name]
    definitions["ProductionPlan"]["required"].remove("zone")
    built: dict[str, Any] = schema
    return built


def _with_local_times(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_local_times(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _with_local_times(value) for key, value in node.items()}
    if kept.get("format") == "date-time":
        del kept["format"]
        kept["examples"] = ["2026-11-24 08:00", "2026-11-24T08:00:00+08:00"]
    return kept
