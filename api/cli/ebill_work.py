"""E-bills on the command line: read, bill, compare, show."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import typer
from rich.markup import escape
from rich.table import Table

from api.cli.bill_work import month_load, supply_of
from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.cli.plan_work import FileInTheWayError
from domain import catalogue
from domain.files.documents import to_plain
from domain.files.ebill_reader import read_ebill
from domain.files.ebill_template import ebill_csv, write_ebill_workbook
from domain.files.tariff_files import read_tariff, write_tariff
from domain.metering import MeterSeries
from domain.shadow.compare import check_bill, must_be_month
from domain.shadow.comparison import ShadowComparison, ShadowLine
from domain.shadow.ebill import EBill
from domain.tariffs import AnyTariff, BilledLoad, PurchaseMode, SupplyPoint, Tariff
from domain.text import Language, Text
from domain.time import local_midnight, next_month
from scenarios.report_numbers import cents, plain, quantity
from scenarios.report_words import word

EXIT_UNEXPLAINED = 4
SUFFIX = ".xlsx"
REAL = Text(en="bill", zh="账单")
OURS = Text(en="ours", zh="本方")
DIFFERENCE = Text(en="difference", zh="差异")
WHY = Text(en="why", zh="原因")
BASIS = {
    "meter": Text(en="ours from the meter's load", zh="本方按电表负荷计算"),
    "own_quantities": Text(
        en="ours from the bill's own kWh and kW: prices and rules only",
        zh="本方按账单自身电量与需量计算：仅核对单价与规则",
    ),
}
EXPLAINED = Text(en="explained", zh="已解释")
UNEXPLAINED = Text(en="unexplained", zh="未解释")
OPEN_MARK = Text(en="not explained:", zh="未解释：")
OR = Text(en="or:", zh="或：")
CHANGES = Text(en="What would make ours agree", zh="使本方与账单一致的调整")
TRY = Text(
    en="Try: wattplan ebill check --ebill {path} --tariff {tariff}",
    zh="试一试：wattplan ebill check --ebill {path} --tariff {tariff}",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the command line says of the customer, where the bill is silent."""

    capacity_kva: float | None
    contract_kw: float | None
    power_factor: float | None
    purchase_mode: str | None


def check(
    paths: list[Path],
    tariff: str,
    meter: Path | None,
    asked: MeterAsked,
    *,
    known: Known,
    write_tariff_to: Path | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read the bill, bill the month, compare, show; leave with 4 where something stays unexplained."""
    if write_tariff_to is not None and write_tariff_to.exists():
        raise FileInTheWayError(path=write_tariff_to.name)
    ebill = read_ebill(paths, ", ".join(path.name for path in paths))
    chosen = _tariff(tariff, ebill.month)
    load = None
    if meter is not None:
        must_be_month(ebill)
        series = read_series(meter, asked, language, zone=chosen.zone).series
        load = load_around(series, ebill.month, chosen.zone)
    made = check_bill(ebill, chosen, _supply(ebill, known), load=load)
    if write_tariff_to is not None:
        write_tariff_to.write_text(write_tariff(made.tariff_as_billed), encoding="utf-8")
    if json_wanted:
        print_json(_json(made))
    else:
        _print(made, chosen.name.say(language), language)
    say_findings(made.findings, language)
    if not made.is_explained:
        raise typer.Exit(EXIT_UNEXPLAINED)


def _tariff(name: str, month: date) -> Tariff:
    """Give a tariff by the catalogue's id or from a file; of versions the one that holds as the month begins."""
    path = Path(name)
    is_file = path.suffix.lower() in {".yaml", ".yml"} or path.is_file()
    found: AnyTariff = read_tariff(path) if is_file else catalogue.any_tariff(name)
    return found if isinstance(found, Tariff) else found.on(month)


def _supply(ebill: EBill, known: Known) -> SupplyPoint:
    return supply_of(
        capacity_kva=known.capacity_kva,
        contract_kw=known.contract_kw,
        power_factor=known.power_factor,
        purchase_mode=known.purchase_mode or ebill.purchase_mode or PurchaseMode.GRID_AGENCY,
    )


def load_around(series: MeterSeries, first: date, zone: str) -> BilledLoad:
    """Give a complete month of a meter with the step before and after it, where they are known.

    A wrong reading of the meter's time labels shows only with those steps.
    """
    month = month_load(series, first, zone)
    start, end = local_midnight(first, zone), local_midnight(next_month(first), zone)
    grid = series.grid
    before, after = max(0, grid.step_of(start) - 1), min(grid.n_steps, grid.step_of(end) + 1)
    part = series.part(before, after)
    known = np.isfinite(part.import_kw)
    low, high = int(known.argmax()), part.grid.n_steps - int(known[::-1].argmax())
    whole = part.part(low, high)
    reactive = whole.reactive_kvar if month.reactive_kvar is not None else None
    if reactive is not None and np.isnan(reactive).any():
        return month
    return BilledLoad(grid=whole.grid, import_kw=whole.import_kw, reactive_kvar=reactive)


def _json(made: ShadowComparison) -> dict[str, object]:
    totals = ("real_total", "shadow_total", "difference", "explained", "unexplained")
    lines = [
        to_plain(line) | {"difference": str(line.difference), "unexplained": str(line.unexplained)}
        for line in made.lines
    ]
    return {
        "account_no": made.account_no,
        "month": str(made.month),
        "tariff_id": made.shadow.tariff_id,
        "currency": made.currency,
        "basis": made.basis,
        **{name: str(getattr(made, name)) for name in totals},
        "is_explained": made.is_explained,
        "lines": lines,
        "shadow": to_plain(made.shadow),
        "tariff_as_billed": to_plain(made.tariff_as_billed),
        "findings": [to_plain(finding) for finding in made.findings],
    }


def _print(made: ShadowComparison, name: str, language: Language) -> None:
    console = out()
    status = word(f"status_{made.shadow.status}", language)
    console.print(f"[bold]{escape(name)}[/bold]  {made.month:%Y-%m}  {made.currency}  [dim]{status}[/dim]")
    console.print(BASIS[made.basis].say(language), style="dim")
    heads = (word("line", language), *(one.say(language) for one in (REAL, OURS, DIFFERENCE, WHY)))
    table = simple_table(*heads, numbers=(1, 2, 3))
    for line in made.lines:
        _add(table, line, language)
    table.add_section()
    total = (cents(made.real_total), cents(made.shadow_total), cents(made.difference))
    table.add_row(word("total", language), *total, "", style="bold")
    console.print(table)
    explained, unexplained = EXPLAINED.say(language), UNEXPLAINED.say(language)
    style = "green" if made.is_explained else "bold red"
    console.print(f"{explained} {cents(made.explained)}  [{style}]{unexplained} {cents(made.unexplained)}[/{style}]")
    changes = dict.fromkeys(
        effect.change.say(language) for line in made.lines for effect in line.effects if effect.change is not None
    )
    if changes:
        console.print(f"[bold]{CHANGES.say(language)}[/bold]")
        for change in changes:
            console.print(f"  {escape(change)}")


def _add(table: Table, line: ShadowLine, language: Language) -> None:
    label = escape(line.label.say(language))
    amounts = (cents(line.real_amount), cents(line.shadow_amount), cents(line.difference))
    table.add_row(label, *amounts, _figures(line))
    for effect in line.effects:
        mark = "" if effect.is_explained else f"[red]{OPEN_MARK.say(language)}[/red] "
        table.add_row("", "", "", cents(effect.amount), f"{mark}{escape(effect.why.say(language))}", style="dim")
        for rival in effect.rivals:
            table.add_row("", "", "", "", f"{OR.say(language)} {escape(rival.say(language))}", style="dim")


def _figures(line: ShadowLine) -> str:
    """Write quantity × price of the bill, where it has them."""
    if line.real_quantity is None or line.real_price is None:
        return ""
    price = plain(round(line.real_price, 6))
    return f"{quantity(line.real_quantity)} {line.unit} × {price}"


def template(path: Path, *, example: bool, language: Language) -> None:
    """Write the empty bill, and the example beside it; never over another file.

    Raises
    ------
    FileInTheWayError
    """
    if path.suffix and path.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"{path.name!r}: a workbook's name ends in {SUFFIX}, a folder's in nothing")
    from domain.catalogue.sample_ebill import TARIFF_ID, example_ebill  # noqa: PLC0415 -- bills a month

    filled = path if example else path.with_stem(f"{path.stem}-example")
    wanted = dict.fromkeys((path, filled))
    for one in wanted:
        if one.exists():
            raise FileInTheWayError(path=one.name)
    made = example_ebill()
    path.parent.mkdir(parents=True, exist_ok=True)
    for one in wanted:
        _write(one, made if one == filled else None, language)
        err().print(str(one), markup=False, soft_wrap=True)
    err().print(TRY.say(language, path=filled, tariff=TARIFF_ID), markup=False, soft_wrap=True)


def _write(path: Path, ebill: EBill | None, language: Language) -> None:
    if path.suffix:
        write_ebill_workbook(path, ebill, language=language)
        return
    path.mkdir()
    for name, content in ebill_csv(ebill).items():
        (path / name).write_bytes(content)
