"""Working days, holidays and swapped working days of a country.

The dates come from the ``holidays`` package, which links the official notice of each year. China's
make-up working days (a Saturday worked for a longer holiday) are in it; a tariff that knows only
weekdays and weekends bills those days wrongly.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

from domain import checks
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.text import Text

if TYPE_CHECKING:
    from holidays import HolidayBase

WEEKDAY_TAGS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_TAGS = frozenset(
    {
        *WEEKDAY_TAGS,
        "any",
        "weekday",
        "weekend",
        "workday",
        "restday",
        "holiday",
        "makeup_workday",
        "non_holiday",
        "holiday_break",
        "bridge_day",
        "spring_festival",
    }
)
SATURDAY = 5
SPRING_FESTIVAL = ("春节", "农历除夕", "Chinese New Year", "Spring Festival")

HOLIDAYS_UNKNOWN = FindingKind(
    code="holidays_not_announced",
    severity=Severity.WARNING,
    words=Text(
        en="The official holiday notice of {country} for {year} is not known to this version; "
        "swapped working days of that year may be missing.",
        zh="本版本尚无 {country} {year} 年的官方放假安排，该年的调休上班日可能缺失。",
    ),
)


@lru_cache(maxsize=64)
def _book(country: str, subdivision: str | None) -> "HolidayBase":
    return holidays.country_holidays(country, subdiv=subdivision)


@lru_cache(maxsize=20_000)
def _tags(country: str | None, subdivision: str | None, day: date) -> frozenset[str]:
    weekday = day.weekday()
    tags = {"any", WEEKDAY_TAGS[weekday], "weekday" if weekday < SATURDAY else "weekend"}
    if country is None:
        tags |= {"non_holiday", "workday" if weekday < SATURDAY else "restday"}
        return frozenset(tags)
    book = _book(country, subdivision)
    is_holiday = day in book
    is_workday = book.is_working_day(day)
    tags.add("holiday" if is_holiday else "non_holiday")
    tags.add("workday" if is_workday else "restday")
    if is_workday and weekday >= SATURDAY:
        tags.add("makeup_workday")
    if not is_workday and _in_holiday_break(book, day):
        tags.add("holiday_break")
    if is_workday and _is_bridge(book, day):
        tags.add("bridge_day")
    if is_holiday and any(word in str(book.get(day)) for word in SPRING_FESTIVAL):
        tags.add("spring_festival")
    return frozenset(tags)


def _in_holiday_break(book: "HolidayBase", day: date) -> bool:
    """Say whether a day off belongs to an unbroken run of days off that has a holiday in it."""
    if day in book:
        return True
    for way in (-1, 1):
        near = day + timedelta(days=way)
        while not book.is_working_day(near):
            if near in book:
                return True
            near += timedelta(days=way)
    return False


def _is_bridge(book: "HolidayBase", day: date) -> bool:
    """Say whether a working day stands alone between days off, one of which is a holiday."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return not book.is_working_day(before) and not book.is_working_day(after) and (before in book or after in book)


@noun
class Calendar:
    """A country's working calendar; ``country=None`` knows only weekdays and weekends."""

    country: str | None = None
    """ISO 3166 code such as CN, DE, US, TW."""
    subdivision: str | None = None
    """State or province code of the ``holidays`` package, such as BW."""

    def __post_init__(self) -> None:
        if self.country is None:
            return
        try:
            _book(self.country, self.subdivision)
        except (NotImplementedError, KeyError, TypeError, AttributeError) as error:
            raise checks.refuse(
                self,
                "country",
                f"{self.country}/{self.subdivision}",
                Text(en="has no known holiday calendar", zh="没有已知的节假日日历"),
                Text(en="Use an ISO code such as CN, DE, US.", zh="请使用 ISO 代码，如 CN、DE、US。"),
            ) from error

    def tags(self, day: date) -> frozenset[str]:
        """Give all that holds of a day, such as any, mon, weekday, workday, restday, holiday.

        ``weekday``/``weekend`` follow the day of the week alone; ``workday``/``restday`` know holidays
        and make-up working days.
        """
        return _tags(self.country, self.subdivision, day)

    def is_workday(self, day: date) -> bool:
        """Say whether people work on a day."""
        return "workday" in self.tags(day)

    def holiday_name(self, day: date) -> str | None:
        """Give the holiday's local name, if the day is one."""
        return None if self.country is None else _book(self.country, self.subdivision).get(day)

    def unknown_years(self, days: "list[date]") -> tuple[Finding, ...]:
        """Find the years for which the swapped working days are not announced yet (China only)."""
        if self.country != "CN":
            return ()
        years = sorted({day.year for day in days})
        missing = [year for year in years if not _has_swaps(year)]
        return tuple(HOLIDAYS_UNKNOWN.at(country=self.country, year=year) for year in missing)


@lru_cache(maxsize=64)
def _has_swaps(year: int) -> bool:
    """Every year's notice since 2001 swaps at least one weekend day; none known means no notice known."""
    start = date(year, 1, 1).toordinal()
    return any("makeup_workday" in _tags("CN", None, date.fromordinal(start + n)) for n in range(366))
