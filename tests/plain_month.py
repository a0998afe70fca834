"""A month of a load as a plain list of steps, its days and its bands: what the plain bills are counted from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Step:
    """One step of the load: when, how long [h], and what flowed [kW, kvar]."""

    start: datetime
    local: datetime
    h: float
    kw: float
    kvar: float | None
    fed_in_kw: float

    @property
    def day(self) -> date:
        return self.local.date()

    @property
    def minute(self) -> int:
        return self.local.hour * 60 + self.local.minute


@dataclass(frozen=True)
class Part:
    """The days of one month on which one version of a tariff holds."""

    tariff: object
    supply: object
    load: object
    month: date
    days: tuple[date, ...]
    share: float
    steps: tuple[Step, ...]
    """All of the month."""

    @property
    def own(self) -> tuple[Step, ...]:
        """Steps of the version's own days."""
        days = set(self.days)
        return tuple(step for step in self.steps if step.day in days)

    @property
    def power_factor(self) -> float:
        """The one that somebody gave."""
        given = self.load.power_factor if self.load.power_factor is not None else self.supply.power_factor
        return float(given)


def following(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def before(month: date, n_months: int) -> date:
    for _ in range(n_months):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


def days_between(first: date, stop: date) -> tuple[date, ...]:
    return tuple(first + timedelta(days=n) for n in range((stop - first).days))


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def steps_of(load, zone: str, month: date) -> tuple[Step, ...] | None:
    """Cut the local month out of a load; None if the load does not cover it."""
    first, stop = midnight(month, zone), midnight(following(month), zone)
    length = timedelta(minutes=load.grid.step_min)
    begun = load.grid.start
    if begun > first or begun + load.grid.n_steps * length < stop:
        return None
    tz, found = ZoneInfo(zone), []
    kw = load.import_kw[0].tolist()
    kvar = None if load.reactive_kvar is None else load.reactive_kvar[0].tolist()
    fed_in = None if load.export_kw is None else load.export_kw[0].tolist()
    number, start = (first - begun) // length, first
    while start < stop:
        found.append(
            Step(
                start=start,
                local=start.astimezone(tz),
                h=load.grid.step_min / 60,
                kw=kw[number],
                kvar=None if kvar is None else kvar[number],
                fed_in_kw=0.0 if fed_in is None else fed_in[number],
            )
        )
        number, start = number + 1, start + length
    return tuple(found)


def parts_of(load, tariff, supply, month: date) -> list[Part]:
    """Split the month by the versions that hold in it."""
    days = days_between(month, following(month))
    steps = steps_of(load, tariff.zone, month)
    found = []
    for version in getattr(tariff, "versions", (tariff,)):
        until = version.valid_until or date.max
        own = tuple(day for day in days if version.valid_from <= day < until)
        if own:
            found.append(
                Part(
                    tariff=version,
                    supply=supply,
                    load=load,
                    month=month,
                    days=own,
                    share=len(own) / len(days),
                    steps=steps,
                )
            )
    assert sum(len(part.days) for part in found) == len(days)
    return found


@lru_cache(maxsize=5_000)
def day_tags(country: str | None, subdivision: str | None, day: date) -> frozenset[str]:
    """Say what holds of a day: the kinds of days that docs/tariffs.md names."""
    tags = {"any", WEEKDAYS[day.weekday()], "weekday" if day.weekday() < 5 else "weekend"}
    if country is None:
        return frozenset(tags | {"non_holiday", "workday" if day.weekday() < 5 else "restday"})
    book = holidays.country_holidays(country, subdiv=subdivision)
    off = not book.is_working_day(day)
    tags |= {"holiday" if day in book else "non_holiday", "restday" if off else "workday"}
    one = timedelta(days=1)
    if not off and day.weekday() >= 5:
        tags.add("makeup_workday")
    if not off and not book.is_working_day(day - one) and not book.is_working_day(day + one):
        tags.add("bridge_day")
    first = last = day
    while off and not book.is_working_day(first - one):
        first -= one
    while off and not book.is_working_day(last + one):
        last += one
    if off and any(near in book for near in days_between(first, last + one)):
        tags.add("holiday_break")
    if country == "CN" and any(word in (book.get(day) or "") for word in ("春节", "除夕")):
        tags.add("spring_festival")
    return frozenset(tags)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _in_window(window: str, minute: int) -> bool:
    start, end = map(_minute, window.split("-"))
    return start <= minute < end if start < end else minute >= start or minute < end


def _is_dated(rule, day: date) -> bool:
    if not rule.months and not rule.dates:
        return True
    here = f"{day:%m-%d}"
    for dates in rule.dates:
        start, end = dates.split("..")
        if (start <= here <= end) if start <= end else (here >= start or here <= end):
            return True
    return day.month in rule.months


class Bands:
    """The band of any minute of any day under one tariff's calendar, worked out rule by rule."""

    def __init__(self, calendar, part: Part) -> None:
        self.calendar, self.part = calendar, part
        self.flags = {(one.flag, day) for one in part.load.facts.flags for day in one.days}
        self.flags |= {(one.flag, day) for one in part.tariff.day_flags if one.decided == "listed" for day in one.days}
        self.rules: dict[date, list] = {}
        self.known: dict[tuple[date, int], str] = {}

    def at(self, step: Step) -> str:
        key = (step.day, step.minute)
        if key not in self.known:
            self.known[key] = self._find(*key)
        return self.known[key]

    def _find(self, day: date, minute: int) -> str:
        if day not in self.rules:
            tags = set(day_tags(self.part.tariff.country, self.part.tariff.subdivision, day))
            tags |= {f"flag:{flag}" for flag, flagged in self.flags if flagged == day}
            self.rules[day] = [rule for rule in self.calendar.rules if tags & set(rule.days) and _is_dated(rule, day)]
        found = [rule for rule in self.rules[day] if any(_in_window(window, minute) for window in rule.windows)]
        return max(found, key=lambda rule: rule.layer).band
