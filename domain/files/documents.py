"""The door between plain data and nouns: build a noun from a tree, or say everything wrong with it."""

import dataclasses
import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from domain.files.local_time import iso
from domain.files.pointing import problem_of
from domain.files.problems import DocumentError, Problem
from domain.files.typed_tree import fit_tree
from domain.files.yaml_text import read_yaml

__all__ = ["DocumentError", "Problem", "from_plain", "json_schema", "read_yaml", "to_plain"]

_Noun = TypeVar("_Noun")


@lru_cache(maxsize=128)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def from_plain(noun_type: type[_Noun], plain: Any, *, where: str, zone: str | None = None) -> _Noun:
    """Build a noun from plain data.

    Parameters
    ----------
    noun_type : type
        A noun, or an annotation such as ``tuple[Event, ...]``.
    plain : Any
        Mappings, lists, texts, numbers, dates, as YAML or JSON give them. A value must be what its field
        wants: no text becomes a number, no number a time.
    where : str
        What the problems are said about, such as a file name.
    zone : str | None
        IANA zone in which times without an offset are meant; None: they are refused.

    Raises
    ------
    DocumentError
        With every problem found and its JSON pointer.
    """
    kind: Any = noun_type
    tree, problems = fit_tree(kind, plain, zone)
    made: Any = None
    try:
        made = _adapter(kind).validate_json(json.dumps(tree), strict=True)
    except ValidationError as error:
        broken = tuple(problem.pointer for problem in problems)
        found = (problem_of(one, kind, plain) for one in error.errors(include_url=False))
        problems += tuple(one for one in found if not _is_at_or_below(one.pointer, broken))
    if problems:
        raise DocumentError(where=where, problems=problems)
    built: _Noun = made
    return built


def _is_at_or_below(pointer: str, others: tuple[str, ...]) -> bool:
    return any(pointer == other or pointer.startswith(other + "/") for other in others)


def to_plain(noun: Any, *, brief: bool = False) -> Any:
    """Give a noun as JSON values.

    Decimals become text, times ISO 8601 text with their offset, arrays lists, NaN null and infinities the
    texts ``Infinity`` and ``-Infinity``.

    Parameters
    ----------
    noun : Any
        A noun, or anything a noun holds.
    brief : bool
        Leave out fields that have their default value, and keep Decimals as they are (for files people read).
    """
    if dataclasses.is_dataclass(noun) and not isinstance(noun, type):
        return {
            field.name: to_plain(getattr(noun, field.name), brief=brief)
            for field in dataclasses.fields(noun)
            if not (brief and _is_default(field, getattr(noun, field.name)))
        }
    if isinstance(noun, dict):
        return {str(key): to_plain(value, brief=brief) for key, value in noun.items()}
    if isinstance(noun, list | tuple | set | frozenset):
        parts = sorted(noun) if isinstance(noun, set | frozenset) else noun
        return [to_plain(one, brief=brief) for one in parts]
    if isinstance(noun, np.ndarray):
        return to_plain(noun.tolist(), brief=brief)
    if isinstance(noun, Decimal) and brief:
        return noun
    return _plain_leaf(noun)


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.name == "kind":
        return False
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    if isinstance(value, np.ndarray) or field.default is dataclasses.MISSING:
        return False
    return type(value) is type(field.default) and bool(value == field.default)


def _plain_leaf(value: Any) -> Any:  # noqa: PLR0911 -- one line for each kind of leaf
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        return _plain_leaf(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    msg = f"{type(value).__name__} is no part of a document"
    raise TypeError(msg)


def json_schema(noun_type: Any) -> dict[str, Any]:
    """Give the JSON Schema of a noun's documents; the descriptions are the nouns' own words."""
    return _adapter(noun_type).json_schema()
