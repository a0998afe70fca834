"""A tariff's year in the terminal: months down, hours across, one coloured letter per stretch of the clock."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text as Styled

from domain.text import Language, Text
from scenarios.demand_words import MONTHS
from scenarios.tariff_year import NONE, DayTable, IntArray, Level, Panel, YearView, price_words

STYLES = ("blue", "cyan", "green", "yellow", "dark_orange", "red", "magenta")
LETTERS = "·░▒▓█"
"""Cheapest to dearest, where there is no colour and few prices."""
MANY = "abcdefghijklmnopqrstuvwxyz"
"""Cheapest to dearest, where there are more than five; beyond 26 the dearest share a letter."""
NOTHING = " "
LABEL_CELLS = 16
HALF_HOUR_MIN, QUARTER_MIN = 30, 15
NO_SUCH_DAY = Text(en="(no such day)", zh="（无此类日）")
DAYS = Text(en="{n} d", zh="{n} 天")


def print_view(console: Console, view: YearView, year: int, currency: str, language: Language) -> None:
    """Print a picture: its legend, then a block of rows per kind of day."""
    letters = _letters(view.levels)
    console.print()
    console.print(f"[bold]{view.title.say(language)}[/bold] {year}")
    console.print(_legend(view.levels, letters, currency, language))
    step = _step_min(view)
    for panel in view.panels:
        console.print(Styled(panel.title().say(language), style="bold"))
        per_h = 60 // step
        hours = "".join(f"{hour:<{3 * per_h}}" for hour in range(0, 24, 3))
        console.print(" " * LABEL_CELLS + hours, markup=False, style="dim", no_wrap=True, overflow="crop")
        for label, table in _rows(panel, language):
            line = Styled(label)
            line.pad_right(LABEL_CELLS - line.cell_len)
            for level in table[::step].tolist():
                style, letter = (None, NOTHING) if level == NONE else letters[level]
                line.append(letter, style=style or "")
            console.print(line, no_wrap=True, overflow="crop")


def _letters(levels: Sequence[Level]) -> list[tuple[str, str]]:
    found = []
    last = max(1, len(levels) - 1)
    for number in range(len(levels)):
        style = STYLES[round(number * (len(STYLES) - 1) / last)]
        letter = LETTERS[number] if len(levels) <= len(LETTERS) else MANY[min(number, len(MANY) - 1)]
        found.append((style, letter))
    return found


def _legend(levels: Sequence[Level], letters: Sequence[tuple[str, str]], currency: str, language: Language) -> Styled:
    said = []
    for level, (style, letter) in zip(levels, letters, strict=True):
        price = price_words(level, currency, language)
        words = f"{letter * 2} {level.label.say(language)}" + (f" {price}" if price else "")
        said.append(Styled(words, style=style))
    return Styled("  ").join(said)


def _step_min(view: YearView) -> int:
    """Give the stretch that one letter stands for: half an hour, or a quarter where an edge needs it."""
    for panel in view.panels:
        for tables in panel.months.values():
            for one in tables:
                blocks = one.levels.reshape(-1, HALF_HOUR_MIN)
                if (blocks != blocks[:, :1]).any():
                    return QUARTER_MIN
    return HALF_HOUR_MIN


def _rows(panel: Panel, language: Language) -> list[tuple[str, IntArray]]:
    """Give a row per table of a month; months in a row with the same single table share one."""
    found: list[tuple[str, IntArray]] = []
    month = 1
    while month <= len(MONTHS):
        tables = panel.months.get(month, ())
        last = month
        if len(tables) == 1:
            while last < len(MONTHS) and _same(tables[0], panel.months.get(last + 1, ())):
                last += 1
        found += [(_label((month, last), table, len(tables), language), table.levels) for table in tables]
        month = last + 1
    return found


def _same(table: DayTable, others: Sequence[DayTable]) -> bool:
    return len(others) == 1 and bool((others[0].levels == table.levels).all())


def _label(months: tuple[int, int], table: DayTable, n_tables: int, language: Language) -> str:
    first, last = (MONTHS[one - 1] if language is Language.EN else f"{one}月" for one in months)
    said = first if first == last else f"{first}–{last}"
    if n_tables > 1:
        day = table.days[0].day
        when = f" {day}" if language is Language.EN else f"{day}日"
        said += f"{when}… {DAYS.say(language, n=len(table.days))}"
    return said
