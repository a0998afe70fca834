"""Words and clock times of a load's patterns, shared by tables and pictures."""

from domain.text import Language, Text
from forecasting.design import DayType
from forecasting.patterns.idle import clock

__all__ = ["clock", "kind_of_day"]

KINDS = {
    DayType.WORKDAY: Text(en="working days", zh="工作日"),
    DayType.SATURDAY: Text(en="Saturdays", zh="周六"),
    DayType.REST: Text(en="Sundays and holidays", zh="周日和节假日"),
}


def kind_of_day(kind: DayType, language: Language) -> str:
    """Name a kind of day."""
    return KINDS[kind].say(language)
