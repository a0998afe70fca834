"""Tariffs on the command line."""

from datetime import date
from pathlib import Path

from rich.markup import escape
from rich.text import Text as Styled

from api.cli.output import out, print_json, simple_table
from api.services.use_cases import catalogue_tariffs, tariff_of
from domain.files.documents import to_plain
from domain.files.tariff_files import read_library, read_tariff
from domain.tariffs import CapacityCharge, DemandCharge, EnergyCharge, FixedCharge, Tariff
from domain.tariffs.bands import DAY_MIN, day_table
from domain.tariffs.lines import band_price_per_kwh
from domain.text import Language, Text
from scenarios.report_numbers import plain
from scenarios.report_words import word

BLOCK_MIN = 30
SHADES = (("green", "·"), ("cyan", "░"), ("yellow", "▒"), ("red", "▓"), ("magenta", "█"))
"""Cheapest to dearest; the letters still tell them apart where there is no colour."""
LABEL_CELLS = 26
DAY_KINDS = {
    "workday": Text(en="workdays", zh="工作日"),
    "restday": Text(en="rest days", zh="休息日"),
    "holiday": Text(en="public holidays", zh="法定节假日"),
}
HEADS = {
    "id": Text(en="id", zh="编号"),
    "name": Text(en="name", zh="名称"),
    "currency": Text(en="currency", zh="货币"),
    "valid": Text(en="valid", zh="有效期"),
    "status": Text(en="status", zh="状态"),
    "charge": Text(en="charge", zh="费用项"),
    "price": Text(en="price", zh="价格"),
}
UNITS = {
    "kwh": Text(en="per kWh", zh="每千瓦时"),
    "kw": Text(en="per kW and month", zh="每千瓦·月"),
    "kva": Text(en="per kVA and month", zh="每千伏安·月"),
    "month": Text(en="per month", zh="每月"),
    "day": Text(en="per day", zh="每日"),
}
SOUND = Text(
    en="{n} tariffs, {packages} packages, {programmes} programmes, {events} events: sound",
    zh="电价 {n}，套餐 {packages}，项目 {programmes}，事件 {events}：均有效",
)
FROM_DAY = Text(en="from {day}", zh="{day} 起")


def find_tariff(name: str) -> Tariff:
    """Give a tariff by the catalogue's id, or read it from a file of that name."""
    path = Path(name)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        return read_tariff(path)
    return tariff_of(catalogue_tariffs(), name)


def list_all(language: Language, *, json_wanted: bool) -> None:
    """List the catalogue."""
    found = catalogue_tariffs()
    fields = ("tariff_id", "name", "currency", "zone", "valid_from", "valid_until", "status", "source")
    if json_wanted:
        print_json([{field: to_plain(getattr(one, field)) for field in fields} for one in found])
        return
    table = simple_table(*(HEADS[key].say(language) for key in ("id", "name", "currency", "valid", "status")))
    for one in found:
        valid = f"{one.valid_from} … {one.valid_until or ''}"
        status = word(f"status_{one.status}", language)
        table.add_row(one.tariff_id, escape(one.name.say(language)), one.currency, valid, status)
    out().print(table)


def show(name: str, year: int | None, language: Language, *, json_wanted: bool) -> None:
    """Print one tariff: facts, charges, and the bands of the year as coloured blocks."""
    tariff = find_tariff(name)
    if json_wanted:
        print_json(to_plain(tariff))
        return
    console = out()
    console.print(f"[bold]{escape(tariff.name.say(language))}[/bold]  {tariff.tariff_id}")
    facts = (tariff.currency, tariff.zone, f"{tariff.valid_from} … {tariff.valid_until or ''}")
    console.print("  ".join(facts), markup=False)
    status = word(f"status_{tariff.status}", language)
    console.print(f"{status}: {tariff.source.document}, {tariff.source.issuer}", markup=False)
    table = simple_table(HEADS["charge"].say(language), HEADS["price"].say(language))
    for charge in tariff.charges:
        for label, price in _price_rows(charge, language):
            table.add_row(escape(label), escape(price))
    console.print(table)
    for charge in tariff.charges:
        if isinstance(charge, EnergyCharge):
            _print_bands(tariff, charge, year or tariff.valid_from.year, language)


def _price_rows(charge: object, language: Language) -> list[tuple[str, str]]:
    def unit(key: str) -> str:
        return UNITS[key].say(language)

    if isinstance(charge, EnergyCharge):
        return [
            (f"{charge.label.say(language)} · {band}", f"{plain(band_price_per_kwh(charge, band))} {unit('kwh')}")
            for band in charge.calendar.bands
        ]
    if isinstance(charge, DemandCharge):
        basis = f"{charge.basis}, {charge.measurement_min} min"
        return [(charge.label.say(language), f"{plain(charge.price_per_kw_month)} {unit('kw')} ({basis})")]
    if isinstance(charge, CapacityCharge):
        return [(charge.label.say(language), f"{plain(charge.price_per_kva_month)} {unit('kva')}")]
    if isinstance(charge, FixedCharge):
        amounts = (("month", charge.amount_per_month), ("day", charge.amount_per_day))
        return [(charge.label.say(language), f"{plain(amount)} {unit(key)}") for key, amount in amounts if amount]
    return [(charge.label.say(language), charge.standard)]  # type: ignore[attr-defined]


def _print_bands(tariff: Tariff, charge: EnergyCharge, year: int, language: Language) -> None:
    """Print each stretch of the year with one table per kind of day, where the kinds differ."""
    console = out()
    bands = charge.calendar.bands
    cheap_first = sorted(bands, key=lambda band: band_price_per_kwh(charge, band))
    shade = {band: SHADES[min(place, len(SHADES) - 1)] for place, band in enumerate(cheap_first)}
    console.print()
    console.print(
        Styled("  ").join(Styled(f"{shade[band][1] * 2} {band}", style=shade[band][0]) for band in cheap_first)
    )
    hours = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    console.print(f"{year}".ljust(LABEL_CELLS) + hours, markup=False, style="dim")
    shown: dict[str, bytes] = {}
    for number in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        day = date.fromordinal(number)
        tags = tariff.calendar.tags(day)
        kind = "holiday" if "holiday" in tags else "workday" if "workday" in tags else "restday"
        table = day_table(charge.calendar, day, tags)
        if shown.get(kind) == table.tobytes():
            continue
        shown[kind] = table.tobytes()
        line = Styled(f"{FROM_DAY.say(language, day=f'{day:%m-%d}')} {DAY_KINDS[kind].say(language)}")
        line.pad_right(LABEL_CELLS - line.cell_len)
        for minute in range(0, DAY_MIN, BLOCK_MIN):
            style, letter = shade[bands[int(table[minute])]]
            line.append(letter, style=style)
        console.print(line)


def check(path: Path, language: Language) -> None:
    """Read a file or a folder; whatever is wrong is raised."""
    if path.is_dir():
        library = read_library(path)
        sizes = {
            "n": len(library.tariffs),
            "packages": len(library.packages),
            "programmes": len(library.programmes),
            "events": len(library.events),
        }
    else:
        read_tariff(path)
        sizes = {"n": 1, "packages": 0, "programmes": 0, "events": 0}
    out().print(SOUND.say(language, **sizes), markup=False)
