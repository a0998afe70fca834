"""Files of facts around a bill: index prices, flagged days, the grid's peaks, past months.

A file has the one key ``facts``. Prices stand in it, or in a CSV file beside it.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from domain import checks
from domain.errors import InvalidFieldError, WattplanError
from domain.files.documents import from_plain, read_yaml, to_plain
from domain.files.pointing import short_words
from domain.files.prices_file import read_prices
from domain.files.problems import DocumentError, Problem, pointer_of
from domain.files.sources import Source, name_of
from domain.files.yaml_text import write_yaml
from domain.noun import noun
from domain.tariffs.facts import ComingMonth, Facts, FlaggedDays, PastMonth, PriceSeries, SystemPeaks
from domain.text import Text
from domain.time import TimeGrid

KEY = "facts"
_ONE_OF = Text(
    en="gives either file, or start, step_min and prices_per_kwh",
    zh="须给出 file，或同时给出 start、step_min 与 prices_per_kwh",
)


@noun
class PriceEntry:
    """The prices of one index: in this file, or in a CSV file beside it."""

    index_id: str
    currency: str
    """ISO 4217 code."""
    file: str | None = None
    """Name of a CSV file in the same folder, with columns start and price_per_kwh or price_per_mwh."""
    zone: str | None = None
    """IANA zone of the CSV file's starts that have no offset."""
    start: datetime | None = None
    """Start of the first step."""
    step_min: int | None = None
    """[min]"""
    prices_per_kwh: tuple[float | None, ...] = ()
    """Step by step; null: not published. [currency / kWh]"""

    def __post_init__(self) -> None:
        inline = self.start is not None and self.step_min is not None and bool(self.prices_per_kwh)
        some = self.start is not None or self.step_min is not None or bool(self.prices_per_kwh)
        if inline == (self.file is not None) or (some and self.file is not None):
            raise checks.refuse(self, "file", self.file, _ONE_OF)


@noun
class FactsEntry:
    """All that a file of facts may say."""

    prices: tuple[PriceEntry, ...] = ()
    flags: tuple[FlaggedDays, ...] = ()
    system_peaks: tuple[SystemPeaks, ...] = ()
    past: tuple[PastMonth, ...] = ()
    supplied_from: date | None = None
    """First day of supply; earlier months count for nothing."""
    coming: tuple[ComingMonth, ...] = ()
    """Months after those that are billed, for plans that value what their peaks make later months pay."""


def read_facts(source: Source, *, zone: str | None = None) -> Facts:
    """Read a file of facts.

    Parameters
    ----------
    source : Path, bytes or str
        Only a path has a folder in which CSV files may stand.
    zone : str, optional
        IANA zone in which times without an offset are meant; None: they are refused.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    PricesFileError, YamlTextError, FileUnreadableError, FileTooLargeError
    """
    where = name_of(source, KEY)
    plain = read_yaml(source, where=where)
    if not isinstance(plain, dict) or set(plain) != {KEY}:
        message = Text(en=f"a file of facts has the one key {KEY}:", zh=f"此类文件顶层只能有键 {KEY}:")
        raise DocumentError(where=where, problems=(Problem(pointer="", message=message),))
    folder = source.parent if isinstance(source, Path) else None
    try:
        return facts_from_plain(plain[KEY], where=where, zone=zone, folder=folder)
    except DocumentError as error:
        below = tuple(
            Problem(pointer=pointer_of(KEY) + one.pointer, message=one.message, value=one.value)
            for one in error.problems
        )
        raise DocumentError(where=where, problems=below) from error


def facts_from_plain(plain: Any, *, where: str, zone: str | None = None, folder: Path | None = None) -> Facts:
    """Build facts from plain data; ``folder`` is where CSV files may stand, None: nowhere.

    Raises
    ------
    DocumentError, PricesFileError, FileUnreadableError, FileTooLargeError
    """
    return facts_of(from_plain(FactsEntry, plain, where=where, zone=zone), where=where, zone=zone, folder=folder)


def facts_of(entry: FactsEntry, *, where: str, zone: str | None = None, folder: Path | None = None) -> Facts:
    """Give the facts that an entry means; raises as ``facts_from_plain``."""
    prices = []
    for number, one in enumerate(entry.prices):
        try:
            prices.append(_series(one, folder, zone))
        except InvalidFieldError as error:
            pointer = pointer_of("prices", number, str(error.data["field"]))
            raise _one_problem(where, pointer, short_words(error), error.data["value"]) from error
    try:
        return Facts(
            prices=tuple(prices),
            flags=entry.flags,
            system_peaks=entry.system_peaks,
            past=entry.past,
            supplied_from=entry.supplied_from,
            coming=entry.coming,
        )
    except WattplanError as error:
        raise _one_problem(where, pointer_of(str(error.data["field"])), short_words(error), None) from error


def _one_problem(where: str, pointer: str, message: Text, value: object) -> DocumentError:
    return DocumentError(where=where, problems=(Problem(pointer=pointer, message=message, value=value),))


def _series(entry: PriceEntry, folder: Path | None, zone: str | None) -> PriceSeries:
    if entry.file is None:
        prices = np.array([np.nan if price is None else price for price in entry.prices_per_kwh])
        assert entry.start is not None and entry.step_min is not None  # noqa: S101, PT018 -- the entry says so
        grid = TimeGrid(start=entry.start, step_min=entry.step_min, n_steps=prices.size)
        return PriceSeries(index_id=entry.index_id, currency=entry.currency, grid=grid, prices_per_kwh=prices)
    if folder is None or Path(entry.file).name != entry.file or entry.file in ("", ".", ".."):
        problem = Text(
            en="must be the bare name of a file beside this one" + ("" if folder else ", and this text has no folder"),
            zh="须为同一文件夹中的文件名" + ("" if folder else "，而此文本没有所在文件夹"),
        )
        raise checks.refuse(entry, "file", entry.file, problem)
    return read_prices(folder / entry.file, index_id=entry.index_id, currency=entry.currency, zone=entry.zone or zone)


def facts_to_plain(facts: Facts, *, brief: bool = False) -> Any:
    """Give facts as plain data with their prices inline; ``facts_from_plain`` makes equal facts of them."""
    entry = FactsEntry(
        prices=tuple(
            PriceEntry(
                index_id=one.index_id,
                currency=one.currency,
                start=one.grid.start,
                step_min=one.grid.step_min,
                prices_per_kwh=tuple(None if np.isnan(price) else float(price) for price in one.prices_per_kwh),
            )
            for one in facts.prices
        ),
        flags=facts.flags,
        system_peaks=facts.system_peaks,
        past=facts.past,
        supplied_from=facts.supplied_from,
        coming=facts.coming,
    )
    return to_plain(entry, brief=brief)


def write_facts(facts: Facts) -> str:
    """Give facts as the YAML text that ``read_facts`` reads back equal."""
    return write_yaml({KEY: facts_to_plain(facts, brief=True)})
