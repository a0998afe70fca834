"""Cells to days, clock times and UTC offsets."""

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from domain.files.meter_table import Cell
from domain.noun import noun

DAY_MS = 86_400_000
MINUTE_MS = 60_000
NONE = np.iinfo(np.int64).min
"""Stands for a day, clock or offset that is not there."""
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
FIRST_YEAR, LAST_YEAR = 1990, 2099
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- a spreadsheet's clock has no zone
EXCEL_DAYS = (32_874, 73_050)  # 1990 … 2099
MONTHS = {
    name: number
    for names in (
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        ("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"),
    )
    for number, name in enumerate(names, 1)
}

IntArray = npt.NDArray[np.int64]
YearLast = tuple[int, int, int]
"""(a, b, year): day and month in an order the whole column tells."""

_CLOCK = (
    r"(?P<noon1>上午|下午)?\s*(?P<hour>\d{1,2})(?:[:时点](?P<minute>\d{1,2})分?)(?:[:]?(?P<second>\d{2})秒?)?"
    r"(?:[.,](?P<fraction>\d{1,9}))?\s*(?P<noon2>[ap]\.?m\.?)?"
)
_OFFSET = r"(?P<offset>z|(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?|utc|gmt)"
_DATE = (
    r"(?:(?P<year>\d{4})\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})日?"
    r"|(?P<a>\d{1,2})(?P<mark>[-/.])\s?(?P<b>\d{1,2})(?P=mark)\s?(?P<year2>\d{4})"
    r"|(?P<day3>\d{1,2})[-\s.]+(?P<month3>[a-zä]{3,9})\.?[-\s,]+(?P<year3>\d{4})"
    r"|(?P<month4>[a-zä]{3,9})\.?\s+(?P<day4>\d{1,2}),?\s+(?P<year4>\d{4}))"
)
_STAMP = re.compile(rf"(?P<date>{_DATE})(?:(?:\s*t\s*|[\s,]\s*|(?<=日)){_CLOCK}\s*{_OFFSET}?)?")
_CLOCK_ONLY = re.compile(rf"{_CLOCK}\s*{_OFFSET}?")
_CLOCK_RANGE = re.compile(r"(\d{1,2}:\d{2})(?::\d{2})?\s*[-~至–—]\s*\d{1,2}:\d{2}(?::\d{2})?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[t\s]?(\d{2}):?(\d{2}):?(\d{2})?)?\s*(z|[+-]\d{2}:?\d{2})?")


@noun(eq=False)
class Stamps:
    """A column of times taken apart; each array has one entry a row, ``NONE`` where the part is missing."""

    days: IntArray
    """Days since 1970-01-01; ``NONE`` also while ``year_last`` waits for the day order. [d]"""
    clock_ms: IntArray
    """Time of day, up to and including 24:00. [ms]"""
    offset_min: IntArray
    """UTC offset as written. [min]"""
    year_last: dict[int, YearLast]
    """Row index to the parts of a date such as 3/4/2024."""
    texts: dict[int, str]
    """Row index to the text of such a date."""
    has_ranges: bool
    """Whether clock times are written as 00:00-00:15."""

    @property
    def has_day(self) -> npt.NDArray[np.bool_]:
        """Rows with a date."""
        found: npt.NDArray[np.bool_] = self.days != NONE
        found[list(self.year_last)] = True
        return found

    @property
    def has_clock(self) -> npt.NDArray[np.bool_]:
        """Rows with a time of day."""
        return np.asarray(self.clock_ms != NONE)


@noun
class _Parts:
    day: int = NONE
    clock_ms: int = NONE
    offset_min: int = NONE
    year_last: YearLast | None = None
    is_range: bool = False


NOTHING = _Parts()


def read_stamps(cells: Sequence[Cell]) -> Stamps:
    """Take a column of cells apart into days, clock times and offsets."""
    n_cells = len(cells)
    days, clocks, offsets = (np.full(n_cells, NONE, dtype=np.int64) for _ in range(3))
    year_last: dict[int, YearLast] = {}
    texts: dict[int, str] = {}
    has_ranges = False
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        parts = _of_text(cell) if type(cell) is str else _of_typed(cell)
        days[index], clocks[index], offsets[index] = parts.day, parts.clock_ms, parts.offset_min
        has_ranges |= parts.is_range
        if parts.year_last is not None:
            year_last[index] = parts.year_last
            texts[index] = str(cell).strip()
    return Stamps(
        days=days, clock_ms=clocks, offset_min=offsets, year_last=year_last, texts=texts, has_ranges=has_ranges
    )


def day_number(year: int, month: int, day: int) -> int:
    """Give the days since 1970-01-01; ``NONE`` for a date that does not exist or cannot be meant."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return NONE
    try:
        return date(year, month, day).toordinal() - EPOCH_ORDINAL
    except ValueError:
        return NONE


def _of_text(text: str) -> _Parts:
    plain = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().lower()
    if not plain or len(plain) > 40 or not plain.isprintable():  # noqa: PLR2004 -- no stamp is longer
        return NOTHING
    # A date's part repeats 96 times a day and a clock's every day: both are taken apart once.
    cut = plain.find(" ") if plain[:1].isdigit() else -1
    if cut < 0 and len(plain) > 11 and plain[10] == "t":  # noqa: PLR2004 -- 2024-04-03T…
        cut = 10
    if cut > 0:
        head, tail = _of_date(plain[:cut]), _of_clock(plain[cut + 1 :].strip())
        if head is not None and tail is not None:
            return _Parts(day=head.day, year_last=head.year_last, clock_ms=tail.clock_ms, offset_min=tail.offset_min)
    return _of_whole(plain)


@lru_cache(maxsize=20_000)
def _of_date(plain: str) -> _Parts | None:
    parts = _of_whole(plain)
    is_date = parts.clock_ms == NONE and (parts.day != NONE or parts.year_last is not None)
    return parts if is_date else None


@lru_cache(maxsize=20_000)
def _of_clock(plain: str) -> _Parts | None:
    match = _CLOCK_ONLY.fullmatch(plain)
    return _clocked(_Parts(), match) if match else None


def _of_whole(plain: str) -> _Parts:
    packed = _PACKED.fullmatch(plain)
    if packed:
        return _of_packed(packed)
    ranged = _CLOCK_RANGE.fullmatch(plain)
    if ranged:
        start = _of_clock(ranged[1])
        return _Parts(clock_ms=start.clock_ms, is_range=True) if start else NOTHING
    match = _STAMP.fullmatch(plain)
    if match is None:
        return _of_clock(plain) or NOTHING
    parts = _dated(match)
    if match["hour"] is None or (parts.day == NONE and parts.year_last is None):
        return parts
    return _clocked(parts, match) or NOTHING


def _dated(match: re.Match[str]) -> _Parts:
    if match["year"]:
        return _Parts(day=day_number(int(match["year"]), int(match["month"]), int(match["day"])))
    if match["year2"]:
        return _Parts(year_last=(int(match["a"]), int(match["b"]), int(match["year2"])))
    name, day, year = (match[f"{part}3"] or match[f"{part}4"] for part in ("month", "day", "year"))
    month = MONTHS.get(name[:3], 0)
    return _Parts(day=day_number(int(year), month, int(day)))


def _clocked(parts: _Parts, match: re.Match[str]) -> _Parts | None:
    clock_ms = _clock_ms(
        match["hour"], match["minute"], match["second"], match["fraction"], match["noon1"] or match["noon2"]
    )
    offset_min = _offset_min(match["offset"])
    if clock_ms is None or offset_min is None:
        return None
    return _Parts(day=parts.day, year_last=parts.year_last, clock_ms=clock_ms, offset_min=offset_min)


def _clock_ms(hour: str, minute: str, second: str | None, fraction: str | None, noon: str | None) -> int | None:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if noon:
        if not 1 <= hours <= 12:  # noqa: PLR2004
            return None
        hours = hours % 12 + (12 if noon[0] in "p下" else 0)
    clock_ms = (hours * 3600 + minutes * 60 + seconds) * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    if minutes > 59 or seconds > 59 or clock_ms > DAY_MS:  # noqa: PLR2004
        return None
    return clock_ms


def _offset_min(text: str | None) -> int | None:
    if text is None:
        return NONE
    digits = re.sub(r"[^0-9+-]", "", text)
    if not digits:
        return 0
    hours, minutes = (int(digits[1:-2]), int(digits[-2:])) if len(digits) > 3 else (int(digits[1:]), 0)  # noqa: PLR2004
    if hours > 14 or minutes > 59:  # noqa: PLR2004 -- the widest offset on earth is 14 h
        return None
    return (hours * 60 + minutes) * (-1 if digits[0] == "-" else 1)


def _of_packed(match: re.Match[str]) -> _Parts:
    day = day_number(int(match[1]), int(match[2]), int(match[3]))
    if day == NONE:
        return NOTHING
    if match[4] is None:
        return NOTHING if match[7] else _Parts(day=day)
    clock_ms = _clock_ms(match[4], match[5], match[6], None, None)
    offset_min = _offset_min(match[7])
    if clock_ms is None or offset_min is None:
        return NOTHING
    return _Parts(day=day, clock_ms=clock_ms, offset_min=offset_min)


def _of_typed(cell: Cell) -> _Parts:
    parts = NOTHING
    if isinstance(cell, datetime):
        parts = _of_datetime(cell)
    elif isinstance(cell, date):
        parts = _Parts(day=day_number(cell.year, cell.month, cell.day))
    elif isinstance(cell, time):
        parts = _Parts(clock_ms=_rounded_ms(timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)))
    elif isinstance(cell, timedelta) and timedelta(0) <= cell <= timedelta(days=1):
        parts = _Parts(clock_ms=_rounded_ms(cell))
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        parts = _of_number(cell)
    return parts


def _of_number(number: float) -> _Parts:
    """Read 20240403, 202404030015 or a spreadsheet's day count."""
    if not math.isfinite(number):
        return NOTHING
    if number == round(number) and len(str(abs(int(number)))) in {8, 12, 14}:
        return _of_whole(str(int(number)))
    if isinstance(number, float) and EXCEL_DAYS[0] <= number <= EXCEL_DAYS[1]:
        return _of_datetime(EXCEL_EPOCH + timedelta(days=number))
    return NOTHING


def _of_datetime(cell: datetime) -> _Parts:
    if cell.year <= 1900:  # noqa: PLR2004 -- Excel's day 0 and 1: a bare time, where 24:00 is midnight of day 1
        return _Parts(clock_ms=DAY_MS) if cell.time() == time(0) else NOTHING
    midnight = datetime.combine(cell.date(), time(0))
    clock_ms = _rounded_ms(cell.replace(tzinfo=None) - midnight)
    return _Parts(day=day_number(cell.year, cell.month, cell.day), clock_ms=clock_ms)


def _rounded_ms(since_midnight: timedelta) -> int:
    # A spreadsheet counts time in binary fractions of a day; whole seconds are what was meant.
    return round(since_midnight.total_seconds()) * 1000
