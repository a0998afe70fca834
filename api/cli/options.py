"""Options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from domain.text import Language

LanguageOption = Annotated[
    Language, typer.Option("--language", "-l", help="Language of tables, reasons, reports and workbooks.")
]
CaseArgument = Annotated[
    Path, typer.Argument(help="A case file: the case.json that `wattplan quote` and `wattplan demo` leave in --out.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
ZoneOption = Annotated[
    str | None, typer.Option("--zone", help="IANA zone of the meter's clock, such as Asia/Shanghai.")
]
LabelsOption = Annotated[
    str | None, typer.Option("--labels", help="What the meter's times label: start or end of their step.")
]
UnitOption = Annotated[str | None, typer.Option("--unit", help="What the meter's values are, such as kw or kwh.")]
MultiplierOption = Annotated[
    float | None, typer.Option("--multiplier", help="Factor of the meter (CT × PT) on every value.")
]
MeterOption = Annotated[Path, typer.Option("--meter", help="Meter file: CSV or XLSX.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=1, max=256, help="Processes that search; each takes one core.")
]
DEFAULT_WORKERS = min(8, os.cpu_count() or 1)
