"""The checkout names no package registry, no script host and no folder of the machine it was made on.

The patterns are put together here from halves, so that this file does not hold them.
"""

import pytest

from tests.house_tools import ROOT, checked_in

HOSTS = tuple(
    first + second
    for first, second in (
        ("pypi", ".org"),
        ("pypi.python", ".org"),
        ("files.python", "hosted"),
        ("registry.npm", "js"),
        ("registry.yarn", "pkg"),
        ("anaconda", ".org"),
        ("crates", ".io"),
        ("proxy.golang", ".org"),
        ("unpkg", ".com"),
        ("cdn.js", "delivr"),
        ("cdnjs.cloud", "flare"),
    )
)
MACHINE_FOLDERS = tuple(
    first + second for first, second in (("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("/Use", "rs/"))
)
NEIGHBOUR = ".." + "/shared"
MAY_NAME_NEIGHBOUR = ("tests", "benchmarks", "README.md")


def holding(*patterns: str, text: bytes) -> list[str]:
    """Give the patterns that some bytes hold, in any case."""
    lower = text.lower()
    return [pattern for pattern in patterns if pattern.lower().encode() in lower]


def found_in_checkout(*patterns: str, except_in: tuple[str, ...] = ()) -> dict[str, list[str]]:
    paths = [path for path in checked_in() if path.parts[0] not in except_in]
    found = {str(path): holding(*patterns, text=(ROOT / path).read_bytes()) for path in paths}
    return {path: hits for path, hits in found.items() if hits}


def test_no_file_names_a_registry_or_script_host():
    assert found_in_checkout(*HOSTS) == {}


def test_the_lock_names_no_index():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [line for line in lock.splitlines() if "index-url" in line or "://" in line] == []


def test_no_file_names_a_folder_of_a_machine():
    assert found_in_checkout(*MACHINE_FOLDERS) == {}


def test_only_tests_benchmarks_and_the_readme_may_name_the_optional_real_data_folder():
    assert found_in_checkout(NEIGHBOUR, except_in=MAY_NAME_NEIGHBOUR) == {}


@pytest.mark.parametrize("pattern", [*HOSTS, *MACHINE_FOLDERS, NEIGHBOUR])
def test_a_name_would_be_seen(pattern):
    assert holding(pattern, text=f"see https://{pattern.upper()}simple".encode()) == [pattern]
