"""Help as people read it: every word of it is shown, and says where a case comes from."""

from collections.abc import Iterator

import pytest
import typer

from api.cli.app import app
from tests.cli_cases import RUN


def commands(
    group: typer.core.TyperGroup, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], typer.core.TyperCommand]]:
    for name, one in group.commands.items():
        if isinstance(one, typer.core.TyperGroup):
            yield from commands(one, (*path, name))
        elif isinstance(one, typer.core.TyperCommand):
            yield (*path, name), one


ROOT = typer.main.get_command(app)
assert isinstance(ROOT, typer.core.TyperGroup)
COMMANDS = dict(commands(ROOT))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_word_of_an_option_is_taken_for_markup(path):
    """Square brackets around a word are a style to the help's printer, which leaves them out."""
    shown = "".join(RUN.invoke(app, [*path, "--help"], env={"COLUMNS": "200"}).stdout.replace("│", " ").split())
    for option in COMMANDS[path].params:
        said = getattr(option, "help", None) or ""
        assert "".join(said.split()) in shown, option.name


PLANS = [path for path in COMMANDS if path[0] == "plan" and any(one.name == "case" for one in COMMANDS[path].params)]


def test_there_are_plan_commands():
    assert {path[1] for path in PLANS} == {"best", "availability", "playbook", "samples", "contract"}


@pytest.mark.parametrize("path", PLANS, ids=" ".join)
def test_every_plan_says_where_a_case_comes_from_and_what_is_taken_where_nothing_is_said(path):
    shown = " ".join(RUN.invoke(app, [*path, "--help"], env={"COLUMNS": "200"}).stdout.split())
    assert "`wattplan quote`" in shown
    assert "left out: the case's own" in shown
