"""Plain trees made fit for the pydantic door: only JSON values, times as unmistakable ISO text.

pydantic would read the text "20261124" as seconds since 1970; here every text that stands where a noun
wants a time is read by our own rules first.
"""

import dataclasses
import math
import types
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from domain.files.local_time import TimeTextError, calendar_date, clock, instant, iso, on_clock
from domain.files.problems import Problem, pointer_of
from domain.text import Text

MAX_DEPTH = 48
BIGGEST_INT = 10**18
_BROKEN: dict[str, None] = {"": None}
"""Stands where a refused value stood: no field takes it, so that nothing is built on the refused value."""
_TOO_DEEP = Text(en="is nested too deeply", zh="嵌套过深")
_NO_KEY = Text(en="a key must be text", zh="键必须是文本")
_NO_NUMBER = Text(en="must be a finite number", zh="必须是有限数值")
_TOO_BIG = Text(en="is too large a number", zh="数值过大")
_NO_TEXT = Text(en="holds characters that are no text", zh="含有非法字符")
_NO_VALUE = Text(en="is no plain value", zh="不是普通数据")

Place = tuple[str | int, ...]


def fit_tree(kind: Any, plain: Any, zone: str | None) -> tuple[Any, tuple[Problem, ...]]:
    """Give a tree of JSON values for a kind of document, and what in it cannot be one.

    Parameters
    ----------
    kind : Any
        The noun (or other annotation) that the tree shall become.
    plain : Any
        Mappings, sequences, texts, numbers, dates; decimals keep every digit.
    zone : str | None
        IANA zone in which times without an offset are meant; None: they are refused.
    """
    fitting = _Fitting(zone)
    fitted = fitting.fit(kind, plain, ())
    return fitted, tuple(fitting.problems)


class _Fitting:
    """One pass over a tree; collects what is wrong on its way."""

    def __init__(self, zone: str | None) -> None:
        self.zone = zone
        self.problems: list[Problem] = []

    def refuse(self, where: Place, message: Text, value: object) -> Any:
        self.problems.append(Problem(pointer=pointer_of(*where), message=message, value=value))
        return _BROKEN

    def fit(self, kind: Any, plain: Any, where: Place) -> Any:
        """Give the JSON value of one node and of all below it."""
        if len(where) > MAX_DEPTH:
            return self.refuse(where, _TOO_DEEP, None)
        kind = meant(kind, plain)
        if isinstance(plain, dict):
            return self._mapping(kind, plain, where)
        if isinstance(plain, list | tuple):
            parts = items_of(kind)
            return [self.fit(next(parts), one, (*where, number)) for number, one in enumerate(plain)]
        if kind in (datetime, date, time) and isinstance(plain, str | date | time):
            return self._moment(kind, plain, where)
        return self._leaf(plain, where)

    def _mapping(self, kind: Any, plain: dict[Any, Any], where: Place) -> dict[str, Any]:
        fitted = {}
        for key, value in plain.items():
            if not isinstance(key, str) or not _is_text(key):
                self.refuse((*where, repr(key)), _NO_KEY, repr(key))
            else:
                fitted[key] = self.fit(member_of(kind, key), value, (*where, key))
        return fitted

    def _moment(self, kind: type, plain: str | date | time, where: Place) -> Any:
        try:
            return _iso_text(kind, plain, self.zone)
        except TimeTextError as error:
            problem, mend = error.data["problem"], error.data["mend"]
            words = Text(en=f"{problem.en}. {mend.en}.", zh=f"{problem.zh}。{mend.zh}。")
            return self.refuse(where, words, str(plain))

    def _leaf(self, plain: Any, where: Place) -> Any:
        if plain is None or isinstance(plain, bool):
            return plain
        if isinstance(plain, str):
            return str(plain) if _is_text(plain) else self.refuse(where, _NO_TEXT, ascii(plain))
        if isinstance(plain, int):
            return int(plain) if abs(plain) <= BIGGEST_INT else self.refuse(where, _TOO_BIG, None)
        if isinstance(plain, float | Decimal):
            return self._fraction(plain, where)
        if isinstance(plain, date | time):
            return plain.isoformat()
        return self.refuse(where, _NO_VALUE, type(plain).__name__)

    def _fraction(self, plain: float | Decimal, where: Place) -> Any:
        is_finite = plain.is_finite() if isinstance(plain, Decimal) else math.isfinite(plain)
        if not is_finite:
            return self.refuse(where, _NO_NUMBER, str(plain))
        number = float(plain)
        if isinstance(plain, float) or (math.isfinite(number) and Decimal(repr(number)) == plain):
            return number
        return str(plain)


def _iso_text(kind: type, plain: str | date | time, zone: str | None) -> str:
    if kind is datetime:
        if isinstance(plain, datetime) and plain.tzinfo is not None:
            return iso(plain)
        if isinstance(plain, datetime) and zone is not None:
            return iso(on_clock(plain, zone))
        return iso(instant(str(plain), zone))
    if kind is date:
        return calendar_date(str(plain)).isoformat()
    return clock(str(plain)).isoformat()


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


@lru_cache(maxsize=256)
def _fields(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def meant(kind: Any, plain: Any) -> Any:
    """Look through ``Annotated`` and choose the member of a union that a value is meant to be."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    members = [_bare(member) for member in get_args(kind) if member is not type(None)]
    if len(members) == 1:
        return meant(members[0], plain)
    if isinstance(plain, dict) and all(map(dataclasses.is_dataclass, members)) and not any(map(_default_kind, members)):
        return max(members, key=lambda member: len(_fields(member).keys() & plain.keys()))
    tag = plain.get("kind") if isinstance(plain, dict) else None
    return next((member for member in members if getattr(_default_kind(member), "default", None) == tag), None)


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _default_kind(member: Any) -> Any:
    if not dataclasses.is_dataclass(member):
        return None
    return next((one for one in dataclasses.fields(member) if one.name == "kind"), None)


def member_of(kind: Any, key: str) -> Any:
    """Give the kind of a mapping's value, or None where the kind has no such field."""
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _fields(kind).get(key)
    return None


def items_of(kind: Any) -> Iterator[Any]:
    """Give the kind of each item of a sequence, without end."""
    parts = get_args(kind) if get_origin(kind) in (tuple, list) else ()
    while True:
        yield parts[0] if parts else None
