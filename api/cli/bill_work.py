"""Bill a month on the command line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import typer
from rich.markup import escape

from api.cli.case_work import MeterAsked, read_series
from api.cli.output import out, print_json, say_findings, simple_table
from api.cli.tariff_work import find_tariff
from domain import checks
from domain.errors import WattplanError
from domain.files.documents import to_plain
from domain.metering import MeterSeries
from domain.tariffs import Bill, BilledLoad, PurchaseMode, SupplyPoint
from domain.tariffs.billing import bill
from domain.text import Language, Text
from domain.time import TimeGrid, local_midnight, month_start, next_month, zone_of
from scenarios.report_numbers import cents, plain, quantity
from scenarios.report_words import word


class MonthHasHolesError(WattplanError):
    """The meter misses values in the month to be billed."""

    code = "month_has_holes"
    words = Text(
        en="{month}: {n_missing} of {n_steps} values are missing, first at {first}. Only a complete month is billed.",
        zh="{month}：{n_steps} 个值中缺失 {n_missing} 个，首个缺失于 {first}。仅对完整月份计费。",
    )


def supply_of(
    *, capacity_kva: float | None, contract_kw: float | None, power_factor: float | None, purchase_mode: str
) -> SupplyPoint:
    """Make the supply point that the options describe."""
    modes = [mode.value for mode in PurchaseMode]
    if purchase_mode not in modes:
        raise typer.BadParameter(f"--purchase-mode {purchase_mode!r}: use one of {', '.join(modes)}")
    return SupplyPoint(
        purchase_mode=PurchaseMode(purchase_mode),
        capacity_kva=_exact(capacity_kva),
        contract_demand_kw=_exact(contract_kw),
        power_factor=_exact(power_factor),
    )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def answer(
    meter: Path,
    asked: MeterAsked,
    *,
    tariff: str,
    month: str,
    supply: SupplyPoint,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read, bill, show."""
    chosen = find_tariff(tariff)
    first = _month(month)
    reading = read_series(meter, asked, language, zone=chosen.zone)
    load = month_load(reading.series, first, chosen.zone)
    made = bill(load, chosen, supply, first)
    if json_wanted:
        print_json(to_plain(made) | {"total": str(made.total)})
    else:
        print_bill(made, chosen.name.say(language), language)
    say_findings(made.findings, language)


def _month(text: str) -> date:
    try:
        month = month_start(date.fromisoformat(f"{text}-01"))
    except ValueError as error:
        raise typer.BadParameter(f"--month {text!r}: write it like 2026-10") from error
    if not checks.FIRST_YEAR <= month.year <= checks.LAST_YEAR:
        raise typer.BadParameter(f"--month {text!r}: {checks.LIVED.en}")
    return month


def month_load(series: MeterSeries, first: date, zone: str) -> BilledLoad:
    """Cut a complete local month out of a series; without it, give what there is and let billing refuse.

    Raises
    ------
    MonthHasHolesError
    """
    month = TimeGrid.between(local_midnight(first, zone), local_midnight(next_month(first), zone), series.grid.step_min)
    start = max(0, series.grid.step_of(month.start))
    stop = min(series.grid.n_steps, series.grid.step_of(month.end))
    part = series.part(start, stop) if stop > start else series
    missing = np.isnan(part.import_kw)
    if missing.any():
        at = part.grid.at(int(missing.argmax())).astimezone(zone_of(zone)).isoformat()
        raise MonthHasHolesError(
            month=f"{first:%Y-%m}", n_missing=int(missing.sum()), n_steps=part.grid.n_steps, first=at
        )
    reactive = part.reactive_kvar
    if reactive is not None and np.isnan(reactive).any():
        reactive = None
    return BilledLoad(grid=part.grid, import_kw=part.import_kw, reactive_kvar=reactive)


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
