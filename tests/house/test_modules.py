"""Modules stay small, say what they are, speak through return values, and come from this checkout."""

import ast
import importlib

import pytest

from tests.house_tools import PACKAGES, ROOT, checked_in, python_files

MAX_LINES = 400
FOREIGN_SCRIPTS = (".min.js", ".min.mjs", ".min.css", ".bundle.js")
FOREIGN_FOLDERS = ("node_modules", "vendor", "third_party")


def test_no_module_is_longer_than_400_lines():
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_packages_are_those_of_this_checkout(package):
    origin = importlib.import_module(package).__file__
    assert origin == str(ROOT / package / "__init__.py")


def test_every_public_module_says_what_it_is():
    silent = [
        str(path)
        for path in python_files(*PACKAGES, "benchmarks")
        if not ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        and (path.name == "__init__.py" or not path.name.startswith("_"))
    ]
    assert silent == []


def prints(source: str) -> list[int]:
    """Give the lines that call print."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def test_nothing_prints_but_benchmarks():
    paths = [path for path in python_files() if path.parts[0] != "benchmarks"]
    found = {str(path): prints((ROOT / path).read_text(encoding="utf-8")) for path in paths}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_print_would_be_seen():
    assert prints("x = 1\nif x:\n    print(x)\n") == [3]


def test_no_foreign_script_is_checked_in():
    foreign = [
        str(path)
        for path in checked_in()
        if path.name.endswith(FOREIGN_SCRIPTS) or set(path.parts).intersection(FOREIGN_FOLDERS)
    ]
    assert foreign == []
