"""Read the prices of an index from a CSV file: a start and a price in each row."""

import csv
import io
import re
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from domain.errors import WattplanError
from domain.files.local_time import TimeTextError, instant
from domain.files.sources import Source, bytes_of, name_of
from domain.tariffs.facts import PriceSeries
from domain.text import Text
from domain.time import TimeGrid
from domain.time.grid import STEPS_MIN

PRICES_MB = 32
MOST_STEPS = 2_000_000
KWH_PER_MWH = 1000
"""Prices per MWh are divided by it."""
START_NAMES = ("start", "start_utc", "start_local", "datetime", "timestamp", "time", "时间", "开始时间", "起始时间")
PLACEHOLDERS = frozenset({"", "-", "--", "n/a", "nan", "null"})
_PER_KWH = re.compile(r"(?:/|_per_|每)(?:kwh|千瓦时|度)(?![a-z])")
_PER_MWH = re.compile(r"(?:/|_per_|每)(?:mwh|mwhe|兆瓦时)(?![a-z])")


class PricesFileError(WattplanError, ValueError):
    """A file of prices is not what it must be."""

    code = "prices_file"
    words = Text(en="{file}, row {row}: {problem}. {mend}", zh="{file} 第 {row} 行：{problem}。{mend}")


_SHAPE = Text(
    en="Give columns start and price_per_kwh (or price_per_mwh), one row a step, label at its start.",
    zh="请给出 start 与 price_per_kwh（或 price_per_mwh）两列，每步一行，标记为起始时刻。",
)


def read_prices(source: Source, *, index_id: str, currency: str, zone: str | None = None) -> PriceSeries:
    """Read one index's prices. [currency / kWh]

    Parameters
    ----------
    source : Path, bytes or str
        CSV with a column of starts and a column of prices whose heading names kWh or MWh. Empty prices are not
        published ones; steps without a row are, too.
    index_id : str
        Name under which tariffs follow the index.
    currency : str
        ISO 4217 code of the prices.
    zone : str, optional
        IANA zone of starts without an offset; None: they are refused.

    Raises
    ------
    PricesFileError
        Naming the first row that is wrong.
    FileUnreadableError, FileTooLargeError
    """
    file = name_of(source, "prices")
    rows = _rows(bytes_of(source, name=file, limit_mb=PRICES_MB), file)
    start_column, price_column, divisor = _columns(rows, file)
    clock = "UTC" if rows[0][start_column].strip().lower().endswith("_utc") else zone
    found: list[tuple[datetime, float, int]] = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            padded = [*row, *[""] * len(rows[0])]
            price = _price(padded[price_column], file, number) / divisor
            found.append((_start(padded[start_column], clock, file, number), price, number))
    return _series(found, file, index_id=index_id, currency=currency)


def _wrong(file: str, row: int, problem: Text, mend: Text = _SHAPE) -> PricesFileError:
    return PricesFileError(file=file, row=row, problem=problem, mend=mend)


def _rows(content: bytes, file: str) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(file, 1, Text(en=f"is no CSV in UTF-8 ({error})", zh=f"不是 UTF-8 的 CSV（{error}）")) from error
    if not rows:
        raise _wrong(file, 1, Text(en="is empty", zh="为空"))
    return rows


def _columns(rows: list[list[str]], file: str) -> tuple[int, int, int]:
    """Give the columns of starts and prices, and what prices are divided by."""
    headings = [heading.strip().lower() for heading in rows[0]]
    starts = [place for place, heading in enumerate(headings) if heading in START_NAMES]
    per_kwh = [place for place, heading in enumerate(headings) if _PER_KWH.search(heading)]
    per_mwh = [place for place, heading in enumerate(headings) if _PER_MWH.search(heading)]
    if len(starts) != 1 or len(per_kwh) + len(per_mwh) != 1:
        shown = ", ".join(rows[0]) or "∅"
        raise _wrong(
            file,
            1,
            Text(en=f"the headings {shown} name not one start and one price", zh=f"表头 {shown} 未唯一给出时间与价格"),
        )
    return starts[0], (per_kwh or per_mwh)[0], 1 if per_kwh else KWH_PER_MWH


def _price(text: str, file: str, row: int) -> float:
    if text.strip().lower() in PLACEHOLDERS:
        return float("nan")
    try:
        price = float(text)
    except ValueError as error:
        raise _wrong(file, row, Text(en=f"{text!r} is no price", zh=f"{text!r} 不是价格")) from error
    if not np.isfinite(price):
        raise _wrong(file, row, Text(en=f"{text!r} is no price", zh=f"{text!r} 不是价格"))
    return price


def _start(text: str, zone: str | None, file: str, row: int) -> datetime:
    try:
        return instant(text, zone)
    except TimeTextError as error:
        raise _wrong(file, row, error.data["problem"], error.data["mend"]) from error


def _series(found: list[tuple[datetime, float, int]], file: str, *, index_id: str, currency: str) -> PriceSeries:
    if len(found) < 2:  # noqa: PLR2004 -- one row has no step
        raise _wrong(file, 2, Text(en="needs at least two steps", zh="至少需要两步"))
    found.sort(key=lambda one: one[0])
    twin = next((later[2] for earlier, later in pairwise(found) if earlier[0] == later[0]), None)
    if twin is not None:
        raise _wrong(file, twin, Text(en="the same start stands twice", zh="起始时刻重复"))
    step = min(later[0] - earlier[0] for earlier, later in pairwise(found))
    step_min = int(step / timedelta(minutes=1))
    first, n_steps = found[0][0], int((found[-1][0] - found[0][0]) / step) + 1
    if step_min not in STEPS_MIN or n_steps > MOST_STEPS:
        raise _wrong(
            file,
            found[0][2],
            Text(en=f"steps of {step} are none of {STEPS_MIN} minutes", zh=f"步长 {step} 不属于 {STEPS_MIN} 分钟"),
        )
    prices = np.full(n_steps, np.nan)
    for start, price, row in found:
        if (start - first) % step:
            raise _wrong(file, row, Text(en=f"is off the {step_min}-minute steps", zh=f"不在 {step_min} 分钟的刻度上"))
        prices[(start - first) // step] = price
    return PriceSeries(
        index_id=index_id,
        currency=currency,
        grid=TimeGrid(start=first, step_min=step_min, n_steps=n_steps),
        prices_per_kwh=prices,
    )
