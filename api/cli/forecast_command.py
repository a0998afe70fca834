"""``wattplan forecast``."""

from pathlib import Path
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


def forecast(
    *,
    meter: MeterOption,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Whole local days ahead.")] = 7,
    out: Annotated[Path | None, typer.Option("--out", help="CSV file for the forecast.")] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="Country of the working calendar, such as CN.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the samples.")] = 1,
    samples: Annotated[int, typer.Option("--samples", min=1, max=10_000, help="Samples drawn for the quantiles.")] = 50,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Forecast a meter over the coming days, with P10, P50 and P90."""
    from api.cli import case_work, forecast_work  # noqa: PLC0415 -- help stays quick

    asked = case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier)
    forecast_work.answer(
        meter,
        asked,
        days=days,
        country=country,
        seed=seed,
        n_samples=samples,
        out=out,
        language=language,
        json_wanted=json_wanted,
    )
