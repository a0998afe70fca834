"""The book's chapter on Prophet's optimum and the docstrings name the same equations."""

import importlib
import re

from tests.house_tools import ROOT

MODULES = ("problem", "gram", "feature_sign", "fixed_point", "solve")
TAG = re.compile(r"^\((MAP\d+)\)")


def in_the_docstrings() -> dict[str, str]:
    found = {}
    for name in MODULES:
        module = importlib.import_module(f"forecasting.prophet_map.{name}")
        own = [one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__]
        methods = [one for owner in own if isinstance(owner, type) for one in vars(owner).values()]
        for one in [*own, *(getattr(method, "__func__", method) for method in methods)]:
            tag = TAG.match(getattr(one, "__doc__", None) or "")
            if tag:
                assert tag.group(1) not in found
                found[tag.group(1)] = one.__name__
    return found


def in_the_book() -> dict[str, str]:
    text = (ROOT / "docs" / "formulation.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (MAP\d+) \|.*?\| `(\w+)` \|", text, flags=re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_book_and_docstrings_agree():
    assert in_the_docstrings() == in_the_book()
    assert list(in_the_book()) == [f"MAP{number}" for number in range(1, 8)]


def test_the_floor_is_as_the_book_says():
    from forecasting.prophet_map.fixed_point import SIGMA_FLOOR  # noqa: PLC0415
    from forecasting.prophet_map.solve import GAIN_LEFT  # noqa: PLC0415

    text = (ROOT / "docs" / "formulation.md").read_text(encoding="utf-8")
    assert (SIGMA_FLOOR, GAIN_LEFT) == (1e-6, 1e-11)
    assert r"\sigma \ge 10^{-6}" in text
    assert "less than $10^{-11}$ is promised" in text
