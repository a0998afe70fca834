"""One cell of an e-bill: from what grid companies print to decimals, days and texts."""

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.errors import WattplanError
from domain.files.xlsx_book import RawCell
from domain.text import Text

NOTHING_WRITTEN = frozenset({"", "-", "--", "---", "—", "——", "/", "\\", "无", "n/a"})
MOST_DIGITS = 15
MOST_DECIMALS = 12
_UNIT = re.compile(
    r"(?:元/千瓦时|元/kwh|元/千瓦·?月|元/千瓦|元/kw·?月|元/kva·?月|元/kva|元|万千瓦时|千瓦时|千乏时|千伏安|千瓦|度|kw·?h|kvarh|kva|kw)$"
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))")
_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-", "¥": "", "￥": "", "\u00a0": "", "'": ""})


class EBillCellError(WattplanError, ValueError):
    """A cell of an e-bill does not hold what its column holds."""

    code = "ebill_cell_not_understood"
    words = Text(en="{problem}. {mend}", zh="{problem}。{mend}")


def _refused(problem: Text, mend: Text) -> EBillCellError:
    return EBillCellError(problem=problem, mend=mend)


NO_NUMBER = (
    Text(en="is no number", zh="不是数值"),
    Text(
        en="Write it like 12345.67 or 12,345.67; leave it empty or write - where the bill prints nothing.",
        zh="请写成 12345.67 或 12,345.67；账单未印数值处请留空或写 -。",
    ),
)
TOO_LONG = (
    Text(en="has more digits than a bill prints", zh="位数超过账单可能的位数"),
    Text(
        en=f"At most {MOST_DIGITS} digits before and {MOST_DECIMALS} after the point.",
        zh=f"小数点前最多 {MOST_DIGITS} 位，后最多 {MOST_DECIMALS} 位。",
    ),
)
NO_DAY = (Text(en="is no day", zh="不是日期"), Text(en="Write it like 2026-10-31.", zh="请写成 2026-10-31。"))
NO_PERIOD = (
    Text(en="is no billing period", zh="不是账单周期"),
    Text(en="Write it like 2026-10-01 to 2026-10-31, or 2026-10.", zh="请写成 2026-10-01至2026-10-31，或 2026-10。"),
)


def checked(cell: RawCell) -> Any:
    """Give a cell's value.

    Raises
    ------
    EBillCellError
        If it is an error of Excel or a formula whose value was never stored.
    """
    if cell.is_uncalculated:
        raise _refused(
            Text(en="is a formula without a stored value", zh="公式没有保存计算结果"),
            Text(
                en="Open the file in Excel or WPS and save it, or write the value.",
                zh="请用 Excel 或 WPS 打开并保存，或直接填写数值。",
            ),
        )
    if cell.is_error:
        raise _refused(
            Text(en="is an error of Excel", zh="是 Excel 错误值"),
            Text(en="Mend the formula or write the value.", zh="请修正公式或直接填写数值。"),
        )
    return cell.value


def said(value: Any) -> str:
    """Give a cell as text: full-width characters narrowed, outer spaces gone, whole floats without their point."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**MOST_DIGITS:
        return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip()


def number(value: Any, *, unit: str = "") -> Decimal | None:
    """Read a number; None where the bill prints nothing.

    Parameters
    ----------
    value : Any
        What stands in the cell: 12345.67, ``12,345.67``, ``（123.00）`` for a negative, with or without unit.
    unit : str
        ``share``: a percentage becomes a share.

    Raises
    ------
    EBillCellError
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _refused(*NO_NUMBER)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(*NO_NUMBER)
        return _bounded(Decimal(f"{value:.15g}"))  # Excel keeps 15 digits; the rest is noise
    if isinstance(value, int):
        return _bounded(Decimal(value))
    return _from_text(said(value), unit)


def _from_text(text: str, unit: str) -> Decimal | None:
    plain = text.translate(_SIGNS).replace(" ", "").lower()
    if text.lower() in NOTHING_WRITTEN or plain in NOTHING_WRITTEN:
        return None
    is_bracketed = plain.startswith("(") and plain.endswith(")")
    plain = plain[1:-1] if is_bracketed else plain
    is_percent = plain.endswith("%")
    plain = plain[:-1] if is_percent else plain
    scale = Decimal(10_000) if plain.endswith("万千瓦时") else Decimal(1)
    plain = _UNIT.sub("", plain)
    if _NUMBER.fullmatch(plain) is None or (is_percent and unit != "share"):
        raise _refused(*NO_NUMBER)
    if len(plain) > 2 * (MOST_DIGITS + MOST_DECIMALS):
        raise _refused(*TOO_LONG)
    found = Decimal(plain.replace(",", "")) * scale
    found = found / 100 if is_percent else found
    return _bounded(-found if is_bracketed else found)


def _bounded(found: Decimal) -> Decimal:
    exponent = found.normalize().as_tuple().exponent
    if abs(found) >= 10**MOST_DIGITS or (isinstance(exponent, int) and -exponent > MOST_DECIMALS):
        raise _refused(*TOO_LONG)
    return found


def day(value: Any) -> date | None:
    """Read a day; None where nothing is printed.

    Raises
    ------
    EBillCellError
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = said(value)
    if text.lower() in NOTHING_WRITTEN:
        return None
    found = _DAY.search(text.replace(" ", ""))
    if found is None:
        raise _refused(*NO_DAY)
    return _date(*map(int, found.groups()), refusal=NO_DAY)


def period(value: Any) -> tuple[date, date] | None:
    """Read a billing period, both days included: two days, or a month such as 2026-10, 202610, 2026年10月.

    Raises
    ------
    EBillCellError
    """
    if isinstance(value, date):
        value = value.isoformat()[:7]
    text = re.sub(r"\s", "", said(value))
    if text.lower() in NOTHING_WRITTEN:
        return None
    days = [_date(*map(int, one.groups()), refusal=NO_PERIOD) for one in _DAY.finditer(text)]
    if len(days) == 2 and days[0] <= days[1]:  # noqa: PLR2004 -- from and to
        return days[0], days[1]
    month = _MONTH.fullmatch(text)
    if days or month is None:
        raise _refused(*NO_PERIOD)
    first = _date(int(month.group(1)), int(month.group(2) or month.group(3)), 1, refusal=NO_PERIOD)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _date(year: int, month: int, day_of_month: int, *, refusal: tuple[Text, Text]) -> date:
    try:
        found = date(year, month, day_of_month)
    except ValueError as error:
        raise _refused(*refusal) from error
    if not 2000 <= year <= 2200:  # noqa: PLR2004 -- years of bills
        raise _refused(*refusal)
    return found
