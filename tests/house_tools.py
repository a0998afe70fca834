"""What the house tests walk over: the checkout's files, the packages' modules and classes."""

import importlib
import pkgutil
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("domain", "forecasting", "optimizer", "scenarios", "api")
PROGRAMS = ("__main__",)
"""Modules that run when imported."""


@cache
def checked_in() -> tuple[Path, ...]:
    """Give all files that are or may be checked in, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 -- git of the path
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    if listed.returncode == 0 and listed.stdout:
        named = [Path(line) for line in listed.stdout.splitlines()]
    else:  # an unpacked archive has no git: every file that is not hidden or made by tools
        named = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        named = [path for path in named if not any(part.startswith((".", "__pycache__")) for part in path.parts)]
    return tuple(sorted(path for path in named if (ROOT / path).is_file()))


def python_files(*folders: str) -> list[Path]:
    """Give the Python files of some top-level folders; of all, where none is named."""
    return [path for path in checked_in() if path.suffix == ".py" and (not folders or path.parts[0] in folders)]


@cache
def modules() -> tuple[ModuleType, ...]:
    """Import every module of the five packages."""
    found = []
    for package in PACKAGES:
        root = importlib.import_module(package)
        names = [one.name for one in pkgutil.walk_packages(root.__path__, f"{package}.")]
        found += [root, *(importlib.import_module(name) for name in names if not name.endswith(PROGRAMS))]
    return tuple(found)


@cache
def classes() -> tuple[type, ...]:
    """Give every class that a module of ours defines."""
    ours = {
        id(value): value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__.split(".")[0] in PACKAGES
    }
    return tuple(sorted(ours.values(), key=lambda one: (one.__module__, one.__qualname__)))
