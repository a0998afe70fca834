"""The kinds of days that each have their own daily shape."""

from collections.abc import Iterable
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.findings import Finding, FindingKind, Severity
from domain.text import Text
from domain.time import Calendar

DayTypes = npt.NDArray[np.int64]

LEAST_DAYS = 2
"""Measured days below which a kind of day cannot have a shape of its own. [d]"""
LEAST_DAY_SHARE = 0.5
"""Share of a day's slots that must be known for it to count. [-]"""


class DayType(IntEnum):
    """How a day is worked."""

    WORKDAY = 0
    """People work, make-up working days at weekends included."""
    SATURDAY = 1
    """A rest day that is neither a Sunday nor a holiday."""
    REST = 2
    """A Sunday that is not worked, or a holiday."""


_STAND_INS = {
    DayType.WORKDAY: (DayType.SATURDAY, DayType.REST),
    DayType.SATURDAY: (DayType.REST, DayType.WORKDAY),
    DayType.REST: (DayType.SATURDAY, DayType.WORKDAY),
}
_NAMES = {
    DayType.WORKDAY: Text(en="working days", zh="工作日"),
    DayType.SATURDAY: Text(en="Saturdays", zh="周六"),
    DayType.REST: Text(en="Sundays and holidays", zh="周日和节假日"),
}

DAY_TYPE_UNSEEN = FindingKind(
    code="day_type_unseen",
    severity=Severity.WARNING,
    words=Text(
        en="The history holds fewer than {least_days} measured {missing_en}; they are forecast like {stand_in_en}.",
        zh="历史数据中实测的{missing_zh}不足 {least_days} 天，按{stand_in_zh}预测。",
    ),
)


def day_type(day: date, calendar: Calendar) -> DayType:
    """Give a day's kind from the calendar of working days."""
    tags = calendar.tags(day)
    if "workday" in tags:
        return DayType.WORKDAY
    return DayType.REST if "holiday" in tags or "sun" in tags else DayType.SATURDAY


def day_types(days: Iterable[date], calendar: Calendar) -> DayTypes:
    """Give the kinds of days, shape ``(n_days,)``."""
    return np.array([day_type(day, calendar) for day in days], dtype=np.int64)


def stand_ins(load_kw: FloatArray, types: DayTypes) -> dict[DayType, DayType]:
    """Say which kind of day lends its shape to each kind; itself where enough of it was measured.

    Parameters
    ----------
    load_kw : FloatArray
        Load by day and wall-clock slot, shape (n_days, day_slots), NaN where unknown. [kW]
    types : DayTypes
        Kind of each day, shape (n_days,).
    """
    seen = np.isfinite(load_kw).mean(axis=1) >= LEAST_DAY_SHARE
    enough = {kind for kind in DayType if np.count_nonzero(seen & (types == kind)) >= LEAST_DAYS}
    return {kind: next((other for other in (kind, *_STAND_INS[kind]) if other in enough), kind) for kind in DayType}


def unseen_types(lent: dict[DayType, DayType]) -> tuple[Finding, ...]:
    """Find the kinds of days that borrow another's shape."""
    return tuple(
        DAY_TYPE_UNSEEN.at(
            least_days=LEAST_DAYS,
            missing_en=_NAMES[kind].en,
            missing_zh=_NAMES[kind].zh,
            stand_in_en=_NAMES[other].en,
            stand_in_zh=_NAMES[other].zh,
        )
        for kind, other in lent.items()
        if kind != other
    )
