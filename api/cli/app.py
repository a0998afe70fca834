"""All commands under one name. Commands load their work when they are called, so that help is quick."""

from typing import Annotated

import typer

from api.cli import (
    backtest_command,
    baseline_commands,
    bill_command,
    capacity_command,
    demo_command,
    ebill_commands,
    fleet_command,
    forecast_command,
    outlook_command,
    patterns_command,
    patterns_segments_command,
    plan_commands,
    quote_command,
    serve_command,
    settle_command,
)
from api.cli import tariff_commands as tariffs
from api.cli.failures import AnsweringGroup

app = typer.Typer(
    name="wattplan",
    cls=AnsweringGroup,
    help="Demand response and personalised electricity tariffs for industry: forecast, schedule, offer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version  # noqa: PLC0415 -- only for --version

        typer.echo(f"wattplan {version('wattplan')}")
        raise typer.Exit


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Demand response and personalised electricity tariffs for industry."""


app.command("demo")(demo_command.demo)
app.command("quote")(quote_command.quote)
app.command("forecast")(forecast_command.forecast)
app.command("outlook")(outlook_command.outlook)
app.command("capacity")(capacity_command.capacity)
app.command("backtest")(backtest_command.backtest)
app.command("patterns")(patterns_command.patterns)
app.command("segments")(patterns_segments_command.segments)
app.command("fleet")(fleet_command.fleet)
app.command("bill")(bill_command.bill)
app.add_typer(ebill_commands.app, name="ebill")
app.add_typer(baseline_commands.app, name="baseline")
app.command("settle")(settle_command.settle)
app.add_typer(plan_commands.app, name="plan")
app.add_typer(tariffs.app, name="tariffs")
app.command("serve")(serve_command.serve)
