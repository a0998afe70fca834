"""Request bodies read with suspicion: bounded length, bounded depth, finite numbers, no key twice."""

import json
import math
from typing import Any

from fastapi import Request

from api.errors import BodyNotJsonError, BodyTooLargeError
from api.settings import Settings
from domain.text import Text

MAX_DIGITS = 40
_TOO_DEEP = Text(en="it is nested too deeply", zh="嵌套过深")
_TOO_LONG = Text(en="a number has too many digits", zh="数字位数过多")
_NOT_UTF8 = Text(en="it is not UTF-8", zh="编码不是 UTF-8")
_NO_TEXT = Text(en="a text holds half of a surrogate pair", zh="文本中含有不完整的代理对")
_NOT_OBJECT = Text(en="an object was expected", zh="应为 JSON 对象")


async def read_json(request: Request, settings: Settings) -> dict[str, Any]:
    """Read a request's body as one JSON object.

    Raises
    ------
    BodyTooLargeError, BodyNotJsonError
    """
    read = parse_json(await _read_bytes(request, settings.max_body_bytes), settings.max_json_depth)
    if not isinstance(read, dict):
        raise BodyNotJsonError(problem=_NOT_OBJECT)
    return read


async def _read_bytes(request: Request, limit_bytes: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and len(told) < MAX_DIGITS and int(told) > limit_bytes:
        raise BodyTooLargeError(limit_bytes=limit_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise BodyTooLargeError(limit_bytes=limit_bytes)
    return bytes(body)


def parse_json(body: bytes, max_depth: int) -> Any:
    """Parse JSON; refuse NaN, infinities, overlong numbers, repeated keys and deep nesting."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyNotJsonError(problem=_NOT_UTF8) from error
    try:
        read = json.loads(
            text,
            parse_float=_fraction,
            parse_int=_integer,
            parse_constant=_constant,
            object_pairs_hook=_mapping,
        )
    except json.JSONDecodeError as error:
        where = f"{error.lineno}:{error.colno}"
        problem = Text(en=f"it cannot be read at {where} (line:column)", zh=f"在 {where}（行:列）处无法解析")
        raise BodyNotJsonError(problem=problem) from error
    except RecursionError as error:
        raise BodyNotJsonError(problem=_TOO_DEEP) from error
    _check_tree(read, max_depth)
    return read


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BodyNotJsonError(problem=Text(en=f"{text[:MAX_DIGITS]} is too large", zh=f"{text[:MAX_DIGITS]} 过大"))
    return number


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise BodyNotJsonError(problem=_TOO_LONG)
    return int(text)


def _constant(text: str) -> float:
    raise BodyNotJsonError(
        problem=Text(en=f"{text} is no number; a missing value is null", zh=f"{text} 不是数值；缺失值请用 null")
    )


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BodyNotJsonError(
            problem=Text(en=f"the key {twice[:80]!r} stands twice", zh=f"键 {twice[:80]!r} 重复出现")
        )
    return found


def _check_tree(read: Any, max_depth: int) -> None:
    """Walk without recursion: depth, and texts that no encoding can write."""
    level = [read]
    for _ in range(max_depth + 1):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                below += node.values()
                below += node.keys()
            elif isinstance(node, list):
                below += node
            elif isinstance(node, str) and any("\ud800" <= letter <= "\udfff" for letter in node):
                raise BodyNotJsonError(problem=_NO_TEXT)
        if not below:
            return
        level = below
    raise BodyNotJsonError(problem=_TOO_DEEP)
