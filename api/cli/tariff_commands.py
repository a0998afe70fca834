"""``wattplan tariffs list|show|check``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption, LanguageOption
from domain.text import Language

app = typer.Typer(help="Tariffs of the catalogue and of your own files.", no_args_is_help=True)


@app.command("list")
def list_all(language: LanguageOption = Language.EN, json_wanted: JsonOption = False) -> None:
    """List the catalogue's tariffs."""
    from api.cli import tariff_work  # noqa: PLC0415 -- help stays quick

    tariff_work.list_all(language, json_wanted=json_wanted)


@app.command()
def show(
    tariff_id: Annotated[str, typer.Argument(help="Id of the catalogue, or a tariff file.")],
    year: Annotated[int | None, typer.Option("--year", min=2000, max=2100, help="Year of the band table.")] = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Show a tariff's charges and its bands over the year."""
    from api.cli import tariff_work  # noqa: PLC0415 -- help stays quick

    tariff_work.show(tariff_id, year, language, json_wanted=json_wanted)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A tariff file, or a folder of tariffs, packages and programmes.")],
    language: LanguageOption = Language.EN,
) -> None:
    """Read tariff files and say what stands in them, or everything wrong with them."""
    from api.cli import tariff_work  # noqa: PLC0415 -- help stays quick

    tariff_work.check(path, language)
