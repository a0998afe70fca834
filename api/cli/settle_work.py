"""Settle an event on the command line, and work a bundle out again."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import typer
from rich.markup import escape

from api.cli.baseline_work import calendar_of
from api.cli.case_work import MeterAsked, read_series
from api.cli.event_options import find_event, find_programme
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.errors import EXIT_REFUSED, FileNotWrittenError
from domain.files.bundle_file import bundle_text, read_bundle
from domain.files.documents import to_plain
from domain.programmes import Settlement
from domain.programmes.bundle import Bundle, BundleCheck, check_bundle, make_bundle
from domain.programmes.bundle_page import bundle_page
from domain.text import Language, Text
from domain.time import zone_of
from scenarios.report_words import word

HEADS = {
    "line": Text(en="line", zh="项目"),
    "stated": Text(en="stated", zh="结算包所载"),
    "found": Text(en="worked out", zh="重新计算"),
    "value": Text(en="value", zh="数值"),
}
EQUAL = Text(
    en="{bundle}: all {n} lines come out as stated; net {net} {currency}",
    zh="{bundle}：全部 {n} 行与所载一致；净额 {net} {currency}",
)
DIFFERS = Text(
    en="{bundle}: {n} line(s) differ, the first is {line}: stated {stated}, worked out {found}",
    zh="{bundle}：{n} 行不一致，第一处为 {line}：所载 {stated}，重新计算 {found}",
)
NONE = Text(en="nothing", zh="无")
WRITTEN = Text(en="bundle {bundle}, page {page}", zh="结算包 {bundle}，说明页 {page}")
SHOWN_LINES = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What ``settle`` was asked."""

    programme: str
    event: Path
    event_id: str | None
    commitment_kw: Decimal
    paid_this_year: Decimal
    country: str | None
    event_days: frozenset[date]
    atypical_days: frozenset[date]
    reference_kw: float | None


def amount(option: str, text: str) -> Decimal:
    """Read an exact number that is not negative."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise typer.BadParameter(f"{option} {text!r}: write a number such as 500") from error
    if not value.is_finite() or value < 0:
        raise typer.BadParameter(f"{option} {text!r}: write a number that is not negative")
    return value


def make(
    meter: Path, asked: MeterAsked, question: Asked, *, out_path: Path | None, language: Language, json_wanted: bool
) -> None:
    """Read, settle, show, and write the bundle with its page."""
    programme = find_programme(question.programme)
    if question.reference_kw is not None:
        programme = replace(programme, baseline=replace(programme.baseline, reference_kw=question.reference_kw))
    event, others = find_event(question.event, question.event_id)
    series = read_series(meter, asked, language).series
    assert asked.zone is not None  # noqa: S101 -- read_series refuses without a zone
    clock = zone_of(asked.zone)
    bundle = make_bundle(
        programme,
        event,
        series,
        calendar_of(question.country, language),
        asked.zone,
        commitment_kw=question.commitment_kw,
        event_days=question.event_days | {other.start.astimezone(clock).date() for other in others},
        atypical_days=question.atypical_days,
        paid_this_year=question.paid_this_year,
    )
    check_made = check_bundle(bundle)
    _answer(bundle, check_made, language, json_wanted=json_wanted)
    if out_path is not None:
        page = out_path.with_suffix(".md")
        _write(out_path, bundle_text(bundle))
        _write(page, bundle_page(bundle, check_made, language))
        err().print(WRITTEN.say(language, bundle=out_path, page=page), markup=False, soft_wrap=True)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise FileNotWrittenError(path=str(path), reason=error.strerror or str(error)) from error


def _answer(bundle: Bundle, made: BundleCheck, language: Language, *, json_wanted: bool) -> None:
    if json_wanted:
        print_json(settlement_to_plain(made.settlement))
    else:
        _print_lines(bundle, made.settlement, language)
    say_findings(made.findings, language)
    status = str(bundle.programme.status)
    if status != "official":
        err().print(word(f"status_note_{status}", language), markup=False)


def settlement_to_plain(settled: Settlement) -> dict[str, object]:
    """Give a settlement as JSON values, with its net."""
    plain: dict[str, object] = to_plain(settled)
    return plain | {"net": str(settled.net), "is_valid": settled.is_valid}


def _print_lines(bundle: Bundle, settled: Settlement, language: Language) -> None:
    table = simple_table(HEADS["line"].say(language), HEADS["value"].say(language), "", numbers=(1,))
    for line in bundle.lines:
        is_detail = line.key.startswith(("day.", "usage.", "unadjusted.", "baseline.", "measured."))
        if not is_detail:
            table.add_row(escape(line.label.say(language)), escape(line.value), escape(line.unit))
    out().print(table)
    out().print(settled.rule.say(language), markup=False)


def check(path: Path, language: Language, *, json_wanted: bool) -> None:
    """Work a bundle out again; say equal, or which line differs and leave with exit code 1."""
    bundle = read_bundle(path)
    made = check_bundle(bundle)
    if json_wanted:
        print_json(
            {
                "equal": made.is_equal,
                "differences": to_plain(made.differences),
                "settlement": settlement_to_plain(made.settlement),
            }
        )
    elif made.is_equal:
        net, currency = str(made.settlement.net), made.settlement.currency
        said = EQUAL.say(language, bundle=path.name, n=len(bundle.lines), net=net, currency=currency)
        out().print(said, markup=False, soft_wrap=True)
    else:
        _print_differences(path, made, language)
    say_findings(made.findings, language)
    if not made.is_equal:
        raise typer.Exit(EXIT_REFUSED)


def _print_differences(path: Path, made: BundleCheck, language: Language) -> None:
    none = NONE.say(language)
    first = made.differences[0]
    said = DIFFERS.say(
        language,
        bundle=path.name,
        n=len(made.differences),
        line=f"{first.label.say(language)} ({first.key})",
        stated=first.stated or none,
        found=first.found or none,
    )
    out().print(said, markup=False, soft_wrap=True)
    table = simple_table(*(HEADS[key].say(language) for key in ("line", "stated", "found")), numbers=(1, 2))
    for one in made.differences[:SHOWN_LINES]:
        table.add_row(escape(one.key), escape(one.stated or none), escape(one.found or none))
    out().print(table)
    if len(made.differences) > SHOWN_LINES:
        out().print("…", markup=False)
