"""``wattplan segments``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, LabelsOption, LanguageOption, MultiplierOption, UnitOption, ZoneOption
from domain.text import Language


def segments(
    *,
    meters: Annotated[Path, typer.Option("--meters", help="Folder of meter files, CSV or XLSX, one per customer.")],
    country: Annotated[
        str | None, typer.Option("--country", help="Country of the working calendar, such as CN.")
    ] = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Put many customers into segments whose loads are alike."""
    from api.cli import case_work, patterns_segments_work  # noqa: PLC0415 -- help stays quick

    patterns_segments_work.answer(
        meters,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        country=country,
        language=language,
        json_wanted=json_wanted,
    )
