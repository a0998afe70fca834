"""Where in a document a problem lies: from pydantic's location and a noun's own words to a JSON pointer."""

from collections.abc import Iterator
from typing import Any

from domain.errors import DuplicateIdError, WattplanError
from domain.files.problem_words import words_of
from domain.files.problems import Problem, pointer_of
from domain.files.typed_tree import Place, items_of, meant, member_of
from domain.text import Language, Text

_SPEAKS_OF_VALUE = ("zone",)
"""Names under which a check refuses a value without knowing whose it is."""


def problem_of(found: Any, kind: Any, plain: Any) -> Problem:
    """Give the problem that one entry of ``ValidationError.errors()`` means, at its place in the tree."""
    place, here, node = _follow(found["loc"], kind, plain)
    error = found.get("ctx", {}).get("error")
    if isinstance(error, WattplanError):
        field = field_meant(error, getattr(here, "__name__", ""), node)
        words = short_words(error) if field else words_of(found)
        return Problem(pointer=pointer_of(*place, *field), message=words, value=error.data.get("value"))
    value = None if found["type"] == "missing" else node
    return Problem(pointer=pointer_of(*place), message=words_of(found), value=value)


def short_words(error: WattplanError) -> Text:
    """Give a refusal's words without the field and value that the pointer and the problem give already."""
    problem, mend = error.data.get("problem"), error.data.get("mend")
    if not isinstance(problem, Text) or not isinstance(mend, Text):
        return Text(en=error.say(), zh=error.say(Language.ZH))
    if not mend.en:
        return problem
    return Text(en=f"{problem.en}. {mend.en}", zh=f"{problem.zh}。{mend.zh}")


def _follow(loc: tuple[str | int, ...], kind: Any, plain: Any) -> tuple[Place, Any, Any]:
    """Follow a location, leaving out the tags that pydantic puts in for members of a union."""
    place: Place = ()
    node = plain
    kind = meant(kind, node)
    for part in loc:
        is_tag = isinstance(part, str) and (
            part.startswith("<") or (isinstance(node, dict) and node.get("kind") == part)
        )
        if isinstance(node, dict) and part not in node and is_tag:
            continue
        place = (*place, part)
        kind = member_of(kind, part) if isinstance(part, str) else next(items_of(kind))
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
        kind = meant(kind, node)
    return place, kind, node


def field_meant(error: WattplanError, kind_name: str, node: Any) -> Place:
    """Point at the field below a noun's node that the noun's check (or one of a noun above it) refuses."""
    field, value = str(error.data.get("field", "")), error.data.get("value")
    owner_name, _, owner_id = str(error.data.get("noun", "")).partition(" ")
    if not field:
        return ()
    if owner_name in _SPEAKS_OF_VALUE:
        return next(((key,) for key, one in _pairs(node) if one == value), ())
    if owner_name == kind_name:
        place = _dotted(field, node)
        return (*place, *_item(_at(node, place), value, last=isinstance(error, DuplicateIdError)))
    if owner_id:
        id_field = f"{owner_name.lower()}_id"
        return next(((*at, field) for at, owner in _owners(node, id_field) if owner[id_field] == owner_id), ())
    for at, owner in _owners(node, field):
        item = _item(owner[field], value)
        if owner[field] == value or item or (isinstance(owner[field], list) and value in owner[field]):
            return (*at, field, *item)
    return ()


def _pairs(node: Any) -> list[tuple[str, Any]]:
    return list(node.items()) if isinstance(node, dict) else []


def _at(node: Any, place: Place) -> Any:
    for part in place:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def _dotted(field: str, node: Any) -> Place:
    """Read a field path such as ``packages.P1.currency``; an id stands for the item of a list that has it."""
    place: Place = ()
    for part in field.split("."):
        item = _item(node, part)
        step: str | int = item[0] if item else part
        place = (*place, step)
        node = _at(node, (step,))
    return place


def _item(listed: Any, value: Any, *, last: bool = False) -> Place:
    """Give the index of the mapping in a list that has a value under one of its id fields."""
    if not isinstance(listed, list | tuple):
        return ()
    hits = [number for number, one in enumerate(listed) if any(_is_id(key, here, value) for key, here in _pairs(one))]
    return (hits[-1 if last else 0],) if hits else ()


def _is_id(key: str, here: Any, value: Any) -> bool:
    return isinstance(here, str) and key.endswith("_id") and here == value


def _owners(node: Any, field: str, at: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Find every mapping at or below a node that has a field."""
    if isinstance(node, dict):
        if field in node:
            yield at, node
        for key, value in node.items():
            yield from _owners(value, field, (*at, key))
    elif isinstance(node, list | tuple):
        for number, one in enumerate(node):
            yield from _owners(one, field, (*at, number))
