"""``wattplan tariffs compare``: one meter under many tariffs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from api.cli.bill_load import facts_of, filled, left_out, month_load, months_asked
from api.cli.bill_work import supply_of
from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.cli.tariff_find import Found, catalogued, find
from api.errors import EXIT_REFUSED
from domain.files.documents import to_plain
from domain.files.tariff_files import read_library
from domain.tariffs import AnyTariff, BilledLoad, PurchaseMode, SupplyPoint, as_decimal
from domain.text import Language, Text
from scenarios.charge_words import KIND_WORDS
from scenarios.report_numbers import cents, share
from scenarios.report_words import word
from scenarios.tariff_comparison import Candidate, Compared, Comparison, NotCompared, as_if_in_force, compare

MARKET = (PurchaseMode.MARKET_RETAIL, PurchaseMode.MARKET_WHOLESALE)
MONTH_COLUMNS = 6
"""Tariffs side by side in the table of months; all of them stand in the JSON."""
MOST_REASONS = 2
"""More tariffs than this with the same short reason share a line."""
SHORT = {
    "tariff_not_in_force": Text(en="not in force in all of these months", zh="在上述月份中未全部生效"),
    "currency_mix": Text(en="in another currency", zh="货币不同"),
    "tariff_not_for_customer": Text(en="not for a customer who buys like this", zh="不适用于该购电方式的用户"),
}
HEADS = {
    "tariff": Text(en="tariff", zh="电价"),
    "difference": Text(en="to present", zh="与现行之差"),
    "by_kind": Text(en="Difference to the present tariff by kind of line", zh="与现行电价之差（按费用类别）"),
    "kinds": Text(en="By kind of line", zh="按费用类别"),
    "by_month": Text(en="By month", zh="按月"),
    "present": Text(en="present", zh="现行"),
}
TITLE = Text(en="{n} tariffs, {first} … {last}, {currency}", zh="{n} 个电价，{first} … {last}，{currency}")
NOT_COMPARED = Text(en="Not compared", zh="未比较")
AS_IF = Text(
    en="Each tariff is taken to be in force in all months, whatever its dates say (--as-if-in-force).",
    zh="假定各电价在所有月份均有效，不论其有效期（--as-if-in-force）。",
)
NOTHING_COMPARED = Text(en="None of the tariffs can bill these months.", zh="没有电价可对这些月份计费。")


@dataclass(frozen=True, slots=True)
class CompareAsked:
    """What the command line asks."""

    names: tuple[str, ...]
    present: str | None
    month: str | None
    year: int | None
    purchase_mode: str | None
    supply_options: dict[str, float | bool | None]
    facts: Path | None
    fill: str | None
    as_if: bool


def compare_meter(
    meter: Path, meter_asked: MeterAsked, asked: CompareAsked, language: Language, *, json_wanted: bool
) -> None:
    """Read the meter once, bill it under every tariff, show them cheapest first."""
    present = None if asked.present is None else find(asked.present)
    found = _candidates(asked.names, present)
    zone = meter_asked.zone or _zone(found, present)
    known = facts_of(asked.facts, zone)
    reading = read_series(meter, meter_asked, language, zone=zone)
    by_whom = (present or found[0]).latest
    series, filled_in = filled(reading.series, asked.fill, by_whom, month=asked.month, year=asked.year)
    months, missing = months_asked(series, zone, month=asked.month, year=asked.year)
    given = asked.supply_options.get("power_factor")
    power_factor = None if given is None else as_decimal(float(given))
    loads: dict[date, BilledLoad] = {
        one: month_load(series, one, zone, known, power_factor=power_factor) for one in months
    }
    mode = _customer_mode(asked.purchase_mode, present)
    candidates = [
        Candidate(
            tariff=as_if_in_force(one.tariff) if asked.as_if else one.tariff,
            name=one.name,
            supply=_supply(one, mode, asked.supply_options),
        )
        for one in found
    ]
    made = compare(loads, candidates, None if present is None else present.tariff_id)
    if asked.as_if:
        err().print(AS_IF.say(language), markup=False)
    if json_wanted:
        print_json(_plain(made))
    else:
        _print(made, language)
    say_findings((*filled_in, *missing, *left_out(series, months, zone), *made.findings), language)
    if not made.compared:
        raise typer.Exit(EXIT_REFUSED)


def _zone(found: Sequence[Found], present: Found | None) -> str:
    """Give the clock of the meter and of the months: the present tariff's, else the one that all share."""
    zones = sorted({one.latest.zone for one in found}) if present is None else [present.latest.zone]
    if len(zones) > 1:
        raise typer.BadParameter(
            f"--zone or --present is needed: the tariffs stand on the clocks of {', '.join(zones)}"
        )
    return zones[0]


def _candidates(names: Sequence[str], present: Found | None) -> list[Found]:
    """Give the tariffs named, a folder's, or the catalogue's; the present one first, each once."""
    found = [] if present is None else [present]
    for one in _named(names) if names else catalogued():
        if one.tariff_id not in {each.tariff_id for each in found}:
            found.append(one)
    return found


def _named(names: Sequence[str]) -> list[Found]:
    found = []
    for name in names:
        path = Path(name)
        found += _folder(path) if path.is_dir() else [find(name)]
    return found


def _folder(path: Path) -> list[Found]:
    library = read_library(path)
    offered = [
        Found(tariff=one.tariff, name=one.name, kind="package", purchase_mode=one.purchase_mode)
        for one in library.packages.values()
    ]
    taken = {one.tariff_id for one in offered}
    alone: list[AnyTariff] = [*library.tariffs.values(), *library.versions.values()]
    return [*(Found(tariff=one, name=one.name) for one in alone if one.tariff_id not in taken), *offered]


def _customer_mode(asked: str | None, present: Found | None) -> str:
    """Give how the customer buys today: as asked, as the present tariff is made for, else through the agency."""
    if asked is not None:
        return asked
    if present is not None and present.purchase_mode is not None:
        return present.purchase_mode.value
    modes = () if present is None else present.latest.purchase_modes
    return (modes[0] if modes else PurchaseMode.GRID_AGENCY).value


def _supply(found: Found, mode: str, options: dict[str, float | bool | None]) -> SupplyPoint:
    """Give the supply point under a tariff.

    A package says how its customer buys; a customer may move into the market for a tariff of the market, but whoever
    trades does not get the agency's tariff by asking for it.
    """
    modes = found.latest.purchase_modes
    effective = found.purchase_mode.value if found.purchase_mode is not None else mode
    if modes and PurchaseMode(effective) not in modes and all(one in MARKET for one in modes):
        effective = modes[0].value
    return supply_of(purchase_mode=effective, **options)  # type: ignore[arg-type]


def _plain(made: Comparison) -> dict[str, Any]:
    return dict(to_plain(made)) | {"findings": [to_plain(one) for one in made.findings]}


def _print(made: Comparison, language: Language) -> None:
    console = out()
    if not made.compared:
        console.print(NOTHING_COMPARED.say(language))
    else:
        _print_totals(made, language)
        _print_kinds(made, language)
        if len(made.months) > 1:
            _print_months(made, language)
    if made.not_compared:
        console.print()
        console.print(f"[bold]{NOT_COMPARED.say(language)}[/bold]")
        for line in _reasons(made, language):
            console.print(line)


def _reasons(made: Comparison, language: Language) -> list[str]:
    """Give a line per reason; many tariffs with the same reason share one, and the JSON has each."""
    by_code: dict[str, list[NotCompared]] = {}
    for one in made.not_compared:
        by_code.setdefault(one.code, []).append(one)
    found = []
    for code, ones in by_code.items():
        if len(ones) > MOST_REASONS and code in SHORT:
            ids = ", ".join(one.tariff_id for one in ones)
            found.append(f"[dim]{code}[/dim]  {escape(SHORT[code].say(language))}: {ids}")
        else:
            said = (one.reason.en if language is Language.EN else one.reason.zh for one in ones)
            found += [f"[dim]{code}[/dim]  {ones[n].tariff_id}: {escape(words)}" for n, words in enumerate(said)]
    return found


def _print_totals(made: Comparison, language: Language) -> None:
    console = out()
    words = {"n": len(made.compared), "first": made.months[0], "last": made.months[-1], "currency": made.currency}
    console.print(f"[bold]{TITLE.say(language, **words)}[/bold]")
    heads = ("#", HEADS["tariff"].say(language), word("total", language), HEADS["difference"].say(language), "%")
    table = simple_table(*heads, word("status", language), numbers=(0, 2, 3, 4))
    for place, one in enumerate(made.compared, start=1):
        is_present = one.tariff_id == made.present_id
        named = one.tariff_id + (f" [bold]({HEADS['present'].say(language)})[/bold]" if is_present else "")
        table.add_row(
            str(place),
            f"{named}\n[dim]{escape(one.name.say(language))}[/dim]",
            cents(one.total),
            "" if one.difference is None else _signed(one.difference),
            "" if one.difference_share is None else share(float(one.difference_share)),
            word(f"status_{one.status}", language),
        )
    console.print(table)


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else ''}{cents(amount)}"


def _print_kinds(made: Comparison, language: Language) -> None:
    console = out()
    against = any(one.kind_differences for one in made.compared)
    console.print()
    console.print(f"[bold]{HEADS['by_kind' if against else 'kinds'].say(language)}[/bold]")
    kinds = list(dict.fromkeys(kind for one in made.compared for kind in (one.kind_differences or one.by_kind)))
    heads = [KIND_WORDS[kind].say(language) for kind in kinds]
    table = simple_table("#", *heads, numbers=tuple(range(len(kinds) + 1)))
    for place, one in enumerate(made.compared, start=1):
        amounts = one.kind_differences if against else one.by_kind
        said = [amounts.get(kind) for kind in kinds]
        written = ["" if value is None else _signed(value) if against else cents(value) for value in said]
        table.add_row(str(place), *written)
    console.print(table)


def _print_months(made: Comparison, language: Language) -> None:
    console = out()
    console.print()
    console.print(f"[bold]{HEADS['by_month'].say(language)}[/bold]")
    shown = _shown(made)
    heads = [f"#{place}" for place, _ in shown]
    table = simple_table(word("month", language), *heads, numbers=tuple(range(1, len(heads) + 1)))
    for month in made.months:
        table.add_row(month, *(cents(one.by_month[month]) for _, one in shown))
    console.print(table)


def _shown(made: Comparison) -> list[tuple[int, Compared]]:
    """Give the cheapest tariffs, and the present one, with their places."""
    placed = list(enumerate(made.compared, start=1))
    shown = placed[:MONTH_COLUMNS]
    present = [pair for pair in placed if pair[1].tariff_id == made.present_id]
    return shown if not present or present[0] in shown else [*shown[:-1], present[0]]
