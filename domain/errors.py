"""Refusals: each is a class with a code, its data and its words in two languages.

An error says what is wrong, where, and how to mend it. HTTP codes live in ``api/``.
"""

from typing import Any, ClassVar

from domain.text import Language, Text


class WattplanError(Exception):
    """The base of every refusal.

    Subclasses set ``code`` and ``words``; the keyword arguments fill the placeholders of ``words``
    and are kept in ``data`` so that a log, a page or a client can read them.
    """

    code: ClassVar[str] = "wattplan_error"
    words: ClassVar[Text] = Text(en="{problem}", zh="{problem}")

    def __init__(self, **data: Any) -> None:
        self.data: dict[str, Any] = data
        super().__init__(self.say())

    def say(self, language: Language = Language.EN) -> str:
        """Give the error's sentence in one language."""
        spoken = {name: _spoken(value, language) for name, value in self.data.items()}
        return self.words.say(language, **spoken)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error cross process borders with its data."""
        return (_rebuild, (type(self), self.data))


def _spoken(value: Any, language: Language) -> Any:
    if isinstance(value, Text):  # not ``say``: words made of people's input may hold braces
        return value.en if language == Language.EN else value.zh
    if isinstance(value, WattplanError):
        return value.say(language)
    if isinstance(value, tuple | list):
        return "; ".join(str(_spoken(part, language)) for part in value)
    return value


def _rebuild(cls: type[WattplanError], data: dict[str, Any]) -> WattplanError:
    return cls(**data)


class InvalidFieldError(WattplanError, ValueError):
    """A field of a noun breaks its rule. It is a ``ValueError`` so that the doors can point at the field."""

    code = "invalid_field"
    words = Text(
        en="{noun}.{field} = {value!r}: {problem}. {mend}",
        zh="{noun}.{field} = {value!r}：{problem}。{mend}",
    )


class UnknownReferenceError(WattplanError, ValueError):
    """A noun points at something that is not there."""

    code = "unknown_reference"
    words = Text(
        en="{noun}.{field} names {value!r}, which is not among {known}. Mend the name or add it.",
        zh="{noun}.{field} 指向 {value!r}，但现有的只有 {known}。请改正名称或补充该项。",
    )


class DuplicateIdError(WattplanError, ValueError):
    """Two things carry one id."""

    code = "duplicate_id"
    words = Text(
        en="{noun}.{field}: the id {value!r} is used more than once. Give each its own id.",
        zh="{noun}.{field}：编号 {value!r} 重复。每一项须有自己的编号。",
    )
