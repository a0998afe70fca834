"""The one way nouns are made: frozen, slotted, keyword-only dataclasses.

``__pydantic_config__`` lets the doors (YAML, JSON, HTTP) build a noun straight from plain data
through ``pydantic.TypeAdapter``: unknown keys are refused, and the strings written under the
fields become the descriptions of the JSON Schema. ``one_of("kind")`` marks a union whose members are told apart by
a literal field, so that an error names the one meant; members without such a field are marked ``shape("<name>")`` and told
apart by ``one_of`` with a function that names the shape. Nothing else of pydantic is known to the nouns.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform, overload

from pydantic import Discriminator as one_of  # noqa: N813 -- reads as a word in an annotation
from pydantic import Tag as shape  # noqa: N813 -- likewise

__all__ = ["noun", "one_of", "shape"]

_T = TypeVar("_T")


@overload
def noun(cls: type[_T], /) -> type[_T]: ...
@overload
def noun(*, eq: bool = ...) -> Callable[[type[_T]], type[_T]]: ...


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=True, field_specifiers=(field,))
def noun(cls: type[_T] | None = None, /, *, eq: bool = True) -> type[_T] | Callable[[type[_T]], type[_T]]:
    """Make a class a noun; ``eq=False`` for nouns that hold arrays (compared by identity)."""

    def make(plain: type[_T]) -> type[_T]:
        made = dataclass(frozen=True, slots=True, kw_only=True, eq=eq)(plain)
        made.__pydantic_config__ = {  # type: ignore[attr-defined]
            "extra": "forbid",
            "use_attribute_docstrings": True,
            "arbitrary_types_allowed": True,
        }
        return made

    return make if cls is None else make(cls)
