"""``wattplan backtest``."""

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
    WorkersOption,
    ZoneOption,
)
from domain.text import Language


def backtest(
    *,
    meter: MeterOption,
    issue: Annotated[
        str, typer.Option("--issue", help="Local time of day at which each forecast is made: 12:00, 00:00, …")
    ] = "12:00",
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="How many forecasts, one a day back.")] = 28,
    horizon: Annotated[
        int, typer.Option("--horizon", min=1, max=31, help="Whole local days ahead: 1 is the next day.")
    ] = 1,
    delay: Annotated[
        int, typer.Option("--delay", min=0, help="Minutes after a step's end until its reading arrives.")
    ] = 0,
    country: Annotated[
        str | None, typer.Option("--country", help="Country of the working calendar, such as CN.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the report, the scores, the forecasts.")] = None,
    workers: WorkersOption = 1,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Forecast a meter's past days again, as it would have been done, and score the answers."""
    from api.cli import backtest_work, case_work  # noqa: PLC0415 -- help stays quick

    backtest_work.answer(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        backtest_work.BacktestOptions(
            issue=backtest_work.time_of_day(issue),
            n_origins=days,
            horizon_days=horizon,
            delay_min=delay,
            country=country,
            n_workers=workers,
        ),
        out=out,
        language=language,
        json_wanted=json_wanted,
    )
