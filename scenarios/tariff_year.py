"""A tariff's year as months × hours: which price, or which demand window, holds when, by kind of day."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

import numpy as np
import numpy.typing as npt

from domain.noun import noun
from domain.tariffs import AnyTariff, Tariff, versions_of
from domain.tariffs.bands import DAY_MIN, FLAG, BandCalendar, band_zh, day_table
from domain.tariffs.charges import DemandCharge, EnergyCharge, ExportCredit, NetworkCharge, SpotCharge
from domain.tariffs.decimals import plain
from domain.tariffs.lines import band_price_per_kwh
from domain.tariffs.tariff import TariffNotInForceError
from domain.text import Language, Text

ZERO = Decimal(0)
NONE = -1
"""Level of a minute that no version of the tariff holds in, or whose month has no such charge."""
KINDS = {
    "weekday": Text(en="Monday to Friday", zh="周一至周五"),
    "weekend": Text(en="weekends", zh="周末"),
    "workday": Text(en="workdays", zh="工作日"),
    "restday": Text(en="rest days", zh="休息日"),
    "holiday": Text(en="holidays", zh="节假日"),
}
"""Kinds of days that get a panel; which of them depends on what the tariff's rules tell apart."""
ALL_DAYS = Text(en="all days", zh="每天")
KNOWS_HOLIDAYS = {"holiday", "holiday_break", "spring_festival", "non_holiday"}
KNOWS_WORK = {"workday", "restday", "makeup_workday", "bridge_day"}
PRICE_OF_ENERGY = Text(en="Price of energy", zh="电度电价")
PAY_FOR_FEED_IN = Text(en="Pay for feed-in", zh="上网电价")
ON_INDEX = Text(en="index", zh="指数")
WINDOW = Text(en="counts", zh="计入")
NO_WINDOW = Text(en="does not count", zh="不计入")
IntArray = npt.NDArray[np.int64]


@noun
class Level:
    """One colour of the picture: a price of energy, or whether a minute counts."""

    label: Text
    price_per_kwh: Decimal | None = None
    """None: not a price. [currency / kWh]"""
    index_share: Decimal = ZERO
    """How much of an index's price comes on top. [-]"""

    @property
    def is_dear_by(self) -> Decimal:
        """What levels are sorted by."""
        return ZERO if self.price_per_kwh is None else self.price_per_kwh


@noun(eq=False)
class DayTable:
    """One table of a day, and the days of the month that follow it."""

    days: tuple[date, ...]
    levels: IntArray
    """Level of each minute, shape (1440,); ``NONE`` where there is none."""


@noun(eq=False)
class Panel:
    """One kind of day (or several alike) through the year: the tables of each month, in the order of their first days."""

    kinds: tuple[Text, ...]
    months: dict[int, tuple[DayTable, ...]]
    """Months without such a day are left out."""

    def title(self) -> Text:
        """Name the kinds of day."""
        return Text(en=", ".join(one.en for one in self.kinds), zh="、".join(one.zh for one in self.kinds))


@noun(eq=False)
class YearView:
    """One picture: levels from cheap to dear, and a panel per kind of day."""

    title: Text
    levels: tuple[Level, ...]
    panels: tuple[Panel, ...]


_Look = Callable[[Tariff, date, frozenset[str]], "tuple[list[Level], IntArray] | None"]
_Shown = tuple[Text, _Look, list[BandCalendar]]
"""Title, how a day looks, and the calendars behind it."""


def year_views(tariff: AnyTariff, year: int) -> tuple[YearView, ...]:
    """Give the year's pictures: the price of energy, each demand window and network window, pay for feed-in.

    Prices are those of bands and components, without tiers and other charges; where an index is billed as well, its
    prices come on top. A tariff with one price at all hours gives one level.
    """
    versions = versions_of(tariff)
    found: list[_Shown] = list(_windows(versions))
    if _sells_energy(versions):
        found.insert(0, (PRICE_OF_ENERGY, _prices, _energy_calendars(versions)))
    views = [_view(title, tariff, year, look, _tags_of(calendars)) for title, look, calendars in found]
    return tuple(view for view in views if view.panels)


def _energy_calendars(versions: Sequence[Tariff]) -> list[BandCalendar]:
    return [charge.calendar for one in versions for charge in one.charges if isinstance(charge, EnergyCharge)]


def _tags_of(calendars: Sequence[BandCalendar]) -> set[str]:
    return {tag for calendar in calendars for rule in calendar.rules for tag in rule.days}


def _sells_energy(versions: Sequence[Tariff]) -> bool:
    return any(isinstance(charge, EnergyCharge | SpotCharge) for one in versions for charge in one.charges)


def _windows(versions: Sequence[Tariff]) -> Iterator[_Shown]:
    """Give each calendar beside the energy's, once per charge; a later version's may differ."""
    by_id: dict[str, list[DemandCharge | NetworkCharge | ExportCredit]] = {}
    for charge in (charge for one in versions for charge in one.charges):
        if isinstance(charge, DemandCharge | NetworkCharge | ExportCredit) and _calendar_of(charge) is not None:
            by_id.setdefault(charge.charge_id, []).append(charge)
    for charge_id, charges in by_id.items():
        calendars = [calendar for one in charges if (calendar := _calendar_of(one)) is not None]
        pays = isinstance(charges[0], ExportCredit)
        look = _export_look(charge_id) if pays else _window_look(charge_id)
        yield (PAY_FOR_FEED_IN if pays else charges[0].label), look, calendars


def _calendar_of(charge: DemandCharge | NetworkCharge | ExportCredit) -> BandCalendar | None:
    if isinstance(charge, NetworkCharge):
        return None if charge.atypical is None else charge.atypical.calendar
    return charge.calendar


def _prices(tariff: Tariff, day: date, tags: frozenset[str]) -> tuple[list[Level], IntArray] | None:
    """Price each minute of a day: the sum of the energy charges, each by its share of the energy."""
    charges = [one for one in tariff.charges if isinstance(one, EnergyCharge)]
    levied = [one for one in charges if not one.months or day.month in one.months]
    spot = [one for one in tariff.charges if isinstance(one, SpotCharge)]
    index_share = sum((one.energy_share * one.index_share for one in spot), ZERO)
    fees = sum((one.energy_share * one.fee_per_kwh for one in spot), ZERO)
    if not levied and not spot:
        return None
    tables = [day_table(one.calendar, day, tags) for one in levied]
    stacked = np.stack(tables) if tables else np.zeros((0, DAY_MIN), dtype=np.int64)
    combos, of_minute = np.unique(stacked, axis=1, return_inverse=True)
    found = []
    for combo in combos.T.tolist() or [[]]:
        names = [charge.calendar.bands[band] for charge, band in zip(levied, combo, strict=True)]
        price = fees
        for charge, name in zip(levied, names, strict=True):
            price += charge.energy_share * band_price_per_kwh(charge, name)
        telling = [name for charge, name in zip(levied, names, strict=True) if len(charge.calendar.bands) > 1] or names
        told = tuple(dict.fromkeys(telling))
        label = Text(en=" + ".join(told) or "index", zh=" + ".join(map(band_zh, told)) or "指数")
        found.append(Level(label=label, price_per_kwh=price, index_share=index_share))
    return found, np.asarray(of_minute, dtype=np.int64).reshape(DAY_MIN)


def _window_look(charge_id: str) -> _Look:
    def look(tariff: Tariff, day: date, tags: frozenset[str]) -> tuple[list[Level], IntArray] | None:
        charge = next((one for one in tariff.charges if one.charge_id == charge_id), None)
        calendar: BandCalendar | None = None
        bands: tuple[str, ...] = ()
        if isinstance(charge, DemandCharge):
            calendar, bands = charge.calendar, charge.bands
            if charge.months and day.month not in charge.months:
                return [Level(label=NO_WINDOW)], np.zeros(DAY_MIN, dtype=np.int64)
        elif isinstance(charge, NetworkCharge) and charge.atypical is not None:
            calendar, bands = charge.atypical.calendar, charge.atypical.bands
        if calendar is None:
            return None
        inside = np.isin(day_table(calendar, day, tags), [calendar.bands.index(band) for band in bands])
        return [Level(label=NO_WINDOW), Level(label=WINDOW)], inside.astype(np.int64)

    return look


def _export_look(charge_id: str) -> _Look:
    def look(tariff: Tariff, day: date, tags: frozenset[str]) -> tuple[list[Level], IntArray] | None:
        charge = next((one for one in tariff.charges if one.charge_id == charge_id), None)
        if not isinstance(charge, ExportCredit) or charge.calendar is None:
            return None
        levels = [
            Level(
                label=Text(en=band, zh=band_zh(band)),
                price_per_kwh=charge.band_prices[band] - charge.fee_per_kwh,
            )
            for band in charge.calendar.bands
        ]
        return levels, day_table(charge.calendar, day, tags)

    return look


def _held(tariff: AnyTariff, day: date) -> Tariff | None:
    """Give the version that holds on a day; a single tariff is shown for the whole year asked for."""
    if isinstance(tariff, Tariff):
        return tariff
    try:
        return tariff.on(day)
    except TariffNotInForceError:
        return None


class _Gathering:
    """Collects the tables of all days, and the levels they use."""

    def __init__(self) -> None:
        self.levels: list[Level] = []
        self.panels: dict[str, dict[int, dict[bytes, list[date]]]] = {}

    def add(self, kind: str, day: date, seen: tuple[list[Level], IntArray] | None) -> None:
        table = np.full(DAY_MIN, NONE, dtype=np.int64)
        if seen is not None:
            levels, of_minute = seen
            numbers = np.array([self._number(level) for level in levels], dtype=np.int64)
            table = numbers[of_minute]
        self.panels.setdefault(kind, {}).setdefault(day.month, {}).setdefault(table.tobytes(), []).append(day)

    def _number(self, level: Level) -> int:
        if level not in self.levels:
            self.levels.append(level)
        return self.levels.index(level)


def _kind_of(tags: frozenset[str], told_apart: set[str]) -> str:
    if told_apart & KNOWS_HOLIDAYS and tags & {"holiday", "holiday_break"}:
        return "holiday"
    if told_apart & (KNOWS_HOLIDAYS | KNOWS_WORK):
        return "workday" if "workday" in tags else "restday"
    return "weekday" if "weekday" in tags else "weekend"


def _view(title: Text, tariff: AnyTariff, year: int, look: _Look, told_apart: set[str]) -> YearView:
    gathered = _Gathering()
    flags: dict[str, Text] = {}
    for number in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        day = date.fromordinal(number)
        held = _held(tariff, day)
        if held is None:
            continue
        tags = held.calendar.tags(day)
        gathered.add(_kind_of(tags, told_apart), day, look(held, day, tags))
        for flag in held.day_flags:
            flags[FLAG + flag.flag] = flag.label
            gathered.add(FLAG + flag.flag, day, look(held, day, tags | {FLAG + flag.flag}))
    return YearView(title=title, levels=_sorted(gathered)[0], panels=_panels(gathered, flags))


def _sorted(gathered: _Gathering) -> tuple[tuple[Level, ...], IntArray]:
    order = sorted(range(len(gathered.levels)), key=lambda number: gathered.levels[number].is_dear_by)
    new = np.zeros(len(order) + 1, dtype=np.int64)
    for place, number in enumerate(order):
        new[number] = place
    new[-1] = NONE
    return tuple(gathered.levels[number] for number in order), new


def _panels(gathered: _Gathering, flags: dict[str, Text]) -> tuple[Panel, ...]:
    """Make a panel per kind of day; kinds that look alike share one, flags that change nothing have none."""
    new_number = _sorted(gathered)[1]
    kinds = [kind for kind in (*KINDS, *flags) if kind in gathered.panels]
    groups: list[list[str]] = []
    for kind in kinds:
        alike = next((group for group in groups if _alike(gathered.panels[group[0]], gathered.panels[kind])), None)
        if alike is None:
            groups.append([kind])
        elif not kind.startswith(FLAG):
            alike.append(kind)
    plain_kinds = [kind for kind in kinds if kind in KINDS]
    return tuple(
        Panel(
            kinds=(ALL_DAYS,) if group == plain_kinds else tuple(KINDS.get(kind) or flags[kind] for kind in group),
            months=_months([gathered.panels[kind] for kind in group], new_number),
        )
        for group in groups
    )


def _months(
    kinds: Sequence[dict[int, dict[bytes, list[date]]]], new_number: IntArray
) -> dict[int, tuple[DayTable, ...]]:
    """Join the months of kinds that look alike; the tables of a month stand in the order of their first days."""
    joined: dict[int, dict[bytes, list[date]]] = {}
    for months in kinds:
        for month, tables in months.items():
            for table, days in tables.items():
                joined.setdefault(month, {}).setdefault(table, []).extend(days)
    found = {}
    for month, tables in sorted(joined.items()):
        ordered = sorted((sorted(days), table) for table, days in tables.items())
        found[month] = tuple(
            DayTable(days=tuple(days), levels=new_number[np.frombuffer(table, dtype=np.int64)])
            for days, table in ordered
        )
    return found


def _alike(one: dict[int, dict[bytes, list[date]]], other: dict[int, dict[bytes, list[date]]]) -> bool:
    return all(set(other[month]) <= set(one[month]) if month in one else False for month in other)


def price_words(level: Level, currency: str, language: Language = Language.EN) -> str:
    """Write a level's price: ``0.9566 CNY/kWh``, ``0.2 × index + 0.4282 CNY/kWh``; nothing for a window."""
    if level.price_per_kwh is None:
        return ""
    said = f"{plain(level.price_per_kwh.normalize()) if level.price_per_kwh else '0'} {currency}/kWh"
    if not level.index_share:
        return said
    index = ON_INDEX.say(language)
    return (
        f"{index} + {said}" if level.index_share == 1 else f"{plain(level.index_share.normalize())} × {index} + {said}"
    )


def spans(levels: IntArray) -> tuple[tuple[int, int, int], ...]:
    """Cut a day's table into (first minute, stop minute, level)."""
    found, start = [], 0
    for level, group in groupby(levels.tolist()):
        stop = start + len(list(group))
        found.append((start, stop, int(level)))
        start = stop
    return tuple(found)
