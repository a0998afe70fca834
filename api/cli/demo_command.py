"""``wattplan demo``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import DEFAULT_WORKERS, JsonOption, LanguageOption, WorkersOption
from domain.text import Language


def demo(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder for report, case, quote and schedule.")] = Path("out/demo"),
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
    open_wanted: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the sample plant.")] = 1,
    workers: WorkersOption = DEFAULT_WORKERS,
) -> None:
    """Quote a sample plant: offers here, an HTML report on disk."""
    from api.cli import quote_work  # noqa: PLC0415 -- help stays quick
    from domain.catalogue.sample_case import sample_case  # noqa: PLC0415 -- as above

    report = quote_work.answer(sample_case(seed), out=out, language=language, json_wanted=json_wanted, workers=workers)
    if open_wanted and report is not None:
        typer.launch(report.resolve().as_uri())
