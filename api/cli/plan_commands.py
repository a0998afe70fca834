"""``wattplan plan template|check|best``, and what is decided before a call, for samples, of a contract."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import LanguageOption
from api.cli.plan_best_command import best
from api.cli.plan_dr_commands import register
from domain.equipment_samples import equipment_names
from domain.text import Language

app = typer.Typer(
    help="Plant files, and plans of a case: the best one, before a call, for samples, with a contract to be chosen.",
    no_args_is_help=True,
)
app.command("best")(best)
register(app)


@app.command()
def template(
    path: Annotated[Path, typer.Argument(help="Workbook to write, .xlsx.")],
    example: Annotated[
        bool, typer.Option("--example", help="Write only PATH, filled in with an example plant.")
    ] = False,
    equipment: Annotated[
        str | None,
        typer.Option(
            "--equipment", help=f"Write only PATH, filled in with a plant of one kind: {', '.join(equipment_names())}."
        ),
    ] = None,
    language: LanguageOption = Language.EN,
) -> None:
    """Write an empty plan workbook to be filled in, and beside it PATH-example.xlsx, filled in to look things up."""
    if example and equipment is not None:
        raise typer.BadParameter("give --example or --equipment, not both")
    from api.cli import plan_work  # noqa: PLC0415 -- help stays quick

    plan_work.template(path, example=example, equipment=equipment, language=language)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="Plant file: YAML or workbook.")],
    language: LanguageOption = Language.EN,
) -> None:
    """Read a plant file and say what stands in it, or everything wrong with it."""
    from api.cli import plan_work  # noqa: PLC0415 -- help stays quick

    plan_work.check(path, language)
