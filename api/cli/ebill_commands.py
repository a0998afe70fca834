"""``wattplan ebill check|template``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import (
    JsonOption,
    LabelsOption,
    LanguageOption,
    MultiplierOption,
    UnitOption,
    ZoneOption,
)
from domain.text import Language

app = typer.Typer(help="A grid company's e-bill against what a tariff asks.", no_args_is_help=True)


@app.command()
def check(
    *,
    ebill: Annotated[
        list[Path],
        typer.Option("--ebill", help="The e-bill: XLSX, CSV, or a folder of them; may be given several times."),
    ],
    tariff: Annotated[str, typer.Option("--tariff", help="Id of the catalogue, or a tariff file.")],
    meter: Annotated[
        Path | None,
        typer.Option("--meter", help="Meter file of the month; without it only prices and rules are checked."),
    ] = None,
    capacity_kva: Annotated[
        float | None, typer.Option("--capacity-kva", min=0, help="Contract capacity, kVA, where the bill has none.")
    ] = None,
    contract_kw: Annotated[
        float | None, typer.Option("--contract-kw", min=0, help="Contract demand, kW, where the bill has none.")
    ] = None,
    power_factor: Annotated[
        float | None, typer.Option("--power-factor", min=0, max=1, help="Month's power factor where the bill has none.")
    ] = None,
    purchase_mode: Annotated[
        str | None,
        typer.Option(
            "--purchase-mode",
            help="market_wholesale, market_retail, grid_agency or regulated, where the bill is silent.",
        ),
    ] = None,
    write_tariff: Annotated[
        Path | None,
        typer.Option("--write-tariff", help="Write the tariff with the changes that the explanations rest on, .yaml."),
    ] = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Hold a bill against ours, line by line; exit code 4 where a difference stays unexplained."""
    from api.cli import case_work, ebill_work  # noqa: PLC0415 -- help stays quick

    ebill_work.check(
        ebill,
        tariff,
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        known=ebill_work.Known(
            capacity_kva=capacity_kva, contract_kw=contract_kw, power_factor=power_factor, purchase_mode=purchase_mode
        ),
        write_tariff_to=write_tariff,
        language=language,
        json_wanted=json_wanted,
    )


@app.command()
def template(
    path: Annotated[Path, typer.Argument(help="Workbook to write, .xlsx; or a folder for a CSV per section.")],
    example: Annotated[bool, typer.Option("--example", help="Only the made-up example bill.")] = False,
    language: LanguageOption = Language.EN,
) -> None:
    """Write an empty bill to be filled in, and a made-up example beside it that agrees with a sample tariff."""
    from api.cli import ebill_work  # noqa: PLC0415 -- help stays quick

    ebill_work.template(path, example=example, language=language)
