"""Whether 3/4/2024 is in April or in March."""

import numpy as np

from domain.files.meter_errors import MeterDayOrderUnknownError
from domain.files.meter_findings import DAY_ORDER_USED, cell_shown
from domain.files.meter_options import ReadingLog
from domain.files.meter_stamps import IntArray, Stamps, YearLast, day_number
from domain.text import Text

MONTHS_PER_YEAR = 12


def settled_days(stamps: Stamps, day_first: bool | None, log: ReadingLog) -> IntArray:
    """Give the days of a column, with the day order told by the dates themselves or by the caller.

    Raises
    ------
    MeterDayOrderUnknownError
        If both orders fit, or neither does, or the caller's order cannot be true.
    """
    if not stamps.year_last:
        return stamps.days
    unique = set(stamps.year_last.values())
    example = cell_shown(next(iter(stamps.texts.values())))
    order = _order(unique, day_first, example, is_dotted=all("." in text for text in stamps.texts.values()))
    is_first, why = order
    known = {parts: _day(parts, is_first) for parts in unique}
    days = np.array(stamps.days)
    for index, parts in stamps.year_last.items():
        days[index] = known[parts]
    log.assumed(DAY_ORDER_USED.at(example=example, order="day/month" if is_first else "month/day", why=why))
    return days


def _day(parts: YearLast, is_first: bool) -> int:
    a, b, year = parts
    return day_number(year, b, a) if is_first else day_number(year, a, b)


def _order(unique: set[YearLast], option: bool | None, example: str, *, is_dotted: bool) -> tuple[bool, str]:
    first = next((parts for parts in unique if parts[0] > MONTHS_PER_YEAR >= parts[1]), None)
    second = next((parts for parts in unique if parts[1] > MONTHS_PER_YEAR >= parts[0]), None)
    if first is not None and second is not None:
        raise MeterDayOrderUnknownError(
            example=example,
            evidence=Text(
                en=f"{_shown(first)} can only be day/month, {_shown(second)} only month/day",
                zh=f"{_shown(first)} 只能是 日/月，{_shown(second)} 只能是 月/日",
            ),
        )
    proof = first or second
    if proof is not None:
        if option is not None and option is not (first is not None):
            raise MeterDayOrderUnknownError(
                example=example,
                evidence=Text(
                    en=f"the option says day_first = {option}, but the file has {_shown(proof)}",
                    zh=f"选项为 day_first = {option}，但文件中有 {_shown(proof)}",
                ),
            )
        return first is not None, _shown(proof)
    if option is not None:
        return option, f"day_first = {option}"
    if is_dotted:
        return True, "dd.mm.yyyy"
    raise MeterDayOrderUnknownError(
        example=example, evidence=Text(en="no day above 12 tells", zh="没有大于 12 的日可供判断")
    )


def _shown(parts: YearLast) -> str:
    return "/".join(str(part) for part in parts)
