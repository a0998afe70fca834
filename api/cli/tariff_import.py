"""``wattplan tariffs import``: read another format's tariff and say what was read, ignored and assumed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from api.cli.output import err, out, print_json
from api.cli.tariff_find import find
from domain.files.agency_sheet_rule import BandRuleRecord, band_rule_of, read_band_rule
from domain.files.clauses import TariffReading
from domain.files.documents import from_plain, to_plain
from domain.files.tariff_files import write_tariff
from domain.files.tariff_import import ImportOptions, parts_of, read_any_tariff
from domain.findings import Finding
from domain.text import Language, Text

FORMAT = Text(en="{file}: {format}", zh="{file}：{format} 格式")
READ = Text(en="read", zh="已读取")
ASSUMED = Text(en="assumed", zh="假定")
IGNORED = Text(en="left out, because it asks for no money here", zh="未采用（此处不涉及计费）")
NOTHING = Text(en="nothing", zh="无")
WRITTEN = Text(en="written: {path}", zh="已写入：{path}")
PARTS = Text(en="{file} holds these parts; name one with --part:", zh="{file} 含以下部分，请用 --part 指定：")
ONE_PART = Text(en="{file} holds one tariff.", zh="{file} 仅含一个电价。")


def say_parts(path: Path, language: Language, *, sheet: str | None, json_wanted: bool) -> None:
    """Say what a file with several tariffs holds."""
    parts = parts_of(path, name=path.name, sheet=sheet)
    if json_wanted:
        print_json(list(parts))
        return
    console = out()
    words = PARTS if parts else ONE_PART
    console.print(words.say(language, file=path.name), markup=False)
    for part in parts:
        console.print(part, markup=False)


def import_file(
    path: Path,
    *,
    plain_options: dict[str, Any],
    contract_kw: Sequence[str],
    split_prices: Sequence[str],
    band_rule: str | None,
    to: Path | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read a tariff of any known format; write it as ours."""
    if to is not None and to.exists():
        raise typer.BadParameter(f"--out: {to.name} is there already; nothing is overwritten")
    given = {name: value for name, value in plain_options.items() if value not in (None, (), [])}
    if contract_kw:
        given["contract_kw"] = dict(_pair("--contract-kw", one) for one in contract_kw)
    if split_prices:
        given["split_prices_per_kwh"] = dict(_pair("--split-price", one) for one in split_prices)
    if band_rule is not None:
        given["band_rule"] = _band_rule(band_rule)
    options: ImportOptions = from_plain(ImportOptions, to_plain(given), where="command line")
    reading = read_any_tariff(path, options, name=path.name)
    text = write_tariff(reading.tariff)
    if to is not None:
        to.write_text(text, encoding="utf-8")
    if json_wanted:
        print_json(_plain(reading, to))
        return
    _say(reading, path, language)
    if to is None:
        out().print(text, markup=False, end="", soft_wrap=True)
    else:
        out().print(WRITTEN.say(language, path=str(to)), markup=False)


def _band_rule(name: str) -> BandRuleRecord:
    """Read a rule file, or take the rule out of a tariff of the catalogue."""
    path = Path(name)
    if path.suffix.lower() in {".yaml", ".yml"} or path.is_file():
        return read_band_rule(path)
    return band_rule_of(find(name).latest)


def _pair(option: str, text: str) -> tuple[str, str]:
    label, _, number = text.partition("=")
    if not label or not number:
        raise typer.BadParameter(f"{option} {text!r}: write it like regular=800")
    return label, number


def _say(reading: TariffReading, path: Path, language: Language) -> None:
    """Say it on standard error, so that the tariff alone stands on standard output."""
    console = err()
    console.print(f"[bold]{escape(FORMAT.say(language, file=path.name, format=reading.source_format))}[/bold]")
    read = ", ".join(reading.read) or NOTHING.say(language)
    console.print(f"[green]{READ.say(language)}[/green] {escape(read)}")
    for words, findings, style in ((ASSUMED, reading.assumptions, "yellow"), (IGNORED, reading.ignored, "cyan")):
        console.print(f"[{style}]{words.say(language)}[/{style}] {'' if findings else NOTHING.say(language)}".rstrip())
        for finding in findings:
            console.print(f"  {escape(finding.say(language))}")


def _plain(reading: TariffReading, to: Path | None) -> dict[str, Any]:
    return {
        "source_format": reading.source_format,
        "read": list(reading.read),
        "assumed": [_plain_finding(one) for one in reading.assumptions],
        "ignored": [_plain_finding(one) for one in reading.ignored],
        "out": None if to is None else str(to),
        "tariff": to_plain(reading.tariff),
    }


def _plain_finding(finding: Finding) -> dict[str, Any]:
    words = {"en": finding.say(Language.EN), "zh": finding.say(Language.ZH)}
    return {"code": finding.code, "severity": finding.severity.value, "words": words}
