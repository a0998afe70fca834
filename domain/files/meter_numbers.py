"""Cells to numbers: decimal comma or point, thousands, placeholders."""

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.files.meter_errors import MeterDecimalUnknownError
from domain.files.meter_findings import DECIMAL_USED
from domain.files.meter_options import ReadingLog
from domain.files.meter_table import Cell, Table
from domain.noun import noun

LARGEST = 1e12
PLACEHOLDERS = frozenset(
    {"", "-", "--", "---", "—", "/", "null", "nan", "n/a", "#n/a", "na", "none", "nil", "无", "缺失", "缺数", "空"}
)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_COMMA_SURE = re.compile(
    r"[+-]?(?:\d*,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:\.\d{3}){2,})"
)
_POINT_SURE = re.compile(
    r"[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:,\d{3}){2,})"
)
_THOUSANDS = {
    ",": re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?"),
    ".": re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?"),
}
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d{1,3})?")


@noun(eq=False)
class Numbers:
    """Cells read as numbers: NaN where nothing is, ``bad`` where something unreadable is."""

    values: FloatArray
    bad: npt.NDArray[np.bool_]


def read_numbers(cells: Sequence[Cell], *, decimal_comma: bool) -> Numbers:
    """Read cells as numbers."""
    known: dict[Cell, float] = {}
    bad = np.zeros(len(cells), dtype=bool)
    values = np.full(len(cells), np.nan)
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        if type(cell) is float or type(cell) is int:
            value = _within(float(cell)) if abs(cell) <= LARGEST else math.inf
        elif type(cell) is str:
            found = known.get(cell)
            value = _number(cell, decimal_comma=decimal_comma) if found is None else found
            known[cell] = value
        else:
            value = math.inf
        if math.isinf(value):
            bad[index] = True
        else:
            values[index] = value
    return Numbers(values=values, bad=bad)


def _within(value: float) -> float:
    return value if abs(value) <= LARGEST or math.isnan(value) else math.inf


def _number(text: str, *, decimal_comma: bool) -> float:
    """Give the number, NaN for a placeholder and infinity for what is no number."""
    text = text.strip().replace("\xa0", "").replace("\u202f", "").replace(" ", "").replace("'", "")
    if text.lower() in PLACEHOLDERS:
        return math.nan
    if not text.isascii():
        return math.inf
    if decimal_comma:
        if _THOUSANDS["."].fullmatch(text):
            text = text.replace(".", "")
        if _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        elif "." in text:
            return math.inf
    elif _THOUSANDS[","].fullmatch(text):
        text = text.replace(",", "")
    return _within(float(text)) if _PLAIN.fullmatch(text) else math.inf


def decide_decimal_comma(
    texts: Sequence[Cell], column: str, option: bool | None, table: Table, log: ReadingLog
) -> bool:
    """Tell whether a column writes decimals after a comma.

    Raises
    ------
    MeterDecimalUnknownError
        If the column's numbers can be read two ways and the caller said nothing.
    """
    marked = {cell.strip().replace(" ", "") for cell in texts if type(cell) is str and ("," in cell or "." in cell)}
    if option is not None:
        if marked:
            log.assumed(DECIMAL_USED.at(column=column, mark="," if option else ".", why=f"decimal_comma = {option}"))
        return option
    comma = next((text for text in marked if _COMMA_SURE.fullmatch(text)), None)
    point = next((text for text in marked if _POINT_SURE.fullmatch(text)), None)
    if comma is not None and point is not None:
        raise MeterDecimalUnknownError(example=f"{comma} / {point}", column=column)
    if comma is None and point is None:
        doubtful = _doubtful(marked, table, has_plain=any(type(cell) is str and _is_plain(cell) for cell in texts))
        if doubtful is not None:
            raise MeterDecimalUnknownError(example=doubtful, column=column)
    if comma is not None:
        log.assumed(DECIMAL_USED.at(column=column, mark=",", why=comma))
    return comma is not None


def _is_plain(text: str) -> bool:
    return text.strip().isdigit() and text.strip() != "0"


def _doubtful(marked: set[str], table: Table, *, has_plain: bool) -> str | None:
    """Give a number that could be thousands as well as decimals."""
    commas = sorted(text for text in marked if _THOUSANDS[","].fullmatch(text))
    points = sorted(text for text in marked if _THOUSANDS["."].fullmatch(text))
    if commas:
        return commas[0]
    # In a comma-separated file a point before the decimals is the rule; where every number has three decimals
    # after a point, thousands would leave not a single value below 1000.
    if points and has_plain and table.delimiter in {"semicolon", "tab"}:
        return points[0]
    return None
