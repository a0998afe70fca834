"""``wattplan fleet``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, LabelsOption, LanguageOption, MultiplierOption, UnitOption, ZoneOption
from domain.text import Language


def fleet(
    *,
    meters: Annotated[
        str, typer.Option("--meters", help="Folder of meter files, or a pattern such as 'meters/*.csv'.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the forecasts; run again to go on after a stop.")],
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=256, help="Processes that forecast; each takes one core.")
    ] = 2,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Whole local days ahead.")] = 7,
    chunk: Annotated[int, typer.Option("--chunk", min=1, max=1000, help="Customers that are kept together.")] = 8,
    country: Annotated[
        str | None, typer.Option("--country", help="Country of the working calendar, such as CN.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the samples.")] = 1,
    samples: Annotated[int, typer.Option("--samples", min=1, max=10_000, help="Samples drawn for the peaks.")] = 50,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Forecast every meter file of a folder; one that fails is named, and the others go on."""
    from api.cli import case_work, fleet_work  # noqa: PLC0415 -- help stays quick

    fleet_work.answer(
        meters,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        fleet_work.FleetOptions(
            days=days, country=country, seed=seed, n_samples=samples, n_workers=workers, chunk_count=chunk
        ),
        out=out,
        language=language,
        json_wanted=json_wanted,
    )
