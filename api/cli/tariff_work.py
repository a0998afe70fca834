"""The catalogue on the command line: list and show."""

from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape
from rich.padding import Padding

from api.cli.output import out, print_json, say_findings, simple_table
from api.cli.tariff_blocks import print_view
from api.cli.tariff_find import STANDINGS, Found, catalogued, find
from api.errors import FileNotWrittenError
from domain.files.documents import to_plain
from domain.tariffs import Tariff, versions_of
from domain.text import Language, Text
from scenarios.charge_words import ChargeRow, charge_rows
from scenarios.report_words import word
from scenarios.tariff_checks import look_at, needs_of, to_verify, valid_from, valid_until
from scenarios.tariff_picture import draw_year
from scenarios.tariff_year import year_views

HEADS = {
    "charge": Text(en="charge", zh="费用项"),
    "price": Text(en="price", zh="价格"),
}
KINDS = {
    "tariff": Text(en="Tariffs", zh="电价"),
    "family": Text(en="Through time (versions of the above)", zh="跨期电价（由上列版本组成）"),
    "package": Text(en="Sample packages, nobody's offer", zh="示例套餐（并非任何公司的报价）"),
}
FOLLOWED = Text(en="followed by {follower}", zh="后续版本 {follower}")
MADE_FOR = Text(en="for customers who buy as {modes}", zh="适用购电方式：{modes}")
GOVERNMENT = Text(
    en="government time of use: not for customers who trade in the market, unless their contract says so",
    zh="政府分时电价：除合同约定外，不适用于参与市场交易的用户",
)
FLAG = Text(en="flag {flag}: {label}, {how}", zh="标记 {flag}：{label}，{how}")
HOW = {
    "listed": Text(en="days listed in the tariff", zh="日期列于电价中"),
    "temperature": Text(
        en="days with a forecast maximum of {temp} °C or more at {station}",
        zh="{station} 预报最高气温达到 {temp} °C 的日",
    ),
    "called": Text(en="days that the utility calls", zh="由电网企业通知的日"),
}
DRAWN = Text(en="drawn: {path}", zh="已绘制：{path}")
ONE_PRICE = Text(en="No price or window depends on the hour.", zh="没有随时刻变化的价格或时段。")


def list_all(on: date, language: Language, *, in_force: bool, json_wanted: bool) -> None:
    """List the catalogue."""
    found = [one for one in catalogued() if not in_force or one.standing(on) == "in_force"]
    if json_wanted:
        print_json([_plain(one, on) for one in found])
        return
    console = out()
    widest = max((len(one.tariff_id) for one in found), default=0)
    for kind, title in KINDS.items():
        of_kind = [one for one in found if one.kind == kind]
        if not of_kind:
            continue
        console.print(f"[bold]{escape(title.say(language))}[/bold]")
        for one in of_kind:
            facts = (f"{one.tariff_id:<{widest}}", one.latest.currency, f"{one.validity():<23}")
            console.print(f"[cyan]{'  '.join(facts)}[/cyan]  {_standing(one, on, language)}")
            named = f"{escape(one.name.say(language))}  [dim]{escape(one.latest.source.document)}[/dim]"
            console.print(Padding.indent(named, 4))


def _standing(one: Found, on: date, language: Language) -> str:
    status = word(f"status_{one.status}", language)
    standing = one.standing(on)
    said = STANDINGS[standing].say(language)
    if one.follower and standing == "superseded":
        said += f" ({one.follower})"
    return status if standing == "in_force" else f"{status}, {escape(said)}"


def _plain(one: Found, on: date) -> dict[str, Any]:
    latest = one.latest
    standing = one.standing(on)
    return {
        "tariff_id": one.tariff_id,
        "kind": one.kind,
        "name": to_plain(one.name),
        "currency": latest.currency,
        "zone": latest.zone,
        "valid_from": to_plain(valid_from(one.tariff)),
        "valid_until": to_plain(valid_until(one.tariff)),
        "status": one.status.value,
        "standing": standing,
        "superseded": standing == "superseded",
        "followed_by": one.follower,
        "version_ids": [] if isinstance(one.tariff, Tariff) else [each.tariff_id for each in one.tariff.versions],
        "purchase_modes": [mode.value for mode in latest.purchase_modes],
        "government_tou": latest.government_tou,
        "source": to_plain(latest.source),
        "needs": [need.key for need in needs_of(one.tariff)],
    }


def show(name: str, *, year: int | None, on: date, picture: Path | None, language: Language, json_wanted: bool) -> None:
    """Print one tariff: facts, charges in words, and its year as months × hours; or draw the year into a file."""
    found = find(name)
    shown_year = year or _year_of(found, on)
    if picture is not None:
        _draw(found, shown_year, picture, language)
    if json_wanted:
        print_json(to_plain(found.tariff))
        return
    console = out()
    console.print(f"[bold]{escape(found.name.say(language))}[/bold]  {found.tariff_id}")
    for version in versions_of(found.tariff):
        _print_version(version, language)
    for note in found.notes:
        console.print(note.say(language), style="yellow", markup=False)
    views = year_views(found.tariff, shown_year)
    for view in views:
        print_view(console, view, shown_year, found.latest.currency, language)
    if not views:
        console.print(ONE_PRICE.say(language))
    if picture is not None:
        console.print(DRAWN.say(language, path=str(picture)), markup=False)
    say_findings((*look_at(found.tariff, on, found.follower), *to_verify([found.tariff])), language)


def _year_of(found: Found, on: date) -> int:
    """Give the year to show: today's where the tariff holds in it, else the nearest one."""
    first, until = valid_from(found.tariff), valid_until(found.tariff)
    last = on if until is None else max(first, date.fromordinal(until.toordinal() - 1))
    return min(max(on.year, first.year), last.year)


def _draw(found: Found, year: int, path: Path, language: Language) -> None:
    views = year_views(found.tariff, year)
    if not views:
        raise typer.BadParameter(f"--picture: {ONE_PRICE.say(language)}")
    latest = found.latest
    title = f"{found.name.say(language)} · {year}"
    try:
        draw_year(views, path, title=title, currency=latest.currency, zone=latest.zone, language=language)
    except OSError as error:
        raise FileNotWrittenError(path=str(path), reason=error.strerror or str(error)) from error


def _print_version(tariff: Tariff, language: Language) -> None:
    console = out()
    console.print()
    facts = [tariff.currency, tariff.zone, f"{tariff.valid_from} … {tariff.valid_until or ''}", tariff.tariff_id]
    console.print("  ".join(facts), markup=False)
    status = word(f"status_{tariff.status}", language)
    console.print(f"{status}: {tariff.source.document}; {tariff.source.issuer}", markup=False)
    if tariff.source.note:
        console.print(tariff.source.note, markup=False, style="dim")
    if tariff.purchase_modes:
        console.print(MADE_FOR.say(language, modes=", ".join(tariff.purchase_modes)), markup=False)
    if tariff.government_tou:
        console.print(GOVERNMENT.say(language), markup=False)
    for flag in tariff.day_flags:
        how = HOW[flag.decided].say(language, temp=flag.from_temp_c, station=flag.station)
        console.print(FLAG.say(language, flag=flag.flag, label=flag.label.say(language), how=how), markup=False)
    table = simple_table(HEADS["charge"].say(language), f"{HEADS['price'].say(language)} ({tariff.currency})")
    for row in charge_rows(tariff.charges):
        table.add_row(*_cells(row, language))
    console.print(table)


def _cells(row: ChargeRow, language: Language) -> tuple[str, str]:
    return escape(row.label.say(language)), escape(row.words.say(language))
