"""``wattplan outlook``."""

from typing import Annotated

import typer

from api.cli.options import (
    JsonOption,
    LabelsOption,
    LanguageOption,
    MeterOption,
    MultiplierOption,
    UnitOption,
    ZoneOption,
)
from domain.text import Language

ExpansionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--expansion",
        help='A plan: "name:2027-03:400kW", with ":60000kWh" a month and ":70%" likely where they are known. May be repeated.',
    ),
]
CountryOption = Annotated[
    str | None, typer.Option("--country", help="Country of the working calendar, such as CN; else the tariff's.")
]


def outlook(
    *,
    meter: MeterOption,
    tariff: Annotated[
        str | None, typer.Option("--tariff", help="Tariff of the catalogue, or a file, whose bands are told apart.")
    ] = None,
    months: Annotated[int, typer.Option("--months", min=1, max=12, help="Whole calendar months ahead.")] = 12,
    expansion: ExpansionOption = None,
    country: CountryOption = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Look months ahead: energy by band and monthly peak, anchored on last year, with P10, P50 and P90."""
    from api.cli import case_work, outlook_work  # noqa: PLC0415 -- help stays quick

    outlook_work.answer(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        tariff=tariff,
        n_months=months,
        expansions=tuple(expansion or ()),
        country=country,
        language=language,
        json_wanted=json_wanted,
    )
