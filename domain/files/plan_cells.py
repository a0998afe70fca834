"""One cell of a plant workbook: from what people write to plain values, and back."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from domain.errors import WattplanError
from domain.files.local_time import TimeTextError, clock, iso, on_clock
from domain.files.plan_sheets import Column
from domain.text import Text
from domain.time import zone_of

_SPLIT = re.compile(r"[;；\n]")
_NUMBER = re.compile(r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?$")
_PHASE = re.compile(r"^([^x×*]+)[x×*](.+)$", re.IGNORECASE)
_YES = frozenset({"y", "yes", "true", "是"})
_NO = frozenset({"n", "no", "false", "否"})
MAX_DIGITS = 40


class CellTextError(WattplanError, ValueError):
    """A cell does not hold what its column wants."""

    code = "cell_not_understood"
    words = Text(en="{problem}. {mend}", zh="{problem}。{mend}")


def _refused(problem: Text, mend: Text) -> CellTextError:
    return CellTextError(problem=problem, mend=mend)


def read_cell(column: Column, value: Any) -> Any:
    """Give the plain value of a filled cell; local times stay without offset.

    Raises
    ------
    CellTextError
        If the cell does not hold what its column wants.
    """
    return _READERS[column.kind](column, value)


def _text(column: Column, value: Any) -> str:
    if isinstance(value, bool | date | time | timedelta) or not isinstance(value, str | int | float):
        raise _refused(
            Text(en="is no text", zh="不是文本"), Text(en="Format the cell as text.", zh="请将单元格设为文本格式。")
        )
    text = str(value).strip()
    return _choice(column, text) if column.choices else text


def _choice(column: Column, text: str) -> str:
    for en, zh in column.choices:
        if text.lower() == en or text == zh:
            return en
    listed = Text(
        en=", ".join(en for en, _ in column.choices) + ".",
        zh="、".join(f"{zh}（{en}）" for en, zh in column.choices) + "。",
    )
    raise _refused(
        Text(en="is not among the words allowed", zh="不在可选项之中"),
        Text(en=f"Use one of {listed.en}", zh=f"请选用 {listed.zh}"),
    )


def _number(_: Column, value: Any) -> int | float | Decimal:
    if isinstance(value, str) and _NUMBER.match(value.strip()) and len(value.strip()) <= MAX_DIGITS:
        text = value.strip()
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else Decimal(text)
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise _refused(
        Text(en="is no number", zh="不是数值"),
        Text(
            en="Write a plain number like 1250.5, without unit or thousands mark.",
            zh="请只写数字，如 1250.5，不带单位和千分位。",
        ),
    )


def _whole(column: Column, value: Any) -> int:
    number = _number(column, value)
    if number != int(number):
        raise _refused(
            Text(en="is no whole number", zh="不是整数"), Text(en="Write it without decimals.", zh="请写整数。")
        )
    return int(number)


def _decimal(column: Column, value: Any) -> Decimal:
    return Decimal(str(_number(column, value)))


def _float(column: Column, value: Any) -> float:
    return float(_number(column, value))


def _yes_no(_: Column, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise _refused(
        Text(en="is neither yes nor no", zh="既不是“是”也不是“否”"), Text(en="Write yes or no.", zh="请写 是 或 否。")
    )


def _when(_: Column, value: Any) -> Any:
    if isinstance(value, datetime):
        # Excel keeps times as fractions of a day, whose last digits are noise
        return (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, date):
        return value.isoformat()
    raise _refused(
        Text(en="is no date and time", zh="不是日期时间"),
        Text(
            en="Format the cell as date and time, or write it like 2026-11-24 08:00.",
            zh="请将单元格设为日期时间格式，或写成 2026-11-24 08:00。",
        ),
    )


def _clock(_: Column, value: Any) -> Any:
    if isinstance(value, time):
        return value.replace(microsecond=0)
    if isinstance(value, str):
        try:
            return clock(value)
        except TimeTextError as error:
            raise _refused(error.data["problem"], error.data["mend"]) from error
    raise _refused(Text(en="is no time of day", zh="不是钟点"), Text(en="Write it like 08:00.", zh="请写成 08:00。"))


def _parts(value: Any) -> list[str]:
    return [part.strip() for part in _SPLIT.split(str(value)) if part.strip()]


def _texts(column: Column, value: Any) -> list[str]:
    text = _text(Column(key=column.key, zh=column.zh, kind="text", note=column.note), value)
    return [_choice(column, part) if column.choices else part for part in _parts(text)]


def _times(column: Column, value: Any) -> list[Any]:
    return _parts(value) if isinstance(value, str) else [_when(column, value)]


def _numbers(column: Column, value: Any) -> list[float]:
    return [_float(column, part) for part in (_parts(value) if isinstance(value, str) else [value])]


def _phases(column: Column, value: Any) -> list[dict[str, Any]]:
    phases = []
    for part in _parts(value):
        found = _PHASE.match(part)
        if found is None:
            raise _refused(
                Text(en=f"{part!r} is no phase", zh=f"“{part}”不是功率分段"),
                Text(en="Write kW x minutes, like 65000x35; 25000x15.", zh="请写 千瓦x分钟，如 65000x35; 25000x15。"),
            )
        phases.append({"power_kw": _float(column, found.group(1)), "duration_min": _whole(column, found.group(2))})
    return phases


_READERS: dict[str, Callable[[Column, Any], Any]] = {
    "text": _text,
    "number": _float,
    "decimal": _decimal,
    "whole": _whole,
    "yes_no": _yes_no,
    "when": _when,
    "clock": _clock,
    "texts": _texts,
    "times": _times,
    "phases": _phases,
    "numbers": _numbers,
}


def write_cell(column: Column, value: Any, zone: str) -> Any:
    """Give what to put into a cell so that ``read_cell`` gives the value back exactly."""
    if value is None:
        return None
    if column.kind in ("texts", "times", "phases", "numbers"):
        return "; ".join(str(_listed(one, zone)) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _local(value, zone)
    if isinstance(value, float | Decimal):
        return _exact(value)
    return value


def _listed(one: Any, zone: str) -> Any:
    if isinstance(one, datetime):
        local = _local(one, zone)
        return local if isinstance(local, str) else local.strftime("%Y-%m-%d %H:%M")
    if isinstance(one, float):
        return _exact(one)
    return one


def _local(at: datetime, zone: str) -> datetime | str:
    """Give the local clock time where it says the instant, or else text with the offset."""
    local = at.astimezone(zone_of(zone)).replace(tzinfo=None)
    try:
        is_plain = not (local.second or local.microsecond) and on_clock(local, zone) == at
    except TimeTextError:
        is_plain = False
    return local if is_plain else iso(at)


def _exact(number: float | Decimal) -> Any:
    """Give a number as Excel can keep it, or as text where it has more digits than a workbook keeps."""
    short = float(f"{float(number):.15g}")
    if Decimal(repr(short)) == (number if isinstance(number, Decimal) else Decimal(repr(number))):
        return int(short) if short.is_integer() and abs(short) < 10**15 else short
    return str(number) if isinstance(number, Decimal) else repr(number)
