"""The checks that nouns make on construction, with words that name the field and the mend."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.errors import DuplicateIdError, InvalidFieldError, UnknownReferenceError
from domain.text import Text

FloatArray = npt.NDArray[np.float64]

FIRST_YEAR, LAST_YEAR = 1900, 2200
POSITIVE = Text(en="must be greater than 0", zh="必须大于 0")
NOT_NEGATIVE = Text(en="must not be negative", zh="不得为负")
FINITE = Text(en="must be a finite number", zh="必须是有限数值")
SHARE = Text(en="must lie between 0 and 1", zh="必须在 0 与 1 之间")
AWARE = Text(en="must carry a UTC offset", zh="必须带有 UTC 时差")
NOT_EMPTY = Text(en="must not be empty", zh="不得为空")
ORDERED = Text(en="must end after it starts", zh="结束须晚于开始")
LIVED = Text(en="must lie between the years 1900 and 2200", zh="必须在 1900 年至 2200 年之间")
GIVE_OFFSET = Text(en="Write it like 2026-11-24T08:00:00+08:00.", zh="请写成 2026-11-24T08:00:00+08:00。")
NOTHING = Text(en="", zh="")


def refuse(noun: object, field: str, value: object, problem: Text, mend: Text = NOTHING) -> InvalidFieldError:
    """Make (not raise) the error for one field of one noun."""
    name = noun if isinstance(noun, str) else type(noun).__name__
    return InvalidFieldError(noun=name, field=field, value=value, problem=problem, mend=mend)


def not_empty(noun: object, field: str, value: Sequence[Any] | str) -> None:
    """Refuse an empty text or sequence."""
    if len(value) == 0 or (isinstance(value, str) and not value.strip()):
        raise refuse(noun, field, value, NOT_EMPTY)


def finite(noun: object, field: str, value: float) -> None:
    """Refuse NaN and infinities."""
    if not math.isfinite(value):
        raise refuse(noun, field, value, FINITE)


def positive(noun: object, field: str, value: float) -> None:
    """Refuse zero, negative and non-finite numbers."""
    finite(noun, field, value)
    if value <= 0:
        raise refuse(noun, field, value, POSITIVE)


def not_negative(noun: object, field: str, value: float) -> None:
    """Refuse negative and non-finite numbers."""
    finite(noun, field, value)
    if value < 0:
        raise refuse(noun, field, value, NOT_NEGATIVE)


def share(noun: object, field: str, value: float) -> None:
    """Refuse what is not within 0…1."""
    finite(noun, field, value)
    if not 0 <= value <= 1:
        raise refuse(noun, field, value, SHARE)


def power_factor(noun: object, field: str, value: float | None) -> None:
    """Refuse a power factor that no equipment has; None is none given."""
    if value is None:
        return
    finite(noun, field, value)
    if not 0 < value <= 1:
        problem = Text(en="must lie above 0 and not above 1", zh="必须大于 0 且不超过 1")
        raise refuse(noun, field, value, problem, Text(en="Write 0.92, not 92.", zh="请写 0.92，而不是 92。"))


def at_most(noun: object, field: str, value: float, limit: float, limit_name: str) -> None:
    """Refuse a number above another field's."""
    if value > limit:
        raise refuse(
            noun,
            field,
            value,
            Text(en=f"must not exceed {limit_name} = {limit}", zh=f"不得超过 {limit_name} = {limit}"),
        )


def aware(noun: object, field: str, value: datetime) -> None:
    """Refuse a time without a zone."""
    if value.tzinfo is None:
        raise refuse(noun, field, value.isoformat(), AWARE, GIVE_OFFSET)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise refuse(noun, field, value.isoformat(), LIVED)


def to_utc(noun: object, *fields: str) -> None:
    """Put a noun's times on UTC, so that differences between them are elapsed time on DST days too."""
    for field in fields:
        value = getattr(noun, field)
        if value is None:
            continue
        if isinstance(value, tuple):
            for one in value:
                aware(noun, field, one)
            object.__setattr__(noun, field, tuple(one.astimezone(UTC) for one in value))
        else:
            aware(noun, field, value)
            object.__setattr__(noun, field, value.astimezone(UTC))


def ordered(noun: object, field: str, start: datetime, end: datetime) -> None:
    """Refuse an interval that does not end after it starts."""
    aware(noun, field, start)
    aware(noun, field, end)
    if end <= start:
        raise refuse(noun, field, f"{start.isoformat()} … {end.isoformat()}", ORDERED)


def months(noun: object, field: str, values: Iterable[int]) -> None:
    """Refuse months that a year does not have, and a month named twice."""
    seen = list(values)
    for one in seen:
        if not 1 <= one <= 12:  # noqa: PLR2004 -- months
            raise refuse(noun, field, one, Text(en="must be 1…12", zh="必须是 1…12"))
    if len(set(seen)) != len(seen):
        raise refuse(noun, field, tuple(seen), Text(en="names a month twice", zh="月份重复"))


def unique(noun: object, field: str, ids: Iterable[str]) -> None:
    """Refuse an id that is used twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            name = noun if isinstance(noun, str) else type(noun).__name__
            raise DuplicateIdError(noun=name, field=field, value=one)
        seen.add(one)


def known(noun: object, field: str, value: str, among: Iterable[str]) -> None:
    """Refuse a reference to something that is not there."""
    names = sorted(set(among))
    if value not in names:
        name = noun if isinstance(noun, str) else type(noun).__name__
        raise UnknownReferenceError(noun=name, field=field, value=value, known=", ".join(names) or "∅")


def frozen_array(
    noun: object, field: str, values: npt.ArrayLike, shape: tuple[int, ...], *, holes: bool = False
) -> FloatArray:
    """Give a read-only float64 copy of the right shape; NaN only where holes are allowed, never infinite."""
    array = np.array(values, dtype=np.float64)
    if array.shape != shape:
        raise refuse(noun, field, array.shape, Text(en=f"must have shape {shape}", zh=f"形状必须为 {shape}"))
    if np.isinf(array).any() or (not holes and np.isnan(array).any()):
        first = int(np.argmax(~np.isfinite(array).ravel()))
        raise refuse(
            noun,
            field,
            float(array.ravel()[first]),
            FINITE,
            Text(en=f"Look at value {first}.", zh=f"请检查第 {first} 个值。"),
        )
    array.setflags(write=False)
    return array
