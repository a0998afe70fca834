"""Every number that a noun carries says its unit; ``docs/nomenclature.md`` is the list of what may be said."""

import dataclasses
import re
import types
import typing
from decimal import Decimal

import numpy as np
import pytest
from pydantic import BaseModel

from tests.house_tools import ROOT, classes

BOOK = (ROOT / "docs" / "nomenclature.md").read_text(encoding="utf-8")
NUMBERS = (float, int, Decimal)


def first_column(title: str) -> tuple[str, ...]:
    """Read the names of one table of the book."""
    section = BOOK.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    return tuple(re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE))


SUFFIXES = first_column("Suffixes")
DENOMINATORS = first_column("Denominators")
PREFIXES = first_column("Prefixes")
NAMES = tuple(
    name
    for title in ("Named quantities", "Places on a grid", "Places in a file", "Numbers inside the machinery")
    for name in first_column(title)
)


def carries_numbers(annotation: object) -> bool:
    """Say whether a field holds numbers: bare, optional, in tuples and lists, as values of dicts, in arrays."""
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if annotation is np.ndarray or origin is np.ndarray:
        return "bool" not in str(arguments)
    if origin is typing.Literal:
        return False
    if origin is dict:
        return carries_numbers(arguments[1])
    if origin in (tuple, list, set, frozenset, typing.Union, types.UnionType, typing.Annotated):
        return any(carries_numbers(one) for one in arguments)
    return annotation in NUMBERS


def number_fields() -> list[tuple[str, str]]:
    """Give (class, field) of every public dataclass and pydantic field that holds numbers."""
    found = []
    for one in classes():
        if one.__name__.startswith("_"):
            continue
        if dataclasses.is_dataclass(one):
            names = [field.name for field in dataclasses.fields(one)]
        elif issubclass(one, BaseModel):
            names = list(one.model_fields)
        else:
            continue
        hints = typing.get_type_hints(one)
        found += [(one.__name__, name) for name in names if carries_numbers(hints[name])]
    return found


def rule_for(owner: str, name: str) -> str | None:
    """Give the entry of the book that allows a name, if any."""
    if "_per_" in name:
        said = [one for one in DENOMINATORS if name.endswith(one)]
    else:
        said = [one for one in SUFFIXES if name.endswith(one)] + [one for one in PREFIXES if name.startswith(one)]
    said += [entry for entry in (name, f"{owner}.{name}", f"{owner}.*") if entry in NAMES]
    return said[0] if said else None


def test_every_number_says_its_unit():
    unsaid = [f"{owner}.{name}" for owner, name in number_fields() if rule_for(owner, name) is None]
    assert not unsaid, f"name the unit, or enter the name in docs/nomenclature.md: {unsaid}"


def test_every_entry_of_the_book_is_used():
    used = {rule_for(owner, name) for owner, name in number_fields()}
    assert sorted(set(SUFFIXES + DENOMINATORS + PREFIXES + NAMES) - used) == []


def test_no_entry_stands_twice():
    entries = SUFFIXES + DENOMINATORS + PREFIXES + NAMES
    assert len(entries) == len(set(entries))


def test_every_row_has_its_chinese_name():
    rows = [line for line in BOOK.splitlines() if line.startswith("| `")]
    assert rows
    assert not [row for row in rows if not re.search(r"[\u4e00-\u9fff]", row.rsplit("|", 2)[1])]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (float, True),
        (Decimal | None, True),
        (tuple[int, ...], True),
        (dict[str, float], True),
        (dict[int, str], False),
        (np.ndarray, True),
        (np.typing.NDArray[np.bool_], False),
        (bool, False),
        (str | None, False),
        (typing.Literal[1, 2], False),
    ],
)
def test_the_walk_sees_numbers(annotation, expected):
    assert carries_numbers(annotation) is expected


@pytest.mark.parametrize("name", ["power", "power_mw", "price_per_mwh", "kw", "energy"])
def test_a_name_without_a_unit_is_refused(name):
    assert rule_for("Anything", name) is None
