"""What people see: tables on standard output, findings and refusals on standard error."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.errors import WattplanError
from domain.files.plan_tables import CellProblem
from domain.files.problems import DocumentError, Problem, shown
from domain.findings import Finding, Severity
from domain.text import Language

STYLES = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.SERIOUS: "bold red"}
PLAIN_WIDTH = 120


def out() -> Console:
    """Give the console for answers; it keeps its lines whole where nobody watches."""
    return _console(stderr=False)


def err() -> Console:
    """Give the console for everything that is not the answer."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PLAIN_WIDTH, highlight=False)


def print_json(plain: Any) -> None:
    """Write one JSON document on standard output."""
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def say_findings(findings: Iterable[Finding], language: Language, *, title: str = "") -> None:
    """Say findings on standard error, each once."""
    console = err()
    said: set[str] = set()
    for finding in findings:
        words = finding.say(language)
        if words in said:
            continue
        if title and not said:
            console.print(f"[bold]{escape(title)}[/bold]")
        said.add(words)
        style = STYLES[finding.severity]
        console.print(f"[{style}]{finding.severity}[/{style}] {escape(words)}")


def say_refusal(error: WattplanError) -> None:
    """Say a refusal in both languages; one that lists problems as a table."""
    console = err()
    problems = error.data.get("problems")
    console.print(f"[bold red]refused · 已拒绝[/bold red] [dim]{error.code}[/dim]")
    if not isinstance(problems, tuple | list) or not problems:
        console.print(escape(error.say(Language.EN)))
        console.print(escape(error.say(Language.ZH)))
        return
    named = [str(value) for key, value in error.data.items() if key != "problems" and isinstance(value, str)]
    console.print(escape(", ".join(named)))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("where · 位置", "what", "问题"):
        table.add_column(heading, overflow="fold")
    for problem in problems:
        for row in _problem_rows(problem):
            table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _problem_rows(problem: Any) -> list[tuple[str, str, str]]:
    if isinstance(problem, DocumentError):
        file = str(problem.data["where"])
        return [(f"{file} {one}".strip(), en, zh) for part in problem.problems for one, en, zh in _problem_rows(part)]
    if isinstance(problem, Problem):
        is_shown = problem.value is not None and not isinstance(problem.value, dict | list | tuple)
        seen = f" [{shown(problem.value)}]" if is_shown else ""
        return [(f"{problem.pointer or '/'}{seen}", problem.message.en, problem.message.zh)]
    if isinstance(problem, CellProblem):
        cell = f"{problem.sheet}!{problem.column or ''}{problem.row or ''}".rstrip("!")
        seen = "" if problem.value is None else f" [{shown(problem.value)}]"
        said = (_ended(problem.problem.en, ". ", problem.mend.en), _ended(problem.problem.zh, "。", problem.mend.zh))
        return [(f"{cell} {problem.heading or ''}{seen}".strip(), *said)]
    return [("", problem.say(Language.EN), problem.say(Language.ZH))]


def _ended(problem: str, stop: str, mend: str) -> str:
    is_ended = problem.endswith((".", "。"))
    return f"{problem}{' ' if is_ended else stop}{mend}".strip()


def simple_table(*headings: str, numbers: tuple[int, ...] = ()) -> Table:
    """Start a table; the columns named by number are right-aligned."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place in numbers else "left", overflow="fold")
    return table
