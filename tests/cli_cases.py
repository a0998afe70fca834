"""The command line inside the tests: run it, read its JSON, write meter files for it."""

import csv
import json
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from api.cli.app import app
from domain.time import TimeGrid

RUN = CliRunner()
JIANGSU = "cn-js-agency-10kv-capacity"
CHEAP = "cn-gd-retail-2026-fixed"


def wattplan(*arguments: str, expect: int = 0):
    done = RUN.invoke(app, list(arguments))
    assert done.exit_code == expect, (done.exit_code, done.stdout, done.stderr, done.exception)
    return done


def told(*arguments: str, expect: int = 0):
    """Give what a command says as JSON."""
    return json.loads(wattplan(*arguments, "--json", expect=expect).stdout)


def write_meter(path: Path, zone: str, first: date, n_days: int, kw, *, step_min: int = 60) -> Path:
    """Write a long meter file; ``kw`` gives the load of a local start."""
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("time", "kW"))
        writer.writerows((f"{at:%Y-%m-%d %H:%M}", kw(at)) for at in grid.local_starts(zone))
    return path


READ = ("--labels", "start", "--unit", "kw")
SUPPLY = ("--capacity-kva", "1000", "--power-factor", "0.90")


def ask(meter: Path, *more: str) -> tuple[str, ...]:
    return ("--meter", str(meter), *READ, *SUPPLY, *more)
