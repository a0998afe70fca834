"""Bill a month or a year on the command line."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import typer
from rich.markup import escape

from api.cli.bill_load import MonthHasHolesError, facts_of, filled, left_out, month_load, months_asked
from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.cli.tariff_find import Found, find
from domain.files.documents import to_plain
from domain.tariffs import Bill, PurchaseMode, SupplyPoint, bill
from domain.text import Language, Text
from scenarios.report_numbers import cents, plain, quantity
from scenarios.report_words import word

__all__ = ["MonthHasHolesError", "answer", "month_load", "print_bill", "supply_for", "supply_of"]

BOUGHT_AS = Text(
    en="taken to be bought as {mode}, which is what {tariff_id} is made for (--purchase-mode says otherwise)",
    zh="购电方式按 {mode} 计，即 {tariff_id} 所适用的方式（可用 --purchase-mode 另行指定）",
)
YEAR_TOTAL = Text(en="{year}: {n} month(s)", zh="{year} 年：{n} 个月")


def supply_of(
    *,
    capacity_kva: float | None,
    contract_kw: float | None,
    power_factor: float | None,
    purchase_mode: str,
    motor_kva: float = 0.0,
    follows_government_tou: bool = False,
) -> SupplyPoint:
    """Make the supply point that the options describe."""
    modes = [mode.value for mode in PurchaseMode]
    if purchase_mode not in modes:
        raise typer.BadParameter(f"--purchase-mode {purchase_mode!r}: use one of {', '.join(modes)}")
    return SupplyPoint(
        purchase_mode=PurchaseMode(purchase_mode),
        follows_government_tou=follows_government_tou,
        capacity_kva=_exact(capacity_kva),
        high_voltage_motor_kva=_exact(motor_kva) or Decimal(0),
        contract_demand_kw=_exact(contract_kw),
        power_factor=_exact(power_factor),
    )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def supply_for(found: Found, asked: str | None, language: Language, **options: float | bool | None) -> SupplyPoint:
    """Make the supply point for a tariff; nobody having said how the customer buys, as the tariff is made for."""
    modes = found.latest.purchase_modes
    mode = asked or (found.purchase_mode or (modes[0] if modes else PurchaseMode.GRID_AGENCY)).value
    if asked is None and modes and mode != PurchaseMode.GRID_AGENCY.value:
        err().print(BOUGHT_AS.say(language, mode=mode, tariff_id=found.tariff_id), markup=False)
    return supply_of(purchase_mode=mode, **options)  # type: ignore[arg-type]


def answer(
    meter: Path,
    asked: MeterAsked,
    *,
    tariff: str,
    month: str | None,
    year: int | None,
    purchase_mode: str | None,
    supply_options: dict[str, float | bool | None],
    facts: Path | None,
    fill: str | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read, bill, show."""
    if month is None and year is None:
        raise typer.BadParameter("give --month 2026-10, or --year 2026")
    found = find(tariff)
    zone = found.latest.zone
    supply = supply_for(found, purchase_mode, language, **supply_options)
    known = facts_of(facts, zone)
    reading = read_series(meter, asked, language, zone=zone)
    series, filled_in = filled(reading.series, fill, found.latest, month=month, year=year)
    months, missing = months_asked(series, zone, month=month, year=year)
    loads = (month_load(series, one, zone, known, power_factor=supply.power_factor) for one in months)
    made = tuple(bill(load, found.tariff, supply, one) for load, one in zip(loads, months, strict=True))
    if json_wanted:
        print_json(_plain_year(made, year) if year is not None else _plain(made[0]))
    else:
        for one in made:
            print_bill(one, found.name.say(language), language)
        if year is not None:
            _print_year(made, year, language)
    said = (
        *filled_in,
        *missing,
        *left_out(series, months, zone),
        *(finding for one in made for finding in one.findings),
    )
    say_findings(said, language)


def _plain(made: Bill) -> dict[str, object]:
    return dict(to_plain(made)) | {"total": str(made.total)}


def _plain_year(made: Sequence[Bill], year: int) -> dict[str, object]:
    return {
        "tariff_id": made[0].tariff_id,
        "currency": made[0].currency,
        "year": year,
        "total": str(sum((one.total for one in made), Decimal(0))),
        "bills": [_plain(one) for one in made],
    }


def print_bill(made: Bill, name: str, language: Language) -> None:
    """Print a bill line by line with its rules."""
    console = out()
    status = word(f"status_{made.status}", language)
    console.print(f"[bold]{escape(name)}[/bold]  {made.month:%Y-%m}  {made.currency}  [dim]{status}[/dim]")
    heads = ("line", "quantity", "unit_price", "amount", "rule")
    table = simple_table(*(word(key, language) for key in heads), numbers=(1, 2, 3))
    for line in made.lines:
        table.add_row(
            escape(line.label.say(language)),
            f"{quantity(line.quantity)} {line.unit}",
            plain(line.unit_price),
            cents(line.amount),
            escape(line.rule.say(language)),
        )
    table.add_section()
    table.add_row(word("total", language), "", "", cents(made.total), "", style="bold")
    console.print(table)


def _print_year(made: Sequence[Bill], year: int, language: Language) -> None:
    console = out()
    console.print(f"[bold]{YEAR_TOTAL.say(language, year=year, n=len(made))}[/bold]  {made[0].currency}")
    table = simple_table(word("month", language), word("amount", language), numbers=(1,))
    for one in made:
        table.add_row(f"{one.month:%Y-%m}", cents(one.total))
    table.add_section()
    table.add_row(word("total", language), cents(sum((one.total for one in made), Decimal(0))), style="bold")
    console.print(table)
