"""Times as people write them: local clock without an offset, or ISO 8601 with one.

A local clock time that a change to or from summer time skips or repeats is refused, because nobody can
know which instant was meant.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from domain.errors import WattplanError
from domain.text import Text
from domain.time import zone_of

_WHEN = re.compile(
    r"^(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?)?"
    r"\s*(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?$"
)
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_DATE = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$")
LAST_HOUR = 24


class TimeTextError(WattplanError, ValueError):
    """A text is no time, or no single instant of its zone."""

    code = "time_not_understood"
    words = Text(en="{problem}. {mend}", zh="{problem}。{mend}")


def _refused(problem: Text, mend: Text) -> TimeTextError:
    return TimeTextError(problem=problem, mend=mend)


_NO_TIME = Text(en="is no date and time", zh="不是有效的日期时间")
_LIKE_TIME = Text(
    en="Write it like 2026-11-24 08:00 or 2026-11-24T08:00:00+08:00",
    zh="请写成 2026-11-24 08:00 或 2026-11-24T08:00:00+08:00",
)
_NO_OFFSET = Text(en="must carry a UTC offset", zh="必须带有 UTC 时差")
_LIKE_OFFSET = Text(en="Write it like 2026-11-24T08:00:00+08:00", zh="请写成 2026-11-24T08:00:00+08:00")


def instant(text: str, zone: str | None) -> datetime:
    """Read a time; without an offset it is taken on the zone's clock.

    Parameters
    ----------
    text : str
        ``2026-11-24 08:00``, ``2026/11/24``, ``2026-11-24 24:00``, or ISO 8601 with offset.
    zone : str | None
        IANA zone of times without offset; None: the offset must be given.

    Raises
    ------
    TimeTextError
        If it is no time, or the zone's clock skips or repeats it.
    """
    found = _WHEN.match(text.strip())
    if found is None:
        raise _refused(_NO_TIME, _LIKE_TIME)
    parts = found.groupdict()
    try:
        local = datetime(int(parts["year"]), int(parts["month"]), int(parts["day"]))  # noqa: DTZ001 -- zone follows
        local += _since_midnight(parts)
    except (ValueError, OverflowError) as error:
        raise _refused(_NO_TIME, _LIKE_TIME) from error
    if parts["offset"] is not None:
        return _with_offset(local, parts["offset"])
    if zone is None:
        raise _refused(_NO_OFFSET, _LIKE_OFFSET)
    return on_clock(local, zone)


def _since_midnight(parts: dict[str, str | None]) -> timedelta:
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    micro = int((parts["fraction"] or "0").ljust(6, "0"))
    if hour == LAST_HOUR and not (minute or second or micro):
        return timedelta(days=1)
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    return midnight.replace(hour=hour, minute=minute, second=second, microsecond=micro) - midnight


def _with_offset(local: datetime, offset: str) -> datetime:
    if offset in "Zz":
        return local.replace(tzinfo=UTC)
    try:
        return datetime.fromisoformat(local.isoformat() + offset)
    except ValueError as error:
        raise _refused(_NO_TIME, _LIKE_TIME) from error


def on_clock(local: datetime, zone: str) -> datetime:
    """Give the one instant at which a zone's clock shows a local time, with its offset.

    Raises
    ------
    TimeTextError
        If the clock skips the time or shows it twice.
    """
    tz = zone_of(zone)
    try:
        early, late = (local.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError as error:
        raise _refused(_NO_TIME, _LIKE_TIME) from error
    if early != late:
        skipped = early.astimezone(tz).replace(tzinfo=None) != local
        problem = (
            Text(en=f"does not exist in {zone}: the clock is put forward", zh=f"在 {zone} 不存在：时钟拨快")
            if skipped
            else Text(en=f"happens twice in {zone}: the clock is put back", zh=f"在 {zone} 出现两次：时钟拨慢")
        )
        raise _refused(problem, Text(en="Write it with its UTC offset", zh="请写明 UTC 时差"))
    return datetime.fromisoformat(early.astimezone(tz).isoformat())


def iso(at: datetime) -> str:
    """Give an instant as ISO 8601 with an offset of whole minutes."""
    offset = at.utcoffset()
    if offset is not None and offset % timedelta(minutes=1):
        at = at.astimezone(UTC)
    return at.isoformat()


def clock(text: str) -> time:
    """Read a time of day such as 08:00; 24:00 is the next midnight.

    Raises
    ------
    TimeTextError
        If it is none.
    """
    found = _CLOCK.match(text.strip())
    problem = Text(en="is no time of day", zh="不是有效的钟点")
    mend = Text(en="Write it like 08:00", zh="请写成 08:00")
    if found is None:
        raise _refused(problem, mend)
    hour, minute, second = (int(part or 0) for part in found.groups())
    if (hour, minute, second) == (LAST_HOUR, 0, 0):
        return time(0)
    try:
        return time(hour, minute, second)
    except ValueError as error:
        raise _refused(problem, mend) from error


def calendar_date(text: str) -> date:
    """Read a date such as 2026-11-24.

    Raises
    ------
    TimeTextError
        If it is none.
    """
    found = _DATE.match(text.strip())
    problem = Text(en="is no date", zh="不是有效的日期")
    mend = Text(en="Write it like 2026-11-24", zh="请写成 2026-11-24")
    if found is None:
        raise _refused(problem, mend)
    try:
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise _refused(problem, mend) from error
